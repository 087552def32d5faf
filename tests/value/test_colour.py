"""Where a colour looks and sits, in a word."""

import numpy as np
import pytest
from hypothesis import given
from scipy.spatial.transform import Rotation

from tests.bodies import SEEDED, SEEDS, ball, block
from yieldopt.cuts.design import Design
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.pose import Pose
from yieldopt.value.colour import (
    ColourZone,
    MeshColourZone,
    direction_word,
    gem_samples,
    table_angles,
    zone_words,
)

HOME = np.eye(3)[None], np.zeros((1, 3))


def design_of(name: str, width: float = 8.0) -> Design:
    (cut,) = cuts_named(name)
    return cut.design(np.array([p.default for p in cut.proportions]), width)


ROUND = design_of("round")  # pavilion some 3.8 mm, crown some 1.2 mm
SAMPLES = gem_samples(ROUND.solid)


def band(low: float, high: float, *, wanted: bool = True) -> ColourZone:
    """Return a level band of the gem's frame."""
    up = np.array([0.0, 0.0, 1.0])
    return ColourZone(normals=np.array([up, -up]), offsets=np.array([high, -low]), wanted=wanted)


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (-9.0, -2.0, "culet"),
        (-0.5, 0.5, "across"),
        (0.5, 9.0, "table"),
        (-2.0, -1.2, "patchy"),
        (5.0, 9.0, "missed"),
        (-9.0, 9.0, "culet"),
    ],
)
def test_a_band_has_a_word_for_its_place(low: float, high: float, word: str) -> None:
    assert zone_words(band(low, high), SAMPLES, *HOME) == (word,)


def test_a_stain_is_told_and_no_stain_is_no_word() -> None:
    assert zone_words(band(-9.0, -2.0, wanted=False), SAMPLES, *HOME) == ("stained",)
    assert zone_words(band(5.0, 9.0, wanted=False), SAMPLES, *HOME) == ("",)


@given(seed=SEEDS)
@SEEDED
def test_a_zone_that_goes_with_the_gem_keeps_its_word(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.uniform(-4.0, 1.0)
    zone = band(low, low + rng.uniform(0.3, 3.0))
    turn = Rotation.random(random_state=rng).as_matrix()
    pose = Pose(rotation=turn, translation=rng.normal(size=3))
    normals, offsets = pose.planes(zone.normals, zone.offsets)
    there = ColourZone(normals=normals, offsets=offsets)
    moved = zone_words(there, SAMPLES, pose.rotation[None], pose.translation[None])
    assert moved == zone_words(zone, SAMPLES, *HOME)


def mesh(*shells: Float, wanted: bool = True) -> MeshColourZone:
    """Return the zone of shells, triangles (k, 3, 3) each."""
    triangles = np.concatenate(shells)
    faces = np.arange(3 * len(triangles), dtype=np.int32).reshape(-1, 3)
    return MeshColourZone(vertices=triangles.reshape(-1, 3), faces=faces, wanted=wanted)


@given(seed=SEEDS)
@SEEDED
def test_a_closed_mesh_of_a_band_counts_as_the_band(seed: int) -> None:
    """At any pose: a block that is wide beyond every gem holds what the band between its levels."""
    rng = np.random.default_rng(seed)
    low = rng.uniform(-4.0, 1.0)
    high = low + rng.uniform(0.3, 3.0)
    wanted = bool(seed % 2)
    turns = Rotation.random(20, random_state=rng).as_matrix()
    moves = rng.normal(size=(20, 3))
    solid = mesh(block([-50.0, -50.0, low], [50.0, 50.0, high]), wanted=wanted)
    told = zone_words(solid, SAMPLES, turns, moves)
    assert told == zone_words(band(low, high, wanted=wanted), SAMPLES, turns, moves)


def test_a_zone_of_any_form_holds_what_its_shells_do() -> None:
    """A ball with a hollow, and a block apart that overlaps another: by distances and by boxes."""
    places = np.random.default_rng(7).uniform(-6.0, 6.0, (20, 1000, 3))
    hollow = mesh(ball(4.0, 4), ball(2.0, 4)[:, ::-1])
    far = np.linalg.norm(places, axis=2)
    clear = (np.abs(far - 2.0) > 0.02) & (np.abs(far - 4.0) > 0.02)  # the balls have flat faces
    np.testing.assert_array_equal(hollow.holds(places)[clear], ((far < 4.0) & (far > 2.0))[clear])
    two = mesh(block([-5.0, -5.0, -5.0], [0.0, 0.0, 0.0]), block([-1.0] * 3, [3.0, 1.0, 1.0]))
    in_one = (places > -5.0).all(axis=2) & (places < 0.0).all(axis=2)
    in_other = (places > -1.0).all(axis=2) & (places < [3.0, 1.0, 1.0]).all(axis=2)
    np.testing.assert_array_equal(two.holds(places), in_one | in_other)


@pytest.mark.parametrize("name", ["round", "emerald", "pear", "cabochon"])
def test_samples_fill_the_gem_evenly(name: str) -> None:
    """Their share of the box is the gem's, and their mean its centroid."""
    design = design_of(name)
    samples = gem_samples(design.solid, 4096)
    box = float(np.ptp(design.solid.vertices, axis=0).prod())
    assert len(samples) / 4096 == pytest.approx(design.solid.volume / box, rel=0.03)
    twice = gem_samples(design_of(name, 16.0).solid, 4096)
    np.testing.assert_allclose(twice, 2.0 * samples, atol=1e-9)


def test_directions_are_on_or_off() -> None:
    turns = Rotation.from_rotvec(
        np.radians([[0, 0, 0], [30, 0, 0], [90, 0, 0], [180, 0, 0]])
    ).as_matrix()
    angles = table_angles(turns, np.array([0.0, 0.0, -1.0]))
    np.testing.assert_allclose(np.degrees(angles), [0.0, 30.0, 90.0, 0.0], atol=1e-6)
    words = [direction_word(float(a), np.radians(20.0), np.radians(90.0)) for a in angles]
    assert words == ["off", "on", "on", "off"]

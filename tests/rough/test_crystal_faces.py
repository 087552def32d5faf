"""Flat faces: found where they are, to half a degree under a scan's noise, and nowhere else."""

from pathlib import Path

import numpy as np
import pytest

from tests.bodies import ball, block, turned
from tests.rough.crystals import (
    NORMALS,
    degrees_off,
    moved,
    plain_crystal,
    reordered,
    true_shares,
    with_noise,
)
from yieldopt.errors import InputError
from yieldopt.rough.crystals import patches
from yieldopt.rough.crystals.axes import SYSTEMS, propose_axes
from yieldopt.rough.crystals.faces import angles_between, flat_faces
from yieldopt.rough.made import make_rough
from yieldopt.rough.read import read_rough
from yieldopt.rough.rough import Rough

WITHIN = 0.5  # degrees: what the issue asks for
LARGE = 0.04  # of the skin: 25 mm2 of a stone of 14 mm
# The waves on made octahedra and dodecahedra tilt the faces themselves, without any noise, by up to
# 1.3 degrees; what noise adds is held to WITHIN.


def rough_of(triangles: np.ndarray) -> Rough:
    vertices, numbers = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    return Rough(name="body", vertices=vertices, faces=numbers.reshape(-1, 3).astype(np.int32))


@pytest.mark.parametrize("triangles", [20_000, 100_000])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_large_face_of_a_made_prism_is_found_to_half_a_degree_under_noise(
    seed: int, triangles: int
) -> None:
    """Growth lines and worn edges included; noise of 0.05 mm on each vertex by itself."""
    clean = make_rough("prism", seed=seed, triangles=triangles)
    faces = flat_faces(with_noise(clean, seed=seed))
    found = np.array([face.normal for face in faces])
    large = NORMALS["prism"][true_shares(clean, NORMALS["prism"]) >= LARGE]
    assert len(large) >= 10
    assert max(degrees_off(normal, found) for normal in large) < WITHIN
    assert max(degrees_off(f.normal, NORMALS["prism"]) for f in faces if f.share >= LARGE) < WITHIN


@pytest.mark.parametrize("kind", sorted(NORMALS))
@pytest.mark.parametrize("seed", [1, 2])
def test_every_large_face_of_a_plain_crystal_is_found_to_half_a_degree_under_noise(
    kind: str, seed: int
) -> None:
    clean = moved(plain_crystal(kind, seed=seed, triangles=40_000), turned(seed), (40, -7, 3))
    normals = NORMALS[kind] @ turned(seed).T
    faces = flat_faces(with_noise(clean, seed=seed))
    found = np.array([face.normal for face in faces])
    large = normals[true_shares(clean, normals) >= LARGE]
    assert len(large) >= 6
    assert max(degrees_off(normal, found) for normal in large) < WITHIN
    shares = [face.share for face in faces]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1.0 + 1e-9


@pytest.mark.parametrize("kind", ["octahedron", "dodecahedron"])
def test_noise_turns_the_wavy_faces_of_made_crystals_by_less_than_half_a_degree(kind: str) -> None:
    clean = make_rough(kind, seed=1, triangles=40_000)
    still = np.array([face.normal for face in flat_faces(clean)])
    faces = flat_faces(with_noise(clean, seed=1))
    found = np.array([face.normal for face in faces])
    assert len(found) == len(still) == len(NORMALS[kind])
    assert max(degrees_off(normal, still) for normal in found) < WITHIN
    assert max(degrees_off(normal, NORMALS[kind]) for normal in found) < 2.0


def test_a_box_of_12_triangles_has_six_faces_at_right_angles() -> None:
    """Twelve triangles have eight corners and no noise: planes are exact to rounding."""
    box = moved(rough_of(block([0, 0, 0], [8, 9, 30])), turned(3), (5, 6, 7))
    faces = flat_faces(box)
    assert len(faces) == 6
    angles = np.degrees(angles_between(faces))
    off = np.abs(angles - 90.0 * np.rint(angles / 90.0))
    assert off.max() < 1e-6
    areas = np.array([face.area for face in faces])
    assert areas == pytest.approx(np.array([270, 270, 240, 240, 72, 72]), rel=0.06)
    assert [face.number for face in faces] == [1, 2, 3, 4, 5, 6]
    assert max(face.rms for face in faces) < 1e-6


@pytest.mark.parametrize("radius", [2.0, 6.0, 40.0])
def test_a_ball_has_no_faces(radius: float) -> None:
    assert flat_faces(rough_of(ball(radius, 5))) == ()


@pytest.mark.parametrize("kind", ["pebble", "cratered"])
@pytest.mark.parametrize("noisy", [False, True])
def test_curved_stones_have_no_face_to_speak_of(kind: str, noisy: bool) -> None:
    rough = make_rough(kind, seed=1, triangles=20_000)
    faces = flat_faces(with_noise(rough, seed=1) if noisy else rough)
    assert len(faces) <= 2
    assert sum(face.share for face in faces) < 0.04


def test_a_turned_and_moved_crystal_has_the_same_faces() -> None:
    rough = make_rough("prism", seed=2, triangles=20_000)
    still = flat_faces(rough)
    far = flat_faces(moved(rough, turned(5), (100.0, -30.0, 8.0)))
    back = np.array([face.normal for face in far]) @ turned(5)
    large = [face for face in still if face.share >= LARGE]
    assert max(degrees_off(face.normal, back) for face in large) < 0.2


def test_another_order_of_triangles_gives_the_same_faces() -> None:
    rough = with_noise(make_rough("prism", seed=1, triangles=8_000), seed=1)
    one, other = flat_faces(rough), flat_faces(reordered(rough, seed=4))
    assert len(one) == len(other)
    for a, b in zip(one, other, strict=True):
        assert a.normal == pytest.approx(b.normal, abs=1e-6)


def test_a_scan_in_many_chunks_gives_the_faces_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Millions of triangles are gone through in chunks, so memory stays small."""
    rough = make_rough("prism", seed=1, triangles=8_000)
    whole = flat_faces(rough)
    monkeypatch.setattr(patches, "CHUNK", 999)
    parts = flat_faces(rough)
    for a, b in zip(whole, parts, strict=True):
        assert a.normal == pytest.approx(b.normal, abs=1e-9)


def test_patches_keep_the_skin() -> None:
    """The vector areas of a closed skin sum to nothing, the plain areas to its area."""
    rough = make_rough("broken", seed=1, triangles=3_000)
    pieces = patches.patches_of(rough, number=2_000)
    assert pieces.sums[:, 0].sum() == pytest.approx(rough.area)
    assert np.abs(pieces.vectors.sum(axis=0)).max() < 1e-9
    assert 1_500 < len(pieces.sums) < 5_000


def test_the_least_share_is_obeyed() -> None:
    rough = make_rough("prism", seed=1, triangles=8_000)
    faces = flat_faces(rough, least_share=0.05)
    assert 5 <= len(faces) < len(flat_faces(rough))
    assert min(face.share for face in faces) >= 0.05


@pytest.mark.real
def test_broken_rock_shows_next_to_no_faces_and_no_axes(shared: Path) -> None:
    """Scanned lunar rock: one flat a stone at the most, and one flat says nothing of axes.

    Two stones have a flat of a tenth of their skin, even to 0.04 mm over 10 to 15 mm.
    """
    n_read = 0
    for file in sorted((shared / "scans").glob("apollo_*.ply")):
        try:
            rough = read_rough(file)
        except InputError:  # what cannot be read is told in tests of reading
            continue
        n_read += 1
        faces = flat_faces(rough)
        assert len(faces) <= 1
        assert all(propose_axes(faces, system).axes == () for system in SYSTEMS)
    assert n_read >= 4

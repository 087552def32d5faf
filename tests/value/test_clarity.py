"""Where a flaw lies makes the grade: worse under the table than at the girdle, open cracks told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from tests.bodies import SEEDED, SEEDS, ball, block, random_planes
from yieldopt.cuts.design import Design
from yieldopt.cuts.library import cuts_named
from yieldopt.cuts.species import species_named, species_names
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.geometry.pose import Pose
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere
from yieldopt.value.clarity import (
    ZONES,
    Clarity,
    clarity_of,
    clarity_type_of,
    least_sizes,
    seen_extents,
    seen_sizes,
    zone_numbers,
)
from yieldopt.value.clarity_rule import LADDER, TYPES, ClarityRule
from yieldopt.value.flaw_bodies import flaw_bodies, reach_of
from yieldopt.value.zones import zones_of

Float = NDArray[np.float64]
AT_HOME = Pose(rotation=np.eye(3), translation=np.zeros(3))
RULE = ClarityRule()


def design_of(name: str, width: float = 8.0) -> Design:
    (cut,) = cuts_named(name)
    return cut.design(np.array([p.default for p in cut.proportions]), width)


ROUND = design_of("round")
ZONES_OF_ROUND = zones_of(ROUND.solid)


def sphere(x: float, y: float, z: float, radius: float = 0.1) -> Sphere:
    return Sphere(centre=np.array([x, y, z]), radius=radius)


def crack(*corners: tuple[float, float, float]) -> Crack:
    return Crack(corners=np.array(corners, dtype=np.float64))


def mesh(triangles: Float) -> Mesh:
    vertices, faces = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    return Mesh(vertices=vertices, faces=faces.reshape(-1, 3).astype(np.int32))


def graded(*flaws: Inclusion, design: Design = ROUND, pose: Pose = AT_HOME) -> Clarity:
    return clarity_of(flaw_bodies(flaws), design.solid, pose, clarity_type="II", rule=RULE)


def turned(seed: int) -> Pose:
    rng = np.random.default_rng(seed)
    turn = Rotation.random(random_state=rng).as_matrix()
    return Pose(rotation=turn, translation=rng.normal(size=3) * 20.0)


def moved(flaw: Inclusion, pose: Pose) -> Inclusion:
    """Return a flaw of the gem's frame in the frame of the scan."""

    def at(points: Float) -> Float:
        return pose.apply(points[None])[0] if points.ndim == 1 else pose.apply(points)

    match flaw:
        case Sphere():
            return Sphere(centre=at(flaw.centre), radius=flaw.radius)
        case Needle():
            return Needle(start=at(flaw.start), end=at(flaw.end), radius=flaw.radius)
        case Crack():
            return Crack(corners=at(flaw.corners))
        case Mesh():
            return Mesh(vertices=at(flaw.vertices), faces=flaw.faces)


# In a round of 8 mm: table about 4.5 mm wide, pavilion some 3.8 mm deep.
PLACES = {
    "culet": sphere(0.0, 0.0, -2.8),
    "table": sphere(0.5, 0.3, -0.5),
    "crown": sphere(2.8, 0.0, 0.0),
    "girdle": sphere(3.7, 0.0, 0.0, 0.05),
}


def test_a_stone_without_flaws_is_of_the_best_grade() -> None:
    assert graded().grade == LADDER[0]
    assert graded(sphere(9.0, 0.0, 0.0)).flaws == ()


@pytest.mark.parametrize("zone", PLACES)
def test_a_flaw_is_found_in_its_place(zone: str) -> None:
    (flaw,) = graded(PLACES[zone]).flaws
    assert (flaw.zone, flaw.reach, flaw.name) == (zone, "inside", "inclusion 1 (sphere)")
    assert flaw.seen == pytest.approx(2.0 * PLACES[zone].radius * RULE.places[zone])
    assert flaw.name in flaw.words


def test_the_same_flaw_costs_least_at_the_girdle_and_most_at_the_culet() -> None:
    """What cutters say: under the crown's breaks if it must be, never in the culet."""
    at = {name: Sphere(centre=place.centre, radius=0.12) for name, place in PLACES.items()}
    grades = {name: LADDER.index(graded(flaw).grade) for name, flaw in at.items()}
    assert grades["culet"] > grades["table"] > grades["crown"] >= grades["girdle"]


def test_the_species_type_forgives() -> None:
    bodies = flaw_bodies([PLACES["table"]])
    found = [
        clarity_of(bodies, ROUND.solid, AT_HOME, clarity_type=own, rule=RULE).grade
        for own in ("I", "II", "III")
    ]
    assert found == ["moderately-included", "slightly-included", "eye-clean"]


def test_an_upright_needle_is_seen_less_than_a_level_one() -> None:
    """Tubes are put upright: seen end on."""
    up = Needle(start=np.array([0, 0, -1.0]), end=np.array([0, 0, 0.5]), radius=0.02)
    level = Needle(start=np.array([-0.75, 0, 0.0]), end=np.array([0.75, 0, 0.0]), radius=0.02)
    extents = seen_extents(flaw_bodies([up, level]), np.eye(3)[None])[0]
    assert extents == pytest.approx([0.25 * 1.5 + 0.04, 1.5 + 0.04])


def test_extents_are_those_of_simple_bodies() -> None:
    """A ball's mesh looks as long as the ball, a disc's crack as the disc."""
    angles = np.linspace(0.0, 2.0 * np.pi, 65)[:-1]
    disc = np.column_stack([np.cos(angles), np.zeros(64), np.sin(angles)])
    bodies = flaw_bodies(
        [mesh(ball(0.7, 4) + np.array([5.0, 0.0, 9.0])), Crack(corners=disc + 3.0)]
    )
    extents = seen_extents(bodies, np.eye(3)[None])[0]
    assert extents == pytest.approx([1.4, 2.0], rel=5e-3)


def test_zones_scale_with_the_gem() -> None:
    one, two = zones_of(design_of("oval", 4.0).solid).scaled(2.0), zones_of(design_of("oval").solid)
    np.testing.assert_allclose(one.table_offsets, two.table_offsets, atol=1e-9)
    np.testing.assert_allclose(one.rim_offsets, two.rim_offsets, atol=1e-9)
    assert one.culet_below == pytest.approx(two.culet_below)


def test_the_culet_is_the_last_third_of_the_pavilion() -> None:
    lowest = float(ROUND.solid.vertices[:, 2].min())
    assert ZONES_OF_ROUND.culet_below == pytest.approx(lowest * 2.0 / 3.0)


def test_a_cabochon_has_no_culet_and_its_dome_is_its_table() -> None:
    design = design_of("cabochon")
    base = float(design.solid.vertices[:, 2].min())
    (low,) = graded(sphere(0.0, 0.0, base + 0.3), design=design).flaws
    assert low.zone == "table"


@pytest.mark.parametrize("name", ["round", "emerald", "pear", "trilliant"])
@given(seed=SEEDS)
@SEEDED
def test_no_flaw_is_put_in_a_better_zone_than_any_point_of_it(name: str, seed: int) -> None:
    """The oracle sorts many points of the flaw by the definition of the zones."""
    rng = np.random.default_rng(seed)
    zones = zones_of(design_of(name).solid)
    corners = rng.uniform(-3.0, 3.0, 3) + rng.normal(size=(4, 3)) * rng.choice([0.05, 0.5])
    flaws: list[Inclusion] = [
        Crack(corners=corners[:3]),
        Needle(start=corners[0], end=corners[1], radius=0.1),
        Sphere(centre=corners[0], radius=0.3),
    ]
    pose = turned(seed)
    bodies = flaw_bodies([moved(flaw, pose) for flaw in flaws])
    found = zone_numbers(bodies, zones, pose.rotation[None], pose.translation[None])[0]
    share = rng.dirichlet(np.ones(3), 200)
    rim = rng.normal(size=(200, 3))
    rim /= np.linalg.norm(rim, axis=1)[:, None]
    along = corners[0] + rng.uniform(size=(200, 1)) * (corners[1] - corners[0])
    for i, points in enumerate((share @ corners[:3], along + 0.1 * rim, corners[0] + 0.3 * rim)):
        flat = points[:, :2]
        place = np.full(200, 3)
        place[(flat @ zones.rim_normals.T - zones.rim_offsets < 0.0).all(axis=1)] = 2
        place[(flat @ zones.table_normals.T - zones.table_offsets < 0.0).all(axis=1)] = 1
        place[points[:, 2] < zones.culet_below] = 0
        assert found[i] <= place.min()


@given(seed=SEEDS)
@SEEDED
def test_a_rigid_motion_of_stone_and_flaws_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    flaws: list[Inclusion] = [
        PLACES["table"],
        Needle(start=rng.normal(size=3), end=rng.normal(size=3), radius=0.05),
        Crack(corners=rng.normal(size=(4, 3))),
        mesh(ball(0.3, 1) + rng.normal(size=3)),
    ]
    pose = turned(seed)
    there = graded(*(moved(flaw, pose) for flaw in flaws), pose=pose)
    here = graded(*flaws)
    assert [f.reach for f in there.flaws] == [f.reach for f in here.flaws]
    # The box of a flaw follows its own directions: two equal ones may be chosen otherwise.
    assert [f.zone for f in there.flaws][:2] == [f.zone for f in here.flaws][:2]
    assert there.flaws[0].seen == pytest.approx(here.flaws[0].seen)


@given(seed=SEEDS, many=st.integers(1, 5))
@SEEDED
def test_one_more_flaw_never_betters_the_grade(seed: int, many: int) -> None:
    rng = np.random.default_rng(seed)
    flaws = [
        Sphere(centre=rng.uniform(-3.0, 3.0, 3), radius=rng.uniform(0.0, 0.3)) for _ in range(many)
    ]
    fewer, more = graded(*flaws[:-1]), graded(*flaws)
    assert more.seen >= fewer.seen
    assert LADDER.index(more.grade) >= LADDER.index(fewer.grade)


@given(seed=SEEDS)
@SEEDED
def test_no_pose_shows_less_than_the_least_size(seed: int) -> None:
    rng = np.random.default_rng(seed)
    flaws: list[Inclusion] = [
        Needle(start=rng.normal(size=3), end=rng.normal(size=3), radius=0.05),
        Crack(corners=rng.normal(size=(4, 3))),
        mesh(ball(1.0, 1) * rng.uniform(0.1, 1.0, 3)),
        PLACES["table"],
    ]
    bodies, pose = flaw_bodies(flaws), turned(seed)
    rule = ClarityRule(places=dict.fromkeys(ZONES, 1.0))  # else the worst place hides a slip
    sizes = seen_sizes(bodies, ZONES_OF_ROUND, pose.rotation[None], np.zeros((1, 3)), rule)[0]
    assert (least_sizes(bodies, rule) <= sizes + 1e-9).all()
    assert (least_sizes(bodies, rule) > 0.0).all()
    np.testing.assert_allclose(least_sizes(bodies, RULE), 0.25 * least_sizes(bodies, rule))


def test_many_poses_at_once_are_the_poses_one_by_one() -> None:
    flaws: list[Inclusion] = [PLACES["table"], crack((0, 0, 0), (1, 0, 0.2), (1, 2, 1.0))]
    bodies, zones = flaw_bodies(flaws), zones_of(ROUND.solid)
    poses = [turned(seed) for seed in range(5)]
    rotations = np.array([pose.rotation for pose in poses])
    translations = np.array([pose.translation for pose in poses]) * 0.1
    together = seen_sizes(bodies, zones, rotations, translations, RULE)
    for i in range(5):
        alone = seen_sizes(bodies, zones, rotations[i : i + 1], translations[i : i + 1], RULE)
        np.testing.assert_allclose(together[i], alone[0], rtol=1e-12)


# --- cracks at the surface ----------------------------------------------------------------------

BOX = (np.vstack([np.eye(3), -np.eye(3)]), np.ones(6))


def reach(flaw: Inclusion, cover: float = 0.1) -> str:
    return reach_of(flaw_bodies([flaw]), 0, *BOX, AT_HOME, cover=cover)


CRACKS = {
    "inside": (crack((0, 0, 0), (0.5, 0, 0), (0, 0.5, 0)), "inside"),
    "under too little stone": (crack((0, 0, 0), (0.95, 0, 0), (0, 0.5, 0)), "open"),
    "through one face": (crack((0, 0, 0), (2.0, 0, 0), (0, 0.5, 0)), "open"),
    "right through, no corner inside": (crack((-9, -9, 0), (9, -9, 0), (0, 9, 0.1)), "open"),
    "past an edge, corners on all sides": (crack((1.5, 0, 0), (0, 1.6, 0), (3, 3, 0)), "open"),
    "past an edge, just missing it": (crack((2.1, 0, 0), (0, 2.1, 0), (3, 3, 0)), "outside"),
    "beside": (crack((2, 0, 0), (3, 0, 0), (2, 1, 0)), "outside"),
    "on a face": (crack((1, 0, 0), (1, 1, 0), (1, 0, 1)), "outside"),
    "a corner just inside": (crack((0.999, 0, 0), (3, 0, 0), (3, 1, 0)), "open"),
}


@pytest.mark.parametrize("kind", CRACKS)
def test_a_crack_at_the_surface_is_told(kind: str) -> None:
    flaw, wanted = CRACKS[kind]
    assert reach(flaw) == wanted


def test_a_stone_wholly_inside_a_flaw_is_open() -> None:
    assert reach(mesh(block([-3, -3, -3], [3, 3, 3]))) == "open"
    assert reach(sphere(0, 0, 0, 5.0)) == "open"
    assert reach(mesh(block([2, -3, -3], [4, 3, 3]))) == "outside"


@given(seed=SEEDS)
@SEEDED
def test_a_crack_is_open_where_a_dense_grid_of_it_is_on_both_sides(seed: int) -> None:
    rng = np.random.default_rng(seed)
    solid = polytope_from_planes(*random_planes(rng, 12))
    corners = rng.normal(size=(3, 3)) * rng.choice([0.2, 1.0])
    bodies = flaw_bodies([Crack(corners=corners)])
    found = reach_of(bodies, 0, solid.normals, solid.offsets, AT_HOME, cover=0.0)
    steps = [(i, j, 60 - i - j) for i in range(61) for j in range(61 - i)]
    points = np.array(steps) / 60.0 @ corners
    depth = (points @ solid.normals.T - solid.offsets).max(axis=1)
    if (depth < 0.0).all():
        assert found == "inside"
    elif (depth < 0.0).any():
        assert found == "open"
    else:
        assert found != "inside"
        assert depth.min() < 0.1 or found == "outside"


def test_open_cracks_are_never_kept_unless_they_are_named() -> None:
    found = graded(
        PLACES["crown"],
        crack((2.0, 0, 0), (6.0, 0, 0), (2.0, 0.5, 0)),
        crack((0, 0, 0), (0.2, 0, 0), (0, 0.2, 0)),
    )
    assert [flaw.reach for flaw in found.flaws] == ["inside", "open", "inside"]
    (open_crack,) = found.open_cracks()
    assert open_crack.name == "inclusion 2 (crack)"
    assert "at the surface" in open_crack.words
    assert found.open_cracks(["inclusion 3"]) == (open_crack,)
    for name in ("inclusion 2", "Inclusion 2 (crack)"):
        assert found.open_cracks([name]) == ()


# --- clarity types ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("species", "variety", "wanted"),
    [
        ("aquamarine", "", "I"),
        ("peridot", "", "II"),
        ("emerald", "", "III"),
        ("tourmaline", "", "II"),
        ("tourmaline", "Green", "I"),
        ("tourmaline", "watermelon", "III"),
        ("topaz", "", "I"),
        ("topaz", "imperial", "II"),
        ("zircon", "", "II"),
        ("zircon", "blue", "I"),
        ("hessonite", "", "II"),
        ("chrysoberyl_alexandrite", "alexandrite", "II"),
        ("opal", "", "I"),
    ],
)
def test_the_species_tables_words_make_a_type(species: str, variety: str, wanted: str) -> None:
    assert clarity_type_of(species_named(species).clarity_type, variety) == wanted


def test_every_species_has_a_type() -> None:
    assert {clarity_type_of(species_named(name).clarity_type) for name in species_names()} == set(
        TYPES
    )


def test_zones_are_told_worst_first() -> None:
    weights = [RULE.places[zone] for zone in ZONES]
    assert weights == sorted(weights, reverse=True)

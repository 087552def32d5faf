"""Parts of the mending by themselves, against the plain way to do each, and real broken scans."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rough import wrecks
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.arrays import Float
from yieldopt.plan.judge_hazards import winding
from yieldopt.plan.record import Limits
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan
from yieldopt.rough.made import make_rough
from yieldopt.rough.mending.crossings import crossing_pairs
from yieldopt.rough.mending.mend import CannotMend, mend_skin
from yieldopt.rough.mending.overlaps import overlap_volumes
from yieldopt.rough.mending.skin import Index, edges_of, join_vertices, touches_and_tunnels
from yieldopt.rough.mending.winding import are_within
from yieldopt.rough.rough import Rough
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve


def crosses(one: Float, other: Float) -> bool:
    """Tell whether any side of one triangle passes through the other, by Cramer's rule."""
    for through, by in ((one, other), (other, one)):
        a, b, c = through
        for p, q in zip(by, np.roll(by, -1, axis=0), strict=True):
            matrix = np.column_stack([b - a, c - a, p - q])
            if abs(np.linalg.det(matrix)) < 1e-12:
                continue
            u, v, t = np.linalg.solve(matrix, p - a)
            if min(u, v, 1.0 - u - v) > -1e-12 and 1e-9 < t < 1.0 - 1e-9:
                return True
    return False


@given(st.integers(0, 2**32), st.sampled_from([0.15, 0.5, 2.0]))
def test_crossings_are_those_that_looking_at_all_pairs_finds(seed: int, size: float) -> None:
    draw = np.random.default_rng(seed)
    number = 40
    sizes = size * draw.uniform(0.02, 1.0, (number, 1, 1))  # several levels of cells
    corners = draw.uniform(0.0, 1.0, (number, 1, 3)) + sizes * draw.normal(size=(number, 3, 3))
    faces = np.arange(3 * number).reshape(-1, 3)
    vertices = corners.reshape(-1, 3)
    found = {tuple(pair) for pair in crossing_pairs(vertices, faces).tolist()}
    wanted = {(i, j) for i in range(number) for j in range(i) if crosses(corners[i], corners[j])}
    assert found == {(j, i) for i, j in wanted}
    some = np.arange(number) % 3 == 0
    among = {tuple(pair) for pair in crossing_pairs(vertices, faces, among=some).tolist()}
    assert among == {pair for pair in found if some[list(pair)].any()}


def test_neighbours_and_sheets_that_touch_do_not_cross() -> None:
    box = wrecks.good_skin("octahedron", 600)
    assert len(crossing_pairs(box.vertices, box.faces)) == 0
    beside = box.vertices + np.array([np.ptp(box.vertices[:, 0]), 0.0, 0.0])
    both = box.and_also(beside, box.faces)
    assert len(crossing_pairs(both.vertices, both.faces)) == 0


def test_triangles_at_one_corner_are_seen_to_cross() -> None:
    vertices = np.array([[0.0, 0, 0], [2, 0, 0], [0, 2, 0], [1, 0.5, 1], [1, 0.5, -1]])
    faces = np.array([[0, 1, 2], [0, 3, 4]])
    assert crossing_pairs(vertices, faces).tolist() == [[0, 1]]


@given(st.integers(0, 2**32))
def test_what_lies_within_is_what_the_solid_angle_says(seed: int) -> None:
    skin = wrecks.good_skin("lump", 500)
    points = np.random.default_rng(seed).uniform(-7.0, 7.0, (20, 3))
    within = are_within(points, skin.vertices, skin.faces)
    assert within.tolist() == [
        bool(round(winding(point, skin.vertices, skin.faces))) for point in points
    ]
    assert are_within(points, skin.vertices, skin.faces[:, ::-1]).tolist() == within.tolist()


def test_what_lies_twice_or_backward_is_measured() -> None:
    one, other = (wrecks.ball(np.array([x, 0.0, 0.0]), 2.0) for x in (0.0, 1.0))
    vertices = np.concatenate([one[0], other[0]])
    lens = np.pi * (4.0 * 2.0 + 1.0) * (2.0 * 2.0 - 1.0) ** 2 / 12.0  # two balls, 1 apart
    twice = np.concatenate([one[1], other[1] + len(one[0])])
    assert overlap_volumes(vertices, twice) == pytest.approx((lens, 0.0), rel=0.05)
    cut = np.concatenate([one[1], other[1][:, ::-1] + len(one[0])])
    ball = 4.0 * np.pi * 8.0 / 3.0
    assert overlap_volumes(vertices, cut) == pytest.approx((0.0, ball - lens), rel=0.05)


def test_shells_with_hollows_have_no_tunnels() -> None:
    hollowed = wrecks.a_hollow(0.1)(wrecks.good_skin()).skin
    assert touches_and_tunnels(hollowed.vertices, hollowed.faces) == (0, 0)
    from trimesh.creation import torus

    ring = torus(8.0, 3.0)
    beside = hollowed.and_also(ring.vertices + 30.0, np.asarray(ring.faces))
    assert touches_and_tunnels(beside.vertices, beside.faces) == (0, 1)


@pytest.mark.parametrize("kind", ["pebble", "lump", "cratered", "slab", "needle", "octahedron"])
def test_a_good_skin_passes_unchanged_and_without_a_word(kind: str) -> None:
    rough = make_rough(kind, seed=1, triangles=2000)
    faces = rough.faces.astype(np.int64)
    out = mend_skin(rough.vertices, faces)
    assert out.notes == ()
    assert (out.changed, out.outward) == (0.0, 0.0)
    assert np.array_equal(out.faces, faces)
    assert np.array_equal(out.vertices, rough.vertices)


def test_mending_what_was_mended_changes_nothing() -> None:
    skin = wrecks.good_skin(triangles=30_000)
    broken = wrecks.a_bit_of_everything(skin).skin
    once = mend_skin(*join_vertices(broken.vertices, broken.faces))
    twice = mend_skin(*join_vertices(once.vertices, once.faces))
    assert twice.notes == ()
    assert twice.volume == pytest.approx(once.volume, rel=1e-12)


@given(st.integers(0, 2**32), st.integers(4, 30), st.integers(1, 90))
def test_no_heap_of_triangles_breaks_the_mending(seed: int, corners: int, number: int) -> None:
    """Whatever comes in: a closed skin, outward, or a refusal."""
    draw = np.random.default_rng(seed)
    places = np.array([5.0, 1.0])[draw.integers(0, 2)]
    vertices = np.round(draw.uniform(0.0, 5.0, (corners, 3)) * places) / places
    faces = draw.integers(0, corners, (number, 3))
    try:
        out = mend_skin(*join_vertices(vertices, faces))
    except CannotMend:
        return
    assert edges_of(out.faces).closed
    assert out.volume > 0.0


@given(st.integers(0, 2**32), st.integers(1, 60))
def test_a_skin_that_lost_and_turned_triangles_is_closed_or_refused(seed: int, number: int) -> None:
    draw = np.random.default_rng(seed)
    skin = wrecks.good_skin("pebble", 800)
    chosen = draw.choice(len(skin.faces), number, replace=False)
    broken = wrecks.turned(skin, chosen[: number // 2])
    broken = wrecks.without(broken, chosen[number // 2 :])
    try:
        out = mend_skin(*join_vertices(broken.vertices, broken.faces))
    except CannotMend:
        return
    assert edges_of(out.faces).closed
    assert out.volume == pytest.approx(skin.volume, rel=0.01)


def rough_of(vertices: Float, faces: Index) -> Rough:
    return Rough(name="ball", vertices=vertices, faces=faces.astype(np.int32))


@pytest.mark.filterwarnings("ignore:overflow encountered in exp:RuntimeWarning")
def test_no_stone_is_placed_through_a_hollow_and_the_judge_sees_one_that_is(
    tmp_path: Path,
) -> None:
    """A ball of radius 8 with a hollow of 3 in its middle, as the file's second shell."""
    outer, inner = wrecks.ball(np.zeros(3), 8.0), wrecks.ball(np.zeros(3), 3.0)
    whole = mend_skin(*outer)
    both = wrecks.Skin(vertices=outer[0], faces=outer[1]).and_also(inner[0], inner[1][:, ::-1])
    hollow = mend_skin(both.vertices, both.faces)
    assert hollow.volume == pytest.approx(whole.volume * (1.0 - (3.0 / 8.0) ** 3), rel=1e-9)

    def problem(rough: Rough) -> Problem:
        return Problem(
            rough=rough,
            cuts=cuts_named("round"),
            limits=Limits(min_width=0.5),
            species="quartz",
            specific_gravity=2.65,
        )

    hollowed, solid = (rough_of(skin.vertices, skin.faces) for skin in (hollow, whole))
    plan = solve(problem(hollowed), effort="quick", seed=1)
    assert [str(v) for v in verify_plan(write_plan(plan, tmp_path)).violations] == []
    free = solve(problem(solid), effort="quick", seed=1)
    assert plan.weight_ct < 0.5 * free.weight_ct
    through = write_plan(replace(free, rough=hollowed), tmp_path / "through")
    assert {v.subject for v in verify_plan(through).violations} == {"skin"}


@pytest.mark.real
class TestRealScans:
    def mended(self, shared: Path, name: str, size: float = 1.0) -> tuple[Float, tuple[str, ...]]:
        import trimesh

        mesh = trimesh.load_mesh(shared / "scans" / name, process=False)
        vertices, faces = join_vertices(
            size * np.asarray(mesh.vertices, dtype=np.float64),
            np.asarray(mesh.faces, dtype=np.int64),
        )
        out = mend_skin(vertices, faces)
        assert edges_of(out.faces).closed
        return np.array([out.volume, out.changed, out.outward]), out.notes

    def test_three_holes_of_a_thinned_scan_are_filled(self, shared: Path) -> None:
        numbers, notes = self.mended(shared, "apollo_11.ply")
        assert numbers == pytest.approx([4532.955, 0.23, 0.0], abs=0.05)
        assert "holes filled, the widest 0.502 mm across near 1.19, -1.72, -8.83 mm" in notes[0]
        assert "runs through itself in 48 places" in notes[1]

    def test_loose_flaps_are_dropped_and_nothing_else(self, shared: Path) -> None:
        numbers, notes = self.mended(shared, "apollo_12.ply")
        assert numbers[0] == pytest.approx(1261.7135, abs=1e-3)
        assert "178 triangles back to back" in notes[0]

    def test_a_second_shell_of_collapsed_triangles_goes(self, shared: Path) -> None:
        numbers, notes = self.mended(shared, "epfl_13_two_shells_m.stl", 1e3)
        assert numbers[0] == pytest.approx(351934.928, abs=0.01)
        assert "inside out" in " / ".join(notes)

    def test_an_open_scan_is_refused_with_its_holes(self, shared: Path) -> None:
        with pytest.raises(CannotMend, match=r"88 open edges \(round 3 holes, the widest 201 mm"):
            self.mended(shared, "epfl_phone_lidar_open_m.stl", 1e3)

"""A step of local improvement: the contacts, their slopes, the program, the turn."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from tests import oracles
from tests.bodies import SEEDED, SEEDS, Float, block, margins, prism_planes, questions, turned
from tests.oracles import Gem
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.coarse import split_triangles
from yieldopt.geometry.surface import Surface, build_surface, new_scratch
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.facets import fill_facets
from yieldopt.kernels.query import ALL, Scratch
from yieldopt.kernels.refine import (
    POSE,
    ROWS,
    gather_contacts,
    propose_step,
    turn,
    write_row,
    write_solved_row,
)
from yieldopt.kernels.solid import measure_solid
from yieldopt.rough.made import KINDS, make_rough
from yieldopt.search.local import (
    Ground,
    improve,
    new_starts,
    picked,
    planes_and_slopes,
    prepare_ground,
    weights,
)
from yieldopt.search.starts import points_inside, random_rotations

CLOSE = 1e-9  # relative, of a scale: what the oracle's solver leaves


def ready(gem: Gem) -> Scratch:
    scratch = new_scratch(len(gem.offsets))
    fill_facets(*gem, scratch.tables[ALL])
    return scratch


def gathered(
    gem: Gem, surface: Surface, limit: float, apart: float = 0.0
) -> tuple[dict[int, float], float]:
    """Return the contacts by triangle (the caller's number), and the limit they are whole below."""
    near, level = np.full(ROWS, -1), np.full(ROWS, np.nan)
    n, whole = gather_contacts(surface.tree, ready(gem), limit, apart, near, level)
    assert 0 <= n <= ROWS
    found = {
        int(surface.tree.source[k]): float(s) for k, s in zip(near[:n], level[:n], strict=True)
    }
    assert len(found) == n
    return found, float(whole)


@pytest.mark.parametrize("kind", ["pebble", "cratered", "octahedron"])
def test_of_each_place_the_nearest_contact_is_kept(kind: str) -> None:
    """Every contact left out has a nearer one kept within the size of a place."""
    rough = make_rough(kind, seed=2, triangles=4000)
    surface = build_surface(rough.triangles(), 0.1)
    gem = Gem(*prism_planes(6), np.eye(3), rough.vertices.mean(axis=0))
    least = min(gathered(gem, surface, 1e9)[0].values())
    apart = 0.05 * float(rough.extents.max())
    every, whole = gathered(gem, surface, least * 1.02)
    kept, kept_whole = gathered(gem, surface, least * 1.02, apart)
    assert kept_whole == whole == least * 1.02  # neither list was full
    assert kept.items() <= every.items()
    assert 0 < len(kept) < len(every)
    assert min(kept.values()) == least
    middles = rough.triangles().mean(axis=1)
    for k, scale in every.items():
        near = [j for j in kept if np.abs(middles[j] - middles[k]).max() <= 2.0 * apart]
        assert min(kept[j] for j in near) <= scale


@SEEDED
@given(question=questions(), above=st.sampled_from([0.01, 0.2, 1.0]))
def test_contacts_are_all_triangles_below_the_limit(
    question: tuple[Gem, Float, Float], above: float
) -> None:
    gem, triangles, keep = question
    scale = oracles.largest_scale_of_many(gem, triangles, keep)
    limit = scale + above * (1.0 + abs(scale))
    found, whole = gathered(gem, build_surface(triangles, keep), limit)
    if len(triangles) > 150:  # the rest is far, and a program each takes long
        floors = oracles.facet_scales(gem, triangles.reshape(-1, 3), np.repeat(keep, 3))
        near = np.flatnonzero(floors.reshape(len(triangles), 3, -1).min(1).max(1) < limit)
    else:
        near = np.arange(len(triangles))
    own = dict(zip(near, oracles.triangle_scales(gem, triangles[near], keep[near]), strict=True))
    assert whole <= limit
    hair = CLOSE * (1.0 + abs(limit))
    assert {k for k, s in own.items() if s < whole - hair} <= set(found)
    for k, s in found.items():
        assert s < limit
        assert s == pytest.approx(own[k], rel=CLOSE, abs=CLOSE)


@pytest.mark.parametrize("height", [1.5, 2.0, 7.25])
def test_of_too_many_contacts_the_nearest_stay(height: float) -> None:
    """A rising roof of small triangles over a cube's top: the lower ones are kept."""
    roof = split_triangles(np.array([[[-0.4, -0.4, 0], [0.4, -0.4, 0], [0, 0.4, 0]]]), 0.04)
    roof[:, :, 2] = height * (1.0 + 0.5 * roof[:, :, 0])
    assert len(roof) > 2 * ROWS
    gem = Gem(*prism_planes(4), np.eye(3), np.zeros(3))
    keep = np.zeros(len(roof))
    found, whole = gathered(gem, build_surface(roof, keep), 10.0 * height)
    own = roof[:, :, 2].min(axis=1)
    assert {int(k) for k in np.flatnonzero(own < whole - 1e-9)} <= set(found)
    assert len(found) > ROWS // 8


def faces_alike(height: float) -> Float:
    """Return 450 triangles of one plane over the origin, all at the same height."""
    cell = np.array([[[0, 0, 0], [1, 0, 0], [1, 1, 0]], [[0, 0, 0], [1, 1, 0], [0, 1, 0]]]) / 15.0
    corners = np.array([[x, y, 0.0] for x in range(15) for y in range(15)]) / 15.0
    triangles = (corners[:, None, None] + cell).reshape(-1, 3, 3) - [0.5, 0.5, 0.0]
    triangles[:, :, 2] = height
    return np.ascontiguousarray(triangles * [0.8, 0.8, 1.0])


def test_contacts_that_are_all_alike_do_not_run_over_the_end() -> None:
    """A flat face in small triangles, parallel to a facet: one mean rounds above them all."""
    gem = Gem(*prism_planes(4), np.eye(3), np.zeros(3))
    for height in np.random.default_rng(0).uniform(0.5, 20.0, 300):
        triangles = faces_alike(height)
        tree = build_surface(triangles, 0.0).tree
        near, level = np.full(3 * ROWS, -7), np.full(3 * ROWS, -7.0)
        n, _ = gather_contacts(tree, ready(gem), 30.0, 0.0, near[:ROWS], level[:ROWS])
        assert (near[ROWS:] == -7).all(), f"written past the end at height {height!r}"
        assert (level[ROWS:] == -7.0).all()
        assert n <= ROWS


class TestRows:
    """The slopes of a triangle's own scale, against central differences of its program."""

    STEP = 1e-4  # mm and rad: the solver's 1e-10 gives 1e-6, the curve 1e-8
    SMOOTH = 1e-4  # forward and backward slopes that differ by more have a kink between

    def scale(self, gem: Gem, triangle: Float, keep: float) -> float:
        return oracles.triangle_scale(gem, triangle, keep)

    def slope(self, ends: tuple[Gem, Gem], here: float, triangle: Float, keep: float) -> float:
        """Return the central difference; give the case up where there is a kink."""
        up, down = (self.scale(end, triangle, keep) for end in ends)
        assume(abs(up + down - 2.0 * here) < self.SMOOTH * self.STEP * (1.0 + abs(here)) * 10.0)
        return (up - down) / (2.0 * self.STEP)

    @SEEDED
    @given(
        seed=SEEDS,
        name=st.sampled_from(["round", "oval", "emerald"]),
        kind=st.sampled_from(["block", "pebble", "lump"]),
    )
    def test_a_row_is_the_slope_in_moves_turns_and_proportions(
        self, seed: int, name: str, kind: str
    ) -> None:
        rng = np.random.default_rng(seed)
        (cut,) = cuts_named(name)
        theta = np.array(
            [[rng.uniform(0.9 * p.low + 0.1 * p.high, p.high) for p in cut.proportions]]
        )
        theta = np.minimum(theta, [p.high - 2e-4 for p in cut.proportions])
        normals, offsets, d_normals, d_offsets = (a[0] for a in planes_and_slopes(cut, theta))
        gem = Gem(normals, offsets, turned(int(rng.integers(2**31))), rng.uniform(-0.4, 0.4, 3))
        if kind == "block":
            triangles = block(-rng.uniform(2, 6, 3), rng.uniform(2, 6, 3))
        else:
            triangles = make_rough(kind, seed=int(rng.integers(9)), triangles=500).triangles()
        keep = margins("mixed", len(triangles), rng)
        tree = build_surface(triangles, keep).tree
        k, scale = int(rng.integers(len(triangles))), 3.7
        triangle, margin = tree.corners[k].reshape(3, 3), float(tree.keep[k])

        row = np.full(POSE + theta.shape[1], np.nan)
        own = write_row(
            tree,
            ready(gem),
            k,
            scale,
            (gem.rotation, gem.translation),
            normals,
            offsets,
            np.ascontiguousarray(d_normals),
            np.ascontiguousarray(d_offsets),
            row,
        )
        here = self.scale(gem, triangle, margin)
        assert own == pytest.approx(here, rel=CLOSE, abs=CLOSE)
        assert row[0] == 1.0
        tolerance = 2e-4 * (1.0 + abs(here))
        for axis in range(3):
            step = self.STEP * np.eye(3)[axis]
            moved = [gem._replace(translation=gem.translation + s * step) for s in (1, -1)]
            slope = self.slope((moved[0], moved[1]), here, triangle, margin)
            assert row[1 + axis] == pytest.approx(-slope, abs=tolerance)
            spun = [
                gem._replace(rotation=Rotation.from_rotvec(s * step).as_matrix() @ gem.rotation)
                for s in (1, -1)
            ]
            slope = self.slope((spun[0], spun[1]), here, triangle, margin)
            assert scale * row[4 + axis] == pytest.approx(-slope, abs=tolerance * 10.0)
        for p in range(theta.shape[1]):
            step = self.STEP * np.eye(theta.shape[1])[p]
            shaped = []
            for s in (1, -1):
                n, d = cut.planes(theta + s * step)
                shaped.append(gem._replace(normals=n[0], offsets=d[0]))
            slope = self.slope((shaped[0], shaped[1]), here, triangle, margin)
            assert scale * row[POSE + p] == pytest.approx(-slope, rel=1e-3, abs=tolerance * 10.0)


@pytest.mark.parametrize("apart", [0.0, 0.05])
@pytest.mark.parametrize("name", ["round", "emerald"])
def test_a_gathered_contact_has_the_row_of_its_triangle_asked_alone(
    name: str, apart: float
) -> None:
    """Over the facets picked out for its place as over all; also in a list that ran full."""
    rough = make_rough("cratered", seed=4, triangles=4000)
    tree = build_surface(rough.triangles(), 0.1).tree
    (cut,) = cuts_named(name)
    theta = np.array([[p.default for p in cut.proportions]])
    normals, offsets, d_normals, d_offsets = (a[0] for a in planes_and_slopes(cut, theta))
    gem = Gem(normals, offsets, turned(3), rough.vertices.mean(axis=0))
    scratch, near, level = ready(gem), np.full(ROWS, -1), np.full(ROWS, np.nan)
    n, _ = gather_contacts(tree, scratch, 1e9, apart * rough.extents.max(), near, level)
    assert n > 50
    pose, slopes = (gem.rotation, gem.translation), (np.array(d_normals), np.array(d_offsets))
    kept, alone = np.full((2, POSE + theta.shape[1]), np.nan)
    for i in range(n):
        write_solved_row(tree, scratch, near[i], i, 3.7, pose, normals, offsets, *slopes, kept)
        own = write_row(tree, scratch, near[i], 3.7, pose, normals, offsets, *slopes, alone)
        assert level[i] == pytest.approx(own, rel=1e-14)
        np.testing.assert_allclose(kept, alone, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("size", [0.0, 1e-13, 1e-7, 1e-3, 0.3, 3.0])
def test_a_turn_is_a_rotation_about_its_vector(size: float) -> None:
    rng = np.random.default_rng(0)
    for seed in range(10):
        start = turned(seed)
        vector = rng.normal(size=3)
        vector *= size / np.linalg.norm(vector)
        out = np.full((3, 3), np.nan)
        turn(start, vector[0], vector[1], vector[2], out)
        np.testing.assert_allclose(out @ out.T, np.eye(3), atol=1e-15)
        assert np.linalg.det(out) == pytest.approx(1.0, abs=1e-15)
        wanted = Rotation.from_rotvec(vector).as_matrix() @ start
        np.testing.assert_allclose(out, wanted, atol=1e-14)


def test_ten_thousand_turns_end_in_a_rotation() -> None:
    """Rounding does not add up: each turn is made orthonormal again."""
    here, there = turned(1), np.empty((3, 3))
    for vector in np.random.default_rng(0).normal(0.0, 0.2, (10_000, 3)):
        turn(here, vector[0], vector[1], vector[2], there)
        here, there = there, here
    np.testing.assert_allclose(here @ here.T, np.eye(3), atol=1e-15)


def ground_of(kind: str, seed: int, name: str, crew: Crew, n: int) -> tuple[Ground, Float, Float]:
    """Return a ground on a small made rough, and n poses inside."""
    rough = make_rough(kind, seed=seed, triangles=1000)
    triangles = split_triangles(rough.triangles(), 0.08 * float(rough.extents.max()))
    rng = np.random.default_rng([seed, 0])
    (cut,) = cuts_named(name)
    ground = prepare_ground(build_surface(triangles, 0.2), cut, crew)
    return ground, random_rotations(n, rng), points_inside(ground.surface, n, rng, crew)


@pytest.mark.parametrize("name", ["round", "emerald"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_step_is_the_optimum_of_its_program(kind: str, name: str) -> None:
    """And stays in its trust region, so that the centre cannot leave the rough."""
    with Crew(1) as crew:
        ground, rotations, places = ground_of(kind, 1, name, crew, 1500)
        middle = np.array([[p.default for p in ground.cut.proportions]])
        starts = new_starts(ground, rotations, places, np.repeat(middle, 1500, axis=0))
        starts = picked(starts, np.argsort(-weights(starts))[:150])
        planes = planes_and_slopes(ground.cut, starts.theta)
        scratch, bench = ground.memory[0]
        for i in np.flatnonzero(starts.scale > 0.0):
            rotation, place = np.full((3, 3), np.nan), np.full(3, np.nan)
            theta = np.full_like(starts.theta[i], np.nan)
            bench.columns[:] = np.nan  # rows that are not filled in can be told
            areas, centroids = starts.areas[i], starts.centroids[i]
            measure_solid(planes[0][i], planes[1][i], bench.rings, areas, centroids)
            predicted = propose_step(
                ground.surface.tree,
                scratch,
                bench,
                ground.orientation.directions,
                starts.refused[i],
                starts.trust[i],
                starts.scale[i],
                starts.volume[i],
                starts.rotation[i],
                starts.translation[i],
                starts.theta[i],
                areas,
                centroids,
                ground.low,
                ground.high,
                planes[0][i],
                planes[1][i],
                planes[2][i],
                planes[3][i],
                rotation,
                place,
                theta,
            )
            filled = np.flatnonzero(~np.isnan(bench.columns[0]))
            rows, right = bench.columns[:, filled].T, bench.right[filled]
            wanted = oracles.best_gain(bench.gain, rows, right, bench.box)
            assert wanted is not None  # standing still is allowed
            assert wanted >= 0.0
            assert (rows @ bench.x <= right + 1e-8).all()
            assert (np.abs(bench.x) <= bench.box + 1e-8).all()
            assert predicted == pytest.approx(wanted, rel=1e-7, abs=1e-7)
            assert np.linalg.norm(place - starts.translation[i]) < (
                starts.scale[i] * planes[1][i].min()
            )
            assert (ground.low <= theta).all()
            assert (theta <= ground.high).all()


def test_what_starts_remember_of_their_facets_is_that_of_their_proportions() -> None:
    """After good trials and poor ones, of starts once alike and by now all different."""
    with Crew(1) as crew:
        ground, rotations, places = ground_of("pebble", 3, "oval", crew, 60)
        middle = np.array([[p.default for p in ground.cut.proportions]])
        starts = new_starts(ground, rotations, places, np.repeat(middle, 60, axis=0))
        assert not starts.measured.any()  # all alike: one is measured for all
        improve(ground, starts, steps=3)
        normals, offsets = ground.cut.planes(starts.theta)
    known = np.flatnonzero(starts.measured)
    assert len(known) > 40
    assert len(np.unique(starts.theta[known], axis=0)) > 20  # many are at a limit of their ranges
    for i in known:
        wanted = oracles.solid_of(normals[i], offsets[i], np.zeros(3))
        np.testing.assert_allclose(starts.areas[i], wanted.areas, atol=1e-8)
        np.testing.assert_allclose(
            starts.centroids[i] * starts.areas[i, :, None],
            np.nan_to_num(wanted.centroids) * wanted.areas[:, None],
            atol=1e-8,
        )
        assert starts.volume[i] == pytest.approx(wanted.volume, rel=1e-8)


def test_starts_are_weighed_by_the_query_and_the_hull() -> None:
    with Crew(1) as crew:
        ground, rotations, places = ground_of("lump", 3, "oval", crew, 10)
        rng = np.random.default_rng(0)
        theta = rng.uniform(ground.low, ground.high, (10, len(ground.low)))
        starts = new_starts(ground, rotations, places, theta)
    tree = ground.surface.tree
    triangles = tree.corners.reshape(-1, 3, 3)
    for i, (normals, offsets) in enumerate(zip(*ground.cut.planes(theta), strict=True)):
        gem = Gem(normals, offsets, rotations[i], places[i])
        wanted = oracles.largest_scale_of_many(gem, triangles, tree.keep)
        assert starts.scale[i] == pytest.approx(wanted, rel=CLOSE, abs=CLOSE)
        at = starts.contact[i]
        own = oracles.triangle_scale(gem, triangles[at], tree.keep[at])
        assert own == pytest.approx(starts.scale[i], rel=CLOSE, abs=CLOSE)
        solid = oracles.solid_of(normals, offsets, np.zeros(3))
        assert starts.volume[i] == pytest.approx(solid.volume, rel=1e-9)

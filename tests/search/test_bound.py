"""The hull bound: above every gem in the hull, whatever its pose and proportions."""

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.spatial import ConvexHull

from tests.bodies import Float, block, turned
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.hull import hull_planes
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.geometry.threads import Crew
from yieldopt.rough.made import make_rough
from yieldopt.search.bound import HullBound


def cubed_scale(normals: Float, offsets: Float, gem: Float) -> float:
    """Return the cube of the greatest `s` with `s h(a) + a . t <= b`, for turned corners."""
    rows = np.column_stack([(normals @ gem.T).max(axis=1), normals])
    found = linprog([-1.0, 0.0, 0.0, 0.0], A_ub=rows, b_ub=offsets, bounds=[(None, None)] * 4)
    assert found.x is not None
    return float(found.x[0]) ** 3


@pytest.mark.parametrize("margin", [0.0, 0.3])
@pytest.mark.parametrize(
    ("name", "proportions"), [("round", "fixed"), ("round", "free"), ("emerald", "free")]
)
@pytest.mark.parametrize("kind", ["pebble", "block"])
def test_no_gem_in_the_hull_is_above_the_bound(
    kind: str, name: str, proportions: str, margin: float
) -> None:
    """Random turns and proportions, the best place in the true hull found by HiGHS."""
    if kind == "block":
        points = block([-3, -4, -5], [3, 4, 5]).reshape(-1, 3) @ turned(2).T
    else:
        points = make_rough(kind, seed=1, triangles=600).vertices[::4]
    equations = np.unique(np.round(ConvexHull(points).equations, 9), axis=0)
    normals, offsets = equations[:, :3], -equations[:, 3] - margin
    (cut,) = cuts_named(name, proportions=proportions)
    rng = np.random.default_rng(0)
    low = np.array([p.low for p in cut.proportions])
    high = np.array([p.high for p in cut.proportions])
    best = 0.0
    for seed in range(40):
        theta = low + rng.integers(0, 3, len(low)) * 0.5 * (high - low)
        planes = cut.planes(theta[None])
        gem = polytope_from_planes(planes[0][0], planes[1][0])
        turn = turned(seed)
        share = cubed_scale(normals, offsets, gem.vertices @ turn.T)
        best = max(best, share * gem.volume)
    with Crew(2) as crew:
        hull, centre = hull_planes(points, margin)
        bound = HullBound(hull, centre, cut, crew)
        before = np.inf
        for cells in (200, 1500):
            bound.tighten(cells)
            assert bound.volume >= best
            assert bound.volume <= before
            assert bound.reached <= bound.volume * (1.0 + 1e-9)
            before = bound.volume


def test_the_hull_in_few_planes_holds_every_point() -> None:
    """Fewer planes: a wider hull, never a narrower one."""
    points = make_rough("pebble", seed=2, triangles=3000).vertices
    for margin in (0.0, 0.25):
        hull, centre = hull_planes(points, margin)
        np.testing.assert_allclose(np.linalg.norm(hull.normals, axis=1), 1.0, atol=1e-12)
        excess = (points - centre) @ hull.normals.T - hull.offsets
        assert excess.max() <= margin + 1e-9
        assert (hull.offsets > 0.0).all()


def test_a_margin_that_leaves_nothing_bounds_at_nothing() -> None:
    points = block([-1, -1, -1], [1, 1, 1]).reshape(-1, 3)
    (cut,) = cuts_named("round")
    with Crew(1) as crew:
        bound = HullBound(*hull_planes(points, 2.0), cut, crew)
        bound.tighten(500)
        assert bound.volume == 0.0


def test_the_number_of_threads_changes_no_bit_of_the_bound() -> None:
    points = make_rough("octahedron", seed=1, triangles=600).vertices
    (cut,) = cuts_named("oval")
    found = []
    for threads in (1, 2, 3):
        with Crew(threads) as crew:
            bound = HullBound(*hull_planes(points, 0.2), cut, crew)
            bound.tighten(1500)
            found.append((bound.volume, bound.reached, bound.n_cells))
    assert found[0] == found[1] == found[2]

"""Convex solids from half-spaces and back: closed, counter-clockwise, as large as their hull."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial import ConvexHull

from tests import oracles
from tests.bodies import GEMS, SEEDED, SEEDS, Float, gem_planes, prism_planes, turned
from yieldopt.geometry.polytope import (
    Polytope,
    inner_point,
    planes_from_points,
    polytope_from_planes,
    support,
)

CLOSE = 1e-8  # relative: what the hulls leave


def moved_planes(seed: int, kind: str) -> tuple[Float, Float, Float]:
    """Return half-spaces somewhere in space, and a point inside."""
    rng = np.random.default_rng(seed)
    normals, offsets = gem_planes(kind, rng)
    move = rng.uniform(-20.0, 20.0, 3)
    normals = normals @ turned(seed % 997).T
    return normals, offsets + normals @ move, move


def assert_whole(solid: Polytope) -> None:
    """Assert that the loops close, turn counter-clockwise, and make a ball (Euler)."""
    size = float(np.ptp(solid.vertices, axis=0).max())
    edges = [(loop[i - 1], loop[i]) for loop in solid.loops if loop for i in range(len(loop))]
    assert len(set(edges)) == len(edges)
    assert {(b, a) for a, b in edges} == set(edges)
    n_facets = sum(1 for loop in solid.loops if loop)
    assert len(solid.vertices) - len(edges) // 2 + n_facets == 2
    assert {a for a, _ in edges} == set(range(len(solid.vertices)))
    excess = solid.vertices @ solid.normals.T - solid.offsets
    assert excess.max() < 1e-9 * size
    for j, loop in enumerate(solid.loops):
        if not loop:
            continue
        ring = solid.vertices[list(loop)]
        assert np.abs(ring @ solid.normals[j] - solid.offsets[j]).max() < 1e-7 * size
        along = np.roll(ring, -1, axis=0) - ring
        left = np.cross(along, np.roll(along, -1, axis=0)) @ solid.normals[j]
        assert (left > -1e-9 * size**2).all()
        assert left.sum() > 0.0


@SEEDED
@given(seed=SEEDS, kind=st.sampled_from(GEMS))
def test_any_half_spaces_give_a_whole_solid_of_the_right_size(seed: int, kind: str) -> None:
    normals, offsets, inside = moved_planes(seed, kind)
    solid = polytope_from_planes(normals, offsets)
    assert_whole(solid)
    wanted = oracles.solid_of(normals, offsets, inside)
    assert solid.volume == pytest.approx(wanted.volume, rel=CLOSE)
    np.testing.assert_allclose(solid.areas, wanted.areas, atol=1e-6 * wanted.areas.sum())
    hull = ConvexHull(solid.vertices)
    assert hull.volume == pytest.approx(solid.volume, rel=CLOSE)
    assert len(hull.vertices) == len(solid.vertices)


@SEEDED
@given(seed=SEEDS, kind=st.sampled_from(GEMS))
def test_its_triangles_are_its_closed_surface(seed: int, kind: str) -> None:
    solid = polytope_from_planes(*moved_planes(seed, kind)[:2])
    triangles = solid.triangles()
    assert oracles.open_edges(triangles) == 0
    assert oracles.volume_of(triangles) == pytest.approx(solid.volume, rel=1e-9)
    assert oracles.area_of(triangles) == pytest.approx(solid.areas.sum(), rel=1e-9)


@SEEDED
@given(seed=SEEDS, kind=st.sampled_from(["random", "cube", "hexagon", "round", "emerald"]))
def test_a_solid_is_the_hull_of_its_corners(seed: int, kind: str) -> None:
    """Half-spaces, corners, half-spaces again: the same solid."""
    solid = polytope_from_planes(*moved_planes(seed, kind)[:2])
    again = polytope_from_planes(*planes_from_points(solid.vertices))
    assert_whole(again)
    assert again.volume == pytest.approx(solid.volume, rel=CLOSE)
    assert len(again.vertices) == len(solid.vertices)


@SEEDED
@given(seed=SEEDS, kind=st.sampled_from(GEMS))
def test_half_spaces_that_touch_nothing_have_no_facet(seed: int, kind: str) -> None:
    normals, offsets, _ = moved_planes(seed, kind)
    solid = polytope_from_planes(normals, offsets)
    extra = np.random.default_rng(seed).normal(size=(5, 3))
    extra /= np.linalg.norm(extra, axis=1)[:, None]
    gap = np.array([1e-3, 0.1, 1.0, 10.0, 0.5])
    far = support(solid.vertices, extra) + gap
    more = polytope_from_planes(np.vstack([normals, extra]), np.append(offsets, far))
    assert_whole(more)
    assert more.loops[-5:] == ((), (), (), (), ())
    assert more.volume == pytest.approx(solid.volume, rel=1e-12)


@pytest.mark.parametrize("at", ["corner", "edge"])
@pytest.mark.parametrize("kind", ["cube", "hexagon", "round", "emerald"])
def test_a_half_space_that_only_grazes_changes_nothing(kind: str, at: str) -> None:
    """Through one corner, or along one edge: rounding decides whether it cuts."""
    normals, offsets, _ = moved_planes(5, kind)
    solid = polytope_from_planes(normals, offsets)
    loop = next(loop for loop in solid.loops if loop)
    corner = solid.vertices[loop[0]]
    on = np.abs(normals @ corner - offsets) < 1e-9
    if at == "edge":
        on &= np.abs(normals @ solid.vertices[loop[1]] - offsets) < 1e-9
    graze = normals[on].mean(axis=0)
    graze /= np.linalg.norm(graze)
    more = polytope_from_planes(np.vstack([normals, graze]), np.append(offsets, graze @ corner))
    assert_whole(more)
    assert more.loops[-1] == ()
    assert more.volume == pytest.approx(solid.volume, rel=1e-9)


def test_the_same_half_space_twice_is_one_facet() -> None:
    for seed in range(20):
        normals, offsets, _ = moved_planes(seed, "hexagon")
        solid = polytope_from_planes(normals, offsets)
        twice = polytope_from_planes(
            np.vstack([normals, normals[:2]]), np.append(offsets, offsets[:2])
        )
        assert twice.volume == pytest.approx(solid.volume, rel=1e-9)
        assert_whole(twice)


@pytest.mark.parametrize("sides", [3, 4, 60, 100])
def test_a_prism_has_the_volume_of_the_textbook(sides: int) -> None:
    solid = polytope_from_planes(*prism_planes(sides))
    assert_whole(solid)
    assert solid.volume == pytest.approx(2.0 * sides * np.tan(np.pi / sides), rel=1e-12)
    assert len(solid.vertices) == 2 * sides


def test_a_facet_of_many_corners_is_not_lost() -> None:
    """Whole, or refused with the reason; not a solid without its top."""
    try:
        solid = polytope_from_planes(*prism_planes(150))
    except ValueError:
        return
    assert_whole(solid)
    assert solid.volume == pytest.approx(300.0 * np.tan(np.pi / 150.0), rel=1e-12)


@pytest.mark.parametrize("missing", [(4, 5), (0, 1), (0, 2), (3,), (0, 1, 2), (0, 1, 2, 3, 4)])
def test_what_is_open_at_some_side_is_refused(missing: tuple[int, ...]) -> None:
    normals, offsets = prism_planes(4)
    kept = [j for j in range(6) if j not in missing]
    with pytest.raises(ValueError, match="unbounded"):
        polytope_from_planes(normals[kept], offsets[kept])


@pytest.mark.parametrize("depth", [-1.0, -1.0 - 1e-9, -2.0, -1e3])
def test_what_leaves_nothing_is_refused(depth: float) -> None:
    """The top at or below the bottom."""
    normals, offsets = prism_planes(6)
    offsets = offsets.copy()
    offsets[-2] = depth
    with pytest.raises(ValueError, match="empty"):
        polytope_from_planes(normals, offsets)


def test_arrays_of_the_wrong_shape_or_no_numbers_are_refused() -> None:
    normals, offsets = prism_planes(4)
    with pytest.raises(ValueError, match="offsets: shape"):
        polytope_from_planes(normals, offsets[:-1])
    with pytest.raises(ValueError, match="normals: shape"):
        polytope_from_planes(normals[:, :2], offsets)
    with pytest.raises(ValueError, match="finite"):
        polytope_from_planes(normals, np.where(offsets > 0, np.nan, 0.0))


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e4])
def test_size_changes_nothing_but_the_size(size: float) -> None:
    normals, offsets, _ = moved_planes(3, "round")
    solid, scaled = (polytope_from_planes(normals, s * offsets) for s in (1.0, size))
    assert scaled.loops == solid.loops or len(scaled.vertices) == len(solid.vertices)
    assert scaled.volume == pytest.approx(size**3 * solid.volume, rel=1e-9)


@SEEDED
@given(seed=SEEDS, n=st.integers(4, 60))
def test_the_hull_of_points_holds_them_and_no_more(seed: int, n: int) -> None:
    points = np.random.default_rng(seed).normal(size=(n, 3))
    normals, offsets = planes_from_points(points)
    np.testing.assert_allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-12)
    assert (points @ normals.T - offsets).max() < 1e-12 * n
    np.testing.assert_allclose(support(points, normals), offsets, atol=1e-12)
    assert polytope_from_planes(normals, offsets).volume == pytest.approx(
        ConvexHull(points).volume, rel=CLOSE
    )


def test_coplanar_triangles_of_a_hull_are_one_half_space() -> None:
    for seed in range(20):
        corners = np.array([[x, y, z] for x in (0, 2) for y in (0, 3) for z in (0, 5)], dtype=float)
        normals, offsets = planes_from_points(corners @ turned(seed).T + seed)
        assert len(offsets) == 6
        assert polytope_from_planes(normals, offsets).volume == pytest.approx(30.0, rel=1e-9)


@SEEDED
@given(seed=SEEDS, kind=st.sampled_from(GEMS))
def test_the_inner_point_is_the_centre_of_a_ball_inside(seed: int, kind: str) -> None:
    normals, offsets, inside = moved_planes(seed, kind)
    centre, radius = inner_point(normals, offsets)
    slack = offsets - normals @ centre
    assert slack.min() == pytest.approx(radius, abs=1e-6)
    assert radius >= (offsets - normals @ inside).min() - 1e-6


def test_support_is_the_farthest_corner() -> None:
    corners = np.array([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [-1.0, -1.0, 3.0]])
    directions = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, -2.0], [1.0, 1.0, 1.0]])
    np.testing.assert_array_equal(support(corners, directions), [1.0, 2.0, 0.0, 2.0])

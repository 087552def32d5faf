"""Volume, areas and centroids of half-spaces: against hulls of their corners."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bodies import GEMS, SEEDED, SEEDS, Float, gem_planes, prism_planes, turned
from tests.oracles import Solid, solid_of
from yieldopt.kernels.solid import CORNERS, measure_solid

CLOSE = 1e-8  # relative: what the hulls leave


def measured(normals: Float, offsets: Float) -> Solid:
    areas, centroids = np.full(len(offsets), np.nan), np.full((len(offsets), 3), np.nan)
    rings = np.empty((2, CORNERS, 3))
    volume = measure_solid(np.ascontiguousarray(normals), offsets, rings, areas, centroids)
    return Solid(float(volume), areas, centroids)


def assert_same(got: Solid, wanted: Solid) -> None:
    size = wanted.volume ** (1.0 / 3.0)
    assert got.volume == pytest.approx(wanted.volume, rel=CLOSE)
    np.testing.assert_allclose(got.areas, wanted.areas, rtol=CLOSE, atol=CLOSE * size**2)
    seen = wanted.areas > 1e-6 * size**2
    np.testing.assert_allclose(
        got.centroids[seen], wanted.centroids[seen], rtol=1e-6, atol=1e-6 * size
    )


@SEEDED
@given(seed=SEEDS, kind=st.sampled_from(GEMS), size=st.sampled_from([1e-3, 1.0, 1e3]))
def test_any_gem_is_measured_as_its_hull_is(seed: int, kind: str, size: float) -> None:
    normals, offsets = gem_planes(kind, np.random.default_rng(seed))
    offsets = size * offsets
    assert_same(measured(normals, offsets), solid_of(normals, offsets, np.zeros(3)))


@SEEDED
@given(seed=SEEDS, kind=st.sampled_from(["random", "cube", "hexagon"]))
def test_the_origin_need_not_be_inside(seed: int, kind: str) -> None:
    rng = np.random.default_rng(seed)
    normals, offsets = gem_planes(kind, rng)
    rotation, move = turned(seed % 1000), rng.uniform(-5.0, 5.0, 3)
    normals = normals @ rotation.T
    moved = offsets + normals @ move
    assert_same(measured(normals, moved), solid_of(normals, moved, move))


@SEEDED
@given(seed=SEEDS, kind=st.sampled_from(GEMS))
def test_areas_and_centroids_are_the_slopes_of_the_volume(seed: int, kind: str) -> None:
    """Of a plane moved out, and of a plane turned about the origin: as a step uses them."""
    rng = np.random.default_rng(seed)
    normals, offsets = gem_planes(kind, rng)
    here = measured(normals, offsets)
    j, h = int(here.areas.argmax()), 1e-4
    out = np.zeros(len(offsets))
    out[j] = h
    slope = (measured(normals, offsets + out)[0] - measured(normals, offsets - out)[0]) / (2 * h)
    assert slope == pytest.approx(here.areas[j], rel=1e-3)
    across = np.cross(normals[j], rng.normal(size=3))
    across /= np.linalg.norm(across)
    ends = []
    for side in (h, -h):
        turn = normals.copy()
        turn[j] = np.cos(side) * normals[j] + np.sin(side) * across
        ends.append(measured(turn, offsets)[0])
    slope = (ends[0] - ends[1]) / (2 * h)
    wanted = -here.areas[j] * across @ here.centroids[j]
    assert slope == pytest.approx(wanted, rel=1e-3, abs=1e-3 * here.volume)


def test_half_spaces_that_do_not_touch_the_solid_have_no_area() -> None:
    normals, offsets = prism_planes(6)
    far = np.append(offsets, [3.0, 1.6])
    more = np.vstack([normals, [[1.0, 0.0, 0.0], [0.6, 0.0, 0.8]]])
    got = measured(more, far)
    assert got.volume == pytest.approx(measured(normals, offsets).volume, rel=1e-14)
    assert (got.areas[-2:] == 0.0).all()


@pytest.mark.parametrize(
    "missing",
    [
        (0, 1, 2, 3),
        (0, 1),
        (4, 5),
        (0, 2),
        (3,),
    ],
)
def test_what_is_open_at_some_side_is_unbounded(missing: tuple[int, ...]) -> None:
    normals, offsets = prism_planes(4)
    kept = [j for j in range(6) if j not in missing]
    assert measured(normals[kept], offsets[kept]).volume == -1.0


def test_a_facet_of_too_many_corners_is_refused() -> None:
    """Rather than measured without it."""
    assert measured(*prism_planes(CORNERS - 2)).volume > 0.0
    assert measured(*prism_planes(CORNERS + 10)).volume == -1.0

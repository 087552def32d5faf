"""Bounds over boxes: never above what is there; and facets left out are never the greatest."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bodies import GEMS, SEEDED, SEEDS, Float, gem_planes, posed
from tests.oracles import Gem, facet_scales
from yieldopt.geometry.surface import new_scratch
from yieldopt.kernels.facets import (
    LANES,
    box_bound,
    fill_facets,
    narrow_facets,
    padded,
    point_scale,
)

ROUNDING = 1e-12  # relative to the values summed


def gem_of(seed: int, kind: str) -> tuple[Gem, np.random.Generator]:
    rng = np.random.default_rng(seed)
    return posed("random", gem_planes(kind, rng), rng), rng


def tables_of(gem: Gem) -> Float:
    tables: Float = new_scratch(len(gem.offsets)).tables
    fill_facets(*gem, tables[0])
    return tables


def at_point(tables: Float, point: Float, margin: float) -> float:
    x, y, z = point
    return float(point_scale(tables, 0, tables.shape[2], x, y, z, margin))


def over_box(tables: Float, centre: Float, half: Float, margin: float) -> float:
    (x, y, z), (hx, hy, hz) = centre, half
    return float(box_bound(tables, 0, tables.shape[2], x, y, z, hx, hy, hz, margin))


def narrowed(tables: Float, centre: Float, half: Float, thin: float, wide: float) -> int:
    (x, y, z), (hx, hy, hz) = centre, half
    return int(narrow_facets(tables, tables.shape[2], x, y, z, hx, hy, hz, thin, wide))


def box_of(rng: np.random.Generator) -> tuple[Float, Float, Float]:
    """Return a box's centre and half-size, and points in it with its corners among them."""
    centre, half = rng.normal(0.0, 3.0, 3), 10.0 ** rng.uniform(-3, 0.5, 3)
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)])
    inner = rng.uniform(-1.0, 1.0, (300, 3))
    return centre, half, centre + half * np.vstack([signs, inner])


@SEEDED
@given(seed=SEEDS, kind=st.sampled_from(GEMS), margin=st.sampled_from([0.0, 0.2, 3.0]))
def test_a_point_has_the_greatest_scale_of_all_facets(seed: int, kind: str, margin: float) -> None:
    gem, rng = gem_of(seed, kind)
    tables = tables_of(gem)
    for point in rng.normal(0.0, 5.0, (20, 3)):
        wanted = facet_scales(gem, point[None], margin).max()
        got = at_point(tables, point, margin)
        assert got == pytest.approx(wanted, rel=ROUNDING, abs=ROUNDING * 100)


@SEEDED
@given(seed=SEEDS, kind=st.sampled_from(GEMS), margin=st.sampled_from([0.0, 0.2, 3.0]))
def test_the_bound_of_a_box_is_nowhere_above_the_scale_in_it(
    seed: int, kind: str, margin: float
) -> None:
    gem, rng = gem_of(seed, kind)
    tables = tables_of(gem)
    centre, half, points = box_of(rng)
    bound = over_box(tables, centre, half, margin)
    least = facet_scales(gem, points, margin).max(axis=1).min()
    assert bound <= least + ROUNDING * 100
    # And it is no idle bound: a box of no size is as good as its point.
    point = over_box(tables, centre, np.zeros(3), margin)
    assert point == pytest.approx(facet_scales(gem, centre[None], margin).max(), abs=1e-10)


@SEEDED
@given(
    seed=SEEDS,
    kind=st.sampled_from(GEMS),
    ends=st.sampled_from([(0.0, 0.0), (0.2, 0.2), (0.0, 0.5), (0.1, 3.0)]),
)
def test_facets_that_are_the_greatest_anywhere_in_a_box_stay(
    seed: int, kind: str, ends: tuple[float, float]
) -> None:
    """For every point of the box and every margin between the ends."""
    gem, rng = gem_of(seed, kind)
    tables = tables_of(gem)
    centre, half, points = box_of(rng)
    kept = narrowed(tables, centre, half, *ends)
    assert 0 < kept <= tables.shape[2]
    assert kept % LANES == 0
    for margin in (*ends, *rng.uniform(*ends, 3)):
        wanted = facet_scales(gem, points, margin).max(axis=1)
        rows = tables[1, :, :kept]
        got = points @ rows[:3] + rows[3] - margin * rows[4]
        np.testing.assert_allclose(got.max(axis=1), wanted, rtol=ROUNDING, atol=1e-10)


def test_in_a_small_box_few_facets_stay() -> None:
    gem, _ = gem_of(1, "round")
    tables = tables_of(gem)
    kept = narrowed(tables, np.array([4.0, 1.0, 0.5]), np.full(3, 0.01), 0.2, 0.2)
    assert kept == LANES


@pytest.mark.parametrize("n", [1, 7, 8, 9, 73, 80])
def test_columns_are_whole_lanes_of_facets_and_copies_of_the_first(n: int) -> None:
    rng = np.random.default_rng(n)
    normals = rng.normal(size=(n, 3))
    gem = posed("random", (normals, rng.uniform(0.5, 2.0, n)), rng)
    tables = tables_of(gem)
    assert tables.shape[2] == padded(n) == -(-n // LANES) * LANES
    np.testing.assert_array_equal(
        tables[0, :, n:], np.repeat(tables[0, :, :1], padded(n) - n, axis=1)
    )

"""What every family promises, on every gear that can cut it, over its whole ranges."""

import itertools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from yieldopt.cuts.cabochon import BEVEL
from yieldopt.cuts.family import FamilyCut, family, family_names, gears_of
from yieldopt.cuts.gears import GEARS
from yieldopt.cuts.ranges import RANGE_NAMES
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.kernels.solid import CORNERS, WIDE, clip_facet

CAP = math.cos(math.radians(72))  # the cabochon's flat top
LEAST_WIDTH = 0.02  # of the width: what a cutter can place
ON_EACH_GEAR = [(name, gear) for name in family_names() for gear in gears_of(name)]
ONE_MIRROR = ("pear", "heart", "kite")


def ends_and_some(cut: FamilyCut, n_ends: int, n_between: int) -> Float:
    """Return corners of the ranges (all, or some at random) and members between, (b, p)."""
    low, high = (np.array([getattr(p, end) for p in cut.proportions]) for end in ("low", "high"))
    rng = np.random.default_rng(11)
    picks = np.array(list(itertools.product([0, 1], repeat=len(low))))
    if n_ends < len(picks):
        picks = rng.permutation(picks)[:n_ends]
    return np.vstack([low + picks * (high - low), rng.uniform(low, high, (n_between, len(low)))])


def widths(normals: Float, offsets: Float) -> Float:
    """Return how wide each facet (m,) is where it is narrowest, 0 where there is none."""
    rings = np.empty((2, CORNERS, 3))
    out = np.zeros(len(normals))
    reach = WIDE * float(np.abs(offsets).max())
    for j, normal in enumerate(normals):
        n, ring = clip_facet(normals, offsets, j, reach, rings)
        corners = rings[ring, : max(n, 0)]
        edges = np.roll(corners, -1, axis=0) - corners
        lengths = np.linalg.norm(edges, axis=1)
        real = lengths > 1e-9  # a corner may be clipped twice
        if n < 3 or real.sum() < 3:
            continue
        across = np.cross(normal, edges[real] / lengths[real, None])
        out[j] = np.ptp(corners @ across.T, axis=0).min()
    return out


@pytest.mark.parametrize("ranges", RANGE_NAMES)
@pytest.mark.parametrize("name", family_names())
def test_every_facet_is_there_and_can_be_cut(name: str, ranges: str) -> None:
    """On the usual gear, at all corners of the ranges and between."""
    cut = family(name, ranges=ranges)
    for normals, offsets in zip(*cut.planes(ends_and_some(cut, 32, 6)), strict=True):
        assert widths(normals, offsets).min() > LEAST_WIDTH - 1e-9


@pytest.mark.parametrize(("name", "gear"), ON_EACH_GEAR)
def test_every_facet_can_be_cut_on_every_gear(name: str, gear: int) -> None:
    """The widest ranges, whole teeth of that gear, a closed solid with the origin inside."""
    cut = family(name, ranges="native", gear=gear)
    thetas = ends_and_some(cut, 32, 2) if gear == 96 else ends_and_some(cut, 10, 2)
    for normals, offsets in zip(*cut.planes(thetas), strict=True):
        assert offsets.min() > 0.04
        assert widths(normals, offsets).min() > LEAST_WIDTH - 1e-9
    for tier in cut.design(cut.usual, 1.0).tiers:
        assert len(set(tier.index)) == len(tier.index)
        assert all(index.is_integer() and 1 <= index <= gear for index in tier.index)


@pytest.mark.parametrize(("name", "gear"), ON_EACH_GEAR)
def test_a_gear_keeps_symmetry_measures_and_girdle(name: str, gear: int) -> None:
    """Mirrored, even girdle, true meets, as wide and long and deep as asked."""
    cut = family(name, gear=gear)
    usual = family(name)
    design = cut.design(ends_and_some(cut, 0, 1)[0], 1.0)
    asked, corners = design.proportions, design.solid.vertices
    mirrors = [np.diag([1.0, -1, 1])] if name in ONE_MIRROR else []
    if name not in ONE_MIRROR:
        mirrors.append(np.diag([-1.0, 1, 1]))
    for mirror in mirrors:
        apart = np.linalg.norm((corners @ mirror)[:, None] - corners[None], axis=2)
        assert apart.min(axis=1).max() < 1e-9
    assert design.width == pytest.approx(1.0, abs=1e-9)
    if "length_width" in asked:
        assert design.length == pytest.approx(asked["length_width"], abs=1e-9)
    girdle = asked["girdle"]
    deep = asked["crown_height"] + asked.get("pavilion_depth", BEVEL) + girdle
    assert design.depth == pytest.approx(deep, abs=1e-9)
    table = corners[list(design.solid.loops[-1])]
    assert np.ptp(table[:, 1]) == pytest.approx(asked.get("table", CAP), abs=1e-9)
    for tier, facets in design.facet_rows():
        for j in facets if tier.side == "girdle" else ():
            z = np.sort(corners[list(design.solid.loops[j]), 2])
            np.testing.assert_allclose(z, np.array([-1, -1, 1, 1]) * 0.5 * girdle, atol=1e-9)
    on_96 = usual.design(ends_and_some(usual, 0, 1)[0], 1.0)
    assert len(corners) == len(on_96.solid.vertices)
    if name != "kite":  # its length follows from its teeth
        assert design.solid.volume == pytest.approx(on_96.solid.volume, rel=0.06)


@pytest.mark.parametrize("name", family_names())
def test_volume_is_that_of_another_librarys_solid(name: str, twin: Callable[..., Any]) -> None:
    for gear in (gears_of(name)[0], 96):
        cut = family(name, ranges="native", gear=gear)
        for normals, offsets in zip(*cut.planes(ends_and_some(cut, 2, 2)), strict=True):
            volume = polytope_from_planes(normals, offsets).volume
            assert volume == pytest.approx(twin(normals, offsets).volume, rel=1e-7)


def test_narrowest_widths_are_the_twins(twin: Callable[..., Any]) -> None:
    """The quick measure of a facet's width agrees with one that tries all pairs of corners."""
    for name in ("oval", "trilliant", "princess"):
        cut = family(name)
        ((normals,), (offsets,)) = cut.planes(cut.usual[None])
        other = twin(normals, offsets)
        slow = [other.width_of(j) for j in range(len(normals))]
        np.testing.assert_allclose(widths(normals, offsets), slow, atol=1e-7)


@pytest.mark.parametrize("name", family_names())
def test_gears_that_cannot_cut_a_family_say_which_can(name: str) -> None:
    able = gears_of(name)
    assert 96 in able
    for gear in set(GEARS) - set(able):
        with pytest.raises(InputError, match="this symmetry cannot be cut") as caught:
            family(name, gear=gear)
        assert str(caught.value).endswith(", ".join(map(str, able)))

"""One design as a cut: fixed, or with crown and pavilion free."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yieldopt.cuts.cut import Cut
from yieldopt.cuts.design import Design, facet_normal
from yieldopt.cuts.family import family
from yieldopt.cuts.given import FixedCut, StretchedCut, free_heights
from yieldopt.cuts.ratios import ratios
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float

ROUND = family("round").design(family("round").usual, 6.0)


def theta_of(cut: Cut, share: Float | float) -> Float:
    """Return proportions (p,) at a share of the way from least to greatest."""
    low = np.array([p.low for p in cut.proportions])
    high = np.array([p.high for p in cut.proportions])
    theta: Float = low + share * (high - low)
    return theta


def check_list(design: Design) -> None:
    """Check that side, angle and index give every plane back, and that none is idle."""
    for tier, facets in design.facet_rows():
        for j, index in zip(facets, tier.index, strict=True):
            normal = facet_normal(tier.side, tier.angle, index, design.gear, design.location)
            np.testing.assert_allclose(normal, design.solid.normals[j], atol=1e-12)
    assert all(len(loop) > 2 for loop in design.solid.loops)


def test_a_fixed_cut_has_unit_width_and_nothing_free() -> None:
    cut = FixedCut(given=ROUND)
    normals, offsets = cut.planes(np.empty((3, 0)))
    assert cut.proportions == ()
    assert cut.name == "round"
    assert normals.shape == (3, 73, 3)
    np.testing.assert_allclose(offsets[1] * 6.0, ROUND.solid.offsets)
    design = cut.design(np.empty(0), 4.5)
    assert design.width == pytest.approx(4.5)
    np.testing.assert_allclose(design.solid.offsets, 4.5 * offsets[0])


def test_heights_as_given_give_the_design_back() -> None:
    cut = free_heights(ROUND)
    assert [p.name for p in cut.proportions] == ["crown_height", "pavilion_depth"]
    defaults = np.array([p.default for p in cut.proportions])
    normals, offsets = cut.planes(defaults[None])
    np.testing.assert_allclose(normals[0], ROUND.solid.normals, atol=1e-12)
    np.testing.assert_allclose(offsets[0] * 6.0, ROUND.solid.offsets, atol=1e-12)


@pytest.mark.parametrize(("ranges", "spread"), [("fine", 5), ("commercial", 10), ("native", 25)])
def test_ranges_are_so_many_per_cent_of_the_designs_own_heights(ranges: str, spread: int) -> None:
    own = ratios(ROUND)
    for p, height in zip(
        free_heights(ROUND, ranges=ranges).proportions, (own.crown, own.pavilion), strict=True
    ):
        assert p.default == pytest.approx(height)
        assert p.low == pytest.approx((1 - spread / 100) * height)
        assert p.high == pytest.approx((1 + spread / 100) * height)


def test_a_stretched_design_measures_what_was_asked_and_lists_its_angles() -> None:
    cut = free_heights(ROUND, ranges="native")
    for share in (0.0, 0.3, 1.0):
        theta = theta_of(cut, share)
        design = cut.design(theta, 5.0)
        found = ratios(design)
        np.testing.assert_allclose([found.crown, found.pavilion], theta, atol=1e-9)
        assert found.girdle == pytest.approx(ratios(ROUND).girdle)
        assert design.width == pytest.approx(5.0)
        assert list(design.proportions.values()) == list(theta)
        check_list(design)


@settings(max_examples=40, deadline=None)
@given(shares=st.lists(st.floats(0, 1), min_size=4, max_size=4))
def test_a_taller_stretch_contains_a_lower_one(shares: list[float]) -> None:
    cut = free_heights(ROUND, ranges="native")
    small = np.array(shares[:2])
    large = small + (1 - small) * np.array(shares[2:])
    corners = cut.design(theta_of(cut, small), 1.0).solid.vertices
    normals, offsets = cut.planes(theta_of(cut, large)[None])
    assert (corners @ normals[0].T - offsets[0]).max() < 1e-9


def test_a_stretch_keeps_the_pavilion_above_the_floor_or_as_it_is() -> None:
    main = min(t.angle for t in ROUND.tiers if t.side == "pavilion")
    floor = main - math.radians(1.0)
    cut = free_heights(ROUND, floor=floor)
    lowest = cut.design(theta_of(cut, 0.0), 1.0)
    assert min(t.angle for t in lowest.tiers if t.side == "pavilion") == pytest.approx(floor)
    steep = free_heights(ROUND, floor=main + math.radians(3.0)).proportions[1]
    assert steep.low == steep.default


def test_a_cut_whose_halves_no_level_divides_stays_as_it_is() -> None:
    """A dodecahedron on a face: its upright band zigzags over half its height."""
    golden = (1 + math.sqrt(5)) / 2
    tilt = math.atan(2.0)
    normals = [np.array([0, 0, 1.0]), np.array([0, 0, -1.0])]
    for i in range(5):
        up = facet_normal("crown", tilt, i * 16, 80)
        normals += [up, -up]
    from yieldopt.cuts.design import Tier
    from yieldopt.geometry.polytope import polytope_from_planes

    solid = polytope_from_planes(np.array(normals), np.full(12, golden))
    tiers = (
        Tier(name="T", side="table", angle=0.0, index=(80,)),
        Tier(name="K", side="pavilion", angle=0.0, index=(80,)),
        *(
            tier
            for i in range(5)
            for tier in (
                Tier(name=f"C{i}", side="crown", angle=tilt, index=(16.0 * i or 80,)),
                Tier(name=f"P{i}", side="pavilion", angle=tilt, index=(16.0 * i + 40,)),
            )
        ),
    )
    design = Design(name="d12", gear=80, refractive_index=1.54, tiers=tiers, solid=solid)
    check_list(design)
    assert isinstance(free_heights(design), FixedCut)


def test_a_flat_crown_is_not_stretched() -> None:
    from yieldopt.cuts.gemcad import design_of
    from yieldopt.cuts.gemcad_text import parse

    text = "g 96 0\na 90 1 96 12 24 36 48 60 72 84\na -43 0.7 96 12 24 36 48 60 72 84\na 0 0.1 96\n"
    cut = free_heights(design_of(parse(text, "flat"), "flat", "flat"))
    assert isinstance(cut, StretchedCut)
    assert [p.name for p in cut.proportions] == ["pavilion_depth"]


def test_unknown_ranges_are_refused() -> None:
    with pytest.raises(InputError, match="ranges 'mad'"):
        free_heights(ROUND, ranges="mad")

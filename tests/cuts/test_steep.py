"""The step cut for a dark c-axis: steep ends under an emerald's outline."""

import itertools
import math

import numpy as np
import pytest

from yieldopt.cuts.design import Design
from yieldopt.cuts.family import family
from yieldopt.cuts.ranges import RANGE_NAMES
from yieldopt.cuts.ratios import ratios


def angles(design: Design, *teeth: float) -> list[float]:
    """Return the angles (degrees) of the pavilion at teeth, in cutting order."""
    return [
        math.degrees(tier.angle)
        for tier in design.tiers
        if tier.side == "pavilion" and set(tier.index) == set(teeth)
    ]


@pytest.mark.parametrize("ranges", RANGE_NAMES)
def test_ends_are_steep_at_every_depth_and_length(ranges: str) -> None:
    """Every end stands at 70 degrees or more as it is sold; at 68 where weight alone counts."""
    cut = family("emerald_steep", ranges=ranges)
    for corner in itertools.product(*((p.low, p.high) for p in cut.proportions)):
        design = cut.design(np.array(corner), 1.0)
        ends, sides = angles(design, 24, 72), angles(design, 96, 48)
        assert len(ends) == len(sides) == 3
        assert min(ends) >= (68.0 if ranges == "native" else 70.0)
        assert ends == sorted(ends, reverse=True)
        assert sides == sorted(sides, reverse=True)
        assert all(end > side for end, side in zip(ends, sides, strict=True))


def test_steps_of_sides_ends_and_corners_begin_level() -> None:
    """Each step begins at one height round the stone, also the last, where corners run out."""
    design = family("emerald_steep").design(family("emerald_steep").usual, 1.0)
    levels: dict[int, set[float]] = {}
    for tier, facets in design.facet_rows():
        if tier.side == "pavilion":
            for j in facets:
                z = design.solid.vertices[list(design.solid.loops[j]), 2]
                step = int(tier.name[1:]) - 1
                levels.setdefault(step // 3, set()).add(round(float(z.max()), 9))
    assert [len(level) for level in levels.values()] == [1, 1, 1]


def test_it_measures_what_easy_emerald_does() -> None:
    """Its usual member beside the sheet of the design it is drawn after: P/W .62, L/W 1.5."""
    cut = family("emerald_steep")
    own = ratios(cut.design(cut.usual, 1.0))
    assert own.length == pytest.approx(1.5)
    assert own.pavilion == pytest.approx(0.62, abs=0.015)
    emerald = family("emerald")
    assert own.fill > 1.1 * ratios(emerald.design(emerald.usual, 1.0)).fill

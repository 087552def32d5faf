"""The heart: a hull that the search places, a cleft that its weight is less by."""

import re

import numpy as np
import pytest
from scipy.spatial import ConvexHull, HalfspaceIntersection

from yieldopt.cuts.design import Design
from yieldopt.cuts.family import family, gears_of
from yieldopt.cuts.given import FixedCut, free_heights
from yieldopt.cuts.ranges import RANGE_NAMES
from yieldopt.geometry.arrays import Float


def hull_volume(rows: Float, inside: Float) -> float:
    """Return the volume of half-spaces `[n, d]` by another library."""
    corners = HalfspaceIntersection(rows * [1.0, 1.0, 1.0, -1.0], inside).intersections
    return float(ConvexHull(corners).volume)


def rows_of(design: Design) -> Float:
    return np.column_stack([design.solid.normals, design.solid.offsets])


@pytest.mark.parametrize("ranges", RANGE_NAMES)
def test_the_cleft_is_what_another_library_takes_out(ranges: str) -> None:
    """Two walls, upright and mirrored, and 1.5 to 3.5 per cent of the hull between them."""
    cut = family("heart", ranges=ranges)
    for theta in ([p.low for p in cut.proportions], cut.usual, [p.high for p in cut.proportions]):
        design = cut.design(np.array(theta), 6.0)
        out = hull_volume(np.vstack([rows_of(design), design.notch]), np.array([-2.0, 0, 0]))
        whole = hull_volume(rows_of(design), np.zeros(3))
        assert design.notch_volume == pytest.approx(out, rel=1e-7)
        assert design.volume == pytest.approx(whole - out, rel=1e-7)
        assert 0.015 < out / whole < 0.035
        np.testing.assert_allclose(np.linalg.norm(design.notch[:, :3], axis=1), 1.0, atol=1e-14)
        np.testing.assert_allclose(design.notch[0] * [1, -1, 1, 1], design.notch[1], atol=1e-14)
        assert (design.notch[:, 2] == 0.0).all()


def test_the_cleft_is_from_lobe_to_lobe_and_ends_before_the_table() -> None:
    """Its mouth is the flat between the lobes, all of it; the table stays whole."""
    for gear in gears_of("heart"):
        cut = family("heart", gear=gear)
        design = cut.design(cut.usual, 1.0)
        corners = design.solid.vertices
        back = corners[corners[:, 0] < corners[:, 0].min() + 1e-9]
        mouth = np.abs(back[:, 1]).max()
        behind = design.notch[:, :3] @ [corners[:, 0].min(), mouth, 0.0] - design.notch[:, 3]
        assert abs(behind.max()) < 0.04  # the flat is as the teeth let it be
        table = corners[list(design.solid.loops[-1])]
        assert (design.notch[:, :3] @ table.T - design.notch[:, 3:]).max(axis=0).min() > 0.0


def test_a_heart_of_another_size_or_height_keeps_its_cleft() -> None:
    cut = family("heart")
    design = cut.design(cut.usual, 3.0)
    twice = design.scaled(2.0)
    assert twice.notch_volume == pytest.approx(8.0 * design.notch_volume, rel=1e-9)
    assert FixedCut(given=design).design(np.empty(0), 6.0).volume == pytest.approx(twice.volume)
    free = free_heights(design)
    as_given = free.design(np.array([p.default for p in free.proportions]), 6.0)
    assert as_given.volume == pytest.approx(twice.volume, rel=1e-7)


def test_its_list_says_how_the_cleft_is_ground() -> None:
    cut = family("heart")
    design = cut.design(cut.usual, 10.0)
    (line,) = design.remarks
    assert design.footnotes == (line,)
    said = re.search(r"V between the lobes, (\S+) mm deep and (\S+) mm wide; .* (\S+) mm3$", line)
    assert said is not None
    assert float(said[1]) == pytest.approx(1.6)
    assert float(said[2]) == pytest.approx(4.4)
    assert float(said[3]) == pytest.approx(design.notch_volume, abs=5e-4)


def test_cuts_without_a_notch_weigh_their_solid() -> None:
    cut = family("pear")
    design = cut.design(cut.usual, 2.0)
    assert design.notch.shape == (0, 4)
    assert design.volume == design.solid.volume
    assert design.remarks == design.footnotes == ()

"""The body round a gem and the centre point that its pavilion is cut to."""

import numpy as np
import pytest

from yieldopt.cuts.centre_point import KeptCentrePoint, extra_depth, weighed, with_centre_point
from yieldopt.cuts.gemcad import design_of
from yieldopt.cuts.gemcad_text import parse
from yieldopt.cuts.given import FixedCut
from yieldopt.cuts.library import cuts_named


@pytest.mark.parametrize("name", ["round", "emerald", "kite", "cushion"])
def test_the_body_holds_the_gem_and_its_centre_point_and_little_more(name: str) -> None:
    (cut,) = cuts_named(name)
    kept = with_centre_point(cut)
    assert isinstance(kept, KeptCentrePoint)
    assert weighed(kept) is cut
    low = np.array([p.low for p in cut.proportions])
    high = np.array([p.high for p in cut.proportions])
    shares = np.random.default_rng(1).random((4, len(low)))
    thetas = low + shares * (high - low)
    normals, offsets = kept.planes(thetas)
    assert normals.shape == (4, offsets.shape[1], 3)
    assert np.abs(np.linalg.norm(normals, axis=2) - 1.0).max() < 1e-12
    for theta, n, d in zip(thetas, normals, offsets, strict=True):
        corners = cut.design(theta, 1.0).solid.vertices
        tip = np.array([0.0, 0.0, corners[:, 2].min() - kept.extra])
        assert (np.vstack([corners, tip]) @ n.T - d).max() < 1e-3
        # A point just under the tip, or a twentieth beside it, is out.
        for move in ([0.0, 0.0, -1e-3], [0.05, 0.0, 0.0], [0.0, -0.05, 0.0]):
            assert (n @ (tip + np.array(move)) - d).max() > 0.0


def test_the_deepest_point_of_the_usual_proportions_is_kept() -> None:
    (cut,) = cuts_named("oval")
    kept = with_centre_point(cut)
    assert isinstance(kept, KeptCentrePoint)
    assert kept.extra >= extra_depth(kept.design(np.array([p.default for p in cut.proportions]), 7))
    deeper = with_centre_point(cut, extra=0.5)
    assert isinstance(deeper, KeptCentrePoint)
    assert deeper.extra > 0.5


def test_a_pavilion_that_ends_in_its_own_point_keeps_nothing_more() -> None:
    """An octagon whose pavilion facets meet at the culet is cut to no point below it."""
    lines = ["GemCad 5.0", "g 96 0.0", "I 1.54"]
    teeth = "12 24 36 48 60 72 84"
    lines += [f"a -90.0 1.0 96 n G1 {teeth}", f"a -43.0 0.7 96 n P1 {teeth}"]
    lines += [f"a 35.0 0.6 96 n C1 {teeth}", "a 0.0 0.35 96 n T"]
    cut = FixedCut(
        given=design_of(parse("\n".join(lines) + "\n", "octagon"), "octagon", "octagon.asc")
    )
    assert with_centre_point(cut) is cut
    assert weighed(cut) is cut

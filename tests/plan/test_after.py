"""What stays of a plan in a new scan of a piece."""

import numpy as np
import pytest

from tests.search.several.made import box
from yieldopt.cuts.family import family
from yieldopt.geometry.pose import Pose
from yieldopt.plan.after import SMALLER, PlannedPiece, what_holds
from yieldopt.plan.holding import Bench
from yieldopt.plan.record import Limits, Stone
from yieldopt.rough.registration import Registration

ALLOWANCE = 0.2
SIDE = 8.0


def kept_after(lost: float) -> tuple[float, str]:
    """Return the width that is kept of a gem that filled a cube, now `lost` mm smaller a side."""
    cut = family("princess", ranges="commercial")
    unit = cut.design(np.array([p.default for p in cut.proportions]), 1.0)
    design = unit.scaled((SIDE - 2.0 * ALLOWANCE) * (1.0 - 1e-9) / unit.width)
    here = Pose(rotation=np.eye(3), translation=np.zeros(3))
    pose = Pose(rotation=np.eye(3), translation=np.array([0.0, 0.0, 1.0]))
    piece = PlannedPiece(
        registration=Registration(pose=here, rms=0.0),
        stones=(Stone(id="A", design=design, pose=pose),),
        saw=(),
    )
    rough = box(SIDE - 2.0 * lost, SIDE - 2.0 * lost, 2.0 * SIDE)
    bench = Bench(rough=rough, limits=Limits(allowance=ALLOWANCE))
    kept = what_holds(piece, bench)
    (words,) = kept.words
    assert kept.locked is not None
    width = kept.locked.stones[0].design.width / design.width if kept.locked.stones else 0.0
    return width, words


def test_a_stone_that_still_fits_stays_as_it_is() -> None:
    assert kept_after(0.0) == (1.0, "stone A: kept")


def test_a_stone_that_the_noise_of_a_scan_cuts_into_stays_a_little_smaller() -> None:
    share, words = kept_after(0.01)
    least = 1.0 - (0.01 + 1e-6) * 2.0 / (SIDE - 2.0 * ALLOWANCE)
    assert least - max(np.diff(SMALLER)) < share < least
    assert words == "stone A: kept, 0.4% smaller each way to fit"


@pytest.mark.parametrize("lost", [0.05, 0.5])
def test_a_stone_that_no_longer_fits_is_planned_anew(lost: float) -> None:
    share, words = kept_after(lost)
    assert share == 0.0
    assert words.startswith("stone A: planned anew, because skin")

"""Plans of several stones from end to end: they hold, they are no worse for being allowed more."""

from pathlib import Path

import pytest

from tests.search.several.made import box, market_of, planned, problem_of

# A bound that is not finite yet; test_solve is about it.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in exp:RuntimeWarning")


def test_a_plan_by_value_of_several_stones_is_made_at_all(tmp_path: Path) -> None:
    problem = problem_of(box(20, 8, 8), market=market_of(), objective="value")
    assert len(planned(problem, tmp_path).stones) == 2

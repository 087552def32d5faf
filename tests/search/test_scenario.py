"""The ways to cut for money: what is left out before it costs anything."""

import pytest

from yieldopt.cuts.library import cuts_named
from yieldopt.plan.record import Limits
from yieldopt.rough.made import make_rough
from yieldopt.search import scenario
from yieldopt.search.bound import HullBound
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve
from yieldopt.value.market import Market
from yieldopt.value.orders import wishes_of
from yieldopt.value.price_book import PriceBook, PriceRow

# The first sight of a bound that is not finite yet; test_solve is about it.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in exp:RuntimeWarning")
BOOK = PriceBook(
    file="made.csv", name="made", currency="EUR",
    rows=(PriceRow(number=2, key=("",) * 5, low=0.0, high=float("inf"), price=50.0),),
)  # fmt: skip


@pytest.mark.parametrize(("price", "bounds"), [(5, 0), (5000, 1)])
def test_a_size_that_cannot_win_costs_no_bound(
    price: int, bounds: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wish of 5 EUR is below any stone that is found; one of 5,000 is above all of them."""
    made: list[HullBound] = []

    def counted(*given: object) -> HullBound:
        made.append(HullBound(*given))  # type: ignore[arg-type]
        return made[-1]

    monkeypatch.setattr(scenario, "HullBound", counted)
    wishes = wishes_of(f"1 oval 6x4.5 at {price}")
    problem = Problem(
        rough=make_rough("pebble", seed=3, triangles=600),
        cuts=cuts_named("oval"),
        limits=Limits(min_width=0.5),
        species="quartz",
        specific_gravity=2.65,
        market=Market(book=BOOK, species="quartz", wishes=wishes),
        objective="value",
    )
    plan = solve(problem, effort="quick", seed=1)
    assert len(made) == bounds
    assert plan.stones[0].value == pytest.approx(5000.0) or price == 5

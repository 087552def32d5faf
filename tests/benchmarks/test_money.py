"""The benchmark by value: what it asks is fixed, its figures sum up rows, value never loses."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import money
from benchmarks.quality.gains import gains_in_money, money_text
from benchmarks.quality.rows import Money, append_row, read_rows
from benchmarks.quality.standard import Case, Made
from yieldopt.rough.inclusions import Sphere
from yieldopt.rough.made import make_rough
from yieldopt.value.price_book import Sale

ROW = Money(
    label="l", commit="c", code="0", rough="a", flawed=0, species="peridot", seed=0, effort="quick",
    weight_ct=2.0, weight_value=10.0, weight_evaluations=100, weight_seconds=2.0,
    value_ct=1.5, value_value=11.0, value_evaluations=150, value_seconds=3.0, race_seconds=2.0,
)  # fmt: skip


@pytest.fixture(scope="module")
def case() -> Case:
    rough = make_rough("pebble", seed=3, triangles=600)
    flaw = Sphere(centre=np.array([0.4, 0.1, 0.3]), radius=0.2)
    spec = Made(name="small", kind="pebble", seed=3, triangles=600)
    return Case(spec=spec, rough=rough, inclusions=(flaw,))


def test_what_is_asked_is_the_same_each_time_with_flaws_graded_and_rules_priced(
    case: Case,
) -> None:
    by_name = {trade.species: money.problem_of(case, trade) for trade in money.TRADES}
    again = {trade.species: money.problem_of(case, trade) for trade in money.TRADES}
    assert len(by_name) == 3
    for name, problem in by_name.items():
        assert [flaw.severity for flaw in problem.inclusions] == ["grade"]
        assert problem.orientation == ()
        for one, other in zip(problem.priced, again[name].priced, strict=True):
            assert np.array_equal(one.axis, other.axis)
    assert [rule.name for rule in by_name["sapphire"].priced] == ["table to c"]
    assert [rule.name for rule in by_name["topaz"].priced] == ["cleavage 001"]
    assert by_name["peridot"].priced == ()


@pytest.mark.parametrize("trade", money.TRADES, ids=lambda trade: trade.species)
def test_the_book_has_a_price_of_five_carats_for_each_species_and_is_an_illustration(
    trade: money.Trade,
) -> None:
    book = money.book()
    assert book.illustration
    steps = book.steps_of(Sale(species=trade.species, quality=trade.quality).key)
    graded = Sale(species=trade.species, quality=trade.quality, clarity="eye-clean")
    at = np.searchsorted(steps.edges, 5.0, side="right") - 1
    assert steps.rows[at] >= 0 or book.steps_of(graded.key).rows[-1] >= 0


def test_a_row_holds_both_plans_and_value_loses_nothing(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(money, "CUTS", ("round",))
    (row,) = money.run_case(
        case, money.TRADES[2:], seed=0, effort="quick", label="l", head="c", code="0"
    )
    assert (row.rough, row.species, row.flawed) == ("small", "topaz", 1)
    assert row.value_value >= row.weight_value * (1.0 - 1e-9)
    assert row.value_evaluations > row.weight_evaluations > 0
    assert 0.0 < row.race_seconds < row.value_seconds


def test_rows_read_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "money.csv"
    append_row(path, ROW)
    append_row(path, replace(ROW, rough="b"))
    assert read_rows(path, Money) == [ROW, replace(ROW, rough="b")]


def test_where_the_race_was_not_timed_the_plan_by_weight_stands_for_it() -> None:
    assert ROW.times == 1.5
    assert replace(ROW, race_seconds=-1.0, weight_seconds=1.0).times == 3.0


def test_gains_count_more_equal_and_less_and_leave_out_what_has_no_price() -> None:
    rows = [
        ROW,
        replace(ROW, value_value=12.0, value_seconds=6.0),  # the same rough again: it counts
        replace(ROW, rough="b", value_value=10.0),
        replace(ROW, rough="c", value_value=9.0),
        replace(ROW, rough="d", flawed=1, value_value=14.0),
        replace(ROW, rough="e", weight_value=-1.0, value_value=3.0),
    ]
    whole, flawed = gains_in_money(rows)
    assert [round(share, 9) for share in whole.shares] == [-0.1, 0.0, 0.2, 0.4]
    assert (whole.better, whole.worse, whole.worthless, whole.saved) == (2, 1, 1, 1)
    assert whole.mean == pytest.approx(0.125)
    assert whole.five == pytest.approx((-0.1, -0.025, 0.1, 0.25, 0.4))
    assert (whole.middle_times, whole.most_times, whole.slowest) == (1.5, 3.0, "a")
    assert flawed.flawed
    assert flawed.shares == pytest.approx((0.4,))
    assert flawed.five == pytest.approx((0.4,) * 5)
    assert math.isnan(replace(whole, shares=()).mean)


def test_the_table_says_that_its_prices_are_an_illustration() -> None:
    text = "\n".join(money_text([ROW, replace(ROW, rough="b", effort="normal")]))
    assert "an illustration and not an offer" in text
    assert "At quick effort" in text
    assert "| peridot | 1 | 1 | 0 | 0 | +10.00% | 0.00% |" in text
    assert list(money_text([])) == []

"""Value over weight: steps as steps, an envelope that bounds, a sum whose lines add up."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yieldopt.value.curve import ValueCurve, upper_curve, value_curve
from yieldopt.value.price_book import KEYS, Costs, Factors, PriceBook, PriceRow, Sale
from yieldopt.value.stone import Agreed, stone_value

INFINITE = float("inf")
SALE = Sale(species="peridot")
WEIGHTS = st.floats(0.01, 12.0)


def book_of(
    *brackets: tuple[float, float, float],
    costs: Costs | None = None,
    factors: Factors | None = None,
) -> PriceBook:
    rows = tuple(
        PriceRow(number=i, key=("",) * len(KEYS), low=low, high=high, price=price)
        for i, (low, high, price) in enumerate(brackets, start=2)
    )
    return PriceBook(
        file="b.csv", name="b", currency="USD", rows=rows, costs=costs or Costs(),
        factors=factors or Factors(),
    )  # fmt: skip


@st.composite
def books(draw: st.DrawFn) -> PriceBook:
    """Return books with gaps, prices that fall, and costs above some prices."""
    marks = sorted(draw(st.sets(st.integers(0, 40), min_size=2, max_size=7)))
    edges = [0.25 * mark for mark in marks]
    edges[-1] = INFINITE if draw(st.booleans()) else edges[-1]
    brackets = [
        (low, high, float(draw(st.integers(0, 30))))
        for low, high in pairwise(edges)
        if draw(st.integers(0, 3))
    ]
    costs = Costs(
        per_stone=float(draw(st.integers(0, 9))), per_carat=float(draw(st.integers(0, 9)))
    )
    return book_of(*brackets, costs=costs)


MARGINS = st.sampled_from([0.0, 0.02, 0.5])


def test_one_carat_is_aimed_at_as_one_and_two_hundredths() -> None:
    book = book_of((0.0, 1.0, 5.0), (1.0, 5.0, 10.0), (5.0, INFINITE, 8.0))
    curve = value_curve(book, SALE, bracket_margin_ct=0.02)
    assert curve.edges.tolist() == [0.0, 1.02, 5.0]
    assert curve.prices.tolist() == [5.0, 10.0, 8.0]  # what falls, falls at its edge
    jump = curve.next_jump(0.9)
    assert jump is not None
    assert jump.weight_ct == 1.02
    assert jump.gain == pytest.approx(5.1)
    assert curve.next_jump(1.02) is None
    assert stone_value(book, SALE, 1.01, bracket_margin_ct=0.02).price_per_ct == 5.0
    assert stone_value(book, SALE, 1.02, bracket_margin_ct=0.02).price_per_ct == 10.0
    assert stone_value(book, SALE, 1.01).price_per_ct == 10.0


def test_two_stones_past_their_edges_beat_two_heavier_ones() -> None:
    """What cutters say: 1.02 + 1.51 ct beats 1.08 + 1.45 ct."""
    book = book_of((0.0, 1.0, 100.0), (1.0, 1.5, 150.0), (1.5, INFINITE, 200.0))
    value = value_curve(book, SALE).value
    assert value(1.02) + value(1.51) > value(1.08) + value(1.45)


def test_questions_to_a_curve_are_answered_as_by_hand() -> None:
    curve = ValueCurve(
        edges=np.array([0.0, 1.0, 2.0, 4.0]),
        prices=np.array([10.0, 20.0, 5.0, 30.0]),
        per_stone=3.0,
    )
    assert curve.value(0.5) == 2.0
    assert curve.slope(1.5) == 20.0
    assert curve.bracket(1.0) == (1.0, 2.0)
    assert curve.bracket(9.0) == (4.0, INFINITE)
    assert curve.most_up_to(0.5) == 2.0
    assert curve.most_up_to(3.0) == 37.0  # just below 2 ct at 20
    assert curve.most_between(2.0, 3.0) == 37.0 - 40.0 + 15.0
    assert curve.most_between(0.5, 3.0) == 37.0
    assert curve.least_weight_worth(2.0) == 0.5
    assert curve.least_weight_worth(10.0) == 1.0
    assert curve.least_weight_worth(35.0) == 1.9
    assert curve.least_weight_worth(40.0) == 4.0
    assert curve.least_weight_worth(147.0) == 5.0
    assert ValueCurve(edges=np.zeros(1), prices=np.zeros(1)).least_weight_worth(1.0) == INFINITE


def test_lines_of_the_sum_have_names() -> None:
    book = book_of(
        (1.0, 3.0, 50.0),
        costs=Costs(per_stone=4.0, per_carat=1.0, per_saw_cut=2.5),
        factors=Factors(shape={"oval": 1.1}, calibrated=1.2),
    )
    sale = replace(SALE, shape="oval", calibrated=True)
    found = stone_value(book, sale, 2.0, saw_cuts=2)
    assert {line.name: line.amount for line in found.lines} == pytest.approx(
        {
            "price": 100.0,
            "shape oval": 10.0,
            "calibrated size": 22.0,
            "cost of a stone": -4.0,
            "cost by weight": -2.0,
            "cost of sawing": -5.0,
        }
    )
    assert found.value == pytest.approx(121.0)
    assert (found.row, found.price_per_ct, found.currency) == (2, 50.0, "USD")
    assert "b.csv row 2, 1 to 3 ct" in found.lines[0].detail
    without = stone_value(book, sale, 3.0)
    assert (without.row, without.price_per_ct) == (None, None)
    assert without.value == -7.0
    assert "no price for peridot, oval, 3.00 ct" in without.lines[0].detail


def test_an_agreed_price_takes_the_books_place() -> None:
    book = book_of((0.0, INFINITE, 50.0), costs=Costs(per_stone=4.0))
    assert stone_value(book, SALE, 2.0, agreed=Agreed(per_stone=30.0)).value == 26.0
    assert stone_value(book, SALE, 2.0, agreed=Agreed(per_carat=30.0)).value == 56.0


@given(book=books(), weight=WEIGHTS, margin=MARGINS)
def test_the_curve_and_the_sum_agree(book: PriceBook, weight: float, margin: float) -> None:
    curve = value_curve(book, SALE, bracket_margin_ct=margin)
    found = stone_value(book, SALE, weight, bracket_margin_ct=margin)
    assert found.value == pytest.approx(curve.value(weight), abs=1e-9)
    assert found.value == sum(line.amount for line in found.lines)
    np.testing.assert_allclose(curve.values(np.array([weight])), [curve.value(weight)])


@given(book=books(), weight=WEIGHTS, margin=MARGINS)
def test_a_margin_prices_by_the_worst_that_the_wheel_may_leave(
    book: PriceBook, weight: float, margin: float
) -> None:
    """The oracle looks at every edge in reach; no stone down to the margin is priced below."""
    curve = value_curve(book, SALE, bracket_margin_ct=margin)
    price = curve.slope(weight) + curve.per_carat
    edges = [row.low for row in book.rows] + [row.high for row in book.rows]
    low = max(weight - margin, 1e-9)
    tried = [low, weight, *(e for e in edges if low < e <= weight)]
    asked = [book.price_per_ct(species="peridot", weight_ct=w) or 0.0 for w in tried]
    near = any(abs(edge + margin - weight) < 1e-9 for edge in edges)  # rounding decides there
    assert near or price == min(asked)


@given(book=books(), weights=st.lists(WEIGHTS, min_size=2, max_size=2), margin=MARGINS)
def test_the_envelope_rises_and_bounds(
    book: PriceBook, weights: list[float], margin: float
) -> None:
    curve = value_curve(book, SALE, bracket_margin_ct=margin)
    low, high = sorted(weights)
    assert curve.value(high) <= curve.most_up_to(high)
    assert curve.most_up_to(low) <= curve.most_up_to(high)
    between = curve.most_between(low, high)
    assert max(curve.value(low), curve.value(high)) <= between <= curve.most_up_to(high)
    grid = np.linspace(low, high, 257)
    edges = curve.edges[(curve.edges > low) & (curve.edges <= high)]
    tried = np.concatenate([grid, edges, edges[edges * (1 - 1e-12) >= low] * (1 - 1e-12)])
    assert curve.values(tried).max() == pytest.approx(between, abs=1e-6)


@given(book=books(), weight=WEIGHTS, value=st.floats(-20.0, 400.0))
def test_no_lighter_stone_is_worth_as_much(book: PriceBook, weight: float, value: float) -> None:
    curve = value_curve(book, SALE)
    least = curve.least_weight_worth(value)
    if weight < least * (1 - 1e-9):
        assert curve.value(weight) < value + 1e-9
    assert curve.least_weight_worth(curve.value(weight) - 1e-9) <= weight
    if 0.0 < least < INFINITE:
        assert curve.value(least) == pytest.approx(max(value, curve.value(least)), abs=1e-9)


@given(book=books(), weight=WEIGHTS)
def test_a_jump_is_the_next_edge_that_pays(book: PriceBook, weight: float) -> None:
    curve = value_curve(book, SALE)
    jump = curve.next_jump(weight)
    above = [
        e for e in curve.edges.tolist()
        if e > weight and curve.value(e) > curve.value(e * (1 - 1e-12)) + 1e-6
    ]  # fmt: skip
    assert (None if jump is None else jump.weight_ct) == (above[0] if above else None)
    if jump is not None:
        gain = curve.value(jump.weight_ct) - curve.value(jump.weight_ct * (1 - 1e-12))
        assert jump.gain == pytest.approx(gain, abs=1e-6)


@given(book=books(), weight=WEIGHTS, factor=st.sampled_from([0.5, 2.0, 4.0, 1024.0]))
def test_raising_every_price_by_a_factor_scales_the_money_only(
    book: PriceBook, weight: float, factor: float
) -> None:
    rows = tuple(replace(row, price=row.price * factor) for row in book.rows)
    costs = Costs(per_stone=book.costs.per_stone * factor, per_carat=book.costs.per_carat * factor)
    one, two = value_curve(book, SALE), value_curve(replace(book, rows=rows, costs=costs), SALE)
    assert two.edges.tolist() == one.edges.tolist()
    assert two.value(weight) == factor * one.value(weight)
    assert two.most_up_to(weight) == factor * one.most_up_to(weight)
    jumps = one.next_jump(weight), two.next_jump(weight)
    assert (jumps[0] is None) == (jumps[1] is None)
    if jumps[0] is not None and jumps[1] is not None:
        assert jumps[0].weight_ct == jumps[1].weight_ct


@given(book=books(), limit=WEIGHTS, price=st.floats(0.0, 1e6))
def test_a_price_that_no_weight_reaches_changes_nothing(
    book: PriceBook, limit: float, price: float
) -> None:
    """Rows that begin above the limit get another price; all below is the same to the bit."""
    rows = tuple(replace(row, price=price) if row.low > limit else row for row in book.rows)
    one, two = value_curve(book, SALE), value_curve(replace(book, rows=rows), SALE)
    assert one.value(limit) == two.value(limit)
    assert one.most_up_to(limit) == two.most_up_to(limit)


@given(one=books(), two=books(), weight=WEIGHTS)
def test_the_upper_curve_is_below_none(one: PriceBook, two: PriceBook, weight: float) -> None:
    curves = [value_curve(one, SALE), value_curve(two, SALE)]
    assert upper_curve(curves).value(weight) >= max(c.value(weight) for c in curves) - 1e-9


def test_edges_that_do_not_rise_are_refused() -> None:
    for edges in ([0.0, 0.0], [1.0, 2.0], []):
        with pytest.raises(ValueError, match="rising from 0"):
            ValueCurve(edges=np.array(edges), prices=np.ones(len(edges)))
    with pytest.raises(ValueError, match="none"):
        upper_curve([])

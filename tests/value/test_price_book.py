"""Which row gives the price, and what a book warns of."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yieldopt.value.brackets import warnings_of
from yieldopt.value.price_book import KEYS, NO_ROW, Factors, PriceBook, PriceRow, Sale

INFINITE = float("inf")


def row(
    number: int, price: float, low: float = 0.0, high: float = INFINITE, **words: str
) -> PriceRow:
    key = tuple(words.get(name, "") for name in KEYS)
    return PriceRow(number=number, key=key, low=low, high=high, price=price)


def book_of(*rows: PriceRow, factors: Factors | None = None) -> PriceBook:
    return PriceBook(
        file="b.csv", name="b", currency="USD", rows=rows, factors=factors or Factors()
    )


def test_the_most_specific_row_wins_and_the_left_column_decides() -> None:
    book = book_of(
        row(2, 1.0),
        row(3, 2.0, quality="fine", clarity="eye-clean", shape="oval"),
        row(4, 3.0, species="peridot"),
        row(5, 4.0, species="peridot", shape="oval"),
        row(6, 5.0, species="peridot", variety="burmese"),
    )
    ask = book.price_per_ct
    assert ask(species="topaz", weight_ct=1.0) == 1.0
    assert ask(species="topaz", quality="fine", clarity="Eye Clean", shape="oval", weight_ct=1) == 2
    assert ask(species="Peridot", quality="fine", clarity="eye-clean", weight_ct=1.0) == 3.0
    assert ask(species="peridot", shape="oval", weight_ct=1.0) == 4.0
    assert ask(species="peridot", shape="oval", variety="Burmese", weight_ct=1.0) == 5.0
    words = {"quality": "fine", "clarity": "eye-clean", "shape": "oval"}
    assert book.steps(species="peridot", **words).prices.tolist() == [4.0]
    assert book.steps(species="topaz", **words).prices.tolist() == [2.0]


def test_a_bracket_holds_its_lower_edge_and_not_its_upper() -> None:
    book = book_of(row(2, 5.0, 0.5, 1.0), row(3, 9.0, 1.0, 2.0))
    prices = [book.price_per_ct(species="x", weight_ct=w) for w in (0.49, 0.5, 0.999, 1.0, 2.0)]
    assert prices == [None, 5.0, 5.0, 9.0, None]


def test_a_word_that_is_not_known_takes_only_open_rows() -> None:
    book = book_of(row(2, 5.0, quality="fine"))
    assert book.price_per_ct(species="topaz", weight_ct=1.0) is None
    assert book.steps(species="topaz").rows.tolist() == [NO_ROW]


def test_a_specific_bracket_covers_part_of_an_open_one() -> None:
    book = book_of(
        row(2, 5.0), row(3, 9.0, 1.0, 2.0, species="topaz"), row(4, 5.0, 3.0, 4.0, shape="x")
    )
    steps = book.steps(species="topaz")
    assert steps.edges.tolist() == [0.0, 1.0, 2.0]
    assert steps.prices.tolist() == [5.0, 9.0, 5.0]
    assert steps.rows.tolist() == [0, 1, 0]


def test_factors_of_shape_and_clarity_count_where_the_row_leaves_them_open() -> None:
    factors = Factors(
        shape={"oval": 1.1}, clarity={"eye-clean": 2.0}, cut={"fine": 1.5}, calibrated=1.2,
        colour_direction={"off": 0.5}, colour_zone={"culet": 0.9},
    )  # fmt: skip
    open_row, named = row(2, 1.0), row(3, 1.0, clarity="eye-clean", shape="oval")
    book = book_of(open_row, factors=factors)
    sale = Sale(
        species="topaz", clarity="eye-clean", shape="oval", cut_grade="fine", calibrated=True,
        colour_direction="off", colour_zone="culet",
    )  # fmt: skip
    assert dict(book.factors_for(sale, open_row)) == {
        "shape oval": 1.1, "cut fine": 1.5, "calibrated size": 1.2, "colour direction off": 0.5,
        "colour zone culet": 0.9, "clarity eye-clean": 2.0,
    }  # fmt: skip
    assert set(dict(book.factors_for(sale, named))) == {
        "cut fine", "calibrated size", "colour direction off", "colour zone culet"
    }  # fmt: skip
    assert book.factors_for(Sale(species="topaz", shape="pear", cut_grade="poor"), open_row) == ()


def test_gaps_and_prices_that_fall_are_told_by_row() -> None:
    lines = warnings_of(
        book_of(
            row(2, 5.0, 0.0, 1.0, species="peridot"),
            row(3, 9.0, 2.0, 3.0, species="peridot"),
            row(4, 8.0, 3.0, species="peridot"),
            row(5, 1.0, 0.0, 9.0, clarity="eye-clean"),
            row(6, 2.0, 0.0, 7.0, species="ametrine", clarity="eye-clean"),
        )
    )
    assert lines == (
        "rows 2 and 3: peridot: gap 1 to 2 ct, no price there",
        "row 4: peridot: a carat pays less from 3 ct (9 to 8); a stone just below is worth more",
        "row 5: eye-clean: gap from 9 ct, no price there",
        "row 6: ametrine, eye-clean: gap from 7 ct, row 5 (eye-clean) holds there",
        (
            "species ametrine: not in the species table; if it is your own, say so in own_species"
            " of the head"
        ),
    )


def test_a_book_that_tells_no_clarity_apart_is_warned_of() -> None:
    assert any("flaws cost nothing" in line for line in warnings_of(book_of(row(2, 5.0))))


WORDS = st.sampled_from(["", "a", "b"])
EDGES = st.sampled_from([0.0, 0.5, 1.0, 2.0, INFINITE])


@st.composite
def books(draw: st.DrawFn) -> PriceBook:
    """Return books whose rows of one key do not overlap."""
    rows: list[PriceRow] = []
    for key in draw(st.lists(st.tuples(*[WORDS] * 5), min_size=1, max_size=6, unique=True)):
        marks = sorted(draw(st.sets(EDGES, min_size=2, max_size=4)))
        for low, high in pairwise(marks):
            price = float(draw(st.integers(0, 50)))
            rows.append(PriceRow(number=len(rows) + 2, key=key, low=low, high=high, price=price))
    return book_of(*rows)


@given(book=books(), key=st.tuples(*[WORDS] * 5), weight=st.floats(0.001, 5.0))
def test_steps_say_what_a_look_up_says(
    book: PriceBook, key: tuple[str, ...], weight: float
) -> None:
    asked = dict(zip(KEYS, key, strict=True))
    steps = book.steps(**asked)
    assert steps.edges[0] == 0.0
    assert (np.diff(steps.edges) > 0.0).all()
    at = int(np.searchsorted(steps.edges, weight, side="right")) - 1
    price = book.price_per_ct(weight_ct=weight, **asked)
    if price is None:
        assert steps.rows[at] == NO_ROW
        assert np.isnan(steps.prices[at])
    else:
        assert steps.prices[at] == price
        assert book.rows[steps.rows[at]].price == price


@given(book=books(), key=st.tuples(*[WORDS] * 5), weight=st.floats(0.001, 5.0))
def test_the_row_that_wins_is_the_one_an_enumeration_finds(
    book: PriceBook, key: tuple[str, ...], weight: float
) -> None:
    """The oracle goes through the columns from the left and drops the less specific rows."""
    left = [
        row
        for row in book.rows
        if row.low <= weight < row.high
        and all(own in ("", asked) for own, asked in zip(row.key, key, strict=True))
    ]
    for column in range(5):
        named = [row for row in left if row.key[column]]
        left = named or left
    price = book.price_per_ct(weight_ct=weight, **dict(zip(KEYS, key, strict=True)))
    assert price == (left[0].price if left else None)
    assert len(left) <= 1


@pytest.mark.parametrize("word", ["Eye Clean", " eye_clean ", "EYE-CLEAN"])
def test_words_are_spelled_in_one_way(word: str) -> None:
    assert Sale(species="x", clarity=word).clarity == "eye-clean"

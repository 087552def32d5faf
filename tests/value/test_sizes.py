"""Trade sizes and orders."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.family import family_names
from yieldopt.errors import InputError
from yieldopt.value.orders import Wish, is_pair, wish_curve, wishes_of
from yieldopt.value.price_book import Sale
from yieldopt.value.read_book import read_price_book
from yieldopt.value.sizes import SHAPE_OF_CUT, SIZES, calibrated_size, sizes_of
from yieldopt.value.stone import Agreed, stone_value


@pytest.mark.parametrize(
    ("length", "width", "cut", "label"),
    [
        (7.0, 5.0, "oval", "7x5"),
        (7.1, 4.9, "oval", "7x5"),
        (4.95, 7.05, "oval_point", "7x5"),
        (7.11, 5.0, "oval", None),
        (7.0, 5.0, "emerald", "7x5"),
        (6.04, 5.96, "round", "6"),
        (6.26, 6.26, "round", None),
        (5.0, 5.0, "princess", "5"),
        (12.0, 6.0, "marquise", "12x6"),
        (8.0, 5.0, "pear", "8x5"),
        (5.0, 5.0, "trilliant", "5"),
        (7.0, 5.0, "hexagon", None),
        (7.0, 5.0, "a file's design", None),
    ],
)
def test_a_stone_is_of_a_trade_size_or_not(
    length: float, width: float, cut: str, label: str | None
) -> None:
    found = calibrated_size(length, width, cut)
    assert (found.label if found else None) == label


def test_from_a_carat_on_the_tolerance_is_wider() -> None:
    assert calibrated_size(8.18, 6.0, "oval", weight_ct=0.99) is None
    found = calibrated_size(8.18, 6.0, "oval", weight_ct=1.0)
    assert found is not None
    assert found.label == "8x6"


def test_the_nearer_of_two_sizes_is_taken() -> None:
    found = calibrated_size(6.35, 6.3, "round", weight_ct=1.2)
    assert found is not None
    assert found.label == "6.5"


def test_shapes_of_cuts_are_cuts_and_shapes() -> None:
    assert set(SHAPE_OF_CUT) <= set(family_names())
    assert set(SHAPE_OF_CUT.values()) <= set(SIZES)
    assert [size.label for size in sizes_of("asscher")] == ["2", "3", "4", "5"]


def test_an_order_is_read() -> None:
    assert wishes_of("4 ovals 7x5, 2 rounds 6") == (
        Wish(count=4, shape="oval", length=7.0, width=5.0),
        Wish(count=2, shape="round", length=6.0, width=6.0),
    )
    assert wishes_of(
        "Emerald cut 5 \u00d7 7 mm at 30; 2 pairs of pears 8*5 @ 120/ct\n3 OVAL_POINTS 7x5"
    ) == (
        Wish(count=1, shape="emerald", length=7.0, width=5.0, agreed=Agreed(per_stone=30.0)),
        Wish(
            count=4, shape="pear", length=8.0, width=5.0, in_pairs=True,
            agreed=Agreed(per_carat=120.0),
        ),
        Wish(count=3, shape="oval_point", length=7.0, width=5.0),
    )  # fmt: skip
    assert wishes_of("1 pair pears 8x5")[0].words == "2 in pairs, pear 8x5"


@pytest.mark.parametrize("shape", [*family_names(), *SIZES])
def test_every_shape_may_be_wished_for_in_the_plural(shape: str) -> None:
    plural = shape + ("es" if shape.endswith("ss") else "s")
    assert wishes_of(f"2 {plural} 7x5")[0].shape == shape


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ("", "is empty"),
        (" , ", "is empty"),
        ("4 ovals", "item 1 ('4 ovals'): is not understood"),
        ("2 rounds 6, 4 ovls 7x5", "item 2 ('4 ovls 7x5'): no such shape as 'ovls' (did you mean"),
        ("4 dragons 7x5", "known are round"),
        ("4 ovals 7", "a length and a width are wanted for oval"),
        ("0 ovals 7x5", "not 0"),
        ("99999 ovals 7x5", "not 99999"),
        ("-2 ovals 7x5", "is not understood"),
        ("2 ovals 0x5", "sizes above 0"),
        ("2 ovals 700x5", "up to 200 mm"),
        ("2 ovals 7x5 at lots", "'lots' is no price"),
        ("2 ovals 7x5 at -3", "is no price"),
        ("2 ovals 7x5 at nan", "is no price"),
        ("2 ovals 7x5 at 3/kg", "a stone's, 'at 30', or a carat's"),
    ],
)
def test_an_order_that_is_not_understood_is_one_line(order: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        wishes_of(order)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_wish_holds_stones_of_its_cut_and_size() -> None:
    (oval, octagon) = wishes_of("1 oval 7x5, 1 octagon 7x5")
    assert oval.holds("oval", 7.05, 4.95)
    assert oval.holds("oval_point", 5.0, 7.0)
    assert not oval.holds("emerald", 7.0, 5.0)
    assert octagon.holds("emerald", 7.0, 5.0)
    assert not oval.holds("oval", 7.15, 5.0)
    assert oval.holds("oval", 7.15, 5.0, weight_ct=1.1)


def test_a_pair_is_of_one_cut_and_one_size() -> None:
    assert is_pair(("pear", 8.0, 5.0), ("pear", 8.06, 4.95))
    assert not is_pair(("pear", 8.0, 5.0), ("pear", 8.2, 5.0))
    assert not is_pair(("pear", 8.0, 5.0), ("oval", 8.0, 5.0))


@pytest.mark.parametrize("order", ["1 round 6 at 30", "1 round 6 at 30/ct", "1 round 6"])
def test_a_wishs_curve_is_its_sum(order: str) -> None:
    book = read_price_book("example")
    (wish,) = wishes_of(order)
    sale = Sale(species="peridot", clarity="eye-clean", shape="round", calibrated=True)
    curve = wish_curve(book, wish, sale)
    for weight in (0.5, 1.0, 2.5):
        found = stone_value(book, sale, weight, agreed=wish.agreed)
        assert curve.value(weight) == pytest.approx(found.value)
        assert curve.most_up_to(weight) >= found.value - 1e-9
    assert found.illustration
    assert book.date == date(2005, 11, 1)
    assert Path(book.file).name == book.file
    assert np.isfinite(curve.slopes).all()

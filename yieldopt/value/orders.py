"""Orders: "4 ovals 7x5, 2 rounds 6 at 30, 1 pair pears 8x5 at 120/ct" as wishes.

A wish is a number of stones of one shape and size, with a price where one was agreed: "at 30" a
stone, "at 120/ct" a carat. A pair is two stones of the same cut and the same size.
"""

import difflib
import math
import re
from dataclasses import dataclass

import numpy as np

from yieldopt.cuts.family import family_names
from yieldopt.errors import InputError
from yieldopt.value.book_head import MOST_MONEY
from yieldopt.value.curve import ValueCurve, value_curve
from yieldopt.value.price_book import PriceBook, Sale
from yieldopt.value.sizes import (
    SHAPE_OF_CUT,
    SIZES,
    CalibratedSize,
    size_words,
    sizes_of,
    tolerance_at,
)
from yieldopt.value.stone import Agreed
from yieldopt.value.words import plain

MOST_STONES = 10_000  # in one wish
WIDEST = 200.0  # mm
# mm: how far the two of a pair may be apart in length and width, ours: the eye compares them side
# by side, so they are held closer than each to its setting.
PAIR_TOLERANCE = 0.1
EXAMPLE = "4 ovals 7x5, 2 rounds 6 at 30"

_ITEM = re.compile(
    r"(?:(?P<count>[0-9]+)\s*)?(?P<pair>pairs?\s+(?:of\s+)?)?(?P<shape>[a-z][a-z _-]*?)\s*"
    r"(?P<length>[0-9]+(?:\.[0-9]+)?)(?:\s*[x*\u00d7]\s*(?P<width>[0-9]+(?:\.[0-9]+)?))?\s*(?:mm)?"
    r"(?:\s*(?:at|@)\s*(?P<price>.+))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Stones that somebody wants.

    Parameters
    ----------
    count
        How many.
    shape
        A cut's name, or a shape of the trade (octagon, square, trillion).
    length, width
        mm, the longer first.
    in_pairs
        Whether they are wanted as pairs: two and two alike (`is_pair`).
    agreed
        The price; None where the book's holds.
    """

    count: int
    shape: str
    length: float
    width: float
    in_pairs: bool = False
    agreed: Agreed | None = None

    @property
    def words(self) -> str:
        """As an order has it: '4 oval 7x5'."""
        pairs = "in pairs, " if self.in_pairs else ""
        return f"{self.count} {pairs}{self.shape} {size_words(self.length, self.width)}"

    def holds(
        self, cut: str, length: float, width: float, *, weight_ct: float | None = None
    ) -> bool:
        """Tell whether a stone is one of these: its cut, and its size within the tolerance."""
        if self.shape not in (cut, SHAPE_OF_CUT.get(cut)):
            return False
        tolerance = tolerance_at(weight_ct)
        size = CalibratedSize(
            shape=self.shape, length=self.length, width=self.width, tolerance=tolerance
        )
        return size.holds(max(length, width), min(length, width))


def is_pair(one: tuple[str, float, float], two: tuple[str, float, float]) -> bool:
    """Tell whether two stones (cut, length, width in mm) match: same cut, same size."""
    return one[0] == two[0] and all(
        abs(a - b) <= PAIR_TOLERANCE for a, b in zip(one[1:], two[1:], strict=True)
    )


def wishes_of(order: str) -> tuple[Wish, ...]:
    """Return the wishes of an order, items split by commas, semicolons or lines.

    Raises
    ------
    InputError
        If an item is not understood: which one, and what is wrong.
    """
    items = [item.strip() for item in re.split(r"[,;\n]", order)]
    found = tuple(_wish(number, item) for number, item in enumerate(items, start=1) if item)
    if not found:
        raise InputError(f"order: is empty; write it as '{EXAMPLE}'")
    return found


def _wish(number: int, item: str) -> Wish:
    where = f"order, item {number} ({item!r})"
    found = _ITEM.fullmatch(item.casefold())
    if found is None:
        raise InputError(f"{where}: is not understood; write it as '{EXAMPLE}'")
    length = float(found["length"])
    width = float(found["width"] or length)
    if not 0.0 < min(length, width) <= max(length, width) <= WIDEST:
        raise InputError(f"{where}: sizes above 0 and up to {WIDEST:g} mm are wanted")
    shape = _shape(where, found["shape"])
    if length == width and found["width"] is None and _is_long(shape):
        raise InputError(f"{where}: a length and a width are wanted for {shape}, as in 7x5")
    count = int(found["count"] or 1)
    if not 1 <= count <= MOST_STONES:
        raise InputError(f"{where}: 1 to {MOST_STONES:,} stones are possible, not {count}")
    return Wish(
        count=2 * count if found["pair"] else count,
        shape=shape,
        length=max(length, width),
        width=min(length, width),
        in_pairs=bool(found["pair"]),
        agreed=_agreed(where, found["price"]),
    )


def _shape(where: str, words: str) -> str:
    """Return the shape that words in singular or plural mean."""
    known = {plain(name): name for name in (*family_names(), *SIZES)}
    word = plain(re.sub(r"\s+cuts?$", "", words.strip()))
    for end in ("", "s", "es"):
        if word.endswith(end) and word.removesuffix(end) in known:
            return known[word.removesuffix(end)]
    near = difflib.get_close_matches(word, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
    raise InputError(f"{where}: no such shape as {words.strip()!r} ({hint})")


def _is_long(shape: str) -> bool:
    """Tell whether the trade's sizes of a shape are longer than wide."""
    return any(size.length > size.width for size in sizes_of(shape))


def _agreed(where: str, price: str | None) -> Agreed | None:
    if price is None:
        return None
    words, slash, unit = (part.strip() for part in price.partition("/"))
    if slash and unit not in ("ct", "carat"):
        raise InputError(f"{where}: a price is a stone's, 'at 30', or a carat's, 'at 120/ct'")
    try:
        value = float(words)
    except ValueError:
        value = math.nan
    if not 0.0 <= value <= MOST_MONEY:
        raise InputError(f"{where}: {words!r} is no price; write it as 'at 30' or 'at 120/ct'")
    return Agreed(per_carat=value) if slash else Agreed(per_stone=value)


def wish_curve(
    book: PriceBook, wish: Wish, sale: Sale, *, bracket_margin_ct: float = 0.0
) -> ValueCurve:
    """Return the value over weight of a stone that fulfils a wish.

    By the agreed price where there is one, which takes no factors; else by the book. Costs are
    the book's. Agrees with `stone_value(..., agreed=wish.agreed)`.
    """
    if wish.agreed is None:
        return value_curve(book, sale, bracket_margin_ct=bracket_margin_ct)
    return ValueCurve(
        edges=np.zeros(1),
        prices=np.array([wish.agreed.per_carat]),
        per_stone=book.costs.per_stone - wish.agreed.per_stone,
        per_carat=book.costs.per_carat,
    )

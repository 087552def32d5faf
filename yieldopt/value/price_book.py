"""Price books: what a carat is worth, by what the stone is and what it weighs.

A row holds for stones that agree with every cell that is not empty. Where several rows hold,
the most specific wins: the first column, from the left, that one row names and the other leaves
open decides for the row that names it. So a row for a species goes before one for any, then
variety, quality, clarity, shape. Brackets are [from, to): 1.00 ct is priced from 1.00 on.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from yieldopt.geometry.arrays import Float, Int, frozen_float, frozen_int
from yieldopt.value.clarity_rule import ClarityRule
from yieldopt.value.words import plain

KEYS = ("species", "variety", "quality", "clarity", "shape")
NO_ROW = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What a stone is sold as: all that its price depends on beside its weight.

    Parameters
    ----------
    species, variety, quality, clarity, shape
        Words of the book's columns; empty where it is not known (then only rows that leave the
        column open hold). A shape is a cut's name.
    cut_grade
        fine, commercial, native, or any word of the book's `factors.cut`.
    calibrated
        Whether it is of a trade size.
    colour_direction, colour_zone
        Words of the book's factors: how the colour looks through the table, and where it sits.
    """

    species: str
    variety: str = ""
    quality: str = ""
    clarity: str = ""
    shape: str = ""
    cut_grade: str = ""
    calibrated: bool = False
    colour_direction: str = ""
    colour_zone: str = ""

    def __post_init__(self) -> None:
        """Spell every word in one way."""
        for name in (*KEYS, "cut_grade", "colour_direction", "colour_zone"):
            object.__setattr__(self, name, plain(getattr(self, name)))

    @property
    def key(self) -> tuple[str, ...]:
        """The words of the book's columns."""
        return (self.species, self.variety, self.quality, self.clarity, self.shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRow:
    """A row of a book.

    Parameters
    ----------
    number
        As a spreadsheet shows it.
    key
        Words of the columns `KEYS`; empty for any.
    low, high
        [low, high) ct.
    price
        A carat, in the book's currency.
    """

    number: int
    key: tuple[str, ...]
    low: float
    high: float
    price: float

    def holds_for(self, key: tuple[str, ...]) -> bool:
        """Tell whether a stone of these words is priced by this row, its weight aside."""
        return all(not own or own == asked for own, asked in zip(self.key, key, strict=True))

    @property
    def rank(self) -> tuple[bool, ...]:
        """How specific the row is; the greater wins."""
        return tuple(bool(word) for word in self.key)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What prices are multiplied by, by word; a word that is not there counts as 1.

    `shape` and `clarity` count only where the row that gives the price leaves that column open:
    a row for ovals has the oval's price already.
    """

    shape: Mapping[str, float] = field(default_factory=dict)
    cut: Mapping[str, float] = field(default_factory=dict)
    clarity: Mapping[str, float] = field(default_factory=dict)
    colour_direction: Mapping[str, float] = field(default_factory=dict)
    colour_zone: Mapping[str, float] = field(default_factory=dict)
    calibrated: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What cutting costs, in the book's currency: a stone, a finished carat, a saw cut."""

    per_stone: float = 0.0
    per_carat: float = 0.0
    per_saw_cut: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Price a carat over weight, a step a bracket.

    Parameters
    ----------
    edges
        (k,) ct, rising from 0; bracket i is [edges[i], edges[i + 1]), the last has no end.
    prices
        (k,) a carat; nan where the book has no price.
    rows
        (k,) places in the book's `rows`; `NO_ROW` where it has no price.
    """

    edges: Float
    prices: Float
    rows: Int

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "edges", frozen_float(self.edges, (-1,), "edges"))
        prices = np.array(self.prices, dtype=np.float64)
        prices.setflags(write=False)  # nan is a value here
        object.__setattr__(self, "prices", prices)
        object.__setattr__(self, "rows", frozen_int(self.rows, (len(self.edges),), "rows"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBook:
    """Prices a carat, factors and costs, and who says so.

    Parameters
    ----------
    file
        The name of the file, without its folder.
    name, currency, date, set_by, note
        Of the head; currency is a code of three letters.
    illustration
        Whether the book says that it is an example and no offer.
    own_species
        Words of the species column that the species table does not know.
    rows
        In the order of the file.
    """

    file: str
    name: str
    currency: str
    rows: tuple[PriceRow, ...]
    date: dt.date | None = None
    set_by: str = ""
    note: str = ""
    illustration: bool = False
    own_species: tuple[str, ...] = ()
    factors: Factors = field(default_factory=Factors)
    costs: Costs = field(default_factory=Costs)
    clarity: ClarityRule = field(default_factory=ClarityRule)

    def price_per_ct(
        self,
        *,
        species: str,
        weight_ct: float,
        variety: str = "",
        quality: str = "",
        clarity: str = "",
        shape: str = "",
    ) -> float | None:
        """Return the price a carat, without factors; None where the book has none."""
        key = tuple(plain(word) for word in (species, variety, quality, clarity, shape))
        holds = [r for r in self.rows if r.low <= weight_ct < r.high and r.holds_for(key)]
        return max(holds, key=lambda row: row.rank).price if holds else None

    def steps(
        self,
        *,
        species: str,
        variety: str = "",
        quality: str = "",
        clarity: str = "",
        shape: str = "",
    ) -> Steps:
        """Return the price a carat over weight, as arrays. O(rows + brackets * rows that hold)."""
        key = tuple(plain(word) for word in (species, variety, quality, clarity, shape))
        return self.steps_of(key)

    def steps_of(self, key: tuple[str, ...]) -> Steps:
        """Return the price a carat over weight for words that are spelled plainly."""
        hold = [(i, row) for i, row in enumerate(self.rows) if row.holds_for(key)]
        hold.sort(key=lambda pair: pair[1].rank, reverse=True)
        marks = {0.0}
        for _, row in hold:
            marks |= {row.low, row.high}
        marks.discard(float("inf"))
        edges: list[float] = []
        rows: list[int] = []
        for mark in sorted(marks):
            found = next((i for i, row in hold if row.low <= mark < row.high), NO_ROW)
            if rows and rows[-1] == found:
                continue  # an edge of a row that something more specific covers
            edges.append(mark)
            rows.append(found)
        prices = [self.rows[i].price if i != NO_ROW else float("nan") for i in rows]
        return Steps(
            edges=np.array(edges), prices=np.array(prices), rows=np.array(rows, dtype=np.int32)
        )

    def factors_for(self, sale: Sale, row: PriceRow) -> tuple[tuple[str, float], ...]:
        """Return what a row's price is multiplied by for a stone; factors of 1 are left out."""
        own = dict(zip(KEYS, row.key, strict=True))
        table = self.factors
        calibrated = {"": table.calibrated} if sale.calibrated else {}
        each: tuple[tuple[str, str, Mapping[str, float]], ...] = (
            ("shape", sale.shape, table.shape if not own["shape"] else {}),
            ("cut", sale.cut_grade, table.cut),
            ("calibrated size", "", calibrated),
            ("colour direction", sale.colour_direction, table.colour_direction),
            ("colour zone", sale.colour_zone, table.colour_zone),
            ("clarity", sale.clarity, table.clarity if not own["clarity"] else {}),
        )
        return tuple(
            (f"{what} {word}".rstrip(), factors[word])
            for what, word, factors in each
            if factors.get(word, 1.0) != 1.0
        )

    def words(self, column: str, species: str = "") -> tuple[str, ...]:
        """Return the words of a column (of `KEYS`), in the order of the file, each once.

        With a species, of the rows that hold for it.
        """
        at, asked = KEYS.index(column), plain(species)
        rows = [row for row in self.rows if not asked or row.key[0] in ("", asked)]
        return tuple(dict.fromkeys(row.key[at] for row in rows if row.key[at]))

"""What stones of one rough are sold by: the book, what the rough is, and what somebody wants."""

from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.value.colour import OFF, ON, Zone
from yieldopt.value.curve import ValueCurve, value_curve
from yieldopt.value.orders import Wish, wish_curve
from yieldopt.value.price_book import PriceBook, Sale
from yieldopt.value.sizes import SHAPE_OF_CUT, CalibratedSize, sizes_of, tolerance_at

ZONE_WORDS = ("culet", "across", "table", "patchy", "missed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """How a stone of a rough turns into money.

    Parameters
    ----------
    book
        The prices.
    species, variety, quality
        Words of the book's columns: what the rough is sold as.
    cut_grade
        A word of the book's `factors.cut`.
    clarity_type
        I, II or III, see `clarity.clarity_type_of`.
    bracket_margin_ct
        See `curve.value_curve`.
    cleavage_factor
        What the price is multiplied by where a large facet lies on a cleavage that is priced.
    zones
        Where the colour is, for the book's `factors.colour_zone`.
    wishes
        Of an order; those with a price of their own are sold at it.
    tolerance
        mm either way of a trade size; None takes the trade's (`sizes.tolerance_at`).
    open_cracks
        Flaws that may come to a stone's surface though they are cracks: "inclusion 2".
    """

    book: PriceBook
    species: str
    variety: str = ""
    quality: str = ""
    cut_grade: str = ""
    clarity_type: str = "I"
    bracket_margin_ct: float = 0.0
    cleavage_factor: float = 1.0
    zones: tuple[Zone, ...] = ()
    wishes: tuple[Wish, ...] = ()
    tolerance: float | None = None
    open_cracks: tuple[str, ...] = ()

    def sale(
        self,
        cut: str,
        *,
        clarity: str = "",
        calibrated: bool = False,
        colour_direction: str = "",
        colour_zone: str = "",
    ) -> Sale:
        """Return what a stone of a cut is sold as."""
        return Sale(
            species=self.species,
            variety=self.variety,
            quality=self.quality,
            clarity=clarity,
            shape=cut,
            cut_grade=self.cut_grade,
            calibrated=calibrated,
            colour_direction=colour_direction,
            colour_zone=colour_zone,
        )

    def curve(self, sale: Sale, *, on_cleavage: bool = False, factor: float = 1.0) -> ValueCurve:
        """Return the value over weight of stones sold by the book, its prices times a factor."""
        curve = value_curve(self.book, sale, bracket_margin_ct=self.bracket_margin_ct)
        factor *= self.cleavage_factor if on_cleavage else 1.0
        return curve if factor == 1.0 else replace(curve, prices=curve.prices * factor)

    def wish_curve(self, wish: Wish) -> ValueCurve:
        """Return the value over weight of stones that fulfil a wish of an agreed price."""
        return wish_curve(self.book, wish, self.sale(wish.shape))

    def agreed_for(self, cut: str) -> tuple[Wish, ...]:
        """Return the wishes with an agreed price that a stone of a cut can fulfil by itself."""
        return tuple(
            wish
            for wish in self.wishes
            if wish.agreed is not None
            and not wish.in_pairs
            and wish.shape in (cut, SHAPE_OF_CUT.get(cut))
        )

    def tolerance_of(self, weight_ct: float | None) -> float:
        """Return how far a stone may be off its size, mm."""
        return tolerance_at(weight_ct) if self.tolerance is None else self.tolerance

    def trade_sizes(self, cut: str, weight_ct: float | None = None) -> tuple[CalibratedSize, ...]:
        """Return the trade sizes of a cut that bring more by the book; none where none do."""
        if self.book.factors.calibrated == 1.0:
            return ()
        return sizes_of(cut, tolerance=self.tolerance_of(weight_ct))

    def size_of(self, wish: Wish, weight_ct: float | None = None) -> CalibratedSize:
        """Return the size that a wish wants."""
        return CalibratedSize(
            shape=wish.shape,
            length=wish.length,
            width=wish.width,
            tolerance=self.tolerance_of(weight_ct),
        )

    def sizes_wanted(self, cut: str) -> tuple[CalibratedSize, ...]:
        """Return each size, by wish or by the book, that is worth aiming a cut at."""
        wished = [self.size_of(wish) for wish in self.agreed_for(cut)]
        out: dict[tuple[float, float], CalibratedSize] = {}
        for size in (*wished, *self.trade_sizes(cut)):
            out.setdefault((size.length, size.width), size)
        return tuple(out.values())

    def choices(
        self,
        cut: str,
        *,
        graded: bool,
        directions: tuple[str, ...] = ("",),
        on_cleavage: tuple[bool, ...] = (False,),
        calibrated: tuple[bool, ...] | None = None,
        factor: float = 1.0,
    ) -> list[ValueCurve]:
        """Return the curves of all that a stone of a cut may be sold as: for bounds.

        Parameters
        ----------
        graded
            Whether flaws may stay inside: then every grade of the ladder is possible.
        directions
            Words of the colour's direction that are possible.
        on_cleavage
            Whether a priced cleavage may be broken.
        calibrated
            Whether it may be of a trade size; None: where the book pays for it.
        factor
            Of the book's prices for all of them: for other priced rules that are broken.
        """
        ladder = self.book.clarity.ladder
        grades = ladder if graded else ladder[:1]
        zones: tuple[str, ...] = ("",)
        if self.zones:
            zones = ("", "stained", *ZONE_WORDS)
        if calibrated is None:
            calibrated = (False, True) if self.trade_sizes(cut) else (False,)
        out = [
            self.curve(
                self.sale(
                    cut,
                    clarity=grade,
                    calibrated=is_size,
                    colour_direction=direction,
                    colour_zone=zone,
                ),
                on_cleavage=broken,
                factor=factor,
            )
            for grade, is_size, direction, zone, broken in product(
                grades, calibrated, directions, zones, on_cleavage
            )
        ]
        return out + [self.wish_curve(wish) for wish in self.agreed_for(cut)]

    def choices_of_size(
        self,
        cut: str,
        size: CalibratedSize,
        *,
        graded: bool,
        directions: tuple[str, ...] = ("",),
        on_cleavage: tuple[bool, ...] = (False,),
        factor: float = 1.0,
    ) -> list[ValueCurve]:
        """Return the curves of all that a stone of a size may be sold as; see `choices`."""
        every = self.choices(
            cut,
            graded=graded,
            directions=directions,
            on_cleavage=on_cleavage,
            calibrated=(bool(self.trade_sizes(cut)),),
            factor=factor,
        )
        wishes = self.agreed_for(cut)
        wanted = [w for w in wishes if (w.length, w.width) == (size.length, size.width)]
        by_book = every[: len(every) - len(wishes)]
        return by_book + [self.wish_curve(wish) for wish in wanted]


def falling_edges(curve: ValueCurve, weight_ct: float) -> Float:
    """Return the edges (k,) ct below a weight past which a carat pays less."""
    falls = np.flatnonzero(np.diff(curve.slopes) < 0.0) + 1
    edges = curve.edges[falls]
    out: Float = edges[edges < weight_ct]
    return out


__all__ = ["OFF", "ON", "Market", "falling_edges"]

"""What the stones of an arrangement are sold for: by the book, by a wish of an order, as pairs.

A wish takes no more stones than it says, and a pair sells only where both of it are there.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from yieldopt.cuts.cut import Cut
from yieldopt.cuts.family import FamilyCut
from yieldopt.geometry.arrays import Float
from yieldopt.search.one import Placement
from yieldopt.search.problem import Problem
from yieldopt.search.scenario import LENGTH, narrowed_to
from yieldopt.search.several.arrange import Arrangement
from yieldopt.search.several.locked_cut import LockedCut
from yieldopt.search.several.worths import Worths, worths_by_value, worths_by_weight
from yieldopt.search.worth import REFUSED, WITHIN, Appraiser, Worthy
from yieldopt.units import weight_ct
from yieldopt.value.curve import ValueCurve
from yieldopt.value.market import ON, Market
from yieldopt.value.orders import Wish, is_pair
from yieldopt.value.sizes import CalibratedSize

MOST_SIZES = 6  # that stones are aimed at, those that bring most for their volume


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A stone and how it is sold; the appraiser that says so."""

    worthy: Worthy
    appraiser: Appraiser


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """Stones sold together.

    Parameters
    ----------
    sold
        One for each stone of the arrangement.
    value
        Of all, the saw's cost taken off.
    """

    sold: tuple[Sold, ...]
    value: float


@dataclass(slots=True, kw_only=True)
class Dealer:
    """Sells arrangements of a problem that has a market."""

    problem: Problem
    plain: Appraiser = field(init=False)
    by_wish: list[Appraiser] = field(init=False)

    def __post_init__(self) -> None:
        """Make an appraiser for the book alone, and one for each wish."""
        self.plain = Appraiser(problem=replace(self.problem, market=wishing(self.market, ())))
        self.by_wish = [
            Appraiser(problem=replace(self.problem, market=wishing(self.market, (i,))))
            for i in range(len(self.market.wishes))
        ]

    @property
    def market(self) -> Market:
        """Of the problem."""
        market = self.problem.market
        assert market is not None  # whoever deals has asked
        return market

    def deal(self, arrangement: Arrangement, *, as_it_stands: bool = False) -> Deal | None:
        """Return the best sale found; None where a stone is not to be cut.

        Pairs are made in the order of what they add, then the other wishes are served as best
        they can be. `as_it_stands`: no stone is made smaller for a better price.
        """
        stones = arrangement.placements
        book = [_valued(self.plain, stone, as_it_stands) for stone in stones]
        if any(own.value == REFUSED for own in book):
            return None
        sold = [Sold(worthy=own, appraiser=self.plain) for own in book]
        left = set(range(len(stones)))
        wishes = self.market.wishes
        options = {
            (i, w): own
            for w, appraiser in enumerate(self.by_wish)
            for i, stone in enumerate(stones)
            if (own := _valued(appraiser, stone, as_it_stands)).appraisal.wish is not None
            and own.value > book[i].value
        }
        for w, wish in enumerate(wishes):
            if wish.in_pairs:
                wanted = wish.count // 2
                for i, j in self._pairs(options, book, w):
                    if wanted and {i, j} <= left:
                        left -= {i, j}
                        wanted -= 1
                        for k in (i, j):
                            sold[k] = Sold(worthy=options[k, w], appraiser=self.by_wish[w])
        for i, w in _served(options, book, sorted(left), wishes):
            sold[i] = Sold(worthy=options[i, w], appraiser=self.by_wish[w])
        n_cuts = len(arrangement.placements) - 1
        cost = self.market.book.costs.per_saw_cut * n_cuts
        return Deal(sold=tuple(sold), value=sum(own.worthy.value for own in sold) - cost)

    def _pairs(
        self, options: dict[tuple[int, int], Worthy], book: list[Worthy], w: int
    ) -> list[tuple[int, int]]:
        """Return the pairs of stones that match for a wish, what adds most first."""
        able = [i for i, own in options if own == w]
        found = []
        for i in able:
            for j in able:
                one, two = options[i, w], options[j, w]
                if i < j and is_pair(self._size(one), self._size(two)):
                    gain = one.value + two.value - book[i].value - book[j].value
                    found.append((-gain, i, j))
        return [(i, j) for _, i, j in sorted(found)]

    def _size(self, worthy: Worthy) -> tuple[str, float, float]:
        own = worthy.placement
        looks = self.plain.looks_of(own.cut, own.theta)
        return own.cut.name, looks.length * own.width, looks.width * own.width


def wishing(market: Market, which: Sequence[int]) -> Market:
    """Return the market with these of its wishes alone; a pair's price counts for each of it."""
    return replace(market, wishes=tuple(replace(market.wishes[i], in_pairs=False) for i in which))


def _valued(appraiser: Appraiser, stone: Placement, as_it_stands: bool) -> Worthy:
    looks = appraiser.looks_of(stone.cut, stone.theta)
    if not as_it_stands and not isinstance(stone.cut, LockedCut):
        return appraiser.best_size(stone, looks)
    found = appraiser.appraise(stone.cut.name, looks, stone.pose, stone.width, stone.volume)
    return Worthy(placement=stone, appraisal=found)


def _served(
    options: dict[tuple[int, int], Worthy],
    book: list[Worthy],
    left: list[int],
    wishes: Sequence[Wish],
) -> list[tuple[int, int]]:
    """Return which stones serve which single wishes, as much gained as can be (exact)."""
    from scipy.optimize import linear_sum_assignment

    places = [w for w, wish in enumerate(wishes) if not wish.in_pairs for _ in range(wish.count)]
    places = places[: 64 * max(1, len(left))]
    if not left or not places:
        return []
    gain = np.zeros((len(left), len(places)))
    for a, i in enumerate(left):
        for b, w in enumerate(places):
            if (i, w) in options:
                gain[a, b] = options[i, w].value - book[i].value
    rows, columns = linear_sum_assignment(-gain)
    return [(left[a], places[b]) for a, b in zip(rows, columns, strict=True) if gain[a, b] > 0.0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Aims:
    """What stones may be: cuts, some of them held to a size, what they are worth, how wide."""

    cuts: tuple[Cut, ...]
    worths: Worths
    least: Float


def aims_of(problem: Problem, cuts: tuple[Cut, ...], limit: float) -> Aims:
    """Return what stones of these cuts are aimed at; `limit` mm3 that no stone can pass."""
    least = np.full(len(cuts), problem.limits.min_width)
    if problem.objective == "weight" or problem.market is None:
        return Aims(
            cuts=cuts, worths=worths_by_weight(len(cuts), problem.specific_gravity), least=least
        )
    market = problem.market
    table = any(rule.share > 1.0 for rule in (*problem.priced, *problem.orientation))
    curves = [_book_curve(market, cut.name, table) for cut in cuts]
    sized = _sizes(problem, cuts, curves, limit)
    return Aims(
        cuts=(*cuts, *(own[0] for own in sized)),
        worths=worths_by_value(
            [*curves, *(curves[0] for _ in sized)],
            np.array([*(np.nan for _ in cuts), *(own[1] for own in sized)]),
            problem.specific_gravity,
            market.book.costs.per_saw_cut,
        ),
        least=np.array([*least, *(own[2] for own in sized)]),
    )


def _book_curve(market: Market, name: str, table: bool) -> ValueCurve:
    """Return what a clean stone of a cut brings by the book, of no trade size."""
    sale = market.sale(
        name, clarity=market.book.clarity.ladder[0], colour_direction=ON if table else ""
    )
    return market.curve(sale)


def _sizes(
    problem: Problem, cuts: tuple[Cut, ...], curves: list[ValueCurve], limit: float
) -> list[tuple[Cut, float, float]]:
    """Return cuts held to a wanted size, what one is sold for, and its least width."""
    assert problem.market is not None
    market, sg = (
        wishing(problem.market, range(len(problem.market.wishes))),
        problem.specific_gravity,
    )
    table = any(rule.share > 1.0 for rule in (*problem.priced, *problem.orientation))
    found: list[tuple[float, int, Cut, float, float]] = []
    for cut, curve in zip(cuts, curves, strict=True):
        for size in market.sizes_wanted(cut.name):
            narrowed = narrowed_to(cut, size)
            if narrowed is None or size.width + size.tolerance < problem.limits.min_width:
                continue
            theta = np.array([p.default for p in narrowed.proportions])
            volume = narrowed.design(theta, size.width).volume
            if volume > limit:
                continue
            weight = weight_ct(volume, sg)
            choices = market.choices_of_size(
                cut.name, size, graded=False, directions=(ON if table else "",)
            )
            price = max(own.value(weight) for own in choices)
            if price > curve.value(weight):
                narrowed, least = _no_shorter(narrowed, size)
                found.append((price / volume, len(found), narrowed, price, least))
    found.sort(key=lambda row: (-row[0], row[1]))
    return [
        (cut, price, max(least, problem.limits.min_width))
        for _, _, cut, price, least in found[:MOST_SIZES]
    ]


def _no_shorter(cut: Cut, size: CalibratedSize) -> tuple[Cut, float]:
    """Return a cut narrowed to a size, and the least width (mm) from which it has the size.

    A slender gem has its length with its least width, and none is so slender that it is too long
    then: so the width alone tells, and a wider gem can be cut smaller to the size.
    """
    width = size.width - size.tolerance + WITHIN
    shortest, longest = size.length - size.tolerance, size.length + size.tolerance - WITHIN
    own = {p.name: p for p in cut.proportions}
    if isinstance(cut, FamilyCut) and LENGTH in own:
        ratio = own[LENGTH]
        low = min(max(ratio.low, shortest / max(width, WITHIN)), ratio.high)
        high = max(low, min(ratio.high, (longest - WITHIN) / max(width, WITHIN)))
        usual = min(max(ratio.default, low), high)
        own[LENGTH] = replace(ratio, low=low, high=high, default=usual)
        return replace(cut, proportions=tuple(own.values())), max(width, shortest / low + WITHIN)
    design = cut.design(np.array([p.default for p in cut.proportions]), 1.0)
    return cut, max(width, shortest * design.width / design.length + WITHIN)

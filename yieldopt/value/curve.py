"""The value of a stone over its weight, everything else about it fixed: steps as steps.

In a bracket the value is a straight line, `(price - cost a carat) * weight - cost a stone`; at
an edge it jumps. The envelope `most_up_to(W)` is the greatest value of any weight up to W: from
a proved limit of weight it makes a proved limit of value.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.value.price_book import NO_ROW, PriceBook, Sale, Steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """An edge at which the value rises: the least weight (ct) past it, and by how much."""

    weight_ct: float
    gain: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueCurve:
    """Value over weight, in the book's currency.

    Parameters
    ----------
    edges
        (k,) ct, rising from 0; bracket i is [edges[i], edges[i + 1]), the last has no end.
    prices
        (k,) a carat, with all factors; 0 where the book has no price: such a stone is worth
        nothing here and costs what it costs.
    per_stone, per_carat
        Costs; `per_stone` is negative where a price a stone was agreed.
    """

    edges: Float
    prices: Float
    per_stone: float = 0.0
    per_carat: float = 0.0
    _edges: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _slopes: tuple[float, ...] = field(init=False, repr=False, compare=False)
    _reached: tuple[float, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Freeze the arrays; work out what is reached before each edge."""
        edges = frozen_float(self.edges, (-1,), "edges")
        prices = frozen_float(self.prices, (len(edges),), "prices")
        if len(edges) == 0 or edges[0] != 0.0 or (np.diff(edges) <= 0.0).any():
            raise ValueError("edges: rising from 0 they must be")
        object.__setattr__(self, "edges", edges)
        object.__setattr__(self, "prices", prices)
        slopes = [float(price) - self.per_carat for price in prices]
        reached = [0.0]
        for i, edge in enumerate(edges[1:].tolist(), start=1):
            reached.append(max(reached[-1], slopes[i - 1] * edge, slopes[i] * edge))
        # Tuples and bisect: a scalar look-up in numpy costs ten times as much.
        object.__setattr__(self, "_edges", tuple(edges.tolist()))
        object.__setattr__(self, "_slopes", tuple(slopes))
        object.__setattr__(self, "_reached", tuple(reached))

    @property
    def slopes(self) -> Float:
        """(k,) what a carat more is worth in each bracket, costs taken off."""
        return np.array(self._slopes)

    def value(self, weight_ct: float) -> float:
        """Return the value of a stone of a weight above 0."""
        return self._slopes[self._at(weight_ct)] * weight_ct - self.per_stone

    def values(self, weights_ct: Float) -> Float:
        """Return the values of weights (n,), all above 0."""
        at = np.searchsorted(self.edges, weights_ct, side="right") - 1
        out: Float = self.slopes[at] * weights_ct - self.per_stone
        return out

    def slope(self, weight_ct: float) -> float:
        """Return what a carat more is worth where the weight stands, within its bracket."""
        return self._slopes[self._at(weight_ct)]

    def bracket(self, weight_ct: float) -> tuple[float, float]:
        """Return the bracket [low, high) ct that a weight stands in; high may be infinite."""
        at = self._at(weight_ct)
        high = self._edges[at + 1] if at + 1 < len(self._edges) else float("inf")
        return self._edges[at], high

    def most_up_to(self, weight_ct: float) -> float:
        """Return the supremum of the values of all weights above 0 and up to this one.

        Never less than `value` there, never falling in the weight.
        """
        at = self._at(weight_ct)
        return max(self._reached[at], self._slopes[at] * weight_ct) - self.per_stone

    def most_between(self, low_ct: float, high_ct: float) -> float:
        """Return the supremum of the values of the weights [low, high]."""
        first, last = self._at(low_ct), self._at(high_ct)
        most = max(self._slopes[first] * low_ct, self._slopes[last] * high_ct)
        for i in range(first + 1, last + 1):
            most = max(most, self._slopes[i - 1] * self._edges[i], self._slopes[i] * self._edges[i])
        return most - self.per_stone

    def next_jump(self, weight_ct: float) -> Jump | None:
        """Return the first edge above a weight at which the value rises; None where none does."""
        for i in range(self._at(weight_ct) + 1, len(self._edges)):
            if self._slopes[i] > self._slopes[i - 1]:
                edge = self._edges[i]
                return Jump(weight_ct=edge, gain=(self._slopes[i] - self._slopes[i - 1]) * edge)
        return None

    def least_weight_worth(self, value: float) -> float:
        """Return the least weight (ct) of at least this value; infinite where there is none.

        What cannot reach that weight cannot be worth that much.
        """
        wanted = value + self.per_stone
        for i, (low, slope) in enumerate(zip(self._edges, self._slopes, strict=True)):
            if slope * low >= wanted:
                return low
            if slope > 0.0:
                weight = wanted / slope
                high = self._edges[i + 1] if i + 1 < len(self._edges) else float("inf")
                if low <= weight < high:
                    return weight
        return float("inf")

    def _at(self, weight_ct: float) -> int:
        return bisect_right(self._edges, weight_ct) - 1 if weight_ct > 0.0 else 0


def value_curve(book: PriceBook, sale: Sale, *, bracket_margin_ct: float = 0.0) -> ValueCurve:
    """Return the value over weight of stones that are sold as `sale`.

    Parameters
    ----------
    book
        The prices.
    sale
        What the stones are sold as.
    bracket_margin_ct
        What the wheel may take beyond the plan, ct: a weight is priced at the least price of
        any weight down to so much less. With 0.02 a bracket that begins at 1.00 is reached at
        1.02, and one that pays less is entered at its edge.
    """
    steps = book.steps_of(sale.key)
    prices = effective_prices(book, sale, steps)
    edges = steps.edges
    if bracket_margin_ct > 0.0:
        edges = np.unique(np.concatenate([edges, edges[1:] + bracket_margin_ct]))
        at = [priced_bracket(steps, prices, float(edge), bracket_margin_ct) for edge in edges]
        prices = prices[at]
    keep = np.concatenate([[True], np.diff(prices) != 0.0])
    return ValueCurve(
        edges=edges[keep],
        prices=prices[keep],
        per_stone=book.costs.per_stone,
        per_carat=book.costs.per_carat,
    )


def effective_prices(book: PriceBook, sale: Sale, steps: Steps) -> Float:
    """Return the prices (k,) a carat of each bracket with all factors; 0 where there is none."""
    out = np.zeros(len(steps.edges))
    for i, at in enumerate(steps.rows):
        if at == NO_ROW:
            continue
        row = book.rows[at]
        out[i] = row.price
        for _, factor in book.factors_for(sale, row):
            out[i] *= factor
    return out


def priced_bracket(steps: Steps, prices: Float, weight_ct: float, margin_ct: float) -> int:
    """Return the bracket that a planned weight is priced by: the least price down to the margin."""
    last = int(np.searchsorted(steps.edges, weight_ct, side="right")) - 1
    first = last
    # Written as an addition, as the edges of the curve are: 1.02 has then reached 1.00.
    while first > 0 and steps.edges[first] + margin_ct > weight_ct:
        first -= 1
    return first + int(np.argmin(prices[first : last + 1]))


def upper_curve(curves: Sequence[ValueCurve]) -> ValueCurve:
    """Return a curve that is nowhere below any of these: for bounds over several choices."""
    if not curves:
        raise ValueError("curves: none")
    edges = np.unique(np.concatenate([curve.edges for curve in curves]))
    prices = np.max(
        [c.prices[np.searchsorted(c.edges, edges, side="right") - 1] for c in curves], axis=0
    )
    return ValueCurve(
        edges=edges,
        prices=prices,
        per_stone=min(curve.per_stone for curve in curves),
        per_carat=min(curve.per_carat for curve in curves),
    )

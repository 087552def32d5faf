"""What one stone is worth, and why: every line of the sum has a name."""

from dataclasses import dataclass

from yieldopt.value.curve import effective_prices, priced_bracket
from yieldopt.value.price_book import NO_ROW, PriceBook, Sale


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLine:
    """A line of the sum: what it is for, by how much the value changes, and how it came."""

    name: str
    amount: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Valuation:
    """A stone's value.

    Parameters
    ----------
    value
        In `currency`, the sum of the lines' amounts; not rounded.
    weight_ct
        Of the stone.
    price_per_ct
        Of the book, before factors; None where it has no price for such a stone (which then is
        worth nothing and costs what it costs).
    row
        Of the book that gave the price, as a spreadsheet shows it; None without a price.
    illustration
        Whether the book is an example and no offer; whoever shows the value says so.
    """

    currency: str
    value: float
    weight_ct: float
    price_per_ct: float | None
    row: int | None
    lines: tuple[ValueLine, ...]
    illustration: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """A price that was agreed on, instead of the book's: a stone, and a carat beside it."""

    per_stone: float = 0.0
    per_carat: float = 0.0


def stone_value(
    book: PriceBook,
    sale: Sale,
    weight_ct: float,
    *,
    saw_cuts: int = 0,
    bracket_margin_ct: float = 0.0,
    agreed: Agreed | None = None,
) -> Valuation:
    """Return what a stone is worth: price x weight x factors - costs.

    Parameters
    ----------
    book, sale, weight_ct
        The prices, what the stone is sold as, its weight.
    saw_cuts
        How many are charged to it.
    bracket_margin_ct
        See `value_curve`, with which this agrees.
    agreed
        A price from an order; the book then gives the costs alone.
    """
    if agreed is not None:
        lines, price, row = _agreed_lines(book, agreed, weight_ct), agreed.per_carat, None
        return _valuation(book, weight_ct, price, row, lines, saw_cuts)
    steps = book.steps_of(sale.key)
    prices = effective_prices(book, sale, steps)
    at = steps.rows[priced_bracket(steps, prices, weight_ct, bracket_margin_ct)]
    if at == NO_ROW:
        words = ", ".join(word for word in sale.key if word)
        line = ValueLine(
            name="price",
            amount=0.0,
            detail=f"{book.file} has no price for {words}, {weight_ct:.2f} ct",
        )
        return _valuation(book, weight_ct, None, None, [line], saw_cuts)
    found = book.rows[at]
    amount = found.price * weight_ct
    lines = [
        ValueLine(
            name="price",
            amount=amount,
            detail=f"{weight_ct:.2f} ct at {found.price:,.2f} a carat"
            f" ({book.file} row {found.number}, {bracket_words(found.low, found.high)})",
        )
    ]
    for name, factor in book.factors_for(sale, found):
        lines.append(ValueLine(name=name, amount=amount * (factor - 1.0), detail=f"x {factor:g}"))
        amount *= factor
    return _valuation(book, weight_ct, found.price, found.number, lines, saw_cuts)


def bracket_words(low: float, high: float) -> str:
    """Return a bracket in words: '1 to 3 ct', 'from 5 ct', 'below 1 ct', 'any weight'."""
    if high == float("inf"):
        return f"from {low:g} ct" if low > 0.0 else "any weight"
    return f"{low:g} to {high:g} ct" if low > 0.0 else f"below {high:g} ct"


def _agreed_lines(book: PriceBook, agreed: Agreed, weight_ct: float) -> list[ValueLine]:
    lines = []
    if agreed.per_stone:
        lines.append(ValueLine(name="agreed price", amount=agreed.per_stone, detail="a stone"))
    if agreed.per_carat:
        detail = f"{weight_ct:.2f} ct at {agreed.per_carat:,.2f} a carat"
        amount = agreed.per_carat * weight_ct
        lines.append(ValueLine(name="agreed price", amount=amount, detail=detail))
    return lines


def _valuation(
    book: PriceBook,
    weight_ct: float,
    price: float | None,
    row: int | None,
    lines: list[ValueLine],
    saw_cuts: int,
) -> Valuation:
    """Take off the costs and add up."""
    costs = [
        ("cost of a stone", book.costs.per_stone, ""),
        ("cost by weight", book.costs.per_carat * weight_ct, f"{book.costs.per_carat:g} a carat"),
        ("cost of sawing", book.costs.per_saw_cut * saw_cuts, f"{saw_cuts} cuts"),
    ]
    for name, cost, detail in costs:
        if cost:
            lines.append(ValueLine(name=name, amount=-cost, detail=detail))
    return Valuation(
        currency=book.currency,
        value=sum(line.amount for line in lines),
        weight_ct=weight_ct,
        price_per_ct=price,
        row=row,
        lines=tuple(lines),
        illustration=book.illustration,
    )

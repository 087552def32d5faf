"""What a plan's stones are worth, as the plan keeps it: sums with names, and by which book."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLine:
    """A line of a stone's sum: its name, by how much it changes the value, and how it came."""

    name: str
    amount: float
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """How a stone comes to its value.

    Parameters
    ----------
    lines
        Their amounts add up to the stone's value.
    price_per_ct, row
        Of the book, and which row (as a spreadsheet shows it); None without a price of its.
    clarity, clarity_type
        The grade, a word of the book's ladder, and the species' type.
    kept
        Numbers of the inclusions (from 1) that stay in the stone or come to its surface.
    kept_words
        What each of them is and where it lies.
    size, order
        The trade size it is of, and the wish it fulfils; empty where none.
    colour_direction, colour_zone
        Words of the book; empty where nothing is told of colour.
    on_cleavage
        Names of the priced rules that it breaks.
    """

    lines: tuple[MoneyLine, ...]
    price_per_ct: float | None
    row: int | None
    clarity: str = ""
    clarity_type: str = ""
    kept: tuple[int, ...] = ()
    kept_words: tuple[str, ...] = ()
    size: str = ""
    order: str = ""
    colour_direction: str = ""
    colour_zone: str = ""
    on_cleavage: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PricesRecord:
    """The book that a plan is valued by, and what the rough is sold as."""

    file: str
    name: str
    currency: str
    date: str = ""
    set_by: str = ""
    note: str = ""
    illustration: bool = False
    variety: str = ""
    quality: str = ""
    cut_grade: str = ""
    bracket_margin_ct: float = 0.0
    open_cracks: tuple[str, ...] = ()
    per_saw_cut: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCost:
    """What a rule on facets cost: the best plan found if it is left out, or chosen otherwise.

    Parameters
    ----------
    rule
        Its name.
    how
        hard or priced.
    obeyed
        Whether the plan obeys it.
    weight_ct, value
        Of the best stone found the other way: without the rule where the plan obeys it, with
        it where the plan breaks it. None where nothing fits that way.
    """

    rule: str
    how: str
    obeyed: bool
    weight_ct: float | None
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One of the plans to choose from: the heaviest, the dearest, the safest.

    Parameters
    ----------
    name
        heaviest, dearest or safest; several joined by commas.
    stone
        Its id, among the plan's stones and alternatives.
    flags
        What to mind: flaws inside, windows, a cleavage.
    """

    name: str
    stone: str
    flags: tuple[str, ...] = ()

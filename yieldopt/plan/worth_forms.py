"""The plan file's form of money: sums with names, the book they go by, what rules cost."""

from typing import Annotated

from pydantic import Field

from yieldopt.plan.form import Form, NotNegative, Number, Positive

Money = Annotated[float, Field(ge=-1e15, le=1e15)]


class MoneyLineForm(Form):
    """A line of a sum."""

    name: str
    amount: Money
    """By how much it changes the value."""
    factor: NotNegative | None = None
    """What the lines before it are multiplied by, where it is a factor."""
    detail: str = ""


class WorthForm(Form):
    """How a stone comes to its value: the amounts of its lines add up to it."""

    lines: list[MoneyLineForm]
    price_per_ct: Money | None = None
    """Of the book, before factors; the first line is this times the weight."""
    row: int | None = None
    """Of the book, as a spreadsheet shows it."""
    clarity: str = ""
    """A word of the book's ladder."""
    clarity_type: str = ""
    kept: list[Annotated[int, Field(ge=1)]] = Field(default=[])
    """Numbers of the inclusions, from 1, that the stone holds or that come to its surface."""
    kept_words: list[str] = Field(default=[])
    size: str = ""
    """The trade size that it is of."""
    order: str = ""
    """The wish that it fulfils."""
    colour_direction: str = ""
    colour_zone: str = ""
    on_cleavage: list[str] = Field(default=[])
    """Priced rules that it breaks."""


class PricesForm(Form):
    """The price book, and what the rough is sold as."""

    file: str
    name: str
    currency: str
    date: str = ""
    set_by: str = ""
    note: str = ""
    illustration: bool = False
    """An example and no offer."""
    variety: str = ""
    quality: str = ""
    cut_grade: str = ""
    bracket_margin_ct: NotNegative = 0.0
    """A bracket counts as reached with so much more weight."""
    open_cracks: list[str] = Field(default=[])
    """Cracks that may come to a stone's surface."""
    per_saw_cut: NotNegative = 0.0
    """Taken off the total for each saw cut."""


class RuleCostForm(Form):
    """What a rule cost: the best stone found the other way, and how it compares."""

    rule: str
    how: str
    """hard or priced."""
    obeyed: bool
    weight_ct: Positive | None = None
    """Of the other stone: without the rule where the plan obeys it, with it where it does not."""
    value: Money | None = None
    more_ct: Number | None = None
    """What the other stone weighs more than the plan's."""
    more_value: Money | None = None
    """What it is worth more; below 0 where the plan's choice pays."""


class ChoiceForm(Form):
    """One of the stones to choose from."""

    name: str
    """heaviest, dearest, safest; several joined by commas."""
    stone: str
    flags: list[str] = Field(default=[])
    """What to mind."""

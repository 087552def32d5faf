"""From the record's money to the plan file's."""

from yieldopt.plan.record import Plan
from yieldopt.plan.worth import PricesRecord, Worth
from yieldopt.plan.worth_forms import (
    ChoiceForm,
    MoneyLineForm,
    PricesForm,
    RuleCostForm,
    WorthForm,
)


def worth_form(worth: Worth) -> WorthForm:
    """Return how a stone comes to its value, in the file's form: factors as numbers."""
    lines, earned = [], 0.0
    for number, line in enumerate(worth.lines):
        is_factor = number > 0 and not line.name.startswith(("cost ", "agreed "))
        factor = 1.0 + line.amount / earned if is_factor and earned > 0.0 else None
        lines.append(
            MoneyLineForm(name=line.name, amount=line.amount, factor=factor, detail=line.detail)
        )
        earned += line.amount
    return WorthForm(
        lines=lines,
        price_per_ct=worth.price_per_ct,
        row=worth.row,
        clarity=worth.clarity,
        clarity_type=worth.clarity_type,
        kept=list(worth.kept),
        kept_words=list(worth.kept_words),
        size=worth.size,
        order=worth.order,
        colour_direction=worth.colour_direction,
        colour_zone=worth.colour_zone,
        on_cleavage=list(worth.on_cleavage),
    )


def prices_form(prices: PricesRecord) -> PricesForm:
    """Return the book in the file's form."""
    return PricesForm(
        file=prices.file,
        name=prices.name,
        currency=prices.currency,
        date=prices.date,
        set_by=prices.set_by,
        note=prices.note,
        illustration=prices.illustration,
        variety=prices.variety,
        quality=prices.quality,
        cut_grade=prices.cut_grade,
        bracket_margin_ct=prices.bracket_margin_ct,
        open_cracks=list(prices.open_cracks),
        per_saw_cut=prices.per_saw_cut,
    )


def rule_cost_forms(plan: Plan) -> list[RuleCostForm]:
    """Return what each rule cost against the plan as it is."""
    weight = plan.weight_ct
    worth = sum(stone.value or 0.0 for stone in plan.stones)
    return [
        RuleCostForm(
            rule=cost.rule,
            how=cost.how,
            obeyed=cost.obeyed,
            weight_ct=cost.weight_ct,
            value=cost.value,
            more_ct=None if cost.weight_ct is None else cost.weight_ct - weight,
            more_value=None if cost.value is None else cost.value - worth,
        )
        for cost in plan.costs_of_rules
    ]


def choice_forms(plan: Plan) -> list[ChoiceForm]:
    """Return the stones to choose from."""
    return [
        ChoiceForm(name=choice.name, stone=choice.stone, flags=list(choice.flags))
        for choice in plan.choices
    ]

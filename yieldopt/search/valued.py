"""A plan's stones with their values: which is cut, what could be cut instead, and why."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from yieldopt.plan.record import Plan, Stone
from yieldopt.plan.worth import Choice, PricesRecord
from yieldopt.search.dearest import Found
from yieldopt.search.one import Placement
from yieldopt.search.problem import Problem
from yieldopt.search.worth import Appraiser, Worthy
from yieldopt.units import weight_ct
from yieldopt.value.market import Market

SAME = 1e-9  # of a width: two placements are one stone
CHOICES = ("heaviest", "dearest", "safest")


def stone_of(name: str, placement: Placement) -> Stone:
    """Return a placement as a stone of a plan."""
    design = placement.cut.design(placement.theta, placement.width)
    return Stone(id=name, design=design, pose=placement.pose)


def valued_plan(
    plan: Plan, problem: Problem, fitting: Sequence[Placement], dear: Found | None
) -> Plan:
    """Return a plan with the values of its stones; with the dearest one first where that is asked.

    Parameters
    ----------
    plan
        By weight; its stones are those of `fitting`, in that order.
    fitting
        The best placement of each cut by weight, the heaviest first.
    dear
        What the search by value found; None where the plan is by weight.
    """
    market = problem.market
    assert market is not None  # whoever calls has asked
    appraiser = Appraiser(problem=problem)
    if dear is None:
        each = [as_it_stands(appraiser, placement) for placement in fitting]
        first: list[Worthy] = each
    else:
        first = _listed(dear, [as_it_stands(appraiser, p) for p in fitting[:1]])
    ids = ["A", *(f"A{k}" for k in range(2, len(first) + 1))]
    stones = [
        valued_stone(appraiser, name, worthy) for name, worthy in zip(ids, first, strict=True)
    ]
    most = dear.most if dear is not None else None
    return replace(
        plan,
        stones=(stones[0],),
        alternatives=tuple(stones[1:]),
        objective=problem.objective,
        currency=market.book.currency,
        prices=_prices(market),
        bound=replace(plan.bound, value=most),
        costs_of_rules=dear.costs_of_rules if dear is not None else (),
        choices=_choices(plan, stones),
    )


def as_it_stands(appraiser: Appraiser, placement: Placement) -> Worthy:
    """Return a placement with its value, no smaller than it is."""
    cut = placement.cut
    looks = appraiser.looks_of(cut, placement.theta)
    found = appraiser.appraise(cut.name, looks, placement.pose, placement.width, placement.volume)
    return Worthy(placement=placement, appraisal=found)


def _listed(dear: Found, heaviest: Sequence[Worthy]) -> list[Worthy]:
    """Return the dearest stone, then what else there is to choose: each once.

    The dearest of each other cut, the heaviest of all, and the dearest without a flaw inside.
    """
    out: list[Worthy] = []
    names: set[str] = set()
    every = [*dear.found, *heaviest]
    for worthy in dear.found:
        if worthy.placement.cut.name not in names:
            names.add(worthy.placement.cut.name)
            out.append(worthy)
    heavy = max(every, key=lambda worthy: worthy.placement.volume)
    clean = [worthy for worthy in dear.found if not _risks(worthy)]
    for worthy in (heavy, *clean[:1]):
        if not any(_is_same(worthy.placement, own.placement) for own in out):
            out.append(worthy)
    return out


def _risks(worthy: Worthy) -> bool:
    return bool(worthy.appraisal.clarity.flaws or worthy.appraisal.broken)


def _is_same(one: Placement, two: Placement) -> bool:
    return (
        one.cut.name == two.cut.name
        and abs(one.width - two.width) <= SAME * one.width
        and np.allclose(one.pose.translation, two.pose.translation)
        and np.allclose(one.pose.rotation, two.pose.rotation)
    )


def valued_stone(appraiser: Appraiser, name: str, worthy: Worthy) -> Stone:
    """Return a stone with its value: by the weight of the finished design, as the plan states."""
    stone = stone_of(name, worthy.placement)
    weight = weight_ct(stone.design.volume, appraiser.problem.specific_gravity)
    value, worth = appraiser.worth(replace(worthy.appraisal, weight_ct=weight))
    return replace(stone, value=value, worth=worth)


def _prices(market: Market) -> PricesRecord:
    book = market.book
    return PricesRecord(
        file=book.file,
        name=book.name,
        currency=book.currency,
        date=book.date.isoformat() if book.date else "",
        set_by=book.set_by,
        note=book.note,
        illustration=book.illustration,
        variety=market.variety,
        quality=market.quality,
        cut_grade=market.cut_grade,
        bracket_margin_ct=market.bracket_margin_ct,
        open_cracks=market.open_cracks,
        per_saw_cut=book.costs.per_saw_cut,
    )


def _choices(plan: Plan, stones: Sequence[Stone]) -> tuple[Choice, ...]:
    """Return the heaviest, the dearest and the safest of the stones, each once, and its flags.

    The safest has the fewest flags; of several such it is the dearest.
    """

    def value(stone: Stone) -> float:
        return stone.value if stone.value is not None else -np.inf

    def weight(stone: Stone) -> float:
        return plan.stone_weight_ct(stone)

    picked = (
        max(stones, key=weight),
        max(stones, key=value),
        min(stones, key=lambda stone: (len(_flags(stone)), -value(stone))),
    )
    named: dict[str, list[str]] = {}
    for name, stone in zip(CHOICES, picked, strict=True):
        named.setdefault(stone.id, []).append(name)
    by_id = {stone.id: stone for stone in stones}
    return tuple(
        Choice(name=", ".join(names), stone=own, flags=_flags(by_id[own]))
        for own, names in named.items()
    )


def _flags(stone: Stone) -> tuple[str, ...]:
    worth = stone.worth
    assert worth is not None  # all are valued
    out = [f"holds {words}" for words in worth.kept_words]
    out += [f"breaks {name}" for name in worth.on_cleavage]
    out += list(stone.design.remarks)
    return tuple(out)

"""The plan of the best arrangement, where it is worth more than the best stone alone."""

from dataclasses import replace

import numpy as np

from yieldopt.plan.record import Bound, Plan, Stone
from yieldopt.search.problem import Problem
from yieldopt.search.race import Race
from yieldopt.search.several.limit import clear_radius, several_bound, several_value_bound
from yieldopt.search.several.money import wishing
from yieldopt.search.several.search import Best, Several
from yieldopt.search.several.tree import name_of, renumbered, saw_cuts
from yieldopt.search.valued import stone_of, valued_stone
from yieldopt.search.worth import Appraiser
from yieldopt.units import weight_ct

LONE = "A1"  # what the best stone alone is called where several are worth more


def plan_of_several(plan: Plan, problem: Problem, race: Race, several: Several) -> Plan:
    """Return the plan with the best arrangement in place of its one stone, and a bound for all."""
    n = problem.limits.max_stones
    volume = volume_of_several(problem, race.bound)
    plan = replace(
        plan,
        bound=replace(
            plan.bound,
            weight_ct=max(weight_ct(volume, problem.specific_gravity), plan.bound.weight_ct),
            covers=_covers(n, plan.bound),
            value=None if plan.bound.value is None else _most(problem, race, n, plan.bound.value),
        ),
    )
    best = max(several.found, key=lambda own: own.worth, default=None)
    alone = plan.weight_ct if problem.objective == "weight" else plan.value
    held = problem.locked is not None
    if best is None or (not held and alone is not None and best.worth <= alone):
        return plan
    return _with_best(plan, best)


def volume_of_several(problem: Problem, alone: float) -> float:
    """Return what no stones together have more of, mm3; `alone`: no stone has."""
    limits = problem.limits
    return several_bound(limits.max_stones, alone, problem.rough.volume, clear_radius(limits))


def _most(problem: Problem, race: Race, n: int, alone: float) -> float:
    """Return what no plan of up to n stones is worth more than; `alone`: no stone is."""
    market = problem.market
    assert market is not None  # there is a value
    # A stone may be half of a pair, which no stone alone is.
    alike = replace(problem, market=wishing(market, range(len(market.wishes))))
    appraiser = Appraiser(problem=alike)
    names = sorted({cut.name for cut in problem.cuts})

    def most_up_to(volume: float) -> float:
        return max(appraiser.most_of(name, volume) for name in names)

    together = several_value_bound(
        n, race.bound, problem.rough.volume, clear_radius(problem.limits), most_up_to
    )
    if any(wish.in_pairs for wish in market.wishes):
        return max(together, alone)
    return max(min(together, n * max(alone, 0.0)), alone)


def _with_best(plan: Plan, best: Best) -> Plan:
    """Return the plan with the best stones, the heaviest first; the lone one is an alternative."""
    placements = best.arrangement.placements
    if best.deal is not None:
        placements = tuple(own.worthy.placement for own in best.deal.sold)
    order = np.argsort([-own.volume for own in placements], kind="stable")
    names = [name_of(i) for i in range(len(order))]
    stones: list[Stone] = []
    for name, i in zip(names, order, strict=True):
        if best.deal is None:
            stones.append(stone_of(name, placements[i]))
        else:
            own = best.deal.sold[i]
            stones.append(valued_stone(own.appraiser, name, own.worthy))
    numbers = np.argsort(order).tolist()
    lone = tuple(replace(stone, id=LONE) for stone in plan.stones)
    choices = tuple(
        replace(choice, stone=LONE) if choice.stone == "A" else choice for choice in plan.choices
    )
    return replace(
        plan,
        stones=tuple(stones),
        alternatives=(*lone, *plan.alternatives),
        choices=choices,
        saw=saw_cuts(renumbered(best.arrangement.tree, numbers), names),
    )


def _covers(n: int, one: Bound) -> str:
    """Return what the bound covers."""
    return (
        f"up to {n} stones: each within the bound of one ({one.covers}), together within the"
        " volume of the rough; what lies between them is not counted, so it is loose"
    )

"""The plan of the best arrangement, where it is worth more than the best stone alone."""

from dataclasses import replace

import numpy as np

from yieldopt.plan.record import Bound, Plan
from yieldopt.search.problem import Problem
from yieldopt.search.race import Race
from yieldopt.search.several.arrange import Arrangement
from yieldopt.search.several.limit import several_bound
from yieldopt.search.several.search import Several
from yieldopt.search.several.tree import renumbered, saw_cuts
from yieldopt.search.valued import stone_of
from yieldopt.units import weight_ct


def plan_of_several(plan: Plan, problem: Problem, race: Race, several: Several) -> Plan:
    """Return the plan with the best arrangement in place of its one stone, and a bound for all."""
    n = problem.limits.max_stones
    volume = several_bound(n, race.bound, problem.rough.volume, problem.limits.allowance)
    plan = replace(
        plan,
        bound=replace(
            plan.bound,
            weight_ct=max(weight_ct(volume, problem.specific_gravity), plan.bound.weight_ct),
            covers=_covers(n, plan.bound),
        ),
    )
    best = max(several.found, key=lambda own: own.worth, default=None)
    if best is None or best.worth <= plan.weight_ct:
        return plan
    return with_arrangement(plan, best)


def with_arrangement(plan: Plan, best: Arrangement) -> Plan:
    """Return the plan with these stones, the heaviest first, and their saw cuts."""
    order = np.argsort([-own.volume for own in best.placements], kind="stable")
    names = [name_of(i) for i in range(len(order))]
    numbers = np.argsort(order)
    return replace(
        plan,
        stones=tuple(
            stone_of(name, best.placements[i]) for name, i in zip(names, order, strict=True)
        ),
        saw=saw_cuts(renumbered(best.tree, numbers.tolist()), names),
    )


def name_of(i: int) -> str:
    """Return the letter of the i-th stone."""
    return chr(ord("A") + i)


def _covers(n: int, one: Bound) -> str:
    """Return what the bound covers."""
    return (
        f"up to {n} stones: each within the bound of one ({one.covers}), together within the"
        " volume of the rough; no saw dust and no gaps between them are counted, so it is loose"
    )

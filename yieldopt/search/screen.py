"""A crowd of cuts: a quick look at each, so that only the likely ones are searched in earnest.

Rounds of halving. A round gives each cut left so many cells of its hull bound, weighs the
heaviest of the gems met there on the coarse mesh, improves them a few steps, and keeps the
best cuts. Early rounds compare by what fits the hull alone, which takes a tenth of the time.
"""

from collections.abc import Callable
from dataclasses import dataclass

from yieldopt.cuts.cut import Cut
from yieldopt.geometry.threads import Crew
from yieldopt.plan.record import OrientationRule
from yieldopt.search.bound import HullBound
from yieldopt.search.local import improve, new_starts, prepare_ground, weights
from yieldopt.search.one import unlike_gems
from yieldopt.search.site import Site
from yieldopt.search.starts import are_inside
from yieldopt.search.stop import Stop

CROWD = 60  # more cuts than this are screened first: all families, and some files, are not
KEPT = 50  # that the search in earnest sees
TELL_EVERY = 25  # cuts


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """How closely each cut is looked at, and how many go on.

    Parameters
    ----------
    keep
        Cuts that go on.
    cells
        Of the hull bound, in all.
    starts, steps
        Hull gems weighed on the coarse mesh and improved; 0: compared by the hull alone.
    """

    keep: int
    cells: int
    starts: int = 0
    steps: int = 0


# 24 cells tell gems in the hull to some 10 %, 160 to 5 %, 800 to 3 % of what 10,000 cells find.
ROUNDS = (
    Round(keep=600, cells=24),
    Round(keep=200, cells=160, starts=16, steps=2),
    Round(keep=KEPT, cells=800, starts=24, steps=6),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Screened:
    """The cuts that go on.

    Parameters
    ----------
    kept
        Their numbers, in the order of the cuts.
    bounds
        Of those, as far as they are tightened.
    evaluations
        Exact queries and cells spent on those left behind, and queries on those kept.
    """

    kept: tuple[int, ...]
    bounds: tuple[HullBound, ...]
    evaluations: int


def screen_cuts(
    site: Site,
    cuts: tuple[Cut, ...],
    *,
    new_bound: Callable[[Cut], HullBound],
    rules: tuple[OrientationRule, ...],
    crew: Crew,
    stop: Stop,
    tell: Callable[[int, float], None],
) -> Screened:
    """Return the most promising KEPT cuts; all of them where they are no crowd.

    `tell` hears evaluations and the share done. After a stop the last whole round decides.
    """
    if len(cuts) <= CROWD:
        bounds = tuple(new_bound(cut) for cut in cuts)
        return Screened(kept=tuple(range(len(cuts))), bounds=bounds, evaluations=0)
    queries = left_cells = 0
    bound_of: dict[int, HullBound] = {}
    score: dict[int, float] = {}
    going = list(range(len(cuts)))
    for number, its in enumerate(ROUNDS):
        fresh: dict[int, float] = {}
        for place, i in enumerate(going):
            if stop() and (number > 0 or place > KEPT):
                break
            if number == 0:
                bound_of[i] = new_bound(cuts[i])
            bound_of[i].tighten(its.cells, stop=stop)
            fresh[i], spent = _looked_at(site, bound_of[i], its, rules, crew, stop)
            queries += spent
            if place % TELL_EVERY == 0:
                cells = sum(bound.n_cells for bound in bound_of.values())
                tell(left_cells + queries + cells, (number + place / len(going)) / len(ROUNDS))
        # Of a round cut short nothing is used, but of the first: scores of two do not compare.
        if number == 0 or len(fresh) == len(going):
            score = fresh
        order = sorted(score, key=lambda i: (-score[i], i))
        for i in order[its.keep :]:
            left_cells += bound_of.pop(i).n_cells
            del score[i]
        going = sorted(score)
    return Screened(
        kept=tuple(going),
        bounds=tuple(bound_of[i] for i in going),
        evaluations=left_cells + queries,
    )


def _looked_at(
    site: Site,
    bound: HullBound,
    its: Round,
    rules: tuple[OrientationRule, ...],
    crew: Crew,
    stop: Stop,
) -> tuple[float, int]:
    """Return the heaviest stone met, in the hull or on the coarse mesh, mm3, and the queries."""
    if not its.starts:
        return bound.reached, 0
    gems = bound.gems()
    order = unlike_gems(gems, its.starts, 0.0)
    order = order[are_inside(site.skin, gems.translations[order], crew)]
    if len(order) == 0:
        return 0.0, 0
    ground = prepare_ground(site.coarse, bound.cut, crew, rules)
    starts = new_starts(ground, gems.rotations[order], gems.translations[order], gems.thetas[order])
    spent = len(order) + improve(ground, starts, steps=its.steps, stop=stop)
    return float(weights(starts).max(initial=0.0)), spent

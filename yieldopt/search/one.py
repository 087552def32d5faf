"""One stone: the best placement of one cut, by halving rounds of local improvement.

Two kinds of start: gems that fit the hull, in the order of their weight there (in a convex
rough the best of them is the answer), and poses at random round deep places of the rough.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np

from yieldopt.cuts.centre_point import KeptCentrePoint, extra_depth
from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.rotations import cell_keys
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.batch import Starts
from yieldopt.plan.record import OrientationRule
from yieldopt.search.bound import HullBound, HullGems
from yieldopt.search.local import Ground, improve, new_starts, picked, prepare_ground, weights
from yieldopt.search.site import Site
from yieldopt.search.starts import are_inside, random_rotations

SPARE = 2e-6  # mm that a stone keeps beyond its margins, so that rounding in files cannot break it
FINAL_STEPS = 40
LEAST_FINALS = 3  # of a shared pass: as many as the first full pass finishes
KEY_SIZE = 0.22  # rad: hull gems that look alike to this are one start


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """An evaluation budget for one pass over a cut.

    Parameters
    ----------
    cells
        Of the hull bound, in all.
    hull_starts, samples
        Starts from the hull; random poses, of which the first round takes the best.
    rounds
        How many starts enter each round, and its steps.
    finals
        How many are finished on the full mesh.
    whole
        Whether every cut is given all of it; else those that are behind share (`search.race`).
    """

    cells: int
    hull_starts: int
    samples: int
    rounds: tuple[tuple[int, int], ...]
    finals: int
    whole: bool = False

    def shared(self, share: float) -> "Pass":
        """Return the pass with a share of its starts; the bound's cells stay."""
        return replace(
            self,
            hull_starts=ceil(share * self.hull_starts),
            samples=ceil(share * self.samples),
            rounds=tuple((ceil(share * keep), steps) for keep, steps in self.rounds),
            finals=min(self.finals, max(LEAST_FINALS, ceil(share * self.finals))),
        )


# A fifth of the first pass's work has 99 % of the weight in most roughs: a plan to show at once,
# and something for the later passes to beat. Concave roughs need the many samples.
GLIMPSE = Pass(
    cells=600, hull_starts=12, samples=600, rounds=((32, 4), (8, 8)), finals=2, whole=True
)
_FIRST = Pass(
    cells=10000, hull_starts=60, samples=1500, rounds=((160, 4), (40, 8), (12, 12)), finals=3,
    whole=True,
)  # fmt: skip
_SECOND = Pass(
    cells=40000, hull_starts=300, samples=12000, rounds=((1200, 4), (300, 8), (60, 12)), finals=8
)
_THIRD = Pass(
    cells=160000, hull_starts=1000, samples=24000, rounds=((3000, 4), (800, 8), (250, 12)),
    finals=24,
)  # fmt: skip
# Each effort begins with the lesser one's passes, so that more effort never finds less.
EFFORTS = {
    "quick": (GLIMPSE, _FIRST),
    "normal": (GLIMPSE, _FIRST, _SECOND),
    "thorough": (GLIMPSE, _FIRST, _SECOND, _THIRD),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A cut at a pose, proportions and width (mm), with its volume (mm3)."""

    cut: Cut
    pose: Pose
    theta: Float
    width: float
    volume: float


def best_placement(
    site: Site,
    cut: Cut,
    bound: HullBound,
    *,
    rules: tuple[OrientationRule, ...],
    points: Float,
    budget: Pass,
    beat: float,
    crew: Crew,
    rng: np.random.Generator,
    stop: Callable[[], bool],
    tell: Callable[[int, float, float], None],
) -> tuple[Placement | None, int]:
    """Return the best placement of a cut (None when nothing fits), and the evaluations.

    `points` (n, 3) are centres for random poses; hull gems that cannot beat the volume
    `beat` (mm3) are left out; `tell` hears (evaluations, best volume,
    share done) between rounds.
    """
    ground = prepare_ground(site.coarse, cut, crew, rules)
    starts, evaluations = first_starts(site, ground, bound, points, budget, beat, rng)
    n_rounds = len(budget.rounds) + 1
    for i, (keep, steps) in enumerate(budget.rounds):
        starts = picked(starts, heaviest(starts, keep))
        evaluations += improve(ground, starts, steps=steps, stop=stop)
        tell(evaluations, float(weights(starts).max(initial=0.0)), (i + 1) / n_rounds)
    final = picked(starts, heaviest(starts, budget.finals))
    exact = prepare_ground(site.full, cut, crew, rules)
    final = new_starts(exact, final.rotation, final.translation, final.theta)
    evaluations += len(final.scale)
    evaluations += improve(exact, final, steps=FINAL_STEPS, stop=stop)
    # A step from a pose outside (the coarse skin is not the full one) may end in a flaw.
    found = weights(final) * are_inside(site.skin, final.translation, crew)
    tell(evaluations, float(found.max(initial=0.0)), 1.0)
    if found.max(initial=0.0) <= 0.0:
        return None, evaluations
    best = int(found.argmax())
    if isinstance(cut, KeptCentrePoint):
        final = picked(final, np.array([best]))
        best = 0
        evaluations += judged_apart(site, cut, final, crew, rules)
    return placed(cut, final, best), evaluations


def judged_apart(
    site: Site,
    cut: KeptCentrePoint,
    final: Starts,
    crew: Crew,
    rules: tuple[OrientationRule, ...],
) -> int:
    """Let one start shrink to what its gem alone and its own centre point allow.

    Planes moved out by a margin meet farther out at the gem's sharp edges than at those of the
    body round gem and centre point, by a hair; and a gem's proportions may need a deeper point
    than was kept free.
    """
    deep = extra_depth(cut.design(final.theta[0], 1.0))
    for own in (cut.gem, replace(cut, extra=max(deep, cut.extra))):
        ground = prepare_ground(site.full, own, crew, rules)
        again = new_starts(ground, final.rotation, final.translation, final.theta)
        final.scale[:] = np.minimum(final.scale, again.scale)
    return 2


def first_starts(
    site: Site,
    ground: Ground,
    bound: HullBound,
    points: Float,
    budget: Pass,
    beat: float,
    rng: np.random.Generator,
) -> tuple[Starts, int]:
    """Return the hull's gems and the best of the random poses, weighed on the coarse mesh."""
    gems = bound.gems()
    order = unlike_gems(gems, budget.hull_starts, beat)
    order = order[are_inside(site.skin, gems.translations[order], ground.crew)]
    n = len(points)
    middle = np.array([p.default for p in ground.cut.proportions])
    random = new_starts(
        ground,
        random_rotations(n, rng),
        points,
        np.tile(middle, (n, 1)),
    )
    random = picked(random, heaviest(random, budget.rounds[0][0]))
    hull = new_starts(ground, gems.rotations[order], gems.translations[order], gems.thetas[order])
    pairs: Any = zip(hull, random, strict=True)
    both: list[Any] = [np.concatenate(pair) for pair in pairs]
    return Starts(*both), n + len(order)


def unlike_gems(gems: HullGems, n: int, beat: float) -> np.ndarray:
    """Return the numbers of the heaviest hull gems, one for each neighbourhood of rotations.

    A gem whose cell cannot beat the volume `beat` is no start.
    """
    useful = (
        np.flatnonzero(gems.limits > np.log(beat)) if beat > 0.0 else np.arange(len(gems.values))
    )
    keys = cell_keys(gems.cells[useful], KEY_SIZE)
    _, first = np.unique(keys, axis=0, return_index=True)
    return useful[np.sort(first)[:n]]


def heaviest(starts: Starts, n: int) -> np.ndarray:
    """Return the numbers of the n heaviest, heaviest first; ties by number."""
    order = np.argsort(-weights(starts), kind="stable")[:n]
    return np.asarray(order[weights(starts)[order] > 0.0])


def placed(cut: Cut, starts: Starts, i: int) -> Placement:
    """Return one start as a placement, a hair smaller than it may be, a cleft ground out."""
    _, offsets = cut.planes(starts.theta[i : i + 1])
    width = float(starts.scale[i]) - SPARE / float(offsets.min())
    ground_out = cut.design(starts.theta[i], width).notch_volume  # a heart's cleft
    return Placement(
        cut=cut,
        pose=Pose(rotation=starts.rotation[i], translation=starts.translation[i]),
        theta=starts.theta[i],
        width=width,
        volume=width**3 * float(starts.volume[i]) - ground_out,
    )

"""One way to cut a rough for money: a cut under some rules with some flaws kept, searched.

Rounds as for weight (`search.one`), but the dearest of each round are remembered beside the
heaviest, all that are finished are valued, and where the place of a stone tells on its value the
dearest are climbed by value.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from yieldopt.cuts.centre_point import KeptCentrePoint
from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.batch import Starts
from yieldopt.plan.record import OrientationRule
from yieldopt.search.bound import HullBound
from yieldopt.search.climb import climb
from yieldopt.search.estimate import Estimator, better_half, dearest, varied
from yieldopt.search.local import Ground, improve, new_starts, picked, prepare_ground
from yieldopt.search.one import (
    FINAL_STEPS,
    Pass,
    Placement,
    first_starts,
    heaviest,
    judged_apart,
    placed,
)
from yieldopt.search.site import Site
from yieldopt.search.starts import are_inside, random_rotations
from yieldopt.search.worth import REFUSED, Appraiser, Worthy
from yieldopt.units import weight_ct
from yieldopt.value.curve import ValueCurve
from yieldopt.value.sizes import CalibratedSize

REMEMBERED = 4  # stones of each round that are dear, not heavy
# Poses at random, of which the heaviest of each kind (grade, colour) are climbed a little way:
# a flaw's better place is mostly not near the heaviest stone.
SCATTERED = 300
LOOKED_PAST = 3  # stones without a flaw inside, beside those that are climbed
SHORT_CLIMBS, SHORT = 5, 10  # for each full climb; generations
SHORT_SHARE = 0.5  # of what may be spent on a quest, before the full ones
# Whether the shape is free: a short climb only looks where a full one may be worth it; that ends
# with the shape held, where its parts are known exactly.
PHASES = (True, False)
VALUED = 3  # of the dearest by estimate, exactly
SURE = 1e-4  # of the value: what is estimated to bring no more than this is not valued


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleClass:
    """Stones that obey these rules, and are sold as such.

    Parameters
    ----------
    rules
        The hard ones, and the priced ones that are obeyed.
    directions
        Words for the colour's direction that they may be sold by.
    on_cleavage
        Whether they break a priced rule on cleavages.
    """

    rules: tuple[OrientationRule, ...]
    directions: tuple[str, ...]
    on_cleavage: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quest:
    """What is searched for.

    Parameters
    ----------
    number
        Of the cut in the problem.
    cut
        With what its proportions are held to; with its centre point where that is kept free.
    site, kept
        The rough, where the flaws of these numbers are no hazards.
    own
        The class of rules.
    bound
        Of its weight, by the hull.
    curve
        Nothing of its class is worth more than this says at its weight.
    size
        The one it is aimed at; None where it may be as large as it will.
    worth_at_most
        What is known beside the bound.
    """

    number: int
    cut: Cut
    site: Site
    kept: frozenset[int]
    own: RuleClass
    bound: HullBound
    curve: ValueCurve
    size: CalibratedSize | None = None
    worth_at_most: float = math.inf

    @property
    def rules(self) -> tuple[OrientationRule, ...]:
        """That its facets obey."""
        return self.own.rules

    @property
    def name(self) -> str:
        """Of its own, whatever else is searched."""
        words = [self.cut.name, *(rule.name for rule in self.rules), *map(str, sorted(self.kept))]
        return "; ".join([*words, self.size.label if self.size is not None else "any size"])

    def most(self, specific_gravity: float) -> float:
        """Return what no stone of it is worth more than."""
        weight = weight_ct(self.bound.volume, specific_gravity)
        known = self.curve.most_up_to(weight) if weight > 0.0 else REFUSED
        return min(known, self.worth_at_most)


def pursued(
    quest: Quest,
    appraiser: Appraiser,
    *,
    points: Float,
    budget: Pass,
    crew: Crew,
    rng: np.random.Generator,
    stop: Callable[[], bool],
    climbed: int,
    generations: int,
    always: bool = False,
    around: tuple[Placement, ...] = (),
    most: float = math.inf,
) -> tuple[list[Worthy], int]:
    """Return the stones found, the dearest first, and the evaluations.

    Parameters
    ----------
    points
        (n, 3) centres for random poses.
    climbed, generations
        How many of the dearest are climbed by value, and how far.
    always
        Whether stones are climbed too whose place costs nothing: for a little more weight.
    around
        Placements of the same cut to climb from as well.
    most
        Evaluations after which no climb begins.
    """
    site, cut = quest.site, quest.cut
    usual = np.array([p.default for p in cut.proportions])
    estimator = _estimator(quest, appraiser, usual)
    ground = prepare_ground(site.coarse, cut, crew, quest.rules)
    starts, evaluations = first_starts(site, ground, quest.bound, points, budget, 0.0, rng)
    shaped = quest.size is not None and bool(cut.proportions)
    minds = bool(quest.kept or appraiser.market.zones) or shaped or always
    dear: list[Starts] = [_of_placements(ground, around)] if around else []
    if minds:
        dear.append(picked(starts, dearest(estimator, starts, REMEMBERED)))
    for keep, steps in budget.rounds:
        starts = picked(starts, heaviest(starts, keep))
        evaluations += improve(ground, starts, steps=steps, stop=stop)
        if minds:
            dear.append(picked(starts, dearest(estimator, starts, REMEMBERED)))
    exact = prepare_ground(site.full, cut, crew, quest.rules)
    final = _weighed(exact, picked(starts, heaviest(starts, budget.finals)))
    evaluations += len(final.scale) + improve(exact, final, steps=FINAL_STEPS, stop=stop)
    if dear:
        others = _weighed(exact, _joined(dear))
        evaluations += len(others.scale)
        final = _joined([final, others])
    final = picked(final, np.flatnonzero(are_inside(site.skin, final.translation, crew)))
    if minds and climbed:
        scattered = _scattered(exact, points[:SCATTERED], rng)
        scattered = picked(scattered, varied(estimator, scattered, climbed + 1))
        evaluations += SCATTERED
        for i in dearest(estimator, scattered, len(scattered.scale))[: SHORT_CLIMBS * climbed]:
            if evaluations + estimator.evaluations > SHORT_SHARE * most:
                break
            start = picked(scattered, np.array([i]))
            best, spent = _climbed(quest, appraiser, exact, start, SHORT, PHASES[:1], rng, stop)
            evaluations += spent
            final = _joined([final, best])
    if minds and len(final.scale):
        able = dearest(estimator, final, climbed + LOOKED_PAST)
        if not always and quest.size is None:
            able = able[~_are_flawless(estimator, picked(final, able))]
        for i in able[:climbed]:
            if evaluations + estimator.evaluations > most:
                break
            start = picked(final, np.array([i]))
            best, spent = _climbed(quest, appraiser, exact, start, generations, PHASES, rng, stop)
            evaluations += spent
            final = _joined([final, best])
        final = picked(final, np.flatnonzero(are_inside(site.skin, final.translation, crew)))
    evaluations += estimator.evaluations
    found, spent = _exactly(quest, appraiser, estimator, final, crew)
    return found, evaluations + spent


def _exactly(
    quest: Quest, appraiser: Appraiser, estimator: Estimator, starts: Starts, crew: Crew
) -> tuple[list[Worthy], int]:
    """Return the dearest of finished starts with their exact values, and the evaluations.

    One such value takes as long as a hundred estimates.
    """
    found: list[Worthy] = []
    most, evaluations = REFUSED, 0
    for i in dearest(estimator, starts, VALUED):
        estimate = float(estimator.values(starts, [i])[0])
        if most > REFUSED and estimate <= most + SURE * abs(most):
            break
        own = picked(starts, np.array([i]))
        if isinstance(quest.cut, KeptCentrePoint):
            evaluations += judged_apart(quest.site, quest.cut, own, crew, quest.rules)
        placement = placed(quest.cut, own, 0)
        if placement.width >= appraiser.problem.limits.min_width:
            found.append(appraiser.best_size(placement))
            most = max(most, found[-1].value)
    found = [worthy for worthy in found if worthy.value > REFUSED]
    found.sort(key=lambda worthy: -worthy.value)
    return found, evaluations


def _scattered(ground: Ground, points: Float, rng: np.random.Generator) -> Starts:
    """Return starts at random round points (n, 3), of usual proportions."""
    n = len(points)
    usual = np.array([p.default for p in ground.cut.proportions])
    return new_starts(ground, random_rotations(n, rng), points, np.tile(usual, (n, 1)))


def _estimator(quest: Quest, appraiser: Appraiser, theta: Float) -> Estimator:
    return Estimator(
        appraiser=appraiser,
        cut=quest.cut,
        aim=quest.size,
        kept=quest.kept,
        theta=theta,
        looks=appraiser.looks_of(quest.cut, theta),
    )


def _are_flawless(estimator: Estimator, starts: Starts) -> np.ndarray:
    """Tell which starts (b,) no place could better: steps by weight have done all there is."""
    appraiser = estimator.appraiser
    if appraiser.market.zones:
        return np.zeros(len(starts.scale), dtype=bool)
    top = appraiser.market.book.clarity.ladder[0]
    kinds = estimator.kinds(starts)
    return np.array([kind is not None and kind[0] == top for kind in kinds], dtype=bool)


def _climbed(
    quest: Quest,
    appraiser: Appraiser,
    ground: Ground,
    start: Starts,
    generations: int,
    phases: tuple[bool, ...],
    rng: np.random.Generator,
    stop: Callable[[], bool],
) -> tuple[Starts, int]:
    """Return what a climb from one start finds, in phases with the shape free or held."""
    spent = 0
    best = start
    for shape_is_free in phases if len(ground.low) else (False,):
        own = _estimator(quest, appraiser, best.theta[0])
        best, evaluations = climb(
            ground,
            best,
            partial(better_half, own),
            generations=generations,
            shape_is_free=shape_is_free,
            rng=rng,
            stop=stop,
        )
        spent += evaluations + own.evaluations
    return best, spent


def _of_placements(ground: Ground, placements: tuple[Placement, ...]) -> Starts:
    return new_starts(
        ground,
        np.array([p.pose.rotation for p in placements]),
        np.array([p.pose.translation for p in placements]),
        np.array([p.theta for p in placements]).reshape(len(placements), len(ground.low)),
    )


def _weighed(ground: Ground, starts: Starts) -> Starts:
    return new_starts(ground, starts.rotation, starts.translation, starts.theta)


def _joined(parts: list[Starts]) -> Starts:
    both: list[Any] = [np.concatenate(own) for own in zip(*parts, strict=True)]
    return Starts(*both)

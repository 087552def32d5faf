"""One way to cut a rough for money: a cut under some rules with some flaws kept, searched.

Rounds as for weight (`search.one`), but the dearest of each round are remembered beside the
heaviest, all that are finished are valued, and where the place of a stone tells on its value the
dearest are climbed by value.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
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
from yieldopt.search.local import Ground, improve, new_starts, picked, prepare_ground, weights
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
from yieldopt.search.starts import are_inside
from yieldopt.search.worth import REFUSED, Appraiser, Looks, Worthy
from yieldopt.units import weight_ct
from yieldopt.value.curve import ValueCurve
from yieldopt.value.sizes import CalibratedSize

REMEMBERED = 4  # stones of each round that are dear, not heavy


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
    """
    site, cut = quest.site, quest.cut
    worth = _Values(quest=quest, appraiser=appraiser)
    ground = prepare_ground(site.coarse, cut, crew, quest.rules)
    starts, evaluations = first_starts(site, ground, quest.bound, points, budget, 0.0, rng)
    shaped = quest.size is not None and bool(cut.proportions)
    minds = bool(quest.kept or appraiser.market.zones) or shaped or always
    dear: list[Starts] = [_of_placements(ground, around)] if around else []
    if minds:
        dear.append(worth.dearest(starts, REMEMBERED))
    for keep, steps in budget.rounds:
        starts = picked(starts, heaviest(starts, keep))
        evaluations += improve(ground, starts, steps=steps, stop=stop)
        if minds:
            dear.append(worth.dearest(starts, REMEMBERED))
    exact = prepare_ground(site.full, cut, crew, quest.rules)
    final = _weighed(exact, picked(starts, heaviest(starts, budget.finals)))
    evaluations += len(final.scale) + improve(exact, final, steps=FINAL_STEPS, stop=stop)
    if dear:
        others = _weighed(exact, _joined(dear))
        evaluations += len(others.scale)
        final = _joined([final, others])
    final = picked(final, np.flatnonzero(are_inside(site.skin, final.translation, crew)))
    if minds and len(final.scale):
        top = worth.dearest(final, climbed)
        for i in range(len(top.scale)):
            if not always and worth.is_best_at_its_weight(top, i):
                continue  # steps by weight have done all there is to do
            best, spent = worth.climbed(exact, picked(top, np.array([i])), generations, rng, stop)
            evaluations += spent
            final = _joined([final, best])
        final = picked(final, np.flatnonzero(are_inside(site.skin, final.translation, crew)))
    final = picked(final, heaviest(final, len(final.scale)))
    found = []
    for i in range(len(final.scale)):
        own, at = final, i
        if isinstance(cut, KeptCentrePoint):
            own, at = picked(final, np.array([i])), 0
            evaluations += judged_apart(site, cut, own, crew, quest.rules)
        placement = placed(cut, own, at)
        if placement.width >= appraiser.problem.limits.min_width:
            found.append(appraiser.best_size(placement))
    found = [worthy for worthy in found if worthy.value > REFUSED]
    found.sort(key=lambda worthy: -worthy.value)
    return found, evaluations


@dataclass(slots=True, kw_only=True)
class _Values:
    """What starts are worth. A gem's parts go by the proportions `theta`: near enough, not exact.

    `looks` are those of `theta` (p,).
    """

    quest: Quest
    appraiser: Appraiser
    theta: Float = field(default_factory=lambda: np.empty(0))
    looks: Looks | None = None

    def at(self, theta: Float) -> "_Values":
        """Return the same with parts of other proportions (p,)."""
        looks = self.appraiser.looks_of(self.quest.cut, theta)
        return _Values(quest=self.quest, appraiser=self.appraiser, theta=theta, looks=looks)

    def climbed(
        self,
        ground: Ground,
        start: Starts,
        generations: int,
        rng: np.random.Generator,
        stop: Callable[[], bool],
    ) -> tuple[Starts, int]:
        """Return what a climb from one start finds; at its end the shape is held, parts exact."""
        spent = 0
        best = start
        rounds = (True, False) if len(ground.low) else (False,)
        for shape_is_free in rounds:
            own = self.at(best.theta[0])
            best, evaluations = climb(
                ground,
                best,
                own.of,
                generations=generations,
                shape_is_free=shape_is_free,
                rng=rng,
                stop=stop,
            )
            spent += evaluations
        return best, spent

    def of(self, starts: Starts) -> Float:
        """Return the values (b,) of starts, best sizes and all; of the better half they are exact.

        The others may be told to be worth nothing: a climb goes by the better half alone.
        """
        volumes = weights(starts)
        half = len(volumes) // 2
        out = np.full(len(volumes), REFUSED)
        name = self.quest.cut.name
        for i in heaviest(starts, len(volumes)):
            known = np.partition(out, -half)[-half] if half else REFUSED
            if known > REFUSED and self.appraiser.most_of(name, float(volumes[i])) <= known:
                break
            out[i] = self._one(starts, int(i))
        return out

    def is_best_at_its_weight(self, starts: Starts, i: int) -> bool:
        """Tell whether no stone of a start's weight is worth more: its place costs nothing."""
        if self.quest.size is not None:
            return False
        most = self.appraiser.most_at(self.quest.cut.name, float(weights(starts)[i]))
        return self._one(starts, i) >= most

    def dearest(self, starts: Starts, n: int) -> Starts:
        """Return the n dearest, dearest first; those that cannot be are not valued."""
        name, volumes = self.quest.cut.name, weights(starts)
        kept: list[tuple[float, int]] = []
        for i in heaviest(starts, len(volumes)):
            most = self.appraiser.most_of(name, float(volumes[i]))
            if len(kept) >= n and most <= kept[-1][0]:
                break
            kept.append((self._one(starts, int(i)), int(i)))
            kept.sort(key=lambda pair: -pair[0])
            kept = kept[:n]
        order = [i for value, i in kept if value > REFUSED]
        return picked(starts, np.array(order, dtype=np.int64))

    def _one(self, starts: Starts, i: int) -> float:
        cut, appraiser = self.quest.cut, self.appraiser
        if starts.scale[i] <= 0.0 or starts.volume[i] <= 0.0:
            return REFUSED
        if self.looks is None:
            self.theta = np.array([p.default for p in cut.proportions])
            self.looks = appraiser.looks_of(cut, self.theta)
        placement = rough_placement(cut, starts, i)
        looks = self.looks
        if len(cut.proportions):
            looks = _stretched(looks, cut, self.theta, starts.theta[i])
        return appraiser.best_size(placement, looks, self.quest.size).value


def rough_placement(cut: Cut, starts: Starts, i: int) -> Placement:
    """Return a start as a placement, without its facets being worked out."""
    from yieldopt.geometry.pose import Pose

    width = float(starts.scale[i])
    return Placement(
        cut=cut,
        pose=Pose(rotation=starts.rotation[i], translation=starts.translation[i]),
        theta=starts.theta[i],
        width=width,
        volume=width**3 * float(starts.volume[i]),
    )


def _stretched(looks: Looks, cut: Cut, known: Float, theta: Float) -> Looks:
    """Return the looks of known proportions with the half-spaces and the length of others."""
    normals, offsets = cut.planes(theta[None])
    n = len(looks.solid.normals)
    solid = replace(looks.solid, normals=normals[0, :n], offsets=offsets[0, :n])
    length = looks.length
    for own, before, ratio in zip(cut.proportions, known, theta, strict=True):
        if own.name == "length_width":
            length = looks.length * float(ratio / before)
    return replace(looks, solid=solid, length=length)


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

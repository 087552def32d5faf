"""The ways to cut a rough for money: rules obeyed or broken, flaws kept or not, sizes aimed at.

Every stone belongs to one class of rules: it obeys the priced rule on the table or not, those on
cleavages or not, and each rule with a factor of its own or not. A class has a curve that no stone
of it is worth more than, and a hull bound of its own: together they are what is proved of value.
"""

import math
from dataclasses import dataclass, field, replace
from itertools import product

import numpy as np

from yieldopt.cuts.centre_point import with_centre_point
from yieldopt.cuts.cut import Cut, Proportion
from yieldopt.cuts.family import FamilyCut
from yieldopt.geometry.threads import Crew
from yieldopt.plan.record import OrientationRule
from yieldopt.search.bound import HullBound
from yieldopt.search.estimate import rung_of
from yieldopt.search.forms import volumes_of
from yieldopt.search.problem import Problem
from yieldopt.search.quest import Quest, RuleClass
from yieldopt.search.race import Race
from yieldopt.search.site import Shell, Site, site_in
from yieldopt.search.worth import TABLE_ALONE, Appraiser
from yieldopt.units import weight_ct
from yieldopt.value.curve import ValueCurve, upper_curve
from yieldopt.value.market import OFF, ON
from yieldopt.value.sizes import CalibratedSize

LENGTH = "length_width"


def classes_of(problem: Problem) -> tuple[RuleClass, ...]:
    """Return the classes that together hold every stone the hard rules allow."""
    table = tuple(rule for rule in problem.priced if rule.share > TABLE_ALONE)
    apart = [rule for rule in problem.priced if rule.share <= TABLE_ALONE]
    cleavages = tuple(rule for rule in apart if rule.factor is None)
    others = [rule for rule in apart if rule.factor is not None]
    held = any(rule.share > TABLE_ALONE for rule in problem.orientation)
    out = []
    for obeys_table, obeys_cleavage, *obeyed in product(
        (True, False) if table else (True,),
        (True, False) if cleavages else (True,),
        *((True, False) for _ in others),
    ):
        rules = problem.orientation
        rules += table if obeys_table else ()
        rules += cleavages if obeys_cleavage else ()
        rules += tuple(rule for rule, obeys in zip(others, obeyed, strict=True) if obeys)
        directions = (ON if obeys_table else OFF,) if table else (ON,) if held else ("",)
        out.append(RuleClass(rules=rules, directions=directions, on_cleavage=not obeys_cleavage))
    return tuple(out)


@dataclass(slots=True, kw_only=True)
class Scenarios:
    """Makes quests; sites, curves and bounds are made once and shared.

    Parameters
    ----------
    problem, shell
        What is asked.
    appraiser
        Of the problem.
    race
        By weight, with its bounds.
    crew
        Threads.
    """

    problem: Problem
    shell: Shell
    appraiser: Appraiser
    race: Race
    crew: Crew
    classes: tuple[RuleClass, ...] = field(init=False)
    _sites: dict[frozenset[int], Site] = field(init=False, default_factory=dict)
    _bounds: dict[tuple[object, ...], HullBound] = field(init=False, default_factory=dict)
    _curves: dict[tuple[object, ...], ValueCurve] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Work out the classes of rules; take over the race's bounds."""
        self.classes = classes_of(self.problem)
        plain = _names(self.problem.orientation)
        for i, bound in zip(self.race.kept, self.race.bounds, strict=True):
            self._bounds[i, plain, None] = bound

    def site(self, kept: frozenset[int]) -> Site:
        """Return the rough with some flaws allowed inside."""
        if kept not in self._sites:
            self._sites[kept] = site_in(self.shell, self.problem, kept)
        return self._sites[kept]

    def bound(
        self, i: int, rules: tuple[OrientationRule, ...], size: CalibratedSize | None = None
    ) -> HullBound:
        """Return the hull bound of a cut (by number) under rules, as far as it is tightened."""
        cut = self.problem.cuts[i]
        narrowed = None if size is None else narrowed_to(cut, size)
        key = (i, _names(rules), size.label if narrowed is not None and size else None)
        if key not in self._bounds:
            shell = self.shell
            self._bounds[key] = HullBound(
                shell.hull,
                shell.centre,
                narrowed or cut,
                self.crew,
                rules,
                self.problem.rough.volume,
            )
        return self._bounds[key]

    def curve(
        self, name: str, own: RuleClass, *, calibrated: tuple[bool, ...] | None = None
    ) -> ValueCurve:
        """Return what no stone of a class is worth more than, over weight."""
        key = (name, _names(own.rules), own.directions, own.on_cleavage, calibrated)
        if key not in self._curves:
            self._curves[key] = upper_curve(
                self.appraiser.market.choices(
                    name,
                    graded=bool(self.appraiser.numbers),
                    directions=own.directions,
                    on_cleavage=(own.on_cleavage,),
                    calibrated=calibrated,
                    factor=self._factor(own),
                )
            )
        return self._curves[key]

    def _factor(self, own: RuleClass) -> float:
        """Return what the prices of a class are multiplied by for rules of a factor of their own.

        A stone of the class that obeys such a rule all the same is of another class too.
        """
        obeyed = _names(own.rules)
        return math.prod(
            rule.factor
            for rule in self.problem.priced
            if rule.factor is not None and rule.name not in obeyed
        )

    def quest(
        self,
        i: int,
        own: RuleClass,
        kept: frozenset[int] = frozenset(),
        size: CalibratedSize | None = None,
    ) -> Quest:
        """Return the quest for the best stone of a cut in a class with some flaws allowed."""
        cut = self.problem.cuts[i]
        if size is not None:
            cut = narrowed_to(cut, size) or cut
        if self.problem.limits.centre_point:
            cut = with_centre_point(cut)
        return Quest(
            number=i,
            cut=cut,
            site=self.site(kept),
            kept=kept,
            own=own,
            bound=self.bound(i, own.rules, size),
            curve=self.curve(cut.name, own),
            size=size,
        )

    def sized(
        self, i: int, own: RuleClass, kept: frozenset[int], n: int, *, above: float = -np.inf
    ) -> list[Quest]:
        """Return the quests for the n sizes of a cut that can bring most of those that may fit.

        Sizes that cannot bring more than `above` within the bound of their class are left out
        before a bound of their own is made, which costs as much as a first look at a cut.
        """
        cut = self.problem.cuts[i]
        if not cut.proportions:
            return []  # it shrinks to its sizes from the largest stone
        sg = self.problem.specific_gravity
        limit = self.bound(i, own.rules).volume
        able: list[tuple[float, CalibratedSize]] = []
        for size in self.appraiser.market.sizes_wanted(cut.name):
            narrowed = self._narrowed(cut, size)
            if narrowed is None or size.width + size.tolerance < self.problem.limits.min_width:
                continue
            ends = np.array(
                [[getattr(p, end) for p in narrowed.proportions] for end in ("low", "high")]
            )
            least, most = volumes_of(narrowed, ends) * np.array(
                [(size.width - size.tolerance) ** 3, (size.width + size.tolerance) ** 3]
            )
            if least <= limit:
                curve = self._curve_of_size(cut.name, own, size)
                able.append((curve.most_up_to(weight_ct(min(most, limit), sg)), size))
        able = [pair for pair in able if pair[0] > above]
        able.sort(key=lambda pair: -pair[0])
        return [
            replace(
                self.quest(i, own, kept, replace(size, tolerance=rung_of(size.tolerance))),
                worth_at_most=most,
            )
            for most, size in able[:n]
        ]

    def _narrowed(self, cut: Cut, size: CalibratedSize) -> Cut | None:
        """Return `narrowed_to`, by a design that is made once where no proportion is a length."""
        if isinstance(cut, FamilyCut) and all(p.name != LENGTH for p in cut.proportions):
            looks = self.appraiser.looks_of(cut, cut.usual)
            return cut if _low(size) <= looks.length / looks.width <= _high(size) else None
        return narrowed_to(cut, size)

    def _curve_of_size(self, name: str, own: RuleClass, size: CalibratedSize) -> ValueCurve:
        """Return what no stone of a size in a class is worth more than: the same for most sizes."""
        market = self.appraiser.market
        wishes = tuple(
            wish
            for wish in market.agreed_for(name)
            if (wish.length, wish.width) == (size.length, size.width)
        )
        key = ("size", name, _names(own.rules), own.directions, own.on_cleavage, wishes)
        if key not in self._curves:
            self._curves[key] = upper_curve(
                market.choices_of_size(
                    name,
                    size,
                    graded=bool(self.appraiser.numbers),
                    directions=own.directions,
                    on_cleavage=(own.on_cleavage,),
                    factor=self._factor(own),
                )
            )
        return self._curves[key]

    def proved(self) -> float:
        """Return what no stone of any cut and class is worth more than."""
        sg = self.problem.specific_gravity
        out = -np.inf
        for i, own in product(self.race.kept, self.classes):
            # A class is part of what the hard rules allow.
            whole = self.bound(i, self.problem.orientation).volume
            volume = min(self.bound(i, own.rules).volume, whole)
            if volume > 0.0:
                curve = self.curve(self.problem.cuts[i].name, own)
                out = max(out, curve.most_up_to(weight_ct(volume, sg)))
        return float(out)


def narrowed_to(cut: Cut, size: CalibratedSize) -> Cut | None:
    """Return a cut held to the lengths that a size allows; None where it cannot have it."""
    if not isinstance(cut, FamilyCut):
        length = cut.design(np.array([p.default for p in cut.proportions]), 1.0).length
        return cut if _low(size) <= length <= _high(size) else None
    free = {p.name: p for p in cut.proportions}
    if LENGTH not in free:
        design = cut.design(cut.usual, 1.0)
        ratio = design.length / design.width
        return cut if _low(size) <= ratio <= _high(size) else None
    own = free[LENGTH]
    low, high = max(own.low, _low(size)), min(own.high, _high(size))
    if low > high:
        return None
    usual = min(max(own.default, low), high)
    free[LENGTH] = Proportion(name=LENGTH, low=low, high=high, default=usual)
    return replace(cut, proportions=tuple(free.values()))


def _low(size: CalibratedSize) -> float:
    return (size.length - size.tolerance) / (size.width + size.tolerance)


def _high(size: CalibratedSize) -> float:
    return (size.length + size.tolerance) / max(size.width - size.tolerance, size.tolerance)


def _names(rules: tuple[OrientationRule, ...]) -> tuple[str, ...]:
    return tuple(rule.name for rule in rules)

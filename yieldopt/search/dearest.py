"""The dearest stone: quests in the order of what they can bring at most, the best pursued further.

The race by weight comes first, and what it found is valued too: so a plan by value is never
worth less than the plan by weight of the same seed and effort.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.geometry.threads import Crew
from yieldopt.plan.record import OrientationRule
from yieldopt.plan.worth import RuleCost
from yieldopt.search.one import EFFORTS, Pass, Placement
from yieldopt.search.problem import Problem
from yieldopt.search.quest import Quest, RuleClass, pursued
from yieldopt.search.race import PROVED, Race
from yieldopt.search.scenario import Scenarios
from yieldopt.search.site import Shell
from yieldopt.search.starts import deep_points
from yieldopt.search.stop import Stop
from yieldopt.search.worth import TABLE_ALONE, Appraiser, Worthy
from yieldopt.value.colour import ON

FURTHER = 4  # quests that go on from the glimpse to the first pass
LAST = 2  # and from there to each pass behind it
MOST_SIZES = 2  # of a cut in a class: those that can bring most
WORK, LEAST_WORK = 0.7, 12_000  # of the work of the race by weight; in any case; evaluations
CELL = 0.2  # of an evaluation's time: what a cell of a bound takes
GLIMPSES, FEWER = 0.5, 0.8  # of all that work, when first looks at quests end
SHARE = 0.3  # of a pass by weight that a quest is given
MOST_CELLS = 3000  # of a quest's own bound: starts, and what can be left out
MOST_SETS = 8  # sets of flaws that are looked at for the same cut and class
NEAR = 0.04  # of weight: an edge this close above a stone is tried for again
AGAIN = 100  # number of the pass that tries so, for its random stream
# Stones climbed, generations. None at the first look: it is better spent on all the quests (with
# 6 needles two of twelve were looked at, and the stone found was worth 10 % less).
GLIMPSE_CLIMB, CLIMB, AGAIN_CLIMB = (0, 0), (1, 60), (3, 80)
COST_CUTS = 2  # cuts that a plan without a rule is looked for in
COST_CLIMB = (1, 20)
COST_PASS = 1  # the pass of an effort that looks for it

Tell = Callable[[str, int, float, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What came of it.

    Parameters
    ----------
    found
        The dearest first: of each quest the best, and what the race by weight found.
    most
        What no stone is worth more than.
    evaluations
        Exact queries, and cells beyond those of the race by weight.
    costs_of_rules
        What each rule cost.
    """

    found: tuple[Worthy, ...]
    most: float
    evaluations: int
    costs_of_rules: tuple[RuleCost, ...]


def search_dearest(
    problem: Problem,
    shell: Shell,
    race: Race,
    *,
    effort: str,
    seed: int,
    crew: Crew,
    stop: Stop,
    tell: Tell,
) -> Found:
    """Return the dearest stones; the same answer on any number of threads.

    `tell` hears (phase, evaluations, best weight's volume in mm3, share done).
    """
    appraiser = Appraiser(problem=problem)
    hunt = _Hunt(
        problem=problem,
        appraiser=appraiser,
        scenarios=Scenarios(
            problem=problem, shell=shell, appraiser=appraiser, race=race, crew=crew
        ),
        race=race,
        passes=EFFORTS[effort],
        seed=seed,
        crew=crew,
        stop=stop,
        tell=tell,
    )
    hunt.value_race()
    hunt.run()
    costs = hunt.costs_of_rules()
    found = sorted(hunt.found, key=lambda worthy: -worthy.value)
    return Found(
        found=tuple(found),
        most=hunt.scenarios.proved(),
        evaluations=hunt.evaluations,
        costs_of_rules=costs,
    )


@dataclass(slots=True, kw_only=True)
class _Hunt:
    problem: Problem
    appraiser: Appraiser
    scenarios: Scenarios
    race: Race
    passes: tuple[Pass, ...]
    seed: int
    crew: Crew
    stop: Stop
    tell: Tell
    found: list[Worthy] = field(default_factory=list)
    best_of: dict[str, Worthy] = field(default_factory=dict)
    evaluations: int = 0
    share: float = 0.0
    _work: float = 0.0
    _most: float = field(init=False)
    _points: dict[tuple[frozenset[int], int], Float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Work out what may be spent: the race's bounds are tightened further later on."""
        cells = sum(bound.n_cells for bound in self.race.bounds)
        work = self.race.evaluations - (1.0 - CELL) * cells
        self._most = max(LEAST_WORK, WORK * work)

    @property
    def to_beat(self) -> float:
        """What a quest must be able to bring to be worth pursuing."""
        return max((worthy.value for worthy in self.found), default=-np.inf)

    def value_race(self) -> None:
        """Value what the race by weight found."""
        for placement in self.race.found:
            if placement.width >= self.problem.limits.min_width:
                worthy = self.appraiser.best_size(placement)
                if np.isfinite(worthy.value):
                    self.found.append(worthy)

    def run(self) -> None:
        """Pursue the quests that can win."""
        quests = self._first_quests()
        for at, quest in enumerate(quests):
            self.share = 0.5 * at / max(1, len(quests))
            self._pursue(quest, 0, GLIMPSE_CLIMB, until=GLIMPSES)
        for number in range(1, len(self.passes)):
            goes_on = self._leaders(quests, FURTHER if number == 1 else LAST)
            for quest in goes_on:
                self.share = 0.5 + 0.4 * number / len(self.passes)
                self._pursue(quest, number, CLIMB)
            if number == 1:
                quests = self._with_fewer_flaws(quests)
        for quest in self._leaders(quests, FURTHER):
            self._try_again(quest)

    def _first_quests(self) -> list[Quest]:
        """Return the quests, those that can bring most first; nothing that is searched already."""
        sets = self._sets()
        both = [(i, own) for i in self.race.kept for own in self.scenarios.classes]
        out: list[Quest] = []
        for i, own in both:
            for kept in sets:
                if kept or not self._is_searched(i, own):
                    out += self._tightened([self.scenarios.quest(i, own, kept)])
        # A size is a part of its class: only where that can win is a bound made for it.
        for i, own in both:
            sized = self.scenarios.sized(i, own, sets[-1], MOST_SIZES, above=self.to_beat)
            out += self._tightened(sized)
        return self._in_turns(out)

    def _sets(self) -> list[frozenset[int]]:
        """Return the sets of flaws that are allowed first: none, all but cracks, and all.

        A crack that opens is refused, and few stones close over one: beside cracks there is more.
        """
        pairs = zip(self.appraiser.numbers, self.appraiser.bodies.kinds, strict=True)
        whole = frozenset(number for number, kind in pairs if kind != "crack")
        return list(dict.fromkeys([frozenset(), whole, frozenset(self.appraiser.numbers)]))

    def _tightened(self, quests: list[Quest]) -> list[Quest]:
        """Return quests, the bounds of those that may win tightened for a first pass."""
        for quest in quests:
            if self._can_win(quest):
                quest.bound.tighten(self.passes[0].cells, stop=self.stop)
        return quests

    def _in_turns(self, quests: list[Quest]) -> list[Quest]:
        """Return the quests in an order that looks at each class early.

        The most promising of each class with each set of flaws, then the second of each, and so
        on; those for sizes last.
        """
        quests.sort(key=lambda quest: -quest.most(self._sg))
        count: dict[tuple[tuple[str, ...], frozenset[int], bool], int] = {}
        turns = []
        for quest in quests:
            is_sized = quest.size is not None
            key = (tuple(rule.name for rule in quest.rules), quest.kept, is_sized)
            count[key] = count.get(key, 0) + 1
            turns.append((is_sized, count[key]))
        return [quests[i] for i in sorted(range(len(quests)), key=lambda i: (turns[i], i))]

    def _is_searched(self, i: int, own: RuleClass) -> bool:
        """Tell whether the race by weight has done all for a cut's stones clear of all flaws."""
        if self.appraiser.market.zones or own.rules != self.problem.orientation:
            return False
        at = self.race.kept.index(i)
        name, bound = self.problem.cuts[i].name, self.race.bounds[at]
        if self.race.whole_passes[at] == len(self.passes):
            return True
        own_volume = max((p.volume for p in self.race.found if p.cut.name == name), default=0.0)
        return bound.volume <= own_volume * (1.0 + PROVED)

    @property
    def _sg(self) -> float:
        return self.problem.specific_gravity

    def _pursue(
        self, quest: Quest, number: int, climb: tuple[int, int], *, until: float = 1.0
    ) -> None:
        """Spend a pass on a quest that may win, if no more than a share of all is spent yet."""
        if (self.stop() and self.found) or not self._can_win(quest):
            return
        if self.found and self._work > until * self._most:
            return
        budget = self.passes[min(number, len(self.passes) - 1)]
        if number:
            budget = budget.shared(SHARE)
        before = quest.bound.n_cells
        quest.bound.tighten(min(budget.cells, MOST_CELLS), stop=self.stop)
        self.evaluations += quest.bound.n_cells - before
        self._work += CELL * (quest.bound.n_cells - before)
        if not self._can_win(quest):
            return
        known = self.best_of.get(quest.name)
        around: tuple[Placement, ...] = ()
        if known is not None:
            around = (known.placement,)
        elif number:  # what a first look finds is its own: it tells the quests apart
            around = self._of_race(quest)
        found, spent = pursued(
            quest,
            self.appraiser,
            points=self._centres(quest, number, budget),
            budget=budget,
            crew=self.crew,
            rng=np.random.default_rng([self.seed, number, zlib.crc32(quest.name.encode())]),
            stop=self.stop,
            climbed=climb[0],
            generations=climb[1],
            always=number == AGAIN,
            around=around,
            most=self._most - self._work,
        )
        self.evaluations += spent
        self._work += spent
        if found:
            self.found.append(found[0])
            if known is None or found[0].value > known.value:
                self.best_of[quest.name] = found[0]
        volume = max((worthy.placement.volume for worthy in self.found), default=0.0)
        self.tell("value", self.evaluations, volume, self.share)

    def _of_race(self, quest: Quest) -> tuple[Placement, ...]:
        """Return the race's placement of the same cut, to begin from as well."""
        same = [p for p in self.race.found if p.cut.name == quest.cut.name]
        if quest.size is not None:
            return ()
        return tuple(same[:1])

    def _can_win(self, quest: Quest) -> bool:
        return quest.most(self._sg) > self.to_beat

    def _centres(self, quest: Quest, number: int, budget: Pass) -> Float:
        key = (quest.kept, number)
        if key not in self._points:
            rng = np.random.default_rng([self.seed, number])
            site = quest.site
            self._points[key] = deep_points(site.coarse, site.skin, budget.samples, rng, self.crew)
        return self._points[key]

    def _leaders(self, quests: list[Quest], n: int) -> list[Quest]:
        """Return the quests that promise most, of those that have a stone."""
        alive = [quest for quest in quests if quest.name in self.best_of]
        alive.sort(key=lambda quest: -self._promise(quest))
        return alive[:n]

    def _promise(self, quest: Quest) -> float:
        """Return the value of a quest's best, past the next edge where that is near."""
        best = self.best_of[quest.name]
        curve, weight = self.appraiser.curve_of(best.appraisal), best.appraisal.weight_ct
        jump = curve.next_jump(weight)
        if jump is None or jump.weight_ct > weight * (1.0 + NEAR):
            return best.value
        return max(best.value, curve.value(jump.weight_ct))

    def _with_fewer_flaws(self, quests: list[Quest]) -> list[Quest]:
        """Return the quests and those of the leaders without one of the flaws they hold.

        Any stone that does not hold all of a leader's flaws is a stone without one of them.
        """
        known = {quest.name for quest in quests}
        out = list(quests)
        for quest in self._leaders(quests, LAST):
            met = self.appraiser.met(self.best_of[quest.name].appraisal) & quest.kept
            for number in sorted(met):
                if sum(q.number == quest.number and q.own == quest.own for q in out) >= MOST_SETS:
                    break
                kept = quest.kept - {number}
                fewer = self.scenarios.quest(quest.number, quest.own, kept)
                if fewer.name not in known and quest.size is None and kept:
                    known.add(fewer.name)
                    self._pursue(fewer, 0, GLIMPSE_CLIMB, until=FEWER)
                    out.append(fewer)
        return out

    def _try_again(self, quest: Quest) -> None:
        """Look once more where a little more weight would pass the edge of a bracket."""
        best = self.best_of[quest.name]
        promise = self._promise(quest)
        if promise > max(best.value, self.to_beat):
            self._pursue(quest, AGAIN, AGAIN_CLIMB)

    def costs_of_rules(self) -> tuple[RuleCost, ...]:
        """Return what each rule cost, by the best found the other way."""
        if not self.found:
            return ()
        best = max(self.found, key=lambda worthy: worthy.value)
        out = [self._cost_of_hard(rule, best) for rule in self.problem.orientation]
        out += [self._cost_of_priced(rule, best) for rule in self.problem.priced]
        return tuple(out)

    def _cost_of_hard(self, rule: OrientationRule, best: Worthy) -> RuleCost:
        """Look for a stone without a rule; what obeys it is allowed without it too."""
        others = tuple(own for own in self.problem.orientation if own is not rule)
        problem = replace(self.problem, orientation=others)
        appraiser = Appraiser(problem=problem)
        if rule.share > TABLE_ALONE:
            appraiser.direction = rule
        scenarios = Scenarios(
            problem=problem,
            shell=self.scenarios.shell,
            appraiser=appraiser,
            race=replace(self.race, kept=(), bounds=(), whole_passes=()),
            crew=self.crew,
        )
        top = best
        held = frozenset(self.appraiser.numbers)
        cuts = sorted(self.race.kept, key=lambda i: -self._value_of_cut(i))[:COST_CUTS]
        for i in cuts:
            for own in scenarios.classes:
                if self.stop():
                    break
                quest = scenarios.quest(i, replace(own, directions=("",)), held)
                quest.bound.tighten(self.passes[0].cells, stop=self.stop)
                budget = self.passes[COST_PASS]
                found, spent = pursued(
                    quest,
                    appraiser,
                    points=self._centres(quest, COST_PASS, budget),
                    budget=budget,
                    crew=self.crew,
                    rng=np.random.default_rng([self.seed, COST_PASS, zlib.crc32(b"without")]),
                    stop=self.stop,
                    climbed=COST_CLIMB[0],
                    generations=COST_CLIMB[1],
                )
                self.evaluations += spent
                top = max([top, *found[:1]], key=lambda worthy: worthy.value)
        return RuleCost(
            rule=rule.name,
            how="hard",
            obeyed=True,
            weight_ct=top.appraisal.weight_ct,
            value=top.value,
        )

    def _cost_of_priced(self, rule: OrientationRule, best: Worthy) -> RuleCost:
        obeyed = self._obeys(rule, best)
        others = [worthy for worthy in self.found if self._obeys(rule, worthy) != obeyed]
        other = max(others, key=lambda worthy: worthy.value, default=None)
        return RuleCost(
            rule=rule.name,
            how="priced",
            obeyed=obeyed,
            weight_ct=other.appraisal.weight_ct if other is not None else None,
            value=other.value if other is not None else None,
        )

    def _obeys(self, rule: OrientationRule, worthy: Worthy) -> bool:
        if rule.share > TABLE_ALONE:
            return worthy.appraisal.sale.colour_direction == ON
        return rule.name not in worthy.appraisal.broken

    def _value_of_cut(self, i: int) -> float:
        name = self.problem.cuts[i].name
        return max((w.value for w in self.found if w.placement.cut.name == name), default=-np.inf)

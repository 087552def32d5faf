"""Many cuts at once: bounds first, then searches in the order of the bounds.

A cut whose bound cannot reach the third best stone found so far is out of the race.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yieldopt.cuts.cut import Cut
from yieldopt.geometry.threads import Crew
from yieldopt.search.bound import HullBound, hull_bound
from yieldopt.search.listener import Listener
from yieldopt.search.one import Effort, Placement, best_placement
from yieldopt.search.problem import Problem
from yieldopt.search.site import Site
from yieldopt.search.starts import deep_points
from yieldopt.search.stop import Stop
from yieldopt.units import weight_ct

PLACES = 3  # cuts worth a search: the best and two alternatives
BOUND_SHARE = 0.2  # of the work of a cut that its bound takes, for the progress line


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """What came of it.

    Parameters
    ----------
    found
        The best placement of each cut that was searched, in the order of the problem.
    bound
        mm3: no stone of any of the cuts has more.
    evaluations
        Exact queries and bound cells.
    """

    found: list[Placement]
    bound: float
    evaluations: int


def run_race(
    site: Site,
    problem: Problem,
    *,
    effort: Effort,
    seed: int,
    crew: Crew,
    stop: Stop,
    listener: Listener,
) -> Race:
    """Search the cuts of a problem; the same answer on any number of threads."""
    teller = _Teller(listener=listener, problem=problem, crowd=len(problem.cuts))
    bounds: list[HullBound] = []
    for cut in problem.cuts:
        bounds.append(
            hull_bound(site.hull, site.centre, cut, cells=effort.cells, crew=crew, stop=stop)
        )
        teller.bounded(bounds)
    rng = np.random.default_rng(seed)
    points = deep_points(site.coarse, site.skin, effort.samples, rng, crew)
    order = sorted(range(len(bounds)), key=lambda i: -bounds[i].volume)
    found: dict[int, Placement] = {}
    for i in order:
        cut, bound = problem.cuts[i], bounds[i]
        if stop() and found:
            break
        volumes = sorted((p.volume for p in found.values()), reverse=True)
        if len(volumes) >= PLACES and bound.volume < volumes[PLACES - 1]:
            teller.searched(0, volumes[0])
            continue
        placement, evaluations = best_placement(
            site,
            cut,
            bound,
            points=points,
            effort=effort,
            crew=crew,
            rng=_random_state(seed, cut),
            stop=stop,
            tell=teller.during(cut.name),
        )
        if placement is not None:
            _check(placement, bound)
            found[i] = placement
        teller.searched(evaluations, max((p.volume for p in found.values()), default=0.0))
    return Race(
        found=[found[i] for i in sorted(found)],
        bound=max(bound.volume for bound in bounds),
        evaluations=teller.evaluations,
    )


def _random_state(seed: int, cut: Cut) -> np.random.Generator:
    """Return a cut's own random stream: the other cuts in the race do not change it."""
    return np.random.default_rng([seed, zlib.crc32(cut.name.encode())])


def _check(placement: Placement, bound: HullBound) -> None:
    if placement.volume > bound.volume * (1.0 + 1e-9):  # rounding of two different sums
        raise RuntimeError(
            f"{placement.cut.name}: a stone of {placement.volume} mm3 above its proved limit "
            f"of {bound.volume} mm3; please report this rough"
        )


@dataclass(slots=True, kw_only=True)
class _Teller:
    """Turns what happens into the listener's words."""

    listener: Listener
    problem: Problem
    crowd: int
    evaluations: int = 0
    done: float = 0.0
    best: float = 0.0
    bound: float = 0.0

    def bounded(self, bounds: list[HullBound]) -> None:
        self.evaluations += bounds[-1].cells
        self.bound = max(bound.volume for bound in bounds)
        self.done += BOUND_SHARE / self.crowd
        self._tell("limit", 0, 0.0)

    def during(self, name: str) -> Callable[[int, float, float], None]:
        def tell(evaluations: int, volume: float, share: float) -> None:
            self.best = max(self.best, volume)
            self._tell(name, evaluations, share * (1.0 - BOUND_SHARE) / self.crowd)

        return tell

    def searched(self, evaluations: int, best: float) -> None:
        self.evaluations += evaluations
        self.best = max(self.best, best)
        self.done += (1.0 - BOUND_SHARE) / self.crowd

    def _tell(self, phase: str, evaluations: int, share: float) -> None:
        sg = self.problem.specific_gravity
        self.listener.progress(
            phase=phase,
            evaluations=self.evaluations + evaluations,
            best_ct=weight_ct(self.best, sg),
            bound_ct=weight_ct(self.bound, sg),
            share=min(1.0, self.done + share),
        )

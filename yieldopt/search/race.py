"""Many cuts at once: bounds first, then searches in the order of the bounds.

A crowd of cuts is screened first. A cut whose bound cannot reach the third best stone found so
far is out of the race.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil

import numpy as np

from yieldopt.cuts.centre_point import with_centre_point
from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.threads import Crew
from yieldopt.search.bound import HullBound
from yieldopt.search.listener import Listener
from yieldopt.search.one import Pass, Placement, best_placement
from yieldopt.search.problem import Problem
from yieldopt.search.screen import Screened, screen_cuts
from yieldopt.search.site import Site
from yieldopt.search.starts import deep_points
from yieldopt.search.stop import Stop
from yieldopt.units import weight_ct

PLACES = 3  # cuts worth a search: the best and two alternatives
OTHERS = 2  # searches that the cuts below the third share in each pass but the first
PROVED = 1e-4  # of the volume: a stone this close to its bound is not searched for again
SCREEN_SHARE = 0.5  # of the work of a crowd that screening takes, for the progress line
BOUND_SHARE = 0.2  # of the work of a cut that its bound takes, for the progress line


@dataclass(frozen=True, slots=True, kw_only=True)
class Race:
    """What came of it.

    Parameters
    ----------
    found
        The best placement of each cut that was searched, in the order of the problem.
    bound
        mm3: no stone of any of the cuts that were searched has more.
    evaluations
        Exact queries and bound cells.
    n_searched
        How many cuts were not screened out: all of them, where they are no crowd.
    kept
        Their numbers in the problem.
    bounds
        Of each of them, as far as they are tightened.
    whole_passes
        How many passes were spent on each of them in full.
    """

    found: list[Placement]
    bound: float
    evaluations: int
    n_searched: int
    kept: tuple[int, ...]
    bounds: tuple[HullBound, ...]
    whole_passes: tuple[int, ...]


def run_race(
    site: Site,
    problem: Problem,
    *,
    passes: tuple[Pass, ...],
    seed: int,
    crew: Crew,
    stop: Stop,
    listener: Listener,
) -> Race:
    """Search the cuts of a problem; the same answer on any number of threads."""
    ceiling = problem.rough.volume

    def new_bound(cut: Cut) -> HullBound:
        return HullBound(site.hull, site.centre, cut, crew, problem.orientation, ceiling)

    teller = _Teller(listener=listener, problem=problem)
    screened = screen_cuts(
        site,
        problem.cuts,
        new_bound=new_bound,
        rules=problem.orientation,
        crew=crew,
        stop=stop,
        tell=teller.screening,
    )
    cuts = tuple(problem.cuts[i] for i in screened.kept)
    bounds = list(screened.bounds)
    if problem.limits.centre_point:
        # Their bounds stay those of the gems alone: valid, and fifty times cheaper.
        cuts = tuple(with_centre_point(cut) for cut in cuts)
    teller.begin(screened, crowd=len(cuts) * len(passes))
    found: dict[int, Placement] = {}
    whole_passes = [0] * len(cuts)
    for number, budget in enumerate(passes):
        points = _centres(site, budget, np.random.default_rng([seed, number]), crew)
        for bound in bounds:
            bound.tighten(budget.cells, enough=_to_beat(found), stop=stop)
            teller.bounded(bounds)
        shares = np.ones(len(cuts)) if budget.whole else _shares(found, bounds)
        for i in sorted(range(len(cuts)), key=lambda i: (-shares[i], -bounds[i].volume)):
            own = found[i].volume if i in found else 0.0
            out = bounds[i].volume < _to_beat(found) or bounds[i].volume <= own * (1.0 + PROVED)
            if out or (stop() and found):
                teller.searched(0)
                continue
            whole_passes[i] += int(shares[i] == 1.0)
            placement, evaluations = best_placement(
                site,
                cuts[i],
                bounds[i],
                rules=problem.orientation,
                points=points[: ceil(shares[i] * len(points))],
                budget=budget.shared(shares[i]),
                beat=own,
                crew=crew,
                rng=_random_state(seed, number, cuts[i]),
                stop=stop,
                tell=teller.during(cuts[i].name),
            )
            if placement is not None and placement.volume > own:
                _check(placement, bounds[i])
                found[i] = placement
            teller.searched(evaluations)
    return Race(
        found=[found[i] for i in sorted(found)],
        bound=max(bound.volume for bound in bounds),
        evaluations=teller.evaluations,
        n_searched=len(cuts),
        kept=screened.kept,
        bounds=tuple(bounds),
        whole_passes=tuple(whole_passes),
    )


def _to_beat(found: dict[int, Placement]) -> float:
    """Return the volume (mm3) that a cut must be able to reach to be worth a search."""
    volumes = sorted((p.volume for p in found.values()), reverse=True)
    return volumes[PLACES - 1] if len(volumes) >= PLACES else 0.0


def _shares(found: dict[int, Placement], bounds: list[HullBound]) -> Float:
    """Return the share (n,) of a later pass's starts that each cut is given.

    The PLACES heaviest so far are searched in full, and the others still in the race share the
    work of OTHERS: a pass over many cuts costs no more than one over PLACES + OTHERS. On a
    concave rough, where bounds drop no cut, 16 cuts took 20 s instead of 36 for the same stones.
    """
    volumes = np.array([found[i].volume if i in found else 0.0 for i in range(len(bounds))])
    limits = np.array([bound.volume for bound in bounds])
    order = np.lexsort((-limits, -volumes))
    racing = [i for i in order[PLACES:] if limits[i] >= _to_beat(found)]
    shares = np.ones(len(bounds))
    shares[racing] = min(1.0, OTHERS / max(1, len(racing)))
    return shares


def _centres(site: Site, budget: Pass, rng: np.random.Generator, crew: Crew) -> Float:
    return deep_points(site.coarse, site.skin, budget.samples, rng, crew)


def _random_state(seed: int, number: int, cut: Cut) -> np.random.Generator:
    """Return a cut's own random stream: the other cuts in the race do not change it."""
    return np.random.default_rng([seed, number, zlib.crc32(cut.name.encode())])


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
    crowd: int = 1
    weight: float = 1.0  # of the work: what screening leaves
    evaluations: int = 0
    cells: int = 0
    done: float = 0.0
    best: float = 0.0
    bound: float = 0.0

    def screening(self, evaluations: int, share: float) -> None:
        self._tell("screening", evaluations, share * SCREEN_SHARE)

    def begin(self, screened: Screened, crowd: int) -> None:
        self.crowd = crowd
        self.evaluations = screened.evaluations
        if len(screened.kept) < len(self.problem.cuts):
            self.done, self.weight = SCREEN_SHARE, 1.0 - SCREEN_SHARE

    def bounded(self, bounds: list[HullBound]) -> None:
        self.evaluations += sum(bound.n_cells for bound in bounds) - self.cells
        self.cells = sum(bound.n_cells for bound in bounds)
        self.bound = max(bound.volume for bound in bounds)
        self.done += self.weight * BOUND_SHARE / self.crowd
        self._tell("limit", 0, 0.0)

    def during(self, name: str) -> Callable[[int, float, float], None]:
        def tell(evaluations: int, volume: float, share: float) -> None:
            self.best = max(self.best, volume)
            step = self.weight * (1.0 - BOUND_SHARE) / self.crowd
            self._tell(name, evaluations, share * step)

        return tell

    def searched(self, evaluations: int) -> None:
        self.evaluations += evaluations
        self.done += self.weight * (1.0 - BOUND_SHARE) / self.crowd

    def _tell(self, phase: str, evaluations: int, share: float) -> None:
        sg = self.problem.specific_gravity
        self.listener.progress(
            phase=phase,
            evaluations=self.evaluations + evaluations,
            best_ct=weight_ct(self.best, sg),
            bound_ct=weight_ct(self.bound, sg),
            share=min(1.0, self.done + share),
        )

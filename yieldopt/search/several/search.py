"""The best stones of one rough, several of them where that is worth more."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yieldopt.cuts.centre_point import with_centre_point
from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.threads import Crew
from yieldopt.rough.inclusions import Crack
from yieldopt.search.problem import Problem
from yieldopt.search.race import Race
from yieldopt.search.several.arrange import Arrangement, arrangements, finished
from yieldopt.search.several.candidates import Candidates, picked
from yieldopt.search.several.joint import Workshop
from yieldopt.search.several.normals import KeepOff, normals_to_try, obeys
from yieldopt.search.several.pool import make_pool, survey
from yieldopt.search.several.stages import WORKS, Stages
from yieldopt.search.several.worths import Worths, worths_by_weight
from yieldopt.search.site import Site
from yieldopt.search.stop import Stop

MOST_CUTS = 6  # that stones are made of: those that do best alone
STREAM = 7  # of the random numbers: not those of the race


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """What came of it: the best arrangement of each number of stones, and the evaluations."""

    found: tuple[Arrangement, ...]
    evaluations: int


def search_several(
    problem: Problem,
    site: Site,
    race: Race,
    *,
    effort: str,
    seed: int,
    crew: Crew,
    stop: Stop,
    tell: Callable[[str, int, float, float], None],
) -> Several:
    """Return the best arrangements of two stones and more; the same on any number of threads.

    `tell` hears (phase, evaluations, best volume in mm3, share done).
    """
    limits = problem.limits
    cuts = _likely(problem, race)
    if limits.centre_point:
        cuts = tuple(with_centre_point(cut) for cut in cuts)
    workshop = Workshop(
        surface=site.coarse,
        cuts=cuts,
        rules=problem.orientation,
        worths=_worths(problem, len(cuts)),
        allowance=limits.allowance,
        min_width=limits.min_width,
        crew=crew,
        may_stand=lambda normals: obeys(normals, keep_off_of(problem)),
    )
    full = workshop.on(site.full) if site.full is not site.coarse else workshop
    extent = float(problem.rough.extents.max())
    best: dict[int, Arrangement] = {}
    beams: dict[int, Candidates] = {}
    evaluations = 0
    works = WORKS[effort]
    for number, work in enumerate(works):
        rng = np.random.default_rng([seed, STREAM, number])
        pool = make_pool(site, workshop, work.samples, rng, crew)
        evaluations += work.samples
        if len(pool) == 0:
            break
        directions = saw_directions(problem, work.directions)
        if len(directions) == 0:
            break
        look = survey(pool, problem.rough.vertices, directions, work.places)
        stages = Stages(
            problem=problem, site=site, workshop=workshop, look=look, work=work,
            kerf=limits.kerf_for(extent), stop=stop, rng=rng,
            shifts_alone=problem.saw_directions is not None, beams=beams,
        )  # fmt: skip
        for n in range(2, limits.max_stones + 1):
            if stop() and best:
                break
            beam = stages.run(n)
            if beam is None:
                break
            kept, spent = finished(
                full, site, picked(beam, np.arange(min(len(beam), work.finals))), stop
            )
            evaluations += spent
            for arrangement in arrangements(full, kept):
                if n not in best or arrangement.worth > best[n].worth:
                    best[n] = arrangement
            volume = max((own.volume for own in best.values()), default=0.0)
            share = (number + (n - 1) / (limits.max_stones - 1)) / len(works)
            tell(f"{n} stones", evaluations + stages.evaluations, volume, share)
        evaluations += stages.evaluations
    return Several(found=tuple(best[n] for n in sorted(best)), evaluations=evaluations)


def _likely(problem: Problem, race: Race) -> tuple[Cut, ...]:
    """Return the cuts that did best alone, in the order of the problem."""
    volumes = {placement.cut.name: placement.volume for placement in race.found}
    order = sorted(problem.cuts, key=lambda cut: -volumes.get(cut.name, 0.0))
    chosen = {cut.name for cut in order[:MOST_CUTS]}
    return tuple(cut for cut in problem.cuts if cut.name in chosen)


def _worths(problem: Problem, n_cuts: int) -> Worths:
    return worths_by_weight(n_cuts, problem.specific_gravity)


def keep_off_of(problem: Problem) -> KeepOff:
    """Return the cleavages that saw planes keep off, and by how much."""
    least = problem.limits.saw_off_cleavage
    if least <= 0.0:
        return ()
    return [(axis, least) for name, axis in problem.axes.items() if name.startswith("cleavage")]


def saw_directions(problem: Problem, n: int) -> Float:
    """Return the normals (d, 3) of saw planes to try: spread ones, the rough's axes, its cracks."""
    keep_off = keep_off_of(problem)
    if problem.saw_directions is not None:
        return normals_to_try(problem.saw_directions, keep_off, n)
    spread = normals_to_try(None, (), n)
    middle = problem.rough.vertices - problem.rough.vertices.mean(axis=0)
    axes = np.linalg.eigh(middle.T @ middle)[1].T
    cracks = [_normal_of(flaw) for flaw in problem.inclusions if isinstance(flaw, Crack)]
    every = np.concatenate([axes, *[own[None] for own in cracks], spread])
    return every[obeys(every, keep_off)]


def _normal_of(crack: Crack) -> Float:
    corners = np.asarray(crack.corners, dtype=np.float64)
    middle = corners - corners.mean(axis=0)
    normal: Float = np.linalg.svd(middle)[2][2]
    return normal


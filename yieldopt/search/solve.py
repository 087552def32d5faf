"""From a problem to a plan."""

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from yieldopt import __version__
from yieldopt.errors import NothingFitsError
from yieldopt.geometry.threads import Crew, cores
from yieldopt.kernels.kernel import is_compiled, mark_compiled
from yieldopt.plan.record import Bound, Limits, Plan, SearchRecord
from yieldopt.search.bound import HullBound
from yieldopt.search.dearest import Found, search_dearest
from yieldopt.search.listener import Listener
from yieldopt.search.one import EFFORTS, Placement
from yieldopt.search.problem import Problem
from yieldopt.search.race import Race, run_race
from yieldopt.search.several.keep import search_kept
from yieldopt.search.several.plan import plan_of_several, volume_of_several
from yieldopt.search.several.search import search_several
from yieldopt.search.site import prepare_shell, site_in
from yieldopt.search.starts import are_inside
from yieldopt.search.stop import Stop, never
from yieldopt.search.valued import stone_of, valued_plan
from yieldopt.search.warm import compile_beside, wait_for
from yieldopt.units import weight_ct


def solve(
    problem: Problem,
    *,
    effort: str = "normal",
    seed: int = 0,
    threads: int | None = None,
    stop: Stop = never,
    listener: Listener | None = None,
) -> Plan:
    """Return the best plan found; the same bytes for the same seed on any number of threads.

    Raises
    ------
    NothingFitsError
        If no stone of any cut fits under the limits.
    """
    started = time.monotonic()
    listener = listener or Listener()
    beside = None
    if not is_compiled():
        listener.compiling()
        beside = compile_beside()
    limits = problem.limits
    shell = prepare_shell(problem)
    site = site_in(shell, problem)
    dear: Found | None = None
    with Crew(threads) as crew:
        if beside is not None and problem.cuts:
            HullBound(site.hull, site.centre, problem.cuts[0], crew)  # its kernels compile here
            wait_for(beside)
        race = run_race(
            site,
            problem,
            passes=EFFORTS[effort],
            seed=seed,
            crew=crew,
            stop=stop,
            listener=listener,
        )
        # A step that leapt over a thin wall ends outside, or inside a flaw.
        places = np.array([p.pose.translation for p in race.found]).reshape(-1, 3)
        sound = are_inside(site.skin, places, crew)
        found = [p for p, is_sound in zip(race.found, sound, strict=True) if is_sound]
        if problem.objective == "value":
            dear = search_dearest(
                problem,
                shell,
                replace(race, found=found),
                effort=effort,
                seed=seed,
                crew=crew,
                stop=stop,
                tell=_teller(listener, problem, race),
            )
        several = None
        look_for = search_several if problem.locked is None else search_kept
        if problem.locked or (limits.max_stones > 1 and not (stop() and found)):
            several = look_for(
                problem,
                shell,
                replace(race, found=found),
                effort=effort,
                seed=seed,
                crew=crew,
                stop=stop,
                tell=_teller(listener, problem, race, volume_of_several(problem, race.bound)),
            )
    mark_compiled()
    fitting = [p for p in found if p.width >= limits.min_width]
    if not fitting and not (dear and dear.found) and not (several and several.found):
        without = None
        if problem.inclusions and not found and not stop():
            bare = replace(problem, inclusions=(), objective="weight")
            without = solve(bare, effort="quick", seed=seed, threads=threads, stop=stop)
        raise NothingFitsError(_nothing_fits(found, limits, without))
    fitting.sort(key=lambda p: -p.volume)
    plan = Plan(
        rough=problem.rough,
        species=problem.species,
        specific_gravity=problem.specific_gravity,
        limits=limits,
        stones=(stone_of("A", fitting[0]),) if fitting else (),
        alternatives=tuple(stone_of(f"A{k}", p) for k, p in enumerate(fitting[1:], 2)),
        bound=Bound(
            weight_ct=weight_ct(race.bound, problem.specific_gravity),
            covers=_covered(race.n_searched, len(problem.cuts)),
        ),
        search=SearchRecord(
            seed=seed,
            effort=effort,
            evaluations=race.evaluations
            + (dear.evaluations if dear else 0)
            + (several.evaluations if several else 0),
            seconds=0.0,
            complete=not stop(),
            version=__version__,
            threads=cores(),
        ),
        inclusions=problem.inclusions,
        orientation=problem.orientation,
        axes=problem.axes,
        weighed_ct=problem.weighed_ct,
    )
    if problem.market is not None:
        plan = valued_plan(plan, problem, fitting, dear)
    if several is not None:
        plan = plan_of_several(plan, problem, race, several)
    return replace(plan, search=replace(plan.search, seconds=time.monotonic() - started))


def _teller(
    listener: Listener, problem: Problem, race: Race, bound: float | None = None
) -> Callable[[str, int, float, float], None]:
    """Return what turns the words of a search after the race into the listener's.

    `bound` mm3 is what no plan can pass, where that is not the race's.
    """
    most = race.bound if bound is None else bound

    def tell(phase: str, evaluations: int, volume: float, share: float) -> None:
        listener.progress(
            phase=phase,
            evaluations=race.evaluations + evaluations,
            best_ct=weight_ct(volume, problem.specific_gravity),
            bound_ct=weight_ct(most, problem.specific_gravity),
            share=share,
        )

    return tell


def _covered(n_searched: int, n_cuts: int) -> str:
    """Return what the bound covers: a crowd of cuts is screened, which proves nothing."""
    which = "the listed cuts"
    if n_searched < n_cuts:
        which = f"the {n_searched} likeliest of {n_cuts:,} listed cuts"
    return f"one stone of {which}, convex hull of the rough"


def _nothing_fits(found: list[Placement], limits: Limits, without: Plan | None) -> str:
    if without is not None:
        stone = without.stones[0].design
        return (
            f"nothing fits beside the inclusions: limits.inclusion_margin_mm ="
            f" {limits.inclusion_margin:g}; the best stone without them: {stone.name},"
            f" {stone.width:.2f} mm wide, {without.weight_ct:.2f} ct"
        )
    if not found:
        return "nothing fits: the margins (limits.skin_mm + limits.allowance_mm) use up the rough"
    widest = max(found, key=lambda p: p.width)
    return (
        f"nothing fits: limits.min_width_mm = {limits.min_width:g}; "
        f"the widest stone without it is a {widest.cut.name} of {widest.width:.2f} mm"
    )


__all__ = ["EFFORTS", "solve"]

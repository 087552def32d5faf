"""From a problem to a plan."""

import time
from dataclasses import replace

import numpy as np

from yieldopt import __version__
from yieldopt.errors import NothingFitsError
from yieldopt.geometry.threads import Crew, cores
from yieldopt.kernels.kernel import is_compiled, mark_compiled
from yieldopt.plan.record import Bound, Limits, Plan, SearchRecord, Stone
from yieldopt.search.bound import HullBound
from yieldopt.search.listener import Listener
from yieldopt.search.one import EFFORTS, Placement
from yieldopt.search.problem import Problem
from yieldopt.search.race import run_race
from yieldopt.search.site import prepare_site
from yieldopt.search.starts import are_inside
from yieldopt.search.stop import Stop, never
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
    site = prepare_site(problem)
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
    mark_compiled()
    fitting = [p for p in found if p.width >= limits.min_width]
    if not fitting:
        without = None
        if problem.inclusions and not found and not stop():
            bare = replace(problem, inclusions=())
            without = solve(bare, effort="quick", seed=seed, threads=threads, stop=stop)
        raise NothingFitsError(_nothing_fits(found, limits, without))
    fitting.sort(key=lambda p: -p.volume)
    return Plan(
        rough=problem.rough,
        species=problem.species,
        specific_gravity=problem.specific_gravity,
        limits=limits,
        stones=(_stone("A", fitting[0]),),
        alternatives=tuple(_stone(f"A{k}", p) for k, p in enumerate(fitting[1:], 2)),
        bound=Bound(
            weight_ct=weight_ct(race.bound, problem.specific_gravity),
            covers=_covered(race.n_searched, len(problem.cuts)),
        ),
        search=SearchRecord(
            seed=seed,
            effort=effort,
            evaluations=race.evaluations,
            seconds=time.monotonic() - started,
            complete=not stop(),
            version=__version__,
            threads=cores(),
        ),
        inclusions=problem.inclusions,
        orientation=problem.orientation,
        axes=problem.axes,
        weighed_ct=problem.weighed_ct,
    )


def _stone(name: str, placement: Placement) -> Stone:
    design = placement.cut.design(placement.theta, placement.width)
    return Stone(id=name, design=design, pose=placement.pose)


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

"""From a problem to a plan."""

import time

import numpy as np

from yieldopt import __version__
from yieldopt.errors import NothingFitsError
from yieldopt.geometry.coarse import coarse_triangles, split_triangles
from yieldopt.geometry.surface import build_surface
from yieldopt.geometry.threads import Crew, cores
from yieldopt.kernels.kernel import is_compiled, mark_compiled
from yieldopt.plan.record import Bound, Plan, SearchRecord, Stone
from yieldopt.search.listener import Listener
from yieldopt.search.one import EFFORTS, Placement, best_placement
from yieldopt.search.problem import Problem
from yieldopt.search.stop import Stop, never
from yieldopt.units import weight_ct

COARSE = 6000  # triangles to search on
LONGEST = 0.08  # longest edge to search on, share of the rough's extent


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
    if not is_compiled():
        listener.compiling()
    rough, limits = problem.rough, problem.limits
    full = build_surface(rough.triangles(), limits.skin_margin)
    extent = float(np.ptp(rough.vertices, axis=0).max())
    simple = split_triangles(
        coarse_triangles(rough.vertices, rough.faces, COARSE), LONGEST * extent
    )
    coarse = build_surface(simple, limits.skin_margin)
    if len(rough.faces) <= COARSE:
        full = coarse  # the same surface, its large triangles split
    found: list[Placement] = []
    evaluations = 0
    with Crew(threads) as crew:
        for i, cut in enumerate(problem.cuts):
            best_so_far = max((p.volume for p in found), default=0.0)

            def tell(
                n: int, volume: float, share: float, i: int = i, before: int = evaluations,
                best: float = best_so_far, name: str = cut.name,
            ) -> None:  # fmt: skip
                listener.progress(
                    phase=name,
                    evaluations=before + n,
                    best_ct=weight_ct(max(volume, best), problem.specific_gravity),
                    bound_ct=weight_ct(rough.volume, problem.specific_gravity),
                    share=(i + share) / len(problem.cuts),
                )

            placement, n = best_placement(
                full,
                coarse,
                simple,
                cut,
                effort=EFFORTS[effort],
                crew=crew,
                rng=np.random.default_rng([seed, i]),
                stop=stop,
                tell=tell,
            )
            evaluations += n
            if placement is not None:
                found.append(placement)
    mark_compiled()
    fitting = [p for p in found if p.width >= limits.min_width]
    if not fitting:
        raise NothingFitsError(_nothing_fits(found, limits.min_width))
    fitting.sort(key=lambda p: -p.volume)
    return Plan(
        rough=rough,
        species=problem.species,
        specific_gravity=problem.specific_gravity,
        limits=limits,
        stones=(_stone("A", fitting[0]),),
        alternatives=tuple(_stone(f"A{k}", p) for k, p in enumerate(fitting[1:], 2)),
        bound=Bound(
            weight_ct=weight_ct(rough.volume, problem.specific_gravity),
            covers="any stone: the whole rough",
        ),
        search=SearchRecord(
            seed=seed,
            effort=effort,
            evaluations=evaluations,
            seconds=time.monotonic() - started,
            complete=not stop(),
            version=__version__,
            threads=cores(),
        ),
        inclusions=problem.inclusions,
        weighed_ct=problem.weighed_ct,
    )


def _stone(name: str, placement: Placement) -> Stone:
    design = placement.cut.design(placement.theta, placement.width)
    return Stone(id=name, design=design, pose=placement.pose)


def _nothing_fits(found: list[Placement], min_width: float) -> str:
    if not found:
        return "nothing fits: the margins (limits.skin_mm + limits.allowance_mm) use up the rough"
    widest = max(found, key=lambda p: p.width)
    return (
        f"nothing fits: limits.min_width_mm = {min_width:g}; "
        f"the widest stone without it is a {widest.cut.name} of {widest.width:.2f} mm"
    )


__all__ = ["EFFORTS", "solve"]

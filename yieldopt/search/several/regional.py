"""Gems at home in regions of the rough: the pool's best of each, improved before planes are asked.

A gem of the pool stands where chance put it; in a tight place it is half as heavy as what could
stand there, and planes that are judged by such gems are judged wrongly. So regions are drawn by
chance, a side of a plane or of two, and the best gems of each are improved there, planes held.
Ten planted roughs were found at 95.8 % in the mean of quick searches without it, at 98.1 % with 240
regions and at 98.2 % with 600.
"""

from collections.abc import Callable

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.kernels.joint import LOCKED
from yieldopt.search.several.candidates import Candidates, candidates_of
from yieldopt.search.several.joint import Workshop, improve, weigh
from yieldopt.search.several.pool import MITRE, Pool, Survey, pool_of
from yieldopt.search.site import Site

PLANES = (1, 2)  # that bound a region, in turn
APART = 0.3  # of the lesser width: centres of gems of one region are farther apart
LOOKED_AT = 40  # gems of a region, the best first, to take different ones from


def gems_of_regions(
    site: Site,
    workshop: Workshop,
    look: Survey,
    kerf: float,
    rng: np.random.Generator,
    *,
    regions: int,
    each: int,
    steps: int,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Pool | None, int]:
    """Return improved gems of so many regions, at most `each` of one; and the evaluations."""
    stones: list[tuple[int, Float, Float, Float]] = []
    evaluations = 0
    for n_planes in PLANES:
        starts = _starts(workshop, look, kerf, rng, n_planes, regions // len(PLANES), each)
        if starts is None:
            continue
        starts.plane_free[:] = LOCKED
        weigh(workshop, starts)
        evaluations += len(starts) + improve(workshop, starts, steps=steps, stop=stop)
        for c in np.flatnonzero(starts.volumes[:, 0] > 0.0):
            stone = starts.rotation[c], starts.translation[c], starts.theta[c]
            stones.append((int(starts.cut[c, 0]), *stone))
    if not stones:
        return None, evaluations
    return pool_of(site, workshop, stones, workshop.crew), evaluations + len(stones)


def _starts(
    workshop: Workshop,
    look: Survey,
    kerf: float,
    rng: np.random.Generator,
    n_planes: int,
    regions: int,
    each: int,
) -> Candidates | None:
    """Return the best different gems of regions, each a candidate between its planes."""
    pool, n_directions = look.pool, len(look.directions)
    margin = 0.5 * kerf + MITRE * workshop.allowance
    gems: list[int] = []
    planes: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for _ in range(regions):
        d = rng.choice(n_directions, size=min(n_planes, n_directions), replace=False)
        o = rng.integers(look.offsets.shape[1], size=len(d))
        side = np.where(rng.random(len(d)) < 0.5, 1, -1)
        room = side[:, None] * (look.along[d] - look.offsets[d, o][:, None]) - margin
        reach = np.where(side[:, None] > 0, look.down[d], look.up[d])
        scale = np.minimum(pool.scale, (np.maximum(room, 0.0) / reach).min(axis=0))
        chosen = _different(workshop, pool, scale, each)
        gems += chosen
        planes += [(d, o, side)] * len(chosen)
    if not gems:
        return None
    d, o, side = (np.array(own) for own in zip(*planes, strict=True))
    return candidates_of(
        pool.cut[gems][:, None],
        pool.rotation[gems][:, None],
        pool.translation[gems][:, None],
        pool.theta[gems][:, None],
        look.directions[d],
        look.offsets[d, o],
        side[:, None, :],
        np.full(d.shape, kerf),
    )


def _different(workshop: Workshop, pool: Pool, scale: Float, each: int) -> list[int]:
    """Return the numbers of the best gems of a region that stand at different places."""
    members = np.flatnonzero(scale >= workshop.least[pool.cut])
    worth = workshop.worths.values(pool.cut[members], pool.volume[members] * scale[members] ** 3)
    chosen: list[int] = []
    for i in members[np.argsort(-worth, kind="stable")[:LOOKED_AT]]:
        way = pool.translation[chosen] - pool.translation[i]
        least = APART * np.minimum(scale[chosen], scale[i])
        if (np.linalg.norm(way, axis=1) >= least).all():
            chosen.append(int(i))
        if len(chosen) == each:
            break
    return chosen

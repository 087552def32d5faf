"""A pool of posed gems, and what it says of any region between saw planes.

Each gem of the pool is at a pose where skin and flaws let it be so wide and no wider. A plane makes
it smaller by simple arithmetic, so a pool tells in microseconds what the two sides of a plane can
hold; what looks good is then improved in earnest (`joint`).
"""

from dataclasses import dataclass
from math import ceil

import numpy as np

from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.regions import best_of_planes
from yieldopt.search.forms import SAME_CORNER, distinct, facet_corners
from yieldopt.search.local import new_starts, prepare_ground
from yieldopt.search.several.joint import Workshop
from yieldopt.search.site import Site
from yieldopt.search.starts import deep_points, random_rotations

SHAPES = 4  # proportions that each cut is tried in
CHUNK = 512  # gems asked at once: their corners stay in the cache
MITRE = 1.12  # margins that a preform's corners reach beyond a gem's, about


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Posed gems (e,).

    Parameters
    ----------
    cut, theta
        (e,), (e, p) padded.
    rotation, translation
        (e, 3, 3), (e, 3) mm.
    scale, volume
        (e,) the widest it may be, mm; volume at unit width.
    shape, corners
        (e,) number of its shape; (shapes, v, 3) corners at unit width, the first repeated.
    """

    cut: np.ndarray
    theta: Float
    rotation: Float
    translation: Float
    scale: Float
    volume: Float
    shape: np.ndarray
    corners: Float

    def __len__(self) -> int:
        """Return how many gems."""
        return len(self.cut)

    def reaches(self, directions: Float) -> tuple[Float, Float, Float]:
        """Return along, up and down (d, e): see `kernels.regions.best_of_planes`."""
        along = directions @ self.translation.T
        up, down = np.empty((2, len(directions), len(self)))
        for first in range(0, len(self), CHUNK):
            own = slice(first, first + CHUNK)
            corners = self.corners[self.shape[own]]
            reach = np.matmul(directions @ self.rotation[own], corners.transpose(0, 2, 1))
            up[:, own], down[:, own] = reach.max(axis=2).T, -reach.min(axis=2).T
        return along, up, down


def make_pool(
    site: Site, workshop: Workshop, samples: int, rng: np.random.Generator, crew: Crew
) -> Pool:
    """Return a pool of `samples` gems, shared evenly among the cuts."""
    each = ceil(samples / workshop.n_made)
    p = workshop.low.shape[1]
    parts: list[tuple[np.ndarray, ...]] = []
    corners: list[Float] = []
    for number, cut in enumerate(workshop.cuts[: workshop.n_made]):
        ground = prepare_ground(site.coarse, cut, crew, workshop.rules)
        thetas = _thetas(cut, rng)
        points = deep_points(site.coarse, site.skin, each, rng, crew)
        which = np.arange(len(points)) % len(thetas)
        starts = new_starts(ground, random_rotations(len(points), rng), points, thetas[which])
        padded = np.zeros((len(points), p))
        padded[:, : thetas.shape[1]] = starts.theta
        parts.append(
            (
                np.full(len(points), number),
                padded,
                starts.rotation,
                starts.translation,
                starts.scale,
                starts.volume,
                len(corners) + which,
            )
        )
        corners += [cut.design(theta, 1.0).solid.vertices for theta in thetas]
    most = max(len(own) for own in corners)
    stacked = np.array([_filled(own, most) for own in corners])
    cut_of, theta, rotation, translation, scale, volume, shape = (
        np.concatenate([part[i] for part in parts]) for i in range(7)
    )
    fits = np.flatnonzero(scale >= workshop.least[cut_of])
    return Pool(
        cut=cut_of[fits], theta=theta[fits], rotation=rotation[fits],
        translation=translation[fits], scale=scale[fits], volume=volume[fits],
        shape=shape[fits], corners=stacked,
    )  # fmt: skip


def _thetas(cut: Cut, rng: np.random.Generator) -> Float:
    """Return proportions (k, p) to try: the usual, half way to the fattest, and two by chance."""
    usual = np.array([q.default for q in cut.proportions])
    if len(usual) == 0:
        return np.zeros((1, 0))
    low = np.array([q.low for q in cut.proportions])
    high = np.array([q.high for q in cut.proportions])
    chance = low + rng.random((SHAPES - 2, len(usual))) * (high - low)
    return np.concatenate([[usual], [0.5 * (usual + high)], chance])


def pool_of(
    site: Site,
    workshop: Workshop,
    stones: list[tuple[int, Float, Float, Float]],
    crew: Crew,
) -> Pool:
    """Return stones (cut, rotation, translation, theta) as a pool, as wide as the rough lets them.

    What was found beside one plane is a good start beside another.
    """
    p = workshop.low.shape[1]
    theta = np.zeros((len(stones), p))
    scale, volume = np.zeros((2, len(stones)))
    cut_of = np.array([stone[0] for stone in stones], dtype=np.int64)
    rotation = np.array([stone[1] for stone in stones]).reshape(-1, 3, 3)
    translation = np.array([stone[2] for stone in stones]).reshape(-1, 3)
    corners: list[Float] = []
    for i, stone in enumerate(stones):
        theta[i] = stone[3]
        own = theta[i, : workshop.p_of[stone[0]]]
        normals, offsets = workshop.cuts[stone[0]].planes(own[None])
        corners.append(distinct(facet_corners(normals[0], offsets[0]), SAME_CORNER))
    for g in np.unique(cut_of):
        at = np.flatnonzero(cut_of == g)
        ground = prepare_ground(site.coarse, workshop.cuts[g], crew, workshop.rules)
        starts = new_starts(ground, rotation[at], translation[at], theta[at, : workshop.p_of[g]])
        rotation[at], scale[at], volume[at] = starts.rotation, starts.scale, starts.volume
    most = max(len(own) for own in corners)
    return Pool(
        cut=cut_of, theta=theta, rotation=rotation, translation=translation, scale=scale,
        volume=volume, shape=np.arange(len(stones)),
        corners=np.array([_filled(own, most) for own in corners]),
    )  # fmt: skip


def _filled(corners: Float, most: int) -> Float:
    return np.concatenate([corners, np.tile(corners[:1], (most - len(corners), 1))])


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Directions (d, 3) and offsets (d, o) of the planes that are looked at, and the pool there."""

    pool: Pool
    directions: Float
    offsets: Float
    along: Float
    up: Float
    down: Float


def survey(pool: Pool, vertices: Float, directions: Float, places: int) -> Survey:
    """Return a survey with so many places of a plane along each direction of a rough."""
    reach = directions @ vertices.T
    low, high = reach.min(axis=1), reach.max(axis=1)
    steps = (np.arange(places) + 1.0) / (places + 1.0)
    along, up, down = pool.reaches(directions)
    return Survey(
        pool=pool, directions=directions, offsets=low[:, None] + steps * (high - low)[:, None],
        along=np.ascontiguousarray(along), up=np.ascontiguousarray(up),
        down=np.ascontiguousarray(down),
    )  # fmt: skip


def with_more(own: Survey, more: Pool) -> Survey:
    """Return a survey of a pool and more."""
    pool = own.pool
    most = max(pool.corners.shape[1], more.corners.shape[1])
    both = {
        name: np.concatenate([getattr(pool, name), getattr(more, name)])
        for name in ("cut", "theta", "rotation", "translation", "scale", "volume")
    }
    whole = Pool(
        **both,
        shape=np.concatenate([pool.shape, more.shape + len(pool.corners)]),
        corners=np.array([_filled(c, most) for c in (*pool.corners, *more.corners)]),
    )
    reaches = more.reaches(own.directions)
    along, up, down = (
        np.ascontiguousarray(np.concatenate(pair, axis=1))
        for pair in zip((own.along, own.up, own.down), reaches, strict=True)
    )
    return Survey(
        pool=whole, directions=own.directions, offsets=own.offsets, along=along, up=up, down=down
    )


def sizes_between(
    pool: Pool, normals: Float, offsets: Float, sides: np.ndarray, margins: Float
) -> Float:
    """Return how wide (e,) each gem may be among planes (k, 3), (k,) mm on sides 1 or -1."""
    scale = pool.scale.copy()
    if len(normals) == 0:
        return scale
    along, up, down = pool.reaches(normals)
    for k, side in enumerate(sides):
        room = side * (along[k] - offsets[k]) - margins[k]
        reach = down[k] if side > 0 else up[k]
        scale = np.minimum(scale, np.maximum(room, 0.0) / reach)
    return scale


def best_sides(
    own: Survey,
    workshop: Workshop,
    scale: Float,
    kerf: float,
    *,
    offsets: Float | None = None,
    at_most: int | None = None,
) -> tuple[Float, np.ndarray]:
    """Return what each plane's sides can hold, (d, o, 2) above and below, and which gems.

    `scale` (e,) is how wide each gem may be in the region at hand.
    """
    pool, worths = own.pool, workshop.worths
    offsets = own.offsets if offsets is None else offsets
    members = np.flatnonzero(scale >= workshop.least[pool.cut])
    worth = worths.values(pool.cut[members], pool.volume[members] * scale[members] ** 3)
    order = np.argsort(-worth, kind="stable")[:at_most]
    members = members[order]
    shape = (*offsets.shape, 2)
    best, number = np.empty(shape), np.empty(shape, dtype=np.int64)
    margin = 0.5 * kerf + MITRE * workshop.allowance

    def work(first: int, last: int, _: None) -> None:
        best_of_planes(
            first, last, members, np.ascontiguousarray(scale[members]), pool.cut, pool.volume,
            own.along, own.up, own.down, offsets, margin, workshop.least, worths.edges,
            worths.slopes, worths.reached, worths.per_stone, best, number,
        )  # fmt: skip

    workshop.crew.run(work, len(offsets), [None] * workshop.crew.size)
    return best, number

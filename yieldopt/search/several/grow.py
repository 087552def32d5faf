"""One stone more: where a plan may be sawn once more, by what the pool says of either side."""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.search.forms import facet_corners
from yieldopt.search.several.candidates import Candidates, candidates_of, offsets_of
from yieldopt.search.several.joint import Workshop
from yieldopt.search.several.pool import MITRE, Survey, best_sides, sizes_between

NEAR_PLANES = 2  # places kept of each direction: its neighbours are reached by improvement


@dataclass(slots=True, kw_only=True)
class Sprouts:
    """Plans not yet improved, of n stones and n - 1 planes, and what each promises.

    Parameters
    ----------
    promise
        By the pool.
    cut, rotation, translation, theta, held
        (n,) and so on, one a plan.
    normals, offsets, sides, kerfs
        (t, 3), (t,), (n, t), (t,), one a plan.
    """

    promise: list[float]
    cut: list[np.ndarray]
    rotation: list[Float]
    translation: list[Float]
    theta: list[Float]
    held: list[Float]
    normals: list[Float]
    offsets: list[Float]
    sides: list[np.ndarray]
    kerfs: list[Float]

    def best(self, n: int) -> Candidates | None:
        """Return the n that promise most; of equal ones the first."""
        if not self.promise:
            return None
        order = np.argsort(-np.array(self.promise), kind="stable")
        seen: set[tuple[object, ...]] = set()
        kept = []
        for i in order:
            key = (*np.sort(self.translation[i].round(2).ravel()), *self.cut[i])
            if key not in seen:
                seen.add(key)
                kept.append(int(i))
            if len(kept) == n:
                break
        return candidates_of(
            np.array([self.cut[i] for i in kept]),
            np.array([self.rotation[i] for i in kept]),
            np.array([self.translation[i] for i in kept]),
            np.array([self.theta[i] for i in kept]),
            np.array([self.normals[i] for i in kept]),
            np.array([self.offsets[i] for i in kept]),
            np.array([self.sides[i] for i in kept]),
            np.array([self.kerfs[i] for i in kept]),
            np.array([self.held[i] for i in kept]),
        )


def no_sprouts() -> Sprouts:
    """Return none."""
    return Sprouts(
        promise=[], cut=[], rotation=[], translation=[], theta=[], held=[], normals=[], offsets=[],
        sides=[], kerfs=[],
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Stem:
    """One plan that is to be sawn once more.

    Parameters
    ----------
    cut, rotation, translation, theta, held, scale, worth
        Of its n stones; empty for the rough before any cut, which has one leaf all the same.
    normals, offsets, sides, kerfs
        Of its planes; `sides` (max(n, 1), t).
    """

    cut: np.ndarray
    rotation: Float
    translation: Float
    theta: Float
    held: Float
    scale: Float
    worth: Float
    normals: Float
    offsets: Float
    sides: np.ndarray
    kerfs: Float


def whole_rough(p: int) -> Stem:
    """Return the rough before any cut."""
    return Stem(
        cut=np.zeros(0, dtype=np.int64), rotation=np.zeros((0, 3, 3)),
        translation=np.zeros((0, 3)), theta=np.zeros((0, p)), held=np.zeros(0),
        scale=np.zeros(0), worth=np.zeros(0),
        normals=np.zeros((0, 3)), offsets=np.zeros(0), sides=np.zeros((1, 0), dtype=np.int8),
        kerfs=np.zeros(0),
    )  # fmt: skip


def stems_of(workshop: Workshop, candidates: Candidates) -> list[Stem]:
    """Return candidates as stems."""
    n, out = candidates.n, []
    offsets = offsets_of(candidates)
    worth = workshop.worths.values(candidates.cut, candidates.volumes)
    for c in range(len(candidates)):
        own = slice(c * n, (c + 1) * n)
        out.append(
            Stem(
                cut=candidates.cut[c],
                rotation=candidates.rotation[own],
                translation=candidates.translation[own],
                theta=candidates.theta[own],
                held=candidates.held[own],
                scale=candidates.scale[own],
                worth=worth[c],
                normals=candidates.frames[c, :, :3],
                offsets=offsets[c],
                sides=candidates.side[own],
                kerfs=candidates.kerf[c],
            )
        )
    return out


def reach_of(own: Survey, workshop: Workshop, stem: Stem, leaf: int) -> tuple[Float, Float]:
    """Return how far a leaf's preform reaches along each direction (d,), least and greatest."""
    g = int(stem.cut[leaf])
    theta = stem.theta[leaf, : workshop.p_of[g]]
    normals, offsets = workshop.cuts[g].planes(theta[None])
    corners = facet_corners(normals[0], offsets[0] * float(stem.scale[leaf]))
    along = own.directions @ (corners @ stem.rotation[leaf].T + stem.translation[leaf]).T
    margin = MITRE * workshop.allowance
    return along.min(axis=1) - margin, along.max(axis=1) + margin


def leaf_sizes(own: Survey, workshop: Workshop, stem: Stem, leaf: int) -> Float:
    """Return how wide each gem of the pool may be in a leaf of a stem."""
    concerns = np.flatnonzero(stem.sides[leaf])
    margins = 0.5 * stem.kerfs[concerns] + workshop.allowance
    return sizes_between(
        own.pool, stem.normals[concerns], stem.offsets[concerns], stem.sides[leaf, concerns],
        margins,
    )  # fmt: skip


def split_leaf(
    sprouts: Sprouts,
    own: Survey,
    workshop: Workshop,
    stem: Stem,
    leaf: int,
    kerf: float,
    *,
    most: int,
) -> None:
    """Add the most promising ways to saw a leaf in two, with a new stone on either side."""
    scale = leaf_sizes(own, workshop, stem, leaf)
    worth, number = best_sides(own, workshop, scale, kerf)
    total = worth.sum(axis=2)
    others = float(np.delete(stem.worth, leaf).sum()) if len(stem.worth) else 0.0
    for d, o in _picked(total, most):
        add_split(
            sprouts, own, stem, leaf, d, float(own.offsets[d, o]), number[d, o], kerf,
            others + float(total[d, o]),
        )  # fmt: skip


def _picked(total: Float, most: int) -> list[tuple[int, int]]:
    """Return the best places, at most NEAR_PLANES of a direction."""
    top = np.argsort(-total, axis=1, kind="stable")[:, :NEAR_PLANES]
    places = [(d, int(o)) for d in range(len(total)) for o in top[d] if total[d, o] > -1e200]
    places.sort(key=lambda at: (-total[at], at))
    return places[:most]


def add_split(
    sprouts: Sprouts,
    own: Survey,
    stem: Stem,
    leaf: int,
    d: int,
    offset: float,
    gems: np.ndarray,
    kerf: float,
    promise: float,
) -> None:
    """Add a stem with a leaf sawn across direction `d`, a gem of the pool above and one below.

    A number -1 of `gems` leaves the leaf's own stone on that side.
    """
    pool = own.pool
    n, t = len(stem.sides), len(stem.offsets)
    at = [leaf, n]

    def of(field: Float, whole: Float) -> Float:
        out = np.zeros((n + 1, *field.shape[1:]), dtype=field.dtype)
        out[: len(whole)] = whole
        for place, gem in zip(at, gems, strict=True):
            out[place] = field[gem] if gem >= 0 else whole[leaf]
        return out

    sides = np.zeros((n + 1, t + 1), dtype=np.int8)
    sides[:n, :t] = stem.sides
    sides[n, :t] = stem.sides[leaf]
    sides[leaf, t], sides[n, t] = 1, -1
    sprouts.promise.append(promise)
    sprouts.cut.append(of(pool.cut, stem.cut))
    sprouts.rotation.append(of(pool.rotation, stem.rotation))
    sprouts.translation.append(of(pool.translation, stem.translation))
    sprouts.theta.append(of(pool.theta, stem.theta))
    sprouts.held.append(of(np.zeros(len(pool)), stem.held))
    sprouts.normals.append(np.concatenate([stem.normals, own.directions[d : d + 1]]))
    sprouts.offsets.append(np.append(stem.offsets, offset))
    sprouts.sides.append(sides)
    sprouts.kerfs.append(np.append(stem.kerfs, kerf))


def add_beside(
    sprouts: Sprouts,
    own: Survey,
    workshop: Workshop,
    stem: Stem,
    leaf: int,
    kerf: float,
    *,
    most: int,
) -> None:
    """Add the most promising stones beside a leaf's own, which stays where it is."""
    scale = leaf_sizes(own, workshop, stem, leaf)
    reach = reach_of(own, workshop, stem, leaf)
    offsets = np.stack([reach[0] - 0.5 * kerf, reach[1] + 0.5 * kerf], axis=1)
    worth, number = best_sides(own, workshop, scale, kerf, offsets=offsets)
    # Below the lower plane, above the upper one: the other sides hold the stone itself.
    side = np.stack([worth[:, 0, 1], worth[:, 1, 0]], axis=1)
    for d, o in _picked(side, most):
        gems = np.array([-1, number[d, 0, 1]] if o == 0 else [number[d, 1, 0], -1])
        add_split(
            sprouts, own, stem, leaf, d, float(offsets[d, o]), gems, kerf,
            float(stem.worth.sum() + side[d, o]),
        )  # fmt: skip


def add_triples(
    sprouts: Sprouts,
    own: Survey,
    workshop: Workshop,
    kerf: float,
    *,
    first: int,
    gems: int,
    most: int,
) -> None:
    """Add plans of three stones: a first plane, and a second one on either side of it.

    `first` planes are looked at, and behind each the `gems` that are worth most there.
    """
    whole = whole_rough(own.pool.theta.shape[1])
    worth, number = best_sides(own, workshop, own.pool.scale, kerf)
    # A plane may be a good first one because one side is small: rank by the greater side too.
    total = worth.sum(axis=2)
    planes = dict.fromkeys(_picked(total, first // 2))
    planes.update(dict.fromkeys(_spread(total, first - len(planes))))
    found: list[tuple[float, int, int, int, int, int]] = []
    for d, o in planes:
        for side in (0, 1):
            above = side == 0
            room = own.along[d] - own.offsets[d, o] if above else own.offsets[d, o] - own.along[d]
            reach = own.down[d] if above else own.up[d]
            room = np.maximum(room - 0.5 * kerf - workshop.allowance, 0.0)
            scale = np.minimum(own.pool.scale, room / reach)
            pair, _ = best_sides(own, workshop, scale, kerf, at_most=gems)
            both = pair.sum(axis=2)
            for d2, o2 in _picked(both, 3):
                found.append((float(worth[d, o, 1 - side] + both[d2, o2]), d, o, side, d2, o2))
    found.sort(key=lambda row: (-row[0], row[1:]))
    for promise, d, o, side, d2, o2 in found[:most]:
        base = no_sprouts()
        add_split(base, own, whole, 0, d, float(own.offsets[d, o]), number[d, o], kerf, 0.0)
        if number[d, o].min() < 0:
            continue
        stem = Stem(
            cut=base.cut[0], rotation=base.rotation[0], translation=base.translation[0],
            theta=base.theta[0], held=np.zeros(2), scale=np.zeros(2), worth=np.zeros(2),
            normals=base.normals[0], offsets=base.offsets[0], sides=base.sides[0],
            kerfs=base.kerfs[0],
        )  # fmt: skip
        scale = leaf_sizes(own, workshop, stem, side)
        one = own.offsets[d2, o2].reshape(1, 1)
        single = Survey(
            pool=own.pool, directions=own.directions[d2 : d2 + 1], offsets=one,
            along=own.along[d2 : d2 + 1], up=own.up[d2 : d2 + 1], down=own.down[d2 : d2 + 1],
        )  # fmt: skip
        _, gem = best_sides(single, workshop, scale, kerf, at_most=gems)
        add_split(sprouts, own, stem, side, d2, float(one[0, 0]), gem[0, 0], kerf, promise)


def _spread(total: Float, most: int) -> list[tuple[int, int]]:
    """Return places taken in turn from all directions' planes, near and far from the middle."""
    places = [at for at in np.ndindex(*total.shape) if total[at] > -1e200]
    if not places:
        return []
    step = max(1, len(places) // max(1, most))
    return [(int(d), int(o)) for d, o in places[::step]][:most]

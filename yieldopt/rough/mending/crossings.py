"""Triangles of a skin that run through each other, found without looking at all pairs.

Legend: a level holds the triangles of one size, to a factor of two, in cells as large as the
largest of them, so that each lies in eight cells at most; every triangle that is no larger is
looked up there. A pair met in several cells counts in the one that holds the low corner of what
their boxes share. Triangles that touch do not cross: both ends of an edge must lie off the other
plane by more than a hair.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.skin import Index

# Of the longest side: a crossing no deeper is a touch. Rounding of float64 is 1e-15 of it, what
# a file in single precision rounds to is 1e-7 and may cross indeed.
HAIR_SHARE = 1e-9
CELLS = 1 << 20  # cells along a side at most: three of their numbers fill 60 bits
BATCH = 4_000_000  # pairs looked at in one go: some 300 MB


def crossing_pairs(vertices: Float, faces: Index, among: NDArray[np.bool_] | None = None) -> Index:
    """Return pairs (m, 2) of triangles that cross, each once, the smaller number first.

    Parameters
    ----------
    vertices, faces
        (n, 3) and (k, 3).
    among
        (k,) only pairs with at least one of these.
    """
    if len(faces) < 2:
        return np.zeros((0, 2), dtype=np.int64)
    corners = vertices[faces]
    low, high = corners.min(axis=1), corners.max(axis=1)
    hair = HAIR_SHARE * float((high.max(axis=0) - low.min(axis=0)).max())
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1)
    flat = length <= hair * hair  # no plane: its neighbours are looked at in its place
    normals /= np.where(flat, 1.0, length)[:, None]
    chosen = np.flatnonzero(~flat)
    if among is not None:
        near = _near(low[chosen], high[chosen], low[among], high[among])
        chosen = chosen[near]
    found = []
    for pairs in _close_pairs(low, high, chosen):
        kept = pairs if among is None else pairs[among[pairs].any(axis=1)]
        found.append(_crossing(vertices, faces, normals, kept, hair))
    if not found:
        return np.zeros((0, 2), dtype=np.int64)
    return np.unique(np.concatenate(found), axis=0)


def _near(low: Float, high: Float, other_low: Float, other_high: Float) -> NDArray[np.bool_]:
    """Tell which boxes meet the box round all the others."""
    if len(other_low) == 0:
        return np.zeros(len(low), dtype=bool)
    meets = (low <= other_high.max(axis=0)) & (high >= other_low.min(axis=0))
    return np.asarray(meets.all(axis=1))


def _close_pairs(low: Float, high: Float, chosen: Index) -> Iterator[Index]:
    """Yield pairs (m, 2) of the chosen triangles whose boxes meet, each pair once."""
    if len(chosen) < 2:
        return
    start = low[chosen].min(axis=0)
    span = float((high[chosen].max(axis=0) - start).max()) or 1.0
    extent = np.maximum((high[chosen] - low[chosen]).max(axis=1), 2.0 * span / CELLS)
    level = np.ceil(np.log2(extent / span)).astype(np.int64)  # cell = span * 2 ** level
    for step in np.unique(level):
        cell = span * 2.0 ** float(step)
        here = chosen[level <= step]
        first = np.floor((low[here] - start) / cell).astype(np.int64)
        last = np.floor((high[here] - start) / cell).astype(np.int64)
        items, keys = _in_cells(here, first, last)
        own = np.zeros(len(low), dtype=bool)
        own[chosen[level == step]] = True
        order = np.argsort(keys, kind="stable")
        items, keys = items[order], keys[order]
        yield from _pairs_in_cells(items, keys, own, low, high, start, cell)


def _in_cells(items: Index, first: Index, last: Index) -> tuple[Index, Index]:
    """Return each item once for each of its cells (eight at most), and the cells' numbers."""
    out_items, out_keys = [], []
    for corner in range(8):
        offset = np.array([corner & 1, (corner >> 1) & 1, (corner >> 2) & 1])
        inside = (first + offset <= last).all(axis=1)
        cells = first[inside] + offset
        out_items.append(items[inside])
        out_keys.append(_key(cells))
    return np.concatenate(out_items), np.concatenate(out_keys)


def _key(cells: Index) -> Index:
    key: Index = (cells[:, 0] << 42) | (cells[:, 1] << 21) | cells[:, 2]
    return key


def _pairs_in_cells(
    items: Index,
    keys: Index,
    own: NDArray[np.bool_],
    low: Float,
    high: Float,
    start: Float,
    cell: float,
) -> Iterator[Index]:
    """Yield the pairs of an own item with any other of the same cell, if their boxes meet."""
    new = np.ones(len(keys), dtype=bool)
    new[1:] = keys[1:] != keys[:-1]
    begins = np.flatnonzero(new)
    sizes = np.diff(begins, append=len(keys))
    group = np.cumsum(new) - 1
    is_own = own[items]
    # An own one before all others of its cell, an other before own ones: each pair once.
    order = np.argsort(2 * group + ~is_own, kind="stable") if not is_own.all() else None
    if order is not None:
        items, keys, is_own = items[order], keys[order], is_own[order]
    place = np.arange(len(items))
    last = begins[group] + sizes[group]
    of_own = np.flatnonzero(is_own)
    partners = last[of_own] - place[of_own] - 1
    # Boxes in the order of the cells: what is compared lies close together in memory.
    lows = [np.ascontiguousarray(low[items, axis]) for axis in range(3)]
    highs = [np.ascontiguousarray(high[items, axis]) for axis in range(3)]
    ends = np.cumsum(partners)
    done = 0
    while done < len(of_own):
        before = int(ends[done - 1]) if done else 0
        upto = max(done + 1, int(np.searchsorted(ends, before + BATCH, side="right")))
        part, count = of_own[done:upto], partners[done:upto]
        done = upto
        one = np.repeat(part, count)
        other = np.arange(int(count.sum())) - np.repeat(np.cumsum(count) - count - part - 1, count)
        for axis in range(3):
            first = np.maximum(lows[axis][one], lows[axis][other])
            meets = first <= np.minimum(highs[axis][one], highs[axis][other])
            one, other, first = one[meets], other[meets], first[meets]
            home = np.floor((first - start[axis]) / cell).astype(np.int64)
            here = home == (keys[one] >> (42 - 21 * axis)) & ((1 << 21) - 1)
            one, other = one[here], other[here]
        a, b = items[one], items[other]
        yield np.column_stack([np.minimum(a, b), np.maximum(a, b)])


def _crossing(vertices: Float, faces: Index, normals: Float, pairs: Index, hair: float) -> Index:
    """Return those of the pairs that cross."""
    for one, other in ((0, 1), (1, 0)):  # each must reach over the other's plane, both ways
        a, b = pairs[:, one], pairs[:, other]
        height = _heights(vertices, faces, normals, a, b)
        over = (height.max(axis=1) > hair) & (height.min(axis=1) < -hair)
        pairs = pairs[over]
    same = (faces[pairs[:, 0]][:, :, None] == faces[pairs[:, 1]][:, None, :]).sum(axis=(1, 2))
    pairs = pairs[same < 2]  # over a common edge triangles fold, but do not cross
    hit = np.zeros(len(pairs), dtype=bool)
    for one, other in ((0, 1), (1, 0)):
        for side in range(3):
            hit |= _passes(vertices, faces, normals, pairs[:, one], side, pairs[:, other], hair)
    return pairs[hit]


def _heights(vertices: Float, faces: Index, normals: Float, plane: Index, of: Index) -> Float:
    """Return how far the corners (m, 3) of triangles lie over the planes of others."""
    moved = vertices[faces[of]] - vertices[faces[plane, 0]][:, None, :]
    heights: Float = np.einsum("ikj,ij->ik", moved, normals[plane])
    return heights


def _passes(
    vertices: Float,
    faces: Index,
    normals: Float,
    through: Index,
    side: int,
    one: Index,
    hair: float,
) -> NDArray[np.bool_]:
    """Tell whether one side of `one` passes through the triangle `through`, edge included."""
    a, b, c = vertices[faces[through]].transpose(1, 0, 2)
    p, q = vertices[faces[one, side]], vertices[faces[one, (side + 1) % 3]]
    normal = normals[through]
    over_p = np.einsum("ij,ij->i", p - a, normal)
    over_q = np.einsum("ij,ij->i", q - a, normal)
    out = ((over_p > hair) & (over_q < -hair)) | ((over_p < -hair) & (over_q > hair))
    at = np.flatnonzero(out)
    p, q, a, b, c = p[at], q[at], a[at], b[at], c[at]
    turns = [_turn(p, q, u, v) for u, v in ((a, b), (b, c), (c, a))]
    signs = np.array(turns)
    out[at] = (signs >= 0.0).all(axis=0) | (signs <= 0.0).all(axis=0)
    return np.asarray(out)


def _turn(p: Float, q: Float, u: Float, v: Float) -> Float:
    """Return six times the volume of p, q, u, v; u and v in an order of their own."""
    turn: Float = np.einsum("ij,ij->i", q - p, np.cross(u - p, v - p))
    return turn

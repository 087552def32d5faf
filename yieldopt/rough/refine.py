"""Split the triangles of a closed skin, evenly and without gaps, to a number one asks for."""

from collections.abc import Callable

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.skin import Index, edges_of

# Edges longer than this share of the longest are split in one round: half is where a split edge
# lands, so that no round makes edges it would have had to split itself.
ROUND_SHARE = 0.6


def refine_skin(
    points: Float,
    faces: Index,
    *,
    triangles: int,
    shown: Callable[[Float], Index],
) -> tuple[Float, Index]:
    """Split the longest edges of a closed skin until it has so many triangles.

    Each split puts a point in the middle of an edge and cuts both triangles there, so the skin
    stays closed and where it was: the points never leave the triangles they started on.

    Parameters
    ----------
    points, faces
        (n, 3) and (k, 3), closed.
    triangles
        The number wanted. An edge split adds two: it is met, or missed by one.
    shown
        From points (m, 3) to whole numbers (m, 3): where they end up, in any small unit. The
        length of an edge is measured there, in whole numbers, so that ties are ties on every
        machine and the lower edge goes first.

    Returns
    -------
    points, faces
        The points given, then the middles; the triangles in the sense of those given.
    """
    places = shown(points)
    while (wanted := (triangles - len(faces)) // 2) > 0:
        edges = edges_of(faces)
        span = places[edges.ends[:, 0]] - places[edges.ends[:, 1]]
        squared = np.einsum("ij,ij->i", span, span)
        longest_first = np.argsort(-squared, kind="stable")
        enough = int((squared >= ROUND_SHARE**2 * float(squared.max())).sum())
        chosen = longest_first[: min(wanted, enough)]
        middles = (points[edges.ends[chosen, 0]] + points[edges.ends[chosen, 1]]) / 2.0
        middle_of_edge = np.full(len(edges.ends), -1, dtype=np.int64)
        middle_of_edge[chosen] = len(points) + np.arange(len(chosen))
        points = np.concatenate([points, middles])
        places = np.concatenate([places, shown(middles)])
        faces = _split(faces, middle_of_edge[edges.of_triangle], places)
    return points, faces


def _split(faces: Index, middles: Index, places: Index) -> Index:
    r"""Cut each triangle along its split edges; `middles` (k, 3) is -1 where one is whole.

    ::

              2             2              2              2
             / \           /|\            / \            / \
            /   \         / | \          /  _b          c---b
           /     \       /  |  \        / _- |\        / \ / \
          0-------1     0---a---1      0----a--1      0---a---1
    """
    count = (middles >= 0).sum(axis=1)
    whole = faces[count == 0]

    # One: turn the triangle until the split edge is 0-1. Two: until the whole edge is 2-0.
    f, m = _turned(
        faces[count == 1], middles[count == 1], (middles[count == 1] >= 0).argmax(axis=1)
    )
    one = np.concatenate([_stack(f[:, 0], m[:, 0], f[:, 2]), _stack(m[:, 0], f[:, 1], f[:, 2])])

    start = ((middles[count == 2] < 0).argmax(axis=1) + 1) % 3
    f, m = _turned(faces[count == 2], middles[count == 2], start)
    to_middle = _squared(places, f[:, 0], m[:, 1]) <= _squared(places, m[:, 0], f[:, 2])
    two = np.concatenate(
        [
            _stack(m[:, 0], f[:, 1], m[:, 1]),
            _stack(f[:, 0], m[:, 0], np.where(to_middle, m[:, 1], f[:, 2])),
            _stack(np.where(to_middle, f[:, 0], m[:, 0]), m[:, 1], f[:, 2]),
        ]
    )

    f, m = faces[count == 3], middles[count == 3]
    corners = [_stack(f[:, i], m[:, i], m[:, i - 1]) for i in range(3)]
    return np.concatenate([whole, one, two, *corners, m])


def _turned(faces: Index, middles: Index, start: Index) -> tuple[Index, Index]:
    """Return the triangles, and what belongs to their edges, beginning at corner `start`."""
    turn = (start[:, None] + np.arange(3)) % 3
    return np.take_along_axis(faces, turn, axis=1), np.take_along_axis(middles, turn, axis=1)


def _stack(a: Index, b: Index, c: Index) -> Index:
    return np.column_stack([a, b, c])


def _squared(places: Index, a: Index, b: Index) -> Index:
    span = places[a] - places[b]
    squared: Index = np.einsum("ij,ij->i", span, span)
    return squared

"""The widest slab between two convex bodies, for many pairs at once.

The distance of two convex bodies is the width of the widest slab between them, and the slab stands
across the shortest line. Both are found on the Minkowski difference A - B, whose nearest point to
the origin is that line: the algorithm of Gilbert, Johnson and Keerthi (IEEE J. Robotics and
Automation 4, 1988), all pairs in step. What is given back as a gap is measured on the corners along
the normal given with it: exact whether or not the algorithm was, and never too wide.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float

Index = NDArray[np.intp]
Bool = NDArray[np.bool_]
# (rows (m,), unit directions (m, 3)) -> (m, 3): the point of each row's A - B that is lowest.
Lowest = Callable[[Index, Float], Float]

STEPS = 200  # of the algorithm; 6 to 20 are usual, more only where rounding decides
CLOSE = 1e-12  # of a body's size: nearest point and slab agree, rounding is left
FLAT = 1e-13  # squared sine: a triangle or tetrahedron so flat is left to its edges or faces
# The faces of a simplex that hold its new corner: that alone, with one, two, three old corners.
_ONE, _TWO = np.arange(1, 4), np.arange(4, 7)
_PAIR = np.array([[0, 0, 1], [1, 2, 2]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaps:
    """What was found between the bodies A and B of each row.

    Parameters
    ----------
    normals
        (m, 3) unit, from B to A: A is above.
    widths
        (m,) mm of the slab across the normal that is clear of both; negative where they overlap
        along it.
    distances
        (m,) mm: no direction has a wider slab.
    """

    normals: Float
    widths: Float
    distances: Float


def packed(bodies: Sequence[Float]) -> Float:
    """Return corners (k_i, 3) of bodies as one array (n, k, 3), the first corner repeated."""
    most = max(len(body) for body in bodies)
    out = np.empty((len(bodies), most, 3))
    for i, body in enumerate(bodies):
        out[i, : len(body)] = body
        out[i, len(body) :] = body[0]
    return out


def lowest_of_pairs(corners: Float, first: Index, second: Index) -> Lowest:
    """Return the support of the differences of pairs of bodies (n, k, 3)."""

    def lowest(rows: Index, directions: Float) -> Float:
        a, b = corners[first[rows]], corners[second[rows]]
        at = np.arange(len(rows))
        low = np.matmul(a, directions[:, :, None])[:, :, 0].argmin(axis=1)
        high = np.matmul(b, directions[:, :, None])[:, :, 0].argmax(axis=1)
        out: Float = a[at, low] - b[at, high]
        return out

    return lowest


def lowest_of_parts(corners: Float, above: Bool, below: Bool) -> Lowest:
    """Return the support of the differences of hulls of several bodies (n, k, 3).

    `above` and `below` (m, n) tell which bodies are in the hulls A and B of each row.
    """
    n, k, _ = corners.shape
    points = corners.reshape(-1, 3)

    def lowest(rows: Index, directions: Float) -> Float:
        heights = (directions @ points.T).reshape(-1, n, k)
        low = np.where(above[rows][:, :, None], heights, np.inf).reshape(-1, n * k).argmin(axis=1)
        high = np.where(below[rows][:, :, None], heights, -np.inf).reshape(-1, n * k)
        out: Float = points[low] - points[high.argmax(axis=1)]
        return out

    return lowest


def widest_gaps(
    lowest: Lowest, start: Float, size: float, least: float = 0.0, enough: float = np.inf
) -> Gaps:
    """Return the widest gap of each row.

    Parameters
    ----------
    lowest
        The support of A - B.
    start
        (m, 3) a point of each row's A - B.
    size
        mm: of the bodies, for what counts as rounding.
    least, enough
        mm: a row is left as soon as it is known that its gap is less than `least`, or has come
        to `enough`.
    """
    m, close = len(start), CLOSE * size
    normals, widths = np.tile([0.0, 0.0, 1.0], (m, 1)), np.full(m, -np.inf)
    near, simplex, have = start.copy(), np.zeros((m, 3, 3)), np.zeros((m, 3), dtype=np.bool_)
    simplex[:, 0], have[:, 0] = start, True
    distances = np.linalg.norm(near, axis=1)
    rows = np.arange(m)
    for _ in range(STEPS):
        rows = rows[distances[rows] > max(close, least)]
        if not rows.size:
            break
        directions = near[rows] / distances[rows, None]
        new = lowest(rows, directions)
        width = np.einsum("ij,ij->i", directions, new)
        better = width > widths[rows]
        widths[rows[better]], normals[rows[better]] = width[better], directions[better]
        on = (distances[rows] - widths[rows] > close) & (widths[rows] < enough)
        rows, new = rows[on], new[on]
        point, share = _nearest(simplex[rows], have[rows], new)
        length = np.linalg.norm(point, axis=1)
        # Rounding decides where nothing is gained any more: what was measured stands.
        on = length < distances[rows]
        rows, new, point, share = rows[on], new[on], point[on], share[on]
        near[rows], distances[rows] = point, length[on]
        _keep(simplex, have, rows, new, share)
    return Gaps(normals=normals, widths=widths, distances=distances)


def _keep(simplex: Float, have: Bool, rows: Index, new: Float, share: Float) -> None:
    """Keep the corners that the nearest point hangs on; a fourth means that it is the origin."""
    corners = np.concatenate([simplex[rows], new[:, None]], axis=1)
    held = np.column_stack([share > 0.0, share.sum(axis=1) < 1.0])
    order = np.argsort(~held, axis=1, kind="stable")[:, :3]
    simplex[rows] = np.take_along_axis(corners, order[:, :, None], axis=1)
    have[rows] = np.take_along_axis(held, order, axis=1)


def _nearest(old: Float, have: Bool, new: Float) -> tuple[Float, Float]:
    """Return the points (m, 3) of simplices nearest to the origin, and the old corners' shares.

    Old corners (m, 3, 3), those there are (m, 3), and a new one (m, 3) that surely counts. All
    eight faces that hold the new corner are tried: the nearest of their points is the answer.
    """
    m = len(new)
    edges = old - new[:, None]
    gram = np.einsum("mik,mjk->mij", edges, edges)
    right = -np.einsum("mik,mk->mi", edges, new)
    square = np.einsum("mii->mi", gram)
    shares, valid = np.zeros((m, 8, 3)), np.ones((m, 8), dtype=np.bool_)
    one, two = _PAIR
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        shares[:, _ONE, _ONE - 1] = right / square
        valid[:, 1:4] = have & (square > 0.0)
        a, b, cross = square[:, one], square[:, two], gram[:, one, two]
        det = a * b - cross**2
        shares[:, _TWO, one] = (right[:, one] * b - right[:, two] * cross) / det
        shares[:, _TWO, two] = (right[:, two] * a - right[:, one] * cross) / det
        valid[:, 4:7] = have[:, one] & have[:, two] & (det > FLAT * a * b)
        # The origin in edges from the new corner, by Cramer's rule.
        normals = _cross(edges[:, [1, 2, 0]], edges[:, [2, 0, 1]])
        volume = np.einsum("mk,mk->m", normals[:, 0], edges[:, 0])
        shares[:, 7] = -np.einsum("mik,mk->mi", normals, new) / volume[:, None]
        valid[:, 7] = have.all(axis=1) & (volume**2 > FLAT * square.prod(axis=1))
        valid &= (shares >= 0.0).all(axis=2) & (shares.sum(axis=2) <= 1.0)
    shares[~valid] = 0.0
    points = new[:, None] + shares @ edges
    far = np.where(valid, np.einsum("mfk,mfk->mf", points, points), np.inf)
    best = far.argmin(axis=1)[:, None, None]
    return (
        np.take_along_axis(points, best, axis=1)[:, 0],
        np.take_along_axis(shares, best, axis=1)[:, 0],
    )


def _cross(a: Float, b: Float) -> Float:
    """Return cross products (..., 3); NumPy's own takes five times as long for a few."""
    out: Float = a[..., [1, 2, 0]] * b[..., [2, 0, 1]] - a[..., [2, 0, 1]] * b[..., [1, 2, 0]]
    return out

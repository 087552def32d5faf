"""What callipers read on a piece, as the judge finds it: by linear programs, on its hull."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

# A hull of more corners is made coarser, by no more than this share of its size at a time: what
# that takes is far less than `SIZE_SHARE`.
MOST_CORNERS = 1000
COARSER = 2.5e-4
# Share of a figure of callipers: the plan's own may measure a round piece by fewer corners, too.
SIZE_SHARE = 0.01
STARTS = 4
APART = 0.97  # cosine: starts nearer to each other than 14 degrees end in the same place
SETTLED = 1e-5  # share of the width that one more program must take off
MOST_PROGRAMS = 20


def hull_of(piece: Any) -> tuple[Float, Float]:
    """Return the corners (n, 3) and the unit normals (k, 3) of a solid's hull."""
    hull = piece.hull()
    size = max(
        high - low
        for low, high in zip(hull.bounding_box()[:3], hull.bounding_box()[3:], strict=True)
    )
    step = COARSER
    while hull.num_vert() > MOST_CORNERS and step < SIZE_SHARE:
        hull = hull.simplify(step * size)
        step *= 1.5
    mesh = hull.to_mesh64()
    corners = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
    a, b, c = corners[np.asarray(mesh.tri_verts, dtype=np.int64)].transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return corners - corners.mean(axis=0), normals[length[:, 0] > 0.0] / length[length > 0.0, None]


def greatest_length(corners: Float) -> float:
    """Return the distance between the two corners that are farthest apart, mm."""
    square = np.einsum("ij,ij->i", corners, corners)
    return float(np.sqrt(max((square[:, None] + square - 2.0 * corners @ corners.T).max(), 0.0)))


def least_width(corners: Float, normals: Float) -> float:
    """Return the least width of a hull, mm; never too small, and too large where a dip is missed.

    Across the faces first. From the narrowest of those that stand apart the direction is turned:
    on a plane through its end, the width times the direction's length is convex, and a linear
    program finds its least; the direction is taken to unit length, until nothing is gained.
    """
    if len(normals) == 0:
        return 0.0
    width = np.ptp(corners @ normals.T, axis=0)
    best = float(width.min())
    starts: list[Float] = []
    for i in np.argsort(width, kind="stable"):
        if all(abs(float(normals[i] @ start)) < APART for start in starts):
            starts.append(normals[i])
            best = min(best, _turned(corners, normals[i], float(width[i])))
        if len(starts) == STARTS:
            break
    return best


def _turned(corners: Float, direction: Float, width: float) -> float:
    from scipy.optimize import linprog

    ones, zeros = np.ones(len(corners)), np.zeros(len(corners))
    for _ in range(MOST_PROGRAMS):
        sideways = np.linalg.svd(direction[None, :])[2][1:]
        shift, along = corners @ sideways.T, corners @ direction
        answer = linprog(
            [0.0, 0.0, 1.0, 1.0],
            A_ub=np.vstack(
                [np.column_stack([shift, -ones, zeros]), np.column_stack([-shift, zeros, -ones])]
            ),
            b_ub=np.concatenate([-along, along]),
            bounds=[(-1.0, 1.0), (-1.0, 1.0), (None, None), (None, None)],
        )
        if answer.x is None:
            break
        turned = direction + answer.x[:2] @ sideways
        turned /= np.linalg.norm(turned)
        found = float(np.ptp(corners @ turned))
        if found > width * (1.0 - SETTLED):
            return min(found, width)
        direction, width = turned, found
    return width

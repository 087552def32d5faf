"""Heights on a grid as a solid of few triangles: right triangles, halved where they must be.

The surface stays a height over every place, so it has no undercut.

References
----------
.. [1] Evans, Kirkpatrick, Townsend (2001). Right-triangulated irregular networks. Algorithmica
   30, doi 10.1007/s00453-001-0006-x
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float
from yieldopt.report.nest.heights import Grid, Mask

TOO_HIGH = 4.0  # a mm above a height counts as so many below it: that one takes from the clearance

# A manifold3d.Manifold; its package is loaded only where nests are made.
Solid = Any
Corners = NDArray[np.int64]


def solid_below(heights: Float, grid: Grid, *, floor: float, fine: Mask, tolerance: float) -> Solid:
    """Return what lies between a floor and heights, as a solid over the whole grid.

    Parameters
    ----------
    heights
        (cells + 1, cells + 1) mm, finite, above the floor.
    fine
        Nodes that all stand in the mesh, boolean.
    tolerance
        mm: a triangle is halved while the node amid its longest side lies farther off it.
    """
    import manifold3d

    corners = _triangles(_misses(heights, grid.cells, fine), grid.cells, tolerance)
    size = grid.cells + 1
    used, faces = np.unique(corners[:, :, 0] * size + corners[:, :, 1], return_inverse=True)
    faces = faces.reshape(-1, 3)
    x, y = grid.low[0] + grid.step * (used // size), grid.low[1] + grid.step * (used % size)
    top = np.column_stack([x, y, heights.ravel()[used]])
    under = np.column_stack([x, y, np.full(len(used), floor)])
    tail, head = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    alone = ~np.isin(tail * len(used) + head, head * len(used) + tail)
    tail, head = tail[alone], head[alone]
    n = len(used)
    sides = np.concatenate(
        [np.column_stack([tail, tail + n, head + n]), np.column_stack([tail, head + n, head])]
    )
    skin = np.concatenate([faces, faces[:, ::-1] + n, sides]).astype(np.uint64)
    solid = manifold3d.Manifold(manifold3d.Mesh64(np.concatenate([top, under]), skin))
    if solid.status() != manifold3d.Error.NoError:
        raise AssertionError(f"terrain: {solid.status()}")
    return solid


def _first(cells: int) -> Corners:
    """Return the two triangles of the whole square: longest side first, the right angle last."""
    n = cells
    return np.array([[(n, n), (0, 0), (n, 0)], [(0, 0), (n, n), (0, n)]], dtype=np.int64)


def _halves(triangles: Corners) -> Corners:
    """Return both halves of each triangle."""
    a, b, c = triangles.transpose(1, 0, 2)
    middle = (a + b) // 2
    return np.concatenate([np.stack([c, a, middle], 1), np.stack([b, c, middle], 1)])


def _misses(heights: Float, cells: int, fine: Mask) -> Float:
    """Return at each node by how much the mesh misses it, or a node below it, without it."""
    levels = []
    triangles = _first(cells)
    misses = np.where(fine, np.inf, 0.0)
    while (np.abs(triangles[0, 0] - triangles[0, 1]).max()) > 1:
        a, b = triangles[:, 0], triangles[:, 1]
        middle = (a + b) // 2
        at = middle[:, 0], middle[:, 1]
        between = 0.5 * (heights[a[:, 0], a[:, 1]] + heights[b[:, 0], b[:, 1]])
        above = between - heights[at]
        misses[at] = np.maximum(misses[at], np.where(above > 0.0, TOO_HIGH * above, -above))
        levels.append(triangles)
        triangles = _halves(triangles)
    for triangles in reversed(levels[:-1]):
        a, b, c = triangles.transpose(1, 0, 2)
        below = [(c + a) // 2, (b + c) // 2]
        worst = np.maximum(*(misses[m[:, 0], m[:, 1]] for m in below))
        middle = (a + b) // 2
        np.maximum.at(misses, (middle[:, 0], middle[:, 1]), worst)
    return misses


def _triangles(misses: Float, cells: int, tolerance: float) -> Corners:
    """Return the triangles (k, 3, 2), of nodes, that miss no node by more than the tolerance."""
    out = []
    todo = _first(cells)
    while len(todo):
        a, b = todo[:, 0], todo[:, 1]
        middle = (a + b) // 2
        can = np.abs(a - b).max(axis=1) > 1
        must = can & (misses[middle[:, 0], middle[:, 1]] > tolerance)
        out.append(todo[~must])
        todo = _halves(todo[must])
    return np.concatenate(out)

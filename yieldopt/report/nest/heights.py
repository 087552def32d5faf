"""The underside of a body as heights on a grid of nodes, and what keeps clear of it.

A nest that is all that lies below a height for every place has no undercut: what lies above it
can be lifted straight out, whatever its form.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float, Int

Mask = NDArray[np.bool_]

PAIRS = 2_000_000  # of triangles and nodes looked at together: some 100 MB
HALF_DIAGONAL = 0.71  # of a step: no place is farther from the nearest node
STEEP = 1.7  # height over width: steeper than 60 degrees is taken for a wall


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Nodes `low + step * (i, j)`, i and j from 0 to `cells`, a power of two."""

    low: tuple[float, float]
    step: float
    cells: int

    def places(self) -> tuple[Float, Float]:
        """Return x and y of all nodes, (cells + 1, cells + 1) each."""
        ticks = self.step * np.arange(self.cells + 1)
        x, y = np.meshgrid(self.low[0] + ticks, self.low[1] + ticks, indexing="ij")
        return x, y


def grid_round(points: Float, *, beyond: float, finest: float, most: int) -> Grid:
    """Return a square grid over points (n, 2) and `beyond` mm round them.

    Its step is at most `finest` mm, unless that takes more than `most` cells a side.
    """
    low, high = points.min(axis=0) - beyond, points.max(axis=0) + beyond
    side = float((high - low).max())
    cells = 2
    while side / cells > finest and cells < most:
        cells *= 2
    corner = 0.5 * (low + high) - 0.5 * side
    return Grid(low=(float(corner[0]), float(corner[1])), step=side / cells, cells=cells)


def across(one: Float, other: Float) -> Float:
    """Return the cross product of vectors (..., 2): twice the area between them, left is more."""
    out: Float = one[..., 0] * other[..., 1] - one[..., 1] * other[..., 0]
    return out


def underside(triangles: Float, grid: Grid) -> Float:
    """Return the least height of a skin (k, 3, 3) at every node; infinite where there is none.

    Exact at the nodes. O(triangles + nodes covered).
    """
    a, b, c = triangles.transpose(1, 0, 2)
    twice = across(b[:, :2] - a[:, :2], c[:, :2] - a[:, :2])
    seen = triangles[twice < 0.0]  # from below; upright ones have no width
    at = (seen[:, :, :2] - np.array(grid.low)) / grid.step
    first = np.maximum(np.ceil(at.min(axis=1)).astype(np.int64), 0)
    last = np.minimum(np.floor(at.max(axis=1)).astype(np.int64), grid.cells)
    sides = np.maximum(last - first + 1, 0)
    count = sides[:, 0] * sides[:, 1]
    seen, at, first, sides, count = (part[count > 0] for part in (seen, at, first, sides, count))
    heights = np.full((grid.cells + 1) ** 2, np.inf)
    total = np.cumsum(count)
    start = 0
    while start < len(seen):
        before = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, before + PAIRS)))
        part = slice(start, stop)
        _lower(heights, seen[part], at[part], first[part], sides[part], count[part], grid)
        start = stop
    return heights.reshape(grid.cells + 1, grid.cells + 1)


def _lower(
    heights: Float, seen: Float, at: Float, first: Int, sides: Int, count: Int, grid: Grid
) -> None:
    """Lower heights, in place, to triangles at the nodes of their boxes that they cover."""
    which = np.repeat(np.arange(len(seen)), count)
    rank = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    i = first[which, 0] + rank // sides[which, 1]
    j = first[which, 1] + rank % sides[which, 1]
    a, b, c = at[which].transpose(1, 0, 2)
    ab, ac, ap = b - a, c - a, np.column_stack([i, j]) - a
    twice = across(ab, ac)
    u, v = across(ap, ac) / twice, across(ab, ap) / twice
    inside = (u >= 0.0) & (v >= 0.0) & (u + v <= 1.0)
    which, u, v = which[inside], u[inside], v[inside]
    z = seen[which, :, 2]
    height = z[:, 0] + u * (z[:, 1] - z[:, 0]) + v * (z[:, 2] - z[:, 0])
    np.minimum.at(heights, i[inside] * (grid.cells + 1) + j[inside], height)


def grown(heights: Float, reach: float, step: float) -> Float:
    """Return what keeps `reach` mm from the body of these heights, as far as nodes tell.

    A ball rolls over the underside. Sideways it is half a cell's diagonal larger, for the skin
    may stand so far beyond the last node that it covers.
    """
    slack = HALF_DIAGONAL * step
    n = int((reach + slack) / step)
    out = heights.copy()
    size = len(heights)
    for i in range(-n, n + 1):
        for j in range(-n, n + 1):
            away = max(float(np.hypot(i, j)) * step - slack, 0.0)
            if away > reach:
                continue
            drop = float(np.sqrt(reach * reach - away * away))
            to = slice(max(i, 0), size + min(i, 0)), slice(max(j, 0), size + min(j, 0))
            of = slice(max(-i, 0), size + min(-i, 0)), slice(max(-j, 0), size + min(-j, 0))
            np.minimum(out[to], heights[of] - drop, out=out[to])
    return out


def walls_set_back(heights: Float, step: float) -> Float:
    """Return heights whose walls stand one node farther out.

    Between two nodes of which one is low, a straight slope would enter the cell.
    """
    from scipy.ndimage import maximum_filter, minimum_filter

    low: Float = minimum_filter(heights, size=3, mode="nearest")
    high: Float = maximum_filter(heights, size=3, mode="nearest")
    return np.where(high - low > STEEP * 2.0 * step, low, heights)

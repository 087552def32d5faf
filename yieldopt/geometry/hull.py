"""The convex hull of a rough as few half-spaces: what fits the rough fits them."""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.kernels.hull import Hull

PLANES = 240  # 160 left the bound of a smooth pebble 0.5 % wider in scale, 480 doubled its time
SLICE = 10_000  # points at a time: 20 MB
ROUNDS = 8  # of moving the planes' directions to the middle of their share of the hull


def hull_planes(points: Float, margin: float, guide: Float | None = None) -> tuple[Hull, Float]:
    """Return half-spaces that hold the hull of points (n, 3) mm, moved in by the margin.

    At most PLANES directions, each the mean of a patch of the hull's facets; the origin of
    the planes is the second value, (3,) in the frame of the points, well inside.
    Conservative: the true hull is never cut. `reach` is 0 when the margin leaves nothing.

    Parameters
    ----------
    points
        What the half-spaces hold, all of them.
    margin
        mm.
    guide
        (g, 3) fewer points of much the same hull, from which the directions are taken: of a
        smooth stone of 25,000 vertices that takes a tenth of the time.
    """
    from scipy.spatial import ConvexHull

    guide = points if guide is None else guide
    normals, areas = _facets(ConvexHull(guide), guide)
    directions = normals if len(normals) <= PLANES else _patches(normals, areas)
    offsets = _supports(directions, points) - margin
    centre, radius = _centre(directions, offsets)
    near = offsets - directions @ centre
    reach = float(np.linalg.norm(points - centre, axis=1).max()) if radius > 0.0 else 0.0
    hull_less = Hull(
        normals=np.ascontiguousarray(directions), offsets=np.ascontiguousarray(near), reach=reach
    )
    return hull_less, centre


def _supports(directions: Float, points: Float) -> Float:
    """Return the farthest that points (n, 3) reach in each direction, a slice at a time."""
    slices = range(0, len(points), SLICE)
    out: Float = np.max(
        [(directions @ points[i : i + SLICE].T).max(axis=1) for i in slices], axis=0
    )
    return out


def _facets(hull: object, points: Float) -> tuple[Float, Float]:
    """Return the hull's facet normals (m, 3), coplanar triangles as one, and their areas."""
    simplices, equations = hull.simplices, hull.equations  # type: ignore[attr-defined]
    a, b, c = points[simplices].transpose(1, 0, 2)
    area = 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1)
    _, first, label = np.unique(
        np.round(equations, 6), axis=0, return_index=True, return_inverse=True
    )
    areas: Float = np.bincount(label.ravel(), weights=area).astype(np.float64)
    return np.array(equations[first, :3], dtype=np.float64), areas


def _patches(normals: Float, areas: Float) -> Float:
    """Return PLANES unit directions, the area-weighted means of patches of like normals."""
    seeds = [int(areas.argmax())]
    nearest = normals @ normals[seeds[0]]
    for _ in range(PLANES - 1):
        # The next seed is far from all others, large facets before small ones.
        seeds.append(int(((1.0 - nearest) * np.sqrt(areas)).argmax()))
        nearest = np.maximum(nearest, normals @ normals[seeds[-1]])
    directions = normals[seeds]
    for _ in range(ROUNDS):
        label = (normals @ directions.T).argmax(axis=1)
        total = np.zeros_like(directions)
        np.add.at(total, label, normals * areas[:, None])
        size = np.linalg.norm(total, axis=1, keepdims=True)
        directions = np.where(size > 0.0, total / np.maximum(size, 1e-300), directions)
    return directions


def _centre(normals: Float, offsets: Float) -> tuple[Float, float]:
    from yieldopt.geometry.polytope import inner_point

    try:
        return inner_point(normals, offsets)
    except ValueError:
        return np.zeros(3), 0.0

"""What callipers read on a piece: the least, the one across it, and the most."""

from collections.abc import Iterator

import numpy as np

from yieldopt.geometry.arrays import Float

# Radians, near enough: arcs of normals that miss each other by rounding still meet.
ARC_ROUNDING = 1e-9
ROWS = 500  # of edges compared at a time with all others
# A hull of more corners is round: it is measured by the corners that stand farthest out along
# DIRECTIONS of half a sphere. A gap between those is 0.05 at most; half its square is lost.
MOST_CORNERS = 1500
DIRECTIONS = 1000


def calliper_sizes(points: Float) -> tuple[float, float, float]:
    """Return least width, least width at right angles to it, and greatest length, mm.

    The least width of a solid lies between a face and a corner, or between two edges that stand
    against each other. The greatest length is that between the two points farthest apart. Exact
    for hulls of up to `MOST_CORNERS`; of rounder ones the least width may come out 0.5 % too
    large, the greatest length as much too small. Faces times corners of the hull in time.

    Parameters
    ----------
    points
        (n, 3) mm; what counts is their hull. Points of one plane measure nothing.
    """
    from scipy.spatial import ConvexHull, QhullError
    from scipy.spatial.distance import pdist

    try:
        hull = ConvexHull(points - points.mean(axis=0)) if len(points) > 3 else None
    except QhullError:
        hull = None
    if hull is None:
        return 0.0, 0.0, 0.0
    whole: Float = np.ascontiguousarray(hull.points[hull.vertices])
    corners = whole
    if len(whole) > MOST_CORNERS:
        corners = _farthest_out(whole)
        hull = ConvexHull(corners)
    longest = float(pdist(corners).max())
    normals = np.unique(hull.equations[:, :3], axis=0)
    widths = _widths(corners, normals)
    direction, least = normals[widths.argmin()], float(widths.min())
    facets = hull.equations[:, :3]
    for between in _between_edges(facets, np.asarray(hull.neighbors), corners, least, longest):
        across = _widths(corners, between)
        if across.min() < least:
            direction, least = between[across.argmin()], float(across.min())
    return float(np.ptp(whole @ direction)), _least_shadow(corners, direction), longest


def _farthest_out(corners: Float) -> Float:
    """Return those corners that stand farthest out along directions spread over the sphere."""
    turn = np.arange(DIRECTIONS) * np.pi * (3.0 - np.sqrt(5.0))
    height = (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    ring = np.sqrt(1.0 - height**2)
    directions = np.column_stack([ring * np.cos(turn), ring * np.sin(turn), height])
    kept: set[int] = set()
    for part in np.array_split(directions, DIRECTIONS // ROWS):
        along = part @ corners.T
        kept |= {*along.argmin(axis=1).tolist(), *along.argmax(axis=1).tolist()}
    return corners[sorted(kept)]


def _widths(corners: Float, normals: Float) -> Float:
    """Return the width (k,) mm of corners (n, 3) along unit vectors (k, 3)."""
    parts = np.array_split(normals, len(normals) // ROWS + 1)
    widths: Float = np.concatenate([np.ptp(corners @ part.T, axis=0) for part in parts])
    return widths


def _between_edges(
    facets: Float, neighbours: np.ndarray, corners: Float, least: float, longest: float
) -> Iterator[Float]:
    """Yield unit vectors (k, 3) at right angles to two edges that planes can hold between them.

    A plane that touches an edge has a normal on the arc between its two facets' normals. Along an
    arc the width changes by no more than the greatest length times the angle: most edges cannot
    be where it is less than `least`.
    """
    one = np.repeat(np.arange(len(facets)), 3)
    other = neighbours.ravel()
    once = one < other
    p, q = facets[one[once]], facets[other[once]]
    c = np.cross(p, q)
    sine = np.linalg.norm(c, axis=1)
    width = _widths(corners, facets)
    mean = 0.5 * (width[one[once]] + width[other[once]])
    angle = np.arctan2(sine, np.einsum("ij,ij->i", p, q))
    kept = (sine > ARC_ROUNDING) & (mean - 0.5 * longest * angle < least)
    p, q, c = p[kept], q[kept], c[kept] / sine[kept, None]
    for start in range(0, len(c), ROWS):
        rows = slice(start, start + ROWS)
        from_p, from_q = p[rows] @ c.T, q[rows] @ c.T
        to_p, to_q = c[rows] @ p.T, c[rows] @ q.T
        low = np.maximum.reduce([-from_p, from_q, -to_p, to_q])
        high = np.maximum.reduce([from_p, -from_q, to_p, -to_q])
        i, j = np.nonzero(np.minimum(low, high) <= ARC_ROUNDING)
        n = np.cross(c[rows][i], c[j])
        length = np.linalg.norm(n, axis=1)
        n = n[length > ARC_ROUNDING] / length[length > ARC_ROUNDING, None]
        if len(n):
            yield n


def _least_shadow(corners: Float, direction: Float) -> float:
    """Return the least width (mm) of what corners cast along a direction."""
    from scipy.spatial import ConvexHull, QhullError

    first = np.cross(direction, np.eye(3)[np.abs(direction).argmin()])
    first /= np.linalg.norm(first)
    shadow = corners @ np.column_stack([first, np.cross(direction, first)])
    try:
        sides = ConvexHull(shadow).equations[:, :2]
    except QhullError:
        return 0.0
    return float(np.ptp(shadow @ sides.T, axis=0).min())

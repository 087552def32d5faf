"""Slow, obvious twins of the kernels: numpy, scipy, one formula a function.

A gem is its half-spaces `normals (m, 3)`, `offsets (m,)` at scale 1; it stands at
`rotation (3, 3)`, `translation (3,)`. For a hazard point `p` with margin `keep` the scale at which
facet j, moved out by the margin, reaches it is `g_j(p) = (n_j . R^T (p - t) - keep) / d_j`.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, HalfspaceIntersection

from yieldopt.kernels.tree import CHILD, COUNT, CX, FIRST, HX, THIN, WIDE, Tree

Float = NDArray[np.float64]

# HiGHS' least: how far a row may be broken, and a basis short of optimal.
EXACT: Any = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


class Gem(NamedTuple):
    """Half-spaces at scale 1, and a pose."""

    normals: Float
    offsets: Float
    rotation: Float
    translation: Float


def facet_scales(gem: Gem, points: Float, keep: Float | float) -> Float:
    """Return g_j (n, m) of every facet at points (n, 3) with margins (n,)."""
    in_gem = (points - gem.translation) @ gem.rotation
    margins = np.broadcast_to(keep, len(points))[:, None]
    scales: Float = (in_gem @ gem.normals.T - margins) / gem.offsets
    return scales


def triangle_scale(gem: Gem, triangle: Float, keep: float) -> float:
    """Return the least over a triangle (3, 3) of max_j g_j: `min z : z >= beta . G_j`."""
    values = facet_scales(gem, triangle, keep)  # (3, m)
    found = linprog(
        [0.0, 0.0, 0.0, 1.0],
        A_ub=np.column_stack([values.T, -np.ones(len(gem.offsets))]),
        b_ub=np.zeros(len(gem.offsets)),
        A_eq=[[1.0, 1.0, 1.0, 0.0]],
        b_eq=[1.0],
        bounds=[(0.0, None)] * 3 + [(None, None)],
        options=EXACT,
    )
    assert found.fun is not None
    return float(found.fun)


def triangle_scales(gem: Gem, triangles: Float, keep: Float) -> Float:
    """Return every triangle's own scale (k,)."""
    pairs = zip(triangles, keep, strict=True)
    return np.array([triangle_scale(gem, triangle, margin) for triangle, margin in pairs])


def largest_scale(gem: Gem, triangles: Float, keep: Float) -> float:
    """Return the largest scale among hazard triangles (k, 3, 3): the least of them all."""
    return float(triangle_scales(gem, triangles, keep).min())


def corner_scale(gem: Gem, triangles: Float, keep: Float) -> float:
    """Return the scale that corners alone allow: never too small, and wrong on coarse meshes."""
    return float(facet_scales(gem, triangles.reshape(-1, 3), np.repeat(keep, 3)).max(axis=1).min())


def largest_scale_of_many(gem: Gem, triangles: Float, keep: Float) -> float:
    """Return the same as `largest_scale`, leaving out triangles that cannot be in the way.

    A facet whose least corner value lies above what some corner allows keeps its triangle off.
    """
    corners = facet_scales(gem, triangles.reshape(-1, 3), np.repeat(keep, 3))
    floors = corners.reshape(len(triangles), 3, -1).min(axis=1).max(axis=1)
    near = floors <= corner_scale(gem, triangles, keep)
    return largest_scale(gem, triangles[near], keep[near])


class Solid(NamedTuple):
    """What half-spaces bound: volume, and each facet's area and centroid (zero where none)."""

    volume: float
    areas: Float
    centroids: Float


def solid_of(normals: Float, offsets: Float, inside: Float) -> Solid:
    """Measure a bounded solid about a point inside; the facets are hulls of the corners on them."""
    planes = np.column_stack([normals, -offsets])
    corners = HalfspaceIntersection(planes, inside).intersections
    size = np.abs(corners - inside).max()
    areas, centroids = np.zeros(len(normals)), np.zeros((len(normals), 3))
    for j, normal in enumerate(normals):
        on = corners[np.abs(corners @ normal - offsets[j]) < 1e-9 * size]
        if len(on) < 3:
            continue
        across = np.linalg.svd(normal[None])[2][1:]  # two axes in the plane
        flat = (on - on[0]) @ across.T
        if np.linalg.matrix_rank(flat, tol=1e-8 * size) < 2:
            continue
        ring = flat[ConvexHull(flat).vertices]
        a, b = ring, np.roll(ring, -1, axis=0)
        crossed = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        areas[j] = 0.5 * crossed.sum()
        middle = ((a + b) * crossed[:, None]).sum(axis=0) / (3.0 * crossed.sum())
        centroids[j] = on[0] + middle @ across
    return Solid(float(ConvexHull(corners).volume), areas, centroids)


def best_gain(gain: Float, rows: Float, right: Float, box: Float) -> float | None:
    """Return the greatest `gain . x` under `rows (k, n) x <= right`, `|x| <= box`; None if none."""
    limits = [(-reach, reach) for reach in box.tolist()]
    found = linprog(-gain, A_ub=rows, b_ub=right, bounds=limits, options=EXACT)
    return None if found.fun is None else -float(found.fun)


def winding(triangles: Float, point: Float) -> float:
    """Return how often closed triangles go round a point, by solid angles.

    van Oosterom and Strackee (1983), IEEE Trans. Biomed. Eng. 30(2).
    """
    a, b, c = (triangles - point).transpose(1, 0, 2)
    la, lb, lc = (np.linalg.norm(x, axis=1) for x in (a, b, c))
    above = np.einsum("ij,ij->i", a, np.cross(b, c))
    ab, bc, ca = (np.einsum("ij,ij->i", x, y) for x, y in ((a, b), (b, c), (c, a)))
    below = la * lb * lc + ab * lc + bc * la + ca * lb
    return float(2.0 * np.arctan2(above, below).sum() / (4.0 * np.pi))


def volume_of(triangles: Float) -> float:
    """Return the signed volume of closed triangles, cones from their mean corner."""
    return float(np.linalg.det(triangles - triangles.mean(axis=(0, 1))).sum() / 6.0)


def area_of(triangles: Float) -> float:
    """Return the area of triangles (k, 3, 3)."""
    a, b, c = triangles.transpose(1, 0, 2)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2.0)


def open_edges(triangles: Float) -> int:
    """Return how many directed edges lack their opposite: 0 for a closed, oriented mesh."""
    _, number = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    faces = number.reshape(-1, 3)
    edges = [(int(f[i]), int(f[(i + 1) % 3])) for f in faces for i in range(3)]
    count: dict[tuple[int, int], int] = {}
    for a, b in edges:
        count[a, b] = count.get((a, b), 0) + 1
        count[b, a] = count.get((b, a), 0) - 1
    return sum(n > 0 for n in count.values())


def distance_to(triangles: Float, points: Float) -> Float:
    """Return the distance (n,) of points to the nearest of triangles (k, 3, 3)."""
    return np.array([_nearest(triangles, point) for point in points])


def _nearest(triangles: Float, point: Float) -> float:
    a, b, c = triangles.transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    height = np.einsum("ij,ij->i", point - a, normal)
    foot = point - height[:, None] * normal
    above = np.ones(len(a), dtype=bool)
    away = np.full(len(a), np.inf)
    for p, q in ((a, b), (b, c), (c, a)):
        above &= np.einsum("ij,ij->i", np.cross(q - p, foot - p), normal) >= 0.0
        along = np.einsum("ij,ij->i", point - p, q - p) / ((q - p) ** 2).sum(axis=1)
        end = p + np.clip(along, 0.0, 1.0)[:, None] * (q - p)
        away = np.minimum(away, np.linalg.norm(point - end, axis=1))
    return float(np.where(above, np.abs(height), away).min())


def assert_tree_holds(tree: Tree, triangles: Float, keep: Float) -> None:
    """Assert that boxes hold their triangles, and leaves each triangle exactly once."""
    assert sorted(tree.source) == list(range(len(triangles)))
    np.testing.assert_array_equal(tree.corners, triangles[tree.source].reshape(-1, 9))
    np.testing.assert_array_equal(tree.keep, keep[tree.source])
    visits = np.zeros(len(triangles), dtype=int)
    reached, todo = 0, [0]
    while todo:
        node = todo.pop()
        reached += 1
        child, first, count = (int(tree.places[node, a]) for a in (CHILD, FIRST, COUNT))
        below = slice(first, first + count)
        points = tree.corners[below].reshape(-1, 3)
        centre, half = tree.boxes[node, CX : CX + 3], tree.boxes[node, HX : HX + 3]
        assert (np.abs(points - centre) <= half).all()
        assert tree.boxes[node, THIN] == tree.keep[below].min()
        assert tree.boxes[node, WIDE] == tree.keep[below].max()
        if child < 0:
            visits[below] += 1
            continue
        (left, n_left), (right, n_right) = tree.places[child : child + 2, FIRST : COUNT + 1]
        assert (left, right, n_left + n_right) == (first, first + n_left, count)
        todo += [child, child + 1]
    assert reached == len(tree.places)
    assert (visits == 1).all()


def worth(edges: Float, slopes: Float, reached: Float, per_stone: float, volume: float) -> float:
    """Return what a stone of up to a volume is worth: its bracket's price, or what came before."""
    at = max(int(np.flatnonzero(edges <= volume)[-1]), 0)
    return float(max(reached[at], slopes[at] * volume) - per_stone)


class PlaneGem(NamedTuple):
    """A gem beside planes: what `kernels.regions` knows of it."""

    number: int
    scale: float  # the widest it may be, mm
    least: float  # width
    along: float  # its centre along the planes' normal
    up: float  # how far it reaches from there at unit width
    down: float


def width_beside(gem: PlaneGem, offset: float, above: bool, margin: float) -> float:
    """Return how wide a gem may be on one side of a plane; 0 where its centre is on the other."""
    if (gem.along >= offset) != above:
        return 0.0
    reach = gem.down if above else gem.up
    return min(gem.scale, (abs(gem.along - offset) - margin) / reach)


def best_beside(
    gems: list[PlaneGem], offset: float, above: bool, margin: float, worths: dict[int, Any]
) -> tuple[float, int]:
    """Return the most that a gem on one side of a plane is worth, and the first such gem.

    `worths[number](width)` is what each is worth; -1e300 and -1 where none is wide enough.
    """
    best, number = -1e300, -1
    for gem in gems:
        width = width_beside(gem, offset, above, margin)
        if width < gem.least:
            continue
        own = worths[gem.number](width)
        if own > best:
            best, number = own, gem.number
    return best, number

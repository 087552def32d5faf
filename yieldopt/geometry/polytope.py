"""Convex solids: half-spaces, corners, facets, volume."""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float


@dataclass(frozen=True, slots=True, kw_only=True)
class Polytope:
    """A bounded convex solid `{x: normals @ x <= offsets}`.

    Parameters
    ----------
    normals, offsets
        (m, 3) unit outward normals and (m,) mm.
    vertices
        (v, 3) mm, its corners.
    loops
        For each half-space the corners of its facet, counter-clockwise seen from
        outside; empty where the half-space touches no facet (redundant).
    """

    normals: Float
    offsets: Float
    vertices: Float
    loops: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "normals", frozen_float(self.normals, (-1, 3), "normals"))
        object.__setattr__(
            self, "offsets", frozen_float(self.offsets, (len(self.normals),), "offsets")
        )
        object.__setattr__(self, "vertices", frozen_float(self.vertices, (-1, 3), "vertices"))

    def triangles(self) -> Float:
        """Return the surface as a fan of triangles a facet, (k, 3, 3) mm, outward."""
        fans = [
            self.vertices[[loop[0], loop[i], loop[i + 1]]]
            for loop in self.loops
            for i in range(1, len(loop) - 1)
        ]
        return np.array(fans)

    @property
    def areas(self) -> Float:
        """(m,) mm2, zero where a half-space is redundant."""
        out = np.zeros(len(self.normals))
        for j, loop in enumerate(self.loops):
            if len(loop) > 2:
                x, y, z = ring = self.vertices[list(loop)].T
                u, v, w = np.concatenate([ring[:, 1:], ring[:, :1]], axis=1)
                # np.cross, step by step and so to the last bit; itself it takes five times as long.
                turned = np.stack([y * w - z * v, z * u - x * w, x * v - y * u], axis=1)
                out[j] = 0.5 * self.normals[j] @ turned.sum(axis=0)
        return out

    @property
    def volume(self) -> float:
        """mm3, exact: a cone a facet."""
        centre = self.vertices.mean(axis=0)
        return float(self.areas @ (self.offsets - self.normals @ centre) / 3.0)


MERGE = 1e-7  # corners nearer than this share of the size are one meet of several facets
NEARLY_PARALLEL = 1e-3  # sine: planes closer than this fix no corner along their meet
SAME_PLANE = 1e-12  # of a unit normal and of the size: rounding of one plane written twice
ON_PLANE = 1e-9  # a corner belongs to every half-space it is this near to, share of the size


def polytope_from_planes(normals: Float, offsets: Float) -> Polytope:
    """Return the solid of half-spaces (m, 3), (m,) mm with all its corners and facets.

    Where more than three facets meet (most meets of a gem), the corner is one, placed by
    least squares on all of them.

    Raises
    ------
    ValueError
        If the half-spaces leave nothing, or leave it unbounded.
    """
    from yieldopt.kernels.solid import CORNERS, WIDE, clip_facet

    normals = frozen_float(normals, (-1, 3), "normals")
    offsets = frozen_float(offsets, (len(normals),), "offsets")
    if len(normals) < 4:
        raise ValueError("unbounded: fewer than four half-spaces")
    # Clipping wants plane distances of the solid's own size: measure from a point inside.
    inside, slack = inner_point(normals, offsets)
    size = float(np.abs(offsets - normals @ inside).max())
    if slack <= ON_PLANE * size:
        raise ValueError("empty: the half-spaces leave no solid")
    near = offsets - normals @ inside
    rings = np.empty((2, CORNERS, 3))
    corners, owner = [], []
    unlike = _unlike(normals, near, size)
    for own, j in enumerate(unlike):
        n, ring = clip_facet(normals[unlike], near[unlike], own, WIDE * size, rings)
        if n < 0:
            raise ValueError(f"half-space {j}: a facet of more than {CORNERS - 2} corners")
        if n > 2:
            corners.append(rings[ring, :n].copy())
            owner.append(int(j))
    points = np.concatenate(corners)
    if np.abs(points).max() > 0.5 * WIDE * size:
        raise ValueError("unbounded: the half-spaces do not close")
    radius = MERGE * float(np.ptp(points, axis=0).max())
    label = _merged(points, radius)
    vertices = _polished(_means(points, label), normals, near)
    met = _merged(vertices, radius)  # corners on the same planes have become one
    label, vertices = met[label], _means(vertices, met)
    loops: list[tuple[int, ...]] = [()] * len(normals)
    start = 0
    for j, ring_points in zip(owner, corners, strict=True):
        loop = label[start : start + len(ring_points)]
        start += len(ring_points)
        kept = [int(a) for a, b in zip(loop, np.roll(loop, 1), strict=True) if a != b]
        if len(set(kept)) > 2:
            loops[j] = tuple(kept)
    used = sorted({v for loop in loops for v in loop})
    place = {v: i for i, v in enumerate(used)}
    return Polytope(
        normals=normals,
        offsets=offsets,
        vertices=vertices[used] + inside,
        loops=tuple(tuple(place[v] for v in loop) for loop in loops),
    )


def _unlike(normals: Float, offsets: Float, size: float) -> np.ndarray:
    """Return the numbers of the half-spaces less later copies of one and the same."""
    rows = np.column_stack([normals, offsets / size])
    far = np.abs(rows[:, None] - rows[None]).max(axis=2)
    copies = np.triu(far < SAME_PLANE, k=1).any(axis=0)
    return np.flatnonzero(~copies)


def inner_point(normals: Float, offsets: Float) -> tuple[Float, float]:
    """Return the centre (3,) of the largest ball inside the half-spaces, and its radius.

    Raises
    ------
    ValueError
        If there is no such ball, or it has no limit.
    """
    from scipy.optimize import linprog

    rows = np.column_stack([normals, np.linalg.norm(normals, axis=1)])
    found = linprog([0, 0, 0, -1], A_ub=rows, b_ub=offsets, bounds=[(None, None)] * 3 + [(0, None)])
    if found.status == 3:
        raise ValueError("unbounded: the half-spaces do not close")
    if found.status != 0 or found.x is None:
        raise ValueError("empty: the half-spaces leave no solid")
    return found.x[:3], float(found.x[3])


def planes_from_points(points: Float) -> tuple[Float, Float]:
    """Return the half-spaces (m, 3), (m,) of the convex hull of points (n, 3).

    Coplanar triangles of the hull give one half-space.
    """
    from scipy.spatial import ConvexHull

    equations = ConvexHull(points).equations
    _, first = np.unique(np.round(equations, 9), axis=0, return_index=True)
    equations = equations[np.sort(first)]
    return equations[:, :3], -equations[:, 3]


def support(vertices: Float, directions: Float) -> Float:
    """Return the support (k,) of corners (v, 3) in directions (k, 3): the largest n . v."""
    out: Float = (directions @ vertices.T).max(axis=1)
    return out


def _merged(points: Float, radius: float) -> np.ndarray:
    """Return a label (n,) for each point; points within the radius share one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    pairs = cKDTree(points).query_pairs(radius, output_type="ndarray")
    n = len(points)
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(n, n))
    return connected_components(graph, directed=False)[1]


def _means(points: Float, label: np.ndarray) -> Float:
    return np.array([points[label == i].mean(axis=0) for i in range(label.max() + 1)])


def _polished(vertices: Float, normals: Float, offsets: Float) -> Float:
    """Move each corner to the least-squares meet of the planes that pass it.

    Planes nearly parallel to one another do not say where along their meet a corner lies:
    in such a direction it stays where clipping put it.
    """
    out = vertices.copy()
    size = float(np.abs(vertices).max())
    for i, vertex in enumerate(vertices):
        on = np.abs(normals @ vertex - offsets) < MERGE * size
        miss = offsets[on] - normals[on] @ vertex
        move, *_ = np.linalg.lstsq(normals[on], miss, rcond=NEARLY_PARALLEL)
        out[i] = vertex + move
    return out

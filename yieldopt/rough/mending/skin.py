"""The skin of a scan as bare arrays: join doubled corners, name what is not closed.

Legend: a triangle runs over three directed edges; an edge is the pair without its direction.
A skin is closed when each edge is run over exactly twice, once each way.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float

Index = NDArray[np.int64]

# Height of a triangle over its longest side, as a share of that side, under which it counts as
# flat: what float64 leaves of three points on a line (1e-16 times a few hundred operations).
FLAT_SHARE = 1e-12
SHELLS_LISTED = 4  # shells whose volume is told: a scan in crumbs would fill the screen
_MIXERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """The edges of some triangles and how often, and which way, each is run over.

    Parameters
    ----------
    ends
        (e, 2) vertex indices, the smaller first.
    of_triangle
        (k, 3) edge of corner 0-1, 1-2, 2-0 of each triangle.
    uses
        (e,) triangles at the edge.
    turn
        (e,) runs upward minus runs downward: 0 where two triangles agree which side is out.
    runs
        (3 k,) the directed edges, 3 * triangle + corner, those of one edge side by side.
    """

    ends: Index
    of_triangle: Index
    uses: Index
    turn: Index
    runs: Index

    @property
    def closed(self) -> bool:
        """True when each edge has two triangles, wound alike."""
        return bool((self.uses == 2).all() and (self.turn == 0).all())


def join_vertices(vertices: Float, faces: Index) -> tuple[Float, Index]:
    """Join vertices (n, 3) whose coordinates are equal to the last bit; drop the unused.

    Their order is kept, the first of equals stays. O(n log n): a hash of the three numbers is
    sorted in place of the numbers, which takes a third of the time.
    """
    used = np.zeros(len(vertices), dtype=bool)
    used[faces] = True
    kept = np.flatnonzero(used)
    points = np.ascontiguousarray(vertices[kept] + 0.0)  # -0.0 becomes 0.0: the same place
    order, new = _equal_beside(points)
    group = np.empty(len(points), dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    first = np.minimum.reduceat(order, np.flatnonzero(new)) if len(points) else order
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    to_new = np.zeros(len(vertices), dtype=np.int64)
    to_new[kept] = rank[group]
    return points[np.sort(first)], to_new[faces]


def _equal_beside(points: Float) -> tuple[Index, NDArray[np.bool_]]:
    """Return an order of points (n, 3) with equal ones side by side, and where each starts."""
    bits = points.view(np.uint64)
    mixed = (bits ^ (bits >> np.uint64(29))) * _MIXERS  # wraps around, as a hash may
    mixed ^= mixed >> np.uint64(32)
    hashes = mixed[:, 0] + np.uint64(3) * mixed[:, 1] + np.uint64(7) * mixed[:, 2]
    order: Index = np.argsort(hashes, kind="stable")
    new = _differ_from_last(points[order])
    if np.array_equal(new, _differ_from_last(hashes[order][:, None])):
        return order, new
    order = np.lexsort(points.T)  # two places with one hash: never seen, but must not split one
    return order, _differ_from_last(points[order])


def _differ_from_last(rows: NDArray[Any]) -> NDArray[np.bool_]:
    new = np.ones(len(rows), dtype=bool)
    new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
    return new


def edges_of(faces: Index) -> Edges:
    """Return the edges of triangles (k, 3)."""
    tails, heads = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    base = np.int64(faces.max(initial=0) + 1)
    upward = tails < heads
    keys = np.where(upward, tails * base + heads, heads * base + tails)
    order = np.argsort(keys, kind="stable")
    new = np.ones(len(keys), dtype=bool)
    new[1:] = keys[order[1:]] != keys[order[:-1]]
    starts = np.flatnonzero(new)
    of_corner = np.empty(len(keys), dtype=np.int64)
    of_corner[order] = np.cumsum(new) - 1
    distinct = keys[order[starts]]
    return Edges(
        ends=np.column_stack([distinct // base, distinct % base]),
        of_triangle=of_corner.reshape(-1, 3),
        uses=np.diff(starts, append=len(keys)),
        turn=np.add.reduceat(np.where(upward, 1, -1)[order], starts) if len(keys) else starts,
        runs=order,
    )


def drop_waste(vertices: Float, faces: Index) -> tuple[Index, tuple[str, ...]]:
    """Drop triangles that enclose nothing, as far as the skin is closed (or as it was) without.

    A triangle with two corners in one place goes always: its neighbours meet behind it. The
    second of two equal triangles, and triangles without area, go only if the skin is closed
    afterwards. Two triangles back to back are left: whether that flap is dust or a thin wall is
    not ours to say.

    Returns
    -------
    faces, notes
        What is left, and a sentence for each kind that was dropped.
    """
    notes: list[str] = []
    pinched = (faces == np.roll(faces, 1, axis=1)).any(axis=1)
    if pinched.any():
        faces = faces[~pinched]
        notes.append(f"{counted(int(pinched.sum()), 'triangle')} without area dropped")
    if len(faces) == 0 or edges_of(faces).closed:
        return faces, tuple(notes)
    for kind, waste in (
        ("that stood there twice", _later_doubles(faces)),
        ("without area", are_flat(vertices, faces)),
    ):
        if waste.any() and not waste.all() and edges_of(faces[~waste]).closed:
            return faces[~waste], (
                *notes,
                f"{counted(int(waste.sum()), 'triangle')} {kind} dropped",
            )
    return faces, tuple(notes)


def _later_doubles(faces: Index) -> NDArray[np.bool_]:
    """Find triangles whose corners, in the same sense, an earlier one has."""
    lead = faces.argmin(axis=1)[:, None]
    turned = np.take_along_axis(faces, (lead + np.arange(3)) % 3, axis=1)  # smallest corner first
    _, first = np.unique(turned, axis=0, return_index=True)
    later = np.ones(len(faces), dtype=bool)
    later[first] = False
    return later


def are_flat(vertices: Float, faces: Index) -> NDArray[np.bool_]:
    """Tell which triangles (k, 3) have no area, as far as float64 can tell."""
    a, b, c = vertices[faces].transpose(1, 0, 2)
    double_area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    longest = np.max([((b - a) ** 2).sum(1), ((c - b) ** 2).sum(1), ((a - c) ** 2).sum(1)], axis=0)
    return np.asarray(double_area <= FLAT_SHARE * longest)


def shells_of(faces: Index, edges: Edges) -> tuple[int, Index]:
    """Return how many shells there are and the shell of each triangle, joined over edges."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    edge = edges.of_triangle.ravel()[edges.runs]
    beside = np.flatnonzero(edge[1:] == edge[:-1])
    one, other = edges.runs[beside] // 3, edges.runs[beside + 1] // 3
    links = coo_array((np.ones(len(one), dtype=np.int8), (one, other)), shape=(len(faces),) * 2)
    count, label = connected_components(links, directed=False)
    return int(count), np.asarray(label, dtype=np.int64)


def volumes_of(vertices: Float, faces: Index, label: Index, count: int) -> Float:
    """Return the signed volume of each shell, (count,), in the cube of the vertices' unit."""
    a, b, c = (vertices - vertices.mean(axis=0))[faces].transpose(1, 0, 2)
    sixfold = np.einsum("ij,ij->i", a, np.cross(b, c))
    return np.bincount(label, weights=sixfold, minlength=count) / 6.0


def defects_of(vertices: Float, faces: Index) -> list[str]:
    """Return what keeps a skin from being one closed shell, a phrase each; mm.

    Nothing to say means: each edge has two triangles that agree which side is out, and all
    triangles hang together. Crossings of the skin with itself are not looked for.
    """
    edges = edges_of(faces)
    found: list[str] = []
    is_open, is_crowded = edges.uses == 1, edges.uses > 2
    if is_open.any():
        found.append(
            f"{counted(int(is_open.sum()), 'open edge')} ({_holes(vertices, edges.ends[is_open])})"
        )
    if is_crowded.any():
        where = vertices[edges.ends[is_crowded][0]].mean(axis=0)
        found.append(
            f"{counted(int(is_crowded.sum()), 'edge')} shared by more than two triangles"
            f" (near {said_place(where)})"
        )
    is_twisted = (edges.uses == 2) & (edges.turn != 0)
    if is_twisted.any():
        where = vertices[edges.ends[is_twisted][0]].mean(axis=0)
        number = counted(int(is_twisted.sum()), "edge")
        found.append(
            f"{number} where two triangles disagree which side is out (near {said_place(where)})"
        )
    count, label = shells_of(faces, edges)
    if count > 1:
        volumes = volumes_of(vertices, faces, label, count)
        largest = volumes[np.argsort(-np.abs(volumes), kind="stable")][:SHELLS_LISTED]
        listed = ", ".join(f"{volume:.4g}" for volume in largest)
        rest = ", ..." if count > SHELLS_LISTED else ""
        found.append(f"{count} separate shells (volumes {listed}{rest} mm3)")
    return found


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural where it is one."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def said_place(point: Float) -> str:
    """Return a point (3,) in words, mm."""
    return ", ".join(f"{x + 0.0:.3g}" for x in point) + " mm"


def _holes(vertices: Float, ends: Index) -> str:
    """Say how many holes the open edges (e, 2) surround, and where the widest lies."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    corners, local = np.unique(ends, return_inverse=True)
    local = local.reshape(-1, 2)
    links = coo_array((np.ones(len(ends)), (local[:, 0], local[:, 1])), shape=(len(corners),) * 2)
    count, label = connected_components(links, directed=False)
    low, high = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low, label, vertices[corners])
    np.maximum.at(high, label, vertices[corners])
    across = np.linalg.norm(high - low, axis=1)
    widest = int(across.argmax())
    middle = said_place((low[widest] + high[widest]) / 2.0)
    if count == 1:
        return f"round one hole {across[widest]:.3g} mm across, near {middle}"
    return f"round {count} holes, the widest {across[widest]:.3g} mm across, near {middle}"


def touches_and_tunnels(vertices: Float, faces: Index) -> tuple[int, int]:
    """Return at how many points closed shells touch themselves or each other, and all tunnels.

    A ball has neither. Faces round a vertex that fall into several fans are several sheets that
    touch there; with those taken apart, Euler's formula counts the tunnels.
    """
    surplus = len(vertices) - len(faces) // 2  # closed: three edges for two faces
    edges = edges_of(faces)
    shells = shells_of(faces, edges)[0]
    if surplus == 2 * shells:
        return 0, 0
    fans = int(fans_of(faces, edges).max()) + 1
    return fans - len(vertices), (2 * shells - (surplus + fans - len(vertices))) // 2


def fans_of(faces: Index, edges: Edges) -> Index:
    """Return the fan of each corner, (k, 3): corners at one vertex whose triangles hang together.

    Two triangles hang together at an edge if they are the only ones there and are wound alike.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    corners = np.arange(faces.size).reshape(-1, 3)
    runs = edges.runs[
        ((edges.uses == 2) & (edges.turn == 0))[edges.of_triangle.ravel()[edges.runs]]
    ]
    ends = np.column_stack([corners.ravel(), np.roll(corners, -1, axis=1).ravel()])[runs]
    one, two = ends[0::2], ends[1::2]  # run over opposite ways
    links = coo_array(
        (np.ones(2 * len(one)), (one.ravel(), two[:, ::-1].ravel())), shape=(faces.size,) * 2
    )
    label = np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)
    return label.reshape(-1, 3)

"""Open seams: corners that should be one and lie a hair apart, corners that lie on an edge.

Legend: a corner is open when an open edge ends there. Open corners closer than the weld are
joined at the one that lies deepest in the stone, so that the skin gives way inward; what it may
rise at a slant is reckoned for each triangle and told.
"""

from collections import defaultdict

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.mended import MendedSkin, said_volume, signed_volume
from yieldopt.rough.mending.skin import Index, counted, edges_of, join_vertices, said_place

# Share of the skin's middle edge length within which open corners are one: rounding in files is
# a thousandth of it and less, what a mesh shows of the stone is ten times as much and more.
WELD_SHARE = 0.02
WELDS = (1e-4, 1e-3, 1e-2, 0.1, 1.0)  # shares of the weld, tried in turn
CROWD = 8  # open edges that must close for one that gets crowded: a torn flap has six or fewer
MOST_SPLIT = 20_000  # open edges to look at one by one for corners on them; beyond, it is a sieve


def weld_seams(skin: MendedSkin) -> MendedSkin:
    """Join open corners within the weld of each other, if that closes edges and crowds few.

    From a ten-thousandth of the weld up, and no wider than closes the most: a mesh's own small
    triangles must not be welded for a seam that is apart by rounding only.
    """
    vertices, faces = skin.vertices, skin.faces
    edges = edges_of(faces)
    is_open = edges.uses == 1
    if not is_open.any():
        return skin
    widest = WELD_SHARE * _middle_length(vertices, edges.ends)
    best, onto, weld = _amiss(faces), np.arange(len(vertices)), 0.0
    for share in WELDS:
        tried = _onto(vertices, faces, edges.ends, edges.ends[is_open], share * widest)
        after = _amiss(tried[faces])
        if after < best:
            best, onto, weld = after, tried, share * widest
        if best == 0:
            break
    if weld == 0.0:
        return skin
    moved_faces = onto[faces]
    moved = vertices[onto]
    step = np.linalg.norm(moved - vertices, axis=1)
    outward = _rise(vertices, faces, moved)
    changed = signed_volume(moved, faces) - signed_volume(vertices, faces)
    number = int((onto != np.arange(len(onto))).sum())
    where = said_place(vertices[int(step.argmax())])
    note = (
        f"{counted(number, 'corner')} joined to others up to {step.max():.2g} mm away (weld"
        f" {weld:.2g} mm), the farthest near {where}: {outward:.2g} mm outward at most, volume"
        f" changed by {said_volume(changed, signed_volume(moved, faces))}"
    )
    points, joined = join_vertices(vertices, moved_faces)
    return skin.after(points, joined, note, changed=abs(changed), outward=outward)


def _amiss(faces: Index) -> int:
    """Return how many edges are open, and as many times CROWD as are crowded, pinched ones off."""
    uses = edges_of(faces[(faces != np.roll(faces, 1, axis=1)).all(axis=1)]).uses
    return int((uses == 1).sum()) + CROWD * int((uses > 2).sum())


def _middle_length(vertices: Float, ends: Index) -> float:
    return float(np.median(np.linalg.norm(vertices[ends[:, 0]] - vertices[ends[:, 1]], axis=1)))


def _onto(vertices: Float, faces: Index, ends: Index, open_ends: Index, weld: float) -> Index:
    """Return for each vertex the one it is joined to: the deepest of its cluster, or itself."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    onto = np.arange(len(vertices))
    corners = np.unique(open_ends)
    pairs = cKDTree(vertices[corners]).query_pairs(weld, output_type="ndarray")
    pairs = np.sort(corners[pairs], axis=1)
    base = len(vertices)  # two ends of an edge are not one corner
    is_edge = np.isin(pairs[:, 0] * base + pairs[:, 1], ends[:, 0] * base + ends[:, 1])
    pairs = pairs[~is_edge]
    if len(pairs) == 0:
        return onto
    links = coo_array((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(base, base))
    count, label = connected_components(links, directed=False)
    a, b, c = vertices[faces].transpose(1, 0, 2)
    normal = np.zeros((count, 3))
    for i in range(3):
        np.add.at(normal, label[faces[:, i]], np.cross(b - a, c - a))
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    normal /= np.where(length > 0.0, length, 1.0)
    chosen = np.unique(pairs)
    own = label[chosen]
    height = np.einsum("ij,ij->i", normal[own], vertices[chosen])
    order = np.lexsort((chosen, height, own))
    first = np.ones(len(order), dtype=bool)
    first[1:] = own[order[1:]] != own[order[:-1]]
    deepest = np.zeros(count, dtype=np.int64)
    deepest[own[order[first]]] = chosen[order[first]]
    onto[chosen] = deepest[own]
    return onto


def _rise(before: Float, faces: Index, after: Float) -> float:
    """Return how far any triangle's corner rose over the plane it was in, mm."""
    touched = faces[(before != after).any(axis=1)[faces].any(axis=1)]
    a, b, c = before[touched].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    normal /= np.where(length > 0.0, length, 1.0)
    rise = np.einsum("ikj,ij->ik", (after - before)[touched], normal)
    return max(0.0, float(rise.max(initial=0.0)))


def split_seams(skin: MendedSkin) -> MendedSkin:
    """Split open edges on which open corners of other triangles lie, within the weld."""
    vertices, faces = skin.vertices, skin.faces
    edges = edges_of(faces)
    is_open = edges.uses == 1
    if not 0 < is_open.sum() <= MOST_SPLIT:
        return skin
    weld = WELD_SHARE * _middle_length(vertices, edges.ends)
    corners = np.unique(edges.ends[is_open])
    on_edge = _corners_on(vertices, edges.ends, np.flatnonzero(is_open), corners, weld)
    if not on_edge:
        return skin
    parts = []
    of_face: dict[int, list[int]] = defaultdict(list)
    for place in np.flatnonzero(is_open[edges.of_triangle.ravel()]):
        if int(edges.of_triangle.ravel()[place]) in on_edge:
            of_face[int(place) // 3].append(int(place) % 3)
    outward = 0.0
    for face, sides in of_face.items():
        ring: list[int] = []
        for side in range(3):
            tail, head = int(faces[face, side]), int(faces[face, (side + 1) % 3])
            ring.append(tail)
            if side in sides:
                between = on_edge[int(edges.of_triangle[face, side])]
                ring += between if tail < head else between[::-1]
        parts += _fan(ring, sides[0], faces[face])
        outward = max(outward, _over_plane(vertices, faces[face], ring))
    left = np.delete(faces, list(of_face), axis=0)
    split = np.concatenate([left, np.array(parts, dtype=np.int64)])
    if _amiss(split) >= _amiss(faces):
        return skin
    changed = signed_volume(vertices, split) - signed_volume(vertices, faces)
    number = sum(len(between) for between in on_edge.values())
    where = said_place(vertices[next(iter(on_edge.values()))[0]])
    note = (
        f"{counted(number, 'corner')} on open edges (weld {weld:.2g} mm): the edges were split"
        f" there, the first near {where}: {outward:.2g} mm outward at most, volume changed by"
        f" {said_volume(changed, signed_volume(vertices, split))}"
    )
    return skin.after(vertices, split, note, changed=abs(changed), outward=outward)


def _corners_on(
    vertices: Float, ends: Index, open_edges: Index, corners: Index, weld: float
) -> dict[int, list[int]]:
    """Return the open corners that lie on each open edge, from its lower end to its upper."""
    from scipy.spatial import cKDTree

    tree = cKDTree(vertices[corners])
    tails, heads = vertices[ends[open_edges, 0]], vertices[ends[open_edges, 1]]
    along = heads - tails
    length = np.linalg.norm(along, axis=1)
    near = tree.query_ball_point((tails + heads) / 2.0, length / 2.0 + weld)
    out: dict[int, list[int]] = {}
    for k, found in enumerate(near):
        candidates = corners[np.asarray(found, dtype=np.int64)]
        candidates = candidates[~np.isin(candidates, ends[open_edges[k]])]
        if len(candidates) == 0:
            continue
        moved = vertices[candidates] - tails[k]
        share = moved @ along[k] / length[k] ** 2
        aside = np.linalg.norm(moved - share[:, None] * along[k], axis=1)
        end = weld / length[k]
        lies_on = (aside <= weld) & (share > end) & (share < 1.0 - end)
        if lies_on.any():
            order = np.argsort(share[lies_on], kind="stable")
            out[int(open_edges[k])] = candidates[lies_on][order].tolist()
    return out


def _fan(ring: list[int], side: int, face: Index) -> list[tuple[int, int, int]]:
    """Return a triangle whose sides were split, as a fan about the corner across from one."""
    start = ring.index(int(face[(side + 2) % 3]))
    turned = ring[start:] + ring[:start]
    return [(turned[0], turned[i], turned[i + 1]) for i in range(1, len(turned) - 1)]


def _over_plane(vertices: Float, face: Index, ring: list[int]) -> float:
    a, b, c = vertices[face]
    normal = np.cross(b - a, c - a)
    length = float(np.linalg.norm(normal))
    if length == 0.0:
        return 0.0
    return max(0.0, float(((vertices[ring] - a) @ normal).max()) / length)

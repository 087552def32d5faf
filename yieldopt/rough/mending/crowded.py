"""Edges of more than two triangles: fins and films removed, sheets that touch parted.

Legend: an edge is crowded when more than two triangles share it. A patch is what hangs together
over edges that are not crowded. A fin is a patch that hangs on crowded edges and ends in the
open: it encloses nothing. A film is a patch that closes on crowded edges all round, so that the
skin is double there: the deeper one is kept where little lies between.
"""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.mended import (
    MendedSkin,
    across_of,
    areas_of,
    middle_of,
    not_closed,
    said_volume,
    signed_volume,
)
from yieldopt.rough.mending.skin import Edges, Index, counted, edges_of, fans_of, said_place

FIN_SHARE = 0.05  # of the skin's area: a larger sheet may be the skin itself
# Of the stone's volume: so much may lie between a film and the skin under it. More may be a
# hollow, or half the stone, and is not ours to give or take.
FILM_SHARE = 0.005
MOST_SHEETS = 200  # fins and films to take one after the other; beyond, the mesh is no skin
TODO = "remove inner walls and sheets in the scanner's software"


def drop_fins(skin: MendedSkin) -> MendedSkin:
    """Drop fins: patches with open edges, without which their crowded edges are in order."""
    vertices, faces = skin.vertices, skin.faces
    whole = float(areas_of(vertices, faces).sum())
    dropped: list[tuple[Float, float]] = []
    for _ in range(MOST_SHEETS):
        edges = edges_of(faces)
        if not (edges.uses > 2).any():
            break
        found = next(
            (
                patch
                for patch in _patches(vertices, faces, edges)
                if _is_fin(edges, patch)
                and areas_of(vertices, faces[patch]).sum() <= FIN_SHARE * whole
            ),
            None,
        )
        if found is None:
            break
        dropped.append((middle_of(vertices, faces[found]), across_of(vertices, faces[found])))
        faces = np.delete(faces, found, axis=0)
    if not dropped:
        return skin
    where, across = max(dropped, key=lambda sheet: sheet[1])
    note = (
        f"{counted(len(dropped), 'sheet')} standing off the skin, which enclose nothing, dropped,"
        f" the widest {across:.3g} mm across near {said_place(where)}: volume unchanged"
    )
    return skin.after(vertices, faces, note)


def drop_films(skin: MendedSkin) -> MendedSkin:
    """Where the skin is double, drop the outer sheet, if little lies between the two.

    Raises
    ------
    CannotMend
        If a sheet closes off more: which may be a wall in the stone or the stone's own skin.
    """
    vertices, faces = skin.vertices, skin.faces
    notes: list[str] = []
    taken = 0.0
    for _ in range(MOST_SHEETS):
        edges = edges_of(faces)
        found = next(
            (patch for patch in _patches(vertices, faces, edges) if _is_film(edges, patch)),
            None,
        )
        if found is None:
            break
        loops = edges.of_triangle[found].ravel()
        rim = set(loops[edges.uses[loops] > 2].tolist())
        pair = [
            patch
            for patch in _patches(vertices, faces, edges)
            if {e for e in edges.of_triangle[patch].ravel().tolist() if edges.uses[e] > 2} == rim
        ][:2]
        volumes = [_volume_without(vertices, faces, patch) for patch in pair]
        between = abs(volumes[0] - volumes[-1])
        if len(pair) < 2 or between > FILM_SHARE * max(volumes):
            where = said_place(middle_of(vertices, faces[found]))
            raise not_closed(
                skin.after(vertices, faces),
                f"a sheet near {where} closes off part of the stone: {TODO}",
            )
        outer = pair[int(np.argmin(volumes))]
        where = said_place(middle_of(vertices, faces[outer]))
        notes.append(
            f"the skin is double near {where}: the outer sheet was dropped, volume less by"
            f" {said_volume(between, max(volumes))}"
        )
        taken += between
        faces = np.delete(faces, outer, axis=0)
    return skin.after(vertices, faces, *notes, changed=taken) if notes else skin


def _patches(vertices: Float, faces: Index, edges: Edges) -> list[Index]:
    """Return the triangles of each patch, the smallest area first."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    runs = edges.runs[(edges.uses == 2)[edges.of_triangle.ravel()[edges.runs]]] // 3
    links = coo_array((np.ones(len(runs) // 2), (runs[0::2], runs[1::2])), shape=(len(faces),) * 2)
    count, label = connected_components(links, directed=False)
    area = np.bincount(label, weights=areas_of(vertices, faces), minlength=count)
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(label, minlength=count))[:-1])
    crowded = (edges.uses > 2)[edges.of_triangle].any(axis=1)
    touching = np.bincount(label, weights=crowded, minlength=count) > 0
    return [groups[i] for i in np.argsort(area, kind="stable") if touching[i]]


def _own(edges: Edges, patch: Index) -> tuple[Index, Index]:
    """Return the edges of a patch and how often it runs over each."""
    return np.unique(edges.of_triangle[patch].ravel(), return_counts=True)


def _is_fin(edges: Edges, patch: Index) -> bool:
    own, times = _own(edges, patch)
    crowded = edges.uses[own] > 2
    in_order = (edges.uses[own] - times)[crowded] == 2
    return bool((edges.uses[own] == 1).any() and crowded.any() and in_order.all())


def _is_film(edges: Edges, patch: Index) -> bool:
    own, times = _own(edges, patch)
    crowded = edges.uses[own] > 2
    once_of_three = (edges.uses[own] == 3) & (times == 1)
    return bool(crowded.any() and not (edges.uses[own] == 1).any() and once_of_three[crowded].all())


def _volume_without(vertices: Float, faces: Index, patch: Index) -> float:
    from yieldopt.rough.mending.winding import agree_on_winding

    rest = np.delete(faces, patch, axis=0)
    agreed = agree_on_winding(MendedSkin(vertices=vertices, faces=rest))
    return abs(signed_volume(vertices, agreed.faces))


def part_touching(skin: MendedSkin) -> MendedSkin:
    """Part sheets of skin that touch along an edge: each keeps its own corners there.

    Round a crowded edge, stone and air take turns; the two triangles that hold a wedge of stone
    between them belong together. Not a point is moved.

    Raises
    ------
    CannotMend
        If they do not take turns: the skin runs through itself there.
    """
    vertices, faces = skin.vertices, skin.faces
    edges = edges_of(faces)
    crowded = np.flatnonzero(edges.uses > 2)
    if len(crowded) == 0:
        return skin
    if len(crowded) > MOST_SHEETS:
        raise not_closed(skin, TODO)
    starts = np.concatenate([[0], np.cumsum(edges.uses)])
    links: list[tuple[int, int]] = []
    for edge in crowded:
        sides = edges.runs[starts[edge] : starts[edge + 1]]
        links += _wedges(skin, sides, edges.ends[edge])
    fans = _joined_fans(faces, edges, links)
    at_crowded = np.isin(faces, edges.ends[crowded])
    keys = np.column_stack([faces[at_crowded], fans[at_crowded]])
    distinct, which = np.unique(keys, axis=0, return_inverse=True)
    parted = faces.copy()
    parted[at_crowded] = len(vertices) + which.reshape(-1)
    points = np.concatenate([vertices, vertices[distinct[:, 0]]])
    used, parted = np.unique(parted, return_inverse=True)
    where = said_place(vertices[edges.ends[crowded[0]]].mean(axis=0))
    note = (
        f"{counted(len(crowded), 'edge')} where the skin touches itself parted, near {where}:"
        " volume unchanged"
    )
    return skin.after(points[used], parted.reshape(-1, 3), note)


def _wedges(skin: MendedSkin, sides: Index, ends: Index) -> list[tuple[int, int]]:
    """Return pairs of directed edges (3 * triangle + corner) that hold a wedge of stone."""
    vertices, faces = skin.vertices, skin.faces
    low, high = vertices[ends]
    axis = (high - low) / (np.linalg.norm(high - low) or 1.0)
    aside = np.eye(3)[int(np.argmin(np.abs(axis)))]
    u = np.cross(axis, aside)
    u /= np.linalg.norm(u)
    v = np.cross(axis, u)
    upward = faces.ravel()[sides] == ends[0]
    across = vertices[faces[sides // 3, (sides % 3 + 2) % 3]] - low
    angle = np.arctan2(across @ v, across @ u)
    order = np.lexsort((upward, angle))
    # Stone lies before a triangle that runs upward and behind one that runs downward.
    sides, upward = sides[order], upward[order]
    if upward[0]:
        sides, upward = np.roll(sides, -1), np.roll(upward, -1)
    if len(sides) % 2 or upward[0::2].any() or not upward[1::2].all():
        where = said_place((low + high) / 2.0)
        raise not_closed(skin, f"the skin runs through itself at an edge near {where}: {TODO}")
    return list(zip(sides[0::2].tolist(), sides[1::2].tolist(), strict=True))


def _joined_fans(faces: Index, edges: Edges, links: list[tuple[int, int]]) -> Index:
    """Return the fan of each corner, (k, 3), with the given pairs of edges joined as well."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    fans = fans_of(faces, edges)
    flat = fans.ravel()
    one, two = np.array(links).T

    def after(side: Index) -> Index:
        return side - side % 3 + (side % 3 + 1) % 3

    tail = np.concatenate([flat[one], flat[after(one)]])
    head = np.concatenate([flat[after(two)], flat[two]])
    size = int(flat.max()) + 1
    graph = coo_array((np.ones(len(tail)), (tail, head)), shape=(size, size))
    label = np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)
    return np.asarray(label[fans])

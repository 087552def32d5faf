"""Triangles that enclose nothing: pinched ones, second copies, flaps, ones without area.

None of this changes the volume: what is dropped adds up to nothing, or stood there twice.
"""

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.mended import MendedSkin, areas_of, middle_of
from yieldopt.rough.mending.skin import Index, are_flat, counted, edges_of, said_place

Flags = NDArray[np.bool_]

_MIXERS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)


def drop_pinched(skin: MendedSkin) -> MendedSkin:
    """Drop triangles with two corners in one place: their neighbours meet behind them."""
    faces = skin.faces
    pinched = (faces == np.roll(faces, 1, axis=1)).any(axis=1)
    if not pinched.any():
        return skin
    return skin.after(
        skin.vertices,
        faces[~pinched],
        f"{counted(int(pinched.sum()), 'triangle')} without area dropped: volume unchanged",
    )


def drop_flat(skin: MendedSkin) -> MendedSkin:
    """Drop triangles without area where the skin is closed without them."""
    faces = skin.faces
    flat = are_flat(skin.vertices, faces)
    if not flat.any() or flat.all() or edges_of(faces).closed:
        return skin
    if not edges_of(faces[~flat]).closed:
        return skin
    return skin.after(
        skin.vertices,
        faces[~flat],
        f"{counted(int(flat.sum()), 'triangle')} without area dropped: volume unchanged",
    )


def drop_doubles(skin: MendedSkin) -> MendedSkin:
    """Drop second copies of triangles, and flaps: triangles back to back.

    Copies wound alike: one stays. As many one way as the other: they enclose nothing and go,
    unless the skin needs one of them to be closed (a file that writes each triangle both ways).
    """
    vertices, faces = skin.vertices, skin.faces
    corners = np.sort(faces, axis=1)
    if not _has_equals(corners):
        return skin
    order = np.lexsort(corners.T)
    new = np.ones(len(faces), dtype=bool)
    new[1:] = (corners[order[1:]] != corners[order[:-1]]).any(axis=1)
    group = np.empty(len(faces), dtype=np.int64)
    group[order] = np.cumsum(new) - 1
    sense = _sense(faces)
    count = np.bincount(group)
    net = np.rint(np.bincount(group, weights=sense)).astype(np.int64)
    # The first copy of a group that is wound as most of its copies are.
    as_most = np.flatnonzero((sense == np.sign(net)[group]) | (net[group] == 0))
    kept = np.zeros(len(faces), dtype=bool)
    kept[as_most[np.unique(group[as_most], return_index=True)[1]]] = True
    flap = kept & (net == 0)[group]
    back = np.flatnonzero(flap)[_needed(vertices, faces, kept & ~flap, flap)]
    kept[flap] = False
    kept[back] = True
    doubled = np.flatnonzero(kept & (count > 1)[group])
    gone = np.flatnonzero(flap & ~kept)
    notes = []
    if len(doubled):
        number = int((count[group[doubled]] - 1).sum())
        notes.append(
            f"{counted(number, 'triangle')} that stood there twice dropped, near"
            f" {said_place(middle_of(vertices, faces[doubled[:1]]))}: volume unchanged"
        )
    if len(gone):
        number = int(count[group[gone]].sum())
        notes.append(
            f"{counted(number, 'triangle')} back to back, which enclose nothing, dropped, near"
            f" {said_place(middle_of(vertices, faces[gone[:1]]))}: volume unchanged"
        )
    return skin.after(vertices, faces[kept], *notes)


def _has_equals(corners: Index) -> bool:
    """Tell, by a hash, whether any two rows may be equal: a clean mesh need not be sorted."""
    mixed = corners.astype(np.uint64) * _MIXERS  # wraps around, as a hash may
    hashes = np.sort(mixed[:, 0] ^ (mixed[:, 1] >> np.uint64(7)) ^ (mixed[:, 2] >> np.uint64(13)))
    return bool((hashes[1:] == hashes[:-1]).any())


def _sense(faces: Index) -> Index:
    """Return 1 where a triangle runs through its sorted corners in their order, else -1."""
    a, b, c = faces.T
    upward = ((a < b) & (b < c)) | ((b < c) & (c < a)) | ((c < a) & (a < b))
    return np.where(upward, 1, -1)


def _needed(vertices: Float, faces: Index, rest: Flags, flap: Flags) -> Flags:
    """Tell which flaps, each taken once, must stay: with them fewer edges are amiss than without.

    Flaps that hang together are judged together.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    if not flap.any():
        return np.zeros(0, dtype=bool)
    both = np.concatenate([faces[rest], faces[flap]])
    edges = edges_of(both)
    ours = edges.of_triangle[int(rest.sum()) :]
    others = np.bincount(edges.of_triangle[: int(rest.sum())].ravel(), minlength=len(edges.ends))
    number = len(ours)
    links = coo_array(
        (np.ones(ours.size), (np.repeat(np.arange(number), 3), number + ours.ravel())),
        shape=(number + len(edges.ends),) * 2,
    )
    label = connected_components(links, directed=False)[1]
    patch = label[:number]
    touched = np.unique(ours)
    amiss_without = ~np.isin(others[touched], (0, 2))
    amiss_with = edges.uses[touched] != 2
    size = int(label.max()) + 1
    of_edge = label[number + touched]
    without = np.bincount(of_edge, weights=amiss_without, minlength=size)
    with_them = np.bincount(of_edge, weights=amiss_with, minlength=size)
    area = np.bincount(patch, weights=areas_of(vertices, faces[flap]), minlength=size)
    is_most = area > float(areas_of(vertices, faces[rest]).sum())
    return np.asarray(((with_them <= without) | is_most)[patch])

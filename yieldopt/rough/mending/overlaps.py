"""A skin that runs through itself: how much of it lies twice, or wrong side out.

Legend: round a point of the stone the skin goes once, round one outside it goes not at all. Where
it runs through itself there are places round which it goes twice, or backward.

No sheet of such a skin is taken away: each stays a wall, and a stone is placed only where the
skin goes round once. So nothing is promised that an uncrossed skin would not promise; all that is
wrong is the volume, by the places counted twice or backward, which is measured along rays.
Scans thinned by other programs have such places by the dozen, where cracks were closed.
"""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.crossings import crossing_pairs
from yieldopt.rough.mending.mended import CannotMend, MendedSkin, across_of, middle_of, said_volume
from yieldopt.rough.mending.skin import Index, counted, said_place

# Of the stone's volume, counted twice or backward: beyond, two scans lie over each other or a
# part is folded in, and what is stone is a guess. Real thinned scans have 0.005 % and less.
OVERLAP_SHARE = 1e-3
RAYS = 250  # along each side of the box: 0.06 mm apart on a stone of 15 mm
# Shares of a step by which rays stand off the grid's middle: no vertex of a tidy mesh lies there.
SHIFT = (0.0123, 0.0371)


def judge_overlaps(skin: MendedSkin) -> MendedSkin:
    """Keep crossings that enclose next to nothing, with a note.

    Raises
    ------
    CannotMend
        If more of the stone lies twice or wrong side out: how much, where.
    """
    vertices, faces = skin.vertices, skin.faces
    pairs = crossing_pairs(vertices, faces)
    if len(pairs) == 0:
        return skin
    count, label = _places(vertices, faces, pairs)
    crossing = np.unique(pairs)
    extents = [across_of(vertices, faces[crossing[label == i]]) for i in range(count)]
    widest = int(np.argmax(extents))
    where = said_place(middle_of(vertices, faces[crossing[label == widest]]))
    twice, backward = overlap_volumes(vertices, faces)
    wrong, whole = twice + backward, skin.volume
    said = (
        f"the skin runs through itself in {counted(count, 'place')}, the widest"
        f" {extents[widest]:.3g} mm across near {where}"
    )
    if wrong > OVERLAP_SHARE * whole:
        raise CannotMend(
            f"{said}, and {said_volume(wrong, whole)} lie in it twice or wrong side out: mend the"
            " crossings in the scanner's software, or scan the stone again"
        )
    note = (
        f"{said}: every sheet stays a wall that no stone is placed through, about"
        f" {said_volume(wrong, whole)} counted twice or backward"
    )
    return skin.after(vertices, faces, note, changed=wrong)


def _places(vertices: Float, faces: Index, pairs: Index) -> tuple[int, Index]:
    """Return how many places crossing triangles form, and the place of each, in their order."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    crossing = np.unique(pairs)
    local = np.searchsorted(crossing, pairs)
    number = len(crossing)
    tail = np.concatenate([local[:, 0], np.repeat(np.arange(number), 3)])
    head = np.concatenate([local[:, 1], number + faces[crossing].ravel()])
    links = coo_array((np.ones(len(tail)), (tail, head)), shape=(number + len(vertices),) * 2)
    label = connected_components(links, directed=False)[1][:number]
    distinct, place = np.unique(label, return_inverse=True)
    return len(distinct), place.reshape(-1)


def overlap_volumes(vertices: Float, faces: Index) -> tuple[float, float]:
    """Return the volume that a closed skin goes round twice or more, and backward, mm3.

    Each counted as often as it is too much. By rays along z, an estimate: what is smaller than
    the rays' distance is met by chance.
    """
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    step = (high - low)[:2] / RAYS
    corners = vertices[faces]
    places = (corners[:, :, :2] - low[:2]) / step - 0.5 - np.array(SHIFT)
    first = np.maximum(np.ceil(places.min(axis=1)), 0).astype(np.int64)
    last = np.minimum(np.floor(places.max(axis=1)), RAYS - 1).astype(np.int64)
    span = np.maximum(last - first + 1, 0)
    rays = span[:, 0] * span[:, 1]
    face = np.repeat(np.arange(len(faces)), rays)
    rank = np.arange(int(rays.sum())) - np.repeat(np.cumsum(rays) - rays, rays)
    x = first[face, 0] + rank // span[face, 1]
    y = first[face, 1] + rank % span[face, 1]
    a, b, c = (places[face, i] - np.column_stack([x, y]) for i in range(3))
    share = np.column_stack([_cross(b, c), _cross(c, a), _cross(a, b)])
    met = (share > 0.0).all(axis=1) | (share < 0.0).all(axis=1)
    share, face, ray = share[met], face[met], (x * RAYS + y)[met]
    area = share.sum(axis=1)
    z = np.einsum("ij,ij->i", share, corners[face, :, 2]) / area
    order = np.lexsort((z, ray))
    z, ray = z[order], ray[order]
    enters = np.where(area[order] < 0.0, 1, -1)  # a triangle that looks down is the way in
    turns = np.cumsum(enters)  # a whole ray adds up to nothing
    length = np.where(ray[1:] == ray[:-1], z[1:] - z[:-1], 0.0)
    cell = float(step[0] * step[1])
    over, under = np.maximum(turns[:-1] - 1, 0), np.maximum(-turns[:-1], 0)
    return float(length @ over) * cell, float(length @ under) * cell


def _cross(one: Float, other: Float) -> Float:
    turned: Float = one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]
    return turned

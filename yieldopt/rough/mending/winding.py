"""Which side of a skin is out: neighbours made to agree, and what lies within what."""

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.mended import CannotMend, MendedSkin, areas_of, middle_of
from yieldopt.rough.mending.skin import Index, counted, edges_of, said_place

# Slopes of the ray that is shot, per unit of z: no face of a made or scanned stone lies along it.
RAY_X, RAY_Y = 0.4142135623730951, 0.2679491924311227


def agree_on_winding(skin: MendedSkin) -> MendedSkin:
    """Turn triangles so that all neighbours agree which side is out.

    Two triangles alone at an edge are neighbours. In each set that hangs together the side that
    most of its area is on stays; which way a whole shell looks is for `shells` to say.

    Raises
    ------
    CannotMend
        If a part of the skin has but one side (a Moebius strip): where.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    vertices, faces = skin.vertices, skin.faces
    edges = edges_of(faces)
    twisted = (edges.uses == 2) & (edges.turn != 0)
    if not twisted.any():
        return skin
    number = len(faces)
    runs = edges.runs[(edges.uses == 2)[edges.of_triangle.ravel()[edges.runs]]]
    one, other = runs[0::2] // 3, runs[1::2] // 3
    disagree = twisted[edges.of_triangle.ravel()[runs[0::2]]]
    # Each triangle twice, as it is and turned: what hangs together is wound alike.
    tail = np.concatenate([one, one + number])
    head = np.concatenate([other + number * disagree, other + number * ~disagree])
    links = coo_array((np.ones(len(tail), dtype=np.int8), (tail, head)), shape=(2 * number,) * 2)
    count, label = connected_components(links, directed=False)
    one_sided = label[:number] == label[number:]
    if one_sided.any():
        where = said_place(middle_of(vertices, faces[one_sided]))
        raise CannotMend(
            f"a part of the skin has one side only, near {where}: remove it in the scanner's"
            " software, or scan the stone again"
        )
    area = np.bincount(label[:number], weights=areas_of(vertices, faces), minlength=count)
    turned = area[label[:number]] < area[label[number:]]
    # Halves of one area: the label that the first triangle bears as it is.
    even = area[label[:number]] == area[label[number:]]
    turned |= even & (label[:number] > label[number:])
    out = faces.copy()
    out[turned] = out[turned][:, ::-1]
    where = said_place(middle_of(vertices, faces[np.flatnonzero(turned)[:1]]))
    return skin.after(
        vertices,
        out,
        f"{counted(int(turned.sum()), 'triangle')} wound the wrong way turned, near {where}:"
        " no point moved",
    )


def are_within(points: Float, vertices: Float, faces: Index) -> NDArray[np.bool_]:
    """Tell which points (n, 3) a closed skin goes round, (n,); 0 or an even number is outside.

    A ray from each point; a skin wound inward holds what it surrounds as well. O(n k).
    """
    sheared = vertices[:, :2] - vertices[:, 2:] * [RAY_X, RAY_Y]
    flat = sheared[faces]
    low, high = flat.min(axis=1), flat.max(axis=1)
    return np.array(
        [_is_within(point, vertices, faces, sheared, low, high) for point in points], dtype=bool
    )


def _is_within(
    point: Float, vertices: Float, faces: Index, sheared: Float, low: Float, high: Float
) -> bool:
    at = point[:2] - point[2] * np.array([RAY_X, RAY_Y])
    near = faces[((low <= at) & (at <= high)).all(axis=1)]
    if len(near) == 0:
        return False
    corners = sheared[near] - at
    level = corners[:, :, 1] > 0.0
    # Each edge from its lower corner number, so that its two triangles reckon alike.
    a, b = near, np.roll(near, -1, axis=1)
    swapped = (a > b)[:, :, None]
    p, q = corners, np.roll(corners, -1, axis=1)
    first, last = np.where(swapped, q, p), np.where(swapped, p, q)
    crosses = level != np.roll(level, -1, axis=1)
    height = np.where(crosses, last[:, :, 1] - first[:, :, 1], 1.0)
    right = first[:, :, 0] - first[:, :, 1] * (last[:, :, 0] - first[:, :, 0]) / height > 0.0
    met = (crosses & right).sum(axis=1) % 2 == 1
    hit = vertices[near[met]] - point
    normal = np.cross(hit[:, 1] - hit[:, 0], hit[:, 2] - hit[:, 0])
    along = normal @ np.array([RAY_X, RAY_Y, 1.0])
    ahead = np.einsum("ij,ij->i", normal, hit[:, 0]) * np.sign(along) > 0.0
    return bool(int(ahead.sum()) % 2)

"""A lid for one hole, no higher than the skin round it shows.

Legend: the rim is the loop of open edges round a hole, seen from outside, counter-clockwise;
its middle is the mean of its corners, up is the normal of the rim (Newell's).

What lies under a hole is not known; what is known is how the skin comes to its rim. If along
each ray from the rim to the middle the skin bends one way, it lies

- over the chord where it bulges: the mean of the rim's corners is not above it (Jensen);
- over its tangent where it is hollow: no rim triangle's plane, carried on to the middle, is
  above it there.

So a fan about the lower of the two, the mean and the lowest such plane, adds no stone, bulge,
hollow or saddle. A flat lid alone would fill a hollow. How far the highest plane lies above the
lid bounds what the lid may lack. Rims of three or four edges are filled flat, four over the
lower diagonal: that is as fine as the mesh shows the stone anywhere.
"""

from dataclasses import dataclass, replace

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.crossings import crossing_pairs
from yieldopt.rough.mending.skin import Index

MOST_RIM = 80  # edges of a rim that no fan fills: n^3 steps
# Depth per length that a rim may go on to fall at, 63 degrees: steeper, its triangles are torn.
STEEPEST = 2.0
UPRIGHT = 0.1  # cosine to up under which a rim triangle's plane says nothing of the middle
SLIT = 1e-6  # area of a rim over its length squared, under which it has no up: a closed seam


@dataclass(frozen=True, slots=True, kw_only=True)
class Lid:
    """What closes one hole.

    Parameters
    ----------
    vertices
        (0 or 1, 3) mm, the corners it adds to the skin's.
    faces
        (m, 3), a corner added has the number of the skin's vertices.
    doubt
        mm3, what it may lack or add.
    outward
        mm, how far it may stand outside the stone, as its rim shows it.
    """

    vertices: Float
    faces: Index
    doubt: float
    outward: float


def lid_for(vertices: Float, faces: Index, rim: Index, owners: dict[tuple[int, int], int]) -> Lid:
    """Return the lid of one hole: of those to try, the first that crosses the skin least."""
    lids = _candidates(vertices, faces, rim, owners)
    corners = vertices[faces]
    low, high = corners.min(axis=1), corners.max(axis=1)
    fewest, best = -1, lids[0]
    for lid in lids:
        points = np.concatenate([vertices, lid.vertices])
        own = points[lid.faces].reshape(-1, 3)
        near = ((low <= own.max(axis=0)) & (high >= own.min(axis=0))).all(axis=1)
        both = np.concatenate([faces[near], lid.faces])
        number = len(crossing_pairs(points, both, among=np.arange(len(both)) >= near.sum()))
        if fewest < 0 or number < fewest:
            fewest, best = number, lid
        if fewest == 0:
            break
    return best


def _candidates(
    vertices: Float, faces: Index, rim: Index, owners: dict[tuple[int, int], int]
) -> list[Lid]:
    """Return lids to try, the best first."""
    q = vertices[rim]
    none = np.zeros((0, 3))
    around = np.roll(q, -1, axis=0) - q
    length = float(np.linalg.norm(around, axis=1).sum())
    newell = np.cross(q - q.mean(axis=0), np.roll(q, -1, axis=0) - q.mean(axis=0)).sum(axis=0) / 2.0
    area = float(np.linalg.norm(newell))
    taken = _taken(faces, rim)
    patched = Lid(vertices=none, faces=_least_area(q, rim, taken), doubt=0.0, outward=0.0)
    fan = np.column_stack([rim, np.roll(rim, -1), np.full(len(rim), len(vertices))])
    across = Lid(vertices=q.mean(axis=0)[None], faces=fan, doubt=0.0, outward=0.0)
    if area <= SLIT * length**2:
        return [patched if len(patched.faces) else across]
    up = newell / area
    owner = np.array([owners[int(b), int(a)] for a, b in zip(rim, np.roll(rim, -1), strict=True)])
    middles = [q.mean(axis=0)]
    inner = _kernel_point(q, up)
    if inner is not None:
        middles.append(inner)
    low, high = _carried_on(vertices, faces, owner, q, middles[0], up)
    doubt = area * (max(high, 0.0) - min(low, 0.0)) / 3.0
    if len(rim) == 3:
        return [Lid(vertices=none, faces=rim[None], doubt=doubt, outward=0.0)]
    lids = _folded(q, rim, up, doubt, taken) if len(rim) == 4 else []
    if lids:
        return lids
    for middle in middles:
        outline = np.cross(around, middle - q) @ up
        if (outline <= SLIT * area).any():
            continue
        low, high = _carried_on(vertices, faces, owner, q, middle, up)
        apex = middle + min(low, 0.0) * up
        lacks = area * (max(high, 0.0) - min(low, 0.0)) / 3.0
        lids.append(Lid(vertices=apex[None], faces=fan, doubt=lacks, outward=0.0))
    # No deeper than the middle, and no deeper than a slit of this width can fall.
    width = 2.0 * area / float(np.linalg.norm(np.ptp(q, axis=0)))
    last = patched if len(patched.faces) else across
    lids.append(replace(last, doubt=doubt, outward=min(max(0.0, -low), STEEPEST * width)))
    return lids


def _carried_on(
    vertices: Float, faces: Index, owner: Index, q: Float, middle: Float, up: Float
) -> tuple[float, float]:
    """Return how low and how high the rim's triangles, carried on, pass the middle, mm."""
    a, b, c = vertices[faces[owner]].transpose(1, 0, 2)
    normal = np.cross(b - a, c - a)
    size = np.linalg.norm(normal, axis=1)
    sound = size > 0.0
    normal /= np.where(sound, size, 1.0)[:, None]
    ahead = np.roll(q, -1, axis=0)
    foot = (q + ahead) / 2.0
    reach = np.linalg.norm(np.cross(middle - foot, up), axis=1)
    level = (foot - middle) @ up
    cosine = normal @ up
    steep = cosine < UPRIGHT
    rise = np.einsum("ij,ij->i", foot - middle, normal) / np.where(steep, 1.0, cosine) - level
    # A steep one falls into the hole or stands up round it, as it leaves the skin over the rim.
    leaving = np.cross(q - ahead, normal) @ up
    rise = np.where(steep, np.where(leaving < 0.0, -np.inf, np.inf), rise)
    rise = np.clip(np.where(sound, rise, 0.0), -STEEPEST * reach, STEEPEST * reach)
    return float((level + rise).min()), float((level + rise).max())


def _kernel_point(q: Float, up: Float) -> Float | None:
    """Return the point farthest inside all edges of a rim, seen from above, or None."""
    from scipy.optimize import linprog

    aside = np.eye(3)[int(np.argmin(np.abs(up)))]
    u = np.cross(up, aside)
    u /= np.linalg.norm(u)
    v = np.cross(up, u)
    mean = q.mean(axis=0)
    flat = (q - mean) @ np.column_stack([u, v])
    along = np.roll(flat, -1, axis=0) - flat
    length = np.linalg.norm(along, axis=1)
    if (length == 0.0).any():
        return None
    inward = np.column_stack([-along[:, 1], along[:, 0]]) / length[:, None]
    answer = linprog(
        [0.0, 0.0, -1.0],
        A_ub=np.column_stack([-inward, np.ones(len(q))]),
        b_ub=-(inward * flat).sum(axis=1),
        bounds=[(None, None)] * 3,
    )
    if answer.x is None or answer.x[2] <= 0.0:
        return None
    point: Float = mean + answer.x[0] * u + answer.x[1] * v
    return point


def _taken(faces: Index, rim: Index) -> set[tuple[int, int]]:
    """Return the edges of the skin between corners of a rim, as places (low, high) in the rim.

    A lid may not run over them again, but for the rim's own.
    """
    place = {int(corner): i for i, corner in enumerate(rim)}
    near = faces[np.isin(faces, rim).sum(axis=1) >= 2]
    out = set()
    for face in near.tolist():
        for a, b in zip(face, face[1:] + face[:1], strict=True):
            if a in place and b in place:
                out.add((min(place[a], place[b]), max(place[a], place[b])))
    return out


def _folded(
    q: Float, rim: Index, up: Float, doubt: float, taken: set[tuple[int, int]]
) -> list[Lid]:
    """Return the ways to fill a rim of four edges by two triangles, the lower one first."""
    lids = []
    for first in (0, 1):
        ring = np.roll(rim, -first)
        corners = np.roll(q, -first, axis=0)
        faces = np.array([[ring[0], ring[1], ring[2]], [ring[0], ring[2], ring[3]]])
        over = np.cross(corners[1] - corners[0], corners[2] - corners[0]) @ up
        under = np.cross(corners[2] - corners[0], corners[3] - corners[0]) @ up
        height = float(((corners[0] + corners[2]) / 2.0) @ up)
        if min(over, under) > 0.0 and (first, first + 2) not in taken:
            lid = Lid(vertices=np.zeros((0, 3)), faces=faces, doubt=doubt, outward=0.0)
            lids.append((height, lid))
    lids.sort(key=lambda pair: pair[0])
    return [lid for _, lid in lids]


def _least_area(q: Float, rim: Index, taken: set[tuple[int, int]]) -> Index:
    """Return the triangulation (m - 2, 3) of a rim (m, 3) that has the least area, if there is one.

    Klincsek's dynamic programme, O(m^3), without chords that are edges of the skin already.
    """
    m = len(rim)
    none = np.zeros((0, 3), dtype=np.int64)
    if m > MOST_RIM:
        return none
    cost = np.zeros((m, m))
    for i, j in taken:
        if j - i > 1 and (i, j) != (0, m - 1):
            cost[i, j] = np.inf
    cut = np.zeros((m, m), dtype=np.int64)
    for span in range(2, m):
        for i in range(m - span):
            j = i + span
            tips = np.arange(i + 1, j)
            area = np.linalg.norm(np.cross(q[tips] - q[i], q[j] - q[i]), axis=1)
            total = cost[i, tips] + cost[tips, j] + area
            best = int(total.argmin())
            cost[i, j], cut[i, j] = cost[i, j] + total[best], tips[best]
    if not np.isfinite(cost[0, m - 1]):
        return none
    faces, todo = [], [(0, m - 1)]
    while todo:
        i, j = todo.pop()
        if j - i < 2:
            continue
        k = int(cut[i, j])
        faces.append((rim[i], rim[k], rim[j]))
        todo += [(i, k), (k, j)]
    return np.array(faces, dtype=np.int64)

"""How far a hazard pokes into a convex body: other arithmetic than the search's, in numpy.

The body is `{x: n_j.x <= d_j}`: a stone with its planes moved out by the margin. The slack of a
point is `min_j (d_j - n_j.x)`: positive inside. A hazard is respected when no point of it has
positive slack; the depth is the largest slack of any of its points.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Faces = NDArray[np.integer]

# mm: slack up to here is rounding. Coordinates of some 100 mm in float64 are good to 1e-14, a
# product of three of them and a turn by a pose to 1e-12; the search keeps 1e-6 to spare.
ROUNDING = 1e-9
# mm: how well a depth is stated. Whether there is one at all is decided exactly.
DEPTH_STEP = 1e-10
DEPTH_SHARE = 1e-12  # of a depth that is large: float64 has no smaller steps to offer
# 1 / (1 + distance^2), in units of the farthest plane's: below this the programme has no answer.
NO_BODY = 1e-12
# The nearest point of a needle is found to 1e-15 of its length.
NEEDLE_HALVINGS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Intrusion:
    """How deep a hazard pokes in, mm, and where, (3,) mm."""

    depth: float
    place: Float


def triangles_inside(
    vertices: Float, faces: Faces, normals: Float, offsets: Float
) -> Intrusion | None:
    """Return the deepest point of triangles in a convex body, or None where none enters.

    Exact for whole triangles, not their corners alone: a triangle that one plane keeps out
    entirely is dropped, the others are clipped by all planes. Triangles whose upper limit of
    depth is not above the deepest point found so far are not looked at again.

    Parameters
    ----------
    vertices, faces
        (n, 3) mm and (k, 3); flat triangles (segments, points) are allowed.
    normals, offsets
        (m, 3) unit, (m,) mm.
    """
    faces = np.asarray(faces, dtype=np.int64)
    limit = np.full(len(faces), np.inf)
    for normal, offset in zip(normals, offsets, strict=True):
        slack = offset - vertices @ normal
        limit = np.minimum(limit, slack[faces].max(axis=1))
        alive = limit > ROUNDING
        if not alive.all():
            faces, limit = faces[alive], limit[alive]
        if len(faces) == 0:
            return None
    best: Intrusion | None = None
    depth = ROUNDING
    for i in np.argsort(-limit, kind="stable"):
        if limit[i] <= depth:
            break
        corners = vertices[faces[i]]
        found = _deepest_share(offsets - corners @ normals.T, depth, float(limit[i]))
        if found is not None:
            depth, share = found
            best = Intrusion(depth=depth, place=share @ corners)
    return best


def _deepest_share(slack: Float, low: float, high: float) -> tuple[float, Float] | None:
    """Return the largest slack in a triangle and where, or None if it is nowhere above `low`.

    `slack` is (3, m): of the corners, to each plane; the place is given as shares (3,) of the
    corners. The points of slack `h` or more are what is left of the triangle when each plane
    has clipped it; the largest `h` that leaves something is found by halving.
    """
    left = _clip(slack, low)
    if left is None:
        return None
    while high - low > DEPTH_STEP + DEPTH_SHARE * high:
        middle = 0.5 * (low + high)
        kept = _clip(slack, middle)
        if kept is None:
            high = middle
        else:
            low, left = middle, kept
    return low, left.mean(axis=0)


def _clip(slack: Float, least: float) -> Float | None:
    """Return the corners (k, 3) of a triangle's part of slack `least` or more, as shares.

    Sutherland-Hodgman: each plane in turn cuts the polygon that the ones before have left.
    """
    over = slack - least
    cutting = np.flatnonzero(over.min(axis=0) < 0.0)
    cutting = cutting[np.argsort(over[:, cutting].max(axis=0), kind="stable")]  # soonest out first
    polygon = np.eye(3)
    for j in cutting:
        height = polygon @ over[:, j]
        inside = height >= 0.0
        if inside.all():
            continue
        if not inside.any():
            return None
        following, next_height = np.roll(polygon, -1, axis=0), np.roll(height, -1)
        kept = []
        for a, b, h, k in zip(polygon, following, height, next_height, strict=True):
            if h >= 0.0:
                kept.append(a)
            if (h >= 0.0) != (k >= 0.0):
                kept.append(a + (b - a) * (h / (h - k)))
        polygon = np.array(kept)
    return polygon


def ball_inside(centre: Float, radius: float, normals: Float, offsets: Float) -> Intrusion | None:
    """Return how far a ball pokes into a convex body, or None; the ball is not cornered.

    The depth is the shift that would free it: the radius less the distance, or the radius and
    the centre's own slack where the centre lies inside.
    """
    return needle_inside(centre, centre, radius, normals, offsets)


def needle_inside(
    start: Float, end: Float, radius: float, normals: Float, offsets: Float
) -> Intrusion | None:
    """Return how far all points within `radius` of a segment poke into a convex body, or None.

    The distance to a convex body is convex along the segment, so its least is found by halving
    on the sign of its slope. Depth as for a ball.
    """
    inside = triangles_inside(np.array([start, end]), np.array([[0, 1, 1]]), normals, offsets)
    if inside is not None:
        return Intrusion(depth=radius + inside.depth, place=inside.place)
    along = end - start
    low, high = 0.0, 1.0
    for _ in range(NEEDLE_HALVINGS if along.any() else 0):
        middle = 0.5 * (low + high)
        nearer = float(vector_to_body(start + middle * along, normals, offsets) @ along) > 0.0
        low, high = (middle, high) if nearer else (low, middle)
    ends = [start + low * along, start + high * along]  # the needle's own ends are kept exactly
    distances = [float(np.linalg.norm(vector_to_body(p, normals, offsets))) for p in ends]
    depth = radius - min(distances)
    place = ends[int(np.argmin(distances))]
    return Intrusion(depth=depth, place=place) if depth > ROUNDING else None


def vector_to_body(point: Float, normals: Float, offsets: Float) -> Float:
    """Return the shortest vector (3,) from a point to a convex body; zero inside.

    The least-distance programme `min |y|, -n_j.y >= -(d_j - n_j.p)` as a non-negative least
    squares problem, which its active set solves exactly. Half-spaces that leave no body give
    zero: the hazard counts as inside.

    References
    ----------
    .. [1] Lawson, Hanson (1974). Solving Least Squares Problems, chapter 23, problem LDP.
    """
    from scipy.optimize import nnls

    slack = offsets - normals @ point
    least = -float(slack.min())  # in units of it the distance is 1 or more
    if least <= 0.0:
        return np.zeros(3)
    matrix = np.vstack([-normals.T, -slack[None, :] / least])
    wanted = np.array([0.0, 0.0, 0.0, 1.0])
    residual = matrix @ nnls(matrix, wanted)[0] - wanted
    if -residual[3] <= NO_BODY:
        return np.zeros(3)
    shortest: Float = -least * residual[:3] / residual[3]
    return shortest


def winding(point: Float, vertices: Float, faces: Faces) -> float:
    """Return how often a closed mesh goes round a point: 1 inside, 0 outside or in a cavity.

    The sum of the triangles' solid angles over 4 pi.

    References
    ----------
    .. [1] Van Oosterom, Strackee (1983). The solid angle of a plane triangle.
       doi:10.1109/TBME.1983.325207
    """
    moved = vertices - point
    length = np.linalg.norm(moved, axis=1)
    a, b, c = moved[faces[:, 0]], moved[faces[:, 1]], moved[faces[:, 2]]
    la, lb, lc = length[faces[:, 0]], length[faces[:, 1]], length[faces[:, 2]]
    top = np.einsum("ij,ij->i", a, np.cross(b, c))
    bottom = la * lb * lc
    for u, v, w in ((a, b, lc), (b, c, la), (c, a, lb)):
        bottom += np.einsum("ij,ij->i", u, v) * w
    return float(np.arctan2(top, bottom).sum() / (2.0 * np.pi))

"""Three points of a rough that callipers find again, from which its position follows.

A cutter finds a saw line or a first flat by distances from points that he can see: tips, corners.
Three of them fix the stone when they lie far apart and far from one line. They are sought on the
convex hull, where jaws reach, and are taken where the hull turns most within a small ball: the
hull's whole turn is 4 pi, a cube's corner has an eighth of it.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.rough.mending.skin import Index
from yieldopt.rough.rough import Rough

CANDIDATES = 24  # corners looked at: 2,024 triples
BALL_SHARE = (
    0.04  # of the width of a ball with the hull's area: corners are worn round by about so much
)
LEAST_BALL = 0.3  # mm: a scan's corner is no sharper
APART_SHARE = 0.1  # of that width: two candidates nearer than this are one corner
PRESSED = 0.1  # mm: how far off its highest point a finger or jaw still takes a tip for it
MISREAD = 0.1  # mm: a calliper by hand, and a scan
AGREE = 0.3  # mm: lengths that differ by less are taken for the same, as the cutting sheet says
SHARP = 1.0  # mm: a tip known no better than that is taken only where there is nothing else
DISTINCT = 0.7  # mm between two of the three lengths: twice AGREE and a misreading, not mixed up


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmark:
    """A point to set a calliper on.

    Parameters
    ----------
    name
        A, B or C.
    point
        (3,) mm, a vertex of the scan.
    outward
        (3,) unit, where the tip points.
    blur
        mm: how far from the point the stone is still as high, within PRESSED: 0 is a sharp tip.
    """

    name: str
    point: Float
    outward: Float
    blur: float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "point", frozen_float(self.point, (3,), "point"))
        object.__setattr__(self, "outward", frozen_float(self.outward, (3,), "outward"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmarks:
    """Three landmarks, AB the longest way between them, CA the shortest.

    Parameters
    ----------
    points
        A, B, C.
    distances
        AB, BC, CA to 0.1 mm.
    turn
        rad: by no more than this the stone is turned when each point is off by MISREAD.
    shift
        mm: by no more than this its farthest point is then off.
    alike
        Other three corners whose lengths agree with these within AGREE: could be mixed up.
    """

    points: tuple[Landmark, Landmark, Landmark]
    distances: tuple[float, float, float]
    turn: float
    shift: float
    alike: int

    @property
    def least_difference(self) -> float:
        """Between the two of the three lengths that are most alike, mm."""
        far, middle, near = self.distances
        return round(min(far - middle, middle - near), 1)


def landmarks(rough: Rough) -> Landmarks:
    """Return the three landmarks of a rough that fix its position best.

    Of all threes among the sharpest corners of the hull, that with the largest smallest singular
    value of the linearised pose, each point weighted by how well it is known; threes of sharp tips,
    whose lengths are distinct and are met nowhere else on the stone, go first. Turned or moved, a
    stone has the same landmarks, unless it is so regular that several are equally good.
    """
    points, outward, hull = _corners(rough.vertices)
    blur = np.array([_blur(point, way, hull) for point, way in zip(points, outward, strict=True)])
    triples = np.array(list(combinations(range(len(points)), 3)))
    lengths = np.sort(_lengths(points[triples]), axis=1)
    alike = _alike(lengths)
    quality = _smallest_singular(points[triples], np.hypot(MISREAD, blur)[triples], hull)
    gaps = np.diff(lengths, axis=1).min(axis=1)
    is_distinct = gaps >= DISTINCT
    is_clear = is_distinct & (alike == 0)
    is_sharp = blur[triples].max(axis=1) <= SHARP
    any_at_all = np.ones(len(triples), dtype=bool)
    for allowed in (
        is_clear & is_sharp, is_distinct & is_sharp, is_clear, is_distinct, any_at_all
    ):  # fmt: skip
        if allowed.any():
            best = int(np.where(allowed, quality, -1.0).argmax())
            break
    chosen = _named(triples[best], points)
    turn, shift = _pose_error(points[chosen], hull)
    a, b, c = points[chosen]
    ways = (
        float(np.linalg.norm(a - b)),
        float(np.linalg.norm(b - c)),
        float(np.linalg.norm(c - a)),
    )
    first, second, third = (
        Landmark(name=name, point=points[i], outward=outward[i], blur=float(blur[i]))
        for name, i in zip("ABC", chosen, strict=True)
    )
    return Landmarks(
        points=(first, second, third),
        distances=(round(ways[0], 1), round(ways[1], 1), round(ways[2], 1)),
        turn=turn,
        shift=shift,
        alike=int(alike[best]),
    )


def _corners(vertices: Float) -> tuple[Float, Float, Float]:
    """Return the sharpest corners (m, 3), where each points (m, 3), and the hull's points."""
    from scipy.spatial import ConvexHull, cKDTree

    whole = ConvexHull(vertices - vertices.mean(axis=0))
    hull = vertices[whole.vertices]
    rank = np.full(len(vertices), -1, dtype=np.int64)
    rank[whole.vertices] = np.arange(len(hull))
    defects, normals = _turns(hull, rank[whole.simplices], whole.equations[:, :3])
    # Of the hull, not of its box along the scan's axes, which a turned scan has otherwise.
    length = float(np.sqrt(whole.area / np.pi))
    tree = cKDTree(hull)
    near = tree.query_ball_point(hull, max(BALL_SHARE * length, LEAST_BALL), return_sorted=True)
    sharpness = np.array([defects[members].sum() for members in near])
    order = np.lexsort((*hull.T, -np.round(sharpness, 9)))
    corners: list[Float] = []
    outward: list[Float] = []
    apart = APART_SHARE * length
    for i in order:
        members = np.asarray(near[i])
        way = (defects[members, None] * normals[members]).sum(axis=0)
        way = way / max(float(np.linalg.norm(way)), 1e-300)
        corner = hull[members[(hull[members] @ way).argmax()]]
        if corners and float(np.linalg.norm(np.array(corners) - corner, axis=1).min()) < apart:
            continue
        corners.append(corner)
        outward.append(way)
        if len(corners) == CANDIDATES:
            break
    return np.array(corners), np.array(outward), hull


def _turns(hull: Float, simplices: Index, facet_normals: Float) -> tuple[Float, Float]:
    """Return at each point of a hull the solid angle of its normals, and their mean direction.

    The solid angle is what the angles of the facets there lack to a full turn (Gauss and Bonnet).
    """
    lacking = np.full(len(hull), 2.0 * np.pi)
    normals = np.zeros_like(hull)
    for k in range(3):
        at, one, other = (simplices[:, (k + j) % 3] for j in range(3))
        a, b = hull[one] - hull[at], hull[other] - hull[at]
        angle = np.arctan2(np.linalg.norm(np.cross(a, b), axis=1), (a * b).sum(axis=1))
        np.subtract.at(lacking, at, angle)
        np.add.at(normals, at, angle[:, None] * facet_normals)
    size = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.maximum(lacking, 0.0), normals / np.maximum(size, 1e-300)


def _blur(point: Float, outward: Float, hull: Float) -> float:
    """Return how far from a tip the hull is still within PRESSED of its height, mm."""
    level = (point - hull) @ outward <= PRESSED
    return float(np.linalg.norm(hull[level] - point, axis=1).max(initial=0.0))


def _lengths(triples: Float) -> Float:
    """Return the ways between the points of triples (t, 3, 3), (t, 3) mm."""
    out: Float = np.linalg.norm(triples - np.roll(triples, -1, axis=1), axis=2)
    return out


def _alike(lengths: Float) -> Index:
    """Return how many other triples have each triple's lengths, within AGREE."""
    from scipy.spatial import cKDTree

    tree = cKDTree(lengths)
    counts = tree.query_ball_point(lengths, AGREE, p=np.inf, return_length=True)
    return np.asarray(counts, dtype=np.int64) - 1


def _smallest_singular(triples: Float, errors: Float, hull: Float) -> Float:
    """Return the smallest singular value of the pose seen through triples (t, 3, 3), (t,).

    A small move `t` and turn `w` shift a point `p` by `t + w x p`. Turns are counted as what they
    do at the stone's far end, so that both are lengths; each row is divided by the point's error.
    """
    middle = triples.mean(axis=1, keepdims=True)
    reach = float(np.linalg.norm(hull - hull.mean(axis=0), axis=1).max())
    away = (triples - middle) / reach
    rows = np.zeros((len(triples), 3, 3, 6))
    rows[..., :3] = np.eye(3)
    x, y, z = away[..., 0], away[..., 1], away[..., 2]
    rows[..., 0, 4], rows[..., 0, 5] = z, -y
    rows[..., 1, 3], rows[..., 1, 5] = -z, x
    rows[..., 2, 3], rows[..., 2, 4] = y, -x
    rows /= errors[:, :, None, None]
    values: Float = np.asarray(
        np.linalg.svd(rows.reshape(len(triples), 9, 6), compute_uv=False), dtype=np.float64
    )
    return values[:, -1]


def _pose_error(points: Float, hull: Float) -> tuple[float, float]:
    """Return the largest turn, rad, and shift, mm, that points (3, 3) each off by MISREAD leave.

    About the points' middle, turn and move do not mix: the move is at most MISREAD, the turn at
    most the whole error over the least lever.
    """
    away = points - points.mean(axis=0)
    squares = (away * away).sum() * np.eye(3) - away.T @ away
    lever = float(np.sqrt(max(np.linalg.eigvalsh(squares)[0], 1e-300)))
    turn = np.sqrt(3.0) * MISREAD / lever
    reach = float(np.linalg.norm(hull - points.mean(axis=0), axis=1).max())
    return turn, MISREAD + turn * reach


def _named(triple: Index, points: Float) -> Index:
    """Return a triple as A, B, C: AB is the longest way, CA the shortest."""
    ways = _lengths(points[triple][None])[0]  # 0-1, 1-2, 2-0
    longest, shortest = int(ways.argmax()), int(ways.argmin())
    ends = [{0, 1}, {1, 2}, {2, 0}]
    a = next(iter(ends[longest] & ends[shortest])) if longest != shortest else 0
    b = next(iter(ends[longest] - {a}))
    return triple[[a, b, 3 - a - b]]

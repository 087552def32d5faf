"""The skin of a rough as callipers meet it: places that three distances name, spots to mark."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float, Int, frozen_float

SEARCHED = 0.5  # mm round a place: rounded distances move it by a hundredth of that
STEPS = 6  # of Gauss and Newton: distances are nearly linear over a hundredth of a mm
TINY = 1e-12  # mm2: keeps a system of equations from having no answer
SPOTS = 260  # looked at: on a stone of 20 mm they stand 2 mm apart
FINE = 0.05  # of the skin's extent: faces larger than this have several spots
MOST_PLACES = 60_000  # that spots are taken from: 0.1 s
ALIKE = 1e-6  # mm: two places as far from the rest as each other; the first of them is taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """Triangles (k, 3, 3) mm and their outward unit normals (k, 3)."""

    triangles: Float
    normals: Float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "triangles", frozen_float(self.triangles, (-1, 3, 3), "triangles"))
        object.__setattr__(self, "normals", frozen_float(self.normals, (-1, 3), "normals"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Spots:
    """Places of a skin spread over it: points (n, 3) mm, outward (n, 3).

    `hollow` (n,) mm: how far below the convex hull, where jaws do not reach. `places` is a tree of
    more places of the skin.
    """

    points: Float
    outward: Float
    hollow: Float
    places: Any

    def gap(self, points: Float) -> Float:
        """Return how far points (n, 3) are off the skin, (n,) mm, to half a spot's size."""
        out: Float = np.asarray(self.places.query(points)[0], dtype=np.float64)
        return out


def skin_of(vertices: Float, faces: Int) -> Skin:
    """Return the skin of a mesh (n, 3) mm, (k, 3); triangles without area are left out."""
    triangles = vertices[faces]
    a, b, c = triangles.transpose(1, 0, 2)
    cross = np.cross(b - a, c - a)
    size = np.linalg.norm(cross, axis=1)
    there = size > 0.0
    return Skin(triangles=triangles[there], normals=cross[there] / size[there, None])


def beside(skin: Skin, point: Float, reach: float) -> Skin:
    """Return the triangles of a skin whose boxes come within a reach (mm) of a point (3,) mm."""
    low, high = skin.triangles.min(axis=1) - reach, skin.triangles.max(axis=1) + reach
    there = ((low <= point) & (point <= high)).all(axis=1)
    return Skin(triangles=skin.triangles[there], normals=skin.normals[there])


def nearest_place(skin: Skin, point: Float) -> Float:
    """Return the place of a skin nearest to a point (3,) mm; exact."""
    a = skin.triangles[:, 0]
    on_plane = point - ((point - a) * skin.normals).sum(axis=1)[:, None] * skin.normals
    inside = np.ones(len(a), dtype=bool)
    places = []
    for k in range(3):
        start, end = skin.triangles[:, k], skin.triangles[:, (k + 1) % 3]
        along = end - start
        inside &= (np.cross(along, on_plane - start) * skin.normals).sum(axis=1) >= 0.0
        share = ((point - start) * along).sum(axis=1) / (along**2).sum(axis=1)
        places.append(start + np.clip(share, 0.0, 1.0)[:, None] * along)
    found = np.concatenate([on_plane[inside], *places])
    place: Float = found[np.linalg.norm(found - point, axis=1).argmin()]
    return place


def named_place(skin: Skin, near: Float, marks: Float, distances: Sequence[float]) -> Float:
    """Return the place of the skin whose distances from marks agree best, (3,) mm.

    So a hand finds a dot: it sweeps three arcs and inks where they meet on the stone. Least squares
    over the skin within SEARCHED of a place; exact on each triangle to rounding.

    Parameters
    ----------
    near
        (3,) mm: about there.
    marks, distances
        (m, 3) mm, (m,) mm.
    """
    around = beside(skin, near, SEARCHED)
    triangles, normals = around.triangles, around.normals
    wanted = np.asarray(distances, dtype=np.float64)
    found = np.concatenate(
        [
            _best_within(triangles, normals, near, marks, wanted),
            *(
                _best_along(triangles[:, k], triangles[:, (k + 1) % 3], marks, wanted)
                for k in range(3)
            ),
        ]
    )
    missed = np.linalg.norm(found[:, None] - marks, axis=2) - wanted
    place: Float = found[np.nanargmin((missed**2).sum(axis=1))]
    return place


def _best_within(
    triangles: Float, normals: Float, near: Float, marks: Float, wanted: Float
) -> Float:
    """Return the best place in each triangle's inside (k, 3); NaN where it is not inside."""
    a, b, c = triangles.transpose(1, 0, 2)
    u = (b - a) / np.linalg.norm(b - a, axis=1)[:, None]
    v = np.cross(normals, u)
    x = near - ((near - a) * normals).sum(axis=1)[:, None] * normals
    for _ in range(STEPS):
        away = x[:, None] - marks
        far = np.linalg.norm(away, axis=2)
        slope = away / np.maximum(far, TINY)[..., None]
        rows = np.stack([np.einsum("kmi,ki->km", slope, way) for way in (u, v)], axis=2)
        missed = far - wanted
        square = np.einsum("kmi,kmj->kij", rows, rows) + TINY * np.eye(2)
        right = np.einsum("kmi,km->ki", rows, missed)
        step = np.linalg.solve(square, right[..., None])[..., 0]
        x = x - step[:, :1] * u - step[:, 1:] * v
    inside = np.ones(len(x), dtype=bool)
    for start, end in ((a, b), (b, c), (c, a)):
        inside &= (np.cross(end - start, x - start) * normals).sum(axis=1) >= 0.0
    return np.where(inside[:, None], x, np.nan)


def _best_along(start: Float, end: Float, marks: Float, wanted: Float) -> Float:
    """Return the best place of each edge (k, 3)."""
    along = end - start
    share = np.full(len(start), 0.5)
    for _ in range(2 * STEPS):
        x = start + share[:, None] * along
        away = x[:, None] - marks
        far = np.linalg.norm(away, axis=2)
        rows = np.einsum("kmi,ki->km", away / np.maximum(far, TINY)[..., None], along)
        step = (rows * (far - wanted)).sum(axis=1) / ((rows**2).sum(axis=1) + TINY)
        share = np.clip(share - step, 0.0, 1.0)
    out: Float = start + share[:, None] * along
    return out


def spots_of(skin: Skin, first: Float) -> Spots:
    """Return spots spread over a skin: each the farthest from those before, from `first` on.

    The same for a skin that is turned or moved together with `first` (3,) mm.
    """
    from scipy.spatial import cKDTree

    points, outward = places_of(skin)
    away = np.linalg.norm(points - first, axis=1)
    chosen: list[int] = []
    for _ in range(min(SPOTS, len(points))):
        i = int(np.flatnonzero(away >= away.max() - ALIKE)[0])
        chosen.append(i)
        away = np.minimum(away, np.linalg.norm(points - points[i], axis=1))
    corners = skin.triangles.reshape(-1, 3)
    return Spots(
        points=points[chosen],
        outward=outward[chosen],
        hollow=_below_hull(points[chosen], corners),
        places=cKDTree(points),
    )


def places_of(skin: Skin) -> tuple[Float, Float]:
    """Return places of a skin and where it looks there, (n, 3): one in small triangles, more else.

    They stand no farther apart than FINE of its extent, as far as MOST_PLACES allows.
    """
    edges = np.linalg.norm(skin.triangles - np.roll(skin.triangles, -1, axis=1), axis=2)
    a, b, c = skin.triangles.transpose(1, 0, 2)
    # A length that does not turn with the scan: of a ball's skin, its width.
    area = 0.5 * float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum())
    extent = float(np.sqrt(area / np.pi))
    parts = np.ceil(edges.max(axis=1) / (FINE * extent)).astype(np.int64)
    points, outward = [], []
    for n in np.unique(parts):
        some = parts == n
        a, b, c = skin.triangles[some].transpose(1, 0, 2)
        i, j = np.nonzero(np.add.outer(np.arange(n), np.arange(n)) < n)
        s, t = (i + 1.0 / 3.0) / n, (j + 1.0 / 3.0) / n
        there = a[:, None] + s[:, None] * (b - a)[:, None] + t[:, None] * (c - a)[:, None]
        points.append(there.reshape(-1, 3))
        outward.append(np.repeat(skin.normals[some], len(s), axis=0))
    rows = np.arange(0, sum(map(len, points)), -(-sum(map(len, points)) // MOST_PLACES))
    return np.concatenate(points)[rows], np.concatenate(outward)[rows]


def outward_at(skin: Skin, point: Float) -> Float:
    """Return where a skin looks (3,) at a point of it (3,) mm: the nearest triangle's normal."""
    around = beside(skin, point, SEARCHED)
    triangles, normals = around.triangles, around.normals
    off = np.abs(((point - triangles[:, 0]) * normals).sum(axis=1))
    for k in range(3):
        start, end = triangles[:, k], triangles[:, (k + 1) % 3]
        inward = np.cross(normals, end - start)
        inward /= np.linalg.norm(inward, axis=1)[:, None]
        off = np.maximum(off, -((point - start) * inward).sum(axis=1))
    out: Float = normals[int(off.argmin())]
    return out


def _below_hull(points: Float, corners: Float) -> Float:
    """Return how far points (n, 3) lie below the convex hull of corners, (n,) mm."""
    from scipy.spatial import ConvexHull

    planes = np.unique(ConvexHull(corners - corners[0]).equations, axis=0)
    heights = (points - corners[0]) @ planes[:, :3].T + planes[:, 3]
    below: Float = -heights.max(axis=1)
    return below

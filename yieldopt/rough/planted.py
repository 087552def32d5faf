"""Roughs built round a known preform: the right answer is known before the search begins.

The preform at scale 1, in the pose that is handed back, fits. With `hull` nothing larger of its
shape does: the rough has the preform's volume. With `lumps` stone is added outside; a larger one of
its shape is bounded by the volumes alone, `(rough / preform) ** (1 / 3)`, some per cent.
"""

import hashlib

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough.chance import Chance
from yieldopt.rough.mending.skin import Index
from yieldopt.rough.refine import refine_skin
from yieldopt.rough.rough import Rough
from yieldopt.rough.write import ply_of

PLANTED_KINDS = ("hull", "lumps")
# The skin is blown up so that its farthest vertex moves this far, mm: more than all rounding
# (1e-13), so that the preform lies inside and never pokes out; half of the 1e-9 that is promised.
HAIR = 5e-10
GRID_PER_MM = 1e6  # edges are compared in whole nanometres
SHIFT_MM = 10.0  # the scan's origin is anywhere within so far along each axis


def planted_rough(
    preform_vertices: Float, *, kind: str, seed: int, triangles: int
) -> tuple[Rough, Float, Float]:
    """Build a rough that holds a convex preform and, but for lumps, nothing else.

    It errs outward: the preform has 0 to 1e-9 mm to spare on every facet, none less than 0.

    Parameters
    ----------
    preform_vertices
        (v, 3) mm, gem frame; their convex hull is the preform. Its interior need not hold 0.
    kind
        `hull`: the preform itself, in finer triangles. `lumps`: with hills on its facets, steep
        and narrow against the preform, so that the rough is concave.
    seed
        Of the lumps and the motion.
    triangles
        About so many; never fewer than the hull has.

    Returns
    -------
    rough, rotation, translation
        The rough in the scan frame; the pose of the preform in it, (3, 3) and (3,) mm:
        `x_scan = rotation @ x_gem + translation`.

    Raises
    ------
    InputError
        If the kind is not known.
    """
    if kind not in PLANTED_KINDS:
        raise InputError(
            f"planted kind: {kind!r} is not known; say one of {', '.join(PLANTED_KINDS)}"
        )
    chance = Chance(seed, kind)
    points, faces, centre = hull_skin(preform_vertices)
    hills = Hills(chance, points, faces, number=0 if kind == "hull" else 7)

    def on_grid(places: Float) -> Index:
        return np.rint(hills.over(places) * GRID_PER_MM).astype(np.int64)

    points, faces = refine_skin(points, faces, triangles=triangles, shown=on_grid)
    skin = hills.over(points)
    skin *= 1.0 + HAIR / np.linalg.norm(skin, axis=1).max()

    rotation = chance.turn()
    translation = chance.many(-SHIFT_MM, SHIFT_MM, 3)
    vertices = (skin + centre) @ rotation.T + translation
    corners_of = faces.astype(np.int32)
    name = f"planted_{kind}_{seed}"
    rough = Rough(
        name=name,
        vertices=vertices,
        faces=corners_of,
        file=f"{name}.ply",
        sha256=hashlib.sha256(ply_of(vertices, corners_of)).hexdigest(),
        notes=(f"made by yieldopt: {kind} round a known preform, seed {seed}",),
    )
    return rough, rotation, translation


def hull_skin(points: Float) -> tuple[Float, Index, Float]:
    """Return the skin of the convex hull of points (n, 3) about its middle, and the middle.

    Corners (v, 3), triangles (k, 3) outward, the mean of the corners (3,) that was taken off.
    """
    from scipy.spatial import ConvexHull

    hull = ConvexHull(points)
    corners = points[hull.vertices]
    centre = corners.mean(axis=0)
    number = np.zeros(len(points), dtype=np.int64)
    number[hull.vertices] = np.arange(len(hull.vertices))
    faces = number[hull.simplices]
    corners = corners - centre
    a, b, c = corners[faces].transpose(1, 0, 2)
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), hull.equations[:, :3]) < 0.0
    faces[inward] = faces[inward][:, ::-1]
    return corners, faces, centre


class Hills:
    """Hills on a convex skin round 0, each a push away from 0: a facet's points never sink."""

    def __init__(self, chance: Chance, points: Float, faces: Index, *, number: int) -> None:
        a, b, c = points[faces].transpose(1, 0, 2)
        crossed = np.cross(b - a, c - a)
        areas = np.linalg.norm(crossed, axis=1)
        inradius = float((np.einsum("ij,ij->i", a, crossed) / areas).min())
        filled = np.cumsum(areas) / areas.sum()
        chosen = np.searchsorted(filled, chance.many(0.0, 1.0, number))
        share = chance.many(0.25, 0.45, number)[:, None]
        other = chance.many(0.25, 0.45, number)[:, None]
        self._tops = a[chosen] + share * (b - a)[chosen] + other * (c - a)[chosen]
        self._widths = inradius * chance.many(0.5, 0.9, number)
        self._heights = self._widths * chance.many(0.6, 1.1, number)

    def over(self, points: Float) -> Float:
        """Return points of the skin (n, 3) with the hills on top."""
        push = np.zeros(len(points))
        for top, width, height in zip(self._tops, self._widths, self._heights, strict=True):
            near = ((points - top) ** 2).sum(axis=1) / width**2
            push += height / np.sqrt(top @ top) * np.clip(1.0 - near, 0.0, 1.0) ** 2
        lifted: Float = points * (1.0 + push)[:, None]
        return lifted

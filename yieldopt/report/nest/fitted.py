"""A nest made again until its measured distance from the body is what was asked for."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.report.nest.bed import Bed, Body, Solid
from yieldopt.report.nest.marks import FAR

SEEN = 0.15  # mm, beyond the clearance: farther away is not measured, which takes most of the time
HAIR = 0.003  # mm, asked for beyond what was missing
TRIES = 10
EVEN = 0.003  # mm: pads as even as that tilt a body of 5 mm by 0.03 degrees
SLIVER = 1e-4  # mm: points so near each other are one, or STL's digits make them so


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the next bed is made with.

    Parameters
    ----------
    reach
        What its nodes keep clear, mm.
    seat
        How far the body sank in the last one, mm.
    early
        By how much each pad is lowered, mm.
    """

    reach: float
    seat: float
    early: tuple[float, float, float] = (0.0, 0.0, 0.0)


def fitted(
    body: Body,
    bed_of: Callable[[Asked], Bed],
    shape: Callable[[Bed], tuple[Solid, float]],
    *,
    clearance: float,
) -> tuple[Solid, Bed, float, float]:
    """Return nest, bed, height of the underside, and the least distance to the body.

    The cavity is made from heights at nodes, and what lies between nodes is not seen; so the
    distance is measured, exactly, and what is missing is added to what the nodes keep clear.

    Parameters
    ----------
    bed_of
        Makes a bed of what is asked for.
    shape
        Makes a nest of a bed: the solid, and the height of its underside.
    """
    asked = Asked(reach=clearance, seat=clearance)
    for _ in range(TRIES):
        bed = bed_of(asked)
        if abs(bed.pads.seat - asked.seat) > HAIR:
            asked = replace(asked, seat=bed.pads.seat)
            bed = bed_of(asked)
        solid, under = shape(bed)
        solid = solid.simplify(SLIVER)
        gap = float(solid.min_gap(body.solid, clearance + SEEN))
        if gap < clearance or not (solid ^ body.solid).is_empty():
            lacking = max(clearance - gap, 0.0) + HAIR
            asked = Asked(reach=asked.reach + lacking, seat=bed.pads.seat)
            continue
        early = _early(solid, body, bed)
        if max(early) <= EVEN:
            return solid, bed, under, gap
        before = asked.early
        lower = tuple(one + more for one, more in zip(before, early, strict=True))
        asked = replace(asked, early=(lower[0], lower[1], lower[2]))
    raise AssertionError(f"piece {body.name}: no nest keeps {clearance} mm from it")


def _early(solid: Solid, body: Body, bed: Bed) -> tuple[float, float, float]:
    """Return how much too high each pad stands: the body meets it so much before it has sunk.

    Nodes of pads are where they belong; between them an edge of the body may stand out.
    """
    return tuple(_too_high(solid, body, bed, place.tolist()) for place in bed.pads.places)  # type: ignore[return-value]


def _too_high(solid: Solid, body: Body, bed: Bed, place: list[float]) -> float:
    from manifold3d import Manifold

    half = 0.5 * bed.pads.width + bed.grid.step
    column = Manifold.cube((2.0 * half, 2.0 * half, 2.0 * FAR), True)
    column = column.translate((place[0], place[1], 0.0))
    pad, part = solid ^ column, body.solid ^ column

    def meets(early: float) -> bool:
        depth = bed.pads.seat - early
        return not (part.translate((0.0, 0.0, -depth)) ^ pad).is_empty()

    if not meets(EVEN):
        return 0.0
    low, high = EVEN, bed.pads.seat  # as planned, nothing touches
    while high - low > EVEN:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if meets(middle) else (low, middle)
    return high


def triangles_of(solid: Solid, *, under: float) -> Float:
    """Return a solid's skin, (k, 3, 3), outward, its underside brought from `under` to 0.

    Slivers that STL's digits cannot tell from lines are left out.
    """
    mesh = solid.translate((0.0, 0.0, -under)).to_mesh64()
    vertices = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
    faces = np.asarray(mesh.tri_verts).astype(np.int64)
    a, b, c = vertices.astype(np.float32)[faces].transpose(1, 0, 2)
    is_whole = (a != b).any(axis=1) & (b != c).any(axis=1) & (c != a).any(axis=1)
    out: Float = vertices[faces[is_whole]]
    return out

"""A nest made again until its measured distance from the body is what was asked for."""

from collections.abc import Callable

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.report.nest.bed import Bed, Body, Solid

SEEN = 1.0  # mm, beyond the clearance: farther away is not measured
HAIR = 0.003  # mm, asked for beyond what was missing
TRIES = 8
SLIVER = 1e-4  # mm: points so near each other are one, or STL's digits make them so


def fitted(
    body: Body,
    bed_of: Callable[[float, float], Bed],
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
        Makes a bed from what nodes keep clear, and from how far the body sank in the last one.
    shape
        Makes a nest of a bed: the solid, and the height of its underside.
    """
    reach, seat = clearance, clearance
    for _ in range(TRIES):
        bed = bed_of(reach, seat)
        if abs(bed.pads.seat - seat) > HAIR:
            bed = bed_of(reach, bed.pads.seat)
        solid, under = shape(bed)
        solid = solid.simplify(SLIVER)
        gap = float(solid.min_gap(body.solid, clearance + SEEN))
        if gap >= clearance and (solid ^ body.solid).is_empty():
            return solid, bed, under, gap
        reach, seat = reach + clearance - gap + HAIR, bed.pads.seat
    raise AssertionError(f"piece {body.name}: no nest keeps {clearance} mm from it")


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

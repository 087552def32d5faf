"""A second opinion by solid booleans (manifold3d), for containment and for the preform's volume."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from yieldopt.plan.judge_rough import Skin
from yieldopt.plan.judge_stone import Body

Float = NDArray[np.float64]

# mm: a preform may leave the rough by a film this thin. The booleans take corners within 1e-9 mm
# for one, and the search keeps 1e-6 mm to spare.
FILM = 1e-6


def solid_of_skin(skin: Skin) -> Any | None:
    """Return the rough as a manifold3d solid, or None where its skin is no manifold."""
    import manifold3d

    mesh = manifold3d.Mesh64(
        vert_properties=np.ascontiguousarray(skin.vertices),
        tri_verts=np.ascontiguousarray(skin.faces, dtype=np.uint64),
    )
    solid = manifold3d.Manifold(mesh)
    return solid if solid.status() == manifold3d.Error.NoError and not solid.is_empty() else None


def solid_of_body(body: Body, margin: float) -> Any:
    """Return a stone with its planes moved out by a margin: a block, trimmed by each plane.

    The block is ten times the stone and the margin, so that mitred tips are not lost.
    """
    import manifold3d

    side = 10.0 * (float(np.ptp(body.vertices, axis=0).max()) + margin)
    solid = manifold3d.Manifold.cube((side, side, side), True).translate(tuple(body.middle))
    for normal, offset in zip(body.normals, body.offsets, strict=True):
        solid = solid.trim_by_plane(tuple(-normal), -(offset + margin))
    return solid


def film_outside(body: Body, margin: float, rough: Any) -> float:
    """Return the volume of a moved-out stone outside the rough over its surface, mm."""
    solid = solid_of_body(body, margin)
    area = float(solid.surface_area())
    return float((solid - rough).volume()) / area if area > 0.0 else np.inf


def preform_volume(body: Body, allowance: float) -> float:
    """Return the volume of the preform, mm3."""
    return float(solid_of_body(body, allowance).volume())

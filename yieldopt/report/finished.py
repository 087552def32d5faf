"""The surface of a stone whose cleft is ground out: what half-spaces alone cannot say."""

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.geometry.arrays import Float, Int

GROUND_REACH = 10.0  # times the stone's length: the box that half-spaces of a notch are cut from


def finished_mesh(design: Design) -> tuple[Float, Int, Int]:
    """Return a design's surface less its notch: corners (v, 3) mm, faces (k, 3), planes (k,).

    Gem frame, outward. A triangle's plane is the number of its half-space in the solid; in the
    notch it is the number of the solid's half-spaces and the number in the notch.
    """
    import manifold3d

    solid, side = design.solid, GROUND_REACH * design.length
    ground = manifold3d.Manifold.cube((side, side, side), True)
    for x, y, z, offset in design.notch.tolist():
        ground = ground.trim_by_plane((-x, -y, -z), -offset)
    whole = manifold3d.Manifold.hull_points(solid.vertices.tolist())
    mesh = (whole - ground).to_mesh64()
    corners: Float = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
    faces: Int = np.asarray(mesh.tri_verts).astype(np.int32)
    normals = np.concatenate([solid.normals, design.notch[:, :3]])
    offsets = np.concatenate([solid.offsets, design.notch[:, 3]])
    away = np.abs(corners @ normals.T - offsets)[faces].max(axis=1)
    return corners, faces, np.asarray(away.argmin(axis=1)).astype(np.int32)


def crease_edges(faces: Int, planes: Int) -> list[list[int]]:
    """Return the edges between triangles of different planes, as numbers of two corners."""
    plane_of: dict[tuple[int, int], int] = {}
    out = []
    for (a, b, c), plane in zip(faces.tolist(), planes.tolist(), strict=True):
        for p, q in ((a, b), (b, c), (c, a)):
            other = plane_of.pop((q, p), None)
            if other is None:
                plane_of[p, q] = plane
            elif other != plane:
                out.append([min(p, q), max(p, q)])
    return sorted(out)

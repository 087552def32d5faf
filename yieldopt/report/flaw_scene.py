"""Flaws and regions kept free: what the viewer draws of them, and how their tables read."""

from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float, Int
from yieldopt.report.mesh_text import display_mesh, packed, short
from yieldopt.report.words import flaw_place, flaw_words, mm
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere, triangles_of

SAME_WAY = 1e-6  # parts of unit normals that count as equal, far above rounding
BOX_PLANES = 6
CUTS_OFF = 1e-6  # mm: a plane with no rough beyond it says nothing


def is_region(flaw: Inclusion) -> bool:
    """Tell whether a flaw is a region that the user keeps free: those have names of their own."""
    return bool(flaw.name)


def what_words(flaw: Inclusion, vertices: Float) -> str:
    """Return in words what a flaw or region is and how large.

    Parameters
    ----------
    vertices
        (n, 3) mm, of the rough: a region is told by those of its planes that cut it.
    """
    if not is_region(flaw):
        return flaw_words(flaw)
    return f"region kept free: {flaw.name}, {_region_words(flaw, vertices)}"


def _region_words(flaw: Inclusion, vertices: Float) -> str:
    if not isinstance(flaw, Mesh):
        return flaw_words(flaw)
    planes = _planes(flaw)
    if (
        len(planes) > BOX_PLANES + 1
        or (flaw.vertices @ planes[:, :3].T > planes[:, 3] + 1e-6).any()
    ):
        return flaw_words(flaw)
    cut = planes[(vertices @ planes[:, :3].T > planes[:, 3] + CUTS_OFF).any(axis=0)]
    upright = np.abs(cut[:, :3]).max(axis=1) > 1 - SAME_WAY
    if upright.all() and len(cut):
        return "all with " + " and ".join(_bounds(cut))
    if len(cut) == 1:
        x, y, z = (f"{v + 0.0:.3f}".replace("-0.000", "0.000") for v in -cut[0, :3])
        return f"all beyond the plane {mm(-cut[0, 3])} mm along ({x}, {y}, {z})"
    return flaw_words(flaw)


def _bounds(cut: Float) -> list[str]:
    """Return the bounds of a box: x above 4.50 mm."""
    out = []
    for axis, letter in enumerate("xyz"):
        for plane in cut[np.abs(cut[:, axis]) > 0.5]:
            way = "below" if plane[axis] > 0 else "above"
            out.append(f"{letter} {way} {mm(plane[3] * plane[axis])} mm")
    return out


def _planes(flaw: Mesh) -> Float:
    """Return the planes of a mesh's triangles, each once: (m, 4), outward."""
    a, b, c = flaw.vertices[flaw.faces].transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    length = np.linalg.norm(normals, axis=1)
    normals = normals[length > 0] / length[length > 0, None]
    planes = np.column_stack([normals, np.einsum("ij,ij->i", normals, a[length > 0])])
    _, first = np.unique(np.round(planes, 5) + 0.0, axis=0, return_index=True)
    return np.asarray(planes[np.sort(first)])


def flaw_scene(flaw: Inclusion, vertices: Float, faces: Int) -> dict[str, Any]:
    """Return a flaw for the viewer; of a region, what of the drawn rough lies in it.

    Parameters
    ----------
    vertices, faces
        (n, 3) mm and (k, 3): the skin that is drawn.
    """
    if not is_region(flaw):
        return {"place": short(flaw_place(flaw)), **_parts(flaw)}
    corners, triangles = _within(flaw, vertices, faces)
    middle = (corners.min(axis=0) + corners.max(axis=0)) / 2
    return {
        "name": flaw.name,
        "place": short(middle),
        "region": packed(corners, triangles),
    }


def _within(flaw: Inclusion, vertices: Float, faces: Int) -> tuple[Float, Int]:
    """Return what of a closed skin lies in a flaw; the flaw itself where that cannot be told."""
    import manifold3d

    def solid(corners: Float, triangles: Int) -> Any:
        mesh = manifold3d.Mesh64(np.array(corners), np.array(triangles, dtype=np.uint64))
        mesh.merge()
        return manifold3d.Manifold(mesh)

    loose = triangles_of(flaw).reshape(-1, 3)
    corners, number = np.unique(loose, axis=0, return_inverse=True)
    triangles: Int = number.reshape(-1, 3).astype(np.int32)
    skin, body = solid(vertices, faces), solid(corners, triangles)
    fine = manifold3d.Error.NoError
    if skin.status() == fine and body.status() == fine:
        inside = (skin ^ body).to_mesh64()
        if len(inside.tri_verts):
            kept: Float = np.asarray(inside.vert_properties, dtype=np.float64)[:, :3]
            return kept, np.asarray(inside.tri_verts).astype(np.int32)
    return corners, triangles


def _parts(flaw: Inclusion) -> dict[str, Any]:
    """Return a flaw as spheres, lines, polygons and meshes."""
    match flaw:
        case Sphere():
            return {"spheres": [[*short(flaw.centre), flaw.radius]]}
        case Needle():
            ends = [short(flaw.start), short(flaw.end)]
            return {"spheres": [[*end, flaw.radius] for end in ends], "line": ends}
        case Crack():
            return {"polygon": short(flaw.corners)}
        case Mesh():
            vertices, faces, _ = display_mesh(flaw.vertices, flaw.faces)
            return {"mesh": {"corners": short(vertices), "faces": faces.tolist()}}

"""Stones and pieces as files for other programs: meshes (STL) and designs (GemCad .asc)."""

from pathlib import Path

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.geometry.arrays import Float
from yieldopt.plan.pieces import mesh_name
from yieldopt.plan.record import Plan

STL_HEADER = 80  # bytes
STL_ROW = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def write_stl(plan: Plan, folder: Path) -> list[Path]:
    """Write every finished stone as `<id>.stl` and return the paths.

    Binary, mm, closed, in the frame of the rough's mesh: stone and rough can be loaded together.
    Corners are rounded to float32 (1 um in 16 m), the same for all facets that share one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for stone in plan.stones:
        own = _finished(stone.design)
        triangles = stone.pose.apply(own.reshape(-1, 3)).reshape(-1, 3, 3)
        path = folder / f"{stone.id}.stl"
        path.write_bytes(_stl(triangles, f"yieldopt stone {stone.id}, {stone.design.name}, mm"))
        paths.append(path)
    return paths


def write_pieces(plan: Plan, folder: Path) -> list[Path]:
    """Write every piece that sawing leaves as `<name>.stl` and return the paths.

    As stones are: binary, mm, closed, in the frame of the rough's mesh, the whole rough among
    them. Nothing where nothing is sawn.
    """
    if not plan.saw:
        return []
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for piece in plan.pieces:
        path = folder / Path(mesh_name(piece)).name
        corners = piece.vertices.astype(np.float32)[piece.faces]
        a, b, c = corners.transpose(1, 0, 2)
        # A plane leaves slivers where it passes a corner: rounded, two of their corners are one.
        is_whole = (a != b).any(axis=1) & (b != c).any(axis=1) & (c != a).any(axis=1)
        triangles = piece.vertices[piece.faces[is_whole]]
        path.write_bytes(_stl(triangles, f"yieldopt piece {piece.name}, mm"))
        paths.append(path)
    return paths


def _stl(triangles: Float, words: str) -> bytes:
    """Return triangles (k, 3, 3) mm, outward, as binary STL."""
    rows = np.zeros(len(triangles), dtype=STL_ROW)
    a, b, c = triangles.transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    rows["normal"] = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    rows["corners"] = triangles
    head = words.encode("ascii", "replace")[:STL_HEADER].ljust(STL_HEADER)
    return head + np.uint32(len(rows)).tobytes() + rows.tobytes()


def _finished(design: Design) -> Float:
    """Return a design's surface (k, 3, 3) mm, outward; where it has a notch, that is ground out."""
    if len(design.notch) == 0:
        return design.solid.triangles()
    import manifold3d

    side = 10.0 * design.length
    ground = manifold3d.Manifold.cube((side, side, side), True)
    for x, y, z, offset in design.notch.tolist():
        ground = ground.trim_by_plane((-x, -y, -z), -offset)
    solid = manifold3d.Manifold.hull_points(design.solid.vertices.tolist())
    mesh = (solid - ground).to_mesh64()
    corners: Float = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
    return np.take(corners, np.asarray(mesh.tri_verts), axis=0)


def write_designs(plan: Plan, folder: Path) -> list[Path]:
    """Write every stone's design as `<id>.asc` (GemCad) and return the paths."""
    from yieldopt.cuts.gemcad import write_asc

    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for stone in plan.stones:
        path = folder / f"{stone.id}.asc"
        write_asc(stone.design, path)
        paths.append(path)
    return paths

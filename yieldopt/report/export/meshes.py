"""Stones, preforms, pieces and off-cuts as meshes: binary STL, mm, in the frame of the rough.

All are closed and can be loaded together. Corners are rounded to float32 (1 um in 16 m), the same
for all triangles that share one.
"""

from pathlib import Path

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.geometry.arrays import Float, Int
from yieldopt.plan.pieces import WHOLE, Piece, mesh_name
from yieldopt.plan.record import Plan
from yieldopt.report.finished import finished_mesh

STL_HEADER = 80  # bytes
STL_ROW = np.dtype([("normal", "<f4", (3,)), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def write_stl(plan: Plan, folder: Path) -> list[Path]:
    """Write every finished stone as `<id>.stl` and return the paths."""
    paths = []
    for stone in plan.stones:
        own = surface_of(stone.design)
        triangles = stone.pose.apply(own.reshape(-1, 3)).reshape(-1, 3, 3)
        path = folder / f"{stone.id}.stl"
        _write(path, triangles, f"yieldopt stone {stone.id}, {stone.design.name}, mm")
        paths.append(path)
    return paths


def write_preforms(plan: Plan, folder: Path) -> list[Path]:
    """Write every preform (the stone and its allowance) as `<id>.stl` and return the paths."""
    paths = []
    for stone in plan.stones:
        own = stone.design.preform(plan.limits.allowance).triangles()
        triangles = stone.pose.apply(own.reshape(-1, 3)).reshape(-1, 3, 3)
        path = folder / f"{stone.id}.stl"
        _write(path, triangles, f"yieldopt preform {stone.id}, {stone.design.name}, mm")
        paths.append(path)
    return paths


def write_pieces(plan: Plan, folder: Path) -> list[Path]:
    """Write every piece that sawing leaves as `<name>.stl` and return the paths.

    The whole rough among them. Nothing where nothing is sawn.
    """
    if not plan.saw:
        return []
    return [_write_piece(piece, folder) for piece in plan.pieces]


def write_meshes(plan: Plan, folder: Path) -> list[Path]:
    """Write `rough.stl`, and folders `stones`, `preforms`, `pieces` and `offcuts` of others.

    An off-cut bears no stone and is not sawn again; all other pieces are in `pieces`. Neither
    folder is there where nothing is sawn.
    """
    rough = plan.rough
    paths = [folder / "rough.stl"]
    _write(paths[0], _whole_triangles(rough.vertices, rough.faces), "yieldopt rough, mm")
    paths += write_stl(plan, folder / "stones")
    paths += write_preforms(plan, folder / "preforms")
    for piece in plan.pieces if plan.saw else ():
        if piece.name != WHOLE and len(piece.faces):
            paths.append(_write_piece(piece, folder / ("offcuts" if is_off(piece) else "pieces")))
    return paths


def is_off(piece: Piece) -> bool:
    """Tell whether a piece is an off-cut."""
    return piece.stone is None and piece.sawn_by is None


def surface_of(design: Design) -> Float:
    """Return a design's surface (k, 3, 3) mm, outward; where it has a notch, that is ground out."""
    if len(design.notch) == 0:
        return design.solid.triangles()
    corners, faces, _ = finished_mesh(design)
    return np.take(corners, faces, axis=0)


def _write_piece(piece: Piece, folder: Path) -> Path:
    path = folder / Path(mesh_name(piece)).name
    triangles = _whole_triangles(piece.vertices, piece.faces)
    _write(path, triangles, f"yieldopt piece {piece.name}, mm")
    return path


def _whole_triangles(vertices: Float, faces: Int) -> Float:
    """Return the triangles (k, 3, 3) mm whose corners STL can tell apart.

    A plane leaves slivers where it passes a corner: rounded, two of their corners are one.
    """
    corners = vertices.astype(np.float32)[faces]
    a, b, c = corners.transpose(1, 0, 2)
    is_whole = (a != b).any(axis=1) & (b != c).any(axis=1) & (c != a).any(axis=1)
    out: Float = vertices[faces[is_whole]]
    return out


def _write(path: Path, triangles: Float, words: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(stl_bytes(triangles, words))


def stl_bytes(triangles: Float, words: str) -> bytes:
    """Return triangles (k, 3, 3) mm, outward, as binary STL with words in its head."""
    rows = np.zeros(len(triangles), dtype=STL_ROW)
    a, b, c = triangles.transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    rows["normal"] = np.divide(normals, lengths, out=np.zeros_like(normals), where=lengths > 0)
    rows["corners"] = triangles
    head = words.encode("ascii", "replace")[:STL_HEADER].ljust(STL_HEADER)
    return head + np.uint32(len(rows)).tobytes() + rows.tobytes()

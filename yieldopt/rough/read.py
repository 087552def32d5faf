"""A scan file to a Rough, or one line that says why not.

The skin must be closed and of one piece; what can be mended without guessing (corners that are
there many times, triangles that enclose nothing, a skin turned inside out) is, with a note.
Crossings of the skin with itself are not looked for.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough.rough import Rough
from yieldopt.rough.skin import (
    Index,
    defects_of,
    drop_waste,
    join_vertices,
    touches_and_tunnels,
    volumes_of,
)
from yieldopt.units import MM_PER_UNIT

FORMATS = (".ply", ".stl", ".obj", ".off", ".glb")
SHORTEST_MM = 2.0  # longest side: a finished stone under 1 mm is not cut from a scan
LONGEST_MM = 200.0  # longest side: beyond a fist it is a boulder, or the unit is wrong
# Volume over longest side cubed, under which nothing is enclosed: a sheet of 0.1 micrometre.
LEAST_SHARE = 1e-9


def read_rough(path: Path, *, unit: str | None = None) -> Rough:
    """Read a closed mesh (PLY, STL, OBJ, OFF, GLB) as a rough in mm.

    Parameters
    ----------
    path
        The scan file.
    unit
        What one unit of its numbers is: mm, cm, m or in; mm where nothing is said.

    Raises
    ------
    InputError
        If the file cannot be read, is no closed mesh of one piece, or has no gem's size in this
        unit. One line: which file, what is wrong, what to do.
    """
    path = Path(path)
    if unit is not None and unit not in MM_PER_UNIT:
        raise InputError(f"--unit: {unit!r} is not known; say one of {', '.join(MM_PER_UNIT)}")
    contents, soup, soup_faces = triangles_in(path)
    vertices, faces = join_vertices(soup, soup_faces)
    notes = _join_notes(len(soup), len(vertices))
    unit_used = unit or "mm"
    if not np.ptp(vertices, axis=0).any():
        raise InputError(f"{path}: all vertices lie in one point; save the scan again")
    vertices = vertices * MM_PER_UNIT[unit_used]
    faces, dropped = drop_waste(vertices, faces)
    faults = _size_faults(vertices, unit)
    defects = defects_of(vertices, faces) if len(faces) else ["all triangles are without area"]
    if defects:
        faults.append(
            f"not one closed stone: {'; '.join(defects)}:"
            " close and clean the mesh in the scanner's software"
        )
    if faults:
        raise InputError(f"{path}: {'; and '.join(faults)}")
    if dropped:
        vertices, faces = join_vertices(vertices, faces)  # what only dropped triangles had, goes
    volume = float(volumes_of(vertices, faces, np.zeros(len(faces), dtype=np.int64), 1)[0])
    if abs(volume) < LEAST_SHARE * float(np.ptp(vertices, axis=0).max()) ** 3:
        raise InputError(f"{path}: the skin encloses nothing; scan the stone from all sides")
    notes += dropped
    if volume < 0.0:
        faces = faces[:, ::-1]
        notes += ("the skin was inside out: turned",)
    return Rough(
        name=path.stem,
        vertices=vertices,
        faces=faces.astype(np.int32),
        file=path.name,
        sha256=hashlib.sha256(contents).hexdigest(),
        unit=unit_used,
        notes=notes + _shape_notes(vertices, faces),
    )


def triangles_in(path: Path) -> tuple[bytes, Float, Index]:
    """Return a mesh file's bytes, its vertices (n, 3) in its unit, and corner numbers (k, 3).

    Raises
    ------
    InputError
        If the ending is not known or the file holds no triangles.
    """
    if path.suffix.lower() not in FORMATS:
        known = ", ".join(suffix[1:].upper() for suffix in FORMATS)
        raise InputError(
            f"{path}: the ending {path.suffix!r} is not known; save the scan as one of {known}"
        )
    contents = _bytes_of(path)
    return contents, *_parsed(contents, path)


def _bytes_of(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: is a folder; name the scan file in it")
    try:
        contents = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be opened ({error.strerror})") from error
    if not contents:
        raise InputError(f"{path}: the file is empty; save the scan again")
    return contents


def _parsed(contents: bytes, path: Path) -> tuple[Float, Index]:
    """Return all triangles of a file as vertices (n, 3) in its unit and corner numbers (k, 3)."""
    import io

    from trimesh import Trimesh, load_scene

    kind = path.suffix.lower()[1:]
    try:
        # No folder to look in: materials and textures beside an OBJ are of no use here.
        scene: Any = load_scene(io.BytesIO(contents), file_type=kind, process=False)
        parts: list[Any] = scene.dump() if scene.geometry else []
    except Exception as error:  # trimesh's readers raise whatever went wrong
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{path}: cannot be read as {kind.upper()} ({reason}); save the scan again"
        ) from error
    meshes = [part for part in parts if isinstance(part, Trimesh) and len(part.faces)]
    if not meshes:
        points = sum(len(part.vertices) for part in parts if hasattr(part, "vertices"))
        if points:
            raise InputError(
                f"{path}: {points} points and no triangles; point clouds come later:"
                " export a closed mesh from the scanner's software"
            )
        raise InputError(f"{path}: no triangles in it, or cut short; save the scan again")
    starts = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)])
    vertices: Float = np.concatenate([np.asarray(m.vertices, dtype=np.float64) for m in meshes])
    faces: Index = np.concatenate(
        [np.asarray(m.faces, dtype=np.int64) + s for m, s in zip(meshes, starts, strict=False)]
    )
    if faces.min() < 0 or faces.max() >= len(vertices):
        raise InputError(
            f"{path}: a triangle names corner {faces.max()} of {len(vertices)}; save the scan again"
        )
    bad = int((~np.isfinite(vertices).all(axis=1)).sum())
    if bad:
        raise InputError(
            f"{path}: {bad} of {len(vertices)} vertices are not numbers (NaN or infinite);"
            " clean the mesh in the scanner's software"
        )
    return vertices, faces


def _size_faults(vertices: Float, unit: str | None) -> list[str]:
    """Say, if the stone (mm) has no gem's size, what size it has and which unit would mend it."""
    extents = np.ptp(vertices, axis=0)
    longest = float(extents.max())
    if SHORTEST_MM <= longest <= LONGEST_MM:
        return []
    box = " x ".join(f"{side:.4g}" for side in extents)
    said = f"with --unit {unit}" if unit else "read as mm"
    in_file = longest / MM_PER_UNIT[unit or "mm"]
    fitting = [
        f"--unit {other} would make the longest side {in_file * factor:.4g} mm"
        for other, factor in MM_PER_UNIT.items()
        if SHORTEST_MM <= in_file * factor <= LONGEST_MM
    ]
    todo = ", ".join(fitting) or "no unit makes it one: scale the mesh in the scanner's software"
    fault = f"{said} it is {box} mm, where a gem rough's longest side is"
    return [f"{fault} {SHORTEST_MM:g} to {LONGEST_MM:g} mm: {todo}"]


def _join_notes(n_before: int, n_after: int) -> tuple[str, ...]:
    if n_before == n_after:
        return ()
    return (f"{n_before} corners joined to {n_after} vertices, where places are equal",)


def _shape_notes(vertices: Float, faces: Index) -> tuple[str, ...]:
    touches, tunnels = touches_and_tunnels(vertices, faces)
    notes: list[str] = []
    if touches:
        notes.append(f"places where the skin touches itself: {touches}")
    if tunnels:
        notes.append(f"tunnels through the stone: {tunnels}")
    return tuple(notes)

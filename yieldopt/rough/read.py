"""A scan file to a Rough, or one line that says why not.

Three steps: the file's numbers (`formats`, a reader each), their unit (`scan_unit`), and a closed
skin (`mend`; a cloud goes through `cloud` first). What was guessed or mended stands in the notes.

Large scans: up to 4 million triangles are read and kept in full, with under 1 GB; looking for
crossings takes more (`contents`). The search makes itself a coarser copy (`geometry.coarse`): it
errs to either side, and what is found on it is corrected by the exact query on the full mesh
before it counts.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import Contents, Unreadable
from yieldopt.rough.files.formats import contents_of
from yieldopt.rough.files.scan_file import shown
from yieldopt.rough.files.scan_unit import (
    SHORTEST_MM,
    ScanUnit,
    choose_unit,
    is_gem_sized,
    size_fault,
)
from yieldopt.rough.mending.mend import CannotMend, mend_skin
from yieldopt.rough.mending.skin import Index, join_vertices, touches_and_tunnels
from yieldopt.rough.mending.tangle import refuse_tangle
from yieldopt.rough.rough import Rough
from yieldopt.units import MM_PER_UNIT

# mm from the origin: so far out a double still holds 2e-9 mm, a thousandth of what a stone is
# taken smaller than the query allows.
FARTHEST_MM = 1e7
STRAYS = (0.005, 0.995)  # shares of a cloud's points between which its size is taken


def read_rough(path: Path, *, unit: str | None = None) -> Rough:
    """Read a mesh or a point cloud as a rough in mm.

    Parameters
    ----------
    path
        The scan file: PLY, STL, OBJ, OFF, GLB, GLTF, 3MF; a cloud as PLY, XYZ, PCD.
    unit
        What one unit of its numbers is: mm, cm, m or in; where nothing is said, what the file
        says, else a guess that stands in the notes.

    Raises
    ------
    InputError
        If the file cannot be read, cannot be made one closed skin, or has no gem's size in this
        unit. One line: which file, what is wrong, what to do.
    """
    path = Path(path)
    if unit is not None and unit not in MM_PER_UNIT:
        raise InputError(f"--unit: {unit!r} is not known; say one of {', '.join(MM_PER_UNIT)}")
    contents, found = contents_of(path)
    sha256 = hashlib.sha256(contents).hexdigest()
    del contents  # nothing of a large scan is kept twice
    try:
        found = _joined(found)
        chosen, fault = _unit_of(found, unit)
        said, usual, notes = found.unit, found.usual_unit, found.notes
        vertices, faces, normals = found.vertices, found.faces, found.normals
        del found
        if chosen.name != "mm":
            vertices = vertices * MM_PER_UNIT[chosen.name]
        skin = _skin_of(vertices, faces, normals, fault)
        if fault:  # mending took away what lay far off: now the size tells
            longest = float(np.ptp(skin.vertices, axis=0).max()) / MM_PER_UNIT[chosen.name]
            chosen = choose_unit(longest, flag=unit, said=said, usual=usual)
    except Unreadable as refusal:
        raise InputError(f"{shown(path)}: {refusal}") from None
    return Rough(
        name=path.stem,
        vertices=skin.vertices,
        faces=skin.faces.astype(np.int32),
        file=path.name,
        sha256=sha256,
        unit=chosen.name,
        notes=(*chosen.notes, *notes, *skin.notes, *_shape_notes(skin)),
        surface_error=skin.surface_error,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Skin:
    vertices: Float
    faces: Index
    notes: tuple[str, ...]
    surface_error: float = 0.0


def _joined(found: Contents) -> Contents:
    """Join equal corners of a mesh; a cloud stays as it is."""
    if not len(found.faces):
        return found
    vertices, faces = join_vertices(found.vertices, found.faces)
    told, left = len(found.vertices), len(vertices)
    notes = found.notes
    if told != left and not found.repeats_corners:
        notes += (f"{told} corners joined to {left} vertices, where places are equal",)
    return replace(found, vertices=vertices, faces=faces, notes=notes)


def _unit_of(found: Contents, flag: str | None) -> tuple[ScanUnit, str | None]:
    """Return the unit, and what is wrong with the size that it gives."""
    vertices = found.vertices
    if len(found.faces):
        sides = np.ptp(vertices, axis=0)
    else:  # a cloud may have strays: the middle 99 % tell its size
        sides = np.ptp(np.quantile(vertices, STRAYS, axis=0), axis=0)
    if not sides.any():
        raise Unreadable("all vertices lie in one point; save the scan again")
    chosen = choose_unit(float(sides.max()), flag=flag, said=found.unit, usual=found.usual_unit)
    size = MM_PER_UNIT[chosen.name]
    extents = (float(sides[0]) * size, float(sides[1]) * size, float(sides[2]) * size)
    farthest = float(np.abs(vertices).max()) * size
    if farthest > FARTHEST_MM:
        raise Unreadable(
            f"it lies {farthest:.3g} mm from the origin, where numbers are too coarse for a stone;"
            " move it to the origin in the scanner's software"
        )
    return chosen, size_fault(extents, chosen)


def _skin_of(vertices: Float, faces: Index, normals: Float | None, fault: str | None) -> _Skin:
    """Return the closed skin of a mesh or a cloud, mm; `fault` is what is wrong with its size.

    Raises
    ------
    Unreadable
        If there is none, or it is not of a gem's size.
    """
    if fault and (not len(faces) or np.ptp(vertices, axis=0).max() < SHORTEST_MM):
        raise Unreadable(fault)  # mending makes nothing larger, and its lengths are in mm
    if not len(faces):
        return _skin_of_cloud(vertices, normals)
    refuse_tangle(vertices, faces)
    try:
        mended = mend_skin(vertices, faces)
    except CannotMend as refusal:
        raise Unreadable(f"{fault}; and {refusal}" if fault else str(refusal)) from None
    if fault:
        sides = np.ptp(mended.vertices, axis=0)
        if not is_gem_sized(float(sides.max())):  # dust far away may have made it too large
            raise Unreadable(fault)
    return _Skin(vertices=mended.vertices, faces=mended.faces, notes=mended.notes)


def _skin_of_cloud(points: Float, normals: Float | None) -> _Skin:
    from yieldopt.rough.clouds.cloud import CloudError, mesh_of_cloud

    try:
        built = mesh_of_cloud(points, normals)
        mended = mend_skin(built.vertices, built.faces.astype(np.int64))
    except (CloudError, CannotMend, InputError) as refusal:  # no Open3D here, or no closed skin
        raise Unreadable(str(refusal)) from None
    return _Skin(
        vertices=mended.vertices,
        faces=mended.faces,
        notes=(*built.notes, *mended.notes),
        surface_error=built.surface_error,
    )


def _shape_notes(skin: _Skin) -> tuple[str, ...]:
    touches, tunnels = touches_and_tunnels(skin.vertices, skin.faces)
    notes: list[str] = []
    if touches:
        notes.append(f"places where the skin touches itself: {touches}")
    if tunnels:
        notes.append(f"tunnels through the stone: {tunnels}")
    return tuple(notes)

"""From the job's tables to flaws, or one line that says which table and key is wrong."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Severity, Sphere
from yieldopt.units import MM_PER_UNIT

WIDEST = 1000.0  # mm, of a radius: ten fists; more is another unit
FARTHEST = 1e6  # mm, of a place from the scan's origin
# mm, the longest side of a flaw or a zone: a lens shows less, no gem rough is longer.
SHORTEST_MESH, LONGEST_MESH = 0.01, 200.0
KEYS = {
    "sphere": ("centre_mm", "radius_mm"),
    "needle": ("from_mm", "to_mm", "radius_mm"),
    "crack": ("polygon_mm",),
    "mesh": ("file",),
}
ALSO = {"mesh": ("unit",)}  # keys that may be left out
SEVERITIES: tuple[Severity, ...] = ("avoid", "grade")


def inclusions_of(
    tables: Iterable[Mapping[str, object] | Inclusion],
    *,
    unit: str | None = None,
    folder: Path | None = None,
) -> tuple[Inclusion, ...]:
    """Return the flaws that a job's tables tell of; what is a flaw already stays.

    Parameters
    ----------
    tables
        `kind` and the keys of it (`KEYS`), `severity` ("avoid" or "grade").
    unit, folder
        Of the scan; mesh files are in its frame and named from its folder, in their own unit (by
        the key `unit`, else as the file says) or in the scan's, see `read_mesh`.

    Raises
    ------
    InputError
        If a table is wrong: which one, counted from 1, which key, what to do.
    """
    out: list[Inclusion] = []
    for number, table in enumerate(tables, start=1):
        if not isinstance(table, Mapping):
            out.append(table)
            continue
        try:
            out.append(_inclusion_of(table, unit, folder or Path()))
        except InputError as error:
            raise InputError(f"inclusion[{number}].{error}") from None
    return tuple(out)


def _inclusion_of(table: Mapping[str, Any], unit: str | None, folder: Path) -> Inclusion:
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KEYS:
        said = "is missing" if kind is None else f"{kind!r} is not known"
        raise InputError(f"kind: {said}; say one of {', '.join(KEYS)}")
    for key in table:
        if key not in ("kind", "severity", *KEYS[kind], *ALSO.get(kind, ())):
            known = ", ".join((*KEYS[kind], *ALSO.get(kind, ())))
            raise InputError(f"{key}: no such key; a {kind} has {known} and severity")
    for key in KEYS[kind]:
        if key not in table:
            raise InputError(f"{key}: is missing; a {kind} is told by {', '.join(KEYS[kind])}")
    severity = table.get("severity", "avoid")
    if severity not in SEVERITIES:
        raise InputError(f"severity: {severity!r} is not known; say {' or '.join(SEVERITIES)}")
    match kind:
        case "sphere":
            centre = _place(table, "centre_mm")
            return Sphere(centre=centre, radius=_radius(table), severity=severity)
        case "needle":
            ends = _place(table, "from_mm"), _place(table, "to_mm")
            return Needle(start=ends[0], end=ends[1], radius=_radius(table), severity=severity)
        case "crack":
            return Crack(corners=_polygon(table), severity=severity)
        case _:
            return replace(_mesh(table, unit, folder), severity=severity)


def _mesh(table: Mapping[str, Any], unit: str | None, folder: Path) -> Mesh:
    name, own = table["file"], table.get("unit")
    if not isinstance(name, str):
        raise InputError(f"file: the name of a mesh file is wanted, not {name!r}")
    if own is not None and own not in tuple(MM_PER_UNIT):
        raise InputError(f"unit: {own!r} is not one of {', '.join(MM_PER_UNIT)}")
    try:
        return read_mesh(folder / name, unit=own, scan_unit=unit)
    except InputError as error:
        raise InputError(f"file: {error}") from None


def _radius(table: Mapping[str, Any]) -> float:
    radius = table["radius_mm"]
    if not is_number(radius) or not 0.0 <= radius <= WIDEST:
        raise InputError(f"radius_mm: a number from 0 to {WIDEST:g} is wanted, not {radius!r}")
    return float(radius)


def _place(table: Mapping[str, Any], key: str) -> Float:
    return _point(table[key], key)


def _polygon(table: Mapping[str, Any]) -> Float:
    key = "polygon_mm"
    corners = table[key]
    if not isinstance(corners, (list, tuple, np.ndarray)) or len(corners) < 3:
        raise InputError(f"{key}: three corners [x, y, z] or more are wanted, not {corners!r}")
    points = np.array([_point(corner, f"{key}[{i}]") for i, corner in enumerate(corners, 1)])
    a, b, c = points[0], points[1:-1], points[2:]
    if not np.linalg.norm(np.cross(b - a, c - a), axis=1).any():
        raise InputError(f"{key}: its corners lie on one line; a needle is told by its two ends")
    return points


def _point(point: Any, key: str) -> Float:
    is_place = (
        isinstance(point, (list, tuple, np.ndarray))
        and len(point) == 3
        and all(is_number(x) and abs(x) <= FARTHEST for x in point)
    )
    if not is_place:
        raise InputError(f"{key}: a place [x, y, z] in mm is wanted, not {point!r}")
    return np.array(point, dtype=np.float64)


def is_number(value: Any) -> bool:
    """Tell whether a value out of a job is a finite number; true and false are none."""
    is_real = isinstance(value, (int, float, np.integer, np.floating))
    # Not numpy's isfinite: TOML's whole numbers have no end.
    return is_real and not isinstance(value, bool) and bool(abs(value) < math.inf)


def read_mesh(
    path: Path, *, unit: str | None = None, scan_unit: str | None = None, what: str = "flaw"
) -> Mesh:
    """Read the closed mesh of a flaw (or `what` it is else), in the frame of the scan, as mm.

    It may be of several shells; each is taken as solid, whichever way it was turned.

    Parameters
    ----------
    unit
        Of its numbers, as the user says.
    scan_unit
        Of the scan's, as the user says; it counts where neither `unit` nor the file itself says
        more. Where nothing is said it is the format's own (metres in glTF) if that makes it of a
        flaw's size, else mm.

    Raises
    ------
    InputError
        If the file cannot be read or a shell is not closed.
    """
    from yieldopt.rough.files.formats import contents_of
    from yieldopt.rough.files.scan_file import shown
    from yieldopt.rough.mending.skin import (
        defects_of,
        drop_waste,
        edges_of,
        join_vertices,
        shells_of,
        volumes_of,
    )

    _, found = contents_of(path)
    if not len(found.faces):
        points = len(found.vertices)
        raise InputError(f"{shown(path)}: {points} points and no triangles; name a closed mesh")
    vertices, faces = join_vertices(found.vertices, found.faces)
    own = unit or found.unit or scan_unit or _usual(found.usual_unit, vertices)
    vertices = vertices * MM_PER_UNIT[own]
    faces, _ = drop_waste(vertices, faces)
    edges = edges_of(faces)
    if len(faces) == 0 or not edges.closed:
        why = "; ".join(defects_of(vertices, faces)) if len(faces) else "it has no area"
        raise InputError(
            f"{path}: the {what} is not closed: {why}; close the mesh, or tell a crack"
        )
    count, label = shells_of(faces, edges)
    volumes = volumes_of(vertices, faces, label, count)
    if (volumes == 0.0).any():
        raise InputError(f"{path}: a shell of the {what} encloses nothing; tell a crack")
    inward = (volumes < 0.0)[label]
    faces[inward] = faces[inward][:, ::-1]
    vertices, faces = join_vertices(vertices, faces)  # what only dropped triangles had, goes
    return Mesh(vertices=vertices, faces=faces.astype(np.int32))


def _usual(unit: str | None, vertices: Float) -> str:
    """Return a format's own unit where it makes a mesh a flaw or a zone of a gem, else mm."""
    if unit is None:
        return "mm"
    longest = float(np.ptp(vertices, axis=0).max()) * MM_PER_UNIT[unit]
    return unit if SHORTEST_MESH <= longest <= LONGEST_MESH else "mm"

"""Where the colour of a rough is good, or bad: half-spaces and closed meshes, mm, scan frame.

They are read, checked and kept in the plan. A plan by value goes by them (`value.colour`), one by
weight does not look at them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float, Int, frozen_float, frozen_int
from yieldopt.rough.inclusion_tables import FARTHEST, is_number, read_mesh
from yieldopt.rough.rough import Rough
from yieldopt.units import MM_PER_UNIT

KEYS = {"half-space": ("normal", "offset_mm"), "mesh": ("file",)}
ALSO = {"half-space": (), "mesh": ("unit",)}  # keys that may be left out


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfSpace:
    """All points on the side a plane's normal shows to: `normal . x >= offset`, mm.

    `normal` (3,) becomes a unit vector; `wanted` tells whether the colour there is good.
    """

    kind: ClassVar[str] = "half-space"
    name: str
    wanted: bool
    normal: Float
    offset: float

    def __post_init__(self) -> None:
        """Freeze the normal and make it a unit vector."""
        normal = frozen_float(self.normal, (3,), "normal")
        unit = frozen_float(normal / np.linalg.norm(normal), (3,), "normal")
        object.__setattr__(self, "normal", unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneMesh:
    """All that closed shells hold: vertices (n, 3) mm, faces (k, 3), each shell outward."""

    kind: ClassVar[str] = "mesh"
    name: str
    wanted: bool
    vertices: Float
    faces: Int

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "vertices", frozen_float(self.vertices, (-1, 3), "vertices"))
        object.__setattr__(self, "faces", frozen_int(self.faces, (-1, 3), "faces"))


ColourZone = HalfSpace | ZoneMesh


def zones_of(
    tables: Iterable[Mapping[str, Any]], *, unit: str | None = None, folder: Path | None = None
) -> tuple[ColourZone, ...]:
    """Return the zones that a job's tables tell of.

    Parameters
    ----------
    tables
        `name`, `wanted` (true or false), `kind` and its keys (`KEYS`).
    unit, folder
        Of the scan; mesh files are in its frame and named from its folder, in their own unit (by
        the key `unit`, else as the file says) or in the scan's, see `read_mesh`.

    Raises
    ------
    InputError
        If a table is wrong: which one, counted from 1, which key, what to do.
    """
    out: list[ColourZone] = []
    for number, table in enumerate(tables, start=1):
        try:
            out.append(_zone_of(table, number, unit, folder or Path()))
        except InputError as error:
            raise InputError(f"colour_zone[{number}].{error}") from None
    return tuple(out)


def check_zones(rough: Rough, zones: Iterable[ColourZone]) -> None:
    """Refuse zones that nothing of the rough can lie in: the frame or the unit is another one.

    A half-space is checked by the rough's vertices, a mesh by the boxes of both.

    Raises
    ------
    InputError
        Which one, and where it is.
    """
    low, high = rough.vertices.min(axis=0), rough.vertices.max(axis=0)
    box = ", ".join(f"{a:.2f} to {b:.2f}" for a, b in zip(low, high, strict=True))
    for number, zone in enumerate(zones, start=1):
        name = f"colour_zone[{number}] ({zone.name})"
        match zone:
            case HalfSpace(normal=normal, offset=offset):
                farthest = float((rough.vertices @ normal).max())
                if farthest < offset:
                    raise InputError(
                        f"{name}: offset_mm = {offset:g} is beyond the rough, which reaches"
                        f" {farthest:.2f} mm that way; the zone is where the normal shows to"
                    )
            case ZoneMesh(vertices=vertices):
                if (vertices.min(axis=0) > high).any() or (vertices.max(axis=0) < low).any():
                    raise InputError(
                        f"{name}: lies outside the rough, which is {box} mm; give it in the frame"
                        " and the unit of the scan"
                    )


def scaled_zone(zone: ColourZone, factor: float) -> ColourZone:
    """Return a zone of a scan that is rescaled about its origin."""
    if isinstance(zone, HalfSpace):
        return replace(zone, offset=zone.offset * factor)
    return replace(zone, vertices=zone.vertices * factor)


def _zone_of(table: Mapping[str, Any], number: int, unit: str | None, folder: Path) -> ColourZone:
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KEYS:
        said = "is missing" if kind is None else f"{kind!r} is not known"
        raise InputError(f"kind: {said}; say one of {', '.join(KEYS)}")
    for key in table:
        if key not in ("kind", "name", "wanted", *KEYS[kind], *ALSO[kind]):
            known = ", ".join(("name", "wanted", *KEYS[kind]))
            raise InputError(f"{key}: no such key; a {kind} has {known}")
    for key in ("wanted", *KEYS[kind]):
        if key not in table:
            told = ", ".join(("wanted", *KEYS[kind]))
            raise InputError(f"{key}: is missing; a {kind} is told by {told}")
    name, wanted = table.get("name", f"zone {number}"), table["wanted"]
    if not isinstance(name, str) or not name.strip():
        raise InputError(f"name: a word is wanted, not {name!r}")
    if not isinstance(wanted, bool):
        raise InputError(f"wanted: true or false is wanted, not {wanted!r}")
    if kind == "half-space":
        offset = table["offset_mm"]
        if not is_number(offset) or abs(offset) > FARTHEST:
            raise InputError(f"offset_mm: a number of mm is wanted, not {offset!r}")
        normal = direction_of(table["normal"], "normal")
        return HalfSpace(name=name, wanted=wanted, normal=normal, offset=float(offset))
    file, own = table["file"], table.get("unit")
    if not isinstance(file, str):
        raise InputError(f"file: the name of a mesh file is wanted, not {file!r}")
    if own is not None and own not in tuple(MM_PER_UNIT):
        raise InputError(f"unit: {own!r} is not one of {', '.join(MM_PER_UNIT)}")
    try:
        mesh = read_mesh(folder / file, unit=own, scan_unit=unit, what="zone")
    except InputError as error:
        raise InputError(f"file: {error}") from None
    return ZoneMesh(name=name, wanted=wanted, vertices=mesh.vertices, faces=mesh.faces)


def direction_of(numbers: Any, key: str) -> Float:
    """Return a told direction as a unit vector (3,).

    Raises
    ------
    InputError
        If it is not three numbers, or no direction.
    """
    is_direction = (
        isinstance(numbers, (list, tuple, np.ndarray))
        and len(numbers) == 3
        and all(is_number(x) and abs(x) <= FARTHEST for x in numbers)
        and any(x != 0 for x in numbers)
    )
    if not is_direction:
        raise InputError(f"{key}: a direction [x, y, z] other than 0 is wanted, not {numbers!r}")
    vector = np.array(numbers, dtype=np.float64)
    return np.asarray(vector / np.linalg.norm(vector))

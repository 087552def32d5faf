"""Regions of a rough that no stone may use: told by the user, kept clear of like flaws.

Balls and closed meshes stand as they are told; boxes and half-spaces become closed meshes, clipped
to the rough's box and a little more, when the rough is known.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.rough.colour_zones import direction_of
from yieldopt.rough.inclusion_tables import FARTHEST, inclusions_of, is_number
from yieldopt.rough.inclusions import Inclusion, Mesh, Sphere

KEYS = {
    "sphere": ("centre_mm", "radius_mm"),
    "box": ("from_mm", "to_mm"),
    "half_space": ("normal", "offset_mm"),
    "mesh": ("file",),
}
ALSO = {"mesh": ("unit",)}  # keys that may be left out
# mm, and share of the rough's extent: so far a clipped region stands out of the rough's box, so
# that its far faces lie in no stone's way.
BEYOND, BEYOND_SHARE = 1.0, 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A box along the scan's axes: its least and greatest corner (3,), mm."""

    low: Float
    high: Float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "low", frozen_float(self.low, (3,), "low"))
        object.__setattr__(self, "high", frozen_float(self.high, (3,), "high"))


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfSpace:
    """All on the side a plane's unit normal (3,) shows to: `normal . x >= offset`, mm."""

    normal: Float
    offset: float

    def __post_init__(self) -> None:
        """Freeze the normal."""
        object.__setattr__(self, "normal", frozen_float(self.normal, (3,), "normal"))


Region = Sphere | Mesh | Box | HalfSpace


def regions_of(
    tables: Iterable[Mapping[str, Any]], *, unit: str | None = None, folder: Path | None = None
) -> tuple[Region, ...]:
    """Return the regions that a job's tables forbid.

    Parameters
    ----------
    tables
        `kind` and the keys of it (`KEYS`).
    unit, folder
        As for the tables of flaws (`inclusions_of`).

    Raises
    ------
    InputError
        If a table is wrong: which one, counted from 1, which key, what to do.
    """
    out: list[Region] = []
    for number, table in enumerate(tables, start=1):
        try:
            out.append(_region_of(table, unit, folder))
        except InputError as error:
            raise InputError(f"forbid[{number}].{error}") from None
    return tuple(out)


def regions_in(vertices: Float, regions: Sequence[Region]) -> tuple[Inclusion, ...]:
    """Return regions as flaws to avoid, named "region 1" and so on, in their order.

    Parameters
    ----------
    vertices
        (n, 3) mm, of the rough, in the frame of the regions.

    Raises
    ------
    InputError
        If a box or a half-space holds nothing of the rough, or all of it.
    """
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    beyond = BEYOND + BEYOND_SHARE * float((high - low).max())
    out: list[Inclusion] = []
    for number, region in enumerate(regions, start=1):
        name = f"region {number}"
        match region:
            case Sphere() | Mesh():
                out.append(replace(region, name=name, severity="avoid"))
            case Box():
                inside = (vertices >= region.low).all(axis=1) & (vertices <= region.high).all(
                    axis=1
                )
                missed = (region.low > high).any() or (region.high < low).any()
                _check(name, missed=bool(missed), whole=bool(inside.all()))
                clipped = (
                    np.maximum(region.low, low - beyond),
                    np.minimum(region.high, high + beyond),
                )
                out.append(_body(name, *_planes(*clipped)))
            case HalfSpace():
                height = vertices @ region.normal - region.offset
                _check(name, missed=bool(height.max() < 0.0), whole=bool(height.min() >= 0.0))
                normals, offsets = _planes(low - beyond, high + beyond)
                out.append(
                    _body(
                        name,
                        np.vstack([normals, -region.normal]),
                        np.append(offsets, -region.offset),
                    )
                )
    return tuple(out)


def _check(name: str, *, missed: bool, whole: bool) -> None:
    if missed:
        raise InputError(
            f"{name}: lies outside the rough; give its place in mm in the frame of the scan, or"
            " take it out"
        )
    if whole:
        raise InputError(f"{name}: all of the rough lies in it; check its place and size")


def _planes(low: Float, high: Float) -> tuple[Float, Float]:
    """Return the half-spaces of a box."""
    return np.vstack([np.eye(3), -np.eye(3)]), np.concatenate([high, -low])


def _body(name: str, normals: Float, offsets: Float) -> Mesh:
    """Return what half-spaces bound as a closed mesh."""
    solid = polytope_from_planes(normals, offsets)
    faces = [
        (loop[0], loop[i], loop[i + 1]) for loop in solid.loops for i in range(1, len(loop) - 1)
    ]
    return Mesh(vertices=solid.vertices, faces=np.array(faces, dtype=np.int32), name=name)


def _region_of(table: Mapping[str, Any], unit: str | None, folder: Path | None) -> Region:
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KEYS:
        said = "is missing" if kind is None else f"{kind!r} is not known"
        raise InputError(f"kind: {said}; say one of {', '.join(KEYS)}")
    known = (*KEYS[kind], *ALSO.get(kind, ()))
    for key in table:
        if key not in ("kind", *known):
            raise InputError(f"{key}: no such key; a {kind} has {', '.join(known)}")
    for key in KEYS[kind]:
        if key not in table:
            raise InputError(f"{key}: is missing; a {kind} is told by {', '.join(KEYS[kind])}")
    if kind == "box":
        ends = np.array([_place(table[key], key) for key in KEYS[kind]])
        if (np.ptp(ends, axis=0) <= 0.0).any():
            raise InputError("to_mm: the box has no room; its corners differ in x, y and z")
        return Box(low=ends.min(axis=0), high=ends.max(axis=0))
    if kind == "half_space":
        offset = table["offset_mm"]
        if not is_number(offset) or abs(offset) > FARTHEST:
            raise InputError(f"offset_mm: a number of mm is wanted, not {offset!r}")
        return HalfSpace(normal=direction_of(table["normal"], "normal"), offset=float(offset))
    try:
        (flaw,) = inclusions_of([table], unit=unit, folder=folder)
    except InputError as error:
        raise InputError(str(error).removeprefix("inclusion[1].")) from None
    assert isinstance(flaw, Sphere | Mesh)  # by its kind
    return flaw


def _place(point: Any, key: str) -> Float:
    is_place = (
        isinstance(point, (list, tuple, np.ndarray))
        and len(point) == 3
        and all(is_number(x) and abs(x) <= FARTHEST for x in point)
    )
    if not is_place:
        raise InputError(f"{key}: a place [x, y, z] in mm is wanted, not {point!r}")
    return np.array(point, dtype=np.float64)

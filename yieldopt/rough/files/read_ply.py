"""PLY in letters and in both byte orders: a mesh, or a cloud where no faces are."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import (
    MOST_TRIANGLES,
    Contents,
    Unreadable,
    check_counts,
    fans_of,
    no_faces,
    places_of,
    polygon_notes,
)
from yieldopt.rough.files.number_text import count_of, numbers_in, text_of
from yieldopt.rough.files.ply_rows import Element, PlyBytes, PlyNumbers, Polygons, Property
from yieldopt.rough.files.scan_unit import unit_said

LONGEST_HEADER = 1 << 16  # bytes
MOST_PROPERTIES = 256
_ORDERS = {"binary_little_endian": "<", "binary_big_endian": ">", "ascii": ""}
_KINDS = {
    "char": "i1", "int8": "i1", "uchar": "u1", "uint8": "u1",
    "short": "i2", "int16": "i2", "ushort": "u2", "uint16": "u2",
    "int": "i4", "int32": "i4", "uint": "u4", "uint32": "u4",
    "float": "f4", "float32": "f4", "double": "f8", "float64": "f8",
}  # fmt: skip
_BEGINS = re.compile(rb"ply[ \t]*(\r\n|\n|\r)")
_CORNERS = ("vertex_indices", "vertex_index")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    order: str
    elements: tuple[Element, ...]
    remarks: tuple[str, ...]
    size: int


def read_ply(contents: bytes) -> Contents:
    """Read a PLY.

    Raises
    ------
    Unreadable
        If it is none, holds less than its header states, or no places.
    """
    header = _header_of(contents)
    rows = _letters(contents, header) if not header.order else _binary(contents, header)
    if rows.vertices is None:
        raise Unreadable("its header names no vertices with x, y and z; save the scan again")
    counted: dict[int, int] = {}
    for corners in rows.polygons:
        counted[corners.shape[1]] = counted.get(corners.shape[1], 0) + len(corners)
    triangles = [fans_of(corners) for corners in rows.polygons if corners.shape[1] >= 3]
    faces = np.concatenate(triangles) if triangles else no_faces()
    return Contents(
        vertices=rows.vertices,
        faces=faces,
        normals=None if len(faces) else rows.normals,
        unit=unit_said(header.remarks),
        notes=polygon_notes(counted),
    )


@dataclass(slots=True, kw_only=True)
class _Rows:
    """What has been read so far."""

    vertices: Float | None = None
    normals: Float | None = None
    polygons: Polygons


def _header_of(contents: bytes) -> _Header:
    begins = _BEGINS.match(contents)
    if begins is None:
        raise Unreadable("does not begin as a PLY does; save the scan again")
    line_end = begins.group(1)
    stop = contents.find(b"end_header", 0, LONGEST_HEADER)
    end = contents.find(line_end, stop, LONGEST_HEADER + 100) if stop >= 0 else -1
    if end < 0:
        raise Unreadable("its header has no end, or is cut short; save the scan again")
    order: str | None = None
    elements: list[tuple[str, int, list[Property]]] = []
    remarks: list[str] = []
    for line in contents[begins.end() : stop].decode("ascii", "replace").split("\n"):
        words = line.split()
        match words:
            case []:
                pass
            case ["format", form, *_] if form in _ORDERS:
                order = _ORDERS[form]
            case ["comment" | "obj_info", *_]:
                remarks.append(" ".join(words[1:]))
            case ["element", name, count]:
                elements.append((name, count_of(count, f"elements {name!r}"), []))
            case ["property", *told] if elements:
                elements[-1][2].append(_property_of(told))
            case _:
                raise Unreadable(f"its header has a strange line, {line[:40]!r}; save it again")
    if order is None:
        raise Unreadable("its header does not say which format follows; save the scan again")
    if sum(len(properties) for *_, properties in elements) > MOST_PROPERTIES:
        raise Unreadable(f"its header names more than {MOST_PROPERTIES} properties; save it again")
    return _Header(
        order=order,
        elements=tuple(
            Element(name=name, count=count, properties=tuple(properties))
            for name, count, properties in elements
        ),
        remarks=tuple(remarks),
        size=end + len(line_end),
    )


def _property_of(told: list[str]) -> Property:
    match told:
        case ["list", count_kind, kind, name] if count_kind in _KINDS and kind in _KINDS:
            if _KINDS[count_kind][0] == "f":
                raise Unreadable(f"its header counts {name[:20]!r} in fractions; save it again")
            return Property(name=name, kind=_KINDS[kind], count_kind=_KINDS[count_kind])
        case [kind, name] if kind in _KINDS:
            return Property(name=name, kind=_KINDS[kind], count_kind=None)
    raise Unreadable(f"its header has a strange property, {' '.join(told)[:40]!r}; save it again")


def _check(element: Element) -> None:
    if element.name == "vertex":
        check_counts(element.count, 0)
        if element.has_lists:
            raise Unreadable("its vertices carry lists; save the scan again")
    if element.name == "tristrips":
        raise Unreadable("its triangles are in strips; save the scan with single faces")
    if element.has_lists and element.count > MOST_TRIANGLES:
        check_counts(0, element.count)


def _take(rows: _Rows, element: Element, table: PlyBytes | PlyNumbers, *, at: int) -> int:
    """Read one element from where it begins; return where it ends."""
    _check(element)
    if not element.properties or element.count == 0:
        return at
    if not element.has_lists:
        columns, end = table.plain(element, at)
        if element.name == "vertex":
            rows.vertices = _places(element, columns, ("x", "y", "z"))
            rows.normals = _places(element, columns, ("nx", "ny", "nz"))
        return end
    polygons, end = table.lists(element, at, element.column(*_CORNERS))
    if element.name == "face":
        rows.polygons.extend(polygons)
    return end


def _places(
    element: Element, columns: list[NDArray[np.generic]], names: tuple[str, str, str]
) -> Float | None:
    found = [element.column(name) for name in names]
    if None in found:
        return None
    return places_of([columns[i] for i in found if i is not None])


def _binary(contents: bytes, header: _Header) -> _Rows:
    return _all(header, PlyBytes(contents, header.order), header.size)


def _letters(contents: bytes, header: _Header) -> _Rows:
    return _all(header, PlyNumbers(numbers_in(text_of(contents[header.size :]))), 0)


def _all(header: _Header, table: PlyBytes | PlyNumbers, at: int) -> _Rows:
    rows = _Rows(polygons=[])
    needed = {"vertex", "face"} & {element.name for element in header.elements}
    for element in header.elements:
        if not needed:
            break  # what comes behind is of no use here
        at = _take(rows, element, table, at=at)
        needed.discard(element.name)
    return rows

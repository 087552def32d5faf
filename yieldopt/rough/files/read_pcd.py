"""PCD: the point clouds of the Point Cloud Library, in letters, binary and compressed."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import (
    LARGEST_FILE,
    Contents,
    Unreadable,
    check_counts,
    no_faces,
    places_of,
)
from yieldopt.rough.files.number_text import count_of, table_in, text_of
from yieldopt.rough.files.scan_unit import unit_said

LONGEST_HEADER = 1 << 14  # bytes
MOST_FIELDS = 256
# Steps of unpacking, at under half a microsecond each: 60 MB of points with five bytes a step.
MOST_STEPS = 12_000_000
_DATA = re.compile(rb"^DATA[ \t]+(\w+)[ \t]*\r?\n", re.MULTILINE)
_KINDS = {"F": "f", "U": "u", "I": "i"}
_SIZES = {"f": (4, 8), "u": (1, 2, 4, 8), "i": (1, 2, 4, 8)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Field:
    name: str
    kind: str  # as numpy calls it
    repeats: int

    @property
    def size(self) -> int:
        return int(self.kind[1]) * self.repeats


def read_pcd(contents: bytes) -> Contents:
    """Read a PCD. The viewpoint of the scanner is not looked at: it moves nothing.

    Raises
    ------
    Unreadable
        If it is none, or holds less than its header states.
    """
    data = _DATA.search(contents, 0, LONGEST_HEADER)
    if data is None:
        raise Unreadable("its header has no line that says DATA; save the scan again")
    head = contents[: data.start()].decode("ascii", "replace")
    told: dict[str, list[str]] = {}
    for line in head.splitlines():
        words = line.split()
        if words and not words[0].startswith("#"):
            told[words[0]] = words[1:]
    fields = _fields_of(told)
    count = _points_of(told)
    check_counts(count, 0)
    body = contents[data.end() :]
    match data.group(1).lower():
        case b"ascii":
            columns = _letters(body, fields, count)
        case b"binary":
            columns = _binary(body, fields, count)
        case b"binary_compressed":
            columns = _compressed(body, fields, count)
        case _:
            raise Unreadable("its data is none of ascii, binary, binary_compressed; save it again")
    vertices = _triple(columns, ("x", "y", "z"))
    if vertices is None:
        raise Unreadable("its header names no x, y and z; save the scan again")
    remarks = [line for line in head.splitlines() if line.lstrip().startswith("#")]
    return Contents(
        vertices=vertices,
        faces=no_faces(),
        normals=_triple(columns, ("normal_x", "normal_y", "normal_z")),
        unit=unit_said(remarks),
    )


def _fields_of(told: dict[str, list[str]]) -> list[_Field]:
    names = told.get("FIELDS", [])
    sizes, types = told.get("SIZE", []), told.get("TYPE", [])
    repeats = told.get("COUNT", ["1"] * len(names))
    if not (
        0 < len(names) <= MOST_FIELDS and len(names) == len(sizes) == len(types) == len(repeats)
    ):
        raise Unreadable("its header does not tell the size and type of each field; save it again")
    fields = []
    for name, size, kind, repeat in zip(names, sizes, types, repeats, strict=True):
        letter, width = _KINDS.get(kind, "?"), count_of(size, "bytes")
        many = count_of(repeat, "numbers in a field")
        if width not in _SIZES.get(letter, ()) or many > LARGEST_FILE:
            raise Unreadable(f"its header has a strange field, {name[:20]!r}; save the scan again")
        fields.append(_Field(name=name, kind=f"{letter}{width}", repeats=many))
    return fields


def _points_of(told: dict[str, list[str]]) -> int:
    if told.get("POINTS"):
        return count_of(told["POINTS"][0], "points")
    if told.get("WIDTH") and told.get("HEIGHT"):
        return count_of(told["WIDTH"][0], "columns") * count_of(told["HEIGHT"][0], "rows")
    raise Unreadable("its header does not say how many points follow; save the scan again")


def _check_room(count: int, room: int) -> None:
    if count > room:
        raise Unreadable(
            f"cut short or damaged: the header states {count} points, the file has room for"
            f" {room}; save the scan again"
        )


_Columns = dict[str, NDArray[np.generic]]


def _triple(columns: _Columns, names: tuple[str, str, str]) -> Float | None:
    if not all(name in columns for name in names):
        return None
    return places_of([columns[name] for name in names])


def _letters(body: bytes, fields: list[_Field], count: int) -> _Columns:
    table = table_in(text_of(body), sum(field.repeats for field in fields))
    _check_room(count, len(table))
    columns: _Columns = {}
    at = 0
    for field in fields:
        if field.repeats == 1:
            columns[field.name] = table[:count, at]
        at += field.repeats
    return columns


def _binary(body: bytes, fields: list[_Field], count: int) -> _Columns:
    row = sum(field.size for field in fields)
    _check_room(count, len(body) // row if row else 0)
    letters = np.frombuffer(body, dtype=np.uint8, count=count * row).reshape(count, row)
    columns: _Columns = {}
    at = 0
    for field in fields:
        if field.repeats == 1:
            part = np.ascontiguousarray(letters[:, at : at + field.size])
            columns[field.name] = part.view("<" + field.kind)[:, 0]
        at += field.size
    return columns


def _compressed(body: bytes, fields: list[_Field], count: int) -> _Columns:
    """Read fields one behind the other, all together packed by LZF."""
    packed, wanted = int.from_bytes(body[:4], "little"), int.from_bytes(body[4:8], "little")
    if len(body) < 8 or packed > len(body) - 8:
        raise Unreadable("cut short: less is there than the packed points; save the scan again")
    if wanted != count * sum(field.size for field in fields):
        raise Unreadable("its packed points are not as many as stated; save the scan again")
    # A step of three bytes gives 264 at most.
    _check_room(count, count if wanted <= 88 * packed and wanted <= LARGEST_FILE else 0)
    plain = unpack_lzf(body[8 : 8 + packed], wanted)
    columns: _Columns = {}
    at = 0
    for field in fields:
        end = at + count * field.size
        if field.repeats == 1:
            columns[field.name] = np.frombuffer(plain[at:end], dtype="<" + field.kind)
        at = end
    return columns


def unpack_lzf(packed: bytes, wanted: int) -> bytes:
    """Return what LZF packed into so many bytes.

    A step begins with a byte c: under 32, c + 1 bytes follow as they are; else c >> 5 plus 2
    bytes (7: plus the next byte) are repeated from ((c & 31) << 8) + next byte + 1 before.

    Raises
    ------
    Unreadable
        If it does not give as many bytes as wanted.

    References
    ----------
    .. [1] Lehmann, M. LibLZF, lzf_d.c
    """
    out = bytearray()
    at, end = 0, len(packed)
    for _ in range(MOST_STEPS):
        if at >= end or len(out) > wanted:
            break
        code = packed[at]
        at += 1
        if code < 32:
            out += packed[at : at + code + 1]
            at += code + 1
            continue
        length = code >> 5
        if length == 7 and at < end:
            length += packed[at]
            at += 1
        length += 2
        back = ((code & 31) << 8) + (packed[at] if at < end else 0) + 1
        at += 1
        start = len(out) - back
        if start < 0:
            raise Unreadable("its packed points are damaged; save the scan again")
        if back >= length:
            out += out[start : start + length]
        else:  # it repeats what it writes
            piece = bytes(out[start:])
            out += (piece * (length // back + 1))[:length]
    if at != end or len(out) != wanted:
        raise Unreadable("its packed points are damaged, or too many; save the scan again")
    return bytes(out)

"""STL, both kinds. Each triangle repeats its corners; they are joined where they are equal."""

import re

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import (
    LARGEST_FILE,
    MOST_LINES,
    Contents,
    Unreadable,
    check_counts,
    places_of,
)
from yieldopt.rough.files.number_text import blocks_of, numbers_in
from yieldopt.rough.files.scan_unit import unit_said
from yieldopt.rough.mending.skin import Index

HEADER = 80  # bytes of free text before the count
RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("colour", "<u2")])
_MIXER = np.uint64(0x9E3779B97F4A7C15)
_CALLS = re.compile(rb"\s*solid\b", re.IGNORECASE)


def read_stl(contents: bytes) -> Contents:
    """Read an STL.

    It is binary when its length is what the count at its head asks for (some binary files begin
    with "solid" as those in letters do). Stated normals are not read: the winding tells them.

    Raises
    ------
    Unreadable
        If it is cut short or no STL.
    """
    start = HEADER + 4
    count = int.from_bytes(contents[HEADER:start], "little") if len(contents) >= start else 0
    wanted = start + count * RECORD.itemsize
    # A last line end or some zeros behind the last triangle are common and harmless.
    if count and wanted <= len(contents) < wanted + RECORD.itemsize:
        return _binary(contents, count)
    if _CALLS.match(contents):
        return _letters(contents)
    if len(contents) < start:
        raise Unreadable("too short for an STL; save the scan again")
    held = (len(contents) - start) // RECORD.itemsize
    raise Unreadable(
        f"cut short or damaged: the header states {count} triangles, the file has room for {held};"
        " save the scan again"
    )


def _binary(contents: bytes, count: int) -> Contents:
    check_counts(0, count)
    records = np.frombuffer(contents, dtype=RECORD, count=count, offset=HEADER + 4)
    corners = np.ascontiguousarray(records["corners"], dtype=np.float32).reshape(-1, 3)
    vertices, faces = _joined(corners)
    said = unit_said([contents[:HEADER].decode("ascii", "replace")])
    return Contents(vertices=vertices, faces=faces, unit=said, repeats_corners=True)


def _letters(contents: bytes) -> Contents:
    """Read an STL in letters, block by block."""
    if b"\n" not in contents:
        contents = contents.replace(b"\r", b"\n")
    if len(contents) > LARGEST_FILE or contents.count(b"\n") > MOST_LINES:
        raise Unreadable(f"more than {MOST_LINES} lines: save it as binary STL")
    parts: list[Float] = []
    facets, corners = 0, 0
    last = b""
    for block in blocks_of(contents):
        lines = [line.strip().lower() for line in block.split(b"\n")]
        chosen = [line[6:] for line in lines if line.startswith(b"vertex")]
        facets += sum(line.startswith(b"endfacet") for line in lines)
        corners += len(chosen)
        check_counts(0, corners // 3)
        numbers = numbers_in(b"\n".join(chosen))
        if len(numbers) != 3 * len(chosen):
            raise Unreadable("a vertex without three numbers; save the scan again")
        parts.append(numbers)
        last = next((line for line in reversed(lines) if line), last)
    if corners == 0:
        raise Unreadable("no triangles in it, or cut short; save the scan again")
    if corners != 3 * facets or not last.startswith(b"endsolid"):
        raise Unreadable(
            f"cut short or damaged: {corners} vertices in {facets} facets, and the last line"
            " is not 'endsolid'; save the scan again"
            if not last.startswith(b"endsolid")
            else f"{corners} vertices in {facets} facets, which are no triangles;"
            " save the scan again"
        )
    vertices, faces = _joined(np.concatenate(parts).reshape(-1, 3))
    said = unit_said([contents[:HEADER].split(b"\n")[0].decode("ascii", "replace")])
    return Contents(vertices=vertices, faces=faces, unit=said, repeats_corners=True)


def _joined(corners: NDArray[np.float32] | Float) -> tuple[Float, Index]:
    """Join corners (3 k, 3), owned by the caller, that are equal to the last bit.

    As `skin.join_vertices`, in the numbers' own width: 12 million corners as doubles would take
    1.4 GB on the way, these take 0.5.
    """
    with np.errstate(all="ignore"):  # a damaged file's numbers may be none
        corners += 0.0  # -0.0 becomes 0.0: the same place
    width = np.uint32 if corners.dtype == np.float32 else np.uint64
    bits: NDArray[np.unsignedinteger] = corners.view(width)
    hashes = np.zeros(len(corners), dtype=np.uint64)
    for axis in range(3):
        hashes ^= bits[:, axis]
        hashes *= _MIXER  # wraps around, as a hash may
        hashes ^= hashes >> np.uint64(29)
    order = np.argsort(hashes, kind="stable")
    hashes = hashes[order]
    hash_new = np.ones(len(order), dtype=bool)
    hash_new[1:] = hashes[1:] != hashes[:-1]
    del hashes
    new = _differ_from_last(corners, order)
    if not np.array_equal(new, hash_new):
        order = np.lexsort(corners.T)  # two places with one hash: never seen, but must not split
        new = _differ_from_last(corners, order)
    first = order[new]  # the sort is stable: the first of equals stands first
    rank = np.empty(len(first), dtype=np.int64)
    by_place = np.argsort(first)
    rank[by_place] = np.arange(len(first))
    group = np.cumsum(new) - 1
    faces = np.empty(len(order), dtype=np.int64)
    faces[order] = rank[group]
    return places_of(corners[first[by_place]].T), faces.reshape(-1, 3)


def _differ_from_last(
    corners: NDArray[np.float32] | Float, order: NDArray[np.int64]
) -> NDArray[np.bool_]:
    new = np.ones(len(order), dtype=bool)
    new[1:] = False
    for axis in range(3):
        ordered = corners[order, axis]
        new[1:] |= ordered[1:] != ordered[:-1]
    return new

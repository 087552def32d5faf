"""OBJ: vertices and faces; groups, materials and textures are not looked at."""

import re

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import (
    Contents,
    Unreadable,
    check_counts,
    fans_of,
    no_faces,
    polygon_notes,
)
from yieldopt.rough.files.number_text import blocks_of, rows_in, text_of, whole
from yieldopt.rough.files.scan_unit import unit_said
from yieldopt.rough.mending.skin import Index

REMARKS = 1 << 14  # bytes at the head in which remarks may name a unit
_TEXTURES = re.compile(rb"/[^\s]*")
_VERTEX, _FACE = (b"v ", b"v\t"), (b"f ", b"f\t")


def read_obj(contents: bytes) -> Contents:
    """Read an OBJ; without faces its vertices are a cloud.

    Raises
    ------
    Unreadable
        If it is none or cut short.
    """
    text = text_of(contents)
    remarks = re.findall(rb"^\s*#(.*)$", text[:REMARKS], re.MULTILINE)
    if b"\\\n" in text:
        text = text.replace(b"\\\n", b" ")
    vertices: list[Float] = []
    faces: list[Index] = []
    counted: dict[int, int] = {}
    n_vertices, n_faces = 0, 0
    for block in blocks_of(text):
        lines = [line.strip() for line in block.split(b"\n")]
        places = _places([line[2:] for line in lines if line.startswith(_VERTEX)])
        polygons = _polygons(lines, n_vertices)
        n_vertices += len(places)
        vertices.append(places)
        for polygon in polygons:
            corners = polygon.shape[1]
            counted[corners] = counted.get(corners, 0) + len(polygon)
            n_faces += len(polygon) * max(corners - 2, 0)
            check_counts(n_vertices, n_faces)
            if corners >= 3:
                faces.append(fans_of(polygon))
        check_counts(n_vertices, n_faces)
    if not n_vertices:
        raise Unreadable("no vertices in it, or cut short; save the scan again")
    return Contents(
        vertices=np.concatenate(vertices),
        faces=np.concatenate(faces) if faces else no_faces(),
        unit=unit_said(remark.decode("ascii", "replace") for remark in remarks),
        notes=polygon_notes(counted),
    )


def _places(lines: list[bytes]) -> Float:
    """Return the places of vertex lines; behind the three numbers a weight or a colour may stand.

    Raises
    ------
    Unreadable
        If a line has fewer than three numbers.
    """
    if not lines:
        return np.zeros((0, 3))
    values, counts = rows_in(b"\n".join(lines))
    if len(counts) != len(lines) or counts.min() < 3:
        raise Unreadable("a vertex without three numbers, or cut short; save the scan again")
    if (counts == counts[0]).all():
        table: Float = values.reshape(len(counts), -1)[:, :3]
        return table
    starts = np.cumsum(counts) - counts
    places: Float = values[starts[:, None] + np.arange(3)]
    return places


def _polygons(lines: list[bytes], n_before: int) -> list[Index]:
    """Return the polygons of face lines, from 0, grouped by their number of corners."""
    chosen = [line[2:] for line in lines if line.startswith(_FACE)]
    if not chosen:
        return []
    joined = b"\n".join(chosen)
    if b"/" in joined:
        joined = _TEXTURES.sub(b"", joined)
    values, counts = rows_in(joined)
    corners = whole(values, "a corner")
    if (corners == 0).any():
        raise Unreadable("a face names corner 0, where they count from 1; save the scan again")
    backward = corners < 0
    if backward.any():  # counted back from the last vertex above the face
        above = np.cumsum([line.startswith(_VERTEX) for line in lines])
        at_face = above[[line.startswith(_FACE) for line in lines]] + n_before
        if len(at_face) != len(counts):
            raise Unreadable("a face without corners, or cut short; save the scan again")
        corners = np.where(backward, corners + np.repeat(at_face, counts) + 1, corners)
        if (corners < 1).any():
            raise Unreadable("a face counts back beyond the first vertex; save the scan again")
    starts = np.cumsum(counts) - counts
    return [
        corners[starts[counts == length][:, None] + np.arange(length)] - 1
        for length in np.unique(counts)
    ]

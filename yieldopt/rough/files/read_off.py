"""OFF in letters, plain or with colours and normals."""

import re

import numpy as np

from yieldopt.rough.files.contents import (
    Contents,
    Unreadable,
    check_counts,
    fans_of,
    no_faces,
    polygon_notes,
)
from yieldopt.rough.files.number_text import count_of, rows_in, text_of, whole
from yieldopt.rough.files.scan_unit import unit_said

_REMARK = re.compile(rb"#([^\n]*)")
# Texture corners, colours and normals may stand before or behind; places come first.
# Spaces are taken possessively: a file of nothing else would be tried over and over.
_BEGINS = re.compile(rb"\s*+(?:ST)?C?N?OFF\b\s*+(BINARY\b\s*+)?(\S++)\s++(\S++)[^\n]*+(?:\n|$)")


def read_off(contents: bytes) -> Contents:
    """Read an OFF; without faces its vertices are a cloud.

    Raises
    ------
    Unreadable
        If it is none, or holds less than its header states.
    """
    text = text_of(contents)
    remarks = []
    if b"#" in text:
        remarks = _REMARK.findall(text, 0, 1 << 14)
        text = _REMARK.sub(b"", text)
    begins = _BEGINS.match(text)
    if begins is None:
        raise Unreadable("does not begin as an OFF does; save the scan again")
    if begins.group(1):
        raise Unreadable("binary OFF is not read; save it as PLY")
    n_vertices = count_of(begins.group(2), "vertices")
    n_faces = count_of(begins.group(3), "faces")
    check_counts(n_vertices, n_faces)
    values, counts = rows_in(text[begins.end() :])
    if len(counts) < n_vertices + n_faces:
        raise Unreadable(
            f"cut short or damaged: {n_vertices} vertices and {n_faces} faces stated,"
            f" {len(counts)} lines there; save the scan again"
        )
    if n_vertices and counts[:n_vertices].min() < 3:
        raise Unreadable("a vertex without three numbers; save the scan again")
    starts = np.cumsum(counts) - counts
    vertices = values[starts[:n_vertices, None] + np.arange(3)]
    heads, room = starts[n_vertices:][:n_faces], counts[n_vertices:][:n_faces]
    lengths = whole(values[heads], "a face's number of corners")
    if (lengths < 0).any() or (lengths >= room).any():
        raise Unreadable("a face has fewer corners than it says; save the scan again")
    check_counts(n_vertices, int(np.maximum(lengths - 2, 0).sum()))
    faces, counted = [no_faces()], {}
    for length in np.unique(lengths).tolist():
        chosen = heads[lengths == length]
        counted[length] = len(chosen)
        if length >= 3:
            corners = values[chosen[:, None] + np.arange(1, length + 1)]
            faces.append(fans_of(whole(corners, "a corner")))
    return Contents(
        vertices=vertices,
        faces=np.concatenate(faces),
        unit=unit_said(remark.decode("ascii", "replace") for remark in remarks),
        notes=polygon_notes(counted),
    )

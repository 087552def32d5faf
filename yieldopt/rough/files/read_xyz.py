"""XYZ: a cloud as lines of numbers, three for the place, three more for a normal or a colour."""

import re

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import Contents, Unreadable, no_faces
from yieldopt.rough.files.number_text import LETTERS_SHOWN, table_in, text_of
from yieldopt.rough.files.scan_unit import unit_said

UNIT_LENGTH = 0.05  # by which a normal's length may differ from 1: some are written with 2 digits
HEAD = 1 << 14  # bytes in which remarks may name a unit
_REMARK = re.compile(rb"(?:#|//)([^\n]*)")
_BETWEEN = bytes.maketrans(b",;", b"  ")


def read_xyz(contents: bytes) -> Contents:
    """Read a cloud in letters: spaces, commas or semicolons between numbers.

    A first line may hold the number of points, or the columns' names. Columns 4 to 6, or 7 to 9,
    are normals where they are of length 1.

    Raises
    ------
    Unreadable
        If lines hold other things than numbers, or not equally many.
    """
    text = text_of(contents)
    remarks: list[bytes] = []
    if b"#" in text or b"//" in text:
        remarks = _REMARK.findall(text, 0, HEAD)
        text = _REMARK.sub(b"", text)
    text = text.translate(_BETWEEN)
    first, _, rest = text.lstrip().partition(b"\n")
    words = first.split()
    is_count = len(words) == 1 and words[0].isdigit()
    is_names = [word.strip(b'"').lower() for word in words[:3]] == [b"x", b"y", b"z"]
    table = table_in(rest if is_count or is_names else text, 3)
    if not len(table):
        raise Unreadable("no points in it; save the scan again")
    if is_count and int(words[0][:LETTERS_SHOWN]) != len(table):
        raise Unreadable(
            f"cut short or damaged: the first line states {words[0][:LETTERS_SHOWN].decode()}"
            f" points, {len(table)} are there; save the scan again"
        )
    said = unit_said(remark.decode("ascii", "replace") for remark in remarks)
    return Contents(
        vertices=table[:, :3].copy(), faces=no_faces(), normals=_normals(table[:, 3:]), unit=said
    )


def _normals(more: Float) -> Float | None:
    """Return the three columns behind the places that hold directions, if any do."""
    for start in (0, 3):
        chosen = more[:, start : start + 3]
        if chosen.shape[1] == 3 and np.isfinite(chosen).all() and np.abs(chosen).max() <= 2.0:
            lengths = np.linalg.norm(chosen, axis=1)
            if (np.abs(lengths - 1.0) < UNIT_LENGTH).all():
                return chosen.copy()
    return None

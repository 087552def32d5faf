"""What a scan file holds before anything is made of it, and how much of it is let in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.skin import Index

# Limits that keep a scan under 2 GB. Of 4 million triangles, reading takes 0.4 GB (PLY) or 0.8
# (STL), mending 2.9; of 2.5 million all stays under 2 GB.
LARGEST_FILE = 512 << 20  # bytes: 4 million triangles of a binary STL are 200 MB
LARGEST_TEXT = 192 << 20  # bytes in letters, held up to three times on the way
MOST_LINES = 30_000_000  # a line of text takes some 0.2 microseconds: 4 million triangles of STL
MOST_TRIANGLES = 4_000_000
MOST_VERTICES = 6_000_000  # in a file, joined or not; a closed mesh has half as many as triangles
FARTHEST = 1e12  # beyond, squares and cubes of coordinates leave the range of a double


class Unreadable(Exception):  # noqa: N818 - it is no fault of the program's
    """A file that cannot be read: what is wrong and what to do, a phrase without the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What stands in a scan file, in its own unit: a mesh, or a cloud where no triangles are.

    Parameters
    ----------
    vertices, faces
        (n, 3) and (k, 3) numbers of corners; k is 0 for a cloud.
    normals
        (n, 3), of a cloud where they are told; of any length.
    unit
        What the file itself says one unit is (mm, cm, m, in).
    usual_unit
        What it is by the format's rules, where the file says nothing.
    notes
        What was left out or turned while reading, a sentence each.
    repeats_corners
        True where the format has no other way than to repeat each vertex in each triangle.
    """

    vertices: Float
    faces: Index
    normals: Float | None = None
    unit: str | None = None
    usual_unit: str | None = None
    notes: tuple[str, ...] = ()
    repeats_corners: bool = False


def places_of(columns: Sequence[NDArray[Any]] | NDArray[Any]) -> Float:
    """Return columns of numbers of any kind as (n, columns) doubles.

    A damaged file holds numbers that are none, of which some warn when they are turned.
    """
    with np.errstate(all="ignore"):
        return np.column_stack([column.astype(np.float64) for column in columns])


def no_faces() -> Index:
    """Return the faces of a cloud."""
    return np.zeros((0, 3), dtype=np.int64)


def check_counts(vertices: int, triangles: int) -> None:
    """Refuse counts, of a header or so far, that would not fit the memory; O(1).

    Raises
    ------
    Unreadable
        If there are more than are read.
    """
    for count, most, noun in (
        (triangles, MOST_TRIANGLES, "triangles"),
        (vertices, MOST_VERTICES, "vertices"),
    ):
        if count > most:
            raise Unreadable(
                f"{count} {noun}, where up to {most} are read:"
                " thin the mesh out in the scanner's software"
            )


def fans_of(polygons: Index) -> Index:
    """Return polygons (k, c) as triangles (k (c - 2), 3): fans from their first corners."""
    if polygons.shape[1] == 3:
        return np.asarray(polygons, dtype=np.int64)
    first = np.broadcast_to(polygons[:, :1], polygons[:, 2:].shape)
    fans = np.stack([first, polygons[:, 1:-1], polygons[:, 2:]], axis=2)
    return np.asarray(fans.reshape(-1, 3), dtype=np.int64)


def polygon_notes(by_corners: dict[int, int]) -> tuple[str, ...]:
    """Say how many polygons, counted by their corners, were no triangles."""
    large = sum(count for corners, count in by_corners.items() if corners > 3)
    small = sum(count for corners, count in by_corners.items() if corners < 3)
    notes = []
    if large:
        faces = "face" if large == 1 else "faces"
        notes.append(f"{large} {faces} of more than three corners cut into triangles")
    if small:
        faces = "face" if small == 1 else "faces"
        notes.append(f"{small} {faces} of fewer than three corners left out")
    return tuple(notes)


def checked(found: Contents) -> Contents:
    """Return contents whose numbers a rough may be made of; a cloud's bad points are dropped.

    Raises
    ------
    Unreadable
        If nothing is in it, a corner is not there, or a mesh has a vertex that is no place.
    """
    check_counts(0 if found.repeats_corners else len(found.vertices), len(found.faces))
    if not len(found.vertices):
        raise Unreadable("no triangles in it, or cut short; save the scan again")
    bad: NDArray[np.bool_] = np.asarray(~np.isfinite(found.vertices).all(axis=1))
    n_bad = int(bad.sum())
    if not len(found.faces):
        found, n_bad = _sound_normals(_without(found, bad)), 0
    elif found.faces.min() < 0 or found.faces.max() >= len(found.vertices):
        wrong = found.faces.max() if found.faces.min() >= 0 else found.faces.min()
        raise Unreadable(
            f"a triangle names corner {wrong} of {len(found.vertices)}; save the scan again"
        )
    if n_bad:
        raise Unreadable(
            f"{n_bad} of {len(found.vertices)} vertices are not numbers (NaN or infinite);"
            " clean the mesh in the scanner's software"
        )
    farthest = max(float(found.vertices.max()), -float(found.vertices.min()))
    if farthest > FARTHEST:
        raise Unreadable(f"a vertex lies at {farthest:.3g}, where no stone is; save the scan again")
    return found


def _sound_normals(cloud: Contents) -> Contents:
    """Return a cloud without its normals where some are no directions."""
    # Written so that NaN counts as large.
    if cloud.normals is None or bool((np.abs(cloud.normals) <= FARTHEST).all()):
        return cloud
    note = "normals in the file are no directions: left out"
    return replace(cloud, normals=None, notes=(*cloud.notes, note))


def _without(cloud: Contents, bad: NDArray[np.bool_]) -> Contents:
    """Return a cloud less the points that are no places: scanners write them for what they miss."""
    if not bad.any():
        return cloud
    if bad.all():
        raise Unreadable("no point in it is a number; save the scan again")
    return replace(
        cloud,
        vertices=cloud.vertices[~bad],
        normals=None if cloud.normals is None else cloud.normals[~bad],
        notes=(*cloud.notes, f"{int(bad.sum())} of {len(bad)} points that are no numbers left out"),
    )

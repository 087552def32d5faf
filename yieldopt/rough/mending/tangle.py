"""Skins in which everything lies beside everything: refused before they are looked through.

Mending looks at pairs of triangles that may cross. On a stone each has some dozens in reach. With
corners in a wrong order, noise wider than the triangles, or thousands of slivers as long as the
stone, each has thousands, and pairs take minutes and gigabytes.

Legend: a level holds triangles of one size, to a factor of two, as `crossings` has them; in cells
of that size the pairs are those of its triangles with all that are no larger.
"""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import Unreadable
from yieldopt.rough.mending.skin import Index

MOST_PAIRS = 10_000_000  # in any mesh: some ten seconds to look through
MOST_A_TRIANGLE = 40  # pairs on average in a larger one; scans of stones have 6 to 15
MOST_AREA = 30.0  # of the box round the stone: a stone has 0.5 to 1, a mesh of noise 5
ROWS = 1 << 18  # triangles measured at a time
FINEST = 20  # levels: cells of a millionth of the stone


def refuse_tangle(vertices: Float, faces: Index) -> None:
    """Refuse triangles (k, 3) of which too many lie beside each other; O(k log k).

    Raises
    ------
    Unreadable
        If looking for crossings would take too long.
    """
    area = _area(vertices, faces) / max(_box_area(vertices), np.finfo(float).tiny)
    if area > MOST_AREA:
        raise Unreadable(
            f"its triangles have {area:.0f} times the surface of the box round them: their corners"
            " are out of order; save the scan again"
        )
    pairs = pairs_in_reach(vertices, faces)
    if pairs > max(MOST_PAIRS, MOST_A_TRIANGLE * len(faces)):
        raise Unreadable(
            f"its triangles lie through each other or are long slivers ({pairs / len(faces):.0f} in"
            " reach of each, where a stone has some dozens): mesh the scan again in the scanner's"
            " software"
        )


def pairs_in_reach(vertices: Float, faces: Index) -> int:
    """Return about how many pairs of triangles lie in one cell; 0 where that cannot be many."""
    if len(faces) ** 2 <= MOST_PAIRS:
        return 0
    start = vertices.min(axis=0)
    span = float(np.ptp(vertices, axis=0).max()) or 1.0
    extent, middle = _boxes(vertices, faces, start, span)
    level = np.zeros(len(faces), dtype=np.int8)  # a cell has the side 2 ** -level
    has_size = extent > 2.0**-FINEST
    level[has_size] = np.floor(-np.log2(extent[has_size]))
    level[~has_size] = FINEST
    pairs = 0
    for step in np.unique(level).tolist():
        here = level >= step
        own = level[here] == step
        if int(own.sum()) * int(here.sum()) <= MOST_PAIRS // FINEST:
            continue
        cells = np.floor(middle[here] * 2.0**step).astype(np.int64)
        keys = (cells[:, 0] << 42) | (cells[:, 1] << 21) | cells[:, 2]
        _, cell = np.unique(keys, return_inverse=True)
        pairs += int(np.bincount(cell) @ np.bincount(cell[own], minlength=int(cell.max()) + 1))
    return pairs


def _area(vertices: Float, faces: Index) -> float:
    total = 0.0
    for start in range(0, len(faces), ROWS):
        a, b, c = vertices[faces[start : start + ROWS]].transpose(1, 0, 2)
        total += float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum()) / 2.0
    return total


def _box_area(vertices: Float) -> float:
    """Return the surface of the box, as if it were at least a tenth as thick as it is long."""
    x, y, z = np.maximum(np.ptp(vertices, axis=0), 0.1 * np.ptp(vertices, axis=0).max())
    return 2.0 * float(x * y + y * z + z * x)


def _boxes(vertices: Float, faces: Index, start: Float, span: float) -> tuple[Float, Float]:
    """Return each triangle's longest side along an axis and its middle, the whole being 1."""
    extent = np.zeros(len(faces))
    middle: Float = np.empty((len(faces), 3))
    for axis in range(3):
        column = (vertices[:, axis] - start[axis]) / span
        a, b, c = (column[faces[:, corner]] for corner in range(3))
        low, high = np.minimum(np.minimum(a, b), c), np.maximum(np.maximum(a, b), c)
        np.maximum(extent, high - low, out=extent)
        middle[:, axis] = (low + high) / 2.0
    return extent, middle

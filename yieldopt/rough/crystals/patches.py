"""The skin as some thousand patches: what is coarser than a scan's noise and finer than a face.

Legend: a triangle's vector area is its area times its normal. The sum over a patch depends on the
patch's rim alone, so that the noise of the vertices inside drops out; the sum of the plain areas
grows with the noise (a scan of 0.1 mm edges and 0.05 mm of noise has a fifth too much skin).
"""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.skin import Index
from yieldopt.rough.rough import Rough

CHUNK = 200_000  # triangles at a time: a scan of millions takes no more memory than one of these
# Noise makes skin: with this much less of it, in length, seen by the patches, they are made again.
CRUMPLED = 0.9
# The grid stands askew to the scan's axes, along which made and well-set crystals have their
# faces: a face between two layers of cells would fall apart into its high and its low spots.
_ASKEW = np.linalg.qr(np.array([[2.0, -1.0, 0.7], [0.9, 1.7, -1.1], [-0.3, 1.3, 1.9]]))[0]
_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
_LONGEST_ROUNDS = 60  # each halves the longest edges; 2^30 of them is no scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Patches:
    """Pieces of the skin, about `spacing` across.

    Parameters
    ----------
    origin
        (3,) mm, in the scan's frame; what stands below is measured from here.
    spacing
        Side of the grid's cells, mm.
    sums
        (n, 13): plain area; first moment (3); vector area (3); second moments xx yy zz xy xz yz.
    """

    origin: Float
    spacing: float
    sums: Float

    @property
    def centres(self) -> Float:
        """(n, 3) mm, of the skin's mass."""
        return centres_of(self.sums)

    @property
    def vectors(self) -> Float:
        """(n, 3) mm2, vector areas."""
        out: Float = self.sums[:, 4:7]
        return out


def patches_of(rough: Rough, *, number: int) -> Patches:
    """Return the skin in patches, about so many (half as many again where it is curved).

    Long triangles are shared out among the cells they cross. O(triangles + patches).
    """
    origin = rough.vertices.mean(axis=0)
    spacing = float(np.sqrt(rough.area / number))
    sums = _patched(rough, origin, spacing)
    smooth = float(np.sqrt(np.linalg.norm(sums[:, 4:7], axis=1).sum() / number))
    if smooth < CRUMPLED * spacing:
        spacing = smooth
        sums = _patched(rough, origin, spacing)
    return Patches(origin=origin, spacing=spacing, sums=sums)


def centres_of(sums: Float) -> Float:
    """Return the centres of mass (n, 3) of sums (n, 13)."""
    out: Float = sums[:, 1:4] / sums[:, :1]
    return out


def scatters_of(sums: Float) -> Float:
    """Return the mean square spread (n, 3, 3) mm2 of sums (n, 13) about their centres."""
    centres = centres_of(sums)
    out = np.empty((len(sums), 3, 3))
    for column, (i, j) in enumerate(_PAIRS):
        out[:, i, j] = sums[:, 7 + column] / sums[:, 0] - centres[:, i] * centres[:, j]
        out[:, j, i] = out[:, i, j]
    return out


def neighbours_of(centres: Float, radius: float) -> "tuple[Index, Index]":
    """Return all pairs (one, other) of patches within a radius, each both ways, none with itself.

    Ordered by their numbers.
    """
    from scipy.spatial import cKDTree

    pairs = cKDTree(centres).query_pairs(radius, output_type="ndarray")
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    return both[:, 0].astype(np.int64), both[:, 1].astype(np.int64)


def gathered(sums: Float, one: Index, other: Index) -> Float:
    """Return each patch's sums (n, 13) with those of its neighbours added."""
    from scipy.sparse import coo_array

    links = coo_array((np.ones(len(one)), (one, other)), shape=(len(sums),) * 2).tocsr()
    out: Float = sums + links @ sums
    return out


def _patched(rough: Rough, origin: Float, spacing: float) -> Float:
    """Return the sums (n, 13) of the skin's patches on a grid."""
    keys, sums = [], []
    for start in range(0, len(rough.faces), CHUNK):
        corners = rough.vertices[rough.faces[start : start + CHUNK]] - origin
        key, total = _summed(*_in_cells(_halved(corners, spacing), spacing))
        keys.append(key)
        sums.append(total)
    _, all_sums = _summed(np.concatenate(keys), np.concatenate(sums))
    return all_sums[all_sums[:, 0] > 0.0]


def _halved(corners: Float, longest: float) -> Float:
    """Return triangles (k, 3, 3) halved at their longest edges until none is longer, in mm."""
    done = []
    rest = corners
    for _ in range(_LONGEST_ROUNDS):
        sides = np.linalg.norm(np.roll(rest, -1, axis=1) - rest, axis=2)
        long = sides.max(axis=1) > longest
        done.append(rest[~long])
        if not long.any():
            break
        rest, sides = rest[long], sides[long]
        turn = (sides.argmax(axis=1)[:, None] + np.arange(3)) % 3
        a, b, c = np.take_along_axis(rest, turn[:, :, None], axis=1).transpose(1, 0, 2)
        middle = (a + b) / 2.0
        rest = np.concatenate([np.stack([a, middle, c], 1), np.stack([middle, b, c], 1)])
    return np.concatenate(done)


def _in_cells(corners: Float, spacing: float) -> tuple[Index, Float]:
    """Return each triangle's cell and its sums (k, 13)."""
    a, b, c = corners.transpose(1, 0, 2)
    vectors = np.cross(b - a, c - a) / 2.0
    areas = np.linalg.norm(vectors, axis=1)
    total = a + b + c
    sums = np.empty((len(corners), 13))
    sums[:, 0] = areas
    sums[:, 1:4] = areas[:, None] * total / 3.0
    sums[:, 4:7] = vectors
    for column, (i, j) in enumerate(_PAIRS):
        squares = a[:, i] * a[:, j] + b[:, i] * b[:, j] + c[:, i] * c[:, j]
        sums[:, 7 + column] = areas * (squares + total[:, i] * total[:, j]) / 12.0
    cells = np.floor((total / 3.0) @ _ASKEW / spacing).astype(np.int64) + (1 << 20)
    return (cells[:, 0] << 42) | (cells[:, 1] << 21) | cells[:, 2], sums


def _summed(keys: Index, sums: Float) -> tuple[Index, Float]:
    """Return each key once, rising, and the sums of its rows."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    starts = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
    return keys[starts], np.add.reduceat(sums[order], starts, axis=0)

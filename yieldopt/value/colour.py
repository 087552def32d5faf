"""Where the colour looks and sits: words for a book's factors `colour_direction`, `colour_zone`.

A stone is sold by the colour through its table. Crystals look otherwise along other directions
(tanzanite, tourmaline, corundum): "on" where the table stands as it should, "off" elsewhere. And
colour is often a band: in the culet it fills the whole stone by reflection, a band that crosses
the whole face does nearly as well, one in the table alone shows its edges (cutters' guides; yellow
bands of corundum go to the culet, blue ones across).
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from yieldopt.geometry.arrays import Float, Int, frozen_float, frozen_int
from yieldopt.geometry.polytope import Polytope
from yieldopt.value.zones import CULET

if TYPE_CHECKING:
    from yieldopt.geometry.surface import Surface

ON, OFF = "on", "off"
SAMPLES = 1024  # places of a gem: a share of its volume is good to some 2 %
HALF = 0.5  # of the tip's volume: colour fills it
MOST_OF_FACE = 0.9  # of the face seen from above: colour crosses it
LEAST = 0.01  # of the volume: less colour is none
COLUMNS = 8  # a side: cells of the face in which colour is looked for
BASES = (2, 3, 5)  # of Halton's sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class ColourZone:
    """A convex part of the rough with a colour of its own, a band between two planes mostly.

    Parameters
    ----------
    normals, offsets
        (m, 3) unit, (m,) mm, scan frame: all places with `normals @ x <= offsets`.
    wanted
        Whether the stone should have it.
    """

    normals: Float
    offsets: Float
    wanted: bool = True

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "normals", frozen_float(self.normals, (-1, 3), "normals"))
        object.__setattr__(
            self, "offsets", frozen_float(self.offsets, (len(self.normals),), "offsets")
        )

    def holds(self, places: Float) -> np.ndarray:
        """Tell for places (..., 3) whether they lie in the zone."""
        return np.asarray((places @ self.normals.T <= self.offsets).all(axis=-1))


@dataclass(frozen=True, slots=True, kw_only=True)
class MeshColourZone:
    """A part of the rough with a colour of its own, of any form: all that closed shells hold.

    Parameters
    ----------
    vertices, faces
        (n, 3) mm, scan frame, and (k, 3), each shell outward. Shells may overlap; one inside
        another that is turned inward is a hollow.
    wanted
        Whether the stone should have it.
    """

    vertices: Float
    faces: Int
    wanted: bool = True
    _surface: "Surface" = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Freeze the arrays; build the tree that places are looked up in."""
        from yieldopt.geometry.surface import build_surface

        object.__setattr__(self, "vertices", frozen_float(self.vertices, (-1, 3), "vertices"))
        object.__setattr__(self, "faces", frozen_int(self.faces, (-1, 3), "faces"))
        object.__setattr__(self, "_surface", build_surface(self.vertices[self.faces], 0.0))

    def holds(self, places: Float) -> np.ndarray:
        """Tell for places (..., 3) whether they lie in the zone, by crossings of a ray."""
        from yieldopt.kernels.inside import inside_many
        from yieldopt.kernels.tree import MAX_DEPTH

        low, high = self.vertices.min(axis=0), self.vertices.max(axis=0)
        out = np.asarray(((places >= low) & (places <= high)).all(axis=-1))
        near = np.ascontiguousarray(places[out], dtype=np.float64)
        hit = np.zeros(len(near), dtype=np.uint8)
        stack = np.zeros((2 * MAX_DEPTH, 2), dtype=np.int32)
        inside_many(0, len(near), self._surface.tree, stack, near, hit)
        out[out] = hit == 1
        return out


Zone = ColourZone | MeshColourZone


def table_angles(rotations: Float, axis: Float) -> Float:
    """Return the angle between the table's normal and an axis at each pose, (b,) rad, 0 to pi/2.

    Parameters
    ----------
    rotations
        (b, 3, 3).
    axis
        (3,) unit, scan frame; its sign means nothing.
    """
    out: Float = np.arccos(np.clip(np.abs(rotations[:, :, 2] @ axis), 0.0, 1.0))
    return out


def direction_word(angle: float, low: float, high: float) -> str:
    """Return "on" where an angle stands in [low, high] rad, "off" elsewhere."""
    return ON if low <= angle <= high else OFF


def gem_samples(solid: Polytope, count: int = SAMPLES) -> Float:
    """Return places (n, 3) spread evenly in a gem, mm, n some of `count`; always the same ones.

    They scale with the gem: those of a gem twice as large are twice these.
    """
    low, high = solid.vertices.min(axis=0), solid.vertices.max(axis=0)
    unit = np.column_stack([_halton(count, base) for base in BASES])
    places = low + unit * (high - low)
    inside = np.asarray((places @ solid.normals.T <= solid.offsets).all(axis=1))
    out: Float = places[inside]
    return out


def zone_words(
    zone: Zone, samples: Float, rotations: Float, translations: Float
) -> tuple[str, ...]:
    """Return where a colour sits in a gem, a word a pose.

    Of a wanted colour: "culet" where it fills half of the pavilion's tip, "across" where it crosses
    nine tenths of the face, "table" where it lies above the girdle alone, "missed" where there is
    less than 1 % of it, "patchy" otherwise. Of one that is not wanted: "stained" where the gem
    has 1 % of it, else "" (which is no word of any factor).

    Parameters
    ----------
    zone
        Scan frame.
    samples
        (n, 3) mm of `gem_samples`, gem frame.
    rotations, translations
        (b, 3, 3), (b, 3) mm: poses.
    """
    places = np.einsum("ni,bji->bnj", samples, rotations) + translations[:, None]
    coloured = zone.holds(places)
    share = coloured.mean(axis=1)
    if not zone.wanted:
        return tuple("stained" if part >= LEAST else "" for part in share)
    height = samples[:, 2]
    tip = np.asarray(height < height.min() * (1.0 - CULET))
    cells = _cells(samples[:, :2])
    in_cell = np.eye(cells.max() + 1)[cells]
    crossed = ((coloured.astype(float) @ in_cell) > 0.0) @ in_cell.mean(axis=0)
    below = np.asarray(coloured[:, height < 0.0].any(axis=1))
    in_tip = coloured[:, tip].mean(axis=1) if tip.any() else np.zeros(len(share))
    return tuple(
        "missed" if share[i] < LEAST
        else "culet" if in_tip[i] >= HALF
        else "across" if crossed[i] >= MOST_OF_FACE
        else "patchy" if below[i]
        else "table"
        for i in range(len(share))
    )  # fmt: skip


def _cells(flat: Float) -> np.ndarray:
    """Return the number of the cell of the face that each place (n, 2) is seen in."""
    low, high = flat.min(axis=0), flat.max(axis=0)
    at = np.minimum((flat - low) / (high - low) * COLUMNS, COLUMNS - 1).astype(np.intp)
    return np.unique(at @ [COLUMNS, 1], return_inverse=True)[1]


def _halton(count: int, base: int) -> Float:
    """Return the first numbers of Halton's sequence, (count,) in (0, 1)."""
    left, out, share = np.arange(1, count + 1), np.zeros(count), 1.0
    while left.any():
        share /= base
        out += share * (left % base)
        left = left // base
    return out

"""The parts of a gem that a flaw matters in: under the table, culet, crown, next to the girdle."""

from dataclasses import dataclass, replace

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.polytope import Polytope

CULET = 1.0 / 3.0  # of the pavilion's depth: below, opposite facets repeat a flaw by reflection
GIRDLE = 0.15  # of the half-width: what a setting's rim and claws cover
FLAT_BASE = 0.25  # of the outline's area: a lowest facet this large is a base, not a culet
LEVEL = 1.0 - 1e-9  # cosine: a facet's normal counts as the axis
SAME_SIDE = 9  # decimals in which two half-planes are one: rounding of facets that are aligned
DOME = 0.5  # of the outline: what counts as the table where there is none (a cabochon)


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """Half-spaces of the parts, gem frame, mm.

    Parameters
    ----------
    table_normals, table_offsets
        (t, 2), (t,): the upright prism under the table.
    rim_normals, rim_offsets
        (r, 2), (r,): the prism within the rim next to the girdle.
    culet_below
        Height under which the pavilion's tip begins; minus infinity on a flat base.
    """

    table_normals: Float
    table_offsets: Float
    rim_normals: Float
    rim_offsets: Float
    culet_below: float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for part in ("table", "rim"):
            normals = frozen_float(getattr(self, f"{part}_normals"), (-1, 2), part)
            offsets = frozen_float(getattr(self, f"{part}_offsets"), (len(normals),), part)
            object.__setattr__(self, f"{part}_normals", normals)
            object.__setattr__(self, f"{part}_offsets", offsets)

    def scaled(self, factor: float) -> "Zones":
        """Return the parts of the same gem `factor` times as large."""
        return replace(
            self,
            table_offsets=self.table_offsets * factor,
            rim_offsets=self.rim_offsets * factor,
            culet_below=self.culet_below * factor,
        )


def zones_of(solid: Polytope) -> Zones:
    """Return the parts of a gem, in its own frame (the origin in the middle of the girdle)."""
    outline_normals, outline_offsets = _sides(solid.vertices[:, :2])
    table = _level_facet(solid, 1.0)
    if table is None:
        normals, offsets = outline_normals, outline_offsets * DOME
    else:
        normals, offsets = _sides(solid.vertices[list(solid.loops[table]), :2])
    width = float(np.ptp(solid.vertices[:, :2], axis=0).min())
    lowest = float(solid.vertices[:, 2].min())
    base = _level_facet(solid, -1.0)
    is_flat = base is not None and solid.areas[base] > FLAT_BASE * _area(solid.vertices[:, :2])
    return Zones(
        table_normals=normals,
        table_offsets=offsets,
        rim_normals=outline_normals,
        rim_offsets=outline_offsets - GIRDLE * 0.5 * width,
        culet_below=-float("inf") if is_flat else lowest * (1.0 - CULET),
    )


def _level_facet(solid: Polytope, up: float) -> int | None:
    """Return the half-space that looks along the axis, up or down, and has a facet."""
    found = [j for j in np.flatnonzero(up * solid.normals[:, 2] > LEVEL) if solid.loops[j]]
    return int(found[0]) if found else None


def _sides(points: Float) -> tuple[Float, Float]:
    """Return the half-planes (m, 2), (m,) of the hull of points (n, 2), each once."""
    from scipy.spatial import ConvexHull

    equations = ConvexHull(points).equations
    _, first = np.unique(np.round(equations, SAME_SIDE), axis=0, return_index=True)
    equations = equations[np.sort(first)]
    return equations[:, :2], -equations[:, 2]


def _area(points: Float) -> float:
    """Return the area of the hull of points (n, 2), mm2."""
    from scipy.spatial import ConvexHull

    return float(ConvexHull(points).volume)

"""What a finished stone measures, and how it is turned over to its second dop."""

import math

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.cuts.level import girdle_edges
from yieldopt.cuts.species import pavilion_floor
from yieldopt.geometry.polytope import Polytope
from yieldopt.workshop.reading import read

# mm: sticks that dops are cut from, as sets of them are sold from 3 mm up; between them the table
# is ours. A dop is a little smaller than the stone, so that no facet runs into it.
DOPS = (2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 12.0, 14.0, 16.0, 18.0, 20.0, 25.0)
DOP_SHARE = 0.7  # of the width, at most
LEAST_DOP_SHARE = 0.4  # a thinner one holds no stone at the wheel
BISECTIONS = 50
NO_INDEX = 1.0 + 1e-9  # refractive index of a design that has none


def dop_for(width: float, room: float = math.inf) -> float:
    """Return the diameter of a dop for a stone so wide, where a face has so much room, mm."""
    most = min(DOP_SHARE * width, room)
    return max((d for d in DOPS if d <= most), default=DOPS[0])


def finished_sizes(design: Design) -> dict[str, float]:
    """Return length, width, depth, table, girdle, crown and pavilion, mm, as callipers read them.

    The girdle where it is thinnest; crown and pavilion from its two edges there.
    """
    solid = design.solid
    z = solid.vertices[:, 2]
    low, high = girdle_edges(solid)
    return {
        "length": read(design.length),
        "width": read(design.width),
        "depth": read(design.depth),
        "table": read(_table(design)),
        "girdle": read(max(high - low, 0.0)),
        "crown": read(float(z.max()) - high),
        "pavilion": read(low - float(z.min())),
    }


def ratios_of(design: Design) -> dict[str, float]:
    """Return the ratios that lists are headed by, to a thousandth: L/W T/W P/W C/W H/W Vol/W3."""
    sizes, width = finished_sizes(design), design.width
    low, high = girdle_edges(design.solid)
    z = design.solid.vertices[:, 2]
    return {
        "L/W": round(design.length / width, 3),
        "T/W": round(_table(design) / width, 3) if sizes["table"] else 0.0,
        "P/W": round((low - float(z.min())) / width, 3),
        "C/W": round((float(z.max()) - high) / width, 3),
        "H/W": round(design.depth / width, 3),
        "Vol/W3": round(design.volume / width**3, 3),
    }


def _table(design: Design) -> float:
    """Return how wide the table is across the stone's width, mm."""
    solid = design.solid
    level = np.flatnonzero(solid.normals[:, 2] > 1.0 - 1e-9)
    corners = sorted({v for j in level for v in solid.loops[j]})
    if not corners:
        return 0.0
    across = int(np.ptp(solid.vertices[:, :2], axis=0).argmin())
    return float(np.ptp(solid.vertices[corners, across]))


def windows_below(design: Design) -> float | None:
    """Return the pavilion angle, degrees, below which the stone may window; None without index."""
    if design.refractive_index <= NO_INDEX:
        return None
    return round(math.degrees(pavilion_floor(design.refractive_index)), 2)


def transfer_of(design: Design, *, below_flat: float, culet_up: bool) -> dict[str, float]:
    """Return the second dop, a cone whose rim holds the half that is cut: diameter and length, mm.

    `length` is from the plane of its rim to the flat: what callipers read over both dops' faces.

    Parameters
    ----------
    below_flat
        mm from the flat to the gem's z = 0.
    culet_up
        Whether the flat is over the table, so that the pavilion is cut first.
    """
    dop = dop_for(design.width)
    solid = design.solid
    z = solid.vertices[:, 2] * (1.0 if culet_up else -1.0)
    low, high = float(z.min()), 0.0
    for _ in range(BISECTIONS):
        middle = 0.5 * (low + high)
        fits = _radius(solid, z, middle) <= 0.5 * dop
        low, high = (middle, high) if fits else (low, middle)
    return {"dop": dop, "length": read(below_flat - low)}


def _radius(solid: Polytope, z: np.ndarray, level: float) -> float:
    """Return how far from the axis a level section reaches, mm; 0 below the stone."""
    reach = 0.0
    for loop in solid.loops:
        for a, b in zip(loop, [*loop[1:], *loop[:1]], strict=True):
            if (z[a] <= level) != (z[b] <= level):
                share = (level - z[a]) / (z[b] - z[a])
                point = solid.vertices[a] + share * (solid.vertices[b] - solid.vertices[a])
                reach = max(reach, math.hypot(float(point[0]), float(point[1])))
    return reach

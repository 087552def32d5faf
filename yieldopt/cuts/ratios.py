"""The ratios at the head of a facet list: what a cutter compares designs by."""

from dataclasses import dataclass

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.cuts.level import girdle_edges


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """Shares of the width W; pavilion and crown are measured where the girdle is thinnest.

    Parameters
    ----------
    length, table, pavilion, crown, girdle, depth
        L/W, T/W, P/W, C/W, girdle/W, and H/W from culet to table.
    volume
        Vol/W^3.
    fill
        The volume by that of the box around the stone, Vol/(L W H).
    """

    length: float
    table: float
    pavilion: float
    crown: float
    girdle: float
    depth: float
    volume: float
    fill: float


def ratios(design: Design) -> Ratios:
    """Return a design's ratios; the table is measured along the width, 0 where there is none."""
    solid, width = design.solid, design.width
    pavilion_from, crown_from = girdle_edges(solid)
    across = int(np.argmin(np.ptp(solid.vertices[:, :2], axis=0)))
    tables = [j for tier, facets in design.facet_rows() if tier.side == "table" for j in facets]
    corners = sorted({v for j in tables for v in solid.loops[j]})
    z = solid.vertices[:, 2]
    return Ratios(
        length=design.length / width,
        table=float(np.ptp(solid.vertices[corners, across])) / width if corners else 0.0,
        pavilion=(pavilion_from - float(z.min())) / width,
        crown=(float(z.max()) - crown_from) / width,
        girdle=(crown_from - pavilion_from) / width,
        depth=design.depth / width,
        volume=design.volume / width**3,
        fill=design.volume / (design.length * width * design.depth),
    )

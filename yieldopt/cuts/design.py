"""A cut at given proportions: facets that a workshop can list, and the solid they bound."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.polytope import Polytope, polytope_from_planes

Side = Literal["pavilion", "girdle", "crown", "table"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """Facets that share an angle: one line of a facet list.

    Parameters
    ----------
    name
        The cutter's code: P1, G1, C1, T.
    side
        Which part of the gem it bounds.
    angle
        Slope from the girdle plane, rad, 0 (table) to pi/2 (girdle).
    index
        Teeth of the gear, one a facet; `gear` itself stands for 0.
    note
        How the tier is fixed ("meet P1-G1"), empty when not known.
    """

    name: str
    side: Side
    angle: float
    index: tuple[float, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """A cut at given proportions and size.

    Parameters
    ----------
    name
        Of the cut: "round", or a file's stem.
    gear, location
        Teeth of the index gear (negative: it turns the other way) and the tooth at +y.
    tiers
        In cutting order. The half-spaces of `solid` stand in the order of the tiers'
        facets: tier 0's indices, then tier 1's, and so on.
    solid
        The gem, mm, gem frame: +z out of the table, +y at tooth 0, +x a quarter turn on.
    proportions
        The free numbers it was made from, by name.
    heading, footnotes
        Lines of text of the file it was read from.
    remarks
        What a reader should know: facets of the file that were left out, and why.
    notch
        Half-spaces `[nx, ny, nz, d]`, (k, 4) mm: what of the solid lies in all of them is ground
        out after the last facet (a heart's cleft). Empty where nothing is.
    """

    name: str
    gear: int
    location: float = 0.0
    refractive_index: float
    tiers: tuple[Tier, ...]
    solid: Polytope
    proportions: Mapping[str, float] = field(default_factory=dict)
    heading: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    notch: Float = field(default_factory=lambda: np.empty((0, 4)))

    def __post_init__(self) -> None:
        """Freeze the notch."""
        object.__setattr__(self, "notch", frozen_float(self.notch, (-1, 4), "notch"))

    @property
    def volume(self) -> float:
        """Of the finished stone, mm3: the solid without its notch."""
        return self.solid.volume - self.notch_volume

    @property
    def notch_volume(self) -> float:
        """What the notch takes off the solid, mm3."""
        piece = self.notch_solid()
        return 0.0 if piece is None else piece.volume

    def notch_solid(self) -> Polytope | None:
        """Return what the notch takes off, its own half-spaces last; None where that is nothing."""
        if len(self.notch) == 0:
            return None
        solid = self.solid
        try:
            return polytope_from_planes(
                np.concatenate([solid.normals, self.notch[:, :3]]),
                np.concatenate([solid.offsets, self.notch[:, 3]]),
            )
        except ValueError:  # it does not reach the solid
            return None

    @property
    def length(self) -> float:
        """Extent along x or y, the longer one, mm."""
        return float(np.ptp(self.solid.vertices[:, :2], axis=0).max())

    @property
    def width(self) -> float:
        """Extent along x or y, the shorter one, mm."""
        return float(np.ptp(self.solid.vertices[:, :2], axis=0).min())

    @property
    def depth(self) -> float:
        """Culet to table, mm."""
        return float(np.ptp(self.solid.vertices[:, 2]))

    def facet_rows(self) -> list[tuple[Tier, list[int]]]:
        """Return each tier with the numbers of its half-spaces."""
        rows, start = [], 0
        for tier in self.tiers:
            rows.append((tier, list(range(start, start + len(tier.index)))))
            start += len(tier.index)
        return rows

    def preform(self, allowance: float) -> Polytope:
        """Return the solid with every facet moved out by an allowance (mm), mitred at its edges.

        Half-spaces that carry no facet stay behind: moved out, they would cut into the mitres.
        """
        kept = [j for j, loop in enumerate(self.solid.loops) if loop]
        return polytope_from_planes(self.solid.normals[kept], self.solid.offsets[kept] + allowance)

    def scaled(self, factor: float) -> "Design":
        """Return the same cut `factor` times as large."""
        from dataclasses import replace

        solid = replace(
            self.solid, offsets=self.solid.offsets * factor, vertices=self.solid.vertices * factor
        )
        return replace(self, solid=solid, notch=self.notch * [1.0, 1.0, 1.0, factor])


def facet_normal(side: Side, angle: float, index: float, gear: int, location: float = 0.0) -> Float:
    """Return a facet's outward unit normal (3,) in the gem frame.

    `angle` is the slope from the girdle plane in rad; on the pavilion it looks down.
    """
    azimuth = 2.0 * np.pi * (index - location) / gear
    down = -1.0 if side == "pavilion" else 1.0
    level = np.sin(angle)
    return np.array([level * np.sin(azimuth), level * np.cos(azimuth), down * np.cos(angle)])


__all__ = ["Design", "Side", "Tier", "facet_normal", "polytope_from_planes"]

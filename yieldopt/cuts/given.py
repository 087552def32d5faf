"""Cuts that are given as one design: as it stands, or with its heights let free."""

import math
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from yieldopt.cuts.cut import Proportion
from yieldopt.cuts.design import Design
from yieldopt.cuts.level import UPRIGHT, girdle_edges
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float, Int, frozen_int
from yieldopt.geometry.polytope import polytope_from_planes

STRETCH = {"fine": 0.05, "commercial": 0.10, "native": 0.25}  # of a height, up and down: judgement
LEAST_HEIGHT = 0.01  # of the width: a crown or pavilion lower than this is not worth a stretch
LEVEL_SLACK = 1e-6  # of the width: how far a file's girdle may be out of level and count as level


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedCut:
    """One design, only its size is free.

    Parameters
    ----------
    given
        At any size.
    """

    given: Design
    normals: Float = field(init=False)
    offsets: Float = field(init=False)

    def __post_init__(self) -> None:
        solid = self.given.solid
        object.__setattr__(self, "normals", solid.normals)
        object.__setattr__(self, "offsets", solid.offsets / self.given.width)

    @property
    def name(self) -> str:
        """The design's."""
        return self.given.name

    @property
    def proportions(self) -> tuple[Proportion, ...]:
        """None are free."""
        return ()

    def planes(self, theta: Float) -> tuple[Float, Float]:
        """Return the half-spaces at unit width, once for each row of theta (b, 0)."""
        return np.repeat(self.normals[None], len(theta), 0), np.repeat(
            self.offsets[None], len(theta), 0
        )

    def design(self, theta: Float, width: float) -> Design:
        """Return the design at a width in mm."""
        return self.given.scaled(width / self.given.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class StretchedCut:
    """One design whose crown and pavilion may be stretched along the axis, each for itself.

    The crown stretches from its own lowest point, the pavilion from its highest. Where these
    leave the girdle between them, a taller crown or a deeper pavilion contains a lower one.

    Parameters
    ----------
    given
        At any size; its pavilion ends below where its crown begins.
    proportions
        crown_height, pavilion_depth or both, as shares of the width.
    """

    given: Design
    proportions: tuple[Proportion, ...]
    normals: Float = field(init=False)
    offsets: Float = field(init=False)
    halves: tuple[tuple[Int, float, float], ...] = field(init=False)

    def __post_init__(self) -> None:
        solid, width = self.given.solid, self.given.width
        heights = _heights(self.given)
        of_half = {
            "crown_height": (solid.normals[:, 2] > UPRIGHT, heights.crown_from, heights.crown),
            "pavilion_depth": (
                solid.normals[:, 2] < -UPRIGHT,
                heights.pavilion_from,
                heights.pavilion,
            ),
        }
        halves = []
        for proportion in self.proportions:
            facets, level, height = of_half[proportion.name]
            numbers = frozen_int(np.flatnonzero(facets), (-1,), "facets")
            halves.append((numbers, level, height))
        object.__setattr__(self, "normals", solid.normals)
        object.__setattr__(self, "offsets", solid.offsets / width)
        object.__setattr__(self, "halves", tuple(halves))

    @property
    def name(self) -> str:
        """The design's."""
        return self.given.name

    def planes(self, theta: Float) -> tuple[Float, Float]:
        """Return half-spaces at unit width for proportions (b, p): (b, m, 3) and (b, m)."""
        normals = np.repeat(self.normals[None], len(theta), axis=0)
        offsets = np.repeat(self.offsets[None], len(theta), axis=0)
        for i, (facets, level, height) in enumerate(self.halves):
            rise = self.normals[facets, 2]
            run2 = 1.0 - rise * rise
            stretched = rise * (height / theta[:, i])[:, None]
            shrink = 1.0 / np.sqrt(run2 + stretched * stretched)
            normals[:, facets, :2] *= shrink[:, :, None]
            normals[:, facets, 2] = stretched * shrink
            offsets[:, facets] = (self.offsets[facets] + (stretched - rise) * level) * shrink
        return normals, offsets

    def design(self, theta: Float, width: float) -> Design:
        """Return the design at proportions (p,) and a width in mm, facet list and all."""
        normals, offsets = self.planes(np.asarray(theta, dtype=float)[None])
        tiers = []
        for tier, facets in self.given.facet_rows():
            normal = normals[0, facets[0]]
            level = float(np.hypot(normal[0], normal[1]))
            tilted = tier.side != "girdle" and tier.angle != 0.0
            angle = math.atan2(level, abs(float(normal[2]))) if tilted else tier.angle
            tiers.append(replace(tier, angle=angle))
        values = (float(value) for value in theta)
        return replace(
            self.given,
            tiers=tuple(tiers),
            solid=polytope_from_planes(normals[0], offsets[0] * width),
            proportions={p.name: v for p, v in zip(self.proportions, values, strict=True)},
            notch=self.given.notch * [1.0, 1.0, 1.0, width / self.given.width],
        )


def free_heights(
    design: Design, *, ranges: str = "commercial", floor: float | None = None
) -> FixedCut | StretchedCut:
    """Return a design with its heights free, or as it stands where they cannot be.

    They cannot where the pavilion's highest point is above the crown's lowest: no level
    divides the two.

    Parameters
    ----------
    given
        At any size.
    ranges
        fine, commercial or native: 5, 10 or 25 % of each height, up and down.
    floor
        Least angle of the pavilion, rad: it is not made shallower than this, nor, where the
        design is shallower already, than it is.

    Raises
    ------
    InputError
        If the ranges are unknown.
    """
    if ranges not in STRETCH:
        raise InputError(f"ranges {ranges!r}: not one of {', '.join(STRETCH)}")
    heights = _heights(design)
    if heights.pavilion_from > heights.crown_from + LEVEL_SLACK:
        return FixedCut(given=design)
    crown, pavilion = heights.crown, heights.pavilion
    spread = STRETCH[ranges]
    free = []
    if crown > LEAST_HEIGHT:
        low, high = (1.0 - spread) * crown, (1.0 + spread) * crown
        free.append(Proportion(name="crown_height", low=low, high=high, default=crown))
    if pavilion > LEAST_HEIGHT:
        low, high = (1.0 - spread) * pavilion, (1.0 + spread) * pavilion
        sloping = [
            tier.angle for tier in design.tiers if tier.side == "pavilion" and tier.angle > 0
        ]
        if floor is not None and sloping:
            low = max(low, min(pavilion, pavilion * math.tan(floor) / math.tan(min(sloping))))
        free.append(Proportion(name="pavilion_depth", low=low, high=high, default=pavilion))
    if not free:
        return FixedCut(given=design)
    cut = StretchedCut(given=design, proportions=tuple(free))
    _, lowest = cut.planes(np.array([[p.low for p in free]]))
    # An axis that is not inside at the girdle's level may be left outside: then better not.
    return cut if lowest.min() > 0.0 else FixedCut(given=design)


class _Heights(NamedTuple):
    """Where crown and pavilion begin (z) and how high they are, shares of the width."""

    crown_from: float
    pavilion_from: float
    crown: float
    pavilion: float


def _heights(design: Design) -> _Heights:
    width = design.width
    pavilion_from, crown_from = (z / width for z in girdle_edges(design.solid))
    z = design.solid.vertices[:, 2] / width
    crown, pavilion = float(z.max()) - crown_from, pavilion_from - float(z.min())
    return _Heights(crown_from, pavilion_from, crown, pavilion)

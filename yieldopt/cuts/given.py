"""Cuts that are given as one design: as it stands, or with its heights let free."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from yieldopt.cuts.cut import Proportion
from yieldopt.cuts.design import Design
from yieldopt.cuts.level import UPRIGHT, girdle_edges
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
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
        b = len(theta)
        normals = np.broadcast_to(self.normals, (b, *self.normals.shape))
        return normals, np.broadcast_to(self.offsets, (b, len(self.offsets)))

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

    @property
    def name(self) -> str:
        """The design's."""
        return self.given.name

    def planes(self, theta: Float) -> tuple[Float, Float]:
        """Return half-spaces at unit width for proportions (b, p): (b, m, 3) and (b, m)."""
        width = self.given.width
        solid = self.given.solid
        crown_from, pavilion_from, crown, pavilion = _heights(self.given)
        given = {"crown_height": crown, "pavilion_depth": pavilion}
        stretch = {p.name: theta[:, i] / given[p.name] for i, p in enumerate(self.proportions)}
        normals = np.repeat(solid.normals[None], len(theta), axis=0)
        offsets = np.repeat(solid.offsets[None] / width, len(theta), axis=0)
        for name, sign, level in (
            ("crown_height", 1.0, crown_from),
            ("pavilion_depth", -1.0, pavilion_from),
        ):
            if name not in stretch:
                continue
            of_half = np.flatnonzero(sign * solid.normals[:, 2] > UPRIGHT)
            rise = solid.normals[of_half, 2]
            stretched = rise / stretch[name][:, None]
            normals[:, of_half, 2] = stretched
            offsets[:, of_half] += (stretched - rise) * level
        size = np.sqrt((normals * normals).sum(axis=2))
        return normals / size[:, :, None], offsets / size

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
    crown_from, pavilion_from, crown, pavilion = _heights(design)
    if pavilion_from > crown_from + LEVEL_SLACK:
        return FixedCut(given=design)
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


def _heights(design: Design) -> tuple[float, float, float, float]:
    """Return the crown's lowest and the pavilion's highest z, crown height, pavilion depth.

    All by the width.
    """
    width = design.width
    pavilion_from, crown_from = (z / width for z in girdle_edges(design.solid))
    z = design.solid.vertices[:, 2] / width
    return crown_from, pavilion_from, float(z.max()) - crown_from, pavilion_from - float(z.min())

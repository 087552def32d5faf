"""The cuts of the trade as families: an outline, a style, and ranges for their proportions."""

import difflib
import math
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from yieldopt.cuts.cut import Proportion
from yieldopt.cuts.design import Design, Tier
from yieldopt.cuts.gears import GEARS, UncuttableError
from yieldopt.cuts.heart import cleft_words
from yieldopt.cuts.outline import GEAR
from yieldopt.cuts.pattern import Pattern
from yieldopt.cuts.ranges import RANGE_NAMES, RANGES
from yieldopt.cuts.shapes import PATTERNS
from yieldopt.cuts.species import pavilion_floor
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import polytope_from_planes

COLUMNS = ("length_width", "crown_height", "pavilion_depth", "table", "girdle")
PLAIN_INDEX = 1.54  # quartz: what a sheet is drawn for where no species is named
FOR_CLOSED_C = ("emerald_steep",)  # families for a dark c-axis that lies along the stone
SAME_ANGLE = 1e-9  # rad: rounding of an angle that is just the floor
LENGTHS_TRIED = 65  # to find the shallowest main over a range of lengths


@cache
def _pattern(name: str, gear: int) -> Pattern:
    return PATTERNS[name](gear)


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyCut:
    """A cut with free proportions. See `yieldopt.cuts.cut.Cut` for what it promises.

    Parameters
    ----------
    name
        The word for it on the command line.
    pattern
        Its facets.
    proportions
        What is free and how far, in the order of `COLUMNS`.
    gear
        Teeth of the index gear of its facet list.
    refractive_index
        Passed on to its facet list.
    floor
        Angle, rad, below which a facet of the pavilion is told to window.
    """

    name: str
    pattern: Pattern
    proportions: tuple[Proportion, ...]
    gear: int = GEAR
    refractive_index: float = PLAIN_INDEX
    floor: float = 0.0

    def planes(self, theta: Float) -> tuple[Float, Float]:
        """Return half-spaces at unit width for proportions (b, p): (b, m, 3) and (b, m)."""
        free = {p.name: column for p, column in zip(self.proportions, theta.T, strict=True)}
        ones = np.ones(len(theta))
        fixed = {name: share * ones for name, share in self.pattern.fixed.items()}
        shares = {"length_width": ones, **fixed, **free}
        return self.pattern.planes(
            length_width=shares["length_width"],
            crown=shares["crown_height"],
            pavilion=shares["pavilion_depth"],
            table=shares["table"],
            girdle=shares["girdle"],
        )

    def design(self, theta: Float, width: float) -> Design:
        """Return the cut at proportions (p,) and a width in mm, facet list and all."""
        normals, offsets = self.planes(np.asarray(theta, dtype=float)[None])
        tiers, first = [], 0
        for row in self.pattern.rows:
            normal = normals[0, first]
            first += len(row.teeth)
            level = 0.0 if row.side == "table" else float(np.hypot(normal[0], normal[1]))
            tiers.append(
                Tier(
                    name=row.name,
                    side=row.side,
                    angle=math.atan2(level, abs(float(normal[2]))),
                    index=tuple(float(t or self.gear) for t in row.teeth),
                    note=row.note,
                )
            )
        shallow = min(tier.angle for tier in tiers if tier.side == "pavilion")
        remarks: tuple[str, ...] = (self.pattern.remark,) if self.pattern.remark else ()
        if shallow < self.floor - SAME_ANGLE:
            least, wanted = math.degrees(shallow), math.degrees(self.floor)
            words = f"the pavilion is {least:.1f} deg where it is shallowest"
            remarks += (f"windows: {words}, {wanted:.1f} keep the light in",)
        values = (float(value) for value in theta)
        notch = np.array(self.pattern.notch).reshape(-1, 4) * [1.0, 1.0, 1.0, width]
        design = Design(
            name=self.name,
            gear=self.gear,
            refractive_index=self.refractive_index,
            tiers=tuple(tiers),
            solid=polytope_from_planes(normals[0], offsets[0] * width),
            proportions={p.name: v for p, v in zip(self.proportions, values, strict=True)},
            remarks=remarks,
            notch=notch,
        )
        if len(notch) == 0:
            return design
        words = cleft_words(design)  # also a footnote, so that a design file tells it
        return replace(design, remarks=(*remarks, words), footnotes=(words,))

    @property
    def usual(self) -> Float:
        """The usual proportions (p,)."""
        return np.array([p.default for p in self.proportions])


def family_names() -> tuple[str, ...]:
    """Return the families, in the order they are listed."""
    return tuple(PATTERNS)


def faceted_names(*, closed_c: bool = False) -> tuple[str, ...]:
    """Return the families that "all" means, in their order.

    Without the cabochon, which by weight alone would win on every rough, and without those made
    for a dark c-axis, which would win on every long one: steep ends fill more of their box than
    any others, and send less light back.

    Parameters
    ----------
    closed_c
        Whether the rough has such an axis, so that those belong to it.
    """
    faceted = (name for name in PATTERNS if "pavilion_depth" in RANGES[name][RANGE_NAMES[0]])
    return tuple(name for name in faceted if closed_c or name not in FOR_CLOSED_C)


@cache
def gears_of(name: str) -> tuple[int, ...]:
    """Return which of the usual gears a family can be cut on."""
    able = []
    for gear in GEARS:
        with suppress(UncuttableError):
            _pattern(name, gear)
            able.append(gear)
    return tuple(able)


def family(
    name: str,
    *,
    ranges: str = "commercial",
    refractive_index: float | None = None,
    floor: float | None = None,
    gear: int = GEAR,
    windows: bool = False,
) -> FamilyCut:
    """Return a family with its ranges.

    Parameters
    ----------
    name
        One of `family_names()`.
    ranges
        fine, commercial or native.
    refractive_index
        The lowest of the species; raises the least pavilion depth so that no main is shallower
        than 2 degrees above the critical angle. Without it no depth is forbidden.
    floor
        Least angle of the mains, rad, in place of that.
    gear
        Teeth of the index gear.
    windows
        Whether shallower pavilions are allowed; a design that has one says so in its remarks.

    Raises
    ------
    InputError
        If the name or the ranges are unknown, the gear cannot cut it, or no depth is left.
    """
    if name not in PATTERNS:
        near = difflib.get_close_matches(name, PATTERNS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(PATTERNS)}"
        raise InputError(f"cut {name!r}: no such cut ({hint})")
    if ranges not in RANGE_NAMES:
        raise InputError(f"ranges {ranges!r}: not one of {', '.join(RANGE_NAMES)}")
    try:
        pattern = _pattern(name, gear)
    except UncuttableError:
        able = ", ".join(str(teeth) for teeth in GEARS if teeth in gears_of(name))
        raise InputError(
            f"cut {name!r}: this symmetry cannot be cut on a gear of {gear}; use {able}"
        ) from None
    limits = RANGES[name][ranges]
    free = {
        key: Proportion(name=key, low=limits[key][0], high=limits[key][1], default=limits[key][2])
        for key in COLUMNS
        if key in limits
    }
    if floor is None and refractive_index is not None:
        floor = pavilion_floor(refractive_index)
    if "pavilion_depth" not in free:
        floor = None  # nothing below the girdle to send light back
    if floor is not None and not windows:
        length = free.get("length_width")
        lengths = np.linspace(length.low, length.high, LENGTHS_TRIED) if length else np.ones(1)
        free["pavilion_depth"] = _raised(
            free["pavilion_depth"], pattern, lengths, floor, of=f"{name} ({ranges} ranges)"
        )
    return FamilyCut(
        name=name,
        pattern=pattern,
        proportions=tuple(free.values()),
        gear=gear,
        refractive_index=PLAIN_INDEX if refractive_index is None else refractive_index,
        floor=floor or 0.0,
    )


def _raised(
    pavilion: Proportion, pattern: Pattern, lengths: Float, floor: float, *, of: str
) -> Proportion:
    """Return the pavilion's depth with the least at which no facet is below the floor."""
    least = math.tan(floor) / pattern.shallowest_pavilion(lengths)
    if least > pavilion.high:
        raise InputError(
            f"cut {of}: a pavilion that does not window ({math.degrees(floor):.1f} deg) is"
            f" {least:.3f} of the width deep, {pavilion.high:g} is allowed; use wider ranges"
            " (cuts.ranges)"
        )
    low = max(pavilion.low, least)
    return replace(pavilion, low=low, default=max(pavilion.default, low))

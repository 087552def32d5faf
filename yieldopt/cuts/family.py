"""The cuts of the trade as families: an outline, a style, and ranges for their proportions."""

import difflib
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from yieldopt.cuts.brilliant import brilliant
from yieldopt.cuts.cut import Proportion
from yieldopt.cuts.design import Design, Tier
from yieldopt.cuts.outline import (
    GEAR,
    HALF_WIDTH,
    Forms,
    Outline,
    azimuth,
    cut_corner_outline,
    ellipse_outline,
    mirrored,
    round_outline,
)
from yieldopt.cuts.pattern import Pattern
from yieldopt.cuts.ranges import RANGE_NAMES, RANGES
from yieldopt.cuts.species import pavilion_floor
from yieldopt.cuts.step import step
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import polytope_from_planes

COLUMNS = ("length_width", "crown_height", "pavilion_depth", "table", "girdle")
PLAIN_INDEX = 1.54  # quartz: what a sheet is drawn for where no species is named
LENGTHS_TRIED = 65  # to find the shallowest main over a range of lengths


def _round() -> Pattern:
    outline = round_outline()
    mains, stars = tuple(range(0, GEAR, 12)), range(6, GEAR, 12)
    table_edge = np.cos(azimuth(6)) * outline.half_table
    return brilliant(
        outline,
        mains=mains,
        table_edges=dict.fromkeys(stars, table_edge),
        keel=dict.fromkeys(mains, 0.0 * table_edge),
        crown_break=0.70,  # stars reach half the way to the girdle at a table of 58 %
        pavilion_break=0.75,  # breaks reach 73 % of the way to the culet
    )


def _oval() -> Pattern:
    outline = ellipse_outline(teeth=(2, 7, 13, 20))
    mains = (*mirrored(0), *mirrored(10), *mirrored(24))
    return brilliant(
        outline,
        mains=mains,
        table_edges=_octagon_table(outline, beside_width=4, beside_length=15),
        keel={t: abs(np.sin(azimuth(t))) * _keel(outline) for t in mains},
        crown_break=0.70,
        pavilion_break=0.75,
    )


def _emerald() -> Pattern:
    # Sides, ends and corners share a step's angle; a corner then narrows by 2 - sqrt(2) of the
    # step's width, and with this cut it comes to a point just where the last step begins.
    corner = (2.0 - math.sqrt(2.0)) * (2.0 / 3.0) * HALF_WIDTH
    outline = cut_corner_outline(corner=corner)
    return step(
        outline,
        crown_widths=(1, 1, 1),
        crown_angles=(45, 38, 30),
        pavilion_widths=(1, 1, 1),
        pavilion_angles=(56, 49, 42),
        keel_teeth=(0, 24, 48, 72),
    )


def _keel(outline: Outline) -> Float:
    """Return the form of half the keel: sides and ends rise from it at the same slope."""
    return outline.half_length - outline.half_width


def _octagon_table(outline: Outline, *, beside_width: int, beside_length: int) -> Forms:
    """Return the edges of a table that stays as far from the sides as from the ends."""
    half_length = outline.half_length - outline.half_width + outline.half_table
    across = float(np.cos(azimuth(beside_width))) * outline.half_table
    along = float(np.sin(azimuth(beside_length))) * half_length
    return {
        **dict.fromkeys(mirrored(beside_width), across),
        **dict.fromkeys(mirrored(beside_length), along),
    }


_PATTERNS: dict[str, Callable[[], Pattern]] = {
    "round": _round,
    "oval": _oval,
    "emerald": _emerald,
}


@cache
def _pattern(name: str) -> Pattern:
    return _PATTERNS[name]()


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
    """

    name: str
    pattern: Pattern
    proportions: tuple[Proportion, ...]
    gear: int = GEAR
    refractive_index: float = PLAIN_INDEX

    def planes(self, theta: Float) -> tuple[Float, Float]:
        """Return half-spaces at unit width for proportions (b, p): (b, m, 3) and (b, m)."""
        *length, crown, pavilion, table, girdle = theta.T
        return self.pattern.planes(
            length_width=length[0] if length else np.ones(len(theta)),
            crown=crown,
            pavilion=pavilion,
            table=table,
            girdle=girdle,
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
                    index=tuple(float((t or GEAR) * self.gear // GEAR) for t in row.teeth),
                    note=row.note,
                )
            )
        values = (float(value) for value in theta)
        return Design(
            name=self.name,
            gear=self.gear,
            refractive_index=self.refractive_index,
            tiers=tuple(tiers),
            solid=polytope_from_planes(normals[0], offsets[0] * width),
            proportions={p.name: v for p, v in zip(self.proportions, values, strict=True)},
        )

    @property
    def usual(self) -> Float:
        """The usual proportions (p,)."""
        return np.array([p.default for p in self.proportions])


def family_names() -> tuple[str, ...]:
    """Return the families, in the order they are listed."""
    return tuple(_PATTERNS)


def family(
    name: str,
    *,
    ranges: str = "commercial",
    refractive_index: float | None = None,
    floor: float | None = None,
    gear: int = GEAR,
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

    Raises
    ------
    InputError
        If the name or the ranges are unknown, the gear cannot cut it, or no depth is left.
    """
    if name not in _PATTERNS:
        near = difflib.get_close_matches(name, _PATTERNS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(_PATTERNS)}"
        raise InputError(f"cut {name!r}: no such cut ({hint})")
    if ranges not in RANGE_NAMES:
        raise InputError(f"ranges {ranges!r}: not one of {', '.join(RANGE_NAMES)}")
    pattern = _pattern(name)
    if gear < 1 or any(tooth * gear % GEAR for row in pattern.rows for tooth in row.teeth):
        raise InputError(
            f"cut {name!r}: its facets fall between the teeth of a gear of {gear}; use {GEAR}"
        )
    limits = RANGES[name][ranges]
    free = {
        key: Proportion(name=key, low=limits[key][0], high=limits[key][1], default=limits[key][2])
        for key in COLUMNS
        if key in limits
    }
    if floor is None and refractive_index is not None:
        floor = pavilion_floor(refractive_index)
    if floor is not None:
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

"""From the facets that a file lists to a design: closed, without idle facets, at its girdle.

All readers end here, so that every form of file is checked in the same way.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from yieldopt.cuts.design import Design, Side, Tier, facet_normal
from yieldopt.cuts.level import girdle_level
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import Polytope, polytope_from_planes

SAME_PLANE = 1e-7  # normals, and distances by the size: files have 8 decimals
LEAST_AREA = 1e-6  # of the width squared: 0.01 x 0.01 mm on a stone of 10 mm is no facet
OPEN_REACH = 1e4  # by the nearest facet: a solid that runs further is not closed in earnest
SAME_ORIGIN = 1e-9  # of the width: not worth moving a design for
PLAIN_INDEX = 1.54  # of quartz: where the file names none
LEAST_INDEX, MOST_INDEX = 1.2, 4.0  # of anything that is cut; GemCad's own limits are unknown
WHOLE_TOOTH = 1e-5  # a tooth computed from a normal of 8 decimals is off by less: snap to 0.001
UPRIGHT_NORMAL = 1e-9  # z of a unit normal: a girdle facet
LEVEL_NORMAL = 1e-9  # x, y of a unit normal: a table or a flat culet
LETTERS = {"pavilion": "P", "girdle": "G", "crown": "C", "table": "T"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFacet:
    """One facet of a file: number of its tier there, that tier without teeth, tooth, distance."""

    number: int
    tier: Tier
    tooth: float
    distance: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What any form of design file says, before it is known whether it closes.

    Parameters
    ----------
    name, file
        Of the design; of the file, for errors.
    remarks
        What the reader has already left out.
    """

    name: str
    file: str
    gear: int
    location: float
    refractive_index: float
    facets: tuple[ListedFacet, ...]
    heading: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def closed_design(listing: Listing) -> Design:
    """Return the design of a listing, its origin where the file has it.

    Facets that touch nothing, or repeat another one, are left out and named in `remarks`.

    Raises
    ------
    InputError
        If the facets leave the stone open.
    """
    facets, remarks = _tier_by_tier(listing.facets), list(listing.remarks)
    normals = np.array(
        [
            facet_normal(f.tier.side, f.tier.angle, f.tooth, listing.gear, listing.location)
            for f in facets
        ]
    ).reshape(-1, 3)
    offsets = np.array([f.distance for f in facets])
    keep = _distinct(normals, offsets, facets, remarks)
    solid, width = _solid(normals[keep], offsets[keep], listing.file)
    while not (touching := _areas(solid) > LEAST_AREA * width * width).all():
        _remark([facets[i] for i in keep[~touching]], "touches nothing", remarks)
        keep = keep[touching]
        solid, width = _solid(normals[keep], offsets[keep], listing.file)
    refractive_index = listing.refractive_index
    if not LEAST_INDEX <= refractive_index <= MOST_INDEX:
        remarks.append(f"no refractive index given: {PLAIN_INDEX} taken")
        refractive_index = PLAIN_INDEX
    return Design(
        name=listing.name,
        gear=listing.gear,
        location=listing.location,
        refractive_index=refractive_index,
        tiers=_kept_tiers([facets[i] for i in keep]),
        solid=solid,
        heading=tuple(line for line in listing.heading if line),
        footnotes=tuple(line for line in listing.footnotes if line),
        remarks=tuple(remarks),
    )


def levelled(design: Design) -> Design:
    """Return the design with the middle of its girdle at z = 0, if the axis is inside there."""
    solid, width = design.solid, design.width
    rise = girdle_level(solid)
    offsets = solid.offsets - solid.normals[:, 2] * rise
    if abs(rise) < SAME_ORIGIN * width or offsets.min() <= SAME_PLANE * width:
        return design
    moved = replace(solid, offsets=offsets, vertices=solid.vertices - [0.0, 0.0, rise])
    return replace(design, solid=moved)


def side_and_angle(normal: Float) -> tuple[Side, float]:
    """Return the side that a unit normal (3,) looks to, and its slope from the girdle plane."""
    x, y, z = (float(value) for value in normal)
    level = math.hypot(x, y)
    if abs(z) <= UPRIGHT_NORMAL:
        return "girdle", math.pi / 2
    if level <= LEVEL_NORMAL:
        return ("table" if z > 0 else "pavilion"), 0.0
    return ("crown" if z > 0 else "pavilion"), math.atan2(level, abs(z))


def tooth_of(normal: Float, gear: int, location: float) -> float:
    """Return the tooth at which a wheel cuts a normal (3,): whole, or as near as it is told."""
    tooth = math.atan2(float(normal[0]), float(normal[1])) * gear / (2.0 * math.pi) + location
    snapped = round(tooth, 3)
    return on_wheel(snapped if abs(tooth - snapped) < WHOLE_TOOTH else round(tooth, 9), gear)


def on_wheel(index: float, gear: int) -> float:
    """Return an index as a tooth above 0, up to the gear's own number, which stands for 0."""
    teeth = abs(gear)
    if 0.0 < index <= teeth:
        return index
    return index % teeth or float(teeth)


def code_of(side: Side, count: dict[str, int]) -> str:
    """Return the next code of a side (P1, P2 ...; T), counting it in `count`."""
    count[side] = count.get(side, 0) + 1
    return LETTERS[side] + (str(count[side]) if side != "table" or count[side] > 1 else "")


def _distinct(
    normals: Float, offsets: Float, facets: tuple[ListedFacet, ...], remarks: list[str]
) -> "np.ndarray[tuple[int], np.dtype[np.intp]]":
    """Return the numbers of the planes that repeat no earlier one."""
    scale = float(np.median(offsets)) if len(offsets) else 1.0
    planes = np.column_stack([normals, offsets / scale])
    keep: list[int] = []
    for i, plane in enumerate(planes):
        apart = np.abs(planes[keep] - plane).max(axis=1) if keep else np.ones(1)
        if apart.min() > SAME_PLANE:
            keep.append(i)
    again = sorted(set(range(len(planes))) - set(keep))
    _remark([facets[i] for i in again], "repeats another", remarks)
    return np.array(keep, dtype=np.intp)


def _tier_by_tier(facets: tuple[ListedFacet, ...]) -> tuple[ListedFacet, ...]:
    """Return the facets with those of a tier together, tiers as they first appear."""
    first: dict[int, int] = {}
    for facet in facets:
        first.setdefault(facet.number, len(first))
    return tuple(sorted(facets, key=lambda facet: first[facet.number]))


def _by_tier(facets: list[ListedFacet]) -> list[tuple[Tier, tuple[float, ...]]]:
    tiers: dict[int, tuple[Tier, list[float]]] = {}
    for facet in facets:
        tiers.setdefault(facet.number, (facet.tier, []))[1].append(facet.tooth)
    return [(tier, tuple(teeth)) for tier, teeth in tiers.values()]


def _remark(facets: list[ListedFacet], what: str, remarks: list[str]) -> None:
    """Note facets that are left out, a line a tier."""
    for tier, teeth in _by_tier(facets):
        at = "-".join(f"{tooth:g}" for tooth in teeth)
        angle = math.degrees(tier.angle)
        remarks.append(f"tier {tier.name} ({angle:.2f} deg, {tier.side}) at {at} {what}: left out")


def _kept_tiers(facets: list[ListedFacet]) -> tuple[Tier, ...]:
    return tuple(replace(tier, index=teeth) for tier, teeth in _by_tier(facets))


def _areas(solid: Polytope) -> Float:
    """Return the area of each facet (m,); all at once, thousands of files are read in a run."""
    owner = np.repeat(np.arange(len(solid.loops)), [max(len(p) - 2, 0) for p in solid.loops])
    a, b, c = solid.triangles().transpose(1, 0, 2)
    twice = np.einsum("ij,ij->i", np.cross(b - a, c - a), solid.normals[owner])
    total = np.bincount(owner, weights=0.5 * twice, minlength=len(solid.loops))
    return np.asarray(total, dtype=np.float64)


def _solid(normals: Float, offsets: Float, file: str) -> tuple[Polytope, float]:
    """Return the solid and its width, built at unit size: the file's unit does not matter."""
    wrong = InputError(
        f"{file}: the facets leave the stone open (no table, or one half only); add what is missing"
    )
    if len(normals) < 4:
        raise wrong
    scale = float(np.median(offsets))
    try:
        solid = polytope_from_planes(normals, offsets / scale)
    except ValueError:
        raise wrong from None
    nearest = float(solid.offsets.min())
    if float(np.ptp(solid.vertices, axis=0).max()) > OPEN_REACH * nearest:
        raise wrong
    solid = replace(solid, offsets=offsets, vertices=solid.vertices * scale)
    return solid, float(np.ptp(solid.vertices[:, :2], axis=0).min())

"""GemCad `.asc` files: read to a design, write from one.

The format is GemCad's (R. W. Strickland); the meaning of its records follows the author's own
reader GemRay. A facet of angle `a`, distance `d`, tooth `t` is the plane at the distance `|d|`
from the origin whose normal points `a` off the vertical at the azimuth
`(t - location) 2 pi / gear`; a minus before the angle or the distance turns it round.
"""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from yieldopt.cuts.design import Design, Side, Tier, facet_normal
from yieldopt.cuts.gemcad_text import WrittenDesign, WrittenTier, parse, read_text
from yieldopt.cuts.level import girdle_level
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import Polytope, polytope_from_planes

GIRDLE_SLACK = math.radians(1e-7)  # an upright facet, written with 6 decimals or more
SAME_PLANE = 1e-7  # normals, and distances by the size: files have 8 decimals
LEAST_AREA = 1e-6  # of the width squared: 0.01 x 0.01 mm on a stone of 10 mm is no facet
OPEN_REACH = 1e4  # by the nearest facet: a solid that runs further is not closed in earnest
SAME_ORIGIN = 1e-9  # of the width: not worth moving a design for
PLAIN_INDEX = 1.54  # of quartz: where the file names none
LEAST_INDEX, MOST_INDEX = 1.2, 4.0  # of anything that is cut; GemCad's own limits are unknown
ANGLE_DECIMALS, DISTANCE_DECIMALS = 12, 12
LETTERS = {"pavilion": "P", "girdle": "G", "crown": "C", "table": "T"}


def read_asc(path: Path) -> Design:
    """Return the design of a GemCad `.asc` file, moved so that its girdle stands at z = 0.

    Lengths stay in the file's own units. Facets that touch nothing, or repeat another one, are
    left out of the facet list and named in `remarks`.

    Raises
    ------
    InputError
        If the file cannot be read, or its facets leave the stone open.
    """
    path = Path(path)
    return design_of(parse(read_text(path), path.name), path.stem, path.name)


def design_of(written: WrittenDesign, name: str, file: str) -> Design:
    """Return the design that a file's words describe; `file` is named in errors."""
    remarks: list[str] = []
    facets, normals, offsets = _facets(written, remarks)
    keep = _distinct(normals, offsets, facets, remarks)
    solid, width = _solid(normals[keep], offsets[keep], file)
    while not (touching := solid.areas > LEAST_AREA * width * width).all():
        _remark([facets[i] for i in keep[~touching]], "touches nothing", remarks)
        keep = keep[touching]
        solid, width = _solid(normals[keep], offsets[keep], file)
    solid = _moved(solid, width)
    refractive_index = written.refractive_index
    if not LEAST_INDEX <= refractive_index <= MOST_INDEX:
        remarks.append(f"no refractive index given: {PLAIN_INDEX} taken")
        refractive_index = PLAIN_INDEX
    return Design(
        name=name,
        gear=written.gear,
        location=written.location,
        refractive_index=refractive_index,
        tiers=_kept_tiers([facets[i] for i in keep]),
        solid=solid,
        heading=tuple(line for line in written.heading if line),
        footnotes=tuple(line for line in written.footnotes if line),
        remarks=tuple(remarks),
    )


# Tier number in the file, the tier without its teeth, the tooth of this facet.
_Facet = tuple[int, Tier, float]


def _facets(written: WrittenDesign, remarks: list[str]) -> tuple[list[_Facet], Float, Float]:
    """Return each facet of the file that is a plane, normals (m, 3) and distances (m,)."""
    facets: list[_Facet] = []
    normals, offsets = [], []
    count: dict[str, int] = {}
    for number, tier in enumerate(written.tiers):
        side, half_turn = _side(tier)
        angle = math.pi / 2 if side == "girdle" else abs(math.radians(tier.angle))
        count[side] = count.get(side, 0) + 1
        code = LETTERS[side] + (str(count[side]) if side != "table" or count[side] > 1 else "")
        names = "/".join(dict.fromkeys(tier.names)) or code
        shown = Tier(name=names, side=side, angle=angle, index=(), note=tier.note)
        if tier.distance == 0.0 or not tier.index:
            why = "has no index" if tier.distance else "has distance 0"
            remarks.append(f"tier {names} ({math.degrees(angle):.2f} deg, {side}) {why}: left out")
            continue
        for index in tier.index:
            tooth = _tooth(index + half_turn * written.gear / 2, written.gear)
            facets.append((number, shown, tooth))
            normals.append(facet_normal(side, angle, tooth, written.gear, written.location))
            offsets.append(abs(tier.distance))
    return facets, np.array(normals).reshape(-1, 3), np.array(offsets)


def _side(tier: WrittenTier) -> tuple[Side, bool]:
    """Return the side, and whether a minus distance turns the facet round by half a turn."""
    if abs(abs(tier.angle) - 90.0) <= math.degrees(GIRDLE_SLACK):
        # +90 and -90 mean the same plane; a minus distance is the opposite one.
        return "girdle", tier.distance < 0
    if tier.angle == 0.0:
        return ("pavilion" if tier.is_minus or tier.distance < 0 else "table"), False
    if tier.distance < 0:
        return ("pavilion" if tier.angle > 0 else "crown"), True
    return ("pavilion" if tier.angle < 0 else "crown"), False


def _tooth(index: float, gear: int) -> float:
    """Return an index as a tooth above 0, up to the gear's own number, which stands for 0."""
    teeth = abs(gear)
    if 0.0 < index <= teeth:
        return index
    return index % teeth or float(teeth)


def _distinct(
    normals: Float, offsets: Float, facets: list[_Facet], remarks: list[str]
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


def _remark(facets: list[_Facet], what: str, remarks: list[str]) -> None:
    """Note facets that are left out, a line a tier."""
    tiers: dict[int, tuple[Tier, list[float]]] = {}
    for number, tier, tooth in facets:
        tiers.setdefault(number, (tier, []))[1].append(tooth)
    for tier, teeth in tiers.values():
        at = "-".join(f"{tooth:g}" for tooth in teeth)
        angle = math.degrees(tier.angle)
        remarks.append(f"tier {tier.name} ({angle:.2f} deg, {tier.side}) at {at} {what}: left out")


def _kept_tiers(facets: list[_Facet]) -> tuple[Tier, ...]:
    tiers: dict[int, tuple[Tier, list[float]]] = {}
    for number, tier, tooth in facets:
        tiers.setdefault(number, (tier, []))[1].append(tooth)
    return tuple(replace(tier, index=tuple(teeth)) for tier, teeth in tiers.values())


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


def _moved(solid: Polytope, width: float) -> Polytope:
    """Return the solid with the middle of its girdle at z = 0, if the axis is inside there."""
    rise = girdle_level(solid)
    offsets = solid.offsets - solid.normals[:, 2] * rise
    if abs(rise) < SAME_ORIGIN * width or offsets.min() <= SAME_PLANE * width:
        return solid
    return replace(solid, offsets=offsets, vertices=solid.vertices - [0.0, 0.0, rise])


def write_asc(design: Design, path: Path) -> None:
    """Write a design as a GemCad `.asc` file, one line a tier of equal distance.

    Reads back to 1e-10 of its size.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    lines = [
        "GemCad 5.0",
        f"g {design.gear} {design.location!r}",
        "y 1 n",
        f"I {design.refractive_index!r}",
        *(f"H {_plain(line)}" for line in design.heading or (design.name,)),
    ]
    for tier, facets in design.facet_rows():
        lines += _tier_lines(tier, design.solid.offsets[facets])
    lines += [f"F {_plain(line)}" for line in design.footnotes]
    text = "".join(f"{line}\r\n" for line in lines)
    Path(path).write_bytes(text.encode("cp1252", errors="replace"))


def _tier_lines(tier: Tier, distances: Float) -> list[str]:
    """Return an `a` record; facets of another distance get one of their own."""
    written: dict[str, list[float]] = {}
    for tooth, distance in zip(tier.index, distances, strict=True):
        written.setdefault(f"{distance:.{DISTANCE_DECIMALS}f}", []).append(tooth)
    is_culet = tier.side == "pavilion" and tier.angle == 0.0
    angle = f"{math.degrees(tier.angle):.{ANGLE_DECIMALS}f}"
    sign = "-" if tier.side in ("pavilion", "girdle") and not is_culet else ""
    name = "_".join(tier.name.split()) or LETTERS[tier.side]
    lines = []
    for distance, (first, *others) in written.items():
        items = [_index(first), "n", _plain(name), *map(_index, others)]
        minus = "-" if is_culet else ""  # the manual's own form of a culet
        note = f" G {_plain(tier.note)}" if tier.note else ""
        lines.append(f"a {sign}{angle} {minus}{distance} {' '.join(items)}{note}")
    return lines


def _index(tooth: float) -> str:
    return str(int(tooth)) if tooth.is_integer() else repr(tooth)


def _plain(text: str) -> str:
    return " ".join(text.split())

"""GemCad `.asc` files: read to a design, write from one.

The format is GemCad's (R. W. Strickland); the meaning of its records follows the author's own
reader GemRay. A facet of angle `a`, distance `d`, tooth `t` is the plane at the distance `|d|`
from the origin whose normal points `a` off the vertical at the azimuth
`(t - location) 2 pi / gear`; a minus before the angle or the distance turns it round.
"""

import math
from pathlib import Path

from yieldopt.cuts.closed import (
    LETTERS,
    ListedFacet,
    Listing,
    closed_design,
    code_of,
    levelled,
    on_wheel,
)
from yieldopt.cuts.design import Design, Side, Tier
from yieldopt.cuts.gemcad_text import WrittenDesign, WrittenTier, one_line, parse, read_text
from yieldopt.geometry.arrays import Float

GIRDLE_SLACK = math.radians(1e-7)  # an upright facet, written with 6 decimals or more
ANGLE_DECIMALS, DISTANCE_DECIMALS = 12, 12


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
    return levelled(closed_design(listing_of(written, name, file)))


def listing_of(written: WrittenDesign, name: str, file: str) -> Listing:
    """Return each facet of a file that is a plane."""
    facets: list[ListedFacet] = []
    remarks: list[str] = []
    count: dict[str, int] = {}
    for number, tier in enumerate(written.tiers):
        side, half_turn = _side(tier)
        angle = math.pi / 2 if side == "girdle" else abs(math.radians(tier.angle))
        code = code_of(side, count)
        names = "/".join(dict.fromkeys(tier.names)) or code
        shown = Tier(name=names, side=side, angle=angle, index=(), note=tier.note)
        if tier.distance == 0.0 or not tier.index:
            why = "has no index" if tier.distance else "has distance 0"
            remarks.append(f"tier {names} ({math.degrees(angle):.2f} deg, {side}) {why}: left out")
            continue
        for index in tier.index:
            tooth = on_wheel(index + half_turn * written.gear / 2, written.gear)
            facets.append(
                ListedFacet(number=number, tier=shown, tooth=tooth, distance=abs(tier.distance))
            )
    return Listing(
        name=name,
        file=file,
        gear=written.gear,
        location=written.location,
        refractive_index=written.refractive_index,
        facets=tuple(facets),
        heading=tuple(written.heading),
        footnotes=tuple(written.footnotes),
        remarks=tuple(remarks),
    )


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
        *(f"H {one_line(line)}" for line in design.heading or (design.name,)),
    ]
    for tier, facets in design.facet_rows():
        lines += _tier_lines(tier, design.solid.offsets[facets])
    lines += [f"F {one_line(line)}" for line in design.footnotes]
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
        items = [_index(first), "n", one_line(name), *map(_index, others)]
        minus = "-" if is_culet else ""  # the manual's own form of a culet
        note = f" G {one_line(tier.note)}" if tier.note else ""
        lines.append(f"a {sign}{angle} {minus}{distance} {' '.join(items)}{note}")
    return lines


def _index(tooth: float) -> str:
    return str(int(tooth)) if tooth.is_integer() else repr(tooth)

"""Each family as an outline with a style, on any gear that has its symmetry.

Places are in 96ths of a turn from the middle of a side (tooth 0) towards the end of the length
(24); `gears.rising` finds the teeth of another gear. Each builder is told the gear and raises
`UncuttableError` where the symmetry needs a tooth that it has not.
"""

import math
from collections.abc import Callable, Mapping

import numpy as np

from yieldopt.cuts.brilliant import brilliant
from yieldopt.cuts.cabochon import cabochon
from yieldopt.cuts.chain import Curve, lens, superellipse, twice_mirrored_outline, two_ended_outline
from yieldopt.cuts.cornered import chevroned, corner_teeth, cornered, cornered_long
from yieldopt.cuts.gears import flipped, mirrored, part, ring, rising
from yieldopt.cuts.heart import heart
from yieldopt.cuts.outline import (
    HALF_WIDTH,
    Forms,
    Outline,
    azimuth,
    cut_corner_outline,
    ellipse_outline,
    fixed_outline,
    rectangle_outline,
    regular_outline,
    round_outline,
)
from yieldopt.cuts.pattern import Pattern
from yieldopt.cuts.steep import emerald_steep
from yieldopt.cuts.step import step
from yieldopt.geometry.arrays import Float

CROWN_BREAK = 0.70  # stars reach half the way to the girdle at a table of 58 %
PAVILION_BREAK = 0.75  # breaks reach 73 % of the way to the culet
RADIANT_CORNER = 0.17  # of the width: what a cut corner takes from each side


def round_brilliant(gear: int) -> Pattern:
    """Return 8 mains, 16 breaks, 8 stars; even where the gear lets them be."""
    quarter = part(gear, 4)
    if gear % 8 == 0:  # as even as eighths go; stars are where there is a tooth half-way
        eighth = gear // 8
        first, star = max(1, gear // 32), gear // 16
        breaks = {first: ring(first, gear, 8)}
        mains = ring(0, gear, 8)
        stars = ring(star, gear, 8 if eighth % 2 == 0 else 4)
    else:
        *edges, main = _with_main((3, 9, 12, 15, 21), gear)
        breaks = {t: mirrored(t, gear) for t in edges}
        mains = tuple(sorted(t for m in (0, main, quarter) for t in mirrored(m, gear)))
        stars = tuple(sorted(t for s in _stars((6, 18), main, gear) for t in mirrored(s, gear)))
    outline = round_outline(breaks, gear)
    return brilliant(
        outline,
        mains=mains,
        table_edges={t: _round_table(outline, t, mains) for t in stars},
        keel=dict.fromkeys(mains, 0.0 * outline.half_table),
        crown_break=CROWN_BREAK,
        pavilion_break=PAVILION_BREAK,
    )


def _round_table(outline: Outline, star: int, mains: tuple[int, ...]) -> Float:
    """Return the edge at a star through the table's nearer corner on an axis."""
    quarter = outline.gear // 4
    away = min(star % quarter, quarter - star % quarter)
    return float(np.cos(azimuth(away, outline.gear))) * outline.half_table


def oval(gear: int) -> Pattern:
    """Return a brilliant over an ellipse, whose mains rise from a keel at one slope."""
    return _oval(gear, keel=1.0)


def oval_point(gear: int) -> Pattern:
    """Return the oval with its mains drawn to one point: no keel, shallow ends."""
    return _oval(gear, keel=0.0)


def _oval(gear: int, *, keel: float) -> Pattern:
    *teeth, main = _with_main((2, 7, 10, 13, 20), gear)
    outline = ellipse_outline(teeth=tuple(teeth), gear=gear)
    return _eight_mains(outline, main, stars=(4, 15), keel=keel, tip=1.0)


def cushion(gear: int) -> Pattern:
    """Return a brilliant over a superellipse, square or long."""
    return _two_mirrors(
        superellipse(2.8), (2, 8, 12, 16, 22), (6, 18), gear, lengths=(1.0, 1.5), tip=1.0
    )


def marquise(gear: int) -> Pattern:
    """Return a brilliant over a navette, with a keel."""
    return _two_mirrors(lens, (2, 6, 8, 10, 13), (3, 11), gear, lengths=(1.6, 2.5), tip=1.25)


def _two_mirrors(
    curve: Curve,
    places: tuple[float, ...],
    stars: tuple[float, float],
    gear: int,
    *,
    lengths: tuple[float, float],
    tip: float,
) -> Pattern:
    *teeth, main = _with_main(places, gear)
    rings = [mirrored(t, gear) for t in teeth]
    outline = twice_mirrored_outline(curve, teeth, gear, lengths, rings)
    return _eight_mains(outline, main, stars=stars, keel=1.0, tip=tip)


def _eight_mains(
    outline: Outline, main: int, *, stars: tuple[float, float], keel: float, tip: float
) -> Pattern:
    """Return a brilliant with mains at the axes and one in each quarter."""
    gear, quarter = outline.gear, outline.gear // 4
    beside_width, beside_length = _stars(stars, main, gear)
    corners = {
        **dict.fromkeys(mirrored(beside_width, gear), (0, 1.0)),
        **dict.fromkeys(mirrored(beside_length, gear), (quarter, tip)),
    }
    mains = (*mirrored(0, gear), *mirrored(main, gear), *mirrored(quarter, gear))
    half_keel = keel * (outline.half_length - outline.half_width)
    return brilliant(
        outline,
        mains=mains,
        table_edges=_table(outline, corners),
        keel={t: abs(np.sin(azimuth(t, gear))) * half_keel for t in mains},
        crown_break=CROWN_BREAK,
        pavilion_break=PAVILION_BREAK,
    )


def _table(outline: Outline, corners: Mapping[int, tuple[int, float]]) -> Forms:
    """Return a table's edges, each through a corner that moved in from the girdle's.

    Parameters
    ----------
    outline
        The girdle.
    corners
        By tooth of the edge: the axis (0 or a quarter) that its corner is on, and how far that
        moves in where the corner on the width moves in by 1.
    """
    gear, quarter = outline.gear, outline.gear // 4
    inset = outline.half_width - outline.half_table
    forms = {}
    for tooth, (axis, share) in corners.items():
        first = mirrored(tooth, gear)[0]  # mirror images get the same bytes
        along, across = float(np.sin(azimuth(first, gear))), float(np.cos(azimuth(first, gear)))
        if axis == quarter:
            forms[tooth] = along * (outline.half_length - share * inset)
        else:
            forms[tooth] = across * (outline.half_width - share * inset)
    return forms


def emerald(gear: int) -> Pattern:
    """Return three steps above and below a rectangle with cut corners."""
    # Sides, ends and corners share a step's angle; a corner then narrows by 2 - sqrt(2) of the
    # step's width, and with this cut it comes to a point just where the last step begins.
    corner = (2.0 - math.sqrt(2.0)) * (2.0 / 3.0) * HALF_WIDTH
    outline = cut_corner_outline(corner=corner, gear=gear)
    quarter = gear // 4
    return step(
        outline,
        crown_widths=(1, 1, 1),
        crown_angles=(45, 38, 30),
        pavilion_widths=(1, 1, 1),
        pavilion_angles=(56, 49, 42),
        keel_teeth=(0, quarter, 2 * quarter, 3 * quarter),
    )


def asscher(gear: int) -> Pattern:
    """Return steps about a square with large cut corners, down to a point."""
    widths = (1.0, 1.0, 1.0, 0.6)  # the corners come to a point where the last, small one begins
    corner = (2.0 - math.sqrt(2.0)) * (3.0 / 3.6) * HALF_WIDTH
    outline = cut_corner_outline(corner=corner, gear=gear, has_length=False)
    quarter = gear // 4
    return step(
        outline,
        crown_widths=(1, 1, 1),
        crown_angles=(45, 38, 30),
        pavilion_widths=widths,
        pavilion_angles=(58, 52, 46, 42),
        keel_teeth=(0, quarter, 2 * quarter, 3 * quarter),
    )


def baguette(gear: int) -> Pattern:
    """Return steps about a rectangle with sharp corners."""
    return _steps(rectangle_outline(gear=gear), HALF_WIDTH, n=2)


def triangle(gear: int) -> Pattern:
    """Return steps about three even sides, down to a point."""
    return _steps(regular_outline(3, gear), 1.0 / 3.0)


def octagon(gear: int) -> Pattern:
    """Return steps about eight even sides, down to a point."""
    return _steps(regular_outline(8, gear), HALF_WIDTH)


def kite(gear: int) -> Pattern:
    """Return steps about two short and two long sides that touch one circle."""
    part(gear, 2)
    front, back = rising((6,), gear, low=0, high=gear // 4) + rising(
        (14,), gear, low=0, high=gear // 4
    )
    outline = fixed_outline({flipped(front, gear): 1.0, flipped(gear - back, gear): 1.0}, gear)
    return _steps(outline, float(outline.distances(np.ones(1))[0, 0]))


def _steps(outline: Outline, inradius: float, *, n: int = 3) -> Pattern:
    """Return steps whose edges all come to the lowest point or line."""
    return step(
        outline,
        crown_widths=(1,) * n,
        crown_angles=(45, 38, 30)[:n],
        pavilion_widths=(1,) * n,
        pavilion_angles=(56, 49, 42)[3 - n :],
        keel_teeth=tuple(outline.edge_forms()),
        inradius=inradius,
    )


def hexagon(gear: int) -> Pattern:
    """Return a mixed cut about six even sides."""
    part(gear, 12)
    outline = regular_outline(6, gear)
    mains = corner_teeth(outline)
    return cornered(outline, mains=mains, pavilion_break=0.75, table_corner=0.94)


def trilliant(gear: int) -> Pattern:
    """Return a brilliant about three bulged sides: mains in the corners and amid the sides."""
    sixth = part(gear, 6)
    near, far = rising((2, 6), gear, low=0, high=sixth)
    (star,) = rising((4,), gear, low=0, high=sixth)
    outline = fixed_outline(
        {ring(t, gear, 3): _bulged(azimuth(t, gear), radius=3.0) for t in (near, far)}, gear
    )
    mains = tuple(sorted((*ring(0, gear, 3), *ring(sixth, gear, 3))))
    return brilliant(
        outline,
        mains=mains,
        table_edges=_same_shape(fixed_outline({ring(star, gear, 3): 1.0}, gear), outline),
        keel=dict.fromkeys(mains, 0.0 * outline.half_table),
        crown_break=CROWN_BREAK,
        pavilion_break=PAVILION_BREAK,
    )


def _same_shape(unit: Outline, outline: Outline) -> Forms:
    """Return a table's edges that form a fixed outline, as wide as the table is."""
    (distances,) = unit.distances(np.ones(1))
    return {
        tooth: float(2.0 * distance) * outline.half_table
        for group, distance in zip(unit.edges, distances, strict=True)
        for tooth in group
    }


def pear(gear: int) -> Pattern:
    """Return a brilliant over half a circle and half a navette, with a keel to the point."""
    head = (3, 9, 12, 16, 21), (6, 18)
    return _two_ended(superellipse(2.0), head, gear, head_length=0.5, lengths=(1.3, 1.8))


def _two_ended(
    curve: Curve,
    head: tuple[tuple[float, ...], tuple[float, float]],
    gear: int,
    *,
    head_length: float,
    lengths: tuple[float, float],
) -> Pattern:
    """Return a brilliant with a head towards -x that stays and a tail that takes the length."""
    quarter, half = part(gear, 4), part(gear, 2)
    *back, back_main = _with_main(head[0], gear)
    *front, front_main = _with_main((2, 6, 8, 9, 12), gear)
    rings = [flipped(gear - t, gear) for t in back] + [flipped(t, gear) for t in front]
    outline = two_ended_outline(
        (curve, back),
        (lens, front),
        gear,
        head_length=head_length,
        lengths=lengths,
        rings=rings,
    )
    inset = outline.half_width - outline.half_table
    long, short = outline.half_length, outline.half_width
    to_back = (head_length / HALF_WIDTH) * short
    to_tip = 2.0 * long - to_back
    (s1, s2), (s3, s4) = _stars(head[1], back_main, gear), _stars((3, 10.5), front_main, gear)
    table: Forms = {}
    for tooth, reach, share in ((s4, to_tip, 1.25), (gear - s2, to_back, 1.0)):
        along = abs(float(np.sin(azimuth(tooth, gear))))
        table.update(dict.fromkeys(flipped(tooth, gear), along * (reach - share * inset)))
    for tooth in (s3, gear - s1):
        across = float(np.cos(azimuth(tooth, gear)))
        table.update(dict.fromkeys(flipped(tooth, gear), across * outline.half_table))
    keel = 2.0 * (long - short)
    mains = [0, half, quarter, 3 * quarter]
    mains += [*flipped(front_main, gear), *flipped(gear - back_main, gear)]
    return brilliant(
        outline,
        mains=tuple(sorted(mains)),
        table_edges=table,
        keel={t: max(0.0, float(np.sin(azimuth(t, gear)))) * keel for t in mains},
        crown_break=CROWN_BREAK,
        pavilion_break=PAVILION_BREAK,
    )


def radiant(gear: int) -> Pattern:
    """Return a mixed cut over a square with cut corners."""
    outline = cut_corner_outline(corner=RADIANT_CORNER, gear=gear, has_length=False)
    mains = _beside_corners(gear)
    return cornered(outline, mains=mains, pavilion_break=0.75, table_corner=0.97)


def radiant_long(gear: int) -> Pattern:
    """Return a mixed cut over a rectangle with cut corners, with a keel."""
    outline = cut_corner_outline(corner=RADIANT_CORNER, gear=gear)
    return cornered_long(
        outline,
        mains=_beside_corners(gear),
        corner=RADIANT_CORNER,
        pavilion_break=0.75,
        side_left=0.30,
        table_corner=0.97,
    )


def _beside_corners(gear: int) -> tuple[int, ...]:
    """Return a tooth at each corner of a rectangle whose corners are cut."""
    quarter, eighth = part(gear, 4), part(gear, 8)
    (main,) = rising((7,), gear, low=0, high=eighth)
    return tuple(sorted((*mirrored(main, gear), *mirrored(quarter - main, gear))))


def princess(gear: int) -> Pattern:
    """Return a sharp square over a pavilion of breaks and two rows of chevrons."""
    chevrons = rising((3, 7), gear, low=0, high=part(gear, 8))
    outline = regular_outline(4, gear)
    return chevroned(outline, chevrons=chevrons, breaks_end=(0.40, 0.70), table_corner=0.86)


def _bulged(turn: float, *, radius: float) -> float:
    """Return the support of a triangle of arcs; the arcs' middles are 1 from the centre."""
    return radius + (1.0 - radius) * math.cos(turn)


def _with_main(places: tuple[float, ...], gear: int) -> tuple[int, ...]:
    """Return the four edges of a quarter, then the main between the second and third."""
    a, b, main, c, d = rising(places, gear, low=0, high=part(gear, 4))
    return a, b, c, d, main


def _stars(places: tuple[float, float], main: int, gear: int) -> tuple[int, int]:
    """Return the stars on both sides of a quarter's main."""
    (first,) = rising(places[:1], gear, low=0, high=main)
    (second,) = rising(places[1:], gear, low=main, high=part(gear, 4))
    return first, second


def domed(gear: int) -> Pattern:
    """Return a cabochon over an ellipse."""
    *teeth, _ = _with_main((2, 7, 10, 13, 20), gear)
    return cabochon(ellipse_outline(teeth=tuple(teeth), gear=gear))


def hearted(gear: int) -> Pattern:
    """Return a brilliant over a heart's hull, with its cleft."""
    return heart(gear, crown_break=CROWN_BREAK, pavilion_break=PAVILION_BREAK, lengths=(1.0, 1.2))


PATTERNS: dict[str, Callable[[int], Pattern]] = {
    "round": round_brilliant,
    "oval": oval,
    "oval_point": oval_point,
    "cushion": cushion,
    "pear": pear,
    "marquise": marquise,
    "heart": hearted,
    "trilliant": trilliant,
    "hexagon": hexagon,
    "radiant": radiant,
    "radiant_long": radiant_long,
    "princess": princess,
    "emerald": emerald,
    "emerald_steep": emerald_steep,
    "asscher": asscher,
    "baguette": baguette,
    "octagon": octagon,
    "triangle": triangle,
    "kite": kite,
    "cabochon": domed,
}

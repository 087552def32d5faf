"""The heart: a pear-like brilliant over its convex hull, and a cleft that is ground out of it.

A heart is not convex, and half-spaces bound convex solids only. Two ways round that: two convex
lobes that overlap, or the hull with the cleft's weight taken off. It is the hull here. A cutter
facets that hull first and grinds the cleft last, on the edge of a lap, so its facets are facets
he sets on his machine; what must lie inside the rough until then is the hull, so one convex body
is still all that is ever placed; and the limits proved for hulls hold. Two lobes would each need
half a facet list, and a place for both at once is another question than all of the search asks.

The cleft is a straight V between two upright walls, through crown and pavilion, as wide as the
flat between the lobes. A cutter rounds the lobes into it and so takes a little less than that;
the weight of a plan has the whole V taken off (`Design.notch`). What the hull asks of the rough
where the cleft will be is more than the heart needs: a flaw there is kept clear of, too.
"""

import math
from dataclasses import replace

import numpy as np

from yieldopt.cuts.brilliant import brilliant
from yieldopt.cuts.chain import two_ended_outline
from yieldopt.cuts.design import Design
from yieldopt.cuts.gears import UncuttableError, flipped, part, rising
from yieldopt.cuts.outline import HALF_WIDTH, Forms, azimuth
from yieldopt.cuts.pattern import Pattern
from yieldopt.geometry.arrays import Float

# Shares of the width, chosen to look like the trade's hearts: there is no norm for them.
HEAD = 0.38  # from the widest place back to the lobes' tops
FLAT = 0.22  # from the axis to the top of a lobe: half of what the cleft is wide
CLEFT = 0.16  # how far it goes in from the lobes' tops
TO_TIP = 0.50  # from the keel's end to the tip: the mains there are as steep as across
BOW = 0.09  # how far the wings stand out over a straight line, share of that line

FEWEST_TEETH = 48  # on 32 a crown break beside the tip is 0.015 of the width wide
SAMPLES = 4000


def heart(
    gear: int, *, crown_break: float, pavilion_break: float, lengths: tuple[float, float]
) -> Pattern:
    """Return the hull's facets, two lobes towards -x and the tip at +x, with the cleft.

    Parameters
    ----------
    gear
        Teeth.
    crown_break, pavilion_break
        Share of the height at which the breaks end.
    lengths
        Length/width where the wings take their curve's lengths.
    """
    quarter, half = part(gear, 4), part(gear, 2)
    if gear < FEWEST_TEETH:
        raise UncuttableError(f"{gear} teeth are too few")
    b1, b2, lobe, b3, b4, shoulder = rising((3, 9, 12, 15, 20, 22), gear, low=0, high=quarter)
    f1, f2, wing, f3, f4 = rising((4, 8, 9.5, 11, 13), gear, low=0, high=quarter)
    back, front = (b1, b2, b3, b4, quarter), (f1, f2, f3, f4)
    outline = two_ended_outline(
        (_lobe, back),
        (_wing, front),
        gear,
        head_length=HEAD,
        lengths=lengths,
        rings=[flipped(gear - t, gear) for t in back] + [flipped(t, gear) for t in front],
    )
    inset = outline.half_width - outline.half_table
    long, short, table = outline.half_length, outline.half_width, outline.half_table
    to_back = (HEAD / HALF_WIDTH) * short
    to_tip = 2.0 * long - to_back
    between = [(0, lobe), (lobe, shoulder), (0, wing), (wing, quarter)]
    beside, behind, before, tip = (
        rising((place,), gear, low=low, high=high)[0]
        for place, (low, high) in zip((6, 17, 5, 12), between, strict=True)
    )
    edges: Forms = {3 * quarter: to_back - inset}
    for tooth, sideways, along, across in (
        (gear - beside, beside, 0.0 * short, table),
        (gear - behind, behind, to_back - inset, (FLAT / HALF_WIDTH) * table),
        (before, before, 0.0 * short, table),
        (tip, tip, to_tip - 1.25 * inset, 0.0 * short),
    ):
        sin, cos = np.sin(azimuth(sideways, gear)), np.cos(azimuth(sideways, gear))
        edges.update(dict.fromkeys(flipped(tooth, gear), float(sin) * along + float(cos) * across))
    mains = [0, half, quarter]
    mains += [*flipped(wing, gear), *flipped(gear - lobe, gear), *flipped(gear - shoulder, gear)]
    keel = to_tip - (TO_TIP / HALF_WIDTH) * short
    pattern = brilliant(
        outline,
        mains=tuple(sorted(mains)),
        table_edges=edges,
        keel={t: max(0.0, float(np.sin(azimuth(t, gear)))) * keel for t in mains},
        crown_break=crown_break,
        pavilion_break=pavilion_break,
    )
    return replace(pattern, notch=_cleft())


def cleft_words(design: Design) -> str:
    """Return how the cleft is ground, for those who read the facet list."""
    width = design.width
    return (
        f"cleft: grind it last, an upright V between the lobes, {CLEFT * width:.2f} mm deep and"
        f" {2.0 * FLAT * width:.2f} mm wide; it takes {design.notch_volume:.3f} mm3"
    )


def _cleft() -> tuple[tuple[float, float, float, float], ...]:
    """Return the two walls at unit width: behind both lies what is ground out."""
    away = math.hypot(FLAT, CLEFT)
    return tuple(
        (FLAT / away, side * CLEFT / away, 0.0, FLAT * (CLEFT - HEAD) / away) for side in (1, -1)
    )


def _lobe(half_length: float) -> Float:
    """Return the quarter from the widest place to the axis: a quarter ellipse, then the flat."""
    turn = np.linspace(0.0, 0.5 * np.pi, SAMPLES)
    round_part = np.column_stack(
        [half_length * np.sin(turn), FLAT + (HALF_WIDTH - FLAT) * np.cos(turn)]
    )
    flat = np.column_stack([np.full(SAMPLES, half_length), np.linspace(FLAT, 0.0, SAMPLES)])
    return np.vstack([round_part, flat[1:]])


def _wing(half_length: float) -> Float:
    """Return the quarter from the widest place to the tip: an arc that stands out by BOW."""
    share = np.linspace(0.0, 1.0, SAMPLES)
    out = 4.0 * BOW * share * (1.0 - share)  # a parabola: the teeth decide the rest
    return np.column_stack(
        [
            half_length * share + HALF_WIDTH * out,
            HALF_WIDTH * (1.0 - share) + half_length * out,
        ]
    )

"""The mixed style of square and many-sided cuts: bezels above, a brilliant's pavilion below.

The pavilion has a main from each corner of the girdle to the lowest point and a steeper break
along each side. Where the girdle is longer than wide, the lowest line is a keel and each long
side has a second, shallower facet down to it. The princess has chevrons instead: below each
side's break, pairs of facets that fan out from the girdle's corners to the line amid the side.
The crown has a bezel along each side and one at each corner, all from the girdle to a table that
has twice as many sides.
"""

import numpy as np

from yieldopt.cuts.gears import part, ring
from yieldopt.cuts.outline import HALF_WIDTH, Forms, Outline, azimuth, met, turned
from yieldopt.cuts.pattern import Facets, Pattern, Sheet


def cornered(
    outline: Outline, *, mains: tuple[int, ...], pavilion_break: float, table_corner: float
) -> Pattern:
    """Return a mixed cut's facets over an outline whose edges keep their distances.

    Parameters
    ----------
    outline
        Its girdle.
    mains
        Teeth of the mains, one at each corner of the girdle.
    pavilion_break
        Share of the depth at which the breaks end.
    table_corner
        What the bezels at the corners leave of the table's corners, below 1.
    """
    gear, edges = outline.gear, outline.edge_forms()
    corners = {tooth: met(edges, tooth, gear) for tooth in mains}
    ridge = {tooth: (1.0 - pavilion_break) * form for tooth, form in corners.items()}
    girdle: Facets = {tooth: (form, 0.0 * form) for tooth, form in edges.items()}
    breaks: Facets = {
        tooth: (form, (form - met(ridge, tooth, gear)) / pavilion_break)
        for tooth, form in edges.items()
    }
    sheet = Sheet()
    sheet.add("girdle", "girdle", girdle, note="to size")
    sheet.add("breaks", "pavilion", breaks, note="level girdle")
    pointed: Facets = {tooth: (form, form) for tooth, form in corners.items()}
    sheet.add("mains", "pavilion", pointed, meets=("breaks", "girdle"))
    _add_crown(sheet, outline, corners, _as_outline(outline), table_corner)
    return Pattern(outline=outline, rows=tuple(sheet.rows))


def cornered_long(
    outline: Outline,
    *,
    mains: tuple[int, ...],
    corner: float,
    pavilion_break: float,
    side_left: float,
    table_corner: float,
) -> Pattern:
    """Return a mixed cut's facets over a rectangle with cut corners, down to a keel.

    Parameters
    ----------
    outline
        Its girdle, of `cut_corner_outline`.
    mains
        Teeth of the mains, one at each corner of the girdle.
    corner
        What a corner's cut takes from each side, as a share of the width.
    pavilion_break
        Share of the depth at which the breaks end.
    side_left
        Where the long sides' breaks end, what is left of the half-width.
    table_corner
        What the bezels at the corners leave of the table's corners, below 1.
    """
    gear, edges = outline.gear, outline.edge_forms()
    long, short, wide = outline.half_length, outline.half_width, outline.half_table
    quarter, eighth, half = part(gear, 4), part(gear, 8), part(gear, 2)
    corners = {tooth: met(edges, tooth, gear) for tooth in mains}
    keel = {tooth: abs(float(np.sin(azimuth(tooth, gear)))) * (long - short) for tooth in mains}
    ridge = {t: form + pavilion_break * (keel[t] - form) for t, form in corners.items()}
    girdle: Facets = {tooth: (form, 0.0 * form) for tooth, form in edges.items()}
    left = side_left * short
    ends = {t: met(ridge, t, gear) for t in edges if t not in (0, half)}
    ends |= {0: left, half: left}
    breaks: Facets = {t: (form, (form - ends[t]) / pavilion_break) for t, form in edges.items()}
    lowest = left / (1.0 - pavilion_break)
    table_long = long - (short - wide)
    table = dict.fromkeys((0, half), wide) | dict.fromkeys((quarter, half + quarter), table_long)
    bevel = (table_long + (1.0 - corner / HALF_WIDTH) * wide) / np.sqrt(2.0)
    table |= dict.fromkeys(ring(eighth, gear, 4), bevel)

    sheet = Sheet()
    sheet.add("girdle", "girdle", girdle, note="to size")
    sheet.add("breaks", "pavilion", breaks, note="level girdle")
    tips: Facets = {tooth: (form, form - keel[tooth]) for tooth, form in corners.items()}
    sheet.add("mains", "pavilion", tips, meets=("breaks", "girdle"))
    codes = dict.fromkeys([sheet.codes["breaks"][0], sheet.codes["mains"][min(mains)]])
    keel_facets: Facets = {0: (lowest, lowest), half: (lowest, lowest)}
    sheet.add("keel", "pavilion", keel_facets, note=f"meet {'-'.join(codes)}")
    _add_crown(sheet, outline, corners, table, table_corner)
    return Pattern(outline=outline, rows=tuple(sheet.rows))


def chevroned(
    outline: Outline,
    *,
    chevrons: tuple[int, ...],
    breaks_end: tuple[float, ...],
    table_corner: float,
) -> Pattern:
    """Return a princess's facets over a square.

    Parameters
    ----------
    outline
        Its girdle, an edge at tooth 0.
    chevrons
        Teeth between a side and a corner's main direction, rising: each is a row of chevrons,
        two facets a side, from the girdle's corners to the line amid the side. The last row
        ends in the lowest point.
    breaks_end
        Share of the depth at which that line leaves the break along the side, the first row of
        chevrons, and so on; one less than there are rows and breaks.
    table_corner
        What the bezels at the corners leave of the table's corners, below 1.
    """
    gear, edges = outline.gear, outline.edge_forms()
    eighth = part(gear, 8)
    corners = {tooth: met(edges, tooth, gear) for tooth in ring(eighth, gear, 4)}
    girdle: Facets = {tooth: (form, 0.0 * form) for tooth, form in edges.items()}
    reach = turned(edges, eighth, chevrons[-1], gear)
    rows = [(chevrons[-1], reach, reach)]
    for tooth, share in zip((0, *chevrons[:-1])[::-1], breaks_end[::-1], strict=True):
        lower, low_reach, low_fall = rows[0]
        turn = np.cos(azimuth(tooth, gear)) / np.cos(azimuth(lower, gear))
        reach = edges[0] if tooth == 0 else turned(edges, eighth, tooth, gear)
        fall = (reach - turn * (low_reach - share * low_fall)) / share
        rows.insert(0, (tooth, reach, fall))

    sheet = Sheet()
    sheet.add("girdle", "girdle", girdle, note="to size")
    for i, (tooth, reach, fall) in enumerate(rows):
        facets: Facets = dict.fromkeys(ring(tooth, gear, 4), (reach, fall))
        note = "" if i else "level girdle"
        meets = ("girdle", f"chevrons {i - 1}") if i else ()
        sheet.add(f"chevrons {i}", "pavilion", facets, note=note, meets=meets)
    _add_crown(sheet, outline, corners, _as_outline(outline), table_corner)
    return Pattern(outline=outline, rows=tuple(sheet.rows))


def _as_outline(outline: Outline) -> Forms:
    """Return a table's edges that form an outline whose edges keep their distances."""
    (distances,) = outline.distances(np.ones(1))
    return {
        tooth: float(distance / HALF_WIDTH) * outline.half_table
        for group, distance in zip(outline.edges, distances, strict=True)
        for tooth in group
    }


def _add_crown(
    sheet: Sheet, outline: Outline, corners: Forms, table: Forms, table_corner: float
) -> None:
    """Append bezels from the girdle's edges and corners to the table's (forms by tooth)."""
    gear = outline.gear
    bezels: Facets = {
        tooth: (form, form - table[tooth]) for tooth, form in outline.edge_forms().items()
    }
    corner_bezels: Facets = {
        tooth: (form, form - table_corner * met(table, tooth, gear))
        for tooth, form in corners.items()
    }
    sheet.add("bezels", "crown", bezels, note="level girdle, to its thickness")
    sheet.add("corner bezels", "crown", corner_bezels, meets=("bezels", "girdle"))
    sheet.add_table(outline.half_width / HALF_WIDTH, "to size")


def corner_teeth(outline: Outline) -> tuple[int, ...]:
    """Return a tooth half-way between each two neighbouring edges."""
    order = sorted(outline.edge_forms())
    after = [*order[1:], order[0] + outline.gear]
    return tuple(
        ((below + above) // 2) % outline.gear for below, above in zip(order, after, strict=True)
    )

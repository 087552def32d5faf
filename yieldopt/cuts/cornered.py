"""The mixed style of square and many-sided cuts: bezels above, a brilliant's pavilion below.

The pavilion has a main from each corner of the girdle to the lowest point and a steeper break
along each side. The crown has a bezel along each side and one at each corner, all from the
girdle to a table that has twice as many sides.
"""

import numpy as np

from yieldopt.cuts.outline import HALF_WIDTH, Outline, met
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
    (distances,) = outline.distances(np.ones(1))
    table = {
        tooth: float(distance / HALF_WIDTH) * outline.half_table
        for group, distance in zip(outline.edges, distances, strict=True)
        for tooth in group
    }
    breaks: Facets = {
        tooth: (form, (form - met(ridge, tooth, gear)) / pavilion_break)
        for tooth, form in edges.items()
    }
    bezels: Facets = {tooth: (form, form - table[tooth]) for tooth, form in edges.items()}
    corner_bezels: Facets = {
        tooth: (form, form - table_corner * met(table, tooth, gear))
        for tooth, form in corners.items()
    }
    sheet = Sheet()
    sheet.add("girdle", "girdle", girdle, note="to size")
    sheet.add("breaks", "pavilion", breaks, note="level girdle")
    pointed: Facets = {tooth: (form, form) for tooth, form in corners.items()}
    sheet.add("mains", "pavilion", pointed, meets=("breaks", "girdle"))
    sheet.add("bezels", "crown", bezels, note="level girdle, to its thickness")
    sheet.add("corner bezels", "crown", corner_bezels, meets=("bezels", "girdle"))
    sheet.add_table(outline.half_width / HALF_WIDTH, "to size")
    return Pattern(outline=outline, rows=tuple(sheet.rows))


def corner_teeth(outline: Outline) -> tuple[int, ...]:
    """Return a tooth half-way between each two neighbouring edges."""
    order = sorted(outline.edge_forms())
    after = [*order[1:], order[0] + outline.gear]
    return tuple(
        ((below + above) // 2) % outline.gear for below, above in zip(order, after, strict=True)
    )

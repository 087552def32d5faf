"""The brilliant style: mains from the girdle's corners, breaks along its edges, stars.

Mains stand at every other corner of the girdle, or at every one. A main runs from its girdle
corner to the table's corner (crown) or to the end of the keel (pavilion). Two mains meet in a
ridge; at a fixed share of the height on it lies the point where both breaks below it and the
star above it meet too. So every facet follows from two points, and all meets are true.
"""

from yieldopt.cuts.outline import HALF_WIDTH, Forms, Outline, met
from yieldopt.cuts.pattern import Facets, Pattern, Sheet
from yieldopt.geometry.arrays import Float


def brilliant(
    outline: Outline,
    *,
    mains: tuple[int, ...],
    table_edges: Forms,
    keel: Forms,
    crown_break: float,
    pavilion_break: float,
) -> Pattern:
    """Return a brilliant's facets.

    Parameters
    ----------
    outline
        Its girdle.
    mains
        Teeth of the mains, one or two edges apart, the same above and below.
    table_edges
        Forms of the table's edges, one between each two mains: the teeth of the stars.
    keel
        Forms of the lowest edge's support at the mains' teeth, zero for a point.
    crown_break, pavilion_break
        Share of the height at which the breaks end.
    """
    gear, edges = outline.gear, outline.edge_forms()
    corners = {tooth: met(edges, tooth, gear) for tooth in mains}
    table = {tooth: met(table_edges, tooth, gear) for tooth in mains}
    girdle: Facets = {tooth: (form, 0.0 * form) for tooth, form in edges.items()}
    crown_ridge = _at(corners, table, crown_break)
    stars = {
        tooth: _through(crown_break, met(crown_ridge, tooth, gear), 1.0, form)
        for tooth, form in table_edges.items()
    }
    pavilion_breaks = _breaks(edges, corners, keel, pavilion_break, gear)

    sheet = Sheet()
    if len(outline.edges) == 1:  # all breaks share an angle: they can come to a point first
        sheet.add("breaks", "pavilion", pavilion_breaks, note="cut to centre point")
        sheet.add("girdle", "girdle", girdle, note="to size")
    else:
        sheet.add("girdle", "girdle", girdle, note="to size")
        sheet.add("breaks", "pavilion", pavilion_breaks, note="level girdle")
    sheet.add("mains", "pavilion", _mains(corners, keel), meets=("breaks", "girdle"))
    crown_breaks = _breaks(edges, corners, table, crown_break, gear)
    sheet.add("crown breaks", "crown", crown_breaks, note="level girdle, to its thickness")
    sheet.add("crown mains", "crown", _mains(corners, table), meets=("crown breaks", "girdle"))
    sheet.add("stars", "crown", stars, meets=("crown breaks", "crown mains"))
    codes = dict.fromkeys([*sheet.codes["crown mains"].values(), *sheet.codes["stars"].values()])
    sheet.add_table(outline.half_width / HALF_WIDTH, f"meet {'-'.join(codes)}")
    return Pattern(outline=outline, rows=tuple(sheet.rows))


def _mains(corners: Forms, tips: Forms) -> Facets:
    return {tooth: (form, form - tips[tooth]) for tooth, form in corners.items()}


def _breaks(edges: Forms, corners: Forms, tips: Forms, share: float, gear: int) -> Facets:
    ridge = _at(corners, tips, share)
    return {
        tooth: _through(0.0, form, share, met(ridge, tooth, gear)) for tooth, form in edges.items()
    }


def _at(low: Forms, high: Forms, share: float) -> Forms:
    return {tooth: form + share * (high[tooth] - form) for tooth, form in low.items()}


def _through(share: float, form: Float, high_share: float, high: Float) -> tuple[Float, Float]:
    """Return reach and fall of the facet through a line at each of two shares of the height."""
    fall = (form - high) / (high_share - share)
    return form + share * fall, fall

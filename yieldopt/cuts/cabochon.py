"""The cabochon: a dome over a flat base, planned as the flat facets that it is rounded out of.

A cutter grinds a dome as rings of flats and then rounds their corners off. What is planned is
the flats: the finished dome lies inside them, so it fits wherever they do, and weighs a little
less (`ROUNDING`). The corners of the rings, seen from the side, lie on an ellipse.
"""

import numpy as np

from yieldopt.cuts.outline import HALF_WIDTH, Outline
from yieldopt.cuts.pattern import Facets, Pattern, Sheet

RINGS = np.radians([0.0, 26.0, 50.0, 72.0])  # where the rings' corners stand on the ellipse
BEVEL = 0.03  # of the width, up and in: a sharp base chips in its setting
ROUNDING = "a dome in flats: rounding them off takes some 5 % of the weight"


def cabochon(outline: Outline) -> Pattern:
    """Return a bevelled base, a wall, three rings of flats and a flat top."""
    edges = outline.edge_forms()
    one = outline.half_width / HALF_WIDTH
    sheet = Sheet()
    walls: Facets = {tooth: (form, 0.0 * form) for tooth, form in edges.items()}
    sheet.add("girdle", "girdle", walls, note="to size")
    sheet.add_flat("pavilion", one, "to size: the base")
    bevels: Facets = {tooth: (form, BEVEL * one) for tooth, form in edges.items()}
    sheet.add("bevels", "pavilion", bevels, note="level girdle")
    share, out = np.sin(RINGS) / np.sin(RINGS[-1]), np.cos(RINGS)
    for i in range(len(RINGS) - 1):
        fall = float((out[i] - out[i + 1]) / (share[i + 1] - share[i]))
        reach = float(out[i] + fall * share[i])
        flats: Facets = {tooth: (reach * form, fall * form) for tooth, form in edges.items()}
        note = "level girdle" if i == 0 else f"to size, {out[i]:.0%} of the outline left"
        sheet.add(f"ring {i}", "crown", flats, note=note)
    sheet.add_table(one, "to size")
    return Pattern(
        outline=outline,
        rows=tuple(sheet.rows),
        fixed={"pavilion_depth": BEVEL, "table": float(out[-1])},
        remark=ROUNDING,
    )

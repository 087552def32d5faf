"""The step cut for a dark c-axis: an emerald's sides, and ends that stand steep.

Light that runs along a dark ("closed") c-axis comes out black, and an end of some 45 degrees sends
it that way when the stone lies along c, as tourmaline does. Tourmaline cutters ask for ends of 60
to 70 degrees and more; Graham's Easy Emerald, drawn for it, has ends of 72, 68 and 64 under sides
of 72, 46 and 41.
"""

from collections.abc import Sequence

import numpy as np

from yieldopt.cuts.gears import part
from yieldopt.cuts.outline import HALF_WIDTH, Outline, cut_corner_outline
from yieldopt.cuts.pattern import Facets, Pattern, Sheet
from yieldopt.cuts.step import add_step_crown

# Of the width, what a cut corner takes from each side: corners then stand at 75 and 63 degrees,
# Easy Emerald's at 72 and 59.
CORNER = 0.15


def emerald_steep(gear: int) -> Pattern:
    """Return an emerald whose ends stand at 70 degrees and more."""
    # Widths are those of Easy Emerald's sides. Their last steps are a degree steeper, for stones of
    # low index; ends are steeper so that they obey a rule of 70 degrees at commercial depths.
    return steep_ended(
        cut_corner_outline(corner=CORNER, gear=gear),
        corner=CORNER,
        crown_widths=(1, 1, 1),
        crown_angles=(45, 38, 30),
        side_widths=(0.067, 0.227, 0.206),
        side_angles=(72, 46.5, 42.5),
        end_angles=(78.5, 76, 72.5),
    )


def steep_ended(
    outline: Outline,
    *,
    corner: float,
    crown_widths: Sequence[float],
    crown_angles: Sequence[float],
    side_widths: Sequence[float],
    side_angles: Sequence[float],
    end_angles: Sequence[float],
) -> Pattern:
    """Return a step cut's facets over a rectangle with cut corners, with ends of their own angles.

    Steps of sides, ends and corners begin and end at the same heights. Corners stand half-way
    between sides and ends, and come to a point where the last step begins.

    Parameters
    ----------
    outline
        Its girdle, of `cut_corner_outline`.
    corner
        What a corner's cut takes from each side, as a share of the width.
    crown_widths, side_widths
        Of the steps from the girdle on, as shares of the way in to the table or the keel.
    crown_angles, side_angles, end_angles
        In degrees, at a usual height; other heights stretch them together.
    """
    quarter, eighth, half = part(outline.gear, 4), part(outline.gear, 8), part(outline.gear, 2)
    edges, one = outline.edge_forms(), outline.half_width / HALF_WIDTH
    sides = HALF_WIDTH * np.array(side_widths) / sum(side_widths)
    rises = sides * np.tan(np.radians(side_angles))
    shares = np.concatenate([[0.0], np.cumsum(rises) / rises.sum()])
    # How far in, as shares of the width, each group is where its steps begin and end.
    ends = rises / np.tan(np.radians(end_angles))
    side_in, end_in = (np.concatenate([[0.0], np.cumsum(own)]) for own in (sides, ends))
    corner_in = 0.5 * (side_in + end_in)
    # A corner's edge is `corner - side - end + sqrt(2) own` long, seen from either side.
    corner_in[-2] = (side_in[-2] + end_in[-2] - corner) / np.sqrt(2.0)

    groups = {
        "sides": ((0, half), side_in),
        "corners": (tuple(eighth + k * quarter for k in range(4)), corner_in),
        "ends": ((quarter, half + quarter), end_in),
    }
    sheet = Sheet()
    girdle: Facets = {tooth: (form, 0.0 * form) for tooth, form in edges.items()}
    sheet.add("girdle", "girdle", girdle, note="to size")
    for i in range(len(sides)):
        kind, note = f"pavilion step {i}", "level girdle"
        last = i == len(sides) - 1
        if i > 0:
            note = f"to size, {side_in[i]:.3f} W in from the girdle"
        for group, (teeth, way_in) in groups.items():
            if last and group == "corners":
                continue
            fall = float((way_in[i + 1] - way_in[i]) / (shares[i + 1] - shares[i]))
            reach = float(fall * shares[i] - way_in[i])
            facets: Facets = {t: (edges[t] + reach * one, fall * one) for t in teeth}
            if last:
                sheet.add(kind, "pavilion", facets, meets=(f"pavilion step {i - 1}",))
                continue
            sheet.add(kind, "pavilion", facets, note=note)
            if i > 0:
                note = f"as far down as {sheet.codes[kind][0]}"
    add_step_crown(sheet, outline, widths=crown_widths, angles=crown_angles)
    return Pattern(outline=outline, rows=tuple(sheet.rows))

"""The step style: tiers parallel to the girdle, each further in and shallower than the last."""

from collections.abc import Sequence

import numpy as np

from yieldopt.cuts.outline import HALF_WIDTH, Outline
from yieldopt.cuts.pattern import Facets, Pattern, Sheet
from yieldopt.geometry.arrays import Float


def step(
    outline: Outline,
    *,
    crown_widths: Sequence[float],
    crown_angles: Sequence[float],
    pavilion_widths: Sequence[float],
    pavilion_angles: Sequence[float],
    keel_teeth: Sequence[int],
    inradius: float = HALF_WIDTH,
) -> Pattern:
    """Return a step cut's facets.

    All facets of a step share their angle, so a step is as wide seen from above on every side.

    Parameters
    ----------
    outline
        Its girdle.
    crown_widths, pavilion_widths
        Of the steps from the girdle on, as shares of the way in to the table or the keel.
    crown_angles, pavilion_angles
        In degrees, at a usual height; other heights stretch them together.
    keel_teeth
        Of the last pavilion step; it has no corners where they have run out before.
    inradius
        How far it is from the nearest edges in to the lowest point, as a share of the width.
    """
    edges = outline.edge_forms()
    sheet = Sheet()
    girdle: Facets = {tooth: (form, 0.0 * form) for tooth, form in edges.items()}
    sheet.add("girdle", "girdle", girdle, note="to size")
    way_in = inradius / HALF_WIDTH

    shares = np.cumsum(pavilion_widths) / sum(pavilion_widths)
    for i, (reach, fall) in enumerate(_steps(pavilion_widths, pavilion_angles)):
        last = i == len(pavilion_widths) - 1
        inset = way_in * outline.half_width
        facets = {
            tooth: (form + reach * inset, fall * inset)
            for tooth, form in edges.items()
            if tooth in keel_teeth or not last
        }
        note = "level girdle"
        if i > 0:
            note = f"to size, {inradius * shares[i - 1]:.3f} W in from the girdle"
        # Where a corner has come to a point, the last step starts there.
        runs_out = last and len(facets) < len(edges)
        meets = (f"pavilion step {i - 1}",) if runs_out else ()
        sheet.add(f"pavilion step {i}", "pavilion", facets, note="" if meets else note, meets=meets)
    add_step_crown(sheet, outline, widths=crown_widths, angles=crown_angles, way_in=way_in)
    return Pattern(outline=outline, rows=tuple(sheet.rows))


def add_step_crown(
    sheet: Sheet,
    outline: Outline,
    *,
    widths: Sequence[float],
    angles: Sequence[float],
    way_in: float = 1.0,
) -> None:
    """Append a step cut's crown: `way_in` is the inradius as a share of the half-width."""
    shares = np.cumsum(widths) / sum(widths)
    for i, (reach, fall) in enumerate(_steps(widths, angles)):
        inset = way_in * (outline.half_width - outline.half_table)
        facets: Facets = {
            tooth: (form + reach * inset, fall * inset)
            for tooth, form in outline.edge_forms().items()
        }
        note = "level girdle, to its thickness"
        if i > 0:
            note = f"to size, {shares[i - 1]:.0%} of the way in to the table"
        sheet.add(f"crown step {i}", "crown", facets, note=note)
    sheet.add_table(outline.half_width / HALF_WIDTH, "to size")


def _steps(widths: Sequence[float], angles: Sequence[float]) -> list[tuple[float, float]]:
    """Return for each step reach and fall of its inset, where the whole inset is 1.

    A step from share `v0`, inset `w0`, to `v1`, `w1` falls `(w1 - w0) / (v1 - v0)`.
    """
    width: Float = np.array(widths) / sum(widths)
    rise = width * np.tan(np.radians(angles))
    rise /= rise.sum()
    share = np.concatenate([[0.0], np.cumsum(rise)])
    inset = np.concatenate([[0.0], np.cumsum(width)])
    out = []
    for i in range(len(width)):
        fall = width[i] / rise[i]
        out.append((float(share[i] * fall - inset[i]), float(fall)))
    return out

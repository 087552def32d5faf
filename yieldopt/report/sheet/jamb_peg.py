"""For shops without an index wheel: an octagonal dop in a peg board, and paper gauges.

The dop stick has eight flats; the holder turns it by -3 to +4 sixty-fourths of a turn from a
flat. So every tooth of a wheel of 64 has a flat and an offset; teeth of other wheels are taken to
the nearest, and the sheet says how far off that is.
"""

import math
from typing import Any

import numpy as np

from yieldopt.report.sheet.facets import how_far, rows_said
from yieldopt.report.sheet.figure import HIDDEN, LINE, THICK, THIN, Figure
from yieldopt.report.sheet.job import Job
from yieldopt.report.words import mm
from yieldopt.workshop.record import Row, StoneSheet

SCALE, FLATS = 64, 8  # of the holder; flats of the stick
STICK = 150.0  # mm from the peg's point to the stone: where trial marks begin
OFF = 0.01  # degrees: less is a rounding of the wheel, not of the sheet
GAUGE = 34.0  # mm: the arm of a paper gauge, long enough to lay on a stick
LEAST_STICK = 2.0  # degrees from upright: a gauge thinner than this is none


def octal(index: float, gear: int) -> tuple[int, int, float]:
    """Return the flat (1 to 8), the offset (-3 to +4) and what that is off, degrees.

    >>> octal(96, 96), octal(6, 96), octal(93, 96)
    ((1, 0, 0.0), (1, 4, 0.0), (1, -2, 0.0))
    >>> flat, offset, off = octal(1, 96)
    >>> flat, offset, round(off, 3)
    (1, 1, 1.875)
    """
    wanted = (index / gear * SCALE) % SCALE
    place = round(wanted)
    off = (place - wanted) * 360.0 / SCALE
    step = SCALE // FLATS
    offset = (place + 3) % step - 3
    flat = ((place - offset) // step) % FLATS
    return flat + 1, offset, off


def jamb_page(job: Job, sheet: StoneSheet) -> dict[str, Any]:
    """Return the page of a stone for a peg board."""
    rows = [_row(job, row) for row in rows_said(job, sheet)]
    worst = max(
        (abs(octal(i, row.gear)[2]) for row in sheet.rows for i in row.index if row.angle > 0.0),
        default=0.0,
    )
    angles = sorted({row.angle for row in sheet.rows if LEAST_STICK < row.angle < 90.0})
    return {
        "intro": [
            job.say("jamb.stick"),
            job.say("jamb.hole", stick=job.figure(f"{STICK:g}\N{NO-BREAK SPACE}mm")),
            job.say("jamb.trial"),
        ],
        "off": job.say("jamb.off", off=job.deg(worst)) if worst > OFF else job.say("jamb.exact"),
        "head": [
            job.say("facets.tier"),
            job.say("jamb.lean"),
            job.say("jamb.height"),
            job.say("jamb.trial_hole"),
            job.say("jamb.flats"),
            job.say("facets.how"),
        ],
        "rows": rows,
        "gauges": [{"drawn": gauge(angle).drawn(), "words": job.deg(angle, 2)} for angle in angles],
        "gauge_words": job.say("jamb.gauge"),
        "outline": _outline(sheet).drawn(),
        "profile": _profile(sheet).drawn(),
        "outline_words": job.say("jamb.outline"),
        "profile_words": job.say("jamb.profile"),
    }


def _row(job: Job, row: Row) -> list[Any]:
    lean = 90.0 - row.angle
    places = [] if row.angle == 0.0 else [octal(i, row.gear) for i in row.index]
    return [
        job.figure(row.code),
        job.deg(lean),
        job.figure(f"{STICK * math.sin(math.radians(lean)):.0f}"),
        "",
        [job.figure(f"{flat}{offset:+d}" if offset else f"{flat}") for flat, offset, _ in places],
        how_far(job, row),
    ]


def gauge(angle: float) -> Figure:
    """Return a paper gauge: the wedge between lap and stick for a facet's angle, to cut out."""
    lean = math.radians(90.0 - angle)
    arm = np.array([math.cos(lean), math.sin(lean)]) * GAUGE
    figure = Figure()
    figure.polygon(np.array([[0.0, 0.0], [GAUGE, 0.0], arm]), width=THICK)
    reach = 0.3 * GAUGE
    turns = np.linspace(0.0, lean, 12)
    figure.line(reach * np.column_stack([np.cos(turns), np.sin(turns)]), width=THIN)
    figure.text(
        0.58 * (np.array([GAUGE, 0.0]) + arm) / 1.0 * 0.75, f"{90.0 - angle:.1f}°", size=2.6
    )
    return figure


def _outline(sheet: StoneSheet) -> Figure:
    """Return the finished stone from above at true scale, a ruler's cross through it."""
    figure = Figure()
    figure.polygon(sheet.flat.stone_outline, width=LINE, fill="none")
    low, high = sheet.flat.stone_outline.min(axis=0), sheet.flat.stone_outline.max(axis=0)
    for k in (0, 1):
        ends = np.zeros((2, 2))
        ends[:, k] = low[k] - 3.0, high[k] + 3.0
        figure.line(ends, width=THIN, dash=HIDDEN)
    return figure


def _profile(sheet: StoneSheet) -> Figure:
    """Return half of the stone's profile at true scale, as a notch to cut out of card."""
    from yieldopt.report.drawing import outline_of, view_axes

    axes = view_axes(sheet.stone.design, "side")
    flat = sheet.stone.design.solid.vertices @ axes[:2].T
    figure = Figure()
    figure.polygon(flat[outline_of(flat)], width=LINE)
    low, high = flat.min(axis=0), flat.max(axis=0)
    figure.line([[low[0] - 3.0, 0.0], [high[0] + 3.0, 0.0]], width=THIN, dash=HIDDEN)
    figure.text((0.5 * (low[0] + high[0]), low[1] - 2.6), mm(float(high[1] - low[1])), size=2.6)
    return figure

"""First flat, dop and preform of a stone: the paper target at true scale, and what to measure."""

import math
from typing import Any

import numpy as np

from yieldopt.cuts.species import species_named
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.report.drawing import outline_of
from yieldopt.report.sheet.bearings import pose_words
from yieldopt.report.sheet.figure import HIDDEN, LINE, THICK, THIN, Figure, rule
from yieldopt.report.sheet.job import Job, with_unit
from yieldopt.report.sheet.views import LARGER
from yieldopt.report.words import by, mm, plain, tooth
from yieldopt.workshop.record import Room, StoneSheet

TARGET = (112.0, 112.0)  # mm of paper at most: beside it stand the figures to set it by
PREFORM = 44.0  # mm of paper for the preform's drawing
BEYOND = 6.0  # mm of paper: cross-hair and index line stand out of the outlines
AMPLE = 0.3  # mm of margin left: below that a slip of the hand may use it up
COLD = ("heat", "cold", "thermal", "crazing")  # words of a species' handling: keep wax off it
KEEP_CLEAR = 0.5  # mm of arrow per mm of figure at least, so that a near flaw still has an arrow


def flat_of(job: Job, sheet: StoneSheet) -> dict[str, Any]:
    """Return the first flat and the dop of a stone."""
    flat = sheet.flat
    target, left_out = _target(sheet)
    names = list(flat.heights)
    return {
        "where": job.say(
            f"flat.where_{flat.side}", beyond=job.mm(flat.beyond), piece=job.piece(sheet.piece)
        ),
        "marks": {
            "head": [
                job.say("bearings.mark"),
                job.say("flat.height"),
                job.say("flat.measured"),
                job.say("flat.x"),
                job.say("flat.y"),
            ],
            "rows": [
                [
                    job.figure(name),
                    job.figure(mm(flat.heights[name])),
                    "",
                    *(job.figure(f"{v + 0.0:+.2f}") for v in flat.feet[name]),
                ]
                for name in names
            ],
        },
        "far": job.say("flat.far", far=job.mm(flat.far)),
        "takes": job.say("flat.takes", takes=job.mm(flat.takes)),
        "dop": job.say("flat.dop", dop=job.mm(flat.dop), gear=abs(sheet.stone.design.gear)),
        "wax": _adhesive(job),
        "nest": job.say("flat.nest"),
        "pose": pose_words(job, sheet),
        "target": target.drawn(),
        "target_words": job.say("flat.target", gear=abs(sheet.stone.design.gear)),
        "left_out": job.say("flat.left_out", marks=", ".join(left_out)) if left_out else "",
        "rule": rule(50.0).drawn(),
    }


def _adhesive(job: Job) -> str:
    """Return what to stick the stone on with, from what is known of the species and heat."""
    try:
        handling = species_named(job.plan.species).handling
    except InputError:
        return job.say("flat.wax_unknown")
    if any(word in handling for word in COLD):
        return job.say("flat.wax_cold", species=job.plan.species)
    return job.say("flat.wax")


def _way(sheet: StoneSheet, index: float) -> Float:
    """Return where a tooth lies on the target, (2,) unit."""
    turn = 2.0 * math.pi * index / sheet.stone.design.gear
    return np.array([_sense(sheet) * math.sin(turn), math.cos(turn)])


def _sense(sheet: StoneSheet) -> float:
    """Return which way the target's x runs: on the table the piece is seen from its culet."""
    return -1.0 if sheet.flat.side == "table" else 1.0


def _target(sheet: StoneSheet) -> tuple[Figure, list[str]]:
    """Return the paper target at true scale, and the marks whose feet have no room on it."""
    flat, gear = sheet.flat, abs(sheet.stone.design.gear)
    figure = Figure()
    for ring in flat.outline:
        figure.polygon(np.asarray(ring), width=THICK)
    figure.polygon(flat.stone_outline, width=THIN, dash=HIDDEN)
    figure.circle((0.0, 0.0), 0.5 * flat.dop, width=LINE)
    rings = np.concatenate([*(np.asarray(r) for r in flat.outline), flat.stone_outline])
    feet = {name: np.array(foot) for name, foot in flat.feet.items()}
    half = 0.5 * np.array(TARGET)
    left_out = [name for name, foot in feet.items() if (np.abs(foot) > half).any()]
    there = [foot for name, foot in feet.items() if name not in left_out]
    low = np.maximum(np.min([*rings, *there], axis=0) - BEYOND, -half)
    high = np.minimum(np.max([*rings, *there], axis=0) + BEYOND, half)
    figure.line([[low[0], 0.0], [high[0], 0.0]], width=THIN)
    figure.line([[0.0, low[1]], [0.0, 0.0]], width=THIN)
    figure.arrow((0.0, 0.0), (0.0, high[1]), width=0.6, head=2.6)
    figure.text((0.0, high[1] + 2.4), tooth(0.0, gear), size=3.6, bold=True)
    ends = {1: high[0], 2: -low[1], 3: -low[0]}
    for quarter in (1, 2, 3):
        way = _way(sheet, 0.25 * quarter * gear)
        reach = ends[quarter] if quarter == 2 else (high[0] if way[0] > 0 else -low[0])
        figure.text(way * (reach + 2.6), tooth(0.25 * quarter * gear, gear), size=2.8)
    for name, foot in feet.items():
        if name in left_out:
            continue
        for arm in (np.array([1.1, 1.1]), np.array([1.1, -1.1])):
            figure.line(np.array([foot - arm, foot + arm]), width=LINE)
        figure.label(foot, name, away=foot, size=3.6)
    return figure, left_out


def preform_page(job: Job, sheet: StoneSheet) -> dict[str, Any]:
    """Return the preform of a stone: its sizes, the rough there is for it, flaws to mind."""
    size = sheet.preform
    outline = by(size["length"], size["width"])
    rows = [
        [job.say("preform.outline"), job.figure(with_unit(outline, "mm"))],
        [job.say("preform.above"), job.mm(size["above"])],
        [job.say("preform.below"), job.mm(size["below"])],
        [
            job.say("preform.allowance"),
            job.figure(with_unit(plain(job.plan.limits.allowance), "mm")),
        ],
    ]
    if size.get("extra", 0.0) >= 0.005:  # less reads 0.00
        rows.append([job.say("preform.extra"), job.mm(size["extra"])])
    drawn = _preform_figure(job, sheet)
    return {
        "facts": rows,
        "room": {
            "head": [
                job.say("preform.way"),
                job.say("preform.there"),
                job.say("preform.needed"),
                job.say("preform.margin"),
                job.say("preform.grade"),
            ],
            "rows": [_room(job, room) for room in sheet.room],
        },
        "clear": [
            job.say(
                "preform.clear",
                flaw=f"({number})",
                away=job.mm(away),
                way=way_words(job, way),
            )
            for number, away, way in sheet.clear
        ],
        "figure": drawn.drawn(),
        "scale": (
            job.say("scale.true")
            if drawn.scale == 1.0
            else job.say("scale.large", times=f"{drawn.scale:g}")
        ),
    }


def way_words(job: Job, way: str) -> str:
    """Return a direction of a stone: table, culet, or a tooth."""
    if way in ("table", "culet"):
        return job.say(f"way.{way}")
    return job.say("way.tooth", tooth=way)


def grade_of(margin: float) -> str:
    """Return how a margin is judged: green, amber, red, in words for black and white."""
    if margin < 0.0:
        return "red"
    return "green" if margin >= AMPLE else "amber"


def _room(job: Job, room: Room) -> list[str]:
    grade = grade_of(room.margin)
    return [
        way_words(job, room.way),
        job.figure(mm(room.there)),
        job.figure(mm(room.needed)),
        job.figure(mm(room.margin)),
        job.say(f"grade.{grade}"),
        grade,
    ]


def _preform_figure(job: Job, sheet: StoneSheet) -> Figure:
    """Return the preform from above, the stone in it, arrows to flaws that are near.

    As many times larger as there is room for: the target has its true size.
    From the side that is cut first, as it stands over the target.
    """
    solid, sense = sheet.stone.design.solid, _sense(sheet)
    spread = polytope_from_planes(solid.normals, solid.offsets + job.plan.limits.allowance)
    turn = 2.0 * math.pi * sheet.stone.design.location / sheet.stone.design.gear
    c, s = math.cos(turn), math.sin(turn)
    # Gem frame to the target's: index 0 up, seen from the side that is cut first.
    frame = np.array([[sense * c, sense * s], [-s, c]]).T
    outer, inner = spread.vertices[:, :2] @ frame, solid.vertices[:, :2] @ frame
    extent = float(np.ptp(outer, axis=0).max())
    figure = Figure(scale=next((k for k in LARGER if k * extent <= PREFORM), 1.0))
    figure.polygon(outer[outline_of(outer)], width=THICK)
    figure.polygon(inner[outline_of(inner)], width=THIN, dash=HIDDEN)
    figure.line([[-1.0, 0.0], [1.0, 0.0]], width=THIN)
    figure.line([[0.0, -1.0], [0.0, 1.0]], width=THIN)
    top = float(outer[:, 1].max())
    paper = 1.0 / figure.scale  # mm of the stone in a mm of paper
    figure.arrow((0.0, top + 0.6 * paper), (0.0, top + 4.6 * paper), width=LINE)
    zero = tooth(0.0, abs(sheet.stone.design.gear))
    figure.text((0.0, top + 6.8 * paper), zero, size=2.8, bold=True)
    for number, away, way in sheet.clear:
        if way in ("table", "culet"):
            continue
        out = _way(sheet, float(way))
        edge = float((outer @ out).max())
        start = out * (edge + away + 5.0 * paper)
        figure.arrow(start, out * (edge + KEEP_CLEAR * away), width=LINE, head=1.8)
        figure.text(out * (edge + away + 7.2 * paper), f"({number})", size=2.8)
    return figure

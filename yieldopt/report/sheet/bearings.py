"""Get your bearings: six outlines at true scale, landmarks, axes, flaws, where the stones lie."""

from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.report.drawing import outline_of
from yieldopt.report.sheet.depth import depth_under
from yieldopt.report.sheet.figure import AXIS, HIDDEN, LINE, THICK, THIN, Figure, rule
from yieldopt.report.sheet.job import Job, with_unit
from yieldopt.report.sheet.views import BARE_GAP, GAP, enlarged, eye_of, on_view, six_views
from yieldopt.report.words import by, flaw_place, keepers, mm, place_words
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere
from yieldopt.workshop.record import StoneSheet, View

FLAWS = 12  # listed and drawn; more would fill the page, and stand on the page for screens
AGREE = 0.3  # mm: as the landmarks are chosen (`rough.landmarks.AGREE`)
CLEAVAGE = "cleavage"  # names of axes that are normals of planes begin so
SHOWS = 0.25  # share of a direction that a view must show for its line to say anything
HEAD = 118.0  # mm of the first page that the head takes; a large rough takes a page of its own
NOTED = 62.0  # mm that marks and flaws take below the outlines
LARGE = 100.0  # mm of the first page for a small rough drawn larger


def bearings(job: Job) -> dict[str, Any]:
    """Return the outlines and what stands beside them."""
    wide, tall = job.room
    views = job.workshop.views

    def caption(name: str) -> str:
        return job.say(f"view.{name}")

    large = enlarged(views, lambda view, figure: _view(job, view, figure), caption, (wide, LARGE))
    figure = six_views(
        views,
        lambda view, figure: _view(job, view, figure, is_bare=large is not None),
        caption,
        (wide, tall - HEAD - NOTED),
        least=(wide, tall - NOTED),
        gap=GAP if large is None else BARE_GAP,
    )
    size = by(*job.workshop.size)
    flaws = " " + job.say("bearings.legend_flaws") if job.plan.inclusions else ""
    return {
        "figure": figure.drawn(),
        **large_of(job, large),
        "scale": scale_words(job, figure),
        "is_true": figure.scale == 1.0,
        "rule": rule().drawn(),
        "legend": job.say("bearings.legend") + flaws,
        "size": job.say("bearings.size", size=with_unit(size, "mm")),
        "marks": _marks(job),
        "agree": job.say("bearings.agree", agree=job.mm(AGREE)),
        "flaws": _flaws(job),
        "more": _more(job),
        "axes": _axes(job),
    }


def large_of(job: Job, large: Figure | None) -> dict[str, Any]:
    """Return the enlarged drawing with its words; none where there is none."""
    if large is None:
        return {"large": None, "large_words": ""}
    return {
        "large": large.drawn(),
        "large_words": job.say("scale.large", times=f"{large.scale:g}"),
    }


def scale_words(job: Job, figure: Figure) -> str:
    """Return at which scale a figure is drawn, with a warning where it is not its true size."""
    if figure.scale == 1.0:
        return job.say("scale.true")
    return job.say("scale.small", scale=f"1:{1.0 / figure.scale:g}")


def _view(job: Job, view: View, figure: Figure, *, is_bare: bool = False) -> None:
    """Draw what an eye sees of the rough, and what lies in it; bare: outlines and tips alone."""
    for ring in view.outlines:
        figure.polygon(ring, width=LINE if is_bare else THICK)
    eye = eye_of(view)
    if is_bare:
        for mark in job.workshop.marks:
            if mark.kind == "tip":
                figure.dot(on_view(view, mark.place)[0], seen=bool(mark.outward @ eye > 0.0))
        return
    middle = np.concatenate(view.outlines).mean(axis=0)
    for sheet in job.workshop.stones:
        corners = on_view(view, sheet.stone.pose.apply(sheet.stone.design.solid.vertices))
        ring = corners[outline_of(corners)]
        figure.polygon(ring, width=THIN, dash=HIDDEN)
        figure.badge(ring.mean(axis=0), sheet.stone.id)
    for name, axis in job.plan.axes.items():
        _axis(view, figure, name, np.asarray(axis, dtype=np.float64), middle)
    for number, flaw in enumerate(job.plan.inclusions[:FLAWS], start=1):
        _flaw(view, figure, number, flaw)
    for mark in job.workshop.marks:
        at = on_view(view, mark.place)[0]
        figure.dot(at, seen=bool(mark.outward @ eye > 0.0))
        figure.label(at, mark.name, away=at - middle, size=3.4)


def _axis(view: View, figure: Figure, name: str, axis: Float, middle: Float) -> None:
    """Draw a crystal's axis, or the trace of a cleavage, through the middle of an outline."""
    way = np.cross(axis, eye_of(view)) if name.startswith(CLEAVAGE) else axis
    flat = on_view(view, way)[0]
    if np.linalg.norm(flat) < SHOWS:
        return
    flat = flat / np.linalg.norm(flat)
    reach = 0.5 * float(np.ptp(np.concatenate(view.outlines), axis=0).min())
    ends = [middle - reach * flat, middle + reach * flat]
    figure.line(ends, width=THIN, dash=AXIS)
    figure.label(ends[1], name.removeprefix(CLEAVAGE).strip() or name, away=flat, size=2.6)


def _flaw(view: View, figure: Figure, number: int, flaw: Inclusion) -> None:
    """Draw a flaw's outline, dashed, and its number."""
    match flaw:
        case Sphere():
            figure.circle(on_view(view, flaw.centre)[0], max(flaw.radius, 0.1), width=THIN)
        case Needle():
            figure.line(on_view(view, np.stack([flaw.start, flaw.end])), width=LINE)
        case Crack():
            figure.polygon(on_view(view, flaw.corners), width=THIN, dash="0.5 0.4")
        case Mesh():
            corners = on_view(view, flaw.vertices)
            figure.polygon(corners[outline_of(corners)], width=THIN, dash="0.5 0.4")
    figure.label(on_view(view, flaw_place(flaw))[0], f"({number})", size=2.6)


def _marks(job: Job) -> dict[str, Any]:
    """Return the marks and how far they lie from those before, as a table."""
    known = [mark.name for mark in job.workshop.marks][:3]
    rows = []
    for mark in job.workshop.marks:
        distances = [
            job.figure(mm(mark.distances[name])) if name in mark.distances else "" for name in known
        ]
        x, y, z = (mm(v) for v in mark.scan)
        rows.append(
            [
                job.figure(mark.name),
                job.say(f"mark.{mark.kind}"),
                *distances,
                job.figure(f"({x}, {y}, {z})"),
            ]
        )
    heads = [job.say("bearings.to", mark=name) for name in known]
    return {
        "head": [
            job.say("bearings.mark"),
            job.say("bearings.kind"),
            *heads,
            job.say("bearings.in_scan"),
        ],
        "rows": rows,
        "dots": any(mark.kind == "dot" for mark in job.workshop.marks),
    }


def flaw_said(job: Job, flaw: Inclusion) -> str:
    """Return in words what a flaw is and how large; a region told by the user by its name."""
    if flaw.name:
        return job.say("flaw.named", name=flaw.name)
    match flaw:
        case Sphere():
            across = job.mm(2.0 * flaw.radius)
            return job.say("flaw.ball", across=across) if flaw.radius else job.say("flaw.point")
        case Needle():
            length = float(np.linalg.norm(flaw.end - flaw.start)) + 2.0 * flaw.radius
            return job.say("flaw.needle", long=job.mm(length), thick=job.mm(2.0 * flaw.radius))
        case Crack():
            apart = flaw.corners[:, None] - flaw.corners[None]
            across = job.mm(float(np.linalg.norm(apart, axis=2).max()))
            return job.say("flaw.crack", across=across)
        case Mesh():
            sides = np.sort(np.ptp(flaw.vertices, axis=0))[::-1]
            return job.say("flaw.body", size=with_unit(by(*sides.tolist()), "mm"))


def _flaws(job: Job) -> list[list[str]]:
    """Return the flaws: number, what it is, how deep and on which side, what is done about it."""
    kept = keepers(job.plan)
    margin = job.mm(job.plan.limits.inclusion_margin)
    rows = []
    for number, flaw in enumerate(job.plan.inclusions[:FLAWS], start=1):
        depth, way = depth_under(job.plan.rough, flaw)
        side = max(job.workshop.views, key=lambda view: float(eye_of(view) @ way)).name
        if number in kept:
            done = job.say("flaw.stays", stone=kept[number])
        else:
            done = job.say("flaw.clear", margin=margin)
        where = job.say("flaw.depth", depth=job.mm(depth), side=job.say(f"view.{side}"))
        place = job.figure(place_words(flaw_place(flaw)).removesuffix(" mm"))
        rows.append([job.figure(f"({number})"), flaw_said(job, flaw), where, done, place])
    return rows


def _more(job: Job) -> str:
    more = len(job.plan.inclusions) - FLAWS
    return job.say("flaw.more", number=more) if more > 0 else ""


def _axes(job: Job) -> str:
    """Return what the lines through the outlines are; empty where no axis is known."""
    names = list(job.plan.axes)
    if not names:
        return ""
    return job.say("bearings.axes", names=", ".join(names))


def pose_words(job: Job, sheet: StoneSheet) -> str:
    """Return where a stone lies in the scan, for those who have it on a screen."""
    x, y, z = (mm(float(v)) for v in sheet.stone.pose.translation)
    return job.say(
        "bearings.pose",
        place=f"({x}, {y}, {z})",
        table=_vector(sheet.stone.pose.rotation[:, 2]),
        gear=abs(sheet.stone.design.gear),
        zero=_vector(sheet.stone.pose.rotation[:, 1]),
    )


def _vector(way: Float) -> str:
    told = (f"{float(v) + 0.0:.3f}".replace("-0.000", "0.000") for v in way)
    return f"({', '.join(told)})"

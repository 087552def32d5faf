"""The saw plan, a step a block: the line on the views, points to ink, checks, what to expect."""

from functools import partial
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.plan.pieces import Piece
from yieldopt.report.drawing import outline_of
from yieldopt.report.sheet.bearings import large_of, scale_words
from yieldopt.report.sheet.figure import HAIR, HIDDEN, THICK, THIN, Figure
from yieldopt.report.sheet.job import Job
from yieldopt.report.sheet.views import (
    BARE_GAP,
    GAP,
    Skin,
    enlarged,
    eye_of,
    on_view,
    resampled,
    runs,
    six_views,
)
from yieldopt.report.words import mm
from yieldopt.workshop.record import InkPoint, Mark, SawSheet, View

BLOCK = 150.0  # mm of a page that the outlines of a cut may take before they are drawn smaller
LARGE = 112.0  # mm of a page for a small rough's cut drawn larger; a cut has a page of its own
WAY = 6.0  # mm of paper: arrows from the line to what lies on either side of it
EDGE_ON = 0.8  # share of a plane's normal that a view shows where the line is nearly straight


def saw_steps(job: Job) -> list[dict[str, Any]]:
    """Return the saw's steps in their order; none where nothing is sawn."""
    pieces = {piece.name: piece for piece in job.plan.pieces} if job.workshop.saw else {}
    return [_step(job, cut, pieces.get(cut.piece)) for cut in job.workshop.saw]


def _step(job: Job, cut: SawSheet, piece: Piece | None) -> dict[str, Any]:
    near, away = cut.nearest
    return {
        "title": job.say(
            "saw.title",
            step=cut.step,
            piece=job.piece(cut.piece),
            above=job.piece(cut.above),
            below=job.piece(cut.below),
        ),
        **_figure(job, cut, piece),
        "ink": {
            "head": [job.say("saw.point"), job.say("saw.distances"), "", ""],
            "rows": [_ink(job, ink) for ink in cut.ink],
        },
        "line": job.say(
            "saw.line",
            kerf=job.mm(cut.kerf),
            half=job.mm(0.5 * cut.kerf),
            above=job.piece(cut.above),
            below=job.piece(cut.below),
        ),
        "blade": job.say("saw.blade", long=job.mm(cut.long), short=job.mm(cut.short)),
        "tilts": [
            job.say("saw.tilt", step=step, angle=job.deg(angle)) for step, angle in cut.tilts
        ],
        "nearest": job.say("saw.nearest", stone=near, away=job.mm(away)),
        "heights": [_heights(job, cut, side) for side in ("above", "below") if side in cut.heights],
        "weights": _weights(job, cut),
        "warnings": [job.said(remark) for remark in cut.warnings],
        "stop": job.say("saw.stop", away=job.mm(away)),
    }


def _ink(job: Job, ink: InkPoint) -> list[str]:
    """Return a point to ink: its name, and from which mark how far, three times."""
    return [
        job.figure(ink.name),
        *(job.figure(f"{name} {mm(far)}") for name, far in ink.distances.items()),
    ]


def _heights(job: Job, cut: SawSheet, side: str) -> dict[str, Any]:
    piece = job.piece(cut.above if side == "above" else cut.below)
    return {
        "piece": job.say("saw.heights", piece=piece),
        "marks": [[job.figure(n), job.mm(h)] for n, h in cut.heights[side].items()],
    }


def _weights(job: Job, cut: SawSheet) -> list[list[str]]:
    """Return what to expect on the scales: name, ct; the last is lost."""
    named = {
        "above": job.piece(cut.above),
        "below": job.piece(cut.below),
        "dust": job.say("piece.dust"),
    }
    return [[name, job.ct(cut.weights[key])] for key, name in named.items() if key in cut.weights]


def _figure(job: Job, cut: SawSheet, piece: Piece | None) -> dict[str, Any]:
    """Return the views of the rough with the piece, the line round it and its two sides."""
    vertices = piece.vertices if piece is not None else job.plan.rough.vertices
    faces = piece.faces if piece is not None else job.plan.rough.faces
    skin = Skin.of(vertices, faces)
    outlines = _outlines(job, piece)
    shown = _best_views(job, cut)
    lines = {
        view.name: [
            (on_view(view, points[part]), seen)
            for points in (resampled(loop) for loop in cut.loops)
            for part, seen in runs(skin.seen(view, points))
        ]
        for view in job.workshop.views
    }
    marks = {mark.name: mark for mark in job.workshop.marks}
    used = [marks[n] for n in dict.fromkeys(n for i in cut.ink for n in i.distances) if n in marks]
    inked = {
        view.name: skin.seen(view, np.array([ink.place for ink in cut.ink]))
        for view in job.workshop.views
    }

    def draw(view: View, figure: Figure, *, is_bare: bool = False) -> None:
        _piece(view, figure, outlines.get(view.name))
        if not is_bare:
            _stones(job, view, figure)
        for points, seen in lines[view.name]:
            wide = max(cut.kerf * figure.scale, THICK) if seen else THIN
            figure.line(points, width=wide, dash="" if seen else HIDDEN)
        if is_bare:
            return
        _marks(view, figure, used)
        middle = np.concatenate(view.outlines).mean(axis=0)
        for ink, seen in zip(cut.ink, inked[view.name], strict=True):
            if seen:
                at = on_view(view, ink.place)[0]
                _cross(figure, at)
                figure.label(at, ink.name, away=at - middle, size=2.6)
        if view.name in shown:
            _sides(job, cut, view, figure)

    def caption(name: str) -> str:
        return job.say(f"view.{name}")

    wide, _ = job.room
    large = enlarged(job.workshop.views, draw, caption, (wide, LARGE))
    bare = partial(draw, is_bare=large is not None)
    gap = GAP if large is None else BARE_GAP
    figure = six_views(job.workshop.views, bare, caption, (wide, BLOCK), gap=gap)
    return {
        "figure": figure.drawn(),
        **large_of(job, large),
        "scale": scale_words(job, figure),
        "is_true": figure.scale == 1.0,
    }


def _outlines(job: Job, piece: Piece | None) -> dict[str, list[Float]]:
    """Return the piece's outlines in each view; none where it is the whole rough."""
    if piece is None or piece.made_by == 0:
        return {}
    import manifold3d

    solid = manifold3d.Manifold(
        manifold3d.Mesh64(
            np.array(piece.vertices, dtype=np.float64), np.array(piece.faces, dtype=np.uint64)
        )
    )
    out = {}
    for view in job.workshop.views:
        rows = np.stack([view.right, view.up, eye_of(view)])
        turned = solid.transform(np.column_stack([rows, np.zeros(3)]))
        out[view.name] = [np.asarray(ring) for ring in turned.project().to_polygons()]
    return out


def _piece(view: View, figure: Figure, outlines: list[Float] | None) -> None:
    """Draw the rough, and the piece of it that is sawn now as its own outline."""
    whole = HAIR if outlines else THICK
    for ring in view.outlines:
        figure.polygon(ring, width=whole, dash="0.3 0.6" if outlines else "")
    for ring in outlines or ():
        figure.polygon(ring, width=THICK)


def _stones(job: Job, view: View, figure: Figure) -> None:
    for sheet in job.workshop.stones:
        corners = on_view(view, sheet.stone.pose.apply(sheet.stone.design.solid.vertices))
        ring = corners[outline_of(corners)]
        figure.polygon(ring, width=HAIR, dash=HIDDEN)
        figure.badge(ring.mean(axis=0), sheet.stone.id, size=2.0)


def _marks(view: View, figure: Figure, marks: list[Mark]) -> None:
    middle = np.concatenate(view.outlines).mean(axis=0)
    for mark in marks:
        at = on_view(view, mark.place)[0]
        figure.dot(at, seen=bool(mark.outward @ eye_of(view) > 0.0))
        figure.label(at, mark.name, away=at - middle, size=3.2)


def _cross(figure: Figure, at: Float) -> None:
    """Draw a point to ink."""
    for way in ((1.0, 1.0), (1.0, -1.0)):
        arm = np.array(way) * 0.8 / figure.scale
        figure.line(np.array([at - arm, at + arm]), width=THIN)


def _best_views(job: Job, cut: SawSheet) -> list[str]:
    """Return the views in which the plane is seen most edge-on, two at most."""

    def shown(view: View) -> float:
        return float(np.linalg.norm([cut.normal @ view.right, cut.normal @ view.up]))

    ranked = sorted(job.workshop.views, key=shown, reverse=True)
    best = ranked[:1] + [v for v in ranked[1:] if not _opposite(v, ranked[0])][:1]
    return [view.name for view in best if shown(view) > 1.0 - EDGE_ON]


def _opposite(one: View, other: View) -> bool:
    return abs(float(eye_of(one) @ eye_of(other))) > EDGE_ON


def _sides(job: Job, cut: SawSheet, view: View, figure: Figure) -> None:
    """Draw arrows from the line's middle to its two sides, with the pieces' names."""
    flat = on_view(view, cut.normal)[0]
    flat = flat / np.linalg.norm(flat)
    middle = on_view(view, np.concatenate(cut.loops).mean(axis=0))[0]
    reach = WAY / figure.scale
    for sign, name in ((1.0, cut.above), (-1.0, cut.below)):
        end = middle + sign * reach * flat
        figure.arrow(middle, end, width=THIN, head=1.6)
        beyond = end + sign * 2.6 * flat / figure.scale
        if any(sheet.stone.id == name for sheet in job.workshop.stones):
            figure.badge(beyond, name)
        else:
            figure.text(beyond, name, size=3.0, bold=True)

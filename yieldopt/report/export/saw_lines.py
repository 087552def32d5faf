"""The saw's lines as flat drawings at true scale: each cut in its plane and seen from six sides.

A drawing is lines in mm on named layers, with a bar of 10 mm to check a printer or a plotter by.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from yieldopt.geometry.arrays import Float, Int
from yieldopt.plan.record import Plan, SawCut
from yieldopt.workshop.record import View

GAP = 12.0  # mm between the figures of a drawing: room for a word and a finger
WORD = 2.5  # mm, height of letters
BAR = 10.0  # mm
# As a sheet unfolds: opposite sides below one another.
ROWS = (("top", "front", "left"), ("bottom", "back", "right"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A polygon or an open line on a layer: points (k, 2) mm, x right, y up."""

    layer: str
    points: Float
    closed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word on a layer; `place` (2,) mm is the left end of its foot."""

    layer: str
    text: str
    place: Float


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatDrawing:
    """Lines and words, mm; `words` tell what it is."""

    name: str
    words: str
    lines: tuple[Line, ...]
    texts: tuple[Word, ...]

    @property
    def box(self) -> tuple[Float, Float]:
        """Lower left and upper right corner (2,), mm, words' height with it."""
        points = np.concatenate(
            [line.points for line in self.lines]
            + [np.array([word.place, word.place + np.array([0.0, WORD])]) for word in self.texts]
        )
        return points.min(axis=0), points.max(axis=0)


def saw_drawings(plan: Plan) -> list[FlatDrawing]:
    """Return a drawing for each saw cut, in the order of sawing; none where nothing is sawn.

    Layers: SECTION is the line round the piece in the plane of the cut, seen from the side above,
    true to size; ROUGH the outlines of the rough in its six views, LINE the same line in them (its
    far side too: the views tell places, and the skin hides nothing of a drawing); WORDS and BAR.
    """
    if not plan.saw:
        return []
    views = _views(plan)
    pieces = {piece.name: piece for piece in plan.pieces}
    out = []
    for cut in plan.saw:
        piece = pieces[cut.piece]
        out.append(_drawing(cut, _loops(piece.vertices, piece.faces, cut), views))
    return out


def _views(plan: Plan) -> tuple[View, ...]:
    from yieldopt.rough.landmarks import landmarks
    from yieldopt.workshop.marks import tips_of
    from yieldopt.workshop.views import calliper_frame, views_of

    tips = np.array([tip.place for tip in tips_of(landmarks(plan.rough))])
    return views_of(plan.rough, calliper_frame(plan.rough, tips))


def _loops(vertices: Float, faces: Int, cut: SawCut) -> list[Float]:
    """Return the line round a piece in a cut's plane, (k, 3) mm: anticlockwise from above it."""
    from yieldopt.workshop.section import section_loops

    normal = np.asarray(cut.normal)
    loops = section_loops(vertices, faces, normal, float(cut.offset))
    twice = sum(np.cross(line, np.roll(line, -1, axis=0)).sum(axis=0) @ normal for line in loops)
    return [line[::-1] for line in loops] if twice < 0.0 else loops


def in_plane(loops: Sequence[Float], normal: Float) -> list[Float]:
    """Return lines (k, 3) of a plane as they are seen from where its normal points to, (k, 2) mm.

    They are turned so that they are least high; the middle of their box is the origin.
    """
    from scipy.spatial import ConvexHull

    first = np.cross(normal, np.eye(3)[int(np.abs(normal).argmin())])
    first /= np.linalg.norm(first)
    frame = np.array([first, np.cross(normal, first)])
    flat = [loop @ frame.T for loop in loops]
    hull = ConvexHull(np.concatenate(flat))
    sides = hull.equations[:, :2]
    up = sides[int(np.ptp(hull.points @ sides.T, axis=0).argmin())]
    turn = np.array([[up[1], -up[0]], up])
    seen = [line @ turn.T for line in flat]
    every = np.concatenate(seen)
    centre = (every.min(axis=0) + every.max(axis=0)) / 2.0
    return [line - centre for line in seen]


def _drawing(cut: SawCut, loops: list[Float], views: Sequence[View]) -> FlatDrawing:
    words = (
        f"saw step {cut.step}: piece {cut.piece} into {cut.above} (above) and {cut.below} (below),"
        f" kerf {cut.kerf:.2f} mm; 1:1, mm"
    )
    lines: list[Line] = []
    texts = [Word(layer="WORDS", text=words, place=np.zeros(2))]
    lines.append(
        Line(layer="BAR", points=np.array([[0.0, -GAP / 2], [BAR, -GAP / 2]]), closed=False)
    )
    texts.append(_word("10 mm", [BAR + 1.0, -GAP / 2]))
    top = -GAP
    if loops:
        seen = in_plane(loops, np.asarray(cut.normal))
        below = _put("in the plane, seen from above it", 0.0, top, [("SECTION", seen)])
        lines += below[0]
        texts += below[1]
        top = below[2][1]
    by_name = {view.name: view for view in views}
    for row in ROWS:
        left, lowest = 0.0, top
        for name in row:
            view = by_name[name]
            frame = np.array([view.right, view.up])
            figures = [("ROUGH", list(view.outlines)), ("LINE", [p @ frame.T for p in loops])]
            found = _put(name, left, top, figures)
            lines += found[0]
            texts += found[1]
            left, lowest = found[2][0], min(lowest, found[2][1])
        top = lowest
    return FlatDrawing(name=f"step_{cut.step}", words=words, lines=tuple(lines), texts=tuple(texts))


def _put(
    title: str, left: float, top: float, figures: Iterable[tuple[str, Sequence[Float]]]
) -> tuple[list[Line], list[Word], tuple[float, float]]:
    """Return a figure below its title, and where the next may stand to its right and below it."""
    figures = list(figures)
    every = np.concatenate([points for _, group in figures for points in group])
    low, high = every.min(axis=0), every.max(axis=0)
    corner = np.array([left - low[0], top - 2.0 * WORD - high[1]])
    lines = [
        Line(layer=layer, points=points + corner) for layer, group in figures for points in group
    ]
    right = left + max(float(high[0] - low[0]), WORD * len(title)) + GAP
    bottom = top - 2.0 * WORD - float(high[1] - low[1]) - GAP
    return lines, [_word(title, [left, top - WORD])], (right, bottom)


def _word(text: str, place: Sequence[float]) -> Word:
    return Word(layer="WORDS", text=text, place=np.array(place))


def write_dxf(plan: Plan, folder: Path) -> list[Path]:
    """Write `saw/step_<n>.dxf` for each saw cut and return the paths."""
    from yieldopt.report.export.dxf import dxf_text

    return _written(plan, folder, ".dxf", dxf_text)


def write_svg(plan: Plan, folder: Path) -> list[Path]:
    """Write `saw/step_<n>.svg` for each saw cut and return the paths."""
    from yieldopt.report.export.svg import svg_text

    return _written(plan, folder, ".svg", svg_text)


def _written(
    plan: Plan, folder: Path, ending: str, text_of: Callable[[FlatDrawing], str]
) -> list[Path]:
    paths = []
    for drawing in saw_drawings(plan):
        path = folder / "saw" / f"{drawing.name}{ending}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text_of(drawing), encoding="utf-8", newline="")
        paths.append(path)
    return paths

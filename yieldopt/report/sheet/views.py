"""The six outlines on paper, unfolded as a box is, and what is drawn over them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, Int
from yieldopt.report.sheet.figure import TEXT, Figure, scale_for
from yieldopt.workshop.record import View

LARGER = (5.0, 4.0, 3.0, 2.5, 2.0, 1.5)  # times: what a small rough is drawn again at, to be read
GAP = 7.0  # mm of paper between two outlines: room for letters and captions
BARE_GAP = 3.0  # between outlines without letters
# Unfolded round the front as a box is opened, or in two columns where that is too wide.
UNFOLDED: tuple[tuple[str | None, ...], ...] = (
    (None, "top", None, None),
    ("left", "front", "right", "back"),
    (None, "bottom", None, None),
)
COLUMNS: tuple[tuple[str | None, ...], ...] = (
    ("top", "bottom"),
    ("front", "back"),
    ("left", "right"),
)
BURIED = (
    0.2  # mm: what lies no deeper under the skin is on it; scans and rounded figures are so far
)
POINTS = 120  # of a line round a piece that are looked at for being seen

Draw = Callable[[View, Figure], None]
Captions = Callable[[str], str]


def eye_of(view: View) -> Float:
    """Return the unit vector from the stone to the eye, frame of the mesh."""
    return np.asarray(np.cross(view.right, view.up), dtype=np.float64)


def on_view(view: View, points: Float) -> Float:
    """Return points (n, 3) as the view shows them, (n, 2) mm."""
    return np.asarray(np.atleast_2d(points) @ np.column_stack([view.right, view.up]))


def six_views(
    views: Sequence[View],
    draw: Draw,
    caption: Captions,
    room: tuple[float, float],
    *,
    least: tuple[float, float] | None = None,
    gap: float = GAP,
) -> Figure:
    """Return the views as one figure, at 1:1 where the paper has room, else at a smaller scale.

    Parameters
    ----------
    draw
        Draws what a view shows into its figure, mm of the stone.
    caption
        Of a view's name.
    room
        Width and height of the paper there is, mm.
    least
        More paper, mm, that may be taken before anything is drawn smaller.
    gap
        Between two outlines, mm of paper.
    """
    for paper in (room, *([least] if least else [])):
        for plan in (UNFOLDED, COLUMNS):
            figure = _arranged(views, plan, draw, caption, 1.0, gap)
            if _fits(figure, paper):
                return figure
    wide, tall = figure.size
    paper = least or room
    scale = scale_for(wide, tall, paper)
    while True:  # captions and gaps are not scaled, so the first guess may be a little too large
        for plan in (UNFOLDED, COLUMNS):
            figure = _arranged(views, plan, draw, caption, scale, gap)
            if _fits(figure, paper):
                return figure
        scale *= 0.5


def enlarged(
    views: Sequence[View], draw: Draw, caption: Captions, room: tuple[float, float]
) -> Figure | None:
    """Return the views unfolded, as many times larger as the paper has room for (mm).

    None where they are large enough at 1:1, or have no room.
    """
    for scale in LARGER:
        figure = _arranged(views, UNFOLDED, draw, caption, scale)
        if _fits(figure, room):
            return figure
    return None


def _fits(figure: Figure, paper: tuple[float, float]) -> bool:
    return figure.size[0] <= paper[0] and figure.size[1] <= paper[1]


def _arranged(
    views: Sequence[View],
    plan: Sequence[Sequence[str | None]],
    draw: Draw,
    caption: Captions,
    scale: float,
    gap: float = GAP,
) -> Figure:
    """Return the views in rows and columns; the ones in a row keep their heights."""
    drawn: dict[str, Figure] = {}
    for view in views:
        figure = Figure(scale=scale)
        draw(view, figure)
        drawn[view.name] = figure
    columns = max(len(row) for row in plan)
    wide = [0.0] * columns
    for row in plan:
        for k, name in enumerate(row):
            if name is not None and name in drawn:
                wide[k] = max(wide[k], drawn[name].size[0])
    out, y = Figure(scale=scale), 0.0
    for row in plan:
        there = [(k, name) for k, name in enumerate(row) if name is not None and name in drawn]
        if not there:
            continue
        tall = max(drawn[name].size[1] for _, name in there)
        y -= TEXT + 1.5
        for k, name in there:
            figure = drawn[name]
            x = sum(wide[:k]) + gap * k + 0.5 * (wide[k] - figure.size[0])
            out.put(figure, (x, y - 0.5 * (tall + figure.size[1])))
            middle = (x + 0.5 * figure.size[0]) / scale
            out.text([middle, (y + 0.5 * TEXT + 0.5) / scale], caption(name), size=TEXT)
        y -= tall + 0.5 * gap
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Skin:
    """Triangles of a stone or a piece, to ask what of it an eye sees.

    Parameters
    ----------
    triangles
        (m, 3, 3) mm, outward.
    """

    triangles: Float

    @staticmethod
    def of(vertices: Float, faces: Int) -> "Skin":
        """Return the skin of a mesh."""
        return Skin(triangles=np.asarray(vertices[faces], dtype=np.float64))

    def seen(self, view: View, points: Float) -> np.ndarray:
        """Return for points (n, 3) near the skin whether the eye of a view sees them, (n,) bool.

        A point is hidden where a triangle that looks at the eye lies more than BURIED before it.
        """
        frame = np.column_stack([view.right, view.up, eye_of(view)])
        corners = self.triangles @ frame
        a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
        area = _cross(b[:, :2] - a[:, :2], c[:, :2] - a[:, :2])
        looks = area > 1e-12  # mm2: towards the eye, and not edge-on
        corners, area = corners[looks], area[looks]
        low, high = corners.min(axis=1), corners.max(axis=1)
        out = np.ones(len(points), dtype=bool)
        for i, (x, y, z) in enumerate(np.asarray(points) @ frame):
            near = np.flatnonzero(
                (low[:, 0] <= x)
                & (high[:, 0] >= x)
                & (low[:, 1] <= y)
                & (high[:, 1] >= y)
                & (high[:, 2] > z + BURIED)
            )
            if not len(near):
                continue
            p, q, r = corners[near, 0], corners[near, 1], corners[near, 2]
            here = np.array([x, y])
            u = _cross(q[:, :2] - here, r[:, :2] - here) / area[near]
            v = _cross(r[:, :2] - here, p[:, :2] - here) / area[near]
            w = 1.0 - u - v
            inside = (u >= 0.0) & (v >= 0.0) & (w >= 0.0)
            height = u * p[:, 2] + v * q[:, 2] + w * r[:, 2]
            out[i] = not bool((inside & (height > z + BURIED)).any())
        return out


def _cross(u: Float, v: Float) -> Float:
    return np.asarray(u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0])


def resampled(loop: Float, n_points: int = POINTS) -> Float:
    """Return a closed line (k, 3) as points at even steps along it, the corners kept, closed."""
    ring = np.concatenate([loop, loop[:1]])
    steps = np.linalg.norm(np.diff(ring, axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    at = np.union1d(np.linspace(0.0, along[-1], n_points), along)
    return np.column_stack([np.interp(at, along, ring[:, k]) for k in range(3)])


def runs(seen: np.ndarray) -> list[tuple[slice, bool]]:
    """Return stretches of points that are all seen or all hidden, each up to the next's first."""
    out, start = [], 0
    for i in range(1, len(seen)):
        if seen[i] != seen[start]:
            out.append((slice(start, i + 1), bool(seen[start])))
            start = i
    out.append((slice(start, len(seen)), bool(seen[start])))
    return out

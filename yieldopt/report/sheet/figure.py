"""True-scale line figures: millimetres in, SVG out whose size on paper is said with it.

Black lines of a few weights, dashes for what is hidden, letters in the paper's own font. y is up.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

import numpy as np

from yieldopt.geometry.arrays import Float

FONT = "Noto Sans, Noto Sans Arabic"
THICK, LINE, THIN, HAIR = 0.45, 0.28, 0.18, 0.1  # mm: what a worn office printer still tells apart
HIDDEN = "1.1 0.7"  # mm: dashes that stay dashes after a photocopy
AXIS = "2.4 0.6 0.3 0.6"  # dash and dot
TEXT = 3.0  # mm: height of letters in figures, 8.5 pt
BAR, TENTHS = 100.0, 10  # mm: the bar that proves the printer's scale, and its fields
SCALES = (1.0, 0.5, 0.2, 0.1, 0.05)  # 1:1, 1:2, 1:5 ...
BESIDE = tuple(np.radians(d) for d in (0, 45, -45, 90, -90, 135, -135, 180))  # of a label
DECIMALS = 4  # of the paper's mm: a ten-thousandth is beyond any printer


@dataclass(slots=True)
class Figure:
    """A drawing that grows: its box holds all that was drawn.

    Parameters
    ----------
    scale
        Paper mm for a mm; weights of lines and letters are the paper's.
    """

    scale: float = 1.0
    parts: list[str] = field(default_factory=list)
    low: Float = field(default_factory=lambda: np.full(2, np.inf))
    high: Float = field(default_factory=lambda: np.full(2, -np.inf))
    labels: list[tuple[float, float, float, float]] = field(default_factory=list)

    def _at(self, points: Float | Sequence[Sequence[float]], grow: float = 0.0) -> Float:
        """Return points on paper (n, 2), y down, and let the box hold them."""
        flat = np.asarray(points, dtype=np.float64).reshape(-1, 2) * self.scale
        self.low = np.minimum(self.low, flat.min(axis=0) - grow)
        self.high = np.maximum(self.high, flat.max(axis=0) + grow)
        return np.asarray(flat * [1.0, -1.0])

    def polygon(
        self,
        points: Float,
        *,
        width: float = LINE,
        dash: str = "",
        fill: str = "none",
        stroke: str = "#000",
    ) -> None:
        """Draw a closed line."""
        self._path(points, "Z", width, dash, fill, stroke)

    def line(
        self, points: Float | Sequence[Sequence[float]], *, width: float = LINE, dash: str = ""
    ) -> None:
        """Draw an open line."""
        self._path(points, "", width, dash, "none", "#000")

    def _path(
        self,
        points: Float | Sequence[Sequence[float]],
        end: str,
        width: float,
        dash: str,
        fill: str,
        stroke: str,
    ) -> None:
        at = self._at(points, 0.5 * width)
        if len(at) < 2:
            return
        way = "L".join(f"{_n(x)} {_n(y)}" for x, y in at)
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<path d="M{way}{end}" fill="{fill}" stroke="{stroke}" '
            f'stroke-width="{_n(width)}"{dashed}/>'
        )

    def circle(
        self,
        centre: Float | Sequence[float],
        radius: float,
        *,
        width: float = LINE,
        dash: str = "",
        fill: str = "none",
    ) -> None:
        """Draw a circle; its radius is in mm of the thing."""
        self._at(np.asarray(centre, dtype=np.float64), radius * self.scale + 0.5 * width)
        x, y = np.asarray(centre, dtype=np.float64) * self.scale
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<circle cx="{_n(x)}" cy="{_n(-y)}" r="{_n(radius * self.scale)}" fill="{fill}" '
            f'stroke="#000" stroke-width="{_n(width)}"{dashed}/>'
        )

    def dot(self, centre: Float | Sequence[float], *, seen: bool = True) -> None:
        """Draw a mark: a full dot where it looks at the eye, a ring where it is behind."""
        fill = "#000" if seen else "#fff"
        self.circle(centre, 0.75 / self.scale, width=0.2, fill=fill)

    def arrow(
        self,
        start: Float | Sequence[float],
        end: Float | Sequence[float],
        *,
        width: float = LINE,
        head: float = 2.0,
    ) -> None:
        """Draw a line with a full head of so many paper mm at its end."""
        a = np.asarray(start, dtype=np.float64)
        b = np.asarray(end, dtype=np.float64)
        way = (b - a) / max(float(np.linalg.norm(b - a)), 1e-9)
        across = np.array([-way[1], way[0]]) * 0.33 * head / self.scale
        back = b - way * head / self.scale
        self.line(np.array([a, back]), width=width)
        self.polygon(np.array([b, back + across, back - across]), width=0.05, fill="#000")

    def text(
        self,
        at: Float | Sequence[float],
        words: str,
        *,
        size: float = TEXT,
        anchor: str = "middle",
        bold: bool = False,
    ) -> None:
        """Write letters, their middle at the point; a white edge keeps lines off them."""
        wide = 0.62 * size * max(len(words), 1)
        x, y = np.asarray(at, dtype=np.float64) * self.scale
        left = {"middle": 0.5, "start": 0.0, "end": 1.0}[anchor] * wide
        corners = np.array([[x - left, y - 0.5 * size], [x - left + wide, y + 0.5 * size]])
        self._at(corners / self.scale)
        weight = ' font-weight="700"' if bold else ""
        place = (
            f'x="{_n(x)}" y="{_n(-y + 0.36 * size)}" font-size="{_n(size)}" '
            f'text-anchor="{anchor}"{weight}'
        )
        told = escape(words)
        self.parts.append(
            f'<text {place} fill="none" stroke="#fff" stroke-width="{_n(0.3 * size)}">{told}</text>'
            f'<text {place} fill="#000" stroke="none">{told}</text>'
        )

    def badge(self, at: Float | Sequence[float], words: str, *, size: float = 2.8) -> None:
        """Write a stone's letters white on black: marks have letters too."""
        wide, tall = 0.7 * size * len(words) + 0.5 * size, 1.35 * size
        x, y = np.asarray(at, dtype=np.float64) * self.scale
        box = (x - 0.5 * wide, y - 0.5 * tall, x + 0.5 * wide, y + 0.5 * tall)
        self._at(np.array([box[:2], box[2:]]) / self.scale)
        self.labels.append(box)
        self.parts.append(
            f'<rect x="{_n(box[0])}" y="{_n(-box[3])}" width="{_n(wide)}" height="{_n(tall)}" '
            f'rx="{_n(0.3 * size)}" fill="#000"/>'
            f'<text x="{_n(x)}" y="{_n(-y + 0.36 * size)}" font-size="{_n(size)}" fill="#fff" '
            f'text-anchor="middle" font-weight="700">{escape(words)}</text>'
        )

    def label(
        self,
        at: Float | Sequence[float],
        words: str,
        *,
        away: Float | None = None,
        size: float = TEXT,
    ) -> None:
        """Write letters beside a point, on the side where no other label stands.

        `away` is the direction that is tried first, (2,).
        """
        x, y = np.asarray(at, dtype=np.float64) * self.scale
        wide, tall = 0.62 * size * len(words), size
        first = 0.0 if away is None else float(np.arctan2(away[1], away[0]))
        best: tuple[float, float, float] | None = None
        for turn in BESIDE:
            way = np.array([np.cos(first + turn), np.sin(first + turn)])
            cx = x + way[0] * (0.5 * wide + 1.2)
            cy = y + way[1] * (0.5 * tall + 1.2)
            box = (cx - 0.5 * wide, cy - 0.5 * tall, cx + 0.5 * wide, cy + 0.5 * tall)
            over = sum(_shared(box, other) for other in self.labels)
            if best is None or over < best[0]:
                best = (over, cx, cy)
            if over == 0.0:
                break
        assert best is not None  # there is at least one direction
        _, cx, cy = best
        self.labels.append((cx - 0.5 * wide, cy - 0.5 * tall, cx + 0.5 * wide, cy + 0.5 * tall))
        self.text([cx / self.scale, cy / self.scale], words, size=size)

    def put(self, other: "Figure", at: Float | Sequence[float]) -> None:
        """Draw another figure of the same scale with its left lower corner at a paper point."""
        shift = np.asarray(at, dtype=np.float64) - other.low
        self._at(np.array([other.low + shift, other.high + shift]) / self.scale)
        self.parts.append(f'<g transform="translate({_n(shift[0])} {_n(-shift[1])})">')
        self.parts += [*other.parts, "</g>"]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height on paper, mm."""
        wide, tall = self.high - self.low
        return float(wide), float(tall)

    def drawn(self) -> dict[str, str | float]:
        """Return the SVG and its size on paper, mm, as the templates take it."""
        wide, tall = self.size
        head = (
            '<svg xmlns="http://www.w3.org/2000/svg" '
            f'width="{_n(wide)}mm" height="{_n(tall)}mm" '
            f'viewBox="{_n(self.low[0])} {_n(-self.high[1])} {_n(wide)} {_n(tall)}" '
            f'font-family="{FONT}" stroke-linejoin="round" stroke-linecap="butt">'
        )
        return {
            "svg": head + "".join(self.parts) + "</svg>",
            "width": round(wide, DECIMALS),
            "height": round(tall, DECIMALS),
        }


def _shared(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the area that two boxes (left, low, right, high) share."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    tall = min(one[3], other[3]) - max(one[1], other[1])
    return max(wide, 0.0) * max(tall, 0.0)


def _n(number: float) -> str:
    return f"{round(float(number), DECIMALS) + 0.0:g}"


def rule(length: float = BAR) -> Figure:
    """Return the bar that proves the printer's scale: fields of 10 mm, the first in single mm."""
    figure, high = Figure(), 2.2
    fields = round(length / BAR * TENTHS)
    for k in range(fields):
        left = length * k / fields
        box = np.array([[left, 0.0], [left + 10.0, 0.0], [left + 10.0, high], [left, high]])
        figure.polygon(box, width=HAIR, fill="#000" if k % 2 else "none")
    for k in range(1, 10):
        figure.line([[k, high], [k, high + (1.6 if k == 5 else 1.0)]], width=HAIR)
    for k in {0, 1, fields}:
        figure.line([[10.0 * k, 0.0], [10.0 * k, high + 2.2]], width=THIN)
    figure.text([10.0, high + 4.0], "10", size=2.6)
    figure.text([0.0, high + 4.0], "0", size=2.6)
    if fields > 1:
        figure.text([length, high + 4.0], f"{length:g} mm", size=2.6)
    return figure


def scale_for(wide: float, tall: float, room: tuple[float, float]) -> float:
    """Return the largest of the scales at which a thing (mm) finds room on paper (mm)."""
    for scale in SCALES:
        if wide * scale <= room[0] and tall * scale <= room[1]:
            return scale
    return min(room[0] / max(wide, 1e-9), room[1] / max(tall, 1e-9))

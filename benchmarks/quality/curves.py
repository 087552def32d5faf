"""Anytime curves as a picture (SVG): best weight so far over seconds, a panel a rough."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from xml.sax.saxutils import escape

from benchmarks.quality.rows import Point

COLOURS = {
    "yieldopt": "#c2185b",
    "differential_evolution": "#1565c0",
    "cma_es": "#2e7d32",
    "nelder_mead": "#ef6c00",
    "dual_annealing": "#6d4c41",
}
ACROSS = 3  # panels
WIDTH, HEIGHT = 270.0, 150.0  # of a panel's axes, px
LEFT, TOP, GAP_X, GAP_Y = 46.0, 56.0, 52.0, 58.0
SECONDS = (0.1, 200.0)
SHARES = (0.80, 1.0)  # of the best known
TICKS_X = (0.1, 1.0, 10.0, 100.0)
TICKS_Y = (0.8, 0.9, 0.95, 0.99, 1.0)
STRETCH = 12.0  # the axis of shares is logarithmic in what is missing: 99 % is not lost at the top


def curves_svg(points: Sequence[Point], best: Callable[[str, str], float]) -> str:
    """Return a picture of all curves; `best` knows the best weight of a rough and cut."""
    panels: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point in points:
        panels[point.rough, point.cut].append(point)
    rows = math.ceil(len(panels) / ACROSS)
    wide = LEFT + ACROSS * (WIDTH + GAP_X)
    high = TOP + rows * (HEIGHT + GAP_Y)
    box = f'width="{wide:.0f}" height="{high:.0f}"'
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="11">',
        f'<rect {box} fill="white"/>',
        *_legend(),
    ]
    for i, ((rough, cut), own) in enumerate(panels.items()):
        x = LEFT + (i % ACROSS) * (WIDTH + GAP_X)
        y = TOP + (i // ACROSS) * (HEIGHT + GAP_Y)
        out.append(f'<g transform="translate({x:.0f} {y:.0f})">')
        out += _axes(f"{rough}, {cut}")
        out += _lines(own, best(rough, cut))
        out.append("</g>")
    return "\n".join([*out, "</svg>", ""])


def _legend() -> Iterator[str]:
    x = LEFT
    for solver, colour in COLOURS.items():
        yield f'<path d="M{x:.0f} 16h22" stroke="{colour}" stroke-width="2.5"/>'
        yield f'<text x="{x + 27:.0f}" y="20">{escape(solver.replace("_", " "))}</text>'
        x += 60.0 + 6.2 * len(solver)
    yield f'<text x="{x:.0f}" y="20" fill="#555">share of the best known over seconds</text>'


def _axes(title: str) -> Iterator[str]:
    yield f'<text x="0" y="-8" font-weight="bold">{escape(title)}</text>'
    yield f'<rect width="{WIDTH:.0f}" height="{HEIGHT:.0f}" fill="none" stroke="#999"/>'
    for seconds in TICKS_X:
        x = _across(seconds)
        yield f'<path d="M{x:.1f} 0v{HEIGHT:.0f}" stroke="#ddd"/>'
        yield f'<text x="{x:.1f}" y="{HEIGHT + 14:.0f}" text-anchor="middle">{seconds:g} s</text>'
    for share in TICKS_Y:
        y = _down(share)
        yield f'<path d="M0 {y:.1f}h{WIDTH:.0f}" stroke="#ddd"/>'
        yield f'<text x="-5" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>'


def _lines(points: Sequence[Point], best: float) -> Iterator[str]:
    groups: dict[tuple[str, int], list[Point]] = defaultdict(list)
    for point in points:
        groups[point.solver, point.seed].append(point)
    for solver in sorted({solver for solver, _ in groups}, key=lambda s: s == "yieldopt"):
        for (own, _), steps in groups.items():
            if own != solver:
                continue
            path, reached = "", 0.0
            for step in sorted(steps, key=lambda p: p.seconds):
                reached = max(reached, step.weight_ct / best)
                x, y = _across(step.seconds), _down(reached)
                path += f"H{x:.1f}V{y:.1f}" if path else f"M{x:.1f} {HEIGHT:.0f}V{y:.1f}"
            colour = COLOURS.get(solver, "#000")
            yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'


def _across(seconds: float) -> float:
    low, high = (math.log(edge) for edge in SECONDS)
    share = (math.log(max(seconds, 1e-9)) - low) / (high - low)
    return WIDTH * min(1.0, max(0.0, share))


def _down(share: float) -> float:
    low, high = SHARES
    missing = min(1.0, max(0.0, (high - share) / (high - low)))
    return HEIGHT * math.log1p(STRETCH * missing) / math.log1p(STRETCH)

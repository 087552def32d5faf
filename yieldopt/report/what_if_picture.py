"""The picture of a what-if: for each value the stone at one scale, its weight and its value.

SVG by our own hand: it prints, it needs no script, and the same study gives the same bytes.
"""

from collections.abc import Sequence
from xml.sax.saxutils import escape

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.plan.record import Plan
from yieldopt.report.drawing import (
    View,
    notch_walls,
    outline_of,
    path_of,
    view_axes,
    visible_facets,
)
from yieldopt.report.money_words import NOT_AN_OFFER, money
from yieldopt.report.what_if import one_currency
from yieldopt.report.what_if_words import key_words, more_words, value_words
from yieldopt.report.words import Document, ct, limit_ct

WIDE = 1000  # SVG units, as all lengths here
ROW, FOOT = 104, 40
LABEL = (18, 30)  # from where, and how many letters at most
GEMS, GEM = (238, 340), 92  # middles of the two drawings, and their most
BAR = 18
LEFT, GAP, RIGHT = 420, 36, 982  # of the bars
FAR = 2.0  # of the largest figure: axes that go farther leave too little of the bars
INK, SOFT, LINE, PAPER = "#1c2328", "#5c666e", "#d9d6cd", "#fbfaf6"
BEST, OTHER, LIMIT = "#1f7a8c", "#9cc5cd", "#b5543a"
FONT = "system-ui, 'Segoe UI', 'Liberation Sans', Helvetica, Arial, sans-serif"


def draw_what_if(document: Document, plans: Sequence[Plan | None]) -> str:
    """Return the SVG of a study: its document and the plans of its rows (None without one)."""
    rows = document["rows"]
    first = 24 + 20 * len(document["keys"])
    tall = first + ROW * len(rows) + FOOT
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {tall}" role="img" '
        f'aria-label="Weight and value under each value" font-family="{FONT}" fill="{INK}">'
    )
    parts = [head, f'<rect width="{WIDE}" height="{tall}" fill="{PAPER}"/>']
    panels = _panels(document)
    parts += [
        _text(LABEL[0], 30 + 20 * i, _short(key_words(key), 2 * LABEL[1] - 10), 15, SOFT)
        for i, key in enumerate(document["keys"])
    ]
    parts += [_text(left, 30, head, 15, SOFT) for left, _, _, head in panels]
    longest = max((s.design.length for p in plans if p for s in p.stones[:2]), default=1.0)
    for number, (row, plan) in enumerate(zip(rows, plans, strict=True)):
        top = first + ROW * number
        parts.append(f'<path d="M18 {top}H{RIGHT}" stroke="{LINE}"/>')
        parts += _label(document, row, top)
        if plan is None:
            parts.append(_text(LEFT, top + 58, _short(row["why"], 78), 14, SOFT))
            continue
        parts += _gems(plan, top + 0.5 * ROW, GEM / longest)
        for left, right, key, _ in panels:
            parts += _bar(document, number, key, (left, right, top))
    foot = ""
    if any(_shows_limits(rows, key) for _, _, key, _ in panels):
        words = "proved limit: nothing of this kind can be above it"
        foot = _tick(LABEL[0] + 4, tall - 27) + _text(LABEL[0] + 16, tall - 15, words, 14, SOFT)
    mark = _text(RIGHT, tall - 15, NOT_AN_OFFER, 14, INK, "end") if document["illustration"] else ""
    return "".join([*parts, foot, mark, "</svg>"]) + "\n"


def _panels(document: Document) -> list[tuple[float, float, str, str]]:
    """Return the panels of bars: from, to, the figure, its head."""
    rows = document["rows"]
    if all(row["value"] is None for row in rows):
        return [(LEFT, RIGHT, "weight_ct", "weight, ct")]
    middle = 0.5 * (LEFT + RIGHT)
    currency = rows[document["compared_with"]]["currency"]
    head = f"value, {currency}" if one_currency(rows) else "value"
    return [
        (LEFT, middle - 0.5 * GAP, "weight_ct", "weight, ct"),
        (middle + 0.5 * GAP, RIGHT, "value", head),
    ]


def _label(document: Document, row: Document, top: float) -> list[str]:
    """Return the values of a row, a line each, and its cut."""
    lines = [
        _short(value_words(key, value), LABEL[1] - 6)
        for key, value in zip(document["keys"], row["values"], strict=True)
    ]
    out = [
        f'<g font-weight="700">{_text(LABEL[0], top + 38 + 22 * i, line, 17, INK)}</g>'
        for i, line in enumerate(lines)
    ]
    if row["cut"]:
        out.append(
            _text(LABEL[0], top + 40 + 22 * len(lines), _short(row["cut"], LABEL[1]), 14, SOFT)
        )
    return out


def _gems(plan: Plan, middle: float, scale: float) -> list[str]:
    """Return a stone from the table and from the side; of several the two first from the table."""
    first = plan.stones[0].design
    shown: list[tuple[Design, View]] = [(first, "crown"), (first, "side")]
    if len(plan.stones) > 1:
        shown[1] = (plan.stones[1].design, "crown")
    return [
        _gem(design, view, (x, middle), scale)
        for x, (design, view) in zip(GEMS, shown, strict=True)
    ]


def _gem(design: Design, view: View, middle: tuple[float, float], scale: float) -> str:
    """Return the facets that a view shows, with the middle of the drawing at a place."""
    flat = design.solid.vertices @ view_axes(design, view)[:2].T
    centre = 0.5 * (flat.min(axis=0) + flat.max(axis=0))

    def placed(points: np.ndarray) -> np.ndarray:
        return np.asarray((points - centre) * scale * [1.0, -1.0] + middle)

    points = placed(flat)
    facets = "".join(
        f'<polygon points="{path_of(points[list(design.solid.loops[j])])}"/>'
        for j in visible_facets(design, view)
    )
    walls = "".join(
        f'<polyline points="{path_of(placed(wall))}" stroke-width="1.4"/>'
        for wall in notch_walls(design, view)
    )
    outline = path_of(points[outline_of(points)])
    return (
        f'<g fill="none" stroke="{INK}" stroke-width="0.6" stroke-linejoin="round">'
        f'<polygon points="{outline}" fill="#fff" stroke-width="1.6"/>{facets}{walls}</g>'
    )


def _bar(document: Document, number: int, key: str, place: tuple[float, float, float]) -> list[str]:
    """Return a figure, its limit, its bar, and how it differs from the first."""
    left, right, top = place
    rows, row = document["rows"], document["rows"][number]
    if row[key] is None:
        return []
    by_weight = key == "weight_ct"
    limit = row["bound_ct" if by_weight else "bound_value"]
    best = number == document["heaviest" if by_weight else "dearest"]
    comparable = by_weight or one_currency(rows)
    said = ct(row[key]) if by_weight else money(row[key], None if comparable else row["currency"])
    out = [f'<g font-weight="700">{_text(left, top + 32, said, 17, INK)}</g>']
    if limit is not None:
        words = limit_ct(limit) if by_weight else money(limit)
        out.append(_text(right, top + 32, f"limit {words}", 13, SOFT, "end"))
    if comparable:
        scale = (right - left) / _longest(rows, key)
        long = max(0.0, row[key]) * scale
        colour = BEST if best else OTHER
        y = top + 42
        out.append(
            f'<rect x="{left:.1f}" y="{y}" width="{right - left:.1f}" height="{BAR}" '
            f'fill="#efece3"/><rect x="{left:.1f}" y="{y}" width="{long:.1f}" height="{BAR}" '
            f'fill="{colour}"/>'
        )
        if limit is not None and _shows_limits(rows, key):
            out.append(_tick(left + limit * scale, y))
    more = more_words(row)[0 if by_weight else 1]
    if number == document["compared_with"] and by_weight:
        more = "the others are compared with this"
    if more:
        out.append(_text(left, top + 80, more, 14, SOFT))
    return out


def _longest(rows: Sequence[Document], key: str) -> float:
    """Return what the full width of a panel stands for: the limits too where they are near."""
    most, limit = _extremes(rows, key)
    return (max(most, limit) if _shows_limits(rows, key) else most) or 1.0


def _shows_limits(rows: Sequence[Document], key: str) -> bool:
    most, limit = _extremes(rows, key)
    return 0.0 < limit <= FAR * most


def _extremes(rows: Sequence[Document], key: str) -> tuple[float, float]:
    """Return the largest of a figure and of its limits; 0 where there is none above."""
    limit = "bound_ct" if key == "weight_ct" else "bound_value"
    most, limits = ([row[name] for row in rows if row[name] is not None] for name in (key, limit))
    return max([0.0, *most]), max([0.0, *limits])


def _tick(x: float, y: float) -> str:
    return f'<path d="M{x:.1f} {y - 4:.1f}v{BAR + 8}" stroke="{LIMIT}" stroke-width="2.5"/>'


def _text(x: float, y: float, words: str, points: int, colour: str, anchor: str = "start") -> str:
    where = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{points}" fill="{colour}"{where}>'
        f"{escape(words)}</text>"
    )


def _short(words: str, letters: int) -> str:
    return words if len(words) <= letters else f"{words[: letters - 1].rstrip()}…"

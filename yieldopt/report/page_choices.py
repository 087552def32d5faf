"""The part of the page that says what else could be cut: a table, and weight against money."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from yieldopt.report.money_words import money
from yieldopt.report.page_table import cards
from yieldopt.report.words import TIMES, Document, ct, percent, size

LISTED = 6  # alternatives, the best first; more only where weight and money speak for them
WIDE, HIGH = 440.0, 240.0  # SVG units of the picture
LEFT, RIGHT, TOP, BOTTOM = 68.0, 24.0, 12.0, 46.0  # round its field
ROOM = 0.15  # of the spread of a figure, beyond its first and last point
LABEL = 15.0  # units: labels nearer than that would cover one another


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """What can be cut: the plan (`id` empty) or one stone in its place."""

    id: str
    name: str
    cut: str
    size: str
    weight_ct: float
    value: float | None
    mind: tuple[str, ...]
    titles: tuple[str, ...]


def shown_choices(document: Document) -> list[str]:
    """Return the ids of the alternatives that the page shows, in the plan file's order.

    The first LISTED, those that are named (heaviest, dearest, safest), and those that no other
    beats in weight and value.
    """
    others = document.get("alternatives", ())
    named = {choice["stone"] for choice in document.get("choices", ())}
    plan = (document["totals"]["weight_ct"], document["totals"].get("value") or 0.0)
    points = [plan, *((own["weight_ct"], own["value"] or 0.0) for own in others)]
    front = {k - 1 for k in _unbeaten(points)} if document["totals"].get("value") else set()
    return [
        own["id"] for k, own in enumerate(others) if k < LISTED or own["id"] in named or k in front
    ]


def options_of(document: Document) -> list[Option]:
    """Return the plan and the alternatives that are shown, the plan first."""
    stones, totals = document["stones"], document["totals"]
    priced = totals.get("value") is not None
    shown = shown_choices(document)
    others = [own for own in document.get("alternatives", ()) if own["id"] in shown]
    named = {choice["stone"]: choice for choice in document.get("choices", ())}
    rows = [(totals["weight_ct"], totals.get("value"))]
    rows += [(own["weight_ct"], own["value"]) for own in others]
    heaviest = max(range(len(rows)), key=lambda k: rows[k][0])
    dearest = max(range(len(rows)), key=lambda k: rows[k][1] or 0.0) if priced else None
    lone = len(stones) == 1

    def titles(k: int, stone: str) -> tuple[str, ...]:
        said = ["heaviest"] if k == heaviest else []
        said += ["dearest"] if k == dearest else []
        safe = stone in named and "safest" in named[stone]["name"]
        return (*said, *(["safest" if lone else "safest single stone"] if safe else []))

    cuts = [stone["cut"] for stone in stones]
    plan = Option(
        id="",
        name=f"this plan, stone {stones[0]['id']}" if lone else "this plan",
        cut=cuts[0] if lone else f"{len(cuts)} stones: {', '.join(cuts)}",
        size=size(stones[0]) if lone else "",
        weight_ct=totals["weight_ct"],
        value=totals.get("value"),
        mind=tuple(named.get(stones[0]["id"], {}).get("flags", ())) if lone else (),
        titles=titles(0, stones[0]["id"] if lone else ""),
    )
    return [
        plan,
        *(
            Option(
                id=own["id"],
                name=own["id"],
                cut=own["cut"],
                size=size(own),
                weight_ct=own["weight_ct"],
                value=own["value"],
                mind=tuple(named.get(own["id"], {}).get("flags", ())) or _mind(own),
                titles=titles(k, own["id"]),
            )
            for k, own in enumerate(others, start=1)
        ),
    ]


def choices_section(document: Document) -> str:
    """Return the plan and what could be cut in its place; empty where nothing else was found."""
    options = options_of(document)
    if len(options) < 2:
        return ""
    rough, currency = document["rough"], document["totals"].get("currency") or ""
    whole = rough["weighed_ct"] or rough["weight_ct"]
    priced = options[0].value is not None
    minds = any(option.mind for option in options)
    heads = ["Choice", "Cut", f"L {TIMES} W {TIMES} D, mm", "ct", "Yield"]
    heads += [f"Value, {escape(currency)}"] if priced else []
    heads += ["Mind"] if minds else []
    rows = [_row(option, whole, priced=priced, minds=minds) for option in options]
    numbers = (2, 3, 4, 5) if priced else (2, 3, 4)
    table = cards(heads, rows, numbers=numbers, also="choices")
    left = len(document.get("alternatives", ())) + 1 - len(options)
    more = f" {left} more stand in plan.json." if left else ""
    what = "one stone in place of all of them" if len(document["stones"]) > 1 else "another stone"
    return (
        f'<section id="choices"><h2>What else could be cut</h2>{_weighed(options, currency)}{table}'
        f'<p class="small">Each line but the first is {what}. <span class="hint">Click a line'
        f" to see it in the rough.</span>{more}</p></section>"
    )


def _row(option: Option, whole: float, *, priced: bool, minds: bool) -> tuple[str, list[str]]:
    badges = "".join(f' <i class="badge">{escape(title)}</i>' for title in option.titles)
    cells = [
        f"<b>{escape(option.name)}</b>{badges}",
        escape(option.cut),
        option.size,
        ct(option.weight_ct),
        percent(option.weight_ct / whole),
    ]
    cells += [escape(money(option.value or 0.0))] if priced else []
    cells += [escape("; ".join(option.mind))] if minds else []
    return f'class="pick" data-choice="{escape(option.id, quote=True)}"', cells


def _mind(stone: Document) -> tuple[str, ...]:
    """Return what to mind of a stone that no choice names."""
    worth = stone.get("worth") or {}
    said = [f"holds {words}" for words in worth.get("kept_words", ())]
    said += [f"breaks {name}" for name in worth.get("on_cleavage", ())]
    return (*said, *stone.get("remarks", ()))


def _unbeaten(points: Sequence[tuple[float, float]]) -> list[int]:
    """Return which points no other equals in both figures and beats in one."""
    return [
        k
        for k, (a, b) in enumerate(points)
        if not any(c >= a and d >= b and (c > a or d > b) for c, d in points)
    ]


def _weighed(options: Sequence[Option], currency: str) -> str:
    """Return weight held against value; empty where nothing is priced."""
    points = [(option.weight_ct, option.value or 0.0) for option in options]
    if options[0].value is None:
        return ""
    front = set(_unbeaten(points))
    if len({points[k] for k in front}) > 1:
        return _picture(options, points, front, currency)
    (best,) = {option.name for k, option in enumerate(options) if k == min(front)}
    return f"<p>Nothing that was found is heavier or dearer than {escape(best)}.</p>"


def _picture(
    options: Sequence[Option], points: Sequence[tuple[float, float]], front: set[int], currency: str
) -> str:
    """Return weight against value as SVG, a point for each; those in front are filled."""
    spread = [[point[axis] for point in points] for axis in (0, 1)]
    (x_low, x_high), (y_low, y_high) = (_range(figures) for figures in spread)

    def place(point: tuple[float, float]) -> tuple[float, float]:
        x = LEFT + (WIDE - LEFT - RIGHT) * (point[0] - x_low) / (x_high - x_low)
        return x, HIGH - BOTTOM - (HIGH - TOP - BOTTOM) * (point[1] - y_low) / (y_high - y_low)

    floor, ceiling = HIGH - BOTTOM, TOP
    field = f'x="{LEFT:g}" y="{ceiling:g}" width="{WIDE - LEFT - RIGHT:g}"'
    out = [f'<rect {field} height="{floor - ceiling:g}" fill="none" stroke="#d9d6cd"/>']
    style = 'fill="#5c666e" font-size="14"'
    for value, words in ((end, ct(end)) for end in (min(spread[0]), max(spread[0]))):
        x, _ = place((value, y_low))
        out.append(
            f'<text x="{x:.1f}" y="{floor + 18:g}" text-anchor="middle" {style}>{words}</text>'
        )
    for value in (min(spread[1]), max(spread[1])):
        _, y = place((x_low, value))
        said = escape(money(value))
        out.append(
            f'<text x="{LEFT - 8:g}" y="{y + 5:.1f}" text-anchor="end" {style}>{said}</text>'
        )
    out.append(
        f'<text x="{(LEFT + WIDE - RIGHT) / 2:g}" y="{HIGH - 8:g}" text-anchor="middle" {style}>'
        f"weight, ct (across), and value, {escape(currency)} (up)</text>"
    )
    stairs = sorted((place(points[k]) for k in front), key=lambda p: p[0])
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in stairs)
    out.append(
        f'<polyline points="{way}" fill="none" stroke="#1f7a8c" stroke-width="1.5"'
        ' stroke-dasharray="5 4"/>'
    )
    named: list[tuple[float, float]] = []
    for k, option in enumerate(options):
        x, y = place(points[k])
        fill = "#1f7a8c" if k in front else "#fff"
        out.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{8 if k == 0 else 6}" fill="{fill}"'
            ' stroke="#1f7a8c" stroke-width="2"/>'
        )
        if any(abs(x - p) < 2.2 * LABEL and abs(y - q) < LABEL for p, q in named):
            continue
        named.append((x, y))
        words = escape("plan" if k == 0 else option.id)
        weight = ' font-weight="700"' if k in front else ""
        out.append(
            f'<text x="{x:.1f}" y="{y - 12:.1f}" text-anchor="middle" font-size="14" stroke="#fff"'
            f' stroke-width="4" paint-order="stroke"{weight}>{words}</text>'
        )
    spoken = "Weight against value; filled points are beaten by no other in both."
    return (
        f'<figure class="pareto"><svg viewBox="0 0 {WIDE:g} {HIGH:g}" role="img"'
        f' aria-label="{spoken}" font-family="inherit">{"".join(out)}</svg>'
        f"<figcaption>{spoken}</figcaption></figure>"
    )


def _range(figures: Sequence[float]) -> tuple[float, float]:
    low, high = min(figures), max(figures)
    spare = ROOM * (high - low) or 1.0
    return low - spare, high + spare

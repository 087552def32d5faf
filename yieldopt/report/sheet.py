"""The cutting sheet: A4, black on white, a page a stone; more where the facet list is long."""

import json
import math
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from yieldopt.plan.facets import prescription_of
from yieldopt.plan.record import Plan, Stone
from yieldopt.report.drawing import View, draw_view
from yieldopt.report.money_words import (
    NOT_AN_OFFER,
    book_words,
    choice_rows,
    money,
    most_lines,
    rule_words,
    sold_lines,
    sum_rows,
)
from yieldopt.report.scene import preform_of, way_out
from yieldopt.report.step_drawing import draw_steps
from yieldopt.report.words import (
    Document,
    bound_words,
    by,
    centre_words,
    ct,
    cutting_halves,
    depths_from,
    document_of,
    flaw_place,
    flaw_words,
    how_far,
    keepers,
    mm,
    percent,
    place_words,
    plain,
    size,
    table_direction,
    tooth,
)

SHEET_VIEWS: tuple[tuple[View, str], ...] = (
    ("crown", "Crown, from the table"),
    ("pavilion", "Pavilion, from the culet"),
    ("side", "Side"),
)
FLAWS = 4  # inclusions listed; more would push the facet list off the page
LEAST_EXTRA = 0.005  # mm: less is 0.00 on the sheet
PRINTED = 0  # seconds; a fixed date, so that the same plan gives the same bytes


def write_sheet(plan: Plan, path: Path) -> None:
    """Write the cutting sheet as PDF; the same plan gives the same bytes."""
    import typst

    text = json.dumps(sheet_text(plan, document_of(plan)), ensure_ascii=False)
    pdf = typst.compile(
        (files("yieldopt.report") / "sheet.typ").read_bytes(),
        format="pdf",
        # Only the fonts that travel with typst: the machine's own would change the page.
        ignore_system_fonts=True,
        sys_inputs={"sheet": text},
        timestamp=PRINTED,
    )
    path.write_bytes(pdf)


def sheet_text(plan: Plan, document: Document) -> dict[str, Any]:
    """Return all that the sheet prints, as text and SVG, a page for each stone."""
    rough, search = document["rough"], document["search"]
    weighed = rough["weighed_ct"]
    weights = [["Rough, by the scan", f"{ct(rough['weight_ct'])} ct"]]
    if weighed:
        off = 100 * (rough["weight_ct"] / weighed - 1.0)
        weights = [
            ["Rough, weighed", f"{ct(weighed)} ct"],
            ["Rough, by the scan", f"{ct(rough['weight_ct'])} ct ({off:+.1f} %)"],
        ]
    return {
        "scan": rough["file"] or plan.rough.name,
        "foot": f"yieldopt {search['version']}, seed {search['seed']}, effort {search['effort']}"
        + ("" if search["complete"] else ", search cut short")
        + (f", scan {rough['sha256'][:12]}" if rough["sha256"] else ""),
        "plan": [
            ["Species", f"{rough['species']}, SG {plain(rough['specific_gravity'])}"],
            *weights,
            ["Yield of the plan", percent(document["totals"]["yield"])],
        ],
        "flaws": _flaws(plan),
        "bound": f"{bound_words(document)} This kind: {document['bound']['covers']}.",
        "mark": NOT_AN_OFFER if (document.get("prices") or {}).get("illustration") else "",
        "stones": [
            _page(plan, stone, entry)
            | {"value": _value(entry, document), "money": _money(entry, document)}
            for stone, entry in zip(plan.stones, document["stones"], strict=True)
        ],
    }


def _flaws(plan: Plan) -> str:
    """Return in words what stays in a stone, and what the stones keep clear of.

    The first FLAWS that are kept clear of by name; of those that stay, all.
    """
    kept, told = keepers(plan), ""
    stay = [f"{_flaw(plan, number)}, in stone {name}" for number, name in sorted(kept.items())]
    if stay:
        told = f"Stays inside, and counts in the value: {'; '.join(stay)}. "
    clear = [n for n in range(1, len(plan.inclusions) + 1) if n not in kept]
    if not clear:
        return told.rstrip()
    named = [_flaw(plan, number) for number in clear[:FLAWS]]
    more = len(clear) - len(named)
    return (
        f"{told}Kept clear of by {plain(plan.limits.inclusion_margin)} mm: {'; '.join(named)}"
        + (f"; and {more} more, listed on the page" if more else "")
        + "."
    )


def _flaw(plan: Plan, number: int) -> str:
    flaw = plan.inclusions[number - 1]
    return f"({number}) {flaw_words(flaw)}, at {place_words(flaw_place(flaw))}"


def _value(entry: Document, document: Document) -> str:
    """Return the value of a stone in a line; empty where nothing is priced."""
    if document["totals"].get("value") is None:
        return ""
    value = money(entry["value"] or 0.0, document["totals"]["currency"])
    return f"Value {value}, planned by {document['objective']}; its sum stands behind the facets."


def _money(entry: Document, document: Document) -> dict[str, Any] | None:
    """Return how a stone comes to its value, and what else there was to choose."""
    prices, totals = document.get("prices"), document["totals"]
    if prices is None or totals.get("value") is None:
        return None
    currency = totals["currency"]
    return {
        "rows": [list(row) for row in sum_rows(entry)],
        "total": money(entry["value"] or 0.0, currency),
        "sold": sold_lines(entry),
        "rules": [rule_words(cost, currency) for cost in document.get("costs_of_rules", ())],
        "choices": [list(row) for row in choice_rows(document)],
        "most": " ".join(most_lines(document)),
        "book": book_words(prices),
    }


def _page(plan: Plan, stone: Stone, entry: Document) -> dict[str, Any]:
    preform = preform_of(plan, stone)
    spread = np.ptp(preform.vertices, axis=0)
    above, below = float(preform.vertices[:, 2].max()), -float(preform.vertices[:, 2].min())
    allowance = plan.limits.allowance
    n_facets = sum(len(row["planes"]) for row in entry["facets"])
    return {
        "id": stone.id,
        "cut": entry["cut"],
        "weight": f"{ct(entry['weight_ct'])} ct",
        "size": f"{size(entry)} mm",
        "facts": [
            ["Facets", f"{n_facets} on gear {abs(stone.design.gear)}"],
            ["Refractive index", plain(stone.design.refractive_index)],
            ["Table", f"{entry['table_pct']:.1f} % of the width"],
        ],
        "preform": [
            ["Outline", f"{by(max(spread[:2]), min(spread[:2]))} mm"],
            ["Above mid-girdle", f"{mm(above)} mm"],
            ["Below mid-girdle", f"{mm(below)} mm"],
            ["Allowance a facet", f"{plain(allowance)} mm"],
            *_extra(plan, stone, entry),
        ],
        "take_off": _take_off(plan, stone),
        "pose": " ".join(
            [
                f"{table_direction(stone)} {centre_words(stone)}",
                *(f"Mind: {line}." for line in stone.design.remarks),
            ]
        ),
        "views": [
            {"svg": draw_view(stone.design, view), "words": words} for view, words in SHEET_VIEWS
        ],
        "halves": [
            {"name": name, "from": depths_from(rows), "rows": [_row(row) for row in rows]}
            for name, rows in cutting_halves(entry)
        ],
        "steps": _steps(stone),
    }


def _extra(plan: Plan, stone: Stone, entry: Document) -> list[list[str]]:
    """Return what the centre point asks for below the culet, and whether the rough has it."""
    extra = entry["extra_depth_mm"]
    if not extra or extra < LEAST_EXTRA:
        return []
    there = way_out(plan, stone, np.array([0.0, 0.0, -1.0]))
    short = f": rough has {mm(there)}" if there < extra else ""
    return [["Extra below the culet", f"{mm(extra)} mm{short}"]]


def _row(row: Document) -> dict[str, Any]:
    depth = row["depth_mm"]
    return {
        "tier": row["tier"],
        "angle": f"{row['angle_deg']:.2f}",
        "index": [tooth(i, row["gear"]) for i in row["index"]],
        "how": how_far(row),
        "depth": "" if depth is None else mm(depth),
    }


def _steps(stone: Stone) -> list[dict[str, str]]:
    """Return a picture of what is left after each step, with the tier that was cut."""
    prescription = prescription_of(stone.design)
    if prescription is None:
        return []
    pictures = draw_steps(prescription)
    return [
        {"svg": svg, "words": f"{step.code} {math.degrees(step.angle):.2f}°", "how": step.words}
        for svg, step in zip(pictures, prescription.steps, strict=True)
    ]


def _take_off(plan: Plan, stone: Stone) -> list[list[str]]:
    """Return how much rough lies beyond the finished stone on its axes, as a cutter probes it."""
    gear, location = abs(stone.design.gear), stone.design.location
    rows = [("over the table", np.array([0.0, 0, 1])), ("under the culet", np.array([0.0, 0, -1]))]
    for quarter in range(4):
        index = (location + quarter * stone.design.gear / 4) % gear
        turn = np.pi / 2 * quarter
        way = np.array([np.sin(turn), np.cos(turn), 0.0])
        rows.append((f"at index {tooth(index, gear)}", way))
    return [[words, f"{mm(way_out(plan, stone, way))} mm"] for words, way in rows]

"""The part of the page for the bench: marks, lines to saw along, first flats, as printed."""

from collections.abc import Mapping
from html import escape

from yieldopt.plan.record import Plan
from yieldopt.report.catalogue import catalogue
from yieldopt.report.page_table import cards
from yieldopt.report.sheet.identity import hands_words
from yieldopt.report.sheet.job import Job
from yieldopt.report.words import Document, mm
from yieldopt.workshop.record import Flat, Mark, SawSheet, StoneSheet, WorkshopPlan

ENDS = {"table": "over the table", "culet": "under the culet"}


def workshop_section(plan: Plan, document: Document, workshop: WorkshopPlan | None) -> str:
    """Return marks, saw lines and first flats as tables; empty where nothing is known of them.

    And what to mind, and what hands that err make of it: in the sheet's own words.
    """
    if workshop is None:
        return ""
    job = Job(plan=plan, document=document, workshop=workshop, words=catalogue("en"))
    said = [f"<b>Mind:</b> {escape(job.said(own))}" for own in workshop.warnings]
    said += [
        f"<b>Mind at cut {sheet.step}:</b> {escape(job.said(own))}"
        for sheet in workshop.saw
        for own in sheet.warnings
    ]
    said += [escape(hands_words(job))] if workshop.hands is not None else []
    parts = [
        _table(
            "Marks to set callipers on",
            ("Mark", "Kind", "In the scan", "Straight to"),
            [_mark(mark) for mark in workshop.marks],
        )
    ]
    if workshop.saw:
        parts.append(
            _table(
                "Saw lines: ink these points, saw through them",
                ("Cut", "Point", "Straight to"),
                [row for sheet in workshop.saw for row in _ink(sheet)],
            )
        )
    parts.append(
        _table(
            "First flats: everything on a stone is measured from its flat",
            ("Stone", "Flat", "Marks above it", "Farthest point", "Dop"),
            [_flat(own) for own in workshop.stones],
        )
    )
    return (
        f'<section id="marks"><h2>Marks and first flats</h2>{"".join(parts)}'
        f"{''.join(f'<p>{line}</p>' for line in said)}"
        '<p class="small">Lengths in mm; the sheet has the paper targets. <span class="hint">'
        "“Marks” and “First flats” under the picture show them on the rough.</span></p></section>"
    )


def _table(title: str, heads: tuple[str, ...], rows: list[list[str]]) -> str:
    return f"<h3>{title}</h3>{cards(heads, [('', row) for row in rows])}"


def _distances(distances: Mapping[str, float]) -> str:
    return ", ".join(
        f'<span class="whole">{escape(name)} {mm(length)}</span>'
        for name, length in distances.items()
    )


def _mark(mark: Mark) -> list[str]:
    kind = "tip, found by eye" if mark.kind == "tip" else "dot, to ink"
    x, y, z = mark.scan
    place = escape(f"({mm(x)}, {mm(y)}, {mm(z)})")
    return [f"<b>{escape(mark.name)}</b>", kind, place, _distances(mark.distances)]


def _ink(sheet: SawSheet) -> list[list[str]]:
    return [
        [f"<b>{sheet.step}</b>" if k == 0 else "", escape(ink.name), _distances(ink.distances)]
        for k, ink in enumerate(sheet.ink)
    ]


def _flat(own: StoneSheet) -> list[str]:
    flat: Flat = own.flat
    return [
        f"<b>{escape(own.stone.id)}</b>",
        f"{ENDS[flat.side]}, {mm(flat.beyond)} beyond it",
        _distances(flat.heights),
        mm(flat.far),
        mm(flat.dop),
    ]

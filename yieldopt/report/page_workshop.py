"""The part of the page for the bench: marks, lines to saw along, first flats, as printed."""

from collections.abc import Mapping
from html import escape

from yieldopt.report.words import mm
from yieldopt.workshop.record import Flat, Mark, SawSheet, StoneSheet, WorkshopPlan

ENDS = {"table": "over the table", "culet": "under the culet"}


def workshop_section(workshop: WorkshopPlan | None) -> str:
    """Return marks, saw lines and first flats as tables; empty where nothing is known of them."""
    if workshop is None:
        return ""
    parts = [
        _table(
            "Marks to set callipers on",
            ("Mark", "What", "Where in the scan", "Straight distance to"),
            [_mark(mark) for mark in workshop.marks],
        )
    ]
    if workshop.saw:
        parts.append(
            _table(
                "Saw lines: ink these points, saw through them",
                ("Cut", "Point", "Straight distance to"),
                [row for sheet in workshop.saw for row in _ink(sheet)],
            )
        )
    parts.append(
        _table(
            "First flats: everything on a stone is measured from its flat",
            ("Stone", "Flat", "Height of marks above it", "Farthest point", "Dop"),
            [_flat(own) for own in workshop.stones],
        )
    )
    return (
        f"<section><h2>Marks and first flats</h2>{''.join(parts)}"
        '<p class="small">Lengths in mm. “Marks” and “First flats” under the picture show them on'
        " the rough; the sheet has the paper targets.</p></section>"
    )


def _table(title: str, heads: tuple[str, ...], rows: list[list[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in heads)
    body = "".join(
        "<tr>"
        + "".join(
            f'<td data-head="{name}"><div>{cell}</div></td>'
            for name, cell in zip(heads, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    return (
        f'<h3>{title}</h3><div class="scroll"><table class="cards"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


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

"""The facet list in words and boxes, a small picture a tier, the transfer in its place."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from yieldopt.plan.facets import prescription_of
from yieldopt.report.drawing import View, draw_view
from yieldopt.report.sheet.job import Job, with_unit
from yieldopt.report.step_drawing import draw_steps
from yieldopt.report.words import by, mm, tooth
from yieldopt.workshop.record import Row, StoneSheet

VIEWS: tuple[View, ...] = ("crown", "pavilion", "side")
FLAT_SIDE = ("preform", "pavilion", "girdle")  # blocks whose depths are measured from the flat
OPPOSITE = 1e-6  # teeth: two facets are opposite when half the gear lies between them, so nearly
RATIOS = ("L/W", "T/W", "P/W", "C/W", "H/W", "Vol/W3")


def stone_head(job: Job, sheet: StoneSheet) -> dict[str, Any]:
    """Return what a stone is: drawings, sizes, ratios, what to mind."""
    entry, design = job.entry(sheet), sheet.stone.design
    n_facets = sum(len(row["planes"]) for row in entry["facets"])
    done = sheet.finished
    ratios = [
        f"{name.replace('3', '³')}\N{NO-BREAK SPACE}{sheet.ratios[name]:.3f}"
        for name in RATIOS
        if name in sheet.ratios
    ]
    return {
        "views": [
            {"svg": draw_view(design, view), "words": job.say(f"draw.{view}")} for view in VIEWS
        ],
        "facts": [
            [
                job.say("stone.facets"),
                job.say("stone.on_gear", facets=n_facets, gear=abs(design.gear)),
            ],
            [job.say("stone.index"), job.figure(f"{design.refractive_index:.3f}")],
            *(
                [job.say(f"stone.{key}"), job.mm(done[key])]
                for key in ("length", "width", "depth", "table", "girdle", "crown", "pavilion")
                if key in done
            ),
        ],
        "ratios": job.figure("   ".join(ratios)),
        "windows": (
            job.say("stone.windows", angle=job.deg(sheet.windows_below))
            if sheet.windows_below is not None
            else ""
        ),
        "mind": [job.say("stone.mind", words=remark) for remark in design.remarks],
        "deeper": (
            job.say("stone.deeper", deeper=job.mm(sheet.deeper), lost=job.percent(sheet.lost))
            if sheet.deeper > 0.0
            else ""
        ),
    }


def facet_list(job: Job, sheet: StoneSheet) -> dict[str, Any]:
    """Return the list in blocks, in cutting order; what is between two blocks stands in them."""
    pictures = _pictures(sheet)
    numbered = list(enumerate(rows_said(job, sheet)))
    blocks = [
        _block(job, sheet, name, list(rows), pictures)
        for name, rows in groupby(numbered, key=lambda pair: pair[1].block)
    ]
    after = [block["name_key"] for block in blocks]
    for block, following in zip(blocks, [*after[1:], ""], strict=True):
        ends_below = block["name_key"] in FLAT_SIDE and following not in FLAT_SIDE
        block["measure"] = _measure(job, sheet, block["name_key"], ends_below)
        block["transfer"] = _transfer(job, sheet) if ends_below and following else None
    return {"blocks": blocks, "none": "" if blocks else job.say("facets.none")}


def rows_said(job: Job, sheet: StoneSheet) -> tuple[Row, ...]:
    """Return the rows, without notes where they are our own: what fixes a tier says the same."""
    design = next(own.design for own in job.plan.stones if own.id == sheet.stone.id)
    if "girdle" in design.proportions:  # only families have a girdle among their proportions
        return tuple(replace(row, note="") for row in sheet.rows)
    return sheet.rows


def _pictures(sheet: StoneSheet) -> list[str]:
    """Return a picture for each row; none where the rows are not the design's own steps."""
    prescription = prescription_of(sheet.stone.design) if sheet.rows else None
    if prescription is None or len(prescription.steps) != len(sheet.rows):
        return []
    return draw_steps(prescription)


def _block(
    job: Job,
    sheet: StoneSheet,
    name: str,
    rows: Sequence[tuple[int, Row]],
    pictures: Sequence[str],
) -> dict[str, Any]:
    return {
        "name_key": name,
        "name": job.say(f"block.{name}"),
        "from": job.say("facets.from_flat" if name in FLAT_SIDE else "facets.from_culet"),
        "rows": [_row(job, row, pictures[n] if pictures else "") for n, row in rows],
    }


def _row(job: Job, row: Row, picture: str) -> dict[str, Any]:
    return {
        "svg": picture,
        "tier": job.figure(row.code),
        "angle": job.figure(f"{row.angle:.2f}°"),
        "index": [job.figure(tooth(i, row.gear)) for i in row.index],
        "how": how_far(job, row),
        "at": _where(job, row),
        "depth": job.figure(mm(row.depth)) if row.depth is not None else "",
    }


def _where(job: Job, row: Row) -> str:
    """Return the facets that meet, each with its tooth, and the tooth that is cut to them first."""
    corners = ", ".join(f"{code} {tooth(index, row.gear)}" for code, index in row.meet)
    if row.edge:
        ends = ", ".join(f"{code} {tooth(index, row.gear)}" for code, index in row.edge)
        corners = f"{corners} / {ends}" if corners else ends
    if not corners:
        return ""
    return job.say("how.first", tooth=tooth(row.first, row.gear), corners=corners)


def how_far(job: Job, row: Row) -> str:
    """Return how far a tier is ground: to which meet, size or depth, and the designer's word."""
    said = _fixed(job, row)
    return job.say("how.noted", words=said, note=row.note) if row.note else said


def _fixed(job: Job, row: Row) -> str:
    value = job.mm(row.value) if row.value is not None else job.figure("")
    codes = "-".join(dict.fromkeys(code for code, _ in row.meet))
    match row.kind:
        case "tcp":
            return job.say("how.tcp_same" if row.meet else "how.tcp")
        case "size":
            if row.value is not None and _is_opposite(row):
                return job.say("how.across", value=job.mm(2.0 * row.value), half=value)
            return job.say("how.size", value=value)
        case "girdle":
            if row.meet:
                return job.say("how.girdle_thick", value=value)
            if row.reach is not None:
                return job.say("how.girdle_at", reach=job.mm(row.reach))
            return job.say("how.girdle")
        case "vertex":
            return job.say("how.meet", codes=codes)
        case "fraction":
            edge = "-".join(code for code, _ in row.edge)
            return job.say("how.along", value=value, codes=codes, edge=edge)
        case _:
            return job.say("how.flat" if row.value is None else "how.depth", value=value)


def _is_opposite(row: Row) -> bool:
    """Return whether a tier has two facets against each other: callipers then read twice."""
    gear = abs(row.gear)
    return any(
        abs((a - b) % gear - 0.5 * gear) < OPPOSITE for a in row.index for b in row.index if a != b
    )


def _measure(job: Job, sheet: StoneSheet, block: str, ends_below: bool) -> list[list[str]]:
    """Return what to measure when a block is done: words, what it must be."""
    done = sheet.finished
    out: list[list[str]] = []
    if block == "girdle" or ends_below:
        size = by(*(done[key] for key in ("length", "width") if key in done))
        out.append([job.say("measure.outline"), job.figure(with_unit(size, "mm"))])
    if block == "table":
        if "table" in done:
            out.append([job.say("measure.table"), job.mm(done["table"])])
        if "depth" in done:
            out.append([job.say("measure.depth"), job.mm(done["depth"])])
        out.append([job.say("measure.never"), ""])
    return out


def _transfer(job: Job, sheet: StoneSheet) -> dict[str, Any]:
    move, gear = sheet.transfer, abs(sheet.stone.design.gear)
    steps = [job.say("transfer.clean")]
    if "dop" in move:
        steps.append(job.say("transfer.dop", dop=job.mm(move["dop"])))
    steps.append(job.say("transfer.index", gear=gear))
    if "length" in move:
        steps.append(job.say("transfer.length", length=job.mm(move["length"])))
    steps.append(job.say("transfer.level", gear=gear))
    return {"title": job.say("transfer.title"), "steps": steps}

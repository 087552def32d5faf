"""From a plan to the sheet's pages: what each of them says, and the PDF."""

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from yieldopt.plan.record import Plan
from yieldopt.report.catalogue import catalogue
from yieldopt.report.sheet.bearings import bearings
from yieldopt.report.sheet.facets import facet_list, stone_head
from yieldopt.report.sheet.flat import flat_of, preform_page
from yieldopt.report.sheet.identity import identity
from yieldopt.report.sheet.jamb_peg import jamb_page
from yieldopt.report.sheet.job import FOOT, PAPERS, SIDE, TOP, Job, check_paper
from yieldopt.report.sheet.owner import owner_page
from yieldopt.report.sheet.record import record_of
from yieldopt.report.sheet.saw import saw_steps
from yieldopt.report.words import Document, document_of
from yieldopt.workshop.record import StoneSheet, WorkshopPlan

TEMPLATES = ("sheet.typ", "parts.typ", "plan_pages.typ", "stone_pages.typ")
# Packages: the machine's own fonts would change the page.
FONTS = ("fontpkg_noto_sans", "fontpkg_noto_sans_arabic")
HANDS = 200  # tries with hands that err, as `report.write` tells the page
PRINTED = 0  # seconds; a fixed date, so that the same plan gives the same bytes


def write_sheet(
    plan: Plan,
    path: Path,
    *,
    lang: Sequence[str] = ("en",),
    paper: str = "a4",
    jamb_peg: bool = False,
    workshop: WorkshopPlan | None = None,
) -> None:
    """Write the cutting sheet as PDF; the same plan gives the same bytes.

    Parameters
    ----------
    lang
        en, ur, ps: each language has its own set of pages, one after the other. So a cutter takes
        the set he reads to the bench and the office keeps the other; the figures are the same.
    paper
        "a4" or "letter".
    jamb_peg
        Add the pages for a shop without an index wheel.
    workshop
        What the bench is told; made from the plan where it is not given.

    Raises
    ------
    InputError
        If there is no such language or paper.
    """
    text = sheet_text(plan, lang=lang, paper=paper, jamb_peg=jamb_peg, workshop=workshop)
    path.write_bytes(compiled(text, "pdf"))


def compiled(text: dict[str, Any], form: str, ppi: float | None = None) -> Any:
    """Return the pages of a sheet's text as PDF, or as PNG pictures at a resolution."""
    import typst

    here = files("yieldopt.report.sheet")
    inputs = {name: (here / name).read_bytes() for name in TEMPLATES}
    inputs["sheet.json"] = json.dumps(text, ensure_ascii=False).encode()
    # The main file goes first: Typst takes the one named main, or the first.
    compile_files: Any = typst.compile  # its stubs do not know of several files
    return compile_files(
        {"main.typ": inputs.pop("sheet.typ"), **inputs},
        format=form,
        ppi=ppi,
        ignore_system_fonts=True,
        font_paths=[str(files(name) / "files") for name in FONTS],
        timestamp=PRINTED,
    )


def sheet_text(
    plan: Plan,
    document: Document | None = None,
    *,
    lang: Sequence[str] = ("en",),
    paper: str = "a4",
    jamb_peg: bool = False,
    workshop: WorkshopPlan | None = None,
) -> dict[str, Any]:
    """Return all that the sheet prints, as text and SVG: a set of pages a language."""
    check_paper(paper)
    words = [catalogue(name) for name in dict.fromkeys(lang)]
    document = document if document is not None else document_of(plan)
    if workshop is None:
        from yieldopt.workshop.make import workshop_plan

        workshop = workshop_plan(plan, hands=HANDS)
    jobs = [
        Job(plan=plan, document=document, workshop=workshop, words=one, paper=paper)
        for one in words
    ]
    return {
        "title": f"Cutting sheet: {document['rough']['file'] or plan.rough.name}",
        "paper": PAPERS[paper][2],
        "margin": {"side": SIDE, "top": TOP, "foot": FOOT},
        "sets": [_set(job, jamb_peg=jamb_peg) for job in jobs],
    }


def _set(job: Job, *, jamb_peg: bool) -> dict[str, Any]:
    return {
        "lang": job.words.lang,
        "direction": job.words.direction,
        "words": dict(job.words.phrases),
        "foot": _foot(job),
        "identity": identity(job),
        "bearings": bearings(job),
        "saw": saw_steps(job),
        "stones": [_stone(job, sheet, jamb_peg=jamb_peg) for sheet in job.workshop.stones],
        "owner": owner_page(job),
    }


def _foot(job: Job) -> str:
    """Return the line at the foot of each page: by what, from what."""
    rough, search = job.document["rough"], job.document["search"]
    told = f"yieldopt {search['version']}, seed {search['seed']}, effort {search['effort']}"
    told += "" if search["complete"] else ", search cut short"
    told += f", scan {rough['sha256'][:12]}" if rough["sha256"] else ""
    return job.figure(told)


def _stone(job: Job, sheet: StoneSheet, *, jamb_peg: bool) -> dict[str, Any]:
    entry = job.entry(sheet)
    named = {"stone": sheet.stone.id, "cut": entry["cut"]}
    return {
        "weight": job.ct(entry["weight_ct"]),
        "title": job.say("page.stone", **named),
        "facets_title": job.say("page.facets", **named),
        "flat": flat_of(job, sheet),
        "preform": preform_page(job, sheet),
        "head": stone_head(job, sheet),
        "list": facet_list(job, sheet),
        "record": record_of(job, sheet),
        "jamb": (
            {"title": job.say("page.jamb", **named), **jamb_page(job, sheet)} if jamb_peg else None
        ),
    }

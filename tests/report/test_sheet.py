"""The cutting sheet: what it says, and that the paper holds it."""

import json
import re
import shutil
import subprocess
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.report.bench_plan_of import told
from yieldopt.cuts.family import family
from yieldopt.plan.record import Plan
from yieldopt.report.sheet import sheet_text, write_sheet
from yieldopt.report.sheet.identity import plan_number
from yieldopt.report.words import document_of, tooth
from yieldopt.workshop.record import Hands, Said, WorkshopPlan


def pages(pdf: bytes) -> int:
    found = re.search(rb"/Type ?/Pages ?/Count (\d+)", pdf)
    assert found
    return int(found[1])


def texts(page: Any) -> str:
    """Return all words and figures of a page's data, without drawings, spaces made plain."""
    if isinstance(page, dict):
        return " ".join(texts(v) for k, v in page.items() if k not in ("svg", "words", "qr"))
    if isinstance(page, list):
        return " ".join(texts(v) for v in page)
    return str(page).replace("\N{NO-BREAK SPACE}", " ")


def first_set(plan: Plan, **kw: Any) -> dict[str, Any]:
    text = sheet_text(plan, document_of(plan), **{"workshop": told(plan), **kw})
    (only,) = text["sets"]
    return dict(only)


@cache
def pdftotext() -> str | None:
    return shutil.which("pdftotext")


def printed(path: Path) -> str:
    """Return the words of a PDF, every run of white as one space."""
    tool = pdftotext()
    if tool is None:
        pytest.skip("no pdftotext here; on Debian: apt-get install poppler-utils")
    done = subprocess.run([tool, str(path), "-"], capture_output=True, check=True)
    return re.sub(r"\s+", " ", done.stdout.decode())


def figures_of(made: WorkshopPlan) -> list[str]:
    """Return every figure that a hand needs, as it has to stand on paper."""
    out = [f"{v:.2f}" for mark in made.marks for v in (*mark.distances.values(), *mark.scan)]
    for cut in made.saw:
        out += [f"{v:.2f}" for ink in cut.ink for v in ink.distances.values()]
        out += [f"{v:.2f}" for side in cut.heights.values() for v in side.values()]
        out += [f"{cut.kerf:.2f}", f"{cut.long:.2f}", f"{cut.short:.2f}", f"{cut.nearest[1]:.2f}"]
        out += [f"{v:.2f} ct" for v in cut.weights.values()]
    for sheet in made.stones:
        flat = sheet.flat
        out += [f"{v:.2f}" for v in (*flat.heights.values(), flat.far, flat.takes, flat.dop)]
        out += [f"{v:+.2f}" for foot in flat.feet.values() for v in foot]
        out += [f"{flat.beyond:.2f}", *(f"{v:.2f}" for v in sheet.finished.values())]
        out += [f"{v:.2f}" for v in sheet.transfer.values()]
        out += [f"{v:.2f}" for room in sheet.room for v in (room.there, room.needed, room.margin)]
        out += [f"{v:.3f}" for v in sheet.ratios.values()]
        for row in sheet.rows:
            out += [row.code, f"{row.angle:.2f}°", *(tooth(i, row.gear) for i in row.index)]
            out += [f"{code} {tooth(i, row.gear)}" for code, i in (*row.meet, *row.edge)]
            out += [f"{v:.2f}" for v in (row.depth, row.value, row.reach) if v is not None]
    return out


@pytest.mark.parametrize("name", ["plan", "sawn"])
def test_every_figure_that_a_hand_needs_stands_in_the_pdf(
    name: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    plan: Plan = request.getfixturevalue(name)
    made = told(plan)
    write_sheet(plan, tmp_path / "sheet.pdf", workshop=made)
    text = printed(tmp_path / "sheet.pdf")
    wanted = figures_of(made)
    assert len(wanted) > 100
    assert [w for w in wanted if w not in text] == []


def test_the_sheet_lists_every_tier_in_cutting_order_with_a_box_a_facet(plan: Plan) -> None:
    (page,) = first_set(plan)["stones"]
    rows = [row for block in page["list"]["blocks"] for row in block["rows"]]
    assert [row["tier"] for row in rows] == ["P1", "G1", "C1", "T"]
    assert [row["angle"] for row in rows] == ["45.00°", "90.00°", "40.00°", "0.00°"]
    assert [len(row["index"]) for row in rows] == [8, 8, 8, 1]
    assert all(row["svg"].startswith("<svg") for row in rows)
    assert [block["name"] for block in page["list"]["blocks"]] == [
        "Pavilion", "Girdle", "Crown", "Table",
    ]  # fmt: skip
    assert "across" in rows[1]["how"]


def test_the_work_between_two_blocks_stands_between_them(plan: Plan) -> None:
    """Compare after the girdle, turn over before the crown, never polish past the table."""
    (page,) = first_set(plan)["stones"]
    blocks = page["list"]["blocks"]
    assert [bool(block["transfer"]) for block in blocks] == [False, True, False, False]
    assert "5.00 \N{MULTIPLICATION SIGN} 5.00" in texts(blocks[1]["measure"])
    assert "Never polish" in texts(blocks[3]["measure"])


def test_the_pages_follow_the_order_of_work(sawn: Plan) -> None:
    text = first_set(sawn)
    order = [key for key in text if key in ("identity", "bearings", "saw", "stones", "owner")]
    assert order == ["identity", "bearings", "saw", "stones", "owner"]
    assert [step["title"] for step in text["saw"]] == [
        "Saw cut 1: the rough into off-cut 0.2 and piece 0.1",
        "Saw cut 2: piece 0.1 into stone B and stone A",
    ]
    assert "0.40 mm, so 0.20 mm falls on either side" in texts(text["saw"][0]).replace("\xa0", " ")


def test_the_first_page_says_what_it_is_and_what_to_expect(plan: Plan) -> None:
    document = document_of(plan)
    text = texts(first_set(plan))
    stone = document["stones"][0]
    wanted = ["block.ply", "quartz, SG 2.65", "10.60 ct (2.120 g)", "seed 7", "0.1.0"]
    wanted += [f"{stone['weight_ct']:.2f} ct", f"{100 * document['totals']['yield']:.1f} %"]
    wanted += ["0123456789ab", plan_number(document)[:16]]
    assert [w for w in wanted if w not in text] == []


def test_the_number_of_a_plan_does_not_know_how_long_the_search_took(plan: Plan) -> None:
    slow = replace(plan, search=replace(plan.search, seconds=99.0))
    other = replace(plan, search=replace(plan.search, seed=8))
    number = plan_number(document_of(plan))
    assert plan_number(document_of(slow)) == number
    assert plan_number(document_of(other)) != number


def test_a_weighed_rough_says_how_far_the_scan_is_off(plan: Plan) -> None:
    facts = texts(first_set(replace(plan, weighed_ct=10.0))["identity"]["facts"])
    assert "10.00 ct (2.000 g)" in facts
    assert "10.60 ct (+6.0 %)" in facts


def test_a_margin_is_told_in_words_that_need_no_colour(plan: Plan) -> None:
    (page,) = first_set(plan)["stones"]
    made = told(plan)
    grades = {row[5] for row in page["preform"]["room"]["rows"]}
    assert grades <= {"green", "amber", "red"}
    for row, room in zip(page["preform"]["room"]["rows"], made.stones[0].room, strict=True):
        assert row[4] == {"green": "enough", "amber": "TIGHT", "red": "TOO LITTLE"}[row[5]]
        assert (row[5] == "red") == (room.margin < 0.0)


def test_remarks_hands_and_warnings_of_the_workshop_are_printed(sawn: Plan) -> None:
    made = told(sawn)
    hands = Hands(
        errors={"flat_mm": 0.1, "tilt_deg": 1.0, "dop_mm": 0.1, "index_deg": 1.0, "saw_mm": 0.2},
        tries=500, fits=0.873, lost=0.012, lost_most=0.08,
    )  # fmt: skip
    held = Said(code="hard_to_hold", figures={"piece": "0.1", "width": 3.6})
    new = Said(code="quite_new", figures={"what": "x"})
    first = replace(made.saw[0], warnings=(held, new))
    more = replace(made, hands=hands, saw=(first, *made.saw[1:]))
    text = texts(first_set(sawn, workshop=more))
    assert "at the saw, 0.1 mm and 1.0° at the flat" in text
    assert "in 87.3 % of 500 tries" in text
    assert "piece 0.1 is only 3.6 mm wide" in text
    assert "quite_new: what x" in text  # rather a code than nothing


def test_the_owner_sees_what_the_losing_plans_would_have_cost(priced: Plan) -> None:
    owner = first_set(priced)["owner"]
    assert owner["mark"] == "AN ILLUSTRATION, NOT AN OFFER"
    rows = owner["plans"]["rows"]
    assert [row[0] for row in rows] == ["dearest", "heaviest, safest"]
    assert rows[0][4] == "this plan"
    assert "60.00 USD" in rows[1]
    assert "-15.00\N{NO-BREAK SPACE}USD" in rows[1]
    (total,) = owner["money"]
    assert [row[2] for row in total["rows"]] == ["100.00", "-20.00", "-5.00"]
    assert total["total"] == "75.00 USD"
    assert "Sold as SI, 5 x 5." in total["sold"]
    assert "Without the rule cleavage 001" in owner["rules"][0]
    assert "book.csv" in owner["book"]


def test_a_plan_without_prices_has_no_word_of_money_on_its_sheet(plan: Plan) -> None:
    text = first_set(plan)
    assert text["owner"]["money"] == []
    assert "USD" not in texts(text)


def test_a_flaw_has_its_depth_its_side_and_what_is_done_about_it(priced: Plan) -> None:
    """The first lies 0.85 mm under the right or back face of a block of 10 x 10 x 8 mm."""
    rows = first_set(priced)["bearings"]["flaws"]
    assert rows[0][1] == "ball, 0.30\N{NO-BREAK SPACE}mm across"
    assert "0.85" in rows[0][2]
    assert "kept clear of by 0.30" in rows[0][3].replace("\N{NO-BREAK SPACE}", " ")
    assert rows[1][3] == "stays in stone A"


def test_every_key_handed_to_the_templates_is_printed_by_them(priced: Plan, root: Path) -> None:
    """A key that no template names would silently be missing from the paper."""
    folder = root / "yieldopt/report/sheet"
    template = "".join(p.read_text(encoding="utf-8") for p in sorted(folder.glob("*.typ")))
    text = sheet_text(priced, document_of(priced), jamb_peg=True, workshop=told(priced))

    def keys(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = set(value) if "page.number" not in value else set()
            return own.union(*(keys(v) for k, v in value.items() if k != "words"))
        if isinstance(value, list):
            return set().union(*(keys(v) for v in value))
        return set()

    known = {"name_key"}  # by which blocks are told apart before they are printed
    unnamed = [k for k in sorted(keys(text) - known) if not re.search(rf"\.{k}\b", template)]
    assert unnamed == []


def test_the_same_plan_gives_the_same_bytes_and_each_language_its_own_pages(
    sawn: Plan, tmp_path: Path
) -> None:
    one, two, urdu, both = (tmp_path / f"{name}.pdf" for name in ("one", "two", "ur", "both"))
    made = told(sawn)
    write_sheet(sawn, one, workshop=made)
    write_sheet(sawn, two, workshop=made)
    write_sheet(sawn, urdu, workshop=made, lang=("ur",))
    write_sheet(sawn, both, workshop=made, lang=("en", "ur", "en"))
    assert one.read_bytes().startswith(b"%PDF-")
    assert one.read_bytes() == two.read_bytes()
    assert pages(both.read_bytes()) == pages(one.read_bytes()) + pages(urdu.read_bytes())


@pytest.mark.parametrize(("name", "most"), [("round", 5), ("oval", 5), ("emerald", 6)])
def test_the_sheet_of_a_usual_cut_has_four_to_six_pages(
    plan: Plan, name: str, most: int, tmp_path: Path
) -> None:
    cut = family(name)
    stone = replace(plan.stones[0], design=cut.design(cut.usual, 4.0))
    cut_so = replace(plan, stones=(stone,))
    write_sheet(cut_so, tmp_path / "sheet.pdf", workshop=told(cut_so))
    assert 4 <= pages((tmp_path / "sheet.pdf").read_bytes()) <= most


def test_temporary_facets_stand_first_and_the_preform_says_what_they_need(plan: Plan) -> None:
    cut = family("oval")
    stone = replace(plan.stones[0], design=cut.design(cut.usual, 4.0))
    (page,) = first_set(replace(plan, stones=(stone,)))["stones"]
    blocks = page["list"]["blocks"]
    assert blocks[0]["name"].startswith("Preform: temporary")
    assert blocks[0]["from"] == "depth in mm from the flat"
    assert blocks[-1]["from"] == "depth in mm from the culet"
    assert "Extra below the culet" in texts(page["preform"]["facts"])


def test_words_from_files_are_text_to_the_template(plan: Plan, tmp_path: Path) -> None:
    """Typst markup in a file's name is printed, not run."""
    name = '#panic("no") *a* $x$ ] [ \\ "'
    rough = replace(plan.rough, file=name)
    named = replace(plan, rough=rough)
    write_sheet(named, tmp_path / "sheet.pdf", workshop=told(plan))
    assert '#panic("no") *a* $x$' in printed(tmp_path / "sheet.pdf")


def test_a_shop_without_an_index_wheel_gets_pages_of_its_own(plan: Plan) -> None:
    (page,) = first_set(plan, jamb_peg=True)["stones"]
    rows = page["jamb"]["rows"]
    assert [row[0] for row in rows] == ["P1", "G1", "C1", "T"]
    assert [row[1] for row in rows] == ["45.0°", "0.0°", "50.0°", "90.0°"]
    assert rows[0][4] == ["1", "2", "3", "4", "5", "6", "7", "8"]
    assert page["jamb"]["off"] == "All facets lie on the scale of 64."
    assert first_set(plan)["stones"][0]["jamb"] is None


def test_all_that_is_printed_is_text(plan: Plan) -> None:
    text = sheet_text(plan, document_of(plan), workshop=told(plan))
    assert json.loads(json.dumps(text)) == text
    assert np.isfinite(text["sets"][0]["bearings"]["figure"]["width"])

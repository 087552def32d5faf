"""The cutting sheet."""

import json
import re
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.family import family, family_names
from yieldopt.plan.record import Plan
from yieldopt.report.scene import way_out
from yieldopt.report.sheet import sheet_text, write_sheet
from yieldopt.report.words import document_of


def pages(pdf: bytes) -> int:
    found = re.search(rb"/Type ?/Pages ?/Count (\d+)", pdf)
    assert found
    return int(found[1])


def test_the_sheet_lists_every_tier_in_cutting_order_with_a_box_a_facet(plan: Plan) -> None:
    (page,) = sheet_text(plan, document_of(plan))["stones"]
    rows = [row for half in page["halves"] for row in half["rows"]]
    tiers = plan.stones[0].design.tiers
    assert [row["tier"] for row in rows] == [tier.name for tier in tiers]
    assert [row["angle"] for row in rows] == ["45.00", "90.00", "40.00", "0.00"]
    assert [len(row["index"]) for row in rows] == [8, 8, 8, 1]
    assert [tier.note in row["how"] for tier, row in zip(tiers, rows, strict=True)] == [True] * 4
    assert rows[1]["how"].startswith("to size, 5.00 mm across")
    assert [half["name"] for half in page["halves"]] == ["Pavilion and girdle", "Crown and table"]


def test_the_sheet_carries_identity_weights_and_size(plan: Plan) -> None:
    document = document_of(plan)
    text = json.dumps(sheet_text(plan, document), ensure_ascii=False)
    stone = document["stones"][0]
    wanted = ["block.ply", "quartz, SG 2.65", "10.60 ct", "seed 7", "0.1.0"]
    wanted += [f"{stone['weight_ct']:.2f} ct", f"{100 * document['totals']['yield']:.1f} %"]
    wanted += [f"{stone['length_mm']:.2f}", f"{stone['depth_mm']:.2f}", "1.50 ct"]
    wanted += ["leans 30.0°", "(0.50, -0.25, 0.75) mm", "0123456789ab"]
    assert [w for w in wanted if w not in text] == []


def test_the_preform_on_the_sheet_is_the_stone_and_its_allowance(plan: Plan) -> None:
    """Girdle facets 5.00 mm apart, table 1.20 mm up: 0.2 mm more on each of them."""
    (page,) = sheet_text(plan, document_of(plan))["stones"]
    preform = dict(page["preform"])
    assert preform["Above mid-girdle"] == "1.40 mm"
    assert preform["Outline"].startswith("5.40 ")


def test_a_weighed_rough_says_how_far_the_scan_is_off(plan: Plan) -> None:
    weighed = replace(plan, weighed_ct=10.0)
    facts = dict(sheet_text(weighed, document_of(weighed))["plan"])
    assert facts["Rough, weighed"] == "10.00 ct"
    assert facts["Rough, by the scan"] == "10.60 ct (+6.0 %)"


def test_every_word_handed_to_the_template_is_printed_by_it(plan: Plan) -> None:
    """A key that the template does not name would silently be missing from the paper."""
    template = (files("yieldopt.report") / "sheet.typ").read_text(encoding="utf-8")
    text = sheet_text(plan, document_of(plan))
    page = text["stones"][0]
    keys = {*(f"sheet.{k}" for k in text), *(f"stone.{k}" for k in page)}
    keys |= {f"half.{k}" for k in page["halves"][0]} | {f"view.{k}" for k in page["views"][0]}
    keys |= {f"row.{k}" for k in page["halves"][0]["rows"][0]}
    keys |= {f"step.{k}" for k in page["steps"][0]}
    assert [key for key in sorted(keys) if not re.search(rf"\b{re.escape(key)}\b", template)] == []


def test_the_sheet_of_a_priced_plan_tells_the_sum_the_rules_and_what_to_choose(
    priced: Plan,
) -> None:
    text = sheet_text(priced, document_of(priced))
    (page,) = text["stones"]
    assert text["mark"] == "AN ILLUSTRATION, NOT AN OFFER"
    assert "75.00 USD, planned by value" in page["value"]
    told = page["money"]
    assert [amount for _, _, amount in told["rows"]] == ["100.00", "-20.00", "-5.00"]
    assert told["total"] == "75.00 USD"
    assert told["sold"][0] == "sold as SI, size 5 x 5"
    assert told["sold"][1] == "keeps inclusion 2 (sphere) under the girdle, 0.30 mm"
    assert told["rules"][0].startswith("rule cleavage 001 (hard, obeyed): without it 1.20 ct")
    assert [row[:2] for row in told["choices"]] == [["heaviest, safest", "A2"], ["dearest", "A"]]
    assert "90.00 USD" in told["most"]
    assert "book.csv" in told["book"]


def test_a_flaw_that_stays_inside_is_told_with_its_place_and_not_as_kept_clear_of(
    priced: Plan,
) -> None:
    words = sheet_text(priced, document_of(priced))["flaws"]
    stays, clear = words.split("Kept clear of")
    assert "(2) ball, 0.30 mm across, at (0.50, 1.50, 0.75) mm, in stone A" in stays
    assert "(1) ball" in clear
    assert "(2)" not in clear


def test_a_plan_without_prices_has_no_word_of_money_on_its_sheet(plan: Plan) -> None:
    text = sheet_text(plan, document_of(plan))
    assert text["mark"] == text["stones"][0]["value"] == ""
    assert text["stones"][0]["money"] is None


def test_every_word_of_money_is_printed_and_takes_no_page_of_its_own(
    priced: Plan, tmp_path: Path
) -> None:
    template = (files("yieldopt.report") / "sheet.typ").read_text(encoding="utf-8")
    (page,) = sheet_text(priced, document_of(priced))["stones"]
    assert [key for key in page["money"] if f"money.{key}" not in template] == []
    write_sheet(priced, tmp_path / "sheet.pdf")
    assert pages((tmp_path / "sheet.pdf").read_bytes()) == 2


def test_the_sheet_is_a_pdf_of_two_pages_a_stone_the_same_twice(pair: Plan, tmp_path: Path) -> None:
    one, two = tmp_path / "one.pdf", tmp_path / "two.pdf"
    write_sheet(pair, one)
    write_sheet(pair, two)
    assert one.read_bytes().startswith(b"%PDF-")
    assert one.read_bytes() == two.read_bytes()
    assert pages(one.read_bytes()) == 4


@pytest.mark.parametrize("name", family_names())
def test_the_sheet_of_a_usual_cut_is_a_list_and_its_pictures(
    plan: Plan, name: str, tmp_path: Path
) -> None:
    """A round fits a page and one of pictures; the longest lists take two of each."""
    cut = family(name)
    stone = replace(plan.stones[0], design=cut.design(cut.usual, 5.0))
    write_sheet(replace(plan, stones=(stone,), weighed_ct=11.0), tmp_path / "sheet.pdf")
    n_pages = pages((tmp_path / "sheet.pdf").read_bytes())
    assert n_pages == 2 if name == "round" else 2 <= n_pages <= 4


def test_temporary_facets_stand_first_and_the_preform_says_what_they_need(plan: Plan) -> None:
    cut = family("oval")
    stone = replace(plan.stones[0], design=cut.design(cut.usual, 5.0))
    oval = replace(plan, stones=(stone,))
    document = document_of(oval)
    (page,) = sheet_text(oval, document)["stones"]
    entry = document["stones"][0]
    assert page["halves"][0]["name"].startswith("Preform")
    first = [row["tier"] for row in page["halves"][0]["rows"]]
    assert first == [row["tier"] for row in entry["temporary"]]
    assert dict(page["preform"])["Extra below the culet"] == f"{entry['extra_depth_mm']:.2f} mm"
    n_steps = len(entry["temporary"]) + len(entry["facets"])
    assert len(page["steps"]) == n_steps
    assert "from the table plane" in page["halves"][1]["from"]
    assert "from the culet" in page["halves"][2]["from"]


def test_the_sheet_says_where_the_rough_is_short_for_the_centre_point(plan: Plan) -> None:
    """The oval moved down its own axis until 0.2 mm of rough are left under its culet."""
    cut = family("oval")
    stone = replace(plan.stones[0], design=cut.design(cut.usual, 5.0))
    left = way_out(plan, stone, np.array([0.0, 0.0, -1.0]))
    down = stone.pose.rotation @ np.array([0.0, 0.0, 0.2 - left])
    low = replace(stone, pose=replace(stone.pose, translation=stone.pose.translation + down))
    short = replace(plan, stones=(low,))
    (page,) = sheet_text(short, document_of(short))["stones"]
    assert dict(page["preform"])["Extra below the culet"].endswith("rough has 0.20")


def test_words_from_files_are_text_to_the_template(plan: Plan, tmp_path: Path) -> None:
    """Typst markup in a file's name is printed, not run."""
    rough = replace(plan.rough, file='#panic("no") *a* $x$ ] [ \\ "')
    write_sheet(replace(plan, rough=rough), tmp_path / "sheet.pdf")
    assert pages((tmp_path / "sheet.pdf").read_bytes()) == 2

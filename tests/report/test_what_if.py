"""The table, the picture and the page of a what-if."""

import csv
import io
import math
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from yieldopt.cuts.family import family
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.plan.record import Plan, Stone
from yieldopt.report.what_if import Trial, WhatIf, what_if_csv, what_if_document, write_what_if
from yieldopt.report.what_if_page import what_if_html
from yieldopt.report.what_if_picture import draw_what_if
from yieldopt.report.what_if_words import (
    findings,
    subject,
    table_heads,
    table_rows,
    varied_words,
)

SVG = "{http://www.w3.org/2000/svg}"


def smaller(plan: Plan, factor: float, degrees: float = 0.0) -> Plan:
    """Return a plan with its stone shrunk about its middle and turned about the scan's x."""
    (stone,) = plan.stones
    solid = stone.design.solid
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    design = replace(
        stone.design, solid=polytope_from_planes(solid.normals, solid.offsets * factor)
    )
    pose = replace(stone.pose, rotation=turn @ stone.pose.rotation)
    return replace(plan, stones=(replace(stone, design=design, pose=pose),))


def study(*plans: Plan | None, key: str = "limits.allowance_mm") -> WhatIf:
    return WhatIf(
        keys=(key,),
        trials=tuple(
            Trial(
                values=(f"0.{n}",), plan=plan, folder=f"a=0.{n}" if plan else "",
                why="" if plan else "nothing fits: too thin",
            )
            for n, plan in enumerate(plans, 1)
        ),
    )  # fmt: skip


def test_rows_are_compared_with_the_first_that_has_a_plan(plan: Plan) -> None:
    document = what_if_document(study(None, plan, smaller(plan, 0.9), smaller(plan, 1.1, 5)))
    none, first, less, more = document["rows"]
    assert none["why"] == "nothing fits: too thin"
    assert {none["weight_ct"], none["cut"], first["more_ct"], first["more_share"]} == {None}
    assert less["more_share"] == pytest.approx(0.9**3 - 1.0)
    assert less["more_ct"] == less["weight_ct"] - first["weight_ct"]
    assert (less["changed"], more["changed"]) == ("same cut, hardly turned", "table turned by 5°")
    assert (document["compared_with"], document["heaviest"], document["dearest"]) == (1, 3, None)
    assert first["gap"] == pytest.approx(first["bound_ct"] / first["weight_ct"] - 1.0)


def test_values_are_compared_in_one_currency_alone(priced: Plan) -> None:
    (stone,) = priced.stones
    dearer = replace(priced, stones=(replace(stone, value=90.0),))
    document = what_if_document(study(priced, dearer))
    assert document["rows"][1]["more_value"] == 15.0
    assert document["rows"][1]["more_value_share"] == pytest.approx(0.2)
    assert document["dearest"] == 1
    assert document["illustration"]
    other = what_if_document(study(priced, replace(dearer, currency="EUR")))
    assert (other["rows"][1]["more_value"], other["dearest"]) == (None, None)
    assert any("do not compare" in line for line in findings(other))
    assert table_rows(other)[1][-3] == "90.00 EUR"


def test_what_is_cut_otherwise_is_told_in_words(priced: Plan) -> None:
    (stone,) = priced.stones
    assert stone.worth is not None
    worth = replace(stone.worth, clarity="VS", kept=(), size="", on_cleavage=("cleavage 001",))
    same = replace(priced, stones=(replace(stone, worth=worth),))
    cut = family("round")
    other: Stone = replace(stone, design=cut.design(cut.usual, 4.0))
    rows = what_if_document(study(priced, same, replace(priced, stones=(other,))))["rows"]
    assert rows[1]["changed"].split("; ") == [
        "the same stone",
        "sold as VS, not SI",
        "size none, not 5 x 5",
        "holds 0 flaws, not 1",
        "breaks the rule cleavage 001",
    ]
    assert rows[2]["changed"] == "round instead of octagon"


def test_values_that_change_nothing_are_said_to_change_nothing(plan: Plan) -> None:
    document = what_if_document(study(plan, plan, key="limits.kerf_mm"))
    assert "Under all of these values the same is cut." in findings(document)
    assert varied_words(document)[0] == "Saw cut (kerf) (limits.kerf_mm): 0.1 mm, 0.2 mm."
    with_none = what_if_document(study(plan, plan, None))
    assert "Under all" not in " ".join(findings(with_none))
    assert "No plan with allowance a side (grinding to polish) 0.3 mm." in findings(with_none)


def test_what_is_varied_is_not_said_of_all_plans(priced: Plan) -> None:
    said = subject(what_if_document(study(priced, priced)))
    assert said == "Rough block.ply, quartz, 10.60 ct, planned 2 times by value"
    aims = subject(what_if_document(study(priced, priced, key="prices.objective")))
    assert aims.endswith("planned 2 times")
    kinds = subject(what_if_document(study(priced, priced, key="rough.species")))
    assert kinds == "Rough block.ply, planned 2 times by value"


def test_a_table_row_has_a_cell_a_column_with_prices_and_without(plan: Plan, priced: Plan) -> None:
    for some in (plan, priced):
        document = what_if_document(study(None, some, some))
        rows = table_rows(document)
        assert {len(row) for row in rows} == {len(table_heads(document))}
        assert [row[-1] for row in rows] == [
            "nothing fits: too thin",
            "the first",
            "the same stone",
        ]


def test_the_csv_holds_every_figure_in_full(plan: Plan) -> None:
    document = what_if_document(study(plan, smaller(plan, 0.9), None))
    rows = list(csv.DictReader(io.StringIO(what_if_csv(document))))
    assert [row["limits.allowance_mm"] for row in rows] == ["0.1", "0.2", "0.3"]
    for row, own in zip(rows[:2], document["rows"], strict=False):
        assert float(row["weight_ct"]) == own["weight_ct"]
        assert float(row["yield"]) == own["yield"]
    assert (rows[2]["weight_ct"], rows[2]["why"]) == ("", "nothing fits: too thin")


def test_bars_are_as_long_as_what_they_stand_for(plan: Plan) -> None:
    """The limit, 1 ct, is the panel's width: it is below twice the heaviest stone."""
    near = replace(plan, bound=replace(plan.bound, weight_ct=1.0))
    plans = [near, smaller(near, 0.9), None]
    document = what_if_document(study(*plans))
    picture = draw_what_if(document, plans)
    root = ET.fromstring(picture)
    bars = [(r.get("fill"), float(str(r.get("width")))) for r in root.iter(f"{SVG}rect")][1:]
    grounds, filled = bars[::2], bars[1::2]
    weights = [row["weight_ct"] for row in document["rows"][:2]]
    assert 0.5 < weights[0] < 1.0
    for (_, ground), (_, bar), weight in zip(grounds, filled, weights, strict=True):
        assert bar == pytest.approx(ground * weight, abs=0.06)
    assert filled[0][0] != filled[1][0]  # the heaviest stands out
    assert "proved limit" in picture
    assert draw_what_if(document, plans) == picture


def test_stones_are_drawn_at_one_scale(plan: Plan) -> None:
    plans = [plan, smaller(plan, 0.5)]
    root = ET.fromstring(draw_what_if(what_if_document(study(*plans)), plans))
    wide = []
    for group in [g for g in root.iter(f"{SVG}g") if g.get("stroke")]:
        outline = str(next(group.iter(f"{SVG}polygon")).get("points")).split()
        places = [float(pair.split(",")[0]) for pair in outline]
        wide.append(max(places) - min(places))
    assert wide[0] == pytest.approx(2.0 * wide[2], abs=0.05)
    assert wide[1] == pytest.approx(2.0 * wide[3], abs=0.05)


def test_limits_far_beyond_the_stones_are_told_and_not_drawn(plan: Plan) -> None:
    far = replace(plan, bound=replace(plan.bound, weight_ct=900.0))
    picture = draw_what_if(what_if_document(study(far, far)), [far, far])
    assert "limit 900.00" in picture
    assert "proved limit" not in picture


def test_the_page_is_one_file_and_opens_each_plan(priced: Plan) -> None:
    """A folder's name may hold what a link may not, and values what HTML may not."""
    asked = WhatIf(
        keys=("prices.file", "orientation.table"),
        trials=(
            Trial(values=("<b>.csv", "hard"), plan=priced, folder="file=a b,table=hard"),
            Trial(values=("x", "off"), plan=smaller(priced, 0.9), folder="file=x,table=off"),
        ),
        left_out=(("x", "priced"),),
    )
    document = what_if_document(asked)
    html = what_if_html(document, draw_what_if(document, [t.plan for t in asked.trials]))
    assert 'href="file%3Da%20b%2Ctable%3Dhard/plan.html"' in html
    assert "<b>.csv" not in html
    assert "&lt;b&gt;.csv" in html
    assert re.findall(r'(?:src|href)="(?:https?:)?//', html) == []
    assert "<script" not in html
    assert "AN ILLUSTRATION, NOT AN OFFER" in html
    assert "priced: it may be broken at a price" in html
    assert "1 more value was not planned" in html


def test_all_four_files_are_written_the_same_twice(plan: Plan, tmp_path: Path) -> None:
    asked = study(plan, smaller(plan, 0.9))
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_what_if(asked, tmp_path / name)
    written = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert written == ["what-if.csv", "what-if.html", "what-if.json", "what-if.svg"]
    for name in written:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_without_any_plan_there_is_no_study() -> None:
    with pytest.raises(ValueError, match="no one has a plan"):
        what_if_document(study(None, None))

"""Parts of the page: what else could be cut, money, flaws and regions, marks and first flats."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import trimesh

from tests.report.bench_plan import bench_plan
from tests.report.test_page import read, scene
from yieldopt.plan import pieces
from yieldopt.plan.record import Plan, Stone
from yieldopt.report.flaw_scene import flaw_scene, what_words
from yieldopt.report.page import page_html
from yieldopt.report.page_choices import LISTED, choices_section, options_of, shown_choices
from yieldopt.report.page_money import money_section
from yieldopt.report.page_workshop import workshop_section
from yieldopt.report.scene import scene_of
from yieldopt.report.words import document_of
from yieldopt.rough.inclusions import Mesh, Sphere
from yieldopt.rough.regions import Box, HalfSpace, regions_in
from yieldopt.workshop.record import Hands, Said


def others(plan: Plan, figures: list[tuple[float, float]]) -> dict[str, Any]:
    """Return the document of a plan with alternatives of given weights and values."""
    document = document_of(plan)
    (own, *_) = document["stones"]
    document["alternatives"] = [
        own | {"id": f"A{k}", "weight_ct": weight, "value": value, "worth": None}
        for k, (weight, value) in enumerate(figures, start=2)
    ]
    document["choices"] = []
    return document


def test_the_heaviest_dearest_and_safest_are_named_and_what_to_mind_of_each(priced: Plan) -> None:
    plan, other = options_of(document_of(priced))
    assert (plan.id, plan.name, plan.titles) == ("", "this plan, stone A", ("heaviest", "dearest"))
    assert plan.mind == ("holds inclusion 2 (sphere) under the girdle, 0.30 mm",)
    assert (other.id, other.titles, other.mind) == ("A2", ("safest",), ())
    text = read(choices_section(document_of(priced)))
    assert "Nothing that was found is heavier or dearer than this plan, stone A." in text
    assert "mm\nct\nYield\nValue, USD\nMind\n" in text
    assert "60.00\n" in text


def test_of_several_stones_the_single_ones_stand_against_all_of_them(priced: Plan) -> None:
    (a,) = priced.stones
    away = replace(a.pose, translation=np.add(a.pose.translation, (0.0, 0.0, 20.0)))
    two = replace(priced, stones=(a, replace(a, id="B", pose=away)))
    plan, other = options_of(document_of(two))
    assert plan.cut == "2 stones: octagon, octagon"
    assert other.titles == ("safest single stone",)
    assert "one stone in place of all of them" in choices_section(document_of(two))


def test_weight_is_drawn_against_value_where_no_choice_is_best_in_both(priced: Plan) -> None:
    """The plan is the lightest and dearest, A3 the heaviest; A2 is beaten by A3 and not filled."""
    section = choices_section(others(priced, [(0.9, 40.0), (1.0, 50.0)]))
    assert section.count('r="8" fill="#1f7a8c"') == 1
    assert section.count('r="6" fill="#1f7a8c"') == 1
    assert section.count('r="6" fill="#fff"') == 1
    assert [option.titles for option in options_of(others(priced, [(0.9, 40.0), (1.0, 50.0)]))] == [
        ("dearest",),
        (),
        ("heaviest",),
    ]
    assert "<svg" not in choices_section(others(priced, [(0.5, 40.0)]))


def test_far_down_a_list_only_those_that_nothing_beats_are_shown(priced: Plan) -> None:
    """The first six, and the last of ten: it is the heaviest of all."""
    many = [(0.5 - 0.01 * k, 40.0) for k in range(9)]
    document = others(priced, [*many, (2.0, 1.0)])
    assert shown_choices(document) == [f"A{k}" for k in (*range(2, 2 + LISTED), 11)]
    assert "3 more stand in plan.json" in choices_section(document)


def test_a_plan_without_alternatives_has_no_choices(plan: Plan) -> None:
    assert choices_section(document_of(plan)) == ""
    assert scene_of(plan, document_of(plan))["others"] == []


def test_alternatives_without_prices_are_told_by_weight(plan: Plan) -> None:
    (a,) = plan.stones
    text = read(page_html(tried := with_other(plan, a), document_of(tried)))
    assert "mm\nct\nYield\nthis plan, stone A\n" in text
    assert [s["id"] for s in scene(page_html(tried, document_of(tried)))["others"]] == ["A2"]


def with_other(plan: Plan, stone: Stone) -> Plan:
    return replace(plan, alternatives=(replace(stone, id="A2"),))


def test_money_adds_up_line_by_line_with_what_the_saw_costs(priced: Plan, sawn: Plan) -> None:
    text = read(money_section(document_of(priced)))
    assert "AN ILLUSTRATION, NOT AN OFFER." in text
    assert "75.00 USD in all, planned by value." in text
    assert "Stone A\n75.00\nprice\n1.00 ct at 100.00 a carat (book.csv row 3)\n100.00\n" in text
    assert "Saw cuts" not in text
    prices = priced.prices
    assert prices is not None
    both = replace(
        sawn,
        stones=tuple(replace(stone, value=10.0) for stone in sawn.stones),
        currency="USD",
        prices=replace(prices, per_saw_cut=1.5),
    )
    text = read(money_section(document_of(both)))
    assert "Saw cuts\n-3.00\nAll\n17.00 USD\n" in text
    assert money_section(document_of(sawn)) == ""


def test_regions_are_told_by_what_they_keep_free(plan: Plan) -> None:
    """Of the block of 10 x 10 x 8 mm: only those bounds that lie in it."""
    vertices = plan.rough.vertices
    half = HalfSpace(normal=np.array([1.0, 0.0, 0.0]), offset=4.5)
    askew = HalfSpace(normal=np.array([0.6, 0.0, 0.8]), offset=5.0)
    box = Box(low=np.array([-9.0, 1.0, -2.0]), high=np.array([2.0, 9.0, 9.0]))
    ball = Sphere(centre=np.zeros(3), radius=0.5)
    tetra = trimesh.creation.icosphere(subdivisions=1, radius=1.0)
    mesh = Mesh(vertices=np.asarray(tetra.vertices), faces=np.asarray(tetra.faces))
    words = [
        what_words(own, vertices) for own in regions_in(vertices, (half, askew, box, ball, mesh))
    ]
    assert words[0] == "region kept free: region 1, all with x above 4.50 mm"
    assert words[1] == (
        "region kept free: region 2, all beyond the plane 5.00 mm along (0.600, 0.000, 0.800)"
    )
    assert words[2] == (
        "region kept free: region 3, all with x below 2.00 mm and y above 1.00 mm and"
        " z above -2.00 mm"
    )
    assert words[3] == "region kept free: region 4, ball, 1.00 mm across"
    assert words[4].startswith("region kept free: region 5, mesh, ")
    assert what_words(ball, vertices) == "ball, 1.00 mm across"


def test_the_table_calls_regions_regions(plan: Plan) -> None:
    flaw = Sphere(centre=np.array([4.0, 4.0, 3.0]), radius=0.2)
    region = replace(flaw, name="region 1")
    title = "<h2>{}</h2>".format
    for flaws, words in (
        ((flaw,), "Inclusions kept clear of"),
        ((flaw, region), "Inclusions and regions kept clear of"),
        ((region,), "Regions kept free"),
    ):
        flawed = replace(plan, inclusions=flaws)
        assert title(words) in page_html(flawed, document_of(flawed))


def test_of_a_region_that_part_is_drawn_that_lies_in_the_rough(plan: Plan) -> None:
    """A half-space beyond x = 3 in a block that ends at x = 5: its label stands in the middle."""
    rough = plan.rough
    (region,) = regions_in(rough.vertices, (HalfSpace(normal=np.eye(3)[0], offset=3.0),))
    drawn = flaw_scene(region, rough.vertices, rough.faces)
    assert drawn["name"] == "region 1"
    assert drawn["place"] == pytest.approx([4.0, 0.0, 0.0])
    assert drawn["region"]["low"] == pytest.approx([3.0, -5.0, -4.0])
    holed = flaw_scene(region, rough.vertices, rough.faces[1:])  # no inside: all of it is drawn
    assert holed["place"][0] > 4.0


def test_a_rough_by_callipers_is_never_called_a_scan(plan: Plan, sawn: Plan) -> None:
    for tried in (plan, sawn):
        rough = replace(tried.rough, from_callipers=True, sha256="", notes=("A block.",))
        told = replace(tried, rough=rough)
        text = read(page_html(told, document_of(told)))
        assert "scan" not in text
        assert text.count("by the callipers") == 3  # head, weights, foot
        assert scene(page_html(told, document_of(told)))["frame"] == "Shape axes"


def test_marks_saw_lines_and_flats_stand_on_the_page_as_they_are_printed(sawn: Plan) -> None:
    bench = replace(
        bench_plan(sawn),
        warnings=(Said(code="small_flat", figures={"stone": "A", "across": 2.5}),),
        hands=Hands(
            errors={
                "saw_mm": 0.2,
                "flat_mm": 0.1,
                "tilt_deg": 1.0,
                "dop_mm": 0.1,
                "index_deg": 0.5,
            },
            tries=200,
            fits=0.75,
            lost=0.03,
            lost_most=0.08,
        ),
    )
    html = page_html(sawn, document_of(sawn), bench)
    text = read(html)
    assert "A\ntip, found by eye\n(-8.00, -5.00, -4.00)\n" in text
    assert "D\ndot, to ink\n(8.00, 5.00, 4.00)\nA 20.49\n" in text
    assert "1\n1a\nA 11.50\n" in text
    assert "A\nover the table, 0.30 beyond it\nA 5.12\n" in text
    assert "Mind:\nStone A: the flat is only 2.5 mm across. Dop with care." in text
    assert "75.0 %" in text
    assert workshop_section(sawn, document_of(sawn), None) == ""


def test_flats_are_where_their_planes_cut_their_pieces_and_marks_ride_along(sawn: Plan) -> None:
    drawn = scene_of(sawn, document_of(sawn), workshop=bench_plan(sawn))
    flat, _ = drawn["flats"]
    line = np.array(flat["line"]).reshape(-1, 3)
    assert line[:, 2] == pytest.approx(1.5)  # upright stones: the table at 1.2 and 0.3
    assert line[:, 0].max() < -1.4  # A's piece ends at the second cut
    assert [mark["name"] for mark in drawn["marks"]] == ["A", "B", "C", "D"]
    labels = {piece["name"]: k for k, piece in enumerate(drawn["pieces"])}
    assert [drawn["steps"][t]["marks"] for t in (0, 2)] == [
        [0, 0, 0, 0],
        [labels[name] for name in ("A", "0.2", "A", "0.2")],
    ]
    assert "marks" not in scene_of(sawn, document_of(sawn))


def test_pieces_that_are_only_drawn_are_not_measured(
    sawn: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = document_of(sawn)
    monkeypatch.setattr(pieces, "calliper_sizes", lambda _: pytest.fail("measured a drawn piece"))
    assert len(scene_of(sawn, document)["pieces"]) == 5


def test_a_page_of_a_fine_rough_stays_under_8_mb(sawn: Plan) -> None:
    """81,920 triangles, sawn twice."""
    ball = trimesh.creation.icosphere(subdivisions=6, radius=9.0)
    rough = replace(sawn.rough, vertices=np.asarray(ball.vertices), faces=np.asarray(ball.faces))
    large = replace(sawn, rough=rough)
    # The document of a rough that is quicker to measure: its texts are as long.
    assert len(page_html(large, document_of(sawn)).encode()) < 2_000_000

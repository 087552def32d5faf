"""Drawings of a gem."""

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from yieldopt.cuts.design import Design
from yieldopt.cuts.family import family, family_names
from yieldopt.report.drawing import View, draw_view, notch_walls, view_axes, visible_facets

VIEWS: tuple[View, ...] = ("crown", "pavilion", "side", "end")
SVG = "{http://www.w3.org/2000/svg}"


def shapes(svg: str, kind: str) -> list[np.ndarray]:
    root = ET.fromstring(svg)
    return [
        np.array([pair.split(",") for pair in node.attrib["points"].split()], dtype=float)
        for node in root.iter(f"{SVG}polygon")
        if node.get("class") == kind
    ]


def area(ring: np.ndarray) -> float:
    x, y = ring.T
    return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2


def usual(name: str) -> Design:
    cut = family(name)
    return cut.design(cut.usual, 8.0)


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_draws_every_facet_that_looks_at_it_and_no_other(design: Design, view: View) -> None:
    towards = view_axes(design, view)[2]
    expected = [j for j, n in enumerate(design.solid.normals) if n @ towards > 1e-9]
    drawn = [int(j) for j in re.findall(r'data-facet="(\d+)"', draw_view(design, view))]
    assert drawn == expected == visible_facets(design, view)


@pytest.mark.parametrize("name", family_names())
@pytest.mark.parametrize("view", VIEWS)
def test_the_facets_of_a_view_tile_the_outline(name: str, view: View) -> None:
    """No gap and no overlap: a hidden facet drawn, or a seen one missing, breaks the sum."""
    svg = draw_view(usual(name), view)
    (outline,) = shapes(svg, "outline")
    assert sum(map(area, shapes(svg, "facet"))) == pytest.approx(area(outline), rel=2e-3)


@pytest.mark.parametrize("name", family_names())
def test_from_above_and_below_every_facet_but_the_girdle_is_seen_once(name: str) -> None:
    design = usual(name)
    both = visible_facets(design, "crown") + visible_facets(design, "pavilion")
    sides = {j: tier.side for tier, numbers in design.facet_rows() for j in numbers}
    assert sorted(both) == [j for j, side in sides.items() if side != "girdle"]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_looks_from_outside_and_is_no_mirror_image(design: Design, view: View) -> None:
    assert np.linalg.det(view_axes(design, view)) == pytest.approx(1.0)


def test_index_24_stands_right_from_above_and_left_from_below(design: Design) -> None:
    for view, right in (("crown", True), ("pavilion", False)):
        svg = draw_view(design, view)  # type: ignore[arg-type]
        found = {t.text: float(t.attrib["x"]) for t in ET.fromstring(svg).iter(f"{SVG}text")}
        assert (found["24"] > found["96"]) is right
        assert (found["72"] > found["96"]) is not right


def test_a_gear_that_turns_the_other_way_mirrors_its_ring(design: Design) -> None:
    svg = draw_view(replace(design, gear=-96), "crown")
    found = {t.text: float(t.attrib["x"]) for t in ET.fromstring(svg).iter(f"{SVG}text")}
    assert found["24"] < found["96"]


def test_the_ring_has_a_tick_for_every_tooth(design: Design) -> None:
    assert draw_view(design, "crown").count('class="tooth"') == 96
    assert draw_view(replace(design, gear=80), "crown").count('class="tooth"') == 80


@pytest.mark.parametrize("gear", [32, 48, 64, 72, 77, 80, 84, 88, 96, 97, 99, 108, 120])
def test_a_ring_of_any_gear_has_numbers_that_stand_apart(design: Design, gear: int) -> None:
    """Enough to count from, the gear's own among them, none on its neighbour."""
    svg = draw_view(replace(design, gear=gear), "crown")
    named = sorted(int(t) for t in re.findall(r'font-size="11"[^>]*>(\d+)</text>', svg))
    assert named[-1] == gear
    assert 5 <= len(named) <= 12
    gaps = np.diff([named[-1] - gear, *named])
    assert gaps.min() * 360 / gear > 15


def test_teeth_that_are_cut_at_are_marked_on_the_ring(design: Design) -> None:
    """The octagon's eight crown facets: eight ticks that begin inside the circle."""
    svg = draw_view(design, "crown")
    circle = re.search(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"', svg)
    assert circle
    x, y, radius = (float(v) for v in circle.groups())
    starts = re.findall(r'class="tooth" x1="([\d.]+)" y1="([\d.]+)"', svg)
    inside = [np.hypot(float(a) - x, float(b) - y) < radius - 1 for a, b in starts]
    assert sum(inside) == 8


@pytest.mark.parametrize("view", VIEWS)
def test_a_hearts_cleft_is_dashed_from_above_and_below_alone(view: View) -> None:
    """Two walls from one tip, 0.16 of the width in, to the flat between the lobes."""
    heart = usual("heart")
    walls = notch_walls(heart, view)
    assert draw_view(heart, view).count('class="notch"') == len(walls)
    assert draw_view(usual("pear"), view).count('class="notch"') == 0
    if view in ("side", "end"):
        assert walls == []
        return
    sign = 1.0 if view == "crown" else -1.0
    tips = [wall[np.abs(wall[:, 1]).argmin()] for wall in walls]
    np.testing.assert_allclose(tips, [[sign * 8.0 * (0.16 - 0.38), 0.0]] * 2, atol=1e-7)
    backs = [wall[np.abs(wall[:, 1]).argmax()] for wall in walls]
    np.testing.assert_allclose(np.array(backs)[:, 0], sign * -8.0 * 0.38, atol=0.2)


@pytest.mark.parametrize("name", family_names())
@pytest.mark.parametrize("view", VIEWS)
def test_codes_stay_inside_their_facets(name: str, view: View) -> None:
    """So no two overlap: the box of each code lies inside one facet's outline."""
    svg = draw_view(usual(name), view)
    rings = shapes(svg, "facet")
    for node in ET.fromstring(svg).iter(f"{SVG}text"):
        text = node.text or ""
        if not re.fullmatch(r"[PGCT]\d*", text):
            continue
        size = float(node.attrib["font-size"])
        x, y = float(node.attrib["x"]), float(node.attrib["y"]) - 0.36 * size
        half = np.array([0.31 * size * len(text), 0.36 * size])
        box = np.array([x, y]) + half * [[1, 1], [1, -1], [-1, 1], [-1, -1]]
        assert any(all(inside(ring, corner) for corner in box) for ring in rings), text


def inside(ring: np.ndarray, point: np.ndarray) -> bool:
    along, to = np.roll(ring, -1, axis=0) - ring, point - ring
    turn = along[:, 0] * to[:, 1] - along[:, 1] * to[:, 0]
    return bool((turn >= -0.5).all() or (turn <= 0.5).all())


def test_every_tier_of_the_octagon_is_named_where_it_is_seen(design: Design) -> None:
    assert {"C1", "T"} <= set(re.findall(r">(\w+)</text>", draw_view(design, "crown")))
    assert "P1" in re.findall(r">(\w+)</text>", draw_view(design, "pavilion"))


def test_the_side_views_show_length_and_width_in_mm() -> None:
    oval = usual("oval")
    assert f"{oval.length:.2f} mm" in draw_view(oval, "side")
    assert f"{oval.width:.2f} mm" in draw_view(oval, "end")
    assert f"{oval.depth:.2f} mm" in draw_view(oval, "side")


def test_names_from_a_file_cannot_break_the_drawing(design: Design) -> None:
    first = replace(design.tiers[2], name='<"&>')
    odd = replace(design, name='a"<b', tiers=(*design.tiers[:2], first, *design.tiers[3:]))
    root = ET.fromstring(draw_view(odd, "crown"))
    assert root.attrib["aria-label"] == 'a"<b, crown'

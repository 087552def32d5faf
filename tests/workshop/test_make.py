"""What the bench is told of a plan holds when it is followed to the letter."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.workshop.made import moved, planned, turn
from yieldopt.plan.pieces import Piece, pieces_of
from yieldopt.plan.record import Plan
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan
from yieldopt.rough.inclusions import Crack, Sphere
from yieldopt.workshop.make import executed_plan, workshop_plan
from yieldopt.workshop.record import READING, WorkshopPlan
from yieldopt.workshop.saw_lines import Line
from yieldopt.workshop.saw_sheet import saw_sheet
from yieldopt.workshop.skin import nearest_place, skin_of

TWO = (("0", np.array([0.4, 1.0, -0.3]), 0.2),)
THREE = (*TWO, ("0.1", np.array([1.0, -0.2, 0.5]), -0.1))


@pytest.fixture(scope="module")
def sawn() -> tuple[Plan, WorkshopPlan]:
    """A plan of three stones whose first cut runs along a cleavage, and what the bench is told."""
    plan = planned("broken", "oval,pear,round", seed=4, saw=THREE)
    plan = replace(plan, axes={"cleavage 1": plan.saw[0].normal, "c": np.array([0.0, 0.0, 1.0])})
    return plan, workshop_plan(plan)


def pieces_by_name(plan: Plan) -> dict[str, Piece]:
    """Return what lies on the bench when a plan is sawn, by name."""
    names = [stone.id for stone in plan.stones]
    return {piece.name: piece for piece in pieces_of(plan.rough, plan.saw, stones=names)}


def judged(plan: Plan, folder: Path) -> list[str]:
    """Return what the judge has against a plan."""
    return [str(v) for v in verify_plan(write_plan(plan, folder)).violations]


def test_stones_that_printed_figures_give_hold_before_the_judge(
    sawn: tuple[Plan, WorkshopPlan], tmp_path: Path
) -> None:
    plan, told = sawn
    assert judged(executed_plan(plan, told), tmp_path) == []


def test_beside_a_flaw_a_stone_of_printed_figures_keeps_its_margin(tmp_path: Path) -> None:
    flaw = Sphere(centre=np.array([2.5, 1.0, 0.5]), radius=0.6)
    plan = planned("pebble", "oval", seed=6, inclusions=(flaw,), skin=0.1)
    told = workshop_plan(plan)
    assert judged(executed_plan(plan, told), tmp_path) == []
    ((number, distance, _),) = told.stones[0].clear
    assert number == 1
    assert distance >= plan.limits.inclusion_margin - READING


def test_a_dome_of_printed_figures_holds_too(tmp_path: Path) -> None:
    plan = planned("lump", "cabochon", seed=2)
    told = workshop_plan(plan)
    assert told.stones[0].finished["table"] < 0.5 * told.stones[0].finished["width"]
    assert judged(executed_plan(plan, told), tmp_path) == []


def test_rounding_costs_a_reading_or_so(sawn: tuple[Plan, WorkshopPlan]) -> None:
    plan, told = sawn
    for stone, sheet in zip(plan.stones, told.stones, strict=True):
        assert 0.0 <= sheet.deeper <= 2.0 * READING
        assert sheet.lost == pytest.approx(1.0 - sheet.stone.design.volume / stone.design.volume)
        assert sheet.lost < 4.0 * READING / (0.5 * stone.design.width)


def test_saw_planes_through_printed_points_are_those_of_the_plan(
    sawn: tuple[Plan, WorkshopPlan],
) -> None:
    plan, told = sawn
    for cut, sheet in zip(plan.saw, told.saw, strict=True):
        corners = np.concatenate(sheet.loops)
        assert np.abs(corners @ cut.normal - cut.offset).max() < 0.5 * READING
        assert len(sheet.ink) >= 3
        for point in sheet.ink:
            assert len(point.distances) == 3


def test_marks_are_on_the_skin_of_their_piece_clear_of_saw_and_flat(
    sawn: tuple[Plan, WorkshopPlan],
) -> None:
    plan, told = sawn
    skin = skin_of(plan.rough.vertices, plan.rough.faces)
    places = {mark.name: np.asarray(mark.place) for mark in told.marks}
    for place in places.values():
        assert np.linalg.norm(nearest_place(skin, place) - place) < 1e-9
    pieces = pieces_by_name(executed_plan(plan, told))
    for sheet in told.stones:
        body = pieces[sheet.piece]
        own = skin_of(body.vertices, body.faces)
        assert len(sheet.marks) == 3
        for name in sheet.marks:
            assert np.linalg.norm(nearest_place(own, places[name]) - places[name]) < 1e-6
            assert sheet.flat.heights[name] > 0.3


def test_marks_are_named_by_distances_as_callipers_read_them(
    sawn: tuple[Plan, WorkshopPlan],
) -> None:
    _, told = sawn
    places = {mark.name: np.asarray(mark.place) for mark in told.marks}

    def assert_read(place: np.ndarray, distances: Mapping[str, float]) -> None:
        for name, printed in distances.items():
            assert printed == round(printed, 2)
            away = float(np.linalg.norm(place - places[name]))
            assert abs(away - printed) < 2.0 * READING

    for mark in told.marks:
        assert_read(mark.place, mark.distances)
        assert set(mark.distances) == (
            {"A", "B", "C"} if mark.kind == "dot" else set("ABC"[: "ABC".index(mark.name)])
        )
    for sheet in told.saw:
        for point in sheet.ink:
            assert_read(point.place, point.distances)


def test_a_turned_and_moved_plan_prints_the_same_figures() -> None:
    plan = planned("lump", "pear,round", seed=3, saw=TWO)
    rotation, shift = turn(np.random.default_rng(5)), np.array([30.0, -12.0, 7.0])
    carried = replace(
        plan,
        rough=moved(plan.rough, rotation, shift),
        stones=tuple(
            replace(
                stone,
                pose=replace(
                    stone.pose,
                    rotation=rotation @ stone.pose.rotation,
                    translation=rotation @ stone.pose.translation + shift,
                ),
            )
            for stone in plan.stones
        ),
        saw=tuple(
            replace(
                cut,
                normal=rotation @ cut.normal,
                offset=cut.offset + float(rotation @ cut.normal @ shift),
            )
            for cut in plan.saw
        ),
    )
    one, other = workshop_plan(plan), workshop_plan(carried)
    assert [m.distances for m in one.marks] == [m.distances for m in other.marks]
    assert [[p.distances for p in s.ink] for s in one.saw] == [
        [p.distances for p in s.ink] for s in other.saw
    ]
    for a, b in zip(one.stones, other.stones, strict=True):
        assert (a.flat.heights, a.flat.feet, a.rows) == (b.flat.heights, b.flat.feet, b.rows)
    assert one.size == other.size


def test_a_cut_tells_its_sides_what_is_next_to_it_and_what_to_mind(
    sawn: tuple[Plan, WorkshopPlan],
) -> None:
    plan, told = sawn
    first, second = told.saw
    whole = plan.rough.volume * plan.specific_gravity / 200.0
    assert sum(first.weights.values()) == pytest.approx(whole, abs=0.02)
    assert second.weights["above"] + second.weights["below"] < first.weights["below"]
    assert first.tilts == ()
    angle = np.degrees(np.arccos(abs(float(first.normal @ second.normal))))
    ((step, tilt),) = second.tilts
    assert step == 1
    assert tilt == pytest.approx(angle, abs=0.06)
    assert "cleavage" in {said.code for said in first.warnings}
    assert "crack_opens" not in {said.code for said in first.warnings}
    name, room = first.nearest
    assert name in "ABC"
    assert plan.limits.allowance - 0.01 <= room


def test_a_cut_that_runs_into_a_crack_warns_of_it(sawn: tuple[Plan, WorkshopPlan]) -> None:
    plan, told = sawn
    made, sheet = executed_plan(plan, told), told.saw[0]
    middle = np.concatenate(sheet.loops).mean(axis=0)
    across = np.cross(sheet.normal, [0.0, 0.0, 1.0])
    for away, wanted in ((0.0, True), (2.0, False)):
        corners = middle + np.array([0.5, -0.5, 0.5])[:, None] * sheet.normal
        corners[2] += across
        crack = Crack(corners=corners + away * sheet.normal)
        again = saw_sheet(
            replace(made, inclusions=(crack,)),
            made.saw[0],
            Line(ink=sheet.ink, normal=sheet.normal, offset=sheet.offset),
            made.saw,
            pieces_by_name(made),
            told.marks,
            made.stones,
        )
        assert ("crack_opens" in {said.code for said in again.warnings}) == wanted


def test_hands_that_err_are_asked_where_they_are_wanted() -> None:
    plan = planned("pebble", "round", seed=1, triangles=600)
    assert workshop_plan(plan).hands is None
    told = workshop_plan(plan, hands=3)
    assert told.hands is not None
    assert told.hands.tries == 3

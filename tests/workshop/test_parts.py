"""The parts of the workshop's arithmetic, each against what can be said without it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.bodies import ball, block
from tests.workshop.made import planned, turn
from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import Plan
from yieldopt.rough.inclusions import Crack, Needle, Sphere
from yieldopt.rough.rough import Rough
from yieldopt.workshop.finished import dop_for, finished_sizes, ratios_of, windows_below
from yieldopt.workshop.flat import gem_rotation, printed_target, set_target, target_of
from yieldopt.workshop.reading import read
from yieldopt.workshop.room import clear_of, rooms, way_out
from yieldopt.workshop.section import section_loops
from yieldopt.workshop.skin import named_place, nearest_place, skin_of
from yieldopt.workshop.views import calliper_frame, sizes_along, views_of


def mesh_of(triangles: Float, rotation: Float) -> Rough:
    """Return triangles as a rough, turned."""
    vertices, faces = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    return Rough(
        name="made", vertices=vertices @ rotation.T, faces=faces.reshape(-1, 3).astype(np.int32)
    )


@pytest.fixture(scope="module")
def plan() -> Plan:
    """A round stone in a pebble."""
    return planned("pebble", "round", seed=1)


def area(loop: Float) -> float:
    x, y = loop.T
    return 0.5 * float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum())


def test_a_section_of_a_hollow_block_is_a_ring_with_the_stone_on_the_left() -> None:
    outer = block([0, 0, 0], [6, 5, 4])
    hole = block([2, 2, 1], [3, 4, 3])[:, ::-1]
    rough = mesh_of(np.concatenate([outer, hole]), np.eye(3))
    loops = section_loops(rough.vertices, rough.faces, np.array([0.0, 0.0, 1.0]), 1.7)
    assert [area(loop[:, :2]) for loop in loops] == pytest.approx([30.0, -2.0])
    assert all(np.allclose(loop[:, 2], 1.7) for loop in loops)
    assert section_loops(rough.vertices, rough.faces, np.array([0.0, 0.0, 1.0]), 9.0) == []


@pytest.mark.parametrize("seed", range(4))
def test_a_place_of_a_skin_is_found_again_by_its_distances(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rough = mesh_of(ball(5.0, 3), turn(rng))
    skin = skin_of(rough.vertices, rough.faces)
    marks = np.array([skin.triangles[i].mean(axis=0) for i in rng.choice(len(skin.triangles), 3)])
    place = nearest_place(skin, 7.0 * turn(rng)[0])
    distances = np.linalg.norm(place - marks, axis=1)
    near = place + 0.05 * turn(rng)[0]
    assert np.linalg.norm(named_place(skin, near, marks, distances) - place) < 1e-6


def test_the_nearest_place_of_a_block_is_on_its_face_edge_or_corner() -> None:
    rough = mesh_of(block([0, 0, 0], [4, 4, 4]), np.eye(3))
    skin = skin_of(rough.vertices, rough.faces)
    for point, wanted in (
        ((2.0, 1.0, 5.0), (2.0, 1.0, 4.0)),
        ((2.0, -1.0, 5.0), (2.0, 0.0, 4.0)),
        ((5.0, 6.0, 7.0), (4.0, 4.0, 4.0)),
    ):
        assert nearest_place(skin, np.array(point)) == pytest.approx(np.array(wanted))


@pytest.mark.parametrize("side", ["table", "culet"])
def test_a_flat_is_set_again_by_heights_and_feet(plan: Plan, side: str) -> None:
    stone = plan.stones[0]
    target = target_of(stone, side, 0.2)  # type: ignore[arg-type]
    rng = np.random.default_rng(8)
    places = {name: stone.pose.translation + 5.0 * turn(rng)[0] for name in "DEF"}
    seen = dict(zip(places, target.seen(np.array(list(places.values()))), strict=True))
    made = set_target(
        places,
        {name: float(at[2]) for name, at in seen.items()},
        {name: (float(at[0]), float(at[1])) for name, at in seen.items()},
    )
    for name in ("normal", "foot", "right", "to_index"):
        assert getattr(made, name) == pytest.approx(getattr(target, name), abs=1e-9)
    assert gem_rotation(made, stone, side) == pytest.approx(  # type: ignore[arg-type]
        stone.pose.rotation, abs=1e-9
    )
    # Rounded, it stands off by what rounding over such a triangle may do, no more.
    rounded = set_target(places, *printed_target(target, places))
    assert np.linalg.norm(rounded.foot - target.foot) < 0.05
    assert float(rounded.normal @ target.normal) > math.cos(math.radians(0.5))


def test_the_target_is_seen_from_above_with_the_piece_on_it(plan: Plan) -> None:
    stone = plan.stones[0]
    for side, sign in (("table", -1.0), ("culet", 1.0)):
        target = target_of(stone, side, 0.2)  # type: ignore[arg-type]
        corners = target.seen(stone.pose.apply(stone.design.solid.vertices))
        assert corners[:, 2].min() == pytest.approx(0.2)
        assert np.cross(target.right, target.to_index) == pytest.approx(-target.normal)
        assert target.to_index == pytest.approx(stone.pose.rotation[:, 1])
        # A quarter of the gear on from index 0 is at +x of the gem.
        assert target.right == pytest.approx(sign * stone.pose.rotation[:, 0])


def test_six_views_of_a_turned_block_are_its_sides() -> None:
    rotation = turn(np.random.default_rng(2))
    rough = mesh_of(block([0, 0, 0], [9, 6, 4]), rotation)
    frame = calliper_frame(rough, rough.vertices[[0, 7, 2]])
    assert sizes_along(rough, frame) == (9.0, 6.0, 4.0)
    views = {view.name: view for view in views_of(rough, frame)}
    sizes = {"top": (9, 6), "bottom": (9, 6), "front": (9, 4), "back": (9, 4)}
    sizes |= {"left": (6, 4), "right": (6, 4)}
    for name, size in sizes.items():
        view = views[name]
        assert np.ptp(np.concatenate(view.outlines), axis=0) == pytest.approx(size, abs=0.05)
        own = rough.vertices @ np.column_stack([view.right, view.up])
        seen = np.concatenate(view.outlines)
        assert seen.min(axis=0) == pytest.approx(own.min(axis=0), abs=0.05)
    for one, other in (("top", "bottom"), ("front", "back"), ("left", "right")):
        eye = np.cross(views[one].right, views[one].up)
        assert np.cross(views[other].right, views[other].up) == pytest.approx(-eye)


def test_room_counts_from_the_finished_stone_to_skin_or_saw(plan: Plan) -> None:
    stone = plan.stones[0]
    walls = [
        (stone.pose.rotation[:, 2], float(stone.pose.rotation[:, 2] @ stone.pose.translation) + 3.0)
    ]
    table = float(stone.design.solid.vertices[:, 2].max())
    free = {room.way: room for room in rooms(plan, stone, [], 0.0)}
    walled = {room.way: room for room in rooms(plan, stone, walls, 0.7)}
    assert free["table"].there == pytest.approx(way_out(plan, stone, np.array([0.0, 0.0, 1.0])))
    assert walled["table"].there == pytest.approx(min(3.0 - table, free["table"].there))
    assert walled["culet"].needed == pytest.approx(0.7)
    assert set(free) == {"table", "culet", "96", "24", "48", "72"}
    for room in free.values():
        assert room.margin == pytest.approx(room.there - room.needed)


def test_flaws_are_as_far_from_a_stone_as_a_ball_or_a_corner_is(plan: Plan) -> None:
    stone = plan.stones[0]
    up = float(stone.design.solid.vertices[:, 2].max())
    places = stone.pose.apply(
        np.array([[0.0, 0.0, up + 2.0], [0.0, 9.0, up + 1.0], [0.0, 0.0, up + 3.0]])
    )
    radius = 0.5 * stone.design.width
    beside = stone.pose.apply(np.array([[radius + 1.5, 0.0, 0.0], [radius + 4.0, 0.0, 0.0]]))
    flaws = (
        Sphere(centre=places[0], radius=0.5),
        Crack(corners=places),
        Needle(start=beside[0], end=beside[1], radius=0.1),
    )
    clear = clear_of(replace(plan, inclusions=flaws), stone)
    assert [number for number, _, _ in clear] == [1, 2, 3]
    assert clear[0][1] == pytest.approx(1.5, abs=1e-4)
    assert clear[0][2] == "table"
    assert clear[1][1] <= 2.0 + 1e-4
    assert clear[2][1] == pytest.approx(1.4, abs=0.05)
    assert clear[2][2] == "24"


def test_a_finished_stone_measures_what_its_design_says(plan: Plan) -> None:
    design = plan.stones[0].design
    sizes, ratios = finished_sizes(design), ratios_of(design)
    assert sizes["width"] == read(design.width)
    parts = sizes["crown"] + sizes["girdle"] + sizes["pavilion"]
    assert parts == pytest.approx(sizes["depth"], abs=0.02)
    assert ratios["T/W"] == pytest.approx(sizes["table"] / sizes["width"], abs=0.002)
    assert ratios["Vol/W3"] == pytest.approx(design.volume / design.width**3, abs=0.001)
    assert windows_below(replace(design, refractive_index=1.0)) is None
    floor = windows_below(replace(design, refractive_index=1.54))
    assert floor == pytest.approx(math.degrees(math.asin(1.0 / 1.54)) + 2.0, abs=0.01)
    assert dop_for(8.0) == 5.0
    assert dop_for(8.0, room=3.2) == 3.0

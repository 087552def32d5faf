"""Nests of a whole plan: which there are, and their files."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from tests.report.nest_bodies import (
    CLEARANCE,
    placed,
    read_back,
    solid_of,
)
from yieldopt.errors import InputError
from yieldopt.geometry.pose import Pose
from yieldopt.plan.pieces import Piece
from yieldopt.plan.record import Plan, SawCut
from yieldopt.report.nest.holders import Level, level_of
from yieldopt.report.nest.make import nests_of
from yieldopt.report.nest.record import Nest
from yieldopt.report.nest.write import write_nests
from yieldopt.rough.rough import Rough


def levels_on(plan: Plan) -> list[Level]:
    """Return how the stones' pieces stand, their flats an allowance above their tables."""
    out = []
    for stone in plan.stones:
        up = stone.pose.rotation[:, 2]
        table = float((stone.pose.apply(stone.design.solid.vertices) @ up).max())
        out.append(level_of(stone, up, table + plan.limits.allowance))
    return out


@pytest.fixture(scope="module")
def three() -> Plan:
    """Three stones of a lump, the second cut askew to the first."""
    return three_stones()


def three_stones() -> Plan:
    from yieldopt.cuts.family import family
    from yieldopt.plan.record import Bound, Limits, SearchRecord, Stone

    cut = family("round")
    design = cut.design(cut.usual, 4.0)
    places = [(-6.0, 0.0, 0.3), (0.0, 0.3, 0.0), (6.0, -0.2, 0.0)]
    lean: Any = trimesh.transformations.rotation_matrix
    turns = [lean(0.2, [1, 0, 0]), lean(-0.3, [0, 1, 0]), lean(0.4, [1, 1, 0])]
    stones = tuple(
        Stone(id=name, design=design, pose=Pose(rotation=turn[:3, :3], translation=np.array(at)))
        for name, turn, at in zip("ABC", turns, places, strict=True)
    )
    whole: Any = trimesh.creation.box(extents=(18.0, 9.0, 8.0))
    mesh = whole.subdivide().subdivide()
    bar = np.array(mesh.vertices)
    bar *= 1.0 - 0.02 * np.sum((bar / 9.0) ** 2, axis=1)[:, None]
    askew = np.array([np.cos(0.15), 0.0, np.sin(0.15)])
    return Plan(
        rough=Rough(name="bar", vertices=bar, faces=np.array(mesh.faces)),
        species="quartz",
        specific_gravity=2.65,
        limits=Limits(max_stones=3, kerf=0.4),
        stones=stones,
        bound=Bound(weight_ct=9.0, covers="three stones"),
        search=SearchRecord(
            seed=1,
            effort="quick",
            evaluations=1,
            seconds=1.0,
            complete=True,
            version="0",
            threads=1,
        ),
        saw=(
            SawCut(
                step=1, piece="0", normal=askew, offset=3.0, kerf=0.4, above="C", below="0.1"
            ),
            SawCut(
                step=2, piece="0.1", normal=np.array([1.0, 0.1, 0.0]), offset=-3.0, kerf=0.4,
                above="B", below="A",
            ),
        ),
    )  # fmt: skip


@pytest.fixture(scope="module")
def nests(three: Plan) -> tuple[Nest, ...]:
    return nests_of(three, levels_on(three), three.saw[0])


def test_a_plan_of_three_stones_has_a_guide_for_its_first_cut_and_two_nests_a_stone(
    three: Plan, nests: tuple[Nest, ...]
) -> None:
    """Each holds the stone's own piece, and its walls stand clear of it."""
    names = ["saw-1", "A-cradle", "A-flat", "B-cradle", "B-flat", "C-cradle", "C-flat"]
    assert [nest.name for nest in nests] == names
    pieces = {piece.name: piece for piece in three.pieces}
    for nest in nests:
        piece: Piece = pieces[nest.piece]
        assert nest.piece == (nest.stone or "0")
        body = placed(nest, solid_of(piece.vertices, piece.faces))
        stl = read_back(nest)
        assert stl.min_gap(body, 0.4) >= CLEARANCE - 1e-5
        assert (stl ^ body).is_empty()
        assert len(stl.decompose()) == 1


def test_nests_read_back_as_they_are_with_their_figures_beside_them(
    nests: tuple[Nest, ...], tmp_path: Path
) -> None:
    paths = write_nests(nests, tmp_path / "nests")
    *stls, head = paths
    told = json.loads(head.read_text())
    assert told["format"] == "yieldopt.nest/1"
    assert [entry["file"] for entry in told["nests"]] == [path.name for path in stls]
    for path, entry in zip(stls, told["nests"], strict=True):
        mesh = trimesh.load_mesh(path)
        assert mesh.is_watertight
        assert mesh.is_winding_consistent
        assert mesh.volume / 1000.0 == pytest.approx(entry["volume_cm3"], rel=1e-3)
        assert len(mesh.faces) == entry["triangles"]
        assert entry["least_distance_mm"] >= entry["clearance_mm"]
        assert mesh.extents == pytest.approx(entry["size_mm"], abs=1e-3)


def test_the_same_plan_gives_the_same_files(three: Plan, nests: tuple[Nest, ...]) -> None:
    again = nests_of(three, levels_on(three)[:1], None)
    assert (again[0].triangles == nests[1].triangles).all()


def test_a_rough_whose_skin_touches_itself_has_nests_too(three: Plan) -> None:
    """Two blocks that share an edge are no manifold as they are scanned."""
    one, other = trimesh.creation.box((6, 6, 6)), trimesh.creation.box((6, 6, 6))
    other.apply_translation([6.0, 6.0, 0.0])
    both: Any = trimesh.util.concatenate([one, other])
    both.merge_vertices()
    rough = Rough(name="two", vertices=np.array(both.vertices), faces=np.array(both.faces))
    stone = replace(three.stones[0], pose=Pose(rotation=np.eye(3), translation=np.zeros(3)))
    plan = replace(three, rough=rough, stones=(stone,), saw=())
    cradle, _ = nests_of(plan, levels_on(plan))
    assert cradle.gap >= CLEARANCE
    assert len(read_back(cradle).decompose()) == 1


@pytest.mark.parametrize(
    ("clearance", "bore", "word"),
    [(0.0, None, "--clearance"), (9.0, None, "--clearance"), (0.15, 1.0, "--jig-bore")],
)
def test_numbers_out_of_range_are_refused_in_one_line(
    three: Plan, clearance: float, bore: float | None, word: str
) -> None:
    with pytest.raises(InputError, match=word) as caught:
        nests_of(three, levels_on(three), clearance=clearance, jig_bore=bore)
    assert "\n" not in str(caught.value)


def test_index_zero_is_where_the_gears_location_puts_it(three: Plan) -> None:
    (stone, *_) = three.stones
    up = stone.pose.rotation[:, 2]
    quarter = replace(stone, design=replace(stone.design, location=stone.design.gear / 4))
    assert level_of(stone, up, 1.0).zero == pytest.approx(stone.pose.rotation[:, 1])
    assert level_of(quarter, up, 1.0).zero == pytest.approx(-stone.pose.rotation[:, 0])

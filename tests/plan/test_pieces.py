"""Pieces of a sawn rough: closed, and with the dust they weigh what the rough does."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from tests.bodies import SEEDED, SEEDS
from tests.plan.sawn import CUTS, HIGH, LONG, WIDE, cut_through, l_shape, sawn_plan
from yieldopt.errors import InputError
from yieldopt.plan.judge_width import greatest_length, least_width
from yieldopt.plan.piece_sizes import calliper_sizes
from yieldopt.plan.pieces import Piece, cut_area, dust_of, pieces_of
from yieldopt.plan.record import SawCut, SawTool
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import plan_document, write_plan
from yieldopt.rough.rough import Rough

Float = NDArray[np.float64]
CORNER = np.zeros(3)  # of the outline's frame


def signed_volume(piece: Piece) -> float:
    a, b, c = (piece.vertices[piece.faces] - piece.vertices.mean(axis=0)).transpose(1, 0, 2)
    return float(np.einsum("ij,ij->", a, np.cross(b, c)) / 6.0)


def is_closed(piece: Piece) -> bool:
    mesh = trimesh.Trimesh(piece.vertices, piece.faces, process=False)
    return bool(mesh.is_watertight and mesh.is_winding_consistent)


def box(low: tuple[float, float, float], high: tuple[float, float, float]) -> Rough:
    made = trimesh.creation.box(bounds=[low, high])
    return Rough(name="box", vertices=np.array(made.vertices), faces=np.array(made.faces))


def across_x(offset: float, **fields: object) -> SawCut:
    said = {"step": 1, "piece": "0", "kerf": 0.3, "above": "A", "below": "B"} | fields
    return SawCut(normal=np.array([1.0, 0.0, 0.0]), offset=offset, **said)  # type: ignore[arg-type]


def test_a_box_is_sawn_as_one_reckons() -> None:
    saw = (across_x(4.0),)
    whole, above, below = pieces_of(box((0, 0, 0), (10, 20, 30)), saw, stones=("B",))
    assert (whole.name, whole.made_by, whole.sawn_by, whole.stone) == ("0", 0, 1, None)
    assert (above.name, above.made_by, above.sawn_by, above.stone) == ("A", 1, None, None)
    assert (below.name, below.stone) == ("B", "B")
    assert above.volume == pytest.approx(5.85 * 600.0)
    assert below.volume == pytest.approx(3.85 * 600.0)
    assert dust_of((whole, above, below), saw) == pytest.approx((0.3 * 600.0,))
    assert cut_area(whole, saw[0]) == pytest.approx(600.0)
    assert below.size == pytest.approx((3.85, 20.0, np.linalg.norm([3.85, 20.0, 30.0])))


def test_pieces_come_in_the_order_of_the_bench() -> None:
    pieces = sawn_plan().pieces
    assert [piece.name for piece in pieces] == ["0", "A", "0.1", "B", "0.2"]
    assert [piece.made_by for piece in pieces] == [0, 1, 1, 2, 2]
    assert [piece.sawn_by for piece in pieces] == [1, None, 2, None, None]
    assert [piece.stone for piece in pieces] == [None, "A", None, "B", None]


def test_a_lone_stone_has_the_whole_rough() -> None:
    plan = sawn_plan()
    (whole,) = replace(plan, stones=plan.stones[:1], saw=()).pieces
    assert whole.stone == "A"
    assert np.array_equal(whole.vertices, plan.rough.vertices)


@SEEDED
@given(seed=SEEDS, kerf=st.floats(0.0, 1.0))
def test_whatever_the_planes_the_masses_add_up(seed: int, kerf: float) -> None:
    """Three cuts, each through the larger side of the one before; pieces are closed."""
    rng = np.random.default_rng(seed)
    saw: list[SawCut] = []
    pieces = pieces_of(l_shape(), ())
    for step in (1, 2, 3):
        largest = max((p for p in pieces if p.sawn_by is None), key=lambda p: p.volume)
        normal = rng.normal(size=3)
        normal /= np.linalg.norm(normal)
        offset = float(normal @ largest.vertices.mean(axis=0) + rng.normal())
        saw.append(
            SawCut(
                step=step,
                piece=largest.name,
                normal=normal,
                offset=offset,
                kerf=kerf,
                above=f"{step}.1",
                below=f"{step}.2",
            )
        )
        pieces = pieces_of(l_shape(), saw)
    dust = dust_of(pieces, saw)
    left = sum(piece.volume for piece in pieces if piece.sawn_by is None)
    assert left + sum(dust) == pytest.approx(l_shape().volume, rel=1e-9)
    by_name = {piece.name: piece for piece in pieces}
    for cut, taken in zip(saw, dust, strict=True):
        area = cut_area(by_name[cut.piece], cut)
        limit = 0.5 * kerf * (LONG + WIDE) * kerf * 4.0  # what oblique sides may make of it
        assert taken == pytest.approx(kerf * area, abs=limit + 1e-9)
    for piece in pieces:
        assert signed_volume(piece) == pytest.approx(piece.volume, abs=1e-8)
        assert piece.volume < 1e-9 or is_closed(piece)


def test_the_same_cuts_give_the_same_bytes() -> None:
    one, other = (
        [(p.vertices.tobytes(), p.faces.tobytes(), p.volume, p.size) for p in sawn_plan().pieces]
        for _ in range(2)
    )
    assert one == other


def test_a_section_leaves_out_what_the_plane_does_not_meet() -> None:
    """Through one arm, across both, and along a face."""
    whole = sawn_plan().pieces[0]
    middle = np.array([0.0, 0.0, HIGH / 2.0])
    for place, normal, area in (
        ([14.0, 0.0, 0.0], [1.0, 0.0, 0.0], WIDE * HIGH),
        ([4.0, 0.0, 0.0], [1.0, 0.0, 0.0], LONG * HIGH),
        (middle, [0.0, 0.0, 1.0], LONG * LONG - (LONG - WIDE) ** 2),
        ([14.0, 14.0, 0.0], [1.0, 1.0, 0.0], 0.0),
        ([12.0, 12.0, 0.0], [1.0, 1.0, 0.0], 8.0 * np.sqrt(2.0) * HIGH),
    ):
        cut = cut_through(np.array(place), np.array(normal))
        assert cut_area(whole, cut) == pytest.approx(area, abs=1e-9)


def test_boxes_that_touch_along_an_edge_are_sawn_as_two() -> None:
    """Four triangles share the edge: each joins the one on the far side of its own box."""
    one, other = box((0, 0, 0), (4, 4, 4)), box((4, 4, 0), (8, 8, 4))
    faces = np.vstack([one.faces, other.faces + len(one.vertices)])
    corners, number = np.unique(
        np.vstack([one.vertices, other.vertices]), axis=0, return_inverse=True
    )
    assert len(corners) == 14
    rough = Rough(
        name="touching", vertices=corners, faces=number.reshape(-1)[faces].astype(np.int32)
    )
    whole, above, below = pieces_of(rough, (across_x(2.0, kerf=0.0),))
    assert whole.volume == pytest.approx(128.0)
    assert (above.volume, below.volume) == pytest.approx((96.0, 32.0))
    assert signed_volume(above) == pytest.approx(96.0)
    low, high = above.vertices.min(axis=0), above.vertices.max(axis=0)
    assert [*low, *high] == pytest.approx([2.0, 0.0, 0.0, 8.0, 8.0, 4.0])


def test_an_open_mesh_cannot_be_sawn() -> None:
    whole = box((0, 0, 0), (1, 1, 1))
    with pytest.raises(InputError, match=r"box: the mesh is not closed"):
        pieces_of(replace(whole, faces=whole.faces[1:]), (across_x(0.5),))


@pytest.mark.parametrize(
    ("second", "words"),
    [
        (across_x(2.0, step=2, above="C", below="D"), "step 2: there is no piece 0"),
        (across_x(2.0, step=2, piece="A", above="B", below="C"), "step 2: a name of B, C"),
        (across_x(2.0, step=2, piece="A", above="C", below="C"), "step 2: a name of C, C"),
    ],
)
def test_cuts_that_are_no_tree_are_refused(second: SawCut, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        pieces_of(box((0, 0, 0), (10, 1, 1)), (across_x(4.0), second))


def test_a_plane_that_misses_leaves_an_empty_piece() -> None:
    _, above, below = pieces_of(box((0, 0, 0), (1, 1, 1)), (across_x(5.0),))
    assert (above.volume, len(above.faces), above.size) == (0.0, 0, (0.0, 0.0, 0.0))
    assert below.volume == pytest.approx(1.0)


# --- callipers ----------------------------------------------------------------------------------


def test_a_tetrahedron_is_least_between_two_edges() -> None:
    corners = np.array([[1, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]], dtype=np.float64)
    turned = corners @ Rotation.from_rotvec([0.1, 0.2, 0.3]).as_matrix().T
    assert calliper_sizes(turned) == pytest.approx((2.0, 2.0, 2.0 * np.sqrt(2.0)))


def test_points_of_one_plane_measure_nothing() -> None:
    flat = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], dtype=np.float64)
    assert calliper_sizes(flat) == (0.0, 0.0, 0.0)
    assert calliper_sizes(np.zeros((0, 3))) == (0.0, 0.0, 0.0)


@SEEDED
@given(seed=SEEDS)
def test_no_direction_is_narrower_than_the_least_width(seed: int) -> None:
    """And the search by linear programs, which can miss a dip, never finds less."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(rng.integers(4, 30), 3)) * rng.uniform(0.3, 2.0, size=3)
    least, across, longest = calliper_sizes(points)
    directions = rng.normal(size=(2000, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    assert np.ptp(points @ directions.T, axis=0).min() >= least - 1e-9
    assert least <= across + 1e-9
    assert across <= longest + 1e-9
    assert longest == pytest.approx(
        max(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(points, 2))
    )
    faces = trimesh.convex.convex_hull(points).face_normals
    assert greatest_length(points) == pytest.approx(longest)
    assert least_width(points, np.array(faces)) >= least - 1e-6


# --- in the plan file ---------------------------------------------------------------------------


def test_a_sawn_plan_is_written_in_full_and_holds(tmp_path: Path) -> None:
    plan = sawn_plan()
    document = plan_document(plan)
    assert [piece.name for piece in document.pieces] == ["0", "A", "0.1", "B", "0.2"]
    assert document.pieces[1].mesh == "pieces/A.stl"
    assert document.pieces[0].weight_ct == pytest.approx(plan.rough_weight_ct)
    waste = document.totals.wastage
    total = document.totals.yield_ + waste.saw + waste.allowance + waste.offcut
    assert total == pytest.approx(1.0, abs=1e-12)
    dust = sum(cut.dust_ct or 0.0 for cut in document.saw)
    assert waste.saw == pytest.approx(dust / plan.rough_weight_ct)
    leaves = sum(piece.weight_ct for piece in document.pieces if piece.sawn_by is None)
    assert leaves + dust == pytest.approx(plan.rough_weight_ct)
    verdict = verify_plan(write_plan(plan, tmp_path))
    assert [str(violation) for violation in verdict.violations] == []
    assert not verdict.notes


def test_the_saw_that_has_the_kerf_and_holds_the_piece_is_named() -> None:
    limits = sawn_plan().limits
    wire = SawTool(name="wire saw", kerf=0.3, largest=25.0)  # the whole is 29.4 mm long
    trim = SawTool(name="trim saw", kerf=0.8)
    named = plan_document(
        sawn_plan(
            limits=replace(limits, tools=(wire, trim)), saw=(replace(CUTS[0], kerf=0.8), CUTS[1])
        )
    )
    assert [cut.tool for cut in named.saw] == ["trim saw", "wire saw"]
    assert [tool.largest_mm for tool in named.limits.tools] == [25.0, None]


def test_a_plan_that_is_not_sawn_says_nothing_of_it() -> None:
    plan = sawn_plan()
    said = plan_document(
        replace(plan, stones=plan.stones[:1], saw=(), limits=replace(plan.limits, min_piece=0.0))
    ).model_dump()
    assert "pieces" not in said
    assert not {"min_piece_mm", "saw_off_cleavage_deg", "tools"} & set(said["limits"])

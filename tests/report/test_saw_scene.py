"""What the viewer is given of the saw's work."""

import base64
import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import trimesh
from hypothesis import given
from hypothesis import strategies as st

from tests.bodies import SEEDED
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.pose import Pose
from yieldopt.plan.pieces import pieces_of
from yieldopt.plan.record import Plan, SawCut
from yieldopt.report.finished import crease_edges, finished_mesh
from yieldopt.report.palette import stone_colour
from yieldopt.report.saw_scene import Part, arrangement, section_of, walls_of, way_to_look
from yieldopt.report.scene import scene_of
from yieldopt.report.words import document_of
from yieldopt.rough.inclusions import Sphere
from yieldopt.rough.rough import Rough


def corners_of(mesh: dict[str, Any]) -> Any:
    grid = np.frombuffer(base64.b64decode(mesh["corners"]), dtype="<u2").reshape(-1, 3)
    return np.array(mesh["low"]) + mesh["step"] * grid


def test_each_step_shows_what_lies_on_the_bench_then(sawn: Plan) -> None:
    scene = scene_of(sawn, document_of(sawn))
    names = [piece["label"] for piece in scene["pieces"]]
    assert names == ["the rough", "off-cut 0.2", "piece 0.1", "stone B", "stone A"]
    assert [step["pieces"] for step in scene["steps"]] == [[0], [1, 2], [1, 3, 4]]
    assert [step["stones"] for step in scene["steps"]] == [[0, 0], [2, 2], [4, 3]]
    assert [step["cuts"] for step in scene["steps"]] == [[0, 0], [None, 2], [None, None]]
    assert [piece["off"] for piece in scene["pieces"]] == [False, True, False, False, False]
    assert [piece["stone"] for piece in scene["pieces"]] == [None, None, None, 1, 0]


def test_a_piece_is_drawn_between_its_kerfs(sawn: Plan) -> None:
    scene = scene_of(sawn, document_of(sawn))
    end, rest = (corners_of(scene["pieces"][k]["mesh"]) for k in (1, 2))
    assert end[:, 0].min() == pytest.approx(5.7, abs=1e-3)
    assert rest[:, 0].max() == pytest.approx(5.3, abs=1e-3)
    for piece in scene["pieces"][1:]:
        for x, y, z, offset, _ in piece["walls"]:  # on its own side, and touching
            out = corners_of(piece["mesh"]) @ [x, y, z] - offset
            assert out.max() == pytest.approx(0.0, abs=1e-3)
    steps = [[wall[4] for wall in piece["walls"]] for piece in scene["pieces"]]
    assert steps == [[], [1], [1], [1, 2], [2]]  # cut 1's face is not on what becomes A


def test_the_whole_rough_is_sent_once_and_a_plan_without_saw_is_one_piece(plan: Plan) -> None:
    scene = scene_of(plan, document_of(plan))
    assert len(scene["pieces"]) == len(scene["steps"]) == 1
    assert "mesh" not in scene["pieces"][0]
    assert scene["steps"][0]["moves"] == [[0.0, 0.0, 0.0]]
    assert scene["saw"] == []


def test_a_rough_that_nothing_saws_may_be_open(plan: Plan) -> None:
    """Pieces need an inside, a picture of the whole does not."""
    torn = replace(plan, rough=replace(plan.rough, faces=plan.rough.faces[1:]))
    assert len(scene_of(torn, document_of(plan))["pieces"]) == 1


def test_a_flaw_stays_in_the_piece_that_it_lies_in(sawn: Plan) -> None:
    flaws = tuple(Sphere(centre=np.array([x, 0.0, 0.0]), radius=0.1) for x in (-7.0, 3.0, 7.0))
    flawed = replace(sawn, inclusions=flaws)
    scene = scene_of(flawed, document_of(flawed))
    assert [step["flaws"] for step in scene["steps"]] == [[0, 0, 0], [2, 2, 1], [4, 3, 1]]


def test_the_line_to_ink_runs_round_the_piece_in_the_plane(sawn: Plan) -> None:
    """Round a bar of 10 x 8 mm, the plane square to it: 36 mm of line; the sheet reaches over."""
    first, second = scene_of(sawn, document_of(sawn))["saw"]
    line = np.array(first["line"])
    assert np.abs(line[:, :, 0] - 5.5).max() < 1e-3
    assert np.linalg.norm(line[:, 0] - line[:, 1], axis=1).sum() == pytest.approx(36.0, abs=0.01)
    sheet = np.array(first["sheet"])
    assert np.abs(sheet[:, 0] - 5.5).max() < 1e-3
    assert (np.ptp(sheet, axis=0)[1:] > [10.0, 8.0]).all()
    normal = np.array(sawn.saw[1].normal)
    assert np.abs(np.array(second["line"]) @ normal + 1.25).max() < 1e-2
    assert second["sides"] == [3, 4]


def test_a_plane_that_misses_leaves_no_line() -> None:
    box = trimesh.creation.box(extents=(1.0, 1.0, 1.0))
    missed = section_of(np.asarray(box.vertices), np.asarray(box.faces), np.array([0, 0, 1.0]), 9.0)
    assert missed.shape == (0, 2, 3)


@SEEDED
@given(st.integers(0, 10_000), st.integers(1, 5))
def test_pieces_moved_apart_never_meet(seed: int, n_cuts: int) -> None:
    """Random planes through random pieces: two pieces end a gap apart, along the plane between."""
    chance = np.random.default_rng(seed)
    mesh = trimesh.creation.icosphere(subdivisions=1, radius=5.0)
    ball = Rough(name="ball", vertices=np.asarray(mesh.vertices), faces=np.asarray(mesh.faces))
    saw, names = [], ["0"]
    for step in range(1, n_cuts + 1):
        piece = names.pop(int(chance.integers(len(names))))
        normal = chance.normal(size=3)
        saw.append(
            SawCut(
                step=step,
                piece=piece,
                normal=normal / np.linalg.norm(normal),
                offset=float(chance.uniform(-2, 2)),
                kerf=0.3,
                above=f"{step}a",
                below=f"{step}b",
            )
        )
        names += [f"{step}a", f"{step}b"]
    pieces = [p for p in pieces_of(ball, saw) if p.sawn_by is None and len(p.faces)]
    parts = [
        Part(
            name=p.name,
            made_by=p.made_by,
            sawn_by=None,
            stone=None,
            vertices=p.vertices,
            faces=p.faces,
        )
        for p in pieces
    ]
    moves = arrangement(parts, saw, 1.0)
    for one, other in itertools.combinations(parts, 2):
        between = [
            (cut, side)
            for cut, side in walls_of(one.name, saw)
            for wall, turned in walls_of(other.name, saw)
            if wall is cut and turned == -side
        ]
        ((cut, side),) = between
        below, above = (one, other) if side > 0 else (other, one)
        room = ((above.vertices + moves[above.name]) @ cut.normal).min()
        room -= ((below.vertices + moves[below.name]) @ cut.normal).max()
        assert room > 1.0 - 1e-9


def test_the_view_of_a_sawn_rough_sees_its_planes_nearly_on_edge(sawn: Plan) -> None:
    """Both normals lie in the xz-plane: one looks along y, a little from above and aside."""
    view = way_to_look(sawn.saw, sawn.rough.vertices)
    assert view @ view.T == pytest.approx(np.eye(3), abs=1e-12)
    assert np.linalg.det(view) == pytest.approx(1.0)
    assert view[2, 1] > 0.85
    assert view[0, 0] > 0.9  # the bar lies to the right


def test_a_heart_is_drawn_with_its_cleft_open(plan: Plan) -> None:
    """The mesh weighs what the design says; each triangle lies in the plane that it names."""
    (cut,) = cuts_named("heart")
    design = cut.design(np.array([p.default for p in cut.proportions]), 5.0)
    corners, faces, planes = finished_mesh(design)
    mesh = trimesh.Trimesh(corners, faces, process=False)
    assert mesh.is_watertight
    assert mesh.volume == pytest.approx(design.volume, rel=1e-9)
    normals = np.concatenate([design.solid.normals, -design.notch[:, :3]])
    assert (np.einsum("ij,ij->i", mesh.face_normals, normals[planes]) > 1 - 1e-9).all()
    assert set(planes) >= {len(design.solid.normals)}  # a wall of the cleft is there
    creases = crease_edges(faces, planes)
    assert len({tuple(edge) for edge in creases}) == len(creases) > 50
    pose = Pose(rotation=np.eye(3), translation=np.zeros(3))
    stone = replace(plan.stones[0], design=design, pose=pose)
    hearty = replace(plan, stones=(stone,))
    (drawn,) = scene_of(hearty, document_of(hearty))["stones"]
    assert len(drawn["surface"]["faces"]) == len(faces)
    assert len(drawn["notch"]) == len(design.notch)


def test_every_stone_has_a_colour_of_its_own_up_to_twelve() -> None:
    assert len({stone_colour(i) for i in range(12)}) == 12
    assert stone_colour(12) == stone_colour(0)

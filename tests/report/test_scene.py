"""What the viewer is given to draw."""

import base64
from dataclasses import replace

import numpy as np
import pytest
import trimesh

from yieldopt.plan.record import Plan
from yieldopt.report.mesh_text import DISPLAY_TRIANGLES, display_mesh
from yieldopt.report.scene import facet_loops, scene_of
from yieldopt.report.words import document_of
from yieldopt.rough.inclusions import Crack, Mesh, Needle, Sphere
from yieldopt.workshop.room import way_out


def test_a_small_rough_is_drawn_as_it_is(plan: Plan) -> None:
    vertices, faces, moved = display_mesh(plan.rough.vertices, plan.rough.faces)
    assert vertices is plan.rough.vertices
    assert faces is plan.rough.faces
    assert moved == 0.0


def test_a_large_rough_is_thinned_within_the_distance_that_is_said() -> None:
    ball = trimesh.creation.icosphere(subdivisions=6, radius=8.0)  # 81,920 triangles
    vertices, faces, moved = display_mesh(np.asarray(ball.vertices), np.asarray(ball.faces))
    assert 1000 < len(faces) <= DISPLAY_TRIANGLES
    assert 0.0 < moved < 0.1
    centres = vertices[faces].mean(axis=1)
    assert np.abs(np.linalg.norm(centres, axis=1) - 8.0).max() < moved + 1e-3


def test_the_rough_in_the_scene_reads_back(plan: Plan) -> None:
    """16 bits a coordinate: a block of 10 mm comes back within 0.2 um."""
    rough = scene_of(plan, document_of(plan))["rough"]
    grid = np.frombuffer(base64.b64decode(rough["corners"]), dtype="<u2").reshape(-1, 3)
    faces = np.frombuffer(base64.b64decode(rough["faces"]), dtype="<u4").reshape(-1, 3)
    assert (faces == plan.rough.faces).all()
    assert np.abs(rough["low"] + rough["step"] * grid - plan.rough.vertices).max() < 2e-4


def test_facets_read_back_from_planes_are_those_of_the_solid(plan: Plan) -> None:
    (entry,) = document_of(plan)["stones"]
    loops = facet_loops(np.array(entry["planes"]), np.array(entry["vertices_mm"]))
    solid = plan.stones[0].design.solid
    for mine, theirs in zip(loops, solid.loops, strict=True):
        start = theirs.index(mine[0])
        assert tuple(mine) == theirs[start:] + theirs[:start]


def test_a_facet_of_the_scene_says_tier_side_angle_and_index(plan: Plan) -> None:
    (stone,) = scene_of(plan, document_of(plan))["stones"]
    assert stone["words"][0] == "P1 · pavilion · 45.00° · index 96"
    assert stone["words"][9] == "G1 · girdle · 90.00° · index 12"
    assert stone["words"][24] == "T · table · 0.00° · index 96"
    assert stone["tier"] == [0] * 8 + [1] * 8 + [2] * 8 + [3]


def test_the_preform_of_the_scene_is_larger_by_the_allowance(plan: Plan) -> None:
    (stone,) = scene_of(plan, document_of(plan))["stones"]
    planes = np.array(stone["planes"])
    out = (np.array(stone["preform"]["corners"]) @ planes[:, :3].T - planes[:, 3]).max(axis=0)
    assert out == pytest.approx(np.full(25, plan.limits.allowance), abs=1e-3)


def test_the_way_out_is_counted_from_the_stone_to_the_skin(plan: Plan) -> None:
    """Upright in the middle of the block: 4 mm up less the table's 1.2, 5 mm aside less 2.5."""
    (stone,) = plan.stones
    pose = replace(stone.pose, rotation=np.eye(3), translation=np.zeros(3))
    upright = replace(stone, pose=pose)
    assert way_out(plan, upright, np.array([0.0, 0, 1])) == pytest.approx(2.8)
    assert way_out(plan, upright, np.array([0.0, 1, 0])) == pytest.approx(2.5)
    moved = replace(stone, pose=replace(pose, translation=np.array([1.0, 0.0, 0.5])))
    assert way_out(plan, moved, np.array([0.0, 0, 1])) == pytest.approx(2.3)
    assert way_out(plan, moved, np.array([1.0, 0, 0])) == pytest.approx(1.5)


def test_inclusions_become_balls_lines_polygons_and_meshes(plan: Plan) -> None:
    ball = Sphere(centre=np.array([1.0, 2.0, 3.0]), radius=0.4)
    needle = Needle(start=np.zeros(3), end=np.array([1.0, 0.0, 0.0]), radius=0.1)
    crack = Crack(corners=np.array([[0.0, 0, 0], [4, 0, 0], [4, 3, 1]]))
    box = trimesh.creation.box(extents=(1.0, 2.0, 3.0))
    mesh = Mesh(vertices=np.asarray(box.vertices), faces=np.asarray(box.faces))
    flawed = replace(plan, inclusions=(ball, needle, crack, mesh))
    one, two, three, four = scene_of(flawed, document_of(flawed))["inclusions"]
    assert one == {"place": [1.0, 2.0, 3.0], "spheres": [[1.0, 2.0, 3.0, 0.4]]}
    assert two["line"] == [[0, 0, 0], [1, 0, 0]]
    assert len(three["polygon"]) == 3
    assert np.ptp(four["mesh"]["corners"], axis=0) == pytest.approx([1.0, 2.0, 3.0])
    assert four["mesh"]["faces"] == box.faces.tolist()

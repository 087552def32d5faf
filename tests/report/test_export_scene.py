"""The scene as GLB, read back by another program's reader: metres, y up, names, colours."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from yieldopt.plan.record import Plan
from yieldopt.report.export.scene import write_glb
from yieldopt.rough.inclusions import Crack, Sphere

Scene = trimesh.Scene
MM3 = 1e9  # of a cubic metre


def read(path: Path) -> Scene:
    scene = trimesh.load(path)
    assert isinstance(scene, trimesh.Scene)
    return scene


def head_of(path: Path) -> dict[str, list[dict[str, object]]]:
    raw = path.read_bytes()
    length = int.from_bytes(raw[12:16], "little")
    head: dict[str, list[dict[str, object]]] = json.loads(raw[20 : 20 + length])
    return head


def placed(scene: Scene, node: str) -> list[trimesh.Trimesh | trimesh.path.Path3D]:
    """Return what is drawn of a node and below it, where it stands in the scene, m."""
    under = {node, *(n for n in scene.graph.nodes_geometry if n.startswith(f"{node}_"))}
    under |= set(scene.graph.transforms.children.get(node, ()))
    out = []
    for name in scene.graph.nodes_geometry:
        if name in under:
            place, geometry = scene.graph[name]
            out.append(scene.geometry[geometry].copy().apply_transform(place))
    return out


def meshes(scene: Scene, node: str) -> list[trimesh.Trimesh]:
    return [part for part in placed(scene, node) if isinstance(part, trimesh.Trimesh)]


def upright(points: np.ndarray) -> np.ndarray:
    """Return points (n, 3) mm of the scan's frame as glTF has them: metres, y up."""
    x, y, z = np.asarray(points).T * 1e-3
    return np.column_stack([x, z, -y])


@pytest.fixture
def flawed(sawn: Plan) -> Plan:
    flaws = (
        Sphere(centre=np.array([1.0, 2.0, 1.0]), radius=0.3),
        Crack(corners=np.array([[5.0, 1, 1], [6, 1, 1], [6, 2, 2]])),
    )
    return replace(sawn, inclusions=flaws)


def test_a_scene_names_all_its_parts(flawed: Plan, tmp_path: Path) -> None:
    (path,) = write_glb(flawed, tmp_path)
    root, *parts = (node["name"] for node in head_of(path)["nodes"])
    assert root == "block.ply, cutting plan"
    assert parts == [
        "stone A, octagon",
        "stone B, octagon",
        "axis c",
        "axis cleavage 100",
        "inclusion 1 (sphere)",
        "inclusion 2 (crack)",
        "saw step 1",
        "saw step 2",
        "off-cut 0.2",
        "piece B",
        "piece A",
        "rough",
    ]


def test_stones_and_pieces_stand_where_the_plan_has_them_in_metres(
    flawed: Plan, tmp_path: Path
) -> None:
    scene = read(write_glb(flawed, tmp_path)[0])
    for stone in flawed.stones:
        (mesh,) = meshes(scene, f"stone {stone.id}, octagon")
        assert mesh.is_watertight
        assert mesh.volume * MM3 == pytest.approx(stone.design.volume, rel=1e-5)
        corners = upright(stone.pose.apply(stone.design.solid.vertices))
        assert mesh.bounds[0] == pytest.approx(corners.min(axis=0), abs=1e-8)
        assert mesh.bounds[1] == pytest.approx(corners.max(axis=0), abs=1e-8)
    pieces = {piece.name: piece for piece in flawed.pieces}
    for node, name in (("off-cut 0.2", "0.2"), ("piece A", "A"), ("rough", "0")):
        (mesh,) = meshes(scene, node)
        assert mesh.is_watertight
        assert mesh.volume * MM3 == pytest.approx(pieces[name].volume, rel=1e-5)
        corners = upright(pieces[name].vertices)
        assert mesh.bounds[0] == pytest.approx(corners.min(axis=0), abs=1e-8)
        assert mesh.bounds[1] == pytest.approx(corners.max(axis=0), abs=1e-8)


def test_saw_planes_and_axes_lie_as_the_plan_says(flawed: Plan, tmp_path: Path) -> None:
    scene = read(write_glb(flawed, tmp_path)[0])
    for cut in flawed.saw:
        (mesh,) = meshes(scene, f"saw step {cut.step}")
        x, y, z = np.array(mesh.vertices).T * 1e3
        heights = np.column_stack([x, -z, y]) @ cut.normal - cut.offset
        assert heights == pytest.approx(np.zeros(len(heights)), abs=1e-4)
    for name, way in flawed.axes.items():
        (line,) = placed(scene, f"axis {name}")
        ends = np.array(line.vertices)
        along = (ends[1] - ends[0]) / np.linalg.norm(ends[1] - ends[0])
        assert abs(along @ upright(way[None])[0] * 1e3) == pytest.approx(1.0, abs=1e-6)


def test_what_is_seen_through_says_so_and_stones_do_not(flawed: Plan, tmp_path: Path) -> None:
    head = head_of(write_glb(flawed, tmp_path)[0])
    looks = {}
    for node in head["nodes"][1:]:
        first = head["meshes"][node["mesh"]]["primitives"][0]  # type: ignore[call-overload]
        looks[node["name"]] = head["materials"][first["material"]].get("alphaMode", "OPAQUE")
    for name in ("rough", "piece A", "saw step 1", "inclusion 1 (sphere)"):
        assert looks[name] == "BLEND"
    assert looks["stone A, octagon"] == "OPAQUE"


def test_a_scan_far_from_its_origin_keeps_its_digits(plan: Plan, tmp_path: Path) -> None:
    """A micrometre at 20 m is beyond float32; the root node carries the distance."""
    far = np.array([20_000.0, -7_000.0, 31_000.0])
    (stone,) = plan.stones
    pose = replace(stone.pose, translation=stone.pose.translation + far)
    rough = replace(plan.rough, vertices=plan.rough.vertices + far)
    moved = replace(plan, rough=rough, stones=(replace(stone, pose=pose),))
    (mesh,) = meshes(read(write_glb(moved, tmp_path)[0]), "stone A, octagon")
    assert mesh.volume * MM3 == pytest.approx(stone.design.volume, rel=1e-5)
    corners = upright(pose.apply(stone.design.solid.vertices))
    assert mesh.bounds[0] == pytest.approx(corners.min(axis=0), abs=1e-8)


def test_the_form_is_as_gltf_wants_it(flawed: Plan, tmp_path: Path) -> None:
    """Lengths of file and chunks, buffer views inside the buffer, extents of every POSITION."""
    (path,) = write_glb(flawed, tmp_path)
    raw = path.read_bytes()
    assert raw[:4] == b"glTF"
    assert np.frombuffer(raw[4:12], "<u4").tolist() == [2, len(raw)]
    head = head_of(path)
    length = int.from_bytes(raw[12:16], "little")
    assert length % 4 == 0
    binary = raw[28 + length :]
    assert len(binary) == int.from_bytes(raw[20 + length : 24 + length], "little")
    for accessor in head["accessors"]:
        view = head["bufferViews"][accessor["bufferView"]]  # type: ignore[call-overload]
        start, size = view["byteOffset"], view["byteLength"]
        assert start % 4 == 0
        content = binary[start : start + size]
        if accessor["type"] == "VEC3":
            points = np.frombuffer(content, "<f4").reshape(-1, 3)
            assert len(points) == accessor["count"]
            assert np.array_equal(points.min(axis=0), np.array(accessor["min"], dtype="<f4"))
            assert np.array_equal(points.max(axis=0), np.array(accessor["max"], dtype="<f4"))
        else:
            assert size == 4 * accessor["count"]  # type: ignore[operator]

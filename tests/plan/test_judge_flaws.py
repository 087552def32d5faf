"""The judge on mesh inclusions: margins, a stone inside one, and files that are not as told.

The stone's table is at 1.1 mm over the middle of its girdle; the margin to inclusions is 0.3 mm.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from yieldopt.errors import InputError
from yieldopt.plan.verify import Verdict, verify_plan

Float = NDArray[np.float64]
Mesh = tuple[Float, NDArray[np.int64]]
Maker = Callable[..., Path]
TURN = Rotation.from_rotvec([0.4, -0.7, 1.1]).as_matrix()
PLACE = np.array([12.0, -7.0, 31.0])


def box(low: tuple[float, ...], high: tuple[float, ...]) -> Mesh:
    mesh = trimesh.creation.box(bounds=np.array([low, high]))
    return np.array(mesh.vertices), np.array(mesh.faces)


def flawed(made_plan: Maker, mesh: Mesh, *, name: str = "inclusion_1.ply", **more: object) -> Path:
    """Return a plan in a box of 18 mm with a mesh inclusion, told in the gem's frame."""
    path = made_plan(mesh=box((-9.0, -9.0, -9.0), (9.0, 9.0, 9.0)))
    vertices, faces = mesh
    file = path.parent / name
    trimesh.Trimesh(vertices @ TURN.T + PLACE, faces, process=False).export(file)
    plan: dict[str, Any] = json.loads(path.read_text())
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    plan["inclusions"].append({"kind": "mesh", "file": name, "sha256": digest} | more)
    path.write_text(json.dumps(plan))
    return path


def lines(verdict: Verdict) -> str:
    return "\n".join(str(violation) for violation in verdict.violations)


def test_a_mesh_holds_at_its_margin_and_fails_nearer(made_plan: Maker) -> None:
    assert verify_plan(flawed(made_plan, box((-3, -3, 1.40001), (3, 3, 4)))).holds
    verdict = verify_plan(flawed(made_plan, box((-3, -3, 1.39), (3, 3, 4))))
    assert lines(verdict).startswith("stone A: inclusion 1 (mesh): pokes 0.01 mm into the stone")
    assert verdict.violations[0].depth == pytest.approx(0.01, abs=1e-5)


def test_a_mesh_inside_the_stone_fails(made_plan: Maker) -> None:
    verdict = verify_plan(flawed(made_plan, box((0, 0, 0), (0.1, 0.1, 0.1))))
    assert "inclusion 1 (mesh): pokes" in lines(verdict)


@pytest.mark.parametrize("inward", [False, True])
def test_a_stone_inside_a_mesh_fails_though_it_meets_no_triangle(
    made_plan: Maker, inward: bool
) -> None:
    vertices, faces = box((-8, -8, -8), (8, 8, 8))
    verdict = verify_plan(flawed(made_plan, (vertices, faces[:, ::-1] if inward else faces)))
    turns = -1 if inward else 1
    assert lines(verdict) == (
        f"stone A: inclusion 1 (mesh): the middle of the stone lies in it (winding {turns})"
    )


def test_a_stone_inside_a_ball_or_a_needle_fails(made_plan: Maker) -> None:
    centre = PLACE.tolist()
    end = (PLACE + TURN @ np.array([1.0, 0.0, 0.0])).tolist()
    for flaw in (
        {"kind": "sphere", "centre_mm": centre, "radius_mm": 8.0},
        {"kind": "needle", "from_mm": centre, "to_mm": end, "radius_mm": 8.0},
    ):
        path = made_plan(mesh=box((-9.0, -9.0, -9.0), (9.0, 9.0, 9.0)))
        plan = json.loads(path.read_text())
        plan["inclusions"].append(flaw)
        path.write_text(json.dumps(plan))
        assert f"inclusion 1 ({flaw['kind']}): pokes" in lines(verify_plan(path))


def test_a_mesh_that_is_graded_may_stay_inside(made_plan: Maker) -> None:
    path = flawed(made_plan, box((0, 0, 0), (0.1, 0.1, 0.1)), severity="grade")
    assert verify_plan(path).holds


def test_another_mesh_under_the_same_name_fails(made_plan: Maker) -> None:
    path = flawed(made_plan, box((-3, -3, 2), (3, 3, 4)))
    assert verify_plan(path).holds
    file = path.parent / "inclusion_1.ply"
    file.write_bytes(file.read_bytes() + b"\n")
    assert "inclusion 1: sha256: inclusion_1.ply is not the mesh" in lines(verify_plan(path))


def test_an_open_mesh_fails(made_plan: Maker) -> None:
    vertices, faces = box((-3, -3, 2), (3, 3, 4))
    verdict = verify_plan(flawed(made_plan, (vertices, faces[:-1])))
    assert lines(verdict) == (
        "inclusion 1: file: not closed: 3 edges are not run over once each way"
    )


def test_a_mesh_that_cannot_be_read_fails(made_plan: Maker) -> None:
    path = flawed(made_plan, box((-3, -3, 2), (3, 3, 4)))
    (path.parent / "inclusion_1.ply").write_bytes(b"ply\nno more")
    assert "inclusion 1: file: inclusion_1.ply cannot be read" in lines(verify_plan(path))


@pytest.mark.parametrize("name", ["inclusion_1.ply", "../inclusion_1.ply"])
def test_a_mesh_that_is_not_beside_the_plan_is_wrong_input(made_plan: Maker, name: str) -> None:
    path = flawed(made_plan, box((-3, -3, 2), (3, 3, 4)))
    plan = json.loads(path.read_text())
    plan["inclusions"][0]["file"] = name
    path.write_text(json.dumps(plan))
    if "/" not in name:
        (path.parent / name).unlink()
    with pytest.raises(InputError, match=r"inclusion 1\.file is not a file beside the plan"):
        verify_plan(path)

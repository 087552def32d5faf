"""Two stones that were laser scanned: the cloud gives the stone that the scanner's mesh gives."""

from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.library import cuts_named
from yieldopt.errors import InputError
from yieldopt.plan.record import Limits
from yieldopt.rough.clouds.cloud import mesh_of_cloud
from yieldopt.rough.clouds.surface import load_open3d
from yieldopt.rough.read import read_rough
from yieldopt.rough.rough import Rough
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve


def cloud_rough(path: Path) -> Rough:
    """Return the rough of a cloud of the shared data: an ASCII PLY in metres, with normals."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = lines[lines.index("end_header") + 1 :]
    numbers = np.array([row.split()[:6] for row in rows], dtype=np.float64)
    mesh = mesh_of_cloud(numbers[:, :3] * 1000.0, numbers[:, 3:])
    return Rough(
        name=path.stem,
        vertices=mesh.vertices,
        faces=mesh.faces,
        surface_error=mesh.surface_error,
        notes=mesh.notes,
    )


def oval_ct(rough: Rough) -> float:
    problem = Problem(
        rough=rough,
        cuts=cuts_named("oval"),
        limits=Limits(),
        species="quartz",
        specific_gravity=2.65,
    )
    plan = solve(problem, effort="quick", seed=0)
    return plan.stone_weight_ct(plan.stones[0])


@pytest.mark.real
@pytest.mark.parametrize("stone", ["epfl_10_m", "epfl_15_m"])
def test_cloud_and_mesh_of_one_stone_give_one_plan(shared: Path, stone: str) -> None:
    """Volumes to 2 %; the weight of an oval, with the cloud's error as a margin, to 3 %."""
    try:
        load_open3d()
    except InputError as error:
        pytest.skip(str(error))
    scan = read_rough(shared / "scans" / f"{stone}.stl", unit="m")
    cloud = cloud_rough(shared / "clouds" / f"{stone}.ply")
    assert cloud.volume == pytest.approx(scan.volume, rel=0.02)
    assert 0.0 < cloud.surface_error < 0.5
    assert oval_ct(cloud) == pytest.approx(oval_ct(scan), rel=0.03)

"""Flaws through the command line: job tables, one line where they are wrong, plans that hold."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh

from yieldopt.errors import InputError
from yieldopt.rough.inclusions import Crack, Mesh, Needle, Sphere
from yieldopt.rough.made import make_rough
from yieldopt.rough.write import ply_bytes
from yieldopt_cli.job import read_job
from yieldopt_cli.main import main

# A bound that is not finite yet; tests/search/test_solve.py is about it.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in exp:RuntimeWarning")

JOB = """
[rough]
scan = "pebble.ply"
species = "quartz"
[limits]
inclusion_margin_mm = 0.4
max_stones = 1
[cuts]
use = ["round"]
"""
FLAWS = """
[[inclusion]]
kind = "sphere"
centre_mm = [0.5, 0, 0.3]
radius_mm = 0.5
[[inclusion]]
kind = "needle"
from_mm = [-2, -2, 0]
to_mm = [2.0, 1.0, 1.0]
radius_mm = 0.05
severity = "avoid"
[[inclusion]]
kind = "crack"
polygon_mm = [[-9, 3, -9], [9, 3, -9], [9, 3, 9], [-9, 3, 9]]
[[inclusion]]
kind = "mesh"
file = "flaws/veil.stl"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder beside one with a job: a pebble's scan, and a veil as a mesh."""
    job = tmp_path / "job"
    (job / "flaws").mkdir(parents=True)
    (job / "pebble.ply").write_bytes(ply_bytes(make_rough("pebble", seed=3, triangles=2000)))
    veil = trimesh.creation.box(bounds=np.array([[-3.0, -4, -2], [3, -3, -1.8]]))
    veil.export(job / "flaws" / "veil.stl")
    (job / "job.toml").write_text(JOB + FLAWS, encoding="utf-8")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return job


def test_a_job_with_every_kind_of_flaw_gives_a_plan_that_holds_alone(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["plan", "--job", str(folder / "job.toml"), "--effort", "quick", "--out", "out"]
    assert main(words) == 0
    written = sorted(path.name for path in Path("out").iterdir())
    assert written == [
        "inclusion_4.ply", "plan.html", "plan.json", "rough.ply", "sheet.pdf", "stones",
    ]  # fmt: skip
    # The folder is all that the judge needs.
    (folder / "flaws" / "veil.stl").unlink()
    Path("out").rename("moved")
    assert main(["verify", "moved/plan.json"]) == 0
    document = json.loads(Path("moved/plan.json").read_text(encoding="utf-8"))
    assert [flaw["kind"] for flaw in document["inclusions"]] == [
        "sphere", "needle", "crack", "mesh",
    ]  # fmt: skip
    page = Path("moved/plan.html").read_text(encoding="utf-8")
    assert "ball, 1.00 mm across" in page
    assert "Every stone stays 0.4 mm away" in page
    # A flaw moved into the stone is found.
    x, y, z = document["stones"][0]["pose"]["translation_mm"]
    document["inclusions"][0]["centre_mm"] = [x, y, z]
    Path("moved/plan.json").write_text(json.dumps(document), encoding="utf-8")
    capsys.readouterr()
    assert main(["verify", "moved/plan.json"]) == 1
    assert "stone A: inclusion 1 (sphere): pokes" in capsys.readouterr().out


def test_a_plan_folder_with_flaws_is_ours_to_replace(folder: Path) -> None:
    words = ["plan", "--job", str(folder / "job.toml"), "--effort", "quick", "--out", "out"]
    assert main(words) == 0
    assert main([*words, "--set", "inclusion=[]"]) == 0
    assert not Path("out/inclusion_4.ply").exists()


def test_every_kind_of_table_becomes_a_flaw(folder: Path) -> None:
    sphere, needle, crack, mesh = read_job(folder / "job.toml").inclusions
    assert isinstance(sphere, Sphere)
    assert isinstance(needle, Needle)
    assert isinstance(crack, Crack)
    assert isinstance(mesh, Mesh)
    assert sphere.radius == 0.5
    assert crack.corners.shape == (4, 3)
    assert np.ptp(mesh.vertices, axis=0) == pytest.approx([6.0, 1.0, 0.2], abs=1e-6)


def test_a_mesh_is_in_the_scans_unit(folder: Path) -> None:
    job = read_job(folder / "job.toml", ["rough.unit=cm"])
    mesh, sphere = job.inclusions[3], job.inclusions[0]
    assert isinstance(mesh, Mesh)
    assert isinstance(sphere, Sphere)
    assert np.ptp(mesh.vertices, axis=0) == pytest.approx([60.0, 10.0, 2.0], abs=1e-5)
    assert sphere.radius == 0.5  # what is told in mm stays mm


def test_set_replaces_the_files_flaws_and_names_meshes_from_where_one_stands(folder: Path) -> None:
    sets = ['inclusion=[{kind="sphere", centre_mm=[0, 0, 0], radius_mm=1}]']
    (flaw,) = read_job(folder / "job.toml", sets).inclusions
    assert isinstance(flaw, Sphere)
    with pytest.raises(InputError, match=r"^--set inclusion\[1\]\.file: flaws/veil\.stl: there"):
        read_job(folder / "job.toml", ['inclusion=[{kind="mesh", file="flaws/veil.stl"}]'])


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("kind = 'crack'", "job.toml inclusion[1].polygon_mm: is missing; a crack is told by"),
        ("radius_mm = 1", "job.toml inclusion[1].kind: is missing; say one of sphere, needle"),
        (
            "kind = 'sphere'\ncentre_mm = [0, 0, 0]\nradius_mm = 1\nseverity = 'grade'",
            'job.toml inclusion[1].severity: "grade" (it may stay inside, at a price) needs prices',
        ),
        ("kind = 'mesh'\nfile = 'none.ply'", "inclusion[1].file: "),
    ],
)
def test_a_wrong_table_is_one_line_and_code_2(
    table: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "job.toml").write_text(f"{JOB}\n[[inclusion]]\n{table}\n", encoding="utf-8")
    assert main(["plan", "--job", str(folder / "job.toml")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


def test_single_brackets_are_told_to_be_doubled(folder: Path) -> None:
    (folder / "job.toml").write_text(f"{JOB}\n[inclusion]\nkind = 'sphere'\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"^job\.toml inclusion: is a list of tables: write"):
        read_job(folder / "job.toml")


def test_a_flaw_outside_the_rough_is_code_2_with_its_number(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "kind = 'sphere'\ncentre_mm = [90, 0, 0]\nradius_mm = 1"
    (folder / "job.toml").write_text(f"{JOB}\n[[inclusion]]\n{table}\n", encoding="utf-8")
    assert main(["plan", "--job", str(folder / "job.toml"), "--effort", "quick"]) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert "inclusion 1 (sphere): lies outside the rough, about (90.00, 0.00, 0.00)" in line

"""`yieldopt nest`: what is written where, what is said, and what is refused."""

import json
from pathlib import Path

import pytest
import trimesh

from tests.plan.sawn import sawn_plan
from yieldopt.plan.write import write_plan
from yieldopt_cli.main import main


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(sawn_plan(), tmp_path_factory.mktemp("made"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nests_of_a_sawn_plan_are_written_told_and_replaced(
    made: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From the plan file alone: a saw guide, and for each stone a cradle on a stem and a guide."""
    assert main(["nest", str(made), "--clearance", "0.2", "--jig-bore", "6.35"]) == 0
    said = capsys.readouterr().out.splitlines()
    folder = here / "nest-l"
    names = ["saw-1", "A-cradle", "A-flat", "B-cradle", "B-flat"]
    assert sorted(p.name for p in folder.iterdir()) == sorted(
        [*(f"{name}.stl" for name in names), "nest.json"]
    )
    assert [line.split()[0] for line in said[1 : len(names) + 1]] == [f"{n}.stl" for n in names]
    assert said[-1] == "nests: nest-l"
    told = json.loads((folder / "nest.json").read_text())
    for entry in told["nests"]:
        assert entry["least_distance_mm"] >= entry["clearance_mm"] == 0.2
        assert trimesh.load_mesh(folder / entry["file"]).is_watertight
    (folder / "A-flat.stl").unlink()
    (folder / "note.txt").write_text("mine")
    assert main(["nest", str(made)]) == 2
    assert "note.txt" in capsys.readouterr().err
    assert not (folder / "A-flat.stl").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--clearance", "0"], "--clearance 0: is out of range"),
        (["--clearance", "nan"], "--clearance nan: is out of range"),
        (["--jig-bore", "1"], "--jig-bore 1: is out of range"),
    ],
)
def test_sizes_that_no_nest_can_have_are_refused_before_anything_is_read(
    words: list[str], said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["nest", "nowhere.json", *words]) == 2
    assert said in capsys.readouterr().err
    assert list(here.iterdir()) == []


def test_a_plan_that_is_not_there_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["nest", "nowhere.json"]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    assert list(here.iterdir()) == []

"""`yieldopt scan --faces --landmarks`: a block for the job file, and the figures as JSON."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from yieldopt.rough.made import make_rough
from yieldopt.rough.write import ply_bytes
from yieldopt_cli.commands import scan
from yieldopt_cli.job import read_job
from yieldopt_cli.main import main


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with a few scans."""
    for kind in ("prism", "octahedron", "pebble"):
        rough = make_rough(kind, seed=1, triangles=2_000)
        (tmp_path / f"{kind}.ply").write_bytes(ply_bytes(rough))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(["scan", *words]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def figures(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    out: dict[str, Any] = json.loads(shown(capsys, *words, "--json"))
    return out


def block_of(text: str) -> str:
    """Return the job's table of axes as it stands in what was printed."""
    rest = text[text.index("[rough.axes]") :]
    return rest.split("\n\n")[0]


def test_without_flags_nothing_is_searched(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(capsys, "prism.ply", "--species", "quartz")
    assert "faces" not in text
    assert "landmarks" not in text
    assert not {"faces", "axes", "landmarks"} & set(figures(capsys, "prism.ply"))


def test_a_coating_is_taken_off_the_weight_and_a_wrong_one_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = figures(capsys, "prism.ply", "--species", "quartz")
    coated = figures(capsys, "prism.ply", "--species", "quartz", "--coating-mm", "0.1")
    powder = 0.1 * bare["area_mm2"] * 2.65 / 200.0
    assert coated["weight_ct"] == pytest.approx(bare["weight_ct"] - powder)
    assert (bare["coating_mm"], coated["coating_mm"]) == (0.0, 0.1)
    assert "coating   0.1 mm" in shown(capsys, "prism.ply", "--coating-mm", "0.1")
    for wrong in ("3", "-0.1", "nan"):
        assert main(["scan", "prism.ply", f"--coating-mm={wrong}"]) == 2
        assert "--coating-mm" in capsys.readouterr().err


def test_the_axes_can_be_pasted_into_a_job(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    block = block_of(shown(capsys, "prism.ply", "--species", "quartz", "--faces"))
    c = tomllib.loads(block)["rough"]["axes"]["c"]
    assert abs(c[2]) == pytest.approx(1.0, abs=1e-3)
    job = folder / "job.toml"
    job.write_text(f'[rough]\nscan = "prism.ply"\nspecies = "quartz"\n{block}\n', encoding="utf-8")
    assert list(read_job(job).axes) == ["c"]


def test_a_cubic_species_with_cleavage_gets_its_planes_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    block = block_of(shown(capsys, "octahedron.ply", "--species", "fluorite", "--faces"))
    axes = tomllib.loads(block)["rough"]["axes"]
    assert list(axes) == ["a1", "a2", "a3", "cleavage_1", "cleavage_2", "cleavage_3", "cleavage_4"]


def test_faces_and_the_angles_between_them_stand_in_tables(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(capsys, "octahedron.ply", "--faces")
    assert "flat faces" in text
    assert "angles between their normals, degrees" in text
    assert "say --species" in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_a_pebble_shows_no_faces_and_says_what_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(capsys, "pebble.ply", "--species", "topaz", "--faces")
    assert "flat faces: none" in text
    assert "[rough.axes]" not in text
    assert "no flat faces were found, 3 or more are wanted" in text


def test_landmarks_stand_with_their_lengths_and_what_a_misreading_does(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = shown(capsys, "prism.ply", "--landmarks")
    assert "AB " in text
    assert "off by 0.1 mm turns the stone by" in text


def test_json_holds_what_the_docstring_lists(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = figures(capsys, "prism.ply", "--species", "quartz", "--faces", "--landmarks")
    without = figures(capsys, "prism.ply", "--species", "quartz")
    new = set(told) - set(without)
    assert new == {
        "faces", "face_angles_deg", "crystal_system", "axes", "axes_missing", "landmarks"
    }  # fmt: skip
    assert scan.__doc__ is not None
    nested = {*told["faces"][0], *told["axes"][0], *told["landmarks"]}
    for key in new | nested | set(told["landmarks"]["points"][0]):
        assert key in scan.__doc__, key
    assert len(told["face_angles_deg"]) == len(told["faces"])
    assert told["crystal_system"] == "trigonal"
    assert told["axes"][0]["name"] == "c"
    assert set(told["landmarks"]["distances_mm"]) == {"AB", "BC", "CA"}


def test_without_species_there_are_no_axes_in_the_json(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = figures(capsys, "prism.ply", "--faces")
    assert told["axes"] is None
    assert told["crystal_system"] is None


def test_a_species_of_ones_own_with_an_unknown_system_is_one_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = folder / "own.toml"
    own.write_text('name="x"\nsg=3.0\nri_low=1.6\ncrystal_system="isometric"\n', encoding="utf-8")
    assert main(["scan", "prism.ply", "--species", "own.toml", "--faces"]) == 2
    assert "'isometric' is not known" in capsys.readouterr().err

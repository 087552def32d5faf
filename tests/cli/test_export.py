"""`yieldopt export`: what is written where, and what stays of what stood there."""

from pathlib import Path

import pytest

from tests.plan.sawn import sawn_plan
from yieldopt.plan.write import write_plan
from yieldopt.report.export import FORMATS, export_plan
from yieldopt_cli.commands.export import EXPORT, FILES
from yieldopt_cli.main import main


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(sawn_plan(), tmp_path_factory.mktemp("made"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names_in(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_all_forms_are_written_and_named(
    made: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(made), "--to", "all"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said == [f"export-l/{name}" for name in dict.fromkeys(n[9:] for n in said)]
    assert sorted(name[9:] for name in said) == names_in(here / "export-l")
    assert {Path(name).suffix for name in said} == {
        ".asc", ".gcs", ".stl", ".dxf", ".svg", ".csv", ".glb",
    }  # fmt: skip


def test_every_form_has_its_files_names(tmp_path: Path) -> None:
    """The command knows what its own folder holds without loading what writes it."""
    assert list(FILES) == list(FORMATS)
    for form in FORMATS:
        paths = export_plan(sawn_plan(), tmp_path / form, [form])
        assert paths
        for path in paths:
            assert EXPORT.has(path.relative_to(tmp_path / form)), path


def test_other_forms_stay_and_what_the_plan_has_no_more_goes(
    made: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = here / "out"
    assert main(["export", str(made), "--to", "csv, dxf", "--out", "out"]) == 0
    old_saw = out / "saw" / "step_9.dxf"
    old_saw.write_text("of an earlier plan")
    assert main(["export", str(made), "--to", "dxf", "--out", "out"]) == 0
    capsys.readouterr()
    assert names_in(out) == ["saw.csv", "saw/step_1.dxf", "saw/step_2.dxf", "stones.csv"]


def test_a_folder_with_something_else_in_it_is_refused(
    made: Path, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "out").mkdir()
    (here / "out" / "accounts.csv").write_text("mine")
    assert main(["export", str(made), "--to", "csv", "--out", "out"]) == 2
    assert "holds accounts.csv, which is no part of an export" in capsys.readouterr().err
    assert names_in(here / "out") == ["accounts.csv"]


def test_where_nothing_is_sawn_the_lack_of_lines_is_said(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = sawn_plan()
    path = write_plan(sawn_plan(stones=plan.stones[:1], saw=()), here / "one")
    assert main(["export", str(path), "--to", "svg,asc"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "export-l/stones/A.asc",
        "no svg: nothing is sawn",
    ]


@pytest.mark.parametrize("forms", ["step", "", "all,stl"])
def test_an_unknown_form_is_one_line(
    forms: str, made: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        main(["export", str(made), "--to", forms])
    assert left.value.code == 2
    error = capsys.readouterr().err
    assert "is not among asc, gcs, stl, dxf, svg, csv, glb, all" in error
    assert error.count("\n") == 1

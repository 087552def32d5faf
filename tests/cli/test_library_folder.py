"""`--cuts folder/`: the designs are the cuts, what cannot be read is told."""

import io
from pathlib import Path

import pytest

from yieldopt.cuts.family import family
from yieldopt.cuts.gcs_write import write_gcs
from yieldopt.cuts.gemcad import write_asc
from yieldopt_cli.commands.plan import problem_of
from yieldopt_cli.console import Console
from yieldopt_cli.job import read_job


@pytest.fixture
def scan(root: Path) -> Path:
    return root / "meshes" / "pebble.ply"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    designs = tmp_path / "designs"
    designs.mkdir()
    for name, write, ending in (("round", write_asc, "asc"), ("oval", write_gcs, "gcs")):
        cut = family(name)
        write(cut.design(cut.usual, 2.0), designs / f"my-{name}.{ending}")
    (designs / "broken.asc").write_text("Dear Sir or Madam")
    return designs


@pytest.mark.parametrize("names_unread", [False, True])
def test_designs_are_cuts_and_the_unread_are_counted_or_named(
    names_unread: bool, folder: Path, scan: Path
) -> None:
    said = io.StringIO()
    flags = {"scan": str(scan), "species": "quartz", "cuts": f"{folder}/,emerald"}
    job = read_job(None, (), flags)
    problem, _ = problem_of(job, Console(said), names_unread=names_unread)
    assert [cut.name for cut in problem.cuts] == ["my-oval", "my-round", "emerald"]
    words = said.getvalue()
    assert "2 designs, as they are drawn; 1 could not be read" in words
    assert ("broken.asc: line 1" in words) == names_unread
    assert ("(-v names them)" in words) == (not names_unread)
    assert "reading designs: 0 of 3" in words


def test_a_job_s_folder_stands_beside_the_job(folder: Path, scan: Path) -> None:
    job_file = folder.parent / "job.toml"
    job_file.write_text(
        f'[rough]\nscan = "{scan.as_posix()}"\nspecies = "own.toml"\n'
        '[cuts]\nuse = ["designs/", "round"]\n'
    )
    (folder.parent / "own.toml").write_text('name = "own"\nsg = 3.3\nri_low = 1.7\n')
    job = read_job(job_file)
    assert job.cuts == (str(folder), "round") or job.cuts == (f"{folder}/", "round")
    problem, _ = problem_of(job, Console(io.StringIO()))
    assert (problem.species, problem.specific_gravity) == ("own", 3.3)
    assert [cut.name for cut in problem.cuts] == ["my-oval", "my-round", "round"]

"""`yieldopt sheet`: a plan's sheet again, as `plan` makes it; a plan that fails is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.plan.sawn import sawn_plan
from yieldopt.plan.record import Plan
from yieldopt.plan.write import write_plan
from yieldopt.report.catalogue import LANGUAGES as WORDED
from yieldopt.report.sheet.job import PAPERS as CUT_TO
from yieldopt.report.write import write_reports
from yieldopt_cli.commands.plan import write_judged
from yieldopt_cli.commands.sheet import LANGUAGES, PAPERS
from yieldopt_cli.main import main


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a plan and all that is made of it."""
    folder = tmp_path_factory.mktemp("made")
    plan = sawn_plan()
    write_plan(plan, folder)
    write_reports(plan, folder)
    return folder


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    """Return a plan file of its own, without what is made of it."""
    for name in ("plan.json", "rough.ply"):
        (tmp_path / name).write_bytes((made / name).read_bytes())
    return tmp_path / "plan.json"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Return what the sheet is asked for; none is drawn."""
    seen: list[dict[str, Any]] = []

    def write(_plan: Plan, path: Path, **asked: Any) -> None:
        seen.append(asked)
        path.write_bytes(b"a sheet")

    monkeypatch.setattr("yieldopt.report.sheet.write_sheet", write)
    return seen


def test_the_sheet_of_a_plan_file_is_the_one_that_the_plan_came_with(
    made: Path, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """To the byte: what is read of a plan file is the plan."""
    assert main(["sheet", str(copied)]) == 0
    assert capsys.readouterr().out == f"sheet: {copied.with_name('sheet.pdf')}\n"
    assert copied.with_name("sheet.pdf").read_bytes() == (made / "sheet.pdf").read_bytes()


def test_the_page_of_a_plan_file_is_the_one_that_the_plan_came_with(
    made: Path, copied: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["page", str(copied)]) == 0
    assert capsys.readouterr().out == f"page: {copied.with_name('plan.html')}\n"
    assert copied.with_name("plan.html").read_bytes() == (made / "plan.html").read_bytes()


def test_languages_paper_and_jamb_peg_are_passed_on(
    copied: Path, tmp_path: Path, asked: list[dict[str, Any]]
) -> None:
    out = tmp_path / "deeper" / "mine.pdf"
    flags = ["--lang", "en, ur,en", "--paper", "letter", "--jamb-peg", "--out", str(out)]
    assert main(["sheet", str(copied), *flags]) == 0
    assert out.read_bytes() == b"a sheet"
    (told,) = asked
    assert told.pop("workshop").marks
    assert told == {"lang": ("en", "ur"), "paper": "letter", "jamb_peg": True}


def test_plan_passes_languages_and_paper_on_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(
        "yieldopt.report.write.write_reports", lambda *_, **asked: seen.append(asked)
    )
    write_judged(sawn_plan(), tmp_path, lang=("ur", "ps"), paper="letter")
    assert seen == [{"lang": ("ur", "ps"), "paper": "letter"}]


def test_the_flags_know_the_languages_and_papers_that_there_are() -> None:
    assert set(LANGUAGES) == set(WORDED)
    assert set(PAPERS) == set(CUT_TO)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--lang", "en,fr"], "argument --lang: 'fr' is not among en, ur, ps"),
        (["--lang", ""], "argument --lang: '' is not among en, ur, ps"),
        (["--paper", "a3"], "argument --paper: invalid choice: 'a3'"),
        (["--out", "plan.json"], "--out plan.json: name a file that ends in .pdf"),
        (["--out", "taken.pdf"], "--out taken.pdf: is a folder; name a file"),
    ],
)
def test_a_wrong_flag_is_one_line_and_touches_nothing(
    flags: list[str],
    words: str,
    copied: Path,
    monkeypatch: pytest.MonkeyPatch,
    asked: list[dict[str, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(copied.parent)
    Path("taken.pdf").mkdir()
    before = copied.read_bytes()
    try:
        code = main(["sheet", "plan.json", *flags])
    except SystemExit as left:
        code = int(left.code or 0)
    assert code == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
    assert copied.read_bytes() == before
    assert asked == []


def spoil(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(path.read_text())
    change(document)
    path.write_text(json.dumps(document))


@pytest.mark.parametrize("command", [["sheet"], ["page"], ["export", "--to", "all"]])
def test_a_plan_that_does_not_hold_is_refused_with_its_first_violation(
    command: list[str],
    copied: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody saws by a plane that was moved by hand."""
    monkeypatch.chdir(copied.parent)
    spoil(copied, lambda document: document["saw"][0].update(offset_mm=0.0))
    assert main([*command, "plan.json"]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("yieldopt: error: plan.json: does not hold: ")
    assert told.err.count("\n") == 1
    assert told.out == ""
    assert sorted(path.name for path in copied.parent.iterdir()) == ["plan.json", "rough.ply"]


def test_a_sheet_that_cannot_be_made_leaves_the_old_one(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_plan: Plan, path: Path, **_: Any) -> None:
        path.write_bytes(b"half a sh")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("yieldopt.report.sheet.write_sheet", fail)
    old = copied.with_name("sheet.pdf")
    old.write_bytes(b"the old one")
    assert main(["sheet", str(copied)]) == 2
    assert old.read_bytes() == b"the old one"
    assert sorted(p.name for p in copied.parent.iterdir()) == [
        "plan.json", "rough.ply", "sheet.pdf",
    ]  # fmt: skip

"""The command line's promise: exit codes, and one line for what a user can put right."""

import signal
from pathlib import Path
from typing import NoReturn

import pytest

from yieldopt import __version__
from yieldopt.errors import InputError, NothingFitsError
from yieldopt_cli import main as main_module
from yieldopt_cli.commands import SUMMARIES, command_named, plan
from yieldopt_cli.main import main, make_parser


def exit_code(words: list[str]) -> int | str | None:
    """Run a command line as the script does."""
    try:
        return main(words)
    except SystemExit as leave:  # argparse leaves so
        return leave.code


def test_every_command_has_a_parser_and_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--help"]) == 0
    told = capsys.readouterr().out
    for name in SUMMARIES:
        assert name in told
        assert exit_code([name, "--help"]) == 0
        assert callable(command_named(name).run)


def test_the_version_is_the_packages(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(["--version"]) == 0
    assert capsys.readouterr().out == f"yieldopt {__version__}\n"


def test_plan_has_the_options_of_the_contract() -> None:
    told = make_parser().known_options()
    words = (
        "--job --species --cuts --stones --objective --effort --time-limit --seed --threads"
        " --weighed-ct --unit --set --vary --keep --keep-stones --keep-saw --after --piece"
        " --out --json --schema"
    )
    for option in words.split():
        assert option in told


def test_the_efforts_are_the_searchs_own() -> None:
    """`--help` must not import the search, so the words stand twice."""
    from yieldopt.search.solve import EFFORTS
    from yieldopt.units import MM_PER_UNIT

    assert set(plan.EFFORTS) == set(EFFORTS)
    assert set(plan.UNITS) == set(MM_PER_UNIT)


MAKE = "made.ply"  # stands for a sound scan in the cases below

WRONG = [
    ([], "required: COMMAND"),
    (["paln"], "invalid choice: 'paln'"),
    (["plan"], "no scan given"),
    (["plan", "none.ply", "--species", "quartz"], "none.ply: there is no such file"),
    (["plan", MAKE], "no species given: add --species NAME"),
    (["plan", MAKE, "--species", "quarz"], "quartz"),
    (["plan", MAKE, "--species", "quartz", "--cuts", "rond"], "round"),
    (["plan", MAKE, "--species", "quartz", "--cuts", "none.asc"], "none.asc"),
    (["plan", MAKE, "--effort", "best"], "argument --effort: invalid choice: 'best'"),
    (["plan", MAKE, "--efort", "quick"], "did you mean --effort?"),
    (["plan", MAKE, "--seed", "-1"], "argument --seed: must be 0 or more"),
    (["plan", MAKE, "--seed", "x"], "argument --seed"),
    (["plan", MAKE, "--threads", "0"], "argument --threads: must be 1 or more"),
    (["plan", MAKE, "--time-limit", "0"], "argument --time-limit: must be above 0"),
    (["plan", MAKE, "--time-limit", "nan"], "argument --time-limit"),
    (["plan", MAKE, "--unit", "km"], "argument --unit: invalid choice: 'km'"),
    (["plan", MAKE, "--weighed-ct", "-3", "--species", "quartz"], "--weighed-ct: must be above 0"),
    (["plan", MAKE, "--stones", "13", "--species", "quartz"], "--stones: must be at most 12"),
    (["plan", MAKE, "--keep-saw", "0"], "argument --keep-saw: saw steps from 1 on are wanted"),
    (["plan", MAKE, "--keep-saw", "A"], "argument --keep-saw: saw steps from 1 on are wanted"),
    (
        ["plan", MAKE, "--species", "quartz", "--objective", "value"],
        "--objective: value needs a price book",
    ),
    (["plan", MAKE, "--job", "none.toml"], "none.toml: no such job file"),
    (["plan", MAKE, "--set", "limits.kerf=1"], "did you mean limits.kerf_mm?"),
    (["plan", MAKE, "--set", "kerf"], "--set kerf: write key=value"),
    (["plan", MAKE, "--species", "quartz", "--out", MAKE], "is a file; name a folder"),
    (["plan", MAKE, "--species", "quartz", "--out", "."], "is the folder you stand in"),
    (["plan", "bad.ply", "--species", "quartz"], "bad.ply"),
    (["plan", "scan.xyz", "--species", "quartz"], "scan.xyz"),
    (["verify", "none.json"], "none.json"),
    (["verify", "bad.ply"], "bad.ply"),
    (["scan", "none.ply"], "none.ply"),
    (["species", "show", "quarz"], "quartz"),
    (["cuts", "show", "rond"], "round"),
]


@pytest.mark.parametrize(("words", "said"), WRONG, ids=[" ".join(w) or "none" for w, _ in WRONG])
def test_wrong_input_is_one_line_and_code_2(
    words: list[str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from yieldopt.rough.made import make_rough
    from yieldopt.rough.write import ply_bytes

    monkeypatch.chdir(tmp_path)
    Path(MAKE).write_bytes(ply_bytes(make_rough("pebble", seed=1, triangles=500)))
    Path("bad.ply").write_text("ply\nnot really\n")
    Path("scan.xyz").write_text("0 0 0\n")
    before = sorted(tmp_path.iterdir())
    assert exit_code(words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("yieldopt: error: ")
    assert said in err
    assert err.count("\n") == 1
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        (InputError("a.ply: is empty;\nscan again"), 2, "a.ply: is empty; scan again"),
        (NothingFitsError("min_width_mm: 3 is too wide"), 3, "min_width_mm: 3 is too wide"),
        (KeyboardInterrupt(), 130, "interrupted, nothing was written"),
        (PermissionError(13, "Permission denied", "plan-a"), 2, "plan-a: Permission denied"),
        (OSError(28, "No space left on device"), 2, "No space left on device"),
    ],
)
def test_each_kind_of_end_has_its_code(
    fault: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def run(_args: object) -> NoReturn:
        raise fault

    monkeypatch.setattr(plan, "run", run)
    assert main(["plan", "a.ply"]) == code
    assert capsys.readouterr().err == f"yieldopt: error: {said}\n"


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(_args: object) -> NoReturn:
        raise RuntimeError("a bug")

    monkeypatch.setattr(plan, "run", run)
    with pytest.raises(RuntimeError, match="a bug"):
        main(["plan", "a.ply"])


def test_the_schema_is_json_and_needs_no_scan(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    assert main(["plan", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out)["properties"]["format"]


def test_ctrl_c_is_ours_only_while_a_plan_is_made() -> None:
    from yieldopt_cli.commands.plan import Interrupt
    from yieldopt_cli.console import Console

    before = signal.getsignal(signal.SIGINT)
    with Interrupt(Console()) as interrupt:
        assert not interrupt()
        signal.raise_signal(signal.SIGINT)
        assert interrupt()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_the_codes_are_those_that_plan_returns() -> None:
    assert (plan.DONE, plan.INTERRUPTED) == (main_module.DONE, main_module.INTERRUPTED)

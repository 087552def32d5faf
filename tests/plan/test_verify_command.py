"""`yieldopt verify` says in its exit code and its lines what the judge found."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from yieldopt.errors import InputError
from yieldopt_cli.commands.verify import configure, run

Maker = Callable[..., Path]


def verify(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    configure(parser)
    return run(parser.parse_args(arguments))


def test_a_plan_that_holds_is_one_line_with_its_stones(
    made_plan: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(str(made_plan())) == 0
    out = capsys.readouterr().out
    assert out.startswith("holds: stone A 0.")
    assert out.count("\n") == 1


def test_a_plan_that_does_not_hold_is_a_line_for_each_violation(
    made_plan: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(str(made_plan(scale=1.001))) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[0].startswith("stone A: skin: pokes 0.003 mm into the stone")
    assert all(line.startswith("stone A: ") for line in out)


def test_the_verdict_as_json_states_depths(
    made_plan: Maker, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify(str(made_plan(shift=(0.05, 0.0, 0.0))), "--json") == 1
    verdict = json.loads(capsys.readouterr().out)
    assert verdict["holds"] is False
    assert verdict["violations"][0]["depth_mm"] == pytest.approx(0.05, abs=2e-6)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (None, "cannot be read"),
        ('{"format": "yieldopt.plan/1"', "the file: Invalid JSON"),
        ('{"format": "yieldopt.plan/1"}', "rough: Field required"),
    ],
)
def test_what_is_no_plan_is_wrong_input_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str | None, complaint: str
) -> None:
    path = tmp_path / "plan.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(InputError, match=rf"plan\.json: {complaint}") as caught:
        verify(str(path))
    assert "\n" not in str(caught.value)
    assert capsys.readouterr().out == ""

"""A plan by value through the command line: the job's words, the table, the page, the judge."""

import json
from pathlib import Path

import pytest

from yieldopt.rough.made import make_rough
from yieldopt.rough.write import ply_bytes
from yieldopt_cli.main import main

# A bound that is not finite yet; tests/search/test_solve.py is about it.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in exp:RuntimeWarning")

JOB = """
[rough]
scan = "pebble.ply"
species = "peridot"
[rough.axes]
c = [0, 0, 1]
[orientation]
table = "priced"
table_axis = "c"
table_deg = [0, 20]
[[inclusion]]
kind = "sphere"
centre_mm = [0.5, 0, 0.3]
radius_mm = 0.3
severity = "grade"
[[colour_zone]]
kind = "half-space"
wanted = true
normal = [0, 0, 1]
offset_mm = 0.0
[limits]
max_stones = 1
[cuts]
use = ["round"]
proportions = "fixed"
[prices]
file = "example"
"""


@pytest.fixture
def job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pebble.ply").write_bytes(ply_bytes(make_rough("pebble", seed=3, triangles=600)))
    file = tmp_path / "job.toml"
    file.write_text(JOB, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return file


def test_a_job_by_value_is_planned_told_and_judged(
    job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["plan", "--job", str(job), "--objective", "value", "--effort", "quick", "--out", "out"]
    assert main(words) == 0
    said = capsys.readouterr()
    document = json.loads(Path("out/plan.json").read_text(encoding="utf-8"))
    assert document["objective"] == "value"
    assert document["totals"]["currency"] == "USD"
    assert document["bound"]["value"] >= document["totals"]["value"]
    (cost,) = document["costs_of_rules"]
    assert (cost["rule"], cost["how"]) == ("table to c", "priced")
    assert document["prices"]["illustration"]
    for text in (said.out, Path("out/plan.html").read_text(encoding="utf-8")):
        assert "AN ILLUSTRATION, NOT AN OFFER" in text
        assert "rule table to c (priced" in text
        assert "safest" in text
    assert "value, USD" in said.out
    assert not any(note.startswith("colour zones (") for note in document["rough"]["notes"])
    assert main(["verify", "out/plan.json"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--set", "prices.quality=gem"], "prices.quality: example_book.csv has no 'gem' for"),
        (["--species", "zircon"], "prices.file: example_book.csv has no price for zircon (it has"),
        (["--species", "sapphire"], "say prices.quality = gem | jewellery | accessory"),
        (["--set", "prices.file=none.csv"], "none.csv: no such price book"),
        ([], "job.toml orientation.table: priced needs a plan by value: --objective value"),
    ],
)
def test_prices_that_do_not_fit_the_rough_are_one_line(
    words: list[str], said: str, job: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    by_value = ["--objective", "value"] if words else []
    assert main(["plan", "--job", str(job), *by_value, *words]) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert said in line
    assert not Path("plan-pebble").exists()

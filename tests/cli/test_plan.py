"""`yieldopt plan` around the search: what it reads, judges, writes and says."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yieldopt import __version__
from yieldopt.errors import NothingFitsError
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Bound, Plan, SearchRecord, Stone
from yieldopt.plan.verify import verify_plan
from yieldopt.rough.made import make_rough
from yieldopt.rough.write import ply_bytes
from yieldopt.search.listener import Listener
from yieldopt.search.problem import Problem
from yieldopt.search.stop import Stop
from yieldopt_cli.main import main

SEARCH = "yieldopt.search.solve.solve"
WIDTH = 3.5  # mm: lies well inside the pebble


class StandIn:
    """A search that puts a small gem in the middle, and remembers what it was asked."""

    def __init__(self) -> None:
        self.problem: Problem | None = None
        self.options: dict[str, Any] = {}
        self.before_return: Callable[[], object] = lambda: None
        self.astray = np.zeros(3)  # mm

    def __call__(
        self, problem: Problem, *, stop: Stop, listener: Listener, **options: object
    ) -> Plan:
        self.problem, self.options = problem, options
        listener.compiling()
        listener.progress(phase="search", evaluations=1, best_ct=0.1, bound_ct=9.0, share=0.5)
        self.before_return()
        cut = problem.cuts[0]
        theta = np.array([free.default for free in cut.proportions])
        middle = problem.rough.vertices.mean(axis=0)
        stone = Stone(
            id="A",
            design=cut.design(theta, WIDTH),
            pose=Pose(rotation=np.eye(3), translation=middle + self.astray),
        )
        return Plan(
            rough=problem.rough,
            species=problem.species,
            specific_gravity=problem.specific_gravity,
            limits=problem.limits,
            stones=(stone,),
            bound=Bound(weight_ct=1e3, covers="nothing in earnest"),
            search=SearchRecord(
                seed=0,
                effort="normal",
                evaluations=1,
                seconds=0.0,
                complete=not stop(),
                version=__version__,
                threads=1,
            ),
            weighed_ct=problem.weighed_ct,
        )


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr(SEARCH, stand_in)
    return stand_in


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a pebble's scan in the folder the test stands in."""
    monkeypatch.chdir(tmp_path)
    path = Path("pebble.ply")
    path.write_bytes(ply_bytes(make_rough("pebble", seed=3, triangles=500)))
    return path


def plan(*words: str) -> int:
    return main(["plan", "pebble.ply", "--species", "quartz", *words])


def test_a_plan_is_written_beside_and_its_page_is_named(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan("--cuts", "round") == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "page: plan-pebble/plan.html"
    assert "round" in out
    assert "compiling" in err
    folder = Path("plan-pebble")
    names = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    stones = {"stones/A.stl", "stones/A.asc"}
    assert names == {"plan.json", "rough.ply", "plan.html", "sheet.pdf"} | stones
    assert sorted(path.name for path in Path().iterdir()) == ["pebble.ply", "plan-pebble"]
    assert verify_plan(folder / "plan.json").holds


def test_what_is_asked_for_reaches_the_search(scan: Path, search: StandIn) -> None:
    words = "--cuts oval,round --effort quick --seed 5 --threads 2 --weighed-ct 900 --set"
    assert plan(*words.split(), "limits.allowance_mm=0.4", "--out", "deep/plan") == 0
    assert search.options == {"effort": "quick", "seed": 5, "threads": 2}
    assert search.problem is not None
    assert [cut.name for cut in search.problem.cuts] == ["oval", "round"]
    assert search.problem.limits.allowance == 0.4
    assert search.problem.weighed_ct == 900.0
    assert search.problem.species == "quartz"
    assert Path("deep/plan/plan.json").is_file()


def test_scales_that_do_not_agree_with_the_scan_are_told(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan("--weighed-ct", "900") == 0
    assert "below the scales; check the unit" in capsys.readouterr().err
    whole = json.loads(Path("plan-pebble/plan.json").read_text())["rough"]["weight_ct"]
    assert plan("--weighed-ct", str(1.02 * whole)) == 0
    assert "scales" not in capsys.readouterr().err


def test_json_prints_the_plan_file_and_nothing_else(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan("--json") == 0
    assert capsys.readouterr().out == Path("plan-pebble/plan.json").read_text(encoding="utf-8")


def test_a_plan_can_be_planned_again_from_its_own_rough(scan: Path, search: StandIn) -> None:
    assert plan() == 0
    again = main(["plan", "plan-pebble/rough.ply", "--species", "quartz", "--out", "again"])
    assert again == 0
    first, second = (
        json.loads(Path(folder, "plan.json").read_text())["rough"]["volume_mm3"]
        for folder in ("plan-pebble", "again")
    )
    assert first == second


def test_a_new_plan_takes_the_place_of_the_old_one(scan: Path, search: StandIn) -> None:
    assert plan("--cuts", "round") == 0
    assert plan("--cuts", "oval") == 0
    assert json.loads(Path("plan-pebble/plan.json").read_text())["stones"][0]["cut"] == "oval"


def test_a_plan_that_the_judge_refuses_is_never_written(scan: Path, search: StandIn) -> None:
    search.astray = np.array([30.0, 0.0, 0.0])  # out of the rough
    with pytest.raises(RuntimeError, match="fails its own check"):
        plan()
    assert [path.name for path in Path().iterdir()] == ["pebble.ply"]


def test_the_first_ctrl_c_keeps_the_best_and_says_so(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    search.before_return = lambda: signal.raise_signal(signal.SIGINT)
    assert plan() == 130
    out, err = capsys.readouterr()
    assert "stopping with the best so far" in err
    assert "cut short" in out
    assert not json.loads(Path("plan-pebble/plan.json").read_text())["search"]["complete"]
    assert verify_plan(Path("plan-pebble/plan.json")).holds


def test_a_second_ctrl_c_gives_up_and_writes_nothing(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    def twice() -> None:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    search.before_return = twice
    assert plan() == 130
    assert "interrupted, nothing was written" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["pebble.ply"]


def test_ctrl_c_before_anything_fits_is_an_interruption(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop_and_find_nothing() -> None:
        signal.raise_signal(signal.SIGINT)
        raise NothingFitsError("nothing yet")

    search.before_return = stop_and_find_nothing
    assert plan() == 130
    assert "interrupted" in capsys.readouterr().err


def test_a_time_limit_marks_the_plan(scan: Path, search: StandIn) -> None:
    assert plan("--time-limit", "1e-9") == 0
    assert not json.loads(Path("plan-pebble/plan.json").read_text())["search"]["complete"]


def test_a_job_file_alone_is_enough(scan: Path, search: StandIn) -> None:
    Path("job.toml").write_text('[rough]\nscan = "pebble.ply"\nspecies = "peridot"\n')
    assert main(["plan", "--job", "job.toml"]) == 0
    assert json.loads(Path("plan-pebble/plan.json").read_text())["rough"]["species"] == "peridot"


def test_demo_takes_the_same_way(
    search: StandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[-1] == "page: plan-demo/plan.html"
    assert "planned, checked and written in" in err
    assert verify_plan(Path("plan-demo/plan.json")).holds
    assert [path.name for path in Path().iterdir()] == ["plan-demo"]

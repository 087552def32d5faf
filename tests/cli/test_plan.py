"""`yieldopt plan` around the search: what it reads, judges, writes and says."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh

from yieldopt import __version__
from yieldopt.errors import NothingFitsError
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Bound, Plan, SearchRecord, Stone
from yieldopt.plan.verify import verify_plan
from yieldopt.rough.inclusions import Sphere
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


def test_demo_prints_the_plan_file_alone(
    search: StandIn,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["demo", "--json"]) == 0
    assert capsys.readouterr().out == Path("plan-demo/plan.json").read_text(encoding="utf-8")


def test_the_weight_check_is_in_words_on_every_sheet(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan() == 0
    document = json.loads(Path("plan-pebble/plan.json").read_text())
    assert document["rough"]["weight_check"] is None
    capsys.readouterr()
    assert plan("--weighed-ct", str(0.9 * document["rough"]["weight_ct"])) == 0
    out, err = capsys.readouterr()
    rough = json.loads(Path("plan-pebble/plan.json").read_text())["rough"]
    check = rough["weight_check"]
    assert check["grade"] == "amber"
    assert check["difference"] == pytest.approx(1 / 0.9 - 1)
    assert check["low_ct"] == pytest.approx(rough["weight_ct"])  # quartz: 2.65 to 2.66
    assert "amber (11.1 % above the scales" in check["words"]
    assert f"weight check: {check['words']}" in out.splitlines()
    assert check["words"] in err
    assert check["words"] in Path("plan-pebble/plan.html").read_text(encoding="utf-8")


def test_fit_weight_rescales_all_that_is_told_in_the_scans_frame(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    flaw = "inclusion=[{kind='sphere', centre_mm=[1, 0, 0], radius_mm=0.1}]"
    zone = "colour_zone=[{kind='half-space', wanted=true, normal=[0, 0, 2], offset_mm=2}]"
    assert plan() == 0
    before = json.loads(Path("plan-pebble/plan.json").read_text())["rough"]
    capsys.readouterr()
    words = ["--weighed-ct", str(1.331 * before["weight_ct"]), "--fit-weight"]
    assert plan(*words, "--set", flaw, "--set", zone) == 0
    out, err = capsys.readouterr()
    assert "rescaled by 1.1000 in every direction" in out
    assert "scan scaled by 1.1000 in every direction" in err
    document = json.loads(Path("plan-pebble/plan.json").read_text())
    after = document["rough"]
    assert after["weight_ct"] == pytest.approx(after["weighed_ct"])
    assert after["to_mm"] == after["fit_factor"] == pytest.approx(1.1)
    assert after["weight_check"]["grade"] == "red"  # of the scan as it was read
    assert document["colour_zones"][0]["offset_mm"] == pytest.approx(2.2)
    assert search.problem is not None
    (ball,) = search.problem.inclusions
    assert isinstance(ball, Sphere)
    assert ball.centre == pytest.approx([1.1, 0, 0])
    assert verify_plan(Path("plan-pebble/plan.json")).holds


def test_a_weight_that_no_scan_errs_by_is_refused_with_the_unit_that_would_do(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert plan() == 0
    before = json.loads(Path("plan-pebble/plan.json").read_text())["rough"]
    capsys.readouterr()
    assert plan("--weighed-ct", str(1000 * before["weight_ct"]), "--fit-weight") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "rough.fit_weight: to weigh" in line
    assert "scaled by 10, where 0.7 to 1.4 is possible; --unit cm would make them agree" in line


def test_coating_and_scan_error_are_kept_from_the_skin_and_named(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    sets = ("limits.skin_mm=0.1", "rough.coating_mm=0.02", "rough.scan_error_mm=0.05")
    assert plan(*(word for said in sets for word in ("--set", said))) == 0
    limits = json.loads(Path("plan-pebble/plan.json").read_text())["limits"]
    assert limits["skin_mm"] == pytest.approx(0.17)  # what the judge adds the allowance to
    assert (limits["coating_mm"], limits["scan_error_mm"]) == (0.02, 0.05)
    err = capsys.readouterr().err
    assert "coating of 0.02 mm taken off" in err
    assert "scan error of 0.05 mm: stones keep that much more" in err
    assert search.problem is not None
    assert search.problem.limits.skin_margin == limits["skin_mm"] + limits["allowance_mm"]


def test_sizes_from_callipers_are_planned_and_judged_like_a_scan(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("bag12.toml").write_text(
        "[rough]\nspecies = 'quartz'\n[rough.shape]\nkind = 'pebble'\nlength_mm = 14\n"
        "width_mm = 11\nheight_mm = 9\n"
    )
    assert main(["plan", "--job", "bag12.toml"]) == 0
    out, err = capsys.readouterr()
    assert "bag12.toml: from callipers, no scan: pebble, 14 x 11 x 9 mm" in err
    assert out.splitlines()[-1] == "page: plan-bag12/plan.html"
    rough = json.loads(Path("plan-bag12/plan.json").read_text())["rough"]
    assert (rough["file"], rough["from_callipers"]) == ("bag12.toml", True)
    page = Path("plan-bag12/plan.html").read_text(encoding="utf-8")
    assert "Rough, by the callipers" in page
    assert "by the scan" not in page
    assert verify_plan(Path("plan-bag12/plan.json")).holds


def test_a_mesh_of_a_colour_zone_is_written_beside_and_the_folder_stays_ours(
    scan: Path, search: StandIn
) -> None:
    zone = trimesh.creation.box(bounds=np.array([[-1.0, -1, -1], [1, 1, 9]]))
    zone.export("zone.stl")
    said = "colour_zone=[{kind='mesh', wanted=false, file='zone.stl', name='brown'}]"
    assert plan("--set", said) == 0
    document = json.loads(Path("plan-pebble/plan.json").read_text())
    (kept,) = document["colour_zones"]
    assert (kept["name"], kept["wanted"], kept["file"]) == ("brown", False, "colour_zone_1.ply")
    assert any("do not steer this version" in note for note in document["rough"]["notes"])
    assert len(trimesh.load_mesh("plan-pebble/colour_zone_1.ply").faces) == 12
    assert plan() == 0
    assert not Path("plan-pebble/colour_zone_1.ply").exists()

"""`yieldopt plan --vary`: what is asked, what is written, and what ends it."""

import json
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from yieldopt import __version__
from yieldopt.errors import InputError, NothingFitsError
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Bound, Plan, SearchRecord, Stone
from yieldopt.plan.verify import verify_plan
from yieldopt.report.what_if_words import KEYS
from yieldopt.rough.made import make_rough
from yieldopt.rough.write import ply_bytes
from yieldopt.search.listener import Listener
from yieldopt.search.problem import Problem
from yieldopt.search.stop import Stop
from yieldopt_cli.job_tables import TABLES
from yieldopt_cli.main import main
from yieldopt_cli.vary import variants_of, variations_of

WIDEST = 4.0  # mm: what is left of the pebble for a gem without an allowance


class StandIn:
    """A search that puts a gem in the middle, narrower by the allowance, and counts."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.before: Callable[[], object] = lambda: None

    def __call__(
        self, problem: Problem, *, stop: Stop, listener: Listener, **options: object
    ) -> Plan:
        self.problems.append(problem)
        self.before()
        cut, allowance = problem.cuts[0], problem.limits.allowance
        if allowance > 1.0:
            raise NothingFitsError("nothing fits: the margins use up the rough")
        stone = Stone(
            id="A",
            design=cut.design(
                np.array([free.default for free in cut.proportions]), WIDEST - 2 * allowance
            ),
            pose=Pose(rotation=np.eye(3), translation=problem.rough.vertices.mean(axis=0)),
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
        )


@pytest.fixture
def search(monkeypatch: pytest.MonkeyPatch) -> StandIn:
    stand_in = StandIn()
    monkeypatch.setattr("yieldopt.search.solve.solve", stand_in)
    return stand_in


@pytest.fixture
def scan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a pebble's scan in the folder the test stands in."""
    monkeypatch.chdir(tmp_path)
    path = Path("pebble.ply")
    path.write_bytes(ply_bytes(make_rough("pebble", seed=3, triangles=500)))
    return path


@pytest.fixture
def no_reports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Page and sheet of each plan take a second; one test has them."""
    monkeypatch.setattr("yieldopt.report.write.write_reports", lambda *_, **__: None)


def vary(*words: str) -> int:
    return main(["plan", "pebble.ply", "--species", "quartz", "--cuts", "round", *words])


def told() -> dict[str, object]:
    text = Path("what-if-pebble/what-if.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def test_every_value_has_its_plan_and_a_row_of_the_table(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vary("--vary", "limits.allowance_mm=0.1,0.3") == 0
    out, err = capsys.readouterr()
    assert [problem.limits.allowance for problem in search.problems] == [0.1, 0.3]
    assert sorted(path.name for path in Path().iterdir()) == ["pebble.ply", "what-if-pebble"]
    folder = Path("what-if-pebble")
    names = {"what-if.json", "what-if.csv", "what-if.html", "what-if.svg"}
    plans = ["allowance_mm=0.1", "allowance_mm=0.3"]
    assert {path.name for path in folder.iterdir()} == {*names, *plans}
    weights = []
    for name in plans:
        assert verify_plan(folder / name / "plan.json").holds
        assert (folder / name / "sheet.pdf").is_file()
        document = json.loads((folder / name / "plan.json").read_text(encoding="utf-8"))
        weights.append(document["totals"]["weight_ct"])
    rows = told()["rows"]
    assert isinstance(rows, list)
    assert [row["weight_ct"] for row in rows] == weights
    assert [row["folder"] for row in rows] == plans
    assert rows[0]["more_ct"] is None
    assert rows[1]["more_ct"] == weights[1] - weights[0]
    heads, first, second, *_, last = out.splitlines()
    assert heads.split()[:3] == ["limits.allowance_mm", "cut", "ct"]
    assert first.startswith("0.1 mm")
    assert f"{weights[1]:.2f}" in second
    assert last == "page: what-if-pebble/what-if.html"
    assert "limits.allowance_mm = 0.1: " in err


@pytest.mark.usefixtures("no_reports")
def test_two_keys_make_every_pair_and_read_the_scan_once(
    scan: Path, search: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from yieldopt.rough import read

    asked: list[Path] = []
    read_rough = read.read_rough

    def counted(path: Path, *, unit: str | None = None) -> object:
        asked.append(path)
        return read_rough(path, unit=unit)

    monkeypatch.setattr("yieldopt_cli.what_if.read_rough", counted)
    words = ["--vary", "cuts.use=round+oval,round", "--vary", "rough.species=quartz,peridot"]
    assert vary(*words) == 0
    assert len(asked) == 1
    tried = [([cut.name for cut in p.cuts], p.species) for p in search.problems]
    both, one = ["round", "oval"], ["round"]
    assert tried == [(both, "quartz"), (both, "peridot"), (one, "quartz"), (one, "peridot")]
    assert Path("what-if-pebble/use=round+oval,species=quartz/plan.json").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["limits.kerf_mm"], "--vary limits.kerf_mm: write KEY=a,b,c"),
        (["limits.kerf_mm=0.3"], "--vary limits.kerf_mm=0.3: give two values or more"),
        (["limits.kerf_mm=0.3,,0.5"], "--vary limits.kerf_mm=0.3,,0.5: one of the values is empty"),
        (["limits.kerf_mm=0.3,0.5,0.3"], "--vary limits.kerf_mm: 0.3 stands twice"),
        (["limits.kerf_mm=0.3,thin"], "--vary limits.kerf_mm: a number is wanted, not 'thin'"),
        (["limits.kerf_mm=0.3,-1"], "--vary limits.kerf_mm: must be at least 0, not -1"),
        (["limits.kerf=0.3,0.5"], "--vary limits.kerf: no such key (did you mean limits.kerf_mm?)"),
        (["orientation.cleavage=off,some"], "--vary orientation.cleavage: 'some' is not one of"),
        (["rough.species=quartz,quarz"], "quarz"),
        (["cuts.use=round,rond+oval"], "rond"),
        (["prices.file=none.csv,example"], "none.csv: no such price book"),
        (["prices.file=example,example2.csv"], "example_book.csv has no price for quartz"),
        (["limits.gone=1,2", "limits.kerf_mm=1,2", "limits.skin_mm=1,2"], "at most 2 keys"),
        (["limits.kerf_mm=1,2", "limits.kerf_mm=3,4"], "--vary limits.kerf_mm: is given twice"),
        ([f"limits.kerf_mm={','.join(map(str, range(99)))}"], "99 plans are too many"),
    ],
)
def test_a_wrong_key_or_value_is_one_line_before_anything_is_planned(
    words: list[str],
    said: str,
    scan: Path,
    search: StandIn,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert vary(*(part for word in words for part in ("--vary", word))) == 2
    out, err = capsys.readouterr()
    assert out == ""
    (line,) = err.splitlines()
    assert said in line
    assert search.problems == []
    assert [path.name for path in Path().iterdir()] == ["pebble.ply"]


@pytest.mark.usefixtures("no_reports")
def test_a_value_under_which_nothing_fits_is_a_row_that_says_so(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first is such a one: the second is then what the third is compared with."""
    assert vary("--vary", "limits.allowance_mm=2,0.2,0.1", "--json") == 0
    out, err = capsys.readouterr()
    assert out == Path("what-if-pebble/what-if.json").read_text(encoding="utf-8")
    document = json.loads(out)
    none, first, more = document["rows"]
    assert (none["why"], none["weight_ct"]) == ("nothing fits: the margins use up the rough", None)
    assert document["compared_with"] == 1
    assert (first["more_ct"], document["heaviest"]) == (None, 2)
    assert more["more_ct"] > 0
    assert not Path("what-if-pebble/allowance_mm=2").exists()
    assert "limits.allowance_mm = 2: nothing fits" in err


def test_where_nothing_fits_under_any_value_nothing_is_written(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    assert vary("--vary", "limits.allowance_mm=2,3") == 3
    assert "error: under none of the values: nothing fits" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["pebble.ply"]


@pytest.mark.usefixtures("no_reports")
@pytest.mark.parametrize(("times", "kept"), [(1, 2), (2, 1)])
def test_ctrl_c_keeps_the_rows_there_are(
    times: int, kept: int, scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    """Pressed in the second of three searches: once keeps its best so far, twice leaves it out."""

    def press() -> None:
        if len(search.problems) == 2:
            for _ in range(times):
                signal.raise_signal(signal.SIGINT)

    search.before = press
    assert vary("--vary", "limits.allowance_mm=0.1,0.2,0.3") == 130
    out, err = capsys.readouterr()
    assert "once more to leave this one out" in err
    document = told()
    rows = document["rows"]
    assert isinstance(rows, list)
    assert [row["complete"] for row in rows] == [True, False][:kept]
    assert document["left_out"] == [["0.2"], ["0.3"]][kept - 1 :]
    assert f"{3 - kept} more value" in out
    folders = {path.name for path in Path("what-if-pebble").iterdir() if path.is_dir()}
    assert folders == {f"allowance_mm=0.{n}" for n in range(1, kept + 1)}


def test_ctrl_c_before_the_first_row_writes_nothing(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    def press() -> None:
        signal.raise_signal(signal.SIGINT)
        raise NothingFitsError("nothing yet")

    search.before = press
    assert vary("--vary", "limits.allowance_mm=0.1,0.2") == 130
    assert "interrupted, nothing was written" in capsys.readouterr().err
    assert [path.name for path in Path().iterdir()] == ["pebble.ply"]


@pytest.mark.usefixtures("no_reports")
def test_a_what_if_replaces_its_own_kind_alone(
    scan: Path, search: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ["--vary", "limits.allowance_mm=0.1,0.2"]
    assert vary("--out", "plan") == 0
    assert vary(*ask, "--out", "plan") == 2
    assert "holds plan.json, which is no part of a what-if" in capsys.readouterr().err
    assert vary(*ask) == 0
    assert vary("--vary", "limits.allowance_mm=0.3,0.4") == 0
    names = {path.name for path in Path("what-if-pebble").iterdir() if path.is_dir()}
    assert names == {"allowance_mm=0.3", "allowance_mm=0.4"}
    assert vary("--out", "what-if-pebble") == 2
    Path("what-if-pebble/allowance_mm=0.3/mine.txt").write_text("mine")
    assert vary(*ask) == 2
    assert "holds allowance_mm=0.3/mine.txt" in capsys.readouterr().err.splitlines()[-1]


def test_what_is_varied_wins_over_flag_and_set() -> None:
    variations = variations_of(["rough.species=quartz,peridot", "limits.kerf_mm=0.2,0.4"])
    flags = {"scan": "a.ply", "species": "topaz", "objective": None}
    found = variants_of(variations, None, ["limits.kerf_mm=9"], flags)
    species = [variant.job.species for variant in found]
    assert species == ["quartz", "quartz", "peridot", "peridot"]
    assert [variant.job.limits.kerf for variant in found] == [0.2, 0.4, 0.2, 0.4]


def test_commas_in_brackets_and_quotes_belong_to_the_value() -> None:
    one, two = variations_of(
        ["orientation.table_deg=[0,20],[0, 30]", "prices.order='4 ovals 7x5, 2 rounds 6',\"\""]
    )
    assert one.values == ("[0,20]", "[0, 30]")
    assert two.values == ("'4 ovals 7x5, 2 rounds 6'", '""')
    with pytest.raises(InputError, match=r"prices\.order: needs a price book"):
        variants_of((two,), None, [], {"scan": "a.ply", "species": "quartz"})


def test_each_plan_has_a_folder_of_its_own_with_a_plain_name() -> None:
    words = ["rough.scan=a/b.ply,a-b.ply,A-B.ply,../é 1.ply"]
    found = variants_of(variations_of(words), None, [], {"scan": None, "species": "quartz"})
    names = [variant.folder for variant in found]
    assert names == ["scan=a-b.ply", "scan=a-b.ply~2", "scan=A-B.ply~3", "scan=é-1.ply"]


def test_words_for_keys_are_of_keys_that_there_are() -> None:
    known = {f"{table}.{key}" for table, form in TABLES.items() for key in form.model_fields}
    assert set(KEYS) <= known


@pytest.mark.parametrize("table", ["rough", "limits", "cuts", "orientation", "prices"])
def test_every_key_with_a_value_has_a_word(table: str) -> None:
    """What `--set` and `--vary` take is said in a cutter's words on the page."""
    of_tables = {"rough.shape", "rough.axes"}  # they have keys of their own
    keys = {f"{table}.{key}" for key in TABLES[table].model_fields} - of_tables
    assert keys <= set(KEYS)

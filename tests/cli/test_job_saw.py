"""Saws, what stays of a plan, and a piece scanned again: the job's words, to the problem's."""

import json
import math
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.plan.sawn import CUTS, PLACE, TURN, cut_through, sawn_plan
from yieldopt.errors import InputError
from yieldopt.geometry.pose import Pose
from yieldopt.plan.pieces import pieces_of
from yieldopt.plan.record import Limits, Locked, SawTool
from yieldopt.plan.write import write_plan
from yieldopt.rough.inclusions import Sphere, name_of
from yieldopt.rough.registration import Registration
from yieldopt.rough.rough import Rough
from yieldopt.rough.write import ply_bytes
from yieldopt.search.problem import Problem
from yieldopt_cli.commands.plan import problem_of
from yieldopt_cli.console import Console
from yieldopt_cli.job import read_job

FLAGS = {"scan": "stone.ply", "species": "quartz", "cuts": "round"}
KEEP = FLAGS | {"keep": "plan"}


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planned")
    plan = sawn_plan()
    write_plan(plan, folder / "plan")
    (folder / "stone.ply").write_bytes(ply_bytes(plan.rough))
    return folder


@pytest.fixture
def folder(planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a folder with the plan of an L-shaped rough sawn in two, and the rough's scan."""
    shutil.copytree(planned, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def problem(
    *sets: str, flags: Mapping[str, object] | None = None, file: str | None = None
) -> Problem:
    path = None
    if file is not None:
        path = Path("job.toml")
        path.write_text(file, encoding="utf-8")
    return problem_of(read_job(path, sets, flags or FLAGS), Console())[0]


def test_saws_and_what_they_must_leave_reach_the_limits() -> None:
    tools = "[{name='wire', kerf_mm=0.2, largest_mm=15}, {name='trim', kerf_mm=0.5}]"
    sets = ["limits.min_piece_mm=5", "limits.saw_off_cleavage_deg=10", f"saw.tool={tools}"]
    assert read_job(sets=sets, flags=FLAGS | {"stones": 3}).limits == Limits(
        max_stones=3,
        min_piece=5.0,
        saw_off_cleavage=math.radians(10.0),
        tools=(SawTool(name="wire", kerf=0.2, largest=15.0), SawTool(name="trim", kerf=0.5)),
    )
    assert read_job(flags=FLAGS | {"stones": 12}).limits.max_stones == 12


WIRE = "saw.tool=[{name='wire', kerf_mm=0.2}]"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("limits.min_piece_mm=-1", "--set limits.min_piece_mm: must be at least 0, not -1"),
        ("limits.saw_off_cleavage_deg=90", "--set limits.saw_off_cleavage_deg: must be below 90"),
        ("saw.tools=[]", "--set saw.tools: no such key (did you mean saw.tool?)"),
        ("saw.tool={name='wire'}", "--set saw.tool: is a list of tables: write [[saw.tool]]"),
        ("saw.tool=[{name='wire'}]", "--set saw.tool[1].kerf_mm: is missing; saw.tool[1] needs it"),
        ("saw.tool=[{name='', kerf_mm=1}]", "--set saw.tool[1].name: a word is wanted"),
        ("saw.tool=[{name='a', kerf_mm='x'}]", "--set saw.tool[1].kerf_mm: a number is wanted"),
        (
            "saw.tool=[{name='a', kerf=1}]",
            "saw.tool[1].kerf: no such key (did you mean saw.tool[1]",
        ),
        ("saw.tool=[{name='a', kerf_mm=0, largest_mm=0}]", "saw.tool[1].largest_mm: must be above"),
        (
            "saw.tool=[{name='a', kerf_mm=0.2}, {name='a', kerf_mm=0.3}]",
            "--set saw.tool: two saws are called 'a'",
        ),
        (
            f"limits.kerf_mm=0.4;{WIRE}",
            "limits.kerf_mm: is not looked at where saw.tool lists saws",
        ),
        ("locked.stones=A", "--set locked.stones: needs the plan that it is of"),
        ("locked.saw=[1]", "--set locked.saw: needs the plan that it is of"),
        ("locked.saw=[0]", "--set locked.saw: must be at least 1, not 0"),
        ("locked.plan=p.json", "--set locked.plan: say what of it stays"),
        (
            "locked.plan=p.json;locked.stones=A,B;limits.max_stones=1",
            "--set locked.stones: 2 stones stay, 1 are allowed (limits.max_stones)",
        ),
        ("locked.cut=[{offset_mm=1}]", "--set locked.cut[1].normal: is missing"),
        ("locked.cut=[{normal=[0,0], offset_mm=1}]", "--set locked.cut[1].normal: a direction"),
        ("locked.cut=[{normal=[0,0,0], offset_mm=1}]", "--set locked.cut[1].normal: a direction"),
        ("measured=[{normal=[0,0,1], offset_mm=1}]", "--set measured[1].step: is missing"),
        (
            "measured=[{step=1, normal=[0,0,1], offset_mm=1}]",
            "--set measured: needs the plan that it is of",
        ),
        ("after.piece=A", "--set after.piece: needs the plan that it is of"),
        ("after.plan=none.json", "--set after.plan: none.json: cannot be read"),
        ("forbid=[{kind='box'}]", "--set forbid[1].from_mm: is missing; a box is told by"),
        ("forbid={kind='box'}", "--set forbid: is a list of tables: write [[forbid]]"),
    ],
)
def test_a_wrong_word_on_saws_or_what_stays_is_one_line(words: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_job(sets=words.split(";"), flags=FLAGS)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_stones_and_saw_cuts_of_a_plan_stay_where_they_are(folder: Path) -> None:
    plan = sawn_plan()
    locked = problem(flags=KEEP | {"keep_stones": "B", "keep_saw": [1, 2]}).locked
    assert locked is not None
    (stone,) = locked.stones
    assert stone.id == "B"
    assert np.array_equal(stone.pose.rotation, plan.stones[1].pose.rotation)
    assert stone.design.volume == pytest.approx(plan.stones[1].design.volume, rel=1e-12)
    for cut, own in zip(locked.saw, CUTS, strict=True):
        assert (cut.step, cut.piece, cut.offset) == (own.step, own.piece, own.offset)
        assert np.array_equal(cut.normal, own.normal)
    assert problem().locked is None


def test_a_measured_plane_takes_the_place_of_the_planned_one(folder: Path) -> None:
    cut = cut_through(np.array([9.3, 4.0, 4.0]), np.array([1.0, -0.14, 0.1]))
    told = f"step = 1\nnormal = {(-cut.normal).tolist()}\noffset_mm = {-cut.offset!r}\nkerf_mm=0.35"
    job = f'[locked]\nplan = "plan/plan.json"\nstones = ["A"]\n[[measured]]\n{told}\n'
    locked = problem(file=job).locked
    assert locked is not None
    (made,) = locked.saw
    assert made.normal == pytest.approx(cut.normal)
    assert made.offset == pytest.approx(cut.offset)
    assert (made.kerf, made.above) == (0.35, "A")
    with pytest.raises(InputError, match=r"measured: step 1: the measured plane is 82 degrees off"):
        problem(file=job.replace(str((-cut.normal).tolist()), str(TURN[:, 1].tolist())))


def test_a_plane_given_by_hand_gets_a_kerf_and_names(folder: Path) -> None:
    cut = CUTS[0]
    by_hand = f"locked.cut=[{{normal={(2.0 * cut.normal).tolist()}, offset_mm={cut.offset!r}}}]"
    locked = problem(by_hand, "limits.kerf_mm=0.4").locked
    assert locked is not None
    (own,) = locked.saw
    assert own.normal == pytest.approx(cut.normal)
    assert (own.step, own.piece, own.kerf, own.above, own.below) == (1, "0", 0.4, "0.1", "0.2")


@pytest.mark.parametrize(
    ("flags", "sets", "said"),
    [
        ({"keep_stones": "C"}, (), "--keep-stones: plan/plan.json has no stone 'C' (it has A, B)"),
        ({"keep_saw": [3]}, (), "--keep-saw: plan/plan.json has no saw step 3 (it has 1, 2)"),
        ({"keep_saw": [2]}, (), "--keep-saw: step 2 saws piece 0.1, which step 1 makes; keep"),
        ({"keep": "no.json", "keep_saw": [1]}, (), "--keep: no.json: cannot be read"),
        (
            {"keep_stones": "A"},
            ("limits.skin_mm=1.5",),
            "--keep-stones: stone A does not hold in this rough: skin: pokes",
        ),
        (
            {"keep_stones": "A"},
            ("limits.min_width_mm=6",),
            "stone A does not hold in this rough: limits.min_width_mm: it is 5.000 mm wide, 6 mm",
        ),
        (
            {"keep_stones": "A", "keep_saw": [1]},
            ("limits.allowance_mm=1.2",),
            "stone A does not hold in this rough: ",
        ),
        (
            {"keep_saw": [1]},
            ("limits.kerf_mm=0.4",),
            "--keep-saw: step 1: its kerf of 0.3 mm is below limits.kerf_mm = 0.4",
        ),
        (
            {"keep_saw": [1]},
            ("saw.tool=[{name='wire', kerf_mm=0.2, largest_mm=9}]",),
            "--keep-saw: step 1: tools: no saw holds a piece of",
        ),
        (
            {"keep_saw": [1]},
            (f"rough.axes.cleavage={CUTS[0].normal.tolist()}", "limits.saw_off_cleavage_deg=5"),
            "--keep-saw: step 1: stands 0.00 degrees off cleavage; limits.saw_off_cleavage_deg = 5",
        ),
        (
            {"keep_saw": [1]},
            ("locked.cut=[{normal=[0, 0, 1], offset_mm=30}]",),
            "--set locked.cut[1]: piece 0 was sawn before",
        ),
        (
            {"keep_saw": [1]},
            ("locked.cut=[{piece='0.1', normal=[0, 0, 1], offset_mm=3000}]",),
            "--set locked.cut[1]: misses piece 0.1: no stone is left on one side",
        ),
    ],
)
def test_what_cannot_stay_is_told_in_one_line(
    folder: Path, flags: Mapping[str, object], sets: tuple[str, ...], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        problem(*sets, flags={**KEEP, **flags})
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_distance_from_cleavages_that_nobody_knows_is_refused(folder: Path) -> None:
    with pytest.raises(
        InputError, match=r"saw_off_cleavage_deg: no cleavage of this rough is known"
    ):
        problem("limits.saw_off_cleavage_deg=5")


def test_forbidden_regions_are_avoided_like_flaws_and_have_their_own_name(folder: Path) -> None:
    up = TURN[:, 2]
    offset = float(up @ PLACE) + 4.5
    region = f"forbid=[{{kind='half_space', normal={up.tolist()}, offset_mm={offset!r}}}]"
    ball = f"inclusion=[{{kind='sphere', centre_mm={(TURN @ [4.0, 4, 4] + PLACE).tolist()}"
    asked = problem(region, f"{ball}, radius_mm=0.5}}]")
    names = [name_of(i, flaw) for i, flaw in enumerate(asked.inclusions, start=1)]
    assert names == ["inclusion 1 (sphere)", "region 1"]
    with pytest.raises(InputError, match=r"stone A does not hold in this rough: region 1: pokes"):
        problem(region, flags=KEEP | {"keep_stones": "A"})


def test_a_piece_scanned_after_the_saw_keeps_what_holds_of_its_plan(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Step 1 went astray; the piece is scanned in a frame of its own, with a fourth of the L."""
    flaws = (
        Sphere(centre=TURN @ np.array([4.0, 4.0, 4.0]) + PLACE, radius=0.3),
        Sphere(centre=TURN @ np.array([18.0, 4.0, 4.0]) + PLACE, radius=0.3),
    )
    plan = sawn_plan(inclusions=flaws, axes={"c": TURN[:, 2]})
    plan = replace(plan, limits=replace(plan.limits, allowance=0.25))
    write_plan(plan, folder / "plan")
    astray = cut_through(np.array([9.4, 4.0, 4.0]), np.array([1.0, -0.14, 0.11]))
    real = {piece.name: piece for piece in pieces_of(plan.rough, [astray])}["0.1"]
    turn = Rotation.from_rotvec([1.2, -2.0, 0.7]).as_matrix()
    place = np.array([41.0, -13.0, 7.0])
    scan = Rough(name="piece", vertices=real.vertices @ turn.T + place, faces=real.faces)
    (folder / "piece.ply").write_bytes(ply_bytes(scan))
    after = {"scan": "piece.ply", "cuts": "round", "after": "plan"}
    flags = after | {"piece": "0.1"}
    job = read_job(flags=flags)
    asked, given = problem_of(job, Console())
    assert (asked.species, asked.limits.allowance, asked.limits.min_piece) == ("quartz", 0.25, 6.0)
    assert asked.axes["c"] == pytest.approx(turn @ TURN[:, 2], abs=1e-3)
    (flaw,) = asked.inclusions  # the other is in the other arm
    assert isinstance(flaw, Sphere)
    assert flaw.centre == pytest.approx(turn @ flaws[0].centre + place, abs=0.01)
    assert isinstance(asked.locked, Locked)
    (stone,) = asked.locked.stones
    assert stone.id == "B"
    assert stone.pose.translation == pytest.approx(
        turn @ plan.stones[1].pose.translation + place, abs=0.01
    )
    assert asked.locked.saw == ()  # nothing is left to be parted
    assert given.stays == ("stone B: kept",)
    assert "stone B: kept" in asked.rough.notes
    # The same piece under another limit: the stone no longer holds, and the line says why.
    found = Registration(pose=Pose(rotation=turn, translation=place), rms=0.0)
    monkeypatch.setattr("yieldopt.plan.after.registered", lambda *_, **__: found)
    asked, given = problem_of(read_job(sets=["limits.min_width_mm=5.5"], flags=flags), Console())
    assert asked.locked is None
    (line,) = given.stays
    assert line.startswith("stone B: planned anew, because limits.min_width_mm: it is 5.000 mm")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"after": "plan"}, "--after: say which piece was scanned: --piece 0, A, 0.1, B, 0.2"),
        ({"after": "plan", "piece": "C"}, "--piece: plan/plan.json has no piece 'C' (it has 0, A"),
        (
            {"after": "plan", "piece": "A", "keep": "plan", "keep_stones": "A"},
            "a piece keeps what holds of its plan (--after); take one of them out",
        ),
    ],
)
def test_a_piece_that_is_not_of_the_plan_is_refused(
    folder: Path, words: Mapping[str, object], said: str
) -> None:
    with pytest.raises(InputError) as caught:
        read_job(flags={**FLAGS, **words})
    assert said in str(caught.value)


def test_a_scan_of_another_piece_is_refused_in_one_line(folder: Path) -> None:
    with pytest.raises(InputError) as caught:
        problem(flags=FLAGS | {"after": "plan", "piece": "A"})
    line = str(caught.value)
    assert line.startswith("stone.ply: is not piece A of plan/plan.json: the scan and the piece")
    assert "mm apart at best (rms; " in line
    assert "\n" not in line


def test_the_weight_of_the_whole_is_not_that_of_its_piece(folder: Path) -> None:
    file = folder / "job.toml"
    file.write_text('[rough]\nscan = "stone.ply"\nspecies = "beryl"\nweighed_ct = 99\n')
    flags = {"scan": "piece.ply", "after": "plan", "piece": "0.1"}
    job = read_job(file, flags=flags)
    assert (job.weighed_ct, job.species) == (None, "beryl")
    assert read_job(file, flags=flags | {"weighed_ct": 9.0}).weighed_ct == 9.0
    assert json.loads((folder / "plan/plan.json").read_text())["rough"]["species"] == "quartz"

"""The quality benchmark: the set is what it says, best knowns are true, figures sum up rows."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.quality import best
from benchmarks.quality.curves import curves_svg
from benchmarks.quality.peers import simplex
from benchmarks.quality.rows import Point, Reach, Run, append_row, read_rows
from benchmarks.quality.standard import STANDARD, Case, Made, Planted, Scan, build, cut_of
from benchmarks.quality.tables import geometric_mean, lines_of, ratios_of, totals_of
from yieldopt.rough.made import KINDS

RUN = Run(
    label="l", commit="c", code="0", rough="a", triangles=5, cut="round", proportions="free",
    seed=0, effort="quick", threads=2, weight_ct=1.0, bound_ct=1.5, evaluations=7, seconds=0.25,
)  # fmt: skip
REACH = Reach(
    label="l", commit="c", code="0", rough="a", cut="round", solver="yieldopt", seed=0,
    target=0.99, evaluations=1, seconds=2.0, credited=2.0, cap=2.0, cap_credited=2.0,
    cap_evaluations=1,
)  # fmt: skip


def spec_named(name: str) -> Made | Planted | Scan:
    return next(spec for spec in STANDARD if spec.name == name)


@pytest.fixture(scope="module")
def planted() -> Case:
    case = build(spec_named("planted_round_hull_1_5k"))
    assert case is not None
    return case


class TestStandardSet:
    def test_it_holds_all_kinds_small_and_large(self) -> None:
        made = [spec for spec in STANDARD if isinstance(spec, Made)]
        assert {spec.kind for spec in made} == set(KINDS)
        assert min(s.triangles for s in made) == 5_000
        assert max(s.triangles for s in made) == 200_000
        assert len([s for s in STANDARD if not isinstance(s, Scan)]) >= 24
        assert len({spec.name for spec in STANDARD}) == len(STANDARD)

    def test_a_spec_always_builds_the_same_rough_and_flaws(self) -> None:
        spec = spec_named("pebble_4_20k_flawed")
        one, other = build(spec), build(spec)
        assert one is not None
        assert other is not None
        assert len(one.inclusions) == 6
        assert one.digest == other.digest
        assert one.digest != replace(one, inclusions=()).digest


class TestBestKnowns:
    def keep(self, case: Case, width_factor: float, shift: float = 0.0) -> bool:
        assert case.answer is not None
        pose = replace(case.answer.pose, translation=case.answer.pose.translation + shift)
        found = best.Found(
            pose=pose, theta=tuple(case.answer.theta),
            width=case.answer.width * width_factor, bound_ct=1e6, how="test",
        )  # fmt: skip
        return best.offer(case, "round", found)

    def test_one_is_kept_when_it_is_heavier_and_read_back_as_it_was(
        self, planted: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(best, "FOLDER", tmp_path)
        assert self.keep(planted, 0.99)
        assert not self.keep(planted, 0.98)
        assert self.keep(planted, 0.999)
        found = best.read_best(planted, "round")
        assert found is not None
        assert planted.answer is not None
        assert found.width == planted.answer.width * 0.999
        assert best.best_weight(planted.spec.name, "round") == pytest.approx(
            best.plan_of(planted, "round", found).weight_ct, rel=1e-12
        )

    def test_one_that_the_judge_refuses_is_not_kept(
        self, planted: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(best, "FOLDER", tmp_path)
        with pytest.raises(ValueError, match="the judge refuses"):
            self.keep(planted, 0.99, shift=0.5)
        assert list(tmp_path.iterdir()) == []

    def test_one_of_another_rough_counts_for_nothing(
        self, planted: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(best, "FOLDER", tmp_path)
        assert self.keep(planted, 0.99)
        (path,) = tmp_path.iterdir()
        kept = json.loads(path.read_text(encoding="utf-8")) | {"digest": "another"}
        path.write_text(json.dumps(kept), encoding="utf-8")
        assert best.read_best(planted, "round") is None

    def test_those_in_the_repository_name_roughs_and_cuts_of_the_set(self) -> None:
        names = {spec.name for spec in STANDARD}
        for path in best.FOLDER.glob("*.json"):
            kept = json.loads(path.read_text(encoding="utf-8"))
            assert kept["rough"] in names
            assert list(kept["proportions"]) == [p.name for p in cut_of(kept["cut"]).proportions]
            assert path.stem == f"{kept['rough']}-{kept['cut']}"


class TestRows:
    def test_rows_read_back_as_they_were_written(self, tmp_path: Path) -> None:
        path = tmp_path / "runs" / "l.csv"
        rows = [RUN, replace(RUN, seed=1, weight_ct=2.5)]
        for row in rows:
            append_row(path, row)
        assert read_rows(path, Run) == rows
        assert read_rows(tmp_path / "none.csv", Run) == []


class TestFigures:
    def test_each_rough_and_cut_counts_the_same_and_the_worst_run_is_named(self) -> None:
        rows = [RUN, replace(RUN, seed=1, weight_ct=1.9, bound_ct=2.5), replace(RUN, rough="b")]
        lines = lines_of(rows, lambda rough, cut: 2.0 if rough == "a" else 1.0)
        assert [line.rough for line in lines] == ["a", "b"]
        assert lines[0].mean == pytest.approx(0.725)
        assert (lines[0].worst, lines[0].worst_seed) == (0.5, 0)
        assert lines[0].bound_gap == pytest.approx(-0.25)
        assert totals_of(lines).mean == pytest.approx((0.725 + 1.0) / 2)
        assert totals_of(lines).worst == 0.5

    def test_a_peer_that_never_arrived_counts_with_its_cap(self) -> None:
        late = replace(REACH, solver="cma_es", seconds=-1.0, cap=60.0, cap_credited=50.0)
        (ratio,) = ratios_of([REACH, late], 0.99, ours="yieldopt", peer="cma_es")
        assert (ratio.times, ratio.censored) == (30.0, True)
        again = replace(REACH, solver="cma_es", seed=1, seconds=20.0, credited=10.0)
        (ratio,) = ratios_of([REACH, late, again], 0.99, ours="yieldopt", peer="cma_es")
        assert (ratio.times, ratio.censored) == (20.0, True)
        (ratio,) = ratios_of([REACH, late, again], 0.99, ours="yieldopt", peer="cma_es", alone=True)
        assert ratio.times == 15.0

    def test_the_first_peer_counts_where_none_is_named(self) -> None:
        late = replace(REACH, solver="cma_es", seconds=-1.0, cap=60.0, cap_credited=50.0)
        quick = replace(REACH, solver="nelder_mead", seconds=10.0, credited=8.0)
        (ratio,) = ratios_of([REACH, late, quick], 0.99, ours="yieldopt")
        assert (ratio.times, ratio.censored) == (5.0, False)

    def test_a_pair_that_we_never_reached_is_left_out(self) -> None:
        ours, quick = replace(REACH, seconds=-1.0), replace(REACH, solver="nelder_mead")
        assert ratios_of([ours, quick], 0.99, ours="yieldopt") == []

    def test_the_geometric_mean_of_nothing_is_not_a_number(self) -> None:
        assert geometric_mean([2.0, 8.0]) == pytest.approx(4.0)
        assert math.isnan(geometric_mean([]))

    def test_the_picture_has_a_panel_for_each_rough_and_a_line_for_each_solver(self) -> None:
        points = [
            Point(label="l", rough=rough, cut="oval", solver=solver, seed=0, seconds=1.0,
                  evaluations=1, weight_ct=0.9)
            for rough in ("a", "b")
            for solver in ("yieldopt", "cma_es")
        ]  # fmt: skip
        picture = curves_svg(points, lambda _rough, _cut: 1.0)
        assert picture.count("<g ") == 2
        assert picture.count('fill="none" stroke="#') == 2 + 4  # frames and lines


def test_nelder_and_mead_find_the_least_of_a_bowl() -> None:
    goal = np.array([0.3, -0.2, 0.7])
    steps = simplex(np.zeros(3), np.full(3, 0.5))
    point, least = next(steps), np.inf
    for _ in range(2000):
        value = 1.0 + float(((point - goal) ** 2).sum())
        least = min(least, value)
        try:
            point = steps.send(value)
        except StopIteration:
            break
    else:
        pytest.fail("it never settles")
    assert least == pytest.approx(1.0, abs=1e-3)

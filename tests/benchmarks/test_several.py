"""The benchmark of several stones: what is planted holds, rivals are fair, figures sum up rows."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from benchmarks.quality.best import faults
from benchmarks.quality.rows import append_row, read_rows
from benchmarks.several import many, pictures
from benchmarks.several.axis import VARIANTS, principal_axes
from benchmarks.several.boxes import SIDES, boxed
from benchmarks.several.report import results
from benchmarks.several.rows import Several
from benchmarks.several.standard import (
    OF_QUALITY,
    PLANTED,
    SHAPES,
    STANDARD,
    Case,
    build,
    cut_of,
    known_plan,
    planted,
)
from benchmarks.several.tables import found_of, gains_of, latest
from yieldopt.errors import NothingFitsError
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.plan.record import Plan
from yieldopt.rough.rough import Rough
from yieldopt.search.solve import solve
from yieldopt.search.stop import Stop

ROW = Several(
    label="l", commit="c", code="0", rough="planted_3_hull_1", group="planted", triangles=5,
    variant="oblique", objective="weight", max_stones=3, seed=0, effort="normal", threads=2,
    stones=3, saw_cuts=2, weight_ct=2.0, value=0.0, known_ct=2.0, bound_ct=4.0, evaluations=7,
    seconds=0.25, cpu_seconds=0.5, faults=0, fault="",
)  # fmt: skip


@cache
def case_of(number: int, kind: str) -> Case:
    case = build(replace(planted(number, kind, 1), triangles=2000))
    assert case is not None
    return case


def after(looks: int) -> Stop:
    """Return a rule that lets the search go on so many times."""
    left = iter(range(looks))
    return lambda: next(left, None) is None


class TestStandardSet:
    def test_it_has_every_number_of_stones_in_hulls_and_lumps_from_four_seeds(self) -> None:
        assert {(s.number, s.kind, s.seed) for s in PLANTED} == {
            (n, kind, seed) for n in (2, 3, 4, 5, 6) for kind in ("hull", "lumps")
            for seed in (1, 2, 3, 4)
        }  # fmt: skip
        assert len(OF_QUALITY) == 10
        assert len({spec.name for spec in STANDARD}) == len(STANDARD)

    @pytest.mark.parametrize(("number", "kind"), [(3, "lumps"), (4, "hull")])
    def test_the_judge_agrees_to_what_was_planted_with_its_saw_cuts(
        self, number: int, kind: str
    ) -> None:
        case = case_of(number, kind)
        plan = known_plan(case)
        assert len(plan.stones) == number
        assert len(plan.saw) == number - 1
        assert plan.weight_ct == pytest.approx(case.known_ct, rel=1e-12)
        assert set(case.cuts) == {stone.design.name for stone in plan.stones}
        assert faults(plan) == []

    def test_the_judge_refuses_it_with_a_plane_moved_by_a_fiftieth_of_a_millimetre(self) -> None:
        plan = known_plan(case_of(3, "lumps"))
        moved = tuple(replace(cut, offset=cut.offset + 0.02) for cut in plan.saw)
        assert any("saw step" in fault for fault in faults(replace(plan, saw=moved)))

    def test_nothing_was_planted_in_a_made_shape(self) -> None:
        spec = next(spec for spec in SHAPES if spec.name == "long_prism_1")
        case = build(replace(spec, triangles=600))
        assert case is not None
        assert case.known_ct == 0.0
        with pytest.raises(ValueError, match="nothing was planted"):
            known_plan(case)


class TestRivals:
    @pytest.mark.parametrize("name", ["oval", "princess"])
    def test_a_box_holds_the_preform_of_every_gem_and_no_more_of_the_smallest(
        self, name: str
    ) -> None:
        margin, least = 0.35, 2.0
        cut, box = cut_of(name), boxed(name, margin=margin, least=least)
        chance = np.random.default_rng(4)
        for _ in range(20):
            theta = np.array([[chance.uniform(p.low, p.high) for p in cut.proportions]])
            normals, offsets = cut.planes(theta)
            _, out = box.planes(theta)
            for width in (least, 3.0 * least):
                preform = polytope_from_planes(normals[0], width * offsets[0] + margin)
                reach = (preform.vertices @ SIDES.T).max(axis=0)
                spare = width * out[0, -6:] + margin - reach
                assert spare.min() >= 0.0
                if width == least:
                    assert spare.max() < 1e-3

    def test_a_gem_in_its_box_is_found_judged_and_lighter_than_without(self) -> None:
        case = case_of(3, "lumps")
        free = case.problem(1)
        cuts = tuple(boxed(cut.name, margin=0.35, least=2.0) for cut in free.cuts)
        light, heavy = (
            solve(problem, effort="quick", stop=after(6))
            for problem in (replace(free, cuts=cuts), free)
        )
        assert faults(light) == []
        assert 0.1 < light.weight_ct / heavy.weight_ct < 0.9

    def test_the_own_axes_of_a_block_are_its_sides(self) -> None:
        import trimesh

        turn = Rotation.from_rotvec([0.3, -0.8, 0.5]).as_matrix()
        block = trimesh.creation.box(extents=[9.0, 5.0, 2.0])
        rough = Rough(name="block", vertices=block.vertices @ turn.T + [4, 5, 6], faces=block.faces)
        axes = principal_axes(rough)
        assert np.abs(axes @ turn) == pytest.approx(np.eye(3), abs=1e-9)
        assert np.linalg.det(axes) == pytest.approx(1.0)


class TestFigures:
    def test_rows_read_back_as_they_were_written(self, tmp_path: Path) -> None:
        rows = [ROW, replace(ROW, seed=1, faults=1, fault="stone A: pokes, by 0.1 mm")]
        for row in rows:
            append_row(tmp_path / "l.csv", row)
        assert read_rows(tmp_path / "l.csv", Several) == rows

    def test_a_question_asked_again_counts_once_by_its_last_answer(self) -> None:
        again = replace(ROW, code="1", weight_ct=1.0)
        assert latest([ROW, again]) == [again]

    def test_planted_runs_count_as_found_from_98_per_cent_on(self) -> None:
        rows = [replace(ROW, seed=i, weight_ct=2.0 * share) for i, share in enumerate((0.97, 0.98))]
        every, three = found_of([*rows, replace(ROW, known_ct=0.0)])
        assert (every.runs, every.found) == (2, 1)
        assert (three.number, three.worst_rough) == (3, "planted_3_hull_1, seed 0")
        assert three.mean == pytest.approx(0.975)

    def test_a_variant_is_a_share_of_oblique_planes_on_the_same_rough(self) -> None:
        rows = [
            replace(ROW, weight_ct=4.0),
            replace(ROW, variant="axes", weight_ct=3.0),
            replace(ROW, rough="alone"),
        ]
        (line,) = gains_of(rows, tuple(VARIANTS)[1:])
        assert line.shares == {"axes": 0.75}

    def test_the_report_tells_what_was_found_gained_and_refused(self) -> None:
        shape = replace(ROW, rough="plate_1", group="shape", known_ct=0.0, weight_ct=4.0)
        rows = [
            ROW,
            replace(ROW, effort="quick", weight_ct=1.9),
            shape,
            replace(shape, variant="axes", weight_ct=3.2),
            replace(shape, max_stones=1, stones=1, weight_ct=2.5, faults=1, fault="stone A: width"),
        ]
        text = "\n".join(results("l", rows))
        assert "refused by the judge: **1**" in text.replace("\n", " ")
        assert "stone A: width" in text
        assert "**1 of 1 runs**" in text
        assert "| plate_1 | 3 | 4.000 | 80.0% | +25.0% |" in text
        assert "| quick | 95.00% |" in text
        assert "| plate_1 | weight | 1: 2.500 | 3: 4.000 |" in text


def test_a_picture_has_every_stone_and_every_saw_cut_twice() -> None:
    plan = known_plan(case_of(3, "lumps"))
    picture = pictures.plan_svg(plan, "three & more")
    assert picture.count('class="saw"') == 4
    for stone in plan.stones:
        assert picture.count(f">{stone.id}</text>") == 2
    assert "three &amp; more: 3 of at most 3 stones" in picture


class TestMany:
    def test_a_number_stands_for_one_question(self) -> None:
        one, other = many.drawn(11), many.drawn(11)
        assert one.words == other.words
        assert one.problem.rough.sha256 == other.problem.rough.sha256
        assert one.problem.limits == other.problem.limits
        assert len({many.drawn(n).words for n in range(6)}) > 3

    def test_the_first_few_are_judged_without_a_fault(self) -> None:
        plans = list(self.plans(3))
        assert plans
        assert [fault for plan in plans for fault in faults(plan)] == []

    def plans(self, number: int) -> Iterator[Plan]:
        for n in range(number):
            try:
                yield many.planned(many.drawn(n), n)
            except NothingFitsError:
                continue

    def test_some_of_them_have_several_stones(self) -> None:
        assert max(len(plan.stones) for plan in self.plans(3)) > 1

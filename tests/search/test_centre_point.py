"""A plan that keeps the centre point's depth free, and the judge on one that does not."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from yieldopt.cuts.library import cuts_named
from yieldopt.plan.record import Limits, Plan
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan
from yieldopt.rough.made import make_rough
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve


def planned(*, centre_point: bool) -> Plan:
    rough = make_rough("slab", seed=1, triangles=2000)
    limits = Limits(min_width=0.5, allowance=0.05, centre_point=centre_point)
    problem = Problem(
        rough=rough, cuts=cuts_named("emerald,baguette"), limits=limits, species="quartz",
        specific_gravity=2.65,
    )  # fmt: skip
    return solve(problem, effort="quick")


@pytest.fixture(scope="module")
def free() -> Plan:
    return planned(centre_point=False)


@pytest.fixture(scope="module")
def kept() -> Plan:
    return planned(centre_point=True)


def test_the_judge_finds_the_centre_point_in_the_rough(kept: Plan, tmp_path: Path) -> None:
    path = write_plan(kept, tmp_path)
    document = json.loads(path.read_text(encoding="utf-8"))
    assert document["limits"]["centre_point"] is True
    assert document["stones"][0]["extra_depth_mm"] > 0.0
    assert verify_plan(path).violations == ()


def test_the_judge_misses_a_centre_point_that_was_not_asked_for(free: Plan, tmp_path: Path) -> None:
    assert verify_plan(write_plan(free, tmp_path / "free")).violations == ()
    claimed = replace(free, limits=replace(free.limits, centre_point=True))
    found = verify_plan(write_plan(claimed, tmp_path / "claimed")).violations
    assert {violation.subject for violation in found} == {"centre point"}


def test_keeping_it_never_gains_and_its_limit_still_holds(free: Plan, kept: Plan) -> None:
    assert kept.weight_ct <= free.weight_ct
    assert kept.weight_ct <= kept.bound.weight_ct

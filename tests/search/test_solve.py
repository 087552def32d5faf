"""The whole search: the same answer again, stones inside by the judge, and its laws."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.bodies import block, turned
from yieldopt.cuts.library import cuts_named
from yieldopt.errors import NothingFitsError
from yieldopt.plan.record import Limits, Plan
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan
from yieldopt.rough.made import KINDS, make_rough
from yieldopt.rough.rough import Rough
from yieldopt.search.listener import Listener
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve
from yieldopt.search.stop import TimeLimit, any_of, never
from yieldopt.units import weight_ct

LOOSE = Limits(min_width=0.5)


def problem_of(
    rough: Rough, names: str = "round", *, limits: Limits = LOOSE, proportions: str = "free"
) -> Problem:
    return Problem(
        rough=rough,
        cuts=cuts_named(names, proportions=proportions),
        limits=limits,
        species="quartz",
        specific_gravity=2.65,
    )


def box_rough(low: list[float], high: list[float]) -> Rough:
    """Return a box of 12 triangles as a rough."""
    triangles = block(low, high)
    vertices, faces = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    numbers = faces.reshape(-1, 3).astype(np.int32)
    return Rough(name="box", file="box.ply", vertices=vertices, faces=numbers)


def written(plan: Plan, folder: Path) -> str:
    """Return the plan file as text, without the seconds."""
    write_plan(plan, folder)
    document = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert document["search"].pop("seconds") >= 0.0
    return json.dumps(document)


def assert_judged_good(plan: Plan, folder: Path) -> None:
    verdict = verify_plan(write_plan(plan, folder))
    assert [str(violation) for violation in verdict.violations] == []


def test_a_heart_weighs_what_its_cleft_leaves(tmp_path: Path) -> None:
    """A heart is placed as its hull and weighed without its cleft; the bound is the hull's."""
    plan = solve(problem_of(make_rough("pebble", seed=4, triangles=500), "heart"), effort="quick")
    assert_judged_good(plan, tmp_path)
    design = plan.stones[0].design
    assert plan.weight_ct == pytest.approx(weight_ct(design.volume, 2.65))
    assert design.volume < 0.99 * design.solid.volume
    assert plan.bound.weight_ct > weight_ct(design.solid.volume, 2.65) * (1.0 - 1e-9)


@pytest.mark.parametrize(("kind", "names"), [("lump", "round,oval"), ("slab", "emerald")])
def test_the_same_seed_gives_the_same_plan_on_any_number_of_threads(
    kind: str, names: str, tmp_path: Path
) -> None:
    problem = problem_of(make_rough(kind, seed=2, triangles=800), names)
    texts = {
        written(solve(problem, effort="quick", seed=5, threads=threads), tmp_path / f"{i}")
        for i, threads in enumerate((1, 2, 3))
    }
    assert len(texts) == 1


def test_another_order_of_cuts_gives_the_same_stones() -> None:
    """Each cut has a random stream of its own."""
    rough = make_rough("broken", seed=4, triangles=800)
    names = ["round", "oval", "emerald"]
    found = []
    for order in (names, names[::-1]):
        plan = solve(problem_of(rough, ",".join(order)), effort="quick", seed=1)
        stones = {stone.design.name: stone for stone in (*plan.stones, *plan.alternatives)}
        found.append({name: plan.stone_weight_ct(stone) for name, stone in stones.items()})
    assert found[0] == found[1]


@pytest.mark.parametrize("kind", KINDS)
def test_stones_lie_inside_with_their_margins(kind: str, tmp_path: Path) -> None:
    """The judge shares no code with the search: he clips triangles and asks solid booleans."""
    rough = make_rough(kind, seed=1, triangles=1000)
    plan = solve(problem_of(rough, "round,emerald"), effort="quick", seed=1)
    assert 0.0 < plan.weight_ct < 0.9 * plan.rough_weight_ct
    assert plan.bound.weight_ct >= plan.weight_ct
    assert_judged_good(plan, tmp_path)


@pytest.mark.parametrize("kind", ["pebble", "lump"])
def test_stones_found_on_a_coarse_mesh_lie_inside_the_fine_one(kind: str, tmp_path: Path) -> None:
    """More triangles than are searched on."""
    rough = make_rough(kind, seed=2, triangles=30_000)
    limits = Limits(min_width=0.5, allowance=0.1, skin=0.3)
    plan = solve(problem_of(rough, "oval", limits=limits), effort="quick", seed=0)
    assert_judged_good(plan, tmp_path)


def test_in_a_box_of_12_triangles_corners_are_not_enough(tmp_path: Path) -> None:
    """The box's own corners are far off; a fixed round is held by the faces between them."""
    limits = Limits(min_width=0.5, allowance=0.0)
    problem = problem_of(box_rough([0, 0, 0], [8, 9, 30]), limits=limits, proportions="fixed")
    plan = solve(problem, effort="quick", seed=0)
    assert_judged_good(plan, tmp_path)
    # Nine wide it fits flat against a wall; across the corners, more.
    assert 9.0 < plan.stones[0].design.width < np.hypot(8.0, 9.0)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_cube_in_a_cube_fills_it(seed: int, tmp_path: Path) -> None:
    """A preform that touches no wall could grow."""
    limits = Limits(min_width=0.5, allowance=0.5)
    problem = problem_of(box_rough([-4, -4, -4], [4, 4, 4]), "emerald", limits=limits)
    plan = solve(problem, effort="quick", seed=seed)
    assert_judged_good(plan, tmp_path)
    stone = plan.stones[0]
    reach = np.abs(stone.pose.apply(stone.design.solid.vertices)).max()
    assert reach <= 3.5
    assert reach > 3.499


@pytest.mark.parametrize("kind", ["cratered", "needle"])
def test_more_effort_never_lowers_the_weight(kind: str) -> None:
    rough = make_rough(kind, seed=1, triangles=1000)
    quick, normal = (
        solve(problem_of(rough), effort=effort, seed=2).weight_ct for effort in ("quick", "normal")
    )
    assert normal >= quick * (1.0 - 1e-6)


@pytest.mark.parametrize("kind", ["pebble", "prism", "octahedron", "broken", "lump"])
def test_a_rough_that_was_moved_gives_the_same_weight(kind: str) -> None:
    """The starts differ, the answer hardly."""
    rough = make_rough(kind, seed=1, triangles=1000)
    moved = replace(rough, vertices=rough.vertices @ turned(3).T + np.array([30.0, -20.0, 5.0]))
    still, far = (
        solve(problem_of(stone), effort="quick", seed=0).weight_ct for stone in (rough, moved)
    )
    assert far == pytest.approx(still, rel=0.005)


def test_a_rough_s_times_as_large_gives_s_cubed_the_weight() -> None:
    rough = make_rough("broken", seed=1, triangles=1000)
    large = replace(rough, vertices=2.0 * rough.vertices)
    small_plan = solve(problem_of(rough, limits=Limits(min_width=0.1)), effort="quick", seed=0)
    limits = Limits(min_width=0.1, allowance=0.4)
    large_plan = solve(problem_of(large, limits=limits), effort="quick", seed=0)
    assert large_plan.weight_ct == pytest.approx(8.0 * small_plan.weight_ct, rel=0.005)


def test_a_wider_allowance_never_raises_the_weight() -> None:
    rough = make_rough("lump", seed=1, triangles=1000)
    weights = [
        solve(
            problem_of(rough, limits=Limits(min_width=0.1, allowance=allowance)),
            effort="quick",
            seed=0,
        ).weight_ct
        for allowance in (0.0, 0.2, 0.5)
    ]
    assert weights == sorted(weights, reverse=True)


def test_a_width_that_no_stone_of_a_needle_reaches_is_named() -> None:
    rough = make_rough("needle", seed=1, triangles=800)
    problem = problem_of(rough, "round,oval", limits=Limits(min_width=25.0))
    with pytest.raises(NothingFitsError) as told:
        solve(problem, effort="quick", seed=0)
    message = str(told.value)
    assert "limits.min_width_mm = 25" in message
    widest = float(message.split(" of ")[-1].removesuffix(" mm"))
    assert 0.5 < widest < rough.extents.min()
    # And the width it names is there for the asking.
    found = solve(replace(problem, limits=Limits(min_width=0.99 * widest)), effort="quick", seed=0)
    assert any(
        stone.design.width == pytest.approx(widest, abs=0.01)
        for stone in (*found.stones, *found.alternatives)
    )


def test_margins_that_use_up_the_rough_are_named() -> None:
    rough = make_rough("pebble", seed=1, triangles=800)
    with pytest.raises(NothingFitsError, match=r"limits\.skin_mm \+ limits\.allowance_mm"):
        solve(problem_of(rough, limits=Limits(allowance=50.0)), effort="quick", seed=0)


def test_a_search_cut_short_says_so_and_its_stone_is_sound(tmp_path: Path) -> None:
    calls = 0

    def soon() -> bool:
        nonlocal calls
        calls += 1
        return calls > 12

    problem = problem_of(make_rough("pebble", seed=1, triangles=800), "round,oval,emerald")
    plan = solve(problem, effort="thorough", seed=0, stop=soon)
    assert not plan.search.complete
    assert plan.weight_ct > 0.0
    assert_judged_good(plan, tmp_path)


def test_stop_rules() -> None:
    assert not never()
    assert TimeLimit(0.0)()
    assert not TimeLimit(1e6)()
    assert any_of(never, TimeLimit(0.0))()
    assert not any_of(never, never)()


class Ear(Listener):
    """Writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[tuple[int, float, float, float]] = []

    def progress(
        self, *, phase: str, evaluations: int, best_ct: float, bound_ct: float, share: float
    ) -> None:
        assert phase
        self.heard.append((evaluations, best_ct, bound_ct, share))


def test_the_bound_is_a_number_from_the_start() -> None:
    """Else a search cut short at once writes an infinite bound, which is no JSON."""
    ear = Ear()
    rough = make_rough("pebble", seed=1, triangles=800)
    plan = solve(problem_of(rough, "round,oval,emerald"), effort="quick", seed=0, listener=ear)
    assert all(np.isfinite(bound) for _, _, bound, _ in ear.heard)
    assert np.isfinite(plan.bound.weight_ct)


def test_progress_only_rises() -> None:
    """Shares reach their end in order; what is best never falls, the bound never rises."""
    ear = Ear()
    problem = problem_of(make_rough("prism", seed=1, triangles=800), "round,emerald")
    plan = solve(problem, effort="quick", seed=0, listener=ear)
    evaluations, best, bound, share = (list(column) for column in zip(*ear.heard, strict=True))
    assert len(ear.heard) > 4
    assert evaluations == sorted(evaluations)
    assert best == sorted(best)
    assert share == sorted(share)
    assert bound == sorted(bound, reverse=True)
    assert 0.0 <= share[0] <= share[-1] <= 1.0
    assert evaluations[-1] <= plan.search.evaluations
    assert best[-1] == pytest.approx(plan.weight_ct, rel=1e-4)
    assert bound[-1] == pytest.approx(plan.bound.weight_ct, rel=1e-9)

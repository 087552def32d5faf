"""Plans of several stones from end to end: they hold, they are no worse for being allowed more."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.search.several.made import INFINITE, box, market_of, planned, problem_of
from yieldopt.plan.record import OrientationRule, Plan, SawTool
from yieldopt.plan.write import plan_document, plan_text
from yieldopt.rough.stock import cracked_block
from yieldopt.search.several import search
from yieldopt.search.several.stages import WORKS
from yieldopt.search.solve import solve

# A bound that is not finite yet; test_solve is about it.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in exp:RuntimeWarning")
CUT = "baguette"  # few facets, and so quick
BOX = (20.0, 8.0, 8.0)
STEPS = ((0.0, 1.0, 10.0), (1.0, INFINITE, 20.0))
SAME = 1e-9  # of a worth: rounding

Planner = Callable[..., Plan]


@pytest.fixture(scope="module")
def in_box(tmp_path_factory: pytest.TempPathFactory) -> Planner:
    """Return what plans a box for so many stones, and judges each plan, once."""

    @cache
    def plan(n: int, objective: str = "weight", per_saw_cut: float = 0.0, threads: int = 1) -> Plan:
        more: dict[str, Any] = {}
        if objective == "value":
            more = {"market": market_of(*STEPS, per_saw_cut=per_saw_cut), "objective": objective}
        problem = problem_of(box(*BOX), CUT, limits={"max_stones": n}, **more)
        return planned(problem, tmp_path_factory.mktemp("plan"), threads=threads)

    return plan


def worth(plan: Plan) -> float:
    if plan.objective == "weight":
        return plan.weight_ct
    assert plan.value is not None
    return plan.value


def test_two_stones_that_weigh_more_than_one_are_planned(in_box: Planner) -> None:
    one, two = in_box(1), in_box(2)
    assert len(one.stones) == 1
    assert [stone.id for stone in two.stones] == ["A", "B"]
    assert len(two.saw) == 1
    assert two.weight_ct > 1.02 * one.weight_ct
    # The one stone is told of, as what could be cut instead.
    assert one.weight_ct == pytest.approx(max(map(two.stone_weight_ct, two.alternatives)))


@pytest.mark.parametrize("objective", ["weight", "value"])
def test_more_stones_allowed_never_bring_less(in_box: Planner, objective: str) -> None:
    plans = [in_box(n, objective) for n in (1, 2, 3)]
    assert [len(plan.stones) for plan in plans] == [1, 2, 3]
    for less, more in pairwise(plans):
        assert worth(more) >= worth(less) * (1.0 - SAME)
    for plan in plans:
        assert plan.weight_ct <= plan.bound.weight_ct
        if objective == "value":
            assert plan.bound.value is not None
            assert worth(plan) <= plan.bound.value


def test_the_same_bytes_come_of_one_thread_and_of_two(in_box: Planner) -> None:
    texts = []
    for threads in (1, 2):
        plan = in_box(2, threads=threads)
        plan = replace(plan, search=replace(plan.search, seconds=0.0))
        texts.append(plan_text(plan_document(plan)))
    assert texts[0] == texts[1]


def test_where_a_cut_of_the_saw_costs_more_than_it_brings_one_stone_is_chosen(
    in_box: Planner,
) -> None:
    one, two = in_box(1, "value"), in_box(2, "value")
    gain = worth(two) - worth(one)
    assert gain > 0.0
    dear = in_box(2, "value", per_saw_cut=gain + 0.1)
    assert len(dear.stones) == 1
    assert dear.saw == ()
    assert worth(dear) == pytest.approx(worth(one))


def test_a_plan_pays_for_its_cuts_and_holds(in_box: Planner) -> None:
    """The judge takes the saw's cost off too."""
    two = in_box(2, "value")
    gain = worth(two) - worth(in_box(1, "value"))
    cheap = in_box(2, "value", per_saw_cut=0.5 * gain)
    assert len(cheap.stones) == 2
    assert worth(cheap) >= worth(two) - 0.5 * gain - SAME


def test_saws_that_cut_along_axes_alone_do_so(tmp_path: Path) -> None:
    rough = box(24.0, 7.0, 6.0)
    limits = {"max_stones": 3}
    plans = [
        planned(problem_of(rough, CUT, limits=limits, saw_directions=only), tmp_path / name)
        for name, only in (("any", None), ("axes", np.eye(3)))
    ]
    assert len(plans[1].saw) >= 1
    for cut in plans[1].saw:
        assert sorted(np.abs(cut.normal).tolist()) == [0.0, 0.0, 1.0]
    assert worth(plans[0]) >= worth(plans[1]) * (1.0 - SAME)


def test_twelve_stones_come_of_a_needle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With less work than a quick search does: that many stages are made at all."""
    (quick,) = WORKS["quick"]
    little = replace(
        quick, samples=800, directions=8, places=15, triples=10, splits=6, turns=1,
        rounds=((10, 4), (4, 6)), learnt=4, searched=0, sets=0, beam=1, finals=1,
    )  # fmt: skip
    monkeypatch.setattr(search, "WORKS", {"quick": (little,)})
    plan = planned(problem_of(box(72.0, 2.9, 2.9), CUT, limits={"max_stones": 12}), tmp_path)
    assert len(plan.stones) >= 8
    assert len(plan.saw) == len(plan.stones) - 1


def test_a_kerf_wider_than_the_rough_leaves_one_stone(in_box: Planner, tmp_path: Path) -> None:
    plan = planned(problem_of(box(*BOX), CUT, limits={"kerf": 21.0}), tmp_path)
    assert len(plan.stones) == 1
    assert plan.saw == ()
    assert plan.weight_ct == pytest.approx(in_box(1).weight_ct)


def test_where_only_one_stone_is_wide_enough_one_is_planned(
    in_box: Planner, tmp_path: Path
) -> None:
    widths = [stone.design.width for plan in (in_box(2), in_box(1)) for stone in plan.stones]
    least = 0.5 * (max(widths[:2]) + widths[2]) if widths[2] > max(widths[:2]) else widths[2] - 0.1
    plan = planned(problem_of(box(*BOX), CUT, limits={"min_width": least}), tmp_path)
    assert len(plan.stones) == 1


def test_no_stone_comes_near_a_crack_from_corner_to_corner(tmp_path: Path) -> None:
    """The crack goes right through: each stone is on one side of it, the margin away."""
    rough, crack = cracked_block(seed=1, triangles=600)
    problem = problem_of(rough, CUT, inclusions=(crack,))
    plan = planned(problem, tmp_path)
    assert len(plan.stones) == 2
    middle = crack.corners.mean(axis=0)
    normal = np.linalg.svd(crack.corners - middle)[2][2]
    sides = set()
    for stone in plan.stones:
        heights = (stone.pose.apply(stone.design.solid.vertices) - middle) @ normal
        assert np.abs(heights).min() >= problem.limits.inclusion_margin
        assert (heights > 0.0).all() or (heights < 0.0).all()
        sides.add(bool(heights[0] > 0.0))
    assert sides == {False, True}
    alone = planned(problem_of(rough, CUT, inclusions=(crack,), limits={"max_stones": 1}), tmp_path)
    assert plan.weight_ct > 1.5 * alone.weight_ct


def test_rules_on_facets_hold_for_each_of_several_stones(tmp_path: Path) -> None:
    """Tables within 20 degrees of the box's short axis; judged like all plans here."""
    rule = OrientationRule(
        name="table to c", axis=np.array([0.0, 0.0, 1.0]), low=0.0, high=np.radians(20.0), share=2.0
    )
    plan = planned(problem_of(box(24.0, 7.0, 6.0), CUT, orientation=(rule,)), tmp_path)
    assert len(plan.stones) == 2
    for stone in plan.stones:
        assert abs(stone.pose.rotation[2, 2]) >= np.cos(np.radians(20.0))


def test_saws_keep_off_a_cleavage_that_a_rule_knows(tmp_path: Path) -> None:
    """As the judge does: by the axes of the rough, and by the rules on its facets."""
    rule = OrientationRule(
        name="cleavage 100", axis=np.array([1.0, 0.0, 0.0]), low=np.radians(2.0),
        high=np.radians(90.0), share=0.9,
    )  # fmt: skip
    limits = {"saw_off_cleavage": np.radians(30.0)}
    problem = problem_of(box(24.0, 7.0, 6.0), CUT, limits=limits, orientation=(rule,))
    assert len(planned(problem, tmp_path).stones) == 2


def test_smaller_pieces_are_sawn_by_a_finer_saw(tmp_path: Path) -> None:
    """The trim saw alone holds the rough; what it leaves the fine saw holds, and stones gain."""
    trim, fine = SawTool(name="trim", kerf=0.8), SawTool(name="fine", kerf=0.2, largest=20.0)

    def plan_with(*tools: SawTool) -> Plan:
        limits = {"tools": tools, "max_stones": 3}
        return planned(problem_of(box(24.0, 7.0, 6.0), CUT, limits=limits), tmp_path)

    both, alone = plan_with(trim, fine), plan_with(trim)
    assert [cut.kerf for cut in both.saw] == [0.8, 0.2]
    assert [cut.kerf for cut in alone.saw] == [0.8, 0.8]
    assert both.weight_ct > alone.weight_ct


class TestEdges:
    """Steps of price at 1.00 and 1.50 ct: 1.02 + 1.51 ct are preferred to 1.08 + 1.45 ct."""

    SECTION = (5.6, 4.6)
    KERF = 0.3
    MARGIN = 0.01
    STEPS = ((0.0, 1.0, 10.0), (1.0, 1.5, 20.0), (1.5, INFINITE, 30.0))

    def price(self, ct: float) -> float:
        edges = (0.0, 1.0 + self.MARGIN, 1.5 + self.MARGIN)
        return ct * max(p for edge, (_, _, p) in zip(edges, self.STEPS, strict=True) if ct >= edge)

    def problem(self, length: float, **more: Any) -> Any:
        return problem_of(
            box(length, *self.SECTION), "radiant_long", fixed=False,
            limits={"allowance": 0.0, "kerf": self.KERF} | more.pop("limits", {}), **more,
        )  # fmt: skip

    def weights(self) -> tuple[Any, Any]:
        """Return lengths, and what the heaviest stone of a piece so long weighs."""
        lengths = np.arange(6.2, 9.3, 0.6)
        one = {"max_stones": 1}
        plans = [
            solve(self.problem(float(length), limits=one), effort="quick", seed=1)
            for length in lengths
        ]
        return lengths, np.array([plan.weight_ct for plan in plans])

    def test_both_edges_are_passed(self, tmp_path: Path) -> None:
        length = 15.7
        market = market_of(*self.STEPS, margin=self.MARGIN)
        plan = planned(self.problem(length, market=market, objective="value"), tmp_path)
        heavy, light = sorted(map(plan.stone_weight_ct, plan.stones), reverse=True)
        assert heavy >= 1.5 + self.MARGIN
        assert light >= 1.0 + self.MARGIN
        assert worth(plan) == pytest.approx(self.price(heavy) + self.price(light))
        # Every place of an upright plane, each side's heaviest stone searched alone.
        known = self.weights()
        places = np.linspace(6.2, length - self.KERF - 6.2, 400)
        pairs = [
            tuple(float(np.interp(own, *known)) for own in (at, length - self.KERF - at))
            for at in places
        ]
        values = [self.price(one) + self.price(two) for one, two in pairs]
        assert worth(plan) >= 0.995 * max(values)
        # A pair that weighs as much or more, and brings less, is there to be chosen.
        assert any(
            one + two >= max(map(sum, pairs)) * (1.0 - 1e-3) and value < 0.9 * max(values)
            for (one, two), value in zip(pairs, values, strict=True)
        )

    def test_both_edges_are_passed_where_there_is_little_to_spare(self, tmp_path: Path) -> None:
        market = market_of(*self.STEPS, margin=self.MARGIN)
        plan = planned(self.problem(15.6, market=market, objective="value"), tmp_path)
        assert worth(plan) >= 0.995 * 66.47  # by the enumeration above

"""Laws of planning by value, and what a plan says of its money."""

from collections.abc import Callable
from dataclasses import replace
from math import radians
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yieldopt.cuts.cut import Cut
from yieldopt.cuts.library import cuts_named
from yieldopt.plan.record import Limits, OrientationRule, Plan
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import plan_document, write_plan
from yieldopt.rough.inclusions import Crack, Sphere
from yieldopt.rough.made import make_rough
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve
from yieldopt.value.colour import ColourZone
from yieldopt.value.market import Market
from yieldopt.value.orders import wishes_of
from yieldopt.value.price_book import Factors, PriceBook, PriceRow

INFINITE = float("inf")
# The first sight of a bound that is not finite yet; test_solve is about it.
pytestmark = pytest.mark.filterwarnings("ignore:overflow encountered in exp:RuntimeWarning")
FACTORS = Factors(
    clarity={
        "slightly-included": 0.8,
        "moderately-included": 0.6,
        "heavily-included": 0.3,
        "severely-included": 0.1,
    },
    colour_direction={"off": 0.7},
    colour_zone={"across": 0.9, "table": 0.7, "patchy": 0.8, "missed": 0.5},
    calibrated=1.1,
)
STEPS = ((0.0, 1.0, 8.0), (1.0, 4.0, 16.0), (4.0, INFINITE, 24.0))
FLAWS = (
    Sphere(centre=np.array([0.4, 0.1, 0.3]), radius=0.25, severity="grade"),
    Crack(
        corners=np.array([[-2.0, 0.0, 0.0], [-1.4, 0.1, 0.0], [-1.5, 0.5, 0.2]]), severity="grade"
    ),
)
RULE = OrientationRule(
    name="table to c", axis=np.array([0.0, 0.6, 0.8]), low=0.0, high=radians(25.0), share=2.0
)
ZONE = ColourZone(normals=np.array([[0.0, 0.0, 1.0]]), offsets=np.array([-0.5]))


def book_of(times: float = 1.0, steps: tuple[tuple[float, float, float], ...] = STEPS) -> PriceBook:
    rows = [
        PriceRow(number=i, key=("",) * 5, low=low, high=high, price=times * price)
        for i, (low, high, price) in enumerate(steps, start=2)
    ]
    return PriceBook(
        file="made.csv", name="made", currency="EUR", rows=tuple(rows), factors=FACTORS
    )


def problem_of(book: PriceBook, **more: Any) -> Problem:
    market = Market(book=book, species="quartz", bracket_margin_ct=0.02, zones=(ZONE,))
    given: dict[str, Any] = {
        "rough": make_rough("pebble", seed=3, triangles=600),
        "cuts": cuts_named("oval,round", proportions="fixed"),
        "limits": Limits(min_width=0.5),
        "species": "quartz",
        "specific_gravity": 2.65,
        "inclusions": FLAWS,
        "priced": (RULE,),
        "market": market,
        "objective": "value",
    }
    return Problem(**(given | more))


def value_of(plan: Plan) -> float:
    value = plan.stones[0].value
    assert value is not None
    return value


@pytest.fixture(scope="module")
def plan() -> Plan:
    return solve(problem_of(book_of()), effort="quick", seed=1)


def test_the_judge_passes_a_plan_by_value_and_the_proof_bounds_it(
    plan: Plan, tmp_path: Path
) -> None:
    verdict = verify_plan(write_plan(plan, tmp_path))
    assert [str(v) for v in verdict.violations] == []
    assert any("prices" in note for note in verdict.notes)
    assert plan.bound.value is not None
    assert plan.bound.value >= value_of(plan)
    form = plan_document(plan)
    assert form.totals.value == pytest.approx(value_of(plan))
    assert (form.totals.currency, form.objective) == ("EUR", "value")


def test_prices_times_a_factor_change_the_money_alone(plan: Plan) -> None:
    """Twice, so that products round alike and the stones are the same to the last bit."""
    double = solve(problem_of(book_of(2.0)), effort="quick", seed=1)
    assert value_of(double) == 2.0 * value_of(plan)
    assert double.weight_ct == plan.weight_ct
    for one, two in zip(plan.stones, double.stones, strict=True):
        assert np.array_equal(one.pose.rotation, two.pose.rotation)
        assert np.array_equal(one.pose.translation, two.pose.translation)


def test_a_price_that_no_stone_can_reach_changes_nothing(plan: Plan) -> None:
    steps = (*STEPS[:2], (4.0, 500.0, 24.0), (500.0, INFINITE, 1e6))
    same = solve(problem_of(book_of(steps=steps)), effort="quick", seed=1)
    assert value_of(same) == value_of(plan)
    assert np.array_equal(same.stones[0].pose.translation, plan.stones[0].pose.translation)


def test_a_plan_by_value_is_worth_no_less_than_the_plan_by_weight(plan: Plan) -> None:
    by_weight = solve(problem_of(book_of(), objective="weight"), effort="quick", seed=1)
    assert by_weight.objective == "weight"
    assert value_of(plan) >= value_of(by_weight)
    worth = by_weight.stones[0].worth
    assert worth is not None
    assert worth.kept == ()  # by weight every flaw is kept clear of
    assert max(plan.stone_weight_ct(s) for s in (*plan.stones, *plan.alternatives)) >= (
        by_weight.weight_ct
    )


@pytest.mark.parametrize(
    ("kind", "seed", "scale", "cuts", "tolerances"),
    [
        ("pebble", 3, 0.5, cuts_named("oval,round", proportions="fixed"), (0.02, 0.1, 0.3)),
        ("broken", 2, 0.6, cuts_named("oval"), (0.1, 0.105, 0.2)),
    ],
    ids=["fixed", "free"],
)
def test_a_wider_tolerance_never_loses_value(
    kind: str, seed: int, scale: float, cuts: tuple[Cut, ...], tolerances: tuple[float, ...]
) -> None:
    """Fixed cuts shrink to their sizes from the same stones; free ones are searched in steps."""
    values = []
    book = replace(book_of(), factors=Factors(calibrated=1.6))
    for tolerance in tolerances:
        rough = make_rough(kind, seed=seed, triangles=600)
        small = replace(rough, vertices=scale * rough.vertices)  # of the size of trade sizes
        problem = problem_of(book, rough=small, inclusions=(), priced=(), cuts=cuts)
        assert problem.market is not None
        market = replace(problem.market, book=book, zones=(), tolerance=tolerance)
        values.append(value_of(solve(replace(problem, market=market), effort="quick", seed=1)))
    assert values == sorted(values)
    assert values[0] < values[-1]


def test_the_same_seed_gives_the_same_plan_on_any_number_of_threads() -> None:
    plans = [
        solve(problem_of(book_of()), effort="quick", seed=4, threads=threads) for threads in (1, 2)
    ]
    one, two = (plan_document(p).model_copy(update={"search": None}) for p in plans)
    assert one == two


def test_an_order_of_an_agreed_price_is_met_where_it_pays(tmp_path: Path) -> None:
    """An oval of 6 x 4.5 is small in this rough; 500 for it is more than the rough is worth."""
    problem = problem_of(
        book_of(), inclusions=(), priced=(), cuts=cuts_named("oval"),
        market=Market(book=book_of(), species="quartz", wishes=wishes_of("1 oval 6x4.5 at 500")),
    )  # fmt: skip
    plan = solve(problem, effort="quick", seed=1)
    stone = plan.stones[0]
    assert value_of(plan) == 500.0
    assert stone.worth is not None
    assert stone.worth.order == "1 oval 6x4.5"
    assert stone.design.length == pytest.approx(6.0, abs=0.1 + 1e-6)
    assert stone.design.width == pytest.approx(4.5, abs=0.1 + 1e-6)
    assert verify_plan(write_plan(plan, tmp_path)).holds


def test_choices_name_the_heaviest_the_dearest_and_the_safest(plan: Plan) -> None:
    stones = {s.id: s for s in (*plan.stones, *plan.alternatives)}
    named = {word: c for c in plan.choices for word in c.name.split(", ")}
    assert set(named) == {"heaviest", "dearest", "safest"}
    assert named["dearest"].stone == plan.stones[0].id
    heaviest = max(stones.values(), key=plan.stone_weight_ct)
    assert named["heaviest"].stone == heaviest.id
    assert len(named["safest"].flags) == min(len(c.flags) for c in plan.choices)


Sabotage = Callable[[dict[str, Any]], None]


def _kept_for(numbers: list[int]) -> Sabotage:
    def change(document: dict[str, Any]) -> None:
        document["stones"][0]["worth"]["kept"] = numbers

    return change


def _amount(document: dict[str, Any]) -> None:
    document["stones"][0]["worth"]["lines"][0]["amount"] += 5.0


def _value(document: dict[str, Any]) -> None:
    document["stones"][0]["value"] += 1.0


def _total(document: dict[str, Any]) -> None:
    document["totals"]["value"] *= 1.01


def _bound(document: dict[str, Any]) -> None:
    document["bound"]["value"] = 0.5 * document["totals"]["value"]


def _severity(document: dict[str, Any]) -> None:
    document["stones"][0]["worth"]["kept"] = [1]
    document["inclusions"][0]["severity"] = "avoid"


def _currency(document: dict[str, Any]) -> None:
    document["totals"]["currency"] = "USD"


@pytest.mark.parametrize(
    ("change", "subject"),
    [
        (_amount, "worth.price"),
        (_value, "value"),
        (_total, "value"),
        (_bound, "value"),
        (_severity, "worth.kept"),
        (_kept_for([7]), "worth.kept"),
        (_currency, "currency"),
    ],
)
def test_the_judge_finds_money_that_does_not_add_up(
    change: Sabotage, subject: str, plan: Plan, tmp_path: Path
) -> None:
    import json

    path = write_plan(plan, tmp_path)
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    assert subject in {v.subject for v in verify_plan(path).violations}


def test_the_judge_finds_a_flaw_that_a_stone_holds_and_does_not_name(
    plan: Plan, tmp_path: Path
) -> None:
    stone = plan.stones[0]
    flaw = Sphere(centre=stone.pose.translation, radius=0.1, severity="grade")
    broken = replace(plan, inclusions=(*plan.inclusions, flaw))
    verdict = verify_plan(write_plan(broken, tmp_path))
    assert {v.subject for v in verdict.violations} == {"inclusion 3 (sphere)"}


def test_the_judge_lets_a_crack_come_to_the_surface_where_it_is_allowed_by_name(
    plan: Plan, tmp_path: Path
) -> None:
    stone, prices = plan.stones[0], plan.prices
    assert stone.worth is not None
    assert prices is not None
    wall = np.array([[-30.0, -30, 0], [30, -30, 0], [30, 30, 0], [-30, 30, 0]])
    crack = Crack(corners=wall + stone.pose.translation, severity="grade")
    held = replace(stone, worth=replace(stone.worth, kept=(*stone.worth.kept, 3)))
    broken = replace(
        plan, inclusions=(*plan.inclusions, crack), stones=(held,), alternatives=(), choices=()
    )
    (violation,) = verify_plan(write_plan(broken, tmp_path)).violations
    assert violation.subject == "inclusion 3 (crack)"
    assert "comes to the stone's surface" in violation.message
    allowed = replace(broken, prices=replace(prices, open_cracks=("inclusion 3",)))
    assert verify_plan(write_plan(allowed, tmp_path / "allowed")).holds

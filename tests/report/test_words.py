"""How findings are put into words."""

from dataclasses import replace

import numpy as np
import pytest

from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Plan
from yieldopt.report.words import (
    bound_words,
    covers_words,
    document_of,
    headline,
    mm,
    table_direction,
    work_halves,
)


@pytest.mark.parametrize(
    ("limit", "reached", "words"),
    [
        (2.0, 1.0, "more than 2.00 ct; this one reaches at least 50.0 % of that"),
        (2.0012, 1.9999, "more than 2.01 ct; this one reaches at least 99.9 % of that"),
        (1.5, 1.5, "more than 1.50 ct; this one reaches at least 100.0 % of that"),
        (3.0, 2.0, "more than 3.00 ct; this one reaches at least 66.6 % of that"),
    ],
)
def test_the_limit_is_rounded_up_and_the_share_down(
    limit: float, reached: float, words: str
) -> None:
    """Neither number may claim more than was proved."""
    document = {"bound": {"weight_ct": limit, "covers": "x"}, "totals": {"weight_ct": reached}}
    assert words in bound_words(document)


def test_a_plan_above_the_limit_is_told_that_the_limit_does_not_cover_it() -> None:
    document = {"bound": {"weight_ct": 1.0, "covers": "one stone"}, "totals": {"weight_ct": 1.4}}
    assert "No plan" not in bound_words(document)
    assert "covers one stone" in bound_words(document)


def test_a_limit_for_several_stones_says_how_many_and_how_loose(sawn: Plan) -> None:
    document = document_of(sawn)
    assert "No plan of up to 3 stones can weigh more than 3.00 ct" in bound_words(document)
    assert covers_words(document) == (
        "A gap so wide need not mean a poor plan: the limit is loose."
        " The limit covers up to 3 stones of the listed cuts."
    )
    near = document | {"bound": document["bound"] | {"gap": 0.05}}
    assert covers_words(near) == "The limit covers up to 3 stones of the listed cuts."


def test_a_limit_for_one_stone_is_not_said_of_several(sawn: Plan) -> None:
    document = document_of(sawn)
    lone = document | {"bound": document["bound"] | {"covers": "one stone of the listed cuts"}}
    assert "up to" not in bound_words(lone)


def test_the_headline_takes_the_weighed_weight_where_there_is_one(plan: Plan) -> None:
    document = document_of(plan)
    assert headline(document).endswith("octagon from 10.60 ct of quartz")
    assert "from 11.25 ct" in headline(document_of(replace(plan, weighed_ct=11.25)))


@pytest.mark.parametrize(
    ("axis", "words"),
    [
        ([0, 0, 1], "straight up"),
        ([0, 0, -1], "straight down"),
        ([1, 0, 0], "leans 90.0° from the scan's +z axis, towards 0.0°"),
        ([0, -1, 0], "leans 90.0° from the scan's +z axis, towards 270.0°"),
    ],
)
def test_the_way_the_table_looks(plan: Plan, axis: list[float], words: str) -> None:
    z = np.array(axis, dtype=float)
    x = np.array([0.0, 1.0, 0.0]) if abs(z[1]) < 0.5 else np.array([1.0, 0.0, 0.0])
    pose = Pose(rotation=np.column_stack([x, np.cross(z, x), z]), translation=np.zeros(3))
    assert words in table_direction(replace(plan.stones[0], pose=pose))


def test_headings_follow_the_cutting_order() -> None:
    """A design that goes back to the pavilion after the crown is not put into another order."""
    rows = [{"side": side} for side in ("pavilion", "girdle", "crown", "pavilion", "table")]
    halves = work_halves(rows)
    below, above = "Pavilion and girdle", "Crown and table"
    assert [name for name, _ in halves] == [below, above, below, above]
    assert [t for _, run in halves for t, _ in run] == [0, 1, 2, 3, 4]


def test_nothing_is_minus_zero() -> None:
    assert mm(-0.0) == mm(-0.001) == "0.00"
    assert mm(-10.001) == "-10.00"

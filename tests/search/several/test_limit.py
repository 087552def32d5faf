"""Limits of several stones: above all that can be packed, and no higher than they must be."""

import numpy as np
import pytest
from hypothesis import given

from tests.bodies import SEEDED, SEEDS, Float, random_planes, turned
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.plan.record import Limits, SawTool
from yieldopt.search.several.limit import (
    clear_radius,
    room,
    several_bound,
    several_value_bound,
    volume_in,
)
from yieldopt.value.curve import ValueCurve

STEPS = ValueCurve(  # of mm3: nothing below 1, more for each at 1, 10 and 40
    edges=np.array([0.0, 1.0, 10.0, 40.0]),
    prices=np.array([0.0, 5.0, 9.0, 20.0]),
    per_stone=3.0,
    per_carat=0.5,
)


def boxes_in(
    low: Float, high: Float, n: int, rng: np.random.Generator
) -> list[tuple[Float, Float]]:
    """Return `n` boxes that planes saw a box into, no kerf lost."""
    if n == 1:
        return [(low, high)]
    axis, share = int((high - low).argmax()), rng.uniform(0.3, 0.7)
    middle, first = low[axis] + share * (high - low)[axis], int(rng.integers(1, n))
    one, two = high.copy(), low.copy()
    one[axis] = two[axis] = middle
    return boxes_in(low, one, first, rng) + boxes_in(two, high, n - first, rng)


@given(SEEDS)
@SEEDED
def test_no_packing_of_a_box_passes_the_limit(seed: int) -> None:
    """Boxes fill their pieces but for the margin; random solids are blown up until they touch."""
    rng = np.random.default_rng(seed)
    high, n = rng.uniform(3.0, 12.0, 3), int(rng.integers(1, 7))
    margin = float(rng.choice([0.0, 0.2, 0.6]))
    normals, offsets = random_planes(rng, 14)
    volumes = []
    for low, top in boxes_in(np.zeros(3), high, n, rng):
        inner = top - low - 2.0 * margin
        if (inner <= 0.0).any():
            continue
        if rng.random() < 0.6:
            volumes.append(float(np.prod(inner)))
        else:
            solid = polytope_from_planes(normals, offsets)
            extent = np.ptp(solid.vertices @ turned(seed % 1000).T, axis=0)
            volumes.append(solid.volume * float((inner / extent).min()) ** 3)
    limit = several_bound(n, max(volumes, default=0.0), float(np.prod(high)), margin)
    assert sum(volumes) <= limit
    worth = sum(max(STEPS.value(v), 0.0) for v in volumes)
    args = (n, max(volumes, default=0.0), float(np.prod(high)), margin)
    assert worth <= several_value_bound(*args, STEPS.most_up_to, 300)


def test_a_gem_grown_by_a_ball_takes_the_room_at_least() -> None:
    """Steiner's formula gives the exact volume of a grown box; a ball's is the room itself."""
    rng = np.random.default_rng(0)
    for _ in range(200):
        a, b, c = rng.uniform(0.1, 10.0, 3)
        r = rng.uniform(0.0, 2.0)
        grown = (
            a * b * c + 2.0 * (a * b + b * c + c * a) * r
            + np.pi * (a + b + c) * r * r + 4.0 / 3.0 * np.pi * r**3
        )  # fmt: skip
        assert room(a * b * c, r) <= grown * (1.0 + 1e-12)
    assert room(4.0 / 3.0 * np.pi * 8.0, 0.5) == pytest.approx(4.0 / 3.0 * np.pi * 2.5**3)
    assert volume_in(room(7.0, 0.3), 0.3) == pytest.approx(7.0)
    assert volume_in(0.001, 0.3) == 0.0


def test_no_sharing_of_the_volume_is_better() -> None:
    """Against every sharing among three on a fine grid, the last with all that is left."""
    rng = np.random.default_rng(1)
    whole = 500.0
    for _ in range(20):
        radius, one = float(rng.uniform(0.0, 1.0)), float(rng.uniform(20.0, 450.0))
        most = room(one, radius)
        grid = np.linspace(0.0, most, 120)
        first, second = (axis.ravel() for axis in np.meshgrid(grid, grid))
        spaces = np.array([first, second, np.minimum(whole - first - second, most)])
        spaces = spaces[:, spaces[2] >= 0.0]
        c = np.cbrt(4.0 / 3.0 * np.pi) * radius
        reached = (np.maximum(np.cbrt(spaces) - c, 0.0) ** 3).sum(axis=0).max()
        limit = several_bound(3, one, whole, radius)
        assert reached <= limit
        assert reached >= 0.97 * limit  # some sharing has it, but for the grid


def test_limits_that_are_known() -> None:
    # Three of 100 fit in 350, and there is no fourth; without a margin volumes just add up.
    assert several_bound(3, 100.0, 350.0, 0.0) == pytest.approx(300.0)
    assert several_bound(5, 100.0, 350.0, 0.0) == pytest.approx(350.0)
    # One stone alone: its own bound, or all that is left of the rough within its margin.
    assert several_bound(1, 100.0, 350.0, 0.2) == pytest.approx(100.0)
    assert several_bound(4, 1e9, room(8.0, 0.5), 0.5) == pytest.approx(8.0)
    assert several_bound(4, 0.0, 350.0, 0.2) == 0.0
    # Two of 40 worth 800 - 20 - 3 each, the rest too small for a third of as much.
    worth = several_value_bound(3, 40.0, 90.0, 0.0, STEPS.most_up_to)
    assert 2 * 777.0 + 47.0 - 5.0 <= worth <= 1.03 * (2 * 777.0 + 47.0)
    assert several_value_bound(2, 40.0, 90.0, 0.0, STEPS.most_up_to) == pytest.approx(2 * 777.0)


@given(SEEDS)
@SEEDED
def test_more_stones_more_rough_and_less_margin_never_lower_a_limit(seed: int) -> None:
    rng = np.random.default_rng(seed)
    whole, one, r = rng.uniform(50.0, 900.0), rng.uniform(1.0, 300.0), rng.uniform(0.05, 1.0)

    def both(n: int, one: float, whole: float, r: float) -> Float:
        return np.array([
            several_bound(n, one, whole, r),
            several_value_bound(n, one, whole, r, STEPS.most_up_to, 200),
        ])  # fmt: skip

    base = both(3, one, whole, r)
    slack = base * (1.0 + 1e-9)
    assert (both(2, one, whole, r) <= slack).all()
    assert (both(3, 0.9 * one, whole, r) <= slack).all()
    # Not money: its grid is the rough's own, and rounds otherwise.
    assert both(3, one, 0.9 * whole, r)[0] <= slack[0]
    assert both(3, one, whole, 1.1 * r)[0] <= slack[0]
    assert (both(1, one, whole, r) <= [one * (1.0 + 1e-9), STEPS.most_up_to(one) + 1e-6]).all()


@given(SEEDS)
@SEEDED
def test_no_stones_that_share_the_volume_are_worth_more(seed: int) -> None:
    """Sharings at random, also such as stand right on the edges of price brackets."""
    rng = np.random.default_rng(seed)
    n, whole, r = int(rng.integers(1, 6)), float(rng.uniform(60.0, 600.0)), rng.uniform(0.0, 0.8)
    one = float(rng.uniform(5.0, 200.0))
    limit = several_value_bound(n, one, whole, r, STEPS.most_up_to, 150)
    close = several_value_bound(n, one, whole, r, STEPS.most_up_to, 1500)
    best = 0.0
    for _ in range(300):
        volumes = np.minimum(rng.choice([1.0, 10.0, 40.0, one, *rng.uniform(0, one, 2)], n), one)
        while len(volumes) and sum(room(v, r) for v in volumes) > whole:
            volumes = volumes[1:]
        best = max(best, sum(max(STEPS.value(v), 0.0) for v in volumes))
    assert best <= close + 1e-9
    assert best <= limit + 1e-9


def test_money_of_finer_parts_is_close_to_what_some_stones_have() -> None:
    """A price by volume alone: the limit by money is the limit by volume."""
    for n, one in ((2, 80.0), (4, 60.0), (6, 30.0)):
        volume = several_bound(n, one, 150.0, 0.3)
        money = several_value_bound(n, one, 150.0, 0.3, lambda v: 7.0 * v)
        assert 7.0 * volume * (1.0 - 1e-9) <= money <= 7.0 * volume * 1.005


def test_stones_smaller_than_a_part_are_counted_too() -> None:
    """Twelve of 70 fit in 900, though only ten parts of 90 do."""
    assert several_value_bound(12, 400.0, 900.0, 0.0, lambda _: 5.0, 10) >= 60.0


def test_a_skin_and_a_kerf_widen_what_a_stone_keeps_for_itself() -> None:
    assert clear_radius(Limits(allowance=0.2, skin=0.0, kerf=0.4)) == pytest.approx(0.2)
    assert clear_radius(Limits(allowance=0.2, skin=0.1, kerf=0.4)) == pytest.approx(0.3)
    assert clear_radius(Limits(allowance=0.2, skin=0.9, kerf=0.4)) == pytest.approx(0.4)
    saws = (SawTool(name="trim saw", kerf=0.6), SawTool(name="wire saw", kerf=0.2, largest=20.0))
    assert clear_radius(Limits(allowance=0.2, skin=0.9, tools=saws)) == pytest.approx(0.3)


@pytest.mark.parametrize("wrong", [(0, 1.0, 1.0, 0.0), (1, -1.0, 1.0, 0.0), (1, 1.0, 1.0, -0.1)])
def test_what_means_nothing_is_refused(wrong: tuple[int, float, float, float]) -> None:
    with pytest.raises(ValueError, match=r"n:|negative"):
        several_bound(*wrong)
    with pytest.raises(ValueError, match=r"n:|negative"):
        several_value_bound(*wrong, STEPS.most_up_to)

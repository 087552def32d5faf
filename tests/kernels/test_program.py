"""The dense linear program: the same optimum as HiGHS finds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bodies import SEEDED, SEEDS, Float
from tests.oracles import best_gain
from yieldopt.kernels.program import INFEASIBLE, OPTIMAL, UNKNOWNS, solve_program, worst_row

CLOSE = 1e-8  # of rows and gains of unit size


def solved(gain: Float, rows: Float, right: Float, box: Float) -> tuple[int, Float]:
    """Solve by the kernel, with room for more rows than there are."""
    n, n_rows = len(gain), len(right)
    columns = np.full((n, n_rows + 3), np.nan)
    columns[:, :n_rows] = rows.T
    sides = np.append(right, np.full(3, np.nan))
    x = np.empty(n)
    status = solve_program(
        n,
        gain,
        columns,
        sides,
        n_rows,
        box,
        x,
        np.empty((n, n)),
        np.empty(n),
        np.empty(n, dtype=np.int64),
        np.empty(n),
        np.empty(n_rows + 3),
    )
    return int(status), x


def assert_best(gain: Float, rows: Float, right: Float, box: Float) -> None:
    status, x = solved(gain, rows, right, box)
    wanted = best_gain(gain, rows, right, box)
    if wanted is None:
        assert status == INFEASIBLE
        return
    assert status == OPTIMAL
    assert (np.abs(x) <= box + CLOSE).all()
    assert (rows @ x <= right + CLOSE).all()
    assert gain @ x == pytest.approx(wanted, rel=CLOSE, abs=CLOSE)


@SEEDED
@given(seed=SEEDS, n=st.integers(1, UNKNOWNS), n_rows=st.integers(0, 60))
def test_random_programs_have_the_optimum_of_highs(seed: int, n: int, n_rows: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_rows, n))
    assert_best(rng.normal(size=n), rows, rng.uniform(0.0, 1.0, n_rows), rng.uniform(0.1, 2.0, n))


@SEEDED
@given(seed=SEEDS, n=st.integers(1, 8), n_rows=st.integers(1, 40))
def test_programs_that_may_have_no_answer_say_so(seed: int, n: int, n_rows: int) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n_rows, n))
    right = rng.uniform(-0.5, 1.0, n_rows)
    assert_best(rng.normal(size=n), rows, right, np.ones(n))


def step_rows(rng: np.random.Generator, p: int, n_rows: int) -> tuple[Float, Float, Float, Float]:
    """Return a program like a step's: only the scale and the proportions gain anything."""
    rows = np.column_stack([np.ones(n_rows), rng.normal(size=(n_rows, 6 + p))])
    right = np.where(rng.random(n_rows) < 0.5, 0.0, rng.uniform(0.0, 0.3, n_rows))
    gain = np.concatenate([[3.0], np.zeros(6), rng.normal(size=p)])
    return gain, rows, right, np.full(7 + p, 0.12)


@SEEDED
@given(seed=SEEDS, p=st.integers(0, 5), n_rows=st.integers(1, 180))
def test_programs_like_a_step_of_the_search_are_solved(seed: int, p: int, n_rows: int) -> None:
    """Most unknowns gain nothing by themselves: ties everywhere."""
    assert_best(*step_rows(np.random.default_rng(seed), p, n_rows))


@SEEDED
@given(seed=SEEDS, n=st.integers(2, 8), n_rows=st.integers(2, 40))
def test_programs_of_small_whole_numbers_are_solved(seed: int, n: int, n_rows: int) -> None:
    """Many equal ratios and rows through one corner, where a careless pivot goes in circles."""
    rng = np.random.default_rng(seed)
    rows = rng.integers(-1, 2, (n_rows, n)).astype(float)
    right = rng.integers(0, 2, n_rows).astype(float)
    assert_best(rng.integers(-1, 2, n).astype(float), rows, right, np.ones(n))


# What one step of a search in a slab asked, six of its rows, two digits of each number.
CIRCLING = np.array(
    [
        [1.0, 0.62, 1.98, 1.95, 0.36, -0.96, 0.86, 0.0, 0.0, 0.0, 1.36],
        [1.0, 2.62, -1.03, -0.93, 0.3, 0.85, -0.09, 1.58, 0.0, 0.74, 1.41],
        [1.0, 0.1, -0.05, 2.58, 0.61, 0.78, -0.01, 0.0, 2.67, 0.0, 1.21],
        [1.0, -0.38, -0.76, 2.63, 0.86, 0.43, 0.25, 0.0, 2.49, 0.0, 1.24],
        [1.0, 0.86, 0.58, 2.64, -0.49, -0.98, 0.37, 0.0, -0.1, 0.0, 1.08],
        [1.0, 1.96, -0.18, 0.62, -0.03, 0.16, 0.14, -0.06, 0.0, -0.03, 0.18],
    ]
)


def test_a_step_whose_ratios_are_all_equal_does_not_go_in_circles() -> None:
    """Six of eleven unknowns gain nothing: every ratio is nought until two of them have left."""
    gain = np.array([3.0, 0, 0, 0, 0, 0, 0, 2.31, 1.19, 0.4, 3.5])
    box = np.array([0.24] + 3 * [0.06] + 3 * [0.12] + [0.024, 0.024, 0.036, 0.005])
    right = np.array([0.33, 0.26, 0.15, 0.18, 0.05, 0.0])
    assert_best(gain, CIRCLING, right, box)


def test_of_many_programs_like_a_step_none_goes_in_circles() -> None:
    """Few facets meet many triangles, so that rows share their moves."""
    unfinished = []
    for seed in range(2500, 4200):
        rng = np.random.default_rng(seed)
        facets = rng.normal(size=(int(rng.integers(2, 6)), 3)) * 3.0
        rows = []
        for _ in range(int(rng.integers(8, 30))):
            move, arm = facets[rng.integers(len(facets))], rng.normal(size=3)
            shape = -np.abs(rng.normal(size=4))
            rows.append(np.concatenate([[1.0], move, np.cross(arm, move), shape]))
        right = np.where(rng.random(len(rows)) < 0.3, 0.0, rng.uniform(0.0, 0.3, len(rows)))
        gain = np.concatenate([[3.0], np.zeros(6), rng.normal(size=4)])
        status, _ = solved(gain, np.array(rows), right, np.full(11, 0.12))
        if status != OPTIMAL:
            unfinished.append(seed)
    assert unfinished == []


def test_the_same_row_many_times_is_one_row() -> None:
    rows = np.repeat([[1.0, 1.0, 0.0]], 50, axis=0)
    assert_best(np.ones(3), rows, np.full(50, 0.5), np.ones(3))


@pytest.mark.parametrize("n_rows", [1, 7, 8, 150])
def test_the_most_broken_row_is_the_greatest(n_rows: int) -> None:
    rng = np.random.default_rng(n_rows)
    rows, right, x = rng.normal(size=(n_rows, 5)), rng.normal(size=n_rows), rng.normal(size=5)
    broken = np.empty(n_rows)
    most = worst_row(5, np.ascontiguousarray(rows.T), right, n_rows, x, broken)
    np.testing.assert_allclose(broken, rows @ x - right, rtol=1e-12, atol=1e-12)
    assert most == broken.max()


def rows_of_five_stones(rng: np.random.Generator) -> tuple[Float, Float, Float, Float]:
    """Return 400 rows on 60 unknowns, as of five stones of two proportions and five planes."""
    own, planes = 9, 5 * 9
    rows, right = np.zeros((400, planes + 15)), np.zeros(400)
    for r, row in enumerate(rows):
        at = own * (r // 80)
        row[at], row[at + 1 : at + own] = 1.0, rng.normal(size=own - 1)
        if rng.random() < 0.4:
            k = planes + 3 * int(rng.integers(5))
            row[k : k + 3] = rng.normal(size=3)
        right[r] = 0.0 if rng.random() < 0.5 else rng.uniform(0.0, 0.3)
    gain = np.zeros(planes + 15)
    for at in range(0, planes, own):
        gain[at], gain[at + 7 : at + own] = 3.0, rng.normal(size=2)
    return gain, rows, right, np.full(planes + 15, 0.12)


@pytest.mark.parametrize("seed", [1, 3, 4])
def test_sixty_unknowns_have_the_pivots_they_need(seed: int) -> None:
    """239, 253 and 225 of them, counted once: more than the 200 of a single stone's program."""
    assert_best(*rows_of_five_stones(np.random.default_rng(seed)))

"""What a pool says of the two sides of planes, against one gem and one plane at a time."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import oracles
from tests.bodies import SEEDED, SEEDS, Float
from yieldopt.kernels.kernel import kernel
from yieldopt.kernels.regions import best_of_planes, worth_at

CUTS = 3


@kernel
def worths_of(
    edges: Float, slopes: Float, reached: Float, per_stone: Float, cuts: Any, volumes: Float,
    out: Float,
) -> None:  # fmt: skip
    """Fill `out` with what each is worth: inner kernels are not called from outside."""
    for i in range(out.shape[0]):
        out[i] = worth_at(edges, slopes, reached, per_stone, cuts[i], volumes[i])


def random_worths(rng: np.random.Generator, brackets: int) -> tuple[Float, Float, Float, Float]:
    """Return edges, slopes, what is reached, and costs; a bracket may pay less than the last."""
    edges = np.full((CUTS, brackets), np.inf)
    slopes, reached = np.zeros((2, CUTS, brackets))
    for g in range(CUTS):
        k = int(rng.integers(1, brackets + 1))
        edges[g, :k] = np.append(0.0, np.sort(rng.uniform(0.5, 40.0, k - 1)))
        slopes[g, :k] = rng.uniform(0.0, 9.0, k)
        for j in range(1, k):
            at = edges[g, j]
            reached[g, j] = max(reached[g, j - 1], slopes[g, j - 1] * at, slopes[g, j] * at)
    return edges, slopes, reached, rng.uniform(0.0, 3.0, CUTS)


@SEEDED
@given(seed=SEEDS, brackets=st.integers(1, 5))
def test_a_stone_is_worth_its_bracket_or_what_came_before(seed: int, brackets: int) -> None:
    rng = np.random.default_rng(seed)
    worths = edges, slopes, reached, per_stone = random_worths(rng, brackets)
    cuts = rng.integers(0, CUTS, 30)
    volumes = rng.uniform(0.0, 60.0, 30)
    finite = edges[np.isfinite(edges)]
    volumes[: len(finite)] = finite[:30]  # on the edges
    out = np.full(30, np.nan)
    worths_of(*worths, cuts, volumes, out)
    own = [
        oracles.worth(edges[g], slopes[g], reached[g], per_stone[g], v)
        for g, v in zip(cuts, volumes, strict=True)
    ]
    np.testing.assert_array_equal(out, own)


@SEEDED
@given(seed=SEEDS, brackets=st.integers(1, 4), tied=st.booleans())
def test_of_each_side_the_gem_of_most_worth_is_found(seed: int, brackets: int, tied: bool) -> None:
    rng = np.random.default_rng(seed)
    n, d, o = 25, 3, 5
    edges, slopes, reached, per_stone = random_worths(rng, brackets)
    cut = rng.integers(0, CUTS, n)
    volume = rng.uniform(0.2, 0.5, n)
    most = rng.uniform(0.5, 5.0, n)
    along, up, down = rng.uniform(-8, 8, (d, n)), *rng.uniform(0.4, 1.2, (2, d, n))
    if tied:  # every second gem is the twin of the one before: the first in the order is named
        for row in (cut, volume, most, *along, *up, *down):
            row[1::2] = row[: n - 1 : 2]
    offsets = np.sort(rng.uniform(-10, 10, (d, o)), axis=1)
    offsets[0, 0] = along[0, 3]  # a plane through a centre
    margin, least = float(rng.uniform(0.0, 0.6)), rng.uniform(0.3, 2.0, CUTS)
    members = rng.permutation(n)[: int(rng.integers(0, n + 1))]
    worth, number = np.full((d, o, 2), np.nan), np.full((d, o, 2), -7)
    best_of_planes(
        0, d, members, most[members], cut, volume, along, up, down, offsets, margin, least, edges,
        slopes, reached, per_stone, worth, number,
    )  # fmt: skip

    def worth_of(e: int, width: float) -> float:
        g = int(cut[e])
        value = volume[e] * width**3
        return oracles.worth(edges[g], slopes[g], reached[g], per_stone[g], value)

    worths = {int(e): lambda width, e=int(e): worth_of(e, width) for e in members}
    for i in range(d):
        gems = [
            oracles.PlaneGem(int(e), most[e], least[cut[e]], along[i, e], up[i, e], down[i, e])
            for e in members
        ]
        for j in range(o):
            for side, above in enumerate((True, False)):
                own = oracles.best_beside(gems, offsets[i, j], above, margin, worths)
                assert worth[i, j, side] == pytest.approx(own[0], rel=1e-12, abs=1e-12)
                assert number[i, j, side] == own[1]


def test_only_the_directions_of_a_slice_are_written() -> None:
    """Threads share the directions among them."""
    worth, number = np.full((4, 2, 2), np.nan), np.full((4, 2, 2), -7)
    one = np.ones((1, 1))
    best_of_planes(
        1, 3, np.array([0]), np.array([2.0]), np.array([0]), np.ones(1), np.zeros((4, 1)),
        np.ones((4, 1)), np.ones((4, 1)), np.tile([-5.0, 1.5], (4, 1)), 0.5, np.array([0.5]),
        0.0 * one, one, 0.0 * one, np.zeros(1), worth, number,
    )  # fmt: skip
    assert np.isnan(worth[[0, 3]]).all()
    assert (number[[0, 3]] == -7).all()
    # Above -5 it is as wide as it may be; below 1.5 there is 1.5 - 0.5 mm of room.
    np.testing.assert_array_equal(worth[1:3], [[[8.0, -1e300], [-1e300, 1.0]]] * 2)
    np.testing.assert_array_equal(number[1:3], [[[0, -1], [-1, 0]]] * 2)

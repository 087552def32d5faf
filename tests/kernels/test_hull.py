"""The hull bound's arithmetic: eigenvalues, and what a sum over rotations can be in a cell."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from tests.bodies import SEEDED, SEEDS, turned
from yieldopt.kernels.hull import _range_over_cell, extreme_eigenvalues


@SEEDED
@given(seed=SEEDS, size=st.sampled_from([1e-6, 1.0, 1e6]), equal=st.integers(0, 3))
def test_eigenvalues_are_those_of_lapack(seed: int, size: float, equal: int) -> None:
    """Two or three equal ones among them, where the cubic's roots meet."""
    rng = np.random.default_rng(seed)
    own = rng.normal(size=3)
    own[:equal] = own[0]
    turn = turned(seed % 1000)
    m = size * (turn * own) @ turn.T
    low, high = extreme_eigenvalues(m[0, 0], m[1, 1], m[2, 2], m[0, 1], m[0, 2], m[1, 2])
    wanted = np.linalg.eigvalsh(0.5 * (m + m.T))
    assert low == pytest.approx(wanted[0], abs=1e-7 * size)
    assert high == pytest.approx(wanted[2], abs=1e-7 * size)


@SEEDED
@given(seed=SEEDS, rho=st.sampled_from([0.0, 0.01, 0.3, 1.0, 2.0, 3.1, 4.0]))
def test_no_rotation_of_a_cell_leaves_the_range_of_the_cell(seed: int, rho: float) -> None:
    rng = np.random.default_rng(seed)
    matrix, middle = rng.normal(size=(3, 3)), turned(seed % 1000)
    least, most = _range_over_cell(matrix, middle, rho)
    ways = rng.normal(size=(400, 3))
    ways /= np.linalg.norm(ways, axis=1)[:, None]
    turns = ways * np.append(np.full(200, min(rho, np.pi)), rng.uniform(0.0, rho, 200))[:, None]
    values = ((middle @ Rotation.from_rotvec(turns).as_matrix()) * matrix).sum(axis=(1, 2))
    hair = 1e-7 * np.abs(matrix).sum()
    assert least - hair <= values.min()
    assert values.max() <= most + hair
    if rho == 0.0:
        assert most - least <= 2.0 * hair

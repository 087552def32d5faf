"""The judge's geometry against linear programs and general minimisers."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import linprog

from yieldopt.plan.judge_hazards import (
    ball_inside,
    needle_inside,
    triangles_inside,
    vector_to_body,
    winding,
)

Float = NDArray[np.float64]
SEEDS = range(40)


def random_body(rng: np.random.Generator) -> tuple[Float, Float]:
    normals = rng.normal(size=(20, 3))
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    return normals, rng.uniform(0.8, 1.2, 20)


def deepest_by_program(corners: Float, normals: Float, offsets: Float) -> float:
    """Return the largest slack in the hull of corners (k, 3), by a linear program."""
    k = len(corners)
    answer = linprog(
        [0.0] * k + [-1.0],
        A_ub=np.column_stack([normals @ corners.T, np.ones(len(normals))]),
        b_ub=offsets,
        A_eq=[[1.0] * k + [0.0]],
        b_eq=[1.0],
        bounds=[(0, None)] * k + [(None, None)],
    )
    assert answer.fun is not None
    return -float(answer.fun)


@pytest.mark.parametrize("seed", SEEDS)
def test_deepest_point_of_triangles_is_that_of_the_linear_programs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    normals, offsets = random_body(rng)
    corners = rng.normal(size=(30, 3)) * rng.choice([0.5, 1.0, 3.0, 10.0])
    faces = np.arange(30).reshape(-1, 3)
    wanted = max(deepest_by_program(corners[face], normals, offsets) for face in faces)
    found = triangles_inside(corners, faces, normals, offsets)
    assert (found is not None) == (wanted > 0.0)
    if found is not None:
        assert found.depth == pytest.approx(wanted, abs=1e-6)
        assert (offsets - normals @ found.place).min() == pytest.approx(found.depth, abs=1e-6)


def test_a_triangle_enters_with_its_inside_alone() -> None:
    """No corner and no edge of it is in the cube, and it does not even pass the middle."""
    normals, offsets = np.vstack([np.eye(3), -np.eye(3)]), np.ones(6)
    corners = np.array([[50.0, 0.0, 0.99], [-40.0, 45.0, 0.99], [-40.0, -45.0, 0.99]])
    faces = np.array([[0, 1, 2]])
    found = triangles_inside(corners, faces, normals, offsets)
    assert found is not None
    assert found.depth == pytest.approx(0.01, abs=1e-9)
    assert (
        triangles_inside(corners + np.array([0.0, 0.0, 0.01 + 1e-12]), faces, normals, offsets)
        is None
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_vector_to_a_body_ends_on_it_and_is_the_shortest(seed: int) -> None:
    rng = np.random.default_rng(seed)
    normals, offsets = random_body(rng)
    point = rng.normal(size=3) * 2.0
    shortest = vector_to_body(point, normals, offsets)
    assert (offsets - normals @ (point + shortest)).min() >= -1e-12
    # Shortest, because no point of the body lies further back along it than where it ends.
    nearest = linprog(shortest, A_ub=normals, b_ub=offsets, bounds=[(None, None)] * 3)
    assert nearest.fun is not None
    assert nearest.fun >= shortest @ (point + shortest) - 1e-7


@pytest.mark.parametrize("seed", SEEDS)
def test_a_needle_is_refused_when_any_of_many_balls_along_it_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    normals, offsets = random_body(rng)
    start, end = rng.normal(size=(2, 3)) * 2.0
    along = start + np.linspace(0.0, 1.0, 2001)[:, None] * (end - start)
    nearest = min(float(np.linalg.norm(vector_to_body(p, normals, offsets))) for p in along)
    if nearest == 0.0:
        assert needle_inside(start, end, 0.0, normals, offsets) is not None
        return
    found = needle_inside(start, end, nearest + 0.01, normals, offsets)
    assert found is not None
    assert found.depth == pytest.approx(0.01, abs=1e-4)
    assert needle_inside(start, end, nearest - 1e-4, normals, offsets) is None


def test_a_ball_is_round_not_cornered() -> None:
    """Over the corner of a cube it may come nearer to each plane than its radius."""
    normals, offsets = np.vstack([np.eye(3), -np.eye(3)]), np.ones(6)
    centre = np.full(3, 1.0 + 0.6)  # the corner is 0.6 * sqrt(3) = 1.039 away
    assert ball_inside(centre, 1.03, normals, offsets) is None
    found = ball_inside(centre, 1.05, normals, offsets)
    assert found is not None
    assert found.depth == pytest.approx(1.05 - 0.6 * np.sqrt(3.0), abs=1e-12)


def test_half_spaces_that_leave_nothing_count_as_hit() -> None:
    normals = np.vstack([np.eye(3), -np.eye(3)])
    offsets = np.array([-1.0, 1.0, 1.0, -1.0, 1.0, 1.0])  # x at most -1, and at least 1
    assert not vector_to_body(np.array([0.0, 5.0, 0.0]), normals, offsets).any()


def test_the_distance_to_what_is_far_is_as_good() -> None:
    normals, offsets = np.vstack([np.eye(3), -np.eye(3)]), np.ones(6)
    shortest = vector_to_body(np.array([1e6, 0.5, 0.0]), normals, offsets)
    assert shortest == pytest.approx(np.array([1.0 - 1e6, 0.0, 0.0]), rel=1e-9, abs=1e-6)


def test_a_ball_that_swallows_the_body_is_found() -> None:
    normals, offsets = np.vstack([np.eye(3), -np.eye(3)]), np.ones(6)
    found = ball_inside(np.zeros(3), 9.0, normals, offsets)
    assert found is not None
    assert found.depth == pytest.approx(10.0)


def test_winding_counts_shells() -> None:
    corners = np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
    faces = np.array(
        [[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]]
    )
    assert winding(np.array([0.1, 0.2, 0.1]), corners, faces) == pytest.approx(1.0)
    assert winding(np.array([1.0, 1.0, 0.1]), corners, faces) == pytest.approx(0.0, abs=1e-12)
    assert winding(np.zeros(3), corners, faces[:, ::-1]) == pytest.approx(-1.0)

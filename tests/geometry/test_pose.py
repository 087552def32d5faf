"""Poses: rotate, then move; reflections and near-rotations are refused."""

import numpy as np
import pytest

from tests.bodies import prism_planes, turned
from yieldopt.geometry.pose import Pose


def pose_of(seed: int) -> Pose:
    place = np.random.default_rng(seed).uniform(-9.0, 9.0, 3)
    return Pose(rotation=turned(seed), translation=place)


@pytest.mark.parametrize("seed", range(5))
def test_points_are_turned_and_then_moved(seed: int) -> None:
    pose = pose_of(seed)
    points = np.random.default_rng(seed).normal(size=(7, 3))
    wanted = [pose.rotation @ point + pose.translation for point in points]
    np.testing.assert_allclose(pose.apply(points), wanted, atol=1e-14)


@pytest.mark.parametrize("seed", range(5))
def test_half_spaces_go_with_their_points(seed: int) -> None:
    """How far a point is from a plane does not depend on the frame."""
    pose = pose_of(seed)
    normals, offsets = prism_planes(6)
    points = np.random.default_rng(seed).normal(size=(50, 3))
    turned_normals, moved = pose.planes(normals, offsets)
    np.testing.assert_allclose(
        pose.apply(points) @ turned_normals.T - moved, points @ normals.T - offsets, atol=1e-13
    )


def test_what_is_no_rotation_is_refused() -> None:
    place = np.zeros(3)
    for matrix in (
        np.diag([1.0, 1.0, -1.0]),
        1.001 * np.eye(3),
        np.eye(3) + 1e-6,
        np.zeros((3, 3)),
    ):
        with pytest.raises(ValueError, match="rotation"):
            Pose(rotation=matrix, translation=place)
    with pytest.raises(ValueError, match="shape"):
        Pose(rotation=np.eye(2), translation=place)
    with pytest.raises(ValueError, match="finite"):
        Pose(rotation=np.eye(3), translation=np.array([0.0, np.inf, 0.0]))


def test_a_pose_keeps_copies_that_nobody_can_write_to() -> None:
    matrix, place = np.eye(3), np.zeros(3)
    pose = Pose(rotation=matrix, translation=place)
    matrix[0, 0], place[0] = 5.0, 5.0
    assert pose.rotation[0, 0] == 1.0
    assert pose.translation[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        pose.rotation[0, 0] = 2.0

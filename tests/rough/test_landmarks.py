"""Landmarks: on the hull, apart, told from each other, and the same when the stone is turned."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from tests.bodies import block, turned
from tests.rough.crystals import moved, reordered, with_noise
from yieldopt.rough.landmarks import DISTINCT, MISREAD, SHARP, Landmarks, landmarks
from yieldopt.rough.made import KINDS, make_rough
from yieldopt.rough.rough import Rough

Float = NDArray[np.float64]


def places(found: Landmarks) -> Float:
    return np.array([mark.point for mark in found.points])


@pytest.mark.parametrize("kind", KINDS)
def test_landmarks_move_with_the_stone(kind: str) -> None:
    rough = make_rough(kind, seed=1, triangles=2_000)
    shift = np.array([30.0, -20.0, 5.0])
    still, far = landmarks(rough), landmarks(moved(rough, turned(3), shift.tolist()))
    assert places(far) == pytest.approx(places(still) @ turned(3).T + shift, abs=1e-6)
    assert far.distances == still.distances
    assert far.turn == pytest.approx(still.turn)


@pytest.mark.parametrize("kind", ["prism", "lump"])
def test_another_order_of_vertices_gives_the_same_landmarks(kind: str) -> None:
    rough = make_rough(kind, seed=2, triangles=2_000)
    assert places(landmarks(reordered(rough, 1))) == pytest.approx(places(landmarks(rough)))


@pytest.mark.parametrize("kind", KINDS)
def test_landmarks_are_corners_of_the_hull_with_lengths_of_their_own(kind: str) -> None:
    rough = make_rough(kind, seed=3, triangles=6_000)
    found = landmarks(rough)
    corners = rough.vertices[ConvexHull(rough.vertices).vertices]
    for mark in found.points:
        assert np.linalg.norm(corners - mark.point, axis=1).min() == 0.0
        assert np.linalg.norm(mark.outward) == pytest.approx(1.0)
    a, b, c = places(found)
    lengths = [float(np.linalg.norm(way)) for way in (a - b, b - c, c - a)]
    assert lengths == sorted(lengths, reverse=True)
    assert found.distances == pytest.approx(lengths, abs=0.05 + 1e-9)
    assert found.least_difference >= DISTINCT - 0.1
    assert found.alike == 0 or kind == "octahedron"  # too regular: it is said
    assert [mark.name for mark in found.points] == ["A", "B", "C"]


@pytest.mark.parametrize("kind", ["pebble", "prism", "broken", "slab"])
def test_landmarks_are_far_from_one_line(kind: str) -> None:
    rough = make_rough(kind, seed=1, triangles=6_000)
    found = landmarks(rough)
    a, b, c = places(found)
    height = np.linalg.norm(np.cross(b - a, c - a)) / np.linalg.norm(b - a)
    assert height > 0.35 * np.median(rough.extents)
    assert max(mark.blur for mark in found.points) <= SHARP


@pytest.mark.parametrize("kind", ["pebble", "needle", "prism"])
def test_points_misread_by_a_tenth_turn_the_stone_by_no_more_than_is_said(kind: str) -> None:
    """Each point off by 0.1 mm in any direction; the best rigid motion through them."""
    rough = make_rough(kind, seed=1, triangles=2_000)
    found = landmarks(rough)
    points = places(found)
    rng = np.random.default_rng(1)
    turns, shifts = [], []
    for _ in range(300):
        off = rng.normal(size=(3, 3))
        seen = points + MISREAD * off / np.linalg.norm(off, axis=1, keepdims=True)
        turn, _ = Rotation.align_vectors(seen - seen.mean(axis=0), points - points.mean(axis=0))
        back = turn.apply(rough.vertices - points.mean(axis=0)) + seen.mean(axis=0)
        turns.append(turn.magnitude())
        shifts.append(float(np.linalg.norm(back - rough.vertices, axis=1).max()))
    # Linearised: turns of a few degrees miss second-order terms.
    assert 0.25 * found.turn < max(turns) <= 1.01 * found.turn
    assert max(shifts) <= 1.01 * found.shift


def test_landmarks_fix_the_stone_better_than_most_corners_would() -> None:
    rough = make_rough("broken", seed=1, triangles=2_000)
    corners = rough.vertices[ConvexHull(rough.vertices).vertices]

    def lever(points: Float) -> float:
        away = points - points.mean(axis=0)
        squares = (away * away).sum() * np.eye(3) - away.T @ away
        return float(np.linalg.eigvalsh(squares)[0])

    rng = np.random.default_rng(2)
    others = [lever(corners[rng.choice(len(corners), 3, replace=False)]) for _ in range(300)]
    assert lever(places(landmarks(rough))) > np.quantile(others, 0.8)


def test_a_box_has_other_corners_with_the_same_lengths_and_it_is_counted() -> None:
    vertices, faces = np.unique(
        block([0, 0, 0], [10, 5, 4]).reshape(-1, 3), axis=0, return_inverse=True
    )
    box = Rough(name="box", vertices=vertices, faces=faces.reshape(-1, 3).astype(np.int32))
    found = landmarks(box)
    assert found.alike == 7  # the box has eight rotations and mirrors
    assert found.distances == (11.9, 10.0, 6.4) or found.least_difference >= DISTINCT


def test_noise_moves_the_landmarks_little_or_they_stay_as_well_placed() -> None:
    rough = make_rough("broken", seed=1, triangles=20_000)
    still = landmarks(rough)
    for seed in (1, 2):
        found = landmarks(with_noise(rough, seed=seed))
        assert found.turn < 1.5 * still.turn
        assert found.alike == 0

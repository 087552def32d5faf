"""Where a search begins: rotations that are such, evenly; points inside, evenly."""

import numpy as np
import pytest

from tests import oracles
from tests.bodies import Float, ball, block, turned
from yieldopt.geometry.surface import build_surface
from yieldopt.geometry.threads import Crew
from yieldopt.rough.made import KINDS, make_rough
from yieldopt.search.starts import are_inside, deep_points, points_inside, random_rotations


def drawn(triangles: Float, n: int, seed: int) -> Float:
    with Crew(2) as crew:
        surface = build_surface(triangles, 0.0)
        return points_inside(surface, n, np.random.default_rng(seed), crew)


def test_random_rotations_are_rotations() -> None:
    found = random_rotations(500, np.random.default_rng(0))
    assert found.shape == (500, 3, 3)
    for rotation in found:
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-14)
        assert np.linalg.det(rotation) == pytest.approx(1.0, abs=1e-14)


def test_random_rotations_prefer_no_direction() -> None:
    """Means of nine entries and of the trace; their spread is known for even rotations."""
    found = random_rotations(20_000, np.random.default_rng(1))
    assert np.abs(found.mean(axis=0)).max() < 5.0 / np.sqrt(3 * 20_000)
    np.testing.assert_allclose((found**2).mean(axis=0), 1.0 / 3.0, atol=0.02)
    angles = np.arccos(np.clip((np.trace(found, axis1=1, axis2=2) - 1.0) / 2.0, -1.0, 1.0))
    wanted = np.pi / 2.0 + 2.0 / np.pi  # mean of (1 - cos a) / pi over 0 to pi
    assert angles.mean() == pytest.approx(wanted, abs=0.02)


@pytest.mark.parametrize("kind", KINDS)
def test_points_of_any_rough_are_inside(kind: str) -> None:
    triangles = make_rough(kind, seed=2, triangles=800).triangles()
    points = drawn(triangles, 150, 0)
    assert points.shape == (150, 3)
    for point in points:
        assert oracles.winding(triangles, point) == pytest.approx(1.0, abs=1e-6)


def test_deep_points_are_inside_and_deeper() -> None:
    triangles = make_rough("lump", seed=1, triangles=800).triangles()
    surface = build_surface(triangles, 0.2)
    with Crew(1) as crew:
        deep = deep_points(surface, surface, 150, np.random.default_rng(0), crew)
    for point in deep:
        assert oracles.winding(triangles, point) == pytest.approx(1.0, abs=1e-6)
    usual = drawn(triangles, 150, 0)
    depths = [oracles.distance_to(triangles, points).mean() for points in (deep, usual)]
    assert depths[0] > 1.2 * depths[1]


def test_points_are_spread_evenly() -> None:
    """Eight octants of a block, and the shell of a ball: shares as their volumes."""
    points = drawn(block([-1, -2, -3], [1, 2, 3]), 4000, 1)
    octants = np.bincount((points > 0.0) @ [1, 2, 4], minlength=8)
    assert np.abs(octants - 500).max() < 120  # five and a half sigma
    radii = np.linalg.norm(drawn(ball(1.0, 3), 4000, 2), axis=1)
    assert (radii < 0.5 ** (1 / 3)).mean() == pytest.approx(0.5, abs=0.05)


def test_the_number_of_threads_changes_no_point() -> None:
    surface = build_surface(make_rough("slab", seed=1, triangles=800).triangles(), 0.0)
    found = []
    for threads in (1, 2):
        with Crew(threads) as crew:
            found.append(points_inside(surface, 100, np.random.default_rng(3), crew).tobytes())
    assert found[0] == found[1]


@pytest.mark.parametrize("motion", [0.0, 1e3])
def test_what_is_inside_is_told_far_from_the_origin_too(motion: float) -> None:
    triangles = block([-1, -1, -1], [1, 1, 1]) + motion
    points = motion + np.array([[0.0, 0.0, 0.0], [0.99, -0.99, 0.5], [1.01, 0.0, 0.0]])
    with Crew(1) as crew:
        told = are_inside(build_surface(triangles, 0.0), points, crew)
    assert told.tolist() == [True, True, False]


@pytest.mark.parametrize("spoil", ["inside out", "thin"])
def test_meshes_that_hold_nothing_are_refused(spoil: str) -> None:
    """The thin one lies across its box, of which it is a millionth."""
    triangles = block([-1, -1, -1e-6], [1, 1, 1e-6]) @ turned(1).T
    if spoil == "inside out":
        triangles = block([-1, -1, -1], [1, 1, 1])[:, ::-1]
    with pytest.raises(ValueError, match="hardly any volume"):
        drawn(np.ascontiguousarray(triangles), 20, 0)

"""Inside or outside a closed mesh: as the solid angle says."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bodies import SEEDED, SEEDS, Float, ball, block, hazards
from tests.oracles import winding
from yieldopt.geometry.surface import build_surface
from yieldopt.kernels.inside import inside_many
from yieldopt.kernels.tree import MAX_DEPTH
from yieldopt.rough.made import KINDS, make_rough

CLOSED = ("block", "ball", "pebble", "lump", "prism", "sliver")


def inside(triangles: Float, points: Float) -> list[bool]:
    tree = build_surface(triangles, 0.0).tree
    out = np.full(len(points) + 2, 7, dtype=np.uint8)
    stack = np.zeros((2 * MAX_DEPTH, 2), dtype=np.int32)
    inside_many(0, len(points) // 2, tree, stack, points, out)
    inside_many(len(points) // 2, len(points), tree, stack, points, out)
    assert set(out[:-2]) <= {0, 1}
    assert list(out[-2:]) == [7, 7]
    return [bool(hit) for hit in out[:-2]]


def strewn(triangles: Float, n: int, rng: np.random.Generator) -> Float:
    low, high = triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))
    points: Float = low + rng.uniform(-0.1, 1.1, (n, 3)) * (high - low)
    return points


@SEEDED
@given(seed=SEEDS, mesh=st.sampled_from(CLOSED))
def test_points_are_inside_where_the_solid_angle_is_whole(seed: int, mesh: str) -> None:
    rng = np.random.default_rng(seed)
    triangles = hazards(mesh, rng)
    points = strewn(triangles, 40, rng)
    wanted = [winding(triangles, point) > 0.5 for point in points]
    assert inside(triangles, points) == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_rough_of_any_kind(kind: str) -> None:
    triangles = make_rough(kind, seed=4, triangles=800).triangles()
    points = strewn(triangles, 200, np.random.default_rng(1))
    wanted = [winding(triangles, point) > 0.5 for point in points]
    assert any(wanted)
    assert not all(wanted)
    assert inside(triangles, points) == wanted


def test_a_hole_is_outside_and_a_mesh_inside_out_holds_nothing() -> None:
    shell = np.concatenate([ball(5.0, 1), ball(2.0, 1)[:, ::-1]])
    points = np.array([[0.0, 0.0, 0.0], [3.0, 0.5, 0.1], [9.0, 0.0, 0.0]])
    assert inside(shell, points) == [False, True, False]
    assert inside(ball(5.0, 1)[:, ::-1], points) == [False, False, False]


def test_two_bodies_that_share_a_place_hold_it_once() -> None:
    both = np.concatenate([block([-2, -2, -2], [1, 1, 1]), block([-1, -1, -1], [2, 2, 2])])
    points = np.array([[0.1, 0.2, 0.3], [-1.5, -1.4, -1.6], [1.7, 1.5, 1.6], [1.5, -1.5, 0.0]])
    assert inside(both, points) == [True, True, True, False]

"""Meshes for the search: the same surface in shorter triangles, or nearly so in fewer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import oracles
from tests.bodies import SEEDED, SEEDS, hazards
from yieldopt.geometry.coarse import LAST_TOLERANCE, coarse_triangles, split_triangles
from yieldopt.rough.made import KINDS, make_rough

CLOSED = ("block", "ball", "lump", "prism", "sliver")


@SEEDED
@given(seed=SEEDS, mesh=st.sampled_from(CLOSED), longest=st.sampled_from([0.3, 1.0, 5.0]))
def test_split_triangles_are_the_same_surface_without_long_edges(
    seed: int, mesh: str, longest: float
) -> None:
    triangles = hazards(mesh, np.random.default_rng(seed))
    parts = split_triangles(triangles, longest)
    edges = np.linalg.norm(parts[:, [1, 2, 0]] - parts, axis=2)
    assert edges.max() <= longest
    assert oracles.area_of(parts) == pytest.approx(oracles.area_of(triangles), rel=1e-9)
    assert oracles.volume_of(parts) == pytest.approx(oracles.volume_of(triangles), rel=1e-9)
    few = parts[:: max(1, len(parts) // 40)]
    assert oracles.distance_to(triangles, few.reshape(-1, 3)).max() < 1e-12
    # They look the same way as what they were cut from.
    normals = np.cross(few[:, 1] - few[:, 0], few[:, 2] - few[:, 0])
    old = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    old /= np.linalg.norm(old, axis=1)[:, None]
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    assert (normals @ old.T).max(axis=1).min() > 1.0 - 1e-9


def test_short_triangles_are_left_alone() -> None:
    triangles = make_rough("pebble", seed=1, triangles=1000).triangles()
    np.testing.assert_array_equal(split_triangles(triangles, 1e3), triangles)


@pytest.mark.parametrize("kind", KINDS)
def test_a_coarse_mesh_is_closed_small_and_near(kind: str) -> None:
    rough = make_rough(kind, seed=3, triangles=20_000)
    triangles = coarse_triangles(rough.vertices, rough.faces, 2000)
    extent = float(rough.extents.max())
    assert len(triangles) <= 2000
    assert oracles.open_edges(triangles) == 0
    assert oracles.volume_of(triangles) == pytest.approx(rough.volume, rel=0.02)
    # Tolerances double, so all of them together are less than twice the last.
    pick = np.random.default_rng(0).integers(len(rough.vertices), size=100)
    there = oracles.distance_to(triangles, rough.vertices[pick])
    back = oracles.distance_to(rough.triangles(), triangles.reshape(-1, 3)[::60])
    assert max(there.max(), back.max()) <= 2.0 * LAST_TOLERANCE * extent


def test_a_mesh_that_is_small_enough_is_returned_as_it_is() -> None:
    rough = make_rough("lump", seed=0, triangles=600)
    np.testing.assert_array_equal(
        coarse_triangles(rough.vertices, rough.faces, 600), rough.triangles()
    )

"""The tree: every triangle once, inside its boxes, with the least and the largest margin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bodies import MARGINS, MESHES, SEEDED, SEEDS, hazards, margins
from tests.oracles import assert_tree_holds
from yieldopt.geometry.surface import build_surface
from yieldopt.kernels.tree import LEAF_SIZE, MAX_DEPTH
from yieldopt.rough.made import KINDS, make_rough


@SEEDED
@given(seed=SEEDS, mesh=st.sampled_from(MESHES), margin=st.sampled_from(MARGINS))
def test_a_tree_over_any_hazards_holds(seed: int, mesh: str, margin: str) -> None:
    rng = np.random.default_rng(seed)
    triangles = hazards(mesh, rng)
    keep = margins(margin, len(triangles), rng)
    assert_tree_holds(build_surface(triangles, keep).tree, triangles, keep)


@pytest.mark.parametrize("kind", KINDS)
def test_a_tree_over_a_rough_of_any_kind_holds(kind: str) -> None:
    triangles = make_rough(kind, seed=2, triangles=3000).triangles()
    keep = margins("mixed", len(triangles), np.random.default_rng(0))
    assert_tree_holds(build_surface(triangles, keep).tree, triangles, keep)


@SEEDED
@given(seed=SEEDS, n=st.integers(1, 40), places=st.integers(1, 3))
def test_triangles_on_top_of_each_other_make_a_tree_too(seed: int, n: int, places: int) -> None:
    """Equal centres cannot be split by any plane."""
    rng = np.random.default_rng(seed)
    triangles = rng.integers(-1, 2, (places, 3, 3)).astype(float)[rng.integers(places, size=n)]
    keep = margins("mixed", n, rng)
    assert_tree_holds(build_surface(triangles, keep).tree, triangles, keep)


def test_sizes_that_grow_without_end_do_not_make_the_tree_too_deep() -> None:
    """Halves of halves: each split by area takes one triangle off, until depth says stop."""
    size = 0.5 ** np.arange(300.0)
    corners = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    triangles = size[:, None, None] * corners
    keep = np.zeros(300)
    tree = build_surface(triangles, keep).tree
    assert_tree_holds(tree, triangles, keep)
    depth = {0: 1}
    for node, child in enumerate(tree.places[:, 0]):  # children stand after their parent
        if child >= 0:
            depth[child] = depth[child + 1] = depth[node] + 1
    assert max(depth.values()) <= MAX_DEPTH


def test_leaves_of_a_usual_rough_are_small() -> None:
    tree = build_surface(make_rough("pebble", seed=1, triangles=2000).triangles(), 0.0).tree
    assert tree.places[tree.places[:, 0] < 0, 2].max() <= LEAF_SIZE


def test_no_triangles_are_refused() -> None:
    with pytest.raises(ValueError, match="none"):
        build_surface(np.zeros((0, 3, 3)), 0.0)


def test_what_is_no_number_is_refused() -> None:
    triangles = np.zeros((1, 3, 3))
    triangles[0, 1, 1] = np.nan
    with pytest.raises(ValueError, match="finite"):
        build_surface(triangles, 0.0)


def test_the_tree_cannot_be_written_to() -> None:
    tree = build_surface(hazards("block", np.random.default_rng(0)), 0.2).tree
    assert not any(array.flags.writeable for array in tree)

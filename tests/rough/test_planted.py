"""Planted roughs: the preform is inside, and by no more than a hair."""

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.rough.mending.skin import defects_of
from yieldopt.rough.planted import PLANTED_KINDS, planted_rough
from yieldopt.rough.rough import Rough

SEEDS = (0, 1, 2, 3)


def gem(sides: int = 16) -> Float:
    """Return the corners of a simple cut: a ring of girdle, a table, a culet; 12 mm wide."""
    turn = 2.0 * np.pi * np.arange(sides) / sides
    ring = np.column_stack([6.0 * np.cos(turn), 6.0 * np.sin(turn), 0.0 * turn])
    table = np.column_stack([3.3 * np.cos(turn), 3.3 * np.sin(turn), 0.0 * turn + 2.0])
    edge = np.array([0.0, 0.0, 0.2])
    return np.concatenate([ring + edge, ring - edge, table, [[0.0, 0.0, -5.0]]])


def excess(rough: Rough, rotation: Float, translation: Float, preform: Float) -> Float:
    """Return how far each triangle of the rough stays outside the preform's best facet, (k,) mm."""
    equations = ConvexHull(preform).equations
    back = (rough.vertices - translation) @ rotation
    heights = back @ equations[:, :3].T + equations[:, 3]
    best: Float = heights[rough.faces].min(axis=1).max(axis=1)
    return best


def box() -> Float:
    """Return the corners of a plain box that does not hold 0."""
    return np.array([(x, y, z) for x in (3.0, 12.0) for y in (1.0, 8.0) for z in (2.0, 6.0)])


@pytest.mark.parametrize("kind", PLANTED_KINDS)
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("preform", [gem(), box()], ids=["gem", "box"])
class TestPlanted:
    def test_no_triangle_enters_the_preform(self, kind: str, seed: int, preform: Float) -> None:
        rough, rotation, translation = planted_rough(preform, kind=kind, seed=seed, triangles=4000)
        outside = excess(rough, rotation, translation, preform)
        assert outside.min() >= 0.0
        if kind == "hull":
            assert outside.max() <= 1e-9

    def test_it_is_closed_and_of_about_the_size_asked_for(
        self, kind: str, seed: int, preform: Float
    ) -> None:
        rough, _, _ = planted_rough(preform, kind=kind, seed=seed, triangles=4000)
        assert defects_of(rough.vertices, rough.faces.astype(np.int64)) == []
        assert rough.volume > 0.0
        assert len(rough.faces) == pytest.approx(4000, rel=0.1)

    def test_the_pose_is_a_rigid_motion(self, kind: str, seed: int, preform: Float) -> None:
        _, rotation, translation = planted_rough(preform, kind=kind, seed=seed, triangles=1000)
        assert rotation @ rotation.T == pytest.approx(np.eye(3), abs=1e-14)
        assert np.linalg.det(rotation) == pytest.approx(1.0)
        assert np.abs(translation).max() <= 10.0

    def test_the_same_seed_gives_the_same_rough(self, kind: str, seed: int, preform: Float) -> None:
        one, other = (
            planted_rough(preform, kind=kind, seed=seed, triangles=1000) for _ in range(2)
        )
        assert one[0].sha256 == other[0].sha256
        assert np.array_equal(one[1], other[1])
        assert np.array_equal(one[2], other[2])


@pytest.mark.parametrize("seed", SEEDS)
def test_a_hull_has_the_volume_of_its_preform_so_that_nothing_larger_fits(seed: int) -> None:
    rough, _, _ = planted_rough(gem(), kind="hull", seed=seed, triangles=4000)
    assert rough.volume == pytest.approx(ConvexHull(gem()).volume, rel=1e-9)


@pytest.mark.parametrize("seed", SEEDS)
def test_lumps_make_it_concave_and_add_little(seed: int) -> None:
    rough, _, _ = planted_rough(gem(), kind="lumps", seed=seed, triangles=8000)
    preform = ConvexHull(gem()).volume
    assert 1.002 * preform < rough.volume < 1.2 * preform
    assert rough.volume < 0.98 * ConvexHull(rough.vertices).volume


def test_seeds_differ_in_pose() -> None:
    turns = [planted_rough(box(), kind="hull", seed=seed, triangles=500)[1] for seed in SEEDS]
    assert all(np.abs(turns[0] - turn).max() > 0.01 for turn in turns[1:])


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(InputError, match="'moss' is not known; say one of hull, lumps"):
        planted_rough(box(), kind="moss", seed=0, triangles=500)

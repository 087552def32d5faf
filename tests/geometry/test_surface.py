"""The typed front of the query: the scale, and the caller's own number of the triangle."""

import numpy as np
import pytest

from tests import oracles
from tests.bodies import block, gem_planes, prism_planes, turned
from tests.oracles import Gem
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import build_surface, scale_at


def test_the_triangle_in_the_way_has_the_callers_number() -> None:
    """A cube near the face x = 3 of a long box: its triangles are 2 and 3."""
    triangles = block([-9.0, -9.0, -9.0], [3.0, 9.0, 9.0])
    surface = build_surface(triangles, 0.5)
    assert surface.n_triangles == 12
    pose = Pose(rotation=np.eye(3), translation=np.array([1.0, 0.0, 0.0]))
    scale, at = scale_at(surface, *prism_planes(4), pose)
    assert scale == pytest.approx(1.5)  # 3 - 1 - the margin of 0.5
    assert (triangles[at][:, 0] == 3.0).all()


@pytest.mark.parametrize("seed", range(6))
def test_it_answers_as_all_triangles_do_one_by_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    triangles = block(-rng.uniform(3, 5, 3), rng.uniform(3, 5, 3))
    keep = rng.choice([0.0, 0.2, 0.4], 12)
    gem = Gem(*gem_planes("oval", rng), turned(seed), rng.uniform(-1.0, 1.0, 3))
    pose = Pose(rotation=gem.rotation, translation=gem.translation)
    scale, at = scale_at(build_surface(triangles, keep), gem.normals, gem.offsets, pose)
    each = oracles.triangle_scales(gem, triangles, keep)
    assert scale == pytest.approx(each.min(), rel=1e-9)
    assert each[at] == pytest.approx(scale, rel=1e-9)


def test_read_only_and_writable_half_spaces_are_alike() -> None:
    """Kernels see them as two types; the front takes either."""
    triangles = block([-3.0, -3.0, -3.0], [3.0, 3.0, 3.0])
    normals, offsets = prism_planes(6)
    pose = Pose(rotation=turned(1), translation=np.zeros(3))
    surface = build_surface(triangles, 0.0)
    first = scale_at(surface, normals, offsets, pose)
    normals.setflags(write=False)
    offsets.setflags(write=False)
    assert scale_at(surface, normals, offsets, pose) == first

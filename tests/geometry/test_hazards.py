"""Hazards of several classes in one tree, each with its own margin."""

import numpy as np
import pytest

from tests.bodies import block, family_planes, prism_planes, turned
from yieldopt.geometry.hazards import Hazard, half_space, surface_of
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import build_surface, scale_at
from yieldopt.geometry.threads import Crew
from yieldopt.search.starts import are_inside

LOW, HIGH = np.array([-5.0, -6.0, -7.0]), np.array([5.0, 6.0, 7.0])
SKIN = Hazard(name="skin", triangles=block(LOW, HIGH), margin=0.2)


def test_each_class_keeps_its_own_margin() -> None:
    """A cube at the origin: 5 mm to the skin less 0.2, 3 mm to a flaw less 0.5."""
    flaw = Hazard(name="flaw", triangles=block([3, -1, -1], [4, 1, 1]), margin=0.5)
    pose = Pose(rotation=np.eye(3), translation=np.zeros(3))
    assert scale_at(surface_of([SKIN]), *prism_planes(4), pose)[0] == pytest.approx(4.8)
    scale, at = scale_at(surface_of([SKIN, flaw]), *prism_planes(4), pose)
    assert scale == pytest.approx(2.5)
    assert at >= 12  # numbered on from hazard to hazard


@pytest.mark.parametrize("seed", range(8))
def test_a_half_space_lets_a_gem_grow_until_its_preform_touches_the_plane(seed: int) -> None:
    """The support of the mitred preform towards the plane is the exact answer."""
    rng = np.random.default_rng(seed)
    normals, offsets = family_planes("oval", rng)
    pose = Pose(rotation=turned(seed), translation=rng.uniform(-1.0, 1.0, 3))
    way = rng.normal(size=3)
    way /= np.linalg.norm(way)
    offset, margin = float(way @ pose.translation) + rng.uniform(0.5, 2.5), 0.35
    face = half_space(way, offset, margin, low=LOW, high=HIGH, name="saw step 1")
    scale, _ = scale_at(surface_of([face]), normals, offsets, pose)
    turned_normals, moved = pose.planes(normals, scale * offsets)
    preform = polytope_from_planes(turned_normals, moved + margin)
    assert (preform.vertices @ way).max() == pytest.approx(offset, abs=1e-9)


@pytest.mark.parametrize("seed", range(8))
def test_the_block_behind_a_plane_holds_the_far_side_of_the_box(seed: int) -> None:
    rng = np.random.default_rng(seed)
    way = rng.normal(size=3)
    way /= np.linalg.norm(way)
    offset = rng.uniform(-12.0, 12.0)  # some miss the box on either side
    face = half_space(way, offset, 0.3, low=LOW, high=HIGH, name="saw step 1")
    assert face.solid is not None
    points = LOW + rng.random((500, 3)) * (HIGH - LOW)
    with Crew(1) as crew:
        told = are_inside(build_surface(face.solid, 0.0), points, crew)
    assert (told == (points @ way > offset)).all()

"""Plans improved: never worse, on their own side of every plane, the same on all threads."""

from collections.abc import Iterator

import numpy as np
import pytest

from tests.bodies import block, turned
from tests.search.several.made import box, problem_of, site_of, workshop_of
from yieldopt.geometry.hazards import Hazard, half_space, surface_of
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import scale_at
from yieldopt.geometry.threads import Crew
from yieldopt.search.problem import Problem
from yieldopt.search.several.candidates import Candidates, candidates_of, offsets_of
from yieldopt.search.several.joint import Workshop, weigh

SIZE = np.array([14.0, 7.0, 6.0])
KERF = 0.4


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with Crew(1) as own:
        yield own


@pytest.fixture(scope="module")
def problem() -> Problem:
    return problem_of(box(*SIZE), "round,emerald", fixed=False, limits={"allowance": 0.2})


@pytest.fixture(scope="module")
def workshop(problem: Problem, crew: Crew) -> Workshop:
    return workshop_of(problem, site_of(problem), crew)


def random_plans(workshop: Workshop, seed: int, c: int) -> Candidates:
    """Return plans of three stones in a row and two oblique planes, the second below the first."""
    rng = np.random.default_rng(seed)
    cut = rng.integers(0, len(workshop.cuts), (c, 3))
    share = rng.uniform(0.2, 0.8, (c, 3, workshop.low.shape[1]))
    normals = np.eye(3)[0] + 0.3 * rng.normal(size=(c, 2, 3))
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    side = np.array([[1, 0], [-1, 1], [-1, -1]])
    return candidates_of(
        cut,
        np.array([turned(seed * 1000 + i) for i in range(3 * c)]).reshape(c, 3, 3, 3),
        0.1 * SIZE * rng.uniform(-1, 1, (c, 3, 3)) + [[4.7, 0, 0], [0, 0, 0], [-4.7, 0, 0]],
        workshop.low[cut] + share * (workshop.high[cut] - workshop.low[cut]),
        normals,
        np.array([2.3, -2.3]) + rng.uniform(-0.3, 0.3, (c, 2)),
        np.tile(side, (c, 1, 1)),
        np.full((c, 2), KERF),
    )


def scale_beside(problem: Problem, workshop: Workshop, own: Candidates, slot: int) -> float:
    """Return the scale of a stone with the saw's faces as half-spaces among the hazards."""
    half, limits = 0.5 * SIZE, problem.limits
    skin = Hazard(name="skin", triangles=block(-half, half), margin=limits.skin_margin)
    hazards = [skin]
    c, g = slot // own.n, int(own.cut.ravel()[slot])
    for k in np.flatnonzero(own.side[slot]):
        normal = -own.frames[c, k, :3] * own.side[slot, k]
        offset = -float(offsets_of(own)[c, k] * own.side[slot, k])
        margin = 0.5 * float(own.kerf[c, k]) + limits.allowance
        hazards.append(half_space(normal, offset, margin, low=-half, high=half, name="saw"))
    normals, offsets = workshop.cuts[g].planes(own.theta[slot : slot + 1, : workshop.p_of[g]])
    pose = Pose(rotation=own.rotation[slot], translation=own.translation[slot])
    return scale_at(surface_of(hazards), normals[0], offsets[0], pose)[0]


def test_new_plans_are_weighed_beside_whole_planes(problem: Problem, workshop: Workshop) -> None:
    """Not beside the one point that a plane without axes is."""
    own = random_plans(workshop, 1, 8)
    weigh(workshop, own)
    wanted = [scale_beside(problem, workshop, own, slot) for slot in range(24)]
    np.testing.assert_allclose(own.scale, wanted, rtol=1e-9)

"""Plans improved: never worse, on their own side of every plane, the same on all threads."""

from collections.abc import Iterator
from dataclasses import fields

import numpy as np
import pytest

from tests.bodies import Float, block, turned
from tests.search.several.made import box, problem_of, site_of, workshop_of
from yieldopt.geometry.hazards import Hazard, half_space, surface_of
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import scale_at
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.joint import LOCKED, SHIFTS
from yieldopt.search.problem import Problem
from yieldopt.search.several.candidates import (
    Candidates,
    candidates_of,
    copied,
    offsets_of,
    picked,
)
from yieldopt.search.several.joint import (
    Workshop,
    _merit,
    are_wide_enough,
    improve,
    weigh,
    worth_of,
)

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
    cut = rng.integers(0, workshop.n_made, (c, 3))
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


def feasible(workshop: Workshop, seed: int, c: int) -> Candidates:
    """Return plans that hold, weighed, each stone with some size."""
    own = random_plans(workshop, seed, c)
    weigh(workshop, own)
    out = picked(own, np.flatnonzero(np.isfinite(worth_of(workshop, own))))
    assert len(out) > c // 3
    return out


def assert_apart(problem: Problem, workshop: Workshop, own: Candidates) -> None:
    """Assert that preforms grown by half the kerf keep to their sides and to the rough.

    Corners of half-spaces moved out, plane by plane: nothing of the search is asked.
    """
    for slot in range(len(own.scale)):
        c, g = slot // own.n, int(own.cut.ravel()[slot])
        normals, offsets = workshop.cuts[g].planes(own.theta[slot : slot + 1, : workshop.p_of[g]])
        limits = problem.limits

        def corners(
            margin: float, slot: int = slot, normals: Float = normals, offsets: Float = offsets
        ) -> Float:
            body = polytope_from_planes(normals[0], offsets[0] * own.scale[slot] + margin)
            placed: Float = body.vertices @ own.rotation[slot].T + own.translation[slot]
            return placed

        rooms = [float((0.5 * SIZE - np.abs(corners(limits.skin_margin))).min())]
        for k in np.flatnonzero(own.side[slot]):
            margin = 0.5 * float(own.kerf[c, k]) + limits.allowance
            along = corners(margin) @ own.frames[c, k, :3] - offsets_of(own)[c, k]
            rooms.append(float((along * own.side[slot, k]).min()))
        assert min(rooms) >= -1e-9
        assert min(rooms) <= 1e-9  # and no stone is smaller than it might be


def test_improved_plans_are_worth_more_and_keep_to_their_planes(
    problem: Problem, workshop: Workshop
) -> None:
    own = feasible(workshop, 2, 6)
    before = worth_of(workshop, own)
    assert_apart(problem, workshop, own)
    evaluations = improve(workshop, own, steps=12)
    after = worth_of(workshop, own)
    assert (after >= before).all()
    assert after.sum() > 1.3 * before.sum()
    assert 0 < evaluations <= 12 * len(own) * 3
    assert_apart(problem, workshop, own)


def test_no_step_lowers_the_merit(workshop: Workshop) -> None:
    """The worth, and what it costs to fall short of a wanted size or of the least width."""
    own = feasible(workshop, 3, 6)
    own.floor[::2, 1] = 1.3 * own.volumes[::2, 1]
    merit = _merit(workshop, own)
    for _ in range(8):
        improve(workshop, own, steps=1)
        now = _merit(workshop, own)
        assert (now >= merit).all()
        merit = now


def test_a_wanted_size_is_reached_at_the_cost_of_the_others(workshop: Workshop) -> None:
    own = feasible(workshop, 2, 6)
    improve(workshop, own, steps=25)
    asked = copied(own)
    asked.trust[:] = 0.12
    asked.floor[:, 1] = 1.1 * own.volumes[:, 1]
    improve(workshop, asked, steps=25)
    met = asked.volumes[:, 1] >= asked.floor[:, 1] * (1.0 - 1e-3)
    assert met.sum() >= len(own) // 2


def test_the_same_plans_come_of_one_thread_and_of_two(problem: Problem) -> None:
    found = []
    for threads in (1, 2):
        with Crew(threads) as crew:
            shop = workshop_of(problem, site_of(problem), crew)
            own = random_plans(shop, 4, 5)
            weigh(shop, own)
            improve(shop, own, steps=6)
            found.append(own)
    for field in fields(Candidates):
        one, two = (getattr(own, field.name) for own in found)
        assert one.tobytes() == two.tobytes(), field.name


def with_locked(workshop: Workshop) -> Candidates:
    """Return plans: a first stone (a hair smaller than may be) and a second plane are locked."""
    own = feasible(workshop, 5, 6)
    own.held[::3], own.contact[::3] = own.scale[::3] * (1.0 - 1e-6), -1
    own.plane_free[:, 1] = LOCKED
    weigh(workshop, own)
    assert np.isfinite(worth_of(workshop, own)).all()
    return own


def test_a_locked_stone_and_a_locked_plane_stay(workshop: Workshop) -> None:
    own = with_locked(workshop)
    kept = copied(own)
    improve(workshop, own, steps=10)
    for name in ("rotation", "translation", "theta", "scale"):
        one, two = (getattr(plans, name)[::3] for plans in (own, kept))
        np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(own.frames[:, 1, :3], kept.frames[:, 1, :3])
    np.testing.assert_allclose(offsets_of(own)[:, 1], offsets_of(kept)[:, 1], atol=1e-12)


def test_a_plane_that_touches_a_locked_stone_does_not_stop_the_others(workshop: Workshop) -> None:
    """What the program leaves of rounding, 1e-9 of a width, is no cut into the stone."""
    own = with_locked(workshop)
    before = worth_of(workshop, own)
    improve(workshop, own, steps=10)
    assert (worth_of(workshop, own) > 1.02 * before).sum() >= len(own) - 1


def test_planes_that_shift_keep_their_directions_to_the_bit(
    problem: Problem, workshop: Workshop
) -> None:
    own = feasible(workshop, 6, 6)
    own.plane_free[:] = SHIFTS
    normals, offsets = own.frames[:, :, :3].copy(), offsets_of(own)
    improve(workshop, own, steps=10)
    assert own.frames[:, :, :3].tobytes() == normals.tobytes()
    assert np.abs(offsets_of(own) - offsets).max() > 0.01
    assert_apart(problem, workshop, own)


def test_planes_stay_where_they_may_stand(problem: Problem, crew: Crew) -> None:
    """A cleavage across the row of stones: no plane comes within 20 degrees of it."""
    limits = {"allowance": 0.2, "saw_off_cleavage": np.radians(20.0)}
    axes = {"cleavage": np.array([1.0, 0.5, 0.0]) / 1.25**0.5}
    kept_off = problem_of(problem.rough, "round,emerald", fixed=False, limits=limits, axes=axes)
    shop = workshop_of(kept_off, site_of(kept_off), crew)
    own = feasible(shop, 7, 12)
    near = np.arccos(np.minimum(np.abs(own.frames[:, :, :3] @ axes["cleavage"]), 1.0))
    own = picked(own, np.flatnonzero((near >= np.radians(20.0)).all(axis=1)))
    assert len(own) >= 2
    improve(shop, own, steps=12)
    near = np.arccos(np.abs(own.frames[:, :, :3] @ axes["cleavage"]))
    assert (near >= np.radians(20.0) - 1e-9).all()


def test_a_plan_whose_stone_is_on_the_wrong_side_is_worth_nothing(workshop: Workshop) -> None:
    own = feasible(workshop, 8, 4)
    own.side[0] *= -1
    weigh(workshop, own)
    assert worth_of(workshop, own)[0] == -np.inf
    assert not are_wide_enough(workshop, own)[0]
    assert np.isfinite(worth_of(workshop, own)[1:]).all()

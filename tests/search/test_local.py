"""Local improvement: no start ever loses, and what it says of each is the exact truth."""

import numpy as np
import pytest

from tests import oracles
from tests.oracles import Gem
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.coarse import split_triangles
from yieldopt.geometry.surface import Surface, build_surface
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.batch import Starts
from yieldopt.rough.made import make_rough
from yieldopt.search.local import Ground, improve, new_starts, picked, prepare_ground, weights
from yieldopt.search.starts import points_inside, random_rotations


def surface_of(kind: str, margin: float = 0.2) -> Surface:
    rough = make_rough(kind, seed=1, triangles=800)
    return build_surface(split_triangles(rough.triangles(), 0.1 * rough.extents.max()), margin)


def some_starts(ground: Ground, n: int) -> Starts:
    rng = np.random.default_rng(0)
    theta = rng.uniform(ground.low, ground.high, (n, len(ground.low)))
    places = points_inside(ground.surface, n, rng, ground.crew)
    return new_starts(ground, random_rotations(n, rng), places, theta)


def assert_true(ground: Ground, starts: Starts) -> None:
    """Assert that each start's pose is a rotation inside, its scale and volume exact."""
    tree = ground.surface.tree
    triangles = tree.corners.reshape(-1, 3, 3)
    for i, (normals, offsets) in enumerate(zip(*ground.cut.planes(starts.theta), strict=True)):
        rotation, place = starts.rotation[i], starts.translation[i]
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-13)
        assert np.linalg.det(rotation) > 0.0
        assert oracles.winding(triangles, place) == pytest.approx(1.0, abs=1e-6)
        assert (starts.theta[i] >= ground.low).all()
        assert (starts.theta[i] <= ground.high).all()
        gem = Gem(normals, offsets, rotation, place)
        wanted = oracles.largest_scale_of_many(gem, triangles, tree.keep)
        assert starts.scale[i] == pytest.approx(wanted, rel=1e-9, abs=1e-9)
        volume = oracles.solid_of(normals, offsets, np.zeros(3)).volume
        assert starts.volume[i] == pytest.approx(volume, rel=1e-9)


@pytest.mark.parametrize(
    ("kind", "name", "proportions"),
    [
        ("pebble", "round", "free"),
        ("lump", "emerald", "free"),
        ("slab", "round", "free"),
        ("needle", "oval", "free"),
        ("prism", "round", "fixed"),
    ],
)
def test_no_step_loses_weight_and_every_scale_is_exact(
    kind: str, name: str, proportions: str
) -> None:
    (cut,) = cuts_named(name, proportions=proportions)
    with Crew(2) as crew:
        ground = prepare_ground(surface_of(kind), cut, crew)
        starts = some_starts(ground, 60)
        before = weights(starts)
        first = before.copy()
        for _ in range(12):
            improve(ground, starts, steps=1)
            after = weights(starts)
            assert (after >= before).all()
            before = after
        fits = first > 0.0
        assert fits.sum() > 5
        assert before[fits].sum() > 1.2 * first[fits].sum()
        assert_true(ground, picked(starts, np.argsort(-before)[:12]))
        # Those that fit nowhere are left as they were.
        assert (before[~fits] == 0.0).all()


def test_steps_at_once_or_one_by_one_come_to_the_same() -> None:
    (cut,) = cuts_named("round")
    with Crew(1) as crew:
        ground = prepare_ground(surface_of("lump"), cut, crew)
        once, single = some_starts(ground, 10), some_starts(ground, 10)
        improve(ground, once, steps=3)
        for _ in range(3):
            improve(ground, single, steps=1)
        np.testing.assert_array_equal(weights(once), weights(single))


def test_the_number_of_threads_changes_no_bit() -> None:
    (cut,) = cuts_named("emerald")
    found = []
    for threads in (1, 2, 3):
        with Crew(threads) as crew:
            ground = prepare_ground(surface_of("broken"), cut, crew)
            starts = some_starts(ground, 40)
            improve(ground, starts, steps=5)
            found.append([field.tobytes() for field in starts])
    assert found[0] == found[1] == found[2]


def test_improvement_stops_when_told() -> None:
    (cut,) = cuts_named("round")
    with Crew(1) as crew:
        ground = prepare_ground(surface_of("pebble"), cut, crew)
        starts = some_starts(ground, 5)
        before = weights(starts)
        assert improve(ground, starts, steps=9, stop=lambda: True) == 0
        np.testing.assert_array_equal(weights(starts), before)
        moving = int((before > 0.0).sum())
        assert improve(ground, starts, steps=1) == moving


def test_starts_that_have_settled_cost_nothing_more() -> None:
    (cut,) = cuts_named("round", proportions="fixed")
    with Crew(1) as crew:
        ground = prepare_ground(surface_of("octahedron"), cut, crew)
        starts = some_starts(ground, 8)
        spent = improve(ground, starts, steps=400)
        assert 0 < spent < 8 * 400
        assert_true(ground, starts)

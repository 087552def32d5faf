"""A pool of gems: as large as the rough lets them be, and what planes leave of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
from scipy.spatial import HalfspaceIntersection

from tests.bodies import Float, turned
from tests.search.several.made import box, problem_of, site_of, workshop_of
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import scale_at
from yieldopt.geometry.threads import Crew
from yieldopt.search.problem import Problem
from yieldopt.search.several.candidates import Candidates, offsets_of
from yieldopt.search.several.grow import (
    Sprouts,
    add_beside,
    add_triples,
    no_sprouts,
    split_leaf,
    stems_of,
    whole_rough,
)
from yieldopt.search.several.joint import Workshop, weigh, worth_of
from yieldopt.search.several.normals import spread_directions
from yieldopt.search.several.pool import (
    MITRE,
    Survey,
    best_sides,
    make_pool,
    pool_of,
    sizes_between,
    survey,
    with_more,
)
from yieldopt.search.site import Site

KERF = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    problem: Problem
    site: Site
    workshop: Workshop
    look: Survey


def room_of(crew: Crew, *, samples: int = 160, **limits: float) -> Room:
    """Return a pool in a box, and planes across it."""
    problem = problem_of(box(14, 7, 6), "round,emerald", fixed=False, limits=limits)
    site = site_of(problem)
    workshop = workshop_of(problem, site, crew)
    pool = make_pool(site, workshop, samples, np.random.default_rng(0), crew)
    look = survey(pool, problem.rough.vertices, spread_directions(9), 5)
    return Room(problem=problem, site=site, workshop=workshop, look=look)


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    with Crew(1) as own:
        yield own


@pytest.fixture(scope="module")
def room(crew: Crew) -> Room:
    return room_of(crew, allowance=0.2)


@pytest.fixture(scope="module")
def bare(crew: Crew) -> Room:
    """Without allowance or kerf a pool's arithmetic is exact."""
    return room_of(crew, allowance=0.0)


def corners_of(room: Room, e: int) -> Float:
    """Return the corners (k, 3) of a gem of the pool at unit width, turned, about its centre."""
    pool = room.look.pool
    cut = room.workshop.cuts[int(pool.cut[e])]
    normals, offsets = cut.planes(pool.theta[e : e + 1, : len(cut.proportions)])
    corners = corners_between(normals[0].tobytes(), offsets[0].tobytes())
    out: Float = corners @ pool.rotation[e].T
    return out


@cache
def corners_between(normals: bytes, offsets: bytes) -> Float:
    """Return where half-spaces (m, 3), (m,) meet, as numbers in bytes: by scipy, once a shape."""
    planes = np.column_stack([np.frombuffer(normals).reshape(-1, 3), -np.frombuffer(offsets)])
    return HalfspaceIntersection(planes, np.zeros(3)).intersections


def test_every_gem_is_as_wide_as_the_rough_lets_it_be(room: Room) -> None:
    pool, workshop = room.look.pool, room.workshop
    assert len(pool) > 100
    assert set(pool.cut) == {0, 1}
    for e in range(0, len(pool), 7):
        g = int(pool.cut[e])
        theta = pool.theta[e, : workshop.p_of[g]]
        normals, offsets = (a[0] for a in workshop.cuts[g].planes(theta[None]))
        pose = Pose(rotation=pool.rotation[e], translation=pool.translation[e])
        wanted, _ = scale_at(room.site.coarse, normals, offsets, pose)
        assert pool.scale[e] == pytest.approx(wanted, rel=1e-9)
        assert pool.scale[e] >= workshop.least[g]
        volume = workshop.cuts[g].design(theta, 1.0).solid.volume
        assert pool.volume[e] == pytest.approx(volume, rel=1e-9)


def test_reaches_are_those_of_the_corners(room: Room) -> None:
    look = room.look
    assert look.along.shape == look.up.shape == (9, len(look.pool))
    for e in range(0, len(look.pool), 11):
        reach = look.directions @ corners_of(room, e).T
        np.testing.assert_allclose(look.up[:, e], reach.max(axis=1), rtol=1e-12)
        np.testing.assert_allclose(look.down[:, e], -reach.min(axis=1), rtol=1e-12)
        np.testing.assert_allclose(
            look.along[:, e], look.directions @ look.pool.translation[e], atol=1e-12
        )


def width_among(room: Room, e: int, planes: list[tuple[Float, float, int, float]]) -> float:
    """Return how wide a gem may be among planes (normal, offset, side, margin), by its corners."""
    width = float(room.look.pool.scale[e])
    for normal, offset, side, margin in planes:
        room_there = side * (normal @ room.look.pool.translation[e] - offset) - margin
        reach = float((-side * corners_of(room, e) @ normal).max())
        width = min(width, max(room_there, 0.0) / reach)
    return width


def test_sizes_between_planes_are_those_of_the_corners(room: Room) -> None:
    look = room.look
    normals, offsets = look.directions[:2], np.array([1.0, -0.5])
    sides, margins = np.array([1, -1]), np.array([0.3, 0.1])
    found = sizes_between(look.pool, normals, offsets, sides, margins)
    every = list(zip(normals, offsets, sides, margins, strict=True))
    for e in range(0, len(look.pool), 5):
        assert found[e] == pytest.approx(width_among(room, e, every), rel=1e-12, abs=1e-12)
    none = sizes_between(look.pool, normals[:0], offsets[:0], sides[:0], margins[:0])
    np.testing.assert_array_equal(none, look.pool.scale)


def best_pairs(room: Room, kerf: float) -> dict[tuple[int, int], float]:
    """Return for each plane what the best gem above and the best below it are worth together."""
    look, worths = room.look, room.workshop.worths
    margin = 0.5 * kerf + MITRE * room.workshop.allowance
    out = {}
    for d, o in np.ndindex(*look.offsets.shape):
        best = [-np.inf, -np.inf]
        for e in range(len(look.pool)):
            g = look.pool.cut[e : e + 1]
            for at, side in enumerate((1, -1)):
                plane = (look.directions[d], float(look.offsets[d, o]), side, margin)
                width = width_among(room, e, [plane])
                if width >= room.workshop.least[g[0]]:
                    volume = look.pool.volume[e : e + 1] * width**3
                    best[at] = max(best[at], float(worths.values(g, volume)[0]))
        out[d, o] = best[0] + best[1]
    return out


def test_a_split_promises_what_the_best_gems_of_either_side_are_worth(crew: Crew) -> None:
    room = room_of(crew, samples=40, allowance=0.2)
    pairs = best_pairs(room, KERF)
    sprouts = no_sprouts()
    whole = whole_rough(room.look.pool.theta.shape[1])
    split_leaf(sprouts, room.look, room.workshop, whole, 0, KERF, most=100)
    assert max(sprouts.promise) == pytest.approx(max(pairs.values()), rel=1e-9)
    for promise, normal, offset in zip(
        sprouts.promise, sprouts.normals, sprouts.offsets, strict=True
    ):
        (d,) = np.flatnonzero((room.look.directions == normal[0]).all(axis=1))
        (o,) = np.flatnonzero(room.look.offsets[d] == offset[0])
        assert promise == pytest.approx(pairs[int(d), int(o)], rel=1e-9)


def promised(sprouts: Sprouts, found: Candidates) -> Float:
    """Return what each of the plans promised: the one with its planes and its stones."""
    out = []
    for c in range(len(found)):
        spots = found.translation.reshape(len(found), found.n, 3)[c]
        (own,) = {
            sprouts.promise[i]
            for i in range(len(sprouts.promise))
            if np.array_equal(sprouts.normals[i], found.frames[c, :, :3])
            and np.allclose(sprouts.offsets[i], offsets_of(found)[c], atol=1e-12)
            and np.array_equal(sprouts.translation[i], spots)
        }
        out.append(own)
    return np.array(out)


def assert_kept(room: Room, sprouts: Sprouts, found: Candidates) -> None:
    """Assert that plans are worth what they promised, by the exact query beside their planes."""
    promise = promised(sprouts, found)
    assert (np.diff(promise) <= 0.0).all()
    weigh(room.workshop, found)
    np.testing.assert_allclose(worth_of(room.workshop, found), promise, rtol=1e-9)


def test_without_margins_a_split_is_worth_what_it_promises(bare: Room) -> None:
    """Weighed by the exact query, its plane as triangles in the way."""
    sprouts = no_sprouts()
    whole = whole_rough(bare.look.pool.theta.shape[1])
    split_leaf(sprouts, bare.look, bare.workshop, whole, 0, 0.0, most=6)
    found = sprouts.best(6)
    assert found is not None
    assert (found.n, found.t) == (2, 1)
    assert promised(sprouts, found)[0] == max(sprouts.promise)
    assert_kept(bare, sprouts, found)


def test_a_leaf_sawn_again_is_worth_what_it_promises(bare: Room) -> None:
    """Either in two new stones, or with one beside the leaf's own, which is as it was."""
    sprouts = no_sprouts()
    whole = whole_rough(bare.look.pool.theta.shape[1])
    split_leaf(sprouts, bare.look, bare.workshop, whole, 0, 0.0, most=1)
    found = sprouts.best(1)
    assert found is not None
    weigh(bare.workshop, found)
    (stem,) = stems_of(bare.workshop, found)
    for way in (split_leaf, add_beside):
        for leaf in range(2):
            more = no_sprouts()
            way(more, bare.look, bare.workshop, stem, leaf, 0.0, most=4)
            three = more.best(4)
            assert three is not None
            assert (three.n, three.t) == (3, 2)
            assert_kept(bare, more, three)
            for c in range(len(three)):  # the other leaf's stone is where it was, as large
                other = three.translation[3 * c + 1 - leaf]
                np.testing.assert_array_equal(other, found.translation[1 - leaf])
                assert three.scale[3 * c + 1 - leaf] == found.scale[1 - leaf]


def test_triples_are_worth_what_they_promise(bare: Room) -> None:
    sprouts = no_sprouts()
    add_triples(sprouts, bare.look, bare.workshop, 0.0, first=10, gems=len(bare.look.pool), most=5)
    found = sprouts.best(5)
    assert found is not None
    assert (found.n, found.t) == (3, 2)
    assert_kept(bare, sprouts, found)


def test_learnt_stones_are_asked_about_like_those_that_were_there(room: Room, crew: Crew) -> None:
    look, workshop = room.look, room.workshop
    theta = look.pool.theta[[0, len(look.pool) - 1]]
    cuts = look.pool.cut[[0, len(look.pool) - 1]]
    stones = [
        (int(g), turned(i), np.array([i - 0.5, 0.2, 0.1]), own)
        for i, (g, own) in enumerate(zip(cuts, theta, strict=True))
    ]
    more = pool_of(room.site, workshop, stones, crew)
    both = with_more(look, more)
    n = len(look.pool)
    assert len(both.pool) == n + 2
    np.testing.assert_array_equal(both.pool.scale[:n], look.pool.scale)
    np.testing.assert_array_equal(both.up[:, :n], look.up)
    grown = Room(problem=room.problem, site=room.site, workshop=workshop, look=both)
    for e in (n, n + 1):
        np.testing.assert_array_equal(both.pool.translation[e], stones[e - n][2])
        reach = both.directions @ corners_of(grown, e).T
        np.testing.assert_allclose(both.up[:, e], reach.max(axis=1), rtol=1e-12)
    again = both.pool.reaches(both.directions)  # made anew from the shapes' corners
    for old, new in zip((both.along, both.up, both.down), again, strict=True):
        np.testing.assert_allclose(old, new, atol=1e-12)


def test_nothing_is_named_where_nothing_is_wide_enough(room: Room) -> None:
    none = np.zeros(len(room.look.pool))
    worth, number = best_sides(room.look, room.workshop, none, KERF)
    assert (number == -1).all()
    assert (worth < -1e200).all()
    sprouts = no_sprouts()
    whole = whole_rough(room.look.pool.theta.shape[1])
    split_leaf(sprouts, room.look, room.workshop, whole, 0, 100.0, most=5)
    assert sprouts.promise == []
    assert sprouts.best(3) is None

"""Gems improved in regions of the rough, so that planes are judged by what could stand there."""

from functools import cache

import numpy as np

from tests.search.several.made import box, problem_of, site_of, workshop_of
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import scale_at
from yieldopt.geometry.threads import Crew
from yieldopt.search.several.joint import Workshop
from yieldopt.search.several.normals import spread_directions
from yieldopt.search.several.pool import Pool, Survey, best_sides, make_pool, survey, with_more
from yieldopt.search.several.regional import gems_of_regions
from yieldopt.search.site import Site

KERF = 0.4


@cache
def made(threads: int, regions: int = 24) -> tuple[Site, Workshop, Survey, Pool | None, int]:
    """Return site, workshop, survey and the gems of regions of a box."""
    problem = problem_of(box(14, 7, 6), "round,emerald", fixed=False)
    site, crew = site_of(problem), Crew(threads)
    workshop = workshop_of(problem, site, crew)
    pool = make_pool(site, workshop, 160, np.random.default_rng(0), crew)
    look = survey(pool, problem.rough.vertices, spread_directions(9), 5)
    more, spent = gems_of_regions(
        site, workshop, look, KERF, np.random.default_rng(1), regions=regions, each=3, steps=8
    )
    return site, workshop, look, more, spent


def test_planes_promise_more_by_the_gems_of_regions() -> None:
    """In the median by a fifth, where the pool is small; never less."""
    _, workshop, look, more, _ = made(1)
    assert more is not None
    before = best_sides(look, workshop, look.pool.scale, KERF)[0].sum(axis=2)
    both = with_more(look, more)
    after = best_sides(both, workshop, both.pool.scale, KERF)[0].sum(axis=2)
    held = before > 0.0
    assert (after >= before).all()
    assert np.median(after[held] / before[held]) > 1.2


def test_each_is_as_wide_as_the_rough_lets_it_be() -> None:
    site, workshop, _, more, spent = made(1)
    assert more is not None
    assert len(more) > 24
    assert spent > len(more)
    for i in range(0, len(more), 5):
        g = more.cut[i]
        normals, offsets = workshop.cuts[g].planes(more.theta[i : i + 1, : workshop.p_of[g]])
        pose = Pose(rotation=more.rotation[i], translation=more.translation[i])
        assert more.scale[i] == scale_at(site.coarse, normals[0], offsets[0], pose)[0]


def test_one_thread_and_two_find_the_same() -> None:
    one, two = made(1)[3], made(2)[3]
    assert one is not None
    assert two is not None
    for name in ("cut", "theta", "rotation", "translation", "scale", "volume"):
        assert (getattr(one, name) == getattr(two, name)).all()


def test_no_region_leaves_the_pool_as_it_is() -> None:
    assert made(1, 0)[3:] == (None, 0)

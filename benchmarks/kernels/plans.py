"""Plans of three stones and two saw planes in a pebble, as the search has them."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.joint import PLANE, Rows
from yieldopt.kernels.refine import POSE, ROWS
from yieldopt.plan.record import Limits
from yieldopt.rough.made import make_rough
from yieldopt.search.problem import Problem
from yieldopt.search.several.candidates import Candidates, picked
from yieldopt.search.several.grow import add_triples, no_sprouts
from yieldopt.search.several.joint import WALL_ROWS, Workshop, improve, weigh, worth_of
from yieldopt.search.several.money import aims_of
from yieldopt.search.several.normals import spread_directions
from yieldopt.search.several.pool import Survey, make_pool, survey
from yieldopt.search.site import prepare_site

PLANS = 16
GEMS = 4000
DIRECTIONS, PLACES = 48, 11  # of the quick search


@dataclass(frozen=True, slots=True, kw_only=True)
class Plans:
    """A workshop with one thread, a pool's survey, and plans improved a little."""

    workshop: Workshop
    look: Survey
    plans: Candidates


@cache
def plans_in(triangles: int) -> Plans:
    """Return the plans in a pebble of a size, made once."""
    problem = Problem(
        rough=make_rough("pebble", seed=1, triangles=triangles),
        cuts=cuts_named("round"),
        limits=Limits(min_width=1.0, max_stones=3),
        species="quartz",
        specific_gravity=2.65,
    )
    site, crew = prepare_site(problem), Crew(1)
    aims = aims_of(problem, problem.cuts, problem.rough.volume)
    coarse = Workshop(
        surface=site.coarse, cuts=aims.cuts, n_made=len(aims.cuts), rules=(), worths=aims.worths,
        allowance=problem.limits.allowance, least=aims.least, crew=crew,
        may_stand=lambda normals: np.ones(len(normals), dtype=np.bool_),
    )  # fmt: skip
    pool = make_pool(site, coarse, GEMS, np.random.default_rng(0), crew)
    look = survey(pool, problem.rough.vertices, spread_directions(DIRECTIONS), PLACES)
    sprouts = no_sprouts()
    add_triples(sprouts, look, coarse, problem.limits.kerf, first=20, gems=600, most=4 * PLANS)
    found = sprouts.best(4 * PLANS)
    assert found is not None
    workshop = coarse.on(site.full)
    found.contact[:] = -1
    weigh(workshop, found)
    found = picked(found, np.flatnonzero(np.isfinite(worth_of(workshop, found)))[:PLANS])
    improve(workshop, found, steps=3)
    return Plans(workshop=workshop, look=look, plans=found)


def blank_rows(plans: Candidates) -> Rows:
    """Return room for the rows of every stone."""
    f, p, most = len(plans.scale), plans.theta.shape[1], ROWS + WALL_ROWS
    return Rows(
        rows=np.zeros((f, most, POSE + p + PLANE)), right=np.zeros((f, most)),
        plane=np.zeros((f, most), dtype=np.int32), number=np.zeros(f, dtype=np.int64),
        gain=np.zeros((f, p)), inner=np.zeros(f),
    )  # fmt: skip

"""Estimates of many stones' values against the exact appraisal of each."""

from math import radians

import numpy as np
import pytest

from tests.search.test_value_laws import book_of
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.batch import Starts
from yieldopt.plan.record import Limits, OrientationRule
from yieldopt.rough.inclusions import Crack, Inclusion, Needle, Sphere
from yieldopt.rough.made import make_rough
from yieldopt.search.estimate import Estimator, dearest
from yieldopt.search.grades import Grader
from yieldopt.search.local import new_starts, picked, prepare_ground
from yieldopt.search.one import placed
from yieldopt.search.problem import Problem
from yieldopt.search.site import prepare_shell, site_in
from yieldopt.search.starts import points_inside, random_rotations
from yieldopt.search.worth import Appraiser
from yieldopt.value.market import Market

FLAWS: tuple[Inclusion, ...] = (
    Sphere(centre=np.array([0.4, 0.1, 0.3]), radius=0.25, severity="grade"),
    Needle(
        start=np.array([-2.0, 1.0, 0.5]), end=np.array([-0.5, 1.6, 0.0]), radius=0.05,
        severity="grade",
    ),
    Crack(
        corners=np.array([[-2.0, 0.0, 0.0], [-1.4, 0.1, 0.0], [-1.5, 0.5, 0.2]]), severity="grade"
    ),
)  # fmt: skip
CLEAVAGE = OrientationRule(
    name="cleavage 001",
    axis=np.array([0.0, 0.6, 0.8]),
    low=radians(7.0),
    high=np.pi / 2,
    share=0.03,
)
TABLE = OrientationRule(
    name="table to c", axis=np.array([0.6, 0.0, 0.8]), low=0.0, high=radians(40.0), share=2.0
)
N = 80


@pytest.fixture(scope="module")
def appraiser() -> Appraiser:
    problem = Problem(
        rough=make_rough("pebble", seed=3, triangles=600),
        cuts=cuts_named("oval"),
        limits=Limits(min_width=0.5),
        species="topaz",
        specific_gravity=3.5,
        inclusions=FLAWS,
        priced=(CLEAVAGE, TABLE),
        market=Market(book=book_of(), species="topaz", cleavage_factor=0.7),
        objective="value",
    )
    return Appraiser(problem=problem)


def starts_of(appraiser: Appraiser, kept: tuple[int, ...]) -> Starts:
    """Return stones at random poses, as large as fits beside the flaws that may not stay."""
    problem = appraiser.problem
    (cut,) = problem.cuts
    rng = np.random.default_rng(2)
    site = site_in(prepare_shell(problem), problem, kept)
    theta = np.tile([p.default for p in cut.proportions], (N, 1))
    with Crew(1) as crew:
        points = points_inside(site.skin, N, rng, crew)
        ground = prepare_ground(site.full, cut, crew, ())
        return new_starts(ground, random_rotations(N, rng), points, theta)


def estimator_of(appraiser: Appraiser, kept: tuple[int, ...], theta: Float) -> Estimator:
    (cut,) = appraiser.problem.cuts
    looks = appraiser.looks_of(cut, theta)
    return Estimator(
        appraiser=appraiser, cut=cut, aim=None, kept=frozenset(kept), theta=theta, looks=looks
    )


@pytest.mark.parametrize("kept", [(), (1, 2), (1, 2, 3)], ids=["none", "round", "all"])
def test_an_estimate_is_the_exact_value_or_less_and_mostly_the_same(
    kept: tuple[int, ...], appraiser: Appraiser
) -> None:
    """A crack counts by the box round it, so it may seem to open where it does not."""
    starts = starts_of(appraiser, kept)
    cut = appraiser.problem.cuts[0]
    fits = np.flatnonzero(starts.scale > 0.6)
    estimates = estimator_of(appraiser, kept, starts.theta[0]).values(starts, fits)
    exact = np.array([appraiser.best_size(placed(cut, starts, int(i))).value for i in fits])
    assert len(fits) > N // 2
    less = estimates < exact * (1.0 - 1e-4)
    assert (estimates <= exact * (1.0 + 1e-4)).all()
    assert less.mean() <= (0.2 if 3 in kept else 0.05)


def test_a_needle_that_passes_an_edge_is_outside_though_no_facet_keeps_it_off(
    appraiser: Appraiser,
) -> None:
    """Against many places along each needle, beside a cube of 1 mm either way."""
    grader = Grader(appraiser=appraiser, kept=frozenset({2}))
    normals = np.concatenate([np.eye(3), -np.eye(3)])[None]
    needle = FLAWS[1]
    assert isinstance(needle, Needle)
    zones = appraiser.looks_of(
        appraiser.problem.cuts[0],
        np.array([p.default for p in appraiser.problem.cuts[0].proportions]),
    ).zones
    assert zones is not None
    middle = 0.5 * (needle.start + needle.end)
    rng = np.random.default_rng(4)
    reach = 1.0 + needle.radius + appraiser.problem.limits.inclusion_margin
    shares = np.linspace(0.0, 1.0, 2001)[:, None]
    passed_by = 0
    for rotation, shift in zip(random_rotations(200, rng), rng.normal(size=(200, 3)), strict=True):
        pose = middle + 1.2 * shift
        grades, _ = grader.grades(
            normals, np.ones((1, 6)), rotation[None], pose[None], zones, np.ones(1)
        )
        along = (needle.start + shares * (needle.end - needle.start) - pose) @ rotation
        is_near = bool((np.abs(along).max(axis=1) < reach).any())
        # The needle is wide enough to be seen wherever it lies.
        assert (grades[0] != "eye-clean") == is_near
        passed_by += not is_near and not (np.abs(along) >= reach).all(axis=0).any()
    assert passed_by > 5


def test_what_is_kept_clear_of_is_not_graded(appraiser: Appraiser) -> None:
    starts = starts_of(appraiser, (1, 2, 3))
    none = estimator_of(appraiser, (), starts.theta[0]).kinds(starts)
    every = estimator_of(appraiser, (1, 2, 3), starts.theta[0]).kinds(starts)
    assert {kind[0] for kind in none if kind is not None} == {"eye-clean"}
    assert len({kind[0] for kind in every if kind is not None}) > 1


def test_of_no_stones_there_are_no_kinds(appraiser: Appraiser) -> None:
    starts = starts_of(appraiser, ())
    none = picked(starts, np.zeros(0, dtype=np.int64))
    assert len(estimator_of(appraiser, (1, 2, 3), starts.theta[0]).kinds(none)) == 0


def test_the_dearest_are_those_of_all_valued(appraiser: Appraiser) -> None:
    starts = starts_of(appraiser, (1, 2, 3))
    estimator = estimator_of(appraiser, (1, 2, 3), starts.theta[0])
    values = estimator.values(starts, np.arange(N))
    best = dearest(estimator, starts, 4)
    assert values[best].tolist() == sorted(values.tolist(), reverse=True)[:4]
    assert len(dearest(estimator, starts, 0)) == 0

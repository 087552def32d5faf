"""The other kernels: tree, solid, linear program, a step of local improvement."""

from typing import Any

import numpy as np
import pytest

from benchmarks.kernels.cases import Case, case_of
from yieldopt.geometry.surface import build_surface, new_scratch
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.facets import fill_facets
from yieldopt.kernels.program import OPTIMAL, solve_program
from yieldopt.kernels.query import ALL
from yieldopt.kernels.refine import ROWS, gather_contacts
from yieldopt.kernels.solid import CORNERS, measure_solid
from yieldopt.search.local import improve, new_starts, picked, prepare_ground
from yieldopt.search.starts import points_inside, random_rotations


def test_build_tree(benchmark: Any, case: Case) -> None:
    """Boxes split by area, from triangles to the frozen tree."""
    triangles = case.rough.triangles()
    benchmark.group = "build"
    surface = benchmark.pedantic(build_surface, (triangles, 0.2), rounds=3, warmup_rounds=1)
    benchmark.extra_info.update(triangles=len(triangles), boxes=len(surface.tree.boxes))


def test_measure_solid(benchmark: Any) -> None:
    """Volume, areas and centroids of a round."""
    case = case_of(1_000)
    m = len(case.offsets)
    rings, areas, centroids = np.empty((2, CORNERS, 3)), np.empty(m), np.empty((m, 3))
    benchmark.group = "parts"
    benchmark.extra_info.update(facets=m)
    benchmark(measure_solid, case.normals, case.offsets, rings, areas, centroids)


@pytest.mark.parametrize("rows", [20, 150])
def test_solve_program(benchmark: Any, rows: int) -> None:
    """Twelve unknowns, rows as a step has them: the scale in all of them."""
    n = 12
    rng = np.random.default_rng(rows)
    columns = np.vstack([np.ones(rows), rng.normal(size=(n - 1, rows))])
    right = np.where(rng.random(rows) < 0.2, 0.0, rng.uniform(0.0, 0.3, rows))
    gain = np.concatenate([[3.0], np.zeros(6), rng.normal(size=n - 7)])
    x, inverse, weight = np.empty(n), np.empty((n, n)), np.empty(n)
    active, alpha, broken = np.empty(n, dtype=np.int64), np.empty(n), np.empty(rows)
    box = np.full(n, 0.12)
    benchmark.group = "parts"
    benchmark.extra_info.update(unknowns=n, rows=rows)
    status = benchmark(
        solve_program,
        n,
        gain,
        columns,
        right,
        rows,
        box,
        x,
        inverse,
        weight,
        active,
        alpha,
        broken,
    )
    assert status == OPTIMAL


def test_gather_contacts(benchmark: Any) -> None:
    """The nearest triangle of each place up to a third above the scale, 50 poses."""
    case = case_of(10_000)
    scratch = new_scratch(len(case.offsets))
    near, level = np.empty(ROWS, dtype=np.int64), np.empty(ROWS)
    benchmark.group = "parts"

    def gather() -> int:
        found = 0
        for scale, turn, place in zip(case.scales, case.rotations, case.translations, strict=True):
            fill_facets(case.normals, case.offsets, turn, place, scratch.tables[ALL])
            found += gather_contacts(
                case.surface.tree, scratch, 1.3 * scale, 0.1 * scale, near, level
            )[0]
        return found

    benchmark.extra_info.update(poses=len(case.scales), contacts=gather())
    benchmark(gather)


@pytest.mark.parametrize("triangles", [1_000, 10_000, 100_000])
def test_improve_one_step(benchmark: Any, triangles: int) -> None:
    """Contacts, program, trial and its exact query, 64 starts of a round on one thread."""
    case = case_of(triangles)
    rng = np.random.default_rng(0)
    n = 64
    with Crew(1) as crew:
        ground = prepare_ground(case.surface, case.cut, crew)
        theta = np.tile([p.default for p in case.cut.proportions], (n, 1))
        places = points_inside(case.surface, n, rng, crew)
        starts = new_starts(ground, random_rotations(n, rng), places, theta)
        improve(ground, starts, steps=2)
        benchmark.group = "improve one step, 64 starts"
        benchmark.extra_info.update(triangles=triangles, starts=n)

        def fresh() -> tuple[tuple[Any, Any], dict[str, int]]:
            return (ground, picked(starts, np.arange(n))), {"steps": 1}

        assert benchmark.pedantic(improve, setup=fresh, rounds=15, warmup_rounds=1) > 0

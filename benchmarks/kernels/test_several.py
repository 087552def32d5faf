"""The kernels of several stones: rows, the program of three stones, sizes, planes of a pool."""

from typing import Any

import numpy as np
import pytest

from benchmarks.kernels.plans import GEMS, PLANS, Plans, blank_rows, plans_in
from yieldopt.kernels.joint import Rows, rows_of_stones, step_many, weigh_stones
from yieldopt.search.local import planes_and_slopes
from yieldopt.search.several.candidates import copied, recentred
from yieldopt.search.several.joint import BIG, _floors, _tiles
from yieldopt.search.several.pool import best_sides

SIZES = (1_000, 10_000, 100_000)  # triangles


def write_rows(own: Plans, rows: Rows) -> None:
    """Write the rows of all stones of all plans, their cut's planes ready."""
    plans, workshop = own.plans, own.workshop
    tiles, walls = _tiles(workshop, plans)
    slots = np.arange(len(plans.scale))
    rows_of_stones(
        0, len(slots), slots, workshop.surface.tree, tiles, walls, *workshop.memory[0][0],
        workshop.orientation[0].directions, np.repeat(plans.trust, plans.n), plans.scale,
        plans.rotation, plans.translation, *planes_and_slopes(workshop.cuts[0], plans.theta), rows,
    )  # fmt: skip


@pytest.mark.parametrize("triangles", SIZES)
def test_rows_of_stones(benchmark: Any, triangles: int) -> None:
    """Contacts of skin and planes with their slopes; 3 stones a plan, 51 tiles a plane."""
    own = plans_in(triangles)
    recentred(own.plans)
    rows = blank_rows(own.plans)
    benchmark.group = "rows of stones"
    benchmark.pedantic(write_rows, (own, rows), rounds=15, warmup_rounds=1)
    benchmark.extra_info.update(
        triangles=triangles, stones=len(own.plans.scale), rows=int(rows.number.sum())
    )
    assert (rows.number > 0).all()


def test_step_many(benchmark: Any) -> None:
    """The program of 3 stones with four proportions and 2 planes: 39 unknowns."""
    own = plans_in(10_000)
    plans, workshop = own.plans, own.workshop
    recentred(plans)
    rows = blank_rows(plans)
    write_rows(own, rows)
    low, high = workshop.low[plans.cut], workshop.high[plans.cut]
    worth = workshop.worths.gains(plans.cut, plans.volumes)
    above, p_of, predicted = (
        _floors(workshop, plans),
        workshop.p_of[plans.cut],
        np.zeros(len(plans)),
    )
    (joint,) = workshop.joint(plans.n, plans.t)
    out = copied(plans)

    def step() -> None:
        step_many(
            0, len(plans), joint, rows, plans.free, p_of, low, high, above, worth, plans.trust,
            plans.scale, plans.rotation, plans.translation, plans.theta, plans.frames,
            plans.plane_free, out.rotation, out.translation, out.theta, out.frames, predicted,
        )  # fmt: skip

    benchmark.group = "a step of three stones"
    benchmark.extra_info.update(
        plans=len(plans), unknowns=len(joint.x), rows=int(rows.number.sum()) // len(plans)
    )
    benchmark.pedantic(step, rounds=15, warmup_rounds=1)
    assert (predicted >= 0.0).all()


@pytest.mark.parametrize("triangles", SIZES)
def test_weigh_stones(benchmark: Any, triangles: int) -> None:
    """The exact size of each stone among skin and planes, with a contact to try first."""
    own = plans_in(triangles)
    plans, workshop = own.plans, own.workshop
    tiles, walls = _tiles(workshop, plans)
    slots = np.arange(len(plans.scale))
    normals, offsets = (np.ascontiguousarray(a) for a in workshop.cuts[0].planes(plans.theta))
    scale, contact = plans.scale.copy(), plans.contact.copy()

    def weigh() -> None:
        weigh_stones(
            0, len(slots), slots, workshop.surface.tree, tiles, walls, BIG, plans.side,
            *workshop.memory[0][0], scale, np.zeros(len(slots)), contact, plans.rotation,
            plans.translation, normals, offsets,
        )  # fmt: skip

    benchmark.group = "weigh stones"
    benchmark.extra_info.update(triangles=triangles, stones=len(slots))
    benchmark.pedantic(weigh, rounds=15, warmup_rounds=1)
    assert scale == pytest.approx(plans.scale, rel=1e-9)


def test_best_of_planes(benchmark: Any) -> None:
    """What both sides of 528 planes can hold, by a pool of 4,000 gems."""
    own = plans_in(1_000)
    look = own.look
    benchmark.group = "best of planes"
    benchmark.extra_info.update(gems=len(look.pool), asked=GEMS, planes=look.offsets.size)
    worth, number = benchmark.pedantic(
        best_sides, (look, own.workshop, look.pool.scale, 0.3), rounds=15, warmup_rounds=1
    )
    assert worth.shape == number.shape == (*look.offsets.shape, 2)
    assert (number >= 0).any()


def test_plans_are_there() -> None:
    """What is timed is as many plans as is said."""
    assert len(plans_in(1_000).plans) == PLANS

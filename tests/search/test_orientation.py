"""Rules on how facets stand to directions of the rough, from the job to the judge."""

from math import radians
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.library import cuts_named
from yieldopt.cuts.species import species_named
from yieldopt.errors import InputError
from yieldopt.geometry.rotations import cell_rotations, first_cells
from yieldopt.plan.orientation import TABLE_ALONE, cleavage_rules, table_rule, unit_axes
from yieldopt.plan.record import Limits, OrientationRule, Plan
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan
from yieldopt.rough.made import make_rough
from yieldopt.search.orientation import brought_to_obey, cells_can_obey, orientation_of
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve
from yieldopt.search.starts import random_rotations

C = np.array([0.0, 0.6, 0.8])


def rule(low: float, high: float, share: float = TABLE_ALONE) -> OrientationRule:
    return OrientationRule(name="r", axis=C, low=radians(low), high=radians(high), share=share)


def planned(*rules: OrientationRule, seed: int = 0) -> Plan:
    rough = make_rough("prism", seed=3, triangles=1500)
    return solve(
        Problem(
            rough=rough, cuts=cuts_named("oval"), limits=Limits(min_width=0.5), species="topaz",
            specific_gravity=3.53, orientation=rules,
        ),
        effort="quick",
        seed=seed,
    )  # fmt: skip


def angles_of(plan: Plan) -> tuple[float, float]:
    """Return the table's angle to C, and the least of facets above 3 % of the surface, degrees."""
    stone = plan.stones[0]
    solid = stone.design.solid
    angle = np.degrees(np.arccos(np.abs(solid.normals @ stone.pose.rotation.T @ C)))
    return float(angle[solid.normals[:, 2].argmax()]), float(
        angle[solid.areas >= 0.03 * solid.areas.sum()].min()
    )


@pytest.mark.parametrize(
    ("low", "high"), [(0.0, 5.0), (85.0, 90.0), (30.0, 35.0)], ids=["near", "across", "between"]
)
def test_the_table_stands_where_the_rule_wants_it(low: float, high: float) -> None:
    table, _ = angles_of(planned(rule(low, high)))
    assert low <= table <= high


def test_large_facets_keep_off_a_cleavage_and_the_judge_agrees(tmp_path: Path) -> None:
    plan = planned(rule(7.0, 90.0, share=0.03))
    assert angles_of(plan)[1] >= 7.0
    assert verify_plan(write_plan(plan, tmp_path)).holds


def test_a_rule_never_gains() -> None:
    """What obeys a rule was allowed without it, so the limit falls and the weight does not rise.

    Seed noise is left out by the limit: it is proved, the weights only have to be below it.
    """
    free, held = planned(), planned(rule(0.0, 5.0))
    assert held.weight_ct <= free.weight_ct
    assert held.weight_ct <= held.bound.weight_ct <= free.bound.weight_ct * (1.0 + 1e-9)


def test_the_judge_finds_a_facet_that_breaks_a_rule(tmp_path: Path) -> None:
    from dataclasses import replace

    plan = planned()
    table, _ = angles_of(plan)
    broken = rule(0.0, table - 1.0) if table > 45.0 else rule(table + 1.0, 90.0)
    verdict = verify_plan(write_plan(replace(plan, orientation=(broken,)), tmp_path))
    assert [v.subject for v in verdict.violations] == ["orientation r"]


@pytest.mark.parametrize("rules", [(rule(0, 3),), (rule(88, 90), rule(6, 90, 0.03))])
def test_rotations_are_brought_to_obey_by_turning(rules: tuple[OrientationRule, ...]) -> None:
    (cut,) = cuts_named("emerald")
    orientation = orientation_of(rules, cut)
    rotations = random_rotations(400, np.random.default_rng(1))
    middle = np.array([[p.default for p in cut.proportions]])
    normals = np.repeat(cut.planes(middle)[0], 400, axis=0)
    obeys = brought_to_obey(orientation, rotations, normals)
    assert obeys.mean() > 0.5
    assert np.abs(rotations @ rotations.transpose(0, 2, 1) - np.eye(3)).max() < 1e-12
    for r, held in enumerate(rules):
        facets = orientation.directions.holds[r] == 1
        turned = rotations[obeys] @ normals[obeys][:, facets].transpose(0, 2, 1)
        angle = np.arccos(np.clip(np.abs(np.einsum("a,bam->bm", held.axis, turned)), 0, 1))
        assert angle.min() >= held.low
        assert angle.max() <= held.high + 1e-12


def test_a_cell_that_holds_an_obeying_rotation_is_kept() -> None:
    (cut,) = cuts_named("round")
    orientation = orientation_of((rule(0.0, 4.0),), cut)
    cells = first_cells(8)
    able = cells_can_obey(orientation, cells)
    assert 0 < able.sum() < len(cells)
    nearest = np.abs(cell_rotations(cells)[:, :, 2] @ C).argmax()
    assert able[nearest]


def test_basal_cleavage_follows_from_the_c_axis() -> None:
    axes = unit_axes({"c": [0, 0, 2.0], "cleavage_a": [1, 0, 0]})
    names = [r.name for r in cleavage_rules(axes, species_named("topaz"), off=None, share=0.03)]
    assert names == ["cleavage_a", "cleavage 001"]
    assert cleavage_rules(axes, species_named("quartz"), off=None, share=0.03) == ()


@pytest.mark.parametrize(
    ("axes", "words"),
    [({"c": [0, 0]}, "three numbers"), ({"c": [0, 0, 0]}, "no direction")],
)
def test_what_is_no_axis_is_said(axes: dict[str, list[float]], words: str) -> None:
    with pytest.raises(InputError, match=f"rough.axes.c: .*{words}"):
        unit_axes(axes)


def test_a_table_rule_names_an_axis_that_is_there() -> None:
    with pytest.raises(InputError, match=r"no axis 'a' in rough\.axes"):
        table_rule(unit_axes({"c": [0, 0, 1]}), "a", 0.0, 0.1)

"""Rules on how facets stand to directions of the rough, from the job to the judge."""

from dataclasses import replace
from math import radians
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.cut import Cut
from yieldopt.cuts.library import cuts_named
from yieldopt.cuts.species import species_named
from yieldopt.errors import InputError
from yieldopt.geometry.rotations import cell_rotations, first_cells
from yieldopt.plan import judge_orientation
from yieldopt.plan.orientation import TABLE_ALONE, cleavage_rules, table_rule, unit_axes
from yieldopt.plan.record import Limits, OrientationRule, Plan
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan
from yieldopt.rough.made import make_rough
from yieldopt.search import orientation as orientation_module
from yieldopt.search.orientation import (
    brought_to_obey,
    can_obey,
    cells_can_obey,
    orientation_of,
)
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve
from yieldopt.search.starts import random_rotations

C = np.array([0.0, 0.6, 0.8])
# A step cut 1.7 times as long as wide, 46 degrees on its sides and 68 on its ends.
STEEP_ENDS = """GemCad 5.0
g 96 0.0
y 2 y
I 1.62
H Steep ends
a -90.0 0.5 96 n G1 48
a -90.0 0.85 24 n G2 72
a -46.0 0.366617 96 n P1 48
a -68.0 0.791852 24 n P2 72
a 35.0 0.294980 96 n C1 48 G level girdle
a 35.0 0.495732 24 n C2 72
a 0.0 0.13 96 n T
"""


def rule(low: float, high: float, share: float = TABLE_ALONE) -> OrientationRule:
    return OrientationRule(name="r", axis=C, low=radians(low), high=radians(high), share=share)


def planned(*rules: OrientationRule, seed: int = 0, cuts: str = "oval") -> Plan:
    rough = make_rough("prism", seed=3, triangles=1500)
    return solve(
        Problem(
            rough=rough, cuts=cuts_named(cuts), limits=Limits(min_width=0.5), species="topaz",
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
    plan = planned()
    table, _ = angles_of(plan)
    broken = rule(0.0, table - 1.0) if table > 45.0 else rule(table + 1.0, 90.0)
    for own in (broken, replace(broken, share=0.0, facets="table")):
        verdict = verify_plan(write_plan(replace(plan, orientation=(own,)), tmp_path))
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


@pytest.fixture
def steep(tmp_path: Path) -> Cut:
    """Return a cut whose ends are steep, out of a file."""
    file = tmp_path / "steep.asc"
    file.write_text(STEEP_ENDS, encoding="utf-8")
    (cut,) = cuts_named(str(file), proportions="fixed")
    return cut


def ends_rule(steep_deg: float) -> OrientationRule:
    return OrientationRule(
        name="ends to c", axis=C, low=0.0, high=radians(90.0 - steep_deg), share=0.005,
        facets="ends",
    )  # fmt: skip


def test_the_steep_ends_of_a_stone_face_the_axis_and_the_judge_agrees(
    steep: Cut, tmp_path: Path
) -> None:
    """Both ends, of 68 degrees, within 30 of c: then c is near the length.

    It may lean to the table by the 8 degrees to spare, and sideways by acos(cos 30 / sin 68) = 21.
    """
    plan = solve(
        Problem(
            rough=make_rough("prism", seed=3, triangles=1500), cuts=(steep,),
            limits=Limits(min_width=0.5), species="tourmaline", specific_gravity=3.06,
            orientation=(ends_rule(60.0),),
        ),
        effort="quick",
        seed=0,
    )  # fmt: skip
    (stone,) = plan.stones
    solid = stone.design.solid
    turned = solid.normals @ stone.pose.rotation.T
    ends = (solid.normals[:, 2] < -0.01) & (np.abs(solid.normals[:, 0]) > 0.9)
    assert ends.sum() == 2
    assert np.degrees(np.arccos(np.abs(turned[ends] @ C))).max() <= 30.0
    in_gem = stone.pose.rotation.T @ C
    assert np.degrees(np.arcsin(np.abs(in_gem[2]))) <= 8.0
    assert np.degrees(np.arccos(np.abs(in_gem[0]))) <= 21.0
    assert verify_plan(write_plan(plan, tmp_path / "holds")).holds

    # Turned so that c lies across, the stone breaks the rule; and so it does under a steeper one.
    for number, axis, steepest in ((1, stone.pose.rotation[:, 1], 60.0), (2, C, 69.0)):
        broken = replace(ends_rule(steepest), axis=axis)
        verdict = verify_plan(
            write_plan(replace(plan, orientation=(broken,)), tmp_path / f"{number}")
        )
        assert {v.subject for v in verdict.violations} == {"orientation ends to c"}
        assert len(verdict.violations) == 2


def test_a_cut_without_steep_ends_is_known_before_it_is_searched(
    steep: Cut, tmp_path: Path
) -> None:
    rules = (ends_rule(60.0),)
    assert can_obey(rules, steep)
    assert not can_obey((ends_rule(70.0),), steep)
    assert [c.name for c in cuts_named("emerald,oval,kite,pear") if can_obey(rules, c)] == []
    assert can_obey((rule(0.0, 5.0),), cuts_named("kite")[0])  # other rules ask no form
    # A gem without any end breaks the rule before the judge too.
    plan = planned(cuts="kite")
    verdict = verify_plan(write_plan(replace(plan, orientation=rules), tmp_path / "kite"))
    assert [v.message for v in verdict.violations] == [
        "the stone has no ends that could stand to the axis"
    ]


def test_rotations_are_brought_to_lay_steep_ends_along_the_axis(steep: Cut) -> None:
    orientation = orientation_of((ends_rule(62.0),), steep)
    rotations = random_rotations(400, np.random.default_rng(1))
    normals = np.repeat(steep.planes(np.empty((1, 0)))[0], 400, axis=0)
    obeys = brought_to_obey(orientation, rotations, normals)
    assert obeys.mean() > 0.5
    in_gem = np.abs(np.einsum("bji,j->bi", rotations[obeys], C))
    assert np.degrees(np.arcsin(in_gem[:, 2])).max() <= 6.0
    assert np.degrees(np.arccos(in_gem[:, 0])).max() <= 18.0


def test_search_and_judge_call_the_same_facets_ends() -> None:
    """Each has a number of its own, by the word of the plan file's form."""
    assert np.degrees(orientation_module.ENDS_WITHIN) == pytest.approx(
        judge_orientation.ENDS_WITHIN_DEG
    )


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

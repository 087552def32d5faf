"""Tourmaline of a dark c-axis: the cut made for it plans under the hard rule."""

from math import radians
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.library import cuts_named
from yieldopt.cuts.species import species_named
from yieldopt.plan.orientation import ends_rule, table_rule, unit_axes
from yieldopt.plan.record import Limits
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan
from yieldopt.rough.made import make_rough
from yieldopt.search.orientation import can_obey
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve

TOURMALINE = species_named("tourmaline")
AXES = unit_axes({"c": [0.0, 0.0, 1.0]})


@pytest.mark.parametrize("steep", [None, 60.0, 70.0])
def test_only_steep_ends_can_obey(steep: float | None) -> None:
    """Of all families one can, at what the species asks and at 70 degrees."""
    rule = ends_rule(AXES, TOURMALINE, steep=steep and radians(steep), factor=None)
    cuts = cuts_named("all", closed_c=True, species=TOURMALINE)
    assert [cut.name for cut in cuts if can_obey((rule,), cut)] == ["emerald_steep"]


def test_a_closed_c_prism_is_planned_and_holds(tmp_path: Path) -> None:
    """Ends of 70 degrees, the table across c: a plan is found and the judge grants it."""
    rules = (
        ends_rule(AXES, TOURMALINE, steep=radians(70.0), factor=None),
        table_rule(AXES, "c", radians(75.0), radians(90.0)),
    )
    rough = make_rough("prism", seed=5, triangles=600)
    plan = solve(
        Problem(
            rough=rough, cuts=cuts_named("emerald_steep", species=TOURMALINE),
            limits=Limits(min_width=1.0), species="tourmaline", axes=AXES, orientation=rules,
            specific_gravity=TOURMALINE.specific_gravity,
        ),
        effort="quick", seed=1,
    )  # fmt: skip
    assert [str(v) for v in verify_plan(write_plan(plan, tmp_path)).violations] == []
    (stone,) = plan.stones
    normals = stone.design.solid.normals
    ends = normals[(normals[:, 2] < -1e-6) & (np.abs(normals[:, 1]) < 1e-9)]
    assert len(ends) == 6
    to_c = np.degrees(np.arccos(np.abs(ends @ stone.pose.rotation.T @ AXES["c"])))
    assert (to_c <= 20.0).all()
    assert plan.weight_ct > 0.1 * plan.rough_weight_ct

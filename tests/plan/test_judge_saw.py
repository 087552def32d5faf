"""Saw cuts are a tree, and every stone keeps its margin to the planes that bound its piece."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.spatial import ConvexHull, HalfspaceIntersection
from scipy.spatial.transform import Rotation

from yieldopt.plan.verify import Verdict, verify_plan

Maker = Callable[..., Path]
TURN = Rotation.from_rotvec([0.4, -0.7, 1.1]).as_matrix()  # of made_plan
PLACE = np.array([12.0, -7.0, 31.0])
TABLE = 1.1  # mm over the girdle, the hand-made gem's
HALF = 3.0  # mm, its half width
KERF = 0.3
MARGIN = 0.5 * KERF + 0.2


def cut_at(height: float, axis: int = 2, **fields: object) -> dict[str, Any]:
    """Return a cut across an axis of the gem frame; the stone A is below it."""
    normal = TURN[:, axis]
    cut = {
        "step": 1,
        "piece": "0",
        "normal": normal.tolist(),
        "offset_mm": float(height + normal @ PLACE),
        "kerf_mm": KERF,
        "above": "0.1",
        "below": "A",
    }
    return cut | fields


def block() -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    mesh = trimesh.creation.box(bounds=[[-5.0, -5.0, -5.0], [15.0, 5.0, 5.0]])
    return np.array(mesh.vertices), np.array(mesh.faces)


def judged(made_plan: Maker, *cuts: dict[str, Any], beside: float | None = None) -> Verdict:
    """Judge a plan with these cuts; `beside` adds a twin B so far along x of the gem frame."""
    path = made_plan(mesh=block())
    plan = json.loads(path.read_text())
    if beside is not None:
        add_twin(plan, beside * TURN[:, 0])
    saw(plan, *cuts)
    path.write_text(json.dumps(plan))
    return verify_plan(path)


def saw(plan: dict[str, Any], *cuts: dict[str, Any]) -> None:
    """Put cuts into a plan, and what they take of the block into its waste."""
    plan["saw"] = list(cuts)
    turned = [np.append(-np.eye(3)[i], -5.0) for i in range(3)]  # -x <= 5 ...
    turned += [np.append(np.eye(3)[i], 15.0 if i == 0 else 5.0) for i in range(3)]
    whole = [np.append(TURN @ row[:3], abs(row[3]) + row[:3] @ TURN.T @ PLACE) for row in turned]
    pieces, taken = {"0": whole}, 0.0
    for cut in cuts:
        piece = pieces.get(cut["piece"], whole)
        length = np.linalg.norm(cut["normal"])
        normal, offset = np.array(cut["normal"]) / length, cut["offset_mm"] / length
        half = 0.5 * cut["kerf_mm"]
        top, bottom = np.append(normal, offset + half), np.append(-normal, half - offset)
        taken += volume_of([*piece, top, bottom])
        pieces[cut["above"]] = [*piece, -top]
        pieces[cut["below"]] = [*piece, -bottom]
    waste = plan["totals"]["wastage"]
    waste["saw"] = taken / plan["rough"]["volume_mm3"]
    waste["offcut"] = 1.0 - plan["totals"]["yield"] - waste["allowance"] - waste["saw"]


def volume_of(rows: list[NDArray[np.float64]]) -> float:
    """Return the volume of what half-spaces n.x <= d leave, about the middle of its ball."""
    planes = np.array(rows)
    ball = linprog(
        [0.0, 0.0, 0.0, -1.0],
        A_ub=np.column_stack([planes[:, :3], np.ones(len(planes))]),
        b_ub=planes[:, 3],
        bounds=(None, None),
    )
    assert ball.x is not None
    corners = HalfspaceIntersection(planes * [1.0, 1.0, 1.0, -1.0], ball.x[:3]).intersections
    return float(ConvexHull(corners).volume)


def add_twin(plan: dict[str, Any], shift: NDArray[np.float64]) -> None:
    twin = json.loads(json.dumps(plan["stones"][0])) | {"id": "B"}
    planes = np.array(twin["planes"])
    planes[:, 3] += planes[:, :3] @ shift
    twin["planes"] = planes.tolist()
    twin["vertices_mm"] = (np.array(twin["vertices_mm"]) + shift).tolist()
    pose = twin["pose"]
    pose["translation_mm"] = (np.array(pose["translation_mm"]) + shift).tolist()
    plan["stones"].append(twin)
    totals = plan["totals"]
    for key in ("weight_ct", "yield"):
        totals[key] *= 2
    totals["wastage"]["allowance"] *= 2
    totals["wastage"]["offcut"] = 1.0 - totals["yield"] - totals["wastage"]["allowance"]
    plan["bound"]["gap"] = plan["bound"]["weight_ct"] / totals["weight_ct"] - 1.0


def lines(verdict: Verdict) -> list[str]:
    return [str(violation) for violation in verdict.violations]


def test_a_stone_at_its_margin_to_a_cut_holds(made_plan: Maker) -> None:
    assert lines(judged(made_plan, cut_at(TABLE + MARGIN + 1e-8))) == []


def test_a_stone_nearer_to_a_cut_fails_by_what_is_missing(made_plan: Maker) -> None:
    verdict = judged(made_plan, cut_at(TABLE + MARGIN - 0.01))
    assert lines(verdict)[0].startswith("stone A: saw step 1: pokes 0.01 mm into the stone")
    assert verdict.violations[0].depth == pytest.approx(0.01)


def test_a_cut_shifted_by_its_kerf_fails(made_plan: Maker) -> None:
    assert judged(made_plan, cut_at(TABLE + MARGIN - KERF)).violations[0].depth == pytest.approx(
        KERF
    )


def test_an_oblique_cut_is_measured_to_the_mitred_preform(made_plan: Maker) -> None:
    """Like any hazard: at a distance of the margin from a corner it is too near already."""
    path = made_plan(mesh=block())
    plan = json.loads(path.read_text())
    corners = np.array(plan["stones"][0]["vertices_mm"])
    normal = TURN @ np.array([0.6, 0.0, 0.8])
    reach = float((corners @ normal).max())
    for extra, holds in ((MARGIN, False), (2.0 * MARGIN, True)):
        saw(plan, cut_at(0.0, normal=normal.tolist(), offset_mm=reach + extra))
        path.write_text(json.dumps(plan))
        assert verify_plan(path).holds is holds


def test_a_stone_on_the_other_side_of_its_cut_fails(made_plan: Maker) -> None:
    verdict = judged(made_plan, cut_at(4.0, above="A", below="0.1"))
    assert lines(verdict) == [
        "stone A: saw step 1: the stone is not above the plane",
        "stone A: piece 0.1: the stone lies in this piece instead of its own",
    ]


@pytest.mark.parametrize(
    ("cut", "line"),
    [
        (cut_at(4.0, piece="1"), "saw step 1: piece: there is no piece 1 to saw at this step"),
        (cut_at(4.0, step=2), "saw step 2: step: 1 was to come"),
        (cut_at(4.0, above="A"), "saw step 1: above: the name A is used twice"),
        (cut_at(4.0, below="0"), "saw step 1: below: the name 0 is used twice"),
        (cut_at(4.0, below="0.2"), "stone A: saw: no saw cut gives this stone a piece of its own"),
        (cut_at(4.0, kerf_mm=0.1), "saw step 1: kerf_mm: 0.1 mm is less than the saw's 0.3 mm"),
        (
            cut_at(4.0, normal=[0.0, 0.0, 0.9]),
            "saw step 1: normal: not of unit length (off by 0.1)",
        ),
    ],
)
def test_cuts_that_are_no_tree_are_named(made_plan: Maker, cut: dict[str, Any], line: str) -> None:
    assert line in lines(judged(made_plan, cut))


def test_two_stones_with_a_cut_between_them_hold(made_plan: Maker) -> None:
    gap = 2.0 * MARGIN + 1e-6
    cut = cut_at(HALF + 0.5 * gap, axis=0, above="B")
    assert lines(judged(made_plan, cut, beside=2.0 * HALF + gap)) == []


def test_two_stones_that_have_swapped_places_fail(made_plan: Maker) -> None:
    gap = 2.0 * MARGIN + 1e-6
    cut = cut_at(HALF + 0.5 * gap, axis=0, above="A", below="B")
    found = lines(judged(made_plan, cut, beside=2.0 * HALF + gap))
    assert "stone A: saw step 1: the stone is not above the plane" in found
    assert "stone B: saw step 1: the stone is not below the plane" in found


def test_two_stones_without_a_cut_fail(made_plan: Maker) -> None:
    found = lines(judged(made_plan, beside=8.0))
    assert found == [
        f"stone {i}: saw: no saw cut gives this stone a piece of its own" for i in "AB"
    ]


def test_two_stones_that_overlap_fail_by_how_much(made_plan: Maker) -> None:
    verdict = judged(made_plan, beside=2.0 * HALF - 0.02)
    assert "stone A: stone B: they overlap by 0.01 mm" in lines(verdict)
    verdict = judged(made_plan, beside=2.0 * HALF + 0.001)
    assert not any("overlap" in line for line in lines(verdict))


def test_a_stone_two_cuts_down_keeps_clear_of_both(made_plan: Maker) -> None:
    first = cut_at(4.0, axis=0, below="0.1", above="0.2")
    second = cut_at(TABLE + MARGIN + 1e-8, step=2, piece="0.1", above="0.3")
    assert lines(judged(made_plan, first, second)) == []
    near = cut_at(HALF + MARGIN - 0.01, axis=0, below="0.1", above="0.2")
    found = lines(judged(made_plan, near, second))
    assert found[0].startswith("stone A: saw step 1: pokes 0.01 mm into the stone")

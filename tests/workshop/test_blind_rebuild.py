"""A plan can be rebuilt from what is printed of it, by a hand that sees nothing else."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.optimize import nnls

from tests.workshop.blind_hand import Finished, Float, cut_by
from tests.workshop.made import planned
from yieldopt.plan.judge_hazards import triangles_inside
from yieldopt.plan.record import Plan, Stone
from yieldopt.workshop.make import workshop_plan
from yieldopt.workshop.record import WorkshopPlan

WITHIN = 0.05  # mm: corners of stone and plan
WITHIN_DEG = 0.2
HIDDEN = (
    "place", "outward", "normal", "offset", "loops", "outlines", "outline", "stone_outline",
    "stone", "views", "right", "up", "deeper", "lost", "room", "clear",
)  # fmt: skip

ALONE = [
    ("pebble", "round"), ("lump", "oval"), ("prism", "emerald"), ("octahedron", "princess"),
    ("broken", "pear"), ("slab", "marquise"), ("cratered", "trilliant"),
    ("dodecahedron", "cushion"), ("broken", "heart"), ("needle", "baguette"),
    ("pebble", "radiant"), ("prism", "kite"), ("lump", "asscher"), ("broken", "triangle"),
]  # fmt: skip
OBLIQUE = [
    ("pebble", "round,oval", [(0.3, 1.0, 0.4)]),
    ("broken", "emerald,cushion", [(1.0, 0.2, -0.5)]),
    ("lump", "pear,round", [(0.2, -0.3, 1.0)]),
    ("prism", "oval,princess", [(0.3, 0.2, 1.0)]),
    ("slab", "round,trilliant", [(1.0, 0.4, 0.1)]),
    ("dodecahedron", "oval,pear,round", [(1.0, 0.3, 0.2), (-0.2, 1.0, 0.4)]),
    ("cratered", "cushion,round,marquise", [(0.2, 0.1, 1.0), (0.8, 1.0, -0.3)]),
    ("octahedron", "round,baguette,oval", [(1.0, 1.0, 0.3), (0.5, -1.0, 0.2)]),
]


def printed_of(sheet: WorkshopPlan) -> dict[str, Any]:
    """Return the printed figures alone, as JSON brings them; dots without their place in a scan."""

    def shown(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: shown(v) for k, v in value.items() if k not in HIDDEN}
        if isinstance(value, (list, tuple)):
            return [shown(v) for v in value]
        return value

    figures = json.loads(json.dumps(shown(asdict(sheet))))
    for mark in figures["marks"]:
        if mark["kind"] == "dot":
            del mark["scan"]
    return figures  # type: ignore[no-any-return]


def oblique(kind: str, cuts: str, ways: list[Any], seed: int) -> Plan:
    """Return a plan whose cuts are inclined to each other and to all axes."""
    pieces = ["0", *(f"0.{i}" for i in range(1, len(ways)))]
    saw = tuple((piece, np.array(way), 0.1) for piece, way in zip(pieces, ways, strict=True))
    return planned(kind, cuts, seed=seed, saw=saw)


def beyond(points: Float, corners: Float) -> float:
    """Return how far the farthest of points (n, 3) is from the hull of corners (m, 3), mm."""
    middle = corners.mean(axis=0)
    rows = np.vstack([(corners - middle).T, np.full(len(corners), 1e3)])
    return max(float(nnls(rows, np.append(point - middle, 1e3))[1]) for point in points)


def errors(stone: Stone, made: Finished) -> tuple[float, float]:
    """Return how far a stone is from the plan's (Hausdorff), mm, and how it is turned, degrees.

    Corners alone would not do: where four facets meet in the plan, three and three may, 0.05 mm
    apart along an edge that is all but straight.
    """
    wanted = stone.pose.apply(stone.design.solid.vertices)
    farthest = max(beyond(wanted, made.corners), beyond(made.corners, wanted))
    # The target's y points to index 0, the gem's to the tooth that its file calls its location.
    zero = -2.0 * np.pi * stone.design.location / stone.design.gear
    ahead = np.array([np.sin(zero), np.cos(zero), 0.0])
    up = np.array([0.0, 0.0, 1.0])
    axes = stone.pose.rotation @ np.column_stack([np.cross(ahead, up), ahead, up])
    turned = np.arccos(np.clip(0.5 * (np.trace(axes.T @ made.axes) - 1.0), -1.0, 1.0))
    return farthest, float(np.degrees(turned))


def assert_rebuilt(plan: Plan) -> list[tuple[float, float]]:
    """Rebuild a plan blindly; return the errors of its stones."""
    figures = printed_of(workshop_plan(plan))
    rough = plan.rough
    finished = cut_by(figures, np.array(rough.vertices), np.array(rough.faces))
    found = []
    for stone, made in zip(plan.stones, finished, strict=True):
        off, turned = errors(stone, made)
        assert off <= WITHIN
        assert turned <= WITHIN_DEG
        margin = plan.limits.skin_margin - WITHIN
        normals = np.array([n for n, _ in made.planes])
        offsets = np.array([d for _, d in made.planes])
        poking = triangles_inside(rough.vertices, rough.faces, normals, offsets + margin)
        assert poking is None
        found.append((off, turned))
    return found


@pytest.mark.parametrize(("seed", "kind", "cut"), [(i, *one) for i, one in enumerate(ALONE, 1)])
def test_a_stone_is_rebuilt_from_printed_figures_alone(seed: int, kind: str, cut: str) -> None:
    assert_rebuilt(planned(kind, cut, seed=seed))


@pytest.mark.parametrize(
    ("seed", "kind", "cuts", "ways"), [(i, *one) for i, one in enumerate(OBLIQUE, 1)]
)
def test_stones_of_oblique_saw_cuts_are_rebuilt_from_printed_figures_alone(
    seed: int, kind: str, cuts: str, ways: list[Any]
) -> None:
    assert_rebuilt(oblique(kind, cuts, ways, seed))


@pytest.mark.real
@pytest.mark.parametrize("name", ["SRB", "Compear125", "CubeIllusionTri"])
def test_an_imported_design_is_rebuilt_from_printed_figures_alone(name: str, shared: Path) -> None:
    path = shared / "designs" / f"{name}.asc"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the checkout")
    assert_rebuilt(planned("pebble", str(path), seed=9))

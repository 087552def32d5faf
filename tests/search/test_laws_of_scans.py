"""How a stone was laid under the scanner, and how the scan was written, is nothing to the plan.

Measured on eleven made roughs of 600 triangles, quick effort: for ten of them eight seeds find the
same weight to 1e-5. A round in the lump has a few places nearly as good: 48 seeds differ by
0.148 %, 12 seeds on the lump turned by 0.175 %; the best is the same.
"""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.bodies import turned
from tests.rough.crystals import moved, reordered
from yieldopt.cuts.library import cuts_named
from yieldopt.plan.record import Limits
from yieldopt.rough.made import make_rough
from yieldopt.rough.read import read_rough
from yieldopt.rough.rough import Rough
from yieldopt.rough.write import ply_bytes
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve

# Share of the weight by which the best and the worst seed differ on the rough where they differ
# most, 60 runs: a change of nothing but the scan's coordinates may do as much and no more.
SEED_SPREAD = 0.0018
TRIANGLES = 600
STONES = {"lump": "round", "broken": "oval", "prism": "emerald"}


def weight(rough: Rough, kind: str) -> float:
    problem = Problem(
        rough=rough,
        cuts=cuts_named(STONES[kind]),
        limits=Limits(min_width=0.5),
        species="quartz",
        specific_gravity=2.65,
    )
    return solve(problem, effort="quick", seed=0).weight_ct


@pytest.fixture(scope="module")
def as_made() -> Callable[[str], tuple[Rough, float]]:
    """Each rough as it was made, and what its plan weighs; searched once."""
    known: dict[str, tuple[Rough, float]] = {}

    def of(kind: str) -> tuple[Rough, float]:
        if kind not in known:
            rough = make_rough(kind, seed=1, triangles=TRIANGLES)
            known[kind] = rough, weight(rough, kind)
        return known[kind]

    return of


def stl_bytes(rough: Rough) -> bytes:
    """Return a rough as a binary STL: three corners a triangle, in single precision."""
    rows = np.zeros(len(rough.faces), dtype=[("n", "<f4", 3), ("p", "<f4", (3, 3)), ("a", "<u2")])
    rows["p"] = rough.triangles()
    return b" " * 80 + struct.pack("<I", len(rows)) + rows.tobytes()


@pytest.mark.parametrize("kind", sorted(STONES))
@pytest.mark.parametrize("seed", [11, 12])
def test_turning_and_moving_a_scan_does_not_change_the_weight(
    kind: str, seed: int, as_made: Callable[[str], tuple[Rough, float]]
) -> None:
    rough, still = as_made(kind)
    far = weight(moved(rough, turned(seed), (250.0, -80.0, 31.0)), kind)
    assert far == pytest.approx(still, rel=SEED_SPREAD)


@pytest.mark.parametrize("kind", sorted(STONES))
def test_the_order_of_vertices_and_triangles_does_not_change_the_weight(
    kind: str, as_made: Callable[[str], tuple[Rough, float]]
) -> None:
    rough, still = as_made(kind)
    assert weight(reordered(rough, seed=5), kind) == pytest.approx(still, rel=SEED_SPREAD)


@pytest.mark.parametrize("kind", sorted(STONES))
def test_writing_a_scan_as_stl_and_reading_it_does_not_change_the_weight(
    kind: str, as_made: Callable[[str], tuple[Rough, float]], tmp_path: Path
) -> None:
    """Single precision moves a vertex by up to 1e-6 mm, and each corner is written six times."""
    rough, still = as_made(kind)
    file = tmp_path / "scan.stl"
    file.write_bytes(stl_bytes(rough))
    again = read_rough(file, unit="mm")
    assert len(again.faces) == TRIANGLES
    assert weight(again, kind) == pytest.approx(still, rel=SEED_SPREAD)


def test_writing_a_scan_as_ply_and_reading_it_gives_the_weight_itself(
    as_made: Callable[[str], tuple[Rough, float]], tmp_path: Path
) -> None:
    """Doubles lose nothing: the same vertices in the same order."""
    rough, still = as_made("broken")
    file = tmp_path / "scan.ply"
    file.write_bytes(ply_bytes(rough))
    assert weight(read_rough(file), "broken") == still


def test_a_seed_changes_the_weight_by_no_more_than_the_spread(
    as_made: Callable[[str], tuple[Rough, float]],
) -> None:
    """The spread is there, on the rough where it is widest; seed 6 is one of the odd ones."""
    rough, still = as_made("lump")
    problem = Problem(
        rough=rough,
        cuts=cuts_named(STONES["lump"]),
        limits=Limits(min_width=0.5),
        species="quartz",
        specific_gravity=2.65,
    )
    other = solve(problem, effort="quick", seed=6).weight_ct
    assert other == pytest.approx(still, rel=SEED_SPREAD)

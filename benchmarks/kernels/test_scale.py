"""The largest scale at a pose: how it grows with the mesh, and against FCL on the same poses."""

from typing import Any

import numpy as np
import pytest

from benchmarks.kernels.cases import POSES, Case
from benchmarks.kernels.rival import BODIES, bisected, gem_body, meets, skin_body
from yieldopt.geometry.surface import new_scratch

ROUNDS = 15
RIVAL_POSES = 10  # of the POSES for the bisection: 21 calls each


def test_scale(benchmark: Any, case: Case) -> None:
    """One query a pose, no hint and no limit: the cold question."""
    scratch, out = new_scratch(len(case.offsets)), np.zeros(POSES)
    benchmark.group = f"scale {case.surface.n_triangles}"
    case.ask(scratch, out)
    scratch.visited[:] = 0
    case.ask(scratch, out)
    nodes, triangles = (int(n) / POSES for n in scratch.visited)
    benchmark.extra_info.update(
        what="ours",
        triangles=case.surface.n_triangles,
        queries=POSES,
        nodes=nodes,
        visited=triangles,
    )
    benchmark.pedantic(case.ask, (scratch, out), rounds=ROUNDS, warmup_rounds=1)


@pytest.mark.parametrize("body", BODIES)
def test_fcl_yes_or_no(benchmark: Any, case: Case, body: str) -> None:
    """Gems a thousandth smaller than what fits: free, but near."""
    skin = skin_body(case.rough.vertices, case.rough.faces)
    gems = [
        gem_body(case.gem, 0.999 * s, r, t, body)
        for s, r, t in zip(case.scales, case.rotations, case.translations, strict=True)
    ]
    benchmark.group = f"scale {case.surface.n_triangles}"
    benchmark.extra_info.update(
        what=f"yes/no {body}", triangles=case.surface.n_triangles, queries=POSES
    )

    def ask() -> int:
        return sum(meets(skin, gem) for gem in gems)

    assert benchmark.pedantic(ask, rounds=5, warmup_rounds=1) == 0


@pytest.mark.parametrize("body", BODIES)
def test_fcl_bisection(benchmark: Any, case: Case, body: str) -> None:
    """The scale to 1e-6; the bodies of all steps are built beforehand."""
    skin = skin_body(case.rough.vertices, case.rough.faces)
    gem = case.gem
    gems = []
    for s, r, t in list(zip(case.scales, case.rotations, case.translations, strict=True))[
        :RIVAL_POSES
    ]:
        found, tried = bisected(skin, gem, r, t, body, 2.0 * s)
        assert found == pytest.approx(s, rel=1e-4)  # what GJK leaves
        gems += tried
    benchmark.group = f"scale {case.surface.n_triangles}"
    benchmark.extra_info.update(
        what=f"bisect {body}",
        triangles=case.surface.n_triangles,
        queries=RIVAL_POSES,
        calls=len(gems) / RIVAL_POSES,
    )

    def ask() -> int:
        return sum(meets(skin, gem) for gem in gems)

    benchmark.pedantic(ask, rounds=3, warmup_rounds=1)

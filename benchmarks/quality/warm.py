"""Get the kernels compiled before anything is timed."""

from benchmarks.quality.standard import CUTS, LIMITS, SPECIES, cut_of
from yieldopt.rough.made import make_rough
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve


def warm_up() -> None:
    """Search a small rough once, with every cut, free and fixed."""
    rough = make_rough("pebble", seed=0, triangles=8000)
    for proportions in ("free", "fixed"):
        problem = Problem(
            rough=rough,
            cuts=tuple(cut_of(name, proportions=proportions) for name in CUTS),
            limits=LIMITS,
            species=SPECIES,
            specific_gravity=2.65,
        )
        solve(problem, effort="quick")

"""The same small questions to the kernels as they are run: jitted, checked, or plain Python.

Run as a program it prints the answers as JSON. With NUMBA_DISABLE_JIT=1 the kernels are the
Python they are written in; the instructions of `extremes` and `fused`, which have no Python body,
are `max`, `min` and a sum then.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

if os.environ.get("NUMBA_DISABLE_JIT") == "1":
    from yieldopt.kernels import extremes, fused

    extremes.greater = max
    extremes.lesser = min
    fused.fused = lambda a, b, c: a * b + c

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np

from tests.bodies import (
    ball,
    block,
    family_planes,
    gem_planes,
    margins,
    posed,
    prism_planes,
)
from tests.oracles import Gem
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.coarse import split_triangles
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import build_surface, new_scratch, scale_at
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.facets import fill_facets
from yieldopt.kernels.query import ALL
from yieldopt.kernels.refine import ROWS, gather_contacts
from yieldopt.kernels.solid import CORNERS, measure_solid
from yieldopt.search.local import improve, new_starts, prepare_ground
from yieldopt.search.starts import points_inside, random_rotations

Answers = dict[str, list[float]]


def scales() -> list[float]:
    """Return the largest scales of several gems in several meshes."""
    found = []
    for i, kind in enumerate(("random", "cube", "hexagon", "emerald", "round")):
        rng = np.random.default_rng(i)
        gem = posed("random" if i else "aligned", gem_planes(kind, rng), rng)
        pose = Pose(rotation=gem.rotation, translation=gem.translation)
        for triangles in (block([-3, -4, -5], [4, 5, 3]), ball(4.0, 1)):
            keep = margins("mixed", len(triangles), rng)
            scale, at = scale_at(build_surface(triangles, keep), gem.normals, gem.offsets, pose)
            found += [scale, float(at)]
    return found


def solids() -> list[float]:
    """Return volumes, areas and centroids of kernels and façade."""
    found = []
    for i, name in enumerate(("round", "emerald")):
        normals, offsets = family_planes(name, np.random.default_rng(i))
        areas, centroids = np.zeros(len(offsets)), np.zeros((len(offsets), 3))
        rings = np.zeros((2, CORNERS, 3))
        found.append(float(measure_solid(normals, offsets, rings, areas, centroids)))
        found += [*areas.tolist(), *centroids.ravel().tolist()]
        found.append(polytope_from_planes(normals, offsets).volume)
    return found


def improved() -> list[float]:
    """Return weights of starts before and after a few steps, free and fixed proportions."""
    found: list[float] = []
    triangles = split_triangles(block([-4, -5, -3], [4, 5, 3]), 3.0)
    for name, proportions in (("emerald", "free"), ("round", "fixed")):
        (cut,) = cuts_named(name, proportions=proportions)
        rng = np.random.default_rng(0)
        with Crew(1) as crew:
            ground = prepare_ground(build_surface(triangles, 0.2), cut, crew)
            places = points_inside(ground.surface, 3, rng, crew)
            theta = np.tile([p.default for p in cut.proportions], (3, 1))
            starts = new_starts(ground, random_rotations(3, rng), places, theta)
            for _ in range(3):
                found += [*starts.scale.tolist(), *starts.volume.tolist()]
                improve(ground, starts, steps=1)
    return found


def contacts(height: float) -> list[float]:
    """Return how many of a flat face's equal triangles are kept."""
    gem = Gem(*prism_planes(4), np.eye(3), np.zeros(3))
    face = split_triangles(block([-0.5, -0.5, 0.0], [0.5, 0.5, height])[[6, 7]], 0.05)
    face[:, :, 2] = height
    scratch = new_scratch(6)
    fill_facets(*gem, scratch.tables[ALL])
    near, level = np.zeros(ROWS, dtype=np.int64), np.zeros(ROWS)
    n, limit = gather_contacts(build_surface(face, 0.0).tree, scratch, 50.0, 0.0, near, level)
    return [float(n), float(limit)]


def past_the_end() -> list[float]:
    """Ask for what is too small an array: raises IndexError where bounds are checked."""
    normals, offsets = prism_planes(4)
    rings = np.zeros((2, CORNERS, 3))
    measure_solid(normals, offsets, rings, np.zeros(2)[:1], np.zeros((6, 3)))
    return []


def larger() -> list[float]:
    """Return the weights of whole searches on small roughs of several kinds: for bounds alone."""
    from yieldopt.plan.record import Limits
    from yieldopt.rough.made import make_rough
    from yieldopt.search.problem import Problem
    from yieldopt.search.solve import solve

    found = []
    for seed, kind in enumerate(("slab", "needle", "lump")):
        problem = Problem(
            rough=make_rough(kind, seed=seed, triangles=700),
            cuts=cuts_named(("round", "oval", "emerald")[seed % 3]),
            limits=Limits(min_width=0.1),
            species="quartz",
            specific_gravity=2.65,
        )
        found.append(solve(problem, effort="quick", seed=seed, threads=2).weight_ct)
    return found


QUESTIONS: dict[str, Callable[[], list[float]]] = {
    "scales": scales,
    "solids": solids,
    "improved": improved,
    "larger": larger,
    "past_the_end": past_the_end,
    "flat": lambda: [n for height in np.linspace(0.5, 20.0, 400) for n in contacts(height)],
}


def answers(names: list[str]) -> Answers:
    """Return the answers to the questions of these names."""
    return {name: QUESTIONS[name]() for name in names}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answers(sys.argv[1:])))

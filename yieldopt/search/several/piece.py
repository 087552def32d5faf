"""One stone in one piece: the search of `search.one` between saw planes, its bound first."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.geometry.coarse import split_triangles
from yieldopt.geometry.hazards import half_space
from yieldopt.geometry.polytope import inner_point
from yieldopt.geometry.surface import Surface, build_surface
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.hull import Hull
from yieldopt.search.bound import HullBound
from yieldopt.search.one import Pass, Placement, best_placement
from yieldopt.search.problem import Problem
from yieldopt.search.several.joint import Workshop
from yieldopt.search.site import LONGEST, Site
from yieldopt.search.starts import deep_points

# A saw plane of a piece: outward normal, offset of the plane (mm), what a stone keeps from it.
Face = tuple[Float, float, float]


def piece_site(
    site: Site, problem: Problem, faces: Sequence[Face], *, full: bool = False
) -> Site | None:
    """Return the site within saw planes; None where they leave nothing.

    Its `full` surface is the coarse one again unless it is asked for.
    """
    low, high = problem.rough.vertices.min(axis=0), problem.rough.vertices.max(axis=0)
    longest = LONGEST * float(problem.rough.extents.max())
    walls = [
        half_space(normal, offset, margin, low=low, high=high, name="saw")
        for normal, offset, margin in faces
    ]
    parts = [split_triangles(wall.triangles, longest, (low, high)) for wall in walls]
    margins = [np.full(len(part), face[2]) for part, face in zip(parts, faces, strict=True)]

    def walled(surface: Surface) -> Surface:
        tree = surface.tree
        return build_surface(
            np.concatenate([tree.corners.reshape(-1, 3, 3), *parts]),
            np.concatenate([tree.keep, *margins]),
        )

    coarse = walled(site.coarse)
    solids = [wall.solid for wall in walls if wall.solid is not None]
    if site.skin.hollows is not None:
        solids.append(site.skin.hollows.corners.reshape(-1, 3, 3))
    skin = replace(site.skin, hollows=build_surface(np.concatenate(solids), 0.0).tree)
    normals = np.concatenate([site.hull.normals, [face[0] for face in faces]])
    own = [face[1] - face[2] - float(face[0] @ site.centre) for face in faces]
    offsets = np.concatenate([site.hull.offsets, own])
    try:
        inner, _ = inner_point(normals, offsets)
    except ValueError:
        return None
    hull = Hull(
        normals=np.ascontiguousarray(normals),
        offsets=np.ascontiguousarray(offsets - normals @ inner),
        reach=site.hull.reach + float(np.linalg.norm(inner)),
    )
    whole = walled(site.full) if full and site.full is not site.coarse else coarse
    return Site(full=whole, coarse=coarse, skin=skin, hull=hull, centre=site.centre + inner)


def search_piece(
    piece: Site,
    workshop: Workshop,
    *,
    worth: float,
    budget: Pass,
    ceiling: float,
    crew: Crew,
    rng: np.random.Generator,
    stop: Callable[[], bool],
) -> tuple[list[tuple[int, Placement]], int]:
    """Return placements worth more than `worth`, each with its cut's number; and the evaluations.

    A cut whose bound in the piece's hull is not worth more is not searched for.
    """
    out: list[tuple[int, Placement]] = []
    evaluations = 0
    points = deep_points(piece.coarse, piece.skin, budget.samples, rng, crew)
    if len(points) == 0:
        return out, 0
    for g, cut in enumerate(workshop.cuts[: workshop.n_made]):
        bound = HullBound(piece.hull, piece.centre, cut, crew, workshop.rules, ceiling)
        bound.tighten(budget.cells, stop=stop)
        evaluations += bound.n_cells
        which = np.array([g])
        if float(workshop.worths.values(which, np.array([bound.volume]))[0]) <= worth or stop():
            continue
        placement, spent = best_placement(
            piece, cut, bound, rules=workshop.rules, points=points, budget=budget, beat=0.0,
            crew=crew, rng=rng, stop=stop, tell=lambda *_: None,
        )  # fmt: skip
        evaluations += spent
        if placement is None:
            continue
        own = float(workshop.worths.values(which, np.array([placement.volume]))[0])
        if own > worth and placement.width >= workshop.least[g]:
            out.append((g, placement))
    return out, evaluations

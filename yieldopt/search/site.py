"""A rough as the search sees it: hazards to keep clear, and the hull round them."""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.geometry.coarse import coarse_triangles, split_triangles
from yieldopt.geometry.hull import hull_planes
from yieldopt.geometry.surface import Surface, build_surface
from yieldopt.kernels.hull import Hull
from yieldopt.search.problem import Problem

COARSE = 6000  # triangles to search on: 3,000 misled the final rounds, 12,000 took 1.4 times
LONGEST = 0.08  # longest edge to search on, share of the rough's extent


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A rough with its hazards.

    Parameters
    ----------
    full, coarse
        Hazards as they are, and with fewer triangles.
    skin
        The coarse skin alone, closed: which side is inside.
    hull, centre
        Planes round the rough less its margin, and their origin.
    """

    full: Surface
    coarse: Surface
    skin: Surface
    hull: Hull
    centre: Float


def prepare_site(problem: Problem) -> Site:
    """Return the site of a problem."""
    rough, margin = problem.rough, problem.limits.skin_margin
    extent = float(np.ptp(rough.vertices, axis=0).max())
    simple = split_triangles(
        coarse_triangles(rough.vertices, rough.faces, COARSE), LONGEST * extent
    )
    coarse = build_surface(simple, margin)
    # Within COARSE triangles nothing was simplified: the same surface, its large ones split.
    full = coarse if len(rough.faces) <= COARSE else build_surface(rough.triangles(), margin)
    hull, centre = hull_planes(rough.vertices, margin)
    return Site(full=full, coarse=coarse, skin=coarse, hull=hull, centre=centre)

"""Where the girdle of a solid is: what a cutter measures crown and pavilion from."""

import numpy as np

from yieldopt.geometry.polytope import Polytope

UPRIGHT = 1e-9  # of a unit normal: what counts as a girdle facet


def girdle_edges(solid: Polytope) -> tuple[float, float]:
    """Return the highest point of the pavilion's facets and the lowest of the crown's, z.

    They bound the girdle where it is thinnest; equal for a level knife edge. Where one half
    has no facets, its end of the solid stands in.
    """
    up = _corners(solid, solid.normals[:, 2] > UPRIGHT)
    down = _corners(solid, solid.normals[:, 2] < -UPRIGHT)
    z = solid.vertices[:, 2]
    top = float(z[sorted(down)].max()) if down else float(z.min())
    bottom = float(z[sorted(up)].min()) if up else float(z.max())
    return top, bottom


def girdle_level(solid: Polytope) -> float:
    """Return the z of the middle of the girdle, or of the widest level where there is none.

    The widest level is where crown and pavilion meet: the outline seen from above.
    """
    upright = _corners(solid, np.abs(solid.normals[:, 2]) <= UPRIGHT)
    if upright:
        low, high = girdle_edges(solid)
        if low <= high:
            return 0.5 * (low + high)
    up = _corners(solid, solid.normals[:, 2] > UPRIGHT)
    down = _corners(solid, solid.normals[:, 2] < -UPRIGHT)
    z = solid.vertices[sorted(upright or (up & down)), 2]
    return 0.5 * float(z.min() + z.max())


def _corners(solid: Polytope, facets: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> set[int]:
    return {v for j in np.flatnonzero(facets) for v in solid.loops[j]}

"""Slow, obvious twins: a solid by another library, the width of a facet."""

from collections.abc import Callable

import numpy as np
import pytest

from yieldopt.geometry.arrays import Float

ON = 1e-8  # of unit width: a corner lies on a plane


class HullTwin:
    """A solid of half-spaces by SciPy's Qhull, which the package's own solids do not use."""

    def __init__(self, normals: Float, offsets: Float) -> None:
        from scipy.spatial import ConvexHull, HalfspaceIntersection

        halfspaces = np.column_stack([normals, -offsets])
        corners = HalfspaceIntersection(halfspaces, np.zeros(3)).intersections
        self.normals = normals
        self.corners: Float = np.unique(np.round(corners, 10), axis=0)
        self.volume = float(ConvexHull(self.corners).volume)
        self.facets = [
            self.corners[np.abs(self.corners @ n - d) < ON]
            for n, d in zip(normals, offsets, strict=True)
        ]

    def width_of(self, facet: int) -> float:
        """Return how wide a facet is where it is narrowest across, 0 if it is none."""
        corners, normal = self.facets[facet], self.normals[facet]
        if len(corners) < 3:
            return 0.0
        # The narrowest strip round a convex polygon lies along one of its edges, and every pair
        # of corners that is no edge only makes the strip wider on one side: try all pairs.
        narrowest = np.inf
        for i in range(len(corners)):
            for j in range(i + 1, len(corners)):
                across = np.cross(normal, corners[j] - corners[i])
                length = np.linalg.norm(across)
                if length < ON:
                    continue
                reach = (corners - corners[i]) @ across / length
                if reach.min() > -ON or reach.max() < ON:  # an edge: all on one side
                    narrowest = min(narrowest, float(np.ptp(reach)))
        return float(narrowest)


@pytest.fixture(scope="session")
def twin() -> Callable[[Float, Float], HullTwin]:
    """Build the twin of half-spaces."""
    return HullTwin

"""Convex solids: half-spaces, corners, facets, volume."""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float


@dataclass(frozen=True, slots=True, kw_only=True)
class Polytope:
    """A bounded convex solid `{x: normals @ x <= offsets}`.

    Parameters
    ----------
    normals, offsets
        (m, 3) unit outward normals and (m,) mm.
    vertices
        (v, 3) mm, its corners.
    loops
        For each half-space the corners of its facet, counter-clockwise seen from
        outside; empty where the half-space touches no facet (redundant).
    """

    normals: Float
    offsets: Float
    vertices: Float
    loops: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "normals", frozen_float(self.normals, (-1, 3), "normals"))
        object.__setattr__(self, "offsets", frozen_float(self.offsets, (len(self.normals),), "offsets"))
        object.__setattr__(self, "vertices", frozen_float(self.vertices, (-1, 3), "vertices"))

    def triangles(self) -> Float:
        """Return the surface as a fan of triangles a facet, (k, 3, 3) mm, outward."""
        fans = [
            self.vertices[[loop[0], loop[i], loop[i + 1]]]
            for loop in self.loops
            for i in range(1, len(loop) - 1)
        ]
        return np.array(fans)

    @property
    def areas(self) -> Float:
        """(m,) mm2, zero where a half-space is redundant."""
        out = np.zeros(len(self.normals))
        for j, loop in enumerate(self.loops):
            ring = self.vertices[list(loop)]
            if len(loop) > 2:
                out[j] = 0.5 * self.normals[j] @ np.cross(ring, np.roll(ring, -1, axis=0)).sum(axis=0)
        return out

    @property
    def volume(self) -> float:
        """mm3, exact: a cone a facet."""
        centre = self.vertices.mean(axis=0)
        return float(self.areas @ (self.offsets - self.normals @ centre) / 3.0)


def polytope_from_planes(normals: Float, offsets: Float) -> Polytope:
    """Return the solid of half-spaces (m, 3), (m,) mm with all its corners and facets.

    Raises
    ------
    ValueError
        If the half-spaces leave nothing, or leave it unbounded.
    """
    raise NotImplementedError

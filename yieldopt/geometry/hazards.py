"""Hazards: all that a finished stone must stay away from, one type, each with its own margin."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.surface import Surface, build_surface

# Margins that a half-space reaches out beyond the box: a preform's tip of 10 degrees, moved out
# by the margin, goes 11.5 margins further (1 / sin 5 degrees).
TIP = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """Triangles, and how far a finished stone stays away from every point of them.

    Parameters
    ----------
    name
        What it is called: "skin", "inclusion 2 (crack)", "saw step 1".
    triangles
        (k, 3, 3) mm.
    margin
        mm.
    solid
        (m, 3, 3) mm: a closed surface, outward, that no stone may lie inside of; None where the
        hazard has no inside. No triangle of it is met by a stone that lies wholly within.
    """

    name: str
    triangles: Float
    margin: float
    solid: Float | None = None

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "triangles", frozen_float(self.triangles, (-1, 3, 3), "triangles"))
        if self.solid is not None:
            object.__setattr__(self, "solid", frozen_float(self.solid, (-1, 3, 3), "solid"))


def surface_of(hazards: Sequence[Hazard]) -> Surface:
    """Return the tree over all hazards' triangles, each with its hazard's margin."""
    counts = [len(hazard.triangles) for hazard in hazards]
    return build_surface(
        np.concatenate([hazard.triangles for hazard in hazards]),
        np.repeat([hazard.margin for hazard in hazards], counts),
    )


def half_space(
    normal: Float, offset: float, margin: float, *, low: Float, high: Float, name: str
) -> Hazard:
    """Return the hazard of all points with `normal.x >= offset`, as far as a rough goes.

    A stone must stay below: a saw face, seen from the piece on its lower side. Exact for stones
    whose centre is in the rough and whose tips are blunter than 10 degrees: the rectangle on
    the plane goes TIP margins beyond the box, the block behind it holds the box's far side.

    Parameters
    ----------
    normal, offset
        (3,) unit, mm.
    low, high
        (3,) mm, the box of the rough.
    """
    aside = np.eye(3)[int(np.argmin(np.abs(normal)))]
    u = np.cross(normal, aside)
    u /= np.linalg.norm(u)
    frame = np.array([u, np.cross(normal, u), normal])  # right-handed: u x v = normal
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    places = (low + corners * (high - low)) @ frame.T
    first = places.min(axis=0) - TIP * margin
    last = places.max(axis=0) + TIP * margin
    first[2], last[2] = offset, max(offset, last[2]) + TIP * margin + 1.0  # never without depth
    block = (first + corners * (last - first)) @ frame
    # Outward; the first quad is the face on the plane.
    quads = [(0, 2, 6, 4), (1, 5, 7, 3), (0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6)]
    faces = np.array([t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))])
    solid = block[faces]
    return Hazard(name=name, triangles=solid[:2], margin=margin, solid=solid)

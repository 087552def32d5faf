"""Flaws inside a rough, and the triangles that a stone keeps clear of.

Places are mm in the frame of the scan. A ball and a needle are round: the triangles of theirs
stand outside them by at most `rounding_of`. Cracks and meshes are their own triangles.
"""

from dataclasses import dataclass, replace
from functools import cache
from typing import ClassVar, Literal

import numpy as np

from yieldopt.geometry.arrays import Float, Int, frozen_float, frozen_int

# mm: triangles stand no further outside a round flaw, as long as FINEST allows (radius 1.6 mm).
# A tenth of what a scan is good for. A round of 8 mm with a ball of 0.1 mm at every facet loses
# 0.2 % of weight by it.
ROUNDING = 0.002
FINEST = 5  # halvings of an icosahedron's edges: 20,480 triangles
LEAST_RADIUS = 1e-6  # mm, of a needle with a radius: thinner, its hull is lost in rounding

# "avoid": every stone keeps clear of it. "grade": it may stay inside, at a price. A name of its own
# is what the user calls it: a region that is no flaw, but that stones keep clear of, has one.
Severity = Literal["avoid", "grade"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sphere:
    """A ball; of radius 0, a point. Centre (3,), mm."""

    kind: ClassVar[str] = "sphere"
    centre: Float
    radius: float
    severity: Severity = "avoid"
    name: str = ""

    def __post_init__(self) -> None:
        """Freeze the array."""
        object.__setattr__(self, "centre", frozen_float(self.centre, (3,), "centre"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Needle:
    """All points within the radius of a segment, its ends (3,), mm."""

    kind: ClassVar[str] = "needle"
    start: Float
    end: Float
    radius: float
    severity: Severity = "avoid"
    name: str = ""

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "start", frozen_float(self.start, (3,), "start"))
        object.__setattr__(self, "end", frozen_float(self.end, (3,), "end"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crack:
    """The fan of triangles about the first corner, corners (n, 3) in order, mm.

    The polygon itself where it is flat and convex, and covering it where it is flat.
    """

    kind: ClassVar[str] = "crack"
    corners: Float
    severity: Severity = "avoid"
    name: str = ""

    def __post_init__(self) -> None:
        """Freeze the array."""
        object.__setattr__(self, "corners", frozen_float(self.corners, (-1, 3), "corners"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """All that closed shells hold: vertices (n, 3) mm, faces (k, 3), each shell outward."""

    kind: ClassVar[str] = "mesh"
    vertices: Float
    faces: Int
    severity: Severity = "avoid"
    name: str = ""

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "vertices", frozen_float(self.vertices, (-1, 3), "vertices"))
        object.__setattr__(self, "faces", frozen_int(self.faces, (-1, 3), "faces"))


Inclusion = Sphere | Needle | Crack | Mesh


def name_of(number: int, inclusion: Inclusion) -> str:
    """Return what a flaw is called: its own name, or its number from 1 in the job's order."""
    return inclusion.name or f"inclusion {number} ({inclusion.kind})"


def is_solid(inclusion: Inclusion) -> bool:
    """Tell whether a flaw has an inside, so that `triangles_of` it are closed."""
    match inclusion:
        case Sphere() | Needle():
            return inclusion.radius > 0.0
        case Crack():
            return False
        case Mesh():
            return True


def triangles_of(inclusion: Inclusion) -> Float:
    """Return triangles (k, 3, 3) mm that a flaw lies within, or that are the flaw.

    Conservative: of a solid flaw they are a closed surface, outward, and no point of the flaw
    is outside it. Points and threads without thickness are triangles without area.
    """
    match inclusion:
        case Sphere(centre=centre, radius=radius):
            return centre + radius * _ball(_fineness(radius))
        case Needle(start=start, end=end, radius=radius):
            if radius == 0.0:
                return np.array([[start, end, end]])
            if np.array_equal(start, end):
                return start + radius * _ball(_fineness(radius))
            return _capsule(start, end, max(radius, LEAST_RADIUS))
        case Crack(corners=corners):
            ring = np.arange(1, len(corners) - 1)
            return corners[np.column_stack([np.zeros_like(ring), ring, ring + 1])]
        case Mesh(vertices=vertices, faces=faces):
            return vertices[faces]


def scaled_flaw(inclusion: Inclusion, factor: float) -> Inclusion:
    """Return a flaw of a scan that is rescaled about its origin; no radius becomes less by it."""
    match inclusion:
        case Sphere(centre=centre, radius=radius):
            return replace(inclusion, centre=centre * factor, radius=radius * max(1.0, factor))
        case Needle(start=start, end=end, radius=radius):
            return replace(
                inclusion,
                start=start * factor,
                end=end * factor,
                radius=radius * max(1.0, factor),
            )
        case Crack(corners=corners):
            return replace(inclusion, corners=corners * factor)
        case Mesh(vertices=vertices):
            return replace(inclusion, vertices=vertices * factor)


def rounding_of(inclusion: Inclusion) -> float:
    """Return how far the triangles of a flaw stand outside it, at most, mm."""
    match inclusion:
        case Sphere(radius=radius) | Needle(radius=radius):
            corners = _ball(_fineness(radius))
            return radius * float(np.linalg.norm(corners, axis=2).max() - 1.0)
        case _:
            return 0.0


def _fineness(radius: float) -> int:
    for halvings in range(FINEST):
        if radius * float(np.linalg.norm(_ball(halvings), axis=2).max() - 1.0) <= ROUNDING:
            return halvings
    return FINEST


@cache
def _ball(halvings: int) -> Float:
    """Return 20 * 4^halvings triangles round the ball of radius 1, outward.

    The surface is seen whole from the centre and no triangle's plane is nearer than 1, so that
    every ray meets the ball before it.
    """
    golden = (1.0 + 5.0**0.5) / 2.0
    flat = [(0.0, a, b * golden) for a in (-1.0, 1.0) for b in (-1.0, 1.0)]
    points = np.array([np.roll(p, k) for p in flat for k in range(3)])
    faces = [
        (i, j, k)
        for i in range(12)
        for j in range(i + 1, 12)
        for k in range(j + 1, 12)
        # Neighbours of an icosahedron with edges of 2.
        if all(abs(np.linalg.norm(points[a] - points[b]) - 2.0) < 0.1
               for a, b in ((i, j), (j, k), (k, i)))
    ]  # fmt: skip
    triangles = points[np.array(faces)]
    inward = np.linalg.det(triangles) < 0.0
    triangles[inward] = triangles[inward][:, ::-1]
    for _ in range(halvings):
        a, b, c = triangles.transpose(1, 0, 2)
        ab, bc, ca = a + b, b + c, c + a  # the length does not matter: all are set to 1 below
        parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        triangles = np.concatenate([np.stack(part, axis=1) for part in parts])
        triangles = triangles / np.linalg.norm(triangles, axis=2, keepdims=True)
    a, b, c = triangles.transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    nearest = float((np.einsum("ij,ij->i", normals, a) / np.linalg.norm(normals, axis=1)).min())
    out: Float = triangles / nearest
    out.setflags(write=False)
    return out


def _capsule(start: Float, end: Float, radius: float) -> Float:
    """Return triangles round a needle: the hull of the ball's triangles at both its ends."""
    from scipy.spatial import ConvexHull

    ball = radius * np.unique(_ball(_fineness(radius)).reshape(-1, 3), axis=0)
    half = 0.5 * (end - start)  # about the middle: coordinates lose nothing to a far origin
    points = np.concatenate([ball - half, ball + half])
    hull = ConvexHull(points)
    triangles: Float = points[hull.simplices]
    a, b, c = triangles.transpose(1, 0, 2)
    inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), hull.equations[:, :3]) < 0.0
    triangles[inward] = triangles[inward][:, ::-1]
    return triangles + 0.5 * (start + end)

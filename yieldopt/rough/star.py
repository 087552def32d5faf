"""Star bodies: solids given by the distance of their skin along every ray from one point.

A skin given so cannot cross itself, however its distance is bent: worn edges, pits, marks and
struck-off flats all only move it along its rays. Flat faces start from a polytope, so that
triangles end at its edges; its gauge is `g(u) = max_j n_j.u / d_j`, the distance of its skin
`1 / g(u)`. A p-norm in place of the maximum wears its edges round.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.chance import Chance
from yieldopt.rough.mending.skin import Index

Radius = Callable[[Float], Float]  # rays or places (n, 3) -> distances (n,)
FAR = 1e3  # how far a ray goes that never enters: beyond every skin, and still a number
GOLDEN = (1.0 + np.sqrt(5.0)) / 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A star body about the origin, about 2 long, not yet in triangles.

    Parameters
    ----------
    points, faces
        A coarse convex skin round the origin, (n, 3) and (k, 3), outward: it says which rays
        there are and where edges run.
    radius
        The distance of the skin along each ray.
    stretch
        (3,), applied to what `radius` gives: a straight line of rays stays one.
    """

    points: Float
    faces: Index
    radius: Radius
    stretch: Float

    def at(self, points: Float) -> Float:
        """Return where points of the coarse skin (n, 3) end up."""
        rays = points / np.sqrt(np.einsum("ij,ij->i", points, points))[:, None]
        moved: Float = rays * self.radius(rays)[:, None] * self.stretch
        return moved


def fans_of_polytope(normals: Float, offsets: Float) -> tuple[Float, Index]:
    """Return a polytope's skin, each facet a fan about its middle, in an order of its own."""
    from yieldopt.geometry.polytope import polytope_from_planes

    solid = polytope_from_planes(normals, offsets)
    number: dict[int, int] = {}
    points: list[Float] = []
    faces: list[tuple[int, int, int]] = []
    for loop in solid.loops:
        if len(loop) < 3:
            continue
        first = max(range(len(loop)), key=lambda i: tuple(solid.vertices[loop[i]].round(9)))
        ring = [*loop[first:], *loop[:first]]
        for corner in ring:
            if corner not in number:
                number[corner] = len(points)
                points.append(solid.vertices[corner])
        middle = len(points)
        points.append(solid.vertices[ring].mean(axis=0))
        corners = [number[corner] for corner in ring]
        faces += [(middle, a, b) for a, b in zip(corners, corners[1:] + corners[:1], strict=True)]
    return np.array(points), np.array(faces, dtype=np.int64)


def icosahedron() -> tuple[Float, Index]:
    """Return the coarse skin of bodies without edges, outward."""
    points = np.array(
        [(0.0, a, b * GOLDEN) for a in (1, -1) for b in (1, -1)]
        + [(a, b * GOLDEN, 0.0) for a in (1, -1) for b in (1, -1)]
        + [(b * GOLDEN, 0.0, a) for a in (1, -1) for b in (1, -1)]
    )
    beside = np.isclose(((points[:, None] - points) ** 2).sum(axis=2), 4.0)
    faces = [
        (i, j, k)
        for i in range(12)
        for j in range(i + 1, 12)
        for k in range(i + 1, 12)
        if beside[i, j] and beside[j, k] and beside[k, i]
        if np.cross(points[i], points[j]) @ points[k] > 0.0
    ]
    return points, np.array(faces, dtype=np.int64)


def gauge_of(normals: Float, offsets: Float, *, wear: float, floor: float) -> Radius:
    """Return the gauge of a polytope with worn edges, the sharper the larger `wear`.

    `floor` > 0 adds a ball of radius 1 / floor: half-spaces that leave the body open are closed.
    """
    scaled = (normals / offsets[:, None]).T

    def gauge(rays: Float) -> Float:
        shares = np.maximum(rays @ scaled, floor)
        top = shares.max(axis=1)
        out: Float = top * ((shares / top[:, None]) ** wear).sum(axis=1) ** (1.0 / wear)
        return out

    return gauge


def marked(rays: Float, radius: Float, marks: Radius) -> Float:
    """Return a skin moved along its rays by marks that are a function of the place on it."""
    return radius + marks(rays * radius[:, None])


def nearer(one: Float, other: Float, *, wear: float) -> Float:
    """Return the nearer of two skins, the rim between them worn, the sharper the larger `wear`."""
    near, far = np.minimum(one, other), np.maximum(one, other)
    out: Float = near * (1.0 + (near / far) ** wear) ** (-1.0 / wear)
    return out


def entry_of_ball(rays: Float, centre: Float, size: float) -> Float:
    """Return how far each ray goes before it enters a ball; past its rim a wall rises steeply."""
    along = rays @ centre
    squared = centre @ centre - along * along - size * size
    rim = np.sqrt(centre @ centre - size * size)  # distance where a ray just touches
    inside = np.where(squared <= 0.0, along - np.sqrt(np.maximum(-squared, 0.0)), rim)
    wall = inside + 4.0 * np.sqrt(np.maximum(squared, 0.0))
    return np.where(along > 0.0, wall, FAR)


def waves_of(chance: Chance, pitch: float, number: int, height: float) -> Radius:
    """Return smooth bumps of places: waves of about `pitch` radians a unit, `height` tall."""
    waves = chance.rays(number) * chance.many(0.6 * pitch, 1.4 * pitch, number)[:, None]
    phases = chance.many(0.0, 2.0 * np.pi, number)
    share = height * np.sqrt(2.0 / number)

    def bumps(points: Float) -> Float:
        out: Float = share * np.sin(points @ waves.T + phases).sum(axis=1)
        return out

    return bumps

"""Flaws as the few numbers that say where they lie and how large they look; and whether they open.

A body is a box of half-axes (in its own directions) and a ball rolled round it: a sphere is a
ball alone, a needle one half-axis and a ball, cracks and meshes the box round them along their
principal directions. So a body's reach along any direction is one sum, and never too small.
How large a flaw looks goes by the ellipse of its second moments instead: a box would see corners
that are not there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import Surface, build_surface, scale_at
from yieldopt.rough.inclusions import (
    Crack,
    Inclusion,
    Mesh,
    Needle,
    Sphere,
    is_solid,
    name_of,
    triangles_of,
)

Reach = Literal["outside", "inside", "open"]

DISC = 16.0  # a disc of diameter D has the second moment D^2 / 16 along a diameter
SOLID = 20.0  # a ball of diameter D has D^2 / 20
INSIDE_TURNS = 0.5  # of the winding number: 1 inside a closed surface, 0 outside


@dataclass(frozen=True, slots=True, kw_only=True)
class FlawBodies:
    """Flaws of a rough, in the frame of the scan; mm.

    Parameters
    ----------
    names, kinds
        (f,) what each is called ("inclusion 2 (crack)"), and sphere, needle, crack or mesh.
    centres
        (f, 3).
    half_axes
        (f, 3, 3) rows: half-axes of the box.
    radii
        (f,) of the ball rolled round the box.
    spreads
        (f, 3, 3) squared diameters of the ellipse that looks as large, the ball left out.
    surfaces, corners
        The flaws' triangles, as trees and as points (n, 3).
    solid
        (f,) whether a flaw has an inside.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    centres: Float
    half_axes: Float
    radii: Float
    spreads: Float
    surfaces: tuple[Surface, ...]
    corners: tuple[Float, ...]
    solid: tuple[bool, ...]

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        n = len(self.names)
        for name, shape in (
            ("centres", (n, 3)),
            ("half_axes", (n, 3, 3)),
            ("radii", (n,)),
            ("spreads", (n, 3, 3)),
        ):
            object.__setattr__(self, name, frozen_float(getattr(self, name), shape, name))

    def __len__(self) -> int:
        """Return how many flaws there are."""
        return len(self.names)


def flaw_bodies(inclusions: Sequence[Inclusion]) -> FlawBodies:
    """Return the bodies of flaws, named by their place in the job. Once a rough."""
    n = len(inclusions)
    centres, half_axes = np.zeros((n, 3)), np.zeros((n, 3, 3))
    radii, spreads = np.zeros(n), np.zeros((n, 3, 3))
    triangles = [triangles_of(inclusion) for inclusion in inclusions]
    for i, inclusion in enumerate(inclusions):
        match inclusion:
            case Sphere(centre=centre, radius=radius):
                centres[i], radii[i] = centre, radius
            case Needle(start=start, end=end, radius=radius):
                along = end - start
                centres[i], radii[i] = 0.5 * (start + end), radius
                half_axes[i, 0] = 0.5 * along
                spreads[i] = np.outer(along, along)
            case Crack():
                centres[i], half_axes[i] = _box(triangles[i].reshape(-1, 3))
                spreads[i] = DISC * _moments_of_area(triangles[i])
            case Mesh():
                centres[i], half_axes[i] = _box(triangles[i].reshape(-1, 3))
                spreads[i] = SOLID * _moments_of_volume(triangles[i])
    return FlawBodies(
        names=tuple(name_of(i, inclusion) for i, inclusion in enumerate(inclusions, start=1)),
        kinds=tuple(inclusion.kind for inclusion in inclusions),
        centres=centres,
        half_axes=half_axes,
        radii=radii,
        spreads=spreads,
        surfaces=tuple(build_surface(own, 0.0) for own in triangles),
        corners=tuple(np.unique(own.reshape(-1, 3), axis=0) for own in triangles),
        solid=tuple(is_solid(inclusion) for inclusion in inclusions),
    )


def reach_of(
    bodies: FlawBodies, i: int, normals: Float, offsets: Float, pose: Pose, *, cover: float
) -> Reach:
    """Return where a flaw lies to a finished stone.

    "outside": no point of it is inside the stone. "inside": all of it is, with `cover` mm of stone
    over it or more. "open": it comes to the surface, or nearer than that. Exact for cracks and
    meshes, interiors of their triangles included; round flaws count by the triangles round them
    (0.002 mm outside).

    Parameters
    ----------
    bodies, i
        The flaws, and which.
    normals, offsets
        (m, 3) unit, (m,) mm above 0: the stone in its own frame.
    pose
        Where it stands.
    """
    scale, _ = scale_at(bodies.surfaces[i], normals, offsets, pose)
    if scale >= 1.0:
        inside_flaw = bodies.solid[i] and _holds(bodies.surfaces[i], pose.translation)
        return "open" if inside_flaw else "outside"
    local = (bodies.corners[i] - pose.translation) @ pose.rotation
    farthest = float((local @ normals.T - offsets).max())
    return "inside" if farthest <= -cover else "open"


def _holds(surface: Surface, place: Float) -> bool:
    """Tell whether a closed surface holds a place, by the solid angles of its triangles."""
    a, b, c = (surface.tree.corners.reshape(-1, 3, 3) - place).transpose(1, 0, 2)
    la, lb, lc = (np.linalg.norm(side, axis=1) for side in (a, b, c))
    volume = np.einsum("ij,ij->i", a, np.cross(b, c))
    dots = la * lb * lc
    for one, two, other in ((a, b, lc), (b, c, la), (c, a, lb)):
        dots = dots + np.einsum("ij,ij->i", one, two) * other
    turns = float(np.arctan2(volume, dots).sum()) / (2.0 * np.pi)
    return turns > INSIDE_TURNS


def _box(points: Float) -> tuple[Float, Float]:
    """Return the centre (3,) and half-axes (3, 3) of a box round points, along their spread."""
    _, _, directions = np.linalg.svd(points - points.mean(axis=0), full_matrices=True)
    along = points @ directions.T
    low, high = along.min(axis=0), along.max(axis=0)
    return 0.5 * (low + high) @ directions, 0.5 * (high - low)[:, None] * directions


def _moments_of_area(triangles: Float) -> Float:
    """Return the second moments (3, 3) of triangles' area about its centroid, mm2."""
    a, b, c = triangles.transpose(1, 0, 2)
    return _moments(triangles, 0.5 * np.linalg.norm(np.cross(b - a, c - a), axis=1), 12.0, 3.0)


def _moments_of_volume(triangles: Float) -> Float:
    """Return the second moments (3, 3) of the volume that triangles enclose, mm2."""
    return _moments(triangles, np.linalg.det(triangles) / 6.0, 20.0, 4.0)


def _moments(triangles: Float, weights: Float, share: float, corners: float) -> Float:
    """Return the moments of simplices: triangles, or tetrahedra with the origin.

    The mean of x x^T over a simplex is (sum of v v^T + s s^T) / (n (n + 1)), s the sum of its n
    corners v.
    """
    sums = triangles.sum(axis=1)
    squares = np.einsum("kij,kil->kjl", triangles, triangles)
    squares = (squares + sums[:, :, None] * sums[:, None, :]) / share
    whole = weights.sum()
    mean = weights @ sums / corners / whole
    out: Float = np.einsum("k,kjl->jl", weights, squares) / whole - np.outer(mean, mean)
    return out

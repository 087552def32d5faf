"""Six outlines of a rough at true scale, along the ways that callipers lie on it."""

from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.rough import Rough
from yieldopt.workshop.reading import read
from yieldopt.workshop.record import View
from yieldopt.workshop.skin import skin_of

MOST_CORNERS = 1500  # of a hull that is measured; of rounder ones the farthest out
DIRECTIONS = 1000
LINE = 0.02  # mm: an outline is as fine as a printer's dot
# (3,) right, (3,) up along length, width and height: laid out as a sheet unfolds, with the top in
# the middle of the left column: bottom is the top turned over about its length.
WAYS = {
    "top": ((1, 0, 0), (0, 1, 0)),
    "bottom": ((1, 0, 0), (0, -1, 0)),
    "front": ((1, 0, 0), (0, 0, 1)),
    "back": ((-1, 0, 0), (0, 0, 1)),
    "left": ((0, -1, 0), (0, 0, 1)),
    "right": ((0, 1, 0), (0, 0, 1)),
}


def calliper_frame(rough: Rough, tips: Float) -> Float:
    """Return the ways of a rough's length, width and height, rows (3, 3), right-handed.

    It rests on the face over which it is least high; the width is the least across that. A turned
    rough has the same, turned: each way points to the side where tip A is (B for the width).

    Parameters
    ----------
    tips
        (3, 3) mm: A, B, C.
    """
    from scipy.spatial import ConvexHull

    hull = ConvexHull(rough.vertices - rough.vertices[0])
    corners = hull.points[hull.vertices]
    if len(corners) > MOST_CORNERS:
        corners = _farthest_out(corners)
        hull = ConvexHull(corners)
    normals = hull.equations[:, :3]
    up = normals[int(np.ptp(corners @ normals.T, axis=0).argmin())]
    first = np.cross(up, np.eye(3)[int(np.abs(up).argmin())])
    first /= np.linalg.norm(first)
    plane = np.array([first, np.cross(up, first)])
    shadow = ConvexHull(corners @ plane.T)
    sides = shadow.equations[:, :2]
    wide = sides[int(np.ptp(shadow.points @ sides.T, axis=0).argmin())] @ plane
    middle = tips.mean(axis=0)
    up = up if (tips[0] - middle) @ up >= 0.0 else -up
    wide = wide if (tips[1] - middle) @ wide >= 0.0 else -wide
    return np.array([np.cross(wide, up), wide, up])


def _farthest_out(corners: Float) -> Float:
    turn = np.arange(DIRECTIONS) * np.pi * (3.0 - np.sqrt(5.0))
    height = (np.arange(DIRECTIONS) + 0.5) / DIRECTIONS
    ring = np.sqrt(1.0 - height**2)
    ways = np.column_stack([ring * np.cos(turn), ring * np.sin(turn), height])
    along = corners @ ways.T
    kept = np.unique(np.concatenate([along.argmin(axis=0), along.argmax(axis=0)]))
    out: Float = corners[kept]
    return out


def sizes_along(rough: Rough, frame: Float) -> tuple[float, float, float]:
    """Return the rough's length, width and height along a frame's rows, mm."""
    length, width, height = np.ptp(rough.vertices @ frame.T, axis=0)
    return read(float(length)), read(float(width)), read(float(height))


def views_of(rough: Rough, frame: Float) -> tuple[View, ...]:
    """Return the six outlines; views from opposite sides are each other's mirror images."""
    solid = _solid(rough, frame)
    out, seen = [], {}
    for name, (right, up) in WAYS.items():
        x, y = np.array(right, dtype=np.float64), np.array(up, dtype=np.float64)
        key = int(np.abs(np.cross(x, y)).argmax())
        if key not in seen:
            seen[key] = (x, y, _outlines(rough, solid, frame, x, y))
        first_x, first_y, lines = seen[key]
        flip = np.array([x @ first_x, y @ first_y])
        out.append(
            View(
                name=name,
                right=x @ frame,
                up=y @ frame,
                outlines=tuple(line * flip for line in lines),
            )
        )
    return tuple(out)


def _solid(rough: Rough, frame: Float) -> Any | None:
    """Return the rough in its calliper frame as a solid; None where its skin is no manifold."""
    import manifold3d

    solid = manifold3d.Manifold(
        manifold3d.Mesh64(
            np.ascontiguousarray(rough.vertices @ frame.T),
            np.ascontiguousarray(rough.faces, dtype=np.uint64),
        )
    )
    return solid if solid.status() == manifold3d.Error.NoError and not solid.is_empty() else None


def _outlines(
    rough: Rough, solid: Any | None, frame: Float, right: Float, up: Float
) -> list[Float]:
    """Return the outlines (k, 2) mm of a rough seen so, in its calliper frame; holes too."""
    import manifold3d

    turn = np.array([right, up, np.cross(right, up)])
    if solid is not None:
        shadow = solid.transform(np.column_stack([turn, np.zeros(3)])).project()
    else:
        flat = skin_of(rough.vertices @ frame.T, rough.faces).triangles @ turn[:2].T
        u, v = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
        facing = flat[u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0] > 0.0]
        shadow = manifold3d.CrossSection(list(facing), manifold3d.FillRule.NonZero)
    return [np.array(line, dtype=np.float64) for line in shadow.simplify(LINE).to_polygons()]

"""Whether a stone is what it says it is: planes, corners, sizes, weight, pose, facet list.

The corners are not computed, they are proved: each lies in all half-spaces and on three planes,
so it is a corner; and each face of their hull lies on a plane, so none is missing.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yieldopt.plan.schema import FacetForm, StoneForm
from yieldopt.plan.verdict import Violation
from yieldopt.units import weight_ct

Float = NDArray[np.float64]

# |n| - 1 and |R R^T - 1|: what a few products of float64 rotations lose, and file rounding.
UNIT_SLACK = 1e-9
# Share of the stone's largest extent: how well a corner is known. Facets that miss one point by
# less (designs are written with 6 to 8 decimals) meet in one corner that lies on each but nearly.
CORNER_SHARE = 3e-7
# Share of a volume: a film of that thickness over the stone, some six times its share.
VOLUME_SLACK = 2e-6
# Share of a weight: one product.
WEIGHT_SLACK = 1e-12
# mm, and per cent of the width: differences of corners, turned back by the pose.
SIZE_SLACK = 1e-6
PERCENT_SLACK = 1e-4
# Degrees between a listed facet and its plane: cutting sheets print hundredths, and a good
# machine repeats a tenth.
FACET_SLACK_DEG = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A stone as arrays, in the frame of the mesh: (m, 3) unit, (m,) mm, (v, 3) mm."""

    normals: Float
    offsets: Float
    vertices: Float

    @property
    def corner_slack(self) -> float:
        """How well its corners are known, mm."""
        return CORNER_SHARE * float(np.ptp(self.vertices, axis=0).max())

    @property
    def middle(self) -> Float:
        """A point of the stone's inside, (3,) mm."""
        middle: Float = self.vertices.mean(axis=0)
        return middle


def body_of(stone: StoneForm) -> Body:
    """Return a stone's planes, brought to unit length exactly, and its corners."""
    planes = np.array(stone.planes, dtype=np.float64)
    length = np.linalg.norm(planes[:, :3], axis=1)
    length[length == 0.0] = 1.0
    return Body(
        normals=planes[:, :3] / length[:, None],
        offsets=planes[:, 3] / length,
        vertices=np.array(stone.vertices_mm, dtype=np.float64),
    )


def judge_stone(
    part: str, stone: StoneForm, body: Body, specific_gravity: float
) -> Iterator[Violation]:
    """Judge all that a stone says of itself."""

    def wrong(key: str, message: str) -> Violation:
        return Violation(part=part, subject=key, message=message)

    planes = np.array(stone.planes, dtype=np.float64)
    off = np.abs(np.linalg.norm(planes[:, :3], axis=1) - 1.0)
    if off.max() > UNIT_SLACK:
        yield wrong("planes", f"plane {off.argmax()} has no unit normal (off by {off.max():.3g})")
    for message in _corner_faults(body):
        yield wrong("vertices_mm", message)
    if not all(abs(math.hypot(*row[:3]) - 1.0) <= UNIT_SLACK for row in stone.notch):
        yield wrong("notch", "a plane has no unit normal")
    volume = _hull_volume(body.vertices) - _notch_volume(body, stone)
    if abs(volume - stone.volume_mm3) > VOLUME_SLACK * volume:
        yield wrong("volume_mm3", f"{stone.volume_mm3:.6f} stated, {volume:.6f} by the corners")
    weight = weight_ct(stone.volume_mm3, specific_gravity)
    if abs(weight - stone.weight_ct) > WEIGHT_SLACK * weight:
        yield wrong("weight_ct", f"{stone.weight_ct:.6f} stated, {weight:.6f} by the volume")

    rotation = np.array(stone.pose.rotation)
    lost = np.abs(rotation @ rotation.T - np.eye(3)).max()
    if lost > UNIT_SLACK:
        yield wrong("pose.rotation", f"not orthonormal (off by {lost:.3g})")
        return
    if np.linalg.det(rotation) < 0.0:
        yield wrong("pose.rotation", "a reflection, no rotation")
        return
    origin = np.array(stone.pose.translation_mm)
    if (body.normals @ origin >= body.offsets).any():
        yield wrong("pose.translation_mm", "the gem frame's origin is not inside the stone")
    gem = (body.vertices - origin) @ rotation
    for key, message in _size_faults(stone, body, gem):
        yield wrong(key, message)
    for key, message in _facet_faults(stone.facets, body.normals @ rotation):
        yield wrong(key, message)


def _corner_faults(body: Body) -> Iterator[str]:
    """Say where corners and planes are not of the same solid."""
    height = body.vertices @ body.normals.T - body.offsets
    out = height.max(axis=1)
    if out.max() > body.corner_slack:
        i = int(out.argmax())
        yield f"corner {i} lies {out[i]:.3g} mm outside plane {int(height[i].argmax())}"
    on = np.abs(height) <= body.corner_slack
    loose = np.flatnonzero(on.sum(axis=1) < 3)
    if len(loose):
        yield f"corner {loose[0]} lies on fewer than three planes"
    bare = np.flatnonzero(on.sum(axis=0) < 3)
    if len(bare):
        yield f"plane {bare[0]} carries no facet (fewer than three corners lie on it)"
    faces = _hull_faces(body.vertices)
    if faces is None:
        yield "the corners bound no solid"
        return
    n_bare = sum(not on[face].all(axis=0).any() for face in faces)
    if n_bare:
        yield f"a corner is missing: {n_bare} triangles of the corners' hull lie on no plane"


def _hull_faces(points: Float) -> NDArray[np.int32] | None:
    from scipy.spatial import ConvexHull, QhullError

    try:
        # Q12: beside narrow facets Qhull would give up over 1e-11 mm; the planes check it anyway.
        hull = ConvexHull(points - points.mean(axis=0), qhull_options="Qt Q12")
        return np.asarray(hull.simplices)
    except (QhullError, ValueError):
        return None


def _hull_volume(points: Float) -> float:
    """Return the volume of the points' hull, mm3: a tetrahedron to the middle for each face."""
    faces = _hull_faces(points)
    if faces is None:
        return 0.0
    corners = (points - points.mean(axis=0))[faces]
    return float(np.abs(np.linalg.det(corners)).sum() / 6.0)


def _notch_volume(body: Body, stone: StoneForm) -> float:
    """Return what the notch takes off the solid, mm3: the corners of what both bound, their hull.

    An inner point is that of the largest ball there; without one nothing is taken.
    """
    if not stone.notch:
        return 0.0
    from scipy.optimize import linprog
    from scipy.spatial import HalfspaceIntersection, QhullError

    rows = np.vstack([np.column_stack([body.normals, body.offsets]), np.array(stone.notch)])
    upright = np.column_stack([rows[:, :3], np.linalg.norm(rows[:, :3], axis=1)])
    ball = linprog([0.0, 0.0, 0.0, -1.0], A_ub=upright, b_ub=rows[:, 3], bounds=(None, None))
    if ball.x is None or ball.x[3] <= body.corner_slack:
        return 0.0
    try:
        corners = HalfspaceIntersection(rows * [1.0, 1.0, 1.0, -1.0], ball.x[:3]).intersections
    except (QhullError, ValueError):
        return 0.0
    return _hull_volume(corners)


def _size_faults(stone: StoneForm, body: Body, gem: Float) -> Iterator[tuple[str, str]]:
    """Compare the stated sizes with those of the corners in the gem frame (v, 3)."""
    extent = np.ptp(gem, axis=0)
    for key, stated, size in (
        ("length_mm", stone.length_mm, extent[:2].max()),
        ("width_mm", stone.width_mm, extent[:2].min()),
        ("depth_mm", stone.depth_mm, extent[2]),
    ):
        if abs(stated - size) > SIZE_SLACK:
            yield key, f"{stated:.6f} stated, {size:.6f} by the corners"
    table = [j for row in stone.facets if row.side == "table" for j in row.planes]
    table = [j for j in table if j < len(body.normals)]
    on = np.abs(body.vertices @ body.normals[table].T - body.offsets[table]) <= body.corner_slack
    corners = gem[on.any(axis=1)]
    shares = [0.0]
    if len(corners):  # a round has two widths: either will do
        across = extent[:2] <= extent[:2].min() + SIZE_SLACK
        shares = list(100.0 * np.ptp(corners[:, :2], axis=0)[across] / extent[:2][across])
    if all(abs(stone.table_pct - share) > PERCENT_SLACK for share in shares):
        yield "table_pct", f"{stone.table_pct:.4f} stated, {shares[0]:.4f} by the corners"


def _facet_faults(rows: list[FacetForm], normals: Float) -> Iterator[tuple[str, str]]:
    """Compare the facet list with the planes' normals in the gem frame (m, 3)."""
    listed = np.zeros(len(normals), dtype=int)
    for row in rows:
        key = f"facets.{row.tier}"
        if len(row.index) != len(row.planes):
            yield key, f"{len(row.index)} teeth for {len(row.planes)} planes"
            continue
        if row.gear == 0 or any(abs(tooth) > abs(row.gear) for tooth in row.index):
            yield key, f"a tooth that a gear of {abs(row.gear)} has not"
            continue
        for tooth, j in zip(row.index, row.planes, strict=True):
            if j >= len(normals):
                yield key, f"tooth {tooth:g} names plane {j}, but there are {len(normals)} planes"
                continue
            listed[j] += 1
            off = _degrees_between(_listed_normal(row, tooth), normals[j])
            if off > FACET_SLACK_DEG:
                at = f"tooth {tooth:g} at {row.angle_deg:g} degrees"
                yield key, f"{at} is {off:.3f} degrees off plane {j}"
    for number in np.flatnonzero(listed != 1):
        yield "facets", f"plane {number} is listed {listed[number]} times"


def _listed_normal(row: FacetForm, tooth: float) -> Float:
    """Return the outward normal (3,) that a tooth of a tier asks for, gem frame."""
    slope = np.deg2rad(row.angle_deg)
    turn = 2.0 * np.pi * (tooth - row.location) / row.gear
    up = -np.cos(slope) if row.side == "pavilion" else np.cos(slope)
    return np.array([np.sin(slope) * np.sin(turn), np.sin(slope) * np.cos(turn), up])


def _degrees_between(a: Float, b: Float) -> float:
    """Return the angle between two vectors, good for small ones too."""
    return float(np.rad2deg(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b)))

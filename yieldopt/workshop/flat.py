"""The first flat of a stone: where it is ground, and how marks tell that it is there.

Stood on its flat on a glass plate, the piece shows three marks at heights: they fix the plane. A
paper target under the glass shows the marks' feet: they fix the axis of the dop and index 0.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.plan.record import Stone
from yieldopt.workshop.reading import read
from yieldopt.workshop.record import READING

ROUNDING = 1e-6  # of a reading: a height that is whole stays

Side = Literal["table", "culet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A flat with the paper under it.

    Parameters
    ----------
    normal, offset
        Outward, (3,) unit and mm: `normal . x <= offset` stays.
    foot
        (3,) mm: where the dop's axis meets the flat.
    right, to_index
        (3,) unit: x and y of the target, seen from above with the piece standing on the flat.
        y points to index 0.
    """

    normal: Float
    offset: float
    foot: Float
    right: Float
    to_index: Float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("normal", "foot", "right", "to_index"):
            object.__setattr__(self, name, frozen_float(getattr(self, name), (3,), name))

    def for_height_of(self, point: Float) -> "Target":
        """Return the flat moved out by less than a reading, so that a point's height is whole."""
        height = self.offset - float(self.normal @ point)
        more = math.ceil(height / READING - ROUNDING) * READING - height
        return replace(self, offset=self.offset + more, foot=self.foot + more * self.normal)

    def height_over(self, stone: Stone) -> float:
        """Return how far a stone's nearest corner is from the flat, mm."""
        corners = stone.pose.apply(stone.design.solid.vertices)
        return self.offset - float((corners @ self.normal).max())

    def seen(self, points: Float) -> Float:
        """Return points (n, 3) mm as they stand over the target: x, y and height, (n, 3) mm."""
        away = points - self.foot
        out: Float = np.stack([away @ self.right, away @ self.to_index, -(away @ self.normal)], 1)
        return out


def target_of(stone: Stone, side: Side, beyond: float) -> Target:
    """Return the flat of a stone as planned, `beyond` mm from its table or culet."""
    solid, pose = stone.design.solid, stone.pose
    ends = solid.vertices[:, 2]
    end = float(ends.max()) + beyond if side == "table" else float(ends.min()) - beyond
    normal = pose.rotation[:, 2] * (1.0 if side == "table" else -1.0)
    foot = pose.apply(np.array([[0.0, 0.0, end]]))[0]
    to_index = pose.rotation @ index_zero(stone)
    return Target(
        normal=normal,
        offset=float(normal @ foot),
        foot=foot,
        right=np.cross(to_index, -normal),
        to_index=to_index,
    )


def index_zero(stone: Stone) -> Float:
    """Return the direction (3,) of index 0 in the frame of a gem."""
    turn = -2.0 * math.pi * stone.design.location / stone.design.gear
    return np.array([math.sin(turn), math.cos(turn), 0.0])


def gem_rotation(target: Target, stone: Stone, side: Side) -> Float:
    """Return how a gem stands (3, 3) whose flat and index 0 a target gives."""
    up = target.normal if side == "table" else -target.normal
    y = index_zero(stone)
    own = np.column_stack([np.cross(y, [0.0, 0.0, 1.0]), y, [0.0, 0.0, 1.0]])
    there = np.column_stack([np.cross(target.to_index, up), target.to_index, up])
    out: Float = there @ own.T
    return out


def printed_target(
    target: Target, marks: Mapping[str, Float]
) -> tuple[dict[str, float], dict[str, tuple[float, float]]]:
    """Return heights and feet of marks (3,) mm, as they are printed."""
    seen = target.seen(np.array(list(marks.values())))
    heights = {name: read(float(z)) for name, (_, _, z) in zip(marks, seen, strict=True)}
    feet = {
        name: (read(float(x)), read(float(y))) for name, (x, y, _) in zip(marks, seen, strict=True)
    }
    return heights, feet


def set_target(
    places: Mapping[str, Float],
    heights: Mapping[str, float],
    feet: Mapping[str, tuple[float, float]],
) -> Target:
    """Return the flat that heights and feet of three marks give, exactly executed.

    The plane is that of the heights alone; of the two that have them, it is the one in which the
    feet turn the right way round. On it the feet fix the axis and index 0 by least squares.

    Raises
    ------
    ValueError
        If the heights cannot be those of a plane.
    """
    names = list(heights)
    points = np.array([places[name] for name in names])
    up = np.array([heights[name] for name in names])
    paper = np.array([feet[name] for name in names])
    rows = points[1:] - points[0]
    part = np.linalg.lstsq(rows, up[0] - up[1:], rcond=None)[0]
    left = 1.0 - float(part @ part)
    if left < 0.0:
        raise ValueError("heights: no plane has them; the marks stand too steep over the flat")
    upright = np.linalg.svd(rows)[2][2]
    best: tuple[float, Target] | None = None
    for sign in (1.0, -1.0):
        normal = part + sign * math.sqrt(left) * upright
        normal /= np.linalg.norm(normal)
        offset = float(np.mean(points @ normal + up))
        missed, target = _on_paper(normal, offset, points, paper)
        if best is None or missed < best[0]:
            best = (missed, target)
    assert best is not None
    return best[1]


def _on_paper(normal: Float, offset: float, points: Float, paper: Float) -> tuple[float, Target]:
    """Return how the target lies under the piece so that feet (k, 2) agree best, and how well."""
    u = np.linalg.svd(normal[None, :])[2][1]
    v = np.cross(-normal, u)
    seen = points @ np.column_stack([u, v])
    middle, under = seen.mean(axis=0), paper.mean(axis=0)
    a, b = seen - middle, paper - under
    turn = math.atan2(float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum()), float((a * b).sum()))
    # A point `seen` lies on the paper at `turned (seen - middle) + under`.
    turned = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    missed = float(np.linalg.norm(a @ turned.T - b))
    axes = turned @ np.array([u, v])
    cross = middle - turned.T @ under
    foot = cross @ np.array([u, v]) + offset * normal
    return missed, Target(normal=normal, offset=offset, foot=foot, right=axes[0], to_index=axes[1])

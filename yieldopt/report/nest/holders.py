"""Cradles and flat guides: nests that hold a stone's piece with the stone's axis upright."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Stone
from yieldopt.report.nest.bed import Bed, Body, Solid, body_of, make_bed
from yieldopt.report.nest.fitted import Asked, fitted, triangles_of
from yieldopt.report.nest.marks import INSIDE, reach_of, with_end_marked, with_nose, with_tab
from yieldopt.report.nest.printing import (
    BASE,
    DEPTHS,
    LEAST_RIM,
    LOOSE,
    NOSE,
    STAND,
    STEM,
    WALL,
    WHOLE_HEIGHT,
)
from yieldopt.report.nest.record import Nest

SIDES = 96  # of a stem and its cone: within 0.002 mm of round


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How a stone's piece stands to have its first flat ground, and to be dopped.

    Parameters
    ----------
    stone
        Its id.
    flat, offset
        The plane `flat . x = offset` of the first flat, outward, unit, scan frame.
    axis
        A point (3,) of the stone's axis.
    zero
        (3,) towards index 0, at right angles to the flat.
    """

    stone: str
    flat: Float
    offset: float
    axis: Float
    zero: Float

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        for name in ("flat", "axis", "zero"):
            object.__setattr__(self, name, frozen_float(getattr(self, name), (3,), name))

    @property
    def pose(self) -> Pose:
        """From the scan's frame to one with z out of the flat, y to index 0, the axis at 0."""
        z = self.flat
        y = self.zero - (self.zero @ z) * z
        y = y / np.linalg.norm(y)
        rotation = np.array([np.cross(y, z), y, z])
        return Pose(rotation=rotation, translation=-rotation @ self.axis)


def level_of(stone: Stone, flat: Float, offset: float) -> Level:
    """Return how a stone's piece stands on the bench, from its first flat (unit, scan frame)."""
    design, pose = stone.design, stone.pose
    turn = -2.0 * np.pi * design.location / design.gear
    zero = pose.rotation @ np.array([np.sin(turn), np.cos(turn), 0.0])
    return Level(stone=stone.id, flat=flat, offset=offset, axis=pose.translation, zero=zero)


def cradle_of(
    piece: str, solid: Solid, level: Level, *, clearance: float, jig_bore: float | None = None
) -> Nest:
    """Return a nest about half as deep as the piece, on a plate or on a stem for a jig's bore.

    The plate's underside is square to the stone's axis, the stem's axis is the stone's.

    Parameters
    ----------
    solid
        The piece (manifold3d), scan frame.
    clearance, jig_bore
        mm.
    """
    body, flat = _placed(piece, solid, level)
    low, high = float(body.vertices[:, 2].min()), float(body.vertices[:, 2].max())

    def rims(seat: float) -> list[float]:
        most = max(flat - seat - STAND, low + LEAST_RIM)
        return [min(low + share * (high - low), most) for share in DEPTHS]

    def shape(bed: Bed) -> tuple[Solid, float]:
        if jig_bore is None:
            return _on_plate(bed, level.stone, flat - bed.pads.seat)
        return _on_stem(bed, level.stone, flat - bed.pads.seat, jig_bore - LOOSE)

    return _nest("cradle", body, level, flat, shape, rims=rims, clearance=clearance)


def flat_guide_of(piece: str, solid: Solid, level: Level, *, clearance: float) -> Nest:
    """Return a nest whose rim stands level just below the first flat: what stands over is ground.

    Parameters
    ----------
    solid
        The piece (manifold3d), scan frame.
    clearance
        mm.
    """
    body, flat = _placed(piece, solid, level)
    low = float(body.vertices[:, 2].min())

    def rims(seat: float) -> list[float]:
        return [max(flat - seat - STAND, low + LEAST_RIM)]

    def shape(bed: Bed) -> tuple[Solid, float]:
        return _on_plate(bed, level.stone, flat - bed.pads.seat)

    return _nest("flat", body, level, flat, shape, rims=rims, clearance=clearance)


def _placed(piece: str, solid: Solid, level: Level) -> tuple[Body, float]:
    """Return the piece upright, and the height of its flat."""
    return body_of(piece, solid, level.pose), level.offset - float(level.flat @ level.axis)


def _nest(
    kind: Literal["cradle", "flat"],
    body: Body,
    level: Level,
    flat: float,
    shape: Callable[[Bed], tuple[Solid, float]],
    *,
    rims: Callable[[float], list[float]],
    clearance: float,
) -> Nest:
    def bed_of(asked: Asked) -> Bed:
        return make_bed(
            body,
            clearance=clearance,
            reach=asked.reach,
            rims=rims(asked.seat),
            early=asked.early,
        )

    made, bed, under, gap = fitted(body, bed_of, shape, clearance=clearance)
    up = np.array([0.0, 0.0, -under])
    return Nest(
        name=f"{level.stone}-{kind}",
        kind=kind,
        piece=body.name,
        stone=level.stone,
        triangles=triangles_of(made, under=under),
        pose=Pose(rotation=body.pose.rotation, translation=body.pose.translation + up),
        clearance=clearance,
        gap=gap,
        seat=bed.pads.seat,
        pads=bed.pads.places,
        spread=bed.pads.spread,
        rim=bed.rim - under,
        flat=flat - bed.pads.seat - under,
        kerf=None,
    )


def _on_plate(bed: Bed, label: str, flat: float) -> tuple[Solid, float]:
    """Return the bed on a base, with an arrow to index 0; and the height of the underside."""
    floor = _whole_below(flat, bed.lowest - BASE)
    cup = bed.within(bed.outline, floor)
    return with_tab(cup, bed.outline, label, low=floor, high=floor + BASE), floor


def _on_stem(bed: Bed, label: str, flat: float, across: float) -> tuple[Solid, float]:
    """Return the bed on a cone of 45 degrees, which prints without support, and a stem."""
    from manifold3d import Manifold

    x, y = bed.grid.places()
    away = np.hypot(x, y)
    polygons = [np.asarray(polygon) for polygon in bed.outline.to_polygons()]
    farthest = max(float(np.hypot(*polygon.T).max()) for polygon in polygons)
    farthest = max(farthest, reach_of(bed.outline, NOSE) + NOSE)
    cavity = bed.heights < bed.rim
    under = BASE * np.sqrt(2.0)  # upright, so that it is a base's thickness across the slope
    tip = float((bed.heights - away)[cavity].min()) - under  # of the cone, were it not cut off
    tip = min(tip, bed.rim - farthest - WALL)
    start = tip + 0.5 * across
    end = _whole_below(flat, start - STEM)
    cup = with_nose(bed.within(bed.outline, start), bed.outline, low=start, high=bed.rim)
    wide = bed.rim + 1.0 - tip
    cone = Manifold.cylinder(wide - 0.5 * across, 0.5 * across, wide, SIDES)
    stem = Manifold.cylinder(start - end + INSIDE, 0.5 * across, 0.5 * across, SIDES)
    made = (cup ^ cone.translate((0.0, 0.0, start))) + stem.translate((0.0, 0.0, end))
    return with_end_marked(made, label, end=end, across=across), end


def _whole_below(flat: float, at_most: float) -> float:
    """Return the highest place at or below one that is whole steps below the flat."""
    steps = np.ceil((flat - at_most) / WHOLE_HEIGHT - 1e-9)
    return flat - float(steps) * WHOLE_HEIGHT

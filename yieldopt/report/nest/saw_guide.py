"""A guide for the first saw cut: the rough lies in it with the plane upright, in a slot."""

from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import SawCut
from yieldopt.report.nest.bed import Bed, Solid, body_of, make_bed
from yieldopt.report.nest.fitted import Asked, fitted, triangles_of
from yieldopt.report.nest.marks import FAR, with_tab
from yieldopt.report.nest.printing import BASE, CHEEK, DEPTHS, LEAD, SLOT_BELOW, WALL
from yieldopt.report.nest.record import Nest
from yieldopt.workshop.record import SawSheet

WAYS = 48  # ways up that are tried, all in the saw's plane
LEANS = 0.25  # a centre of mass so high, over the height, is as good as a height so much less


def saw_guide_of(solid: Solid, cut: SawCut | SawSheet, *, clearance: float) -> Nest:
    """Return a nest with a slot of the kerf's width along a saw's plane.

    The way out lies in the plane: that in which the piece lies flattest. The slot goes on before
    and behind the piece, so that the blade is guided before it touches, and a little below it.

    Parameters
    ----------
    solid
        The piece (manifold3d), scan frame.
    clearance
        mm.
    """
    normal = np.asarray(cut.normal) / np.linalg.norm(cut.normal)
    offset = cut.offset / float(np.linalg.norm(cut.normal))
    body = body_of(cut.piece, solid, _flattest(_corners(solid), normal, offset))
    low, high = float(body.vertices[:, 2].min()), float(body.vertices[:, 2].max())
    rims = [low + share * (high - low) for share in DEPTHS]
    half = 0.5 * cut.kerf
    strip = half + CHEEK + clearance + WALL
    near = body.solid.trim_by_plane((0, 1, 0), -strip).trim_by_plane((0, -1, 0), -strip)
    first, _, _, last, _, top = near.bounding_box()

    def bed_of(asked: Asked) -> Bed:
        return make_bed(
            body,
            clearance=clearance,
            reach=asked.reach,
            rims=rims,
            slot=half,
            early=asked.early,
        )

    def shape(bed: Bed) -> tuple[Solid, float]:
        _, y = bed.grid.places()
        beside = np.abs(y) <= half + 2.0 * bed.grid.step
        deepest = min(float(bed.heights[beside].min()), bed.rim) - SLOT_BELOW
        floor = min(bed.lowest, deepest) - BASE
        # Walls round the cavity end where these begin, and they may not come nearer to the piece.
        begin, end = first - clearance - bed.grid.step, last + clearance + bed.grid.step
        made = bed.within(_with_leads(bed, begin, end, half), floor)
        for left, right in ((begin - LEAD, begin), (end, end + LEAD)):
            made += _box(left, right, half + CHEEK, floor, max(top, bed.rim))
        made -= _box(-FAR, FAR, half, deepest, FAR)
        return with_tab(made, bed.outline, f"S{cut.step}", low=floor, high=floor + BASE), floor

    made, bed, under, gap = fitted(body, bed_of, shape, clearance=clearance)
    up = np.array([0.0, 0.0, -under])
    return Nest(
        name=f"saw-{cut.step}",
        kind="saw",
        piece=cut.piece,
        stone=None,
        triangles=triangles_of(made, under=under),
        pose=Pose(rotation=body.pose.rotation, translation=body.pose.translation + up),
        clearance=clearance,
        gap=gap,
        seat=bed.pads.seat,
        pads=bed.pads.places,
        spread=bed.pads.spread,
        rim=bed.rim - under,
        flat=None,
        kerf=cut.kerf,
    )


def _with_leads(bed: Bed, begin: float, end: float, half: float) -> Any:
    """Return a bed's outline with what carries the slot's guides before and behind."""
    from manifold3d import CrossSection

    wide = 2.0 * (half + CHEEK)
    bar = CrossSection.square((end - begin + 2.0 * LEAD, wide))
    return bed.outline + bar.translate((begin - LEAD, -0.5 * wide))


def _box(left: float, right: float, half: float, low: float, high: float) -> Solid:
    """Return a box: x from left to right, y within half, z from low to high."""
    from manifold3d import Manifold

    box = Manifold.cube((right - left, 2.0 * half, high - low))
    return box.translate((left, -half, low))


def _corners(solid: Solid) -> Float:
    """Return the corners of a solid's convex hull, (n, 3)."""
    corners: Float = np.asarray(solid.hull().to_mesh64().vert_properties, dtype=np.float64)
    return corners[:, :3]


def _flattest(corners: Float, normal: Float, offset: float) -> Pose:
    """Return the pose with the plane at y = 0 in which corners lie lowest, the middle at x = 0."""
    along = np.cross(normal, np.eye(3)[np.abs(normal).argmin()])
    along /= np.linalg.norm(along)
    across = np.cross(normal, along)
    turn = 2.0 * np.pi * np.arange(WAYS) / WAYS
    ways = np.outer(np.cos(turn), along) + np.outer(np.sin(turn), across)
    heights = corners @ ways.T
    low, high = heights.min(axis=0), heights.max(axis=0)
    up = ways[(high - low + LEANS * (heights.mean(axis=0) - low)).argmin()]
    rotation = np.array([np.cross(normal, up), normal, up])
    placed = corners @ rotation.T
    middle = 0.5 * (placed.min(axis=0) + placed.max(axis=0))
    return Pose(rotation=rotation, translation=-np.array([middle[0], offset, 0.0]))

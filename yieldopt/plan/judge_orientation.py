"""Whether a stone's facets stand as the plan's rules want them to the rough's directions."""

from collections.abc import Iterator

import numpy as np

from yieldopt.plan.judge_stone import Body
from yieldopt.plan.schema import OrientationForm, StoneForm
from yieldopt.plan.verdict import Violation

ANGLE_SLACK_DEG = 1e-6  # rounding of rotations and of arc cosines near their ends
ENDS_WITHIN_DEG = 30.0  # of the stone's length, seen from above: the form's word for an end
# Share of a normal, and of a length: facets flatter than this look nowhere from above, and a
# stone as long as it is wide to this has two lengths.
FLAT, SQUARE = 0.05, 1e-6


def judge_orientation(
    part: str, stone: StoneForm, body: Body, rules: list[OrientationForm]
) -> Iterator[Violation]:
    """Yield a violation for each facet that breaks a rule, with its angle."""
    if not rules:
        return
    shares = _areas(body)
    shares /= shares.sum()
    for rule in rules:
        axis = np.array(rule.axis) / np.linalg.norm(rule.axis)
        angles = np.degrees(np.arccos(np.clip(np.abs(body.normals @ axis), 0.0, 1.0)))
        too_near = angles < rule.low_deg - ANGLE_SLACK_DEG
        too_far = angles > rule.high_deg + ANGLE_SLACK_DEG
        large = shares >= (0.0 if rule.share > 1.0 else rule.share)
        # A stone of two lengths needs to obey along one of them.
        found = [
            [*_faults(rule, held & large, angles, too_near | too_far)]
            for held in _held(rule, stone, body)
        ]
        for message in min(found, key=len):
            yield Violation(part=part, subject=f"orientation {rule.name}", message=message)


def _faults(
    rule: OrientationForm, held: np.ndarray, angles: np.ndarray, broken: np.ndarray
) -> Iterator[str]:
    """Say what of the facets (m,) that a rule holds breaks it."""
    if rule.facets == "ends" and not held.any():
        yield "the stone has no ends that could stand to the axis"
    for j in np.flatnonzero(held & broken):
        yield (
            f"facet of plane {j} stands {angles[j]:.3f} degrees from the axis, "
            f"outside {rule.low_deg:g} to {rule.high_deg:g}"
        )


def _held(rule: OrientationForm, stone: StoneForm, body: Body) -> list[np.ndarray]:
    """Return which facets (m,) a rule is about, of any size; once for each length of the stone."""
    every = np.arange(len(body.normals))
    if rule.share > 1.0 or rule.facets == "table":
        table = [j for row in stone.facets if row.side == "table" for j in row.planes]
        return [np.isin(every, table)]
    if rule.facets == "all":
        return [np.ones(len(every), dtype=bool)]
    below = [j for row in stone.facets if row.side == "pavilion" for j in row.planes]
    rotation = np.array(stone.pose.rotation)
    flat = (body.normals @ rotation)[:, :2]
    size = np.linalg.norm(flat, axis=1)
    extent = np.ptp((body.vertices @ rotation)[:, :2], axis=0)
    near = np.cos(np.radians(ENDS_WITHIN_DEG)) * size
    return [
        np.isin(every, below) & (size > FLAT) & (np.abs(flat[:, along]) >= near)
        for along in np.flatnonzero(extent >= extent.max() * (1.0 - SQUARE))
    ]


def _areas(body: Body) -> np.ndarray:
    """Return each facet's area (m,) mm2 from the corners that lie on its plane."""
    from scipy.spatial import ConvexHull, QhullError

    out = np.zeros(len(body.normals))
    for j, (normal, offset) in enumerate(zip(body.normals, body.offsets, strict=True)):
        ring = body.vertices[np.abs(body.vertices @ normal - offset) <= 10.0 * body.corner_slack]
        if len(ring) < 3:
            continue
        first = np.cross(normal, np.eye(3)[np.abs(normal).argmin()])
        first /= np.linalg.norm(first)
        flat = np.column_stack([ring @ first, ring @ np.cross(normal, first)])
        try:
            out[j] = ConvexHull(flat).volume  # in the plane: an area
        except QhullError:
            continue
    return out

"""Whether a stone's facets stand as the plan's rules want them to the rough's directions."""

from collections.abc import Iterator

import numpy as np

from yieldopt.plan.judge_stone import Body
from yieldopt.plan.schema import OrientationForm, StoneForm
from yieldopt.plan.verdict import Violation

ANGLE_SLACK_DEG = 1e-6  # rounding of rotations and of arc cosines near their ends


def judge_orientation(
    part: str, stone: StoneForm, body: Body, rules: list[OrientationForm]
) -> Iterator[Violation]:
    """Yield a violation for each facet that breaks a rule, with its angle."""
    if not rules:
        return
    shares = _areas(body)
    shares /= shares.sum()
    table = {plane for row in stone.facets if row.side == "table" for plane in row.planes}
    for rule in rules:
        axis = np.array(rule.axis) / np.linalg.norm(rule.axis)
        angles = np.degrees(np.arccos(np.clip(np.abs(body.normals @ axis), 0.0, 1.0)))
        for j, angle in enumerate(angles):
            held = j in table if rule.share > 1.0 else shares[j] >= rule.share
            if held and not (
                rule.low_deg - ANGLE_SLACK_DEG <= angle <= rule.high_deg + ANGLE_SLACK_DEG
            ):
                yield Violation(
                    part=part,
                    subject=f"orientation {rule.name}",
                    message=f"facet of plane {j} stands {angle:.3f} degrees from the axis, "
                    f"outside {rule.low_deg:g} to {rule.high_deg:g}",
                )


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

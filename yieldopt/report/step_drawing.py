"""Small pictures of the work: what is left of the preform block after each step."""

import numpy as np

from yieldopt.cuts.prescription import Prescription
from yieldopt.geometry.arrays import Float
from yieldopt.report.drawing import SEEN, outline_of, path_of

SIDE = 120.0  # SVG units
NEW = "#c4c4c4"  # facets of the step itself: a grey that prints, and that lines stand out from
EDGE, SILHOUETTE = 0.7, 1.4
FROM_ABOVE, FROM_BELOW = np.diag([1.0, 1.0, 1.0]), np.diag([-1.0, 1.0, -1.0])


def draw_steps(prescription: Prescription) -> list[str]:
    """Return an SVG for each step: the solid after it, the step's own facets grey.

    Seen from below while pavilion and girdle are cut, from above afterwards; all at one scale.
    """
    span = float(np.ptp(prescription.block[:, :2], axis=0).max())
    return [_draw(prescription, n, 0.94 * SIDE / span) for n in range(len(prescription.steps))]


def _draw(prescription: Prescription, number: int, scale: float) -> str:
    step = prescription.steps[number]
    solid = prescription.solid_after(number + 1)
    axes: Float = FROM_BELOW if step.side in ("pavilion", "girdle") else FROM_ABOVE
    middle = prescription.block.mean(axis=0)
    points = (solid.vertices - middle) @ axes[:2].T * scale * [1.0, -1.0]
    tall = float(np.ptp(prescription.block[:, 1])) * scale + 0.06 * SIDE
    points += 0.5 * np.array([SIDE, tall])
    last = sum(len(s.index) for s in prescription.steps[: number + 1])
    first = last - len(step.index)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE:.0f} {tall:.1f}" fill="#fff" '
        'stroke="#000" stroke-linejoin="round">'
    )
    parts = [head]
    facing = solid.normals @ axes[2] > SEEN
    for j, loop in enumerate(solid.loops):
        if not facing[j] or len(loop) < 3:
            continue
        fill = f' fill="{NEW}"' if first <= j < last else ""
        ring = path_of(points[list(loop)])
        parts.append(f'<polygon points="{ring}" stroke-width="{EDGE}"{fill}/>')
    if step.side == "girdle":  # seen edge-on: its edges stand out instead
        for j in range(first, last):
            if len(loop := solid.loops[j]) > 2:
                ring = path_of(points[list(loop)])
                parts.append(f'<polygon points="{ring}" stroke-width="3" fill="none"/>')
    hull = path_of(points[outline_of(points)])
    parts.append(f'<polygon points="{hull}" stroke-width="{SILHOUETTE}" fill="none"/></svg>')
    return "".join(parts)

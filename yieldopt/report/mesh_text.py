"""Meshes and numbers as a page carries them: short text that a browser reads back."""

import base64
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float, Int

STEPS = 65_535  # of the 16-bit grid for corners: 1 um in a rough of 65 mm


def packed(vertices: Float, faces: Int) -> dict[str, Any]:
    """Return a skin (n, 3) mm, (k, 3) as text: corners on a 16-bit grid, faces of 32 bits."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    step = float((high - low).max()) / STEPS
    grid = np.rint((vertices - low) / step).astype("<u2")
    return {
        "low": short(low),
        "step": step,
        "corners": base64.b64encode(grid.tobytes()).decode(),
        "faces": base64.b64encode(faces.astype("<u4").tobytes()).decode(),
    }


def short(array: Float) -> Any:
    """Return plain lists, rounded to 0.1 um: enough to draw, short to send."""
    return (np.round(array, 4) + 0.0).tolist()

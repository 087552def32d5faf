"""Boxes to saw apart, and some that cannot be."""

import numpy as np
from numpy.typing import ArrayLike

from tests.bodies import Float


def box(low: ArrayLike, high: ArrayLike) -> Float:
    """Return the corners of a box."""
    low, high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    unit = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    corners: Float = low + unit * (high - low)
    return corners


def pinwheel(gap: float) -> list[Float]:
    """Return four bars round a middle, each butting against the next, as tall as wide."""
    bars = [([0, 0], [3, 1]), ([3, 0], [4, 3]), ([1, 3], [4, 4]), ([0, 1], [1, 4])]
    half = 0.5 * gap
    return [
        box([low[0] + half, low[1] + half, 0.0], [high[0] - half, high[1] - half, 4.0])
        for low, high in bars
    ]

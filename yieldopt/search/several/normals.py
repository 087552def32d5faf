"""Normals that a saw plane may have: given ones, or any but those near some directions."""

from collections.abc import Sequence

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.search.several.gap import Bool

# Directions (unit) and angles (rad): no plane's normal comes nearer to the line of the direction.
KeepOff = Sequence[tuple[Float, float]]

N_RIM = 72  # directions on the rim of each cone to keep off: the best of a side often lies there
SLACK = 1e-9  # of a cosine: directions on the rim of a cone obey it


def spread_directions(n: int) -> Float:
    """Return `n` unit vectors (n, 3) spread over half the sphere by the golden angle."""
    z = (np.arange(n) + 0.5) / n
    turn = np.pi * (3.0 - 5.0**0.5) * np.arange(n)
    r = np.sqrt(1.0 - z * z)
    return np.column_stack([r * np.cos(turn), r * np.sin(turn), z])


def normals_to_try(given: Float | None, keep_off: KeepOff, n: int) -> Float:
    """Return the unit normals to try: the given ones, or some spread out, that obey."""
    if given is not None:
        tried = np.asarray(given, dtype=np.float64).reshape(-1, 3)
        tried = tried / np.linalg.norm(tried, axis=1)[:, None]
    else:
        tried = np.vstack([spread_directions(n), *(_rim(*cone) for cone in keep_off)])
    return tried[obeys(tried, keep_off)]


def obeys(normals: Float, keep_off: KeepOff) -> Bool:
    """Tell which unit normals (m, 3) keep off all that they must."""
    out = np.ones(len(normals), dtype=np.bool_)
    for axis, angle in keep_off:
        out &= np.abs(normals @ axis) <= np.cos(angle) + SLACK
    return out


def _rim(axis: Float, angle: float) -> Float:
    """Return directions round an axis at just its angle."""
    side = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    side /= np.linalg.norm(side)
    turn = 2.0 * np.pi * np.arange(N_RIM) / N_RIM
    across = np.cos(turn)[:, None] * side + np.sin(turn)[:, None] * np.cross(axis, side)
    rim: Float = np.cos(angle) * axis + np.sin(angle) * across
    return rim


def turned_off(normals: Float, keep_off: KeepOff) -> Float:
    """Return normals (m, 3), each turned out of the cones that it must keep off, one by one."""
    out = normals.copy()
    for axis, angle in keep_off:
        along = out @ axis
        near = np.abs(along) > np.cos(angle)
        across = out - along[:, None] * axis
        length = np.linalg.norm(across, axis=1)
        near &= length > 0.0
        across = across[near] / length[near, None]
        out[near] = np.sign(along[near])[:, None] * np.cos(angle) * axis + np.sin(angle) * across
    return out

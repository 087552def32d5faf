"""Cells of rotations: where the table looks (a cube map) times the turn about the axis.

A cell is a row `(face, u, v, half, turn, half_turn)`: directions of one cube face in
equal-angle coordinates u, v in -1..1, a square of half-side `half` round (u, v), and turns
within `half_turn` (rad) of `turn`.
"""

import numpy as np

from yieldopt.geometry.arrays import Float

FACE, U, V, HALF, TURN, HALF_TURN = range(6)
# How much faster the minimal-rotation frame turns than its direction moves, at most, on a
# cube face: measured on a fine grid of cells; a test samples cells of all sizes again.
FRAME_STRETCH = 1.126
_AXES = np.array(
    [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64
)


def first_cells(fold: int) -> Float:
    """Return cells (n, 6) that cover all rotations of a gem of `fold`-fold symmetry."""
    turn = np.pi / fold
    squares = [(f, u, v) for f in range(6) for u in (-0.5, 0.5) for v in (-0.5, 0.5)]
    return np.array([(f, u, v, 0.5, turn, turn) for f, u, v in squares])


def split_cells(cells: Float) -> tuple[Float, np.ndarray]:
    """Return the children of cells (n, 6), directions in four or turns in two, and whose."""
    across = FRAME_STRETCH * direction_radii(cells) > cells[:, HALF_TURN]
    wide, long = cells[across], cells[~across]
    out, source = [], []
    for du, dv in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        child = wide.copy()
        child[:, HALF] *= 0.5
        child[:, U] += du * child[:, HALF]
        child[:, V] += dv * child[:, HALF]
        out.append(child)
        source.append(np.flatnonzero(across))
    for side in (-1, 1):
        child = long.copy()
        child[:, HALF_TURN] *= 0.5
        child[:, TURN] += side * child[:, HALF_TURN]
        out.append(child)
        source.append(np.flatnonzero(~across))
    return np.concatenate(out), np.concatenate(source)


def cell_rotations(cells: Float) -> Float:
    """Return the rotations (n, 3, 3) in the middle of the cells."""
    return _rotations(cells[:, FACE].astype(int), cells[:, U], cells[:, V], cells[:, TURN])


def cell_radii(cells: Float) -> Float:
    """Return the angle (n,) rad from the middle rotation that no rotation of a cell exceeds."""
    return FRAME_STRETCH * direction_radii(cells) + cells[:, HALF_TURN]


def cell_keys(cells: Float, size: float) -> np.ndarray:
    """Return (n, 4) integers, equal for cells whose middles lie in one box of about `size` rad."""
    step = size / (0.25 * np.pi)
    return np.column_stack(
        [
            cells[:, FACE],
            np.floor(cells[:, U] / step),
            np.floor(cells[:, V] / step),
            np.floor(cells[:, TURN] / size),
        ]
    ).astype(np.int64)


def direction_radii(cells: Float) -> Float:
    """Return the angle (n,) from the middle direction to the farthest corner of the square."""
    face = cells[:, FACE].astype(int)
    middle = _directions(face, cells[:, U], cells[:, V])
    most = np.zeros(len(cells))
    for du, dv in ((-1, -1), (-1, 1), (1, -1), (1, 1)):
        corner = _directions(
            face, cells[:, U] + du * cells[:, HALF], cells[:, V] + dv * cells[:, HALF]
        )
        chord = np.linalg.norm(corner - middle, axis=1)
        most = np.maximum(most, 2.0 * np.arcsin(np.minimum(1.0, 0.5 * chord)))
    return most


def _directions(face: np.ndarray, u: Float, v: Float) -> Float:
    axis = _AXES[face]
    first, second = np.roll(axis, 1, axis=1), np.roll(axis, 2, axis=1)
    out = (
        axis
        + np.tan(0.25 * np.pi * u)[:, None] * first
        + np.tan(0.25 * np.pi * v)[:, None] * second
    )
    unit: Float = out / np.linalg.norm(out, axis=1, keepdims=True)
    return unit


def _rotations(face: np.ndarray, u: Float, v: Float, turn: Float) -> Float:
    axis = _AXES[face]
    direction = _directions(face, u, v)
    # The least rotation that takes the face's axis to the direction (Rodrigues).
    w = np.cross(axis, direction)
    c = (axis * direction).sum(axis=1)
    k = np.zeros((len(u), 3, 3))
    k[:, 0, 1], k[:, 0, 2], k[:, 1, 2] = -w[:, 2], w[:, 1], -w[:, 0]
    k[:, 1, 0], k[:, 2, 0], k[:, 2, 1] = w[:, 2], -w[:, 1], w[:, 0]
    least = np.eye(3) + k + (k @ k) / (1.0 + c)[:, None, None]
    first = np.roll(axis, 1, axis=1)
    base = np.stack([first, np.cross(axis, first), axis], axis=2)  # z of the gem along the axis
    spin = np.zeros_like(base)
    spin[:, 0, 0] = spin[:, 1, 1] = np.cos(turn)
    spin[:, 1, 0], spin[:, 0, 1] = np.sin(turn), -np.sin(turn)
    spin[:, 2, 2] = 1.0
    out: Float = least @ base @ spin
    return out

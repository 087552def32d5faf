"""Curved girdles as chains of edges at fixed teeth whose lengths are linear in the half-length.

A quarter of an outline runs from the middle of a side, half the width up, to the end of the
length. Its edges keep their azimuths; only their lengths change with the length/width that is
asked for, and linearly. So every corner and every edge's distance is linear too, no edge can
vanish between two outlines that have it, and the ends are met exactly.
"""

from collections.abc import Callable, Sequence

import numpy as np

from yieldopt.cuts.outline import HALF_WIDTH, Outline, azimuth
from yieldopt.geometry.arrays import Float

Curve = Callable[[float], Float]  # from half-length to points (n, 2) of a quarter, x rising

SAMPLES = 4000  # of a curve: edge lengths to 1e-3 of a width are more than its shape needs
LEAST_SHARE = 0.10  # of the even share: what an edge keeps where the curve hardly turns


def superellipse(power: float) -> Curve:
    """Return the quarter of `|x/a|^power + |2y|^power = 1`; 2 is an ellipse, more a cushion."""

    def points(half_length: float) -> Float:
        turn = np.linspace(0.0, 0.5 * np.pi, SAMPLES)
        x = half_length * np.sin(turn) ** (2.0 / power)
        return np.column_stack([x, HALF_WIDTH * np.cos(turn) ** (2.0 / power)])

    return points


def lens(half_length: float) -> Float:
    """Return the quarter of the figure where two equal discs overlap: a navette."""
    radius = half_length**2 + HALF_WIDTH**2  # over the width of 1
    x = np.linspace(0.0, half_length, SAMPLES)
    y = HALF_WIDTH - radius + np.sqrt(radius**2 - x**2)
    return np.column_stack([x, y])


def quarter(
    curve: Curve, teeth: Sequence[int], gear: int, half_lengths: tuple[float, float]
) -> tuple[Float, Float]:
    """Return distances of a quarter's edges as `start + rise * half_length`, (k,) each.

    Parameters
    ----------
    curve
        What it should look like.
    teeth
        Edges of the quarter between both axes, rising.
    gear
        Teeth of the gear.
    half_lengths
        Where the edges take the curve's lengths; linear between and beyond.

    Raises
    ------
    ValueError
        If edges at these teeth cannot close the quarter.
    """
    turn = np.array([azimuth(t, gear) for t in teeth])
    low, high = half_lengths
    at_low, at_high = (_lengths(curve(half), turn, half) for half in half_lengths)
    if min(at_low.min(), at_high.min()) <= 0.0:
        raise ValueError(f"edges at {teeth} of {gear} do not close")
    along = np.stack([np.cos(turn), -np.sin(turn)], axis=1)
    normal = np.stack([np.sin(turn), np.cos(turn)], axis=1)
    distances = []
    for lengths in (at_low, at_high):
        corner = np.array([0.0, HALF_WIDTH]) + np.cumsum(lengths[:, None] * along, axis=0)
        distances.append((normal * corner).sum(axis=1))
    rise = (distances[1] - distances[0]) / (high - low)
    return distances[0] - rise * low, rise


def _lengths(points: Float, turn: Float, half_length: float) -> Float:
    """Return lengths of edges that share out a curve by its direction, and close exactly."""
    steps = np.diff(points, axis=0)
    facing = np.arctan2(-steps[:, 1], steps[:, 0])
    between = np.concatenate([[-np.inf], 0.5 * (turn[1:] + turn[:-1]), [np.inf]])
    share, _ = np.histogram(facing, between, weights=np.linalg.norm(steps, axis=1))
    share = np.maximum(share, LEAST_SHARE * share.sum() / len(turn))
    basis = np.stack([np.cos(turn), np.sin(turn)])
    missing = np.array([half_length, HALF_WIDTH]) - basis @ share
    weights = np.linalg.solve((basis * share) @ basis.T, missing)
    out: Float = share * (1.0 + basis.T @ weights)
    return out


def twice_mirrored_outline(
    curve: Curve,
    teeth: Sequence[int],
    gear: int,
    lengths: tuple[float, float],
    rings: Sequence[tuple[int, ...]],
) -> Outline:
    """Return an outline of four equal quarters; `lengths` are length/width of the two shapes."""
    start, rise = quarter(curve, teeth, gear, (0.5 * lengths[0], 0.5 * lengths[1]))

    def distances(length_width: Float) -> Float:
        out: Float = start + rise * (HALF_WIDTH * length_width)[:, None]
        return out

    return Outline(edges=tuple(rings), distances=distances, gear=gear)


def two_ended_outline(
    head: tuple[Curve, Sequence[int]],
    tail: tuple[Curve, Sequence[int]],
    gear: int,
    *,
    head_length: float,
    lengths: tuple[float, float],
    rings: Sequence[tuple[int, ...]],
) -> Outline:
    """Return an outline with a head that stays and a tail that takes the length.

    Parameters
    ----------
    head, tail
        Curve of each end, and the teeth of its quarter as if it pointed along +x.
    gear
        Teeth of the gear.
    head_length
        From the widest place to the head's end, as a share of the width.
    lengths
        Length/width where the tail takes its curve's lengths.
    rings
        Teeth of each edge and its mirror image: the head's, then the tail's.
    """
    fixed, _ = quarter(*head, gear, (head_length, 2.0 * head_length))
    _, slope = quarter(*head, gear, (head_length, 2.0 * head_length))
    fixed = fixed + slope * head_length
    start, rise = quarter(*tail, gear, (lengths[0] - head_length, lengths[1] - head_length))

    def distances(length_width: Float) -> Float:
        out = np.empty((len(length_width), len(fixed) + len(start)))
        out[:, : len(fixed)] = fixed
        out[:, len(fixed) :] = start + rise * (length_width - head_length)[:, None]
        return out

    return Outline(edges=tuple(rings), distances=distances, gear=gear)

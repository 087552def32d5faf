"""What a stone of a cut is worth over its volume, for many stones at once."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.units import weight_ct
from yieldopt.value.curve import ValueCurve


@dataclass(frozen=True, slots=True, kw_only=True)
class Worths:
    """Envelopes over volume: what a stone of up to a volume is worth at most.

    Parameters
    ----------
    edges
        (cuts, k) mm3, rising from 0; unused places are infinite.
    slopes
        (cuts, k) worth of a mm3 in each bracket.
    reached
        (cuts, k) what is reached before each edge.
    per_stone
        (cuts,) taken off each stone.
    per_cut
        Taken off for each saw cut.
    """

    edges: Float
    slopes: Float
    reached: Float
    per_stone: Float
    per_cut: float

    def values(self, cut: np.ndarray, volumes: Float) -> Float:
        """Return the worth of stones: numbers of cuts and volumes (mm3) of one shape."""
        at = (volumes[..., None] >= self.edges[cut]).sum(axis=-1) - 1
        at = np.maximum(at, 0)
        held = np.maximum(self.reached[cut, at], self.slopes[cut, at] * volumes)
        out: Float = held - self.per_stone[cut]
        return out

    def gains(self, cut: np.ndarray, volumes: Float) -> Float:
        """Return what a unit of ln volume adds, never nothing: below an edge it is reached for."""
        at = np.maximum((volumes[..., None] >= self.edges[cut]).sum(axis=-1) - 1, 0)
        slope = self.slopes[cut, at]
        top = self.slopes.max(axis=1)[cut]
        out: Float = np.maximum(slope, LEAST_GAIN * top) * volumes
        return out


LEAST_GAIN = 0.05  # of the dearest bracket's price: a stone in a worthless bracket grows too


def worths_by_weight(n_cuts: int, specific_gravity: float) -> Worths:
    """Return worths that are weights in carat."""
    one = np.ones((n_cuts, 1))
    return Worths(
        edges=frozen_float(0.0 * one, (-1, 1), "edges"),
        slopes=frozen_float(weight_ct(1.0, specific_gravity) * one, (-1, 1), "slopes"),
        reached=frozen_float(0.0 * one, (-1, 1), "reached"),
        per_stone=np.zeros(n_cuts),
        per_cut=0.0,
    )


def worths_by_value(
    curves: Sequence[ValueCurve], flat: Float, specific_gravity: float, per_cut: float
) -> Worths:
    """Return worths in money: one curve over carats for each cut.

    Parameters
    ----------
    curves
        Over carats.
    flat
        (cuts,) money of a stone that is sold for its size; NaN where its weight is what counts.
    """
    k = max(len(curve.edges) for curve in curves)
    unit = weight_ct(1.0, specific_gravity)
    edges = np.full((len(curves), k), np.inf)
    slopes, reached = np.zeros((2, len(curves), k))
    for i, curve in enumerate(curves):
        n = len(curve.edges)
        edges[i, :n] = curve.edges / unit
        slopes[i, :n] = curve.slopes * unit
        best = 0.0
        for j in range(1, n):
            at = edges[i, j]
            best = max(best, slopes[i, j - 1] * at, slopes[i, j] * at)
            reached[i, j] = best
    sized = np.isfinite(flat)
    edges[sized, 1:], slopes[sized], reached[sized, 0] = np.inf, 0.0, flat[sized]
    return Worths(
        edges=edges,
        slopes=slopes,
        reached=reached,
        per_stone=np.where(sized, 0.0, [curve.per_stone for curve in curves]),
        per_cut=per_cut,
    )

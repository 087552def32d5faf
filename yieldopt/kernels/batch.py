"""Many starts at once: each works in its own slot, so threads cannot change an answer."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yieldopt.kernels.kernel import kernel
from yieldopt.kernels.refine import propose_step, weigh_pose


class Starts(NamedTuple):
    """The state of b starts of one cut, one slot each."""

    rotation: NDArray[np.float64]  # (b, 3, 3)
    translation: NDArray[np.float64]  # (b, 3) mm
    theta: NDArray[np.float64]  # (b, p) proportions
    scale: NDArray[np.float64]  # (b,) width, mm
    volume: NDArray[np.float64]  # (b,) at unit width
    trust: NDArray[np.float64]  # (b,) radius, share of the width; rad
    contact: NDArray[np.int64]  # (b,) triangle in the way
    refused: NDArray[np.int64]  # (b, REFUSED) triangles that stopped earlier trials, or -1
    predicted: NDArray[np.float64]  # (b,) gain in ln weight; negative: no trial


@kernel
def propose_many(
    first, last, tree, scratch, bench, rules, starts, low, high, normals, offsets, d_normals,
    d_offsets, trial,
):  # fmt: skip
    """Write a trial (another Starts) for each start of first:last that is still moving."""
    for i in range(first, last):
        trial.predicted[i] = propose_step(
            tree, scratch, bench, rules, starts.refused[i], starts.trust[i], starts.scale[i],
            starts.volume[i],
            starts.rotation[i], starts.translation[i], starts.theta[i], low, high, normals[i],
            offsets[i], d_normals[i], d_offsets[i], trial.rotation[i], trial.translation[i],
            trial.theta[i],
        )  # fmt: skip


@kernel
def weigh_many(first, last, tree, scratch, bench, starts, normals, offsets):
    """Fill scale, contact and, where it is 0, volume of the starts first:last."""
    for i in range(first, last):
        scale, at, volume = weigh_pose(
            tree, scratch, bench, normals[i], offsets[i], starts.rotation[i],
            starts.translation[i], 1e300, starts.contact[i], starts.volume[i],
        )  # fmt: skip
        starts.scale[i], starts.contact[i], starts.volume[i] = scale, at, volume

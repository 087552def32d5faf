"""Many starts at once: each works in its own slot, so threads cannot change an answer."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yieldopt.kernels.facets import fill_facets
from yieldopt.kernels.kernel import kernel
from yieldopt.kernels.query import ALL, largest_scale
from yieldopt.kernels.refine import propose_step, weigh_pose

GROW, SHRINK = 1.6, 0.4  # of the trust region after a good and a bad trial
MOST_TRUST = 0.25  # linear rows say nothing about larger steps
GOOD, POOR = 0.5, 0.15  # share of the predicted gain that a trial kept


class Starts(NamedTuple):
    """The state of b starts of one cut, one slot each."""

    rotation: NDArray[np.float64]  # (b, 3, 3)
    translation: NDArray[np.float64]  # (b, 3) mm
    theta: NDArray[np.float64]  # (b, p) proportions
    scale: NDArray[np.float64]  # (b,) width, mm
    volume: NDArray[np.float64]  # (b,) at unit width
    trust: NDArray[np.float64]  # (b,) radius, share of the width; rad
    contact: NDArray[np.int64]  # (b,) triangle in the way
    predicted: NDArray[np.float64]  # (b,) gain in ln weight; negative: no trial


@kernel
def propose_many(
    first, last, tree, scratch, bench, starts, low, high, normals, offsets, d_normals, d_offsets,
    trial,
):  # fmt: skip
    """Write a trial (another Starts) for each start of first:last that is still moving."""
    for i in range(first, last):
        trial.predicted[i] = propose_step(
            tree, scratch, bench, starts.trust[i], starts.scale[i], starts.volume[i],
            starts.rotation[i], starts.translation[i], starts.theta[i], low, high, normals[i],
            offsets[i], d_normals[i], d_offsets[i], trial.rotation[i], trial.translation[i],
            trial.theta[i],
        )  # fmt: skip


@kernel
def judge_many(first, last, tree, scratch, bench, starts, normals, offsets, trial):
    """Weigh the trials exactly; take those that gain, and set the trust regions.

    `normals`, `offsets` belong to the trials. A trial is worth `s^3 V`.
    """
    p = starts.theta.shape[1]
    for i in range(first, last):
        if trial.predicted[i] <= 0.0:
            starts.trust[i] *= SHRINK
            starts.predicted[i] = trial.predicted[i]
            continue
        scale, at, volume = weigh_pose(
            tree, scratch, bench, normals[i], offsets[i], trial.rotation[i],
            trial.translation[i], 1e300, starts.contact[i],
        )  # fmt: skip
        gain = -1.0
        if scale > 0.0 and volume > 0.0:
            gain = 3.0 * np.log(scale / starts.scale[i]) + np.log(volume / starts.volume[i])
        share = gain / trial.predicted[i]
        starts.predicted[i] = trial.predicted[i]
        if share < POOR:
            starts.trust[i] *= SHRINK
        elif share > GOOD:
            starts.trust[i] = min(MOST_TRUST, GROW * starts.trust[i])
        if gain > 0.0:
            starts.scale[i], starts.volume[i], starts.contact[i] = scale, volume, at
            for a in range(3):
                starts.translation[i, a] = trial.translation[i, a]
                for b in range(3):
                    starts.rotation[i, a, b] = trial.rotation[i, a, b]
            for q in range(p):
                starts.theta[i, q] = trial.theta[i, q]


@kernel
def weigh_many(first, last, tree, scratch, bench, starts, normals, offsets):
    """Fill scale, volume and contact of the starts first:last."""
    for i in range(first, last):
        scale, at, volume = weigh_pose(
            tree, scratch, bench, normals[i], offsets[i], starts.rotation[i],
            starts.translation[i], 1e300, starts.contact[i],
        )  # fmt: skip
        starts.scale[i], starts.contact[i], starts.volume[i] = scale, at, volume


@kernel
def scale_many(first, last, tree, scratch, normals, offsets, rotations, translations, out):
    """Fill `out` with the largest scale of one gem at the poses first:last."""
    for i in range(first, last):
        fill_facets(normals, offsets, rotations[i], translations[i], scratch.tables[ALL])
        out[i], _ = largest_scale(tree, scratch, 1e300, -1)

"""Many starts at once: each works in its own slot, so threads cannot change an answer."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yieldopt.kernels.kernel import kernel
from yieldopt.kernels.refine import propose_step, weigh_pose
from yieldopt.kernels.solid import measure_solid


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
    measured: NDArray[np.int64]  # (b,) 1 where the two below are known, else 0
    areas: NDArray[np.float64]  # (b, m) of the facets at unit width; (b, 0) where none are kept
    centroids: NDArray[np.float64]  # (b, m, 3) of the facets


@kernel
def propose_many(
    first, last, tree, scratch, bench, rules, starts, low, high, normals, offsets, d_normals,
    d_offsets, trial,
):  # fmt: skip
    """Write a trial (another Starts) for each start of first:last that is still moving."""
    for i in range(first, last):
        areas, centroids = bench.areas, bench.centroids
        if starts.areas.shape[1] > 0:
            areas, centroids = starts.areas[i], starts.centroids[i]
        if starts.theta.shape[1] > 0 and starts.measured[i] == 0:
            measure_solid(normals[i], offsets[i], bench.rings, areas, centroids)
            starts.measured[i] = int(starts.areas.shape[1] > 0)
        trial.predicted[i] = propose_step(
            tree, scratch, bench, rules, starts.refused[i], starts.trust[i], starts.scale[i],
            starts.volume[i], starts.rotation[i], starts.translation[i], starts.theta[i],
            areas, centroids, low, high, normals[i], offsets[i], d_normals[i], d_offsets[i],
            trial.rotation[i], trial.translation[i], trial.theta[i],
        )  # fmt: skip


@kernel
def weigh_many(first, last, tree, scratch, bench, starts, normals, offsets):
    """Fill scale, contact and, where it is 0, volume of the starts first:last.

    Facets measured for the volume are kept, where there is room: the next step asks for them.
    """
    for i in range(first, last):
        starts.scale[i], starts.contact[i] = weigh_pose(
            tree, scratch, normals[i], offsets[i], starts.rotation[i], starts.translation[i],
            1e300, starts.contact[i],
        )  # fmt: skip
        if starts.volume[i] == 0.0:
            areas, centroids = bench.areas, bench.centroids
            if starts.areas.shape[1] > 0:
                areas, centroids = starts.areas[i], starts.centroids[i]
            starts.volume[i] = measure_solid(normals[i], offsets[i], bench.rings, areas, centroids)
            starts.measured[i] = int(starts.areas.shape[1] > 0)

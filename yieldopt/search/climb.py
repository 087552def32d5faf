"""Local improvement by value: what steps by weight cannot see.

A stone may be dearer where it is lighter: a flaw stands under the girdle instead of the table, a
band of colour fills the culet, a size is met with a deeper pavilion. Value has steps in the
pose, so it is climbed by an evolution strategy, which goes by ranks alone: raising all prices
changes no step of it. Each trial is as large as fits at its pose, by the exact query.

References
----------
.. [1] Hansen (2016). The CMA evolution strategy: a tutorial. arXiv:1604.00772, appendix A
"""

from collections.abc import Callable

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.kernels.batch import Starts
from yieldopt.search.local import Ground, new_starts, picked
from yieldopt.search.orientation import turns

POSE = 6  # unknowns of a pose: a turn (rad) and a move (of the width)
CROWD = 16  # stones a generation
FIRST_SPREAD = 0.04  # of the first generation: rad, share of the width, share of a range
LEAST_SPREAD = 1e-6  # a smaller one changes no money


def climb(
    ground: Ground,
    start: Starts,
    values: Callable[[Starts], Float],
    *,
    generations: int,
    shape_is_free: bool,
    rng: np.random.Generator,
    stop: Callable[[], bool],
) -> tuple[Starts, int]:
    """Return the dearest stone met on the way up from one start, and the evaluations.

    `values` tells what starts (b) are worth, (b,); minus infinity where nothing may be cut.
    """
    p = len(ground.low) if shape_is_free else 0
    n, half = POSE + p, CROWD // 2
    shares = np.log(half + 0.5) - np.log(np.arange(1, half + 1))
    shares /= shares.sum()
    mass = 1.0 / float((shares**2).sum())  # of the better half, in equal stones
    c_s = (mass + 2.0) / (n + mass + 5.0)
    d_s = 1.0 + 2.0 * max(0.0, float(np.sqrt((mass - 1.0) / (n + 1.0))) - 1.0) + c_s
    c_c = (4.0 + mass / n) / (n + 4.0 + 2.0 * mass / n)
    c_one = 2.0 / ((n + 1.3) ** 2 + mass)
    c_half = min(1.0 - c_one, 2.0 * (mass - 2.0 + 1.0 / mass) / ((n + 2.0) ** 2 + mass))
    usual = float(np.sqrt(n)) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n))
    mean, path_s, path_c, covariance = np.zeros(n), np.zeros(n), np.zeros(n), np.eye(n)
    spread = FIRST_SPREAD
    best, most = picked(start, np.array([0])), float(values(start)[0])
    evaluations = 0
    for generation in range(generations):
        if stop() or spread < LEAST_SPREAD:
            break
        sizes, axes = np.linalg.eigh(covariance)
        sizes = np.sqrt(np.maximum(sizes, 1e-300))
        drawn = rng.standard_normal((CROWD, n)) @ (axes * sizes).T
        trial = _moved(ground, start, mean + spread * drawn)
        evaluations += CROWD
        worth = values(trial)
        order = np.argsort(-worth, kind="stable")
        if worth[order[0]] > most:
            best, most = picked(trial, order[:1]), float(worth[order[0]])
        better = drawn[order[:half]]
        step = shares @ better
        mean = mean + spread * step
        white = axes @ ((axes.T @ step) / sizes)
        path_s = (1.0 - c_s) * path_s + np.sqrt(c_s * (2.0 - c_s) * mass) * white
        length = float(np.linalg.norm(path_s))
        known = float(np.sqrt(1.0 - (1.0 - c_s) ** (2 * generation + 2)))
        goes = length / known < (1.4 + 2.0 / (n + 1.0)) * usual
        path_c = (1.0 - c_c) * path_c + goes * np.sqrt(c_c * (2.0 - c_c) * mass) * step
        covariance = (
            (1.0 - c_one - c_half) * covariance
            + c_one * np.outer(path_c, path_c)
            + c_half * (better.T * shares) @ better
        )
        covariance = 0.5 * (covariance + covariance.T)
        spread *= float(np.exp(c_s / d_s * (length / usual - 1.0)))
    return best, evaluations


def _moved(ground: Ground, start: Starts, unknowns: Float) -> Starts:
    """Return starts (b) at steps (b, n) from one start, weighed exactly."""
    theta = np.repeat(start.theta[:1], len(unknowns), axis=0)
    if unknowns.shape[1] > POSE:
        span = ground.high - ground.low
        theta = np.clip(theta + unknowns[:, POSE:] * span, ground.low, ground.high)
    return new_starts(
        ground,
        turns(unknowns[:, :3]) @ start.rotation[0],
        start.translation[0] + unknowns[:, 3:POSE] * float(start.scale[0]),
        theta,
    )

"""One stone: the best placement of one cut, by halving rounds of local improvement."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import Surface
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.batch import Starts
from yieldopt.search.local import Ground, improve, new_starts, picked, prepare_ground, weights
from yieldopt.search.starts import points_inside, random_rotations

SPARE = 2e-6  # mm that a stone keeps beyond its margins, so that rounding in files cannot break it


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """An evaluation budget: how many starts enter each round, and its steps."""

    samples: int
    rounds: tuple[tuple[int, int], ...]
    finals: int


EFFORTS = {
    "quick": Effort(samples=1500, rounds=((150, 4), (40, 8), (12, 12)), finals=3),
    "normal": Effort(samples=6000, rounds=((600, 4), (150, 8), (50, 12)), finals=8),
    "thorough": Effort(samples=24000, rounds=((3000, 4), (800, 8), (250, 12)), finals=24),
}
FINAL_STEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """A cut at a pose, proportions and width (mm), with its volume (mm3)."""

    cut: Cut
    pose: Pose
    theta: Float
    width: float
    volume: float


def best_placement(
    full: Surface,
    coarse: Surface,
    coarse_triangles: Float,
    cut: Cut,
    *,
    effort: Effort,
    crew: Crew,
    rng: np.random.Generator,
    stop: Callable[[], bool],
    tell: Callable[[int, float, float], None],
) -> tuple[Placement | None, int]:
    """Return the best placement of a cut (None when nothing fits), and the evaluations.

    `tell` hears (evaluations, best volume, share done) between rounds.
    """
    ground = prepare_ground(coarse, cut, crew)
    starts = _sampled(ground, coarse_triangles, effort.samples, rng)
    evaluations = effort.samples
    n_rounds = len(effort.rounds) + 1
    for i, (keep, steps) in enumerate(effort.rounds):
        starts = picked(starts, _best(starts, keep))
        evaluations += improve(ground, starts, steps=steps, stop=stop)
        tell(evaluations, float(weights(starts).max(initial=0.0)), (i + 1) / n_rounds)
    final = picked(starts, _best(starts, effort.finals))
    exact = prepare_ground(full, cut, crew)
    final = new_starts(exact, final.rotation, final.translation, final.theta)
    evaluations += improve(exact, final, steps=FINAL_STEPS, stop=stop)
    found = weights(final)
    tell(evaluations, float(found.max(initial=0.0)), 1.0)
    if found.max(initial=0.0) <= 0.0:
        return None, evaluations
    return _placed(cut, final, int(found.argmax())), evaluations


def _sampled(ground: Ground, triangles: Float, n: int, rng: np.random.Generator) -> Starts:
    middle = np.array([p.default for p in ground.cut.proportions])
    return new_starts(
        ground,
        random_rotations(n, rng),
        points_inside(triangles, n, rng),
        np.tile(middle, (n, 1)),
    )


def _best(starts: Starts, n: int) -> np.ndarray:
    """Return the numbers of the n heaviest, heaviest first; ties by number."""
    order = np.argsort(-weights(starts), kind="stable")[:n]
    return np.asarray(order[weights(starts)[order] > 0.0])


def _placed(cut: Cut, starts: Starts, i: int) -> Placement:
    _, offsets = cut.planes(starts.theta[i : i + 1])
    width = float(starts.scale[i]) - SPARE / float(offsets.min())
    return Placement(
        cut=cut,
        pose=Pose(rotation=starts.rotation[i], translation=starts.translation[i]),
        theta=starts.theta[i],
        width=width,
        volume=width**3 * float(starts.volume[i]),
    )

"""Local improvement of many starts of one cut on one surface."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from yieldopt.cuts.centre_point import weighed
from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.surface import Surface, new_scratch
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.batch import Starts, propose_many, weigh_many
from yieldopt.kernels.facets import padded
from yieldopt.kernels.query import Scratch
from yieldopt.kernels.refine import POSE, REFUSED, ROWS, TURNS, Bench
from yieldopt.kernels.solid import CORNERS
from yieldopt.plan.record import OrientationRule
from yieldopt.search.forms import volumes_of
from yieldopt.search.orientation import Orientation, brought_to_obey, orientation_of

DIFFERENCE = 1e-6  # step of the differences in a proportion, share of the width: error 1e-6
FIRST_TRUST = 0.12  # radius of the first step, share of the width; 0.06 to 0.3 did no better
STILL = 1e-9  # relative gain in weight below which a start has settled
GROW, SHRINK = 2.0, 0.4  # of the step taken after a good trial, of the region after a poor one
LEAST_REGION = 1e-4  # a good step never leaves a smaller one
MOST_TRUST = 0.25  # linear rows say nothing about larger steps
GOOD, POOR = 0.5, 0.15  # share of the predicted gain that a trial kept
MIN_TRUST = 1e-7  # trust radius below which it has
# Of a good trial; the rest of a start's state outlives it.
TAKEN = (
    "rotation", "translation", "theta", "scale", "volume", "contact", "measured", "areas",
    "centroids",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a cut is improved on: hazards, the cut with its limits, threads and their memory."""

    surface: Surface
    cut: Cut
    crew: Crew
    memory: tuple[tuple[Scratch, Bench], ...]
    orientation: Orientation
    low: Float
    high: Float
    n_facets: int


def prepare_ground(
    surface: Surface, cut: Cut, crew: Crew, rules: tuple[OrientationRule, ...] = ()
) -> Ground:
    """Return a ground with memory for every thread of the crew."""
    low = np.array([p.low for p in cut.proportions])
    high = np.array([p.high for p in cut.proportions])
    _, offsets = cut.planes(low[None])
    n_facets = offsets.shape[1]
    memory = new_memory(crew, n_facets, len(low))
    return Ground(
        surface=surface,
        cut=cut,
        crew=crew,
        memory=memory,
        orientation=orientation_of(rules, cut),
        low=low,
        high=high,
        n_facets=n_facets,
    )


def new_memory(crew: Crew, n_facets: int, p: int) -> tuple[tuple[Scratch, Bench], ...]:
    """Return working memory for every thread, for gems of so many facets and proportions."""
    return tuple((new_scratch(n_facets), _new_bench(n_facets, p)) for _ in range(crew.size))


def _new_bench(n_facets: int, p: int) -> Bench:
    n, n_rows = POSE + p, padded(ROWS + REFUSED + 2 * p + TURNS)
    return Bench(
        columns=np.zeros((n, n_rows)),
        row=np.zeros(n),
        right=np.zeros(n_rows),
        broken=np.zeros(n_rows),
        gain=np.zeros(n),
        box=np.zeros(n),
        x=np.zeros(n),
        inverse=np.zeros((n, n)),
        weight=np.zeros(n),
        active=np.zeros(n, dtype=np.int64),
        alpha=np.zeros(n),
        near=np.zeros(ROWS + REFUSED, dtype=np.int64),
        level=np.zeros(ROWS),
        rings=np.zeros((2, CORNERS, 3)),
        areas=np.zeros(n_facets),
        centroids=np.zeros((n_facets, 3)),
    )


def new_starts(ground: Ground, rotations: Float, translations: Float, theta: Float) -> Starts:
    """Return starts (b) at poses (b, 3, 3), (b, 3) and proportions (b, p), weighed exactly."""
    p = len(ground.low)
    starts = blank_starts(rotations, translations, p, ground.n_facets if p else 0)
    starts.theta[:] = theta
    _weigh_gems(ground, starts)
    normals, offsets = ground.cut.planes(starts.theta)
    obeys = brought_to_obey(ground.orientation, starts.rotation, normals)
    weigh_starts(ground.surface, starts, normals, offsets, ground.crew, ground.memory)
    starts.scale[~obeys] = 0.0
    return starts


def blank_starts(rotations: Float, translations: Float, p: int, m: int = 0) -> Starts:
    """Return starts (b) at poses (b, 3, 3), (b, 3), not yet weighed, all proportions 0.

    With room for what is measured of m facets.
    """
    b = len(rotations)
    return Starts(
        rotation=np.array(rotations, dtype=np.float64, order="C"),
        translation=np.array(translations, dtype=np.float64, order="C"),
        theta=np.zeros((b, p)),
        scale=np.zeros(b),
        volume=np.zeros(b),
        trust=np.full(b, FIRST_TRUST),
        contact=np.full(b, -1, dtype=np.int64),
        refused=np.full((b, REFUSED), -1, dtype=np.int64),
        predicted=np.zeros(b),
        measured=np.zeros(b, dtype=np.int64),
        areas=np.zeros((b, m)),
        centroids=np.zeros((b, m, 3)),
    )


def weigh_starts(
    surface: Surface,
    starts: Starts,
    normals: Float,
    offsets: Float,
    crew: Crew,
    memory: tuple[tuple[Scratch, Bench], ...],
) -> None:
    """Fill in scale, volume and contact of starts whose gems have planes (b, m, 3), (b, m).

    A volume that is not 0 is known already and stays.
    """

    def work(first: int, last: int, own: tuple[Scratch, Bench]) -> None:
        weigh_many(first, last, surface.tree, *own, starts, normals, offsets)

    crew.run(work, len(starts.scale), memory)


def picked(starts: Starts, order: np.ndarray) -> Starts:
    """Return the starts of the given numbers, copied."""
    fields: list[Any] = [np.ascontiguousarray(field[order]) for field in starts]
    return Starts(*fields)


def weights(starts: Starts) -> Float:
    """Return the volume (b,) of each start's stone, mm3; zero where nothing fits."""
    out: Float = np.maximum(starts.scale, 0.0) ** 3 * np.maximum(starts.volume, 0.0)
    return out


def improve(
    ground: Ground, starts: Starts, *, steps: int, stop: Callable[[], bool] = lambda: False
) -> int:
    """Improve all starts in place by at most so many steps each; return the evaluations.

    An evaluation is one exact query. Starts that have settled are left out.
    """
    evaluations = 0
    moving = np.flatnonzero((starts.scale > 0.0) & (starts.volume > 0.0))
    for _ in range(steps):
        if len(moving) == 0 or stop():
            break
        batch = picked(starts, moving)
        before = weights(batch)
        _step(ground, batch)
        evaluations += len(moving)
        for whole, part in zip(starts, batch, strict=True):
            whole[moving] = part
        gained = weights(batch) > before * (1.0 + STILL)
        settled = (batch.trust < MIN_TRUST) | (~gained & (batch.predicted < STILL))
        moving = moving[~settled]
    return evaluations


def _step(ground: Ground, starts: Starts) -> None:
    normals, offsets, d_normals, d_offsets = planes_and_slopes(ground.cut, starts.theta)
    trial = picked(starts, np.arange(len(starts.scale)))
    tree = ground.surface.tree
    rules = ground.orientation.directions

    def propose(first: int, last: int, memory: tuple[Scratch, Bench]) -> None:
        propose_many(
            first, last, tree, *memory, rules, starts, ground.low, ground.high,
            normals, offsets, d_normals, d_offsets, trial,
        )  # fmt: skip

    ground.crew.run(propose, len(starts.scale), ground.memory)
    if len(ground.low) > 0:
        trial.volume[:] = 0.0
        trial.measured[:] = 0
        _weigh_gems(ground, trial)
    new_normals, new_offsets = ground.cut.planes(trial.theta)
    obeys = brought_to_obey(ground.orientation, trial.rotation, new_normals)
    weigh_starts(ground.surface, trial, new_normals, new_offsets, ground.crew, ground.memory)
    trial.scale[~obeys] = 0.0
    _accept(ground, starts, trial)


def _weigh_gems(ground: Ground, starts: Starts) -> None:
    """Fill in volumes that the query would not get right, or would measure again and again.

    Those of gems that are less than the body that must fit, and of gems that are all alike.
    """
    if weighed(ground.cut) is not ground.cut:
        starts.volume[:] = volumes_of(ground.cut, starts.theta)
    elif len(starts.theta) and (starts.theta == starts.theta[0]).all():
        starts.volume[:] = volumes_of(ground.cut, starts.theta[:1])[0]


def _accept(ground: Ground, starts: Starts, trial: Starts) -> None:
    """Take the trials that weigh more, and set the trust regions by what was predicted.

    After a good step the region is GROW times the step that was taken: it grows only where the
    region held the step back, and a start that settles soon looks at near contacts alone.
    """
    starts.predicted[:] = trial.predicted
    possible = (trial.predicted > 0.0) & (trial.scale > 0.0) & (trial.volume > 0.0)
    gain = np.full(len(possible), -1.0)
    gain[possible] = 3.0 * np.log(trial.scale[possible] / starts.scale[possible])
    gain[possible] += np.log(trial.volume[possible] / starts.volume[possible])
    share = gain / np.where(possible, trial.predicted, 1.0)
    starts.trust[share < POOR] *= SHRINK
    grown = share > GOOD
    taken = GROW * _step_sizes(ground, starts, trial)
    starts.trust[grown] = np.clip(taken[grown], LEAST_REGION, MOST_TRUST)
    better = gain > 0.0
    stopped = ~better & (trial.contact >= 0)
    starts.refused[stopped] = np.roll(starts.refused[stopped], 1, axis=1)
    starts.refused[stopped, 0] = trial.contact[stopped]
    for name in TAKEN:
        getattr(starts, name)[better] = getattr(trial, name)[better]


def _step_sizes(ground: Ground, starts: Starts, trial: Starts) -> Float:
    """Return how much of a unit trust region each trial's step uses, (b,)."""
    turned = np.sqrt(0.5) * np.linalg.norm(trial.rotation - starts.rotation, axis=(1, 2))
    moved = np.abs(trial.translation - starts.translation).max(axis=1) / starts.scale
    out: Float = np.maximum(turned, 2.0 * moved)
    if len(ground.low):
        span = np.where(ground.high > ground.low, ground.high - ground.low, 1.0)
        shaped = np.abs(trial.theta - starts.theta) / span
        out = np.maximum(out, 0.5 * shaped.max(axis=1))
    return out


def planes_and_slopes(cut: Cut, theta: Float) -> tuple[Float, Float, Float, Float]:
    """Return planes (b, m, 3), (b, m) and their slopes (b, p, m, 3), (b, p, m) in theta."""
    b, p = theta.shape
    stacked = np.repeat(theta[:, None], p + 1, axis=1)
    for q in range(p):
        stacked[:, q + 1, q] += DIFFERENCE
    normals, offsets = cut.planes(stacked.reshape(b * (p + 1), p))
    m = offsets.shape[1]
    normals = normals.reshape(b, p + 1, m, 3)
    offsets = offsets.reshape(b, p + 1, m)
    return (
        np.ascontiguousarray(normals[:, 0]),
        np.ascontiguousarray(offsets[:, 0]),
        (normals[:, 1:] - normals[:, :1]) / DIFFERENCE,
        (offsets[:, 1:] - offsets[:, :1]) / DIFFERENCE,
    )

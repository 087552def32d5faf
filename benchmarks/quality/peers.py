"""General optimisers on the very query that the search uses, so that only the search differs.

Each varies pose and proportions and hears the volume of the largest stone there, exact on the
full mesh. Three of the four hand over whole batches, so that two threads work and Python's share is
small; the fourth (dual annealing) is credited with its queries' time alone, see `Trial.credited`.
"""

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.threads import Crew
from yieldopt.search.local import Ground, blank_starts, prepare_ground, weigh_starts
from yieldopt.search.site import Site
from yieldopt.search.starts import are_inside, random_rotations, rotations_of_quaternions

FOREVER = 10**9
CROWD = 64  # simplices that Nelder and Mead's method moves side by side


class Over(Exception):  # noqa: N818 - no error: the cap or the last target is reached
    """The trial has ended."""


@dataclass(slots=True, kw_only=True)
class Trial:
    """One optimiser at work: answers queries, keeps the best so far and the time it took.

    Parameters
    ----------
    site, cut, crew
        What is asked about.
    cap
        Seconds; then `Over` is raised.
    enough
        mm3; as soon as it is reached `Over` is raised.
    """

    site: Site
    cut: Cut
    crew: Crew
    cap: float
    enough: float
    started: float = field(default_factory=time.perf_counter)
    evaluations: int = 0
    credited: float = 0.0
    best: float = 0.0
    curve: list[tuple[float, int, float, float]] = field(default_factory=list)
    ground: Ground = field(init=False)

    def __post_init__(self) -> None:
        """Set aside the memory of the queries."""
        self.ground = prepare_ground(self.site.full, self.cut, self.crew)

    @property
    def seconds(self) -> float:
        """Since the trial began."""
        return time.perf_counter() - self.started

    def volumes(self, rotations: Float, places: Float, shares: Float) -> Float:
        """Return the volume (b,) mm3 of the largest stone at each pose and proportions.

        A centre outside the rough is not asked about; its value is negative, and the more so
        the farther from the middle of the rough's box: a way back in.

        Parameters
        ----------
        rotations, places
            (b, 3, 3); (b, 3) mm.
        shares
            (b, p), proportions as shares of their ranges; cut off at 0 and 1.
        """
        low, high = self.ground.low, self.ground.high
        middle, half = self.box
        volumes: Float = -np.linalg.norm((places - middle) / half, axis=1)
        before = time.perf_counter()
        inside = np.flatnonzero(are_inside(self.site.skin, places, self.crew))
        self.credited += time.perf_counter() - before
        self.evaluations += len(places)
        if len(inside):
            theta = low + np.clip(shares[inside], 0.0, 1.0) * (high - low)
            normals, offsets = self.cut.planes(theta)
            starts = blank_starts(rotations[inside], places[inside], len(low))
            before = time.perf_counter()
            weigh_starts(self.site.full, starts, normals, offsets, self.crew, self.ground.memory)
            # One thread alone answers a single query; a batch would have kept all of them busy.
            spent = time.perf_counter() - before
            self.credited += spent / (self.crew.size if len(inside) == 1 else 1)
            volumes[inside] = np.maximum(starts.scale, 0.0) ** 3 * starts.volume
        self._heard(float(volumes.max()))
        return volumes

    def _heard(self, volume: float) -> None:
        if volume > self.best:
            self.best = volume
            self.curve.append((self.seconds, self.evaluations, self.credited, volume))
        if volume >= self.enough or self.seconds >= self.cap:
            raise Over

    @property
    def box(self) -> tuple[Float, Float]:
        """Middle and half-size of the rough's box, mm."""
        root = self.site.skin.tree.boxes[0]
        return np.array(root[:3]), np.array(root[3:6])

    def of_quaternions(self, x: Float) -> Float:
        """Return volumes at (b, 4 + 3 + p): quaternion (any length), place, shares; 0 to 1."""
        q = x[:, :4] / np.maximum(np.linalg.norm(x[:, :4], axis=1, keepdims=True), 1e-12)
        middle, half = self.box
        places = middle + (2.0 * x[:, 4:7] - 1.0) * half
        return self.volumes(rotations_of_quaternions(q.T), places, x[:, 7:])

    def of_turns(self, first: Float, x: Float) -> Float:
        """Return volumes at (b, 3 + 3 + p): turn (rad) of rotations (b, 3, 3), place, shares."""
        middle, half = self.box
        return self.volumes(turned(first, x[:, :3]), middle + x[:, 3:6] * half, x[:, 6:])

    def random_start(self, rng: np.random.Generator) -> tuple[Float, Float]:
        """Return a rotation and an x of `of_turns` at random, the place inside the rough."""
        p = len(self.ground.low)
        middle, half = self.box
        while True:
            places = 2.0 * rng.random((64, 3)) - 1.0
            inside = np.flatnonzero(are_inside(self.site.skin, middle + places * half, self.crew))
            if len(inside):
                x = np.concatenate([np.zeros(3), places[inside[0]], np.full(p, 0.5)])
                return random_rotations(1, rng)[0], x


def turned(first: Float, w: Float) -> Float:
    """Return exp(w) R for turns (b, 3) and rotations (b, 3, 3)."""
    angle = np.linalg.norm(w, axis=1)
    half = np.sinc(0.5 * angle / np.pi) * 0.5  # sin(angle / 2) / angle
    q = np.concatenate([w.T * half, np.cos(0.5 * angle)[None]])
    out: Float = rotations_of_quaternions(q) @ first
    return out


def evolve(trial: Trial, seed: int) -> None:
    """Run scipy's differential evolution, its defaults, a generation a batch, again and again."""
    from scipy.optimize import differential_evolution

    def worth(x: Any, /) -> Any:
        return -trial.of_quaternions(x.T)

    for again in range(FOREVER):
        differential_evolution(
            worth, _bounds(trial), rng=np.random.default_rng([seed, again]),
            vectorized=True, updating="deferred", polish=False, maxiter=FOREVER, tol=1e-6,
        )  # fmt: skip


def anneal(trial: Trial, seed: int) -> None:
    """Run scipy's dual annealing, its defaults, local searches included."""
    from scipy.optimize import dual_annealing

    def worth(x: Any, /) -> float:
        return -float(trial.of_quaternions(x[None])[0])

    for again in range(FOREVER):
        dual_annealing(
            worth, _bounds(trial), rng=np.random.default_rng([seed, again]),
            maxiter=FOREVER, maxfun=FOREVER,
        )  # fmt: skip


def _bounds(trial: Trial) -> Any:
    from scipy.optimize import Bounds

    p = len(trial.ground.low)
    return Bounds(np.array([-1.0] * 4 + [0.0] * (3 + p)), np.ones(7 + p))


def adapt(trial: Trial, seed: int) -> None:
    """Run CMA-ES from random poses, the population doubled at each restart up to eightfold."""
    import cma

    rng = np.random.default_rng(seed)
    p = len(trial.ground.low)
    for again in range(FOREVER):
        first, x = trial.random_start(rng)
        usual = 4 + int(3.0 * np.log(len(x)))
        search = cma.CMAEvolutionStrategy(
            x, 0.3,
            {"verbose": -9, "seed": int(rng.integers(1, 2**31)),
             "popsize": usual * 2 ** (again % 4), "tolfun": 1e-4, "tolfunhist": 1e-4,
             "bounds": [[None] * 6 + [0.0] * p, [None] * 6 + [1.0] * p]},
        )  # fmt: skip
        while not search.stop():
            asked = search.ask()
            batch = np.array(asked)
            rotations = np.broadcast_to(first, (len(batch), 3, 3))
            search.tell(asked, list(-trial.of_turns(rotations, batch)))


def crawl(trial: Trial, seed: int) -> None:
    """Run Nelder and Mead's method from random poses without end, CROWD of them side by side."""
    rng = np.random.default_rng(seed)
    crowd: list[tuple[Float, Generator[Float, float, None]]] = []
    asked: list[Float] = []

    def begin() -> tuple[Float, Generator[Float, float, None], Float]:
        first, x = trial.random_start(rng)
        steps = simplex(x, np.concatenate([np.full(3, 0.3), np.full(len(x) - 3, 0.15)]))
        return first, steps, next(steps)

    for _ in range(CROWD):
        first, steps, x = begin()
        crowd.append((first, steps))
        asked.append(x)
    while True:
        values = -trial.of_turns(np.array([first for first, _ in crowd]), np.array(asked))
        for i, value in enumerate(values):
            try:
                asked[i] = crowd[i][1].send(float(value))
            except StopIteration:
                first, steps, asked[i] = begin()
                crowd[i] = (first, steps)


def simplex(start: Float, steps: Float) -> Generator[Float, float, None]:
    """Yield points to evaluate and be sent their values: Nelder and Mead, least value wins.

    Coefficients by the number of unknowns (Gao and Han 2012, Implementing the Nelder-Mead
    simplex algorithm with adaptive parameters, doi 10.1007/s10589-010-9329-3). Ends when the
    values agree to 1e-4 relative.
    """
    n = len(start)
    expand, contract, shrink = 1.0 + 2.0 / n, 0.75 - 0.5 / n, 1.0 - 1.0 / n
    points = np.vstack([start, start + np.diag(steps)])
    values = np.zeros(n + 1)
    for i in range(n + 1):
        values[i] = yield points[i]
    while True:
        order = np.argsort(values, kind="stable")
        points, values = points[order], values[order]
        if values[-1] - values[0] <= 1e-4 * abs(values[0]):
            return
        middle = points[:-1].mean(axis=0)
        away = middle - points[-1]
        new = middle + away
        value = yield new
        if value < values[0]:
            farther = middle + expand * away
            at_farther = yield farther
            if at_farther < value:
                new, value = farther, at_farther
        elif value >= values[-2]:
            side = contract if value < values[-1] else -contract
            nearer = middle + side * away
            at_nearer = yield nearer
            if at_nearer >= min(value, values[-1]):
                for i in range(1, n + 1):
                    points[i] = points[0] + shrink * (points[i] - points[0])
                    values[i] = yield points[i]
                continue
            new, value = nearer, at_nearer
        points[-1], values[-1] = new, value


PEERS: dict[str, Callable[[Trial, int], None]] = {
    "differential_evolution": evolve,
    "dual_annealing": anneal,
    "cma_es": adapt,
    "nelder_mead": crawl,
}


def run_trial(trial: Trial, peer: str, seed: int) -> None:
    """Let a peer work until its cap or its last target."""
    trial.started = time.perf_counter()
    try:
        PEERS[peer](trial, seed)
    except Over:
        return

"""Joint improvement: poses, proportions and saw planes of many candidates, the sum as objective.

The scheme of `search.local` for several stones at once: the rows of all stones of a candidate
and of the planes between them in one program, an exact trial, a trust region.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise

import numpy as np

from yieldopt.cuts.centre_point import weighed
from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.surface import Surface, build_surface
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.joint import (
    LOCKED,
    PLANE,
    Joint,
    Rows,
    Walls,
    rows_of_stones,
    step_many,
    weigh_stones,
)
from yieldopt.kernels.query import Scratch
from yieldopt.kernels.refine import POSE, ROWS, TURNS, Bench, Directions
from yieldopt.kernels.tree import Tree
from yieldopt.plan.record import OrientationRule
from yieldopt.search.forms import facet_corners, volumes_of
from yieldopt.search.local import new_memory, planes_and_slopes
from yieldopt.search.orientation import Orientation, brought_to_obey, orientation_of
from yieldopt.search.several.candidates import (
    Candidates,
    copied,
    picked,
    put_back,
    recentred,
)
from yieldopt.search.several.worths import Worths

TILES = 5  # squares of a plane's tiles along a side: with 3 a flat facet on a plane rattles
SPREAD = 12.0  # gem radii that the one tile reaches that must hold all of a plane
WALL_ROWS = 96  # rows for tiles, a stone
GOOD, POOR = 0.5, 0.15  # share of the predicted gain that a trial kept
GROW, SHRINK = 1.6, 0.4
MOST_TRUST, LEAST_TRUST = 0.25, 1e-5
# A plane keeps so much more from a locked stone (mm) than it must, for what a step leaves of
# rounding (of a width) is no cut into the stone.
HELD_SPARE, HELD_SLACK = 2e-7, 3e-9
FAR = 1e7  # mm
STILL = 1e-6  # relative gain below which a candidate has settled
SHORT = 4.0  # times its whole worth that a unit of ln volume short of a wanted size costs
LEAST_ROOM = 1.0005  # of the least width that a stone is kept at while its neighbours grow


@dataclass(slots=True, kw_only=True)
class Workshop:
    """What candidates are improved on: hazards, cuts, worths, threads and their memory.

    Parameters
    ----------
    surface
        Skin and flaws, without saw planes.
    cuts, rules
        What stones may be, and how they may stand; the cuts of locked stones come last.
    n_made
        How many of the cuts new stones may be of.
    worths
        The objective.
    allowance
        mm that a stone keeps from a saw's face.
    least
        (cuts,) mm, the least width of each.
    may_stand
        Tells which normals (k, 3) of planes are allowed.
    """

    surface: Surface
    cuts: tuple[Cut, ...]
    n_made: int
    rules: tuple[OrientationRule, ...]
    worths: Worths
    allowance: float
    least: Float
    crew: Crew
    may_stand: Callable[[Float], np.ndarray]
    memory: list[tuple[tuple[Scratch, Bench], ...]] = field(init=False)
    orientation: list[Orientation] = field(init=False)
    low: Float = field(init=False)
    high: Float = field(init=False)
    p_of: np.ndarray = field(init=False)
    radius: Float = field(init=False)
    _joint: dict[tuple[int, int], list[Joint]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Lay out limits and memory for each cut."""
        p = max((len(cut.proportions) for cut in self.cuts), default=0)
        self.low, self.high = np.zeros((2, len(self.cuts), p))
        self.p_of = np.array([len(cut.proportions) for cut in self.cuts], dtype=np.int64)
        self.memory, self.orientation = [], []
        radius = []
        for i, cut in enumerate(self.cuts):
            own = len(cut.proportions)
            self.low[i, :own] = [q.low for q in cut.proportions]
            self.high[i, :own] = [q.high for q in cut.proportions]
            _, offsets = cut.planes(self.low[i : i + 1, :own])
            self.memory.append(new_memory(self.crew, offsets.shape[1], own))
            self.orientation.append(orientation_of(self.rules, cut))
            corners = cut.design(self.high[i, :own], 1.0).solid.vertices
            radius.append(float(np.linalg.norm(corners, axis=1).max()))
        self.radius = np.array(radius)

    def on(self, surface: Surface) -> "Workshop":
        """Return the same on another surface."""
        return replace(self, surface=surface)

    def of(self, cuts: tuple[Cut, ...]) -> "Workshop":
        """Return the same for other cuts, one in place of each."""
        return replace(self, cuts=cuts)

    def joint(self, n: int, t: int) -> list[Joint]:
        """Return memory for programs of n stones and t planes, one for each thread."""
        if (n, t) not in self._joint:
            unknowns = n * (POSE + self.low.shape[1]) + PLANE * t
            most = n * (ROWS + WALL_ROWS + TURNS + 2 * self.low.shape[1] + 1)
            self._joint[n, t] = [_new_joint(unknowns, most) for _ in range(self.crew.size)]
        return self._joint[n, t]


def _new_joint(n: int, rows: int) -> Joint:
    return Joint(
        columns=np.zeros((n, rows)), right=np.zeros(rows), broken=np.zeros(rows),
        gain=np.zeros(n), box=np.zeros(n), x=np.zeros(n), inverse=np.zeros((n, n)),
        weight=np.zeros(n), active=np.zeros(n, dtype=np.int64), alpha=np.zeros(n),
    )  # fmt: skip


@cache
def nowhere() -> Surface:
    """Return a surface that is in nobody's way."""
    return build_surface(FAR * (1.0 + np.eye(3))[None], 0.0)


def _slots_by_cut(workshop: Workshop, candidates: Candidates) -> list[tuple[int, np.ndarray]]:
    flat = candidates.cut.ravel()
    return [(int(g), np.flatnonzero(flat == g)) for g in np.unique(flat)]


def _tiles(workshop: Workshop, candidates: Candidates) -> tuple[Tree, Walls]:
    """Return the saw planes before each stone as triangles: one large, and small ones about it."""
    n, t = candidates.n, candidates.t
    frames = np.repeat(candidates.frames, n, axis=0)
    slot, plane = np.nonzero(candidates.side)
    frame = frames[slot, plane]
    centre = candidates.translation[slot]
    one, two = frame[:, None, 3:6], frame[:, None, 6:9]
    off = ((centre - frame[:, 9:12]) * frame[:, :3]).sum(axis=1)
    foot = (centre - off[:, None] * frame[:, :3])[:, None]
    reach = np.maximum(candidates.scale, 1e-3) * workshop.radius[candidates.cut.ravel()]
    reach = (reach[slot] + np.abs(off))[:, None, None]
    turn = np.array([0.0, 2.0, 4.0]) * np.pi / 3.0
    shape = [SPREAD * np.stack([np.cos(turn), np.sin(turn)], axis=1)[None]]
    edge = np.linspace(-1.0, 1.0, TILES + 1)
    for x, x2 in pairwise(edge):
        for y, y2 in pairwise(edge):
            shape += [np.array([[[x, y], [x2, y], [x2, y2]], [[x, y], [x2, y2], [x, y2]]])]
    spots = np.concatenate(shape).reshape(-1, 2)  # (3 tiles, 2)
    places = foot + reach * (spots[None, :, :1] * one + spots[None, :, 1:] * two)
    per = len(spots) // 3
    corners = np.ascontiguousarray(places.reshape(len(slot) * per, 9))
    margin = 0.5 * candidates.kerf[slot // max(n, 1), plane] + workshop.allowance
    margin += HELD_SPARE * (candidates.held[slot] > 0.0)
    first = np.zeros(len(candidates.scale) + 1, dtype=np.int64)
    np.cumsum(per * np.abs(candidates.side).sum(axis=1, dtype=np.int64), out=first[1:])
    tree = Tree(
        boxes=np.zeros((1, 8)), places=np.zeros((1, 4), dtype=np.int32), corners=corners,
        keep=np.repeat(margin, per), source=np.zeros(1, dtype=np.int32),
    )  # fmt: skip
    for array in tree:
        array.setflags(write=False)
    return tree, Walls(
        first=first,
        plane=np.repeat(plane, per).astype(np.int32),
        frames=frames.reshape(len(frames), t, frames.shape[2]),
    )


BIG = 1 + 2 * TILES * TILES  # tiles of a plane; the first holds all of it


def weigh(workshop: Workshop, candidates: Candidates) -> None:
    """Set every stone as large as it may be; all of a candidate's stones obey, or have no size."""
    tiles, walls = _tiles(workshop, candidates)
    side = candidates.side
    for g, slots in _slots_by_cut(workshop, candidates):
        cut, p = workshop.cuts[g], int(workshop.p_of[g])
        theta = np.ascontiguousarray(candidates.theta[slots, :p])
        normals, offsets = (np.ascontiguousarray(a) for a in cut.planes(theta))
        if len(workshop.rules):
            own = np.ascontiguousarray(candidates.rotation[slots])
            obeys = brought_to_obey(workshop.orientation[g], own, normals)
            candidates.rotation[slots] = own
        if weighed(cut) is not cut:
            candidates.volume[slots] = volumes_of(cut, theta)

        # Of a locked stone the planes alone are asked: that it lies in the rough is known.
        for which, tree in (
            (candidates.held[slots] == 0.0, workshop.surface.tree),
            (candidates.held[slots] > 0.0, nowhere().tree),
        ):
            own_slots, n, d = slots[which], normals[which], offsets[which]

            def work(
                first: int, last: int, memory: tuple[Scratch, Bench],
                slots: np.ndarray = own_slots, n: Float = n, d: Float = d, tree: Tree = tree,
            ) -> None:  # fmt: skip
                weigh_stones(
                    first, last, slots, tree, tiles, walls, BIG, side, *memory,
                    candidates.scale, candidates.volume, candidates.contact, candidates.rotation,
                    candidates.translation, n, d,
                )  # fmt: skip

            if len(own_slots):
                workshop.crew.run(work, len(own_slots), workshop.memory[g])
        if len(workshop.rules):
            candidates.scale[slots[~obeys]] = 0.0
    locked = candidates.held > 0.0
    # A locked stone stays as large as it is; where a plane cuts into it, it has no size.
    enough = candidates.scale >= candidates.held * (1.0 - HELD_SLACK)
    candidates.scale[locked] = np.where(enough, candidates.held, 0.0)[locked]


def worth_of(workshop: Workshop, candidates: Candidates) -> Float:
    """Return what each candidate (c,) is worth: -infinite where a stone has no size."""
    volumes = candidates.volumes
    total = workshop.worths.values(candidates.cut, volumes).sum(axis=1)
    total -= workshop.worths.per_cut * candidates.t
    out: Float = np.where((volumes > 0.0).all(axis=1), total, -np.inf)
    return out


def are_wide_enough(workshop: Workshop, candidates: Candidates) -> np.ndarray:
    """Tell which candidates' stones all have the least width."""
    widths = candidates.scale.reshape(candidates.cut.shape)
    return np.asarray((widths >= workshop.least[candidates.cut]).all(axis=1))


def _floors(workshop: Workshop, candidates: Candidates) -> Float:
    """Return how far ln volume (c, n) is above what is wanted; negative: it falls short."""
    c, n = candidates.cut.shape
    least = (LEAST_ROOM * workshop.least[candidates.cut]) ** 3 * candidates.volume.reshape(c, n)
    wanted = np.maximum(np.maximum(candidates.floor, least), 1e-30)
    out: Float = np.log(np.maximum(candidates.volumes, 1e-30)) - np.log(wanted)
    return out


def _merit(workshop: Workshop, candidates: Candidates) -> Float:
    worth = worth_of(workshop, candidates)
    short = np.minimum(_floors(workshop, candidates), 0.0).sum(axis=1)
    whole = np.maximum(workshop.worths.gains(candidates.cut, candidates.volumes).sum(axis=1), 1e-9)
    out: Float = worth + SHORT * whole * short
    return out


def improve(
    workshop: Workshop,
    candidates: Candidates,
    *,
    steps: int,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Improve candidates in place by at most so many steps each; return the evaluations."""
    evaluations = 0
    moving = np.flatnonzero(np.isfinite(worth_of(workshop, candidates)))
    for _ in range(steps):
        if len(moving) == 0 or stop():
            break
        batch = picked(candidates, moving)
        gained = _step(workshop, batch)
        evaluations += len(moving) * batch.n
        put_back(candidates, moving, batch)
        settled = (batch.trust < LEAST_TRUST) | ~gained & (batch.trust < STILL_TRUST)
        moving = moving[~settled]
    return evaluations


STILL_TRUST = 1e-3  # a candidate that gains nothing in steps this small has settled


def _step(workshop: Workshop, candidates: Candidates) -> np.ndarray:
    """Make one step of each candidate; tell which gained."""
    recentred(candidates)
    c, n = candidates.cut.shape
    tiles, walls = _tiles(workshop, candidates)
    p = candidates.theta.shape[1]
    most = ROWS + WALL_ROWS
    rows = Rows(
        rows=np.zeros((c * n, most, POSE + p + PLANE)), right=np.zeros((c * n, most)),
        plane=np.zeros((c * n, most), dtype=np.int32), number=np.zeros(c * n, dtype=np.int64),
        gain=np.zeros((c * n, p)), inner=np.zeros(c * n),
    )  # fmt: skip
    trust = np.repeat(candidates.trust, n)
    for g, slots in _slots_by_cut(workshop, candidates):
        own = int(workshop.p_of[g])
        theta = np.ascontiguousarray(candidates.theta[slots, :own])
        planes = planes_and_slopes(workshop.cuts[g], theta)
        rules = workshop.orientation[g].directions

        def write(
            first: int, last: int, memory: tuple[Scratch, Bench], slots: np.ndarray = slots,
            planes: tuple[Float, Float, Float, Float] = planes, rules: Directions = rules,
        ) -> None:  # fmt: skip
            rows_of_stones(
                first, last, slots, workshop.surface.tree, tiles, walls, *memory, rules, trust,
                candidates.scale, candidates.rotation, candidates.translation, *planes, rows,
            )  # fmt: skip

        workshop.crew.run(write, len(slots), workshop.memory[g])
    trial, predicted = _trial(workshop, candidates, rows)
    before, after = _merit(workshop, candidates), _merit(workshop, trial)
    possible = np.isfinite(after) & (predicted > 0.0) & _may_stand(workshop, trial)
    gain = np.where(possible, after - before, -1.0)
    share = gain / np.where(predicted > 0.0, predicted, 1.0)
    better = np.flatnonzero(gain > 0.0)
    candidates.trust[share < POOR] *= SHRINK
    grown = share > GOOD
    candidates.trust[grown] = np.minimum(candidates.trust[grown] * GROW, MOST_TRUST)
    trial.trust[:] = candidates.trust
    put_back(candidates, better, picked(trial, better))
    whole = np.abs(before) + 1e-12
    return np.asarray(gain > STILL * whole)


def _trial(workshop: Workshop, candidates: Candidates, rows: Rows) -> tuple[Candidates, Float]:
    c, n = candidates.cut.shape
    trial = copied(candidates)
    predicted = np.zeros(c)
    low, high = workshop.low[candidates.cut], workshop.high[candidates.cut]
    p_of = workshop.p_of[candidates.cut]
    above = _floors(workshop, candidates)
    worth = workshop.worths.gains(candidates.cut, candidates.volumes)
    worth = worth + (above < 0.0) * SHORT * worth.sum(axis=1, keepdims=True)

    def step(first: int, last: int, joint: Joint) -> None:
        step_many(
            first, last, joint, rows, candidates.free, p_of, low, high, above,
            worth, candidates.trust, candidates.scale, candidates.rotation,
            candidates.translation, candidates.theta, candidates.frames, candidates.plane_free,
            trial.rotation, trial.translation, trial.theta, trial.frames, predicted,
        )  # fmt: skip

    workshop.crew.run(step, c, workshop.joint(n, candidates.t))
    trial.volume[:] = 0.0
    _clear_of_locked(workshop, trial)
    recentred(trial)
    weigh(workshop, trial)
    return trial, predicted


def _clear_of_locked(workshop: Workshop, trial: Candidates) -> None:
    """Shift planes that a step has tilted into a locked stone: it cannot make room as others do."""
    n = trial.n
    for slot in np.flatnonzero(trial.held > 0.0):
        c, g = slot // n, int(trial.cut.ravel()[slot])
        theta = trial.theta[slot : slot + 1, : workshop.p_of[g]]
        normals, offsets = workshop.cuts[g].planes(theta)
        for k in np.flatnonzero(trial.side[slot]):
            if trial.plane_free[c, k] == LOCKED:
                continue
            margin = 0.5 * trial.kerf[c, k] + workshop.allowance + HELD_SPARE
            body = facet_corners(normals[0], offsets[0] * trial.held[slot] + margin)
            corners = body @ trial.rotation[slot].T + trial.translation[slot]
            frame, side = trial.frames[c, k], float(trial.side[slot, k])
            into = -float((side * ((corners - frame[9:12]) @ frame[:3])).min())
            if into > 0.0:
                frame[9:12] -= side * into * frame[:3]


def _may_stand(workshop: Workshop, candidates: Candidates) -> np.ndarray:
    c, t = len(candidates), candidates.t
    if t == 0:
        return np.ones(c, dtype=bool)
    fine = workshop.may_stand(candidates.frames[:, :, :3].reshape(-1, 3)).reshape(c, t)
    return np.asarray((fine | (candidates.plane_free == LOCKED)).all(axis=1))

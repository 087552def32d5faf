"""One step of several stones and a plane: the optimum of its program, and what is locked stays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests import oracles
from tests.bodies import Float
from tests.kernels.beside import HALF, TRUST, Stones, random_stones
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.joint import FRAME, FREE, LOCKED, PLANE, SHIFTS, Joint, Rows, step_many
from yieldopt.kernels.refine import POSE, ROWS, TURNS


def new_joint(n: int, rows: int) -> Joint:
    return Joint(
        columns=np.full((n, rows), np.nan), right=np.full(rows, np.nan), broken=np.zeros(rows),
        gain=np.zeros(n), box=np.zeros(n), x=np.zeros(n), inverse=np.zeros((n, n)),
        weight=np.zeros(n), active=np.zeros(n, dtype=np.int64), alpha=np.zeros(n),
    )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Step:
    """A step of one candidate: two stones, one plane between them; what it began and ended at."""

    stones: Stones
    rows: Rows
    scale: Float
    free: Any
    plane_free: int
    floor: Float
    worth: Float
    low: Float
    high: Float
    frames: Float
    new_rotation: Float
    new_translation: Float
    new_theta: Float
    new_frames: Float
    predicted: float

    def reach(self, i: int) -> Float:
        """Return how far each unknown of a stone may go (7 + p,)."""
        p = self.low.shape[1]
        if not self.free[i]:
            return np.zeros(POSE + p)
        move = min(0.5 * TRUST, 0.5 * float(self.rows.inner[i]))
        shape = 2.0 * TRUST * (self.high[i] - self.low[i])
        return np.concatenate([[2.0 * TRUST], [move] * 3, [TRUST] * 3, shape])

    def wanted(self) -> float:
        """Return the best that a step can promise: the program written out, by HiGHS."""
        p = self.low.shape[1]
        own = POSE + p
        n = 2 * own + PLANE
        gain, box = np.zeros(n), np.zeros(n)
        lines: list[tuple[Float, float]] = []
        for i in range(2):
            at = np.arange(own) + own * i
            for r in range(self.rows.number[i]):
                line = np.zeros(n)
                line[at] = self.rows.rows[i, r, :own]
                if self.rows.plane[i, r] == 0:
                    line[2 * own :] = self.rows.rows[i, r, own:]
                lines.append((line, self.rows.right[i, r]))
            if not self.free[i]:
                continue
            volume = np.concatenate([[3.0], np.zeros(6), self.rows.gain[i]])
            gain[at] += self.worth[i] * volume
            box[at] = self.reach(i)
            for q in range(p):
                line = np.eye(n)[at[POSE + q]]
                lines.append((line, self.high[i, q] - self.stones.theta[i, q]))
                lines.append((-line, self.stones.theta[i, q] - self.low[i, q]))
            if self.floor[i] >= 0.0:
                line = np.zeros(n)
                line[at] = -volume
                lines.append((line, self.floor[i]))
        box[2 * own :] = TRUST * np.array(
            {LOCKED: [0, 0, 0], FREE: [1, 1, 1], SHIFTS: [1, 0, 0]}[self.plane_free]
        )
        found = oracles.best_gain(
            gain, np.array([line for line, _ in lines]), np.array([end for _, end in lines]), box
        )
        assert found is not None  # standing still is allowed
        return found

    def moves(self, i: int) -> Float:
        """Return what was written as unknowns of a stone, the first left at nought."""
        spin = Rotation.from_matrix(self.new_rotation[i] @ self.stones.rotation[i].T).as_rotvec()
        move = (self.new_translation[i] - self.stones.translation[i]) / self.scale[i]
        return np.concatenate([[0.0], move, spin, self.new_theta[i] - self.stones.theta[i]])

    def plane_moves(self) -> Float:
        """Return what was written as the unknowns of the plane."""
        old, new = self.frames[0, 0], self.new_frames[0, 0]
        shift = (new[9:12] - old[9:12]) @ old[:3] / old[12]
        tilts = np.array([old[3:6], old[6:9]]) @ new[:3] / (old[:3] @ new[:3])
        return np.array([shift, *tilts])

    def growth(self, i: int) -> float:
        """Return by how much ln s of a stone may grow after all these moves, by its rows."""
        x, plane = self.moves(i), self.plane_moves()
        count = self.rows.number[i]
        held = self.rows.rows[i, :count, : len(x)] @ x
        held += np.where(
            self.rows.plane[i, :count] == 0, self.rows.rows[i, :count, len(x) :] @ plane, 0.0
        )
        return float((self.rows.right[i, :count] - held).min(initial=2.0 * TRUST))

    def gain(self, i: int, growth: float) -> float:
        """Return what ln volume gains of a stone that grows by so much."""
        return 3.0 * growth + float(self.rows.gain[i] @ self.moves(i)[POSE:])


def stepped(
    seed: int,
    name: str = "emerald",
    *,
    free: tuple[int, int] = (1, 1),
    plane_free: int = FREE,
    floor: tuple[float, float] = (-1.0, -1.0),
    worth: tuple[float, float] = (1.0, 0.7),
    crew: Crew,
) -> Step:
    """Make a step of two stones, one on either side of a plane."""
    stones = random_stones(seed, name, 2, 1, crew)
    rng = np.random.default_rng([seed, 1])
    stones.translation[:] = rng.uniform(-0.3, 0.3, (2, 3)) * HALF + [[4.0, 0, 0], [-4.0, 0, 0]]
    stones.frames[:, 0, 9:12] = rng.uniform(-0.1, 0.1, 3) * HALF
    stones.side[:, 0] = [1, -1]
    scale, _ = stones.weighed()
    assert (scale > 0.1).all()
    rows, _ = stones.rows(scale)
    p = stones.theta.shape[1]
    low, high = (
        np.tile([getattr(q, end) for q in stones.cut.proportions], (2, 1)).astype(float)
        for end in ("low", "high")
    )
    n = 2 * (POSE + p) + PLANE
    frames = stones.frames[:1].copy()
    out = [a.copy() for a in (stones.rotation, stones.translation, stones.theta, frames)]
    predicted = np.full(1, np.nan)
    step_many(
        0, 1, new_joint(n, 2 * (ROWS + 64 + TURNS + 2 * p + 1)), rows,
        np.array([free], dtype=np.int8), np.full((1, 2), p), low[None], high[None],
        np.array([floor]), np.array([worth]), np.full(1, TRUST), scale, stones.rotation,
        stones.translation, stones.theta, frames, np.array([[plane_free]], dtype=np.int8),
        out[0], out[1], out[2], out[3], predicted,
    )  # fmt: skip
    return Step(
        stones=stones, rows=rows, scale=scale, free=free, low=low, high=high,
        plane_free=plane_free, floor=np.array(floor), worth=np.array(worth), frames=frames,
        new_rotation=out[0], new_translation=out[1], new_theta=out[2], new_frames=out[3],
        predicted=float(predicted[0]),
    )  # fmt: skip


CASES: dict[str, dict[str, Any]] = {
    "all free": {},
    "a locked stone": {"free": (0, 1)},
    "a locked plane": {"plane_free": LOCKED},
    "a plane that shifts": {"plane_free": SHIFTS},
    "all but one stone locked": {"free": (0, 1), "plane_free": LOCKED},
    "a stone that must not shrink": {"worth": (0.0, 1.0), "floor": (0.0, -1.0)},
    "both near their least": {"floor": (0.01, 0.02)},
}


class TestStep:
    @pytest.mark.parametrize("name", ["round", "emerald"])
    @pytest.mark.parametrize("case", CASES)
    def test_a_step_promises_the_optimum_and_keeps_to_it(self, case: str, name: str) -> None:
        """The moves that are written gain by the rows what was predicted, and break none."""
        for seed in range(6):
            with Crew(1) as crew:
                step = stepped(seed, name, **CASES[case], crew=crew)
            assert step.predicted == pytest.approx(step.wanted(), rel=1e-7, abs=1e-7)
            grown = [step.growth(i) for i in range(2)]
            gains = [step.gain(i, grown[i]) if step.free[i] else 0.0 for i in range(2)]
            assert float(step.worth @ gains) >= step.predicted - 1e-6
            for i in range(2):
                assert (np.abs(step.moves(i)) <= step.reach(i) + 1e-8).all()
                assert (step.low[i] - 1e-12 <= step.new_theta[i]).all()
                assert (step.new_theta[i] <= step.high[i] + 1e-12).all()
                if step.floor[i] >= 0.0:
                    assert step.gain(i, step.growth(i)) >= -step.floor[i] - 1e-7
            if step.free == (1, 1) and step.plane_free == FREE:
                assert step.predicted > 0.0

    def test_what_is_locked_stays_to_the_bit(self) -> None:
        for seed in range(6):
            with Crew(1) as crew:
                step = stepped(seed, free=(0, 1), plane_free=LOCKED, crew=crew)
            own = step.stones
            np.testing.assert_array_equal(step.new_rotation[0], own.rotation[0])
            np.testing.assert_array_equal(step.new_translation[0], own.translation[0])
            np.testing.assert_array_equal(step.new_theta[0], own.theta[0])
            np.testing.assert_array_equal(step.new_frames, step.frames)
            assert (step.new_translation[1] != own.translation[1]).any()

    def test_no_step_sends_a_plane_into_a_locked_stone(self) -> None:
        """Its rows hold the plane off though it gains nothing itself."""
        for seed in range(6):
            with Crew(1) as crew:
                step = stepped(seed, free=(0, 1), crew=crew)
            assert step.growth(0) >= -1e-7

    def test_a_plane_that_shifts_keeps_its_direction_to_the_bit(self) -> None:
        moved = 0
        for seed in range(6):
            with Crew(1) as crew:
                step = stepped(seed, plane_free=SHIFTS, crew=crew)
            old, new = step.frames[0, 0], step.new_frames[0, 0]
            np.testing.assert_array_equal(new[:3], old[:3])
            along = (new[9:12] - old[9:12]) @ old[:3]
            np.testing.assert_allclose(new[9:12] - old[9:12], along * old[:3], atol=1e-12)
            moved += abs(along) > 1e-6
        assert moved >= 3

    def test_without_a_floor_a_worthless_stone_gives_way(self) -> None:
        """So that the floor of the cases is what holds it."""
        shrunk = 0
        for seed in range(6):
            with Crew(1) as crew:
                step = stepped(seed, worth=(0.0, 1.0), crew=crew)
            shrunk += step.gain(0, step.growth(0)) < -1e-3
        assert shrunk >= 3


def test_only_the_candidates_of_a_slice_are_written() -> None:
    """Threads share the candidates among them."""
    rows = Rows(
        rows=np.zeros((2, 4, POSE + PLANE)), right=np.zeros((2, 4)),
        plane=np.zeros((2, 4), dtype=np.int32), number=np.zeros(2, dtype=np.int64),
        gain=np.zeros((2, 0)), inner=np.ones(2),
    )  # fmt: skip
    predicted = np.full(2, np.nan)
    one, none = np.ones((2, 1)), np.zeros((2, 1, 0))
    poses = np.tile(np.eye(3), (2, 1, 1)), np.zeros((2, 3)), np.zeros((2, 0))
    frames = np.zeros((2, 0, FRAME))
    out = [a.copy() for a in (*poses, frames)]
    step_many(
        1, 2, new_joint(POSE, 4), rows, np.ones((2, 1), dtype=np.int8),
        np.zeros((2, 1), dtype=np.int64), none, none, -one, one,
        np.full(2, TRUST), np.ones(2), *poses, frames, np.zeros((2, 0), dtype=np.int8), out[0],
        out[1], out[2], out[3], predicted,
    )  # fmt: skip
    assert np.isnan(predicted[0])
    assert predicted[1] == pytest.approx(6.0 * TRUST)  # nothing holds it: 3 ln s to its box

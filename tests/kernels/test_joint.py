"""Several stones and the saw planes between them: their sizes and their rows."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from tests import oracles
from tests.bodies import SEEDED, SEEDS, Float, block
from tests.kernels.beside import HALF, SKIN, Stones, frame_of, random_stones, skin, tile
from yieldopt.geometry.hazards import Hazard, half_space, surface_of
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import scale_at
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.joint import PLANE, weigh_stones
from yieldopt.kernels.refine import POSE
from yieldopt.search.local import new_memory

CLOSE = 1e-9  # relative, of a scale: what the oracle's solver leaves


def scale_beside(stones: Stones, f: int) -> float:
    """Return the scale of a stone with its planes as half-spaces among the hazards."""
    hazards = [Hazard(name="skin", triangles=block(-HALF, HALF), margin=SKIN)]
    for k in np.flatnonzero(stones.side[f]):
        frame, up = stones.frames[f, k], int(stones.side[f, k])
        outward, offset = -up * frame[:3], -up * float(frame[:3] @ frame[9:12])
        wall = half_space(outward, offset, stones.margins[k], low=-HALF, high=HALF, name="saw")
        hazards.append(wall)
    gem = stones.gem(f)
    pose = Pose(rotation=gem.rotation, translation=gem.translation)
    return scale_at(surface_of(hazards), gem.normals, gem.offsets, pose)[0]


@SEEDED
@given(seed=SEEDS, name=st.sampled_from(["round", "emerald"]), t=st.integers(1, 2))
def test_between_planes_a_stone_is_as_large_as_half_spaces_let_it_be(
    seed: int, name: str, t: int
) -> None:
    with Crew(1) as crew:
        stones = random_stones(seed, name, 3, t, crew)
        stones.side[1, 0] = 0  # one stone that the first plane does not concern
        if t == 1:
            stones.side[1, 0] = 1
        scale, volume = stones.weighed()
    for f in range(3):
        wrong = (stones.translation[f] - stones.frames[f, :, 9:12]) * stones.frames[f, :, :3]
        on_its_side = (wrong.sum(axis=1) * stones.side[f] > 0.0) | (stones.side[f] == 0)
        wanted = scale_beside(stones, f) if on_its_side.all() else 0.0
        assert scale[f] == pytest.approx(wanted, rel=CLOSE, abs=CLOSE)
        gem = stones.gem(f)
        solid = oracles.solid_of(gem.normals, gem.offsets, np.zeros(3))
        assert volume[f] == pytest.approx(solid.volume, rel=1e-9)


def test_slots_are_weighed_in_any_order_and_no_others_are_touched() -> None:
    """The cut's planes come in the order of the slots, all else by the slot's number."""
    with Crew(1) as crew:
        stones = random_stones(3, "emerald", 5, 2, crew)
        every = stones.weighed()
        slots = np.array([4, 0, 3])
        normals, offsets = (np.ascontiguousarray(a) for a in stones.cut.planes(stones.theta[slots]))
        (memory,) = new_memory(crew, offsets.shape[1], stones.theta.shape[1])
        scale, volume = np.full(5, -7.0), np.array([0.0, 0.0, 0.0, 0.0, 5.0])
        contact = np.full(5, -1, dtype=np.int64)
        weigh_stones(
            0, 3, slots, skin().tree, *stones.walls(), 1, stones.side, *memory, scale, volume,
            contact, stones.rotation, stones.translation, normals, offsets,
        )  # fmt: skip
    np.testing.assert_array_equal(scale[slots], every[0][slots])
    assert (scale[[1, 2]] == -7.0).all()
    np.testing.assert_array_equal(volume, [every[1][0], 0.0, 0.0, every[1][3], 5.0])
    assert (contact[slots] >= 0).all()


class TestRows:
    """What each row says of a small move, against differences of a triangle's own program."""

    STEP = 1e-4
    KINK = 1e-2  # relative difference of forward and backward slopes that has a kink between

    @pytest.mark.parametrize("name", ["round", "emerald"])
    @pytest.mark.parametrize("seed", range(4))
    def test_rows_tell_how_moves_of_stone_and_plane_let_it_grow(self, seed: int, name: str) -> None:
        with Crew(1) as crew:
            stones = random_stones(seed, name, 2, 2, crew)
            scale, _ = stones.weighed()
            rows, near = stones.rows(scale)
        n_checked = n_kinks = 0
        for f in range(2):
            plane = rows.plane[f, : rows.number[f]]
            assert set(plane) <= {-1, 0, 1}
            assert rows.inner[f] == stones.gem(f).offsets.min()
            firsts = [np.flatnonzero(plane == k)[:1] for k in (-1, 0, 1)]
            for r in np.concatenate(firsts):
                if plane[r] < 0:
                    at = near[f][r]
                    triangle = skin().tree.corners[at].reshape(3, 3)
                    keep = SKIN
                else:
                    triangle = tile(stones.frames[f, plane[r]], stones.translation[f])
                    keep = stones.margins[plane[r]]
                own = Contact(stones, f, triangle, keep, int(plane[r]))
                here = own.scale()
                assert rows.right[f, r] == pytest.approx(
                    max(0.0, here / scale[f] - 1.0), rel=1e-6, abs=1e-8
                )
                assert rows.rows[f, r, 0] == 1.0
                for u in range(1, rows.rows.shape[2]):
                    up, down = own.moved(u, self.STEP), own.moved(u, -self.STEP)
                    size = scale[f] if 1 <= u <= 3 else 1.0  # dt / s
                    slope = (up - down) / (2.0 * self.STEP) * size / scale[f]
                    if abs(up + down - 2.0 * here) > self.KINK * self.STEP * (1.0 + here):
                        n_kinks += 1
                        continue
                    n_checked += 1
                    assert rows.rows[f, r, u] == pytest.approx(-slope, rel=1e-3, abs=2e-3), u
        assert n_checked >= 20
        assert n_kinks <= n_checked / 10

    def test_a_gain_is_the_slope_of_ln_volume(self) -> None:
        with Crew(1) as crew:
            stones = random_stones(0, "emerald", 1, 1, crew)
            rows, _ = stones.rows(stones.weighed()[0])
        for q in range(stones.theta.shape[1]):
            ends = []
            for step in (1e-4, -1e-4):
                normals, offsets = stones.cut.planes(
                    stones.theta + step * np.eye(stones.theta.shape[1])[q]
                )
                ends.append(oracles.solid_of(normals[0], offsets[0], np.zeros(3)).volume)
            slope = np.log(ends[0] / ends[1]) / 2e-4
            assert rows.gain[0, q] == pytest.approx(slope, rel=1e-3, abs=1e-4)


@dataclass(frozen=True, slots=True)
class Contact:
    """A stone and one triangle before it; the scale that the triangle allows."""

    stones: Stones
    f: int
    triangle: Float
    keep: float
    plane: int

    def scale(self) -> float:
        return oracles.triangle_scale(self.stones.gem(self.f), self.triangle, self.keep)

    def moved(self, unknown: int, step: float) -> float:
        """Return the scale after a step of one unknown; moves are in mm here."""
        gem, triangle = self.stones.gem(self.f), self.triangle
        n_own = POSE + self.stones.theta.shape[1]
        if unknown <= 3:
            gem = gem._replace(translation=gem.translation + step * np.eye(3)[unknown - 1])
        elif unknown < POSE:
            spin = Rotation.from_rotvec(step * np.eye(3)[unknown - 4]).as_matrix()
            gem = gem._replace(rotation=spin @ gem.rotation)
        elif unknown < n_own:
            theta = self.stones.theta[self.f].copy()
            theta[unknown - POSE] += step
            normals, offsets = self.stones.cut.planes(theta[None])
            gem = gem._replace(normals=normals[0], offsets=offsets[0])
        elif self.plane >= 0:  # another plane, and a triangle of it
            old = self.stones.frames[self.f, self.plane]
            by = step * np.eye(PLANE)[unknown - n_own]
            normal = old[:3] + by[1] * old[3:6] + by[2] * old[6:9]
            pivot = old[9:12] + old[12] * by[0] * old[:3]
            new = frame_of(normal / np.linalg.norm(normal), pivot, old[12])
            triangle = tile(new, gem.translation)
        return oracles.triangle_scale(gem, triangle, self.keep)

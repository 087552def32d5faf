"""Stones in a block, saw planes before them: what tests of `kernels.joint` ask about."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from tests.bodies import Float, block, turned
from tests.oracles import Gem
from yieldopt.cuts.cut import Cut
from yieldopt.cuts.library import cuts_named
from yieldopt.geometry.surface import build_surface
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.joint import FRAME, PLANE, Rows, Walls, rows_of_stones, weigh_stones
from yieldopt.kernels.refine import POSE, ROWS
from yieldopt.kernels.tree import Tree
from yieldopt.search.local import new_memory, planes_and_slopes
from yieldopt.search.orientation import orientation_of

HALF = np.array([9.0, 4.5, 4.0])  # of the block that all stand in, mm
SKIN = 0.2
TRUST = 0.12


@cache
def cut_named(name: str) -> Cut:
    (cut,) = cuts_named(name)
    return cut


def frozen(array: Any) -> Any:
    array.setflags(write=False)
    return array


def frame_of(normal: Float, pivot: Float, length: float) -> Float:
    """Return a plane as the kernels have it: normal, two axes, pivot, length."""
    one = np.cross(normal, np.eye(3)[int(np.abs(normal).argmin())])
    one /= np.linalg.norm(one)
    return np.concatenate([normal, one, np.cross(normal, one), pivot, [length]])


def tile(frame: Float, spot: Float, size: float = 80.0) -> Float:
    """Return a triangle (3, 3) of a plane, far beyond all stones, about the foot of a spot."""
    foot = spot - ((spot - frame[9:12]) @ frame[:3]) * frame[:3]
    turn = np.array([0.0, 2.0, 4.0]) * np.pi / 3.0
    across = np.outer(np.cos(turn), frame[3:6]) + np.outer(np.sin(turn), frame[6:9])
    out: Float = foot + size * across
    return out


def tree_of(triangles: Float, keep: Float) -> Tree:
    """Return triangles as they stand, without boxes: nobody descends among tiles."""
    return Tree(
        boxes=frozen(np.zeros((1, 8))),
        places=frozen(np.zeros((1, 4), dtype=np.int32)),
        corners=frozen(np.ascontiguousarray(triangles.reshape(-1, 9))),
        keep=frozen(np.array(keep, dtype=np.float64)),
        source=frozen(np.zeros(1, dtype=np.int32)),
    )


@dataclass(slots=True, kw_only=True)
class Stones:
    """Stones of one cut in the block, each with planes before it, one tile a plane."""

    cut: Cut
    rotation: Float
    translation: Float
    theta: Float
    frames: Float  # (f, t, FRAME)
    side: Any  # (f, t)
    margins: Float  # (t,)
    crew: Crew

    def __len__(self) -> int:
        return len(self.translation)

    def walls(self) -> tuple[Tree, Walls]:
        slots, planes = np.nonzero(self.side)
        tiles = [
            tile(self.frames[f, k], self.translation[f]) for f, k in zip(slots, planes, strict=True)
        ]
        first = np.concatenate([[0], np.cumsum(np.abs(self.side).sum(axis=1))]).astype(np.int64)
        return tree_of(np.array(tiles), self.margins[planes]), Walls(
            first=first, plane=planes.astype(np.int32), frames=self.frames
        )

    def weighed(self) -> tuple[Float, Float]:
        """Return the scales and the volumes of all."""
        n = len(self)
        scale, volume, contact = np.full(n, np.nan), np.zeros(n), np.full(n, -1, dtype=np.int64)
        normals, offsets = self.cut.planes(self.theta)
        (memory,) = new_memory(self.crew, offsets.shape[1], self.theta.shape[1])
        weigh_stones(
            0, n, np.arange(n), skin().tree, *self.walls(), 1, self.side, *memory, scale, volume,
            contact, self.rotation, self.translation, np.ascontiguousarray(normals),
            np.ascontiguousarray(offsets),
        )  # fmt: skip
        return scale, volume

    def rows(self, scale: Float) -> tuple[Rows, list[list[int]]]:
        """Return the rows of all, and of each stone the triangles of the skin that rows are of."""
        n, p = self.theta.shape
        most = ROWS + 64
        out = Rows(
            rows=np.zeros((n, most, POSE + p + PLANE)), right=np.full((n, most), np.nan),
            plane=np.full((n, most), -7, dtype=np.int32), number=np.zeros(n, dtype=np.int64),
            gain=np.full((n, p), np.nan), inner=np.full(n, np.nan),
        )  # fmt: skip
        planes = planes_and_slopes(self.cut, self.theta)
        (memory,) = new_memory(self.crew, planes[1].shape[1], p)
        tiles, walls = self.walls()
        near = []
        for f in range(n):
            rows_of_stones(
                f, f + 1, np.arange(n), skin().tree, tiles, walls, *memory,
                orientation_of((), self.cut).directions, np.full(n, TRUST), scale, self.rotation,
                self.translation, *planes, out,
            )  # fmt: skip
            count = int((out.plane[f, : out.number[f]] == -1).sum())
            near.append(memory[1].near[:count].tolist())
        return out, near

    def gem(self, f: int) -> Gem:
        normals, offsets = self.cut.planes(self.theta[f : f + 1])
        return Gem(normals[0], offsets[0], self.rotation[f], self.translation[f])


@cache
def skin() -> Any:
    return build_surface(block(-HALF, HALF), SKIN)


def random_theta(cut: Cut, n: int, rng: np.random.Generator) -> Float:
    low, high = (np.array([getattr(q, end) for q in cut.proportions]) for end in ("low", "high"))
    theta: Float = low + rng.uniform(0.1, 0.9, (n, len(low))) * (high - low)
    return theta


def random_stones(seed: int, name: str, n: int, t: int, crew: Crew) -> Stones:
    """Return stones at random in the block, planes across it, the stones on either side."""
    rng = np.random.default_rng(seed)
    cut = cut_named(name)
    frames = np.zeros((n, t, FRAME))
    side = np.zeros((n, t), dtype=np.int8)
    translation = rng.uniform(-0.7, 0.7, (n, 3)) * HALF
    for k in range(t):
        normal = rng.normal(size=3) + 2.0 * np.eye(3)[0]
        normal /= np.linalg.norm(normal)
        frames[:, k] = frame_of(normal, rng.uniform(-0.3, 0.3, 3) * HALF, rng.uniform(1.0, 4.0))
        side[:, k] = np.where((translation - frames[:, k, 9:12]) @ normal > 0.0, 1, -1)
    return Stones(
        cut=cut, theta=random_theta(cut, n, rng), translation=translation, frames=frames, side=side,
        rotation=np.array([turned(int(rng.integers(2**31))) for _ in range(n)]),
        margins=rng.choice([0.0, 0.15, 0.4], t), crew=crew,
    )  # fmt: skip

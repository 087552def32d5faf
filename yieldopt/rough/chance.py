"""Seeded chance that every machine and every numpy draws alike."""

import numpy as np

from yieldopt.geometry.arrays import Float


class Chance:
    """A seeded stream of numbers that is the same with every numpy: only raw uniforms are drawn."""

    def __init__(self, seed: int, kind: str) -> None:
        self._stream = np.random.default_rng([seed, *kind.encode()])

    def between(self, low: float, high: float) -> float:
        """Return a number of [low, high)."""
        return low + (high - low) * float(self._stream.random())

    def many(self, low: float, high: float, number: int) -> Float:
        """Return (number,) numbers of [low, high)."""
        drawn: Float = low + (high - low) * self._stream.random(number)
        return drawn

    def rays(self, number: int) -> Float:
        """Return unit directions (number, 3), even over the sphere."""
        z, turn = self.many(-1.0, 1.0, number), self.many(0.0, 2.0 * np.pi, number)
        flat = np.sqrt(1.0 - z * z)
        return np.column_stack([flat * np.cos(turn), flat * np.sin(turn), z])

    def apart(self, number: int, angle: float) -> Float:
        """Return up to `number` unit directions that keep `angle` from each other, (m, 3)."""
        kept: list[Float] = []
        for ray in self.rays(40 * number):
            if all(ray @ other < np.cos(angle) for other in kept):
                kept.append(ray)
        return np.array(kept[:number])

    def turn(self) -> Float:
        """Return an even random rotation (3, 3) (Shoemake 1992, Uniform random rotations)."""
        u, v, w = self.many(0.0, 1.0, 3)
        low, high = np.sqrt(1.0 - u), np.sqrt(u)
        x, y = low * np.sin(2.0 * np.pi * v), low * np.cos(2.0 * np.pi * v)
        z, s = high * np.sin(2.0 * np.pi * w), high * np.cos(2.0 * np.pi * w)
        return np.array(
            [
                [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - z * s), 2.0 * (x * z + y * s)],
                [2.0 * (x * y + z * s), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - x * s)],
                [2.0 * (x * z - y * s), 2.0 * (y * z + x * s), 1.0 - 2.0 * (x * x + y * y)],
            ]
        )

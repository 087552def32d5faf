"""Where a gem stands in the rough: rotate, then move."""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, frozen_float

ROTATION_SLACK = 1e-9  # |R R^T - 1|: what products of float64 rotations may lose


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """A rigid motion, `x_scan = rotation @ x_gem + translation`; mm.

    Parameters
    ----------
    rotation
        (3, 3), orthonormal, determinant +1.
    translation
        (3,) mm.
    """

    rotation: Float
    translation: Float

    def __post_init__(self) -> None:
        """Freeze the arrays; refuse what is no rotation."""
        rotation = frozen_float(self.rotation, (3, 3), "rotation")
        if (
            np.abs(rotation @ rotation.T - np.eye(3)).max() > ROTATION_SLACK
            or np.linalg.det(rotation) < 0
        ):
            raise ValueError("rotation: not orthonormal, or a reflection")
        object.__setattr__(self, "rotation", rotation)
        object.__setattr__(self, "translation", frozen_float(self.translation, (3,), "translation"))

    def apply(self, points: Float) -> Float:
        """Return points (n, 3) of the gem frame in the scan frame."""
        moved: Float = points @ self.rotation.T + self.translation
        return moved

    def planes(self, normals: Float, offsets: Float) -> tuple[Float, Float]:
        """Return half-spaces `n.x <= d` of the gem frame in the scan frame."""
        turned: Float = normals @ self.rotation.T
        return turned, offsets + turned @ self.translation

"""Array types, and the one place where arrays are checked and frozen."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int32]


def frozen_float(array: ArrayLike, shape: tuple[int, ...], name: str) -> Float:
    """Return a read-only, C-contiguous float64 copy; -1 in `shape` admits any length.

    Raises
    ------
    ValueError
        If the shape is another one or a number is not finite.
    """
    out: Float = np.array(array, dtype=np.float64, order="C")
    _check_shape(out, shape, name)
    if not np.isfinite(out).all():
        raise ValueError(f"{name}: a number is not finite")
    out.setflags(write=False)
    return out


def frozen_int(array: ArrayLike, shape: tuple[int, ...], name: str) -> Int:
    """Return a read-only, C-contiguous int32 copy; -1 in `shape` admits any length."""
    out: Int = np.array(array, dtype=np.int32, order="C")
    _check_shape(out, shape, name)
    out.setflags(write=False)
    return out


def _check_shape(array: NDArray[Any], shape: tuple[int, ...], name: str) -> None:
    if array.ndim != len(shape) or any(
        wanted not in (-1, got) for wanted, got in zip(shape, array.shape, strict=True)
    ):
        raise ValueError(f"{name}: shape {array.shape} where {shape} is wanted")

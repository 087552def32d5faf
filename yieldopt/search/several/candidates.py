"""Candidates: plans of several stones with the saw planes between them, improved in batches."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.kernels.joint import FRAME


@dataclass(slots=True, kw_only=True)
class Candidates:
    """c candidates of n stones and t planes each; stone i of candidate k has the slot k n + i.

    Parameters
    ----------
    cut
        (c, n) number of each stone's cut.
    rotation, translation, theta
        (c n, 3, 3), (c n, 3) mm, (c n, p) proportions, padded to the most of any cut.
    scale, volume, contact
        (c n,) width in mm, volume at unit width, triangle in the way.
    frames
        (c, t, FRAME) of the planes: normal, two axes, pivot, length; root first.
    side
        (c n, t) 1 where a stone is above a plane, -1 below, 0 where it is sawn off before.
    kerf
        (c, t) mm.
    held
        (c n,) mm: the width that a locked stone has and keeps; 0 where a stone is free.
    plane_free
        (c, t); see `kernels.joint.step_many`.
    floor
        (c, n) least volume that is wanted, mm3.
    trust
        (c,) radius of the step.
    """

    cut: np.ndarray
    rotation: Float
    translation: Float
    theta: Float
    scale: Float
    volume: Float
    contact: np.ndarray
    frames: Float
    side: np.ndarray
    kerf: Float
    held: Float
    plane_free: np.ndarray
    floor: Float
    trust: Float

    def __len__(self) -> int:
        """Return how many candidates."""
        return len(self.cut)

    @property
    def n(self) -> int:
        """Stones of each."""
        return int(self.cut.shape[1])

    @property
    def t(self) -> int:
        """Planes of each."""
        return int(self.frames.shape[1])

    @property
    def free(self) -> np.ndarray:
        """(c, n) 1 where a stone may move and grow, 0 where it is locked."""
        return np.asarray((self.held == 0.0).astype(np.int8).reshape(self.cut.shape))

    @property
    def volumes(self) -> Float:
        """(c, n) mm3."""
        each: Float = np.maximum(self.scale, 0.0) ** 3 * np.maximum(self.volume, 0.0)
        return each.reshape(self.cut.shape)


_BY_STONE = ("rotation", "translation", "theta", "scale", "volume", "contact", "side", "held")


def picked(whole: Candidates, order: np.ndarray) -> Candidates:
    """Return the candidates of the given numbers, copied."""
    n = whole.n
    slots = (np.asarray(order)[:, None] * n + np.arange(n)).ravel()
    own: dict[str, Any] = {}
    for field in fields(Candidates):
        array = getattr(whole, field.name)
        own[field.name] = np.ascontiguousarray(array[slots if field.name in _BY_STONE else order])
    return Candidates(**own)


def put_back(whole: Candidates, order: np.ndarray, part: Candidates) -> None:
    """Write candidates back where they were picked from."""
    n = whole.n
    slots = (np.asarray(order)[:, None] * n + np.arange(n)).ravel()
    for field in fields(Candidates):
        at = slots if field.name in _BY_STONE else order
        getattr(whole, field.name)[at] = getattr(part, field.name)


def joined(parts: list[Candidates]) -> Candidates:
    """Return candidates of the same numbers of stones and planes as one batch."""
    own: dict[str, Any] = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Candidates)
    }
    return Candidates(**own)


def copied(whole: Candidates) -> Candidates:
    """Return a copy that shares nothing."""
    return picked(whole, np.arange(len(whole)))


def candidates_of(
    cut: np.ndarray,
    rotation: Float,
    translation: Float,
    theta: Float,
    normals: Float,
    offsets: Float,
    side: np.ndarray,
    kerf: Float,
    held: Float | None = None,
) -> Candidates:
    """Return candidates, not yet weighed, their planes free.

    Parameters
    ----------
    cut, rotation, translation, theta
        (c, n), (c, n, 3, 3), (c, n, 3), (c, n, p).
    normals, offsets, kerf
        (c, t, 3), (c, t), (c, t).
    side, held
        (c, n, t), (c, n).
    """
    c, n = cut.shape
    t = offsets.shape[1]
    frames = np.zeros((c, t, FRAME))
    frames[:, :, :3] = normals
    frames[:, :, 9:12] = normals * offsets[:, :, None]
    frames[:, :, 12] = 1.0
    out = Candidates(
        cut=np.ascontiguousarray(cut, dtype=np.int64),
        rotation=np.array(rotation, dtype=np.float64).reshape(c * n, 3, 3),
        translation=np.array(translation, dtype=np.float64).reshape(c * n, 3),
        theta=np.array(theta, dtype=np.float64).reshape(c * n, -1),
        scale=np.zeros(c * n),
        volume=np.zeros(c * n),
        contact=np.full(c * n, -1, dtype=np.int64),
        frames=frames,
        side=np.array(side, dtype=np.int8).reshape(c * n, t),
        kerf=np.array(kerf, dtype=np.float64),
        held=np.zeros(c * n) if held is None else np.array(held, dtype=np.float64).reshape(c * n),
        plane_free=np.ones((c, t), dtype=np.int8),
        floor=np.zeros((c, n)),
        trust=np.full(c, FIRST_TRUST),
    )
    recentred(out)  # the planes have axes, or their tiles would be points
    return out


FIRST_TRUST = 0.12  # radius of the first step, share of the width


def offsets_of(candidates: Candidates) -> Float:
    """Return the planes' offsets (c, t) mm."""
    frames = candidates.frames
    out: Float = np.einsum("cta,cta->ct", frames[:, :, :3], frames[:, :, 9:12])
    return out


def recentred(candidates: Candidates) -> None:
    """Set the planes' axes, and their pivots amid the stones that they part."""
    c, t, n = len(candidates), candidates.t, candidates.n
    frames = candidates.frames
    if t == 0:
        return
    normal = frames[:, :, :3]
    flat = normal.reshape(-1, 3)
    aside = np.eye(3)[np.abs(flat).argmin(axis=1)]
    one = np.cross(flat, aside)
    one /= np.linalg.norm(one, axis=1, keepdims=True)
    frames[:, :, 3:6] = one.reshape(c, t, 3)
    frames[:, :, 6:9] = np.cross(flat, one).reshape(c, t, 3)
    offset = np.einsum("cta,cta->ct", normal, frames[:, :, 9:12])
    concerns = np.abs(candidates.side.reshape(c, n, t)).astype(np.float64)
    centres = candidates.translation.reshape(c, n, 3)
    middle = np.einsum("cnt,cna->cta", concerns, centres) / concerns.sum(axis=1)[:, :, None]
    off = np.einsum("cta,cta->ct", normal, middle) - offset
    frames[:, :, 9:12] = middle - off[:, :, None] * normal
    widths = candidates.scale.reshape(c, n)
    frames[:, :, 12] = np.maximum(widths.mean(axis=1), 1e-6)[:, None]

"""Crystals whose faces are known, and the noise of a scan."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from yieldopt.rough.crystals.faces import CrystalFace
from yieldopt.rough.refine import refine_skin
from yieldopt.rough.rough import Rough
from yieldopt.rough.shapes import GARNET_NORMALS, QUARTZ_TIP, SPINEL_NORMALS
from yieldopt.rough.star import fans_of_polytope, gauge_of

Float = NDArray[np.float64]

NOISE = 0.05  # mm, as issue and scanners have it


def hexagonal_normals() -> Float:
    """Return quartz: six sides, six faces at each tip."""
    turn = np.arange(6) * np.pi / 3.0
    sides = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(6)])
    tips = []
    for up in (1.0, -1.0):
        tip = sides * np.cos(QUARTZ_TIP)
        tip[:, 2] = up * np.sin(QUARTZ_TIP)
        tips.append(tip)
    return np.concatenate([sides, *tips])


NORMALS = {
    "prism": hexagonal_normals(),
    "octahedron": SPINEL_NORMALS,
    "dodecahedron": GARNET_NORMALS,
    "cube": np.concatenate([np.eye(3), -np.eye(3)]),
}


def plain_crystal(kind: str, *, seed: int, triangles: int, length: float = 14.0) -> Rough:
    """Return a crystal of flat, unevenly grown faces with worn edges."""
    rng = np.random.default_rng(seed)
    normals = NORMALS[kind]
    offsets = rng.uniform(0.9, 1.1, len(normals))
    if kind == "prism":
        offsets[6:] *= 1.7
    points, faces = fans_of_polytope(normals, offsets)
    gauge = gauge_of(normals, offsets, wear=90.0, floor=0.0)

    def shown(at: Float) -> NDArray[np.int64]:
        return np.rint(at * 1e6).astype(np.int64)

    points, faces = refine_skin(points, faces, triangles=triangles, shown=shown)
    rays = points / np.linalg.norm(points, axis=1, keepdims=True)
    worn = rays / gauge(rays)[:, None]
    worn *= length / np.ptp(worn, axis=0).max()
    return Rough(name=kind, vertices=worn, faces=faces.astype(np.int32))


def with_noise(rough: Rough, *, seed: int, noise: float = NOISE) -> Rough:
    """Return a scan of a rough: each vertex moved along its normal, each by its own chance."""
    a, b, c = rough.triangles().transpose(1, 0, 2)
    across = np.cross(b - a, c - a)
    normals = np.zeros_like(rough.vertices)
    for k in range(3):
        np.add.at(normals, rough.faces[:, k], across)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    off = np.random.default_rng(seed).normal(0.0, noise, (len(normals), 1))
    return replace(rough, vertices=rough.vertices + normals * off)


def moved(rough: Rough, rotation: Float, shift: Sequence[float]) -> Rough:
    """Return a rough turned, then moved."""
    return replace(rough, vertices=rough.vertices @ rotation.T + np.array(shift))


def reordered(rough: Rough, seed: int) -> Rough:
    """Return a rough with its vertices, its triangles and their first corners in another order."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(rough.vertices))
    rank = np.argsort(order)
    faces = rank[rough.faces][rng.permutation(len(rough.faces))]
    turn = (rng.integers(3, size=len(faces))[:, None] + np.arange(3)) % 3
    return replace(
        rough,
        vertices=rough.vertices[order],
        faces=np.take_along_axis(faces, turn, axis=1).astype(np.int32),
    )


def true_shares(rough: Rough, normals: Float) -> Float:
    """Return the part of a clean skin that looks within 8 degrees of each normal, (n,)."""
    a, b, c = rough.triangles().transpose(1, 0, 2)
    across = np.cross(b - a, c - a)
    areas = np.linalg.norm(across, axis=1)
    along = across @ normals.T / areas[:, None]
    out: Float = (areas[:, None] * (along > np.cos(np.radians(8.0)))).sum(axis=0) / areas.sum()
    return out


def degrees_off(normal: Float, normals: Float) -> float:
    """Return the angle from a direction to the nearest of some."""
    across = np.linalg.norm(np.cross(normals, normal), axis=1)
    return float(np.degrees(np.arctan2(across, normals @ normal).min()))


def faces_of(normals: Float, areas: Sequence[float] | None = None) -> tuple[CrystalFace, ...]:
    """Return faces of given outward normals, as `flat_faces` would, in the order given."""
    normals = np.asarray(normals, dtype=np.float64).reshape(-1, 3)
    normals = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    sizes = np.ones(len(normals)) if areas is None else np.asarray(areas, dtype=np.float64)
    return tuple(
        CrystalFace(
            number=i,
            normal=normal,
            centre=normal,
            area=float(size),
            share=float(size / sizes.sum()),
            rms=0.01,
            turn=0.0,
        )
        for i, (normal, size) in enumerate(zip(normals, sizes, strict=True), start=1)
    )

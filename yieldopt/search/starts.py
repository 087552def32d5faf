"""Where a search begins: poses with their centre inside the rough, from a seed."""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.geometry.surface import Surface, new_scratch
from yieldopt.kernels.batch import scale_many
from yieldopt.kernels.inside import inside_many


def random_rotations(n: int, rng: np.random.Generator) -> Float:
    """Return rotations (n, 3, 3), uniform over all (Shoemake 1992)."""
    a, b, c = rng.random((3, n))
    q = np.stack(
        [
            np.sqrt(1 - a) * np.sin(2 * np.pi * b),
            np.sqrt(1 - a) * np.cos(2 * np.pi * b),
            np.sqrt(a) * np.sin(2 * np.pi * c),
            np.sqrt(a) * np.cos(2 * np.pi * c),
        ]
    )
    return rotations_of_quaternions(q)


def rotations_of_quaternions(q: Float) -> Float:
    """Return rotations (n, 3, 3) of unit quaternions (4, n), the scalar last."""
    x, y, z, w = q
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    out: Float = np.ascontiguousarray(np.moveaxis(np.array(rows), 2, 0))
    return out


DEEP = 4  # points tried for each one kept; 1 (no choice) and 16 found less in concave roughs


def deep_points(surface: Surface, triangles: Float, n: int, rng: np.random.Generator) -> Float:
    """Return points (n, 3) inside closed triangles, drawn towards places far from hazards.

    Of DEEP n points those are kept whose distance to the hazards times a random share is
    greatest: deep places are favoured, all are possible.
    """
    points = points_inside(triangles, DEEP * n, rng)
    normals, offsets = _ball()
    depth = np.empty(len(points))
    rotations = np.broadcast_to(np.eye(3), (len(points), 3, 3)).copy()
    scale_many(
        0, len(points), surface.tree, new_scratch(len(offsets)), normals, offsets, rotations,
        points, depth,
    )  # fmt: skip
    chance = depth * rng.random(len(points))
    return points[np.sort(np.argsort(-chance, kind="stable")[:n])]


def are_inside(triangles: Float, points: Float) -> np.ndarray:
    """Tell which points (n, 3) lie inside closed triangles (k, 3, 3)."""
    hit = np.zeros(len(points), dtype=np.uint8)
    inside_many(np.ascontiguousarray(triangles.reshape(-1, 9)), np.ascontiguousarray(points), hit)
    return np.asarray(hit == 1)


def _ball() -> tuple[Float, Float]:
    """Return the half-spaces of an icosahedron round a ball of radius 1."""
    golden = (1.0 + np.sqrt(5.0)) / 2.0
    eight = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    twelve = [(0.0, y / golden, z * golden) for y in (-1, 1) for z in (-1, 1)]
    turned = [(z, x, y) for x, y, z in twelve] + [(y, z, x) for x, y, z in twelve]
    normals = np.array(eight + twelve + turned, dtype=np.float64)
    return normals / np.linalg.norm(normals, axis=1, keepdims=True), np.ones(20)


def points_inside(triangles: Float, n: int, rng: np.random.Generator) -> Float:
    """Return points (n, 3) inside closed triangles (k, 3, 3), uniform in the volume.

    Raises
    ------
    ValueError
        If the mesh holds hardly any volume (a shell, or inside out).
    """
    corners = np.ascontiguousarray(triangles.reshape(-1, 9))
    low, high = triangles.min(axis=(0, 1)), triangles.max(axis=(0, 1))
    found: list[Float] = []
    count = 0
    for _ in range(200):  # 1 in 200 of the box inside would still do
        points = low + rng.random((n, 3)) * (high - low)
        hit = np.zeros(n, dtype=np.uint8)
        inside_many(corners, points, hit)
        found.append(points[hit == 1])
        count += len(found[-1])
        if count >= n:
            return np.concatenate(found)[:n]
    raise ValueError("triangles: they hold hardly any volume")

"""Where a search begins: poses with their centre inside the rough, from a seed."""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.geometry.surface import Surface
from yieldopt.geometry.threads import Crew
from yieldopt.kernels.inside import inside_many
from yieldopt.kernels.tree import MAX_DEPTH
from yieldopt.search.local import blank_starts, new_memory, weigh_starts


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


def deep_points(
    surface: Surface, skin: Surface, n: int, rng: np.random.Generator, crew: Crew
) -> Float:
    """Return points (n, 3) inside a closed skin, drawn towards places far from all hazards.

    Of DEEP n points those are kept whose distance to the hazards times a random share is
    greatest: deep places are favoured, all are possible. The distance is that of a ball
    (an icosahedron) asked for by the same query as a gem. The heaviest draw comes first.
    """
    points = points_inside(skin, DEEP * n, rng, crew)
    normals, offsets = _ball()
    balls = blank_starts(np.broadcast_to(np.eye(3), (len(points), 3, 3)), points, p=0)
    balls.volume[:] = 1.0
    weigh_starts(
        surface,
        balls,
        np.repeat(normals[None], len(points), axis=0),
        np.repeat(offsets[None], len(points), axis=0),
        crew,
        new_memory(crew, len(offsets), 0),
    )
    chance = balls.scale * rng.random(len(points))
    return points[np.argsort(-chance, kind="stable")[:n]]


def are_inside(skin: Surface, points: Float, crew: Crew) -> np.ndarray:
    """Tell which points (n, 3) lie inside a closed surface, and in none of its hollows."""
    hit = np.zeros((2, len(points)), dtype=np.uint8)
    points = np.ascontiguousarray(points)
    trees = [skin.tree] if skin.hollows is None else [skin.tree, skin.hollows]

    def work(first: int, last: int, stack: np.ndarray) -> None:
        for tree, out in zip(trees, hit, strict=False):
            inside_many(first, last, tree, stack, points, out)

    stacks = [np.zeros((2 * MAX_DEPTH, 2), dtype=np.int32) for _ in range(crew.size)]
    crew.run(work, len(points), stacks)
    return np.asarray((hit[0] == 1) & (hit[1] == 0))


def _ball() -> tuple[Float, Float]:
    """Return the half-spaces of an icosahedron round a ball of radius 1."""
    golden = (1.0 + np.sqrt(5.0)) / 2.0
    eight = [(x, y, z) for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]
    twelve = [(0.0, y / golden, z * golden) for y in (-1, 1) for z in (-1, 1)]
    turned = [(z, x, y) for x, y, z in twelve] + [(y, z, x) for x, y, z in twelve]
    normals = np.array(eight + twelve + turned, dtype=np.float64)
    return normals / np.linalg.norm(normals, axis=1, keepdims=True), np.ones(20)


def points_inside(skin: Surface, n: int, rng: np.random.Generator, crew: Crew) -> Float:
    """Return points (n, 3) inside a closed surface, uniform in the volume.

    Fewer where its hollows use it up.

    Raises
    ------
    ValueError
        If the mesh, without hollows, holds hardly any volume (a shell, or inside out).
    """
    root = skin.tree.boxes[0]
    found: list[Float] = []
    count = 0
    for _ in range(200):  # 1 in 200 of the box inside would still do
        points = root[:3] + (2.0 * rng.random((n, 3)) - 1.0) * root[3:6]
        found.append(points[are_inside(skin, points, crew)])
        count += len(found[-1])
        if count >= n:
            return np.concatenate(found)[:n]
    if skin.hollows is None:
        raise ValueError("triangles: they hold hardly any volume")
    return np.concatenate(found)

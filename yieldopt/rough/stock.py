"""Roughs that ask for the saw: too long for one stone, or parted by a crack.

Of `made`'s make (star bodies, vertices on the grid), but no kinds of its list: a saw's roughs.
"""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.chance import Chance
from yieldopt.rough.inclusions import Crack
from yieldopt.rough.made import rough_of_form
from yieldopt.rough.rough import Rough
from yieldopt.rough.shapes import crystal, growth_lines, hexagonal
from yieldopt.rough.star import waves_of

PRISM_MM = 34.0  # long and 8 thick: three ovals of 1.3 to 1 stand in a row, with a kerf between
PRISM_SLIM = (0.235, 0.255)  # half its thickness over half its length
BLOCK_MM = 20.0  # longest side, corner to corner some 27
BLOCK_SIDES = (1.0, 0.78, 0.66)
CORNERS = 16  # of the polygon of a crack
OVERSAWN = 0.02  # share of the block's extent that its crack goes on beyond the skin


def long_prism(*, seed: int, triangles: int) -> Rough:
    """Make a hexagonal prism with two points, four times as long as it is thick, along z."""
    chance = Chance(seed, "long prism")
    normals, offsets = hexagonal(chance, slim=chance.between(*PRISM_SLIM), uneven=0.06)
    form = crystal(normals, offsets, growth_lines(chance, lines=60.0, depth=0.003), wear=90.0)
    note = f"made by yieldopt: long prism, seed {seed}"
    return rough_of_form(form, PRISM_MM, triangles, name=f"long_prism_{seed}", note=note)


def cracked_block(*, seed: int, triangles: int) -> tuple[Rough, Crack]:
    """Make a block with a flat crack right through it, from an edge to the one across.

    The crack goes a little beyond the skin on all sides: no way leads round it.
    """
    chance = Chance(seed, "cracked block")
    normals = np.concatenate([np.eye(3), -np.eye(3)]) + 0.06 * chance.rays(6)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    sides = np.tile(BLOCK_SIDES, 2) * chance.many(0.94, 1.06, 6)
    form = crystal(normals, sides, waves_of(chance, 8.0, 10, 0.006), wear=50.0)
    note = f"made by yieldopt: cracked block, seed {seed}"
    rough = rough_of_form(form, BLOCK_MM, triangles, name=f"cracked_block_{seed}", note=note)
    # Through the middle, along y, from the corner (+x, +z) to the corner (-x, -z).
    across = np.array([BLOCK_SIDES[2], chance.between(-0.12, 0.12), -BLOCK_SIDES[0]])
    across /= np.linalg.norm(across)
    return rough, section_crack(rough, across, 0.0)


def section_crack(rough: Rough, normal: Float, offset: float) -> Crack:
    """Return the flat crack `normal . x = offset` through all of a rough's convex hull.

    A polygon round the section, each of its sides a little beyond the skin.

    Raises
    ------
    ValueError
        If the plane misses the rough.
    """
    from scipy.spatial import ConvexHull

    hull = ConvexHull(rough.vertices)
    ends = rough.vertices[hull.simplices[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)]
    heights = ends @ normal - offset
    crossed = (heights[:, 0] < 0.0) != (heights[:, 1] < 0.0)
    if not crossed.any():
        raise ValueError("section: the plane misses the rough")
    a, b = heights[crossed].T
    share = (a / (a - b))[:, None]
    places = (1.0 - share) * ends[crossed, 0] + share * ends[crossed, 1]
    u = np.cross(normal, np.eye(3)[int(np.argmin(np.abs(normal)))])
    u /= np.linalg.norm(u)
    frame = np.array([u, np.cross(normal, u)])
    middle = places.mean(axis=0)
    turn = np.arange(CORNERS) * (2.0 * np.pi / CORNERS)
    ways = np.column_stack([np.cos(turn), np.sin(turn)])
    reach = ((places - middle) @ frame.T @ ways.T).max(axis=0)
    reach += OVERSAWN * float(rough.extents.max())
    lines = np.stack([ways, np.roll(ways, -1, axis=0)], axis=1)
    ends = np.linalg.solve(lines, np.column_stack([reach, np.roll(reach, -1)])[..., None])
    return Crack(corners=middle + ends[..., 0] @ frame)

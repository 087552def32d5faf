"""Gems, hazards and poses to ask the kernels about; every one made from a seed."""

from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial import ConvexHull
from scipy.spatial.transform import Rotation

from tests.oracles import Gem
from yieldopt.cuts.library import cuts_named
from yieldopt.rough.made import KINDS, make_rough

Float = NDArray[np.float64]

# The same examples on every run; a first call compiles, so there is no deadline.
SEEDED = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
SEEDS = st.integers(min_value=0, max_value=2**32 - 1)


def block(low: Any, high: Any) -> Float:
    """Return a box of 12 triangles (12, 3, 3), outward."""
    low, high = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    faces = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    triangles: Float = (low + corners * (high - low))[np.array(faces)]
    return triangles


def ball(radius: float, halvings: int) -> Float:
    """Return an icosphere of 20 * 4^halvings triangles, outward."""
    g = (1.0 + 5.0**0.5) / 2.0
    points = [[0, a, b * g] for a in (-1, 1) for b in (-1, 1)]
    points = np.array([np.roll(p, k) for p in points for k in range(3)]) / (1 + g * g) ** 0.5
    triangles = outward(points[ConvexHull(points).simplices])
    for _ in range(halvings):
        a, b, c = triangles.transpose(1, 0, 2)
        ab, bc, ca = a + b, b + c, c + a
        parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        triangles = np.concatenate([np.stack(part, axis=1) for part in parts])
        triangles = triangles / np.linalg.norm(triangles, axis=2, keepdims=True)
    return radius * triangles


def outward(triangles: Float) -> Float:
    """Return triangles of a convex body about the origin, each turned to look away from it."""
    inward = np.linalg.det(triangles) < 0.0
    out = triangles.copy()
    out[inward] = out[inward][:, ::-1]
    return out


def prism_planes(sides: int) -> tuple[Float, Float]:
    """Return a regular prism of inner radius and half-height 1, axis z: sides, top, bottom."""
    turn = 2.0 * np.pi * np.arange(sides) / sides
    level = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(sides)])
    return np.vstack([level, [[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]]]), np.ones(sides + 2)


def random_planes(rng: np.random.Generator, n: int) -> tuple[Float, Float]:
    """Return n or more half-spaces that bound a solid about the origin, some redundant."""
    normals = np.vstack([rng.normal(size=(max(n - 6, 0), 3)), np.eye(3), -np.eye(3)])
    normals /= np.linalg.norm(normals, axis=1)[:, None]
    return normals, rng.uniform(0.5, 1.5, len(normals))


def family_planes(name: str, rng: np.random.Generator) -> tuple[Float, Float]:
    """Return a family's half-spaces at unit width, proportions anywhere in their ranges."""
    (cut,) = cuts_named(name)
    theta = np.array([rng.uniform(p.low, p.high) for p in cut.proportions])
    normals, offsets = cut.planes(theta[None])
    return normals[0], offsets[0]


GEMS = ("random", "random many", "cube", "hexagon", "round", "oval", "emerald")
MESHES = ("block", "ball", "pebble", "lump", "prism", "block with flaws", "sliver")
MARGINS = ("none", "even", "mixed")
POSES = ("random", "aligned")  # aligned: facets parallel to faces, so that many are equal


def gem_planes(kind: str, rng: np.random.Generator) -> tuple[Float, Float]:
    """Return the half-spaces of a gem of a kind."""
    if kind == "random":
        return random_planes(rng, 7)
    if kind == "random many":
        return random_planes(rng, 90)
    if kind == "cube":
        return prism_planes(4)
    if kind == "hexagon":
        return prism_planes(6)
    return family_planes(kind, rng)


def hazards(kind: str, rng: np.random.Generator) -> Float:
    """Return triangles of a kind about the origin, some millimetres wide."""
    if kind == "ball":
        return ball(rng.uniform(2.0, 6.0), 1)
    if kind in KINDS:
        return make_rough(kind, seed=int(rng.integers(50)), triangles=500).triangles()
    size = rng.uniform(2.0, 6.0, 3)
    if kind == "sliver":
        size[0] = 0.01
    box = block(-size, size)
    if kind == "block with flaws":
        flaws = rng.uniform(-0.9, 0.9, (6, 1, 3)) * size + rng.normal(0.0, 0.3, (6, 3, 3))
        return np.concatenate([box, flaws])
    return box


def margins(kind: str, n: int, rng: np.random.Generator) -> Float:
    """Return a margin (n,) for each triangle."""
    if kind == "none":
        return np.zeros(n)
    return np.full(n, 0.2) if kind == "even" else rng.choice([0.0, 0.1, 0.5], n)


def turned(seed: int) -> Float:
    """Return a rotation (3, 3) from a seed."""
    matrix: Float = np.ascontiguousarray(Rotation.random(random_state=seed).as_matrix())
    return matrix


def posed(kind: str, planes: tuple[Float, Float], rng: np.random.Generator) -> Gem:
    """Return a gem at a pose of a kind, its centre near the origin."""
    rotation = np.eye(3) if kind == "aligned" else turned(int(rng.integers(2**31)))
    place = np.zeros(3) if kind == "aligned" else rng.uniform(-0.4, 0.4, 3)
    return Gem(*planes, rotation, place)


@st.composite
def questions(draw: st.DrawFn, meshes: tuple[str, ...] = MESHES) -> tuple[Gem, Float, Float]:
    """Draw a gem at a pose, hazards, and a margin for each."""
    rng = np.random.default_rng(draw(SEEDS))
    planes = gem_planes(draw(st.sampled_from(GEMS)), rng)
    gem = posed(draw(st.sampled_from(POSES)), planes, rng)
    triangles = hazards(draw(st.sampled_from(meshes)), rng)
    return gem, triangles, margins(draw(st.sampled_from(MARGINS)), len(triangles), rng)

"""Made roughs in their nests, and slow ways to ask where things are."""

from functools import cache
from typing import Any

import manifold3d
import numpy as np
import trimesh

from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import SawCut
from yieldopt.report.nest.holders import Level, cradle_of, flat_guide_of
from yieldopt.report.nest.record import Nest
from yieldopt.report.nest.saw_guide import saw_guide_of
from yieldopt.rough.made import make_rough
from yieldopt.rough.rough import Rough

CLEARANCE = 0.15
FLAT_SHARE = 0.2  # of the height: what the made flats take off
# A rough, and the way its flat looks: convex and hollow forms, on a face, askew, on end.
BODIES: dict[str, tuple[str, tuple[float, float, float]]] = {
    "pebble": ("pebble", (0.3, -0.2, 1.0)),
    "lump on end": ("lump", (1.0, 0.3, 0.2)),
    "cratered": ("cratered", (-0.5, 0.4, 0.7)),
    "slab on edge": ("slab", (1.0, 0.2, 0.1)),
    "needle on end": ("needle", (0.05, 0.0, 1.0)),
    "block": ("block", (0.0, 0.0, 1.0)),
}
NAMES = tuple(BODIES)


def solid_of(vertices: Float, faces: Any) -> Any:
    mesh = manifold3d.Mesh64(np.array(vertices, dtype=np.float64), np.array(faces, np.uint64))
    solid = manifold3d.Manifold(mesh)
    assert solid.status() == manifold3d.Error.NoError
    return solid


def block() -> Rough:
    mesh = trimesh.creation.box(extents=(14.0, 10.0, 8.0))
    return Rough(name="block", vertices=np.array(mesh.vertices), faces=np.array(mesh.faces))


@cache
def rough_of(kind: str) -> Rough:
    return block() if kind == "block" else make_rough(kind, seed=1, triangles=1500)


def level_on(rough: Rough, way: tuple[float, float, float]) -> Level:
    """Return how a rough stands with its flat square to a way, a fifth of its height ground off."""
    up = np.array(way) / np.linalg.norm(way)
    height = rough.vertices @ up
    zero = np.cross(up, np.eye(3)[np.abs(up).argmin()])
    return Level(
        stone="A",
        flat=up,
        offset=float(height.max() - FLAT_SHARE * np.ptp(height)),
        axis=rough.vertices.mean(axis=0) + 0.4 * zero,
        zero=zero,
    )


@cache
def held(name: str, kind: str = "cradle") -> tuple[Nest, Any, Any]:
    """Return a nest, its body in the nest's frame, and the nest as its STL reads back."""
    form, way = BODIES[name]
    rough = rough_of(form)
    solid = solid_of(rough.vertices, rough.faces)
    level = level_on(rough, way)
    if kind == "cradle":
        nest = cradle_of("0", solid, level, clearance=CLEARANCE)
    elif kind == "stem":
        nest = cradle_of("0", solid, level, clearance=CLEARANCE, jig_bore=8.0)
    elif kind == "flat":
        nest = flat_guide_of("0", solid, level, clearance=CLEARANCE)
    else:
        nest = saw_guide_of(solid, cut_of(name), clearance=CLEARANCE)
    return nest, placed(nest, solid), read_back(nest)


def cut_of(name: str) -> SawCut:
    """Return a cut askew through a rough, a little off its middle."""
    rough = rough_of(BODIES[name][0])
    normal = np.array([0.9, 0.3, -0.2])
    normal /= np.linalg.norm(normal)
    offset = float(rough.vertices.mean(axis=0) @ normal) + 0.6
    return SawCut(step=1, piece="0", normal=normal, offset=offset, kerf=0.4, above="A", below="B")


def placed(nest: Nest, solid: Any) -> Any:
    """Return a body as it is planned to stand in its nest."""
    return solid.transform(np.column_stack([nest.pose.rotation, nest.pose.translation]))


def read_back(nest: Nest) -> Any:
    """Return a nest with STL's digits, corners that are the same made one."""
    corners = nest.triangles.astype(np.float32).astype(np.float64).reshape(-1, 3)
    vertices, faces = np.unique(corners, axis=0, return_inverse=True)
    return solid_of(vertices, faces.reshape(-1, 3))


def lowered(body: Any, depth: float) -> Any:
    return body.translate((0.0, 0.0, -depth))


def corners_of(solid: Any) -> Float:
    out: Float = np.asarray(solid.to_mesh64().vert_properties, dtype=np.float64)[:, :3]
    return out


def triangles_of(solid: Any) -> Float:
    out: Float = corners_of(solid)[np.asarray(solid.to_mesh64().tri_verts).astype(np.int64)]
    return out


def heights_at(triangles: Float, places: Float) -> list[Float]:
    """Return the heights at which an upright line through each place meets a skin."""
    a, b, c = triangles.transpose(1, 0, 2)
    out = []
    for p in places:
        u, v = b[:, :2] - a[:, :2], c[:, :2] - a[:, :2]
        w = p - a[:, :2]
        twice = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
        upright = np.abs(twice) < 1e-12
        twice = np.where(upright, 1.0, twice)
        s = (w[:, 0] * v[:, 1] - w[:, 1] * v[:, 0]) / twice
        t = (u[:, 0] * w[:, 1] - u[:, 1] * w[:, 0]) / twice
        met = ~upright & (s >= 0) & (t >= 0) & (s + t <= 1)
        out.append(a[met, 2] + s[met] * (b - a)[met, 2] + t[met] * (c - a)[met, 2])
    return out

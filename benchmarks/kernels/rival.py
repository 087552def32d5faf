"""FCL, the collision library that others build on: yes or no, and the scale by bisection."""

from typing import Any

import fcl
import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.polytope import Polytope

Float = NDArray[np.float64]

EXACT = 1e-6  # of the scale: where the bisection ends
BODIES = ("convex", "mesh")


def skin_body(vertices: Float, faces: NDArray[np.int32]) -> Any:
    """Return a rough's skin as FCL's tree of oriented boxes."""
    model = fcl.BVHModel()
    model.beginModel(len(vertices), len(faces))
    model.addSubModel(np.array(vertices), np.array(faces))
    model.endModel()
    return fcl.CollisionObject(model, fcl.Transform())


def gem_body(gem: Polytope, scale: float, rotation: Float, place: Float, body: str) -> Any:
    """Return a gem at a scale and a pose, as a convex solid or as a tree of its triangles."""
    vertices = gem.vertices * scale
    transform = fcl.Transform(rotation, place)
    if body == "convex":
        loops = [loop for loop in gem.loops if loop]
        faces = np.concatenate([[len(loop), *loop] for loop in loops])
        return fcl.CollisionObject(fcl.Convex(vertices, len(loops), faces), transform)
    fans = [(loop[0], loop[i], loop[i + 1]) for loop in gem.loops for i in range(1, len(loop) - 1)]
    model = fcl.BVHModel()
    model.beginModel(len(vertices), len(fans))
    model.addSubModel(vertices, np.array(fans))
    model.endModel()
    return fcl.CollisionObject(model, transform)


def meets(one: Any, other: Any) -> bool:
    """Tell whether two bodies meet."""
    return bool(fcl.collide(one, other, fcl.CollisionRequest(), fcl.CollisionResult()))


def bisected(
    skin: Any, gem: Polytope, rotation: Float, place: Float, body: str, most: float
) -> tuple[float, list[Any]]:
    """Return the largest scale below `most` at which a gem is free, and the bodies it took."""
    low, high = 0.0, most
    tried = []
    while high - low > EXACT * high:
        middle = 0.5 * (low + high)
        tried.append(gem_body(gem, middle, rotation, place, body))
        if meets(skin, tried[-1]):
            high = middle
        else:
            low = middle
    return 0.5 * (low + high), tried

"""Meshes and numbers as a page carries them: short text that a browser reads back."""

import base64
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float, Int

DISPLAY_TRIANGLES = 20_000  # a phone turns so many smoothly; 300 kB in the page
SIMPLIFY_START = 1e-4  # of the rough's diagonal; doubled until the mesh is small enough
SIMPLIFY_END = 0.05  # of the diagonal: a shape coarser than this shows nothing
STEPS = 65_535  # of the 16-bit grid for corners: 1 um in a rough of 65 mm


def packed(vertices: Float, faces: Int) -> dict[str, Any]:
    """Return a skin (n, 3) mm, (k, 3) as text: corners on a 16-bit grid, faces of 32 bits."""
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    step = float((high - low).max()) / STEPS
    grid = np.rint((vertices - low) / step).astype("<u2")
    return {
        "low": short(low),
        "step": step,
        "corners": base64.b64encode(grid.tobytes()).decode(),
        "faces": base64.b64encode(faces.astype("<u4").tobytes()).decode(),
    }


def short(array: Float) -> Any:
    """Return plain lists, rounded to 0.1 um: enough to draw, short to send."""
    return (np.round(array, 4) + 0.0).tolist()


def display_mesh(vertices: Float, faces: Int) -> tuple[Float, Int, float]:
    """Return a skin (n, 3) mm, (k, 3) for drawing: vertices, faces, and how far it moved, mm.

    Roughs of few triangles are returned as they are, with 0. Larger ones are thinned by edge
    collapses that keep every surface within the returned distance. A mesh that the thinning
    refuses (it touches itself) is returned whole.
    """
    if len(faces) <= DISPLAY_TRIANGLES:
        return vertices, faces, 0.0
    import manifold3d

    solid = manifold3d.Manifold(
        manifold3d.Mesh64(np.array(vertices, dtype=np.float64), np.array(faces, dtype=np.uint64))
    )
    if solid.is_empty() or solid.status() != manifold3d.Error.NoError:
        return vertices, faces, 0.0
    diagonal = float(np.linalg.norm(np.ptp(vertices, axis=0)))
    tolerance = SIMPLIFY_START * diagonal
    thin = solid.simplify(tolerance)
    while thin.num_tri() > DISPLAY_TRIANGLES and tolerance < SIMPLIFY_END * diagonal:
        tolerance *= 2
        thin = solid.simplify(tolerance)
    mesh = thin.to_mesh64()
    return (
        np.array(mesh.vert_properties[:, :3], dtype=np.float64),
        np.array(mesh.tri_verts, dtype=np.int32),
        tolerance,
    )

"""What the page's viewer draws: the plan as plain numbers, small enough to send to a phone."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float, Int
from yieldopt.geometry.polytope import Polytope, polytope_from_planes
from yieldopt.plan.record import Plan, Stone
from yieldopt.report.finished import crease_edges, finished_mesh
from yieldopt.report.mesh_text import packed, short
from yieldopt.report.palette import stone_colour
from yieldopt.report.saw_scene import saw_scene
from yieldopt.report.words import Document, flaw_place, tooth
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere

DISPLAY_TRIANGLES = 20_000  # a phone turns so many smoothly; 300 kB in the page
SIMPLIFY_START = 1e-4  # of the rough's diagonal; doubled until the mesh is small enough
SIMPLIFY_END = 0.05  # of the diagonal: a shape coarser than this shows nothing
ON_PLANE = 1e-5  # mm, corner to facet plane: far above rounding, far below an edge


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


def preform_of(plan: Plan, stone: Stone) -> Polytope:
    """Return the stone with every facet moved out by the allowance, mm, gem frame."""
    solid = stone.design.solid
    return polytope_from_planes(solid.normals, solid.offsets + plan.limits.allowance)


def edges_of(loops: Sequence[Sequence[int]]) -> list[list[int]]:
    """Return every edge of a solid's facets once, as numbers of its two corners."""
    pairs = {
        (min(a, b), max(a, b))
        for loop in loops
        if len(loop) > 2
        for a, b in zip(loop, [*loop[1:], loop[0]], strict=True)
    }
    return [list(pair) for pair in sorted(pairs)]


def scene_of(
    plan: Plan, document: Document, skin: tuple[Float, Int, float] | None = None
) -> dict[str, Any]:
    """Return the scene for the viewer, plain lists and text in the scan frame, mm.

    `skin` is what `display_mesh` makes of the rough, where that is known already.
    """
    vertices, faces, _ = (
        skin if skin is not None else display_mesh(plan.rough.vertices, plan.rough.faces)
    )
    middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    return {
        "rough": packed(vertices, faces),
        "centre": short(middle),
        "radius": round(float(np.linalg.norm(vertices - middle, axis=1).max()), 4),
        "stones": [
            _stone(plan, stone, entry) | {"colour": [v / 255 for v in stone_colour(i)]}
            for i, (stone, entry) in enumerate(zip(plan.stones, document["stones"], strict=True))
        ],
        **saw_scene(plan, document, vertices, faces),
        "inclusions": [
            {"place": short(flaw_place(flaw)), **_inclusion(flaw)} for flaw in plan.inclusions
        ],
        "axes": {
            name: short(np.asarray(way, dtype=np.float64))
            for name, way in document["rough"].get("axes", {}).items()
        },
    }


def facet_loops(planes: Float, corners: Float) -> list[list[int]]:
    """Return for each plane (m, 4) its corners (v, 3), mm, counter-clockwise from outside."""
    loops: list[list[int]] = []
    for *way, offset in planes:
        normal = np.array(way)
        on = np.flatnonzero(np.abs(corners @ normal - offset) < ON_PLANE)
        if len(on) < 3:
            loops.append([])
            continue
        spokes = corners[on] - corners[on].mean(axis=0)
        u = spokes[int(np.argmax(np.einsum("ij,ij->i", spokes, spokes)))]
        angle = np.arctan2(spokes @ np.cross(normal, u), spokes @ u)
        loops.append([int(i) for i in on[np.argsort(angle)]])
    return loops


def _stone(plan: Plan, stone: Stone, entry: Document) -> dict[str, Any]:
    planes = np.array(entry["planes"], dtype=np.float64)
    corners = np.array(entry["vertices_mm"], dtype=np.float64)
    loops = facet_loops(planes, corners)
    tier_of, words = [-1] * len(planes), [""] * len(planes)
    for t, row in enumerate(entry["facets"]):
        for j, index in zip(row["planes"], row["index"], strict=True):
            tier_of[j] = t
            words[j] = (
                f"{row['tier']} · {row['side']} · {row['angle_deg']:.2f}° · "
                f"index {tooth(index, row['gear'])}"
            )
    preform = preform_of(plan, stone)
    return {
        "id": stone.id,
        **_cleft(stone),
        "corners": short(corners),
        "loops": loops,
        "planes": np.round(planes, 6).tolist(),
        "tier": tier_of,
        "words": words,
        "edges": edges_of(loops),
        "frame": (np.round(stone.pose.rotation.T, 7) + 0.0).tolist(),
        "centre": short(stone.pose.translation),
        "preform": {
            "corners": short(stone.pose.apply(preform.vertices)),
            "edges": edges_of(preform.loops),
        },
    }


def _cleft(stone: Stone) -> dict[str, Any]:
    """Return the surface of a stone whose notch is ground out, in place of its facets' loops."""
    design = stone.design
    if design.notch_solid() is None:
        return {}
    corners, faces, planes = finished_mesh(design)
    normals, offsets = stone.pose.planes(design.notch[:, :3], design.notch[:, 3])
    return {
        "surface": {
            "corners": short(stone.pose.apply(corners)),
            "faces": faces.tolist(),
            "planes": planes.tolist(),
            "edges": crease_edges(faces, planes),
        },
        "notch": np.round(np.column_stack([normals, offsets]), 6).tolist(),
    }


def _inclusion(flaw: Inclusion) -> dict[str, Any]:
    """Return a flaw as spheres, lines, polygons and meshes."""
    match flaw:
        case Sphere():
            return {"spheres": [[*short(flaw.centre), flaw.radius]]}
        case Needle():
            ends = [short(flaw.start), short(flaw.end)]
            return {"spheres": [[*end, flaw.radius] for end in ends], "line": ends}
        case Crack():
            return {"polygon": short(flaw.corners)}
        case Mesh():
            vertices, faces, _ = display_mesh(flaw.vertices, flaw.faces)
            return {"mesh": {"corners": short(vertices), "faces": faces.tolist()}}


def way_out(plan: Plan, stone: Stone, direction: Float) -> float:
    """Return how much rough lies beyond the stone along a direction from its centre, mm.

    From the stone's own surface to the outermost skin on that ray, so what has to be taken
    off there. Exact; a ray through an edge of the mesh is nudged by nothing, both triangles
    answer alike.

    Parameters
    ----------
    direction
        Unit vector (3,), gem frame.
    """
    solid = stone.design.solid
    along = solid.normals @ direction
    leaving = along > 0
    inside = float((solid.offsets[leaving] / along[leaving]).min())
    way = stone.pose.rotation @ direction
    a, b, c = plan.rough.triangles().transpose(1, 0, 2)
    e, f = b - a, c - a
    cross = np.cross(way, f)
    det = np.einsum("ij,ij->i", e, cross)
    safe = np.where(np.abs(det) < 1e-300, math.inf, det)
    to = stone.pose.translation - a
    s = np.einsum("ij,ij->i", to, cross) / safe
    turned = np.cross(to, e)
    t = turned @ way / safe
    far = np.einsum("ij,ij->i", f, turned) / safe
    edge = 1e-9  # barycentric; a ray on an edge belongs to both triangles
    hit = np.isfinite(safe) & (s >= -edge) & (t >= -edge) & (s + t <= 1 + edge)
    return float(far[hit].max() - inside) if hit.any() else math.nan

"""What the page's viewer draws: the plan as plain numbers, small enough to send to a phone."""

import base64
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float, Int
from yieldopt.geometry.polytope import Polytope, polytope_from_planes
from yieldopt.plan.record import Plan, SawCut, Stone
from yieldopt.report.words import Document, flaw_place, tooth
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere

DISPLAY_TRIANGLES = 20_000  # a phone turns so many smoothly; 300 kB in the page
SIMPLIFY_START = 1e-4  # of the rough's diagonal; doubled until the mesh is small enough
SIMPLIFY_END = 0.05  # of the diagonal: a shape coarser than this shows nothing
STEPS = 65_535  # of the 16-bit grid for corners: 1 um in a rough of 65 mm
ON_PLANE = 1e-5  # mm, corner to facet plane: far above rounding, far below an edge
SAW_OVERHANG = 1.08  # saw planes are drawn this much larger than the rough's box


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


def scene_of(plan: Plan, document: Document) -> dict[str, Any]:
    """Return the scene for the viewer, plain lists and text in the scan frame, mm."""
    vertices, faces, _ = display_mesh(plan.rough.vertices, plan.rough.faces)
    low, high = vertices.min(axis=0), vertices.max(axis=0)
    step = float((high - low).max()) / STEPS
    grid = np.rint((vertices - low) / step).astype("<u2")
    return {
        "rough": {
            "low": _short(low),
            "step": step,
            "corners": base64.b64encode(grid.tobytes()).decode(),
            "faces": base64.b64encode(faces.astype("<u4").tobytes()).decode(),
        },
        "centre": _short((low + high) / 2),
        "radius": round(float(np.linalg.norm(vertices - (low + high) / 2, axis=1).max()), 4),
        "stones": [
            _stone(plan, stone, entry)
            for stone, entry in zip(plan.stones, document["stones"], strict=True)
        ],
        "saw": [
            {"step": cut.step, "outline": _short(saw_outline(plan, cut, low, high))}
            for cut in plan.saw
        ],
        "inclusions": [
            {"place": _short(flaw_place(flaw)), **_inclusion(flaw)} for flaw in plan.inclusions
        ],
        "axes": {
            name: _short(np.asarray(way, dtype=np.float64))
            for name, way in document["rough"].get("axes", {}).items()
        },
    }


def _short(array: Float) -> Any:
    """Return plain lists, rounded to 0.1 um: enough to draw, short to send."""
    return (np.round(array, 4) + 0.0).tolist()


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
        "corners": _short(corners),
        "loops": loops,
        "planes": np.round(planes, 6).tolist(),
        "tier": tier_of,
        "words": words,
        "edges": edges_of(loops),
        "frame": (np.round(stone.pose.rotation.T, 7) + 0.0).tolist(),
        "centre": _short(stone.pose.translation),
        "preform": {
            "corners": _short(stone.pose.apply(preform.vertices)),
            "edges": edges_of(preform.loops),
        },
    }


def saw_outline(plan: Plan, cut: SawCut, low: Float, high: Float) -> Float:
    """Return where a saw plane lies in its piece, (k, 3) mm: cut off at the earlier saw planes.

    The rough's box, a little enlarged, bounds it; a piece never sawn off keeps its full extent.
    """
    normal = np.asarray(cut.normal, dtype=np.float64)
    aside = np.eye(3)[int(np.argmin(np.abs(normal)))]
    u = np.cross(normal, aside)
    u /= np.linalg.norm(u)
    v = np.cross(normal, u)
    middle = (low + high) / 2
    foot = middle + (cut.offset - normal @ middle) * normal
    reach = float(np.linalg.norm(high - low))
    corners = ((1, 1), (-1, 1), (-1, -1), (1, -1))
    ring: Float = np.array([foot + reach * (a * u + b * v) for a, b in corners])
    half = SAW_OVERHANG * (high - low) / 2
    for axis in np.eye(3):
        ring = _clip(ring, axis, float(axis @ middle + axis @ half))
        ring = _clip(ring, -axis, float(-axis @ middle + axis @ half))
    for normal_above, offset_above in _earlier(plan, cut):
        ring = _clip(ring, normal_above, offset_above)
    return ring


def _earlier(plan: Plan, cut: SawCut) -> list[tuple[Float, float]]:
    """Return the half-spaces `n.x <= d` of the piece that a saw cut divides."""
    out: list[tuple[Float, float]] = []
    piece, seen = cut.piece, 0
    while seen < len(plan.saw):  # a tree of cuts is no deeper than their number
        seen += 1
        parent = next((c for c in plan.saw if piece in (c.above, c.below)), None)
        if parent is None:
            break
        side = -1.0 if parent.above == piece else 1.0
        out.append((side * np.asarray(parent.normal), side * parent.offset))
        piece = parent.piece
    return out


def _clip(ring: Float, normal: Float, offset: float) -> Float:
    """Return the part of a convex ring where `normal.x <= offset`."""
    if not len(ring):
        return ring
    height = ring @ normal - offset
    kept: list[Float] = []
    for i, (p, a) in enumerate(zip(ring, height, strict=True)):
        q, b = ring[(i + 1) % len(ring)], height[(i + 1) % len(ring)]
        if a <= 0:
            kept.append(p)
        if (a < 0 < b) or (b < 0 < a):
            kept.append(p + (q - p) * (a / (a - b)))
    return np.array(kept).reshape(-1, 3)


def _inclusion(flaw: Inclusion) -> dict[str, Any]:
    """Return a flaw as spheres, lines, polygons and meshes."""
    match flaw:
        case Sphere():
            return {"spheres": [[*_short(flaw.centre), flaw.radius]]}
        case Needle():
            ends = [_short(flaw.start), _short(flaw.end)]
            return {"spheres": [[*end, flaw.radius] for end in ends], "line": ends}
        case Crack():
            return {"polygon": _short(flaw.corners)}
        case Mesh():
            vertices, faces, _ = display_mesh(flaw.vertices, flaw.faces)
            return {"mesh": {"corners": _short(vertices), "faces": faces.tolist()}}


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

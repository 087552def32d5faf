"""What the page's viewer draws: the plan as plain numbers, small enough to send to a phone."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from yieldopt.geometry.arrays import Float, Int
from yieldopt.plan.record import Plan, Stone
from yieldopt.report.finished import crease_edges, finished_mesh
from yieldopt.report.flaw_scene import flaw_scene
from yieldopt.report.mesh_text import display_mesh as display_mesh  # others find it here
from yieldopt.report.mesh_text import packed, short
from yieldopt.report.palette import stone_colour
from yieldopt.report.saw_scene import parts_of, saw_scene
from yieldopt.report.words import Document, tooth
from yieldopt.report.workshop_scene import workshop_scene

if TYPE_CHECKING:
    from yieldopt.workshop.record import WorkshopPlan

ON_PLANE = 1e-5  # mm, corner to facet plane: far above rounding, far below an edge


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
    plan: Plan,
    document: Document,
    skin: tuple[Float, Int, float] | None = None,
    *,
    workshop: "WorkshopPlan | None" = None,
    others: Collection[str] = (),
) -> dict[str, Any]:
    """Return the scene for the viewer, plain lists and text in the scan frame, mm.

    Parameters
    ----------
    skin
        What `display_mesh` makes of the rough, where that is known already.
    workshop
        Marks, saw lines and first flats, where they are known.
    others
        Ids of the alternatives that can be looked at in place of the plan's stones.
    """
    vertices, faces, _ = (
        skin if skin is not None else display_mesh(plan.rough.vertices, plan.rough.faces)
    )
    middle = (vertices.min(axis=0) + vertices.max(axis=0)) / 2
    entries = [*document["stones"], *document.get("alternatives", ())]
    drawn = [
        _stone(plan, stone, entry)
        for i, (stone, entry) in enumerate(
            zip((*plan.stones, *plan.alternatives), entries, strict=True)
        )
        if i < len(plan.stones) or stone.id in others
    ]
    coloured = [
        stone | {"colour": [round(v / 255, 4) for v in stone_colour(i)]}
        for i, stone in enumerate(drawn)
    ]
    parts = parts_of(plan, vertices, faces)
    bench = workshop_scene(plan, workshop, parts) if workshop is not None else {}
    marks = [mark.place for mark in workshop.marks] if workshop is not None else []
    return {
        "rough": packed(vertices, faces),
        "centre": short(middle),
        "radius": round(float(np.linalg.norm(vertices - middle, axis=1).max()), 4),
        "stones": coloured[: len(plan.stones)],
        "others": coloured[len(plan.stones) :],
        **saw_scene(plan, document, parts, marks=marks),
        "inclusions": [flaw_scene(flaw, vertices, faces) for flaw in plan.inclusions],
        "axes": {
            name: short(np.asarray(way, dtype=np.float64))
            for name, way in document["rough"].get("axes", {}).items()
        },
        **bench,
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
    preform = stone.design.preform(plan.limits.allowance)
    return {
        "id": stone.id,
        **_cleft(stone),
        "corners": short(corners),
        "loops": loops,
        "planes": np.round(planes, 6).tolist(),
        "tier": tier_of,
        "codes": [row["tier"] for row in entry["facets"]],
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

"""The plan as a scene for other viewers: rough, pieces, stones, saw planes, flaws, axes."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.plan.pieces import WHOLE
from yieldopt.plan.record import Plan, Stone
from yieldopt.report.export.glb import Part, Shape, glb_bytes
from yieldopt.report.export.meshes import is_off, surface_of
from yieldopt.report.palette import stone_colour
from yieldopt.report.saw_scene import sheet_of
from yieldopt.rough.inclusions import name_of, triangles_of
from yieldopt.workshop.section import section_loops

Colour = tuple[float, float, float, float]

ROUGH: Colour = (0.72, 0.74, 0.78, 0.22)
PIECE: Colour = (0.55, 0.66, 0.78, 0.28)
OFF_CUT: Colour = (0.60, 0.58, 0.54, 0.28)
SAW: Colour = (0.85, 0.30, 0.20, 0.35)
FLAW: Colour = (0.75, 0.10, 0.15, 0.60)
AXIS: Colour = (0.15, 0.15, 0.15, 1.0)
EDGE: Colour = (0.05, 0.05, 0.05, 1.0)
AXIS_REACH = 1.2  # of the rough's radius, both ways


def write_glb(plan: Plan, folder: Path) -> list[Path]:
    """Write `scene.glb` and return its path.

    A node for each part, named as plan and sheet call it. Metres, turned so that the scan's z is
    up; the rough's place in its scan is that of the root node.
    """
    vertices = plan.rough.vertices
    centre = (vertices.min(axis=0) + vertices.max(axis=0)) / 2.0
    name = f"{plan.rough.file or plan.rough.name}, cutting plan"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "scene.glb"
    path.write_bytes(glb_bytes(list(parts_of(plan, centre)), centre=centre, words=name))
    return [path]


def parts_of(plan: Plan, centre: Float) -> Iterator[Part]:
    """Yield the parts of a plan's scene: what is solid first, what is seen through last."""
    for number, stone in enumerate(plan.stones):
        yield _stone(stone, stone_colour(number))
    radius = float(np.linalg.norm(plan.rough.vertices - centre, axis=1).max())
    for name, way in plan.axes.items():
        along = np.asarray(way) / np.linalg.norm(way) * AXIS_REACH * radius
        ends = np.array([centre - along, centre + along])
        line = Shape(
            points=ends, indices=np.array([[0, 1]], dtype=np.int32), colour=AXIS, mode="lines"
        )
        yield Part(name=f"axis {name}", shapes=(line,))
    for number, flaw in enumerate(plan.inclusions, start=1):
        yield Part(name=name_of(number, flaw), shapes=(_soup(triangles_of(flaw), FLAW),))
    pieces = {piece.name: piece for piece in plan.pieces} if plan.saw else {}
    for cut in plan.saw:
        piece, normal = pieces[cut.piece], np.asarray(cut.normal)
        loops = section_loops(piece.vertices, piece.faces, normal, float(cut.offset))
        if loops:
            sheet = sheet_of(np.concatenate(loops), normal, float(cut.offset))
            faces = np.array([[0, 1, 2], [0, 2, 3]], dtype=np.int32)
            shape = Shape(points=sheet, indices=faces, colour=SAW)
            yield Part(name=f"saw step {cut.step}", shapes=(shape,))
    for piece in pieces.values():
        if piece.name != WHOLE and piece.sawn_by is None and len(piece.faces):
            colour, word = (OFF_CUT, "off-cut") if is_off(piece) else (PIECE, "piece")
            shape = Shape(points=piece.vertices, indices=piece.faces, colour=colour)
            yield Part(name=f"{word} {piece.name}", shapes=(shape,))
    rough = Shape(points=plan.rough.vertices, indices=plan.rough.faces, colour=ROUGH)
    yield Part(name="rough", shapes=(rough,))


def _stone(stone: Stone, rgb: tuple[int, int, int]) -> Part:
    """Return a stone with the edges of its facets."""
    solid = stone.design.solid
    surface = surface_of(stone.design).reshape(-1, 3)
    red, green, blue = (value / 255.0 for value in rgb)
    body = _soup(stone.pose.apply(surface).reshape(-1, 3, 3), (red, green, blue, 1.0))
    pairs = {
        (min(a, b), max(a, b))
        for loop in solid.loops
        for a, b in zip(loop, [*loop[1:], *loop[:1]], strict=True)
    }
    edges = Shape(
        points=stone.pose.apply(solid.vertices),
        indices=np.array(sorted(pairs), dtype=np.int32),
        colour=EDGE,
        mode="lines",
    )
    return Part(name=f"stone {stone.id}, {stone.design.name}", shapes=(body, edges))


def _soup(triangles: Float, colour: Colour) -> Shape:
    """Return triangles (k, 3, 3) mm as a shape whose triangles share their corners."""
    points, place = np.unique(triangles.reshape(-1, 3), axis=0, return_inverse=True)
    return Shape(points=points, indices=place.reshape(-1, 3).astype(np.int32), colour=colour)

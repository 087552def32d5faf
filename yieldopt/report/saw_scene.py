"""What the viewer draws of the saw's work: pieces, planes, lines to ink, and how pieces lie.

The pieces are those of the skin that is drawn, sawn by the planes of the plan: as thin as the
skin of the rough is, and as true.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float, Int
from yieldopt.plan.pieces import WHOLE, pieces_of
from yieldopt.plan.record import Plan, SawCut
from yieldopt.report.mesh_text import packed, short
from yieldopt.report.saw_words import piece_words, step_words
from yieldopt.report.words import Document, flaw_place

APART, CROWDED = 0.42, 0.4  # of the rough's radius: a gap for one cut; less by a power of cuts
OVERHANG = 0.12  # of a section's extent: a saw plane is drawn this much beyond its piece
LEAST_OVERHANG = 0.4  # mm
ON_FACE = 1e-6  # mm, corner to saw plane: far above rounding, far below a scan's triangles
LOOK_FROM = (22.0, 16.0)  # degrees from above, and from the side


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the drawn skin: (n, 3) mm and (k, 3), from the step that makes it on.

    `stone` is the id of the one stone that is cut from it as it is.
    """

    name: str
    made_by: int
    sawn_by: int | None
    stone: str | None
    vertices: Float
    faces: Int


def saw_scene(
    plan: Plan, document: Document, parts: Sequence[Part], *, marks: Sequence[Float] = ()
) -> dict[str, Any]:
    """Return pieces, steps and planes for the viewer; a rough that is not sawn is one piece.

    Parameters
    ----------
    parts
        Of `parts_of` the skin that is drawn.
    marks
        Places (3,) mm that are followed through the steps.
    """
    number = {piece.name: k for k, piece in enumerate(parts)}
    scene: dict[str, Any] = {
        "pieces": [
            _piece(piece, plan, whole=k == 0) | {"label": piece_words(piece.name, document)}
            for k, piece in enumerate(parts)
        ],
        "steps": [
            step | {"words": step_words(document, t)}
            for t, step in enumerate(_steps(plan, parts, number, marks))
        ],
        "saw": [
            _plane(cut, parts[number[cut.piece]])
            | {"sides": [number[cut.above], number[cut.below]]}
            for cut in plan.saw
        ],
    }
    if plan.saw:
        scene["along"] = np.round(way_to_look(plan.saw, parts[0].vertices), 6).tolist()
    return scene


def _steps(
    plan: Plan, pieces: Sequence[Part], number: Mapping[str, int], marks: Sequence[Float]
) -> Iterator[dict[str, Any]]:
    """Yield for each step which pieces lie where, and which of them holds what is drawn."""
    saw, skin = plan.saw, pieces[0].vertices
    middle = (skin.min(axis=0) + skin.max(axis=0)) / 2
    radius = float(np.linalg.norm(skin - middle, axis=1).max())
    gap = APART * radius / max(1, len(saw)) ** CROWDED
    flaws = [_leaf_at(saw, flaw_place(flaw)) for flaw in plan.inclusions]
    marked = [_leaf_at(saw, place) for place in marks]
    stones = [stone.id if stone.id in number else WHOLE for stone in plan.stones]
    for step in range(len(saw) + 1):
        here = [piece for piece in pieces if _lies(piece, step)]
        moves, names = arrangement(here, saw, gap), {piece.name for piece in here}
        reach = max(
            float(np.linalg.norm(piece.vertices + moves[piece.name] - middle, axis=1).max())
            for piece in here
        )
        yield {
            "pieces": [number[piece.name] for piece in here],
            "moves": [short(moves[piece.name]) for piece in here],
            "reach": round(reach, 3),
            "stones": [number[_holder(name, saw, names)] for name in stones],
            "flaws": [number[_holder(name, saw, names)] for name in flaws],
            "marks": [number[_holder(name, saw, names)] for name in marked],
            "cuts": [
                number[_holder(cut.piece, saw, names)] if cut.step > step else None for cut in saw
            ],
        }


def parts_of(plan: Plan, vertices: Float, faces: Int) -> tuple[Part, ...]:
    """Return the pieces of a drawn skin, (n, 3) mm and (k, 3), the whole first.

    A rough that nothing saws need not be closed.
    """
    if plan.saw:
        drawn = replace(plan.rough, vertices=vertices, faces=faces)
        return tuple(
            Part(
                name=piece.name,
                made_by=piece.made_by,
                sawn_by=piece.sawn_by,
                stone=piece.stone,
                vertices=piece.vertices,
                faces=piece.faces,
            )
            for piece in pieces_of(drawn, plan.saw, stones=[stone.id for stone in plan.stones])
        )
    stone = plan.stones[0].id if len(plan.stones) == 1 else None
    return (Part(name=WHOLE, made_by=0, sawn_by=None, stone=stone, vertices=vertices, faces=faces),)


def _lies(piece: Part, step: int) -> bool:
    """Tell whether a piece is on the bench after a step."""
    return (
        len(piece.faces) > 0
        and piece.made_by <= step
        and (piece.sawn_by is None or piece.sawn_by > step)
    )


def _piece(piece: Part, plan: Plan, *, whole: bool) -> dict[str, Any]:
    ids = [stone.id for stone in plan.stones]
    out: dict[str, Any] = {
        "name": piece.name,
        "stone": ids.index(piece.stone) if piece.stone is not None else None,
        "off": bool(plan.saw) and piece.sawn_by is None and piece.stone is None,
        "walls": [
            [*np.round([*normal, offset], 7).tolist(), step]
            for normal, offset, step in faces_on(piece, plan.saw)
        ],
    }
    if len(piece.faces):
        out["box"] = short(np.array([piece.vertices.min(axis=0), piece.vertices.max(axis=0)]))
        if not whole:  # that one is in the scene already
            out["mesh"] = packed(piece.vertices, piece.faces)
    return out


def faces_on(part: Part, saw: Sequence[SawCut]) -> list[tuple[Float, float, int]]:
    """Return the sawn faces of a piece: outward normal, offset (mm), the step that made it.

    A later cut may take an earlier one's face off; such a face is not listed.
    """
    faces = []
    for cut, side in walls_of(part.name, saw):
        normal = side * np.asarray(cut.normal, dtype=np.float64)
        offset = side * cut.offset - cut.kerf / 2
        if np.count_nonzero(np.abs(part.vertices @ normal - offset) < ON_FACE) > 2:
            faces.append((normal, offset, cut.step))
    return faces


def walls_of(name: str, saw: Sequence[SawCut]) -> list[tuple[SawCut, float]]:
    """Return the cuts that bound a piece, the first first: it lies where `side n.x < side d`.

    The side is 1 below a plane and -1 above it.
    """
    out: list[tuple[SawCut, float]] = []
    for cut in reversed(saw):  # a piece is made before it is sawn
        if name in (cut.above, cut.below):
            out.append((cut, -1.0 if cut.above == name else 1.0))
            name = cut.piece
    return out[::-1]


def _holder(leaf: str, saw: Sequence[SawCut], here: set[str]) -> str:
    """Return which of the pieces on the bench holds what becomes a leaf."""
    for cut in reversed(saw):
        if leaf in here:
            break
        if leaf in (cut.above, cut.below):
            leaf = cut.piece
    return leaf


def _leaf_at(saw: Sequence[SawCut], place: Float) -> str:
    """Return the last piece that a place (3,) comes into; a place in a kerf goes below it."""
    name = saw[0].piece if saw else "0"
    for cut in saw:
        if cut.piece == name:
            name = cut.above if float(np.dot(cut.normal, place)) > cut.offset else cut.below
    return name


def arrangement(here: Sequence[Part], saw: Sequence[SawCut], gap: float) -> dict[str, Float]:
    """Return how far (3,) mm each piece is moved so that all lie apart by a gap (mm).

    From the last cut back to the first, what lies above a plane is moved along its normal from
    what lies below, until a slab of the gap's width is free between them. So no two pieces meet,
    however often one was sawn.
    """
    moves = {piece.name: np.zeros(3) for piece in here}
    corners = {piece.name: piece.vertices for piece in here}
    members = {piece.name: [piece.name] for piece in here}
    for cut in reversed(saw):
        above, below = members.get(cut.above, []), members.get(cut.below, [])
        if not above and not below:  # not sawn yet
            continue
        members[cut.piece] = [*above, *below]
        if not above or not below:  # the plane misses its piece
            continue
        normal = np.asarray(cut.normal, dtype=np.float64)
        low = min(float((corners[k] @ normal).min() + moves[k] @ normal) for k in above)
        high = max(float((corners[k] @ normal).max() + moves[k] @ normal) for k in below)
        push = 0.5 * max(0.0, gap - (low - high)) * normal
        for name in above:
            moves[name] = moves[name] + push
        for name in below:
            moves[name] = moves[name] - push
    return moves


def section_of(vertices: Float, faces: Int, normal: Float, offset: float) -> Float:
    """Return where a plane cuts a skin, as segments (k, 2, 3) mm.

    A triangle with an edge in the plane is left to its neighbour on the other side.
    """
    height = vertices @ normal - offset
    sides = height[faces] > 0
    crossed = faces[sides.any(axis=1) & ~sides.all(axis=1)]
    ends = []
    for a, b in ((0, 1), (1, 2), (2, 0)):
        p, q = crossed[:, a], crossed[:, b]
        apart = height[p] - height[q]
        cut = (height[p] > 0) != (height[q] > 0)
        share = np.divide(height[p], apart, out=np.zeros(len(p)), where=cut)
        at = vertices[p] + share[:, None] * (vertices[q] - vertices[p])
        ends.append(np.where(cut[:, None], at, np.nan))
    three = np.stack(ends, axis=1)  # two of three edges are crossed
    return np.asarray(three[~np.isnan(three[:, :, 0])].reshape(-1, 2, 3))


def _plane(cut: SawCut, piece: Part) -> dict[str, Any]:
    normal = np.asarray(cut.normal, dtype=np.float64)
    line = section_of(piece.vertices, piece.faces, normal, cut.offset)
    return {
        "step": cut.step,
        "line": np.round(line, 3).tolist(),
        "sheet": short(sheet_of(line.reshape(-1, 3), normal, cut.offset)),
    }


def sheet_of(points: Float, normal: Float, offset: float) -> Float:
    """Return a rectangle (4, 3) of the plane, a little larger than the points in it."""
    if not len(points):
        return np.empty((0, 3))
    middle = points.mean(axis=0)
    _, _, axes = np.linalg.svd(points - middle, full_matrices=False)
    u = axes[0] - (axes[0] @ normal) * normal
    u /= np.linalg.norm(u)
    v = np.cross(normal, u)
    foot = middle - (normal @ middle - offset) * normal
    along, aside = (points - foot) @ u, (points - foot) @ v
    out = max(LEAST_OVERHANG, OVERHANG * float(np.ptp(along)))
    a, b = float(along.min()) - out, float(along.max()) + out
    c, d = float(aside.min()) - out, float(aside.max()) + out
    return np.array([foot + s * u + t * v for s, t in ((a, c), (b, c), (b, d), (a, d))])


def way_to_look(saw: Sequence[SawCut], vertices: Float) -> Float:
    """Return right, up and towards the viewer as rows: where the saw planes are seen on edge.

    The direction that lies most nearly in all planes looks at the viewer, the rough's longest
    extent across it lies to the right; then a little from above and from the side.
    """
    normals = np.array([cut.normal for cut in saw], dtype=np.float64)
    spread = np.cov(vertices.T)
    thin = 0.05 * spread / np.trace(spread)  # decides where the planes leave it open
    _, axes = np.linalg.eigh(normals.T @ normals / len(saw) + thin)
    towards = axes[:, 0] * (1.0 if axes[np.abs(axes[:, 0]).argmax(), 0] > 0 else -1.0)
    flat = np.eye(3) - np.outer(towards, towards)
    _, across = np.linalg.eigh(flat @ spread @ flat)
    right = across[:, 2] * (1.0 if across[np.abs(across[:, 2]).argmax(), 2] > 0 else -1.0)
    rows = np.array([right, np.cross(towards, right), towards])
    tilt, turn = np.radians(LOOK_FROM)
    lean = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    aside = np.array([[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]])
    view: Float = lean @ aside @ rows
    return view

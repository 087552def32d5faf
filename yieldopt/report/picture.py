"""A picture of a plan for a README or a message: the rough, see-through, and what comes out.

`python -m yieldopt.report.picture PLAN_FOLDER OUT.png` draws the plan of a folder.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from yieldopt.geometry.arrays import Float, Int
from yieldopt.plan.record import Plan
from yieldopt.report.painter import corner_normals, nearest_layer, paint_solid, paint_veil
from yieldopt.report.palette import stone_colour
from yieldopt.report.scene import display_mesh, facet_loops
from yieldopt.report.words import TIMES, Document, bound_words, ct, document_of, percent, size

WIDTH, HEIGHT = 1200, 700  # px
FINER = 2  # pixels are drawn so many times finer and then averaged: smooth edges
PICTURE_SHARE = 0.64  # of the width; the rest is words
MARGIN = 0.09  # of the picture, around the rough
SEEN_FROM = np.radians([57.0, 22.0])  # table leant back, then turned: the view of a shop window
PAPER, SHADE = np.array([0.984, 0.980, 0.965]), np.array([0.905, 0.900, 0.875])
ROUGH_COLOUR = np.array([0.63, 0.63, 0.58])
LETTER = 22  # px
NAMED = 4  # stones; more would not leave room for the bound
INK, SOFT, ACCENT = (28, 35, 40), (92, 102, 110), (31, 122, 140)
EDGE_INK = (10, 36, 44, 230)


def draw_plan(plan: Plan, path: Path) -> None:
    """Write the picture of a plan as PNG, 1200 x 700 px; the same plan gives the same pixels."""
    draw_document(document_of(plan), plan.rough.vertices, plan.rough.faces, path)


def draw_document(document: Document, vertices: Float, faces: Int, path: Path) -> None:
    """Write the picture of a plan file and its rough, (n, 3) mm and (k, 3), as PNG."""
    from PIL import Image

    wide, high = int(WIDTH * PICTURE_SHARE) * FINER, HEIGHT * FINER
    view = _view(np.array(document["stones"][0]["pose"]["rotation"]))
    vertices, faces, _ = display_mesh(vertices, faces)
    turned = vertices @ view.T
    low, top = turned[:, :2].min(axis=0), turned[:, :2].max(axis=0)
    scale = (1 - 2 * MARGIN) * float((np.array([wide, high]) / (top - low)).min())
    middle = np.array([*(low + top) / 2, 0.0])

    def placed(points: Float) -> Float:
        flat: Float = (points @ view.T - middle) * scale * [1, -1, 1] + [wide / 2, high / 2, 0]
        return flat

    pixels = placed(vertices)[faces]
    normals = corner_normals(vertices, faces) @ view.T
    front = nearest_layer(pixels, normals, wide, high)
    behind = nearest_layer(pixels * [1, 1, -1], normals, wide, high)

    picture = _paper(wide, high, front.triangle >= 0)
    paint_veil(picture, behind, ROUGH_COLOUR, 0.55)
    solids = [(i, _solid(entry)) for i, entry in enumerate(document["stones"])]
    solids.sort(key=lambda item: float(placed(item[1][0])[:, 2].mean()))  # far ones first
    for i, (corners, planes, loops) in solids:
        colour = np.array(stone_colour(i)) / 255
        picture = _stone(picture, placed(corners), planes @ view.T, loops, colour)
    paint_veil(picture, front, ROUGH_COLOUR + 0.04, 0.60)

    sheet = Image.new("RGB", (WIDTH, HEIGHT), _byte(PAPER))
    drawn = Image.fromarray(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8))
    sheet.paste(drawn.resize((wide // FINER, HEIGHT), Image.Resampling.BOX), (0, 0))
    if len(solids) > 1:
        middles = [
            (document["stones"][i]["id"], placed(corners).mean(axis=0) / FINER)
            for i, (corners, _, _) in solids
        ]
        _letters(sheet, middles)
    _words(sheet, document)
    sheet.save(path, format="PNG", optimize=True)


def _view(rotation: Float) -> Float:
    """Return right, up and towards-the-viewer as rows in the scan frame, from a stone's pose."""
    lean, turn = SEEN_FROM
    about = np.array(
        [[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1.0]]
    )
    back = np.array(
        [[1.0, 0, 0], [0, np.cos(lean), np.sin(lean)], [0, -np.sin(lean), np.cos(lean)]]
    )
    view: Float = back @ about @ rotation.T
    return view


def _solid(entry: Document) -> tuple[Float, Float, list[list[int]]]:
    corners = np.array(entry["vertices_mm"], dtype=np.float64)
    planes = np.array(entry["planes"], dtype=np.float64)
    return corners, planes[:, :3], facet_loops(planes, corners)


def _paper(wide: int, high: int, covered: Any) -> Float:
    """Return the ground of the picture (h, w, 3): a light pool and a soft shadow."""
    from PIL import Image, ImageFilter

    y, x = np.mgrid[0:high, 0:wide]
    away = np.hypot((x - wide / 2) / wide, (y - high / 2) / high)
    pool = np.clip(1.0 - 1.2 * away**2, 0, 1)[..., None]
    ground = PAPER * pool + SHADE * (1 - pool)
    # Faded out towards the words, so that picture and page are one sheet.
    fade = np.clip((wide - x) / (0.25 * wide), 0, 1)[..., None]
    ground = ground * fade + PAPER * (1 - fade)
    silhouette = Image.fromarray((covered * 255).astype(np.uint8))
    flat = silhouette.resize((wide, high // 6)).filter(ImageFilter.GaussianBlur(14 * FINER))
    shadow = np.zeros((high, wide))
    start = int(high * 0.80)
    rows = np.asarray(flat, dtype=np.float64)[: high - start] / 255
    shadow[start : start + len(rows)] = rows
    soft = Image.fromarray((shadow * 255).astype(np.uint8)).filter(
        ImageFilter.GaussianBlur(9 * FINER)
    )
    shaded: Float = ground * (1 - 0.20 * np.asarray(soft, dtype=np.float64)[..., None] / 255)
    return shaded


def _stone(
    picture: Float, corners: Float, normals: Float, loops: list[list[int]], colour: Float
) -> Float:
    """Return the picture with a stone: facets, then the edges that can be seen."""
    from PIL import Image, ImageDraw

    high, wide = picture.shape[:2]
    fans = [
        (j, (loop[0], loop[k], loop[k + 1]))
        for j, loop in enumerate(loops)
        if normals[j, 2] > 0
        for k in range(1, len(loop) - 1)
    ]
    triangles = corners[np.array([corner for _, corner in fans])]
    at_corners = np.repeat(normals[[j for j, _ in fans]][:, None, :], 3, axis=1)
    paint_solid(picture, nearest_layer(triangles, at_corners, wide, high), colour)
    drawn = Image.fromarray(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8))
    pen = ImageDraw.Draw(drawn, "RGBA")
    for j, loop in enumerate(loops):
        if normals[j, 2] > 0 and loop:
            ring = [(float(corners[i, 0]), float(corners[i, 1])) for i in [*loop, loop[0]]]
            pen.line(ring, fill=EDGE_INK, width=FINER, joint="curve")
    return np.asarray(drawn, dtype=np.float64) / 255


def _letters(sheet: Any, middles: Sequence[tuple[str, Float]]) -> None:
    """Write each stone's letter on it, on a light ground: colours are not for every eye."""
    from PIL import ImageDraw, ImageFont

    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=LETTER)
    for name, (x, y, _) in middles:
        half = max(float(font.getlength(name)), LETTER) / 2 + 5
        pen.rounded_rectangle(
            [x - half, y - half, x + half, y + half], radius=8, fill=(255, 255, 255), outline=INK
        )
        pen.text((x, y), name, font=font, fill=INK, anchor="mm")


def _words(sheet: Any, document: Document) -> None:
    from PIL import ImageDraw, ImageFont

    pen = ImageDraw.Draw(sheet)
    left, right = int(WIDTH * PICTURE_SHARE) + 24, WIDTH - 48
    y = 122.0

    def line(text: str, points: int, colour: tuple[int, int, int], gap: float) -> None:
        nonlocal y
        font = ImageFont.load_default(size=points)
        for part in _wrapped(text, lambda t: float(font.getlength(t)), right - left):
            pen.text((left, y), part, font=font, fill=colour)
            y += 1.32 * points
        y += gap

    totals, rough = document["totals"], document["rough"]
    weight = rough["weighed_ct"] or rough["weight_ct"]
    line(percent(totals["yield"]), 84, ACCENT, -8)
    line("of the rough becomes gem", 21, SOFT, 26)
    line(f"{ct(totals['weight_ct'])} ct from {ct(weight)} ct of {rough['species']}", 27, INK, 14)
    stones = document["stones"]
    for stone in stones[:NAMED]:
        name = f"{stone['id']}: " if len(stones) > 1 else ""
        # Pillow's own font has no multiplication sign.
        line(f"{name}{stone['cut']}, {size(stone).replace(TIMES, 'x')} mm", 21, INK, 2)
    if len(stones) > NAMED:
        line(f"and {len(stones) - NAMED} more", 21, INK, 2)
    y += 22
    pen.line([(left, y), (left + 56, y)], fill=ACCENT, width=4)
    y += 20
    line(bound_words(document), 19, SOFT, 0)


def _wrapped(text: str, length: Any, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.replace(" %", "\0%").split(" "):
        word = word.replace("\0", " ")  # a number and its sign stay together
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and length(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _byte(colour: Float) -> tuple[int, int, int]:
    r, g, b = (int(v) for v in np.rint(colour * 255))
    return r, g, b


def main(arguments: list[str]) -> int:
    """Draw the plan of a folder; return the exit code."""
    from yieldopt.errors import InputError
    from yieldopt.plan.schema import read_plan

    if len(arguments) != 2:
        sys.stderr.write("usage: python -m yieldopt.report.picture PLAN_FOLDER OUT.png\n")
        return 2
    folder, path = Path(arguments[0]), Path(arguments[1])
    try:
        plan = read_plan(folder / "plan.json")
    except InputError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    import trimesh

    mesh = trimesh.load_mesh(folder / plan.rough.mesh, process=False)
    document = plan.model_dump(mode="json", by_alias=True)
    draw_document(document, np.asarray(mesh.vertices), np.asarray(mesh.faces), path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

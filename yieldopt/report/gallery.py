"""A picture of all families: each from above, from below and from the side.

`python -m yieldopt.report.gallery OUT.png` draws them at their usual proportions.
"""

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.cuts.family import family, family_names
from yieldopt.report.drawing import View, notch_walls, view_axes, visible_facets

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw

COLUMNS = 3  # families side by side
CELL = 128  # px a view
CAPTION = 22  # px under a family's views
LONGEST = 108  # px of a gem's length
FINER = 3  # drawn so many times finer and then averaged: smooth edges
PAPER, INK = (251, 250, 247), (28, 35, 40)
LIGHT = np.array([-0.35, 0.55, 0.76])  # towards the lamp, over the left shoulder
DARK, BRIGHT = np.array([150.0, 178.0, 184.0]), np.array([246.0, 250.0, 250.0])
VIEWS: tuple[View, ...] = ("crown", "pavilion", "side")


def draw_gallery(path: Path, names: tuple[str, ...] | None = None) -> None:
    """Write the picture as PNG; the same families give the same pixels."""
    from PIL import Image, ImageDraw, ImageFont

    shown = family_names() if names is None else names
    rows = math.ceil(len(shown) / COLUMNS)
    wide, high = COLUMNS * len(VIEWS) * CELL, rows * (CELL + CAPTION)
    drawn = Image.new("RGB", (wide * FINER, high * FINER), PAPER)
    pen = ImageDraw.Draw(drawn)
    font = ImageFont.load_default(size=14 * FINER)
    for i, name in enumerate(shown):
        cut = family(name)
        design = cut.design(cut.usual, 1.0)
        left, top = (i % COLUMNS) * len(VIEWS) * CELL, (i // COLUMNS) * (CELL + CAPTION)
        for k, view in enumerate(VIEWS):
            middle = np.array([left + (k + 0.5) * CELL, top + 0.5 * CELL]) * FINER
            _draw(pen, design, view, middle)
        at = ((left + 1.5 * CELL) * FINER, (top + CELL + 0.4 * CAPTION) * FINER)
        pen.text(at, name.replace("_", " "), font=font, fill=INK, anchor="mm")
    picture = drawn.resize((wide, high), Image.Resampling.LANCZOS)
    # Few greys and one ink: a palette of 64 shows no difference at a third of the size.
    picture.quantize(64).save(path, optimize=True)


def _draw(pen: "ImageDraw", design: Design, view: View, middle: np.ndarray) -> None:
    """Draw one view, its facets shaded by how they face the lamp."""
    axes = view_axes(design, view)
    flat = design.solid.vertices @ axes[:2].T
    centre = 0.5 * (flat.min(axis=0) + flat.max(axis=0))
    scale = LONGEST * FINER / design.length
    lamp = LIGHT / np.linalg.norm(LIGHT)
    for j in visible_facets(design, view):
        places = (flat[list(design.solid.loops[j])] - centre) * [scale, -scale] + middle
        light = max(0.0, float((axes @ design.solid.normals[j]) @ lamp))
        tone = DARK + (BRIGHT - DARK) * light**2
        ring = [(float(x), float(y)) for x, y in places]
        pen.polygon(ring, fill=(int(tone[0]), int(tone[1]), int(tone[2])))
        pen.line([*ring, ring[0]], fill=INK, width=FINER, joint="curve")
    _open_notch(
        pen, [(wall - centre) * [scale, -scale] + middle for wall in notch_walls(design, view)]
    )


def _open_notch(pen: "ImageDraw", walls: list[np.ndarray]) -> None:
    """Take what lies between the two walls of a cleft (2, 2) off the picture."""
    if not walls:
        return
    ends = np.concatenate(walls)
    apart = np.linalg.norm(ends[:, None] - ends[None], axis=2)
    tip = ends[apart.sum(axis=1).argmin()]
    mouth = [wall[np.linalg.norm(wall - tip, axis=1).argmax()] for wall in walls]
    beyond = [place + 0.1 * (place - tip) for place in mouth]  # and its own edge
    pen.polygon([_place(p) for p in (tip, mouth[0], *beyond, mouth[1])], fill=PAPER)
    pen.line([_place(p) for p in (mouth[0], tip, mouth[1])], fill=INK, width=FINER, joint="curve")


def _place(point: np.ndarray) -> tuple[float, float]:
    return float(point[0]), float(point[1])


if __name__ == "__main__":
    draw_gallery(Path(sys.argv[1]))

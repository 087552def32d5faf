"""How the saw's work reads: pieces by name, cuts in order, how a plane stands, what becomes."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from yieldopt.report.words import Document, by, ct, mm, percent, plain

WHOLE = "0"  # the piece that is there before the first cut
CLEAVAGE = "cleavage"  # names of axes that are normals of planes begin so


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A piece of the tree of cuts: what it is, and what a cut makes of it.

    `weight` is in ct, `size` in mm from least to longest; None and empty where the plan file
    does not say.
    """

    name: str
    words: str
    weight: float | None
    size: tuple[float, ...]
    cut: Document | None
    stone: Document | None
    parts: tuple["Branch", ...]


def tree_of(document: Document) -> Branch:
    """Return the tree of saw cuts from the whole rough down, above before below."""
    cuts = {cut["piece"]: cut for cut in document["saw"]}
    known = {piece["name"]: piece for piece in document.get("pieces") or ()}
    stones = {stone["id"]: stone for stone in document["stones"]}

    def branch(name: str) -> Branch:
        cut, piece = cuts.get(name), known.get(name, {})
        return Branch(
            name=name,
            words=piece_words(name, document),
            weight=piece.get("weight_ct"),
            size=tuple(piece.get("size_mm") or ()),
            cut=cut,
            stone=None if cut else stones.get(name),
            parts=(branch(cut["above"]), branch(cut["below"])) if cut else (),
        )

    return branch(WHOLE)


def piece_words(name: str, document: Document) -> str:
    """Return what to call a piece: the rough, stone A, piece 0.1, off-cut 0.3."""
    if name == WHOLE:
        return "the rough"
    if any(cut["piece"] == name for cut in document["saw"]):
        return f"piece {name}"
    if any(stone["id"] == name for stone in document["stones"]):
        return f"stone {name}"
    return f"off-cut {name}"


def cut_words(cut: Document, document: Document) -> str:
    """Return a cut in words: saw the rough into piece 0.1 and stone A."""
    piece, above, below = (piece_words(cut[key], document) for key in ("piece", "above", "below"))
    return f"saw {piece} into {above} and {below}"


def step_words(document: Document, step: int) -> str:
    """Return what lies on the bench after a step, and what is sawn next."""
    saw = document["saw"]
    if not saw:
        return ""
    if step == 0:
        return f"Not sawn yet. Next, cut 1: {cut_words(saw[0], document)}."
    done = saw[step - 1]
    piece, above, below = (piece_words(done[key], document) for key in ("piece", "above", "below"))
    said = f"After cut {step} of {len(saw)}: {piece} became {above} and {below}."
    if step == len(saw):
        return f"{said} All is sawn."
    return f"{said} Next, cut {step + 1}: {cut_words(saw[step], document)}."


def lie_lines(cut: Document, document: Document, faces: Collection[int]) -> list[str]:
    """Return how a saw plane stands to what a cutter can hold it by, in degrees.

    To the sawn faces that its piece has, to the tables of the stones that it frees, and to the
    rough's named axes; 0 is parallel.

    Parameters
    ----------
    faces
        The steps whose faces the piece has.
    """
    normal = np.asarray(cut["normal"], dtype=np.float64)
    lines = [
        f"{_between_planes(normal, other['normal'])} to the face of cut {other['step']}"
        for other in document["saw"]
        if other["step"] in faces
    ]
    for stone in document["stones"]:
        if stone["id"] in (cut["above"], cut["below"]):
            table = np.asarray(stone["pose"]["rotation"], dtype=np.float64)[:, 2]
            lines.append(f"{_between_planes(normal, table)} to the table of {stone['id']}")
    for name, axis in (document["rough"].get("axes") or {}).items():
        if name.startswith(CLEAVAGE):
            lines.append(f"{_between_planes(normal, axis)} to {name}")
        else:
            lines.append(f"{_to_axis(normal, axis)} to axis {name}")
    return lines


def square_words(cut: Document, frame: str = "scan") -> str:
    """Return where a saw plane lies in a frame: what it is square to, how far from the origin."""
    x, y, z = (f"{v + 0.0:.3f}".replace("-0.000", "0.000") for v in cut["normal"])
    along = f"{mm(cut['offset_mm'])} mm along it from the {frame}'s origin"
    return f"square to ({x}, {y}, {z}), {along}"


def _between_planes(normal: Any, other: Any) -> str:
    """Return the angle between two planes by their normals, 0 to 90 degrees."""
    return f"{math.degrees(math.acos(min(1.0, abs(float(np.dot(normal, other)))))):.1f}°"


def _to_axis(normal: Any, axis: Any) -> str:
    """Return the angle between a plane and a line, 0 where the line lies in the plane."""
    return f"{math.degrees(math.asin(min(1.0, abs(float(np.dot(normal, axis)))))):.1f}°"


def saw_words(cut: Document) -> str:
    """Return the saw and its kerf: trim saw, 0.4 mm."""
    kerf = f"{plain(cut['kerf_mm'])} mm"
    return f"{cut['tool']}, {kerf}" if cut.get("tool") else kerf


def weight_words(branch: Branch) -> str:
    """Return a piece's weight and size, as far as the plan file says them."""
    said = [f"{ct(branch.weight)} ct"] if branch.weight is not None else []
    said += [f"{by(*sorted(branch.size, reverse=True))} mm"] if branch.size else []
    return ", ".join(said)


def saw_lines(document: Document) -> list[str]:
    """Return the saw's work in short lines for a terminal; empty where nothing is sawn."""
    saw = document.get("saw", ())
    if not saw:
        return []
    leaves = [cut[side] for cut in saw for side in ("above", "below")]
    left = [name for name in leaves if not any(cut["piece"] == name for cut in saw)]
    stones = {stone["id"] for stone in document["stones"]}
    off = [name for name in left if name not in stones]
    share = percent(document["totals"]["wastage"]["saw"])
    line = (
        f"saw: {counted(len(saw), 'cut')}, {counted(len(left), 'piece')}"
        f" ({len(left) - len(off)} with a stone, {counted(len(off), 'off-cut')}), dust {share}"
    )
    return [line, *(f"  {cut['step']}. {cut_words(cut, document)}" for cut in saw)]


def counted(number: int, what: str) -> str:
    """Return a number of things: 1 cut, 2 cuts."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def dust_words(cut: Mapping[str, Any]) -> str:
    """Return what a cut takes, ct; empty where the plan file does not say."""
    return f"{ct(cut['dust_ct'])} ct" if cut.get("dust_ct") is not None else ""

"""Saw lines: points to ink on the skin, each named by its distances from three marks.

The points are inked where those distances agree, and the plane through them is the saw plane. Where
along the line a point stands is free, so it is put where rounding the distances moves it along the
plane and not off it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import SawCut
from yieldopt.rough.rough import Rough
from yieldopt.workshop.clearance import face_of
from yieldopt.workshop.marks import LEAST_CLEAR, MIRROR, NEIGHBOURS
from yieldopt.workshop.reading import read
from yieldopt.workshop.record import InkPoint, Mark
from yieldopt.workshop.section import section_loops
from yieldopt.workshop.skin import Skin, Spots, beside, named_place, outward_at

LOOKED_AT = 48  # places of a line, spread evenly over it: 17,000 threes
NEAR_EDGE = (0.6, 0.3, 0.1, 0.0)  # mm from a sawn edge: ink there chips off; less where it must be
FOURTH = 2.0  # mm from the others: a fourth point that is no nearer shows a misread one
SLIDE = np.linspace(-0.5, 0.5, 21)  # mm along the line: where rounding does least is looked for
SHARP_ARCS = 0.45  # as of dots: least stretch of distances over the skin
LEAST_ARCS = 0.02  # so that a line whose marks all lie to one side still has points
# Share of a three's worth: three places that fix a plane as well, to 1e-6 mm, are as good.
DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A saw line as it is printed, and the plane that its points give."""

    ink: tuple[InkPoint, ...]
    normal: Float
    offset: float


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A place of a line: which loop, how far along it, mm, and where."""

    loop: int
    along: float
    point: Float
    outward: Float


def saw_line(
    rough: Rough,
    skin: Skin,
    spots: Spots,
    cut: SawCut,
    sides: Sequence[tuple[SawCut, bool]],
    marks: Sequence[Mark],
) -> Line:
    """Return the points to ink for a cut.

    Parameters
    ----------
    sides
        The cuts that made the piece, as their printed figures give them, and whether it is above.
    marks
        All there are; those on the piece are measured from.

    Raises
    ------
    ValueError
        If the line has less than three places on the rough's skin, or the piece less than three
        marks.
    """
    length = float(np.linalg.norm(cut.normal))
    normal, offset = np.asarray(cut.normal) / length, cut.offset / length
    walls = [face_of(*side) for side in sides]
    mine = marks_on(marks, walls)
    if len(mine) < 3:
        raise ValueError(f"saw step {cut.step}: piece {cut.piece} has less than three marks")
    loops = section_loops(rough.vertices, rough.faces, normal, offset)
    places = _places(skin, loops, walls)
    if len(places) < 3:
        raise ValueError(f"saw step {cut.step}: too little of its line is on the rough's own skin")
    points = np.array([place.point for place in places])
    outward = np.array([place.outward for place in places])
    at = np.array([mark.place for mark in mine])
    worth, three = _best_marks(points, outward, at, spots)
    chosen = _spread(points, worth)
    ink, found = [], []
    for number, i in enumerate(chosen, start=1):
        names = three[i]
        spot, distances = _slid(skin, loops, walls, places[i], normal, offset, at[names])
        found.append(spot)
        ink.append(
            InkPoint(
                name=f"{cut.step}.{number}",
                place=spot,
                distances={mine[k].name: d for k, d in zip(names, distances, strict=True)},
            )
        )
    own_normal, own_offset = plane_through(np.array(found), normal)
    return Line(ink=tuple(ink), normal=own_normal, offset=own_offset)


def marks_on(marks: Sequence[Mark], walls: Sequence[tuple[Float, float]]) -> list[Mark]:
    """Return the marks that lie on a piece, clear of its sawn faces."""
    return [
        mark
        for mark in marks
        if all(float(normal @ mark.place) <= offset - LEAST_CLEAR for normal, offset in walls)
    ]


def plane_through(points: Float, like: Float) -> tuple[Float, float]:
    """Return the plane (3,), mm that lies nearest to points (n, 3), its normal beside `like`."""
    middle = points.mean(axis=0)
    normal = np.linalg.svd(points - middle)[2][2]
    if float(normal @ like) < 0.0:
        normal = -normal
    return normal, float(normal @ middle)


def _places(
    skin: Skin, loops: Sequence[Float], walls: Sequence[tuple[Float, float]]
) -> list[_Place]:
    """Return places spread evenly over the part of a line that is on the piece."""
    lengths = [_steps(loop)[-1] for loop in loops]
    step = sum(lengths) / (4 * LOOKED_AT)
    there: list[tuple[int, float, Float, float]] = []
    for number, loop in enumerate(loops):
        for along in np.arange(0.0, lengths[number], step):
            point = _at(loop, float(along))
            room = min((d - float(n @ point) for n, d in walls), default=np.inf)
            there.append((number, float(along), point, room))
    for least in NEAR_EDGE:
        kept = [one[:3] for one in there if one[3] >= least]
        if len(kept) >= LOOKED_AT // 4:
            break
    if not kept:
        return []
    rows = np.unique(np.linspace(0, len(kept) - 1, LOOKED_AT).round().astype(int))
    return [
        _Place(loop=n, along=along, point=point, outward=outward_at(skin, point))
        for n, along, point in (kept[i] for i in rows)
    ]


def _steps(loop: Float) -> Float:
    """Return how far along a closed polygon each corner is, mm, and its whole length last."""
    sides = np.linalg.norm(np.roll(loop, -1, axis=0) - loop, axis=1)
    out: Float = np.concatenate([[0.0], np.cumsum(sides)])
    return out


def _at(loop: Float, along: float) -> Float:
    """Return the point (3,) of a closed polygon so far along it, mm."""
    steps = _steps(loop)
    along = along % float(steps[-1])
    i = min(int(np.searchsorted(steps, along, side="right")) - 1, len(loop) - 1)
    start, end = loop[i], loop[(i + 1) % len(loop)]
    share = (along - steps[i]) / max(float(steps[i + 1] - steps[i]), 1e-300)
    out: Float = start + share * (end - start)
    return out


def _best_marks(
    points: Float, outward: Float, at: Float, spots: Spots
) -> tuple[Float, list[list[int]]]:
    """Return for each place (n, 3) how well distances name it, and from which three marks."""
    worth = np.zeros(len(points))
    three = [[0, 1, 2]] * len(points)
    axes = np.linalg.svd(outward[:, None, :])[2][:, 1:]  # (n, 2, 3): two ways over the skin
    for some in combinations(range(len(at)), 3):
        marks = at[list(some)]
        away = points[:, None] - marks
        slope = away / np.maximum(np.linalg.norm(away, axis=2), 1e-9)[..., None]
        least = np.linalg.svd(np.einsum("nmi,nji->nmj", slope, axes), compute_uv=False)[:, -1]
        score = np.clip(least / SHARP_ARCS, LEAST_ARCS, 1.0) * _one_place(points, marks, spots)
        score = np.round(score, DECIMALS)
        for i in np.flatnonzero(score > worth):
            worth[i], three[i] = score[i], list(some)
    return worth, three


def _one_place(points: Float, marks: Float, spots: Spots) -> Float:
    """Return 1, or a tenth where the place mirrored through the marks' plane is on the skin too."""
    normal = np.cross(marks[1] - marks[0], marks[2] - marks[0])
    size = float(np.linalg.norm(normal))
    height = (points - marks[0]) @ (normal / max(size, 1e-300))
    mirrored = points - 2.0 * height[:, None] * (normal / max(size, 1e-300))
    out: Float = np.where(spots.gap(mirrored) < MIRROR, 0.1, 1.0)
    return out


def _spread(points: Float, worth: Float) -> list[int]:
    """Return three places that fix a plane best, and a fourth that shows whether they do."""
    three = np.array(list(combinations(range(len(points)), 3)))
    corners = points[three]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    width = np.linalg.norm(np.cross(u, v), axis=1) / np.maximum(sides, 1e-300)
    best = three[int(np.round(width * worth[three].prod(axis=1), DECIMALS).argmax())].tolist()
    apart = np.linalg.norm(points[:, None] - points[best], axis=2).min(axis=1)
    fourth = int(np.round(apart * worth, DECIMALS).argmax())
    if apart[fourth] >= FOURTH:
        best.append(fourth)
    return [int(i) for i in sorted(best)]


def _slid(
    skin: Skin,
    loops: Sequence[Float],
    walls: Sequence[tuple[Float, float]],
    place: _Place,
    normal: Float,
    offset: float,
    marks: Float,
) -> tuple[Float, list[float]]:
    """Return the point that printed distances name, as near the plane as sliding makes it."""
    best: tuple[float, Float, list[float]] | None = None
    room = min((d - float(n @ place.point) for n, d in walls), default=np.inf)
    around = beside(skin, place.point, NEIGHBOURS)
    for slide in SLIDE:
        near = _at(loops[place.loop], place.along + float(slide))
        if min((d - float(n @ near) for n, d in walls), default=np.inf) < min(room, NEAR_EDGE[0]):
            continue
        distances = [read(float(d)) for d in np.linalg.norm(near - marks, axis=1)]
        found = named_place(around, near, marks, distances)
        off = round(abs(float(normal @ found) - offset), DECIMALS)
        if best is None or off < best[0]:
            best = (off, found, distances)
    assert best is not None  # the place itself is among them
    return best[1], best[2]

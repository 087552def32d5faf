"""The marks of a rough: its three tips, and dots to ink so that every piece has three of its own.

A dot is named by its distances from the tips; a saw line and a first flat by distances and heights
of marks that lie on the piece at that time. So each piece that a stone is cut from wants three
marks on its own skin, wide apart as its flat sees them, clear of the saw and of what is ground off.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, count

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.landmarks import Landmark, Landmarks
from yieldopt.workshop.flat import Target
from yieldopt.workshop.reading import misread, read
from yieldopt.workshop.record import Mark
from yieldopt.workshop.skin import Skin, Spots, beside, named_place, nearest_place

CLEAR = 2.0  # mm from saw and flat: nearer, a dot may be lost with a blade that wanders
LEAST_CLEAR = 0.4  # mm: nearer than this it is lost
HOLLOW = 0.15  # mm below the hull: jaws still reach it
SIDEWAYS = 0.6  # sine of a spot's slope to the flat: a try-square meets it from beside
SHARP_ARCS = 0.45  # least stretch of distances over the skin: 0.1 mm read wrong is 0.2 mm there
MIRROR = 0.7  # mm: the other place with the same distances must be so far off the skin
TINY = 1e-7  # mm: places no better than by so much are as good
WORN = 0.8  # a tip stands for this much of a dot: it is read less sharply
# A set of marks with fewer new dots is taken where it is this good against the best there is.
GOOD_ENOUGH = 0.55
LOOKED_AT = 70  # spots of a piece: 55,000 threes
# mm along and across the skin: a dot is put where its height and its foot come out in whole
# readings, so that rounding them tilts the flat by nothing.
SLIDE = np.array([(0.06 * i, 0.06 * j) for i in range(-3, 4) for j in range(-3, 4)])
NEIGHBOURS = 1.0  # mm: more than a slide and what rounded distances move
FEET = 0.5  # how much a foot counts beside a height: three feet are fitted together


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A piece that a stone is cut from: what its marks must keep clear of.

    Parameters
    ----------
    walls
        Saw faces round it, (3,) unit outward and mm: the piece is `n . x <= d`.
    target
        Its first flat.
    """

    walls: tuple[tuple[Float, float], ...]
    target: Target

    @property
    def normal(self) -> Float:
        """Of the flat, outward."""
        return self.target.normal


def tips_of(found: Landmarks) -> tuple[Mark, ...]:
    """Return the landmarks A, B, C as marks."""
    marks: list[Mark] = []
    for landmark in found.points:
        marks.append(_tip(landmark, marks))
    return tuple(marks)


def _tip(landmark: Landmark, before: Iterable[Mark]) -> Mark:
    point = landmark.point
    return Mark(
        name=landmark.name,
        kind="tip",
        place=point,
        outward=landmark.outward,
        scan=_printed(point),
        distances={mark.name: read(float(np.linalg.norm(point - mark.place))) for mark in before},
    )


def dot_at(
    skin: Skin, spot: Float, outward: Float, tips: Sequence[Mark], name: str, target: Target
) -> Mark:
    """Return the dot that printed distances from the tips name, beside a spot (3,) mm.

    Of some places round the spot, that whose height and foot over a target lose least when printed.
    """
    away = np.array([tip.place for tip in tips])
    best: tuple[float, Float, list[float]] | None = None
    around = beside(skin, spot, NEIGHBOURS)
    for step in SLIDE @ _over_skin(outward, away):
        near = nearest_place(around, spot + step)
        read_off = [read(float(d)) for d in np.linalg.norm(near - away, axis=1)]
        found = named_place(around, near, away, read_off)
        x, y, height = target.seen(found[None])[0]
        off = abs(misread(height)) + FEET * (abs(misread(x)) + abs(misread(y)))
        if best is None or off < best[0] - TINY:
            best = (off, found, read_off)
    assert best is not None
    _, place, distances = best
    return Mark(
        name=name,
        kind="dot",
        place=place,
        outward=outward,
        scan=_printed(place),
        distances={tip.name: d for tip, d in zip(tips, distances, strict=True)},
    )


def _printed(place: Float) -> tuple[float, float, float]:
    x, y, z = (read(float(v)) for v in place)
    return x, y, z


def marks_for(
    skin: Skin, spots: Spots, tips: Sequence[Mark], needs: Sequence[Need]
) -> tuple[tuple[Mark, ...], tuple[tuple[str, ...], ...], tuple[Target, ...]]:
    """Return all marks, for each need the names of the three that its flat is set by, the flats.

    Marks that are there already are taken where they do; dots are added where they must be. A flat
    is ground less deep by up to a reading, so that the first mark already there stands over it at
    a height of whole readings.

    Raises
    ------
    ValueError
        If a piece has no skin of the rough that three marks could stand on.
    """
    marks = list(tips)
    names = (name for name in _letters() if name not in {tip.name for tip in tips})
    at = np.array([tip.place for tip in tips])
    quality = np.array([_arcs(p, n, at) for p, n in zip(spots.points, spots.outward, strict=True)])
    quality = quality * _reached(spots.hollow) * _unlike_mirror(spots.points, at, spots)
    sets: list[tuple[str, ...]] = []
    targets: list[Target] = []
    for need in needs:
        worth = quality * _clear(spots.points, need) * _beside(spots.outward, need.normal)
        order = np.flatnonzero(worth > 0.0)[:LOOKED_AT]
        known = np.array([m.place for m in marks])
        known_worth = _clear(known, need) * np.array([_worn(m, need.normal) for m in marks])
        old = np.flatnonzero(known_worth > 0.0)
        points = np.concatenate([known[old], spots.points[order]])
        chosen = _best_three(
            points, np.concatenate([known_worth[old], worth[order]]), len(old), need.normal
        )
        mine = [marks[old[i]].name for i in chosen if i < len(old)]
        target = need.target
        if mine:
            target = target.for_height_of(next(m.place for m in marks if m.name == mine[0]))
        for spot in (order[i - len(old)] for i in chosen if i >= len(old)):
            at_spot = spots.points[spot], spots.outward[spot]
            marks.append(dot_at(skin, *at_spot, tips, next(names), target))
            mine.append(marks[-1].name)
        targets.append(target)
        sets.append(tuple(sorted(mine, key=lambda name: (len(name), name))))
    return tuple(marks), tuple(sets), tuple(targets)


def _best_three(points: Float, worth: Float, n_old: int, normal: Float) -> tuple[int, ...]:
    """Return the three to take: the fewest new ones that are good enough against the best."""
    if len(points) < 3:
        raise ValueError("no three marks: too little of the rough's skin is on a piece")
    seen = points @ _across(normal).T
    three = np.array(list(combinations(range(len(points)), 3)))
    corners = seen[three]
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    u, v = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    least_width = np.abs(u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) / np.maximum(sides, 1e-300)
    score = np.round(least_width * worth[three].prod(axis=1), 6)
    new = (three >= n_old).sum(axis=1)
    top = score.max()
    for n in range(4):
        some = np.where(new == n, score, -1.0)
        if some.max() >= GOOD_ENOUGH * top:
            return tuple(int(i) for i in three[some.argmax()])
    raise AssertionError("the best is among them")


def _over_skin(outward: Float, tips: Float) -> Float:
    """Return two ways over the skin (2, 3), at right angles; they turn with the stone's tips."""
    ways = [tip - tips[0] for tip in tips[1:]]
    along = [way - float(way @ outward) * outward for way in ways]
    first = max(along, key=lambda way: round(float(np.linalg.norm(way)), 6))
    first = first / np.linalg.norm(first)
    return np.array([first, np.cross(outward, first)])


def _across(normal: Float) -> Float:
    """Return two directions (2, 3) at right angles to a normal and to each other."""
    out: Float = np.linalg.svd(normal[None, :])[2][1:]
    return out


def _clear(points: Float, need: Need) -> Float:
    """Return 0 to 1 for points (n, 3): how well they keep off saw and flat."""
    faces = [*need.walls, (need.normal, need.target.offset)]
    room = np.min([offset - points @ normal for normal, offset in faces], axis=0)
    share: Float = np.where(room >= LEAST_CLEAR, np.clip(room / CLEAR, 0.0, 1.0), 0.0)
    return share


def _beside(outward: Float, normal: Float) -> Float:
    """Return how well a try-square meets spots that look outward (n, 3), 0.5 to 1."""
    slope = np.abs(outward @ normal)
    out: Float = np.where(slope <= SIDEWAYS, 1.0, 1.0 - 0.5 * (slope - SIDEWAYS) / (1.0 - SIDEWAYS))
    return out


def _worn(mark: Mark, normal: Float) -> float:
    beside = float(_beside(mark.outward[None], normal)[0])
    return beside * (WORN if mark.kind == "tip" else 1.0)


def _reached(hollow: Float) -> Float:
    """Return 0.2 to 1: whether callipers reach spots so far below the hull (n,) mm."""
    out: Float = np.clip(HOLLOW / np.maximum(hollow, HOLLOW), 0.2, 1.0)
    return out


def _arcs(point: Float, outward: Float, marks: Float) -> float:
    """Return 0 to 1: how sharply the arcs of distances from marks cross on the skin."""
    away = point - marks
    slope = away / np.maximum(np.linalg.norm(away, axis=1), 1e-9)[:, None]
    return float(np.clip(_least_stretch(slope, outward) / SHARP_ARCS, 0.02, 1.0))


def _least_stretch(slope: Float, outward: Float) -> float:
    """Return the least change of distances with slopes (m, 3) for a step over the skin."""
    along = slope @ _across(outward).T
    return float(np.linalg.svd(along, compute_uv=False)[-1])


def _unlike_mirror(points: Float, marks: Float, spots: Spots) -> Float:
    """Return 1, or 0.3 where the mirrored place (through the marks' plane) is on the skin too.

    So is that of a spot near the plane: beside a sharp edge the two are then easily mixed up.
    """
    normal = np.cross(marks[1] - marks[0], marks[2] - marks[0])
    size = float(np.linalg.norm(normal))
    if size == 0.0:
        return np.ones(len(points))
    height = (points - marks[0]) @ (normal / size)
    mirrored = points - 2.0 * height[:, None] * (normal / size)
    out: Float = np.where(spots.gap(mirrored) < MIRROR, 0.3, 1.0)
    return out


def _letters() -> Iterable[str]:
    """Yield A to Z, then A2 to Z2, and so on."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for turn in count(1):
        for letter in letters:
            yield letter if turn == 1 else f"{letter}{turn}"

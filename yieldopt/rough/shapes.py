"""The forms rough stones have, each drawn by chance from a seed; about 2 long, about the origin."""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.chance import Chance
from yieldopt.rough.star import (
    FAR,
    Form,
    Radius,
    entry_of_ball,
    fans_of_polytope,
    gauge_of,
    icosahedron,
    marked,
    nearer,
    waves_of,
)

QUARTZ_TIP = np.radians(38.2)  # between the normals of prism m and rhombohedron r of quartz
GARNET_NORMALS = np.array(
    [(a, b, 0) for a in (1, -1) for b in (1, -1)]
    + [(a, 0, b) for a in (1, -1) for b in (1, -1)]
    + [(0, a, b) for a in (1, -1) for b in (1, -1)]
) / np.sqrt(2.0)
SPINEL_NORMALS = np.array([(a, b, c) for a in (1, -1) for b in (1, -1) for c in (1, -1)])
SPINEL_NORMALS = SPINEL_NORMALS / np.sqrt(3.0)


def pebble(chance: Chance) -> Form:
    """Return a stone rolled in water: no edges left, a little flatter one way."""
    flats = chance.rays(14)
    worn = gauge_of(flats, chance.many(0.86, 1.15, 14), wear=7.0, floor=0.88)
    swell = waves_of(chance, 3.0, 8, 0.05)
    grain = waves_of(chance, 11.0, 12, 0.004)

    def radius(rays: Float) -> Float:
        return marked(rays, (1.0 + swell(rays)) / worn(rays), grain)

    stretch = np.array([1.0, chance.between(0.72, 0.9), chance.between(0.55, 0.72)])
    return _round(radius, stretch)


def cratered(chance: Chance) -> Form:
    """Return a pebble eaten by deep pits: a sixth and more of its convex hull is missing."""
    swell = waves_of(chance, 3.0, 8, 0.05)
    grain = waves_of(chance, 13.0, 12, 0.006)
    pits = chance.apart(int(chance.between(8.0, 12.0)), 0.75)
    widths = chance.many(0.45, 0.75, len(pits))  # radians, half
    depths = chance.many(0.35, 0.55, len(pits))
    ragged = waves_of(chance, 4.0, 8, 0.12)

    def radius(rays: Float) -> Float:
        out = 1.0 + swell(rays)
        for ray, width, depth in zip(pits, widths, depths, strict=True):
            away = np.arccos(np.clip(rays @ ray, -1.0, 1.0)) / width
            away = np.maximum(away + ragged(rays), 0.0)
            out = out * (1.0 - depth * np.clip(1.0 - away * away, 0.0, 1.0) ** 1.5)
        return marked(rays, out, grain)

    return _round(radius, np.array([1.0, chance.between(0.8, 0.95), chance.between(0.68, 0.85)]))


def lump(chance: Chance) -> Form:
    """Return two thick arms at an angle, an L: its hull is mostly not stone."""
    lean = chance.between(-0.25, 0.25)
    thick, high = chance.between(0.3, 0.38), chance.between(0.28, 0.36)
    axes = np.array([[1.0, 0.0, 0.0], [lean, np.sqrt(1.0 - lean * lean), 0.0]])
    lengths = np.array([1.5, chance.between(1.15, 1.45)])
    arms = []
    for along, length in zip(axes, lengths, strict=True):
        across = np.array([-along[1], along[0], 0.0])
        up = np.array([0.0, 0.0, 1.0])
        normals = np.array([along, -along, across, -across, up, -up])
        offsets = np.array([length, thick, thick, thick, high, high])
        arms.append(gauge_of(normals, offsets * chance.many(0.9, 1.1, 6), wear=7.0, floor=0.0))
    swell = waves_of(chance, 4.0, 10, 0.035)
    grain = waves_of(chance, 13.0, 14, 0.009)

    def radius(rays: Float) -> Float:
        one, other = arms[0](rays), arms[1](rays)
        joined = (one**-10.0 + other**-10.0) ** 0.1
        return marked(rays, marked(rays, joined, swell), grain)

    return _round(radius, np.ones(3))


def prism(chance: Chance) -> Form:
    """Return a hexagonal prism with two points, as quartz grows; z is the c-axis."""
    normals, offsets = hexagonal(chance, slim=chance.between(0.42, 0.55), uneven=0.12)
    marks = growth_lines(chance, lines=60.0, depth=0.004)
    return crystal(normals, offsets, marks, wear=90.0)


def needle(chance: Chance) -> Form:
    """Return a prism six to eight times as long as it is thick, ribbed along z."""
    slim = chance.between(0.11, 0.15)
    normals, offsets = hexagonal(chance, slim=slim, uneven=0.2)
    waves = np.array([5.0, 7.0, 11.0, 16.0])  # ribs round the stone
    phases = chance.many(0.0, 2.0 * np.pi, 4)

    def ribs(points: Float) -> Float:
        turn = np.arctan2(points[:, 1], points[:, 0])
        height = 0.018 * slim * np.sin(turn[:, None] * waves + phases).sum(axis=1)
        on_sides = np.clip((0.82 - np.abs(points[:, 2])) / 0.15, 0.0, 1.0)
        # A rib stands sideways: far up the needle the ray, nearly along z, must go longer for it.
        leg = np.maximum(np.sqrt(points[:, 0] ** 2 + points[:, 1] ** 2), 0.3 * slim)
        out: Float = height * on_sides * np.sqrt(1.0 + (points[:, 2] / leg) ** 2)
        return out

    return crystal(normals, offsets, ribs, wear=40.0)


def octahedron(chance: Chance) -> Form:
    """Return an octahedron with faces unevenly grown, as spinel and diamond."""
    offsets = 0.58 * chance.many(0.9, 1.1, 8)
    return crystal(SPINEL_NORMALS, offsets, waves_of(chance, 9.0, 10, 0.004), wear=70.0)


def dodecahedron(chance: Chance) -> Form:
    """Return a rhombic dodecahedron with faces unevenly grown, as garnet."""
    offsets = 0.8 * chance.many(0.92, 1.08, 12)
    return crystal(GARNET_NORMALS, offsets, waves_of(chance, 8.0, 10, 0.005), wear=60.0)


def broken(chance: Chance) -> Form:
    """Return a stout crystal with pieces struck off: hollow, rippled flats, as quartz breaks."""
    normals, offsets = hexagonal(chance, slim=chance.between(0.62, 0.75), uneven=0.15)
    blows = chance.apart(int(chance.between(4.0, 6.0)), 1.0)
    depths = chance.many(0.32, 0.55, len(blows))
    sizes = chance.many(1.0, 2.0, len(blows))
    marks = growth_lines(chance, lines=45.0, depth=0.003)
    sides = chance.rays(len(blows))

    def flats(rays: Float) -> Float:
        out = np.full(len(rays), FAR)
        for blow, depth, size, side in zip(blows, depths, sizes, sides, strict=True):
            face = entry_of_ball(rays, blow * (depth + size), size)
            across = np.cross(blow, side)
            struck = 0.7 * blow + 0.7 * across / np.sqrt(across @ across)  # where the blow fell
            away = np.sqrt(((rays * face[:, None] - struck) ** 2).sum(axis=1))
            ripples = 0.007 * np.sin(30.0 * away) / (0.5 + away)
            out = nearer(out, face * (1.0 + ripples), wear=40.0)
        return out

    return crystal(normals, offsets, marks, wear=90.0, flats=flats)


def slab(chance: Chance) -> Form:
    """Return a thin sawn plate with a broken rim."""
    number = int(chance.between(6.0, 9.0))
    turn = 2.0 * np.pi * (np.arange(number) + chance.many(-0.25, 0.25, number)) / number
    lift = chance.many(-0.25, 0.25, number)
    rim = np.column_stack([np.cos(lift) * np.cos(turn), np.cos(lift) * np.sin(turn), np.sin(lift)])
    tilt = chance.between(0.0, 2.0 * np.pi)
    faces = np.array([[0.03 * np.cos(tilt), 0.03 * np.sin(tilt), 1.0], [0.0, 0.0, -1.0]])
    normals = np.concatenate([faces / np.sqrt((faces**2).sum(axis=1))[:, None], rim])
    thick = chance.between(0.14, 0.2)
    offsets = np.concatenate([[thick, thick], chance.many(0.62, 0.9, number)])
    chips = waves_of(chance, 11.0, 14, 0.04)

    def marks(points: Float) -> Float:
        at_rim = np.clip(1.0 - np.abs(points[:, 2]) / (1.1 * thick), 0.0, 1.0)
        out: Float = chips(points) * np.sqrt(at_rim)
        return out

    return crystal(normals, offsets, marks, wear=80.0)


def hexagonal(chance: Chance, *, slim: float, uneven: float) -> tuple[Float, Float]:
    """Return half-spaces of six sides and three and three faces a tip, the tips 1 from 0."""
    turn = np.arange(6) * np.pi / 3.0
    sides = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(6)])
    tips = []
    for up in (1.0, -1.0):
        tip = sides * np.cos(QUARTZ_TIP)
        tip[:, 2] = up * np.sin(QUARTZ_TIP)
        tips.append(tip)
    height = np.sin(QUARTZ_TIP)
    alternating = np.tile([1.0, 1.08], 3)  # r grows slower than z, and shows larger
    offsets = np.concatenate(
        [
            slim * chance.many(1.0 - uneven, 1.0 + uneven, 6),
            height * alternating * chance.many(0.95, 1.03, 6),
            height * np.roll(alternating, 1) * chance.many(0.95, 1.03, 6),
        ]
    )
    return np.concatenate([sides, *tips]), offsets


def crystal(
    normals: Float, offsets: Float, marks: Radius, *, wear: float, flats: Radius | None = None
) -> Form:
    """Return a polytope with worn edges, marks on its skin, and flats struck off."""
    points, faces = fans_of_polytope(normals, offsets)
    gauge = gauge_of(normals, offsets, wear=wear, floor=0.0)

    def radius(rays: Float) -> Float:
        whole = marked(rays, 1.0 / gauge(rays), marks)
        return whole if flats is None else nearer(whole, flats(rays), wear=35.0)

    return Form(points=points, faces=faces, radius=radius, stretch=np.ones(3))


def _round(radius: Radius, stretch: Float) -> Form:
    """Return a body without edges."""
    points, faces = icosahedron()
    return Form(points=points, faces=faces, radius=radius, stretch=stretch)


def growth_lines(chance: Chance, *, lines: float, depth: float) -> Radius:
    """Return fine steps across z, as quartz shows on its sides."""
    phases = chance.many(0.0, 2.0 * np.pi, 3)
    wander = waves_of(chance, 4.0, 6, 1.2)

    def steps(points: Float) -> Float:
        height = points[:, 2] + 0.02 * wander(points)
        waves = np.sin(lines * np.array([0.31, 0.55, 1.0]) * height[:, None] + phases)
        on_sides = np.clip(2.0 - 2.5 * np.abs(points[:, 2]), 0.0, 1.0)
        out: Float = depth * waves.sum(axis=1) / 3.0 * on_sides
        return out

    return steps

"""A girdle's outline, and the lines between teeth that meets are built from.

Seen from above, every facet is a line at a fixed tooth whose distance from the axis changes
with the height. All distances of a family are linear in a few *marks* (the distances of the
girdle's edges, half the length, the half-width, half the table), so a facet's distance is a
*form*: one coefficient a mark. Where two lines of forms meet, a line at a tooth between them
has a form again, with coefficients >= 0. That makes the families closed, fast, and monotone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from yieldopt.cuts.gears import mirrored, part, ring
from yieldopt.geometry.arrays import Float

GEAR = 96  # the gear where none is named
HALF_WIDTH = 0.5  # of a cut of unit width

Forms = dict[int, Float]  # by tooth


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A convex girdle polygon of unit width, as wide along y as unit width says.

    Parameters
    ----------
    edges
        Teeth of the edges, grouped: those of a group stand at the same distance.
    distances
        From length/width (b,) to the distances of the groups (b, len(edges)) from the axis.
        None may fall where length/width rises.
    gear
        Teeth of the gear.
    has_length
        Whether length/width is free; it is 1 where not.
    """

    edges: tuple[tuple[int, ...], ...]
    distances: Callable[[Float], Float]
    gear: int = GEAR
    has_length: bool = True

    @property
    def n_marks(self) -> int:
        """Edge groups, half the length, the half-width, half the table."""
        return len(self.edges) + 3

    def marks(self, length_width: Float, table: Float) -> Float:
        """Return the marks (b, n_marks) for length/width (b,) and table/width (b,)."""
        out = np.empty((len(table), self.n_marks))
        out[:, :-3] = self.distances(length_width)
        out[:, -3] = HALF_WIDTH * length_width
        out[:, -2] = HALF_WIDTH
        out[:, -1] = HALF_WIDTH * table
        return out

    def edge_forms(self) -> Forms:
        """Return the form of each edge, by tooth."""
        return {tooth: self._unit(i) for i, ring in enumerate(self.edges) for tooth in ring}

    @property
    def half_length(self) -> Float:
        """The form of half the length."""
        return self._unit(-3)

    @property
    def half_width(self) -> Float:
        """The form of half the width: a constant."""
        return self._unit(-2)

    @property
    def half_table(self) -> Float:
        """The form of half the table's width."""
        return self._unit(-1)

    def _unit(self, mark: int) -> Float:
        form = np.zeros(self.n_marks)
        form[mark] = 1.0
        return form


def azimuth(tooth: float, gear: int = GEAR) -> float:
    """Return the angle of a tooth from +y towards +x, rad."""
    return 2.0 * np.pi * tooth / gear


def neighbours(teeth: Mapping[int, object], at: int) -> tuple[int, int]:
    """Return the teeth next below and next above a tooth that is none of them."""
    order = sorted(teeth)
    below = max((t for t in order if t < at), default=order[-1])
    above = min((t for t in order if t > at), default=order[0])
    return below, above


def met(forms: Forms, at: int, gear: int) -> Float:
    """Return the form of the line at tooth `at` through the corner of its neighbours.

    `e(at) = a e(below) + b e(above)` gives `a`, `b` >= 0 for a tooth between them that are
    less than half a turn apart: what the neighbours gain, the line gains.
    """
    return turned(forms, at, at, gear)


def turned(forms: Forms, corner: int, at: int, gear: int) -> Float:
    """Return the form of the line at tooth `at` through the corner about tooth `corner`."""
    below, above = neighbours(forms, corner)
    to_above = np.sin(azimuth(above - at, gear))
    from_below = np.sin(azimuth(at - below, gear))
    spread = np.sin(azimuth(above - below, gear))
    form: Float = (forms[below] * to_above + forms[above] * from_below) / spread
    return form


def fixed_outline(rings: Mapping[tuple[int, ...], float], gear: int) -> Outline:
    """Return edges at distances (relative ones) that do not change, scaled to unit width."""
    return _scaled(tuple(rings), np.array(list(rings.values())), gear)


def _scaled(edges: tuple[tuple[int, ...], ...], distances: Float, gear: int) -> Outline:
    """Return a fixed outline, as wide along y as unit width says."""
    by_tooth = {t: float(d) for ring_, d in zip(edges, distances, strict=True) for t in ring_}
    order = sorted(by_tooth)
    across = []
    for below, above in zip(order, order[1:] + order[:1], strict=True):
        a, b = azimuth(below, gear), azimuth(above, gear)
        x_y = np.linalg.solve(
            [[np.sin(a), np.cos(a)], [np.sin(b), np.cos(b)]], [by_tooth[below], by_tooth[above]]
        )
        across.append(float(x_y[1]))
    unit = distances / (max(across) - min(across))
    return Outline(
        edges=edges,
        distances=lambda length_width: np.repeat(unit[None], len(length_width), axis=0),
        gear=gear,
        has_length=False,
    )


def round_outline(breaks: Mapping[int, tuple[int, ...]], gear: int) -> Outline:
    """Return edges that touch one circle, with corners at tooth 0 and half a turn on.

    Parameters
    ----------
    breaks
        Teeth of each group of mirrored edges, by the least of them.
    gear
        Teeth of the gear.
    """
    # On the usual gears all edges share a mark; elsewhere they share the distance all the same.
    edge = HALF_WIDTH * np.cos(azimuth(min(breaks), gear))
    return Outline(
        edges=(tuple(sorted(t for teeth in breaks.values() for t in teeth)),),
        distances=lambda length_width: np.full((len(length_width), 1), edge),
        gear=gear,
        has_length=False,
    )


def regular_outline(fold: int, gear: int, *, first: int = 0) -> Outline:
    """Return a regular polygon with edges at tooth `first` and every `fold`-th of a turn."""
    return fixed_outline({ring(first, gear, fold): 1.0}, gear)


def ellipse_outline(*, teeth: tuple[int, ...], gear: int = GEAR) -> Outline:
    """Return edges that touch an ellipse, mirrored at both axes, corners on the axes.

    Parameters
    ----------
    teeth
        Edges of the first quarter, rising, none on an axis.
    gear
        Teeth of the gear.

    Notes
    -----
    An edge at azimuth `f` touches the ellipse of half-axes `a`, 1 at the distance
    `hypot(a sin f, cos f)`. Scaled so that the corners on the axes stand at half the width
    and half the length, its square is linear in the square of length/width.
    """
    sin = np.sin([azimuth(t, gear) for t in teeth])
    cos = np.cos([azimuth(t, gear) for t in teeth])
    first, last = (sin[0] / cos[0]) ** 2, (cos[-1] / sin[-1]) ** 2
    rise = (sin**2 - first * cos**2) / (1.0 - first * last)
    start = (cos**2 - last * sin**2) / (1.0 - first * last)

    def distances(length_width: Float) -> Float:
        out: Float = HALF_WIDTH * np.sqrt(start + rise * (length_width * length_width)[:, None])
        return out

    return Outline(edges=tuple(mirrored(t, gear) for t in teeth), distances=distances, gear=gear)


def rectangle_outline(*, gear: int = GEAR) -> Outline:
    """Return a rectangle, the length along x."""
    quarter = part(gear, 4)

    def distances(length_width: Float) -> Float:
        out = np.empty((len(length_width), 2))
        out[:, 0] = HALF_WIDTH
        out[:, 1] = HALF_WIDTH * length_width
        return out

    return Outline(
        edges=(mirrored(0, gear), mirrored(quarter, gear)), distances=distances, gear=gear
    )


def cut_corner_outline(*, corner: float, gear: int = GEAR, has_length: bool = True) -> Outline:
    """Return a rectangle whose corners are cut at half a right angle.

    Parameters
    ----------
    corner
        What a cut takes from each of the two sides, as a share of the width.
    gear
        Teeth of the gear.
    has_length
        False for a square.
    """
    quarter, eighth = part(gear, 4), part(gear, 8)

    def distances(length_width: Float) -> Float:
        out = np.empty((len(length_width), 3))
        out[:, 0] = HALF_WIDTH
        out[:, 1] = HALF_WIDTH * length_width
        out[:, 2] = (HALF_WIDTH * (1.0 + length_width) - corner) / np.sqrt(2.0)
        return out

    return Outline(
        edges=(mirrored(0, gear), mirrored(quarter, gear), mirrored(eighth, gear)),
        distances=distances,
        gear=gear,
        has_length=has_length,
    )

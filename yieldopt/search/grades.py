"""Clarity of many stones at once, by bodies in place of triangles: for estimates alone.

A body is a box with a ball rolled round it, and most flaws are balls alone, whose reach is the
same in all directions. So boxes are looked at apart, and flaws outside all the stones not at all.
A needle that passes an edge is beyond no single facet: what of it all facets leave over is looked
at (with six needles in a rough every second stone beside them was taken to hold one).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.search.worth import Appraiser
from yieldopt.value.clarity import END_ON, ZONES
from yieldopt.value.flaw_bodies import FlawBodies
from yieldopt.value.zones import Zones

CULET = ZONES.index("culet")
GIRDLE = ZONES.index("girdle")


@dataclass(slots=True, kw_only=True)
class Grader:
    """Grades stones of a rough.

    Parameters
    ----------
    appraiser
        Of the problem: its graded flaws, and the rule of its market.
    kept
        Numbers of the flaws that may stay inside; of all others the stones keep clear.
    """

    appraiser: Appraiser
    kept: frozenset[int]
    _bodies: FlawBodies = field(init=False)
    _boxes: np.ndarray = field(init=False)
    _needles: np.ndarray = field(init=False)
    _weights: Float = field(init=False)
    _places: Float = field(init=False)
    _held: np.ndarray = field(init=False)
    _whole: Float = field(init=False)

    def __post_init__(self) -> None:
        """Work out what no pose changes."""
        market = self.appraiser.market
        rule = market.book.clarity
        at = [i for i, number in enumerate(self.appraiser.numbers) if number in self.kept]
        bodies = self._bodies = _picked(self.appraiser.bodies, at)
        self._boxes = np.flatnonzero(np.abs(bodies.half_axes).max(axis=(1, 2), initial=0.0) > 0.0)
        self._needles = np.flatnonzero([kind == "needle" for kind in bodies.kinds])
        self._weights = np.array([rule.kinds[kind] for kind in bodies.kinds])
        self._places = np.array([rule.places[zone] for zone in ZONES])
        free = {name.split(" (")[0] for name in market.open_cracks}
        pairs = zip(bodies.kinds, bodies.names, strict=True)
        self._held = np.array(
            [kind == "crack" and name.split(" (")[0] not in free for kind, name in pairs],
            dtype=bool,
        )
        squares = np.linalg.eigvalsh(bodies.spreads[self._boxes])[:, -1]
        self._whole = END_ON * np.sqrt(np.maximum(squares, 0.0))

    def grades(
        self,
        normals: Float,
        offsets: Float,
        rotations: Float,
        translations: Float,
        zones: Zones,
        widths: Float,
    ) -> tuple[list[str], np.ndarray]:
        """Return the clarity (b,) of stones, and which of them have an open crack.

        Parameters
        ----------
        normals, offsets
            (b, m, 3), (b, m) mm of the stones in their own frame.
        rotations, translations
            (b, 3, 3), (b, 3) mm.
        zones, widths
            The parts of a gem of unit width, and how wide each stone is, (b,) mm.
        """
        market, bodies = self.appraiser.market, self._bodies
        rule = market.book.clarity
        centres = (bodies.centres - translations[:, None]) @ rotations
        facets = normals.transpose(0, 2, 1)
        height = centres @ facets - offsets[:, None]
        low = high = height.max(axis=2)
        axes = self._axes(rotations)
        if len(self._boxes):
            reach = _reach(axes, facets)
            low, high = low.copy(), high.copy()
            low[:, self._boxes] = (height[:, self._boxes] - reach).max(axis=2)
            high[:, self._boxes] = (height[:, self._boxes] + reach).max(axis=2)
        margin = self.appraiser.problem.limits.inclusion_margin
        outside = low - bodies.radii >= margin
        if len(self._needles):
            along = bodies.half_axes[self._needles, 0] @ rotations
            room = bodies.radii[self._needles, None] + margin - height[:, self._needles]
            outside[:, self._needles] |= _passes_by(along @ facets, room)
        inside = high + bodies.radii <= -rule.cover
        met = np.flatnonzero(~outside.all(axis=0))
        refused = (self._held & ~outside & ~inside).any(axis=1)
        if len(met) == 0:
            return [rule.ladder[0]] * len(widths), refused
        at = self._zones(centres, axes, zones, widths, met)
        sizes = self._extents(rotations, met) * self._places[at] * self._weights[met]
        sizes = np.where(inside[:, met], sizes, sizes * rule.open_weight)
        seen = np.sqrt((np.where(outside[:, met], 0.0, sizes) ** 2).sum(axis=1))
        return [rule.grade(float(size), market.clarity_type) for size in seen], refused

    def _axes(self, rotations: Float) -> Float:
        """Return the half-axes of the boxes in the stones' frames, (b, k, 3, 3)."""
        out: Float = self._bodies.half_axes[self._boxes] @ rotations[:, None]
        return out

    def _zones(
        self, centres: Float, axes: Float, zones: Zones, widths: Float, met: np.ndarray
    ) -> np.ndarray:
        """Return the worst zone of each flaw that is met at all, (b, k): places in `ZONES`."""
        bodies = self._bodies
        at = np.full(centres.shape[:2], GIRDLE)
        for name, flat, edge in (
            ("crown", zones.rim_normals, zones.rim_offsets),
            ("table", zones.table_normals, zones.table_offsets),
        ):
            excess = centres[..., :2] @ flat.T - edge * widths[:, None, None]
            far = excess.max(axis=2)
            if len(self._boxes):
                far[:, self._boxes] = (
                    excess[:, self._boxes] - np.abs(axes[..., :2] @ flat.T).sum(axis=2)
                ).max(axis=2)
            at[far < bodies.radii] = ZONES.index(name)
        lowest = centres[..., 2] - bodies.radii
        if len(self._boxes):
            lowest[:, self._boxes] -= np.abs(axes[..., 2]).sum(axis=2)
        at[lowest < zones.culet_below * widths[:, None]] = CULET
        return at[:, met]

    def _extents(self, rotations: Float, met: np.ndarray) -> Float:
        """Return how long each flaw that is met looks through the table, (b, k) mm."""
        bodies = self._bodies
        out = np.tile(2.0 * bodies.radii, (len(rotations), 1))
        if len(self._boxes):
            level = rotations[:, None, :, :2]
            shadow = level.transpose(0, 1, 3, 2) @ bodies.spreads[self._boxes] @ level
            half_sum = 0.5 * (shadow[..., 0, 0] + shadow[..., 1, 1])
            half_gap = 0.5 * (shadow[..., 0, 0] - shadow[..., 1, 1])
            square = half_sum + np.hypot(half_gap, shadow[..., 0, 1])
            longest = np.sqrt(np.maximum(square, 0.0))
            out[:, self._boxes] += np.maximum(longest, self._whole)
        return out[:, met]


def _picked(bodies: FlawBodies, at: Sequence[int]) -> FlawBodies:
    """Return the bodies of these places."""
    which = list(at)
    return FlawBodies(
        names=tuple(bodies.names[i] for i in which),
        kinds=tuple(bodies.kinds[i] for i in which),
        centres=bodies.centres[which],
        half_axes=bodies.half_axes[which],
        radii=bodies.radii[which],
        spreads=bodies.spreads[which],
        surfaces=tuple(bodies.surfaces[i] for i in which),
        corners=tuple(bodies.corners[i] for i in which),
        solid=tuple(bodies.solid[i] for i in which),
    )


def _passes_by(slopes: Float, room: Float) -> np.ndarray:
    """Tell which needles (b, k) no stone comes near, though no facet alone keeps them off.

    Parameters
    ----------
    slopes
        (b, k, m) how much nearer to each facet's outside the needle's end is than its middle, mm.
    room
        (b, k, m) how far its middle is within each facet, moved out by radius and margin, mm.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        at = room / slopes  # where along the needle it meets the facet: -1 to 1 are its ends
    last = np.where(slopes > 0.0, at, 1.0).min(axis=2)
    first = np.where(slopes < 0.0, at, -1.0).max(axis=2)
    return np.asarray(np.maximum(first, -1.0) > np.minimum(last, 1.0))


def _reach(axes: Float, facets: Float) -> Float:
    """Return how far boxes (b, k, 3, 3) reach along facets (b, 3, m), (b, k, m)."""
    b, k = axes.shape[:2]
    along = np.abs(axes.reshape(b, 3 * k, 3) @ facets)
    out: Float = along.reshape(b, k, 3, facets.shape[2]).sum(axis=2)
    return out

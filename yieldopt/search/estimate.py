"""What many stones of one cut are worth at once: the same sums as `search.worth`, near enough.

A flaw counts by its body (a box with a ball rolled round it) instead of its triangles, and a
gem's parts by known proportions: never dearer for a flaw's reach than it is, and 20 times as fast.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.kernels.batch import Starts
from yieldopt.plan.record import OrientationRule
from yieldopt.search.local import weights
from yieldopt.search.worth import REFUSED, TABLE_ALONE, WITHIN, Appraiser, Looks
from yieldopt.units import weight_ct
from yieldopt.value.clarity import ZONES, seen_extents
from yieldopt.value.colour import OFF, ON, table_angles, zone_words
from yieldopt.value.curve import ValueCurve
from yieldopt.value.orders import Wish
from yieldopt.value.sizes import ROUNDING, CalibratedSize

CHUNK = 32  # starts valued at once
MOST_VALUED = 96  # of the heaviest, when the dearest are picked
SIZES_TRIED = 2  # the largest trade sizes that a stone may shrink to
LENGTH = "length_width"
Key = tuple[str, bool, str, str, bool]


@dataclass(slots=True, kw_only=True)
class Estimator:
    """Values starts of one cut.

    Parameters
    ----------
    appraiser
        Of the problem.
    cut
        Of all the starts.
    aim
        The size they are to be of; None where any will do.
    theta, looks
        (p,) proportions whose parts are known, and those.
    """

    appraiser: Appraiser
    cut: Cut
    aim: CalibratedSize | None
    theta: Float
    looks: Looks
    evaluations: int = 0
    _curves: dict[Key, ValueCurve] = field(init=False, default_factory=dict)
    _wanted: tuple[CalibratedSize, ...] = field(init=False)
    _agreed: tuple[tuple[Wish, ValueCurve], ...] = field(init=False)
    _sizes: dict[float, Float] = field(init=False, default_factory=dict)
    _large: tuple[tuple[OrientationRule, Float], ...] = field(init=False)
    _kinds: Float = field(init=False)
    _held: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        """Work out what is the same for all starts: a climb asks hundreds of times."""
        appraiser, bodies = self.appraiser, self.appraiser.bodies
        market = appraiser.market
        self._wanted = (self.aim,) if self.aim else market.sizes_wanted(self.cut.name)
        self._agreed = tuple(
            (wish, market.wish_curve(wish)) for wish in market.agreed_for(self.cut.name)
        )
        self._large = ()
        if appraiser.cleavages:
            areas = self.looks.solid.areas
            share = areas / areas.sum()
            self._large = tuple(
                (rule, self.looks.solid.normals[share >= min(rule.share, TABLE_ALONE)])
                for rule in appraiser.cleavages
            )
        self._kinds = np.array([market.book.clarity.kinds[kind] for kind in bodies.kinds])
        free = {name.split(" (")[0] for name in market.open_cracks}
        self._held = np.array(
            [
                kind == "crack" and name.split(" (")[0] not in free
                for kind, name in zip(bodies.kinds, bodies.names, strict=True)
            ],
            dtype=bool,
        )

    def values(self, starts: Starts, which: Sequence[int] | np.ndarray) -> Float:
        """Return what the starts of these numbers are worth, (k,), at the best of their sizes."""
        which = np.asarray(which, dtype=np.int64)
        out = np.full(len(which), REFUSED)
        rows, widths = self._rows(starts, which)
        if len(rows):
            own = self._valued(starts, which[rows], widths)
            np.maximum.at(out, rows, own)
        self.evaluations += len(rows)
        return out

    def kinds(self, starts: Starts) -> list[Key | None]:
        """Return what each start is sold as, as large as it is; None where nothing may be cut."""
        widths = np.maximum(starts.scale, 0.0)
        grades, refused = self._grades(starts.theta, starts.rotation, starts.translation, widths)
        directions = self._directions(starts.rotation)
        words = self._zone_words(starts.rotation, starts.translation, widths)
        broken = self._broken(starts.rotation)
        return [
            None if refused[k] or widths[k] <= 0.0
            else (grades[k], False, directions[k], words[k], broken[k])
            for k in range(len(widths))
        ]  # fmt: skip

    def _rows(self, starts: Starts, which: np.ndarray) -> tuple[np.ndarray, Float]:
        """Return the sizes that are tried: places in `which` (k,), widths (k,) mm."""
        rows, widths = [], []
        least = self.appraiser.problem.limits.min_width
        lengths = self._lengths(starts.theta[which])
        for row, i in enumerate(which):
            width = float(starts.scale[i])
            if width <= 0.0 or starts.volume[i] <= 0.0 or width < least:
                continue
            rows.append(row)
            widths.append(width)
            length = float(lengths[row])
            found = []
            for size in self._wanted:
                near = size.tolerance - WITHIN
                most = min((size.width + near) / self.looks.width, (size.length + near) / length)
                low = max((size.width - near) / self.looks.width, (size.length - near) / length)
                if low <= most and max(low, least) <= width:
                    found.append(min(most, width))
            for own in sorted(found)[-SIZES_TRIED:]:
                rows.append(row)
                widths.append(own)
        return np.array(rows, dtype=np.int64), np.array(widths)

    def _lengths(self, thetas: Float) -> Float:
        """Return the lengths (b,) of gems of unit width."""
        for q, own in enumerate(self.cut.proportions):
            if own.name == LENGTH:
                out: Float = thetas[:, q] * (self.looks.length / self.theta[q])
                return out
        return np.full(len(thetas), self.looks.length)

    def _valued(self, starts: Starts, at: np.ndarray, widths: Float) -> Float:
        appraiser = self.appraiser
        market, problem = appraiser.market, appraiser.problem
        rotations, translations = starts.rotation[at], starts.translation[at]
        volumes = widths**3 * starts.volume[at]
        grades, refused = self._grades(starts.theta[at], rotations, translations, widths)
        directions = self._directions(rotations)
        words = self._zone_words(rotations, translations, widths)
        broken = self._broken(rotations)
        out = np.empty(len(at))
        lengths = self._lengths(starts.theta[at]) * widths
        across = self.looks.width * widths
        for k, volume in enumerate(volumes):
            if refused[k]:
                out[k] = REFUSED
                continue
            weight = weight_ct(float(volume), problem.specific_gravity)
            sizes, tolerance = self._trade_sizes(weight)
            off = np.maximum(np.abs(sizes[:, 0] - lengths[k]), np.abs(sizes[:, 1] - across[k]))
            is_size = bool((off <= tolerance).any())
            out[k] = self._curve((grades[k], is_size, directions[k], words[k], broken[k])).value(
                weight
            )
            for wish, curve in self._agreed:
                if market.size_of(wish, weight).holds(float(lengths[k]), float(across[k])):
                    out[k] = max(out[k], curve.value(weight))
        return out

    def _trade_sizes(self, weight: float) -> tuple[Float, float]:
        """Return the trade's lengths and widths (k, 2), and how far a stone may be off, mm."""
        market = self.appraiser.market
        tolerance = market.tolerance_of(weight)
        if tolerance not in self._sizes:
            sizes = market.trade_sizes(self.cut.name, weight)
            self._sizes[tolerance] = np.array([(s.length, s.width) for s in sizes]).reshape(-1, 2)
        return self._sizes[tolerance], tolerance + ROUNDING

    def _curve(self, key: Key) -> ValueCurve:
        if key not in self._curves:
            grade, is_size, direction, word, broken = key
            market = self.appraiser.market
            sale = market.sale(
                self.cut.name,
                clarity=grade,
                calibrated=is_size,
                colour_direction=direction,
                colour_zone=word,
            )
            self._curves[key] = market.curve(sale, on_cleavage=broken)
        return self._curves[key]

    def _grades(
        self, thetas: Float, rotations: Float, translations: Float, widths: Float
    ) -> tuple[list[str], np.ndarray]:
        """Return the clarity of stones, and which (b,) have an open crack."""
        appraiser = self.appraiser
        market, bodies, zones = appraiser.market, appraiser.bodies, self.looks.zones
        rule = market.book.clarity
        b = len(rotations)
        if zones is None:
            return [rule.ladder[0]] * b, np.zeros(b, dtype=bool)
        normals, offsets = self.cut.planes(thetas)
        n = len(self.looks.solid.normals)
        normals, offsets = normals[:, :n], offsets[:, :n] * widths[:, None]
        centres = np.einsum("bfi,bij->bfj", bodies.centres - translations[:, None], rotations)
        axes = np.einsum("fki,bij->bfkj", bodies.half_axes, rotations)
        reach = np.abs(np.einsum("bfkj,bmj->bfkm", axes, normals)).sum(axis=2)
        reach += bodies.radii[:, None]
        height = np.einsum("bfj,bmj->bfm", centres, normals) - offsets[:, None]
        margin = appraiser.problem.limits.inclusion_margin
        outside = (height - reach).max(axis=2) >= margin
        inside = (height + reach).max(axis=2) <= -rule.cover
        at = np.full(outside.shape, ZONES.index("girdle"))
        for name, flat, edge in (
            ("crown", zones.rim_normals, zones.rim_offsets),
            ("table", zones.table_normals, zones.table_offsets),
        ):
            own = np.abs(axes[..., :2] @ flat.T).sum(axis=2) + bodies.radii[:, None]
            excess = centres[..., :2] @ flat.T - edge * widths[:, None, None] - own
            at[excess.max(axis=2) < 0.0] = ZONES.index(name)
        low = centres[..., 2] - np.abs(axes[..., 2]).sum(axis=2) - bodies.radii
        at[low < zones.culet_below * widths[:, None]] = ZONES.index("culet")
        places = np.array([rule.places[zone] for zone in ZONES])
        sizes = seen_extents(bodies, rotations) * places[at] * self._kinds
        sizes = np.where(outside, 0.0, np.where(inside, sizes, sizes * rule.open_weight))
        seen = np.sqrt((sizes**2).sum(axis=1))
        refused = (self._held & ~outside & ~inside).any(axis=1)
        return [rule.grade(float(size), market.clarity_type) for size in seen], refused

    def _directions(self, rotations: Float) -> list[str]:
        rule = self.appraiser.direction
        if rule is None:
            return [""] * len(rotations)
        angles = table_angles(rotations, rule.axis)
        return [ON if rule.low <= angle <= rule.high else OFF for angle in angles]

    def _zone_words(self, rotations: Float, translations: Float, widths: Float) -> list[str]:
        if self.looks.samples is None:
            return [""] * len(rotations)
        # Scaled rotations place the samples of a gem of unit width.
        larger = rotations * widths[:, None, None]
        columns = [
            zone_words(zone, self.looks.samples, larger, translations)
            for zone in sorted(self.appraiser.market.zones, key=lambda zone: zone.wanted)
        ]
        return [next((word for word in own if word), "") for own in zip(*columns, strict=True)]

    def _broken(self, rotations: Float) -> list[bool]:
        out = np.zeros(len(rotations), dtype=bool)
        for rule, held in self._large:
            own = (rule.axis @ rotations) @ held.T
            angles = np.arccos(np.clip(np.abs(own), 0.0, 1.0))
            out |= (angles < rule.low).any(axis=1) | (angles > rule.high).any(axis=1)
        return out.tolist()


def varied(estimator: Estimator, starts: Starts, n: int) -> np.ndarray:
    """Return the numbers of the n heaviest of each kind: sold by other words, they lie apart."""
    volumes = weights(starts)
    kinds = estimator.kinds(starts)
    estimator.evaluations += len(kinds)
    count: dict[Key, int] = {}
    out = []
    for i in np.argsort(-volumes, kind="stable"):
        kind = kinds[i]
        if kind is None or volumes[i] <= 0.0:
            continue
        count[kind] = count.get(kind, 0) + 1
        if count[kind] <= n:
            out.append(int(i))
    return np.array(out, dtype=np.int64)


def better_half(estimator: Estimator, starts: Starts) -> Float:
    """Return the values (b,) of starts; of the better half they are told, the others may not be.

    A climb goes by its better half alone, so what cannot be among it is not valued.
    """
    volumes = weights(starts)
    order = np.argsort(-volumes, kind="stable")
    half = max(1, len(order) // 2)
    out = np.full(len(volumes), REFUSED)
    for first in range(0, len(order), half):
        known = float(np.partition(out, -half)[-half])
        part = order[first : first + half]
        most = estimator.appraiser.most_of(estimator.cut.name, float(volumes[part[0]]))
        if known > REFUSED and most <= known:
            break
        out[part] = estimator.values(starts, part)
    return out


def dearest(estimator: Estimator, starts: Starts, n: int) -> np.ndarray:
    """Return the numbers of the n dearest, dearest first; those that cannot be are not valued."""
    volumes = weights(starts)
    order = np.argsort(-volumes, kind="stable")
    order = order[volumes[order] > 0.0][:MOST_VALUED] if n else order[:0]
    numbers, values = np.empty(0, dtype=np.int64), np.empty(0)
    for first in range(0, len(order), CHUNK):
        part = order[first : first + CHUNK]
        most = estimator.appraiser.most_of(estimator.cut.name, float(volumes[part[0]]))
        if len(values) >= n and most <= values[n - 1]:
            break
        numbers = np.concatenate([numbers, part])
        values = np.concatenate([values, estimator.values(starts, part)])
        best = np.argsort(-values, kind="stable")[:n]
        numbers, values = numbers[best], values[best]
    return numbers[values > REFUSED]

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
from yieldopt.kernels.solid import CORNERS, measure_solid
from yieldopt.plan.record import OrientationRule
from yieldopt.search.grades import Grader
from yieldopt.search.local import weights
from yieldopt.search.orientation import held_facets
from yieldopt.search.worth import REFUSED, WITHIN, Appraiser, Looks
from yieldopt.units import weight_ct
from yieldopt.value.colour import OFF, ON, table_angles, zone_words
from yieldopt.value.curve import ValueCurve
from yieldopt.value.orders import Wish
from yieldopt.value.sizes import ROUNDING, CalibratedSize

CHUNK = 32  # starts valued at once
MOST_VALUED = 96  # of the heaviest, when the dearest are picked
SIZES_TRIED = 2  # the largest trade sizes that a stone may shrink to
RUNG = 0.025  # mm between tolerances: 1 % of the weight of a 7 mm stone, which chance is not
TINY = 1e-9  # mm: nothing fits
LENGTH = "length_width"
Key = tuple[str, bool, str, str, float]


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
    kept
        Numbers of the flaws that may stay inside; of the others all the starts keep clear.
    theta, looks
        (p,) proportions whose parts are known, and those.
    """

    appraiser: Appraiser
    cut: Cut
    aim: CalibratedSize | None
    kept: frozenset[int]
    theta: Float
    looks: Looks
    evaluations: int = 0
    _curves: dict[Key, ValueCurve] = field(init=False, default_factory=dict)
    _sides: Float = field(init=False)
    _agreed: tuple[tuple[Wish, ValueCurve], ...] = field(init=False)
    _sizes: dict[float, Float] = field(init=False, default_factory=dict)
    _large: tuple[tuple[OrientationRule, Float], ...] = field(init=False)
    _grader: Grader = field(init=False)

    def __post_init__(self) -> None:
        """Work out what is the same for all starts: a climb asks hundreds of times."""
        appraiser, market = self.appraiser, self.appraiser.market
        wanted = (self.aim,) if self.aim else market.sizes_wanted(self.cut.name)
        self._sides = np.array(
            [(size.length, size.width, rung_of(size.tolerance) - WITHIN) for size in wanted]
        ).reshape(-1, 3)
        self._agreed = tuple(
            (wish, market.wish_curve(wish)) for wish in market.agreed_for(self.cut.name)
        )
        self._large = ()
        rules = (*appraiser.cleavages, *appraiser.others)
        if rules:
            solid = self.looks.solid
            share = areas_of(solid.normals, solid.offsets)
            share /= share.sum()
            self._large = tuple(
                (rule, solid.normals[held_facets(rule, solid.normals, share, self.looks.along)])
                for rule in rules
            )
        self._grader = Grader(appraiser=appraiser, kept=self.kept)

    def values(self, starts: Starts, which: Sequence[int] | np.ndarray) -> Float:
        """Return what the starts of these numbers are worth, (k,), at the best of their sizes."""
        which = np.asarray(which, dtype=np.int64)
        out = np.full(len(which), REFUSED)
        scales = starts.scale[which]
        least = max(self.appraiser.problem.limits.min_width, TINY)
        whole = np.flatnonzero((scales >= least) & (starts.volume[which] > 0.0))
        if len(whole) == 0:
            return out
        out[whole] = self._valued(starts, which[whole], scales[whole])
        rows, widths = self._smaller(starts, which, whole, out)
        if len(rows):
            np.maximum.at(out, rows, self._valued(starts, which[rows], widths))
        self.evaluations += len(whole) + len(rows)
        return out

    def kinds(self, starts: Starts) -> list[Key | None]:
        """Return what each start is sold as, as large as it is; None where nothing may be cut."""
        widths = np.maximum(starts.scale, 0.0)
        grades, refused = self._grades(starts.theta, starts.rotation, starts.translation, widths)
        directions = self._directions(starts.rotation)
        words = self._zone_words(starts.rotation, starts.translation, widths)
        factors = self._factors(starts.rotation)
        return [
            None if refused[k] or widths[k] <= 0.0
            else (grades[k], False, directions[k], words[k], factors[k])
            for k in range(len(widths))
        ]  # fmt: skip

    def _smaller(
        self, starts: Starts, which: np.ndarray, whole: np.ndarray, values: Float
    ) -> tuple[np.ndarray, Float]:
        """Return the sizes that may be worth more: places in `which` (k,), widths (k,) mm.

        `whole` are the places of stones that may be cut, `values` (b,) what they are worth as
        they stand.
        """
        rows: list[int] = []
        widths: list[float] = []
        if len(self._sides) == 0:
            return np.array(rows, dtype=np.int64), np.array(widths)
        appraiser, name = self.appraiser, self.cut.name
        least = appraiser.problem.limits.min_width
        long, wide, near = self._sides.T
        lengths = self._lengths(starts.theta[which])
        for row in whole.tolist():
            width, length = float(starts.scale[which[row]]), float(lengths[row])
            most = np.minimum((wide + near) / self.looks.width, (long + near) / length)
            low = np.maximum((wide - near) / self.looks.width, (long - near) / length)
            able = (low <= most) & (np.maximum(low, least) <= width)
            for own in np.sort(np.minimum(most[able], width))[-SIZES_TRIED:].tolist():
                volume = own**3 * float(starts.volume[which[row]])
                if appraiser.most_of(name, volume) > values[row]:
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
        factors = self._factors(rotations)
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
            out[k] = self._curve((grades[k], is_size, directions[k], words[k], factors[k])).value(
                weight
            )
            for wish, curve in self._agreed:
                if market.size_of(wish, weight).holds(float(lengths[k]), float(across[k])):
                    out[k] = max(out[k], curve.value(weight))
        return out

    def _trade_sizes(self, weight: float) -> tuple[Float, float]:
        """Return the trade's lengths and widths (k, 2), and how far a stone may be off, mm."""
        market = self.appraiser.market
        tolerance = rung_of(market.tolerance_of(weight))
        if tolerance not in self._sizes:
            sizes = market.trade_sizes(self.cut.name, weight)
            self._sizes[tolerance] = np.array([(s.length, s.width) for s in sizes]).reshape(-1, 2)
        return self._sizes[tolerance], tolerance + ROUNDING

    def _curve(self, key: Key) -> ValueCurve:
        if key not in self._curves:
            grade, is_size, direction, word, factor = key
            market = self.appraiser.market
            sale = market.sale(
                self.cut.name,
                clarity=grade,
                calibrated=is_size,
                colour_direction=direction,
                colour_zone=word,
            )
            self._curves[key] = market.curve(sale, factor=factor)
        return self._curves[key]

    def _grades(
        self, thetas: Float, rotations: Float, translations: Float, widths: Float
    ) -> tuple[list[str], np.ndarray]:
        """Return the clarity of stones, and which (b,) have an open crack."""
        zones, b = self.looks.zones, len(rotations)
        if zones is None or not self.kept:
            return [self.appraiser.market.book.clarity.ladder[0]] * b, np.zeros(b, dtype=bool)
        if (thetas == thetas[:1]).all():
            thetas = thetas[:1]
        normals, offsets = self.cut.planes(thetas)
        n = len(self.looks.solid.normals)
        sizes = offsets[:, :n] * widths[:, None]
        return self._grader.grades(normals[:, :n], sizes, rotations, translations, zones, widths)

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

    def _factors(self, rotations: Float) -> list[float]:
        """Return what prices are multiplied by for the priced rules that stones break, (b,)."""
        out = np.ones(len(rotations))
        on_cleavage = np.zeros(len(rotations), dtype=bool)
        for rule, held in self._large:
            if len(held):
                angles = np.arccos(np.clip(np.abs((rule.axis @ rotations) @ held.T), 0.0, 1.0))
                broken = (angles < rule.low).any(axis=1) | (angles > rule.high).any(axis=1)
            else:
                broken = np.full(len(rotations), rule.facets == "ends")
            if rule.factor is None:
                on_cleavage |= broken
            else:
                out[broken] *= rule.factor
        out[on_cleavage] *= self.appraiser.market.cleavage_factor
        return out.tolist()


def rung_of(tolerance: float) -> float:
    """Return the tolerance (mm) that stones of a size are searched at: no more than the asked one.

    In steps, so that a tolerance a little wider is searched alike and each stone found is as
    large as that allows or larger: without them a search at 0.105 mm came out 0.2 % behind one at
    0.1 by chance.
    """
    steps = int(tolerance / RUNG + ROUNDING)
    return min(steps * RUNG, tolerance) if steps else tolerance


def areas_of(normals: Float, offsets: Float) -> Float:
    """Return the areas (m,) of a gem's facets; as `Polytope.areas`, 100 times as fast."""
    out = np.zeros(len(offsets))
    measure_solid(normals, offsets, np.empty((2, CORNERS, 3)), out, np.empty((len(offsets), 3)))
    return out


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

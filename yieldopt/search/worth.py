"""What a placement is worth: its flaws, its colour, its size and its weight turned into money."""

import math
from dataclasses import dataclass, field, replace

import numpy as np

from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import Polytope
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import OrientationRule
from yieldopt.plan.worth import MoneyLine, Worth
from yieldopt.rough.inclusions import name_of
from yieldopt.search.one import Placement
from yieldopt.search.orientation import held_facets, length_of
from yieldopt.search.problem import Problem
from yieldopt.units import weight_ct
from yieldopt.value.clarity import (
    ZONES,
    Clarity,
    SeenFlaw,
    clarity_of,
    seen_sizes,
    zone_numbers,
)
from yieldopt.value.colour import OFF, ON, direction_word, gem_samples, table_angles, zone_words
from yieldopt.value.curve import ValueCurve, upper_curve
from yieldopt.value.flaw_bodies import FlawBodies, flaw_bodies, reach_of
from yieldopt.value.market import Market, falling_edges
from yieldopt.value.orders import Wish
from yieldopt.value.price_book import Sale
from yieldopt.value.sizes import CalibratedSize
from yieldopt.value.stone import Valuation, ValueLine, stone_value
from yieldopt.value.zones import Zones, zones_of

REFUSED = -math.inf  # the value of a stone that is not to be cut: a crack opens at its surface
BELOW = 1e-6  # ct under an edge past which a carat pays less
# mm within a size's tolerance: what the judge's own rounding of a size may not pass.
WITHIN = 1e-6
ROUND = 0.01  # mm: triangles round a flaw stand outside it by less
TABLE_ALONE = 1.0  # a rule of more than this share of the surface holds the table alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """What of a gem of unit width its value asks for; it scales with the gem.

    Parameters
    ----------
    solid
        The gem.
    zones
        Its parts, where flaws may stay inside.
    samples
        Places (n, 3) in it, where the rough has zones of colour.
    length, width
        The longer and the shorter extent along x and y.
    along
        0 where x is the length, 1 where y is.
    """

    solid: Polytope
    zones: Zones | None
    samples: Float | None
    length: float
    width: float
    along: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Appraisal:
    """A stone's value, and all that it goes by.

    Parameters
    ----------
    value
        In the book's currency; `REFUSED` where the stone is not to be cut.
    weight_ct, sale
        What is sold.
    clarity
        With the flaws inside.
    size, wish
        The trade size it is of, and the wish that pays more than the book.
    broken
        Names of the priced rules that it breaks, the colour's direction left out.
    """

    value: float
    weight_ct: float
    sale: Sale
    clarity: Clarity
    size: CalibratedSize | None = None
    wish: Wish | None = None
    broken: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Worthy:
    """A placement and what it is worth."""

    placement: Placement
    appraisal: Appraisal

    @property
    def value(self) -> float:
        """In the book's currency."""
        return self.appraisal.value


@dataclass(slots=True, kw_only=True)
class Appraiser:
    """Values stones of a problem; keeps the curves it has worked out.

    Parameters
    ----------
    problem
        With its market.
    """

    problem: Problem
    market: Market = field(init=False)
    numbers: tuple[int, ...] = field(init=False)
    bodies: FlawBodies = field(init=False)
    direction: OrientationRule | None = field(init=False)
    cleavages: tuple[OrientationRule, ...] = field(init=False)
    others: tuple[OrientationRule, ...] = field(init=False)
    _curves: dict[tuple[Sale, float], ValueCurve] = field(init=False, default_factory=dict)
    _balls: Float = field(init=False)
    _looks: dict[tuple[str, int, bytes], Looks] = field(init=False, default_factory=dict)
    _most: dict[str, ValueCurve] = field(init=False, default_factory=dict)
    _agreed: dict[Wish, ValueCurve] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Gather what is graded and what is priced."""
        problem = self.problem
        if problem.market is None:
            raise ValueError("market: none")
        self.market = problem.market
        graded = [(n, f) for n, f in enumerate(problem.inclusions, 1) if f.severity == "grade"]
        self.numbers = tuple(n for n, _ in graded)
        bodies = flaw_bodies([flaw for _, flaw in graded])
        self.bodies = replace(bodies, names=tuple(name_of(n, flaw) for n, flaw in graded))
        half = np.linalg.norm(bodies.half_axes, axis=2).sum(axis=1)
        self._balls = half + bodies.radii + ROUND
        both = (*problem.priced, *problem.orientation)
        self.direction = next((rule for rule in both if rule.share > TABLE_ALONE), None)
        apart = [rule for rule in problem.priced if rule.share <= TABLE_ALONE]
        self.cleavages = tuple(rule for rule in apart if rule.factor is None)
        self.others = tuple(rule for rule in apart if rule.factor is not None)

    @property
    def minds_place(self) -> bool:
        """Tell whether a stone's value goes by more than its weight and its size."""
        return bool(self.numbers or self.market.zones or self.problem.priced)

    def looks_of(self, cut: Cut, theta: Float) -> Looks:
        """Return what the value of a cut's gems at proportions (p,) asks for."""
        # Locked stones have no proportions to tell them apart.
        key = (cut.name, id(cut) if len(theta) == 0 else 0, theta.tobytes())
        if key not in self._looks:
            design = cut.design(theta, 1.0)
            solid = design.solid
            self._looks[key] = Looks(
                solid=solid,
                zones=zones_of(solid) if self.numbers else None,
                samples=gem_samples(solid) if self.market.zones else None,
                length=design.length,
                width=design.width,
                along=length_of(cut) if self.others else 0,
            )
        return self._looks[key]

    def appraise(
        self, name: str, looks: Looks, pose: Pose, width: float, volume: float
    ) -> Appraisal:
        """Return the value of a gem of a cut's name at a pose.

        Parameters
        ----------
        looks
            Of the gem at unit width.
        width, volume
            mm, and mm3 of the finished stone.
        """
        market = self.market
        weight = weight_ct(volume, self.problem.specific_gravity)
        clarity = self._clarity(looks, pose, width)
        size = self._size(name, looks, width, weight)
        broken = self._broken(looks, pose)
        sale = market.sale(
            name,
            clarity=clarity.grade,
            calibrated=size is not None,
            colour_direction=self._direction(pose),
            colour_zone=self._zone(looks, pose, width),
        )
        value, wish = self._curve(sale, broken).value(weight), None
        for own in market.agreed_for(name):
            wanted = market.size_of(own, weight)
            if wanted.holds(looks.length * width, looks.width * width):
                agreed = self._wish_curve(own).value(weight)
                if agreed > value:
                    value, wish, size = agreed, own, wanted
        if clarity.open_cracks(market.open_cracks):
            value = REFUSED
        return Appraisal(
            value=value, weight_ct=weight, sale=sale, clarity=clarity, size=size, wish=wish,
            broken=broken,
        )  # fmt: skip

    def best_size(
        self, placement: Placement, looks: Looks | None = None, aim: CalibratedSize | None = None
    ) -> Worthy:
        """Return the dearest of the sizes a placement may shrink to, itself the first.

        A smaller copy about the gem's own origin lies in the larger one and keeps its margins.
        Tried are: as it stands, just below each weight past which a carat pays less, and each
        size of the trade and of the orders.

        Parameters
        ----------
        looks
            Of its proportions, where they are known.
        aim
            The one size to try beside it as it stands; else all.
        """
        cut = placement.cut
        looks = looks or self.looks_of(cut, placement.theta)
        best = Worthy(
            placement=placement,
            appraisal=self.appraise(
                cut.name, looks, placement.pose, placement.width, placement.volume
            ),
        )
        # The widest first: below one that is dear most others cannot win.
        for width in sorted(self._widths(placement, looks, best.appraisal, aim), reverse=True):
            smaller = shrunk(placement, width)
            most = self.most_of(cut.name, smaller.volume)
            if width < self.problem.limits.min_width or most <= best.value:
                continue
            own = self.appraise(cut.name, looks, smaller.pose, width, smaller.volume)
            if own.value > best.value:
                best = Worthy(placement=smaller, appraisal=own)
        return best

    def most_of(self, name: str, volume: float) -> float:
        """Return what no stone of a cut's name and up to a volume (mm3) is worth more than."""
        weight = weight_ct(volume, self.problem.specific_gravity)
        return self._most_of(name).most_up_to(weight)

    def most_at(self, name: str, volume: float) -> float:
        """Return what no stone of a cut's name and of this volume (mm3) is worth more than."""
        return self._most_of(name).value(weight_ct(volume, self.problem.specific_gravity))

    def _most_of(self, name: str) -> ValueCurve:
        if name not in self._most:
            directions = ("",) if self.direction is None else (ON, OFF)
            self._most[name] = upper_curve(
                self.market.choices(
                    name,
                    graded=bool(self.numbers),
                    directions=directions,
                    on_cleavage=(False, True) if self.cleavages else (False,),
                )
            )
        return self._most[name]

    def valuation(self, appraisal: Appraisal) -> Valuation:
        """Return the sum with its names; it adds up to the appraisal's value."""
        market = self.market
        wish = appraisal.wish
        found = stone_value(
            market.book,
            appraisal.sale,
            appraisal.weight_ct,
            bracket_margin_ct=market.bracket_margin_ct,
            agreed=wish.agreed if wish is not None else None,
        )
        if not appraisal.broken or wish is not None:
            return found
        n_costs = sum(line.name.startswith("cost ") for line in found.lines)
        lines = list(found.lines[: len(found.lines) - n_costs])
        for name, factor in self._factors(appraisal.broken):
            amount = sum(line.amount for line in lines) * (factor - 1.0)
            if factor != 1.0:
                lines.append(ValueLine(name=name, amount=amount, detail=f"x {factor:g}"))
        lines += found.lines[len(found.lines) - n_costs :]
        return replace(found, value=sum(own.amount for own in lines), lines=tuple(lines))

    def _factors(self, broken: tuple[str, ...]) -> list[tuple[str, float]]:
        """Return by what the price is multiplied for broken rules: once for all cleavages."""
        names = [rule.name for rule in self.cleavages if rule.name in broken]
        out = [(", ".join(names), self.market.cleavage_factor)] if names else []
        return out + [
            (rule.name, rule.factor)
            for rule in self.others
            if rule.name in broken and rule.factor is not None
        ]

    def worth(self, appraisal: Appraisal) -> tuple[float, Worth]:
        """Return a stone's value and how it came, for the plan."""
        found, clarity = self.valuation(appraisal), appraisal.clarity
        number_of = dict(zip(self.bodies.names, self.numbers, strict=True))
        wish, size = appraisal.wish, appraisal.size
        return found.value, Worth(
            lines=tuple(
                MoneyLine(name=line.name, amount=line.amount, detail=line.detail)
                for line in found.lines
            ),
            price_per_ct=found.price_per_ct,
            row=found.row,
            clarity=clarity.grade,
            clarity_type=clarity.clarity_type,
            kept=tuple(number_of[flaw.name] for flaw in clarity.flaws),
            kept_words=tuple(flaw.words for flaw in clarity.flaws),
            size=size.label if size is not None else "",
            order=wish.words if wish is not None else "",
            colour_direction=appraisal.sale.colour_direction,
            colour_zone=appraisal.sale.colour_zone,
            on_cleavage=appraisal.broken,
        )

    def met(self, appraisal: Appraisal) -> frozenset[int]:
        """Return the numbers of the flaws that a stone holds."""
        number_of = dict(zip(self.bodies.names, self.numbers, strict=True))
        return frozenset(number_of[flaw.name] for flaw in appraisal.clarity.flaws)

    def _clarity(self, looks: Looks, pose: Pose, width: float) -> Clarity:
        if looks.zones is None or self._are_clear(looks, pose, width):
            rule = self.market.book.clarity
            flaws: tuple[SeenFlaw, ...] = ()
            kind = self.market.clarity_type
            return Clarity(grade=rule.ladder[0], clarity_type=kind, seen=0.0, flaws=flaws)
        solid = replace(looks.solid, offsets=looks.solid.offsets * width)
        zones = looks.zones.scaled(width)
        found = clarity_of(
            self.bodies,
            solid,
            pose,
            clarity_type=self.market.clarity_type,
            rule=self.market.book.clarity,
            zones=zones,
        )
        return self._with_the_near(found, solid, zones, pose)

    def _with_the_near(self, found: Clarity, solid: Polytope, zones: Zones, pose: Pose) -> Clarity:
        """Return a clarity with the flaws outside that are nearer than their margin: as open.

        A flaw is either kept clear of, as any other, or counted.
        """
        rule, held = self.market.book.clarity, {flaw.name for flaw in found.flaws}
        rotations, translations = pose.rotation[None], pose.translation[None]
        offsets = solid.offsets + self.problem.limits.inclusion_margin
        more = []
        for i, name in enumerate(self.bodies.names):
            if name in held:
                continue
            reach = reach_of(self.bodies, i, solid.normals, offsets, pose, cover=rule.cover)
            if reach == "outside":
                continue
            sizes = seen_sizes(self.bodies, zones, rotations, translations, rule)[0]
            at = int(zone_numbers(self.bodies, zones, rotations, translations)[0, i])
            seen = float(sizes[i]) * rule.open_weight
            kind = self.bodies.kinds[i]
            more.append(SeenFlaw(name=name, kind=kind, zone=ZONES[at], reach="open", seen=seen))
        if not more:
            return found
        seen = float(np.sqrt(found.seen**2 + sum(flaw.seen**2 for flaw in more)))
        grade = rule.grade(seen, found.clarity_type)
        return replace(found, grade=grade, seen=seen, flaws=(*found.flaws, *more))

    def _are_clear(self, looks: Looks, pose: Pose, width: float) -> bool:
        """Tell whether all flaws are outside for sure: the balls round them are."""
        centres = (self.bodies.centres - pose.translation) @ pose.rotation
        out = (centres @ looks.solid.normals.T - looks.solid.offsets * width).max(axis=1)
        return bool((out > self._balls + self.problem.limits.inclusion_margin).all())

    def _direction(self, pose: Pose) -> str:
        rule = self.direction
        if rule is None:
            return ""
        angle = float(table_angles(pose.rotation[None], rule.axis)[0])
        return direction_word(angle, rule.low, rule.high)

    def _zone(self, looks: Looks, pose: Pose, width: float) -> str:
        """Return the word for the colour: a stain before all, else of the first wanted zone."""
        if looks.samples is None:
            return ""
        samples, rotations = looks.samples * width, pose.rotation[None]
        words = [
            zone_words(zone, samples, rotations, pose.translation[None])[0]
            for zone in sorted(self.market.zones, key=lambda zone: zone.wanted)
        ]
        return next((word for word in words if word), "")

    def _broken(self, looks: Looks, pose: Pose) -> tuple[str, ...]:
        """Return the names of the priced rules that a gem breaks, the colour's left out."""
        rules = (*self.cleavages, *self.others)
        if not rules:
            return ()
        solid = looks.solid
        areas = solid.areas
        share = areas / areas.sum()
        turned = solid.normals @ pose.rotation.T
        out = []
        for rule in rules:
            held = held_facets(rule, solid.normals, share, looks.along)
            if not held.any():
                if rule.facets == "ends":
                    out.append(rule.name)
                continue
            angle = np.arccos(np.clip(np.abs(turned[held] @ rule.axis), 0.0, 1.0))
            if angle.min() < rule.low or angle.max() > rule.high:
                out.append(rule.name)
        return tuple(out)

    def _size(self, name: str, looks: Looks, width: float, weight: float) -> CalibratedSize | None:
        length, across = looks.length * width, looks.width * width
        near = [s for s in self.market.trade_sizes(name, weight) if s.holds(length, across)]
        return min(near, key=lambda s: abs(length - s.length), default=None)

    def _widths(
        self, placement: Placement, looks: Looks, found: Appraisal, aim: CalibratedSize | None
    ) -> list[float]:
        """Return the widths below a placement's own that may be worth more."""
        out = []
        wished = self.market.sizes_wanted(placement.cut.name)
        for size in (aim,) if aim is not None else wished:
            for tolerance in sorted({size.tolerance, self.market.tolerance_of(math.inf)}):
                near = tolerance - WITHIN
                most = min((size.width + near) / looks.width, (size.length + near) / looks.length)
                least = max((size.width - near) / looks.width, (size.length - near) / looks.length)
                if least <= most and least <= placement.width:
                    out.append(min(most, placement.width))
        if aim is None:
            curve = self._curve(found.sale, found.broken)
            edges = falling_edges(curve, found.weight_ct)
            out += (placement.width * np.cbrt((edges - BELOW) / found.weight_ct)).tolist()
        return out

    def _curve(self, sale: Sale, broken: tuple[str, ...]) -> ValueCurve:
        factor = math.prod(own for _, own in self._factors(broken))
        key = (sale, factor)
        if key not in self._curves:
            self._curves[key] = self.market.curve(sale, factor=factor)
        return self._curves[key]

    def _wish_curve(self, wish: Wish) -> ValueCurve:
        if wish not in self._agreed:
            self._agreed[wish] = self.market.wish_curve(wish)
        return self._agreed[wish]

    def curve_of(self, appraisal: Appraisal) -> ValueCurve:
        """Return the curve that a stone was valued by."""
        if appraisal.wish is not None:
            return self._wish_curve(appraisal.wish)
        return self._curve(appraisal.sale, appraisal.broken)


def shrunk(placement: Placement, width: float) -> Placement:
    """Return the same gem at a smaller width (mm), about its own origin."""
    return replace(placement, width=width, volume=placement.volume * (width / placement.width) ** 3)

"""A gem while it is cut: the solid so far, and what on it can say how far a tier is ground."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yieldopt.cuts.design import Design, Tier
from yieldopt.cuts.level import UPRIGHT
from yieldopt.cuts.prescription import (
    FacetRef,
    Fix,
    Prescription,
    Step,
    block_planes,
    corner_of,
    surrounds,
)
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import Polytope, polytope_from_planes

# Shares of the width.
NEAR = 2e-4  # corners of the solid that are worth a closer look; well above MEANT
STOCK = 0.06  # of the block beside and above the stone; only the pictures show it
STOCK_BELOW = 0.03  # of the block under its deepest point
MOST_EXTRA = 0.25  # a centre point deeper than this under the culet is not cut to
ALIKE = 1e-9  # lengths that differ by rounding: the first of them is taken
NEARLY = 2e-3  # a corner this near is called a meet, with what is missing to it

FIRMLY_MET = 1e-3  # volume spanned by three normals: flatter corners are no meets to see
MOST_AT_A_MEET = 12  # facets at one corner that are tried three by three

_Met = tuple[tuple[FacetRef, ...], Float, float]  # three facets, where they meet, how firmly
_Score = tuple[bool, bool, bool, float]  # the larger, the better to cut by


@dataclass(frozen=True, slots=True)
class Group:
    """Facets that one setting cuts: of one tier, at one distance."""

    tier: Tier
    index: tuple[float, ...]
    facets: tuple[int, ...]
    normals: Float
    distance: float
    temporary: bool = False

    @property
    def is_upright(self) -> bool:
        """Whether it bounds the girdle: its planes run along the axis."""
        return abs(float(self.normals[0, 2])) <= UPRIGHT

    @property
    def crossing(self) -> float:
        """Where its planes cross the axis, z."""
        return self.distance / float(self.normals[0, 2])

    @property
    def turns(self) -> list[float]:
        """Azimuths of the facets that are not level, rad."""
        return [math.atan2(n[0], n[1]) for n in self.normals if math.hypot(n[0], n[1]) > UPRIGHT]


@dataclass(frozen=True, slots=True)
class _Found:
    """How a group can be fixed: through which point, and by which of its teeth."""

    fix: Fix
    tooth: float
    distance: float
    point: Float | None = None
    also: tuple[Float, ...] = ()  # other points that must be there


class Bench:
    """The solid while it is cut, and the steps so far."""

    def __init__(self, design: Design, below: Sequence[Group], slack: float) -> None:
        self.design, self.width = design, design.width
        self.slack = slack * self.width
        self.stone = design.solid.vertices
        self.table, self.culet = float(self.stone[:, 2].max()), float(self.stone[:, 2].min())
        self.steps: list[Step] = []
        self.refs: list[FacetRef] = []
        self.normals: list[Float] = []
        self.offsets: list[float] = []
        self.origin: float | None = None  # z of the axis where the first sloping tier crosses it
        self.is_sized = False
        self.is_turned = False  # the girdle's thickness is set
        self.deepest = self.culet
        self.seen: dict[tuple[float, ...], _Met | None] = {}
        self.has_girdle = any(tier.side == "girdle" for tier in design.tiers)
        self.pointed = self._pointed(below)
        stock = STOCK * self.width
        low, high = self.stone.min(axis=0) - stock, self.stone.max(axis=0) + stock
        deepest = min([self.culet, *(g.crossing for g in self.pointed)])
        low[2] = deepest - STOCK_BELOW * self.width
        self.block = np.array([low, high])

    def _pointed(self, groups: Sequence[Group]) -> list[Group]:
        """Return the groups that come to a point on the axis, alone or with others."""
        sloping = [g for g in groups if not g.is_upright and g.normals[0, 2] < 0]
        out = []
        for group in sloping:
            here = [g for g in sloping if abs(g.crossing - group.crossing) < self.slack]
            deep = self.culet - group.crossing > MOST_EXTRA * self.width
            if not deep and surrounds([turn for g in here for turn in g.turns]):
                out.append(group)
        return out

    def _is_pointed(self, group: Group) -> bool:
        return any(group is one for one in self.pointed)

    def cut(self, groups: Sequence[Group]) -> None:
        """Cut groups in the best order: what a meet fixes first, else in the order given."""
        waiting = list(groups)
        while waiting:
            solid = self.solid() if self.refs else None
            for look in (self._by_meet, self._by_edge, self._by_depth):
                found = ((g, look(g, solid)) for g in waiting)
                chosen = next(((g, f) for g, f in found if f is not None), None)
                if chosen:
                    break
            assert chosen is not None  # _by_depth always finds
            self._cut(*chosen)
            waiting.remove(chosen[0])

    def solid(self) -> Polytope:
        """Return what is left of the block: half-spaces cut so far, then the block's."""
        normals, offsets = block_planes(self.block)
        solid = polytope_from_planes(
            np.concatenate([self.normals, normals]), np.concatenate([self.offsets, offsets])
        )
        return _numbered_by_planes(solid)

    def _cut(self, group: Group, found: _Found) -> None:
        number = len(self.steps)
        point = found.point
        x, y, z = (0.0, 0.0, 0.0) if point is None else (float(v) for v in point)
        up = group.tier.side in ("crown", "table")
        depth = None
        if point is not None:
            depth = abs(z - (self.culet if up else self.table))
        for called in (*found.also, *(() if point is None else (point,))):
            self.deepest = min(self.deepest, float(called[2]))
        self.steps.append(
            Step(
                code=group.tier.name,
                side=group.tier.side,
                angle=group.tier.angle,
                index=group.index,
                facets=group.facets,
                temporary=group.temporary,
                first=found.tooth,
                fix=found.fix,
                words=self._words(group, found),
                distance=found.distance,
                point=None if point is None else (x, y, z),
                depth=depth,
            )
        )
        for tooth, normal in zip(group.index, group.normals, strict=True):
            self.refs.append(FacetRef(number, tooth))
            self.normals.append(normal)
            self.offsets.append(found.distance)
        if found.fix.kind == "size":
            self.is_sized = True
        if found.fix.kind == "girdle" and found.fix.meet:
            self.is_turned = True

    # ---- What can fix a tier

    def _by_meet(self, group: Group, solid: Polytope | None) -> _Found | None:
        """Return the point, the size or the level that fixes a group, if there is one."""
        if group.is_upright:
            if self.has_girdle and not self.is_sized and group.tier.side == "girdle":
                value = group.distance
                return _Found(Fix(kind="size", value=value), group.index[0], value)
        elif self.origin is None:
            return self._first(group)
        elif self._is_pointed(group) and abs(group.crossing - self.origin) < self.slack:
            tip = self._axis_ref()
            distance = float(self.origin * group.normals[0, 2])
            point = np.array([0.0, 0.0, self.origin])
            return _Found(Fix(kind="tcp", meet=(tip,)), group.index[0], distance, point)
        if solid is None:
            return None
        found = self._vertex(group, solid)
        if found is None and group.normals[0, 2] > UPRIGHT and not self.is_turned:
            found = self._thickness(group, solid)
        return found

    def _first(self, group: Group) -> _Found | None:
        """Return how the first sloping tier is cut: it says where the axis is measured from."""
        self.origin = group.crossing
        tooth, distance = group.index[0], group.distance
        if self._is_pointed(group):
            point = np.array([0.0, 0.0, group.crossing])
            return _Found(Fix(kind="tcp"), tooth, distance, point)
        loop = [v for j in group.facets[:1] for v in self.design.solid.loops[j]]
        corners = self.stone[loop]
        top = corners[np.argmax(corners[:, 2] * -np.sign(group.normals[0, 2]))]
        kind = "girdle" if group.turns else "depth"
        return _Found(Fix(kind=kind, value=None), tooth, distance, top)  # type: ignore[arg-type]

    def _axis_ref(self) -> FacetRef:
        """Return the facet that set where the axis is measured from."""
        return next(
            ref for ref, n in zip(self.refs, self.normals, strict=True) if abs(n[2]) > UPRIGHT
        )

    def _vertex(self, group: Group, solid: Polytope) -> _Found | None:
        """Return the best corner of the solid that a group's facet passes through."""
        reach = group.normals @ solid.vertices.T - group.distance
        best: tuple[_Score, _Found] | None = None
        for i, v in zip(*np.nonzero(np.abs(reach) < NEAR * self.width), strict=True):
            met = self._met(solid.vertices[v])
            if met is None:
                continue
            refs, point, firmness = met
            distance = float(group.normals[i] @ point)
            if abs(distance - group.distance) > self.slack:
                continue
            on_axis = math.hypot(point[0], point[1]) < self.slack
            score = (self._is_of_stone(point), not on_axis, True, round(firmness, 6))
            if best is None or score > best[0]:
                fix = Fix(kind="vertex", meet=refs)
                best = (score, _Found(fix, group.index[i], distance, point))
        return best[1] if best else None

    def _met(self, near: Float) -> _Met | None:
        """Return three facets that meet at a corner most firmly, the point, and how firmly."""
        key = (len(self.refs), *near.tolist())
        if key not in self.seen:
            self.seen[key] = self._met_anew(near)
        return self.seen[key]

    def _met_anew(self, near: Float) -> _Met | None:
        normals, offsets = np.array(self.normals), np.array(self.offsets)
        on = np.flatnonzero(np.abs(normals @ near - offsets) < self.slack)
        best, firmness = None, FIRMLY_MET
        for three in itertools.combinations(on[:MOST_AT_A_MEET], 3):
            spanned = abs(float(np.linalg.det(normals[list(three)])))
            if spanned > firmness * (1.0 + 1e-6):
                best, firmness = three, spanned
        if best is None:
            return None
        rows = list(best)
        return tuple(self.refs[k] for k in rows), corner_of(normals[rows], offsets[rows]), firmness

    def _thickness(self, group: Group, solid: Polytope) -> _Found | None:
        """Return the thickness of the girdle under the first tier of the crown."""
        upright = [k for k, n in enumerate(self.normals) if abs(n[2]) <= UPRIGHT]
        corners = sorted({v for k in upright for v in solid.loops[k]})
        best: _Found | None = None
        thinnest = math.inf
        for v in corners:
            met = self._met(solid.vertices[v])
            if met is None or not self._is_of_stone(met[1]):
                continue
            over = (group.distance - group.normals @ met[1]) / group.normals[:, 2]
            i = int(np.argmax(over < over.min() + ALIKE * self.width))
            if self.slack < over[i] < thinnest - ALIKE * self.width:
                thinnest = float(over[i])
                point = met[1] + [0.0, 0.0, thinnest]
                fix = Fix(kind="girdle", meet=met[0], value=thinnest)
                distance = float(group.normals[i] @ point)
                best = _Found(fix, group.index[i], distance, point, (met[1],))
        return best

    def _by_edge(self, group: Group, solid: Polytope | None) -> _Found | None:
        """Return a point on an edge of the solid, at a length from a corner that can be seen."""
        if solid is None:
            return None
        best: tuple[_Score, _Found] | None = None
        n_cut = len(self.refs)
        sides: dict[tuple[int, int], list[int]] = {}
        for k, loop in enumerate(solid.loops[:n_cut]):
            for a, b in zip(loop, [*loop[1:], *loop[:1]], strict=True):
                sides.setdefault((min(a, b), max(a, b)), []).append(k)
        reach = group.normals @ solid.vertices.T - group.distance
        for ends, planes in sorted(sides.items()):
            if len(planes) != 2:
                continue
            for i in np.flatnonzero(reach[:, ends[0]] * reach[:, ends[1]] < 0.0):
                for start, end in (ends, ends[::-1]):
                    found = self._along(group, int(i), solid.vertices[[start, end]], planes)
                    if found is not None and (best is None or found[0] > best[0]):
                        best = found
        return best[1] if best else None

    def _along(
        self, group: Group, i: int, ends: Float, planes: list[int]
    ) -> tuple[_Score, _Found] | None:
        met = self._met(ends[0])
        if met is None:
            return None
        refs, corner, _ = met
        k, m = planes
        way = np.cross(self.normals[k], self.normals[m])
        if way @ (ends[1] - ends[0]) < 0:
            k, m, way = m, k, -way
        length = float(np.linalg.norm(way))
        if length < FIRMLY_MET:
            return None
        slope = float(group.normals[i] @ way) / length
        if abs(slope) < FIRMLY_MET:
            return None
        value = (group.distance - float(group.normals[i] @ corner)) / slope
        point = corner + value * way / length
        fix = Fix(kind="fraction", meet=refs, edge=(self.refs[k], self.refs[m]), value=value)
        # Nearly a meet, or else short and from a corner that stays: what is easiest to measure.
        score = (
            self._is_of_stone(point),
            value < NEARLY * self.width,
            self._is_of_stone(corner),
            -round(value / self.width, 6),
        )
        distance = float(group.normals[i] @ point)
        return score, _Found(fix, group.index[i], distance, point, (corner,))

    def _by_depth(self, group: Group, solid: Polytope | None) -> _Found:
        """Return the distance from where the axis is measured from: it always does."""
        origin = self.origin or 0.0
        normal = group.normals[0]
        value = group.distance - float(normal[2]) * origin
        point = None if group.is_upright else np.array([0.0, 0.0, group.crossing])
        fix = Fix(kind="depth", value=value)
        return _Found(fix, group.index[0], group.distance, point)

    def _is_of_stone(self, point: Float) -> bool:
        return bool((np.abs(self.stone - point).max(axis=1) < NEAR * self.width).any())

    # ---- What the sheet says

    def _words(self, group: Group, found: _Found) -> str:
        fix, value = found.fix, found.fix.value or 0.0
        if fix.kind == "tcp" and fix.meet:
            return "cut to the same centre point"
        if fix.kind == "tcp":
            deep = self.culet - float(found.point[2]) if found.point is not None else 0.0
            if deep > self.slack:
                return f"cut to centre point, {deep:.2f} mm below the culet"
            return "cut to centre point"
        if fix.kind == "size":
            return self._size_words(group, value)
        if fix.kind == "girdle":
            return f"level girdle, {value:.2f} mm thick" if fix.meet else "level girdle line"
        if fix.kind == "vertex":
            return f"meet {self._codes(fix.meet)}"
        if fix.kind == "fraction":
            start = self._codes(fix.meet)
            edge = "-".join(self.steps[ref.step].code for ref in sorted(fix.edge))
            if value < NEARLY * self.width:
                return f"meet {start}, {value:.3f} mm along the edge {edge}"
            return f"{value:.2f} mm from {start} along the edge {edge}"
        if fix.value is None:
            return "grind flat: depths are measured from it"
        return "to depth: no meet fixes it"

    def _size_words(self, group: Group, value: float) -> str:
        opposite = any((group.normals @ -n > 1.0 - 1e-9).any() for n in group.normals)
        if opposite:
            return f"to size, {2.0 * value:.2f} mm across"
        return f"to size, {value:.2f} mm from the axis"

    def _codes(self, refs: Sequence[FacetRef]) -> str:
        ordered = sorted(refs)
        return "-".join(dict.fromkeys(self.steps[ref.step].code for ref in ordered))

    # ---- The result

    def loose_girdle(self) -> int:
        """Return how many girdle tiers neither a meet nor the size fixes."""
        return sum(
            step.side == "girdle" and step.fix.kind in ("fraction", "depth") for step in self.steps
        )

    def prescription(self) -> Prescription:
        """Return the steps so far."""
        return Prescription(
            gear=self.design.gear,
            location=self.design.location,
            steps=tuple(self.steps),
            block=self.block,
            stone=self.stone,
            extra_depth=max(0.0, self.culet - self.deepest),
        )


def _numbered_by_planes(solid: Polytope) -> Polytope:
    """Return a solid with its corners in the order of the half-spaces that meet in them.

    Of corners that are alike the first is taken: rounding must not say which that is.
    """
    met: list[list[int]] = [[] for _ in solid.vertices]
    for j, loop in enumerate(solid.loops):
        for v in loop:
            met[v].append(j)
    order = sorted(range(len(met)), key=met.__getitem__)
    place = {v: i for i, v in enumerate(order)}
    return replace(
        solid,
        vertices=solid.vertices[order],
        loops=tuple(tuple(place[v] for v in loop) for loop in solid.loops),
    )

"""How a gem is cut, step by step: each tier in an order in which its meet exists, and by what.

A cutter sets an angle and a tooth and grinds until the facet reaches a point that can be seen.
So a tier is told by its angle, its teeth and that point; the depth in mm only helps to get
near. Whatever is needed to make the gem again stands in the steps: `rebuild` does it.
"""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from yieldopt.cuts.design import Side, facet_normal
from yieldopt.cuts.level import UPRIGHT, girdle_level
from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.polytope import Polytope, planes_from_points, polytope_from_planes

Kind = Literal["tcp", "size", "girdle", "vertex", "fraction", "depth"]


class FacetRef(NamedTuple):
    """A facet that was cut before: the number of its step, and its tooth."""

    step: int
    tooth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """What says how far a tier is ground.

    Parameters
    ----------
    kind
        - `tcp`: to the point on the axis where its facets, or those of `meet`, come together;
          the first of them sets where the axis is measured from;
        - `size`: `value` mm from the axis, the one length that sets the stone's size;
        - `girdle`: level all round; with a `value`, so that the girdle is that thick (mm, along
          the axis) at the corner `meet`;
        - `vertex`: through the corner `meet`;
        - `fraction`: through the point `value` mm from the corner `meet` along the `edge` of two
          facets;
        - `depth`: `value` mm along the facet's normal from where the axis is measured from.
    meet
        Facets that fix the corner, all cut before.
    edge
        Two facets; the edge runs along the cross product of their normals.
    value
        mm, or None where the kind needs no number.
    """

    kind: Kind
    meet: tuple[FacetRef, ...] = ()
    edge: tuple[FacetRef, ...] = ()
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One tier as it is cut; facets of a tier that stand at another distance are another step.

    Parameters
    ----------
    code, side, angle, index
        As in `yieldopt.cuts.design.Tier`.
    facets
        Numbers of the design's half-spaces, one a tooth; empty for a temporary tier.
    temporary
        Ground away later: a tier of the preform that gives the outline.
    first
        The tooth whose facet reaches the point that fixes the tier; the others follow at the
        same setting.
    fix
        What says how far.
    words
        The same for a sheet.
    distance
        Of the facets from the design's origin, mm, as the steps give it; `rebuild` does not
        read it.
    point
        The point that fixes the tier (3,), gem frame, mm, or None.
    depth
        mm along the axis to that point: from the table plane on pavilion and girdle, from the
        culet on crown and table; None where no point fixes the tier.
    """

    code: str
    side: Side
    angle: float
    index: tuple[float, ...]
    facets: tuple[int, ...]
    temporary: bool = False
    first: float
    fix: Fix
    words: str
    distance: float
    point: tuple[float, float, float] | None
    depth: float | None

    @property
    def depth_from(self) -> Literal["table", "culet"]:
        """What `depth` is measured from."""
        return "table" if self.side in ("pavilion", "girdle") else "culet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """A design as a sequence of steps, in cutting order.

    Parameters
    ----------
    gear, location
        As in `yieldopt.cuts.design.Design`.
    steps
        In cutting order: what is temporary, pavilion and girdle, then crown and table.
    block
        The preform block the pictures start from, (2, 3) lowest and highest corner, mm.
    stone
        Corners of the finished stone (v, 3), mm.
    extra_depth
        How far below the culet the deepest point lies that a step is cut to, mm; 0 where none
        does. Rough that ends above it cannot be cut in this way.
    """

    gear: int
    location: float
    steps: tuple[Step, ...]
    block: Float
    stone: Float
    extra_depth: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "block", frozen_float(self.block, (2, 3), "block"))
        object.__setattr__(self, "stone", frozen_float(self.stone, (-1, 3), "stone"))

    def normals(self, step: Step) -> Float:
        """Return the outward unit normals (k, 3) of a step's facets."""
        return np.array(
            [facet_normal(step.side, step.angle, t, self.gear, self.location) for t in step.index]
        )

    def solid_after(self, n_steps: int) -> Polytope:
        """Return what is left of the block after the first `n_steps` steps, mm.

        Half-spaces: those of the steps in their order, then the block's six.
        """
        normals, offsets = block_planes(self.block)
        cut = self.steps[:n_steps]
        return polytope_from_planes(
            np.concatenate([*(self.normals(step) for step in cut), normals]),
            np.concatenate([*(np.full(len(s.index), s.distance) for s in cut), offsets]),
        )

    def body_needed(self) -> tuple[Float, Float]:
        """Return half-spaces (m, 3), (m,) mm of the least body that can be cut so, gem frame.

        The convex hull of the finished stone and of every point that a step is cut to. Rough
        that holds it has `extra_depth` free under the culet, and no more than that is asked.
        """
        points = [step.point for step in self.steps if step.point is not None]
        return planes_from_points(np.concatenate([self.stone, np.array(points).reshape(-1, 3)]))


def block_planes(block: Float) -> tuple[Float, Float]:
    """Return the half-spaces (6, 3), (6,) of a block given by its corners (2, 3)."""
    return np.concatenate([np.eye(3), -np.eye(3)]), np.concatenate([block[1], -block[0]])


def corner_of(normals: Float, offsets: Float) -> Float:
    """Return the point (3,) where planes (k, 3), (k,) meet, by least squares."""
    point: Float = np.asarray(np.linalg.lstsq(normals, offsets, rcond=None)[0], dtype=np.float64)
    return point


def surrounds(turns: "list[float]") -> bool:
    """Return whether facets at these azimuths (rad) close round the axis to a point."""
    ring: Float = np.sort(np.mod(np.array(turns, dtype=np.float64), 2.0 * math.pi))
    gaps = np.diff(np.append(ring, ring[:1] + 2.0 * math.pi))
    return bool(len(ring) > 2 and gaps.max() < math.pi - 1e-6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a cutter gets who follows the steps alone; z is measured from the axis's origin.

    Parameters
    ----------
    normals, offsets
        (m, 3), (m,) mm, in the order of the design's facet numbers, temporary ones left out.
    points
        For each step the point (3,) it is cut to, or None where the step alone does not say it.
    """

    normals: Float
    offsets: Float
    points: tuple[Float | None, ...]


def follow(prescription: Prescription) -> Followed:
    """Return what following the steps gives: angles, teeth and what fixes each step are read.

    No distance and no depth is. z = 0 is where the first sloping tier crosses the axis.

    Raises
    ------
    ValueError
        If a step names a facet that was not cut before it.
    """
    made: dict[FacetRef, tuple[Float, float]] = {}
    rows: dict[int, tuple[Float, float]] = {}
    points: list[Float | None] = []
    for number, step in enumerate(prescription.steps):
        normals = prescription.normals(step)
        offset, point = _offset(step, normals[step.index.index(step.first)], made)
        points.append(point)
        for normal, tooth in zip(normals, step.index, strict=True):
            made[FacetRef(number, tooth)] = (normal, offset)
        for normal, facet in zip(normals, step.facets, strict=False):
            rows[facet] = (normal, offset)
    return Followed(
        normals=np.array([rows[facet][0] for facet in sorted(rows)]),
        offsets=np.array([rows[facet][1] for facet in sorted(rows)]),
        points=tuple(points),
    )


def rebuild(prescription: Prescription) -> tuple[Float, Float]:
    """Return the half-spaces (m, 3), (m,) mm that a cutter gets who follows the steps alone.

    As `follow` gives them, but the middle of the girdle stands at z = 0.
    """
    made = follow(prescription)
    rise = girdle_level(polytope_from_planes(made.normals, made.offsets))
    return made.normals, made.offsets - made.normals[:, 2] * rise


def _offset(
    step: Step, normal: Float, made: dict[FacetRef, tuple[Float, float]]
) -> tuple[float, Float | None]:
    """Return how far a step's facets stand from the axis's origin, and the point they reach."""
    fix = step.fix
    missing = [ref for ref in (*fix.meet, *fix.edge) if ref not in made]
    if missing:
        raise ValueError(f"{step.code}: a facet of step {missing[0].step + 1} is not cut yet")
    value = 0.0 if fix.value is None else fix.value
    if fix.kind == "size":
        return value, None
    if fix.kind == "depth":
        sloping = abs(float(normal[2])) > UPRIGHT
        return value, np.array([0.0, 0.0, value / normal[2]]) if sloping else None
    if not fix.meet:  # the first sloping tier: the axis is measured from where it crosses it
        return 0.0, np.zeros(3) if fix.kind == "tcp" else None
    if fix.kind == "tcp":
        other, offset = made[fix.meet[0]]
        height = offset / float(other[2])
        return float(normal[2] * offset / other[2]), np.array([0.0, 0.0, height])
    point = corner_of(
        np.array([made[ref][0] for ref in fix.meet]), np.array([made[ref][1] for ref in fix.meet])
    )
    if fix.kind == "girdle":
        point = point + np.array([0.0, 0.0, math.copysign(value, normal[2])])
    if fix.kind == "fraction":
        along = np.cross(made[fix.edge[0]][0], made[fix.edge[1]][0])
        point = point + value * along / np.linalg.norm(along)
    return float(normal @ point), point

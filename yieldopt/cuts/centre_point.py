"""A cut with the depth kept free that its temporary centre point needs under the culet.

Many pavilions are cut to a point on the axis below the culet that is ground away later
(`cuts.sequence`). Where the rough ends above it, the cutter loses what all depths are measured
from. Here the body that must fit the rough is the gem and that point; what is weighed is the gem.
"""

from dataclasses import dataclass
from itertools import product
from typing import Protocol, runtime_checkable

import numpy as np

from yieldopt.cuts.cut import Cut, Proportion
from yieldopt.cuts.design import Design
from yieldopt.cuts.level import UPRIGHT
from yieldopt.cuts.sequence import prescribe
from yieldopt.geometry.arrays import Float

BESIDE = 0.05  # of the width: corners nearer to the axis, as seen from a side, bound no cone
TIGHT = 0.02  # share of a slope, or of the width: corners that may come to matter in between
SPARE = 1e-3  # of the width: what the extra depth may vary by between the places it is asked at


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCentrePoint:
    """A cut whose centre point must lie in the rough too; `Cut` in all it is asked.

    Its half-spaces are the gem's, each moved out as far as the centre point asks, and one more
    for every side of the girdle, through the centre point and along the gem: a body that holds
    the convex hull of both, and little more.

    Parameters
    ----------
    gem
        What is cut and weighed.
    extra
        Of the centre point below the culet, share of the width.
    turns
        (k, 2) horizontal unit normals of the girdle's sides.
    corners
        (c, 3) numbers of three half-spaces that meet at a corner of the pavilion: the culet's,
        and those that the sides rest on.
    """

    gem: Cut
    extra: float
    turns: Float
    corners: np.ndarray

    @property
    def name(self) -> str:
        """Of the gem."""
        return self.gem.name

    @property
    def proportions(self) -> tuple[Proportion, ...]:
        """Of the gem."""
        return self.gem.proportions

    def planes(self, theta: Float) -> tuple[Float, Float]:
        """Return the half-spaces of gem and centre point: (b, m + k, 3) and (b, m + k)."""
        normals, offsets = self.gem.planes(theta)
        places = _meets(normals, offsets, self.corners)
        tip = places[:, :, 2].min(axis=1) - self.extra
        offsets = np.maximum(offsets, normals[:, :, 2] * tip[:, None])
        slope = _slopes(places, tip, self.turns).min(axis=2)  # of the flattest side that clears
        level = 1.0 / np.sqrt(1.0 + slope**2)
        sides = np.empty((len(theta), len(self.turns), 3))
        sides[:, :, :2] = (slope * level)[:, :, None] * self.turns
        sides[:, :, 2] = -level
        return (
            np.concatenate([normals, sides], axis=1),
            np.concatenate([offsets, -level * tip[:, None]], axis=1),
        )

    def design(self, theta: Float, width: float) -> Design:
        """Return the gem alone at proportions (p,) and a width in mm."""
        return self.gem.design(theta, width)


def with_centre_point(cut: Cut, extra: float = 0.0) -> Cut:
    """Return a cut that keeps its centre point free; the cut itself where it needs none.

    Parameters
    ----------
    cut
        Of a family or a file.
    extra
        Share of the width that is kept at least: more than the usual, least and greatest
        proportions need, where a gem that was found needs more.
    """
    low = np.array([p.low for p in cut.proportions])
    high = np.array([p.high for p in cut.proportions])
    middle = np.array([p.default for p in cut.proportions])
    extra = max(extra, *(extra_depth(cut.design(theta, 1.0)) for theta in (low, middle, high)))
    if extra <= SPARE:
        return cut
    design = cut.design(middle, 1.0)
    normals = design.solid.normals
    upright = normals[np.abs(normals[:, 2]) <= UPRIGHT, :2]
    if len(upright) == 0:
        return cut
    extra, turns = extra + SPARE, np.unique(upright.round(9), axis=0)
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    corners = _corners_below(design)
    # Of the corners only those are kept that matter somewhere in the box of proportions.
    grid = product(*zip(low, 0.5 * (low + high), high, strict=True))
    normals, offsets = cut.planes(np.array([middle, *grid]))
    places = _meets(normals, offsets, corners)
    level = places[:, :, 2]
    slopes = _slopes(places, level.min(axis=1) - extra, turns)
    rests = (slopes <= slopes.min(axis=2, keepdims=True) * (1.0 + TIGHT)).any(axis=(0, 1))
    lowest = (level <= level.min(axis=1, keepdims=True) + TIGHT).any(axis=0)
    return KeptCentrePoint(gem=cut, extra=extra, turns=turns, corners=corners[rests | lowest])


@runtime_checkable
class Body(Protocol):
    """A cut that needs more room than what is weighed of it: its gem lies within its planes."""

    @property
    def gem(self) -> Cut:
        """What is cut and weighed."""


def weighed(cut: Cut) -> Cut:
    """Return the cut whose solid is weighed: the gem, without what is kept free for cutting."""
    return cut.gem if isinstance(cut, Body) else cut


def extra_depth(design: Design) -> float:
    """Return how far below the culet a design's steps reach, share of its width.

    Zero for a design without a facet list to cut by (a dome).
    """
    try:
        return prescribe(design).extra_depth / design.width
    except ValueError:
        return 0.0


def _meets(normals: Float, offsets: Float, corners: np.ndarray) -> Float:
    """Return where three planes each (c, 3) of (b, m, 3), (b, m) meet, (b, c, 3), by Cramer."""
    one, two, three = (normals[:, corners[:, i]] for i in range(3))
    d = offsets[:, corners]
    a, b, c = np.cross(two, three), np.cross(three, one), np.cross(one, two)
    spanned = (one * a).sum(axis=2)
    out: Float = (d[:, :, :1] * a + d[:, :, 1:2] * b + d[:, :, 2:] * c) / spanned[:, :, None]
    return out


def _slopes(places: Float, tip: Float, turns: Float) -> Float:
    """Return the slope (b, k, c) from the tip (b,) to corners (b, c, 3), as seen from each side."""
    out = np.einsum("bca,ka->bkc", places[:, :, :2], turns)
    rise = np.where(out > BESIDE, (places[:, :, 2] - tip[:, None])[:, None], np.inf)
    slopes: Float = rise / np.maximum(out, BESIDE)
    return slopes


def _corners_below(design: Design) -> np.ndarray:
    """Return three half-spaces (c, 3) that meet most firmly at each corner below z = 0."""
    solid = design.solid
    on: list[list[int]] = [[] for _ in solid.vertices]
    for j, loop in enumerate(solid.loops):
        for v in loop:
            on[v].append(j)
    out = []
    for v, planes in enumerate(on):
        if solid.vertices[v, 2] >= 0.0:
            continue
        rows = solid.normals[planes]
        first = int(np.abs(rows[:, 2]).argmax())
        second = int(np.linalg.norm(np.cross(rows[first], rows), axis=1).argmax())
        third = int(np.abs(rows @ np.cross(rows[first], rows[second])).argmax())
        out.append([planes[first], planes[second], planes[third]])
    return np.array(out, dtype=np.int64)

"""A rival's stones: each in a box of its own, as boxes are sawn from rough."""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np

from benchmarks.several.standard import cut_of
from yieldopt.cuts.cut import Cut, Proportion
from yieldopt.cuts.design import Design
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import polytope_from_planes

SIDES = np.concatenate([np.eye(3), -np.eye(3)])
TIGHT = 0.02  # of the width: corners so near to the box may touch it at proportions in between
OUTSIDE = 1e-7  # of the width: a meet of planes further out than this is no corner
FIRM = 1e-6  # three planes whose normals span less meet nowhere in particular
CLEAR = 1.05  # of the way to the box's corner: the gem's own planes pass no corner of the box
SPARE = 1e-4  # of the width: what the box may want between the proportions that were looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxedCut:
    """A cut whose whole box must lie in the rough, in its piece; `Cut` in all it is asked.

    The box stands along the gem's length, width and depth, and holds the preform of every gem
    at least `least` wide: planes moved out by a margin meet further out at sharp edges than the
    box's do, and the more so the smaller the gem.

    Parameters
    ----------
    gem
        What is cut and weighed.
    margin
        Share of the width: the margin of the smallest gem.
    meets
        (c, 3) numbers of three half-spaces that meet at a corner which may touch the box.
    """

    gem: Cut
    margin: float
    meets: np.ndarray

    @property
    def name(self) -> str:
        """Of the gem."""
        return self.gem.name

    @property
    def proportions(self) -> tuple[Proportion, ...]:
        """Of the gem."""
        return self.gem.proportions

    def planes(self, theta: Float) -> tuple[Float, Float]:
        """Return the gem's half-spaces, moved out of the box's way, and its sides.

        (b, m + 6, 3) and (b, m + 6): the gem's come first, since rules are asked of them.
        """
        normals, _ = self.gem.planes(theta)
        reach = _reaches(self.gem, theta, self.margin, self.meets).max(axis=1)
        reach = reach - self.margin + SPARE
        sides = np.broadcast_to(SIDES, (len(theta), 6, 3))
        # A box's support: of each axis the side that the normal looks to.
        looks = np.maximum(np.concatenate([normals, -normals], axis=2), 0.0)
        return (
            np.concatenate([normals, sides], axis=1),
            np.concatenate([CLEAR * np.einsum("bma,ba->bm", looks, reach), reach], axis=1),
        )

    def design(self, theta: Float, width: float) -> Design:
        """Return the gem alone at proportions (p,) and a width in mm."""
        return self.gem.design(theta, width)


@cache
def boxed(name: str, *, margin: float, least: float) -> BoxedCut:
    """Return a cut of the set in its box, for gems at least `least` mm wide at a margin (mm)."""
    cut, share = cut_of(name), margin / least
    ends = [(p.low, p.high) for p in cut.proportions]
    middle = np.array([p.default for p in cut.proportions])
    thetas = np.array([middle, *product(*ends)])
    every = [_meets_near_box(n, d + share) for n, d in zip(*cut.planes(thetas), strict=True)]
    meets = np.unique(np.concatenate(every), axis=0)
    grid = np.array(list(product(*((a, 0.5 * (a + b), b) for a, b in ends))))
    # Firm at one place of the proportions is not firm at all of them.
    normals, _ = cut.planes(grid)
    meets = meets[np.abs(np.linalg.det(normals[:, meets])).min(axis=0) > FIRM]
    reaches = _reaches(cut, grid, share, meets)
    return BoxedCut(gem=cut, margin=share, meets=meets[_enough(reaches)])


def _reaches(cut: Cut, theta: Float, share: float, meets: np.ndarray) -> Float:
    """Return how far corners reach (b, c, 6); what is no corner at its proportions reaches none."""
    normals, offsets = cut.planes(theta)
    offsets = offsets + share
    corners = np.linalg.solve(normals[:, meets], offsets[:, meets][..., None])[..., 0]
    past = (corners @ normals.transpose(0, 2, 1) - offsets[:, None]).max(axis=2)
    out: Float = np.where(past[..., None] <= OUTSIDE, corners @ SIDES.T, -np.inf)
    return out


def _enough(reaches: Float) -> np.ndarray:
    """Return the numbers of a few corners that reach all sides wherever one of all (b, c, 6) does.

    Greedy: next comes the corner that reaches most sides that none has reached so far.
    """
    far = reaches >= reaches.max(axis=1, keepdims=True) - SPARE / 10.0
    kept: list[int] = []
    left = np.ones((len(reaches), 6), dtype=bool)
    while left.any():
        kept.append(int((far & left[:, None]).sum(axis=(0, 2)).argmax()))
        left &= ~far[:, kept[-1]]
    return np.array(sorted(kept))


def _meets_near_box(normals: Float, offsets: Float) -> np.ndarray:
    """Return three half-spaces (c, 3) that meet most firmly at each corner near the box."""
    solid = polytope_from_planes(normals, offsets)
    reach = solid.vertices @ SIDES.T
    near = np.flatnonzero((reach >= reach.max(axis=0) - TIGHT).any(axis=1))
    out = []
    for v in near:
        on = np.array([j for j, loop in enumerate(solid.loops) if v in loop])
        rows = normals[on]
        first = int(np.abs(rows[:, 2]).argmax())
        second = int(np.linalg.norm(np.cross(rows[first], rows), axis=1).argmax())
        third = int(np.abs(rows @ np.cross(rows[first], rows[second])).argmax())
        out.append(sorted((on[first], on[second], on[third])))
    return np.array(out, dtype=np.int64).reshape(-1, 3)

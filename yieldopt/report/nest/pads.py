"""Three pads that a body rests on: spread as widely as they can be about its centre of mass."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.report.nest.heights import Grid, Mask, across

WAYS = 48  # sectors round the centre, the farthest place of each: 17,000 threes of them
# Times the clearance: how far a body may sink onto its pads. Level ones would do with 1, of 60
# degrees with 2, of 80 with 6.
STEEPER = (1.5, 2.0, 3.0, 6.0)
NEVER = -np.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Pads:
    """Where a body rests.

    Parameters
    ----------
    places
        (3, 2) mm, their middles.
    spread
        mm, from the centre of mass to the nearest side of their triangle, seen from above;
        negative where it lies outside, so that the body leans against its wall.
    nodes
        Which nodes of the grid lie on them, boolean.
    seat
        mm: how far the body sinks until it rests.
    width
        Of a pad, mm.
    """

    places: Float
    spread: float
    nodes: Mask
    seat: float
    width: float


def choose_pads(
    heights: Float, free: Float, grid: Grid, *, width: float, top: float, centre: Float,
    clearance: float, barred: Mask, enough: float,
) -> Pads | None:  # fmt: skip
    """Return the pads whose triangle holds the centre of mass best; None where there is no place.

    Level places come first, as long as the centre lies far enough inside.

    Parameters
    ----------
    heights, free
        Of the body's underside, and of what keeps clear of it (`heights.grown`).
    width
        Of a pad.
    top
        Pads lie below it.
    centre
        (2,) the centre of mass, seen from above.
    barred
        Nodes that may bear no pad, boolean.
    enough
        Spread that is not bettered by steeper pads, mm.
    """
    from scipy.ndimage import maximum_filter

    cells = max(1, int(np.ceil(0.5 * width / grid.step)))
    open_to = (heights <= top) & ~barred  # places without a body are infinitely high
    bare = np.full(heights.shape, np.inf)
    bare[open_to] = heights[open_to] - free[open_to]
    need: Float = maximum_filter(bare, size=2 * cells + 1, mode="constant", cval=np.inf)
    x, y = grid.places()
    best: Pads | None = None
    for steeper in STEEPER:
        can = np.isfinite(need) & (need <= steeper * clearance + grid.step)
        if np.count_nonzero(can) < 3:
            continue
        chosen = _widest(np.column_stack([x[can], y[can]]), centre, width)
        if chosen is None:
            continue
        places, spread = chosen
        if best is not None and spread <= best.spread:
            continue
        away = [np.hypot(x - px, y - py) for px, py in places]
        nodes = np.min(away, axis=0) <= 0.5 * width
        best = Pads(
            places=places, spread=spread, nodes=nodes, seat=float(bare[nodes].max()), width=width
        )
        if spread >= enough:
            break
    return best


def _widest(places: Float, centre: Float, apart: float) -> tuple[Float, float] | None:
    """Return the three places whose nearest side is farthest from the centre, and how far."""
    out = places - centre
    sector = np.floor(np.arctan2(out[:, 1], out[:, 0]) / (2.0 * np.pi) * WAYS).astype(np.int64)
    order = np.lexsort((-(out**2).sum(axis=1), sector))
    far = order[np.flatnonzero(np.diff(sector[order], prepend=-WAYS))]
    threes = np.array(list(combinations(range(len(far)), 3)), dtype=np.int64)
    if not len(threes):
        return None
    corners = (places[far] - centre)[threes]
    a, b, c = corners.transpose(1, 0, 2)
    turned = across(b - a, c - a)
    sides = corners[:, [1, 2, 0]] - corners
    length = np.linalg.norm(sides, axis=2)  # of different nodes: none is 0
    away = across(corners, sides) / length * np.sign(turned)[:, None]
    wide = np.abs(turned) >= 0.5 * apart * length.max(axis=1)  # no three in a row
    least = np.where(wide & (length.min(axis=1) >= apart), away.min(axis=1), NEVER)
    i = int(least.argmax())
    if least[i] == NEVER:
        return None
    return corners[i] + centre, float(least[i])

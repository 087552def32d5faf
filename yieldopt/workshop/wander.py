"""Where a blade runs that wanders: saw planes as a hand makes them."""

from collections.abc import Sequence

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.plan.pieces import WHOLE
from yieldopt.plan.record import Plan, SawCut

# mm: half a line shorter than this steers no blade: fence and vice hold the piece on both sides.
LEAST_HALF_LINE = 2.0
# Round the line, in units of its half-extents: three places that any wander may be read from.
ROUND = 2.0 * np.pi * np.arange(3) / 3.0 + 0.5 * np.pi


def sawn_planes(plan: Plan, cut: SawCut, wander: Float) -> tuple[Float, Float]:
    """Return the planes (tries, 3), (tries,) mm that a blade follows.

    `wander` (tries, 3) mm stands along the plane's normal at three places of the ellipse that has
    the line's extents: one at an end of the long way, two beside its other end.
    """
    size = float(np.linalg.norm(cut.normal))
    normal, offset = np.asarray(cut.normal) / size, cut.offset / size
    middle, long, short = _line(plan, cut, normal, offset)
    # w = w0 + a x / |long| + b y / |short| takes the three values at the three places.
    level = wander.mean(axis=1)
    at_end = wander @ np.sin(ROUND) * (2.0 / 3.0)
    at_side = wander @ np.cos(ROUND) * (2.0 / 3.0)
    lean = np.outer(at_end, long / (long @ long)) + np.outer(at_side, short / (short @ short))
    normals = normal - lean
    offsets = offset + level - lean @ middle
    length = np.linalg.norm(normals, axis=1)
    return normals / length[:, None], offsets / length


def _line(plan: Plan, cut: SawCut, normal: Float, offset: float) -> tuple[Float, Float, Float]:
    """Return the middle of a saw line (3,) and its half-extents, the longest and across, (3,) mm.

    The line is where the plane meets the rough's skin within the planes that made the piece.
    """
    corners = plan.rough.triangles()
    near = corners @ normal - offset
    ends = []
    for a, b in ((0, 1), (1, 2), (2, 0)):
        crossed = (near[:, a] > 0.0) != (near[:, b] > 0.0)
        share = near[crossed, a] / (near[crossed, a] - near[crossed, b])
        start, end = corners[crossed, a], corners[crossed, b]
        ends.append(start + share[:, None] * (end - start))
    points = np.concatenate(ends)
    for before, above in sides_of(plan.saw, cut.piece):
        high = points @ before.normal > before.offset
        points = points[high if above else ~high]
    aside = np.eye(3)[int(np.argmin(np.abs(normal)))]
    u = np.cross(normal, aside)
    u /= np.linalg.norm(u)
    v = np.cross(normal, u)
    if len(points) == 0:  # it saws nothing: what it does there moves no stone
        return offset * normal, LEAST_HALF_LINE * u, LEAST_HALF_LINE * v
    flat = points @ np.array([u, v]).T
    # The way of the longest extent, to a degree: a section may have any outline.
    ways = np.radians(np.arange(180.0))
    reach = flat @ np.array([np.cos(ways), np.sin(ways)])
    way = ways[int(np.ptp(reach, axis=0).argmax())]
    axes = np.array([[np.cos(way), np.sin(way)], [-np.sin(way), np.cos(way)]])
    along = flat @ axes.T
    low, high = along.min(axis=0), along.max(axis=0)
    half = np.maximum(0.5 * (high - low), LEAST_HALF_LINE)
    places = axes @ np.array([u, v])
    middle = 0.5 * (low + high) @ places + offset * normal
    return middle, half[0] * places[0], half[1] * places[1]


def sides_of(saw: Sequence[SawCut], piece: str) -> list[tuple[SawCut, bool]]:
    """Return the cuts that made a piece, the last first, and whether it lies above each."""
    out = []
    while piece != WHOLE:
        made = next((cut for cut in saw if piece in (cut.above, cut.below)), None)
        if made is None:  # a lone stone that nothing is sawn for
            break
        out.append((made, made.above == piece))
        piece = made.piece
    return out


def wall_of(normals: Float, offsets: Float, kerf: float, above: bool) -> tuple[Float, Float]:
    """Return saw faces (tries, 3), (tries,) as a stone sees them: it keeps `n . x <= d`."""
    side = -1.0 if above else 1.0
    return side * normals, side * offsets - 0.5 * kerf

"""Rules on how facets stand to directions of the rough, in the search.

Rules on the table, on cleavages and on the pavilion's ends are one form: the unsigned angle
between a facet's normal and an axis lies in a range. They are rows of the local program
(`kernels.refine`), rotations are brought to obey them before they are weighed, and cells of the
bound where the table cannot obey are dropped.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from yieldopt.cuts.centre_point import weighed
from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.rotations import cell_rotations, direction_radii
from yieldopt.kernels.refine import Directions
from yieldopt.kernels.solid import CORNERS, measure_solid
from yieldopt.plan.record import OrientationRule

ROUNDS = 12  # of turning a rotation to obey the rule it breaks most
SPARE = 1e-6  # rad inside a rule's edge, so that rounding in files cannot break it
NEAR_SHARE = 0.7  # facets this near to a rule's share obey too: proportions change areas
LEVEL = 1.0 - 1e-12  # cosine to the axis of the table's normal
ENDS_WITHIN = np.radians(30.0)  # of the length, seen from above: what is an end, see the plan file
FLAT = 0.05  # share of a normal: a flatter facet (a base) looks nowhere from above
SQUARE = 1e-6  # share of a length: a gem as wide to this has no longer side
BELOW = 1e-6  # share of a normal: the pavilion's look down, those of the girdle stand upright


@dataclass(frozen=True, slots=True, kw_only=True)
class Orientation:
    """The rules as they concern one cut.

    Parameters
    ----------
    directions
        For the kernels.
    low, high
        (r,) rad.
    table
        (r,) whether the rule holds the table.
    never
        Whether no gem of the cut can obey all rules: it has no ends, or none that is as steep.
    """

    directions: Directions
    low: Float
    high: Float
    table: np.ndarray
    never: bool = False


def orientation_of(rules: tuple[OrientationRule, ...], cut: Cut) -> Orientation:
    """Return the rules with the facets of the cut that they hold."""
    middle = np.array([0.5 * (p.low + p.high) for p in cut.proportions])
    n_planes = cut.planes(middle[None])[1].shape[1]
    normals, offsets = weighed(cut).planes(middle[None])  # the first of those of the body
    normals, offsets = np.ascontiguousarray(normals[0]), np.ascontiguousarray(offsets[0])
    areas = np.zeros(len(offsets))
    measure_solid(normals, offsets, np.empty((2, CORNERS, 3)), areas, np.empty((len(offsets), 3)))
    share = areas / areas.sum()
    is_table = normals[:, 2] > LEVEL
    holds = np.zeros((len(rules), n_planes), dtype=np.uint8)
    along = length_of(cut) if any(rule.facets == "ends" for rule in rules) else 0
    never = False
    for r, rule in enumerate(rules):
        # Ends of any size obey: there are few, and proportions change what they are of all.
        least = 0.0 if rule.facets == "ends" else NEAR_SHARE
        held = held_facets(rule, normals, share, along, least=least)
        holds[r, : len(offsets)] = held
        never |= rule.facets == "ends" and not _can_face(rule, cut, np.flatnonzero(held))
    low = np.array([rule.low + SPARE if rule.low > 0.0 else 0.0 for rule in rules])
    high = np.array([rule.high - SPARE if rule.high < np.pi / 2 else np.pi / 2 for rule in rules])
    return Orientation(
        directions=Directions(
            axes=np.array([rule.axis for rule in rules]).reshape(len(rules), 3),
            least=np.cos(high),
            most=np.cos(low),
            holds=holds,
        ),
        low=low,
        high=high,
        table=np.asarray((holds[:, : len(offsets)] * is_table).any(axis=1)),
        never=never,
    )


def held_facets(
    rule: OrientationRule, normals: Float, share: Float, along: int, *, least: float = 1.0
) -> np.ndarray:
    """Tell which facets (m,) of a gem a rule holds.

    Parameters
    ----------
    normals, share
        (m, 3) of its own frame, and (m,) of its surface.
    along
        0 where x is the gem's length, 1 where y is.
    least
        What of the rule's share a facet has at least.
    """
    if rule.share > 1.0 or rule.facets == "table":
        return np.asarray(normals[:, 2] > LEVEL)
    large = np.asarray(share >= least * rule.share)
    if rule.facets == "all":
        return large
    flat = np.linalg.norm(normals[:, :2], axis=1)
    looks_along = np.abs(normals[:, along]) >= np.cos(ENDS_WITHIN) * flat
    return np.asarray(large & (normals[:, 2] < -BELOW) & (flat > FLAT) & looks_along)


def length_of(cut: Cut) -> int:
    """Return the axis, 0 or 1, that a cut is longer along as it usually is; 0 where it is as wide.

    That of all its gems: no proportion turns a length into a width.
    """
    usual = np.array([0.5 * (p.low + p.high) for p in cut.proportions])
    extent = np.ptp(cut.design(usual, 1.0).solid.vertices[:, :2], axis=0)
    return int(extent[1] > extent[0] * (1.0 + SQUARE))


def _can_face(rule: OrientationRule, cut: Cut, ends: np.ndarray) -> bool:
    """Tell whether some gem of a cut has ends steep enough to face the rule's axis.

    Two ends that look apart are both within the rule's angle of one line only where they are as
    steep; one alone is held to the same. It is asked at the corners of the proportions.
    """
    if len(ends) == 0:
        return False
    n = len(cut.proportions)
    corners = np.array(list(product(*((p.low, p.high) for p in cut.proportions)))).reshape(2**n, n)
    normals = weighed(cut).planes(corners)[0]
    steep = np.arccos(np.clip(-normals[:, ends, 2], -1.0, 1.0)).min(axis=1).max()
    return bool(steep >= np.pi / 2 - rule.high)


def can_obey(rules: tuple[OrientationRule, ...], cut: Cut) -> bool:
    """Tell whether a cut's form lets it obey rules; where it lies is not looked at."""
    return not orientation_of(rules, cut).never


def brought_to_obey(orientation: Orientation, rotations: Float, normals: Float) -> np.ndarray:
    """Turn rotations (b, 3, 3) in place by little so that they obey; tell which (b,) do.

    `normals` (b, m, 3) are the gems' own. Each round turns every rotation by the least angle
    that mends the rule it breaks most.
    """
    rules = orientation.directions
    if len(rules.axes) == 0:
        return np.ones(len(rotations), dtype=bool)
    if orientation.never:
        return np.zeros(len(rotations), dtype=bool)
    for _ in range(ROUNDS):
        miss, rule, facet = _worst(orientation, rotations, normals)
        broken = np.flatnonzero(np.abs(miss) > 0.0)
        if len(broken) == 0:
            return np.ones(len(rotations), dtype=bool)
        axis = rules.axes[rule[broken]]
        turned = (rotations[broken] @ normals[broken, facet[broken]][:, :, None])[:, :, 0]
        axis = axis * np.where((turned * axis).sum(axis=1) >= 0.0, 1.0, -1.0)[:, None]
        about = np.cross(turned, axis)
        size = np.linalg.norm(about, axis=1, keepdims=True)
        fallback = np.cross(turned, np.roll(np.abs(turned), 1, axis=1) + 0.1)
        about = np.where(size > 1e-9, about, fallback)
        about /= np.linalg.norm(about, axis=1, keepdims=True)
        # Turning about N x k by a positive angle brings N nearer to k.
        rotations[broken] = turns(about * miss[broken][:, None]) @ rotations[broken]
    miss, _, _ = _worst(orientation, rotations, normals)
    return np.asarray(miss == 0.0)


def _worst(
    orientation: Orientation, rotations: Float, normals: Float
) -> tuple[Float, np.ndarray, np.ndarray]:
    """Return the worst miss (b,) rad (positive: too far from the axis), its rule and facet."""
    rules = orientation.directions
    b = len(normals)
    worst = np.zeros(b)
    rule, facet = np.zeros(b, dtype=np.int64), np.zeros(b, dtype=np.int64)
    for r in range(len(rules.axes)):
        held = np.flatnonzero(rules.holds[r])
        if len(held) == 0:
            continue
        own = np.einsum("ba,bja->bj", rules.axes[r] @ rotations, normals[:, held])
        angle = np.arccos(np.clip(np.abs(own), 0.0, 1.0))
        miss = np.maximum(angle - orientation.high[r], 0.0)
        miss -= np.maximum(orientation.low[r] - angle, 0.0)
        miss[np.abs(miss) < 0.1 * SPARE] = 0.0
        at = np.abs(miss).argmax(axis=1)
        own_miss = miss[np.arange(b), at]
        more = np.abs(own_miss) > np.abs(worst)
        worst[more], rule[more], facet[more] = own_miss[more], r, held[at[more]]
    return worst, rule, facet


def turns(w: Float) -> Float:
    """Return exp(w) for rotation vectors (n, 3)."""
    angle = np.linalg.norm(w, axis=1)
    safe = np.maximum(angle, 1e-300)
    k = np.zeros((len(w), 3, 3))
    u = w / safe[:, None]
    k[:, 0, 1], k[:, 0, 2], k[:, 1, 2] = -u[:, 2], u[:, 1], -u[:, 0]
    k[:, 1, 0], k[:, 2, 0], k[:, 2, 1] = u[:, 2], -u[:, 1], u[:, 0]
    s, c = np.sin(angle)[:, None, None], (1.0 - np.cos(angle))[:, None, None]
    out: Float = np.eye(3) + s * k + c * (k @ k)
    return out


def cells_can_obey(orientation: Orientation, cells: Float) -> np.ndarray:
    """Tell in which cells (n, 6) some rotation lets the table obey. Errs to "yes"."""
    able = np.full(len(cells), not orientation.never)
    table = cell_rotations(cells)[:, :, 2]
    radius = direction_radii(cells)
    for r in np.flatnonzero(orientation.table):
        angle = np.arccos(np.clip(np.abs(table @ orientation.directions.axes[r]), 0.0, 1.0))
        able &= (angle - radius <= orientation.high[r]) & (angle + radius >= orientation.low[r])
    return able

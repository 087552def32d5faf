"""A cut's proportions as the hull bound sees them: linear models over sub-boxes.

The corners of a family are smooth in its proportions, and the models' errors are of second
order in the size of the sub-box. They are measured on a grid of three places a proportion,
which meets the extremes of every quadratic, and widened by SAFETY for what a cubic may add
between the places. Nothing else in the bound is measured: the rest is proved.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np

from yieldopt.cuts.centre_point import weighed
from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.kernels.hull import Forms
from yieldopt.kernels.solid import CORNERS, WIDE, clip_facet, measure_solid

SAFETY = 1.25  # on model errors measured at the grid: what lies between its places
SAME_CORNER = 1e-7  # of the width: corners nearer than this are one


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The linear model of a cut over one sub-box of its proportions, unit width.

    Parameters
    ----------
    low, high
        (p,) the sub-box.
    corners
        (1 + p, 3, k): corners at the middle and their slopes, shrunk so that for every
        member of the sub-box they lie in its gem.
    volume, gain
        mm3 and (p,): no member has more than `volume (1 + gain . delta)^3`.
    slack
        What the model's errors cost in ln volume.
    widest
        The proportion to split for less slack; -1 when there is none.
    """

    low: Float
    high: Float
    corners: Float
    volume: float
    gain: Float
    slack: float
    widest: int


def whole_form(cut: Cut) -> Form:
    """Return the model over all the cut's proportions."""
    low = np.array([p.low for p in cut.proportions])
    return make_form(cut, low, np.array([p.high for p in cut.proportions]))


def halves(cut: Cut, form: Form) -> tuple[Form, Form]:
    """Return the models over the two halves of a sub-box, across its widest proportion."""
    middle = 0.5 * (form.low[form.widest] + form.high[form.widest])
    high, low = form.high.copy(), form.low.copy()
    high[form.widest] = low[form.widest] = middle
    return make_form(cut, form.low, high), make_form(cut, low, form.high)


def make_form(cut: Cut, low: Float, high: Float) -> Form:
    """Return the model over the sub-box low..high, (p,) each."""
    p = len(low)
    middle, reach = 0.5 * (low + high), 0.5 * (high - low)
    corners, on = _corners(cut, middle)
    slopes = np.zeros((p, 3, len(corners)))
    gain = np.zeros(p)
    centre = volumes_of(cut, middle[None])[0]
    for q in range(p):
        if reach[q] <= 0.0:
            continue
        step = np.zeros(p)
        step[q] = reach[q]
        ends = np.stack([middle + step, middle - step])
        slopes[q] = (_meets(cut, ends[0], on) - _meets(cut, ends[1], on)).T / (2.0 * reach[q])
        above, below = np.cbrt(volumes_of(cut, ends) / centre)
        gain[q] = (above - below) / (2.0 * reach[q])
    steps = np.array(list(product((-1.0, 0.0, 1.0), repeat=p))).reshape(3**p, p) * reach
    normals, offsets = cut.planes(middle + steps)
    places = corners.T[None] + np.einsum("nq,qak->nak", steps, slopes)
    outside = np.max(np.einsum("nma,nak->nmk", normals, places) / offsets[:, :, None], axis=(1, 2))
    more = volumes_of(cut, middle + steps) / (centre * (1.0 + steps @ gain) ** 3)
    shrink = 1.0 + SAFETY * max(0.0, float(outside.max()) - 1.0) + 1e-9
    raised = 1.0 + SAFETY * max(0.0, float(more.max()) - 1.0) + 1e-9
    errors = 3.0 * np.log(np.maximum(outside, 1.0)) + np.log(np.maximum(more, 1.0))
    return Form(
        low=low,
        high=high,
        corners=np.concatenate([corners.T[None], slopes]) / shrink,
        volume=float(centre * raised),
        gain=gain,
        slack=float(3.0 * np.log(shrink) + np.log(raised)),
        widest=_widest(errors, steps, reach),
    )


def _widest(errors: Float, steps: Float, reach: Float) -> int:
    """Return the proportion whose end places carry most of the error beyond its middle."""
    gains = [
        errors.max() - errors[steps[:, q] == 0.0].max() if reach[q] > 0.0 else -1.0
        for q in range(len(reach))
    ]
    return int(np.argmax(gains)) if gains and max(gains) > 0.0 else -1


def stacked(forms: list[Form]) -> Forms:
    """Return forms as arrays for the kernel; short corner lists repeat their first."""
    k = (max(form.corners.shape[2] for form in forms) + 7) // 8 * 8
    p = len(forms[0].low)
    corners = np.empty((len(forms), 1 + p, 3, k))
    for i, form in enumerate(forms):
        corners[i] = form.corners[:, :, :1]
        corners[i, :, :, : form.corners.shape[2]] = form.corners
    return Forms(
        corners=corners,
        volume=np.array([form.volume for form in forms]),
        gain=np.array([form.gain for form in forms]).reshape(len(forms), p),
        reach=np.array([0.5 * (form.high - form.low) for form in forms]).reshape(len(forms), p),
    )


def fold_of(cut: Cut) -> int:
    """Return the order of the cut's rotations about its axis that change nothing."""
    low = np.array([p.low for p in cut.proportions])
    normals, offsets = cut.planes(low[None])
    rows = np.column_stack([normals[0], offsets[0]])
    outer = rows[np.hypot(rows[:, 0], rows[:, 1]).argmax()]
    for fold in range(64, 1, -1):
        c, s = np.cos(2 * np.pi / fold), np.sin(2 * np.pi / fold)
        # One facet rules out most orders: all of them took longer than 20 cells of a bound.
        one = np.array([c * outer[0] - s * outer[1], s * outer[0] + c * outer[1], *outer[2:]])
        if np.abs(one - rows).max(axis=1).min() >= SAME_CORNER:
            continue
        turned = rows.copy()
        turned[:, 0] = c * rows[:, 0] - s * rows[:, 1]
        turned[:, 1] = s * rows[:, 0] + c * rows[:, 1]
        far = np.abs(turned[:, None] - rows[None]).max(axis=2).min(axis=1)
        if far.max() < SAME_CORNER:
            return fold
    return 1


def _corners(cut: Cut, theta: Float) -> tuple[Float, np.ndarray]:
    """Return the corners (k, 3) at proportions (p,), and three planes (k, 3) that meet there."""
    normals, offsets = cut.planes(theta[None])
    normals, offsets = np.ascontiguousarray(normals[0]), np.ascontiguousarray(offsets[0])
    points = facet_corners(normals, offsets)
    points = distinct(points, SAME_CORNER)
    on = np.abs(points @ normals.T - offsets) < 10.0 * SAME_CORNER
    a = on.argmax(axis=1)
    across = np.cross(normals[a][:, None], normals[None])
    b = np.where(on, np.linalg.norm(across, axis=2), -1.0).argmax(axis=1)
    third = np.abs((np.cross(normals[a], normals[b])[:, None] * normals[None]).sum(axis=2))
    c = np.where(on, third, -1.0).argmax(axis=1)
    planes = np.stack([a, b, c], axis=1)
    return _meets(cut, theta, planes), planes


def facet_corners(normals: Float, offsets: Float) -> Float:
    """Return the corners of all facets of half-spaces (m, 3), (m,), facet by facet: (k, 3).

    A corner comes once for each facet that meets there; a tenth of the time of a whole solid.
    """
    normals, offsets = np.ascontiguousarray(normals), np.ascontiguousarray(offsets)
    rings = np.empty((2, CORNERS, 3))
    reach = WIDE * float(np.abs(offsets).max())
    found = []
    for j in range(len(offsets)):
        n, ring = clip_facet(normals, offsets, j, reach, rings)
        found.append(rings[ring, : max(n, 0)].copy())
    out: Float = np.concatenate(found)
    return out


def distinct(points: Float, size: float) -> Float:
    """Return points (n, 3) without those nearer than `size` to an earlier one, about."""
    _, first = np.unique(np.round(points / size).astype(np.int64), axis=0, return_index=True)
    return points[np.sort(first)]


def _meets(cut: Cut, theta: Float, planes: np.ndarray) -> Float:
    """Return where the planes (k, 3) meet at proportions (p,), (k, 3)."""
    normals, offsets = cut.planes(theta[None])
    out: Float = np.linalg.solve(normals[0][planes], offsets[0][planes][:, :, None])[:, :, 0]
    return out


def volumes_of(cut: Cut, thetas: Float) -> Float:
    """Return the volumes (n,) mm3 of the gems at proportions (n, p), unit width."""
    normals, offsets = weighed(cut).planes(thetas)
    normals, offsets = np.ascontiguousarray(normals), np.ascontiguousarray(offsets)
    m = offsets.shape[1]
    rings, areas, centroids = np.empty((2, CORNERS, 3)), np.empty(m), np.empty((m, 3))
    return np.array(
        [
            measure_solid(n, d, rings, areas, centroids)
            for n, d in zip(normals, offsets, strict=True)
        ]
    )

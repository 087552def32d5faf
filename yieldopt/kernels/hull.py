"""How large a gem can be in a convex hull: at one rotation, and over a cell of rotations.

Over a sub-box of the proportions a gem of unit width is known by linear models about the
box's middle, `delta` the proportions' distance from it: its corners contain
`(c_k + sum_q J_qk delta_q)` (shrunk where they must be, so that they never leave the gem),
its volume is at most `V (1 + g . delta)^3` (raised where it must be). In mm, with width `S`
and `D = S delta`, the largest gem in the hull `a_i . x <= b_i` at rotation R is

    maximise S + g . D   subject to
    a_i . R (S c_k + sum_q J_qk D_q) + a_i . t <= b_i,   |D_q| <= S reach_q,

a linear program (the supporting corners are added as they are met). Its multipliers
`z >= 0` prove a limit for every rotation near by. Summed with them the rows say
`S B(R, delta) <= sum z b + |sum z a| T`, `B = <R, M_0 + sum_q delta_q M_q>`,
`M_0 = sum z a c^T`, `M_q = sum z a J_q^T`, `T` a bound of |t|. On the cell `R = R0 exp(w)`,
|w| <= rho, with `N = R0^T M`,

    <R, M> >= tr N - sin(rho) |axial N| - (1 - cos rho) (tr N - least eigenvalue of sym N),

and the volume is at most `V` times the cube of the greatest
`(1 + g . delta) (right side) / B`, a ratio of linear forms, found exactly (Dinkelbach 1967).
All losses vanish to second order in the size of the cell.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yieldopt.kernels.extremes import greater
from yieldopt.kernels.kernel import kernel
from yieldopt.kernels.program import INFEASIBLE, solve_program

WIDTH, SHAPE = 0, 1  # unknowns: S, then D, then three of t
CUTS = 4  # rounds of supporting corners; the bound holds after any of them
RATIOS = 12  # steps of Dinkelbach's method; it has needed at most 5


class Hull(NamedTuple):
    """Half-spaces (i, 3), (i,) of the hull less the margin, origin inside; |t| <= reach."""

    normals: NDArray[np.float64]
    offsets: NDArray[np.float64]
    reach: float


class Forms(NamedTuple):
    """Linear models of a cut over n sub-boxes of its p proportions, unit width."""

    corners: NDArray[np.float64]  # (n, 1 + p, 3, k) c, then J_q
    volume: NDArray[np.float64]  # (n,) V
    gain: NDArray[np.float64]  # (n, p) g
    reach: NDArray[np.float64]  # (n, p) half-sides of the sub-box


class Desk(NamedTuple):
    """Working memory of one thread."""

    columns: NDArray[np.float64]  # (n, rows)
    right: NDArray[np.float64]  # (rows,)
    broken: NDArray[np.float64]  # (rows,)
    plane: NDArray[np.int64]  # (rows,) hull plane of a row, or -1
    corner: NDArray[np.int64]  # (rows,) gem corner of a row
    last: NDArray[np.int64]  # (planes,) corner that supported last
    gain: NDArray[np.float64]  # (n,)
    box: NDArray[np.float64]  # (n,)
    x: NDArray[np.float64]  # (n,)
    inverse: NDArray[np.float64]  # (n, n)
    weight: NDArray[np.float64]  # (n,)
    active: NDArray[np.int64]  # (n,)
    alpha: NDArray[np.float64]  # (n,)
    matrices: NDArray[np.float64]  # (1 + p, 3, 3) M_0, M_q
    slopes: NDArray[np.float64]  # (p, 2) least and greatest <R, M_q> over the cell
    place: NDArray[np.float64]  # (3, k) corners of the gem at hand


@kernel
def _rows_of_shape(reach, desk, n):
    """Write `|D_q| <= S reach_q`; return the number of rows."""
    count = 0
    for q in range(reach.shape[0]):
        for side in range(2):
            for u in range(n):
                desk.columns[u, count] = 0.0
            desk.columns[SHAPE + q, count] = 1.0 if side == 0 else -1.0
            desk.columns[WIDTH, count] = -reach[q]
            desk.right[count] = 0.0
            desk.plane[count] = -1
            count += 1
    return count


@kernel
def _support_rows(hull, corners, rotation, desk, count):
    """Add a row for each plane whose supporting corner is new; return rows and the excess.

    The excess is the largest `(a . (R corner + t)) / b`: shrunk by it about the origin, the
    gem lies in the hull.
    """
    p, k_all = corners.shape[0] - 1, corners.shape[2]
    x, place = desk.x, desk.place
    for a in range(3):
        for k in range(k_all):
            place[a, k] = x[WIDTH] * corners[0, a, k]
        for q in range(p):
            for k in range(k_all):
                place[a, k] += x[SHAPE + q] * corners[1 + q, a, k]
    t = SHAPE + p
    excess = -1e300
    for i in range(hull.offsets.shape[0]):
        ax, ay, az = hull.normals[i, 0], hull.normals[i, 1], hull.normals[i, 2]
        ux = ax * rotation[0, 0] + ay * rotation[1, 0] + az * rotation[2, 0]
        uy = ax * rotation[0, 1] + ay * rotation[1, 1] + az * rotation[2, 1]
        uz = ax * rotation[0, 2] + ay * rotation[1, 2] + az * rotation[2, 2]
        most = -1e300
        for k in range(k_all):
            most = greater(most, ux * place[0, k] + uy * place[1, k] + uz * place[2, k])
        moved = ax * x[t] + ay * x[t + 1] + az * x[t + 2]
        excess = max(excess, (most + moved) / hull.offsets[i])
        if most + moved <= hull.offsets[i] and desk.last[i] >= 0:
            continue  # nothing broken: no row is needed
        at = 0
        for k in range(k_all):
            if ux * place[0, k] + uy * place[1, k] + uz * place[2, k] >= most:
                at = k
                break
        if at == desk.last[i] or count >= desk.right.shape[0]:
            continue
        desk.last[i] = at
        for q in range(1 + p):
            desk.columns[q, count] = (
                ux * corners[q, 0, at] + uy * corners[q, 1, at] + uz * corners[q, 2, at]
            )
        desk.columns[t, count], desk.columns[t + 1, count] = ax, ay
        desk.columns[t + 2, count] = az
        desk.right[count] = hull.offsets[i]
        desk.plane[count], desk.corner[count] = i, at
        count += 1
    return count, excess


@kernel
def bound_cell(hull, forms, form, rotation, rho, desk, found):
    """Return an upper bound of ln V over a cell of rotations, and a gem at its middle.

    Parameters
    ----------
    hull, forms, form
        Where, what, and which sub-box of the proportions.
    rotation, rho
        The cell: rotations within the angle `rho` (rad) of `rotation` (3, 3).
    desk
        Working memory; `desk.x` holds a first guess, S > 0.
    found
        (1 + n,): ln V of the gem of the linear model that lies in the hull at `rotation`,
        then its S, D, t.
    """
    corners, gain, reach = forms.corners[form], forms.gain[form], forms.reach[form]
    p = gain.shape[0]
    n, t = 4 + p, SHAPE + p
    x = desk.x
    for i in range(n):
        desk.gain[i] = 0.0
        desk.box[i] = 4.0 * hull.reach
    desk.gain[WIDTH] = 1.0
    for q in range(p):
        desk.gain[SHAPE + q] = gain[q]
    for a in range(3):
        desk.box[t + a] = hull.reach
    for i in range(hull.offsets.shape[0]):
        desk.last[i] = -1
    count = _rows_of_shape(reach, desk, n)
    count, _ = _support_rows(hull, corners, rotation, desk, count)
    best, bound = -1e300, 1e300
    for _ in range(CUTS):
        status = solve_program(
            n, desk.gain, desk.columns, desk.right, count, desk.box, x, desk.inverse,
            desk.weight, desk.active, desk.alpha, desk.broken,
        )  # fmt: skip
        if status == INFEASIBLE or x[WIDTH] <= 0.0:
            break
        bound = min(bound, _proved(hull, forms, form, rotation, rho, desk, n))
        before = count
        count, excess = _support_rows(hull, corners, rotation, desk, count)
        size = x[WIDTH]
        for q in range(p):
            size += gain[q] * x[SHAPE + q]
        value = np.log(forms.volume[form]) + 3.0 * np.log(size / max(1.0, excess))
        if value > best:
            best = value
            found[0] = value
            for i in range(n):
                found[1 + i] = x[i] / max(1.0, excess)
        if count == before:
            break
    return bound


@kernel
def _proved(hull, forms, form, rotation, rho, desk, n):
    """Return the upper bound of ln V over the cell that the program's multipliers prove."""
    matrices, slopes, x = desk.matrices, desk.slopes, desk.x
    corners, gain, reach = forms.corners[form], forms.gain[form], forms.reach[form]
    p = gain.shape[0]
    for q in range(1 + p):
        for a in range(3):
            for b in range(3):
                matrices[q, a, b] = 0.0
    zx, zy, zz, right = 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        row = desk.active[i] - 2 * n
        if row < 0 or desk.plane[row] < 0 or desk.weight[i] <= 0.0:
            continue
        z, plane, k = desk.weight[i], desk.plane[row], desk.corner[row]
        zx += z * hull.normals[plane, 0]
        zy += z * hull.normals[plane, 1]
        zz += z * hull.normals[plane, 2]
        right += z * hull.offsets[plane]
        for a in range(3):
            za = z * hull.normals[plane, a]
            for q in range(1 + p):
                for b in range(3):
                    matrices[q, a, b] += za * corners[q, b, k]
    right += (zx * zx + zy * zy + zz * zz) ** 0.5 * hull.reach
    # About the program's own proportions, so that the first-order terms cancel.
    top = 1.0
    for q in range(p):
        slopes[q, 0], slopes[q, 1] = _range_over_cell(matrices[1 + q], rotation, rho)
        own = min(reach[q], max(-reach[q], x[SHAPE + q] / x[WIDTH]))
        x[SHAPE + q] = own * x[WIDTH]
        top += gain[q] * own
        for a in range(3):
            for b in range(3):
                matrices[0, a, b] += own * matrices[1 + q, a, b]
    base, _ = _range_over_cell(matrices[0], rotation, rho)
    if base <= 0.0 or top <= 0.0:
        return 1e300
    ratio = top / base
    for _ in range(RATIOS):
        # Greatest of (top + g . e) - ratio (base + slope . e) over the rest of the sub-box.
        above, under = top, base
        for q in range(p):
            own = x[SHAPE + q] / x[WIDTH]
            up, down = reach[q] - own, -reach[q] - own
            rise = (gain[q] - ratio * slopes[q, 0]) * up
            fall = (gain[q] - ratio * slopes[q, 1]) * down
            if rise > 0.0 and rise >= fall:
                above += gain[q] * up
                under += slopes[q, 0] * up
            elif fall > 0.0:
                above += gain[q] * down
                under += slopes[q, 1] * down
        if under <= 0.0:
            return 1e300
        if above / under <= ratio * (1.0 + 1e-12):
            return np.log(forms.volume[form]) + 3.0 * np.log(ratio * (1.0 + 1e-12) * right)
        ratio = above / under
    return 1e300


@kernel
def _range_over_cell(matrix, rotation, rho):
    """Return a lower and an upper bound of <R, M> over rotations within rho of `rotation`."""
    n00, n01, n02, n10, n11, n12, n20, n21, n22 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for a in range(3):
        n00 += rotation[a, 0] * matrix[a, 0]
        n01 += rotation[a, 0] * matrix[a, 1]
        n02 += rotation[a, 0] * matrix[a, 2]
        n10 += rotation[a, 1] * matrix[a, 0]
        n11 += rotation[a, 1] * matrix[a, 1]
        n12 += rotation[a, 1] * matrix[a, 2]
        n20 += rotation[a, 2] * matrix[a, 0]
        n21 += rotation[a, 2] * matrix[a, 1]
        n22 += rotation[a, 2] * matrix[a, 2]
    trace = n00 + n11 + n22
    axial = ((n21 - n12) ** 2 + (n02 - n20) ** 2 + (n10 - n01) ** 2) ** 0.5
    low, high = extreme_eigenvalues(
        n00, n11, n22, 0.5 * (n01 + n10), 0.5 * (n02 + n20), 0.5 * (n12 + n21)
    )
    rho = min(rho, np.pi)
    # sin is not monotone past pi/2: its greatest value up to rho is meant.
    sine = 1.0 if rho > 0.5 * np.pi else np.sin(rho)
    bend = 1.0 - np.cos(rho)
    least = trace - sine * axial - bend * max(0.0, trace - low)
    most = trace + sine * axial + bend * max(0.0, high - trace)
    return least, most


@kernel
def extreme_eigenvalues(a, b, c, d, e, f):
    """Return the least and the greatest eigenvalue of [[a, d, e], [d, b, f], [e, f, c]].

    The trigonometric solution of the characteristic cubic (Smith 1961).
    """
    off = d * d + e * e + f * f
    mean = (a + b + c) / 3.0
    spread = (a - mean) ** 2 + (b - mean) ** 2 + (c - mean) ** 2 + 2.0 * off
    p = (spread / 6.0) ** 0.5
    if p < 1e-300:
        return mean, mean
    a, b, c, d, e, f = (a - mean) / p, (b - mean) / p, (c - mean) / p, d / p, e / p, f / p
    half = 0.5 * (a * (b * c - f * f) - d * (d * c - f * e) + e * (d * f - b * e))
    angle = np.arccos(min(1.0, max(-1.0, half))) / 3.0
    high = mean + 2.0 * p * np.cos(angle)
    low = mean + 2.0 * p * np.cos(angle + 2.0 * np.pi / 3.0)
    return low, high


@kernel
def bound_cells(first, last, hull, forms, form, rotations, rho, guesses, desk, bounds, found):
    """Bound the cells first:last; `guesses` (n, 1 + p) are S and D to start from."""
    for i in range(first, last):
        for u in range(guesses.shape[1]):
            desk.x[u] = guesses[i, u]
        for a in range(3):
            desk.x[guesses.shape[1] + a] = 0.0
        bounds[i] = bound_cell(hull, forms, form[i], rotations[i], rho[i], desk, found[i])

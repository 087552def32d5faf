"""One step of local improvement: contacts near their limit, a linear program, a trial.

The weight is `s^3 V(theta)`; `s` the scale (the width), `theta` the proportions. A hazard
triangle allows the scale `s_T = min over it of max_j g_j`, with multipliers `lambda` of its
program (`triangle.py`) and the point `p` where it is reached. By the envelope theorem
`d s_T = sum_j lambda_j d g_j(p)`, with `q = R^T (p - t)`:

    d g_j / dt = -A_j,   d g_j / dw = -(p - t) x A_j   (R <- exp(w) R),
    d g_j / dtheta = (dn_j . q - g_j dd_j) / d_j.

Every triangle near its limit gives one row on the unknowns
`(d ln s, dt / s, w, dtheta)`. Winterfeld (2008), EJOR 191, design centring by linearised
semi-infinite constraints; the lower level here is exact.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yieldopt.kernels.facets import AX, AY, AZ, B, W, box_bound, fill_facets, narrow_facets, padded
from yieldopt.kernels.kernel import inner_kernel, kernel
from yieldopt.kernels.program import INFEASIBLE, solve_program
from yieldopt.kernels.query import (
    ALL,
    CONTACTS,
    NARROWED,
    PLACE,
    SHARE,
    SOLUTION,
    TOUCHED,
    Scratch,
    contact_at,
    contact_within,
    keep_solution,
    largest_scale,
)
from yieldopt.kernels.tree import CHILD, COUNT, CX, CY, CZ, FIRST, HX, HY, HZ, THIN, WIDE

ROWS = CONTACTS  # kept for one program
REFUSED = 8  # triangles that stopped the last trials, kept as rows
APART, APART_TRUST = 0.05, 0.3  # half-size of a place, shares of the width and of the trust
NARROW_AT = 2.0  # of `apart`: half-size at which the facets are picked out; 1 and 4 were no faster
POSE = 7  # unknowns before the proportions: ln s, three moves, three turns
TURNS = 48  # rows kept for rules on directions
FREE = 1e300  # right side of a row that binds nothing
WINDOW = 1.5  # contacts are gathered up to this many trust radii above the scale


class Directions(NamedTuple):
    """Rules on facet normals: `least <= |R n_j . axis| <= most` where `holds[r, j]`."""

    axes: NDArray[np.float64]  # (r, 3) unit, scan frame
    least: NDArray[np.float64]  # (r,) cosines
    most: NDArray[np.float64]  # (r,)
    holds: NDArray[np.uint8]  # (r, m)


class Bench(NamedTuple):
    """Working memory of one thread for a step."""

    columns: NDArray[np.float64]  # (n, rows), a contact or limit a row
    row: NDArray[np.float64]  # (n,)
    right: NDArray[np.float64]  # (rows,)
    broken: NDArray[np.float64]  # (rows,)
    gain: NDArray[np.float64]  # (n,)
    box: NDArray[np.float64]  # (n,)
    x: NDArray[np.float64]  # (n,)
    inverse: NDArray[np.float64]  # (n, n)
    weight: NDArray[np.float64]  # (n,)
    active: NDArray[np.int64]  # (n,)
    alpha: NDArray[np.float64]  # (n,)
    near: NDArray[np.int64]  # (ROWS + REFUSED,) triangles
    level: NDArray[np.float64]  # (ROWS,) their scales
    rings: NDArray[np.float64]  # (2, CORNERS, 3)
    areas: NDArray[np.float64]  # (m,)
    centroids: NDArray[np.float64]  # (m, 3)


@kernel
def gather_contacts(tree, scratch, limit, apart, near, level):
    """Collect triangles whose own scale is below `limit`: the nearest of each place.

    A place is a box of the tree with a half-size of at most `apart` (mm). Without it the
    triangles of one flat face fill the list, and the rest of the contacts are not seen.
    Return how many, and the limit below which every place is in the list. Their solutions are
    in `scratch.solved`.
    """
    tables, stack, columns = scratch.tables, scratch.stack, scratch.columns
    columns[ALL] = tables.shape[2]
    box, places = tree.boxes, tree.places
    n, top = 0, 1
    stack[0, 0], stack[0, 1] = 0, ALL
    while top > 0:
        top -= 1
        node, at = stack[top, 0], stack[top, 1]
        if _bound_of(box, tables, at, columns[at], node) >= limit:
            continue
        child = places[node, CHILD]
        half = max(box[node, HX], max(box[node, HY], box[node, HZ]))
        if at == ALL and half <= NARROW_AT * apart:
            columns[NARROWED] = narrow_facets(
                tables, columns[ALL], box[node, CX], box[node, CY], box[node, CZ],
                box[node, HX], box[node, HY], box[node, HZ], box[node, THIN], box[node, WIDE],
            )  # fmt: skip
            at = NARROWED
        if child >= 0 and half > apart:
            stack[top, 0], stack[top, 1] = child, at
            stack[top + 1, 0], stack[top + 1, 1] = child + 1, at
            top += 2
            continue
        if half <= apart:
            k, scale = _nearest_below(tree, scratch, at, node, top, limit, n)
            if k >= 0:
                near[n], level[n] = k, scale
                n += 1
        else:
            first = places[node, FIRST]
            for k in range(first, first + places[node, COUNT]):
                scale = contact_within(tree, scratch, at, columns[at], k, limit)
                if scale < limit:
                    near[n], level[n] = k, scale
                    keep_solution(scratch, at, n)
                    n += 1
                    if n == level.shape[0]:
                        n, limit = _keep_nearest(scratch.solved, near, level, n)
        if n == level.shape[0]:
            n, limit = _keep_nearest(scratch.solved, near, level, n)
    return n, limit


@inner_kernel
def _bound_of(box, tables, level, columns, node):
    return box_bound(
        tables, level, columns, box[node, CX], box[node, CY], box[node, CZ],
        box[node, HX], box[node, HY], box[node, HZ], box[node, WIDE],
    )  # fmt: skip


@inner_kernel
def _nearest_below(tree, scratch, level, node, base, limit, slot):
    """Return the triangle below a node with the least scale under `limit` (-1: none).

    Uses the stack from `base` on.
    """
    box, places, stack, tables = tree.boxes, tree.places, scratch.stack, scratch.tables
    columns = scratch.columns[level]
    at, top = -1, base + 1
    stack[base, 0] = node
    while top > base:
        top -= 1
        node = stack[top, 0]
        child = places[node, CHILD]
        if child < 0:
            first = places[node, FIRST]
            for k in range(first, first + places[node, COUNT]):
                scale = contact_within(tree, scratch, level, columns, k, limit)
                if scale < limit:
                    limit, at = scale, k
                    keep_solution(scratch, level, slot)
            continue
        left = _bound_of(box, tables, level, columns, child)
        right = _bound_of(box, tables, level, columns, child + 1)
        first, second = (child, child + 1) if left > right else (child + 1, child)
        if max(left, right) < limit:
            stack[top, 0] = first
            top += 1
        if min(left, right) < limit:
            stack[top, 0] = second
            top += 1
    return at, limit


@kernel
def _keep_nearest(solved, near, level, n):
    """Drop the contacts above the mean scale; return how many stay, and the mean."""
    mean = 0.0
    for i in range(n):
        mean += level[i]
    mean /= n
    kept = 0
    for i in range(n):
        if level[i] < mean:
            near[kept], level[kept] = near[i], level[i]
            for a in range(SOLUTION):
                solved[kept, a] = solved[i, a]
            kept += 1
    if kept == 0 or kept == n:  # all alike, and the mean rounded: keep half of them
        kept = n // 2
    return kept, mean


@kernel
def write_row(tree, scratch, k, scale, pose, normals, offsets, d_normals, d_offsets, row):
    """Write triangle k's row on the unknowns, `row . x <= s_T / s - 1`; return s_T.

    `pose` is (rotation, translation). O(active facets times proportions).
    """
    own = contact_at(tree, scratch, k, 1e300)
    keep_solution(scratch, ALL, CONTACTS)
    write_solved_row(
        tree, scratch, k, CONTACTS, scale, pose, normals, offsets, d_normals, d_offsets, row
    )
    return own


@kernel
def write_solved_row(
    tree, scratch, k, slot, scale, pose, normals, offsets, d_normals, d_offsets, row
):
    """Write the row of triangle k, whose solution is in a slot of `scratch.solved`."""
    rotation, translation = pose
    solution, tables = scratch.solved[slot], scratch.tables
    b1, b2 = solution[PLACE], solution[PLACE + 1]
    b0 = 1.0 - b1 - b2
    corners = tree.corners
    rx = b0 * corners[k, 0] + b1 * corners[k, 3] + b2 * corners[k, 6] - translation[0]
    ry = b0 * corners[k, 1] + b1 * corners[k, 4] + b2 * corners[k, 7] - translation[1]
    rz = b0 * corners[k, 2] + b1 * corners[k, 5] + b2 * corners[k, 8] - translation[2]
    qx = rotation[0, 0] * rx + rotation[1, 0] * ry + rotation[2, 0] * rz
    qy = rotation[0, 1] * rx + rotation[1, 1] * ry + rotation[2, 1] * rz
    qz = rotation[0, 2] * rx + rotation[1, 2] * ry + rotation[2, 2] * rz
    for i in range(row.shape[0]):
        row[i] = 0.0
    row[0] = 1.0
    for i in range(3):
        j, share = int(solution[TOUCHED + i]), solution[SHARE + i]
        if j < 0 or share <= 0.0:
            continue
        ax, ay, az = tables[ALL, AX, j], tables[ALL, AY, j], tables[ALL, AZ, j]
        row[1] += share * ax
        row[2] += share * ay
        row[3] += share * az
        row[4] += share * (ry * az - rz * ay) / scale
        row[5] += share * (rz * ax - rx * az) / scale
        row[6] += share * (rx * ay - ry * ax) / scale
        g = ax * (rx) + ay * (ry) + az * (rz) - tree.keep[k] * tables[ALL, W, j]
        for p in range(d_offsets.shape[0]):
            turned = d_normals[p, j, 0] * qx + d_normals[p, j, 1] * qy + d_normals[p, j, 2] * qz
            row[POSE + p] -= share * (turned - g * d_offsets[p, j]) / offsets[j] / scale


@kernel
def propose_step(
    tree, scratch, bench, rules, refused, trust, scale, volume, rotation, translation, theta,
    areas, centroids, low, high, normals, offsets, d_normals, d_offsets,
    new_rotation, new_translation, new_theta,
):  # fmt: skip
    """Propose a better pose and proportions; return the predicted gain in ln weight.

    `areas` (m,), `centroids` (m, 3) are those of the gem at `theta`;
    `low`, `high` (p,) limit the proportions; `refused` (REFUSED,) are triangles that stopped
    earlier trials (-1: none). Nothing is promised about the trial: the exact
    query judges it. The centre moves by less than the gem's inner radius, so it stays on its
    side of every hazard.
    """
    p = theta.shape[0]
    n = POSE + p
    fill_facets(normals, offsets, rotation, translation, scratch.tables[ALL])
    count, _ = gather_contacts(
        tree,
        scratch,
        scale * (1.0 + WINDOW * trust),
        (APART + APART_TRUST * trust) * scale,
        bench.near,
        bench.level,
    )
    pose, found = (rotation, translation), count
    for i in range(refused.shape[0]):
        if refused[i] >= 0:
            bench.near[count] = refused[i]
            count += 1
    for i in range(count):
        if i < found:
            own = bench.level[i]
            write_solved_row(
                tree, scratch, bench.near[i], i, scale, pose, normals, offsets, d_normals,
                d_offsets, bench.row,
            )  # fmt: skip
        else:
            own = write_row(
                tree, scratch, bench.near[i], scale, pose, normals, offsets, d_normals,
                d_offsets, bench.row,
            )  # fmt: skip
        for u in range(n):
            bench.columns[u, i] = bench.row[u]
        bench.right[i] = max(0.0, own / scale - 1.0)
    inner = 1e300
    for j in range(offsets.shape[0]):
        inner = min(inner, offsets[j])
    bench.gain[0], bench.box[0] = 3.0, 2.0 * trust
    for i in range(3):
        bench.gain[1 + i], bench.box[1 + i] = 0.0, min(0.5 * trust, 0.5 * inner)
        bench.gain[4 + i], bench.box[4 + i] = 0.0, trust
    for q in range(p):
        slope = 0.0
        for j in range(offsets.shape[0]):
            if areas[j] > 0.0:
                slope += areas[j] * (
                    d_offsets[q, j]
                    - d_normals[q, j, 0] * centroids[j, 0]
                    - d_normals[q, j, 1] * centroids[j, 1]
                    - d_normals[q, j, 2] * centroids[j, 2]
                )
        bench.gain[POSE + q] = slope / volume
        reach = 2.0 * trust * (high[q] - low[q])
        bench.box[POSE + q] = reach
        # Limits of a proportion as rows, where the trust region crosses them.
        if theta[q] + reach > high[q]:
            count = _limit_row(bench, count, POSE + q, 1.0, high[q] - theta[q])
        if theta[q] - reach < low[q]:
            count = _limit_row(bench, count, POSE + q, -1.0, theta[q] - low[q])
    count = direction_rows(bench, rules, count, trust, rotation, normals, d_normals)
    full = padded(count)
    for k in range(count, full):  # rows that bind nothing, so that loops need no remainder
        bench.right[k] = FREE
        for u in range(n):
            bench.columns[u, k] = 0.0
    status = solve_program(
        n, bench.gain, bench.columns, bench.right, full, bench.box, bench.x, bench.inverse,
        bench.weight, bench.active, bench.alpha, bench.broken,
    )  # fmt: skip
    if status == INFEASIBLE:
        return -1.0
    x = bench.x
    for u in range(n):  # a program that ran out of pivots may end outside its box, far away
        x[u] = min(bench.box[u], max(-bench.box[u], x[u]))
    for a in range(3):
        new_translation[a] = translation[a] + x[1 + a] * scale
    turn(rotation, x[4], x[5], x[6], new_rotation)
    predicted = 3.0 * x[0]
    for q in range(p):
        predicted += bench.gain[POSE + q] * x[POSE + q]
        new_theta[q] = min(high[q], max(low[q], theta[q] + x[POSE + q]))
    return predicted


@kernel
def direction_rows(bench, rules, count, trust, rotation, normals, d_normals):
    """Add a row for each facet that a step could take to the edge of a rule.

    With `N = R n`, `d (N . k) = w . (N x k) + (R dn) . k`.
    """
    end = min(count + TURNS, bench.right.shape[0])
    for r in range(rules.axes.shape[0]):
        kx, ky, kz = rules.axes[r, 0], rules.axes[r, 1], rules.axes[r, 2]
        # The axis in the gem's frame.
        gx = rotation[0, 0] * kx + rotation[1, 0] * ky + rotation[2, 0] * kz
        gy = rotation[0, 1] * kx + rotation[1, 1] * ky + rotation[2, 1] * kz
        gz = rotation[0, 2] * kx + rotation[1, 2] * ky + rotation[2, 2] * kz
        for j in range(normals.shape[0]):
            if rules.holds[r, j] == 0:
                continue
            dot = normals[j, 0] * gx + normals[j, 1] * gy + normals[j, 2] * gz
            for side in range(2):
                sign = 1.0 if dot >= 0.0 else -1.0
                room = rules.most[r] - abs(dot)
                if side == 1:
                    sign, room = -sign, abs(dot) - rules.least[r]
                if room > 3.0 * trust or count >= end:
                    continue
                # N x k, turned from the gem's frame.
                cx = normals[j, 1] * gz - normals[j, 2] * gy
                cy = normals[j, 2] * gx - normals[j, 0] * gz
                cz = normals[j, 0] * gy - normals[j, 1] * gx
                for u in range(bench.columns.shape[0]):
                    bench.columns[u, count] = 0.0
                for a in range(3):
                    bench.columns[4 + a, count] = sign * (
                        rotation[a, 0] * cx + rotation[a, 1] * cy + rotation[a, 2] * cz
                    )
                for q in range(d_normals.shape[0]):
                    bench.columns[POSE + q, count] = sign * (
                        d_normals[q, j, 0] * gx + d_normals[q, j, 1] * gy + d_normals[q, j, 2] * gz
                    )
                bench.right[count] = max(0.0, room)
                count += 1
    return count


@kernel
def _limit_row(bench, count, unknown, side, right):
    for i in range(bench.columns.shape[0]):
        bench.columns[i, count] = 0.0
    bench.columns[unknown, count] = side
    bench.right[count] = max(0.0, right)
    return count + 1


@kernel
def turn(rotation, wx, wy, wz, out):
    """Write exp(w) R, made orthonormal again (one Gram and Schmidt pass)."""
    angle = (wx * wx + wy * wy + wz * wz) ** 0.5
    s = np.sin(angle) / angle if angle > 1e-12 else 1.0
    c = (1.0 - np.cos(angle)) / (angle * angle) if angle > 1e-6 else 0.5
    for a in range(3):
        x, y, z = rotation[0, a], rotation[1, a], rotation[2, a]
        ux, uy, uz = wy * z - wz * y, wz * x - wx * z, wx * y - wy * x
        vx, vy, vz = wy * uz - wz * uy, wz * ux - wx * uz, wx * uy - wy * ux
        out[0, a] = x + s * ux + c * vx
        out[1, a] = y + s * uy + c * vy
        out[2, a] = z + s * uz + c * vz
    size = (out[0, 0] ** 2 + out[1, 0] ** 2 + out[2, 0] ** 2) ** 0.5
    for a in range(3):
        out[a, 0] /= size
    dot = out[0, 0] * out[0, 1] + out[1, 0] * out[1, 1] + out[2, 0] * out[2, 1]
    for a in range(3):
        out[a, 1] -= dot * out[a, 0]
    size = (out[0, 1] ** 2 + out[1, 1] ** 2 + out[2, 1] ** 2) ** 0.5
    for a in range(3):
        out[a, 1] /= size
    out[0, 2] = out[1, 0] * out[2, 1] - out[2, 0] * out[1, 1]
    out[1, 2] = out[2, 0] * out[0, 1] - out[0, 0] * out[2, 1]
    out[2, 2] = out[0, 0] * out[1, 1] - out[1, 0] * out[0, 1]


@kernel
def weigh_pose(tree, scratch, normals, offsets, rotation, translation, limit, hint):
    """Return the exact largest scale at a pose, and the triangle in the way."""
    fill_facets(normals, offsets, rotation, translation, scratch.tables[ALL])
    return largest_scale(tree, scratch, limit, hint)


__all__ = ["B", "Bench", "Scratch", "gather_contacts", "propose_step", "weigh_pose"]

"""One step for several stones and the saw planes between them: rows, one program, trials.

Each stone has the unknowns of `refine.py` (`d ln s`, `dt / s`, `w`, `dtheta`) and the rows of
its own contacts. A saw plane `n . x = d` has three more: its shift over a length L, and its
tilts about two axes through a pivot p0. It stands before a stone as triangles (tiles), a margin
away: with the tile's contact p and the gradient `a` of its scale, a plane that moves by

    h(p) = L shift - (p - p0) . (tilt_1 e1 + tilt_2 e2)

along n lets the stone's scale grow by `(a . n) h`. So stones and planes move together, each to
where the sum of all gains most.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from yieldopt.kernels.facets import fill_facets
from yieldopt.kernels.kernel import kernel
from yieldopt.kernels.program import INFEASIBLE, solve_program
from yieldopt.kernels.query import ALL, contact_at, largest_scale
from yieldopt.kernels.refine import (
    APART,
    APART_TRUST,
    POSE,
    WINDOW,
    direction_rows,
    gather_contacts,
    turn,
    write_row,
)
from yieldopt.kernels.solid import measure_solid
from yieldopt.kernels.triangle import X

PLANE = 3  # unknowns of a saw plane: its shift, two tilts
FRAME = 13  # of a saw plane: n, e1, e2, p0, L
LOCKED, FREE, SHIFTS = 0, 1, 2  # a plane that may not move; may; may along its normal alone


class Rows(NamedTuple):
    """What holds each of f stones back, a slot each."""

    rows: NDArray[np.float64]  # (f, r, POSE + p + PLANE)
    right: NDArray[np.float64]  # (f, r)
    plane: NDArray[np.int32]  # (f, r) saw plane of a row in its candidate, or -1
    number: NDArray[np.int64]  # (f,) how many
    gain: NDArray[np.float64]  # (f, p) of ln volume in each proportion
    inner: NDArray[np.float64]  # (f,) inner radius at unit width


class Walls(NamedTuple):
    """Tiles of the saw planes before each of f stones."""

    first: NDArray[np.int64]  # (f + 1,) tiles of a slot: first[i] : first[i + 1]
    plane: NDArray[np.int32]  # (tiles,) saw plane in its candidate
    frames: NDArray[np.float64]  # (f, t, FRAME) of the slot's candidate


class Joint(NamedTuple):
    """Working memory of one thread for the program of one candidate."""

    columns: NDArray[np.float64]  # (n, rows)
    right: NDArray[np.float64]  # (rows,)
    broken: NDArray[np.float64]  # (rows,)
    gain: NDArray[np.float64]  # (n,)
    box: NDArray[np.float64]  # (n,)
    x: NDArray[np.float64]  # (n,)
    inverse: NDArray[np.float64]  # (n, n)
    weight: NDArray[np.float64]  # (n,)
    active: NDArray[np.int64]  # (n,)
    alpha: NDArray[np.float64]  # (n,)


@kernel
def rows_of_stones(
    first, last, slots, tree, tiles, walls, scratch, bench, rules, trust, scale, rotation,
    translation, normals, offsets, d_normals, d_offsets, out,
):  # fmt: skip
    """Write the rows of the stones `slots[first:last]`; all others are numbered as slots are.

    `normals` and what follows them are of the cut at hand, in the order of `slots`.
    """
    for i in range(first, last):
        f = slots[i]
        p = d_offsets.shape[1]
        fill_facets(normals[i], offsets[i], rotation[f], translation[f], scratch.tables[ALL])
        limit = scale[f] * (1.0 + WINDOW * trust[f])
        found, _ = gather_contacts(
            tree, scratch, limit, (APART + APART_TRUST * trust[f]) * scale[f], bench.near,
            bench.level,
        )  # fmt: skip
        pose = (rotation[f], translation[f])
        most = out.right.shape[1]
        n = 0
        for k in range(found):
            if n == most:
                break
            own = write_row(
                tree, scratch, bench.near[k], scale[f], pose, normals[i], offsets[i],
                d_normals[i], d_offsets[i], bench.row,
            )  # fmt: skip
            for u in range(POSE + p):
                out.rows[f, n, u] = bench.row[u]
            out.right[f, n] = max(0.0, own / scale[f] - 1.0)
            out.plane[f, n] = -1
            n += 1
        for k in range(walls.first[f], walls.first[f + 1]):
            if n == most or contact_at(tiles, scratch, k, limit) >= limit:
                continue
            own = write_row(
                tiles, scratch, k, scale[f], pose, normals[i], offsets[i], d_normals[i],
                d_offsets[i], bench.row,
            )  # fmt: skip
            for u in range(POSE + p):
                out.rows[f, n, u] = bench.row[u]
            out.right[f, n] = max(0.0, own / scale[f] - 1.0)
            out.plane[f, n] = walls.plane[k]
            _write_plane(
                tiles, scratch, k, scale[f], walls.frames[f, walls.plane[k]], bench.row,
                out.rows[f, n],
            )  # fmt: skip
            n += 1
        count = direction_rows(bench, rules, 0, trust[f], rotation[f], normals[i], d_normals[i])
        for k in range(count):
            if n == most:
                break
            for u in range(POSE + p):
                out.rows[f, n, u] = bench.columns[u, k]
            out.right[f, n] = bench.right[k]
            out.plane[f, n] = -1
            n += 1
        out.number[f] = n
        volume = measure_solid(normals[i], offsets[i], bench.rings, bench.areas, bench.centroids)
        inner = 1e300
        for j in range(offsets.shape[1]):
            inner = min(inner, offsets[i, j])
        out.inner[f] = inner
        for q in range(p):
            slope = 0.0
            for j in range(offsets.shape[1]):
                if bench.areas[j] > 0.0:
                    slope += bench.areas[j] * (
                        d_offsets[i, q, j]
                        - d_normals[i, q, j, 0] * bench.centroids[j, 0]
                        - d_normals[i, q, j, 1] * bench.centroids[j, 1]
                        - d_normals[i, q, j, 2] * bench.centroids[j, 2]
                    )
            out.gain[f, q] = slope / volume


@kernel
def _write_plane(tiles, scratch, k, scale, frame, own, row):
    """Write what moving its saw plane does to a tile's row, behind the stone's unknowns."""
    b1, b2 = scratch.work[X], scratch.work[X + 1]
    b0 = 1.0 - b1 - b2
    corners = tiles.corners
    along, one, two = 0.0, 0.0, 0.0
    for a in range(3):
        x = b0 * corners[k, a] + b1 * corners[k, 3 + a] + b2 * corners[k, 6 + a] - frame[9 + a]
        along += own[1 + a] * frame[a]
        one += x * frame[3 + a]
        two += x * frame[6 + a]
    at = row.shape[0] - PLANE
    row[at] = -along * frame[12] / scale
    row[at + 1] = along * one / scale
    row[at + 2] = along * two / scale


@kernel
def step_many(
    first, last, joint, rows, free, p_of, low, high, floor, worth, trust, scale,
    rotation, translation, theta, frames, plane_free, new_rotation, new_translation, new_theta,
    new_frames, predicted,
):  # fmt: skip
    """Propose a step of the candidates first:last, each of n stones and t planes.

    What the step does not move is not written: the outputs begin as copies.

    Parameters
    ----------
    free, plane_free
        (c, n) 0 where a stone is locked; (c, t) LOCKED, FREE or SHIFTS.
    p_of, low, high
        (c, n), (c, n, p): how many proportions, and their limits.
    floor
        (c, n) what ln weight must still fall by at most: rows where it is not negative.
    worth
        (c, n) what a unit of ln weight gains.
    frames
        (c, t, FRAME).
    """
    n_stones, t = free.shape[1], frames.shape[1]
    p_most = low.shape[2]
    for c in range(first, last):
        n = n_stones * (POSE + p_most) + PLANE * t
        at_plane = n_stones * (POSE + p_most)
        for u in range(n):
            joint.gain[u], joint.box[u] = 0.0, 1e-9
        count = 0
        most = joint.right.shape[0]
        for i in range(n_stones):
            f = c * n_stones + i
            own = i * (POSE + p_most)
            n_rows = rows.number[f]
            for r in range(n_rows):
                if count == most:
                    break
                for u in range(n):
                    joint.columns[u, count] = 0.0
                for u in range(POSE + p_of[c, i]):
                    joint.columns[own + u, count] = rows.rows[f, r, u]
                k = rows.plane[f, r]
                if k >= 0:
                    for u in range(PLANE):
                        joint.columns[at_plane + PLANE * k + u, count] = rows.rows[
                            f, r, rows.rows.shape[2] - PLANE + u
                        ]
                joint.right[count] = rows.right[f, r]
                count += 1
            if free[c, i] == 0:
                continue
            joint.gain[own] += 3.0 * worth[c, i]
            joint.box[own] = 2.0 * trust[c]
            for a in range(3):
                joint.box[own + 1 + a] = min(0.5 * trust[c], 0.5 * rows.inner[f])
                joint.box[own + 4 + a] = trust[c]
            for q in range(p_of[c, i]):
                joint.gain[own + POSE + q] += worth[c, i] * rows.gain[f, q]
                reach = 2.0 * trust[c] * (high[c, i, q] - low[c, i, q])
                joint.box[own + POSE + q] = max(reach, 1e-9)
                if theta[f, q] + reach > high[c, i, q]:
                    count = _one_row(
                        joint, count, n, own + POSE + q, 1.0, high[c, i, q] - theta[f, q]
                    )
                if theta[f, q] - reach < low[c, i, q]:
                    count = _one_row(
                        joint, count, n, own + POSE + q, -1.0, theta[f, q] - low[c, i, q]
                    )
            if floor[c, i] >= 0.0 and count < most:
                for u in range(n):
                    joint.columns[u, count] = 0.0
                joint.columns[own, count] = -3.0
                for q in range(p_of[c, i]):
                    joint.columns[own + POSE + q, count] = -rows.gain[f, q]
                joint.right[count] = floor[c, i]
                count += 1
        for k in range(t):
            if plane_free[c, k] != LOCKED:
                joint.box[at_plane + PLANE * k] = trust[c]
            if plane_free[c, k] == FREE:
                joint.box[at_plane + PLANE * k + 1] = trust[c]
                joint.box[at_plane + PLANE * k + 2] = trust[c]
        status = solve_program(
            n, joint.gain, joint.columns, joint.right, count, joint.box, joint.x, joint.inverse,
            joint.weight, joint.active, joint.alpha, joint.broken,
        )  # fmt: skip
        predicted[c] = -1.0
        if status == INFEASIBLE:
            continue
        x = joint.x
        total = 0.0
        for u in range(n):  # a program that ran out of pivots may end outside its box
            x[u] = min(joint.box[u], max(-joint.box[u], x[u]))
            total += joint.gain[u] * x[u]
        predicted[c] = total
        for i in range(n_stones):
            f = c * n_stones + i
            own = i * (POSE + p_most)
            if free[c, i] == 0:
                continue
            for a in range(3):
                new_translation[f, a] = translation[f, a] + x[own + 1 + a] * scale[f]
            turn(rotation[f], x[own + 4], x[own + 5], x[own + 6], new_rotation[f])
            for q in range(p_of[c, i]):
                new_theta[f, q] = min(
                    high[c, i, q], max(low[c, i, q], theta[f, q] + x[own + POSE + q])
                )
        for k in range(t):
            _moved_plane(frames[c, k], x, at_plane + PLANE * k, plane_free[c, k], new_frames[c, k])


@kernel
def _one_row(joint, count, n, unknown, side, right):
    if count == joint.right.shape[0]:
        return count
    for u in range(n):
        joint.columns[u, count] = 0.0
    joint.columns[unknown, count] = side
    joint.right[count] = max(0.0, right)
    return count + 1


@kernel
def _moved_plane(frame, x, at, is_free, out):
    """Write the frame of a plane after a step: normal and pivot; its axes are made anew."""
    for a in range(FRAME):
        out[a] = frame[a]
    if is_free == LOCKED:
        return
    for a in range(3):
        out[9 + a] = frame[9 + a] + frame[12] * x[at] * frame[a]
    if is_free == SHIFTS:  # its direction stays what it is, to the bit
        return
    size = 0.0
    for a in range(3):
        out[a] = frame[a] + x[at + 1] * frame[3 + a] + x[at + 2] * frame[6 + a]
        size += out[a] * out[a]
    size = size**0.5
    for a in range(3):
        out[a] /= size


@kernel
def weigh_stones(
    first, last, slots, tree, tiles, walls, big, side, scratch, bench, scale, volume, contact,
    rotation, translation, normals, offsets,
):  # fmt: skip
    """Fill in scale, contact and, where it is 0, volume of the stones `slots[first:last]`.

    The first tile of each plane (every `big`-th) holds all of the plane that a stone can meet.
    A stone whose centre is not on its side of a plane has the scale 0. `side` (f, t) is 1 for
    above, -1 for below, 0 where a plane does not concern a stone.
    """
    for i in range(first, last):
        f = slots[i]
        fill_facets(normals[i], offsets[i], rotation[f], translation[f], scratch.tables[ALL])
        best, at = largest_scale(tree, scratch, 1e300, contact[f])
        contact[f] = at
        for k in range(walls.first[f], walls.first[f + 1], big):
            best = min(best, contact_at(tiles, scratch, k, best))
        for k in range(side.shape[1]):
            if side[f, k] != 0:
                room = 0.0
                for a in range(3):
                    room += walls.frames[f, k, a] * (translation[f, a] - walls.frames[f, k, 9 + a])
                if room * side[f, k] <= 0.0:
                    best = 0.0
        scale[f] = best
        if volume[f] == 0.0:
            volume[f] = measure_solid(
                normals[i], offsets[i], bench.rings, bench.areas, bench.centroids
            )

"""A dense linear program with many rows and few unknowns, by the dual simplex method.

Maximise `c . x` under `columns^T x <= right` and `-box <= x <= box`. The active set starts at the
corner of the box that `c` prefers, which is optimal for the box alone; then the most broken
row enters and one leaves, until none is broken. Lemke (1954), "The dual method of solving
the linear programming problem"; the inverse of the active rows is updated by rank one.
O((rows + n) n) a pivot; 12 unknowns and 150 rows take 15 to 40 pivots.
"""

from yieldopt.kernels.extremes import greater
from yieldopt.kernels.fused import fused
from yieldopt.kernels.kernel import inner_kernel, kernel

UNKNOWNS = 16  # most unknowns
PIVOTS = 200  # then the point reached is returned as it is; it only serves as a trial step
PER_UNKNOWN = 12  # pivots, where there are more unknowns than those of one stone
SLACK = 1e-12  # of a row of unit size: rounding
TIE = 1e-9  # of the largest gain: unlike shares break ties, or equal ratios go in circles
ALPHA = 1e-11  # smallest pivot
OPTIMAL, INFEASIBLE, UNFINISHED = 0, 1, 2


@inner_kernel
def worst_row(n, columns, right, n_rows, x, broken):
    """Fill `broken` with how far each row is broken at x; return the greatest."""
    for k in range(n_rows):
        broken[k] = -right[k]
    for i in range(0, n - 3, 4):  # so that `broken` is fetched and stored a quarter as often
        a, b, c, d = x[i], x[i + 1], x[i + 2], x[i + 3]
        for k in range(n_rows):
            ab = fused(columns[i + 1, k], b, fused(columns[i, k], a, broken[k]))
            broken[k] = fused(columns[i + 3, k], d, fused(columns[i + 2, k], c, ab))
    for i in range(n // 4 * 4, n):
        step = x[i]
        for k in range(n_rows):
            broken[k] = fused(columns[i, k], step, broken[k])
    most = -1e300
    for k in range(n_rows):
        most = greater(most, broken[k])
    return most


@kernel
def solve_program(n, c, columns, right, n_rows, box, x, inverse, weight, active, alpha, broken):
    """Fill x (n,); return OPTIMAL, INFEASIBLE or UNFINISHED.

    Parameters
    ----------
    n, c
        Unknowns, and the (n,) gain of each.
    columns, right, n_rows
        (n, k), (k,), of which the first `n_rows` rows count. Stored by unknown, so that the
        search for the most broken row runs over rows in SIMD.
    box
        (n,) positive.
    x, inverse, weight, active, alpha, broken
        Working memory (n,), (n, n), (n,), (n,) int, (n,), (k,). `inverse[i]` is the direction that
        leaves all active constraints but the i-th alone.
    """
    scale = 0.0
    for i in range(n):
        scale = max(scale, abs(c[i]))
    for i in range(n):
        side = 1.0 if c[i] >= 0.0 else -1.0
        x[i] = side * box[i]
        weight[i] = abs(c[i]) + TIE * scale * (1.0 + 0.37 * i)
        active[i] = i if side > 0.0 else n + i
        for j in range(n):
            inverse[i, j] = side if i == j else 0.0
    for _ in range(max(PIVOTS, PER_UNKNOWN * n)):
        enter, worst = -1, SLACK
        for i in range(n):
            if abs(x[i]) - box[i] > worst:
                worst = abs(x[i]) - box[i]
                enter = i if x[i] > 0.0 else n + i
        most = worst_row(n, columns, right, n_rows, x, broken)
        if most > worst:
            worst = most
            for k in range(n_rows):
                if broken[k] >= most:
                    enter = 2 * n + k
                    break
        if enter < 0:
            return OPTIMAL
        least, leave = 1e300, -1
        for i in range(n):
            if enter < n:
                a = inverse[i, enter]
            elif enter < 2 * n:
                a = -inverse[i, enter - n]
            else:
                a = 0.0
                for j in range(n):
                    a += columns[j, enter - 2 * n] * inverse[i, j]
            alpha[i] = a
            if a > ALPHA and weight[i] < least * a:
                least, leave = weight[i] / a, i
        if leave < 0:
            return INFEASIBLE
        a = alpha[leave]
        for j in range(n):
            inverse[leave, j] /= a
            x[j] -= worst * inverse[leave, j]
        for i in range(n):
            if i != leave and alpha[i] != 0.0:
                for j in range(n):
                    inverse[i, j] -= alpha[i] * inverse[leave, j]
                weight[i] = max(0.0, weight[i] - least * alpha[i])
        weight[leave] = least
        active[leave] = enter
    return UNFINISHED

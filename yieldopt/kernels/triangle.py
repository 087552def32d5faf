"""The least scale over one triangle: a linear program in two unknowns and the value.

For corners with values `G[i, j] = g_j(corner_i)` the least of `max_j g_j` over the triangle is
`min z : z >= sum_i beta_i G[i, j]`, `beta >= 0`, `sum beta = 1`. Solved by the dual simplex
method from the facet with the greatest least corner: the value only grows, so a triangle
that cannot beat the limit is left early and what is returned is never too large.

Unknowns `x = (beta_1, beta_2, z)`. Constraints by number: 0, 1, 2 the edges
`beta_1 >= 0`, `beta_2 >= 0`, `beta_0 >= 0`; 3 + j facet j.
"""

from yieldopt.kernels.extremes import greater, lesser
from yieldopt.kernels.facets import AX, AY, AZ, B, W
from yieldopt.kernels.fused import fused
from yieldopt.kernels.kernel import inner_kernel, kernel

EDGES = 3  # constraint numbers before the facets
PIVOTS = 64  # a triangle has needed at most 11; then the bound reached so far is returned
SLACK = 1e-13  # relative: how far a constraint may be broken and count as kept
BETA_SLACK = 1e-12  # of barycentric coordinates, rounding of the inverse

# Places in the `work` row (WORK long) of one query.
X = 0  # x (3)
INVERSE = 3  # columns b_i of the inverse of the active rows (9), b_i at INVERSE + 3 i
LAMBDA = 12  # multipliers (3)
ACTIVE = 15  # active constraints (3), as floats
WORK = 18


@inner_kernel
def corner_values(tables, level, columns, corners, k, margin, limit, values):
    """Fill values (3, padded) with g_j at the corners of triangle k.

    Return the facet whose least corner value is greatest, and that value: a lower bound of
    the triangle's scale. The facet is not looked for (-1) when the bound reaches `limit`.
    """
    x0, y0, z0 = corners[k, 0], corners[k, 1], corners[k, 2]
    x1, y1, z1 = corners[k, 3], corners[k, 4], corners[k, 5]
    x2, y2, z2 = corners[k, 6], corners[k, 7], corners[k, 8]
    low = -1e300
    for j in range(columns):
        ax, ay, az = tables[level, AX, j], tables[level, AY, j], tables[level, AZ, j]
        c = fused(tables[level, W, j], -margin, tables[level, B, j])
        g0 = fused(az, z0, fused(ay, y0, fused(ax, x0, c)))
        g1 = fused(az, z1, fused(ay, y1, fused(ax, x1, c)))
        g2 = fused(az, z2, fused(ay, y2, fused(ax, x2, c)))
        values[0, j] = g0
        values[1, j] = g1
        values[2, j] = g2
        low = greater(low, lesser(g0, lesser(g1, g2)))
    if low >= limit:
        return -1, low
    for j in range(columns):
        if lesser(values[0, j], lesser(values[1, j], values[2, j])) >= low:
            return j, low
    return 0, low


@inner_kernel
def _worst_facet(values, columns, b1, b2):
    """Return the largest g_j at a place on the triangle, and its facet."""
    b0 = 1.0 - b1 - b2
    best = -1e300
    for j in range(columns):
        best = greater(best, b0 * values[0, j] + b1 * values[1, j] + b2 * values[2, j])
    at = 0
    for j in range(columns):
        if b0 * values[0, j] + b1 * values[1, j] + b2 * values[2, j] >= best:
            at = j
            break
    return best, at


@inner_kernel
def _row(values, constraint, row):
    """Write the constraint's row a (3) and return its right side."""
    if constraint == 0:
        row[0], row[1], row[2] = -1.0, 0.0, 0.0
        return 0.0
    if constraint == 1:
        row[0], row[1], row[2] = 0.0, -1.0, 0.0
        return 0.0
    if constraint == 2:
        row[0], row[1], row[2] = 1.0, 1.0, 0.0
        return 1.0
    j = constraint - EDGES
    row[0] = values[1, j] - values[0, j]
    row[1] = values[2, j] - values[0, j]
    row[2] = -1.0
    return -values[0, j]


@kernel
def triangle_scale(values, columns, facet, limit, work, row):
    """Return the least scale over the triangle, or a value >= limit when it is at least that.

    `facet` and `values` come from `corner_values`. Afterwards `work` holds x, the multipliers
    and the active constraints: the contact. Errs, if at all, to the small side.
    """
    origin = 0  # relabel so that beta_0 belongs to the corner where the facet is lowest
    if values[1, facet] < values[0, facet]:
        origin = 1
    if values[2, facet] < values[origin, facet]:
        origin = 2
    if origin != 0:
        for j in range(columns):
            values[0, j], values[origin, j] = values[origin, j], values[0, j]
    for i in range(WORK):
        work[i] = 0.0
    work[X + 2] = values[0, facet]
    g1, g2 = values[1, facet] - values[0, facet], values[2, facet] - values[0, facet]
    work[INVERSE + 0], work[INVERSE + 2] = -1.0, -g1
    work[INVERSE + 4], work[INVERSE + 5] = -1.0, -g2
    work[INVERSE + 8] = -1.0
    work[LAMBDA], work[LAMBDA + 1], work[LAMBDA + 2] = g1, g2, 1.0
    work[ACTIVE], work[ACTIVE + 1], work[ACTIVE + 2] = 0.0, 1.0, EDGES + facet
    for _ in range(PIVOTS):
        z = work[X + 2]
        if z >= limit:
            break
        b1, b2 = work[X], work[X + 1]
        enter = -1
        if b1 < -BETA_SLACK:
            enter = 0
        elif b2 < -BETA_SLACK:
            enter = 1
        elif b1 + b2 > 1.0 + BETA_SLACK:
            enter = 2
        else:
            worst, at = _worst_facet(values, columns, b1, b2)
            if worst > z + SLACK * (1.0 + abs(z)):
                enter = EDGES + at
        if enter < 0:
            break
        if not _pivot(values, enter, work, row):
            break
    # Undo the relabelling, so that beta_i belongs to the caller's corner i.
    if origin != 0:
        for j in range(columns):
            values[0, j], values[origin, j] = values[origin, j], values[0, j]
        b0 = 1.0 - work[X] - work[X + 1]
        work[X + origin - 1] = b0
    return work[X + 2]


@kernel
def _pivot(values, enter, work, row):
    """Bring a broken constraint into the active set; False when none can leave."""
    right = _row(values, enter, row)
    least, leave = 1e300, -1
    for i in range(3):
        at = INVERSE + 3 * i
        alpha = row[0] * work[at] + row[1] * work[at + 1] + row[2] * work[at + 2]
        if alpha > 1e-14:
            ratio = work[LAMBDA + i] / alpha
            if ratio < least:
                least, leave = ratio, i
    if leave < 0:
        return False
    at = INVERSE + 3 * leave
    alpha = row[0] * work[at] + row[1] * work[at + 1] + row[2] * work[at + 2]
    for a in range(3):
        work[at + a] /= alpha
    for i in range(3):
        if i == leave:
            continue
        other = INVERSE + 3 * i
        alpha = row[0] * work[other] + row[1] * work[other + 1] + row[2] * work[other + 2]
        for a in range(3):
            work[other + a] -= alpha * work[at + a]
        work[LAMBDA + i] = max(0.0, work[LAMBDA + i] - least * alpha)
    work[LAMBDA + leave] = least
    work[ACTIVE + leave] = enter
    miss = right - (row[0] * work[X] + row[1] * work[X + 1] + row[2] * work[X + 2])
    for a in range(3):
        work[X + a] += miss * work[at + a]
    return True

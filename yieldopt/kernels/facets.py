"""The facets of a posed gem, laid out for the query.

For a point `p` of the scan and facet `j` the scale at which the facet's plane, moved out
by the margin `m`, reaches `p` is `g_j(p) = A_j . p + B_j - m W_j` with
`A_j = R n_j / d_j`, `B_j = -A_j . t`, `W_j = 1 / d_j`. Rows of the table: Ax, Ay, Az, B, W
and the number of the facet, padded to a multiple of LANES by copies of facet 0, so that
loops need no remainder.
"""

from yieldopt.kernels.extremes import greater
from yieldopt.kernels.fused import fused
from yieldopt.kernels.kernel import inner_kernel, kernel

LANES = 8  # facets per step of the inner loop: two AVX2 registers of doubles
AX, AY, AZ, B, W, FACET = 0, 1, 2, 3, 4, 5
WIDTH = 6  # rows of a table


@kernel
def padded(n_facets):
    """Return the number of columns for so many facets."""
    return (n_facets + LANES - 1) // LANES * LANES


@kernel
def fill_facets(normals, offsets, rotation, translation, table):
    """Write the facet table (WIDTH, padded) of half-spaces (m, 3), (m,) at a pose."""
    m = normals.shape[0]
    for j in range(table.shape[1]):
        f = j if j < m else 0
        w = 1.0 / offsets[f]
        b = 0.0
        for a in range(3):
            n = (
                rotation[a, 0] * normals[f, 0]
                + rotation[a, 1] * normals[f, 1]
                + rotation[a, 2] * normals[f, 2]
            )
            table[a, j] = n * w
            b -= n * w * translation[a]
        table[B, j] = b
        table[W, j] = w
        table[FACET, j] = f


@inner_kernel
def box_bound(tables, level, columns, x, y, z, hx, hy, hz, margin):
    """Return a lower bound of max_j g_j over a box.

    Conservative: never above the least value in the box (but for rounding, 1e-15 relative).
    Leaving the loop once a limit is passed was tried: it cost more than it saved.
    """
    best = -1e300
    for j in range(columns):
        ax, ay, az = tables[level, AX, j], tables[level, AY, j], tables[level, AZ, j]
        g = fused(abs(ax), -hx, fused(ax, x, tables[level, B, j]))
        g = fused(abs(ay), -hy, fused(ay, y, g))
        g = fused(abs(az), -hz, fused(az, z, g))
        best = greater(best, fused(tables[level, W, j], -margin, g))
    return best


@inner_kernel
def point_scale(tables, level, columns, x, y, z, margin):
    """Return max_j g_j at a point: the largest scale that keeps it out. Exact."""
    best = -1e300
    for j in range(columns):
        g = fused(tables[level, AX, j], x, tables[level, B, j])
        g = fused(tables[level, AZ, j], z, fused(tables[level, AY, j], y, g))
        best = greater(best, fused(tables[level, W, j], -margin, g))
    return best


@inner_kernel
def narrow_facets(tables, columns, x, y, z, hx, hy, hz, thin, wide):
    """Copy the facets that can be the greatest in a box from level 0 to level 1; return how many.

    A facet whose greatest value in the box is less than another's least is never the
    maximum there. `thin`, `wide`: the least and the largest margin in the box.
    """
    low = -1e300
    for j in range(columns):
        ax, ay, az = tables[0, AX, j], tables[0, AY, j], tables[0, AZ, j]
        g = fused(az, z, fused(ay, y, fused(ax, x, tables[0, B, j])))
        r = fused(abs(az), hz, fused(abs(ay), hy, abs(ax) * hx))
        w = tables[0, W, j]
        # The greatest value, until the row is filled below: one loop for both took four times
        # as long, for it was not run in SIMD.
        tables[1, W, j] = fused(w, -thin, g) + r
        low = greater(low, fused(w, -wide, g) - r)
    n = 0
    for j in range(columns):
        if tables[1, W, j] >= low:
            for r in range(WIDTH):
                tables[1, r, n] = tables[0, r, j]
            n += 1
    full = (n + LANES - 1) // LANES * LANES
    for i in range(n, full):
        for r in range(WIDTH):
            tables[1, r, i] = tables[1, r, 0]
    return full

"""A convex solid from its half-spaces: facet polygons, areas, centroids, volume.

Each facet starts as a square far wider than the solid and is clipped by every other
half-space (Sutherland and Hodgman 1974). O(m^2) for m half-spaces with polygons of a few
corners; a gem of 73 facets takes about 0.1 ms.
"""

from yieldopt.kernels.extremes import greater
from yieldopt.kernels.fused import fused
from yieldopt.kernels.kernel import inner_kernel, kernel

WIDE = 1e3  # half-side of the first square over the largest offset: beyond it is "unbounded"
CORNERS = 128  # most corners of one facet while it is clipped


@kernel
def clip_facet(normals, offsets, j, reach, rings):
    """Clip facet j; return its corner count and which of `rings` (2, CORNERS, 3) holds it.

    Corners run counter-clockwise seen from outside. Count 0: redundant; -1: too many corners.
    """
    nx, ny, nz = normals[j, 0], normals[j, 1], normals[j, 2]
    ux, uy, uz = 0.0, 0.0, 0.0
    if abs(nx) <= abs(ny) and abs(nx) <= abs(nz):
        uy, uz = -nz, ny
    elif abs(ny) <= abs(nz):
        ux, uz = nz, -nx
    else:
        ux, uy = -ny, nx
    size = (ux * ux + uy * uy + uz * uz) ** 0.5
    ux, uy, uz = ux / size, uy / size, uz / size
    vx, vy, vz = ny * uz - nz * uy, nz * ux - nx * uz, nx * uy - ny * ux
    d = offsets[j]
    for c in range(4):
        a = reach if c == 0 or c == 3 else -reach
        b = reach if c < 2 else -reach
        rings[0, c, 0] = d * nx + a * ux + b * vx
        rings[0, c, 1] = d * ny + a * uy + b * vy
        rings[0, c, 2] = d * nz + a * uz + b * vz
    n, ring = 4, 0
    mx, my, mz, radius = d * nx, d * ny, d * nz, 1.5 * reach
    m = normals.shape[0]
    after, before = j, j
    for step in range(2, m + 1):  # neighbours in the list first: they often share an edge
        if step % 2 == 0:
            after = after + 1 if after + 1 < m else 0
            k = after
        else:
            before = before - 1 if before > 0 else m - 1
            k = before
        kx, ky, kz, kd = normals[k, 0], normals[k, 1], normals[k, 2], offsets[k]
        if fused(kz, mz, fused(ky, my, fused(kx, mx, radius))) < kd:
            continue
        c = 0  # few corners: loops that end early were faster than a count in SIMD
        while c < n and _along(rings, ring, c, kx, ky, kz) <= kd:
            c += 1
        if c == n:
            continue  # no corner is outside
        if c == 0:
            while c < n and _along(rings, ring, c, kx, ky, kz) > kd:
                c += 1
            if c == n:
                return 0, ring  # all are
        made, to = 0, 1 - ring
        mx, my, mz = 0.0, 0.0, 0.0
        lx, ly, lz = rings[ring, n - 1, 0], rings[ring, n - 1, 1], rings[ring, n - 1, 2]
        f = fused(kz, lz, fused(ky, ly, fused(kx, lx, -kd)))
        for c in range(n):
            px, py, pz = rings[ring, c, 0], rings[ring, c, 1], rings[ring, c, 2]
            g = fused(kz, pz, fused(ky, py, fused(kx, px, -kd)))
            if made + 2 > CORNERS:
                return -1, ring
            if (f > 0.0) != (g > 0.0):
                q = 1.0 / (f - g)
                x = fused(q, f * (px - lx), lx)
                y = fused(q, f * (py - ly), ly)
                z = fused(q, f * (pz - lz), lz)
                rings[to, made, 0], rings[to, made, 1], rings[to, made, 2] = x, y, z
                mx, my, mz = mx + x, my + y, mz + z
                made += 1
            if g <= 0.0:
                rings[to, made, 0], rings[to, made, 1], rings[to, made, 2] = px, py, pz
                mx, my, mz = mx + px, my + py, mz + pz
                made += 1
            lx, ly, lz, f = px, py, pz, g
        ring, n = to, made
        if n < 3:
            return 0, ring
        # The mean of the corners and a radius that holds them all.
        mx, my, mz, radius = mx / n, my / n, mz / n, 0.0
        for c in range(n):
            x, y, z = rings[ring, c, 0] - mx, rings[ring, c, 1] - my, rings[ring, c, 2] - mz
            radius = greater(radius, x * x + y * y + z * z)
        radius **= 0.5
    return n, ring


@inner_kernel
def _along(rings, ring, c, kx, ky, kz):
    """Return how far a corner lies along a normal."""
    return fused(kz, rings[ring, c, 2], fused(ky, rings[ring, c, 1], kx * rings[ring, c, 0]))


@kernel
def measure_solid(normals, offsets, rings, areas, centroids):
    """Fill areas (m,) and centroids (m, 3); return the volume, -1.0 when unbounded.

    The origin need not be inside. Moving plane j out by e adds e * areas[j] of volume to
    first order, turning it by dn about the origin takes areas[j] * dn . centroids[j].
    """
    reach = 0.0
    for j in range(offsets.shape[0]):
        reach = max(reach, abs(offsets[j]))
    reach *= WIDE
    volume = 0.0
    for j in range(normals.shape[0]):
        areas[j] = 0.0
        for a in range(3):
            centroids[j, a] = 0.0
        n, ring = clip_facet(normals, offsets, j, reach, rings)
        if n < 0:
            return -1.0
        for c in range(n):
            for a in range(3):
                if abs(rings[ring, c, a]) > 0.5 * reach:
                    return -1.0
        first = rings[ring, 0]
        for c in range(1, n - 1):
            p, q = rings[ring, c], rings[ring, c + 1]
            ax, ay, az = p[0] - first[0], p[1] - first[1], p[2] - first[2]
            bx, by, bz = q[0] - first[0], q[1] - first[1], q[2] - first[2]
            area = 0.5 * (
                normals[j, 0] * (ay * bz - az * by)
                + normals[j, 1] * (az * bx - ax * bz)
                + normals[j, 2] * (ax * by - ay * bx)
            )
            areas[j] += area
            for a in range(3):
                centroids[j, a] += area * (first[a] + p[a] + q[a]) / 3.0
        if areas[j] > 0.0:
            for a in range(3):
                centroids[j, a] /= areas[j]
        volume += areas[j] * offsets[j] / 3.0
    return volume

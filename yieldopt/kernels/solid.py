"""A convex solid from its half-spaces: facet polygons, areas, centroids, volume.

Each facet starts as a square far wider than the solid and is clipped by every other
half-space (Sutherland and Hodgman 1974). O(m^2) for m half-spaces with polygons of a few
corners; a gem of 73 facets takes about 0.1 ms.
"""

from yieldopt.kernels.kernel import kernel

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
    for step in range(2, m + 1):  # neighbours in the list first: they often share an edge
        k = (j + (step // 2 if step % 2 == 0 else m - step // 2)) % m
        kx, ky, kz, kd = normals[k, 0], normals[k, 1], normals[k, 2], offsets[k]
        if kx * mx + ky * my + kz * mz + radius < kd:
            continue
        outside = 0
        for c in range(n):
            p = rings[ring, c]
            if kx * p[0] + ky * p[1] + kz * p[2] > kd:
                outside += 1
        if outside == 0:
            continue
        if outside == n:
            return 0, ring
        made = 0
        before = rings[ring, n - 1]
        f = kx * before[0] + ky * before[1] + kz * before[2] - kd
        for c in range(n):
            p = rings[ring, c]
            g = kx * p[0] + ky * p[1] + kz * p[2] - kd
            if made + 2 > CORNERS:
                return -1, ring
            if (f > 0.0) != (g > 0.0):
                q = f / (f - g)
                for a in range(3):
                    rings[1 - ring, made, a] = before[a] + q * (p[a] - before[a])
                made += 1
            if g <= 0.0:
                for a in range(3):
                    rings[1 - ring, made, a] = p[a]
                made += 1
            before, f = p, g
        ring, n = 1 - ring, made
        if n < 3:
            return 0, ring
        mx, my, mz, radius = _round(rings, ring, n)
    return n, ring


@kernel
def _round(rings, ring, n):
    """Return the mean of the corners and a radius that holds them all."""
    x, y, z = 0.0, 0.0, 0.0
    for c in range(n):
        x += rings[ring, c, 0]
        y += rings[ring, c, 1]
        z += rings[ring, c, 2]
    x, y, z = x / n, y / n, z / n
    most = 0.0
    for c in range(n):
        dx, dy, dz = rings[ring, c, 0] - x, rings[ring, c, 1] - y, rings[ring, c, 2] - z
        most = max(most, dx * dx + dy * dy + dz * dz)
    return x, y, z, most**0.5


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

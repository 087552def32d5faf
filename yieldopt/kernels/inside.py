"""Which side of a closed mesh a point lies on, by signed crossings of a ray."""

from yieldopt.kernels.kernel import kernel
from yieldopt.kernels.tree import CHILD, COUNT, CX, CY, CZ, FIRST, HX, HY, HZ

# The ray's direction: no plane or edge of a made or scanned stone is parallel to it.
RAY_X, RAY_Y = 0.3819660112501051, 0.2360679774997898  # slopes in x and y per unit of z
EDGE = 1e-9  # mm, widens boxes so that rounding cannot hide a triangle on their faces


@kernel
def inside_many(first, last, tree, stack, points, out):
    """Fill `out` with 1 where the points (n, 3) of first:last lie inside the tree's mesh, else 0.

    O(log k) a point. A ray that meets an edge exactly (probability nil) may be miscounted.
    """
    for i in range(first, last):
        out[i] = 1 if _turns(tree, stack, points[i, 0], points[i, 1], points[i, 2]) > 0 else 0


@kernel
def _turns(tree, stack, px, py, pz):
    """Return crossings outward less crossings inward of the ray from a point."""
    box, places = tree.boxes, tree.places
    turns, top = 0, 1
    stack[0, 0] = 0
    while top > 0:
        top -= 1
        node = stack[top, 0]
        # Sheared so that the ray runs along z through the origin.
        z, hz = box[node, CZ] - pz, box[node, HZ]
        if z + hz < -EDGE:
            continue
        if abs(box[node, CX] - px - RAY_X * z) > box[node, HX] + RAY_X * hz + EDGE:
            continue
        if abs(box[node, CY] - py - RAY_Y * z) > box[node, HY] + RAY_Y * hz + EDGE:
            continue
        child = places[node, CHILD]
        if child >= 0:
            stack[top, 0] = child
            stack[top + 1, 0] = child + 1
            top += 2
            continue
        first = places[node, FIRST]
        for k in range(first, first + places[node, COUNT]):
            turns += _crossing(tree.corners, k, px, py, pz)
    return turns


@kernel
def _crossing(corners, k, px, py, pz):
    """Return 1 where the ray leaves through triangle k, -1 where it enters, 0 elsewhere."""
    az, bz, cz = corners[k, 2] - pz, corners[k, 5] - pz, corners[k, 8] - pz
    ax, ay = corners[k, 0] - px - RAY_X * az, corners[k, 1] - py - RAY_Y * az
    bx, by = corners[k, 3] - px - RAY_X * bz, corners[k, 4] - py - RAY_Y * bz
    cx, cy = corners[k, 6] - px - RAY_X * cz, corners[k, 7] - py - RAY_Y * cz
    u, v, w = bx * cy - by * cx, cx * ay - cy * ax, ax * by - ay * bx
    if not ((u >= 0.0 and v >= 0.0 and w >= 0.0) or (u < 0.0 and v < 0.0 and w < 0.0)):
        return 0
    area = u + v + w
    if area == 0.0 or (u * az + v * bz + w * cz) / area <= 0.0:
        return 0
    return 1 if area > 0.0 else -1

"""Which side of a closed mesh a point lies on, by signed crossings of a ray."""

from yieldopt.kernels.kernel import kernel

# The ray's direction: no plane or edge of a made or scanned stone is parallel to it.
RAY_X, RAY_Y = 0.3819660112501051, 0.2360679774997898  # slopes in x and y per unit of z


@kernel
def inside_many(corners, points, out):
    """Fill `out` (n,) with 1 where the points (n, 3) lie inside triangles (k, 9), else 0.

    O(n k). A ray that meets an edge exactly (probability nil) may be miscounted.
    """
    for i in range(points.shape[0]):
        px, py, pz = points[i, 0], points[i, 1], points[i, 2]
        turns = 0
        for k in range(corners.shape[0]):
            # Corners sheared so that the ray runs along z through the origin.
            az, bz, cz = corners[k, 2] - pz, corners[k, 5] - pz, corners[k, 8] - pz
            ax, ay = corners[k, 0] - px - RAY_X * az, corners[k, 1] - py - RAY_Y * az
            bx, by = corners[k, 3] - px - RAY_X * bz, corners[k, 4] - py - RAY_Y * bz
            cx, cy = corners[k, 6] - px - RAY_X * cz, corners[k, 7] - py - RAY_Y * cz
            u, v, w = bx * cy - by * cx, cx * ay - cy * ax, ax * by - ay * bx
            if (u >= 0.0 and v >= 0.0 and w >= 0.0) or (u < 0.0 and v < 0.0 and w < 0.0):
                area = u + v + w
                if area != 0.0 and (u * az + v * bz + w * cz) / area > 0.0:
                    turns += 1 if area > 0.0 else -1
        out[i] = 1 if turns > 0 else 0

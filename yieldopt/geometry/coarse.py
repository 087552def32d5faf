"""A mesh with fewer triangles, to search on; what is found is judged on the full one."""

import numpy as np

from yieldopt.geometry.arrays import Float, Int

FIRST_TOLERANCE = 5e-4  # of the mesh's extent; doubled until the mesh is small enough
LAST_TOLERANCE = 0.02  # a fifth of a millimetre on a 10 mm stone: coarser would mislead


def coarse_triangles(vertices: Float, faces: Int, at_most: int) -> Float:
    """Return triangles (k, 3, 3) near the mesh (n, 3), (f, 3), about `at_most` of them.

    The surface moves by no more than the tolerance, to either side: nothing found on it is
    to be trusted before the full mesh has judged it. A mesh that is small enough, or that
    cannot be simplified, is returned as it is.
    """
    if len(faces) <= at_most:
        return vertices[faces]
    import manifold3d

    mesh = manifold3d.Mesh64(
        vert_properties=np.array(vertices, dtype=np.float64),  # a copy: it takes no read-only array
        tri_verts=np.array(faces, dtype=np.uint64),
    )
    solid = manifold3d.Manifold(mesh)
    if solid.status() != manifold3d.Error.NoError:
        return vertices[faces]
    extent = float(np.ptp(vertices, axis=0).max())
    tolerance = FIRST_TOLERANCE
    while solid.num_tri() > at_most and tolerance <= LAST_TOLERANCE:
        solid = solid.simplify(tolerance * extent)
        tolerance *= 2.0
    out = solid.to_mesh64()
    corners: Float = np.asarray(out.vert_properties)[:, :3][np.asarray(out.tri_verts)]
    return corners


def split_triangles(
    triangles: Float, longest: float, box: tuple[Float, Float] | None = None
) -> Float:
    """Return triangles with no edge longer than `longest`, the same surface to rounding.

    A large triangle can be met by several corners of a gem at once, but gives one contact;
    its parts give one each. What lies outside the box (low, high), if one is given, may stay
    longer: a crack may be told as a plane far beyond the stone.
    """
    out: list[Float] = []
    todo = np.asarray(triangles, dtype=np.float64)
    while len(todo):
        edges = np.linalg.norm(todo[:, [1, 2, 0]] - todo, axis=2)
        long = edges.max(axis=1) > longest
        if box is not None:
            near = (todo.min(axis=1) <= box[1]) & (todo.max(axis=1) >= box[0])
            long &= near.all(axis=1)
        out.append(todo[~long])
        todo, edges = todo[long], edges[long]
        # Halve the longest edge: corner i to i + 1, with i + 2 opposite.
        i = edges.argmax(axis=1)
        n = np.arange(len(todo))
        a, b, c = todo[n, i], todo[n, (i + 1) % 3], todo[n, (i + 2) % 3]
        middle = 0.5 * (a + b)
        todo = np.concatenate([np.stack([a, middle, c], 1), np.stack([middle, b, c], 1)])
    return np.concatenate(out)

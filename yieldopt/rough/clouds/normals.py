"""Which side is out: the file's normals if they agree with the points, else our own."""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.clouds.points import Cloud, nearest_points, scatter_of
from yieldopt.rough.mending.skin import Index

# Share of points whose normal may oppose its neighbours': sharp edges of good files reach 0.3 %.
OPPOSED_SHARE = 0.01
UPRIGHT = 0.8  # median cosine between a file's normals and those of the planes through points
LEAST_WEIGHT = 1e-6  # of a link between parallel normals: zero would be no link


def outward_normals(cloud: Cloud) -> tuple[Float, bool, tuple[str, ...]]:
    """Return unit normals (n, 3) that point out, whether they are the file's, and notes.

    The file's are taken where they stand upright on the points and agree with their neighbours;
    all of them turned, if they point in.
    """
    if cloud.normals is None:
        return estimated_normals(cloud), False, ("no normals in the cloud: estimated",)
    if not _agree(cloud, cloud.normals):
        note = "normals in the file disagree with the points or each other: estimated anew"
        return estimated_normals(cloud), False, (note,)
    # Divergence theorem: for points spread evenly, the sum is three times the volume by scale.
    if float(np.einsum("ni,ni->", cloud.normals, cloud.points)) < 0.0:
        return -cloud.normals, True, ("normals in the file point inward: turned",)
    return cloud.normals, True, ()


def _agree(cloud: Cloud, normals: Float) -> bool:
    around = normals[cloud.neighbours].sum(axis=1)
    opposed = np.einsum("ni,ni->n", normals, around) <= 0.0
    if opposed.mean() > OPPOSED_SHARE:
        return False
    planes = _planes(cloud.points, cloud.neighbours)
    upright = np.abs(np.einsum("ni,ni->n", normals, planes))
    return float(np.median(upright)) >= UPRIGHT


def _planes(points: Float, neighbours: Index) -> Float:
    """Return a normal of the plane through each point's neighbours, of either sign."""
    _, axes = np.linalg.eigh(scatter_of(points, neighbours))
    normals: Float = axes[:, :, 0]
    return normals


def normals_like(points: Float, directions: Float) -> Float:
    """Return normals of planes through neighbours among these points alone, signed as given."""
    _, numbers = nearest_points(points)
    normals = _planes(points, numbers)
    against = np.einsum("ni,ni->n", normals, directions) < 0.0
    return np.where(against[:, None], -normals, normals)


def estimated_normals(cloud: Cloud) -> Float:
    """Return normals of planes through neighbours, signed along a tree of the likest neighbours.

    A minimum spanning tree that prefers parallel planes carries the sign from the point farthest
    out, where it is known, over the whole cloud. What goes wrong at sharp edges and thin places
    shows when the surface is there (`cloud`).

    References
    ----------
    .. [1] Hoppe et al. (1992). Surface reconstruction from unorganized points.
       doi:10.1145/133994.134011, section 3.3
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import breadth_first_order, minimum_spanning_tree

    normals = _planes(cloud.points, cloud.neighbours).copy()
    count, k = cloud.neighbours.shape
    one, other = np.repeat(np.arange(count), k), cloud.neighbours.ravel()
    unlike = 1.0 - np.abs(np.einsum("ni,ni->n", normals[one], normals[other]))
    links = coo_array((unlike + LEAST_WEIGHT, (one, other)), shape=(count, count)).tocsr()
    tree = minimum_spanning_tree(links.maximum(links.T))
    distance = np.linalg.norm(cloud.points, axis=1)
    done = np.zeros(count, dtype=bool)
    for root in np.argsort(-distance, kind="stable"):
        if done[root]:
            continue  # all but the first, where the cloud hangs together
        if normals[root] @ cloud.points[root] < 0.0:
            normals[root] = -normals[root]
        walk = breadth_first_order(tree, int(root), directed=False)
        order, before = (part.astype(np.int64) for part in walk)
        done[order] = True
        _carry_signs(normals, order, before)
        if done.all():
            break
    return normals


def _carry_signs(normals: Float, order: Index, before: Index) -> None:
    """Turn each normal, in the order given, to the side of the one before it; in place."""
    cosines = np.einsum("ni,ni->n", normals[order[1:]], normals[before[order[1:]]])
    sign = np.ones(len(normals))
    for number, cosine in zip(order[1:].tolist(), cosines.tolist(), strict=True):
        sign[number] = sign[before[number]] * (-1.0 if cosine < 0.0 else 1.0)
    normals[order] *= sign[order, None]

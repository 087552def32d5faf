"""Places of a surface that no points support: named, closed inward if small, else refused.

A gap may hide anything. What bulges over it is drawn tight like a drum's skin over the rim: on a
convex stone that lies inside, so that no stone is promised there which nobody saw.
"""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.clouds.error import CloudError
from yieldopt.rough.clouds.points import Cloud, Mask
from yieldopt.rough.mending.skin import Index, edges_of

# Spacings from a place to the nearest point, over which it counts as unseen: between points
# thrown at random the widest place has 1.8, between those of two laser scans 2.9.
REACH_SPACINGS = 2.5
RIM_SPACINGS = 1.2  # so near to a point, what surrounds an unseen place is seen again
WIDEST_SHARE = 0.15  # of the cloud's longest side: two laser scans have gaps of 0.10 and 0.11
MOST_UNSEEN_SHARE = 0.05  # of the skin's area, all gaps together
GAPS_TOLD = 3  # the widest; the rest is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A connected part of the skin without points.

    Parameters
    ----------
    vertices
        (g,) numbers of its vertices, out to the points around.
    width
        mm, of the widest circle without a point.
    place
        (3,) mm, its middle.
    """

    vertices: Index
    width: float
    place: Float


def find_gaps(vertices: Float, faces: Index, cloud: Cloud) -> list[Gap]:
    """Return the gaps of a skin, the widest first."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    distance: Float = np.asarray(cKDTree(cloud.points).query(vertices)[0])
    unseen = distance > REACH_SPACINGS * cloud.spacing
    between = distance > RIM_SPACINGS * cloud.spacing
    ends = edges_of(faces).ends
    inside = ends[between[ends].all(axis=1)]
    links = coo_array((np.ones(len(inside)), inside.T), shape=(len(vertices),) * 2)
    _, label = connected_components(links, directed=False)
    gaps = [_gap(np.flatnonzero(between & (label == one)), vertices, distance)
            for one in np.unique(label[unseen])]  # fmt: skip
    return sorted(gaps, key=lambda gap: -gap.width)


def _gap(numbers: Index, vertices: Float, distance: Float) -> Gap:
    own = distance[numbers]
    near_rim = own <= np.quantile(own, 0.25)  # a bulge may stand far off: its foot does not
    return Gap(
        vertices=numbers,
        width=2.0 * float(own.max()),
        place=vertices[numbers[near_rim]].mean(axis=0),
    )


def refuse_wide(gaps: list[Gap], vertices: Float, faces: Index, cloud: Cloud) -> None:
    """Raise if a gap, or all of them together, are too much to close.

    Raises
    ------
    CloudError
        With the place and the size of the widest.
    """
    if not gaps:
        return
    longest = float(np.ptp(cloud.points, axis=0).max())
    share = _area_share(gaps, vertices, faces)
    widest = gaps[0]
    if widest.width <= WIDEST_SHARE * longest and share <= MOST_UNSEEN_SHARE:
        return
    raise CloudError(
        f"no points on {share:.0%} of the skin, the widest place {widest.width:.3g} mm across"
        f" near {cloud.place(widest.place)}: scan the stone from that side too"
    )


def _area_share(gaps: list[Gap], vertices: Float, faces: Index) -> float:
    a, b, c = vertices[faces].transpose(1, 0, 2)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    unseen = np.zeros(len(vertices), dtype=bool)
    for gap in gaps:
        unseen[gap.vertices] = True
    return float(areas[unseen[faces].any(axis=1)].sum() / areas.sum())


def close_gaps(
    vertices: Float, faces: Index, gaps: list[Gap], cloud: Cloud
) -> tuple[Float, tuple[str, ...]]:
    """Draw the skin tight over gaps, inward only; return the vertices (n, 3) and notes.

    Each vertex of a gap goes to the mean of its neighbours, unless that lies farther out.
    """
    if not gaps:
        return vertices, ()
    free = np.zeros(len(vertices), dtype=bool)
    for gap in gaps:
        free[gap.vertices] = True
    tight = _drum(vertices, edges_of(faces).ends, free)
    ways = tight - vertices
    inward = free & (np.einsum("ni,ni->n", ways, _normals(vertices, faces)) < 0.0)
    closed = np.where(inward[:, None], tight, vertices)
    depths = np.where(inward, np.linalg.norm(ways, axis=1), 0.0)
    told = [
        f"no points {gap.width:.3g} mm across near {cloud.place(gap.place)}: closed tight,"
        f" up to {depths[gap.vertices].max():.2g} mm inside a smooth skin"
        for gap in gaps[:GAPS_TOLD]
    ]
    if len(gaps) > GAPS_TOLD:
        told.append(f"{len(gaps) - GAPS_TOLD} smaller places without points closed likewise")
    return closed, tuple(told)


def _drum(vertices: Float, ends: Index, free: Mask) -> Float:
    """Return vertices with the free ones each at the mean of its neighbours."""
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import splu

    count = int(free.sum())
    row = np.full(len(vertices), -1)
    row[free] = np.arange(count)
    one, other = np.vstack([ends, ends[:, ::-1]]).T
    one, other = one[free[one]], other[free[one]]
    to_free = free[other]
    diagonal = np.bincount(row[one], minlength=count).astype(np.float64)
    entries = np.concatenate([diagonal, np.full(int(to_free.sum()), -1.0)])
    rows = np.concatenate([np.arange(count), row[one[to_free]]])
    columns = np.concatenate([np.arange(count), row[other[to_free]]])
    rim, held = row[one[~to_free]], vertices[other[~to_free]]
    pull = [np.bincount(rim, held[:, axis], minlength=count) for axis in range(3)]
    out = vertices.copy()
    system = csc_array((entries, (rows, columns)), shape=(count, count))
    out[free] = splu(system).solve(np.column_stack(pull))
    return out


def _normals(vertices: Float, faces: Index) -> Float:
    """Return outward normals of vertices, as long as their triangles are large."""
    a, b, c = vertices[faces].transpose(1, 0, 2)
    crossed = np.cross(b - a, c - a)
    sums = [
        np.bincount(faces.ravel(), np.repeat(crossed[:, axis], 3), minlength=len(vertices))
        for axis in range(3)
    ]
    normals: Float = np.column_stack(sums)
    return normals

"""A scanner's points made fit for a surface: doubles, strays, far too many, dust.

Legend: the spacing is the side of the square that one point stands for, mm.
Points are put into an order of their own first: the order of a file changes nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float
from yieldopt.rough.clouds.error import CloudError
from yieldopt.rough.mending.skin import Index

Mask = NDArray[np.bool_]

LEAST_POINTS = 200  # a ball of 200 points has one each 14 degrees: less is no scan
MOST_POINTS = 40_000  # more are averaged in cells: two for each cell of the finest skin
NEIGHBOURS = 16  # two rings round a point: planes, densities
FAR_BOXES = 10.0  # beyond the box of 98 % of the points by so many of its longest side: an error
STRAY_RATIO = 2.5  # a stray's neighbours are so much farther than theirs; scans end at 2.0
LINK_SPACINGS = 5.0  # points farther apart do not hang together
DUST_SHARE = 0.02  # of the points: a smaller heap apart is dust, a larger one is asked about
# The three spreads (roots of eigenvalues, small to large) of a point's neighbours: thicker than
# this share of their width is noise, narrower than this share of their length a scan line.
THICKEST, NARROWEST = 0.45, 0.3
COARSER = 1.5  # spacing of each next thinning, while neighbours do not lie in a plane


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """Points on a stone's skin, about the middle of their box.

    Parameters
    ----------
    points
        (n, 3) mm from `middle`.
    normals
        (n, 3) of unit length as the file has them, or None.
    middle
        (3,) mm.
    spacing
        mm, between points.
    neighbours
        (n, 16) of each point, the nearest first.
    notes
        What was dropped, a sentence each.
    """

    points: Float
    normals: Float | None
    middle: Float
    spacing: float
    neighbours: Index
    notes: tuple[str, ...] = ()

    def place(self, point: Float) -> str:
        """Say where a point of this cloud lies in the scan."""
        return ", ".join(f"{x:.3g}" for x in point + self.middle) + " mm"


def clean_cloud(points: Float, normals: Float | None) -> Cloud:
    """Drop doubles, strays and dust; average points that are more than a surface needs.

    Parameters
    ----------
    points, normals
        (n, 3) mm, and (n, 3) of any length or None.

    Raises
    ------
    CloudError
        If too few points are left, numbers are not finite, or there are two heaps of points.
    """
    if not np.isfinite(points).all():
        bad = int((~np.isfinite(points).all(axis=1)).sum())
        raise CloudError(
            f"{bad} of {len(points)} points are not numbers (NaN or infinite):"
            " clean the cloud in the scanner's software"
        )
    _refuse_few(len(points), "")
    points, units = _in_own_order(points, _of_unit_length(normals))
    near = _not_far(points)
    points, units = _kept(points, units, near)
    middle = _middle(points)
    points = points - middle
    notes: list[str] = []
    points, units, doubled = _without_doubles(points, units)
    if doubled:
        notes.append(f"{counted(doubled, 'doubled point')} dropped")
    _refuse_few(len(points), " in different places")
    if len(points) > MOST_POINTS:
        before = len(points)
        points, units, side = _thin_to(points, units, MOST_POINTS)
        notes.append(f"{before} points averaged to {len(points)}, in cells of {side:.3g} mm")
    strays = _strays(points)
    n_strays = int(strays.sum()) + int((~near).sum())
    if n_strays:
        notes.append(f"{counted(n_strays, 'stray point')} off the surface dropped")
        points, units = _kept(points, units, ~strays)
        _refuse_few(len(points), " near a surface")
    points, units, coarsened = _thin_to_planes(points, units)
    notes += coarsened
    return _without_dust(_measured(points, units, middle, tuple(notes)))


def keep_points(cloud: Cloud, kept: Mask, note: str) -> Cloud:
    """Return the cloud with some points only, and one more note."""
    points, units = _kept(cloud.points, cloud.normals, kept)
    return _measured(points, units, cloud.middle, (*cloud.notes, note))


def _not_far(points: Float) -> Mask:
    """Find the points not absurdly far out, which would leave the others without digits."""
    low, high = np.quantile(points, (0.01, 0.99), axis=0)
    reach = FAR_BOXES * float((high - low).max())
    near: Mask = ((points >= low - reach) & (points <= high + reach)).all(axis=1)
    return near


def _middle(points: Float) -> Float:
    middle: Float = (points.min(axis=0) + points.max(axis=0)) / 2.0
    return middle


def _refuse_few(count: int, where: str) -> None:
    if count < LEAST_POINTS:
        raise CloudError(
            f"{count} points{where} are too few for a surface: scan the stone with"
            f" {LEAST_POINTS} or more"
        )


def _of_unit_length(normals: Float | None) -> Float | None:
    """Return normals at unit length, or None where some of them are nothing."""
    if normals is None or not np.isfinite(normals).all():
        return None
    lengths = np.linalg.norm(normals, axis=1)
    if not (lengths > 0.0).all():
        return None
    units: Float = normals / lengths[:, None]
    return units


def _in_own_order(points: Float, normals: Float | None) -> tuple[Float, Float | None]:
    """Sort by place and, where places are equal, by normal: no trace of the file's order."""
    points = points + 0.0  # -0.0 becomes 0.0
    keys = points if normals is None else np.hstack([points, normals])
    order = np.lexsort(keys.T[::-1])
    return points[order], None if normals is None else normals[order]


def _without_doubles(points: Float, normals: Float | None) -> tuple[Float, Float | None, int]:
    new = np.ones(len(points), dtype=bool)
    new[1:] = (points[1:] != points[:-1]).any(axis=1)
    return *_kept(points, normals, new), int((~new).sum())


def _kept(points: Float, normals: Float | None, kept: Mask) -> tuple[Float, Float | None]:
    return points[kept], None if normals is None else normals[kept]


def counted(number: int, noun: str) -> str:
    """Return the number and the noun, in the plural where it must."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def _thin_to(
    points: Float, normals: Float | None, at_most: int
) -> tuple[Float, Float | None, float]:
    """Average points in cubic cells, as small as gives no more than `at_most`; and their side."""
    side = float(np.ptp(points, axis=0).max()) / 128.0
    for _ in range(8):  # cells on a surface grow with the square: three rounds are usual
        thinned = _thin(points, normals, side)
        count = len(thinned[0])
        if 0.7 * at_most <= count <= at_most:
            break
        side *= float(np.clip(np.sqrt(count / (0.85 * at_most)), 0.25, 4.0))
    while len(thinned[0]) > at_most:
        side *= COARSER
        thinned = _thin(points, normals, side)
    return *thinned, side


def _thin(points: Float, normals: Float | None, side: float) -> tuple[Float, Float | None]:
    """Average points, and normals, in cubic cells of a side."""
    cells = np.floor((points - points.min(axis=0)) / side).astype(np.int64)
    base = cells.max(axis=0) + 1
    keys = (cells[:, 0] * base[1] + cells[:, 1]) * base[2] + cells[:, 2]
    _, cell, counts = np.unique(keys, return_inverse=True, return_counts=True)

    def averaged(rows: Float) -> Float:
        sums = [np.bincount(cell, weights=rows[:, axis]) for axis in range(3)]
        means: Float = np.column_stack(sums) / counts[:, None]
        return means

    units = None if normals is None else averaged(normals)
    if units is not None:
        lengths = np.linalg.norm(units, axis=1)
        units = units / np.where(lengths > 0.0, lengths, 1.0)[:, None]
    return averaged(points), units


def nearest_points(points: Float) -> tuple[Float, Index]:
    """Return distances and numbers of the nearest others, (n, 16) each."""
    from scipy.spatial import cKDTree

    found = cKDTree(points).query(points, k=NEIGHBOURS + 1)
    distances, numbers = (np.asarray(part)[:, 1:] for part in found)
    return distances, numbers.astype(np.int64)


def _strays(points: Float) -> Mask:
    """Find points whose neighbours are far, by the measure of these neighbours themselves.

    A bound for the whole cloud would take thinly seen sides for strays.
    """
    distances, numbers = nearest_points(points)
    mean = distances.mean(axis=1)
    usual = np.median(mean[numbers], axis=1)
    lonely = distances[:, 3] > LINK_SPACINGS * np.median(distances[:, 3])
    strays: Mask = (mean > STRAY_RATIO * usual) | (lonely & (mean > usual))
    return strays


def _thin_to_planes(
    points: Float, normals: Float | None
) -> tuple[Float, Float | None, tuple[str, ...]]:
    """Average the points in growing cells until neighbours lie as in a plane.

    Noise thicker than the spacing, and lines much denser than they lie apart, tell no plane; on
    a larger scale they do.
    """
    before, side = len(points), 0.0
    while True:
        _, numbers = nearest_points(points)
        small, middle, large = np.sqrt(np.median(_spreads(points, numbers), axis=0))
        thinner = (points, normals)
        if small > THICKEST * middle or middle < NARROWEST * large:
            side = COARSER * max(side, _spacing(points))
            thinner = _thin(points, normals, side)
        if len(thinner[0]) in range(LEAST_POINTS, len(points)):
            points, normals = thinner
            continue
        if len(points) == before:
            return points, normals, ()
        note = f"{before} points averaged to {len(points)}: noise or scan lines denser than that"
        return points, normals, (note,)


def _spreads(points: Float, numbers: Index) -> Float:
    """Return the eigenvalues of the scatter of each point's neighbours, small to large."""
    values: Float = np.linalg.eigvalsh(scatter_of(points, numbers)).astype(np.float64)
    return values


def scatter_of(points: Float, numbers: Index) -> Float:
    """Return the scatter matrices (n, 3, 3) of the points' neighbours (n, k)."""
    around = points[numbers]
    around = around - around.mean(axis=1, keepdims=True)
    scatter: Float = np.einsum("nki,nkj->nij", around, around)
    return scatter


def _spacing(points: Float) -> float:
    """Return the spacing: 16 points within r of a point stand for pi r^2."""
    distances, _ = nearest_points(points)
    return float(np.sqrt(np.pi * np.mean(distances[:, -1] ** 2) / NEIGHBOURS))


def _measured(points: Float, normals: Float | None, middle: Float, notes: tuple[str, ...]) -> Cloud:
    shift = _middle(points)  # strays may have held the box wide
    points = points - shift
    _, numbers = nearest_points(points)
    return Cloud(
        points=points,
        normals=normals,
        middle=middle + shift,
        spacing=_spacing(points),
        neighbours=numbers,
        notes=notes,
    )


def _without_dust(cloud: Cloud) -> Cloud:
    """Drop small heaps of points apart from the stone; refuse large ones."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(cloud.points)
    one = np.repeat(np.arange(count), NEIGHBOURS)
    other = cloud.neighbours.ravel()
    apart = np.linalg.norm(cloud.points[one] - cloud.points[other], axis=1)
    near = apart <= LINK_SPACINGS * cloud.spacing
    links = coo_array((np.ones(int(near.sum())), (one[near], other[near])), shape=(count,) * 2)
    heaps, heap = connected_components(links, directed=False)
    if heaps == 1:
        return cloud
    sizes = np.bincount(heap)
    stone = int(sizes.argmax())
    others = np.delete(np.arange(heaps), stone)
    second = int(others[sizes[others].argmax()])
    if sizes[second] > DUST_SHARE * count:
        where = cloud.points[heap == second]
        across = float(np.linalg.norm(np.ptp(where, axis=0)))
        raise CloudError(
            f"points in separate heaps: beside the largest, {sizes[second]} points"
            f" {across:.3g} mm across near {cloud.place(where.mean(axis=0))}:"
            " cut them off in the scanner's software, or scan what lies between"
        )
    loose = int((heap != stone).sum())
    note = f"{counted(loose, 'point')} in {counted(heaps - 1, 'loose heap')} dropped as dust"
    return keep_points(cloud, heap == stone, note)

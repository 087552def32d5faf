"""A point cloud to one closed skin, and how far that skin may be wrong."""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, Int, frozen_float, frozen_int
from yieldopt.rough.cloud_error import CloudError
from yieldopt.rough.cloud_gaps import close_gaps, find_gaps, refuse_wide
from yieldopt.rough.cloud_normals import estimated_normals, outward_normals
from yieldopt.rough.cloud_points import Cloud, clean_cloud, keep_points
from yieldopt.rough.cloud_surface import load_open3d, nearest_of, skin_through, volume_of
from yieldopt.rough.skin import Index, defects_of

__all__ = ["CloudError", "CloudMesh", "mesh_of_cloud"]

MOST_CELLS = 30_000  # on the skin, some three triangles each
CELL_TRIES, CELL_GROWTH = 4, 1.2  # a surface that is not closed in fine cells often is in coarser
SIGN_TRIES = 4  # surfaces built before normals must agree with theirs
OPPOSED_SHARE = 0.01  # of points whose normal may oppose the surface's, at sharp edges
OFF_CELLS = 1.0  # a point so far off the surface, alone among its neighbours, is a stray
ERROR_SHARE = 0.95  # of the skin, that `surface_error` holds for
WORST_SHARE = 0.1  # of the shortest side: an error beyond leaves no stone to plan


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudMesh:
    """A closed skin through a cloud.

    Parameters
    ----------
    vertices, faces
        (n, 3) mm in the cloud's frame, and (k, 3), outward.
    surface_error
        mm: nineteen parts in twenty of the true skin lie within it, as far as points can tell.
    notes
        What was dropped, turned, closed, a sentence each.
    """

    vertices: Float
    faces: Int
    surface_error: float
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "vertices", frozen_float(self.vertices, (-1, 3), "vertices"))
        object.__setattr__(self, "faces", frozen_int(self.faces, (-1, 3), "faces"))


def mesh_of_cloud(points: Float, normals: Float | None) -> CloudMesh:
    """Return one closed outward shell through points (n, 3) mm with normals (n, 3), if any.

    The same points, in any order, give the same bytes. O(n log n); 120 thousand points at most
    are kept apart.

    Raises
    ------
    CloudError
        If the points give no closed skin: what, where, what to do, in one phrase.
    InputError
        If Open3D does not load.
    """
    load_open3d()
    cloud = clean_cloud(np.asarray(points, dtype=np.float64), normals)
    cloud, directions, notes = _directed(cloud)
    vertices, faces, cell = _closed_skin(cloud, directions, _cell(cloud))
    gaps = find_gaps(vertices, faces, cloud)
    error = _surface_error(cloud, directions, cell, vertices, faces)
    vertices, gap_notes = close_gaps(vertices, faces, gaps, cloud)
    shortest = float(np.ptp(cloud.points, axis=0).min())
    if error > WORST_SHARE * shortest:
        raise CloudError(
            f"the points leave the skin uncertain by {error:.2g} mm on a stone {shortest:.3g} mm"
            " thin: scan with more points or less noise"
        )
    told = f"skin of {len(faces)} triangles through {len(cloud.points)} points"
    told += f" {cloud.spacing:.2g} mm apart, 95 % of it within {error:.2g} mm"
    return CloudMesh(
        vertices=vertices + cloud.middle,
        faces=faces.astype(np.int32),
        surface_error=error,
        notes=(*cloud.notes, *notes, *gap_notes, told),
    )


def _cell(cloud: Cloud) -> float:
    return cloud.spacing * float(np.sqrt(max(1.0, len(cloud.points) / MOST_CELLS)))


def _directed(cloud: Cloud) -> tuple[Cloud, Float, tuple[str, ...]]:
    """Return normals that a surface has proved, and the cloud without strays off that surface.

    Wrong signs bend the surface, yet fewer than half of its points: each round takes the signs
    of the surface that the last round's gave (Hou et al. 2022, doi:10.1145/3528223.3530096).
    """
    directions, from_file, notes = outward_normals(cloud)
    for _ in range(SIGN_TRIES):
        vertices, faces = skin_through(cloud.points, directions, _cell(cloud))
        near = nearest_of(vertices, faces, cloud.points)
        opposed = np.einsum("ni,ni->n", directions, near.normals) < 0.0
        if opposed.mean() <= OPPOSED_SHARE:
            break
        if from_file:
            from_file = False
            notes = ("normals in the file disagree with the points: estimated anew",)
            directions = estimated_normals(cloud)
            continue
        directions = np.where(opposed[:, None], -directions, directions)
    else:
        where = cloud.points[opposed].mean(axis=0)
        raise CloudError(
            f"which side is out cannot be told (near {cloud.place(where)}):"
            " export the cloud with normals, or a closed mesh"
        )
    off = np.abs(near.distances) > OFF_CELLS * _cell(cloud)
    usual = np.median(np.abs(near.distances)[cloud.neighbours], axis=1)
    strays = off & (usual < 0.5 * OFF_CELLS * _cell(cloud))
    if strays.any():
        note = f"{int(strays.sum())} more points off the surface dropped"
        cloud, directions = keep_points(cloud, ~strays, note), directions[~strays]
    return cloud, directions, notes


def _closed_skin(cloud: Cloud, directions: Float, cell: float) -> tuple[Float, Index, float]:
    """Return a closed skin and the cells it took; refuse where points are missing."""
    for _ in range(CELL_TRIES):
        vertices, faces = skin_through(cloud.points, directions, cell)
        refuse_wide(find_gaps(vertices, faces, cloud), vertices, faces, cloud)
        defects = defects_of(vertices, faces)
        if not defects and volume_of(vertices, faces) > 0.0:
            return vertices, faces, cell
        cell *= CELL_GROWTH
    raise CloudError(
        f"no closed skin through the points ({'; '.join(defects) or 'it encloses nothing'}):"
        " clean the cloud in the scanner's software"
    )


def _surface_error(
    cloud: Cloud, directions: Float, cell: float, vertices: Float, faces: Index
) -> float:
    """Return how far the skin moves, at 95 % of it, when every other point is left out.

    Noise: a skin of half the points has twice the variance of the whole's; its distance from
    the whole, which is near the mean of both halves, has the whole's own. What lies between
    points shows likewise: half the points see half of it. Not seen: what is wrong in all points
    alike, as by a scanner out of calibration.
    """
    away = []
    for first in (0, 1):
        half = skin_through(cloud.points[first::2], directions[first::2], cell)
        away.append(nearest_of(*half, vertices).distances)
    return float(np.quantile(np.abs(np.concatenate(away)), ERROR_SHARE))

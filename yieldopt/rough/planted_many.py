"""Roughs built round several known preforms that a saw can part.

The preforms stand on two sides of a plane, those of a side on two sides of another, and so on: a
tree of saw cuts, each right through its piece. Each is as near to its planes as the kerf allows,
so that the rough has little to spare; what else might be cut from it is not known, and the planted
stones are a floor.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil

import numpy as np
from numpy.typing import NDArray

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.polytope import Polytope, polytope_from_planes
from yieldopt.geometry.pose import Pose
from yieldopt.rough.chance import Chance
from yieldopt.rough.mending.skin import Index, edges_of
from yieldopt.rough.planted import GRID_PER_MM, HAIR, PLANTED_KINDS, SHIFT_MM, Hills, hull_skin
from yieldopt.rough.refine import refine_skin
from yieldopt.rough.rough import Rough
from yieldopt.rough.write import ply_of

MOST_PREFORMS = 12
TRIES = 30  # ways to lay two groups together, of which the one with the least hull is taken
FLAT_SHARE = 0.7  # of the tries lay a face of the hull on the saw plane: such piles are the fullest
ASIDE = 0.12  # of the extent: a group may lie so far off the other's middle
HILLS = 6
# The wrap of lumps goes down to this share of the hull's distance from the middle: deeper, the
# skin would be seen edge-on from there.
FLOOR = 0.4
STEEP = 1.2  # a slope of the wrap: ln distance a radian, some 50 degrees
CLEAR = 1.002  # of a preform's distance: its corners are no corners of the wrap
LIFT = 0.25  # share of the way from wrap to hull that a corner goes back up where it cuts in


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedCut:
    """A saw cut of the known plan, in the middle of its kerf; `normal . x > offset` is above.

    `above` and `below` are the next cut there, or the number of the one preform there.
    """

    normal: Float
    offset: float
    above: "PlantedCut | int"
    below: "PlantedCut | int"

    def __post_init__(self) -> None:
        """Freeze the normal."""
        object.__setattr__(self, "normal", frozen_float(self.normal, (3,), "normal"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """Preforms that lie together, by number, in a frame of their own.

    `grown` are the corners of each preform with its planes moved out by half the kerf: what may
    not pass a saw plane.
    """

    poses: dict[int, Pose]
    corners: Float
    grown: Float
    volume: float
    tree: PlantedCut | int


def planted_several(
    preforms: Sequence[Polytope], *, kerf: float, kind: str, seed: int, triangles: int
) -> tuple[Rough, tuple[Pose, ...], PlantedCut]:
    """Build a rough that holds convex preforms, set apart by a kerf along a tree of saw cuts.

    It errs outward: no triangle enters a preform, and a preform with its planes moved out by
    half the kerf (mitred, as the allowance is) ends at its saw planes, 1e-9 mm short of them.

    Parameters
    ----------
    preforms
        Two to twelve, mm, each in its gem's frame, with 0 inside.
    kerf
        mm.
    kind
        `hull`: the convex hull of all. `lumps`: a skin that follows them into the gaps, with
        hills on top.
    seed
        Of how they lie, the lumps and the motion.
    triangles
        About so many; never fewer than the hull has.

    Returns
    -------
    rough, poses, saw
        The rough in the scan frame, the pose of each preform in it, the first saw cut.

    Raises
    ------
    InputError
        If the kind is not known, or the number of preforms out of range.
    """
    if kind not in PLANTED_KINDS:
        raise InputError(
            f"planted kind: {kind!r} is not known; say one of {', '.join(PLANTED_KINDS)}"
        )
    if not 2 <= len(preforms) <= MOST_PREFORMS:
        raise InputError(
            f"planted preforms: {len(preforms)} are out of range; say 2 to {MOST_PREFORMS}"
        )
    chance = Chance(seed, f"{len(preforms)} {kind}")
    group = _laid([_alone(i, p, kerf) for i, p in enumerate(preforms)], chance)
    rotation, translation = chance.turn(), chance.many(-SHIFT_MM, SHIFT_MM, 3)
    group = _moved(group, rotation, translation)
    posed = [group.poses[i] for i in range(len(preforms))]
    vertices, faces = _skin(preforms, posed, group.corners, chance, kind, triangles)
    corners = faces.astype(np.int32)
    name = f"planted_{len(preforms)}_{kind}_{seed}"
    rough = Rough(
        name=name,
        vertices=vertices,
        faces=corners,
        file=f"{name}.ply",
        sha256=hashlib.sha256(ply_of(vertices, corners)).hexdigest(),
        notes=(f"made by yieldopt: {kind} round {len(preforms)} known preforms, seed {seed}",),
    )
    assert isinstance(group.tree, PlantedCut)  # of two and more
    return rough, tuple(posed), group.tree


def _alone(number: int, preform: Polytope, kerf: float) -> _Group:
    grown = polytope_from_planes(preform.normals, preform.offsets + 0.5 * kerf)
    return _Group(
        poses={number: Pose(rotation=np.eye(3), translation=np.zeros(3))},
        corners=preform.vertices,
        grown=grown.vertices,
        volume=preform.volume,
        tree=number,
    )


def _laid(groups: list[_Group], chance: Chance) -> _Group:
    """Return the groups laid together, two sides of a plane at a time."""
    if len(groups) == 1:
        return groups[0]
    half = max(1, min(len(groups) - 1, ceil(chance.between(0.25, 0.75) * len(groups))))
    above, below = _laid(groups[:half], chance), _laid(groups[half:], chance)
    tries = [_joined(above, below, chance) for _ in range(TRIES)]
    return max(tries, key=_fullness)


def _fullness(group: _Group) -> float:
    from scipy.spatial import ConvexHull

    return group.volume / float(ConvexHull(group.corners).volume)


def _joined(above: _Group, below: _Group, chance: Chance) -> _Group:
    """Return two groups on the two sides of the plane z = 0, each up to its kerf."""
    parts = []
    for group, way in ((above, 1.0), (below, -1.0)):
        turned = _moved(group, _facing(group, way, chance), np.zeros(3))
        low, high = turned.corners.min(axis=0), turned.corners.max(axis=0)
        lift = way * (HAIR - (way * turned.grown[:, 2]).min())
        aside = chance.many(-ASIDE, ASIDE, 2) * (high - low)[:2] - 0.5 * (low + high)[:2]
        parts.append(_moved(turned, np.eye(3), np.array([*aside, lift])))
    return _Group(
        poses=parts[0].poses | parts[1].poses,
        corners=np.concatenate([part.corners for part in parts]),
        grown=np.concatenate([part.grown for part in parts]),
        volume=parts[0].volume + parts[1].volume,
        tree=PlantedCut(
            normal=np.array([0.0, 0.0, 1.0]), offset=0.0, above=parts[0].tree, below=parts[1].tree
        ),
    )


def _facing(group: _Group, way: float, chance: Chance) -> Float:
    """Return a rotation (3, 3) that lays a face of the group's hull down, or none, by chance.

    `way` is 1 where down is -z, -1 where it is +z.
    """
    from scipy.spatial import ConvexHull

    turn, lies, pick = chance.turn(), chance.between(0.0, 1.0), chance.between(0.0, 1.0)
    if lies > FLAT_SHARE:
        return turn
    hull = ConvexHull(group.grown)
    a, b, c = group.grown[hull.simplices].transpose(1, 0, 2)
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    face = int(np.searchsorted(np.cumsum(areas) / areas.sum(), pick))
    down = hull.equations[face, :3]
    aside = np.cross(down, turn[0])
    aside /= np.linalg.norm(aside)
    frame = np.array([aside, np.cross(down, aside), down])  # right-handed
    return frame if way < 0.0 else frame * np.array([[1.0], [-1.0], [-1.0]])


def _moved(group: _Group, rotation: Float, translation: Float) -> _Group:
    """Return a group turned, then moved."""
    motion = Pose(rotation=rotation, translation=translation)
    return replace(
        group,
        poses={
            i: Pose(
                rotation=rotation @ p.rotation, translation=motion.apply(p.translation[None])[0]
            )
            for i, p in group.poses.items()
        },
        corners=motion.apply(group.corners),
        grown=motion.apply(group.grown),
        tree=_moved_cut(group.tree, motion),
    )


def _moved_cut(tree: PlantedCut | int, motion: Pose) -> PlantedCut | int:
    if isinstance(tree, int):
        return tree
    normals, offsets = motion.planes(tree.normal[None], np.array([tree.offset]))
    return PlantedCut(
        normal=normals[0] / np.linalg.norm(normals[0]),
        offset=float(offsets[0]),
        above=_moved_cut(tree.above, motion),
        below=_moved_cut(tree.below, motion),
    )


def _skin(
    preforms: Sequence[Polytope],
    poses: Sequence[Pose],
    corners: Float,
    chance: Chance,
    kind: str,
    triangles: int,
) -> tuple[Float, Index]:
    """Return the skin round posed preforms, all of whose corners (n, 3) are given."""
    points, faces, centre = hull_skin(corners)
    hills = Hills(chance, points, faces, number=0 if kind == "hull" else HILLS)

    def on_grid(places: Float) -> Index:
        return np.rint(hills.over(places) * GRID_PER_MM).astype(np.int64)

    points, faces = refine_skin(points, faces, triangles=triangles, shown=on_grid)
    skin = hills.over(points)
    if kind == "lumps":
        about = [replace(pose, translation=pose.translation - centre) for pose in poses]
        skin = _wrapped(preforms, about, points, skin, faces)
    skin = skin * (1.0 + HAIR / np.linalg.norm(skin, axis=1).max())
    return skin + centre, faces


def _wrapped(
    preforms: Sequence[Polytope], poses: Sequence[Pose], points: Float, skin: Float, faces: Index
) -> Float:
    """Return the skin drawn in towards preforms about 0, as far as none is cut.

    Conservative: a triangle stays out of a preform when one of its facets, or the triangle's own
    plane, parts the two; where no such plane does, its corners go back towards the hull, whose
    triangles cut nothing.

    Parameters
    ----------
    points, skin
        (n, 3) mm, the hull round 0, and the same with hills on it.
    """
    solids = [
        (*pose.planes(preform.normals, preform.offsets), pose.apply(preform.vertices))
        for preform, pose in zip(preforms, poses, strict=True)
    ]
    far = np.linalg.norm(points, axis=1)
    rays = points / far[:, None]
    near = FLOOR * far
    for normals, offsets, _ in solids:
        near = np.maximum(near, CLEAR * _exits(rays, normals, offsets))
    near = np.minimum(_gentle(near, rays, faces), far)
    top = np.linalg.norm(skin, axis=1)
    low = near * (top / far)
    lift = np.zeros(len(points))
    near_faces = faces  # those that have moved since they were looked at
    while len(near_faces):
        drawn: Float = rays * (low + lift * (top - low))[:, None]
        cuts = _cut_triangles(drawn, near_faces, solids) & (lift[near_faces] < 1.0).any(axis=1)
        raised = np.zeros(len(points), dtype=bool)
        raised[near_faces[cuts]] = True
        lift[raised] = np.minimum(lift[raised] + LIFT, 1.0)
        near_faces = faces[raised[faces].any(axis=1)]
    return drawn


def _exits(rays: Float, normals: Float, offsets: Float) -> Float:
    """Return how far from 0 rays (n, 3) leave a convex solid, (n,) mm; 0 where they miss it."""
    along = rays @ normals.T
    with np.errstate(divide="ignore", invalid="ignore"):
        at = offsets / along
    out = np.where(along > 0.0, at, np.inf).min(axis=1)
    entry = np.where(along < 0.0, at, -np.inf).max(axis=1)
    beside = ((along == 0.0) & (offsets < 0.0)).any(axis=1)
    return np.where((entry <= out) & (out > 0.0) & ~beside, out, 0.0)


def _gentle(radius: Float, rays: Float, faces: Index) -> Float:
    """Return the least distances, none below those given, that fall off no faster than STEEP."""
    one, other = edges_of(faces).ends.T
    drop = STEEP * np.arccos(np.clip(np.einsum("ij,ij->i", rays[one], rays[other]), -1.0, 1.0))
    out = np.log(radius)
    while True:
        before = out.copy()
        np.maximum.at(out, one, before[other] - drop)
        np.maximum.at(out, other, before[one] - drop)
        if (out <= before).all():
            return np.exp(out)


def _cut_triangles(
    points: Float, faces: Index, solids: Sequence[tuple[Float, Float, Float]]
) -> NDArray[np.bool_]:
    """Tell of triangles (k, 3) that no plane of theirs or of a solid's facets parts from it."""
    corners_of = points[faces]
    a, b, c = corners_of.transpose(1, 0, 2)
    across = np.cross(b - a, c - a)
    level = np.einsum("ij,ij->i", across, a)
    cuts = np.zeros(len(faces), dtype=bool)
    for normals, offsets, corners in solids:
        below = (across @ corners.T).max(axis=1) <= level
        beside = (corners_of @ normals.T - offsets).min(axis=1).max(axis=1) >= 0.0
        cuts |= ~below & ~beside
    return cuts

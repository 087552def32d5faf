"""The pieces of a sawn rough: as meshes, in the order they come to lie on the bench."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float, Int, frozen_float, frozen_int
from yieldopt.plan.piece_sizes import calliper_sizes
from yieldopt.plan.record import SawCut
from yieldopt.rough.rough import Rough

MESHES = "pieces"  # the folder of their meshes, beside the plan
WHOLE = "0"  # the piece that is there before the first cut

# A manifold3d.Manifold; its package is loaded only where pieces are made.
Solid = Any
Index = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece that lies on the bench at some time: what is left between kerfs, closed.

    A plane through a hollow stone may leave several lumps on one side; they are one piece.

    Parameters
    ----------
    name
        A stone's id, "0" for the whole rough, or as the saw cuts name it.
    made_by, sawn_by
        Steps: 0 made the whole rough; None: it is not sawn again.
    vertices, faces
        (n, 3) mm and (k, 3), outward, scan frame. Both empty where the plane misses.
    volume
        mm3.
    stone
        The id of the one stone that is cut from it; None where it is sawn again, or an off-cut.
    """

    name: str
    made_by: int
    sawn_by: int | None
    vertices: Float
    faces: Int
    volume: float
    stone: str | None
    # Measured when it is asked for: what is only drawn has no need of it.
    _size: list[tuple[float, float, float]] = field(
        init=False, repr=False, compare=False, default_factory=list
    )

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "vertices", frozen_float(self.vertices, (-1, 3), "vertices"))
        object.__setattr__(self, "faces", frozen_int(self.faces, (-1, 3), "faces"))

    @property
    def size(self) -> tuple[float, float, float]:
        """Least width, least width at right angles to it, greatest length, mm."""
        if not self._size:
            self._size.append(calliper_sizes(self.vertices))
        return self._size[0]


def pieces_of(
    rough: Rough, saw: Sequence[SawCut], *, stones: Collection[str] = ()
) -> tuple[Piece, ...]:
    """Return every piece that ever lies on the bench: the whole first, then above and below.

    Exact up to rounding: a piece's volume is that of what comes of it and of the dust. The same
    cuts give the same bytes.

    Parameters
    ----------
    saw
        In their order; a cut saws a piece that is there.
    stones
        Ids of the stones: pieces that bear one and are not sawn again are theirs. A lone stone
        that nothing is sawn for has the whole rough.

    Raises
    ------
    ValueError
        If a cut saws a piece that is not there, or names one that was there before.
    InputError
        If the rough's mesh is open, so that it has no inside.
    """
    solid = _solid_of(rough)
    made = {WHOLE: 0}
    sawn: dict[str, int] = {}
    solids = {WHOLE: solid}
    for cut in saw:
        if cut.piece not in made or cut.piece in sawn:
            raise ValueError(f"saw step {cut.step}: there is no piece {cut.piece} to saw")
        if cut.above in made or cut.below in made or cut.above == cut.below:
            raise ValueError(f"saw step {cut.step}: a name of {cut.above}, {cut.below} is taken")
        sawn[cut.piece] = cut.step
        made[cut.above] = made[cut.below] = cut.step
        solids[cut.above], solids[cut.below] = _sides(solids[cut.piece], cut)
    lone = next(iter(stones)) if not saw and len(stones) == 1 else None
    return tuple(
        _piece(
            name,
            step,
            sawn.get(name),
            rough if name == WHOLE else solids[name],
            lone or (name if name in stones and name not in sawn else None),
        )
        for name, step in made.items()
    )


def dust_of(pieces: Sequence[Piece], saw: Sequence[SawCut]) -> tuple[float, ...]:
    """Return what each step's kerf takes (mm3) from the pieces of `pieces_of`."""
    volume = {piece.name: piece.volume for piece in pieces}
    return tuple(max(volume[cut.piece] - volume[cut.above] - volume[cut.below], 0.0) for cut in saw)


def cut_area(piece: Piece, cut: SawCut) -> float:
    """Return the area (mm2) that a plane has in a piece.

    The skin above the plane and the cut enclose a solid, whose faces, as vectors, add up to 0.
    """
    corners = piece.vertices[piece.faces]
    normal = np.asarray(cut.normal) / np.linalg.norm(cut.normal)
    a, b, c = corners.transpose(1, 0, 2)
    facing = 0.5 * np.cross(b - a, c - a) @ normal
    low, middle, high = np.sort(corners @ normal - cut.offset, axis=1).T
    # The share of a triangle's area above the plane: the tip, or all but the tip.
    with np.errstate(divide="ignore", invalid="ignore"):
        tip_up = high**2 / ((high - low) * (high - middle))
        tip_down = low**2 / ((high - low) * (middle - low))
    one_above = (high > 0.0) & (middle <= 0.0)
    share = np.where(one_above, tip_up, np.where(low < 0.0, 1.0 - tip_down, 1.0))
    share = np.where(high <= 0.0, 0.0, share)
    return abs(float(facing @ share))


def mesh_name(piece: Piece) -> str:
    """Return the name of a piece's mesh in the plan's folder."""
    return f"{MESHES}/{piece.name}.stl"


def _sides(solid: Solid, cut: SawCut) -> tuple[Solid, Solid]:
    """Return what lies above and below a cut's kerf."""
    length = float(np.linalg.norm(cut.normal))
    x, y, z = (np.asarray(cut.normal) / length).tolist()
    middle, half = float(cut.offset) / length, 0.5 * cut.kerf
    above = solid.trim_by_plane((x, y, z), middle + half)
    below = solid.trim_by_plane((-x, -y, -z), half - middle)
    return above, below


def _piece(
    name: str, made_by: int, sawn_by: int | None, body: Rough | Solid, stone: str | None
) -> Piece:
    """Return a piece of a solid; the whole rough keeps the mesh that it has."""
    if isinstance(body, Rough):
        vertices, faces, volume = body.vertices, body.faces, body.volume
    else:
        mesh = body.to_mesh64()
        vertices = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
        faces = np.asarray(mesh.tri_verts).astype(np.int32)
        volume = float(body.volume())
    return Piece(
        name=name,
        made_by=made_by,
        sawn_by=sawn_by,
        vertices=vertices,
        faces=faces,
        volume=volume,
        stone=stone,
    )


def _solid_of(rough: Rough) -> Solid:
    """Return a rough as a solid; where its skin touches itself, the touching sheets are parted.

    Raises
    ------
    InputError
        If it is open.
    """
    import manifold3d

    vertices, faces = np.array(rough.vertices), np.array(rough.faces, dtype=np.uint64)
    solid = manifold3d.Manifold(manifold3d.Mesh64(vertices, faces))
    if solid.status() != manifold3d.Error.NoError:
        own, parted = _parted(rough.vertices, rough.faces)
        mesh = manifold3d.Mesh64(own, parted.astype(np.uint64))
        solid = manifold3d.Manifold(mesh)
    if solid.status() != manifold3d.Error.NoError or solid.is_empty():
        raise InputError(
            f"{rough.file or rough.name}: the mesh is not closed, so it cannot be sawn into pieces;"
            " mend the scan, or plan one stone"
        )
    return solid


def _parted(vertices: Float, faces: Int) -> tuple[Float, Int]:
    """Return a mesh without edges of more than two triangles, and without points where cones meet.

    Round an edge that several sheets share, each triangle is joined to the one that its inside
    meets first; corners that no joined triangles share any more become vertices of their own, at
    the same place. Nothing moves.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    tail = faces.astype(np.int64).ravel()
    head = np.roll(faces, -1, axis=1).astype(np.int64).ravel()
    low, high = np.minimum(tail, head), np.maximum(tail, head)
    order: Index = np.lexsort((np.arange(len(tail)), high, low))
    new = np.flatnonzero(np.diff(low[order], prepend=-1) | np.diff(high[order], prepend=-1))
    counts = np.diff(np.append(new, len(order)))
    pairs = [np.column_stack([order[new[counts == 2]], order[new[counts == 2] + 1]])]
    for first, count in zip(new[counts > 2], counts[counts > 2], strict=True):
        pairs.append(_joined(vertices, faces, order[first : first + count], tail))
    one, other = np.concatenate(pairs).T
    # A half-edge's number is its tail corner's; the next in its triangle is its head corner's.
    after = np.arange(len(tail)).reshape(-1, 3)[:, [1, 2, 0]].ravel()
    start = np.concatenate([one, after[one]])
    end = np.concatenate([after[other], other])
    graph = coo_array((np.ones(len(start), dtype=bool), (start, end)), shape=(len(tail),) * 2)
    _, corner = connected_components(graph, directed=False)
    _, first_use, number = np.unique(corner, return_index=True, return_inverse=True)
    return vertices[tail[first_use]], number.reshape(-1, 3).astype(np.int32)


def _joined(vertices: Float, faces: Int, edges: Index, tail: Index) -> Index:
    """Return pairs (k, 2) of the half-edges of one edge, those whose inside lies between them."""
    at, to = vertices[tail[edges[0]]], vertices[np.roll(faces, -1, axis=1).ravel()[edges[0]]]
    along = (to - at) / np.linalg.norm(to - at)
    tips = vertices[np.roll(faces, 1, axis=1).ravel()[edges]] - at
    flat = tips - np.outer(tips @ along, along)
    right = flat[0] / np.linalg.norm(flat[0])
    turn = np.arctan2(flat @ np.cross(along, right), flat @ right) % (2.0 * np.pi)
    forward = tail[edges] == tail[edges[0]]
    # A forward triangle faces the way that turns grow; its inside lies behind, at lesser turns.
    pairs = []
    free = sorted(np.flatnonzero(~forward).tolist())
    for i in np.flatnonzero(forward):
        if not free:
            break
        gap = {j: (turn[i] - turn[j]) % (2.0 * np.pi) for j in free}
        nearest = min(free, key=gap.__getitem__)
        free.remove(nearest)
        pairs.append((edges[i], edges[nearest]))
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)

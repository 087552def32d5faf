"""Where a piece stands in a new scan of it: the motion that brings one skin onto the other.

Both are closed solids of nearly one form, in frames that have nothing to do with each other. The
principal axes of the solids give a few dozen first guesses; iterated closest points, residuals
along the skin's normal, take each a few steps and the best to the end. Where a saw has made faces
that may stand otherwise than was planned, points of those faces count for the first guesses
alone: what holds the two together in the end is skin that no saw has touched.

References
----------
.. [1] Chen, Medioni (1992). Object modelling by registration of multiple range images.
   doi:10.1016/0262-8856(92)90066-C (residuals along normals)
.. [2] Chetverikov, Stepanov, Krsek (2005). Robust Euclidean alignment of 3D point sets: the
   trimmed iterative closest point algorithm. doi:10.1016/j.imavis.2004.05.007
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations, product
from typing import TYPE_CHECKING

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float, Int
from yieldopt.geometry.pose import Pose

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

# mm, and share of the greatest extent: skins farther apart than the larger of the two are not of
# one piece. Two scans of one stone, each good to 0.02 mm, lie 0.012 mm apart; two made stones of
# one kind and volume came no nearer than 0.6 % of their extent (crystals; pebbles 1.1 %).
LEAST_WORST, WORST_SHARE = 0.06, 0.004
SKIN_POINTS, FIRST_SKIN = 20_000, 4000  # points on a skin; of those that are looked up at first
# Points of the scan that are brought to the skin, steps, and how many ways round go on.
STAGES = ((120, 7, 24), (400, 8, 6), (1500, 12, 3))
SOME = 1000  # from so many on, the nearest of all points on the skin are looked up
MANY, MANY_STEPS, ALL_STEPS = 3000, 25, 4  # in the end, and for the last steps all points
LEAST_POINTS = 6  # to move a body by
KEPT = 0.8  # share of points that count while aligned: the rest may be of a face sawn otherwise
RANKED = 0.95  # and while ways round are compared: where faces are, they tell them apart
COUNTED = 0.9  # share of points in a residual: corners chip
FACING = 0.3  # cosine: skin that looks more away from a point's own is another side
ALONG_CUT = 0.9  # cosine: points that look so along a saw face may be of it
BAND_SHARE = 0.06  # of the extent, beside a planned saw face: where the real one may stand
CLOSE = 3.0  # medians of the residual: farther points are chips, or of a face sawn otherwise
NARROWER = 0.75  # a step: from how far points count
NOISE_FLOOR = 1e-3  # mm: residuals below are not told apart
STEEPEST = 0.35  # rad: of one step; nearest points say nothing of a larger turn
DONE = 1e-5  # share of the extent: steps smaller than this change nothing
FREE = 1e-9  # of the largest eigenvalue: turns and moves that no plane has a say in
SEED = 11  # of the points on the skins
RIVAL_DEG = 8.0  # ways round less than this apart are one
RIVAL = 1.5  # another way round whose residual is no more than so many times the best's


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """How a planned piece lies in the frame of its scan.

    Parameters
    ----------
    pose
        From the planned frame to the scan's, mm.
    rms
        Residual between the skins that no saw has touched, mm, both ways, without the tenth of
        points that lie worst.
    rival
        Residual of another way round that fits nearly as well, mm; None where there is none. A
        piece that looks the same from two sides does not say which way round it lies.
    """

    pose: Pose
    rms: float
    rival: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Skin:
    """Points on a skin (n, 3) mm, its normals there, and what finds the nearest.

    They stand in an order drawn by lot: the first of them are spread as evenly as all. `rough_tree`
    finds the nearest of the first few.
    """

    points: Float
    normals: Float
    tree: "cKDTree"
    rough_tree: "cKDTree"
    spacing: float

    def first(self, n: int) -> tuple[Float, Float]:
        """Return the first points and normals."""
        return self.points[:n], self.normals[:n]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Guess:
    """A motion of the scan onto the piece, and its residual; `whole`: with the faces of the saw."""

    rotation: Float
    shift: Float
    rms: float
    whole: float = 0.0


def registered(
    scan: tuple[Float, Int],
    piece: tuple[Float, Int],
    *,
    skin: tuple[Float, Int] | None = None,
    cuts: Sequence[tuple[Float, float]] = (),
) -> Registration:
    """Return the motion that brings a piece as planned onto a scan of it.

    Parameters
    ----------
    scan, piece
        Closed meshes: (n, 3) mm and (k, 3), outward.
    skin
        In the piece's frame: the skin of the rough that it was sawn from, which goes on where the
        saw has left more than was planned. None: the piece's own.
    cuts
        Faces of the piece that a saw makes: outward unit normal (3,) and offset, mm.

    Raises
    ------
    InputError
        If nothing brings them nearer than `LEAST_WORST` and `WORST_SHARE` allow.
    """
    extent = float(np.ptp(piece[0], axis=0).max())
    moving, target = _skin_of(*scan), _skin_of(*piece)
    guesses = _first_guesses(scan, piece)
    for n, steps, keep in STAGES:
        tree = target.rough_tree if n < SOME else target.tree
        guesses = [_aligned(moving, target, tree, n, steps, guess, extent) for guess in guesses]
        guesses = _unlike(guesses, keep)
    untouched = _skin_of(*skin) if skin is not None else target
    hold = _Hold(moving=moving, skin=untouched, piece=target, cuts=cuts, extent=extent)
    wide = BAND_SHARE * extent
    best = [hold.settled(guess, MANY, MANY_STEPS, wide) for guess in guesses]
    best = _unlike(best, len(best))
    # Ways round that untouched skin does not tell apart are told by the faces of the saw.
    best = [g for g in best if g.rms <= max(RIVAL * best[0].rms, 2.0 * NOISE_FLOOR)]
    best.sort(key=lambda guess: guess.whole)
    near = [g.rms for g in best[1:] if g.whole <= max(RIVAL * best[0].whole, 2.0 * NOISE_FLOOR)]
    best[0] = hold.settled(best[0], SKIN_POINTS, ALL_STEPS, 0.0)
    worst = max(LEAST_WORST, WORST_SHARE * extent)
    if best[0].rms > worst:
        raise InputError(
            f"the scan and the piece as planned lie {best[0].rms:.2f} mm apart at best (rms;"
            f" {worst:.2f} mm are allowed)"
        )
    rotation, shift = best[0].rotation.T, -best[0].rotation.T @ best[0].shift
    return Registration(
        pose=Pose(rotation=rotation, translation=shift),
        rms=best[0].rms,
        rival=near[0] if near else None,
    )


def _skin_of(vertices: Float, faces: Int) -> _Skin:
    """Return points spread evenly over a mesh by lot, always the same."""
    from scipy.spatial import cKDTree

    a, b, c = vertices[faces].transpose(1, 0, 2)
    across = np.cross(b - a, c - a)
    double = np.linalg.norm(across, axis=1)
    lot = np.random.default_rng(SEED)
    reach = np.cumsum(double)
    of = np.searchsorted(reach, lot.random(SKIN_POINTS) * reach[-1], side="right")
    of = np.minimum(of, len(faces) - 1)
    u, v = lot.random((2, SKIN_POINTS, 1))
    over = u + v > 1.0
    u, v = np.where(over, 1.0 - u, u), np.where(over, 1.0 - v, v)
    points = a[of] + u * (b - a)[of] + v * (c - a)[of]
    return _Skin(
        points=points,
        normals=across[of] / double[of, None],
        tree=cKDTree(points),
        rough_tree=cKDTree(points[:FIRST_SKIN]),
        spacing=float(np.sqrt(0.5 * reach[-1] / SKIN_POINTS)),
    )


def _first_guesses(scan: tuple[Float, Int], piece: tuple[Float, Int]) -> list[_Guess]:
    """Return motions that bring centres and principal axes together, every way round.

    Where two axes are nearly as long as each other they say little: so each way round is also
    turned by an eighth about each axis.
    """
    from scipy.spatial.transform import Rotation

    one, axes = _principal(*scan)
    other, others = _principal(*piece)
    turns = [np.eye(3)] + [
        Rotation.from_rotvec(0.25 * np.pi * axis).as_matrix() for axis in np.eye(3)
    ]
    out = []
    for order, signs in product(permutations(range(3)), product((1.0, -1.0), repeat=3)):
        swap = np.eye(3)[list(order)] * np.array(signs)[:, None]
        if np.linalg.det(swap) < 0.0:
            continue
        for turn in turns:
            rotation = others @ turn @ swap @ axes.T
            out.append(_Guess(rotation=rotation, shift=other - rotation @ one, rms=np.inf))
    return out


def _principal(vertices: Float, faces: Int) -> tuple[Float, Float]:
    """Return centre (3,) and principal axes (3, 3), as columns, of what a mesh encloses."""
    origin = vertices.mean(axis=0)
    corners = vertices[faces] - origin
    volume = np.linalg.det(corners)
    total = volume.sum()
    sums = corners.sum(axis=1)
    centre = (volume[:, None] * sums).sum(axis=0) / (4.0 * total)
    # Of a tetrahedron with a corner at 0: (sum of corners' squares + square of their sum) / 20.
    square = np.einsum("t,tci,tcj->ij", volume, corners, corners)
    square += np.einsum("t,ti,tj->ij", volume, sums, sums)
    spread = square / (20.0 * total) - np.outer(centre, centre)
    axes = np.linalg.eigh(spread)[1]
    axes[:, 0] *= np.sign(np.linalg.det(axes))
    return centre + origin, axes


def _aligned(
    moving: _Skin,
    target: _Skin,
    tree: "cKDTree",
    n: int,
    steps: int,
    guess: _Guess,
    extent: float,
) -> _Guess:
    """Return a guess after some steps of trimmed closest points, on whole skins."""
    points, normals = moving.first(n)
    rotation, shift = guess.rotation, guess.shift
    for _ in range(steps):
        at = points @ rotation.T + shift
        distance, nearest = (np.asarray(found) for found in tree.query(at))
        facing = np.einsum("ij,ij->i", normals @ rotation.T, target.normals[nearest])
        order = np.argsort(np.where(facing > FACING, distance, np.inf), kind="stable")
        kept = order[: int(KEPT * n)]
        kept = kept[facing[kept] > FACING]
        if len(kept) < LEAST_POINTS:
            break
        onto = nearest[kept]
        turn, move, size = _step(at[kept], target.points[onto], target.normals[onto])
        rotation, shift = turn @ rotation, turn @ shift + move
        if size < DONE * extent:
            break
    at = points @ rotation.T + shift
    rms = _residual(_apart(at, normals @ rotation.T, target), RANKED)
    return _Guess(rotation=rotation, shift=shift, rms=rms)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hold:
    """A scan and a piece that are held together by the skin that no saw has touched."""

    moving: _Skin
    skin: _Skin
    piece: _Skin
    cuts: Sequence[tuple[Float, float]]
    extent: float

    def settled(self, guess: _Guess, n: int, steps: int, wide: float) -> _Guess:
        """Return a guess brought to rest, with its residual; `wide`: from how far points count."""
        points, normals = self.moving.first(n)
        rotation, shift = guess.rotation, guess.shift
        for _ in range(steps):
            at, way = points @ rotation.T + shift, normals @ rotation.T
            _, nearest = self.skin.tree.query(at)
            onto, towards = self.skin.points[nearest], self.skin.normals[nearest]
            off = np.abs(np.einsum("ij,ij->i", at - onto, towards))
            counts = ~self._may_be_sawn(at, way)
            counts &= np.einsum("ij,ij->i", way, towards) > FACING
            if counts.sum() < LEAST_POINTS:
                break
            # At first far points count too: a needle is held along its length by its tip alone.
            near = CLOSE * max(float(np.median(off[counts])), NOISE_FLOOR)
            counts &= off <= max(near, wide)
            wide *= NARROWER
            turn, move, size = _step(at[counts], onto[counts], towards[counts])
            rotation, shift = turn @ rotation, turn @ shift + move
            if size < DONE * self.extent and wide < near:
                break
        at, way = points[:MANY] @ rotation.T + shift, normals[:MANY] @ rotation.T
        whole = _residual(_apart(at, way, self.piece), RANKED)
        return _Guess(rotation=rotation, shift=shift, rms=self._rms(rotation, shift), whole=whole)

    def _rms(self, rotation: Float, shift: Float) -> float:
        """Return the residual from the scan to the skin, or from the piece to the scan."""
        points, normals = self.moving.first(MANY)
        at, way = points @ rotation.T + shift, normals @ rotation.T
        there = ~self._may_be_sawn(at, way)
        planned, planned_way = self.piece.first(MANY)
        kept = np.ones(len(planned), dtype=np.bool_)
        for normal, offset in self.cuts:  # beside a cut the saw may have taken more
            kept &= planned @ normal < offset - BAND_SHARE * self.extent
        if kept.sum() < LEAST_POINTS:
            kept = ~self._may_be_sawn(planned, planned_way)
        back, back_way = (planned[kept] - shift) @ rotation, planned_way[kept] @ rotation
        return max(
            _residual(_apart(at[there], way[there], self.skin)),
            _residual(_apart(back, back_way, self.moving)),
        )

    def _may_be_sawn(self, points: Float, normals: Float) -> np.ndarray:
        """Tell which points (n, 3) may lie on a face that a saw made, there or thereabouts."""
        out = np.zeros(len(points), dtype=np.bool_)
        for normal, offset in self.cuts:
            # Beyond the face there is nothing of the piece but what the saw has left too much.
            beyond = points @ normal > offset - BAND_SHARE * self.extent
            out |= beyond & (normals @ normal > ALONG_CUT)
        return out


def _apart(points: Float, normals: Float, skin: _Skin) -> Float:
    """Return how far points (n, 3) lie off a skin of points: across it, and along it beyond them.

    Where the nearest skin looks another way, the whole distance counts.
    """
    if len(points) == 0:
        return np.array([np.inf])
    distance, nearest = skin.tree.query(points)
    towards = skin.normals[nearest]
    across = np.einsum("ij,ij->i", points - skin.points[nearest], towards)
    along = np.sqrt(np.maximum(distance**2 - across**2, 0.0))
    off = np.hypot(across, np.maximum(along - 2.0 * skin.spacing, 0.0))
    facing = np.einsum("ij,ij->i", normals, towards) > FACING
    return np.where(facing, off, distance)


def _residual(apart: Float, share: float = COUNTED) -> float:
    kept = np.sort(apart)[: max(int(share * len(apart)), 1)]
    return float(np.sqrt((kept**2).mean()))


def _step(at: Float, onto: Float, normals: Float) -> tuple[Float, Float, float]:
    """Return the turn, the move and the size (mm) of a step that brings points onto planes.

    Least squares in a small turn about the points' middle and a move; what the planes leave free
    (a ball may turn) stays as it is.
    """
    from scipy.spatial.transform import Rotation

    middle = at.mean(axis=0)
    reach = float(np.linalg.norm(at - middle, axis=1).max()) or 1.0
    rows = np.column_stack([np.cross((at - middle) / reach, normals), normals])
    off = np.einsum("ij,ij->i", onto - at, normals)
    # By the normal equations: six unknowns, and the columns are of one size.
    solution = np.linalg.lstsq(rows.T @ rows, rows.T @ off, rcond=FREE)[0]
    vector = solution[:3] / reach
    angle = float(np.linalg.norm(vector))
    if angle > STEEPEST:
        vector *= STEEPEST / angle
    turn = Rotation.from_rotvec(vector).as_matrix()
    move = middle + solution[3:] - turn @ middle
    return turn, move, float(np.linalg.norm(solution))


def _unlike(guesses: Sequence[_Guess], most: int) -> list[_Guess]:
    """Return the best guesses, each way round once."""
    least = np.cos(np.radians(RIVAL_DEG))
    out: list[_Guess] = []
    for guess in sorted(guesses, key=lambda g: g.rms):
        cosines = [0.5 * (float(np.trace(own.rotation.T @ guess.rotation)) - 1.0) for own in out]
        if all(cosine < least for cosine in cosines):
            out.append(guess)
        if len(out) == most:
            break
    return out

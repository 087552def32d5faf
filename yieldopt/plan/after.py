"""What stays of a plan after a real saw cut: a piece is scanned again, its stones are looked at.

The new scan lies in a frame of its own. The piece as planned is brought onto it
(`rough.registration`), and the stones and cuts that were planned in it come along.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.pose import Pose
from yieldopt.plan.holding import Bench, top_of
from yieldopt.plan.pieces import WHOLE, pieces_of
from yieldopt.plan.rebuild import rough_of, saw_of, stones_of
from yieldopt.plan.record import Locked, SawCut, Stone
from yieldopt.plan.schema import PlanFile
from yieldopt.rough.registration import Registration, registered
from yieldopt.rough.rough import Rough

# Shares of its size that a kept stone may lose in a new scan: 0.02 mm of noise on either side
# of a stone of 5 mm are 0.8 %, 2.4 % of its weight; more is worth a search.
SMALLER = (0.001, 0.002, 0.004, 0.008)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPiece:
    """A piece of a plan in the frame of its scan, with what was planned in it.

    Parameters
    ----------
    registration
        How the piece lies in the scan.
    stones, saw
        Of the piece; the piece itself is the whole ("0") of these cuts.
    """

    registration: Registration
    stones: tuple[Stone, ...]
    saw: tuple[SawCut, ...]

    @property
    def pose(self) -> Pose:
        """From the plan's frame to the scan's."""
        return self.registration.pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What of a piece's plan stays.

    Parameters
    ----------
    locked
        The stones that hold in the scan, and the cuts that part them.
    words
        A line for each stone: kept, or planned anew and why.
    """

    locked: Locked
    words: tuple[str, ...]


def piece_in_scan(plan: PlanFile, path: Path, name: str, scan: Rough) -> PlannedPiece:
    """Return a piece of a plan as it lies in its scan.

    Parameters
    ----------
    plan, path
        The plan file, and where it was read: its rough lies beside it.
    name
        Of the piece: "0" is the whole, a stone's id the piece that bears it.
    scan
        Of that piece alone.

    Raises
    ------
    InputError
        If there is no such piece, or the scan is not of it.
    """
    saw, stones = saw_of(plan), stones_of(plan, of=str(path))
    names = piece_names(plan)
    if name not in names:
        raise InputError(f"there is no piece {name!r} in {path} (it has {', '.join(names)})")
    rough = rough_of(plan.rough, path)
    try:
        pieces = {piece.name: piece for piece in pieces_of(rough, saw, stones=list(stones))}
    except ValueError as error:
        raise InputError(f"{path}: {error}") from None
    piece = pieces[name]
    if len(piece.faces) == 0:
        raise InputError(f"nothing is left of piece {name} in {path}")
    try:
        found = registered(
            (scan.vertices, scan.faces),
            (piece.vertices, piece.faces),
            skin=(rough.vertices, rough.faces),
            cuts=_faces_of(saw, name),
        )
    except InputError as error:
        raise InputError(
            f"{scan.file}: is not piece {name} of {path}: {error}; name the piece that was scanned"
            f" ({', '.join(names)}), and check the scan's unit"
        ) from None
    inside = _below(saw, name)
    homes = {name} | {side for cut in inside for side in (cut.above, cut.below)}
    whole = not saw and len(stones) == 1
    return PlannedPiece(
        registration=found,
        stones=tuple(
            _moved_stone(stone, found.pose)
            for stone in stones.values()
            if stone.id in homes or whole
        ),
        saw=tuple(
            _moved_cut(cut, found.pose, WHOLE if cut.piece == name else cut.piece) for cut in inside
        ),
    )


def what_holds(piece: PlannedPiece, bench: Bench) -> Kept:
    """Return which stones of a piece still hold in its scan with all margins.

    A stone that touches the skin breaks a margin by the scan's noise alone: it may be SMALLER.
    """
    kept: dict[str, Stone] = {}
    words = []
    for stone in piece.stones:
        faults = bench.stone_faults(stone, piece.saw)
        fits = None if faults else stone
        for share in SMALLER if faults else ():
            less = replace(stone, design=stone.design.scaled(1.0 - share))
            if not bench.stone_faults(less, piece.saw):
                fits = less
                words.append(f"stone {stone.id}: kept, {share:.1%} smaller each way to fit")
                break
        if fits is None:
            words.append(f"stone {stone.id}: planned anew, because {faults[0]}")
            continue
        kept[stone.id] = fits
        if fits is stone:
            words.append(f"stone {stone.id}: kept")
    saw = top_of(piece.saw, kept)
    for step, why in bench.saw_faults(saw):
        words.append(f"the saw cut between kept stones is planned anew, because it {why}")
        saw = saw[: step - 1]
        break
    return Kept(locked=Locked(stones=tuple(kept.values()), saw=saw), words=tuple(words))


def piece_names(plan: PlanFile) -> tuple[str, ...]:
    """Return the names of all pieces of a plan, the whole first."""
    names = [side for cut in plan.saw for side in (cut.above, cut.below)]
    return tuple(dict.fromkeys([WHOLE, *names]))


def _faces_of(saw: Sequence[SawCut], name: str) -> list[tuple[Float, float]]:
    """Return the saw faces round a piece: outward unit normals and offsets."""
    faces = []
    by_child = {side: cut for cut in saw for side in (cut.above, cut.below)}
    while name in by_child:
        cut = by_child[name]
        length = float(np.linalg.norm(cut.normal))
        normal, offset, half = cut.normal / length, cut.offset / length, 0.5 * cut.kerf
        if name == cut.above:
            faces.append((-normal, -(offset + half)))
        else:
            faces.append((normal, offset - half))
        name = cut.piece
    return faces


def _below(saw: Sequence[SawCut], name: str) -> list[SawCut]:
    """Return the cuts that saw a piece, or what is left of it."""
    inside, names = [], {name}
    for cut in saw:
        if cut.piece in names:
            inside.append(cut)
            names |= {cut.above, cut.below}
    return inside


def _moved_stone(stone: Stone, pose: Pose) -> Stone:
    own = stone.pose
    moved = Pose(
        rotation=pose.rotation @ own.rotation, translation=pose.apply(own.translation[None])[0]
    )
    return replace(stone, pose=moved)


def _moved_cut(cut: SawCut, pose: Pose, piece: str) -> SawCut:
    normal = pose.rotation @ cut.normal
    offset = cut.offset + float(normal @ pose.translation)
    return replace(cut, piece=piece, normal=normal, offset=offset)

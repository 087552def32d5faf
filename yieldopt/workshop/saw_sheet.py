"""A saw cut as the bench makes it: its line, what to check after it, and what to mind."""

from collections.abc import Mapping, Sequence

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.plan.holding import CLEAVAGE
from yieldopt.plan.pieces import Piece
from yieldopt.plan.record import Plan, SawCut, Stone
from yieldopt.rough.inclusions import Crack
from yieldopt.units import weight_ct
from yieldopt.workshop.clearance import face_of
from yieldopt.workshop.reading import read
from yieldopt.workshop.record import Mark, Said, SawSheet
from yieldopt.workshop.saw_lines import Line, marks_on
from yieldopt.workshop.section import section_loops
from yieldopt.workshop.wander import sides_of

NEARLY_PARALLEL = 15.0  # degrees: a piece may split along a cleavage instead of the line
# mm: what fingers still hold at a saw; below it, wax the piece to a stick. Of the trade's usage,
# not of a source: `limits.min_piece` says what a shop wants.
HELD = 4.0
ANGLE_DECIMALS = 1  # of angles between planes: a protractor reads no finer
WEIGHT_DECIMALS = 2  # ct


def saw_sheet(
    plan: Plan,
    cut: SawCut,
    line: Line,
    saw: Sequence[SawCut],
    pieces: Mapping[str, Piece],
    marks: Sequence[Mark],
    stones: Sequence[Stone],
) -> SawSheet:
    """Return a cut's sheet.

    Parameters
    ----------
    cut, line
        As printed figures give them.
    saw, pieces, stones
        All cuts, pieces by name and stones that printed figures give.
    """
    piece = pieces[cut.piece]
    loops = section_loops(piece.vertices, piece.faces, line.normal, line.offset)
    long, short = _extents(loops, line.normal)
    sides = {"above": cut.above, "below": cut.below}
    heights = {side: _heights(saw, name, cut, marks) for side, name in sides.items()}
    volumes = {side: pieces[name].volume for side, name in sides.items()}
    volumes["dust"] = max(piece.volume - sum(volumes.values()), 0.0)
    return SawSheet(
        step=cut.step,
        piece=cut.piece,
        above=cut.above,
        below=cut.below,
        kerf=cut.kerf,
        normal=line.normal,
        offset=line.offset,
        ink=line.ink,
        loops=tuple(loops),
        heights=heights,
        long=long,
        short=short,
        nearest=_nearest(cut, saw, stones),
        tilts=tuple(
            (other.step, _degrees(line.normal, other.normal))
            for other, _ in sorted(sides_of(saw, cut.piece), key=lambda side: side[0].step)
        ),
        weights={
            side: round(weight_ct(volume, plan.specific_gravity), WEIGHT_DECIMALS)
            for side, volume in volumes.items()
        },
        warnings=tuple(_warnings(plan, cut, piece, pieces, stones)),
    )


def _heights(
    saw: Sequence[SawCut], name: str, cut: SawCut, marks: Sequence[Mark]
) -> dict[str, float]:
    """Return how high the marks of a piece stand over the face that a cut has just sawn."""
    sides = sides_of(saw, name)
    normal, offset = face_of(cut, cut.above == name)
    walls = [face_of(*side) for side in sides]
    return {mark.name: read(offset - float(normal @ mark.place)) for mark in marks_on(marks, walls)}


def _extents(loops: Sequence[Float], normal: Float) -> tuple[float, float]:
    """Return a section's longest extent and that across it, mm."""
    if not loops:
        return 0.0, 0.0
    seen = np.concatenate(loops) @ np.linalg.svd(normal[None, :])[2][1:].T
    ways = np.radians(np.arange(0.0, 180.0, 0.5))
    extents = np.ptp(seen @ np.array([np.cos(ways), np.sin(ways)]), axis=0)
    longest = int(extents.argmax())
    across = (longest + len(ways) // 2) % len(ways)
    return read(float(extents[longest])), read(float(extents[across]))


def _nearest(cut: SawCut, saw: Sequence[SawCut], stones: Sequence[Stone]) -> tuple[str, float]:
    """Return the finished stone next to a kerf's walls, and how far it is from there, mm."""
    best = ("", np.inf)
    for stone in stones:
        for other, above in sides_of(saw, stone.id):
            if other.step == cut.step:
                normal, offset = face_of(cut, above)
                reach = stone.pose.apply(stone.design.solid.vertices) @ normal
                left = offset - float(reach.max())
                if left < best[1]:
                    best = (stone.id, left)
    return best[0], read(best[1]) if np.isfinite(best[1]) else 0.0


def _degrees(normal: Float, other: Float) -> float:
    """Return the angle between two planes by their normals, 0 to 90 degrees."""
    along = abs(float(normal @ other)) / float(np.linalg.norm(other))
    return round(float(np.degrees(np.arccos(min(along, 1.0)))), ANGLE_DECIMALS)


def _warnings(
    plan: Plan,
    cut: SawCut,
    piece: Piece,
    pieces: Mapping[str, Piece],
    stones: Sequence[Stone],
) -> list[Said]:
    said = []
    known = {rule.name: rule.axis for rule in plan.orientation} | dict(plan.axes)
    least = np.degrees(plan.limits.saw_off_cleavage)
    for name, axis in known.items():
        if name.startswith(CLEAVAGE):
            angle = _degrees(cut.normal, axis)
            if angle < max(NEARLY_PARALLEL, least):
                said.append(Said(code="cleavage", figures={"name": name, "angle": angle}))
    for number, flaw in enumerate(plan.inclusions, start=1):
        if isinstance(flaw, Crack) and _opens(flaw, cut, piece):
            said.append(Said(code="crack_opens", figures={"number": number}))
    borne = {stone.id for stone in stones}
    sawn_on = {name for name, other in pieces.items() if other.sawn_by is not None}
    held = max(plan.limits.min_piece, HELD)
    for name in (cut.above, cut.below):
        # Off-cuts are let fall.
        if (name in borne or name in sawn_on) and pieces[name].size[0] < held:
            width = read(pieces[name].size[0])
            said.append(Said(code="hard_to_hold", figures={"piece": name, "width": width}))
    return said


def _opens(flaw: Crack, cut: SawCut, piece: Piece) -> bool:
    """Tell whether a kerf runs into a crack that lies about in the piece (within its box)."""
    size = float(np.linalg.norm(cut.normal))
    height = (np.asarray(flaw.corners) @ cut.normal - cut.offset) / size
    low, high = piece.vertices.min(axis=0), piece.vertices.max(axis=0)
    corners = np.asarray(flaw.corners)
    beside = (corners.max(axis=0) >= low).all() and (corners.min(axis=0) <= high).all()
    return bool(beside and height.min() < 0.5 * cut.kerf and height.max() > -0.5 * cut.kerf)

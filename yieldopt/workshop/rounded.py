"""Printed figures that still hold: the stone they give, made as much smaller as rounding asks.

A stone is as large as the rough lets it be, so any rounding may push a facet into a margin. The
figures are therefore printed for a stone that is smaller as a whole, by whole readings of the one
length that sets its size, until the stone which the printed figures give keeps all its margins.
Made smaller as a whole, all its meets stay.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from yieldopt.cuts.design import Design
from yieldopt.cuts.prescription import Prescription
from yieldopt.geometry.pose import Pose
from yieldopt.geometry.surface import Surface
from yieldopt.plan.record import Plan, SawCut, Stone
from yieldopt.workshop.clearance import faults_of, fits
from yieldopt.workshop.flat import Side, Target, gem_rotation
from yieldopt.workshop.reading import read
from yieldopt.workshop.record import READING
from yieldopt.workshop.rows import Executed, design_of, executed, reading_of

MOST_READINGS = 100  # the stone is printed smaller by at most so many: 0.5 or 1 mm
MOST_JUDGED = 6  # stones that the query lets pass and the judge is asked about
# The depths of all may be printed so many readings more or less: room is on one side or the other.
UPS = (0, 1, -1, 2, -2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A stone as printed figures give it.

    Parameters
    ----------
    stone
        Its design and pose are theirs.
    made
        What following them gives; None where the cut is no list of facets.
    origin
        How deep below the flat the axis's origin is, mm; of a cut without a list the end of the
        stone that the flat lies over.
    rise
        How far the gem's z = 0 is above the origin, mm, towards the table.
    deeper
        mm: by how much the length that sets the size is less than planned.
    fault
        Why it does not hold, in the judge's words; empty where it holds.
    """

    stone: Stone
    made: Executed | None
    origin: float
    rise: float
    deeper: float
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Try:
    design: Design
    pose: Pose
    made: Executed | None
    origin: float
    rise: float


def settled(
    plan: Plan,
    stone: Stone,
    prescription: Prescription | None,
    target: Target,
    side: Side,
    *,
    beyond: float,
    around: Surface,
    saw: Sequence[SawCut],
) -> Settled:
    """Return the largest stone that printed figures give and that keeps its margins.

    Parameters
    ----------
    target
        The flat and the dop as their printed figures give them.
    beyond
        mm from the flat to the end of the stone it lies over, as planned.
    around
        What it keeps clear of.
    saw
        Cuts as their printed figures give them.
    """
    size, reading = _size(stone, prescription)
    first: Settled | None = None
    judged = 0
    for smaller in range(MOST_READINGS):
        length = (math.floor(size / reading) - smaller) * reading
        factor = length / size
        for up in UPS:
            one = _tried(stone, prescription, target, side, factor, beyond, up)
            if one is None:
                continue
            solid = one.design.solid
            if not fits(around, solid.normals, solid.offsets, one.pose):
                continue
            made = replace(stone, design=one.design, pose=one.pose)
            faults = faults_of(plan, made, saw)
            judged += 1
            found = Settled(
                stone=made,
                made=one.made,
                origin=one.origin,
                rise=one.rise,
                deeper=round(size - length, 6),
                fault=faults[0] if faults else "",
            )
            if not faults:
                return found
            first = first or found
            if judged == MOST_JUDGED:
                return first
    if first is not None:
        return first
    one = _tried(stone, prescription, target, side, 1.0, beyond, 0)
    if one is None:
        raise ValueError(f"stone {stone.id}: its printed figures bound no solid")
    return Settled(
        stone=replace(stone, design=one.design, pose=one.pose),
        made=one.made,
        origin=one.origin,
        rise=one.rise,
        deeper=0.0,
        fault="no stone near it keeps its margins",
    )


def _size(stone: Stone, prescription: Prescription | None) -> tuple[float, float]:
    """Return the length that sets a stone's size as its list says it, else half its width, mm.

    And in what steps it is read.
    """
    for step in prescription.steps if prescription is not None else ():
        if step.fix.kind == "size" and step.fix.value:
            return step.fix.value, reading_of(step, abs(stone.design.gear))
    return 0.5 * stone.design.width, 0.5 * READING


def _tried(
    stone: Stone,
    prescription: Prescription | None,
    target: Target,
    side: Side,
    factor: float,
    beyond: float,
    up: int,
) -> _Try | None:
    """Return what figures printed for a stone so much smaller give; None where it is no solid."""
    rotation = gem_rotation(target, stone, side)
    down = -target.normal
    if prescription is None:
        design = stone.design.scaled(factor)
        ends = design.solid.vertices[:, 2]
        origin = read(beyond + READING * up)
        rise = -float(ends.max()) if side == "table" else -float(ends.min())
        place = target.foot + origin * down + rise * rotation[:, 2]
        pose = Pose(rotation=rotation, translation=place)
        return _Try(design=design, pose=pose, made=None, origin=origin, rise=rise)
    made = executed(prescription, factor=factor, beyond=beyond, up=up)
    try:
        design, rise = design_of(stone.design, made, factor)
    except ValueError:
        return None
    origin = made.start.origin(made.prescription)
    place = target.foot + origin * down + rise * rotation[:, 2]
    pose = Pose(rotation=rotation, translation=place)
    return _Try(design=design, pose=pose, made=made, origin=origin, rise=rise)

"""The facet list as it is printed, and what a machine makes that follows the printed figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from yieldopt.cuts.design import Design, Side, Tier
from yieldopt.cuts.level import girdle_level
from yieldopt.cuts.prescription import FacetRef, Prescription, Step, follow
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.workshop.reading import read
from yieldopt.workshop.record import ANGLE_READING, READING, Block, Row

ANGLE_DECIMALS = 2  # of ANGLE_READING
SAME_TOOTH = 1e-6
# A facet cut "below" is dopped by the table's side, and its depths count from the flat there.
BELOW: tuple[Side, ...] = ("pavilion", "girdle")


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """Where the axis is measured from: the tier that depths begin with.

    Parameters
    ----------
    step
        Its number.
    depth
        mm from the flat to the point it is cut to, as printed.
    reach
        mm from the axis to that point towards the step's first tooth, as printed; None where it
        is on the axis.
    """

    step: int
    depth: float
    reach: float | None

    def origin(self, prescription: Prescription) -> float:
        """Return how deep below the flat the tier crosses the axis, mm."""
        if self.reach is None:
            return self.depth
        return self.depth + self.reach * math.tan(prescription.steps[self.step].angle)


@dataclass(frozen=True, slots=True, kw_only=True)
class Executed:
    """What printed figures give.

    Parameters
    ----------
    prescription
        Angles and values as printed.
    start
        Where depths begin.
    normals, offsets
        (m, 3), (m,) mm: facets in the order of the design's, z = 0 at the axis's origin.
    points
        Of each step, the point (3,) that it is cut to, or None.
    """

    prescription: Prescription
    start: Start
    normals: Float
    offsets: Float
    points: tuple[Float | None, ...]


def first_sloping(prescription: Prescription) -> int:
    """Return the number of the step that says where the axis is measured from."""
    for number, step in enumerate(prescription.steps):
        kind, value = step.fix.kind, step.fix.value
        if kind in ("tcp", "girdle", "depth") and not step.fix.meet and value is None:
            return number
    return 0


def printed_angle(angle: float) -> float:
    """Return an angle, rad, as lists print it, degrees."""
    steps = round(math.degrees(angle) / ANGLE_READING)
    return round(steps * ANGLE_READING, ANGLE_DECIMALS)


def executed(prescription: Prescription, *, factor: float, beyond: float, up: int) -> Executed:
    """Return what a hand makes that follows printed figures alone.

    Parameters
    ----------
    factor
        All lengths are printed so much smaller (or larger) than those of the prescription.
    beyond
        mm from the flat to the end of the stone it lies over, as planned.
    up
        How many readings the start's depth is printed beyond the nearest one.
    """
    steps = tuple(
        _printed_step(step, factor, abs(prescription.gear)) for step in prescription.steps
    )
    printed = replace(prescription, steps=steps)
    number = first_sloping(prescription)
    z = np.array(prescription.stone)[:, 2]
    end = float(z.max() if prescription.steps[number].side in BELOW else z.min()) * factor
    step = prescription.steps[number]
    x, y, height = (factor * v for v in step.point or (0.0, 0.0, 0.0))
    reach = None
    if step.fix.kind == "girdle":
        way = printed.normals(steps[number])[step.index.index(step.first)]
        reach = read(float((x * way[0] + y * way[1]) / math.hypot(way[0], way[1])))
    depth = read(beyond + abs(end - height) + READING * up)
    made = follow(printed)
    return Executed(
        prescription=printed,
        start=Start(step=number, depth=depth, reach=reach),
        normals=made.normals,
        offsets=made.offsets,
        points=made.points,
    )


def reading_of(step: Step, gear: int) -> float:
    """Return the step in which a tier's length is read, mm.

    Half a reading where two of its facets stand against each other: callipers measure across both.
    """
    if step.fix.kind == "size":
        half = 0.5 * gear
        ways = [(a - b) % gear for a in step.index for b in step.index]
        if any(abs(way - half) < SAME_TOOTH for way in ways):
            return 0.5 * READING
    return READING


def _printed_step(step: Step, factor: float, gear: int) -> Step:
    value = step.fix.value
    if value is not None:
        reading = reading_of(step, gear)
        value = round(round(value * factor / reading) * reading, 3)
    return replace(
        step, angle=math.radians(printed_angle(step.angle)), fix=replace(step.fix, value=value)
    )


def design_of(design: Design, made: Executed, factor: float) -> tuple[Design, float]:
    """Return the design that printed figures give, and how far above the origin its z = 0 is.

    As everywhere the middle of the girdle is at z = 0. Facets that came out without area are left
    out of no list: they are there as half-spaces.
    """
    angle = {f: step.angle for step in made.prescription.steps for f in step.facets}
    tiers = []
    for tier, numbers in design.facet_rows():
        kept = [(t, j) for t, j in zip(tier.index, numbers, strict=True) if j in angle]
        if kept:
            tiers.append(
                Tier(
                    name=tier.name,
                    side=tier.side,
                    angle=angle[kept[0][1]],
                    index=tuple(t for t, _ in kept),
                    note=tier.note,
                )
            )
    rise = girdle_level(polytope_from_planes(made.normals, made.offsets))
    solid = polytope_from_planes(made.normals, made.offsets - made.normals[:, 2] * rise)
    # Its proportions are nearly those of the family, but no longer what it was made from.
    return (
        replace(
            design,
            tiers=tuple(tiers),
            solid=solid,
            proportions={},
            notch=design.notch * [1.0, 1.0, 1.0, factor],
        ),
        rise,
    )


def rows_of(design: Design, made: Executed, *, below_flat: float, culet: float) -> tuple[Row, ...]:
    """Return the facet list.

    Parameters
    ----------
    below_flat
        mm from the flat down to the axis's origin.
    culet
        z of the finished culet, mm from the origin.
    """
    steps = made.prescription.steps
    codes = _codes(steps)
    notes = {j: tier.note for tier, planes in design.facet_rows() for j in planes}
    rows = []
    for number, step in enumerate(steps):

        def called(refs: Sequence[FacetRef]) -> tuple[tuple[str, float], ...]:
            return tuple((codes[ref.step], ref.tooth) for ref in refs)

        point, is_start = made.points[number], number == made.start.step
        depth = None
        if is_start:
            depth = made.start.depth
        elif point is not None:
            z = float(point[2])
            depth = read(below_flat - z if step.side in BELOW else z - culet)
        rows.append(
            Row(
                block=_block(step),
                code=codes[number],
                angle=printed_angle(step.angle),
                index=step.index,
                gear=design.gear,
                kind=step.fix.kind,
                meet=called(step.fix.meet),
                edge=called(step.fix.edge),
                value=step.fix.value,
                depth=depth,
                note=notes[step.facets[0]] if step.facets else "",
                first=step.first,
                reach=made.start.reach if is_start else None,
            )
        )
    return tuple(rows)


def _block(step: Step) -> Block:
    return "preform" if step.temporary else step.side


def _codes(steps: Sequence[Step]) -> list[str]:
    """Return the steps' codes; where two name the same tooth, the later one's has a letter more."""
    taken: set[tuple[str, float]] = set()
    out = []
    for step in steps:
        for more in ("", *"bcdefghijklmnopqrstuvwxyz"):
            code = step.code + more
            if not any((code, tooth) in taken for tooth in step.index):
                break
        taken |= {(code, tooth) for tooth in step.index}
        out.append(code)
    return out

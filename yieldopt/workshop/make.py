"""From a plan to all that the bench is told of it."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from yieldopt.cuts.prescription import Prescription
from yieldopt.geometry.arrays import Float
from yieldopt.plan.facets import prescription_of
from yieldopt.plan.pieces import WHOLE, Piece, pieces_of
from yieldopt.plan.record import Plan, SawCut, Stone
from yieldopt.rough.landmarks import landmarks
from yieldopt.workshop.clearance import face_of, surface_round
from yieldopt.workshop.finished import (
    LEAST_DOP_SHARE,
    dop_for,
    finished_sizes,
    ratios_of,
    transfer_of,
    windows_below,
)
from yieldopt.workshop.flat import Side, Target, printed_target, set_target, target_of
from yieldopt.workshop.marks import Need, marks_for, tips_of
from yieldopt.workshop.reading import read
from yieldopt.workshop.record import READING, Flat, Mark, Room, Row, Said, StoneSheet, WorkshopPlan
from yieldopt.workshop.room import clear_of, preform_sizes, rooms
from yieldopt.workshop.rounded import Settled, settled
from yieldopt.workshop.rows import BELOW, first_sloping, rows_of
from yieldopt.workshop.saw_lines import Line, saw_line
from yieldopt.workshop.saw_sheet import saw_sheet
from yieldopt.workshop.section import section_loops
from yieldopt.workshop.skin import Skin, Spots, skin_of, spots_of
from yieldopt.workshop.views import calliper_frame, sizes_along, views_of
from yieldopt.workshop.wander import sides_of

FLAT_SHARES = (1.0, 0.75, 0.5)  # of the allowance: half of it is left to polish the table off


def workshop_plan(plan: Plan, *, hands: int = 0) -> WorkshopPlan:
    """Return what the bench is told of a plan.

    The same plan gives the same figures; a plan that is turned or moved as a whole gives the same
    distances, heights, angles and depths.

    Parameters
    ----------
    hands
        How many tries with hands that err tell how safe the plan is; 0 tells nothing of it.
    """
    rough = plan.rough
    skin = skin_of(rough.vertices, rough.faces)
    tips = tips_of(landmarks(rough))
    spots = spots_of(skin, tips[0].place)
    lists = {stone.id: prescription_of(stone.design) for stone in plan.stones}
    pieces = {stone.id: stone.id if plan.saw else WHOLE for stone in plan.stones}
    planned = {piece.name: piece for piece in plan.pieces}
    needs = [
        Need(
            walls=tuple(face_of(*side) for side in sides_of(plan.saw, pieces[stone.id])),
            target=_planned_flat(plan, stone, lists[stone.id], planned[pieces[stone.id]]),
        )
        for stone in plan.stones
    ]
    marks, sets, targets = marks_for(skin, spots, tips, needs)
    lines, saw = _printed_saw(plan, skin, spots, marks)
    bodies = {piece.name: piece for piece in _bodies(plan, saw)}
    sheets: list[StoneSheet] = []
    warnings: list[Said] = []
    for stone, names, target in zip(plan.stones, sets, targets, strict=True):
        sheet, said = _stone_sheet(
            plan, stone, lists[stone.id], bodies[pieces[stone.id]], saw, target,
            [mark for mark in marks if mark.name in names],
        )  # fmt: skip
        sheets.append(sheet)
        warnings += said
    frame = calliper_frame(rough, np.array([tip.place for tip in tips]))
    stones = [sheet.stone for sheet in sheets]
    made = WorkshopPlan(
        marks=marks,
        size=sizes_along(rough, frame),
        views=views_of(rough, frame),
        saw=tuple(
            saw_sheet(plan, cut, line, saw, bodies, marks, stones)
            for cut, line in zip(saw, lines, strict=True)
        ),
        stones=tuple(sheets),
        warnings=tuple(warnings),
    )
    if hands:
        from yieldopt.workshop.hands import hands_of

        made = replace(made, hands=hands_of(plan, made.stones, tries=hands))
    return made


def executed_plan(plan: Plan, made: WorkshopPlan) -> Plan:
    """Return the plan that the printed figures give when they are followed to the letter.

    It is to be judged as any plan is. What its stones are worth is not worked out again, nor what
    else there was to choose.
    """
    saw = tuple(
        replace(cut, normal=sheet.normal, offset=sheet.offset)
        for cut, sheet in zip(plan.saw, made.saw, strict=True)
    )
    stones = tuple(replace(sheet.stone, value=None, worth=None) for sheet in made.stones)
    return replace(
        plan,
        stones=stones,
        saw=saw,
        currency=None,
        alternatives=(),
        objective="weight",
        prices=None,
        costs_of_rules=(),
        choices=(),
    )


def _printed_saw(
    plan: Plan, skin: Skin, spots: Spots, marks: Sequence[Mark]
) -> tuple[list[Line], tuple[SawCut, ...]]:
    """Return the saw lines, and the cuts that their printed figures give."""
    lines: list[Line] = []
    saw: list[SawCut] = []
    for cut in plan.saw:
        line = saw_line(plan.rough, skin, spots, cut, sides_of(saw, cut.piece), marks)
        lines.append(line)
        saw.append(replace(cut, normal=line.normal, offset=line.offset))
    return lines, tuple(saw)


def _bodies(plan: Plan, saw: Sequence[SawCut]) -> tuple[Piece, ...]:
    if not saw:
        return plan.pieces
    return pieces_of(plan.rough, saw, stones=[stone.id for stone in plan.stones])


def _planned_flat(
    plan: Plan, stone: Stone, prescription: Prescription | None, piece: Piece
) -> Target:
    """Return the flat as planned, beyond the end of the stone it lies over.

    The allowance is what grinding the end may take, so there it lies, a reading less for what
    printing moves it out. Under a round skin it is small there: nearer the stone it is wider.
    """
    found: list[tuple[float, Target]] = []
    for share in FLAT_SHARES:
        beyond = max(0.0, share * plan.limits.allowance - READING)
        target = target_of(stone, _side(prescription), beyond)
        room = 2.0 * _reach_inside(_section(piece, target))
        if room >= LEAST_DOP_SHARE * stone.design.width:
            return target
        found.append((room, target))
    return max(found, key=lambda one: one[0])[1]


def _section(piece: Piece, target: Target) -> list[Float]:
    """Return what a flat cuts of a piece, closed polygons (k, 2) mm as the target has them."""
    loops = section_loops(piece.vertices, piece.faces, target.normal, target.offset)
    return [target.seen(loop)[:, :2] for loop in loops]


def _side(prescription: Prescription | None) -> Side:
    """Return which end of a stone looks at its first flat: the one that is cut last.

    A dome is cut over its own base.
    """
    if prescription is None:
        return "culet"
    return "table" if prescription.steps[first_sloping(prescription)].side in BELOW else "culet"


def _stone_sheet(
    plan: Plan,
    stone: Stone,
    prescription: Prescription | None,
    piece: Piece,
    saw: Sequence[SawCut],
    wanted: Target,
    marks: Sequence[Mark],
) -> tuple[StoneSheet, list[Said]]:
    """Return a stone's sheet, and what is to be said of it."""
    side = _side(prescription)
    places = {mark.name: np.asarray(mark.place) for mark in marks}
    heights, feet = printed_target(wanted, places)
    target = set_target(places, heights, feet)
    sides = sides_of(saw, piece.name)
    walls = [face_of(*one) for one in sides]
    found = settled(
        plan,
        stone,
        prescription,
        target,
        side,
        beyond=wanted.height_over(stone),
        around=surface_round(plan, stone, sides),
        saw=saw,
    )
    own = found.stone
    flat, said = _flat_of(plan, own, piece, side, target, heights, feet)
    if found.fault:
        said.append(Said(code="rounding", figures={"stone": stone.id, "fault": found.fault}))
    extra = read(prescription.extra_depth if prescription is not None else 0.0)
    below_flat = found.origin + (-found.rise if side == "table" else found.rise)
    lost = 1.0 - own.design.volume / stone.design.volume
    return (
        StoneSheet(
            stone=own,
            piece=piece.name,
            marks=tuple(places),
            flat=flat,
            preform=_read_all(preform_sizes(own, plan.limits.allowance, extra)),
            room=tuple(_read_room(room) for room in rooms(plan, own, walls, extra)),
            clear=tuple((n, read(d), way) for n, d, way in clear_of(plan, own)),
            rows=_rows(found, side),
            finished=finished_sizes(own.design),
            ratios=ratios_of(own.design),
            windows_below=windows_below(own.design),
            transfer=transfer_of(own.design, below_flat=below_flat, culet_up=side == "table"),
            deeper=round(found.deeper, 4),
            lost=lost,
        ),
        said,
    )


def _rows(found: Settled, side: Side) -> tuple[Row, ...]:
    if found.made is None:
        return ()
    z = found.stone.design.solid.vertices[:, 2]
    culet = float(z.min()) + found.rise
    origin = found.origin if side == "table" else -found.origin
    return rows_of(found.stone.design, found.made, below_flat=origin, culet=culet)


def _flat_of(
    plan: Plan,
    stone: Stone,
    piece: Piece,
    side: Side,
    target: Target,
    heights: dict[str, float],
    feet: dict[str, tuple[float, float]],
) -> tuple[Flat, list[Said]]:
    """Return the flat as it is printed, and what is to be said of it."""
    seen = target.seen(piece.vertices)
    gem = target.seen(stone.pose.apply(stone.design.solid.vertices))
    outline = _section(piece, target)
    room = 2.0 * _reach_inside(outline)
    dop = dop_for(stone.design.width, room)
    said = []
    if room < LEAST_DOP_SHARE * stone.design.width:
        said.append(Said(code="small_flat", figures={"stone": stone.id, "across": read(room)}))
    return (
        Flat(
            side=side,
            normal=target.normal,
            offset=target.offset,
            beyond=read(float(gem[:, 2].min())),
            heights=heights,
            feet=feet,
            far=read(float(seen[:, 2].max())),
            takes=read(max(-float(seen[:, 2].min()), 0.0)),
            outline=tuple(outline),
            stone_outline=_hull(gem[:, :2]),
            dop=dop,
        ),
        said,
    )


def _reach_inside(outline: Sequence[Float]) -> float:
    """Return how far a circle round the origin reaches before it meets an outline, mm."""
    least = np.inf
    for line in outline:
        start, along = line, np.roll(line, -1, axis=0) - line
        length = np.maximum((along**2).sum(axis=1), 1e-300)
        share = np.clip(-(start * along).sum(axis=1) / length, 0.0, 1.0)
        least = min(least, float(np.linalg.norm(start + share[:, None] * along, axis=1).min()))
    return least if np.isfinite(least) else 0.0


def _hull(points: Float) -> Float:
    from scipy.spatial import ConvexHull

    out: Float = points[ConvexHull(points).vertices]
    return out


def _read_all(lengths: dict[str, float]) -> dict[str, float]:
    return {name: read(length) for name, length in lengths.items()}


def _read_room(room: Room) -> Room:
    return Room(
        way=room.way, there=read(room.there), needed=read(room.needed), margin=read(room.margin)
    )

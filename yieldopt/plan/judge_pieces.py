"""Whether the pieces are what the plan says: sawn again here, by solid booleans of the judge's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from yieldopt.plan.judge_saw import WHOLE
from yieldopt.plan.judge_solid import FILM, film_outside
from yieldopt.plan.judge_stone import Body
from yieldopt.plan.judge_width import SIZE_SHARE, greatest_length, hull_of, least_width
from yieldopt.plan.schema import LimitsForm, PieceForm, PlanFile, SawForm
from yieldopt.plan.verdict import Violation
from yieldopt.units import weight_ct

# Share of the rough: where a scan's skin crosses itself, what is inside is for each way of sawing
# to say; in 600 cuts of two such scans they differed by 1e-5. Elsewhere they agree to 1e-12.
PIECE_SLACK = 1e-4
# Share of an area, and mm2: the lids of such skins, by 1e-3. Only time at the saw hangs on it.
AREA_SLACK = 1e-2
# mm: how flat a section is.
ON_PLANE = 1e-7
# mm3: a side on which less is left was missed.
NOTHING = 1e-6
ANGLE_SLACK_DEG = 1e-6  # rounding of arc cosines near their ends
CLEAVAGE = "cleavage"  # begins the name of a cleavage plane's normal


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A cut made again: what it took, mm3 and mm2."""

    dust: float
    area: float


def judge_pieces(plan: PlanFile, bodies: list[Body], rough: Any | None) -> Iterator[Violation]:
    """Judge the saw cuts by what they leave of the rough.

    Each goes right through its piece, with a saw that can hold it, off the cleavages; each
    stone's preform is in its own piece; pieces that are held are wide enough; weights, sizes,
    dust and sections are as stated. Without a solid (`rough` is None) only sums are judged.
    """
    yield from _judge_listed(plan)
    for cut in plan.saw:
        yield from _judge_cleavage(plan, cut)
    if rough is None:
        return
    solids: dict[str, Any] = {WHOLE: rough}
    made: dict[str, _Cut] = {}
    for cut in plan.saw:
        part = f"saw step {cut.step}"
        piece = solids.get(cut.piece)
        if piece is None or piece.is_empty():
            continue  # told already: there is no such piece, or the plane that made it missed
        above, below = _sides(piece, cut)
        left = {"above": above, "below": below}
        for side, solid in left.items():
            if solid.volume() <= NOTHING:
                message = f"misses piece {cut.piece}: no stone is left {side} it"
                yield Violation(part=part, subject="plane", message=message)
        for name, solid in ((cut.above, above), (cut.below, below)):
            solids.setdefault(name, solid)
        dust = float(piece.volume() - above.volume() - below.volume())
        made[part] = _Cut(dust=dust, area=_section(piece, cut))
        yield from _judge_cut(plan, cut, made[part])
    if plan.saw:
        yield from _judge_each(plan, solids)
        yield from _judge_homes(plan, bodies, solids)
        whole = plan.rough.weighed_ct or plan.rough.weight_ct
        taken = sum(cut.dust for cut in made.values())
        share = weight_ct(taken, plan.rough.specific_gravity) / whole
        stated = plan.totals.wastage.saw
        if len(made) == len(plan.saw) and abs(stated - share) > PIECE_SLACK:
            message = f"{stated:.6f} stated, {share:.6f} by the kerfs"
            yield Violation(part="totals", subject="wastage.saw", message=message)


def _sides(piece: Any, cut: SawForm) -> tuple[Any, Any]:
    """Return what is above and below a cut's kerf; the slab between is dust."""
    normal, offset = _unit(cut)
    half = 0.5 * cut.kerf_mm
    above, _ = piece.split_by_plane(tuple(normal), offset + half)
    _, below = piece.split_by_plane(tuple(normal), offset - half)
    return above, below


def _unit(cut: SawForm) -> tuple[np.ndarray, float]:
    length = float(np.linalg.norm(cut.normal)) or 1.0
    return np.array(cut.normal) / length, cut.offset_mm / length


def _section(piece: Any, cut: SawForm) -> float:
    """Return the area of a piece's section by a plane, mm2: of the lid on what lies above it."""
    normal, offset = _unit(cut)
    above, _ = piece.split_by_plane(tuple(normal), offset)
    mesh = above.to_mesh64()
    corners = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
    faces = np.asarray(mesh.tri_verts, dtype=np.int64)
    lid = (np.abs(corners @ normal - offset) <= ON_PLANE)[faces].all(axis=1)
    a, b, c = corners[faces[lid]].transpose(1, 0, 2)
    return float(-0.5 * np.cross(b - a, c - a).sum(axis=0) @ normal)


def _judge_cut(plan: PlanFile, cut: SawForm, made: _Cut) -> Iterator[Violation]:
    part = f"saw step {cut.step}"
    dust = weight_ct(made.dust, plan.rough.specific_gravity)
    if cut.dust_ct is not None and abs(cut.dust_ct - dust) > PIECE_SLACK * plan.rough.weight_ct:
        message = f"{cut.dust_ct:.6f} stated, the kerf takes {dust:.6f}"
        yield Violation(part=part, subject="dust_ct", message=message)
    if cut.area_mm2 is not None and abs(cut.area_mm2 - made.area) > AREA_SLACK * (1.0 + made.area):
        message = f"{cut.area_mm2:.6f} stated, {made.area:.6f} by the section"
        yield Violation(part=part, subject="area_mm2", message=message)


def _judge_cleavage(plan: PlanFile, cut: SawForm) -> Iterator[Violation]:
    """Judge that a plane keeps off the known cleavages: axes, and what rules on facets know."""
    least = plan.limits.saw_off_cleavage_deg
    if not least:
        return
    axes = {rule.name: rule.axis for rule in plan.orientation} | plan.rough.axes
    normal, _ = _unit(cut)
    for name, axis in axes.items():
        if not name.startswith(CLEAVAGE):
            continue
        along = abs(float(normal @ np.array(axis))) / (float(np.linalg.norm(axis)) or 1.0)
        angle = float(np.degrees(np.arccos(min(along, 1.0))))
        if angle < least - ANGLE_SLACK_DEG:
            message = f"the plane is {angle:.3f} degrees off it, where {least:g} are wanted"
            yield Violation(part=f"saw step {cut.step}", subject=name, message=message)


def _judge_each(plan: PlanFile, solids: Mapping[str, Any]) -> Iterator[Violation]:
    """Judge volumes, widths and lengths: as stated, wide enough to hold, short enough to saw."""
    limits = plan.limits
    stated = {piece.name: piece for piece in plan.pieces}
    sawn = {cut.piece: cut for cut in plan.saw}
    stones = {stone.id for stone in plan.stones}
    slack = PIECE_SLACK * plan.rough.volume_mm3
    for name, solid in solids.items():
        volume = float(solid.volume())
        if name in stated and abs(stated[name].volume_mm3 - volume) > slack:
            message = f"{stated[name].volume_mm3:.6f} stated, {volume:.6f} by the cuts"
            yield Violation(part=f"piece {name}", subject="volume_mm3", message=message)
        if volume <= NOTHING:
            continue
        held = name in sawn or name in stones
        needed = held and limits.min_piece_mm
        if name not in stated and not needed and not (name in sawn and limits.tools):
            continue
        corners, normals = hull_of(solid)
        longest = greatest_length(corners)
        if name in sawn and limits.tools:
            yield from _judge_hold(sawn[name], longest, limits)
        least = least_width(corners, normals)
        if needed and least < needed * (1.0 - SIZE_SHARE):
            message = f"{least:.3f} mm is below the least width of {needed:g} mm that can be held"
            yield Violation(part=f"piece {name}", subject="width", message=message)
        if name in stated:
            yield from _judge_callipers(stated[name], least, longest)


def _judge_hold(cut: SawForm, longest: float, limits: LimitsForm) -> Iterator[Violation]:
    """Judge that a saw can hold the piece, and that the kerf is no less than such a saw's."""
    part = f"saw step {cut.step}"
    held = longest * (1.0 - SIZE_SHARE)
    able = [t for t in limits.tools if t.largest_mm is None or t.largest_mm >= held]
    if not able:
        message = f"no saw holds piece {cut.piece}, {longest:.2f} mm long"
        yield Violation(part=part, subject="tools", message=message)
        return
    if cut.tool is not None and cut.tool not in [tool.name for tool in able]:
        message = f"the {cut.tool} does not hold piece {cut.piece}, {longest:.2f} mm long"
        yield Violation(part=part, subject="tool", message=message)
    kerf = min(tool.kerf_mm for tool in able)
    if cut.kerf_mm < kerf:
        message = (
            f"{cut.kerf_mm:g} mm is less than the {kerf:g} mm of the narrowest saw that holds"
            f" piece {cut.piece}, {longest:.2f} mm long"
        )
        yield Violation(part=part, subject="kerf_mm", message=message)


def _judge_callipers(piece: PieceForm, least: float, longest: float) -> Iterator[Violation]:
    """Judge the stated sizes.

    A least width that is smaller than the one found may be right: a dip can be missed here.
    """
    part = f"piece {piece.name}"
    low, middle, high = piece.size_mm
    if low > least * (1.0 + SIZE_SHARE):
        message = f"a least width of {low:.3f} mm stated, {least:.3f} mm found"
        yield Violation(part=part, subject="size_mm", message=message)
    if abs(high - longest) > SIZE_SHARE * longest:
        message = f"a greatest length of {high:.3f} mm stated, {longest:.3f} mm found"
        yield Violation(part=part, subject="size_mm", message=message)
    if not low <= middle * (1.0 + SIZE_SHARE) or not middle <= high * (1.0 + SIZE_SHARE):
        message = "least width, width across it and greatest length do not rise"
        yield Violation(part=part, subject="size_mm", message=message)


def _judge_homes(
    plan: PlanFile, bodies: list[Body], solids: Mapping[str, Any]
) -> Iterator[Violation]:
    """Judge that each stone's preform is in the piece that bears its name, and in no other."""
    sawn = {cut.piece for cut in plan.saw}
    leaves = {name: solid for name, solid in solids.items() if name not in sawn}
    for stone, body in zip(plan.stones, bodies, strict=True):
        part = f"stone {stone.id}"
        own = leaves.get(stone.id)
        film = film_outside(body, plan.limits.allowance_mm, own) if own is not None else np.inf
        if film <= FILM:
            continue
        homes = [
            name
            for name, solid in leaves.items()
            if name != stone.id and film_outside(body, 0.0, solid) <= FILM
        ]
        for name in homes:
            message = "the stone lies in this piece instead of its own"
            yield Violation(part=part, subject=f"piece {name}", message=message)
        if own is not None and not homes:
            message = f"by solid booleans {film:.3g} mm of the preform are outside, on average"
            yield Violation(part=part, subject=f"piece {stone.id}", message=message)


def _judge_listed(plan: PlanFile) -> Iterator[Violation]:
    """Judge the list of pieces by itself: who made and saws them, and their sums."""
    if not plan.pieces:
        return
    wanted: dict[str, tuple[int, int | None]] = {WHOLE: (0, None)} if plan.saw else {}
    for cut in plan.saw:
        wanted[cut.piece] = (wanted.get(cut.piece, (0, None))[0], cut.step)
        for name in (cut.above, cut.below):
            wanted.setdefault(name, (cut.step, None))
    listed = [piece.name for piece in plan.pieces]
    if listed != list(wanted):
        message = f"{', '.join(listed)} listed, the cuts give {', '.join(wanted) or 'none'}"
        yield Violation(part="plan", subject="pieces", message=message)
        return
    stones = {stone.id for stone in plan.stones}
    slack = PIECE_SLACK * plan.rough.volume_mm3
    for piece in plan.pieces:
        made_by, sawn_by = wanted[piece.name]
        owner = piece.name if piece.name in stones and sawn_by is None else None
        for key, says, found in (
            ("made_by", piece.made_by, made_by),
            ("sawn_by", piece.sawn_by, sawn_by),
            ("stone", piece.stone, owner),
        ):
            if says != found:
                message = f"{_said(says)} stated, {_said(found)} by the cuts"
                yield Violation(part=f"piece {piece.name}", subject=key, message=message)
        weight = weight_ct(piece.volume_mm3, plan.rough.specific_gravity)
        if abs(weight - piece.weight_ct) > PIECE_SLACK * plan.rough.weight_ct:
            message = f"{piece.weight_ct:.6f} stated, {weight:.6f} by the volume"
            yield Violation(part=f"piece {piece.name}", subject="weight_ct", message=message)
    volume = {piece.name: piece.volume_mm3 for piece in plan.pieces}
    if abs(volume[WHOLE] - plan.rough.volume_mm3) > slack:
        message = f"{volume[WHOLE]:.6f} stated, the rough has {plan.rough.volume_mm3:.6f}"
        yield Violation(part=f"piece {WHOLE}", subject="volume_mm3", message=message)
    for cut in plan.saw:
        dust = volume[cut.piece] - volume[cut.above] - volume[cut.below]
        if cut.dust_ct is None:
            continue
        lost = weight_ct(dust, plan.rough.specific_gravity)
        if abs(lost - cut.dust_ct) > PIECE_SLACK * plan.rough.weight_ct:
            message = (
                f"piece {cut.piece} less {cut.above} and {cut.below} is {lost:.6f} ct,"
                f" {cut.dust_ct:.6f} ct of dust are stated"
            )
            yield Violation(part=f"saw step {cut.step}", subject="pieces", message=message)


def _said(word: int | str | None) -> str:
    return "nothing" if word is None else str(word)

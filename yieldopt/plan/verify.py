"""The judge: whether a plan is true, and may be cut.

He reads the plan's own files and nothing else, and shares no code with the search: nothing of
kernels, geometry or search is imported here or below (`judge_*`, `schema`, `verdict`).
"""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

from yieldopt.plan.judge_margins import (
    judge_centre_point,
    judge_inclusions,
    judge_saw_plane,
    judge_skin,
    overlap,
)
from yieldopt.plan.judge_orientation import judge_orientation
from yieldopt.plan.judge_pieces import judge_pieces
from yieldopt.plan.judge_rough import Skin, judge_rough, mesh_volume, read_flaw, read_skin
from yieldopt.plan.judge_saw import follow_saw
from yieldopt.plan.judge_solid import FILM, film_outside, solid_of_skin
from yieldopt.plan.judge_stone import SIZE_SLACK, Body, body_of, judge_stone
from yieldopt.plan.judge_totals import judge_bound, judge_totals
from yieldopt.plan.judge_value import NOTE, judge_kept, judge_value
from yieldopt.plan.schema import MeshForm, PlanFile, StoneForm, read_plan
from yieldopt.plan.verdict import Verdict, Violation


def verify_plan(path: Path) -> Verdict:
    """Judge a plan file and the meshes beside it.

    The rough is the plan's and closed; every stone is what it says (planes, corners, sizes,
    weight, facet list), lies inside the rough and keeps its margins to skin, inclusions and saw
    cuts; stones have pieces of their own, which can be sawn and held and are what the plan says;
    the sums agree; the bound bounds. Containment in rough and piece is judged twice: by clipping
    triangles (exact, errs on neither side) and by solid booleans.

    Raises
    ------
    InputError
        If a file is missing or is no plan.
    """
    plan = read_plan(path)
    skin, found = read_skin(plan.rough, path.parent)
    named = [(f"stone {stone.id}", stone) for stone in plan.stones]
    named += [(f"alternative {stone.id}", stone) for stone in plan.alternatives]
    bodies = [body_of(stone) for _, stone in named]
    notes: list[str] = []
    flaws: dict[int, Skin] = {}
    for number, inclusion in enumerate(plan.inclusions, start=1):
        if isinstance(inclusion, MeshForm):
            flaw, faults = read_flaw(inclusion, number, path.parent)
            found += faults
            if flaw is not None:
                flaws[number] = flaw

    for (part, stone), body in zip(named, bodies, strict=True):
        found += judge_stone(part, stone, body, plan.rough.specific_gravity)
        found += judge_inclusions(part, body, plan.inclusions, flaws, plan.limits)
        found += judge_orientation(part, stone, body, plan.orientation)
        found += judge_kept(part, stone, body, plan, flaws)
    solid = None
    if skin is not None:
        found += judge_rough(plan.rough, skin)
        is_outward = mesh_volume(skin) > 0.0
        solid = solid_of_skin(skin) if is_outward else None
        margin = plan.limits.skin_mm + plan.limits.allowance_mm
        if is_outward and solid is None:
            what = "containment, nor on pieces" if plan.saw else "containment"
            notes.append(f"no second opinion on {what}: the mesh is open or touches itself")
        for (part, stone), body in zip(named, bodies, strict=True):
            found += judge_skin(part, body, skin, plan.limits)
            found += judge_centre_point(part, stone, body, skin, plan.limits)
            film = film_outside(body, margin, solid) if solid is not None else 0.0
            if film > FILM:
                message = f"by solid booleans {film:.3g} mm of the preform are outside, on average"
                found.append(Violation(part=part, subject="skin", message=message))
    own = bodies[: len(plan.stones)]
    found += _judge_together(plan, own)
    found += judge_pieces(plan, own, solid)
    found += judge_totals(plan, own)
    found += judge_bound(plan)
    if plan.prices is not None:
        found += judge_value(plan)
        notes.append(NOTE)
    return Verdict(
        violations=tuple(found),
        stones=tuple((stone.id, stone.weight_ct) for stone in plan.stones),
        yield_share=plan.totals.yield_,
        notes=tuple(notes),
    )


def _judge_together(plan: PlanFile, bodies: list[Body]) -> Iterator[Violation]:
    """Judge the stones of a plan against each other, the saw and the limits."""
    for stone_id, count in Counter(stone.id for stone in plan.stones).items():
        if count > 1:
            yield _wrong(stone_id, "id", f"{count} stones bear this name")
    limits = plan.limits
    if limits.max_stones is not None and len(plan.stones) > limits.max_stones:
        message = f"{len(plan.stones)} stones where {limits.max_stones} are allowed"
        yield Violation(part="plan", subject="limits.max_stones", message=message)
    pieces, faults = follow_saw(plan)
    yield from faults
    for stone, body in zip(plan.stones, bodies, strict=True):
        yield from _judge_width(f"stone {stone.id}", stone, limits.min_width_mm)
        for cut, above in pieces.get(stone.id, []):
            yield from judge_saw_plane(f"stone {stone.id}", body, cut, above, limits)
    for stone in plan.alternatives:
        yield from _judge_width(f"alternative {stone.id}", stone, limits.min_width_mm)
    for (one, body), (other, other_body) in combinations(zip(plan.stones, bodies, strict=True), 2):
        depth = overlap(body, other_body)
        if depth > 0.0:
            message = f"they overlap by {depth:.3g} mm"
            yield Violation(
                part=f"stone {one.id}", subject=f"stone {other.id}", message=message, depth=depth
            )


def _judge_width(part: str, stone: StoneForm, least: float) -> Iterator[Violation]:
    if stone.width_mm < least - SIZE_SLACK:
        message = f"{stone.width_mm:.6f} is below the least width of {least:g} mm"
        yield Violation(part=part, subject="width_mm", message=message)


def _wrong(stone_id: str, key: str, message: str) -> Violation:
    return Violation(part=f"stone {stone_id}", subject=key, message=message)


__all__ = ["Verdict", "Violation", "verify_plan"]

"""Whether the saw cuts are a tree, and every stone gets a piece of its own."""

from collections.abc import Iterator

import numpy as np

from yieldopt.plan.judge_stone import UNIT_SLACK
from yieldopt.plan.schema import LimitsForm, PlanFile, SawForm
from yieldopt.plan.verdict import Violation

# The cuts that bound a piece: each with the side it lies on, True for above.
Sides = list[tuple[SawForm, bool]]

WHOLE = "0"  # the piece that is there before the first cut


def follow_saw(plan: PlanFile) -> tuple[dict[str, Sides], list[Violation]]:
    """Return the pieces that the cuts leave, each with what bounds it, and what is wrong.

    A cut saws a piece that is there; what it leaves bears names that were never used before.
    Every stone is the name of one piece in the end; a lone stone needs no cut.
    """
    found: list[Violation] = []
    pieces: dict[str, Sides] = {WHOLE: []}
    used = {WHOLE}
    for number, cut in enumerate(plan.saw, start=1):
        found += [
            Violation(part=f"saw step {cut.step}", subject=key, message=message)
            for key, message in _cut_faults(cut, number, pieces, used, plan.limits)
        ]
        sides = pieces.pop(cut.piece, [])
        used |= {cut.above, cut.below}
        pieces[cut.above] = [*sides, (cut, True)]
        pieces[cut.below] = [*sides, (cut, False)]
    if not plan.saw and len(plan.stones) == 1:
        return {plan.stones[0].id: []}, found
    for stone in plan.stones:
        if stone.id not in pieces:
            message = "no saw cut gives this stone a piece of its own"
            found.append(Violation(part=f"stone {stone.id}", subject="saw", message=message))
    return pieces, found


def _cut_faults(
    cut: SawForm, number: int, pieces: dict[str, Sides], used: set[str], limits: LimitsForm
) -> Iterator[tuple[str, str]]:
    if cut.step != number:
        yield "step", f"{number} was to come"
    if cut.piece not in pieces:
        yield "piece", f"there is no piece {cut.piece} to saw at this step"
    for key, name in (("above", cut.above), ("below", cut.below)):
        if name in used or cut.above == cut.below:
            yield key, f"the name {name} is used twice"
    off = abs(float(np.linalg.norm(cut.normal)) - 1.0)
    if off > UNIT_SLACK:
        yield "normal", f"not of unit length (off by {off:.3g})"
    if limits.tools:
        yield from _tool_faults(cut, limits)
    elif cut.kerf_mm < limits.kerf_mm:
        yield "kerf_mm", f"{cut.kerf_mm:g} mm is less than the saw's {limits.kerf_mm:g} mm"


def _tool_faults(cut: SawForm, limits: LimitsForm) -> Iterator[tuple[str, str]]:
    """Judge the saw that a cut names; what it can hold is judged with the pieces."""
    if cut.tool is None:
        return
    named = [tool for tool in limits.tools if tool.name == cut.tool]
    if not named:
        yield "tool", f"there is no saw {cut.tool} among limits.tools"
    for tool in named:
        if cut.kerf_mm < tool.kerf_mm:
            message = f"{cut.kerf_mm:g} mm is less than the {tool.kerf_mm:g} mm of the {cut.tool}"
            yield "kerf_mm", message

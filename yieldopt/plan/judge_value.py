"""Whether a plan's money adds up, and whether flaws that stay inside may.

The sums are done again from the lines in the file. Whether prices and factors are those of the
book, and whether grade, size and colour are what the lines say, is not looked at: the book is not
in the file. A note says so.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from yieldopt.plan.judge_margins import flaw_inside, turns_round
from yieldopt.plan.judge_rough import Skin
from yieldopt.plan.judge_stone import Body
from yieldopt.plan.schema import CrackForm, InclusionForm, PlanFile, StoneForm
from yieldopt.plan.verdict import Violation

# Share of the largest line: sums and products of a few float64 numbers, and a factor that was
# worked out from its line.
MONEY_SLACK = 1e-6
# mm: a flaw that a stone does not name may reach into its margin by so much: a stone is valued
# as large as it is found, and finished a hair smaller.
TOUCH = 1e-6
NOTE = (
    "prices, factors, clarity, sizes and colour are taken from the plan's own lines: the price book"
    " is not part of it"
)


def judge_value(plan: PlanFile) -> Iterator[Violation]:
    """Judge that each stone's lines make its value, and the values the total."""
    named = [(f"stone {stone.id}", stone) for stone in plan.stones]
    named += [(f"alternative {stone.id}", stone) for stone in plan.alternatives]
    for part, stone in named:
        yield from _judge_sum(part, stone)
    total, slack = sum(stone.value or 0.0 for stone in plan.stones), _slack(plan)
    if plan.prices is not None:
        total -= plan.prices.per_saw_cut * len(plan.saw)
    if plan.totals.value is None:
        if any(stone.value is not None for stone in plan.stones):
            yield _wrong("totals", "value", "is missing where stones have one")
    elif abs(plan.totals.value - total) > slack:
        yield _wrong("totals", "value", f"{plan.totals.value:.2f} stated, the stones {total:.2f}")
    if plan.prices is not None and plan.totals.currency != plan.prices.currency:
        words = f"{plan.totals.currency} stated, the prices are in {plan.prices.currency}"
        yield _wrong("totals", "currency", words)
    most = plan.bound.value
    if most is not None and len(plan.stones) == 1 and most < total - slack:
        yield _wrong("bound", "value", f"{most:.2f} is below the plan's own {total:.2f}")
    ids = {stone.id for _, stone in named}
    for choice in plan.choices:
        if choice.stone not in ids:
            yield _wrong("choices", choice.name, f"there is no stone {choice.stone!r}")


def judge_kept(
    part: str,
    stone: StoneForm,
    body: Body,
    plan: PlanFile,
    meshes: Mapping[int, Skin],
) -> Iterator[Violation]:
    """Judge that a valued stone holds no flaw but those it names, and no crack at its surface.

    `meshes` are those of inclusions that name a file, by number from 1.
    """
    worth = stone.worth
    if worth is None:
        return
    allowed = plan.prices.open_cracks if plan.prices is not None else []
    for number in worth.kept:
        if number > len(plan.inclusions):
            yield _wrong(part, "worth.kept", f"there is no inclusion {number}")
        elif plan.inclusions[number - 1].severity != "grade":
            words = f"inclusion {number} is to be avoided and may not stay inside"
            yield _wrong(part, "worth.kept", words)
    for number, inclusion in enumerate(plan.inclusions, start=1):
        if inclusion.severity != "grade":
            continue  # judged with its margin
        name = f"inclusion {number} ({inclusion.kind})"
        margin = 0.0 if number in worth.kept else plan.limits.inclusion_margin_mm
        depth = _depth(inclusion, body, margin, meshes.get(number))
        if number not in worth.kept:
            if depth > TOUCH:
                yield Violation(
                    part=part,
                    subject=name,
                    message=f"pokes {depth:.3g} mm into the stone and its margin of {margin:g} mm,"
                    " and is not among the flaws that it keeps",
                    depth=depth,
                )
        elif isinstance(inclusion, CrackForm) and f"inclusion {number}" not in allowed:
            corners = np.array(inclusion.polygon_mm)
            out = float((corners @ body.normals.T - body.offsets).max())
            if out > 0.0 and depth > TOUCH:
                words = f"comes to the stone's surface (by {out:.3g} mm), and is not allowed to"
                yield Violation(part=part, subject=name, message=words, depth=out)


def _judge_sum(part: str, stone: StoneForm) -> Iterator[Violation]:
    worth = stone.worth
    if worth is None:
        return
    if stone.value is None:
        yield _wrong(part, "value", "is missing where its lines are told")
        return
    size = max([abs(line.amount) for line in worth.lines], default=0.0)
    slack = MONEY_SLACK * max(size, abs(stone.value))
    total = sum(line.amount for line in worth.lines)
    if abs(total - stone.value) > slack:
        yield _wrong(part, "value", f"{stone.value:.2f} stated, its lines add up to {total:.2f}")
    earned = 0.0
    for number, line in enumerate(worth.lines):
        if number == 0 and worth.row is not None and worth.price_per_ct is not None:
            due = worth.price_per_ct * stone.weight_ct
            if abs(line.amount - due) > slack:
                words = f"{line.amount:.2f} stated, price times weight is {due:.2f}"
                yield _wrong(part, f"worth.{line.name}", words)
        elif line.factor is not None:
            due = earned * (line.factor - 1.0)
            if abs(line.amount - due) > slack:
                words = f"{line.amount:.2f} stated, x {line.factor:g} makes {due:.2f}"
                yield _wrong(part, f"worth.{line.name}", words)
        elif line.name.startswith("cost ") and line.amount > 0.0:
            yield _wrong(part, f"worth.{line.name}", f"a cost that adds {line.amount:.2f}")
        earned += line.amount


def _depth(inclusion: InclusionForm, body: Body, margin: float, mesh: Skin | None) -> float:
    """Return how far a flaw reaches into a stone and its margin, mm; 0 where it does not."""
    found = flaw_inside(inclusion, body, margin, mesh)
    if found is not None:
        return found.depth
    if mesh is not None and turns_round(body, mesh):
        return float(np.ptp(body.vertices, axis=0).max())  # all of the stone lies in it
    return 0.0


def _slack(plan: PlanFile) -> float:
    stones: Sequence[StoneForm] = plan.stones
    return MONEY_SLACK * max([abs(stone.value or 0.0) for stone in stones], default=0.0)


def _wrong(part: str, key: str, message: str) -> Violation:
    return Violation(part=part, subject=key, message=message)

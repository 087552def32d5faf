"""Whether the sums agree: weight, yield, wastage, bound."""

from collections.abc import Iterator, Sequence

from yieldopt.plan.judge_solid import preform_volume
from yieldopt.plan.judge_stone import Body
from yieldopt.plan.schema import PlanFile
from yieldopt.plan.verdict import Violation
from yieldopt.units import weight_ct

# Share of a figure: sums and quotients of a few float64 numbers.
SUM_SLACK = 1e-9
# Share of the rough: the preform by booleans here, by corners in the plan, which are known so well
# (judge_stone.VOLUME_SLACK).
PREFORM_SLACK = 2e-6


def judge_totals(plan: PlanFile, bodies: Sequence[Body]) -> Iterator[Violation]:
    """Judge weight, yield, the shares of waste, and what the bound claims."""

    def wrong(key: str, message: str) -> Violation:
        return Violation(part="totals", subject=key, message=message)

    totals, rough = plan.totals, plan.rough
    weight = sum(stone.weight_ct for stone in plan.stones)
    if abs(totals.weight_ct - weight) > SUM_SLACK * weight:
        yield wrong("weight_ct", f"{totals.weight_ct:.6f} stated, the stones weigh {weight:.6f}")
    whole = rough.weighed_ct if rough.weighed_ct is not None else rough.weight_ct
    if abs(totals.yield_ - weight / whole) > SUM_SLACK:
        yield wrong("yield", f"{totals.yield_:.6f} stated, {weight / whole:.6f} by the weights")
    shares = totals.wastage
    total = totals.yield_ + shares.saw + shares.allowance + shares.offcut
    if abs(total - 1.0) > SUM_SLACK:
        yield wrong("wastage", f"yield and waste add up to {total:.6f} instead of 1")
    for key, share in (
        ("saw", shares.saw),
        ("allowance", shares.allowance),
        ("offcut", shares.offcut),
    ):
        if share < 0.0:
            yield wrong(f"wastage.{key}", f"{share:.6f} is less than nothing")
    if not plan.saw and shares.saw != 0.0:
        yield wrong("wastage.saw", f"{shares.saw:.6f} stated, but nothing is sawn")
    ground = sum(
        preform_volume(body, plan.limits.allowance_mm) - stone.volume_mm3
        for stone, body in zip(plan.stones, bodies, strict=True)
    )
    share = weight_ct(ground, rough.specific_gravity) / whole
    if abs(shares.allowance - share) > PREFORM_SLACK:
        message = f"{shares.allowance:.6f} stated, {share:.6f} by the preforms"
        yield wrong("wastage.allowance", message)


def judge_bound(plan: PlanFile) -> Iterator[Violation]:
    """Judge that the bound is not below what it bounds, and its gap."""
    bound, weight = plan.bound, plan.totals.weight_ct
    if len(plan.stones) == 1 and bound.weight_ct < weight * (1.0 - SUM_SLACK):
        yield Violation(
            part="bound",
            subject="weight_ct",
            message=f"{bound.weight_ct:.6f} ct is below the plan's own {weight:.6f} ct",
        )
    gap = bound.weight_ct / weight - 1.0
    if abs(bound.gap - gap) > SUM_SLACK * (1.0 + abs(gap)):
        yield Violation(
            part="bound", subject="gap", message=f"{bound.gap:.6f} stated, {gap:.6f} by the weights"
        )

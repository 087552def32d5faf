"""What the bench is told of a plan of these tests, made once: the same plan, the same figures."""

from yieldopt.plan.record import Plan
from yieldopt.report.sheet.identity import plan_number
from yieldopt.report.words import document_of
from yieldopt.workshop.make import workshop_plan
from yieldopt.workshop.record import WorkshopPlan

_MADE: dict[str, WorkshopPlan] = {}


def told(plan: Plan) -> WorkshopPlan:
    """Return the plan as the bench follows it, without hands that err."""
    number = plan_number(document_of(plan))
    if number not in _MADE:
        _MADE[number] = workshop_plan(plan)
    return _MADE[number]

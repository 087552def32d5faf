"""A plan file that others are made of: read, and judged first."""

from pathlib import Path
from typing import TYPE_CHECKING

from yieldopt.errors import InputError

if TYPE_CHECKING:
    from yieldopt.plan.record import Plan


def held_plan(path: Path) -> "Plan":
    """Return the plan of a file that the judge passes: nobody saws by one that does not hold.

    Raises
    ------
    InputError
        If it is no plan, or does not hold: the first thing that is wrong.
    """
    from yieldopt.plan.read import read_plan
    from yieldopt.plan.verify import verify_plan

    verdict = verify_plan(path)
    if not verdict.holds:
        more = len(verdict.violations) - 1
        hint = f" and {more} more; 'yieldopt verify {path}' lists them" if more else ""
        raise InputError(f"{path}: does not hold: {verdict.violations[0]}{hint}")
    return read_plan(path)

"""From a problem to a plan."""

from yieldopt.plan.record import Plan
from yieldopt.search.listener import Listener
from yieldopt.search.problem import Problem
from yieldopt.search.stop import Stop, never

EFFORTS = ("quick", "normal", "thorough")


def solve(
    problem: Problem,
    *,
    effort: str = "normal",
    seed: int = 0,
    threads: int | None = None,
    stop: Stop = never,
    listener: Listener | None = None,
) -> Plan:
    """Return the best plan found; the same bytes for the same seed on any number of threads.

    Raises
    ------
    NothingFitsError
        If no stone of any cut fits under the limits.
    """
    raise NotImplementedError

"""When to stop early. A rule is any callable that says so."""

import time
from collections.abc import Callable

Stop = Callable[[], bool]


def never() -> bool:
    """Let the search spend its whole budget."""
    return False


class TimeLimit:
    """Stop after so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def __call__(self) -> bool:
        """Tell whether the time is over."""
        return time.monotonic() >= self.end


def any_of(*rules: Stop) -> Stop:
    """Stop as soon as one of the rules says so."""
    return lambda: any(rule() for rule in rules)

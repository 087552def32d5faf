"""A run of several stones as a row of a CSV file."""

from dataclasses import dataclass
from pathlib import Path

RUNS = Path(__file__).parent / "runs"


@dataclass(frozen=True, slots=True, kw_only=True)
class Several:
    """One search for several stones: what was asked, and what came of it.

    Parameters
    ----------
    code
        Digest of the rooms that decide an answer.
    group
        planted, shape or quality.
    variant
        How the stones may be parted, see `axis.VARIANTS`.
    objective
        weight or value.
    value
        By the book of `quality.money`; 0 by weight.
    known_ct
        What was planted; 0 where nothing was.
    seconds, cpu_seconds
        By the clock, and of all cores.
    faults
        What the judge found wrong; `fault` says the first in words.
    """

    label: str
    commit: str
    code: str
    rough: str
    group: str
    triangles: int
    variant: str
    objective: str
    max_stones: int
    seed: int
    effort: str
    threads: int
    stones: int
    saw_cuts: int
    weight_ct: float
    value: float
    known_ct: float
    bound_ct: float
    evaluations: int
    seconds: float
    cpu_seconds: float
    faults: int
    fault: str

    @property
    def key(self) -> tuple[object, ...]:
        """What makes another run needless."""
        return (
            self.code, self.rough, self.variant, self.objective, self.max_stones, self.seed,
            self.effort,
        )  # fmt: skip

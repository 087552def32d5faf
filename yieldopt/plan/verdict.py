"""What the judge says of a plan."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """One thing that does not hold.

    Parameters
    ----------
    part
        What is judged: "stone A", "alternative B", "rough", "totals", "bound", "saw step 1".
    subject
        The hazard that is too near ("skin", "inclusion 1 (crack)", "saw step 1", "stone B"),
        or the key of the plan that is wrong ("weight_ct", "facets.P1").
    message
        What is wrong, with its number.
    depth
        How far a hazard pokes in, mm; None where no hazard is concerned.
    """

    part: str
    subject: str
    message: str
    depth: float | None = None

    def __str__(self) -> str:
        """Return the line that a user reads."""
        return f"{self.part}: {self.subject}: {self.message}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judge's word: it holds when nothing is violated.

    `stones` are the weights that the judge found, ct, by id; `yield_share` his yield; `notes`
    say what he could not do, in sentences.
    """

    violations: tuple[Violation, ...]
    stones: tuple[tuple[str, float], ...] = ()
    yield_share: float = 0.0
    notes: tuple[str, ...] = ()

    @property
    def holds(self) -> bool:
        """Tell whether the plan may be cut."""
        return not self.violations

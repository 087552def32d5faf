"""The question put to the search."""

from collections.abc import Mapping
from dataclasses import dataclass

from yieldopt.cuts.cut import Cut
from yieldopt.plan.record import Limits
from yieldopt.rough.rough import Rough


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One rough, the cuts that may be placed in it, and what must be kept clear."""

    rough: Rough
    cuts: tuple[Cut, ...]
    limits: Limits
    species: str
    specific_gravity: float
    inclusions: tuple[Mapping[str, object], ...] = ()
    weighed_ct: float | None = None

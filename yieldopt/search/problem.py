"""The question put to the search."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from yieldopt.cuts.cut import Cut
from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import Limits, Locked, OrientationRule
from yieldopt.rough.inclusion_tables import inclusions_of
from yieldopt.rough.inclusions import Inclusion
from yieldopt.rough.rough import Rough
from yieldopt.value.market import Market


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One rough, the cuts that may be placed in it, and what must be kept clear.

    `inclusions` may be given as the job's tables; they become values. With a `market` stones are
    valued, and with the objective "value" the dearest is searched for: then flaws to be graded
    may stay inside, and the rules of `priced` may be broken at a price. By weight all flaws are
    kept clear of, and `priced` rules are not looked at. Stones and saw cuts that are `locked` stay
    where they are; `saw_directions` (d, 3) are the only normals that planes may have (None: any).
    """

    rough: Rough
    cuts: tuple[Cut, ...]
    limits: Limits
    species: str
    specific_gravity: float
    inclusions: tuple[Inclusion, ...] = ()
    weighed_ct: float | None = None
    orientation: tuple[OrientationRule, ...] = ()
    axes: Mapping[str, Float] = field(default_factory=dict)
    market: Market | None = None
    objective: Literal["weight", "value"] = "weight"
    priced: tuple[OrientationRule, ...] = ()
    saw_directions: Float | None = None
    locked: Locked | None = None

    def __post_init__(self) -> None:
        """Make values of tables; keep off the skin what the rough's surface is known to err."""
        if self.objective == "value" and self.market is None:
            raise ValueError("objective: value needs a market")
        object.__setattr__(self, "limits", self.limits.on(self.rough))
        object.__setattr__(self, "inclusions", inclusions_of(self.inclusions))

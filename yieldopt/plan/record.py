"""The plan: what the search found and the workshop gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.pose import Pose
from yieldopt.rough.inclusion_tables import inclusions_of
from yieldopt.rough.inclusions import Inclusion
from yieldopt.rough.rough import Rough
from yieldopt.units import weight_ct


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the workshop needs to keep clear, mm.

    Parameters
    ----------
    kerf
        Width of the saw's cut.
    allowance
        A side, rough grinding to polish: the preform is the stone and this much.
    skin
        Outer layer that no stone may use.
    inclusion_margin
        Between a stone and a flaw to avoid.
    min_width
        Of a finished stone.
    max_stones
        In one rough.
    """

    kerf: float = 0.3
    allowance: float = 0.2
    skin: float = 0.0
    inclusion_margin: float = 0.3
    min_width: float = 3.0
    max_stones: int = 3

    @property
    def skin_margin(self) -> float:
        """What a finished stone keeps from the skin of the rough, mm."""
        return self.skin + self.allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class OrientationRule:
    """A hard rule on how facets may stand to a direction of the rough.

    Parameters
    ----------
    name
        In the user's words: "table to c", "cleavage 001".
    axis
        (3,) unit vector, scan frame; its sign means nothing.
    low, high
        rad, 0 to pi/2: the angle between a facet's normal and the axis lies between them.
    share
        Of the gem's surface: facets at least this large obey the rule; above 1 the table alone.
    """

    name: str
    axis: Float
    low: float
    high: float
    share: float

    def __post_init__(self) -> None:
        """Freeze the axis and make it a unit vector."""
        axis = frozen_float(self.axis, (3,), "axis")
        object.__setattr__(self, "axis", frozen_float(axis / np.linalg.norm(axis), (3,), "axis"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stone:
    """One finished gem of a plan: a design (mm, gem frame) at a pose."""

    id: str
    design: Design
    pose: Pose
    value: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SawCut:
    """A plane right through a piece; it stands in the middle of its kerf.

    `above` and `below` name a stone or the piece that a later step saws;
    `normal . x > offset` is above. Scan frame, mm.
    """

    step: int
    piece: str
    normal: Float
    offset: float
    kerf: float
    above: str
    below: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A proved upper limit: no allowed plan of what it covers weighs more."""

    weight_ct: float
    covers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRecord:
    """How the plan was found. `seconds` is the only number that a repeat may change.

    So `threads` are the cores that the machine offers, not the number that was asked for: the
    same question must give the same bytes on one thread and on many.
    """

    seed: int
    effort: str
    evaluations: int
    seconds: float
    complete: bool
    version: str
    threads: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is cut from one rough, in the scan frame, with its limits and its bound.

    `inclusions` are the job's flaws, all to be avoided (tables of a job become values);
    `weighed_ct` is the scale's word, where it was given.
    """

    rough: Rough
    species: str
    specific_gravity: float
    limits: Limits
    stones: tuple[Stone, ...]
    bound: Bound
    search: SearchRecord
    saw: tuple[SawCut, ...] = ()
    inclusions: tuple[Inclusion, ...] = ()
    weighed_ct: float | None = None
    currency: str | None = None
    alternatives: tuple[Stone, ...] = field(default=())
    orientation: tuple[OrientationRule, ...] = ()
    axes: Mapping[str, Float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make values of tables."""
        object.__setattr__(self, "inclusions", inclusions_of(self.inclusions))

    @property
    def rough_weight_ct(self) -> float:
        """By the scan's volume, ct."""
        return weight_ct(self.rough.volume, self.specific_gravity)

    def stone_weight_ct(self, stone: Stone) -> float:
        """Return a finished stone's weight, ct."""
        return weight_ct(stone.design.solid.volume, self.specific_gravity)

    @property
    def weight_ct(self) -> float:
        """Of all finished stones, ct."""
        return sum(self.stone_weight_ct(stone) for stone in self.stones)

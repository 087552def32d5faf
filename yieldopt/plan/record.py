"""The plan: what the search found and the workshop gets."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.pose import Pose
from yieldopt.plan.worth import Choice, PricesRecord, RuleCost, Worth
from yieldopt.rough.colour_zones import ColourZone
from yieldopt.rough.inclusion_tables import inclusions_of
from yieldopt.rough.inclusions import Inclusion
from yieldopt.rough.rough import Rough
from yieldopt.rough.weight import WeightCheck
from yieldopt.units import weight_ct

if TYPE_CHECKING:
    from yieldopt.plan.pieces import Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class SawTool:
    """A saw of the workshop.

    Parameters
    ----------
    name
        "trim saw", "wire saw".
    kerf
        mm, with what the blade wanders.
    largest
        mm: the longest extent of a piece that it can saw.
    """

    name: str
    kerf: float
    largest: float = np.inf


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
        Outer layer that no stone may use: all of it, with what coating and errors add.
    inclusion_margin
        Between a stone and a flaw to avoid.
    min_width
        Of a finished stone.
    max_stones
        In one rough.
    centre_point
        Whether the rough must also hold the point under the culet that a pavilion is cut to.
    coating, scan_error, surface_error
        Parts of `skin`: powder on the scanned stone, what the job says of the scanner's error,
        and what the rough says of its surface (`Rough.surface_error`).
    bracket_margin_ct
        What the wheel may take beyond the plan: a price's bracket is aimed at with so much more.
    min_piece
        Least width of a piece that fingers, a vice or a dop can hold, mm.
    saw_off_cleavage
        rad: a saw plane keeps so far from every cleavage plane, or the piece may split along it.
    tools
        Saws; the one of the least kerf that can hold the piece is taken. Without any, `kerf`.
    """

    kerf: float = 0.3
    allowance: float = 0.2
    skin: float = 0.0
    inclusion_margin: float = 0.3
    min_width: float = 3.0
    max_stones: int = 1
    centre_point: bool = False
    coating: float = 0.0
    scan_error: float = 0.0
    surface_error: float = 0.0
    bracket_margin_ct: float = 0.02
    min_piece: float = 0.0
    saw_off_cleavage: float = 0.0
    tools: tuple[SawTool, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a layer thinner than its parts."""
        if self.skin < max(self.coating, self.scan_error, self.surface_error):
            raise ValueError("skin: is less than a part of it; see Limits.beyond")

    def beyond(self, *, coating: float = 0.0, scan_error: float = 0.0) -> "Limits":
        """Return these limits with a coating and an error of the scan (mm) added to the skin."""
        return replace(
            self,
            skin=self.skin + coating + scan_error,
            coating=self.coating + coating,
            scan_error=self.scan_error + scan_error,
        )

    def on(self, rough: Rough) -> "Limits":
        """Return these limits with the error of a rough's surface in them, once."""
        extra = rough.surface_error - self.surface_error
        if extra == 0.0:
            return self
        return replace(self, skin=self.skin + extra, surface_error=rough.surface_error)

    def kerf_for(self, extent: float) -> float:
        """Return the kerf (mm) of a cut through a piece of a longest extent (mm).

        Raises
        ------
        ValueError
            If no saw can hold it.
        """
        if not self.tools:
            return self.kerf
        able = [tool.kerf for tool in self.tools if tool.largest >= extent]
        if not able:
            raise ValueError(f"tools: no saw holds a piece of {extent:.1f} mm")
        return min(able)

    @property
    def skin_margin(self) -> float:
        """What a finished stone keeps from the skin of the rough, mm."""
        return self.skin + self.allowance


@dataclass(frozen=True, slots=True, kw_only=True)
class OrientationRule:
    """A rule on how facets may stand to a direction of the rough.

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
    facets
        Which of them it holds: all, the table, or the ends: the pavilion's facets that look
        within 30 degrees of along the gem as it is seen from above. A gem without ends breaks it.
    factor
        What the price is multiplied by of a stone that breaks it, where the rule is priced and
        has a factor of its own; it is at most 1.
    """

    name: str
    axis: Float
    low: float
    high: float
    share: float
    facets: Literal["all", "table", "ends"] = "all"
    factor: float | None = None

    def __post_init__(self) -> None:
        """Freeze the axis and make it a unit vector."""
        axis = frozen_float(self.axis, (3,), "axis")
        object.__setattr__(self, "axis", frozen_float(axis / np.linalg.norm(axis), (3,), "axis"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stone:
    """One finished gem of a plan: a design (mm, gem frame) at a pose.

    `worth` tells how its `value` came.
    """

    id: str
    design: Design
    pose: Pose
    value: float | None = None
    worth: Worth | None = None


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
class Locked:
    """What of a plan stays as it is.

    Parameters
    ----------
    stones
        They stay where they are and as large as they are; ids are theirs alone.
    saw
        Cuts that stay, in the order of sawing, the root's first: each saws the whole ("0") or a
        piece that an earlier one of these leaves. What stays of a plan is the top of its tree.
        `above` and `below` are names of pieces; where one is a stone's id that is not among
        `stones`, it is the name of the piece and no more.
    """

    stones: tuple[Stone, ...] = ()
    saw: tuple[SawCut, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """A proved upper limit: no allowed plan of what it covers weighs more, or is worth more."""

    weight_ct: float
    covers: str
    value: float | None = None


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

    `inclusions` are the job's flaws (tables of a job become values); `colour_zones` count in a
    plan by value, and by weight are kept for those who read it; `weighed_ct` is the scale's word,
    where it was given, and `weight_check` what it makes of the scan (as read, before any
    rescaling). `objective` is weight or value; `prices`, `costs_of_rules` and `choices` are there
    where prices were given.
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
    colour_zones: tuple[ColourZone, ...] = ()
    weight_check: WeightCheck | None = None
    objective: str = "weight"
    prices: PricesRecord | None = None
    costs_of_rules: tuple[RuleCost, ...] = ()
    choices: tuple[Choice, ...] = ()
    # Made when they are asked for: they take a second, and pages and files ask several times.
    _pieces: list["Piece"] = field(init=False, repr=False, compare=False, default_factory=list)

    def __post_init__(self) -> None:
        """Make values of tables."""
        object.__setattr__(self, "inclusions", inclusions_of(self.inclusions))

    @property
    def pieces(self) -> tuple["Piece", ...]:
        """What ever lies on the bench while the rough is sawn: `plan.pieces.pieces_of`."""
        if not self._pieces:
            from yieldopt.plan.pieces import pieces_of

            names = [stone.id for stone in self.stones]
            self._pieces.extend(pieces_of(self.rough, self.saw, stones=names))
        return tuple(self._pieces)

    @property
    def rough_weight_ct(self) -> float:
        """By the scan's volume, ct."""
        return weight_ct(self.rough.volume, self.specific_gravity)

    def stone_weight_ct(self, stone: Stone) -> float:
        """Return a finished stone's weight, ct."""
        return weight_ct(stone.design.volume, self.specific_gravity)

    @property
    def value(self) -> float | None:
        """Of all finished stones, the saw cuts' cost taken off; None where nothing is priced."""
        if self.currency is None:
            return None
        each = self.prices.per_saw_cut if self.prices is not None else 0.0
        return sum(stone.value or 0.0 for stone in self.stones) - each * len(self.saw)

    @property
    def weight_ct(self) -> float:
        """Of all finished stones, ct."""
        return sum(self.stone_weight_ct(stone) for stone in self.stones)

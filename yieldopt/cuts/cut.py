"""What the search may vary: a cut as a family of solids over a box of proportions."""

from dataclasses import dataclass
from typing import Protocol

from yieldopt.cuts.design import Design
from yieldopt.geometry.arrays import Float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proportion:
    """One free number of a cut, as a share of the width (a ratio), with its limits."""

    name: str
    low: float
    high: float
    default: float


class Cut(Protocol):
    """A family of convex gems of unit width (1 mm), or one fixed design (no proportions).

    Every family is monotone: where all proportions of one member are at least those of
    another, its solid contains the other's (tested; the bound does not rest on it). The number
    of facets, their order, teeth and azimuths do not change with the proportions; slopes and
    offsets do.
    """

    @property
    def name(self) -> str:
        """The word for it on the command line."""

    @property
    def proportions(self) -> tuple[Proportion, ...]:
        """What is free, in the order of the columns of `theta`; empty when fixed."""

    def planes(self, theta: Float) -> tuple[Float, Float]:
        """Return half-spaces at unit width for proportions (b, p): (b, m, 3) and (b, m).

        Smooth in `theta`, the normals of unit length, the origin strictly inside.
        """

    def design(self, theta: Float, width: float) -> Design:
        """Return the cut at proportions (p,) and a width in mm, facet list and all."""

"""A stone that stays as it is, in the place of a cut."""

from dataclasses import dataclass

import numpy as np

from yieldopt.cuts.cut import Proportion
from yieldopt.cuts.design import Design
from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import Stone
from yieldopt.search.one import Placement


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LockedCut:
    """A stone as a cut that has this one form; `Cut` in all it is asked."""

    stone: Stone

    @property
    def name(self) -> str:
        """Of its design."""
        return self.stone.design.name

    @property
    def proportions(self) -> tuple[Proportion, ...]:
        """None is free."""
        return ()

    def planes(self, theta: Float) -> tuple[Float, Float]:
        """Return its half-spaces at unit width, once for each row of theta (b, 0)."""
        solid, b = self.stone.design.solid, len(theta)
        offsets = solid.offsets / self.stone.design.width
        return np.tile(solid.normals, (b, 1, 1)), np.tile(offsets, (b, 1))

    def design(self, theta: Float, width: float) -> Design:
        """Return it at a width in mm: its own design, to the bit, at its own."""
        own = self.stone.design
        return own if width == own.width else own.scaled(width / own.width)


def placement_of(stone: Stone) -> Placement:
    """Return a locked stone as a placement."""
    return Placement(
        cut=LockedCut(stone=stone),
        pose=stone.pose,
        theta=np.zeros(0),
        width=stone.design.width,
        volume=stone.design.volume,
    )

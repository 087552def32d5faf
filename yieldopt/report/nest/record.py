"""A nest: what is printed, and the figures that go with it."""

from dataclasses import dataclass
from typing import Literal

from yieldopt.geometry.arrays import Float, frozen_float
from yieldopt.geometry.pose import Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Nest:
    """A solid to print that holds a rough, or a piece of it; lengths in mm.

    Its frame: z is the way out, 0 at the underside. Of cradles and flat guides the stone's axis
    is x = y = 0 and index 0 lies at +y; of a saw guide the plane is y = 0, with what the plan
    calls above at +y.

    Parameters
    ----------
    name
        Of its file: A-cradle, A-flat, saw-1.
    kind
        A cradle holds the stone for dopping, a flat guide for grinding its first flat, a saw
        guide for the first cut.
    piece
        That it holds; "0" is the whole rough.
    stone
        The stone's id; None for a saw guide.
    triangles
        (k, 3, 3), outward, closed.
    pose
        From the scan's frame to the nest's: the piece stands there as planned, touching nothing.
    clearance, gap
        The least distance asked for, and that measured between nest and piece (0.15 mm more counts
        as 0.15).
    seat
        How far the piece sinks from there, straight, until it rests on its three pads.
    pads
        (3, 2) their middles.
    spread
        From the piece's centre of mass to the nearest side of the pads' triangle, seen from
        above; negative where it leans on its wall instead of standing by itself.
    rim
        Height of the rim.
    flat
        Height of the first flat above the underside, the piece resting: what callipers read when
        enough is ground off. None for a saw guide.
    kerf
        Width of the slot; None where nothing is sawn.
    """

    name: str
    kind: Literal["cradle", "flat", "saw"]
    piece: str
    stone: str | None
    triangles: Float
    pose: Pose
    clearance: float
    gap: float
    seat: float
    pads: Float
    spread: float
    rim: float
    flat: float | None
    kerf: float | None

    def __post_init__(self) -> None:
        """Freeze the arrays."""
        object.__setattr__(self, "triangles", frozen_float(self.triangles, (-1, 3, 3), "triangles"))
        object.__setattr__(self, "pads", frozen_float(self.pads, (3, 2), "pads"))

    @property
    def size(self) -> tuple[float, float, float]:
        """Length of its box along x, y, z."""
        corners = self.triangles.reshape(-1, 3)
        x, y, z = (corners.max(axis=0) - corners.min(axis=0)).tolist()
        return x, y, z

    @property
    def volume(self) -> float:
        """mm3, of what is printed."""
        a, b, c = self.triangles.transpose(1, 2, 0)
        normal = (
            a[1] * (b[2] * c[0] - b[0] * c[2])
            + a[2] * (b[0] * c[1] - b[1] * c[0])
            + a[0] * (b[1] * c[2] - b[2] * c[1])
        )
        return float(normal.sum() / 6.0)

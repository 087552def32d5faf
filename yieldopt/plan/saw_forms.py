"""The plan file's form of saw cuts and of the pieces that they leave."""

from typing import Annotated, ClassVar

from pydantic import Field

from yieldopt.plan.form import Form, NotNegative, Number, Point, QuietForm


class SawForm(QuietForm):
    """A saw cut right through a piece; the plane stands in the middle of its kerf."""

    unsaid: ClassVar[tuple[str, ...]] = ("dust_ct", "area_mm2", "tool")

    step: Annotated[int, Field(ge=1)]
    piece: str
    """The piece that is sawn; the whole rough is "0"."""
    normal: Point
    """Unit length; `normal . x > offset_mm` is above."""
    offset_mm: Number
    kerf_mm: NotNegative
    above: str
    """A stone's id, or the piece that a later step saws; any other name is an off-cut."""
    below: str
    dust_ct: NotNegative | None = None
    """What the kerf takes."""
    area_mm2: NotNegative | None = None
    """Of the piece's section by the plane."""
    tool: str | None = None
    """Name of the saw, where `limits.tools` lists any."""


class PieceForm(Form):
    """A piece that lies on the bench at some time."""

    name: str
    made_by: Annotated[int, Field(ge=0)]
    """Saw step; 0: the whole rough."""
    sawn_by: Annotated[int, Field(ge=1)] | None = None
    """Saw step; None where it is not sawn again."""
    weight_ct: NotNegative
    volume_mm3: NotNegative
    size_mm: tuple[NotNegative, NotNegative, NotNegative]
    """What callipers read: the least width, the least at right angles to it, the greatest
    length."""
    stone: str | None = None
    """The id of the stone that is cut from it; None where it is sawn again, or an off-cut."""
    mesh: str | None = None
    """Its mesh (STL, mm, in the frame of `rough.mesh`) in the plan's folder."""

"""The plan file's form of what the workshop keeps clear, and of rules on facets."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yieldopt.plan.form import Form, NotNegative, Point, Positive, QuietForm


class ToolForm(QuietForm):
    """A saw of the workshop."""

    unsaid: ClassVar[tuple[str, ...]] = ("largest_mm",)

    name: Annotated[str, Field(min_length=1)]
    kerf_mm: NotNegative
    """Width of its cut, with what the blade wanders."""
    largest_mm: Positive | None = None
    """Greatest length of a piece that it can saw; any where it is not said."""


class LimitsForm(QuietForm):
    """What the workshop keeps clear, mm."""

    unsaid: ClassVar[tuple[str, ...]] = ("min_piece_mm", "saw_off_cleavage_deg", "tools")

    kerf_mm: NotNegative
    allowance_mm: NotNegative
    skin_mm: NotNegative
    """All that no stone may use under the skin of `rough.mesh`, `coating_mm` and `scan_error_mm`
    in it; a stone keeps this and the allowance."""
    inclusion_margin_mm: NotNegative
    min_width_mm: NotNegative = 0.0
    """Of a finished stone."""
    max_stones: Annotated[int, Field(ge=1)] | None = None
    centre_point: bool = False
    """Whether the rough must also hold the point that `extra_depth_mm` reaches down to."""
    coating_mm: NotNegative = 0.0
    """Part of `skin_mm`: powder or spray on the scanned stone."""
    scan_error_mm: NotNegative = 0.0
    """Part of `skin_mm`: how far the true skin may lie inside the scanned one."""
    min_piece_mm: NotNegative | None = None
    """Least width of a piece that holds a stone or is sawn again."""
    saw_off_cleavage_deg: Annotated[float, Field(ge=0, le=90)] | None = None
    """Least angle between a saw cut and a cleavage plane."""
    tools: list[ToolForm] = Field(default=[])
    """Saws; a cut's kerf is at least the narrowest of those that can hold its piece. Without any,
    `kerf_mm`."""


class OrientationForm(Form):
    """A hard rule: facets stand low to high from an axis (its sign means nothing)."""

    name: str
    axis: Point
    low_deg: Annotated[float, Field(ge=0, le=90)]
    high_deg: Annotated[float, Field(ge=0, le=90)]
    share: NotNegative
    """Of the stone's surface: facets at least this large obey; above 1 the table alone."""
    facets: Literal["all", "table", "ends"] = "all"
    """Which of them it holds. Ends are the pavilion's facets whose normal, seen from above, lies
    within 30 degrees of the stone's length (of x or y of the gem's frame, whichever is longer);
    a stone without ends breaks the rule."""

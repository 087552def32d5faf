"""The plan file's form of the rough: the scan, the mended mesh, what the scales say."""

from typing import Literal

from pydantic import Field

from yieldopt.plan.form import Form, Number, Point, Positive


class WeightCheckForm(Form):
    """Scan against scales: green to 5 %, amber to 15 %, red beyond."""

    volume_mm3: Positive
    """As scanned, without the coating and before any rescaling."""
    weight_ct: Positive
    """By that volume and the plan's specific gravity."""
    low_ct: Positive
    high_ct: Positive
    """By that volume and the species' least and greatest specific gravity."""
    difference: Number
    """`weight_ct / weighed_ct - 1`."""
    beyond: Number
    """What of the difference no specific gravity of the species explains: this is graded."""
    grade: Literal["green", "amber", "red"]
    words: str


class RoughForm(Form):
    """The rough as scanned, and the mended mesh that the plan is judged by."""

    file: str
    """Name of the scan file, without its folder."""
    sha256: str
    """Digest of the scan file's bytes."""
    to_mm: Positive
    """Factor from the scan file's numbers to mm, any rescaling to the weight in it."""
    volume_mm3: Positive
    weight_ct: Positive
    """By the scan's volume and the specific gravity."""
    weighed_ct: Positive | None = None
    """The scale's word, where it was given."""
    species: str
    specific_gravity: Positive
    mesh: str
    """Name of the mended mesh beside the plan, mm: the frame of planes, corners and poses."""
    mesh_sha256: str
    """Digest of that mesh's bytes: another mesh is another plan."""
    notes: list[str] = Field(default=[])
    """What was found in the scan and mended, a sentence each."""
    axes: dict[str, Point] = Field(default={})
    """Known directions of the crystal, unit vectors by name."""
    fit_factor: Positive = 1.0
    """Part of `to_mm` by which the scan was rescaled to weigh what the scales say."""
    weight_check: WeightCheckForm | None = None
    """Where the rough was weighed."""
    from_callipers: bool = False
    """Whether the rough is a shape told by sizes instead of a scan."""

"""The plan file's form of a stone: where it lies, its planes, and its facets in cutting order."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from yieldopt.plan.form import Form, NotNegative, Number, PlaneRow, Point, Positive, QuietForm
from yieldopt.plan.worth_forms import WorthForm


class PoseForm(Form):
    """From the gem frame to the frame of the mesh: rotate, then move."""

    rotation: tuple[Point, Point, Point]
    """Rows; `x_scan = rotation @ x_gem + translation_mm`."""
    translation_mm: Point


class MetForm(Form):
    """A facet that is cut before."""

    tier: str
    tooth: Number


class FixForm(Form):
    """What says how far a tier is ground."""

    kind: Literal["tcp", "size", "girdle", "vertex", "fraction", "depth"]
    """`tcp`: to the point on the axis where its facets, or those of `meet`, come together; `size`:
    `value_mm` from the axis; `girdle`: level all round, with a value so that the girdle is that
    thick at the corner `meet`; `vertex`: through the corner `meet`; `fraction`: through the point
    `value_mm` from that corner along the `edge` of two facets; `depth`: `value_mm` along the
    facet's normal from where the first sloping tier crosses the axis."""
    tooth: Number
    """Whose facet reaches that point; the others are cut at the same setting."""
    meet: list[MetForm] = Field(default=[])
    edge: list[MetForm] = Field(default=[])
    value_mm: Number | None = None
    words: str
    """The same for a sheet."""


class TemporaryForm(Form):
    """A tier of the preform, cut before all others and ground away by them: it has no planes."""

    tier: str
    angle_deg: Annotated[float, Field(ge=0.0, le=90.0)]
    """On the pavilion, from the girdle plane."""
    index: list[Annotated[int, Field(ge=-9999, le=9999)] | Number]
    gear: Annotated[int, Field(ge=-9999, le=9999)]
    location: Number = 0.0
    fixed_by: FixForm
    depth_mm: NotNegative | None = None
    """Along the axis from the table plane to the point that fixes it."""


class FacetForm(Form):
    """One tier: facets that share an angle, and one distance from the stone's middle."""

    tier: str
    side: Literal["pavilion", "girdle", "crown", "table"]
    angle_deg: Annotated[float, Field(ge=0.0, le=90.0)]
    """From the girdle plane: 0 table, 90 girdle."""
    index: list[Annotated[int, Field(ge=-9999, le=9999)] | Number]
    """Teeth, one a facet; an imported design may have fractions."""
    gear: Annotated[int, Field(ge=-9999, le=9999)]
    """Teeth of the index gear; negative where it turns the other way."""
    location: Number = 0.0
    """The tooth at +y of the gem frame."""
    planes: list[Annotated[int, Field(ge=0)]]
    """Rows of the stone's `planes`, one for each tooth, in the same order."""
    note: str = ""
    """How the tier is fixed by its designer's word, where there is one."""
    fixed_by: FixForm | None = None
    """What says how far the tier is ground, in the order of the rows; None where not known."""
    depth_mm: NotNegative | None = None
    """Along the axis to the point that fixes the tier; None where no point does."""
    depth_from: Literal["table", "culet"] | None = None
    """What `depth_mm` is measured from: the table plane, or the culet for crown and table."""
    mast_mm: NotNegative | None = None
    """Distance of the facets from the middle of the girdle, along their normals."""


class StoneForm(QuietForm):
    """One finished stone."""

    unsaid: ClassVar[tuple[str, ...]] = ("worth",)

    id: Annotated[str, Field(min_length=1)]
    cut: str
    length_mm: Positive
    """Extent along x or y of the gem frame, the longer one."""
    width_mm: Positive
    """The shorter one."""
    depth_mm: Positive
    """Culet to table."""
    table_pct: NotNegative
    """Extent of the table across the width, per cent of the width; 0 without a table."""
    volume_mm3: Positive
    weight_ct: Positive
    value: Number | None = None
    pose: PoseForm
    planes: Annotated[list[PlaneRow], Field(min_length=4)]
    """`[nx, ny, nz, d]`, `n.x <= d`, n outward of unit length; of the finished stone, not of the
    preform, in the frame of `rough.mesh`; only planes that carry a facet."""
    vertices_mm: Annotated[list[Point], Field(min_length=4)]
    """The corners, in the frame of `rough.mesh`."""
    facets: list[FacetForm]
    """In cutting order."""
    temporary: list[TemporaryForm] = Field(default=[])
    """Tiers to cut before those of `facets`, in order; only such outlines need them whose facets
    stand at several distances from the axis."""
    extra_depth_mm: NotNegative | None = None
    """How far below the culet the deepest point lies that a tier is cut to: rough that must be
    there; None where the cutting order is not known."""
    proportions: dict[str, Number] = Field(default={})
    """The free numbers that the cut was made from, by name."""
    refractive_index: Positive | None = None
    heading: list[str] = Field(default=[])
    """The design's own head lines."""
    remarks: list[str] = Field(default=[])
    """What whoever cuts it must know: that light leaks, that a dome is still to be rounded."""
    notch: list[PlaneRow] = Field(default=[])
    """Half-spaces like `planes`: what of the stone lies in all of them is ground out after its
    last facet (a heart's cleft). Planes and corners are those before, volume and weight after."""
    worth: WorthForm | None = None
    """How `value` came."""

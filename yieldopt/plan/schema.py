"""The plan file's form: `plan.json` as models, and as a JSON Schema.

The format is another type than the record (`plan.record`): what stands here other tools
rely on. Keys may be added, never renamed; a key that is not known is refused, because a
judge must not pass what it does not understand.
"""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationError

from yieldopt.errors import InputError
from yieldopt.plan.form import (
    Form,
    NotNegative,
    Number,
    PlaneRow,
    Point,
    Positive,
    QuietForm,
    Share,
)
from yieldopt.plan.worth_forms import ChoiceForm, PricesForm, RuleCostForm, WorthForm

FORMAT: Final = "yieldopt.plan/1"


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


class _InclusionForm(QuietForm):
    unsaid: ClassVar[tuple[str, ...]] = ("name",)

    severity: Literal["avoid", "grade"] = "avoid"
    """`avoid`: every stone keeps clear. `grade`: it may stay inside, at a price."""
    name: str | None = None
    """Where it has one of its own: "region 1" is no flaw, but a region that the user forbids."""


class SphereForm(_InclusionForm):
    """A ball."""

    kind: Literal["sphere"]
    centre_mm: Point
    radius_mm: NotNegative


class NeedleForm(_InclusionForm):
    """A straight needle: all points within the radius of a segment."""

    kind: Literal["needle"]
    from_mm: Point
    to_mm: Point
    radius_mm: NotNegative


class CrackForm(_InclusionForm):
    """A crack: the fan of triangles about its first corner, corners in order.

    The polygon itself where it is flat and convex, and covering it where it is flat.
    """

    kind: Literal["crack"]
    polygon_mm: Annotated[list[Point], Field(min_length=3)]


class MeshForm(_InclusionForm):
    """All that the closed shells of a mesh hold."""

    kind: Literal["mesh"]
    file: str
    """Name of the flaw's mesh beside the plan, mm, in the frame of `rough.mesh`."""
    sha256: str
    """Digest of that mesh's bytes."""


class OtherInclusionForm(BaseModel):
    """A kind that this version cannot judge: it is read, and a plan that holds it fails."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str
    severity: Literal["avoid", "grade"] = "avoid"
    name: str | None = None


def _kind_of(inclusion: Any) -> str:
    kind = inclusion.get("kind") if isinstance(inclusion, dict) else getattr(inclusion, "kind", "")
    return kind if kind in ("sphere", "needle", "crack", "mesh") else "other"


InclusionForm = Annotated[
    Annotated[SphereForm, Tag("sphere")]
    | Annotated[NeedleForm, Tag("needle")]
    | Annotated[CrackForm, Tag("crack")]
    | Annotated[MeshForm, Tag("mesh")]
    | Annotated[OtherInclusionForm, Tag("other")],
    Discriminator(_kind_of),
]


class HalfSpaceZoneForm(Form):
    """Colour on the side of a plane that its normal shows to: `normal . x >= offset_mm`."""

    kind: Literal["half-space"]
    name: str
    wanted: bool
    """Whether that colour is good."""
    normal: Point
    offset_mm: Number


class MeshZoneForm(Form):
    """Colour in all that the closed shells of a mesh hold."""

    kind: Literal["mesh"]
    name: str
    wanted: bool
    """Whether that colour is good."""
    file: str
    """Name of the zone's mesh beside the plan, mm, in the frame of `rough.mesh`."""
    sha256: str
    """Digest of that mesh's bytes."""


ColourZoneForm = Annotated[HalfSpaceZoneForm | MeshZoneForm, Field(discriminator="kind")]


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


class WastageForm(Form):
    """Shares of the rough that are no stone; with `yield` they add up to 1."""

    saw: Share
    allowance: Share
    """Ground away between preform and polished stone."""
    offcut: Share
    """All the rest of the weight that `yield` is taken of. Where the rough was weighed, the
    difference between the scale and the scan is in here."""


class TotalsForm(Form):
    """The plan in figures."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    weight_ct: Positive
    yield_: Positive = Field(alias="yield")
    """Finished weight over the weighed weight, else over the scan's."""
    value: Number | None = None
    currency: str | None = None
    wastage: WastageForm


class BoundForm(QuietForm):
    """A proved upper limit on the finished weight, and on the value."""

    unsaid: ClassVar[tuple[str, ...]] = ("value",)

    weight_ct: Positive
    gap: Number
    """`bound.weight_ct / totals.weight_ct - 1`."""
    covers: str
    """What the proof covers."""
    value: Number | None = None
    """In `totals.currency`: nothing that the proof covers is worth more, by the plan's prices."""


class SearchForm(Form):
    """How the plan was found. `seconds` is the only number that a repeat may change."""

    seed: int
    effort: str
    evaluations: Annotated[int, Field(ge=0)]
    seconds: NotNegative
    complete: bool
    """False where a limit or an interrupt cut the search short."""
    version: str
    threads: Annotated[int, Field(ge=1)]
    """The cores that the machine offers, not the number that was asked for: the same question
    gives the same bytes on one thread and on many, `seconds` apart."""


class PlanFile(QuietForm):
    """A cutting plan: what is cut from one rough.

    Lengths in mm, weights in carat, angles in degrees; all places in the frame of `rough.mesh`.
    """

    unsaid: ClassVar[tuple[str, ...]] = (
        "pieces",
        "objective",
        "prices",
        "costs_of_rules",
        "choices",
    )

    format: Literal["yieldopt.plan/1"]
    rough: RoughForm
    limits: LimitsForm
    inclusions: list[InclusionForm] = Field(default=[])
    stones: Annotated[list[StoneForm], Field(min_length=1)]
    saw: list[SawForm] = Field(default=[])
    pieces: list[PieceForm] = Field(default=[])
    """The whole rough first, then what lies above and below each cut, in the order of sawing;
    not listed where nothing is sawn."""
    totals: TotalsForm
    bound: BoundForm
    search: SearchForm
    orientation: list[OrientationForm] = Field(default=[])
    """Rules that every stone obeys."""
    alternatives: list[StoneForm] = Field(default=[])
    """Stones that could be cut instead, each alone in the rough; judged like the plan's own."""
    colour_zones: list[ColourZoneForm] = Field(default=[])
    """What the job told of colour. Half-spaces count where the plan is by value; not judged."""
    objective: Literal["weight", "value"] | None = None
    """What the plan was made for; by weight where it is not said."""
    prices: PricesForm | None = None
    """What the values go by."""
    costs_of_rules: list[RuleCostForm] = Field(default=[])
    """What each rule on facets cost."""
    choices: list[ChoiceForm] = Field(default=[])
    """The heaviest, the dearest and the safest of the stones and alternatives."""


def plan_schema() -> dict[str, Any]:
    """Return the JSON Schema of `plan.json`."""
    schema = PlanFile.model_json_schema(by_alias=True)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema


def read_plan(path: Path) -> PlanFile:
    """Read a plan file.

    Raises
    ------
    InputError
        If the file is missing or is no plan: the first key that is wrong.
    """
    try:
        text = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"{path}: cannot be read ({error.strerror}); name a plan.json of 'yieldopt plan'"
        ) from error
    try:
        return PlanFile.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        key = ".".join(str(step) for step in first["loc"]) or "the file"
        raise InputError(
            f"{path}: {key}: {first['msg']}; 'yieldopt plan --schema' prints the form of a plan"
        ) from error

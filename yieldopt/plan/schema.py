"""The plan file's form: `plan.json` as models, and as a JSON Schema.

The format is another type than the record (`plan.record`): what stands here other tools
rely on. Keys may be added, never renamed; a key that is not known is refused, because a
judge must not pass what it does not understand.
"""

from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, ValidationError

from yieldopt.errors import InputError
from yieldopt.plan.flaw_forms import (
    ColourZoneForm,
    CrackForm,
    HalfSpaceZoneForm,
    InclusionForm,
    MeshForm,
    MeshZoneForm,
    NeedleForm,
    OtherInclusionForm,
    SphereForm,
)
from yieldopt.plan.form import Form, NotNegative, Number, Positive, QuietForm, Share
from yieldopt.plan.limit_forms import LimitsForm, OrientationForm, ToolForm
from yieldopt.plan.rough_forms import RoughForm, WeightCheckForm
from yieldopt.plan.saw_forms import PieceForm, SawForm
from yieldopt.plan.stone_forms import (
    FacetForm,
    FixForm,
    MetForm,
    PoseForm,
    StoneForm,
    TemporaryForm,
)
from yieldopt.plan.worth_forms import ChoiceForm, PricesForm, RuleCostForm, WorthForm

FORMAT: Final = "yieldopt.plan/1"


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


__all__ = [
    "FORMAT",
    "BoundForm",
    "ChoiceForm",
    "ColourZoneForm",
    "CrackForm",
    "FacetForm",
    "FixForm",
    "HalfSpaceZoneForm",
    "InclusionForm",
    "LimitsForm",
    "MeshForm",
    "MeshZoneForm",
    "MetForm",
    "NeedleForm",
    "OrientationForm",
    "OtherInclusionForm",
    "PieceForm",
    "PlanFile",
    "PoseForm",
    "PricesForm",
    "RoughForm",
    "RuleCostForm",
    "SawForm",
    "SearchForm",
    "SphereForm",
    "StoneForm",
    "TemporaryForm",
    "ToolForm",
    "TotalsForm",
    "WastageForm",
    "WeightCheckForm",
    "WorthForm",
    "plan_schema",
    "read_plan",
]

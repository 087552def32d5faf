"""The plan file's form of what lies in the rough: flaws, regions kept free, colour."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from yieldopt.plan.form import Form, NotNegative, Number, Point, QuietForm


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

"""What all tables of the plan file share: strict, frozen, and no key that is not known."""

from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

# mm, mm3, ct or a ratio: beyond this no figure is of a gem, and products would overflow.
VAST = 1e9
Number = Annotated[float, Field(ge=-VAST, le=VAST)]
Point = tuple[Number, Number, Number]
PlaneRow = tuple[Number, Number, Number, Number]
Positive = Annotated[float, Field(gt=0.0, le=VAST)]
NotNegative = Annotated[float, Field(ge=0.0, le=VAST)]
Share = Annotated[float, Field(ge=-1.0, le=2.0)]  # wide: the judge says what is wrong with a share


class Form(BaseModel):
    """A table of the plan file."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class QuietForm(Form):
    """A table that leaves out keys that are not said: those that only plans with prices have.

    The file of a plan without prices is what it was before there were any.
    """

    unsaid: ClassVar[tuple[str, ...]] = ()

    @model_serializer(mode="wrap")
    def _without_the_unsaid(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        said: dict[str, Any] = handler(self)
        for key in self.unsaid:
            if said[key] in (None, []):
                del said[key]
        return said

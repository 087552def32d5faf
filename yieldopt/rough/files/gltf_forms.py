"""What a glTF's JSON may say of shapes; all else in it is passed over."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

# No file holds 2^40 of anything.
Count = Annotated[int, Field(ge=0, le=1 << 40)]
Number = Annotated[float, Field(allow_inf_nan=False)]


class _Form(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, extra="ignore", frozen=True, strict=False, populate_by_name=True
    )


class Buffer(_Form):
    """Bytes: in the file, in a data URI, or in a file beside it."""

    byte_length: Count
    uri: str | None = None


class BufferView(_Form):
    """A stretch of a buffer."""

    buffer: Count
    byte_offset: Count = 0
    byte_length: Count
    byte_stride: Annotated[int, Field(ge=1, le=252)] | None = None


class Accessor(_Form):
    """Numbers in a stretch."""

    buffer_view: Count | None = None
    byte_offset: Count = 0
    component_type: Literal[5120, 5121, 5122, 5123, 5125, 5126]
    count: Count
    type: str
    normalized: bool = False
    sparse: dict[str, Any] | None = None


class Primitive(_Form):
    """A part of a mesh."""

    attributes: dict[str, Count]
    indices: Count | None = None
    mode: Count = 4
    extensions: dict[str, Any] = {}


class Mesh(_Form):
    """A shape."""

    primitives: list[Primitive]


class Node(_Form):
    """A place of a mesh, and of the nodes that go with it."""

    mesh: Count | None = None
    children: tuple[Count, ...] = ()
    matrix: Annotated[list[Number], Field(min_length=16, max_length=16)] | None = None
    translation: tuple[Number, Number, Number] = (0.0, 0.0, 0.0)
    rotation: tuple[Number, Number, Number, Number] = (0.0, 0.0, 0.0, 1.0)
    scale: tuple[Number, Number, Number] = (1.0, 1.0, 1.0)


class Scene(_Form):
    """What is shown together."""

    nodes: tuple[Count, ...] = ()


class Document(_Form):
    """All of it."""

    buffers: list[Buffer] = []
    buffer_views: list[BufferView] = []
    accessors: list[Accessor] = []
    meshes: list[Mesh] = []
    nodes: list[Node] = []
    scenes: list[Scene] = []
    scene: Count = 0
    extensions_required: list[str] = []

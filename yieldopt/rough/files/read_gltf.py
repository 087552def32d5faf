"""glTF 2.0: GLB, and GLTF with its numbers inside or in files beside it.

Only shapes and places are read: no material, picture, skin, or movement. Nothing is fetched but
the files that the document names in its own folder.
"""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from typing import TypeVar
from urllib.parse import unquote

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import (
    LARGEST_FILE,
    LARGEST_TEXT,
    Contents,
    Unreadable,
    check_counts,
    no_faces,
    places_of,
)
from yieldopt.rough.files.gltf_forms import Accessor, Document, Node, Primitive
from yieldopt.rough.mending.skin import Index

# Commas and brackets: each takes some 200 bytes and 10 microseconds. Scans have some hundreds.
MOST_SIGNS = 300_000
MOST_PARTS = 10_000  # each takes a tenth of a millisecond
_HEAD, _CHUNK_HEAD = 12, 8
_JSON, _BIN = 0x4E4F534A, 0x004E4942
_KINDS = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
_POINTS, _TRIANGLES, _STRIP, _FAN = 0, 4, 5, 6
# Ways to pack shapes that are not read; what only concerns looks may be required by any file.
_PACKED = ("KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_meshopt_compression")

FileBeside = Callable[[str], bytes]
Item = TypeVar("Item")


def read_glb(contents: bytes, beside: FileBeside) -> Contents:
    """Read a GLB.

    Raises
    ------
    Unreadable
        If it is none, or cut short.
    """
    if contents[:4] != b"glTF":
        raise Unreadable("does not begin as a GLB does; save the scan again")
    version = int.from_bytes(contents[4:8], "little")
    if version != 2:
        raise Unreadable(f"glTF of version {version}, where 2 is read; save the scan again")
    length = int.from_bytes(contents[8:12], "little")
    if length > len(contents) or length < _HEAD + _CHUNK_HEAD:
        raise Unreadable(f"cut short: {len(contents)} bytes of {length}; save the scan again")
    chunks: dict[int, memoryview] = {}
    view = memoryview(contents)[:length]
    at = _HEAD
    while at + _CHUNK_HEAD <= length and len(chunks) < 2:
        size, kind = (int.from_bytes(view[at + i : at + i + 4], "little") for i in (0, 4))
        at += _CHUNK_HEAD
        if size > length - at:
            raise Unreadable("cut short: a chunk is longer than the file; save the scan again")
        if kind in (_JSON, _BIN):
            chunks.setdefault(kind, view[at : at + size])
        at += size
        if size == 0 and kind not in (_JSON, _BIN):
            break
    if _JSON not in chunks:
        raise Unreadable("a GLB without its description; save the scan again")
    return _read(bytes(chunks[_JSON]), chunks.get(_BIN), beside)


def read_gltf(contents: bytes, beside: FileBeside) -> Contents:
    """Read a GLTF.

    Raises
    ------
    Unreadable
        If it is none, is cut short, or names a file that may not be opened.
    """
    return _read(contents, None, beside)


def _read(text: bytes, inside: memoryview | None, beside: FileBeside) -> Contents:
    scene = _Shapes(_document_of(text), inside, beside)
    vertices: list[Float] = []
    faces: list[Index] = []
    clouds: list[Float] = []
    n_vertices, n_faces, n_points = 0, 0, 0
    for number, (primitive, place) in enumerate(scene.placed()):
        if number >= MOST_PARTS:
            raise Unreadable(f"more than {MOST_PARTS} parts; save the scan as one mesh")
        if primitive.mode not in (_POINTS, _TRIANGLES, _STRIP, _FAN):
            continue  # lines
        with np.errstate(all="ignore"):  # what is no place is refused later
            points = scene.places(primitive) @ place[:3, :3].T + place[:3, 3]
        if primitive.mode == _POINTS:
            clouds.append(points)
            n_points += len(points)
            check_counts(n_points, 0)
            continue
        check_counts(n_vertices + len(points), n_faces)
        corners = scene.corners(primitive, len(points), n_faces)
        if np.linalg.det(place[:3, :3]) < 0.0:
            corners = corners[:, ::-1]  # mirrored
        n_faces += len(corners)
        if len(corners) and not 0 <= corners.min() <= corners.max() < len(points):
            raise Unreadable("a triangle names a corner that is not there; save the scan again")
        faces.append(corners + n_vertices)
        vertices.append(points)
        n_vertices += len(points)
    parts = vertices if n_faces else clouds
    return Contents(
        vertices=np.concatenate(parts) if parts else np.zeros((0, 3)),
        faces=np.concatenate(faces) if n_faces else no_faces(),
        usual_unit="m",
        notes=scene.notes(),
    )


def _document_of(text: bytes) -> Document:
    if len(text) > LARGEST_TEXT:
        raise Unreadable(f"more than {LARGEST_TEXT >> 20} MB of description; save it as GLB")
    if sum(text.count(sign) for sign in (b",", b"[", b"{")) > MOST_SIGNS:
        raise Unreadable(
            f"a description of more than {MOST_SIGNS} entries; save the scan as STL or PLY"
        )
    try:
        said = json.loads(text)
    except RecursionError:
        raise Unreadable("its description is nested too deep; save the scan again") from None
    except ValueError:  # no JSON, no UTF-8, or a number of thousands of digits
        raise Unreadable("its description is no JSON, or cut short; save it again") from None
    try:
        document = Document.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(step) for step in first["loc"])[:60]
        raise Unreadable(f"its description is wrong at {where!r}; save the scan again") from None
    packed = [name for name in document.extensions_required if name in _PACKED]
    if packed:
        raise Unreadable(f"packed by {packed[0]}, which is not read; save it without compression")
    return document


class _Shapes:
    """A document and its bytes."""

    def __init__(self, document: Document, inside: memoryview | None, beside: FileBeside) -> None:
        self.document, self.inside, self.beside = document, inside, beside
        self._buffers: dict[int, memoryview] = {}
        self._files: list[str] = []

    def notes(self) -> tuple[str, ...]:
        """Say which other files were read."""
        return tuple(f"numbers read from {name!r} beside it" for name in self._files)

    def placed(self) -> Iterable[tuple[Primitive, Float]]:
        """Yield each primitive of the scene with its place (4, 4).

        Each node has one parent by the rules: a tree, and as many places as nodes.
        """
        document = self.document
        if document.scenes:
            roots = _item(document.scenes, document.scene, "scene").nodes
        else:
            below = {child for node in document.nodes for child in node.children}
            roots = tuple(i for i in range(len(document.nodes)) if i not in below)
        seen: set[int] = set()
        home = np.eye(4)
        waiting = [(number, home) for number in reversed(roots)]
        while waiting:
            number, above = waiting.pop()
            if number in seen:
                raise Unreadable(f"node {number} stands in two places; save the scan again")
            seen.add(number)
            node = _item(document.nodes, number, "node")
            with np.errstate(all="ignore"):
                place = above @ _matrix(node)
            if not np.isfinite(place).all():
                raise Unreadable(f"node {number} has no place; save the scan again")
            if node.mesh is not None:
                for primitive in _item(document.meshes, node.mesh, "mesh").primitives:
                    yield primitive, place
            waiting += [(child, place) for child in reversed(node.children)]

    def places(self, primitive: Primitive) -> Float:
        """Return a primitive's vertices, (n, 3)."""
        if any(name in primitive.extensions for name in _PACKED):
            raise Unreadable("packed, which is not read; save it without compression")
        if "POSITION" not in primitive.attributes:
            raise Unreadable("a part without places; save the scan again")
        accessor = _item(self.document.accessors, primitive.attributes["POSITION"], "accessor")
        check_counts(accessor.count, 0)
        return places_of(self._numbers(accessor, "VEC3", 3).T)

    def corners(self, primitive: Primitive, n_points: int, n_before: int) -> Index:
        """Return a primitive's triangles, (k, 3)."""
        if primitive.indices is None:
            listed: Index = np.arange(n_points, dtype=np.int64)
        else:
            accessor = _item(self.document.accessors, primitive.indices, "accessor")
            if accessor.component_type == 5126:
                raise Unreadable("corners counted in fractions; save the scan again")
            triangles = accessor.count // 3 if primitive.mode == _TRIANGLES else accessor.count
            check_counts(0, n_before + triangles)
            listed = self._numbers(accessor, "SCALAR", 1)[:, 0].astype(np.int64)
        if primitive.mode == _TRIANGLES:
            if len(listed) % 3:
                raise Unreadable("a triangle without three corners; save the scan again")
            found = listed.reshape(-1, 3)
        elif len(listed) < 3:
            return no_faces()
        elif primitive.mode == _FAN:
            first = np.broadcast_to(listed[:1], len(listed) - 2)
            found = np.column_stack([first, listed[1:-1], listed[2:]])
        else:
            found = np.column_stack([listed[:-2], listed[1:-1], listed[2:]])
            found[1::2] = found[1::2, [1, 0, 2]]  # each second triangle of a strip is turned
        check_counts(0, n_before + len(found))
        return found

    def _numbers(self, accessor: Accessor, kind: str, width: int) -> NDArray[np.generic]:
        """Return an accessor's numbers (count, width), those between -1 and 1 as such."""
        if accessor.type != kind or accessor.sparse is not None:
            raise Unreadable(f"numbers that are not plainly {kind}; save the scan again")
        form = np.dtype(_KINDS[accessor.component_type])
        if accessor.buffer_view is None:
            raise Unreadable("numbers that stand nowhere; save the scan again")
        view = _item(self.document.buffer_views, accessor.buffer_view, "buffer view")
        buffer = self._buffer(view.buffer)
        row = width * form.itemsize
        stride = view.byte_stride or row
        end = accessor.byte_offset + (accessor.count - 1) * stride + row if accessor.count else 0
        if end > view.byte_length or view.byte_offset + view.byte_length > len(buffer):
            raise Unreadable("cut short: its numbers end before they should; save the scan again")
        found: NDArray[np.generic] = np.ndarray(
            (accessor.count, width),
            dtype=form,
            buffer=buffer if len(buffer) else b"\0",
            offset=view.byte_offset + accessor.byte_offset if accessor.count else 0,
            strides=(stride, form.itemsize),
        )
        if accessor.normalized and form.kind in "iu":
            return np.maximum(found.astype(np.float64) / np.iinfo(form).max, -1.0)
        return found

    def _buffer(self, number: int) -> memoryview:
        if number in self._buffers:
            return self._buffers[number]
        buffer = _item(self.document.buffers, number, "buffer")
        if buffer.uri is None:
            if self.inside is None or number != 0:
                raise Unreadable(f"buffer {number} has no bytes; save the scan again")
            found = self.inside
        elif buffer.uri.startswith("data:"):
            found = memoryview(_data_of(buffer.uri))
        else:
            name = unquote(buffer.uri)
            found = memoryview(self.beside(name))
            self._files.append(name[:60])
        if len(found) < buffer.byte_length:
            raise Unreadable(
                f"cut short: buffer {number} has {len(found)} bytes of {buffer.byte_length};"
                " save the scan again"
            )
        if sum(len(held) for held in self._buffers.values()) + len(found) > LARGEST_FILE:
            raise Unreadable(f"more than {LARGEST_FILE >> 20} MB of numbers; thin the mesh out")
        self._buffers[number] = found
        return found


def _data_of(uri: str) -> bytes:
    head, comma, body = uri.partition(",")
    if not comma or not head.endswith(";base64"):
        raise Unreadable("its numbers are not in base64; save the scan as GLB")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("its numbers are damaged base64; save the scan again") from None


def _matrix(node: Node) -> Float:
    """Return a node's place (4, 4): its matrix (column by column), or turn, stretch and shift."""
    if node.matrix is not None:
        return np.array(node.matrix, dtype=np.float64).reshape(4, 4).T
    out = np.eye(4)
    out[:3, :3] = _turn(np.array(node.rotation)) * np.array(node.scale)
    out[:3, 3] = node.translation
    return out


def _turn(quaternion: Float) -> Float:
    with np.errstate(all="ignore"):
        x, y, z, w = quaternion / np.linalg.norm(quaternion)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )


def _item(items: list[Item], number: int, what: str) -> Item:
    if number >= len(items):
        raise Unreadable(f"{what} {number} is not in it; save the scan again")
    return items[number]

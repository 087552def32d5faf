"""Parts of a scene as binary glTF 2.0 (GLB): metres, y up, flat facets, names that viewers list.

Written by hand: points, triangles, lines and plain colours are all that is wanted of the form, and
the same scene gives the same bytes.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from yieldopt.geometry.arrays import Float, Int

METRE = 1e-3  # of a mm
# From the scan's z up to glTF's y up: a quarter turn about x, as a quaternion x, y, z, w.
UPRIGHT = (-(0.5**0.5), 0.0, 0.0, 0.5**0.5)
MODES = {"lines": 1, "triangles": 4}
FLOATS, COUNTS = 5126, 5125  # glTF's numbers for float32 and uint32
POINTS, INDICES = 34962, 34963  # what a buffer is used for
MAGIC, JSON_CHUNK, BINARY_CHUNK = 0x46546C67, 0x4E4F534A, 0x004E4942


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Triangles or lines of one colour.

    Parameters
    ----------
    points
        (n, 3) mm.
    indices
        (k, 3) of triangles, outward, or (k, 2) of lines.
    colour
        sRGB and opacity, 0 to 1.
    """

    points: Float
    indices: Int
    colour: tuple[float, float, float, float]
    mode: Literal["triangles", "lines"] = "triangles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something that a viewer lists and can hide: its name, and its shapes."""

    name: str
    shapes: tuple[Shape, ...]


def glb_bytes(parts: Sequence[Part], *, centre: Float, words: str) -> bytes:
    """Return a scene.

    Parameters
    ----------
    centre
        (3,) mm: points are written from there, so that a scan far from its origin keeps its
        digits; the root node puts it back.
    words
        What it is a scene of: the name of the root node.
    """
    book = _Book(centre=centre)
    nodes = [{"name": part.name, "mesh": book.mesh(part)} for part in parts]
    x, y, z = (float(v) * METRE for v in centre)
    root = {
        "name": words,
        "children": list(range(1, len(nodes) + 1)),
        "rotation": list(UPRIGHT),
        # Turned like all else: (x, y, z) becomes (x, z, -y).
        "translation": [x, z, -y],
    }
    head: dict[str, Any] = {
        "asset": {"version": "2.0", "generator": "yieldopt"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [root, *nodes],
        "meshes": book.meshes,
        "materials": book.materials,
        "accessors": book.accessors,
        "bufferViews": book.views,
        "buffers": [{"byteLength": len(book.binary)}],
    }
    text = json.dumps(head, separators=(",", ":"), allow_nan=False).encode("utf-8")
    chunks = _chunk(JSON_CHUNK, text, b" ") + _chunk(BINARY_CHUNK, bytes(book.binary), b"\0")
    return np.array([MAGIC, 2, 12 + len(chunks)], dtype="<u4").tobytes() + chunks


def _chunk(kind: int, content: bytes, filler: bytes) -> bytes:
    content += filler * (-len(content) % 4)
    return np.array([len(content), kind], dtype="<u4").tobytes() + content


class _Book:
    """The tables of a file while it is written."""

    def __init__(self, *, centre: Float) -> None:
        self.centre = centre
        self.binary = bytearray()
        self.meshes: list[dict[str, Any]] = []
        self.materials: list[dict[str, Any]] = []
        self.accessors: list[dict[str, Any]] = []
        self.views: list[dict[str, Any]] = []

    def mesh(self, part: Part) -> int:
        """Take up a part and return the number of its mesh."""
        primitives = [
            {
                "attributes": {"POSITION": self._points(shape.points)},
                "indices": self._indices(shape.indices),
                "material": self._material(shape.colour),
                "mode": MODES[shape.mode],
            }
            for shape in part.shapes
        ]
        self.meshes.append({"name": part.name, "primitives": primitives})
        return len(self.meshes) - 1

    def _points(self, points: Float) -> int:
        rows = ((points - self.centre) * METRE).astype("<f4")
        number = self._accessor(rows.tobytes(), POINTS, len(rows), FLOATS, "VEC3")
        self.accessors[number] |= {
            "min": rows.min(axis=0).astype(float).tolist(),
            "max": rows.max(axis=0).astype(float).tolist(),
        }
        return number

    def _indices(self, indices: Int) -> int:
        flat = np.asarray(indices).ravel().astype("<u4")
        return self._accessor(flat.tobytes(), INDICES, len(flat), COUNTS, "SCALAR")

    def _accessor(self, content: bytes, use: int, count: int, kind: int, shape: str) -> int:
        self.views.append(
            {
                "buffer": 0,
                "byteOffset": len(self.binary),
                "byteLength": len(content),
                "target": use,
            }
        )
        self.binary += content  # rows of 4 bytes: each view begins where glTF wants it
        self.accessors.append(
            {
                "bufferView": len(self.views) - 1,
                "componentType": kind,
                "count": count,
                "type": shape,
            }
        )
        return len(self.accessors) - 1

    def _material(self, colour: tuple[float, float, float, float]) -> int:
        *rgb, opacity = colour
        material: dict[str, Any] = {
            "pbrMetallicRoughness": {
                "baseColorFactor": [*(round(_linear(v), 6) for v in rgb), opacity],
                "metallicFactor": 0.0,
                "roughnessFactor": 0.6,
            },
            "doubleSided": opacity < 1.0,
        }
        if opacity < 1.0:
            material["alphaMode"] = "BLEND"
        if material not in self.materials:
            self.materials.append(material)
        return self.materials.index(material)


def _linear(value: float) -> float:
    """Return a share of light for an sRGB value, as glTF wants colours (IEC 61966-2-1)."""
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

"""A small painter of meshes: no window, no browser, no graphics card.

Every pixel knows the nearest triangle and where in it it lies; the colours are then worked out
for whole pictures at once. Parallel view: x to the right, y up, z towards the viewer.
"""

from dataclasses import dataclass

import numpy as np

from yieldopt.geometry.arrays import Float, Int

CREASE = np.cos(np.radians(35.0))  # a corner bent more than this is drawn as an edge
LIGHTS = (  # direction, strength
    ((-0.45, 0.65, 0.75), 0.50),
    ((0.80, -0.20, 0.55), 0.18),
)
AMBIENT = 0.42
SHINE_WAY = (-0.30, 0.45, 1.0)  # half-way between the viewer and the lamp
EMPTY = -1


@dataclass(frozen=True, slots=True)
class Layer:
    """The nearest triangle at every pixel.

    Parameters
    ----------
    triangle
        (h, w), its number, -1 where there is none.
    normal
        (h, w, 3), unit, towards the viewer.
    """

    triangle: Int
    normal: Float


def corner_normals(vertices: Float, faces: Int) -> Float:
    """Return a unit normal at every corner of every face, (k, 3, 3).

    The mean of the faces about a vertex where the skin is smooth, the face's own at creases.
    """
    a, b, c = vertices[faces].transpose(1, 0, 2)
    area = np.cross(b - a, c - a)
    mean = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(mean, faces[:, k], area)
    flat = _unit(area)[:, None, :]
    smooth = _unit(mean)[faces]
    bent = np.einsum("ijk,ijk->ij", smooth, np.broadcast_to(flat, smooth.shape)) < CREASE
    return np.where(bent[..., None], flat, smooth)


def nearest_layer(triangles: Float, normals: Float, width: int, height: int) -> Layer:
    """Return the layer of the triangles nearest to the viewer.

    Parameters
    ----------
    triangles
        (k, 3, 3), pixels: x to the right, y down, z towards the viewer.
    normals
        (k, 3, 3), at the corners; x to the right, y up, z towards the viewer.

    Notes
    -----
    O(pixels covered), a numpy call a triangle: 20,000 triangles take some 2 s.
    """
    depth = np.full((height, width), -np.inf)
    number = np.full((height, width), EMPTY, dtype=np.int32)
    first, second = np.zeros((height, width)), np.zeros((height, width))
    low = np.floor(triangles[:, :, :2].min(axis=1)).astype(int)
    high = np.ceil(triangles[:, :, :2].max(axis=1)).astype(int)
    low, high = np.maximum(low, 0), np.minimum(high, [width, height])
    a, b, c = triangles.transpose(1, 0, 2)
    det = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
    for i in np.flatnonzero((np.abs(det) > 1e-9) & (low < high).all(axis=1)):
        (x0, y0), (x1, y1) = low[i], high[i]
        x = np.arange(x0, x1) + 0.5 - a[i, 0]
        y = (np.arange(y0, y1) + 0.5 - a[i, 1])[:, None]
        u = (x * (c[i, 1] - a[i, 1]) - y * (c[i, 0] - a[i, 0])) / det[i]
        v = (y * (b[i, 0] - a[i, 0]) - x * (b[i, 1] - a[i, 1])) / det[i]
        z = a[i, 2] + u * (b[i, 2] - a[i, 2]) + v * (c[i, 2] - a[i, 2])
        here = (slice(y0, y1), slice(x0, x1))
        wins = (u >= 0) & (v >= 0) & (u + v <= 1) & (z > depth[here])
        depth[here][wins] = z[wins]
        number[here][wins] = i
        first[here][wins] = u[wins]
        second[here][wins] = v[wins]
    seen = number >= 0
    normal = np.zeros((height, width, 3))
    n, u, v = normals[number[seen]], first[seen][:, None], second[seen][:, None]
    normal[seen] = _unit(n[:, 0] * (1 - u - v) + n[:, 1] * u + n[:, 2] * v)
    normal[normal[..., 2] < 0] *= -1.0
    return Layer(number, normal)


def lit(normal: Float) -> tuple[Float, Float]:
    """Return how light a skin is, and how much it shines, for normals (..., 3)."""
    light = np.full(normal.shape[:-1], AMBIENT)
    for way, strength in LIGHTS:
        light += strength * np.maximum(normal @ _unit(np.array(way)), 0.0)
    shine = np.maximum(normal @ _unit(np.array(SHINE_WAY)), 0.0) ** 40
    return light, shine


def paint_solid(picture: Float, layer: Layer, colour: Float) -> None:
    """Paint an opaque layer over a picture (h, w, 3), 0 to 1, in place."""
    seen = layer.triangle >= 0
    light, shine = lit(layer.normal[seen])
    picture[seen] = np.clip(colour * light[:, None] * 1.15 + 0.30 * shine[:, None], 0.0, 1.0)


def paint_veil(picture: Float, layer: Layer, colour: Float, strength: float) -> None:
    """Paint a see-through layer: clear where seen straight, dense where seen edge-on."""
    seen = layer.triangle >= 0
    normal = layer.normal[seen]
    light, shine = lit(normal)
    rim = (1.0 - normal[:, 2]) ** 2.2
    dense = np.clip(strength * (0.12 + rim) + 0.16 * shine, 0.0, 0.9)[:, None]
    tone = np.clip(colour * (0.55 + 0.5 * light[:, None]) + 0.35 * shine[:, None], 0.0, 1.0)
    picture[seen] = picture[seen] * (1.0 - dense) + tone * dense


def _unit(vectors: Float) -> Float:
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    out: Float = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    return out

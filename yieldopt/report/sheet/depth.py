"""How deep a flaw lies under the skin, and which way out is shortest."""

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere
from yieldopt.rough.rough import Rough

CORNERS = 40  # of a flaw that are asked for: the deepest says little, the nearest all


def depth_under(rough: Rough, flaw: Inclusion) -> tuple[float, Float]:
    """Return how deep a flaw's nearest point lies under the skin, mm, and the way out (3,) unit.

    0 where it comes through. Of a mesh or crack of many corners, the corners alone count.
    """
    points, radius = _points(flaw)
    triangles = rough.triangles()
    best: tuple[float, Float] | None = None
    for point in points:
        nearest = nearest_on(triangles, point)
        away = float(np.linalg.norm(nearest - point))
        if best is None or away < best[0]:
            best = (away, nearest - point)
    assert best is not None  # every flaw has a point
    away, way = best
    return max(away - radius, 0.0), np.asarray(way / max(away, 1e-9))


def _points(flaw: Inclusion) -> tuple[Float, float]:
    match flaw:
        case Sphere():
            return flaw.centre[None], flaw.radius
        case Needle():
            return np.stack([flaw.start, flaw.end]), flaw.radius
        case Crack():
            return flaw.corners[:: -(-len(flaw.corners) // CORNERS)], 0.0
        case Mesh():
            return flaw.vertices[:: -(-len(flaw.vertices) // CORNERS)], 0.0


def nearest_on(triangles: Float, point: Float) -> Float:
    """Return the point of triangles (m, 3, 3) that is nearest to a point (3,), mm. Exact."""
    a, b, c = triangles.transpose(1, 0, 2)
    u, v, w = b - a, c - a, point - a
    uu, uv, vv = (u * u).sum(1), (u * v).sum(1), (v * v).sum(1)
    wu, wv = (w * u).sum(1), (w * v).sum(1)
    det = np.maximum(uu * vv - uv * uv, 1e-300)
    s, t = (vv * wu - uv * wv) / det, (uu * wv - uv * wu) / det
    inside = (s >= 0.0) & (t >= 0.0) & (s + t <= 1.0)
    found = [np.where(inside[:, None], a + s[:, None] * u + t[:, None] * v, np.inf)]
    for start, end in ((a, b), (b, c), (c, a)):
        along = end - start
        share = ((point - start) * along).sum(1) / np.maximum((along * along).sum(1), 1e-300)
        found.append(start + np.clip(share, 0.0, 1.0)[:, None] * along)
    places = np.concatenate(found)
    away = np.linalg.norm(places - point, axis=1)
    return np.asarray(places[int(np.argmin(away))])

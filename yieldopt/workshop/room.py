"""Round a stone: how much rough is there, how large its preform is, where its flaws lie."""

import math
from collections.abc import Sequence

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import Plan, Stone
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere
from yieldopt.workshop.clearance import avoided
from yieldopt.workshop.record import Room

STEEP = math.radians(60.0)  # above a flaw is at the table, below at the culet, between at a tooth
SUM_WEIGHT = 1e3  # how firmly the shares of a mean add up to 1, mm: to a millionth
MOST_MEASURED = 400  # triangles of a flaw: those whose planes leave the least


def preform_sizes(stone: Stone, allowance: float, extra: float) -> dict[str, float]:
    """Return length, width, above and below mid-girdle, and what the centre point wants, mm."""
    corners = stone.design.preform(allowance).vertices
    across = np.ptp(corners[:, :2], axis=0)
    return {
        "length": float(across.max()),
        "width": float(across.min()),
        "above": float(corners[:, 2].max()),
        "below": -float(corners[:, 2].min()),
        "extra": extra,
    }


def way_out(plan: Plan, stone: Stone, direction: Float) -> float:
    """Return how much rough lies beyond the stone along a direction from its centre, mm.

    From the stone's own surface to the outermost skin on that ray, so what has to be taken
    off there. Exact; a ray through an edge of the mesh is nudged by nothing, both triangles
    answer alike.

    Parameters
    ----------
    direction
        Unit vector (3,), gem frame.
    """
    way = stone.pose.rotation @ direction
    a, b, c = plan.rough.triangles().transpose(1, 0, 2)
    e, f = b - a, c - a
    cross = np.cross(way, f)
    det = np.einsum("ij,ij->i", e, cross)
    safe = np.where(np.abs(det) < 1e-300, math.inf, det)
    to = stone.pose.translation - a
    s = np.einsum("ij,ij->i", to, cross) / safe
    turned = np.cross(to, e)
    t = turned @ way / safe
    far = np.einsum("ij,ij->i", f, turned) / safe
    edge = 1e-9  # barycentric; a ray on an edge belongs to both triangles
    hit = np.isfinite(safe) & (s >= -edge) & (t >= -edge) & (s + t <= 1 + edge)
    return float(far[hit].max() - _inside(stone, direction)) if hit.any() else math.nan


def _inside(stone: Stone, direction: Float) -> float:
    """Return how far the stone reaches along a direction from its centre, mm."""
    solid = stone.design.solid
    along = solid.normals @ direction
    leaving = along > 0
    return float((solid.offsets[leaving] / along[leaving]).min())


def rooms(
    plan: Plan, stone: Stone, walls: Sequence[tuple[Float, float]], extra: float
) -> tuple[Room, ...]:
    """Return the room over table and culet and at four quarters of the gear.

    Parameters
    ----------
    walls
        Saw faces round the piece, outward.
    extra
        mm that the centre point wants below the culet.
    """
    limits = plan.limits.on(plan.rough)
    design = stone.design
    ways = [("table", np.array([0.0, 0.0, 1.0])), ("culet", np.array([0.0, 0.0, -1.0]))]
    for quarter in range(4):
        tooth = (design.location + quarter * design.gear / 4) % abs(design.gear)
        turn = 0.5 * np.pi * quarter
        ways.append((tooth_word(tooth, design.gear), np.array([np.sin(turn), np.cos(turn), 0.0])))
    out = []
    for word, way in ways:
        there, needed = way_out(plan, stone, way), limits.skin_margin
        for normal, offset in walls:
            along = float(normal @ stone.pose.rotation @ way)
            if along > 1e-9:
                left = (offset - float(normal @ stone.pose.translation)) / along
                left -= _inside(stone, way)
                if not left >= there:  # nor where no skin was met
                    there, needed = left, limits.allowance
        if word == "culet":
            needed = max(needed, extra)
        out.append(Room(way=word, there=there, needed=needed, margin=there - needed))
    return tuple(out)


def tooth_word(tooth: float, gear: int) -> str:
    """Return a tooth as a machine shows it: 0 is the gear's own number."""
    value = round(tooth, 2) % abs(gear)
    return f"{value or abs(gear):g}"


def clear_of(plan: Plan, stone: Stone) -> tuple[tuple[int, float, str], ...]:
    """Return the flaws a stone keeps clear of: number, distance (mm), tooth where it is nearest."""
    out = []
    for number, flaw in avoided(plan, stone).items():
        distance, way = _gap(stone, flaw)
        out.append((number, distance, _where(stone, way)))
    return tuple(out)


def _gap(stone: Stone, flaw: Inclusion) -> tuple[float, Float]:
    """Return how far a flaw is from a stone, mm, and the nearest place of it (3,), gem frame."""
    pose = stone.pose

    def own(points: Float) -> Float:
        out: Float = (points - pose.translation) @ pose.rotation
        return out

    match flaw:
        case Sphere(centre=centre, radius=radius):
            bodies, thick = [own(centre[None])], radius
        case Needle(start=start, end=end, radius=radius):
            bodies, thick = [own(np.array([start, end]))], radius
        case Crack(corners=corners):
            bodies, thick = [own(corners)], 0.0
        case Mesh(vertices=vertices, faces=faces):
            bodies, thick = list(own(vertices)[faces]), 0.0
    solid = stone.design.solid
    least = [float((body @ solid.normals.T - solid.offsets).min(axis=0).max()) for body in bodies]
    best, place = math.inf, bodies[0][0]
    for i in np.argsort(least, kind="stable")[:MOST_MEASURED]:
        if least[i] >= best:
            break
        distance, there = _apart(solid.vertices, bodies[i])
        if distance < best:
            best, place = distance, there
    return max(best - thick, 0.0), place


def _apart(stone: Float, other: Float) -> tuple[float, Float]:
    """Return how far two convex hulls are apart, mm, and the place (3,) of the other one.

    Shares of the corners of both, none below 0, whose means are nearest: least squares.
    """
    from scipy.optimize import nnls

    n, m = len(stone), len(other)
    middle = stone.mean(axis=0)
    rows = np.zeros((5, n + m))
    rows[:3, :n], rows[:3, n:] = (stone - middle).T, -(other - middle).T
    rows[3, :n] = rows[4, n:] = SUM_WEIGHT
    shares, _ = nnls(rows, np.array([0.0, 0.0, 0.0, SUM_WEIGHT, SUM_WEIGHT]))
    one = shares[:n] @ stone / max(shares[:n].sum(), 1e-12)
    two = shares[n:] @ other / max(shares[n:].sum(), 1e-12)
    return float(np.linalg.norm(one - two)), two


def _where(stone: Stone, place: Float) -> str:
    """Return table, culet, or the tooth nearest to a place (3,), gem frame."""
    design = stone.design
    middle = 0.5 * (design.solid.vertices.min(axis=0) + design.solid.vertices.max(axis=0))
    x, y, z = place - middle
    slope = math.atan2(z, math.hypot(x, y))
    if abs(slope) > STEEP:
        return "table" if slope > 0.0 else "culet"
    tooth = design.location + math.atan2(x, y) / (2.0 * math.pi) * design.gear
    return tooth_word(round(tooth) % abs(design.gear), design.gear)

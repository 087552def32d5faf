"""Whether a stone lies inside the rough and keeps its margins."""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from yieldopt.plan.judge_hazards import Intrusion, needle_inside, triangles_inside, winding
from yieldopt.plan.judge_rough import Skin
from yieldopt.plan.judge_stone import Body
from yieldopt.plan.schema import (
    CrackForm,
    InclusionForm,
    LimitsForm,
    NeedleForm,
    OtherInclusionForm,
    SawForm,
    SphereForm,
    StoneForm,
)
from yieldopt.plan.verdict import Violation

Float = NDArray[np.float64]

# A closed mesh goes round a point a whole number of times; a million angles add up to 1e-9.
WINDING_ROUNDING = 1e-3
# mm: two stones may overlap by this much before it counts; the linear program is feasible to 1e-7.
OVERLAP_SLACK = 1e-6
# mm: planes fitted through corners that lie on them to 3e-7 of a stone's size.
HULL_SLACK = 1e-5
# A saw plane is judged as a square this many times the stone: no mitred tip reaches past it.
SAW_REACH = 100.0


def judge_skin(part: str, body: Body, skin: Skin, limits: LimitsForm) -> Iterator[Violation]:
    """Judge that a stone lies inside the rough and keeps its margin to the skin."""
    turns = winding(body.middle, skin.vertices, skin.faces)
    if abs(turns - 1.0) > WINDING_ROUNDING:
        where = "outside it or in a cavity" if turns < 0.5 else "where it overlaps itself"
        yield Violation(
            part=part,
            subject="skin",
            message=f"the middle of the stone is not inside the rough, but {where}"
            f" (winding {round(turns, 3) + 0.0:g} instead of 1)",
        )
    margin = limits.skin_mm + limits.allowance_mm
    found = triangles_inside(skin.vertices, skin.faces, body.normals, body.offsets + margin)
    if found is not None:
        yield _too_near(part, "skin", found, margin)


def judge_centre_point(
    part: str, stone: StoneForm, body: Body, skin: Skin, limits: LimitsForm
) -> Iterator[Violation]:
    """Judge that the rough holds the point under the culet that the pavilion is cut to.

    What must fit is the convex hull of the stone and that point; only the stone needs the
    allowance too.
    """
    if not limits.centre_point or not stone.extra_depth_mm:
        return
    from scipy.spatial import ConvexHull

    up = np.array(stone.pose.rotation)[:, 2]
    level = (body.vertices @ up).min()
    axis = np.array(stone.pose.translation_mm)
    tip = axis + (level - stone.extra_depth_mm - axis @ up) * up
    planes = ConvexHull(np.vstack([body.vertices, tip])).equations
    margin = limits.skin_mm
    found = triangles_inside(skin.vertices, skin.faces, planes[:, :3], margin - planes[:, 3])
    if found is not None and found.depth > HULL_SLACK:
        yield _too_near(part, "centre point", found, margin)


def judge_inclusions(
    part: str,
    body: Body,
    inclusions: list[InclusionForm],
    meshes: Mapping[int, Skin],
    limits: LimitsForm,
) -> Iterator[Violation]:
    """Judge that a stone keeps its margin to every inclusion that is to be avoided.

    Flaws that may stay inside at a price are judged with a stone's worth (`plan.judge_value`).
    `meshes` are those of inclusions that name a file, by number from 1; what could not be read has
    been told already.
    """
    margin = limits.inclusion_margin_mm
    for number, inclusion in enumerate(inclusions, start=1):
        if inclusion.severity == "grade":
            continue
        name = inclusion.name or f"inclusion {number} ({inclusion.kind})"
        mesh = meshes.get(number)
        if isinstance(inclusion, OtherInclusionForm):
            yield Violation(part=part, subject=name, message="of a kind that cannot be judged here")
        if mesh is not None and (turns := turns_round(body, mesh)):
            message = f"the middle of the stone lies in it (winding {turns})"
            yield Violation(part=part, subject=name, message=message)
        found = flaw_inside(inclusion, body, margin, mesh)
        if found is not None:
            yield _too_near(part, name, found, margin)


def flaw_inside(
    inclusion: InclusionForm, body: Body, margin: float, mesh: Skin | None
) -> Intrusion | None:
    """Return how far a flaw pokes into a stone and its margin (mm), or None; a mesh by its skin."""
    offsets = body.offsets + margin
    if isinstance(inclusion, SphereForm):
        centre = np.array(inclusion.centre_mm)
        return needle_inside(centre, centre, inclusion.radius_mm, body.normals, offsets)
    if isinstance(inclusion, NeedleForm):
        start, end = np.array(inclusion.from_mm), np.array(inclusion.to_mm)
        return needle_inside(start, end, inclusion.radius_mm, body.normals, offsets)
    if isinstance(inclusion, CrackForm):
        corners = np.array(inclusion.polygon_mm)
        fan = np.array([[0, i, i + 1] for i in range(1, len(corners) - 1)])
        return triangles_inside(corners, fan, body.normals, offsets)
    if mesh is None:
        return None
    return triangles_inside(mesh.vertices, mesh.faces, body.normals, offsets)


def turns_round(body: Body, mesh: Skin) -> int:
    """Return how often a closed mesh goes round a stone's middle: within it, 1 or -1, not 0.

    A stone that lies wholly within a flaw meets none of its triangles.
    """
    return round(winding(body.middle, mesh.vertices, mesh.faces))


def judge_saw_plane(
    part: str, body: Body, cut: SawForm, above: bool, limits: LimitsForm
) -> Iterator[Violation]:
    """Judge that a stone stands on its side of a saw cut and keeps its margin to the plane."""
    name = f"saw step {cut.step}"
    length = float(np.linalg.norm(cut.normal)) or 1.0
    normal, offset = np.array(cut.normal) / length, cut.offset_mm / length
    height = float(normal @ body.middle) - offset
    if (height > 0.0) != above:
        side = "above" if above else "below"
        yield Violation(part=part, subject=name, message=f"the stone is not {side} the plane")
    margin = 0.5 * cut.kerf_mm + limits.allowance_mm
    reach = SAW_REACH * (float(np.ptp(body.vertices, axis=0).max()) + margin)
    foot = body.middle - height * normal
    u, v = np.linalg.svd(normal[None, :])[2][1:]  # two directions in the plane
    square = foot + reach * np.array([-u - v, u - v, u + v, v - u])
    found = triangles_inside(
        square, np.array([[0, 1, 2], [0, 2, 3]]), body.normals, body.offsets + margin
    )
    if found is not None:
        yield _too_near(part, name, found, margin)


def overlap(one: Body, other: Body) -> float:
    """Return how far all planes of two stones must move in to part them, mm; 0 if apart."""
    from scipy.optimize import linprog

    normals = np.vstack([one.normals, other.normals])
    offsets = np.concatenate([one.offsets, other.offsets]) - normals @ one.middle
    answer = linprog(
        np.array([0.0, 0.0, 0.0, -1.0]),
        A_ub=np.column_stack([normals, np.ones(len(normals))]),
        b_ub=offsets,
        bounds=[(None, None)] * 4,
    )
    if answer.x is None:  # no limit to it: planes are missing
        return np.inf
    depth = float(answer.x[3])
    return depth if depth > OVERLAP_SLACK else 0.0


def _too_near(part: str, subject: str, found: Intrusion, margin: float) -> Violation:
    x, y, z = found.place
    return Violation(
        part=part,
        subject=subject,
        message=f"pokes {found.depth:.3g} mm into the stone and its margin of {margin:g} mm,"
        f" near ({x:.3f}, {y:.3f}, {z:.3f}) mm",
        depth=found.depth,
    )

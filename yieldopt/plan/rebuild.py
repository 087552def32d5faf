"""From a plan file back to the record: its stones, its saw cuts, its rough and its flaws."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from yieldopt.cuts.design import Design, Tier
from yieldopt.cuts.family import FamilyCut, family, family_names
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.geometry.pose import Pose
from yieldopt.plan.judge_rough import read_flaw, read_skin
from yieldopt.plan.record import SawCut, Stone
from yieldopt.plan.schema import (
    CrackForm,
    MeshForm,
    NeedleForm,
    PlanFile,
    RoughForm,
    SphereForm,
    StoneForm,
)
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere
from yieldopt.rough.rough import Rough
from yieldopt.units import MM_PER_UNIT

# Of a normal, and mm: how near the planes of a stone that is made again are to those of the file.
# Turning them by a pose and back loses 1e-14 of a coordinate.
SAME = 1e-9
# Of a width, up and down: the file's width is the extent of corners, which are off by a few.
NEIGHBOURS = 64


def stones_of(plan: PlanFile, *, of: str) -> dict[str, Stone]:
    """Return a plan's stones by their ids; `of` names the plan where one cannot be made."""
    return {form.id: stone_of_form(form, of=of) for form in plan.stones}


def stone_of_form(form: StoneForm, *, of: str = "the plan") -> Stone:
    """Return a stone of a plan file: a family's by its proportions, any other by its planes.

    Its planes are those of the file to `SAME`. What it is worth is not taken over.

    Raises
    ------
    InputError
        If they are not: the file was written by another version, or by hand.
    """
    rotation = np.array(form.pose.rotation, dtype=np.float64)
    try:
        pose = Pose(rotation=rotation, translation=np.array(form.pose.translation_mm))
    except ValueError as error:
        raise InputError(f"{of}: stone {form.id}: pose.{error}") from None
    wanted = np.array(form.planes, dtype=np.float64)
    design = _of_family(form, pose, wanted)
    if design is None or _apart(design, pose, wanted) > SAME:
        try:
            design, order = _of_planes(form, pose)
        except (ValueError, IndexError) as error:
            raise InputError(f"{of}: stone {form.id} cannot be made again: {error}") from None
        wanted = wanted[order]
    apart = _apart(design, pose, wanted)
    if apart > SAME:
        raise InputError(
            f"{of}: stone {form.id} cannot be made again: its planes come out {apart:.1g} mm off"
        )
    corners = np.array(form.vertices_mm, dtype=np.float64)
    return Stone(id=form.id, design=_numbered_as(design, pose, corners), pose=pose)


def saw_of(plan: PlanFile) -> tuple[SawCut, ...]:
    """Return a plan file's saw cuts."""
    return tuple(
        SawCut(
            step=cut.step,
            piece=cut.piece,
            normal=np.array(cut.normal, dtype=np.float64),
            offset=cut.offset_mm,
            kerf=cut.kerf_mm,
            above=cut.above,
            below=cut.below,
        )
        for cut in plan.saw
    )


def rough_of(form: RoughForm, path: Path) -> Rough:
    """Return the mended rough that lies beside a plan file.

    Raises
    ------
    InputError
        If it is not there, cannot be read, or is not the one that the plan was made for.
    """
    skin, faults = read_skin(form, path.parent)
    if skin is None or faults:
        raise InputError(f"{path}: rough: {faults[0].message}; put the plan's own mesh back there")
    factor = form.to_mm / form.fit_factor  # of the scan's unit
    return Rough(
        name=Path(form.file).stem,
        vertices=skin.vertices,
        faces=skin.faces.astype(np.int32),
        file=form.file,
        sha256=form.sha256,
        unit=min(MM_PER_UNIT, key=lambda unit: abs(math.log(factor / MM_PER_UNIT[unit]))),
        notes=tuple(form.notes),
        fit_factor=form.fit_factor,
        from_callipers=form.from_callipers,
    )


def flaws_of(plan: PlanFile, path: Path) -> tuple[Inclusion, ...]:
    """Return a plan file's flaws and forbidden regions.

    Raises
    ------
    InputError
        If one is of a kind that is not known here, or its mesh is not there.
    """
    out: list[Inclusion] = []
    for number, form in enumerate(plan.inclusions, start=1):
        name, severity = form.name or "", form.severity
        match form:
            case SphereForm():
                centre = np.array(form.centre_mm)
                out.append(
                    Sphere(centre=centre, radius=form.radius_mm, severity=severity, name=name)
                )
            case NeedleForm():
                out.append(
                    Needle(
                        start=np.array(form.from_mm),
                        end=np.array(form.to_mm),
                        radius=form.radius_mm,
                        severity=severity,
                        name=name,
                    )
                )
            case CrackForm():
                corners = np.array(form.polygon_mm)
                out.append(Crack(corners=corners, severity=severity, name=name))
            case MeshForm():
                skin, faults = read_flaw(form, number, path.parent)
                if skin is None or faults:
                    raise InputError(f"{path}: inclusion {number}: {faults[0].message}")
                faces = skin.faces.astype(np.int32)
                out.append(Mesh(vertices=skin.vertices, faces=faces, severity=severity, name=name))
            case _:
                raise InputError(f"{path}: inclusion {number}: {form.kind!r} is not known here")
    return tuple(out)


def _of_family(form: StoneForm, pose: Pose, wanted: Float) -> Design | None:
    """Return a stone's design by its family and proportions; None where it has none."""
    if form.cut not in family_names() or not form.facets:
        return None
    try:
        cut = family(
            form.cut,
            ranges="native",
            refractive_index=form.refractive_index,
            gear=form.facets[0].gear,
            windows=True,
        )
    except InputError:
        return None
    if {p.name for p in cut.proportions} != set(form.proportions):
        return None
    theta = np.array([form.proportions[p.name] for p in cut.proportions])
    try:
        about = form.width_mm / cut.design(theta, 1.0).width
        widths = [*_just_so_wide(cut, theta, about, pose, wanted), about]
        designs = [cut.design(theta, width) for width in widths]
    except ValueError:
        return None
    design = next((d for d in designs if _sizes(d) == _told_sizes(form)), designs[0])
    return replace(design, remarks=tuple(form.remarks), heading=tuple(form.heading))


def _just_so_wide(
    cut: FamilyCut, theta: Float, about: float, pose: Pose, wanted: Float
) -> list[float]:
    """Return the widths near one that give the file's planes (m, 4) to the last bit.

    Then all that follows is the same too: which of two corners that are alike a tier is cut to.
    """
    normals, offsets = (rows[0] for rows in cut.planes(theta[None]))
    if len(normals) != len(wanted):
        return []
    near = [about]
    for way in (0.0, math.inf):
        width = about
        for _ in range(NEIGHBOURS):
            width = math.nextafter(width, way)
            near.append(width)
    return [
        width
        for width in near
        if np.array_equal(np.column_stack(pose.planes(normals, offsets * width)), wanted)
    ]


def _sizes(design: Design) -> tuple[float, ...]:
    return design.length, design.width, design.depth, design.volume


def _told_sizes(form: StoneForm) -> tuple[float, ...]:
    return form.length_mm, form.width_mm, form.depth_mm, form.volume_mm3


def _of_planes(form: StoneForm, pose: Pose) -> tuple[Design, list[int]]:
    """Return a stone's design by its planes and its facet list, and the planes in its order.

    Tiers stand as they stood in the design, which the numbers of their planes tell: the order of
    cutting follows from that.
    """
    rows = np.array(form.planes, dtype=np.float64)
    facets = sorted(form.facets, key=lambda row: min(row.planes, default=-1))
    order = [j for row in facets for j in row.planes]
    if sorted(order) != list(range(len(rows))):
        raise ValueError("its facet list does not name each plane once")
    first = facets[0]
    if any((row.gear, row.location) != (first.gear, first.location) for row in facets):
        raise ValueError("its facets are of several gears")
    tiers = tuple(
        Tier(
            name=row.tier,
            side=row.side,
            angle=math.radians(row.angle_deg),
            index=tuple(float(tooth) for tooth in row.index),
            note=row.note,
        )
        for row in facets
    )
    normals, offsets = _in_gem_frame(rows[order], pose)
    notch = np.empty((0, 4))
    if form.notch:
        notch = np.column_stack(_in_gem_frame(np.array(form.notch, dtype=np.float64), pose))
    design = Design(
        name=form.cut,
        gear=first.gear,
        location=first.location,
        refractive_index=form.refractive_index or 1.0,
        tiers=tiers,
        solid=polytope_from_planes(normals, offsets),
        proportions=dict(form.proportions),
        heading=tuple(form.heading),
        remarks=tuple(form.remarks),
        notch=notch,
    )
    return design, order


def _numbered_as(design: Design, pose: Pose, corners: Float) -> Design:
    """Return a design with its corners in the order of those (v, 3) of a file, if they are those.

    Corners are numbered as they are met, and rounding decides which of two alike is met first.
    """
    solid = design.solid
    made = pose.apply(solid.vertices)
    if made.shape != corners.shape or np.abs(made - corners).max() <= SAME:
        return design
    apart = np.linalg.norm(made[:, None] - corners[None], axis=2)
    place = apart.argmin(axis=1)  # new number of each corner
    if len(set(place.tolist())) != len(place):
        return design
    loops = tuple(tuple(int(place[v]) for v in loop) for loop in solid.loops)
    vertices = solid.vertices[np.argsort(place)]
    return replace(design, solid=replace(solid, vertices=vertices, loops=loops))


def _in_gem_frame(rows: Float, pose: Pose) -> tuple[Float, Float]:
    """Return half-spaces (m, 4) of the mesh's frame in the gem's: (m, 3), (m,)."""
    return rows[:, :3] @ pose.rotation, rows[:, 3] - rows[:, :3] @ pose.translation


def _apart(design: Design, pose: Pose, wanted: Float) -> float:
    """Return how far a design's planes at a pose are from rows (m, 4); infinite for others."""
    solid = design.solid
    kept = [j for j, loop in enumerate(solid.loops) if loop]
    if len(kept) != len(wanted):
        return math.inf
    normals, offsets = pose.planes(solid.normals[kept], solid.offsets[kept])
    return float(np.abs(np.column_stack([normals, offsets]) - wanted).max())

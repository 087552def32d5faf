"""From the plan record to its files: `plan.json` and the mended rough beside it."""

import hashlib
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from yieldopt.cuts.design import Design
from yieldopt.errors import InputError
from yieldopt.plan.facets import facet_forms, prescription_of, temporary_forms
from yieldopt.plan.given import (
    flaw_bytes,
    flaw_name,
    inclusion_form,
    ply_bytes,
    point,
    weight_check_form,
    zone_bytes,
    zone_form,
    zone_name,
)
from yieldopt.plan.record import Limits, OrientationRule, Plan, Stone
from yieldopt.plan.saw_write import dust_ct, piece_forms, saw_forms, saw_limits
from yieldopt.plan.schema import (
    FORMAT,
    BoundForm,
    LimitsForm,
    OrientationForm,
    PlanFile,
    PoseForm,
    RoughForm,
    SearchForm,
    StoneForm,
    TotalsForm,
    WastageForm,
)
from yieldopt.plan.worth_write import choice_forms, prices_form, rule_cost_forms, worth_form
from yieldopt.rough.colour_zones import ZoneMesh
from yieldopt.rough.inclusions import Mesh
from yieldopt.rough.rough import Rough
from yieldopt.units import MM_PER_UNIT, weight_ct

PLAN_NAME = "plan.json"
MESH_NAME = "rough.ply"
# Share of the width: length and width of a round differ by rounding only; then x is the length.
ROUND_SLACK = 1e-9
# Share of the rough: an off-cut this little below nothing is rounding.
SHARE_ROUNDING = 1e-12


def write_plan(plan: Plan, folder: Path) -> Path:
    """Write `plan.json` and its meshes into a folder and return the path of the plan.

    The meshes are `rough.ply`, and `inclusion_2.ply` where the second inclusion is a mesh,
    `colour_zone_1.ply` where the first zone is one.

    The same plan gives the same bytes: keys in the schema's order, numbers as `repr` writes
    them (they read back exactly), UTF-8, a newline at the end.

    Raises
    ------
    InputError
        If the weighed weight is less than what the plan takes out.
    """
    document = plan_document(plan, mesh=MESH_NAME)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MESH_NAME).write_bytes(mesh_bytes(plan.rough))
    for number, flaw in enumerate(plan.inclusions, start=1):
        if isinstance(flaw, Mesh):
            (folder / flaw_name(number)).write_bytes(flaw_bytes(flaw))
    for number, zone in enumerate(plan.colour_zones, start=1):
        if isinstance(zone, ZoneMesh):
            (folder / zone_name(number)).write_bytes(zone_bytes(zone))
    path = folder / PLAN_NAME
    path.write_text(plan_text(document), encoding="utf-8", newline="\n")
    return path


def plan_document(plan: Plan, *, mesh: str = MESH_NAME) -> PlanFile:
    """Return a plan in its file's form; `mesh` names the rough beside it.

    Raises
    ------
    InputError
        If the weighed weight is less than what the plan takes out.
    """
    rough = plan.rough
    weight = plan.weight_ct
    return PlanFile(
        format=FORMAT,
        rough=RoughForm(
            file=rough.file,
            sha256=rough.sha256,
            to_mm=MM_PER_UNIT[rough.unit] * rough.fit_factor,
            volume_mm3=rough.volume,
            weight_ct=plan.rough_weight_ct,
            weighed_ct=plan.weighed_ct,
            species=plan.species,
            specific_gravity=plan.specific_gravity,
            mesh=mesh,
            mesh_sha256=hashlib.sha256(mesh_bytes(rough)).hexdigest(),
            notes=list(rough.notes),
            axes={name: point(axis) for name, axis in plan.axes.items()},
            fit_factor=rough.fit_factor,
            weight_check=weight_check_form(plan.weight_check) if plan.weight_check else None,
            from_callipers=rough.from_callipers,
        ),
        limits=limits_form(plan.limits),
        inclusions=[inclusion_form(flaw, number) for number, flaw in enumerate(plan.inclusions, 1)],
        stones=[stone_form(plan, stone) for stone in plan.stones],
        saw=saw_forms(plan),
        pieces=piece_forms(plan),
        orientation=orientation_forms(plan.orientation),
        totals=_totals(plan, weight),
        bound=BoundForm(
            weight_ct=plan.bound.weight_ct,
            gap=plan.bound.weight_ct / weight - 1.0,
            covers=plan.bound.covers,
            value=plan.bound.value,
        ),
        search=SearchForm(
            seed=plan.search.seed,
            effort=plan.search.effort,
            evaluations=plan.search.evaluations,
            seconds=plan.search.seconds,
            complete=plan.search.complete,
            version=plan.search.version,
            threads=plan.search.threads,
        ),
        alternatives=[stone_form(plan, stone, with_steps=False) for stone in plan.alternatives],
        colour_zones=[zone_form(zone, number) for number, zone in enumerate(plan.colour_zones, 1)],
        objective=_objective(plan),
        prices=prices_form(plan.prices) if plan.prices is not None else None,
        costs_of_rules=rule_cost_forms(plan),
        choices=choice_forms(plan),
    )


def limits_form(limits: Limits) -> LimitsForm:
    """Return limits in the file's form."""
    return LimitsForm(
        kerf_mm=limits.kerf,
        allowance_mm=limits.allowance,
        skin_mm=limits.skin,
        inclusion_margin_mm=limits.inclusion_margin,
        min_width_mm=limits.min_width,
        max_stones=limits.max_stones,
        centre_point=limits.centre_point,
        coating_mm=limits.coating,
        scan_error_mm=limits.scan_error + limits.surface_error,
        **saw_limits(limits),
    )


def orientation_forms(rules: Iterable[OrientationRule]) -> list[OrientationForm]:
    """Return rules on facets in the file's form."""
    return [
        OrientationForm(
            name=rule.name,
            axis=point(rule.axis),
            low_deg=math.degrees(rule.low),
            high_deg=min(90.0, math.degrees(rule.high)),
            share=rule.share,
            facets=rule.facets,
        )
        for rule in rules
    ]


def _objective(plan: Plan) -> Literal["weight", "value"] | None:
    """Return what the plan was made for; not said where nothing is priced."""
    if plan.prices is None:
        return None
    return "value" if plan.objective == "value" else "weight"


def stone_form(plan: Plan, stone: Stone, *, with_steps: bool = True) -> StoneForm:
    """Return a stone in the file's form, in the frame of the mesh; `with_steps`: how it is cut.

    Half-spaces that the finished stone does not touch (a temporary facet of an imported design)
    are left out, and their teeth with them.
    """
    design, solid = stone.design, stone.design.solid
    kept = _facet_planes(design)
    normals, offsets = stone.pose.planes(solid.normals[kept], solid.offsets[kept])
    notch = stone.pose.planes(design.notch[:, :3], design.notch[:, 3])
    steps = prescription_of(design) if with_steps else None
    return StoneForm(
        id=stone.id,
        cut=design.name,
        length_mm=design.length,
        width_mm=design.width,
        depth_mm=design.depth,
        table_pct=table_pct(design),
        volume_mm3=design.volume,
        weight_ct=plan.stone_weight_ct(stone),
        value=stone.value,
        pose=PoseForm(
            rotation=(
                point(stone.pose.rotation[0]),
                point(stone.pose.rotation[1]),
                point(stone.pose.rotation[2]),
            ),
            translation_mm=point(stone.pose.translation),
        ),
        planes=[(*point(n), float(d)) for n, d in zip(normals, offsets, strict=True)],
        vertices_mm=[point(corner) for corner in stone.pose.apply(solid.vertices)],
        facets=facet_forms(design, kept, steps),
        temporary=temporary_forms(steps) if steps else [],
        extra_depth_mm=steps.extra_depth if steps else None,
        proportions={name: float(ratio) for name, ratio in design.proportions.items()},
        refractive_index=design.refractive_index,
        heading=list(design.heading),
        remarks=list(design.remarks),
        notch=[(*point(n), float(d)) for n, d in zip(*notch, strict=True)],
        worth=worth_form(stone.worth) if stone.worth is not None else None,
    )


def table_pct(design: Design) -> float:
    """Return the table's extent across the width, per cent of the width; 0 without a table."""
    corners = [
        corner
        for tier, planes in design.facet_rows()
        if tier.side == "table"
        for j in planes
        for corner in design.solid.loops[j]
    ]
    if not corners:
        return 0.0
    extent = np.ptp(design.solid.vertices[:, :2], axis=0)
    across = 0 if extent[0] < extent[1] * (1.0 - ROUND_SLACK) else 1
    return float(100.0 * np.ptp(design.solid.vertices[corners, across]) / extent[across])


def _facet_planes(design: Design) -> list[int]:
    """Return the numbers of the half-spaces that carry a facet."""
    return [j for j, loop in enumerate(design.solid.loops) if loop]


def _totals(plan: Plan, weight: float) -> TotalsForm:
    """Return the sums; shares are of the weighed weight, else of the scan's.

    Stones, preforms and dust weigh what their volumes say; what the scale says beyond them is
    off-cut. So a difference between scale and scan shows in the off-cut, where it will show on
    the bench, and the shares add up to 1 in any case.
    """
    whole = plan.weighed_ct if plan.weighed_ct is not None else plan.rough_weight_ct
    preforms = sum(s.design.preform(plan.limits.allowance).volume for s in plan.stones)
    preforms_ct = weight_ct(preforms, plan.specific_gravity)
    share = weight / whole
    # Without an allowance the two differ by rounding, either way.
    allowance = max(0.0, preforms_ct - weight) / whole
    saw = sum(dust_ct(plan)) / whole
    offcut = 1.0 - share - allowance - saw
    if offcut < -SHARE_ROUNDING:
        raise InputError(
            f"rough.weighed_ct: the rough is said to weigh {whole:g} ct, less than the"
            f" {preforms_ct + saw * whole:.4g} ct of the preforms planned in it"
            f"{' and the saw dust' if plan.saw else ''}; check the scale, the scan's unit and the"
            " species"
        )
    return TotalsForm(
        weight_ct=weight,
        yield_=share,
        value=plan.value,
        currency=plan.currency,
        wastage=WastageForm(saw=saw, allowance=allowance, offcut=max(offcut, 0.0)),
    )


def mesh_bytes(rough: Rough) -> bytes:
    """Return the rough as binary PLY: mm, float64, so that every corner reads back exactly."""
    return ply_bytes(rough.vertices, rough.faces, "mended rough of a cutting plan, mm")


def plan_text(document: PlanFile) -> str:
    """Return the text of a plan file: rows of numbers on a line of their own."""
    return _text(document.model_dump(mode="json", by_alias=True), "") + "\n"


def _text(node: Any, indent: str) -> str:
    deeper = indent + "  "
    if isinstance(node, dict) and node:
        rows = [f"{deeper}{json.dumps(k)}: {_text(v, deeper)}" for k, v in node.items()]
        return "{\n" + ",\n".join(rows) + f"\n{indent}}}"
    if isinstance(node, list) and any(isinstance(item, (list, dict)) for item in node):
        return "[\n" + ",\n".join(deeper + _text(item, deeper) for item in node) + f"\n{indent}]"
    return json.dumps(node, ensure_ascii=False, allow_nan=False)

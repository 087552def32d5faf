"""From a plan file and the meshes beside it back to the whole record.

What the file tells is taken over: figures that follow from others (weights, shares, gaps, depths)
are made again when the record is written, and come out as they were, to rounding.
"""

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np

from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.pose import Pose
from yieldopt.plan.judge_rough import read_zone
from yieldopt.plan.judge_saw import follow_saw
from yieldopt.plan.rebuild import SAME, flaws_of, rough_of, saw_of, stone_of_form
from yieldopt.plan.record import (
    Bound,
    Limits,
    OrientationRule,
    Plan,
    SawTool,
    SearchRecord,
    Stone,
)
from yieldopt.plan.schema import (
    HalfSpaceZoneForm,
    LimitsForm,
    OrientationForm,
    PlanFile,
    RoughForm,
    StoneForm,
    WeightCheckForm,
    WorthForm,
)
from yieldopt.plan.schema import read_plan as read_form
from yieldopt.plan.worth import Choice, MoneyLine, PricesRecord, RuleCost, Worth
from yieldopt.plan.worth_forms import PricesForm
from yieldopt.rough.colour_zones import ColourZone, HalfSpace, ZoneMesh
from yieldopt.rough.weight import WeightCheck
from yieldopt.units import CT_PER_MM3

# Of a stone's length: corners made again from planes lie so near those of the file. Where facets
# nearly meet, corners nearer than a tenth of it are one, and rounding may decide which.
SAME_CORNER = 1e-6
HINT = "\x00"  # stands for a hint in the words of a weight check: no hint has it


def read_plan(path: Path) -> Plan:
    """Return the plan that a plan file and its meshes tell.

    `plan_document` of it is the file's own document: to the last digit for the cuts of families,
    to rounding (1e-9 mm) for imported designs and for files of an earlier version. What a file
    does not keep is lost: footnotes of imported designs, factors of priced rules, which part of
    the scan's error the surface told.

    Parameters
    ----------
    path
        Of the plan file; its meshes lie beside it.

    Raises
    ------
    InputError
        If the file is missing or is no plan; if a mesh is missing or another one; if a stone's
        planes, corners and pose do not belong together; if saw cuts are no tree: one line.
    """
    form = read_form(path)
    try:
        return _plan_of(form, path)
    except ValueError as error:  # what a record refuses
        raise InputError(f"{path}: {error}") from None


def _plan_of(form: PlanFile, path: Path) -> Plan:
    # First what needs no mesh: a broken file is told before a missing one.
    stones = tuple(_stone(stone, path) for stone in form.stones)
    others = tuple(_stone(stone, path) for stone in form.alternatives)
    _, faults = follow_saw(form)
    if faults:
        raise InputError(f"{path}: {faults[0]}")
    rough, prices = form.rough, form.prices
    return Plan(
        rough=rough_of(rough, path),
        species=rough.species,
        specific_gravity=rough.specific_gravity,
        limits=limits_of(form.limits, n_stones=len(form.stones)),
        stones=stones,
        bound=Bound(
            weight_ct=form.bound.weight_ct, covers=form.bound.covers, value=form.bound.value
        ),
        search=SearchRecord(**form.search.model_dump()),
        saw=saw_of(form),
        inclusions=flaws_of(form, path),
        weighed_ct=rough.weighed_ct,
        currency=form.totals.currency,
        alternatives=others,
        orientation=rules_of(form.orientation),
        axes={name: np.array(axis) for name, axis in rough.axes.items()},
        colour_zones=zones_of(form, path),
        weight_check=_weight_check(rough.weight_check, rough) if rough.weight_check else None,
        objective=form.objective or "weight",
        prices=_prices(prices) if prices is not None else None,
        costs_of_rules=tuple(
            RuleCost(
                rule=cost.rule,
                how=cost.how,
                obeyed=cost.obeyed,
                weight_ct=cost.weight_ct,
                value=cost.value,
            )
            for cost in form.costs_of_rules
        ),
        choices=tuple(
            Choice(name=choice.name, stone=choice.stone, flags=tuple(choice.flags))
            for choice in form.choices
        ),
    )


def _stone(form: StoneForm, path: Path) -> Stone:
    """Return a stone of the file at a path, worth and all."""
    stone = stone_of_form(form, of=str(path))
    named = sorted(j for row in form.facets for j in row.planes)
    if named != list(range(len(form.planes))):
        raise InputError(
            f"{path}: stone {form.id}: its facets do not name each of its planes once; take the"
            " file as it was written"
        )
    off = max(
        _corners_apart(stone.pose.apply(stone.design.solid.vertices), np.array(form.vertices_mm)),
        _masts_apart(form, stone.pose),
    )
    if off > SAME_CORNER * form.length_mm:
        raise InputError(
            f"{path}: stone {form.id}: planes, vertices_mm, pose and facets do not belong together"
            f" ({off:.3g} mm apart); plan it again, or take the file as it was written"
        )
    worth = _worth(form.worth) if form.worth is not None else None
    return replace(stone, value=form.value, worth=worth)


def _corners_apart(some: Float, others: Float) -> float:
    """Return how far a corner is from the nearest of the others at most, mm."""
    if some.shape == others.shape:
        off = float(np.linalg.norm(some - others, axis=1).max())
        if off <= SAME:  # in the same order, as they nearly always are
            return off
    apart = np.linalg.norm(some[:, None] - others[None], axis=2)
    return max(float(apart.min(axis=1).max()), float(apart.min(axis=0).max()))


def _masts_apart(form: StoneForm, pose: Pose) -> float:
    """Return how far planes stand from where the facet list says that they do, at most, mm."""
    rows = np.array(form.planes)
    offsets = np.maximum(rows[:, 3] - rows[:, :3] @ pose.translation, 0.0)
    masts = {j: row.mast_mm for row in form.facets for j in row.planes if row.mast_mm is not None}
    return max((abs(float(offsets[j]) - mast) for j, mast in masts.items()), default=0.0)


def limits_of(form: LimitsForm, *, n_stones: int = 1) -> Limits:
    """Return a plan file's limits; where it allows any number of stones, as many as it has."""
    return Limits(
        kerf=form.kerf_mm,
        allowance=form.allowance_mm,
        skin=form.skin_mm,
        inclusion_margin=form.inclusion_margin_mm,
        min_width=form.min_width_mm,
        max_stones=form.max_stones if form.max_stones is not None else n_stones,
        centre_point=form.centre_point,
        coating=form.coating_mm,
        scan_error=form.scan_error_mm,
        min_piece=form.min_piece_mm or 0.0,
        saw_off_cleavage=radians_of(form.saw_off_cleavage_deg or 0.0),
        tools=tuple(
            SawTool(
                name=tool.name,
                kerf=tool.kerf_mm,
                largest=math.inf if tool.largest_mm is None else tool.largest_mm,
            )
            for tool in form.tools
        ),
    )


def rules_of(forms: Iterable[OrientationForm]) -> tuple[OrientationRule, ...]:
    """Return a plan file's rules on facets."""
    return tuple(
        OrientationRule(
            name=rule.name,
            axis=np.array(rule.axis),
            low=radians_of(rule.low_deg),
            high=radians_of(rule.high_deg),
            share=rule.share,
            facets=rule.facets,
        )
        for rule in forms
    )


def radians_of(degrees: float) -> float:
    """Return an angle that is written as just these degrees, where there is one."""
    angle = math.radians(degrees)
    for near in (angle, math.nextafter(angle, -math.inf), math.nextafter(angle, math.inf)):
        if math.degrees(near) == degrees:
            return near
    return angle


def zones_of(form: PlanFile, path: Path) -> tuple[ColourZone, ...]:
    """Return a plan file's colour zones.

    Raises
    ------
    InputError
        If a zone's mesh is not there, cannot be read, or is another one.
    """
    out: list[ColourZone] = []
    for number, zone in enumerate(form.colour_zones, start=1):
        if isinstance(zone, HalfSpaceZoneForm):
            normal = np.array(zone.normal)
            out.append(
                HalfSpace(name=zone.name, wanted=zone.wanted, normal=normal, offset=zone.offset_mm)
            )
            continue
        skin, faults = read_zone(zone, number, path.parent)
        if skin is None or faults:
            raise InputError(
                f"{path}: colour zone {number}: {faults[0].message}; put the plan's own mesh back"
                " there"
            )
        faces = skin.faces.astype(np.int32)
        out.append(
            ZoneMesh(name=zone.name, wanted=zone.wanted, vertices=skin.vertices, faces=faces)
        )
    return tuple(out)


def _weight_check(form: WeightCheckForm, rough: RoughForm) -> WeightCheck:
    """Return what the scales said: the hint is what of the words is not made of the figures."""
    per_gravity = form.volume_mm3 * CT_PER_MM3
    check = WeightCheck(
        volume=form.volume_mm3,
        specific_gravity=rough.specific_gravity,
        specific_gravity_range=(form.low_ct / per_gravity, form.high_ct / per_gravity),
        weighed_ct=rough.weighed_ct or form.weight_ct / (1.0 + form.difference),
    )
    if form.words == check.words():
        return check
    before, _, after = replace(check, hint=HINT).words().partition(HINT)
    if not (form.words.startswith(before) and form.words.endswith(after)):
        return check
    return replace(check, hint=form.words[len(before) : len(form.words) - len(after)])


def _worth(form: WorthForm) -> Worth:
    return Worth(
        lines=tuple(
            MoneyLine(name=line.name, amount=line.amount, detail=line.detail) for line in form.lines
        ),
        price_per_ct=form.price_per_ct,
        row=form.row,
        clarity=form.clarity,
        clarity_type=form.clarity_type,
        kept=tuple(form.kept),
        kept_words=tuple(form.kept_words),
        size=form.size,
        order=form.order,
        colour_direction=form.colour_direction,
        colour_zone=form.colour_zone,
        on_cleavage=tuple(form.on_cleavage),
    )


def _prices(form: PricesForm) -> PricesRecord:
    told = form.model_dump()
    return PricesRecord(**(told | {"open_cracks": tuple(form.open_cracks)}))

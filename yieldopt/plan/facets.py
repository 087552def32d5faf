"""The facet list of a plan file: tiers in cutting order, and what fixes each of them."""

import math
from collections.abc import Sequence

from yieldopt.cuts.design import Design
from yieldopt.cuts.prescription import FacetRef, Prescription, Step
from yieldopt.cuts.sequence import prescribe
from yieldopt.plan.schema import FacetForm, FixForm, MetForm, TemporaryForm

# Degrees: angles are kept in radians; this rounds away what the way there and back adds (1e-14).
ANGLE_DECIMALS = 10
REMEMBERED = 24  # designs: twelve stones as planned and as printed
# By identity; the design is held, so that its id is nobody else's.
_ASKED: dict[int, tuple[Design, Prescription | None]] = {}


def prescription_of(design: Design) -> Prescription | None:
    """Return how a design is cut, or None where it is no list of facets to cut by (a dome).

    The last designs asked about are remembered: file, sheet and its pictures ask of the same one,
    and working it out takes some 0.3 s.
    """
    known = _ASKED.get(id(design))
    if known is None:
        try:
            found = prescribe(design)
        except ValueError:
            found = None
        while len(_ASKED) >= REMEMBERED:
            _ASKED.pop(next(iter(_ASKED)), None)
        known = _ASKED[id(design)] = (design, found)
    return known[1]


def facet_forms(
    design: Design, kept: Sequence[int], prescription: Prescription | None
) -> list[FacetForm]:
    """Return the tiers in cutting order, or as the design lists them where that is not known.

    Parameters
    ----------
    kept
        Numbers of the half-spaces that carry a facet: the rows of the file's `planes`.
    """
    if prescription is None:
        return _as_listed(design, kept)
    return _in_cutting_order(design, kept, prescription)


def _as_listed(design: Design, kept: Sequence[int]) -> list[FacetForm]:
    """Return the tiers as the design lists them."""
    number = {j: i for i, j in enumerate(kept)}
    facets = []
    for tier, planes in design.facet_rows():
        there = [(tooth, j) for tooth, j in zip(tier.index, planes, strict=True) if j in number]
        if there:
            facets.append(
                FacetForm(
                    tier=tier.name,
                    side=tier.side,
                    angle_deg=_degrees(tier.angle),
                    index=_teeth([tooth for tooth, _ in there]),
                    gear=design.gear,
                    location=float(design.location),
                    planes=[number[j] for _, j in there],
                    note=tier.note,
                )
            )
    return facets


def _in_cutting_order(
    design: Design, kept: Sequence[int], prescription: Prescription
) -> list[FacetForm]:
    """Return the tiers in cutting order, each with what fixes it."""
    number = {j: i for i, j in enumerate(kept)}
    # Only families have a girdle among their proportions. Their notes are ours, and what fixes
    # their tiers says the same better.
    is_ours = "girdle" in design.proportions
    notes = {
        j: "" if is_ours else tier.note for tier, planes in design.facet_rows() for j in planes
    }
    return [
        FacetForm(
            tier=step.code,
            side=step.side,
            angle_deg=_degrees(step.angle),
            index=_teeth(step.index),
            gear=design.gear,
            location=float(design.location),
            planes=[number[j] for j in step.facets],
            note=notes[step.facets[0]],
            fixed_by=_fix(prescription, step),
            depth_mm=step.depth,
            depth_from=None if step.depth is None else step.depth_from,
            mast_mm=max(float(design.solid.offsets[step.facets[0]]), 0.0),
        )
        for step in prescription.steps
        if not step.temporary
    ]


def temporary_forms(prescription: Prescription) -> list[TemporaryForm]:
    """Return the tiers of the preform, in the file's form."""
    return [
        TemporaryForm(
            tier=step.code,
            angle_deg=_degrees(step.angle),
            index=_teeth(step.index),
            gear=prescription.gear,
            location=float(prescription.location),
            fixed_by=_fix(prescription, step),
            depth_mm=step.depth,
        )
        for step in prescription.steps
        if step.temporary
    ]


def _fix(prescription: Prescription, step: Step) -> FixForm:
    def met(refs: Sequence[FacetRef]) -> list[MetForm]:
        steps = prescription.steps
        return [MetForm(tier=steps[ref.step].code, tooth=float(ref.tooth)) for ref in refs]

    return FixForm(
        kind=step.fix.kind,
        tooth=float(step.first),
        meet=met(step.fix.meet),
        edge=met(step.fix.edge),
        value_mm=step.fix.value,
        words=step.words,
    )


def _degrees(angle: float) -> float:
    return round(math.degrees(angle), ANGLE_DECIMALS)


def _teeth(index: Sequence[float]) -> list[int | float]:
    return [int(tooth) if float(tooth).is_integer() else float(tooth) for tooth in index]

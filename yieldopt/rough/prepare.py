"""From a rough as read to the rough as planned: weighed, rescaled if asked, its margins told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from yieldopt.rough.coating import margin_notes
from yieldopt.rough.colour_zones import ColourZone, check_zones, scaled_zone
from yieldopt.rough.inclusions import Inclusion, scaled_flaw
from yieldopt.rough.rough import Rough
from yieldopt.rough.weight import WeightCheck, fitted_to_weight, weight_check


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedRough:
    """A rough with what is told of its inside, all at one scale.

    `check` is what the scales said of the scan as read; None where it was not weighed. `stays` says
    what becomes of each stone of an earlier plan, a line each.
    """

    rough: Rough
    inclusions: tuple[Inclusion, ...]
    colour_zones: tuple[ColourZone, ...]
    check: WeightCheck | None
    stays: tuple[str, ...] = ()


def prepare_rough(
    rough: Rough,
    *,
    specific_gravity: float,
    specific_gravity_range: tuple[float, float] | None = None,
    weighed_ct: float | None = None,
    fit_weight: bool = False,
    coating: float = 0.0,
    scan_error: float = 0.0,
    inclusions: Sequence[Inclusion] = (),
    colour_zones: Sequence[ColourZone] = (),
) -> PreparedRough:
    """Compare a rough with the scales, rescale it where that is asked for, and note all of it.

    What is told of its inside is told in the scan's frame, and is rescaled with it.

    Parameters
    ----------
    specific_gravity, specific_gravity_range
        Usual; least and greatest of the species.
    weighed_ct, fit_weight
        What the scales say; whether the rough is made to weigh it.
    coating, scan_error
        mm, as the job says them.

    Raises
    ------
    InputError
        If the weights are too far apart to rescale, the coating leaves nothing, or a colour zone
        lies outside.
    """
    check = None
    if weighed_ct is not None:
        check = weight_check(
            rough,
            specific_gravity=specific_gravity,
            specific_gravity_range=specific_gravity_range,
            weighed_ct=weighed_ct,
            coating=coating,
        )
        if fit_weight:
            rough = fitted_to_weight(rough, check, coating=coating)
            inclusions = [scaled_flaw(flaw, rough.fit_factor) for flaw in inclusions]
            colour_zones = [scaled_zone(zone, rough.fit_factor) for zone in colour_zones]
        else:
            rough = replace(rough, notes=(*rough.notes, check.words()))
    check_zones(rough, colour_zones)
    errors = margin_notes(rough, coating=coating, scan_error=scan_error + rough.surface_error)
    notes = (*rough.notes, *errors)
    if colour_zones:
        names = ", ".join(zone.name for zone in colour_zones)
        notes += (f"colour zones ({names}) are kept in the plan; they do not steer this version",)
    return PreparedRough(
        rough=replace(rough, notes=notes),
        inclusions=tuple(inclusions),
        colour_zones=tuple(colour_zones),
        check=check,
    )

"""From a job's words on orientation to rules on facets, and the cuts that can obey them."""

from collections.abc import Callable
from math import degrees, pi, radians
from typing import TYPE_CHECKING

from yieldopt.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from yieldopt.cuts.cut import Cut
    from yieldopt.cuts.species import Species
    from yieldopt.geometry.arrays import Float
    from yieldopt.plan.record import OrientationRule
    from yieldopt_cli.job import Job, Orientation

Say = Callable[[str], None]
# Degrees of the table's normal to a closed c: across it, by no more than what no eye would miss.
ACROSS_DEG = (75.0, 90.0)


def rules_of(
    axes: "Mapping[str, Float]", species: "Species", job: "Job", say: Say
) -> "tuple[tuple[OrientationRule, ...], tuple[OrientationRule, ...]]":
    """Return the rules on facets by axes, species and job: those that hold, and the priced.

    `say` hears of a rule that the species knows and the job leaves off.

    Raises
    ------
    InputError
        If a rule lacks the axis it is about, or an angle is none.
    """
    from yieldopt.plan.orientation import cleavage_rules, doubling_rule, ends_rule, table_rule

    asked = job.orientation
    rules: dict[str, tuple[OrientationRule, ...]] = {"hard": (), "priced": (), "off": ()}
    off = None if asked.cleavage_deg is None else radians(asked.cleavage_deg)
    rules[asked.cleavage] += cleavage_rules(axes, species, off=off, share=asked.cleavage_share)
    if asked.c_axis == "closed":
        steep = None if asked.ends_deg is None else radians(asked.ends_deg)
        rules[asked.ends] += (ends_rule(axes, species, steep=steep, factor=asked.ends_factor),)
    axis, between = _table(asked)
    if axis is not None:
        rules[asked.table] += (table_rule(axes, axis, *between),)
    if asked.doubling != "off":
        low, high = asked.doubling_deg or (0.0, 0.0)
        told = (radians(low), radians(high)) if asked.doubling_deg else None
        own = doubling_rule(axes, species, between=told, factor=asked.doubling_factor)
        rules[asked.doubling] += (own,)
    elif species.doubling_reach is not None and {"optic", species.optic_axis} & set(axes):
        say(
            f"{species.name} doubles facets (birefringence {species.birefringence:g}) that are seen"
            f" through a table more than {degrees(species.doubling_reach):.0f} degrees off an optic"
            " axis; orientation.doubling = hard or priced minds it"
        )
    return rules["hard"], rules["priced"]


def _table(asked: "Orientation") -> tuple[str | None, tuple[float, float]]:
    """Return the axis of the table's rule and its angles, rad: what the job says before all."""
    if asked.table_axis is not None and asked.table_deg is not None:
        return asked.table_axis, (radians(asked.table_deg[0]), radians(asked.table_deg[1]))
    low, high = ACROSS_DEG
    return ("c" if asked.c_axis == "closed" else None), (radians(low), radians(high))


def able_cuts(
    cuts: "tuple[Cut, ...]", hard: "tuple[OrientationRule, ...]", say: Say
) -> "tuple[Cut, ...]":
    """Return the cuts whose form lets them obey the rules that hold; `say` hears of the others.

    Raises
    ------
    InputError
        If there is none.
    """
    ends = next((rule for rule in hard if rule.facets == "ends"), None)
    if ends is None:
        return cuts
    from yieldopt.search.orientation import can_obey

    steep = f"a pavilion with ends of {degrees(pi / 2 - ends.high):.0f} degrees or more"
    able = tuple(cut for cut in cuts if can_obey((ends,), cut))
    if not able:
        raise InputError(
            f"orientation.c_axis: closed wants {steep}, and no cut of cuts.use has one; name"
            ' emerald_steep or a design file that has (cuts.use = "mine.asc"), or say'
            ' orientation.ends = "priced" or "off"'
        )
    if len(able) < len(cuts):
        say(f"closed c-axis: {len(cuts) - len(able)} of {len(cuts)} cuts are left without {steep}")
    return able

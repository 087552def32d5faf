"""From what is known of a crystal to rules on its facets.

Axes are unit vectors in the scan's frame. Names that begin with "cleavage" are normals of
cleavage planes; a basal cleavage ((001), (0001)) has the c-axis for its normal, so knowing c is
knowing it. Whether a rule is hard or priced is the job's word; one with a factor of its own is
made with it.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from yieldopt.cuts.species import Species
from yieldopt.errors import InputError
from yieldopt.geometry.arrays import Float
from yieldopt.plan.record import OrientationRule

CLEAVAGE = "cleavage"
BASAL = ("001", "0001")
TABLE_ALONE = 2.0  # a share of the surface that no facet has
LEAST_END = 0.005  # share of the surface: a smaller facet darkens nothing
# rad: of the pavilion's ends where the species says nothing. The trade's figures for tourmaline of
# a dark c are 60 to 70 degrees and more (Easy Emerald: 72, 68, 64).
STEEP = np.radians(60.0)


def unit_axes(axes: Mapping[str, Sequence[float]]) -> dict[str, Float]:
    """Return the axes as unit vectors (3,).

    Raises
    ------
    InputError
        If one is not three numbers, or no direction.
    """
    out = {}
    for name, numbers in axes.items():
        vector = np.array(numbers, dtype=np.float64)
        if vector.shape != (3,):
            raise InputError(f"rough.axes.{name}: three numbers are wanted, not {len(numbers)}")
        size = float(np.linalg.norm(vector))
        if size == 0.0:
            raise InputError(f"rough.axes.{name}: is no direction; give a vector other than 0")
        out[name] = vector / size
    return out


def cleavage_rules(
    axes: Mapping[str, Float], species: Species, *, off: float | None, share: float
) -> tuple[OrientationRule, ...]:
    """Return the rules that keep large facets off the cleavages that are known.

    Parameters
    ----------
    axes
        Unit vectors by name.
    off
        Least angle between a facet and a cleavage plane, rad; None takes the species'.
    share
        Of the surface: facets at least this large obey.
    """
    least = species.cleavage_off if off is None else off
    if least <= 0.0:
        return ()
    known = {name: axis for name, axis in axes.items() if name.startswith(CLEAVAGE)}
    basal = [plane.hkl for plane in species.cleavages if plane.hkl in BASAL]
    if "c" in axes and basal:
        known[f"{CLEAVAGE} {basal[0]}"] = axes["c"]
    return tuple(
        OrientationRule(name=name, axis=axis, low=least, high=np.pi / 2, share=share)
        for name, axis in known.items()
    )


def table_rule(axes: Mapping[str, Float], name: str, low: float, high: float) -> OrientationRule:
    """Return the rule that the table's normal stands low..high (rad) from an axis.

    Raises
    ------
    InputError
        If there is no such axis, or no such angle.
    """
    if name not in axes:
        there = ", ".join(axes) or "none are given"
        raise InputError(f"orientation.table_axis: no axis {name!r} in rough.axes ({there})")
    if not 0.0 <= low <= high <= np.pi / 2 + 1e-12:
        raise InputError("orientation.table_deg: two angles of 0 to 90 are wanted, low then high")
    return OrientationRule(
        name=f"table to {name}", axis=axes[name], low=low, high=high, share=TABLE_ALONE
    )


def ends_rule(
    axes: Mapping[str, Float], species: Species, *, steep: float | None, factor: float | None
) -> OrientationRule:
    """Return the rule of a closed c-axis: it lies along the stone, and the ends are steep.

    Light that runs along a dark c comes out black, and ends of some 45 degrees send it that way.
    An end that stands at X degrees to the girdle faces c to within 90 - X where c is the length:
    that is what the rule says, so c may lie off the length by what ends are steeper.

    Parameters
    ----------
    steep
        Least angle of the ends, rad; None takes the species', or `STEEP`.
    factor
        Where the rule is priced.

    Raises
    ------
    InputError
        If there is no c-axis.
    """
    if species.optic.startswith("I"):
        raise InputError(f"orientation.c_axis: {species.name} has no c-axis; take it out")
    if "c" not in axes:
        raise InputError(
            "orientation.c_axis: closed needs to know where c is: give rough.axes.c (yieldopt scan"
            " --faces --species proposes it)"
        )
    least = steep or species.closed_c_ends or STEEP
    return OrientationRule(
        name="steep ends to c",
        axis=axes["c"],
        low=0.0,
        high=np.pi / 2 - least,
        share=LEAST_END,
        facets="ends",
        factor=factor,
    )


def doubling_rule(
    axes: Mapping[str, Float],
    species: Species,
    *,
    between: tuple[float, float] | None,
    factor: float | None,
) -> OrientationRule:
    """Return the rule that the table looks along an optic axis, where nothing is doubled.

    Parameters
    ----------
    between
        Least and greatest angle of the table's normal to the axis, rad; None: the species' reach.
    factor
        Where the rule is priced.

    Raises
    ------
    InputError
        If the axis is not known, the species doubles nothing that shows, or an angle is none.
    """
    reach = species.doubling_reach
    if between is None and reach is None:
        raise InputError(
            f"orientation.doubling: facets of {species.name} are not doubled so that it shows"
            f" (birefringence {species.birefringence:g}); say orientation.doubling_deg, or take it"
            " out"
        )
    name = "optic" if "optic" in axes else species.optic_axis
    if name not in axes:
        also = " or optic" if name == "c" else ", one of its two optic axes"
        raise InputError(f"orientation.doubling: needs rough.axes.{name}{also}; give it")
    low, high = between or (0.0, reach or 0.0)
    if not 0.0 <= low <= high <= np.pi / 2 + 1e-12:
        raise InputError(
            "orientation.doubling_deg: two angles of 0 to 90 are wanted, low then high"
        )
    return OrientationRule(
        name=f"table to {name} (doubling)",
        axis=axes[name],
        low=low,
        high=high,
        share=0.0,
        facets="table",
        factor=factor,
    )

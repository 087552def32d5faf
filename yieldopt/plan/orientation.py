"""From what is known of a crystal to rules on its facets.

Axes are unit vectors in the scan's frame. Names that begin with "cleavage" are normals of
cleavage planes; a basal cleavage ((001), (0001)) has the c-axis for its normal, so knowing c is
knowing it. Rules are hard here; what they cost in money is for a later price book.
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

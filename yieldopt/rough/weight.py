"""Scan against scales: whether volume times specific gravity is the weight, and made to be so."""

from dataclasses import dataclass, replace
from typing import Literal

from yieldopt.errors import InputError
from yieldopt.rough.coating import bare_volume
from yieldopt.rough.rough import Rough
from yieldopt.units import MM_PER_UNIT, volume_of_weight, weight_ct

Grade = Literal["green", "amber", "red"]

# Shares by which scan and scales may differ: 0.1 mm too much all round a stone of 12 mm is 5 %.
GREEN = 0.05
AMBER = 0.15
# Factors of length that a scan is rescaled by: 0.34 to 2.7 times the weight. Beyond, the unit,
# the species or the stone is another one.
LEAST_FIT, MOST_FIT = 0.7, 1.4
UNIT_FITS = 0.1  # share of the length, within which another unit explains the weight
WORTH_WORDS = 0.005  # share of the weight: what a species explains beyond it is said
NEWTON = 60  # steps; it gains digits fourfold and is done in six


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightCheck:
    """What a volume weighs, and what the scales say.

    Parameters
    ----------
    volume
        mm3, without coating.
    specific_gravity, specific_gravity_range
        Usual; least and greatest of the species.
    weighed_ct
        What the scales say.
    hint
        What else to look at where they do not agree, or nothing.
    """

    volume: float
    specific_gravity: float
    specific_gravity_range: tuple[float, float]
    weighed_ct: float
    hint: str = ""

    @property
    def weight_ct(self) -> float:
        """By the volume and the usual specific gravity."""
        return weight_ct(self.volume, self.specific_gravity)

    @property
    def range_ct(self) -> tuple[float, float]:
        """By the volume and the least and the greatest specific gravity."""
        low, high = self.specific_gravity_range
        return weight_ct(self.volume, low), weight_ct(self.volume, high)

    @property
    def excess(self) -> float:
        """The volume's weight over the weighed, less 1."""
        return self.weight_ct / self.weighed_ct - 1.0

    @property
    def beyond(self) -> float:
        """What of the excess no specific gravity of the species explains."""
        low, high = (weight / self.weighed_ct - 1.0 for weight in self.range_ct)
        return low if low > 0.0 else high if high < 0.0 else 0.0

    @property
    def grade(self) -> Grade:
        """Green to 5 %, amber to 15 %, red beyond: of what the species does not explain."""
        off = abs(self.beyond)
        return "green" if off <= GREEN else "amber" if off <= AMBER else "red"

    def words(self) -> str:
        """Return the verdict in words, without a full stop."""
        seen = f"{self.weighed_ct:.2f} ct weighed, {self.weight_ct:.2f} ct by volume"
        off = f"{100.0 * abs(self.excess):.1f} % {'above' if self.excess > 0 else 'below'}"
        spread = "a specific gravity of {:g} to {:g} explains".format(*self.specific_gravity_range)
        if self.grade == "green":
            why = f", which {spread}" if abs(self.excess) > GREEN else ""
            return f"{seen}: green ({off}{why}), they agree"
        part = ""
        if abs(self.excess - self.beyond) > WORTH_WORDS:
            part = f", {100.0 * abs(self.beyond):.1f} % beyond what {spread}"
        todo = "check the scan, its coating and the species"
        if self.grade == "red":
            todo = "check the unit, the species and the scan"
        return f"{seen}: {self.grade} ({off} the scales{part}; {self.hint or todo})"


def weight_check(
    rough: Rough,
    *,
    specific_gravity: float,
    specific_gravity_range: tuple[float, float] | None,
    weighed_ct: float,
    coating: float = 0.0,
) -> WeightCheck:
    """Return how a rough's volume, less its coating (mm), compares with the scales."""
    volume = bare_volume(rough, coating)
    factor = (volume_of_weight(weighed_ct, specific_gravity) / volume) ** (1.0 / 3.0)
    return WeightCheck(
        volume=volume,
        specific_gravity=specific_gravity,
        specific_gravity_range=specific_gravity_range or (specific_gravity, specific_gravity),
        weighed_ct=weighed_ct,
        hint=_unit_hint(rough, factor),
    )


def fitted_to_weight(rough: Rough, check: WeightCheck, *, coating: float = 0.0) -> Rough:
    """Return a rough rescaled about the scan's origin so that it weighs what the scales say.

    At the usual specific gravity; the coating (mm) stays as thick as it is.

    Raises
    ------
    InputError
        If the factor is no error of a scan (`LEAST_FIT` to `MOST_FIT`).
    """
    wanted = volume_of_weight(check.weighed_ct, check.specific_gravity)
    factor = _factor(rough.volume, rough.area * coating, wanted)
    if not LEAST_FIT <= factor <= MOST_FIT:
        todo = check.hint or "check the unit, the species, the scales and the scan"
        raise InputError(
            f"rough.fit_weight: to weigh {check.weighed_ct:g} ct the {_what(rough)} would have to"
            f" be scaled by {factor:.3g}, where {LEAST_FIT:g} to {MOST_FIT:g} is possible; {todo}"
        )
    note = (
        f"{_what(rough)} scaled by {factor:.4f} in every direction to weigh {check.weighed_ct:g} ct"
        f" at a specific gravity of {check.specific_gravity:g}; before: {check.words()}"
    )
    if factor > 1.0:
        note += f"; stones may now lie where the {_what(rough)} as told had none"
    return replace(
        rough,
        vertices=rough.vertices * factor,
        surface_error=rough.surface_error * factor,
        fit_factor=rough.fit_factor * factor,
        notes=(*rough.notes, note),
    )


def _factor(volume: float, coat: float, wanted: float) -> float:
    """Return s > 0 with `volume s^3 - coat s^2 = wanted`: there is one, and Newton falls to it.

    From the right of the root the left side is convex and rising. That start: put
    s = t + coat / volume with volume t^3 = wanted.
    """
    s = float((wanted / volume) ** (1.0 / 3.0) + coat / volume)
    for _ in range(NEWTON):
        step = (s * s * (volume * s - coat) - wanted) / (s * (3.0 * volume * s - 2.0 * coat))
        s -= step
        if abs(step) <= 1e-15 * s:
            break
    return s


def _unit_hint(rough: Rough, factor: float) -> str:
    """Return which unit would explain a factor of length, if one does; a shape has mm alone."""
    if rough.from_callipers:
        return "check the sizes, the scales and the species"
    for unit, size in MM_PER_UNIT.items():
        share = size / MM_PER_UNIT[rough.unit] / factor
        if unit != rough.unit and abs(share - 1.0) <= UNIT_FITS:
            return f"--unit {unit} would make them agree"
    return ""


def _what(rough: Rough) -> str:
    return "shape" if rough.from_callipers else "scan"

"""What a scan holds, in numbers and in lines: size, what was mended, the scales' verdict."""

from dataclasses import dataclass
from typing import Any

from yieldopt.errors import InputError
from yieldopt.rough.coating import bare_volume
from yieldopt.rough.rough import Rough
from yieldopt.rough.weight import WeightCheck, weight_check
from yieldopt.units import CT_PER_MM3, weight_ct


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanSummary:
    """A rough in figures, for people and for programs.

    Parameters
    ----------
    rough
        What was read.
    species, specific_gravity, specific_gravity_range
        What it is made of, where that is said; least and greatest of that species.
    weighed_ct
        What the scales say, where it was weighed.
    coating
        Powder or spray on the scanned stone, mm; it has no weight.
    """

    rough: Rough
    species: str | None = None
    specific_gravity: float | None = None
    specific_gravity_range: tuple[float, float] | None = None
    weighed_ct: float | None = None
    coating: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a weight that no stone has."""
        if self.weighed_ct is not None and not 0.0 < self.weighed_ct < float("inf"):
            raise InputError(
                f"--weighed-ct: {self.weighed_ct:g} is no weight; say the carats on the scales"
            )

    @property
    def weight_ct(self) -> float | None:
        """Carats of the volume without its coating; None where the species is not said."""
        if self.specific_gravity is None:
            return None
        return weight_ct(bare_volume(self.rough, self.coating), self.specific_gravity)

    @property
    def check(self) -> WeightCheck | None:
        """Scan against scales; None where species or scales are not known."""
        if self.specific_gravity is None or self.weighed_ct is None:
            return None
        return weight_check(
            self.rough,
            specific_gravity=self.specific_gravity,
            specific_gravity_range=self.specific_gravity_range,
            weighed_ct=self.weighed_ct,
            coating=self.coating,
        )

    @property
    def specific_gravity_weighed(self) -> float | None:
        """g/cm3 that scales and scan give together; None where it was not weighed."""
        if self.weighed_ct is None:
            return None
        return self.weighed_ct / (bare_volume(self.rough, self.coating) * CT_PER_MM3)

    def as_json(self) -> dict[str, Any]:
        """Return the figures under their names; None for what is not known."""
        rough, check = self.rough, self.check
        return {
            "file": rough.file,
            "sha256": rough.sha256,
            "unit": rough.unit,
            "vertices": len(rough.vertices),
            "triangles": len(rough.faces),
            "extents_mm": [float(side) for side in rough.extents],
            "area_mm2": rough.area,
            "volume_mm3": rough.volume,
            "notes": list(rough.notes),
            "species": self.species,
            "specific_gravity": self.specific_gravity,
            "weight_ct": self.weight_ct,
            "weighed_ct": self.weighed_ct,
            "excess_of_scan": check.excess if check else None,
            "excess_not_explained": check.beyond if check else None,
            "weight_check": check.grade if check else None,
            "weight_check_words": check.words() if check else None,
            "specific_gravity_weighed": self.specific_gravity_weighed,
        }

    def lines(self) -> list[str]:
        """Return the figures as a table of two columns, a line each."""
        rough = self.rough
        rows = [
            ("file", rough.file),
            ("unit", rough.unit),
            ("triangles", f"{len(rough.faces)} on {len(rough.vertices)} vertices, closed"),
            ("extents", " x ".join(f"{side:.2f}" for side in rough.extents) + " mm"),
            ("volume", f"{rough.volume:.2f} mm3"),
        ]
        if self.coating > 0.0:
            bare = bare_volume(rough, self.coating)
            rows.append(("coating", f"{self.coating:g} mm; {bare:.2f} mm3 without it"))
        if self.weight_ct is not None:
            of = f"{self.species or 'the species'}, specific gravity {self.specific_gravity:g}"
            rows.append(("weight", f"{self.weight_ct:.2f} ct ({of})"))
        rows += self._scales_rows()
        rows += [("notes" if i == 0 else "", note) for i, note in enumerate(rough.notes)]
        return [f"{label:<10}{text}".rstrip() for label, text in rows]

    def _scales_rows(self) -> list[tuple[str, str]]:
        if self.weighed_ct is None:
            return []
        together = self.specific_gravity_weighed
        gravity = f"scan and scales together give a specific gravity of {together:.2f}"
        check = self.check
        if check is None:
            return [("weighed", f"{self.weighed_ct:.2f} ct: {gravity}")]
        rows = [("weighed", check.words())]
        return rows if check.grade == "green" else [*rows, ("", gravity)]

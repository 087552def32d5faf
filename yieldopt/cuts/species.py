"""What a cutter knows of a species: density, light, cleavage, colour, care.

The facts stand in `species.csv`. Its `source` column: M is the mineral database of
gemmology-dev (YAML, MIT licence), G the faceting pages of gemsociety.org, other words name the
page a rule is from; m marks what was put down from memory and should be checked before much
hangs on it. Refractive indices cover all rays. The recommended pavilion angle is the rule of
the International Gem Society (42 degrees, 43 below an index of 1.6, 41 about 2), never below
the floor.
"""

import csv
import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from yieldopt.errors import InputError

ABOVE_CRITICAL = math.radians(2.0)  # what a main keeps above the critical angle, else it windows
# Birefringence from which on facets seen through the table are doubled so that it shows. Cutters'
# guides warn of peridot (0.036), zircon (0.059) and sphene (0.120), and neither of chrome diopside
# (0.027) nor of tourmaline (0.019).
DOUBLES = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleavage:
    """A plane that a crystal parts along: Miller indices and how easily."""

    hkl: str
    quality: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Species:
    """A gem material.

    Parameters
    ----------
    name
        The word for it on the command line.
    crystal_system
        cubic, hexagonal ...
    specific_gravity, specific_gravity_range
        Usual; lowest and highest.
    refractive_index, birefringence, dispersion, optic
        Lowest and highest of all rays; optic character with its sign (B+, U-, I).
    mohs
        Hardness, as it is written ("6.5-7").
    cleavages, cleavage_off
        Planes, and the least angle that a facet keeps from them, rad.
    closed_c_ends
        Least angle of the pavilion's ends where the c-axis is dark and lies along the stone, rad;
        0 where no such rule is known.
    pleochroism, table_rule, handling, clarity_type
        In the trade's words.
    recommended_pavilion
        Usual angle of the mains, rad.
    source
        Where the facts are from, see the module.
    """

    name: str
    crystal_system: str
    specific_gravity: float
    specific_gravity_range: tuple[float, float]
    refractive_index: tuple[float, float]
    birefringence: float
    dispersion: float
    optic: str
    mohs: str
    cleavages: tuple[Cleavage, ...]
    cleavage_off: float
    closed_c_ends: float
    pleochroism: str
    table_rule: str
    handling: str
    clarity_type: str
    recommended_pavilion: float
    source: str

    @property
    def critical_angle(self) -> float:
        """Of the lowest index, rad: the safe side."""
        return critical_angle(self.refractive_index[0])

    @property
    def pavilion_floor(self) -> float:
        """Least angle of the mains, rad: below it the stone may window."""
        return pavilion_floor(self.refractive_index[0])

    @property
    def doubling_reach(self) -> float | None:
        """How far from an optic axis the table's normal may stand, rad; None where it may anyhow.

        The two images of a facet part by the angle between the rays, which goes with the
        birefringence and with sin(2 x) at x from the optic axis: within the reach they part no
        more than at the worst place of a stone of `DOUBLES`. (So they do near 90 degrees, which
        is left to the user.) Exact for one optic axis, near enough beside each of two.
        """
        if self.birefringence <= DOUBLES or self.optic.startswith("I"):
            return None
        return 0.5 * math.asin(DOUBLES / self.birefringence)

    @property
    def optic_axis(self) -> str:
        """The name of the axis along which nothing is doubled: c where there is one, else optic."""
        return "c" if self.optic.startswith("U") else "optic"


def critical_angle(refractive_index: float) -> float:
    """Return the angle of incidence from which all light is reflected, rad.

    >>> round(math.degrees(critical_angle(1.544)), 2)
    40.37
    """
    return math.asin(1.0 / refractive_index)


def pavilion_floor(refractive_index: float) -> float:
    """Return the least angle of a pavilion's mains, rad: 2 degrees above the critical angle."""
    return critical_angle(refractive_index) + ABOVE_CRITICAL


def species_from(words: str) -> Species:
    """Return the species that a command line or a job means: a name, or a user's TOML file.

    Raises
    ------
    InputError
        If there is none of that name, or the file is no description of a species.
    """
    if words.lower().endswith(".toml"):
        from yieldopt.cuts.own_species import read_species

        return read_species(Path(words))
    return species_named(words)


def species_names() -> tuple[str, ...]:
    """Return all species, in the table's order."""
    return tuple(_table())


def species_named(name: str) -> Species:
    """Return a species by its name; case, blanks and hyphens do not matter.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    table = _table()
    key = name.strip().lower().replace(" ", "_").replace("-", "_")
    if key in table:
        return table[key]
    near = [n for n in table if key and key in n] or difflib.get_close_matches(key, table, n=3)
    hint = f"did you mean {' or '.join(near)}?" if near else "yieldopt species lists them"
    raise InputError(f"species {name!r}: no such species ({hint})")


@cache
def _table() -> Mapping[str, Species]:
    text = resources.files("yieldopt.cuts").joinpath("species.csv").read_text(encoding="utf-8")
    return {row["name"]: species_of_row(row) for row in csv.DictReader(text.splitlines())}


def species_of_row(row: Mapping[str, str]) -> Species:
    """Return the species of a row of the table, by its columns; ValueError where one is wrong."""
    cleavages = [plane.split(" ", 1) for plane in row["cleavages"].split("; ") if plane]
    return Species(
        name=row["name"],
        crystal_system=row["crystal_system"],
        specific_gravity=float(row["sg"]),
        specific_gravity_range=(float(row["sg_low"]), float(row["sg_high"])),
        refractive_index=(float(row["ri_low"]), float(row["ri_high"])),
        birefringence=float(row["birefringence"]),
        dispersion=float(row["dispersion"]),
        optic=row["optic"],
        mohs=row["mohs"],
        cleavages=tuple(Cleavage(hkl=hkl, quality=quality) for hkl, quality in cleavages),
        cleavage_off=math.radians(float(row["cleavage_off_deg"])),
        closed_c_ends=math.radians(float(row["closed_c_ends_deg"])),
        pleochroism=row["pleochroism"],
        table_rule=row["table_rule"],
        handling=row["handling"],
        clarity_type=row["clarity_type"],
        recommended_pavilion=math.radians(float(row["pavilion_deg"])),
        source=row["source"],
    )

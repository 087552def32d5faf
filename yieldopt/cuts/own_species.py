"""A user's own species: a TOML file with the columns of `species.csv` as keys.

name, sg and ri_low are asked for; what is left out is unknown (texts) or follows from what is
there: sg_low and sg_high from sg, ri_high from ri_low, pavilion_deg from the critical angle.
"""

import difflib
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from yieldopt.cuts.species import Species, pavilion_floor, species_of_row
from yieldopt.errors import InputError

TEXTS = (
    "name", "crystal_system", "optic", "mohs", "cleavages", "pleochroism", "table_rule",
    "handling", "clarity_type", "source",
)  # fmt: skip
# Each number with its least and most: what no gem material passes.
NUMBERS = {
    "sg": (0.5, 20.0),
    "sg_low": (0.5, 20.0),
    "sg_high": (0.5, 20.0),
    "ri_low": (1.2, 4.0),
    "ri_high": (1.2, 4.0),
    "birefringence": (0.0, 1.0),
    "dispersion": (0.0, 1.0),
    "cleavage_off_deg": (0.0, 90.0),
    "closed_c_ends_deg": (0.0, 90.0),
    "pavilion_deg": (0.0, 90.0),
}
WANTED = ("name", "sg", "ri_low")
MOST_BYTES = 100_000  # a description is a page at most


def read_species(file: Path) -> Species:
    """Return the species that a TOML file describes.

    The keys stand at the top of the file, or in a table `[species]`.

    Raises
    ------
    InputError
        If the file cannot be read, a key is unknown or missing, or a value is wrong.
    """
    file = Path(file)
    keys = _keys(file)
    for key in keys:
        if key not in TEXTS and key not in NUMBERS:
            near = difflib.get_close_matches(key, (*TEXTS, *NUMBERS), n=1)
            known = f"did you mean {near[0]}?" if near else f"known are {', '.join(NUMBERS)} ..."
            raise InputError(f"{file}: {key}: no such key ({known})")
    for key in WANTED:
        if key not in keys:
            raise InputError(f"{file}: {key} is missing; at least {', '.join(WANTED)} are wanted")
    row = {key: _text(file, key, keys.get(key, "")) for key in TEXTS}
    if not row["name"]:
        raise InputError(f"{file}: name is empty; a word for the species is wanted")
    numbers = {key: _number(file, key, keys[key]) for key in NUMBERS if key in keys}
    row |= {key: repr(value) for key, value in _completed(file, numbers).items()}
    row["source"] = row["source"] or file.name
    for plane in row["cleavages"].split("; "):
        if plane and len(plane.split(" ", 1)) < 2:
            raise InputError(
                f"{file}: cleavages: {plane!r} is no plane; write '0001 perfect; 110 good'"
            )
    return species_of_row(row)


def _keys(file: Path) -> Mapping[str, Any]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise InputError(f"{file}: too large for a species; a page of TOML is wanted")
        tree = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{file}: no such species file; check the path") from None
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}; a species in TOML is wanted") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{file}: is no TOML: {' '.join(str(error).split())}") from None
    if set(tree) == {"species"} and isinstance(tree["species"], dict):
        return tree["species"]
    return tree


def _text(file: Path, key: str, value: object) -> str:
    """Return a text; a list of cleavages is joined, a number (of Mohs) written out."""
    if isinstance(value, list) and key == "cleavages" and all(isinstance(v, str) for v in value):
        return "; ".join(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and key == "mohs":
        return f"{value:g}"
    if not isinstance(value, str):
        raise InputError(f"{file}: {key}: a text is wanted, not {str(value)[:40]!r}")
    return " ".join(value.split())


def _number(file: Path, key: str, value: object) -> float:
    low, high = NUMBERS[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{file}: {key}: a number is wanted, not {str(value)[:40]!r}")
    if not low <= value <= high:
        raise InputError(f"{file}: {key} = {value:g}: {low:g} to {high:g} is possible")
    return float(value)


def _completed(file: Path, numbers: dict[str, float]) -> dict[str, float]:
    """Return all numbers: those that are not there follow from those that are."""
    whole = {
        "sg_low": numbers["sg"],
        "sg_high": numbers["sg"],
        "ri_high": numbers["ri_low"] + numbers.get("birefringence", 0.0),
        "birefringence": numbers.get("ri_high", numbers["ri_low"]) - numbers["ri_low"],
        "dispersion": 0.0,
        "cleavage_off_deg": 0.0,
        "closed_c_ends_deg": 0.0,
        "pavilion_deg": math.degrees(pavilion_floor(numbers["ri_low"])),
    } | numbers
    for low, middle, high in (("sg_low", "sg", "sg_high"), ("ri_low", "ri_low", "ri_high")):
        if not whole[low] <= whole[middle] <= whole[high]:
            raise InputError(
                f"{file}: {low} = {whole[low]:g} to {high} = {whole[high]:g}: no range"
            )
    return whole

"""The cuts that a word on the command line or in a job file means."""

import difflib
from collections.abc import Sequence
from pathlib import Path

from yieldopt.cuts.cut import Cut
from yieldopt.cuts.design_file import READABLE, read_design
from yieldopt.cuts.family import family, family_names
from yieldopt.cuts.given import FixedCut, free_heights
from yieldopt.cuts.outline import GEAR
from yieldopt.cuts.species import Species
from yieldopt.errors import InputError

PROPORTIONS = ("free", "fixed")


def cuts_named(
    names: str | Sequence[str],
    *,
    ranges: str = "commercial",
    proportions: str = "free",
    species: Species | None = None,
    gear: int = GEAR,
) -> tuple[Cut, ...]:
    """Return the cuts that names mean, each once, in their order.

    Parameters
    ----------
    names
        Families, "all" for every family, or paths of `.asc`, `.gem` or `.gcs` files; one string
        is split at its commas.
    ranges
        fine, commercial or native: how far the proportions may go.
    proportions
        "free", or "fixed": families at their usual proportions, files as they stand.
    species
        Keeps the pavilion's mains of families at 2 degrees above its critical angle or more,
        and goes into their facet lists.
    gear
        Teeth of the index gear of families; a file brings its own.

    Raises
    ------
    InputError
        If a name is unknown, a file cannot be read, or a family cannot be cut so.
    """
    if proportions not in PROPORTIONS:
        raise InputError(f"proportions {proportions!r}: not one of {', '.join(PROPORTIONS)}")
    words = names.split(",") if isinstance(names, str) else list(names)
    wanted = [word.strip() for word in words if word.strip()]
    if not wanted:
        raise InputError(f"no cut named; known are {', '.join(family_names())}, all, or .asc files")
    each = [name for word in wanted for name in (family_names() if word == "all" else (word,))]
    return tuple(
        cut_named(name, ranges=ranges, proportions=proportions, species=species, gear=gear)
        for name in dict.fromkeys(each)
    )


def cut_named(
    name: str, *, ranges: str, proportions: str, species: Species | None, gear: int
) -> Cut:
    """Return the cut that one name means; see `cuts_named`."""
    index = species.refractive_index[0] if species else None
    if name in family_names():
        cut = family(name, ranges=ranges, refractive_index=index, gear=gear)
        return cut if proportions == "free" else FixedCut(given=cut.design(cut.usual, 1.0))
    path = Path(name)
    if path.suffix.lower() in READABLE:
        design = read_design(path)
        if proportions == "fixed":
            return FixedCut(given=design)
        return free_heights(
            design, ranges=ranges, floor=species.pavilion_floor if species else None
        )
    if path.suffix:
        raise InputError(f"cut {name!r}: no design file; {', '.join(READABLE)} are read")
    near = difflib.get_close_matches(name.lower(), (*family_names(), "all"), n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(family_names())}, all"
    raise InputError(f"cut {name!r}: no such cut ({hint})")

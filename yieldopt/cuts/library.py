"""The cuts that a word on the command line or in a job file means."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from yieldopt.cuts.cut import Cut
from yieldopt.cuts.design_file import READABLE, read_design
from yieldopt.cuts.family import faceted_names, family, family_names
from yieldopt.cuts.folder import Folder, Told, not_told, read_folder
from yieldopt.cuts.given import FixedCut, free_heights
from yieldopt.cuts.outline import GEAR
from yieldopt.cuts.species import Species
from yieldopt.errors import InputError

PROPORTIONS = ("free", "fixed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Cuts that names mean.

    Parameters
    ----------
    cuts
        Each once, in the order of the names.
    notes
        What the user should know of folders: how many designs, how many files are none.
    unread
        The files of folders that are no designs, and why: a line each.
    """

    cuts: tuple[Cut, ...]
    notes: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


def cuts_named(
    names: str | Sequence[str],
    *,
    ranges: str = "commercial",
    proportions: str = "free",
    species: Species | None = None,
    gear: int = GEAR,
    windows: bool = False,
    closed_c: bool = False,
) -> tuple[Cut, ...]:
    """Return the cuts that names mean, each once, in their order; see `library_of`."""
    return library_of(
        names,
        ranges=ranges,
        proportions=proportions,
        species=species,
        gear=gear,
        windows=windows,
        closed_c=closed_c,
    ).cuts


def library_of(
    names: str | Sequence[str],
    *,
    ranges: str = "commercial",
    proportions: str = "free",
    species: Species | None = None,
    gear: int = GEAR,
    windows: bool = False,
    closed_c: bool = False,
    tell: Told = not_told,
) -> Library:
    """Return the cuts that names mean, each once, in their order, and notes on folders.

    Parameters
    ----------
    names
        Families, "all" for every faceted one (a cabochon is cut where it is named), paths of
        `.asc`, `.gem` or `.gcs` files, or folders: all such files below them. One string is
        split at its commas.
    ranges
        fine, commercial or native: how far the proportions may go.
    proportions
        "free", or "fixed": families at their usual proportions, files as they stand. The
        designs of a folder always stand as they are drawn.
    species
        Keeps the pavilion's mains of families at 2 degrees above its critical angle or more,
        and goes into their facet lists.
    gear
        Teeth of the index gear of families; a file brings its own.
    windows
        Whether families may have pavilions too shallow for the species; remarks then say so.
    closed_c
        Whether "all" also means the families for a dark c-axis; named, they are always cut.
    tell
        Hears how many files of a folder are read, of how many.

    Raises
    ------
    InputError
        If a name is unknown, a named file cannot be read, a folder holds no design, or a
        family cannot be cut so.
    """
    if proportions not in PROPORTIONS:
        raise InputError(f"proportions {proportions!r}: not one of {', '.join(PROPORTIONS)}")
    words = names.split(",") if isinstance(names, str) else list(names)
    wanted = [word.strip() for word in words if word.strip()]
    if not wanted:
        known = ", ".join(family_names())
        raise InputError(f"no cut named; known are {known}, all, design files, or a folder of them")
    faceted = faceted_names(closed_c=closed_c)
    each = [name for word in wanted for name in (faceted if word == "all" else (word,))]
    cuts: list[Cut] = []
    notes: list[str] = []
    unread: list[str] = []
    for name in dict.fromkeys(each):
        if name in family_names() or not Path(name).is_dir():
            own = cut_named(
                name,
                ranges=ranges,
                proportions=proportions,
                species=species,
                gear=gear,
                windows=windows,
            )
            cuts.append(own)
            continue
        folder = read_folder(Path(name), tell=tell)
        cuts += [FixedCut(given=design) for design in folder.designs]
        notes.append(_said(name, folder))
        unread += [f"{Path(name).name}/{line}" for line in folder.unread]
    return Library(cuts=_named_apart(cuts), notes=tuple(notes), unread=tuple(unread))


def _said(name: str, folder: Folder) -> str:
    """Return what to know of a folder, in one line."""
    words = [f"{name}: {len(folder.designs)} designs, as they are drawn"]
    if folder.twins:
        words.append(f"{folder.twins} files repeat one")
    if folder.unread:
        words.append(f"{len(folder.unread)} could not be read")
    return "; ".join(words)


def _named_apart(cuts: list[Cut]) -> tuple[Cut, ...]:
    """Return the cuts; a fixed one whose name another has already gets a number."""
    seen: set[str] = set()
    out: list[Cut] = []
    for cut in cuts:
        name, number = cut.name, 1
        while name in seen:
            number += 1
            name = f"{cut.name} ({number})"
        seen.add(name)
        if isinstance(cut, FixedCut) and name != cut.name:
            cut = FixedCut(given=replace(cut.given, name=name))
        out.append(cut)
    return tuple(out)


def cut_named(
    name: str,
    *,
    ranges: str,
    proportions: str,
    species: Species | None,
    gear: int,
    windows: bool = False,
) -> Cut:
    """Return the cut that one name means, a family or a file; see `library_of`."""
    index = species.refractive_index[0] if species else None
    if name in family_names():
        cut = family(name, ranges=ranges, refractive_index=index, gear=gear, windows=windows)
        return cut if proportions == "free" else FixedCut(given=cut.design(cut.usual, 1.0))
    path = Path(name)
    if path.suffix.lower() in READABLE:
        design = read_design(path)
        if proportions == "fixed":
            return FixedCut(given=design)
        return free_heights(
            design,
            ranges=ranges,
            floor=species.pavilion_floor if species and not windows else None,
        )
    if path.suffix:
        raise InputError(f"cut {name!r}: no design file; {', '.join(READABLE)} are read")
    near = difflib.get_close_matches(name.lower(), (*family_names(), "all"), n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(family_names())}, all"
    raise InputError(f"cut {name!r}: no such cut ({hint})")

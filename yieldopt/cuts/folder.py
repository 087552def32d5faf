"""A folder of designs is a library: every design file below it, measured once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from yieldopt.cuts.closed import levelled
from yieldopt.cuts.design import Design
from yieldopt.cuts.design_cache import DesignCache
from yieldopt.cuts.design_file import READABLE, design_of_bytes, planes_apart
from yieldopt.cuts.gemcad_text import read_bytes
from yieldopt.errors import InputError

SAME_DESIGN = 1e-6  # of the width: files of one name in two forms whose planes agree are one
Told = Callable[[int, int], None]


def not_told(_done: int, _of: int) -> None:
    """Tell nobody how far the reading is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The designs of a folder.

    Parameters
    ----------
    designs
        Girdles at z = 0, each under its own name: the file's, with its folder where two agree.
    unread
        Files that are no designs, and why: a line each, as an error would say it.
    twins
        How many files repeat a design: the same bytes, or the same planes in another form.
    """

    designs: tuple[Design, ...]
    unread: tuple[str, ...]
    twins: int


def read_folder(folder: Path, *, cache: DesignCache | None = None, tell: Told = not_told) -> Folder:
    """Return the designs of all files below a folder, in the order of their paths.

    Raises
    ------
    InputError
        If the folder cannot be read or holds no design at all.
    """
    folder = Path(folder)
    try:
        files = sorted(
            (path for path in folder.rglob("*") if path.suffix.lower() in READABLE),
            key=lambda path: path.relative_to(folder).parts,
        )
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}; a folder of designs is wanted") from None
    found: dict[Path, Design] = {}
    unread: list[str] = []
    seen: set[bytes] = set()
    twins = 0
    with cache or DesignCache() as kept:
        for number, path in enumerate(files):
            tell(number, len(files))
            try:
                raw = read_bytes(path, path.suffix.lower())
                if raw in seen:
                    twins += 1
                    continue
                seen.add(raw)
                design = _measured(raw, path, kept)
            except InputError as error:
                unread.append(_placed(str(error), path, folder))
                continue
            others = (path.with_suffix(form) for form in (*READABLE, *map(str.upper, READABLE)))
            if any(o in found and planes_apart(found[o], design) < SAME_DESIGN for o in others):
                twins += 1
                continue
            found[path] = design
    tell(len(files), len(files))
    if not found:
        n = f"{len(unread)} files, none of them a design" if unread else "no design files"
        raise InputError(f"{folder}: {n}; {', '.join(READABLE)} are read")
    return Folder(designs=_named_apart(found, folder), unread=tuple(unread), twins=twins)


def _measured(raw: bytes, path: Path, kept: DesignCache) -> Design:
    """Return a file's design, from the cache where it is there."""
    form = path.suffix.lower()
    design = kept.found(raw, form, path.stem)
    if design is None:
        design = levelled(design_of_bytes(raw, path.stem, path.name).design)
        kept.keep(raw, form, design)
    return design


def _placed(complaint: str, path: Path, folder: Path) -> str:
    """Return a complaint with the file's place in the folder before it."""
    place = path.relative_to(folder).as_posix()
    for start in (str(path), path.name):
        if complaint.startswith(f"{start}: "):
            return f"{place}: {complaint[len(start) + 2 :]}"
    return f"{place}: {complaint}"


def _named_apart(found: dict[Path, Design], folder: Path) -> tuple[Design, ...]:
    """Return the designs, those whose names agree under their path in the folder."""
    count: dict[str, int] = {}
    for design in found.values():
        count[design.name] = count.get(design.name, 0) + 1
    return tuple(
        design
        if count[design.name] == 1
        else replace(design, name=path.relative_to(folder).as_posix())
        for path, design in found.items()
    )

"""The folder that plans are written into: whole or not at all, never over someone else's files."""

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from yieldopt.errors import InputError

OURS = {"plan.json", "rough.ply", "plan.html", "sheet.pdf"}
OUR_MESHES = re.compile(r"(inclusion|colour_zone)_\d+\.ply")
OUR_STONES = {".stl", ".asc"}


OUR_TABLES = {"what-if.json", "what-if.csv", "what-if.html", "what-if.svg"}
NAMED_BY = "="  # in the name of each plan's folder beside a table: limits.kerf_mm=0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a folder of ours holds.

    Parameters
    ----------
    word
        For it, with its article.
    head
        The file by which it is known; None where the names of its files tell it.
    form
        What the head's `format` begins with.
    has
        Whether a path in it is one of ours.
    """

    word: str
    head: str | None
    form: str
    has: Callable[[Path], bool]


def _is_of_a_plan(name: Path) -> bool:
    if name.parts[0] == "stones":
        return len(name.parts) == 1 or (len(name.parts) == 2 and name.suffix in OUR_STONES)
    if name.parts[0] == "pieces":
        return len(name.parts) == 1 or (len(name.parts) == 2 and name.suffix == ".stl")
    return str(name) in OURS or OUR_MESHES.fullmatch(str(name)) is not None


def _is_of_a_what_if(name: Path) -> bool:
    first, *deeper = name.parts
    if NAMED_BY in first:
        return not deeper or _is_of_a_plan(Path(*deeper))
    return str(name) in OUR_TABLES


PLAN = Kind(word="a plan", head="plan.json", form="yieldopt.plan/", has=_is_of_a_plan)
WHAT_IF = Kind(
    word="a what-if", head="what-if.json", form="yieldopt.what-if/", has=_is_of_a_what_if
)


def check_target(target: Path, kind: Kind = PLAN) -> None:
    """Refuse a target that must not be replaced: a file, or a folder that is not ours.

    Parameters
    ----------
    kind
        What is to be written there, and may stand there already.

    Raises
    ------
    InputError
        If something else stands there, or nothing can be written there.
    """
    above = next(path for path in target.resolve().parents if path.exists())
    if not above.is_dir() or not os.access(above, os.W_OK | os.X_OK):
        raise InputError(f"--out {target}: {above} cannot be written to; name another folder")
    if not target.exists():
        return
    if Path.cwd().is_relative_to(target.resolve()):
        raise InputError(f"--out {target}: is the folder you stand in; name one in it")
    if not target.is_dir():
        raise InputError(f"--out {target}: is a file; name a folder")
    names = [path.relative_to(target) for path in sorted(target.rglob("*"))]
    foreign = [name for name in names if not kind.has(name)]
    if foreign:
        raise InputError(
            f"--out {target}: holds {foreign[0]}, which is no part of {kind.word};"
            " name another folder"
        )
    if names and kind.head is not None and not _is_head(target / kind.head, kind.form):
        raise InputError(
            f"--out {target}: {kind.head} there is no {kind.word.removeprefix('a ')};"
            " name another folder"
        )


@contextmanager
def written_whole(target: Path, kind: Kind = PLAN) -> Iterator[Path]:
    """Give an empty folder beside the target, and put it in the target's place at the end.

    What fails in between leaves the target as it was, and nothing beside it.
    """
    target = target.resolve()  # through a link: the plan goes where it points
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f".{target.name}-", dir=target.parent, ignore_cleanup_errors=True
    ) as beside:
        new, old = Path(beside, "new"), Path(beside, "old")
        new.mkdir()
        yield new
        check_target(target, kind)  # again: much time may have gone by
        if target.exists():
            target.replace(old)
        try:
            new.replace(target)
        except BaseException:  # Ctrl-C too: the old plan comes back
            if old.exists() and not target.exists():
                old.replace(target)
            raise


@contextmanager
def written_file(target: Path, ending: str) -> Iterator[Path]:
    """Give a path beside a file, and put what was written there in the file's place at the end.

    What fails in between leaves the file as it was, and nothing beside it.

    Parameters
    ----------
    ending
        What the file's name must end in, as .pdf: a slip of the hand must not cost a plan.

    Raises
    ------
    InputError
        If it does not, or a folder stands there.
    """
    if target.suffix.lower() != ending:
        raise InputError(f"--out {target}: name a file that ends in {ending}")
    if target.is_dir():
        raise InputError(f"--out {target}: is a folder; name a file")
    target = target.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as beside:
        new = Path(beside, target.name)
        yield new
        new.replace(target)


def _is_head(file: Path, form: str) -> bool:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and str(document.get("format", "")).startswith(form)

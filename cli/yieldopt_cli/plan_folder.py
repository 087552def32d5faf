"""The folder a plan is written into: whole or not at all, and never over someone else's files."""

import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from yieldopt.errors import InputError

OURS = {"plan.json", "rough.ply", "plan.html", "sheet.pdf"}
OUR_MESHES = re.compile(r"(inclusion|colour_zone)_\d+\.ply")
OUR_STONES = {".stl", ".asc"}


def check_target(target: Path) -> None:
    """Refuse a target that a plan must not replace: a file, or a folder that is not ours.

    Raises
    ------
    InputError
        If something stands there that `plan` did not write, or nothing can be written there.
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
    foreign = [name for name in names if not _is_ours(name)]
    if foreign:
        raise InputError(
            f"--out {target}: holds {foreign[0]}, which is no part of a plan; name another folder"
        )
    if names and not _is_plan(target / "plan.json"):
        raise InputError(f"--out {target}: plan.json there is no plan; name another folder")


@contextmanager
def written_whole(target: Path) -> Iterator[Path]:
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
        check_target(target)  # again: much time may have gone by
        if target.exists():
            target.replace(old)
        try:
            new.replace(target)
        except BaseException:  # Ctrl-C too: the old plan comes back
            if old.exists() and not target.exists():
                old.replace(target)
            raise


def _is_ours(name: Path) -> bool:
    if name.parts[0] == "stones":
        return len(name.parts) == 1 or (len(name.parts) == 2 and name.suffix in OUR_STONES)
    return str(name) in OURS or OUR_MESHES.fullmatch(str(name)) is not None


def _is_plan(file: Path) -> bool:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and str(document.get("format", "")).startswith(
        "yieldopt.plan/"
    )

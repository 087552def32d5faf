"""`yieldopt export`: a plan's designs, meshes, saw lines, tables and scene for other programs."""

import argparse
import re
from pathlib import Path

from yieldopt_cli.plan_folder import Kind, check_target, written_whole

ALL = "all"
# What each form's files are called in the folder, which is ours where it holds nothing else.
FILES = {
    "asc": r"stones/[^/]+\.asc",
    "gcs": r"stones/[^/]+\.gcs",
    "stl": r"rough\.stl|(stones|preforms|pieces|offcuts)/[^/]+\.stl",
    "dxf": r"saw/step_\d+\.dxf",
    "svg": r"saw/step_\d+\.svg",
    "csv": r"(stones|saw)\.csv",
    "glb": r"scene\.glb",
}
FOLDERS = {"stones", "preforms", "pieces", "offcuts", "saw"}


def _is_ours(name: Path) -> bool:
    text = name.as_posix()
    return text in FOLDERS or any(re.fullmatch(form, text) for form in FILES.values())


EXPORT = Kind(word="an export", head=None, form="", has=_is_ours)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "plan", metavar="PLAN.json", type=Path, help="a plan, its mesh beside it as it was written"
    )
    parser.add_argument(
        "--to",
        type=forms,
        required=True,
        metavar="a,b|all",
        help="asc, gcs: designs of the stones; stl: stones, preforms, pieces, off-cuts; dxf, svg:"
        " saw lines 1:1; csv: tables for the office; glb: the scene, in metres",
    )
    parser.add_argument(
        "--out", type=Path, metavar="DIR", help="where to write (export-<scan name>)"
    )


def forms(text: str) -> tuple[str, ...]:
    """Return the forms that a flag names, each once."""
    names = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    if names == (ALL,):
        return tuple(FILES)
    unknown = [name for name in names if name not in FILES]
    if unknown or not names:
        raise argparse.ArgumentTypeError(
            f"{unknown[0] if unknown else text!r} is not among {', '.join(FILES)}, {ALL}"
        )
    return names


def run(args: argparse.Namespace) -> int:
    """Judge the plan, and write it in the forms that are wanted."""
    from yieldopt.report.export import export_plan
    from yieldopt_cli.held import held_plan

    plan = held_plan(args.plan)
    out: Path = args.out or Path(f"export-{plan.rough.name or 'rough'}")
    check_target(out, EXPORT)
    with written_whole(out, EXPORT) as folder:
        paths = export_plan(plan, folder, args.to)
        _keep_others(out, folder, args.to)
    for path in paths:
        print(out / path.relative_to(folder))
    for form in args.to:
        if form in ("dxf", "svg") and not plan.saw:
            print(f"no {form}: nothing is sawn")
    return 0


def _keep_others(old: Path, new: Path, made: tuple[str, ...]) -> None:
    """Put what stands in a folder in other forms beside what was made anew.

    What was made of an earlier plan in these forms goes: a saw line that is no longer planned must
    not lie among those that are.
    """
    for path in sorted(old.rglob("*")) if old.is_dir() else ():
        name = path.relative_to(old)
        if path.is_file() and not any(re.fullmatch(FILES[form], name.as_posix()) for form in made):
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(path.read_bytes())

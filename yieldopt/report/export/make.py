"""Which files are made of a plan, by the name of their form."""

from collections.abc import Callable, Iterable
from pathlib import Path

from yieldopt.errors import InputError
from yieldopt.plan.record import Plan
from yieldopt.report.export.designs import write_designs, write_gcs_designs
from yieldopt.report.export.meshes import write_meshes
from yieldopt.report.export.office import write_csv
from yieldopt.report.export.saw_lines import write_dxf, write_svg
from yieldopt.report.export.scene import write_glb

Write = Callable[[Plan, Path], list[Path]]


def _beside_stones(write: Write) -> Write:
    return lambda plan, folder: write(plan, folder / "stones")


FORMATS: dict[str, Write] = {
    "asc": _beside_stones(write_designs),
    "gcs": _beside_stones(write_gcs_designs),
    "stl": write_meshes,
    "dxf": write_dxf,
    "svg": write_svg,
    "csv": write_csv,
    "glb": write_glb,
}


def export_plan(plan: Plan, folder: Path, forms: Iterable[str] = tuple(FORMATS)) -> list[Path]:
    """Write a plan in other programs' forms into a folder and return the paths.

    The same plan gives the same bytes.

    Parameters
    ----------
    forms
        Names of `FORMATS`; saw lines are written where the rough is sawn.

    Raises
    ------
    InputError
        If a form is not known.
    """
    wanted = list(dict.fromkeys(forms))
    for form in wanted:
        if form not in FORMATS:
            raise InputError(f"{form!r} is no form to export to; say {', '.join(FORMATS)} or all")
    return [path for form in wanted for path in FORMATS[form](plan, folder)]

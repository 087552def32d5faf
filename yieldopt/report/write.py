"""Everything the workshop gets beside the plan file."""

from pathlib import Path

from yieldopt.plan.pieces import MESHES
from yieldopt.plan.record import Plan
from yieldopt.report.export import write_designs, write_pieces, write_stl
from yieldopt.report.page import write_page
from yieldopt.report.sheet import write_sheet


def write_reports(plan: Plan, folder: Path) -> None:
    """Write `plan.html`, `sheet.pdf`, `stones/<id>.stl` and `stones/<id>.asc` into a folder.

    And `pieces/<name>.stl` where the rough is sawn.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_page(plan, folder / "plan.html")
    write_sheet(plan, folder / "sheet.pdf")
    write_stl(plan, folder / "stones")
    write_designs(plan, folder / "stones")
    write_pieces(plan, folder / MESHES)

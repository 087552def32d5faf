"""Everything the workshop gets beside the plan file."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from yieldopt.plan.pieces import MESHES
from yieldopt.plan.record import Plan
from yieldopt.report.export import write_designs, write_pieces, write_stl
from yieldopt.report.page import write_page
from yieldopt.report.sheet import write_sheet

if TYPE_CHECKING:
    from yieldopt.workshop.record import WorkshopPlan

# Of hands that err: the share of them that fits is then known to 0.035 where it is known worst (one
# standard error at a half), and hands are told no finer.
TRIES = 200


def write_reports(
    plan: Plan, folder: Path, *, lang: Sequence[str] = ("en",), paper: str = "a4"
) -> None:
    """Write `plan.html`, `sheet.pdf`, `stones/<id>.stl` and `stones/<id>.asc` into a folder.

    And `pieces/<name>.stl` where the rough is sawn. `lang` and `paper` are the sheet's.
    """
    folder.mkdir(parents=True, exist_ok=True)
    bench = bench_of(plan)
    write_page(plan, folder / "plan.html", workshop=bench)
    write_sheet(plan, folder / "sheet.pdf", lang=lang, paper=paper, workshop=bench)
    write_stl(plan, folder / "stones")
    write_designs(plan, folder / "stones")
    write_pieces(plan, folder / MESHES)


def bench_of(plan: Plan) -> "WorkshopPlan":
    """Return what sheet and page tell the bench of a plan, hands that err among it."""
    from yieldopt.workshop.make import workshop_plan

    return workshop_plan(plan, hands=TRIES)

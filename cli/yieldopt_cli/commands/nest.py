"""`yieldopt nest`: printable cradles and guides for a plan's stones."""

import argparse
import re
from pathlib import Path
from typing import TYPE_CHECKING

from yieldopt_cli.plan_folder import Kind, check_target, written_whole

if TYPE_CHECKING:
    from yieldopt.report.nest.record import Nest

OUR_NESTS = re.compile(r"[^/]+\.stl|nest\.json")
NESTS = Kind(
    word="nests",
    head="nest.json",
    form="yieldopt.nest/",
    has=lambda path: OUR_NESTS.fullmatch(path.as_posix()) is not None,
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "plan", metavar="PLAN.json", type=Path, help="a plan, its mesh beside it as it was written"
    )
    parser.add_argument(
        "--clearance", type=float, metavar="MM", help="between nest and rough (0.15)"
    )
    parser.add_argument(
        "--jig-bore",
        type=float,
        metavar="MM",
        help="diameter of a transfer jig's bore: cradles get a stem for it instead of a plate",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder (nest-<scan name>)")


def run(args: argparse.Namespace) -> int:
    """Make the nests, write them, and say what they are."""
    from yieldopt.report.nest.make import CLEARANCE, check_sizes, nests_of_sheets
    from yieldopt.report.nest.write import write_nests
    from yieldopt_cli.held import held_plan

    clearance = CLEARANCE if args.clearance is None else args.clearance
    check_sizes(clearance, args.jig_bore)
    plan = held_plan(args.plan)
    folder = args.out or Path(f"nest-{plan.rough.name or 'rough'}")
    check_target(folder, NESTS)
    nests = nests_of_sheets(plan, clearance=clearance, jig_bore=args.jig_bore)
    with written_whole(folder, NESTS) as new:
        write_nests(nests, new)
    print(_as_text(nests, folder))
    return 0


def _as_text(nests: "tuple[Nest, ...]", folder: Path) -> str:
    from yieldopt_cli.console import aligned

    head = ("file", "size, mm", "cm3", "least distance", "sinks", "spread", "flat at")
    lines = aligned([head, *(_row(nest) for nest in nests)], numbers=5)
    lines += [f"{nest.name}: {words}" for nest in nests for words in _remarks(nest)]
    lines.append(f"nests: {folder}")
    return "\n".join(lines)


def _row(nest: "Nest") -> tuple[str, ...]:
    return (
        f"{nest.name}.stl",
        " x ".join(f"{side:.1f}" for side in nest.size),
        f"{nest.volume / 1000.0:.2f}",
        f"{nest.gap:.2f}",
        f"{nest.seat:.2f}",
        f"{nest.spread:.1f}",
        "" if nest.flat is None else f"{nest.flat:.1f}",
    )


def _remarks(nest: "Nest") -> list[str]:
    if nest.spread > 0.0:
        return []
    return ["does not stand by itself on its three pads, it leans on the wall; hold it down"]

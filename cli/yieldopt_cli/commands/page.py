"""`yieldopt page`: the page of a plan again."""

import argparse
from pathlib import Path


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "plan", metavar="PLAN.json", type=Path, help="a plan, its mesh beside it as it was written"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE.html", help="where to write (plan.html beside the plan)"
    )


def run(args: argparse.Namespace) -> int:
    """Judge the plan, and draw it."""
    from yieldopt.report.page import write_page
    from yieldopt.report.write import bench_of
    from yieldopt_cli.held import held_plan
    from yieldopt_cli.plan_folder import written_file

    plan = held_plan(args.plan)
    out: Path = args.out or args.plan.with_name("plan.html")
    with written_file(out, ".html") as path:
        write_page(plan, path, workshop=bench_of(plan))
    print(f"page: {out}")
    return 0

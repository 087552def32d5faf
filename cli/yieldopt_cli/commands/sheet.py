"""`yieldopt sheet`: the cutting sheet of a plan again, in other languages or on other paper."""

import argparse
from pathlib import Path

LANGUAGES = ("en", "ur", "ps")  # the catalogue's; not imported, --help must be quick
PAPERS = ("a4", "letter")


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument(
        "plan", metavar="PLAN.json", type=Path, help="a plan, its mesh beside it as it was written"
    )
    add_print_arguments(parser)
    parser.add_argument(
        "--jamb-peg", action="store_true", help="with the pages for a shop without an index wheel"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE.pdf", help="where to write (sheet.pdf beside the plan)"
    )


def add_print_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare how a sheet is printed."""
    parser.add_argument(
        "--lang",
        type=languages,
        default=("en",),
        metavar="en,ur",
        help=f"languages of the sheet, a set of pages each: {', '.join(LANGUAGES)} (en)",
    )
    parser.add_argument("--paper", choices=PAPERS, default="a4", help="of the sheet (a4)")


def languages(text: str) -> tuple[str, ...]:
    """Return the languages that a flag names, each once."""
    names = tuple(dict.fromkeys(word.strip() for word in text.split(",") if word.strip()))
    unknown = [name for name in names if name not in LANGUAGES]
    if unknown or not names:
        raise argparse.ArgumentTypeError(
            f"{unknown[0] if unknown else text!r} is not among {', '.join(LANGUAGES)}"
        )
    return names


def run(args: argparse.Namespace) -> int:
    """Judge the plan, and print it."""
    from yieldopt.report.sheet import write_sheet
    from yieldopt.report.write import bench_of
    from yieldopt_cli.held import held_plan
    from yieldopt_cli.plan_folder import written_file

    plan = held_plan(args.plan)
    out: Path = args.out or args.plan.with_name("sheet.pdf")
    with written_file(out, ".pdf") as path:
        write_sheet(
            plan,
            path,
            lang=args.lang,
            paper=args.paper,
            jamb_peg=args.jamb_peg,
            workshop=bench_of(plan),
        )
    print(f"sheet: {out}")
    return 0

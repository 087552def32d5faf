"""`yieldopt plan`: a scan in, a checked cutting plan out."""

import argparse
import json
import signal
import sys
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Self

from yieldopt.errors import NothingFitsError
from yieldopt_cli.commands.sheet import add_print_arguments

if TYPE_CHECKING:
    from collections.abc import Callable

    from yieldopt.cuts.library import Library
    from yieldopt.cuts.species import Species
    from yieldopt.plan.after import PlannedPiece
    from yieldopt.plan.record import OrientationRule, Plan
    from yieldopt.rough.prepare import PreparedRough
    from yieldopt.rough.rough import Rough
    from yieldopt.search.problem import Problem
    from yieldopt_cli.console import Console
    from yieldopt_cli.job import Job

EFFORTS = ("quick", "normal", "thorough")  # search.solve's; not imported, --help must be quick
UNITS = ("mm", "cm", "m", "in")
DONE, INTERRUPTED = 0, 130


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    say = parser.add_argument
    say("scan", nargs="?", metavar="SCAN", help="the rough (none: rough.shape of the job file)")
    say("--job", type=Path, metavar="FILE", help="a job file (TOML); flags and --set go before it")
    say(
        "--species",
        metavar="NAME",
        help="what stone it is (yieldopt species lists them), or FILE.toml",
    )
    say("--cuts", metavar="a,b|all|FILE|DIR/", help="what may be cut (yieldopt cuts lists them)")
    say("--stones", type=int, metavar="N", help="at most so many stones, 1 to 12 (3)")
    say(
        "--objective",
        choices=("weight", "value"),
        help="what the plan is to have most of (weight); value needs prices.file",
    )
    say("--effort", choices=EFFORTS, default="normal", help="how long to search (normal)")
    say("--time-limit", type=_positive, metavar="S", help="stop the search after S seconds")
    say("--seed", type=_count, default=0, metavar="N", help="same seed, same plan (0)")
    say("--threads", type=_positive_count, metavar="N", help="(all cores)")
    say("--weighed-ct", type=float, metavar="X", help="what the scale says, in carat")
    say(
        "--fit-weight",
        action="store_true",
        default=None,  # not said: the job file's word counts
        help="rescale the scan so that it weighs what the scale says",
    )
    say("--unit", choices=UNITS, help="of the scan's numbers (the file's, else guessed)")
    say(
        "--set",
        action="append",
        default=[],
        dest="sets",
        metavar="KEY=VALUE",
        help="any key of the job file, as limits.kerf_mm=0.4; may be given again",
    )
    say(
        "--vary",
        action="append",
        default=[],
        metavar="KEY=a,b,c",
        help="what if: plan once for every value of a key that --set takes, and write a table, a"
        " picture and a page of what they change, beside a folder for each plan, into --out"
        " (what-if-<scan name>); a second --vary plans every pair; a value with a comma in it goes"
        " into quotes or brackets, a + joins names in cuts.use; --time-limit is for each plan",
    )
    say(
        "--keep",
        metavar="PLAN.json",
        help="a plan of this rough of which something stays where it is, the rest planned anew",
    )
    say("--keep-stones", metavar="A,B", help="stones of --keep that stay")
    say("--keep-saw", type=_steps, metavar="1,2", help="saw steps of --keep that stay")
    say(
        "--after",
        metavar="PLAN.json",
        help="the scan is of a piece that this plan's saw has left: stones that still hold in it"
        " stay, the others are planned anew",
    )
    say("--piece", metavar="NAME", help="which piece of --after was scanned, as 0.1 or A")
    add_print_arguments(parser)
    say("--out", type=Path, metavar="DIR", help="where to write (plan-<scan name>)")
    say("-v", "--verbose", action="store_true", help="name design files that could not be read")
    say("--json", action="store_true", help="print the plan file instead of the table")
    say("--schema", action="store_true", help="print the plan file's JSON Schema, and do no more")


def run(args: argparse.Namespace) -> int:
    """Plan, judge, write; return 130 when Ctrl-C cut the search short."""
    if args.schema:
        from yieldopt.plan.schema import plan_schema

        print(json.dumps(plan_schema(), indent=2))
        return DONE

    if args.vary:
        from yieldopt_cli.what_if import run_what_if

        return run_what_if(args)

    from yieldopt_cli.console import Console
    from yieldopt_cli.job import KEY_OF_FLAG, read_job
    from yieldopt_cli.plan_folder import check_target, written_whole

    job = read_job(args.job, args.sets, {name: getattr(args, name) for name in KEY_OF_FLAG})
    out: Path = args.out or Path(f"plan-{job.name}")
    check_target(out)
    console = Console()
    problem, given = problem_of(job, console, names_unread=args.verbose)
    with Interrupt(console) as interrupt:
        try:
            plan = solved(problem, args, interrupt, console)
        except NothingFitsError:
            if interrupt.asked:  # the search had no time to find anything
                raise KeyboardInterrupt from None
            raise
        finally:
            console.finish()
        plan = replace(plan, weight_check=given.check, colour_zones=given.colour_zones)
        with written_whole(out) as folder:
            text = write_judged(plan, folder, lang=args.lang, paper=args.paper)
    if args.json:
        sys.stdout.write(text)
        console.say(f"page: {out / 'plan.html'}")
    else:
        from yieldopt_cli.console import result_table

        *lines, page = result_table(json.loads(text), out).splitlines()
        print("\n".join([*lines, *given.stays, page]))
    return INTERRUPTED if interrupt.asked else DONE


class Interrupt:
    """A stop rule that Ctrl-C sets: the first asks the search for its best, the second aborts."""

    def __init__(self, console: "Console", again: str = "give it up") -> None:
        self.console = console
        self.again = again  # what the second does
        self.asked = False

    def __call__(self) -> bool:
        """Tell whether Ctrl-C was pressed."""
        return self.asked

    def __enter__(self) -> Self:
        """Listen, where signals can be heard at all: in the main thread."""
        self.listens = threading.current_thread() is threading.main_thread()
        if self.listens:
            self.before = signal.signal(signal.SIGINT, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        """Let Ctrl-C mean again what it did."""
        if self.listens:
            signal.signal(signal.SIGINT, self.before)

    def _hear(self, _number: int, _frame: FrameType | None) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True
        self.console.say(f"stopping with the best so far; once more to {self.again}")


def problem_of(
    job: "Job",
    console: "Console",
    *,
    names_unread: bool = False,
    read: "Callable[..., Rough] | None" = None,
    gather: "Callable[..., Library] | None" = None,
) -> "tuple[Problem, PreparedRough]":
    """Return the question that a job puts, from its files, and the rough that it is about.

    Parameters
    ----------
    names_unread
        Whether design files that could not be read are named.
    read, gather
        In place of `read_rough` and `library_of`: what remembers, where many jobs ask.
    """
    from yieldopt.cuts.library import library_of
    from yieldopt.cuts.species import species_from
    from yieldopt.plan.orientation import unit_axes
    from yieldopt.search.problem import Problem
    from yieldopt_cli.job_rules import able_cuts, rules_of

    species = species_from(job.species)
    library = (gather or library_of)(
        job.cuts,
        ranges=job.ranges,
        proportions=job.proportions,
        species=species,
        gear=job.gear,
        windows=job.windows,
        closed_c=job.orientation.c_axis == "closed",
        tell=console.reading,
    )
    for note in library.notes:
        hint = "" if names_unread or not library.unread else " (-v names them)"
        console.say(note + hint)
    for line in library.unread if names_unread else ():
        console.say(f"  {line}")
    given = _prepared(job, species, read)
    piece = None
    if job.after is not None:
        from yieldopt_cli.job_after import in_scan, piece_of

        piece = piece_of(job.after, given.rough, console.say)
        job, given = in_scan(job, given, piece.pose)
    if job.prices.objective == "value":
        given = _steered_by_colour(given)
    for note in given.rough.notes:
        console.say(f"{given.rough.file}: {note}")
    axes = unit_axes(job.axes)
    priced: tuple[OrientationRule, ...] = ()
    if job.after is not None and piece is not None and job.after.takes_rules:
        from yieldopt_cli.job_after import rules_of_plan

        hard = rules_of_plan(job.after, piece.pose)
    else:
        hard, priced = rules_of(axes, species, job, console.say)
    cuts = able_cuts(library.cuts, hard, console.say)
    market = None
    if job.prices.file is not None:
        from yieldopt_cli.job_market import market_of

        market = market_of(job, species, given.colour_zones, cuts, console.say)
    problem = Problem(
        rough=given.rough,
        cuts=cuts,
        limits=job.limits,
        species=species.name,
        specific_gravity=job.specific_gravity or species.specific_gravity,
        inclusions=given.inclusions,
        weighed_ct=job.weighed_ct,
        axes=axes,
        orientation=hard,
        priced=priced,
        market=market,
        objective=job.prices.objective,
    )
    return _with_what_stays(problem, given, job, piece, console)


def _with_what_stays(
    problem: "Problem",
    given: "PreparedRough",
    job: "Job",
    piece: "PlannedPiece | None",
    console: "Console",
) -> "tuple[Problem, PreparedRough]":
    """Return a question with the stones and saw cuts of earlier plans that stay in it."""
    from yieldopt_cli.job_saw import check_cleavages, locked_of

    check_cleavages(problem)
    if piece is None:
        return replace(problem, locked=locked_of(job.keep, problem, console.say)), given
    from yieldopt_cli.job_after import what_stays

    locked, stays = what_stays(piece, problem)
    for line in stays:
        console.say(line)
    rough = replace(problem.rough, notes=(*problem.rough.notes, *stays))
    return (
        replace(problem, rough=rough, locked=locked),
        replace(given, rough=rough, stays=stays),
    )


def _prepared(
    job: "Job", species: "Species", read: "Callable[..., Rough] | None" = None
) -> "PreparedRough":
    """Return a job's rough, from its scan or its sizes, weighed."""
    from yieldopt.rough.prepare import prepare_rough
    from yieldopt.rough.read import read_rough
    from yieldopt.rough.regions import regions_in

    rough = job.shape
    tells = job.after is None  # else it tells of the inside in the frame of another scan
    if rough is None:
        assert job.scan is not None  # the job has one of the two
        rough = (read or read_rough)(job.scan, unit=job.unit)
    own = job.specific_gravity
    return prepare_rough(
        rough,
        specific_gravity=own or species.specific_gravity,
        specific_gravity_range=(own, own) if own else species.specific_gravity_range,
        weighed_ct=job.weighed_ct,
        fit_weight=job.fit_weight,
        coating=job.limits.coating,
        scan_error=job.limits.scan_error,
        inclusions=(*job.inclusions, *regions_in(rough.vertices, job.regions)) if tells else (),
        colour_zones=job.colour_zones if tells else (),
    )


def _steered_by_colour(given: "PreparedRough") -> "PreparedRough":
    """Return a prepared rough without the note that its colour zones steer nothing."""
    notes = tuple(note for note in given.rough.notes if not note.startswith("colour zones ("))
    return replace(given, rough=replace(given.rough, notes=notes))


def solved(
    problem: "Problem", args: argparse.Namespace, interrupt: Interrupt, console: "Console"
) -> "Plan":
    """Return the best plan that the search finds within what the arguments allow it."""
    from yieldopt.search.solve import solve
    from yieldopt.search.stop import Stop, TimeLimit, any_of

    rules: list[Stop] = [interrupt]
    if args.time_limit is not None:
        rules.append(TimeLimit(args.time_limit))
    return solve(
        problem,
        effort=args.effort,
        seed=args.seed,
        threads=args.threads,
        stop=any_of(*rules),
        listener=console,
    )


def write_judged(
    plan: "Plan", folder: Path, *, lang: Sequence[str] = ("en",), paper: str = "a4"
) -> str:
    """Write a plan that the judge passes into a folder; return the text of its plan file.

    `lang` and `paper` are the sheet's.
    """
    from yieldopt.plan.verify import verify_plan
    from yieldopt.plan.write import write_plan
    from yieldopt.report.write import write_reports

    write_plan(plan, folder)
    verdict = verify_plan(folder / "plan.json")
    if not verdict.holds:
        first = verdict.violations[0]
        raise RuntimeError(f"the plan fails its own check ({first}); nothing was written")
    write_reports(plan, folder, lang=lang, paper=paper)
    return (folder / "plan.json").read_text(encoding="utf-8")


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"must be above 0, not {text}")
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or more, not {text}")
    return number


def _positive_count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, not {text}")
    return number


def _steps(text: str) -> list[int]:
    try:
        steps = [int(word) for word in text.split(",") if word.strip()]
    except ValueError:
        steps = []
    if not steps or min(steps) < 1:
        raise argparse.ArgumentTypeError(f"saw steps from 1 on are wanted, as 1,2, not {text}")
    return steps

"""`yieldopt plan --vary`: the same rough planned once for every value, and a table of it."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from yieldopt.cuts.library import library_of
from yieldopt.errors import InputError, NothingFitsError
from yieldopt.report.what_if import Trial, WhatIf, what_if_text, write_what_if
from yieldopt.report.what_if_words import findings, result_line, table_heads, table_rows
from yieldopt.rough.read import read_rough
from yieldopt_cli.commands.plan import (
    DONE,
    INTERRUPTED,
    Interrupt,
    problem_of,
    solved,
    write_judged,
)
from yieldopt_cli.console import Console, aligned
from yieldopt_cli.job import KEY_OF_FLAG
from yieldopt_cli.plan_folder import WHAT_IF, check_target, written_whole
from yieldopt_cli.vary import Variant, variants_of, variations_of

if TYPE_CHECKING:
    from yieldopt.plan.record import Plan
    from yieldopt.rough.prepare import PreparedRough
    from yieldopt.search.problem import Problem


class Trials(Console):
    """A console that says each line once, and which of several plans is searched for."""

    def __init__(self) -> None:
        super().__init__()
        self.heading = ""
        self._said: set[str] = set()

    def say(self, words: str) -> None:
        """Print a line that stays, unless it stands there already."""
        if words not in self._said:
            self._said.add(words)
            super().say(words)

    def progress(
        self, *, phase: str, evaluations: int, best_ct: float, bound_ct: float, share: float
    ) -> None:
        """Show the state, with the plan's number before it."""
        super().progress(
            phase=f"{self.heading} {phase}",
            evaluations=evaluations,
            best_ct=best_ct,
            bound_ct=bound_ct,
            share=share,
        )


def run_what_if(args: argparse.Namespace) -> int:
    """Plan for every value, write all, print the table; return 130 when Ctrl-C cut it short."""
    variations = variations_of(args.vary)
    keys = tuple(variation.key for variation in variations)
    flags = {name: getattr(args, name) for name in KEY_OF_FLAG}
    variants = variants_of(variations, args.job, args.sets, flags)
    out: Path = args.out or Path(f"what-if-{variants[0].job.name}")
    check_target(out, WHAT_IF)
    console = Trials()
    questions = _questions(variants, console, names_unread=args.verbose)
    with (
        Interrupt(console, again="leave this one out") as interrupt,
        written_whole(out, WHAT_IF) as folder,
    ):
        trials: list[Trial] = []
        try:
            for number, (variant, question) in enumerate(zip(variants, questions, strict=True), 1):
                console.heading = f"{number}/{len(variants)}"
                trials += _tried(keys, variant, question, folder, args, interrupt, console)
                if interrupt.asked:
                    break
        except KeyboardInterrupt:  # the second Ctrl-C: what is finished stays
            for unfinished in variants[len(trials) :][:1]:
                shutil.rmtree(folder / unfinished.folder, ignore_errors=True)
        finally:
            console.finish()
        if all(trial.plan is None for trial in trials):
            if interrupt.asked:
                raise KeyboardInterrupt
            raise NothingFitsError(f"under none of the values: {trials[0].why}")
        left_out = tuple(variant.values for variant in variants[len(trials) :])
        study = WhatIf(keys=keys, trials=tuple(trials), left_out=left_out)
        document = write_what_if(study, folder)
    page = f"page: {out / 'what-if.html'}"
    if args.json:
        sys.stdout.write(what_if_text(document))
        console.say(page)
    else:
        print("\n".join([*table_lines(document), page]))
    return INTERRUPTED if interrupt.asked else DONE


def table_lines(document: dict[str, Any]) -> list[str]:
    """Return a study as lines for a terminal: the table, and what was found."""
    n_keys = len(document["keys"])
    heads = [*document["keys"], *table_heads(document)[n_keys:]]  # shorter than their words
    rows = [heads, *table_rows(document)]
    n_numbers = len(heads) - n_keys - 2  # between the cut and what changed
    lines = aligned([row[:-1] for row in rows], numbers=n_numbers)
    wide = max(len(line) for line in lines)
    told = [f"{line:<{wide}}  {row[-1]}".rstrip() for line, row in zip(lines, rows, strict=True)]
    return [*told, *findings(document)]


def _questions(
    variants: Sequence[Variant], console: Console, *, names_unread: bool
) -> "list[tuple[Problem, PreparedRough]]":
    """Return the question of every job, before any is searched; files are read once.

    Raises
    ------
    InputError
        If one of them cannot be put; the line says under which values.
    """
    read, gather = cache(read_rough), cache(library_of)
    out = []
    for variant in variants:
        try:
            out.append(
                problem_of(
                    variant.job, console, names_unread=names_unread, read=read, gather=gather
                )
            )
        except InputError as error:
            said = ", ".join(variant.values)
            named = not out or any(value in str(error) for value in variant.values)
            raise InputError(f"{error}" if named else f"--vary {said}: {error}") from None
    return out


def _tried(
    keys: Sequence[str],
    variant: Variant,
    question: "tuple[Problem, PreparedRough]",
    folder: Path,
    args: argparse.Namespace,
    interrupt: Interrupt,
    console: Console,
) -> list[Trial]:
    """Return the trial of a variant, its plan written; none where Ctrl-C came before any plan."""
    problem, given = question
    said = ", ".join(f"{key} = {value}" for key, value in zip(keys, variant.values, strict=True))
    try:
        plan: Plan = solved(problem, args, interrupt, console)
        plan = replace(plan, weight_check=given.check, colour_zones=given.colour_zones)
        write_judged(plan, folder / variant.folder, lang=args.lang, paper=args.paper)
    except (NothingFitsError, InputError) as error:  # as a weighed weight below the stone's
        shutil.rmtree(folder / variant.folder, ignore_errors=True)
        if interrupt.asked:
            return []
        console.say(f"{said}: {error}")
        return [Trial(values=variant.values, why=str(error))]
    console.say(result_line(said, plan))
    return [Trial(values=variant.values, plan=plan, folder=variant.folder)]

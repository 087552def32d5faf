"""Run the benchmark of several stones: `python -m benchmarks.several.run --label NAME`."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.quality import money
from benchmarks.quality import standard as quality
from benchmarks.quality.best import faults
from benchmarks.quality.rows import ROOMS, append_row, code_digest, commit, read_rows
from benchmarks.quality.warm import warm_up
from benchmarks.several.axis import FREE, VARIANTS, restricted
from benchmarks.several.pictures import draw_plan
from benchmarks.several.rows import RUNS, Several
from benchmarks.several.standard import STANDARD, Case, Planted, Shape, build
from yieldopt.errors import NothingFitsError
from yieldopt.geometry.threads import cores
from yieldopt.plan.record import Plan
from yieldopt.plan.write import write_plan
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve

OBJECTIVES = ("weight", "value")
TRADE = money.TRADES[0]  # peridot: its steps of price are high, and no rule of its own


def main(words: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; 1 where the judge refused a plan."""
    args = _parser().parse_args(words)
    path = RUNS / f"{args.label}.csv"
    head, code = args.commit or commit(), code_digest((*ROOMS, "value"))
    there = {row.key for row in read_rows(path, Several)}
    made, refused = 0, 0
    warm_up()
    for case in chosen(args.rough):
        most = args.max_stones or case.max_stones
        for objective in args.objective or OBJECTIVES[:1]:
            for variant in args.variant or (FREE,):
                for seed in range(args.first_seed, args.first_seed + args.seeds):
                    key = (code, case.spec.name, variant, objective, most, seed, args.effort)
                    if key in there:
                        continue
                    row, plan = run_one(
                        case, variant=variant, objective=objective, max_stones=most, seed=seed,
                        effort=args.effort, label=args.label, head=head, code=code,
                    )  # fmt: skip
                    append_row(path, row)
                    made, refused = made + 1, refused + (row.faults > 0)
                    print(said(row), flush=True)
                    if plan is None:
                        continue
                    if args.keep:
                        write_plan(plan, args.keep / "-".join(map(str, key[1:])).replace(" ", "_"))
                    if isinstance(case.spec, Shape) and seed == 0 and objective == "weight":
                        draw_plan(plan, f"{case.spec.name} {variant}")
    print(f"{made} runs, {refused} plans refused by the judge")
    return 1 if refused else 0


def chosen(names: Sequence[str]) -> Iterator[Case]:
    """Build the roughs whose names begin with one of the words, or all; say what is skipped."""
    for spec in STANDARD:
        if names and not any(spec.name.startswith(name) for name in names):
            continue
        case = build(spec)
        if case is None:
            print(f"{spec.name}: skipped, its scan is missing", file=sys.stderr)
        else:
            yield case


def problem_of(case: Case, objective: str, max_stones: int) -> Problem:
    """Return the question by weight or by value; by value flaws may stay inside at a price."""
    problem = case.problem(max_stones)
    if objective == "weight":
        return problem
    as_there = quality.Case(
        spec=quality.Scan(name=case.spec.name, file=""), rough=case.rough,
        inclusions=case.inclusions,
    )  # fmt: skip
    priced = money.problem_of(as_there, TRADE)
    return replace(priced, cuts=problem.cuts, limits=problem.limits)


def run_one(
    case: Case, *, variant: str, objective: str, max_stones: int, seed: int, effort: str,
    label: str, head: str, code: str,
) -> tuple[Several, Plan | None]:  # fmt: skip
    """Search once and let the judge judge; the plan is None where nothing fits."""
    problem = restricted(problem_of(case, objective, max_stones), variant)
    started, cpu_started = time.perf_counter(), time.process_time()
    plan: Plan | None
    try:
        plan = solve(problem, effort=effort, seed=seed)
    except NothingFitsError:
        plan = None
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_started
    wrong = judged(plan) if plan is not None else []
    # Planted weights are those of the set's species.
    row = Several(
        label=label,
        commit=head,
        code=code,
        rough=case.spec.name,
        group=group_of(case),
        triangles=len(case.rough.faces),
        variant=variant,
        objective=objective,
        max_stones=max_stones,
        seed=seed,
        effort=effort,
        threads=cores(),
        stones=len(plan.stones) if plan else 0,
        saw_cuts=len(plan.saw) if plan else 0,
        weight_ct=plan.weight_ct if plan else 0.0,
        value=sum(stone.value or 0.0 for stone in plan.stones) if plan else 0.0,
        known_ct=case.known_ct if objective == "weight" else 0.0,
        bound_ct=plan.bound.weight_ct if plan else 0.0,
        evaluations=plan.search.evaluations if plan else 0,
        seconds=seconds,
        cpu_seconds=cpu_seconds,
        faults=len(wrong),
        fault=wrong[0] if wrong else "",
    )
    return row, plan


def judged(plan: Plan) -> list[str]:
    """Return what the judge finds wrong with a plan's files, or why they cannot be written."""
    try:
        return faults(plan)
    except (ValueError, NotImplementedError) as error:
        return [f"plan: {type(error).__name__}: {error}"]


def group_of(case: Case) -> str:
    """Return which part of the set a case is of."""
    match case.spec:
        case Planted():
            return "planted"
        case Shape():
            return "shape"
        case _:
            return "quality"


def said(row: Several) -> str:
    """Return a row as a line on the screen."""
    share = f"{row.weight_ct / row.known_ct:8.2%} of planted" if row.known_ct else ""
    money_said = f" value {row.value:9.2f}" if row.objective == "value" else ""
    fault = f" REFUSED: {row.fault}" if row.faults else ""
    return (
        f"{row.rough:22} {row.variant:16} {row.seed:2} {row.stones} of {row.max_stones}"
        f" {row.weight_ct:9.4f} ct {share}{money_said} bound {row.bound_ct:9.3f} ct"
        f" {row.evaluations:9} {row.seconds:7.1f} s {row.cpu_seconds:7.1f} s CPU{fault}"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.several.run", description=__doc__)
    parser.add_argument("--label", required=True, help="name of the CSV file in runs/")
    parser.add_argument("--rough", action="append", default=[], help="names begin so; repeat")
    parser.add_argument("--variant", action="append", choices=VARIANTS, help="repeat")
    parser.add_argument("--objective", action="append", choices=OBJECTIVES, help="repeat")
    parser.add_argument("--max-stones", type=int, default=0, help="else what the set says")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--effort", default="normal", choices=("quick", "normal", "thorough"))
    parser.add_argument("--keep", type=Path, help="a folder to write every plan into")
    parser.add_argument("--commit", default="", help="where there is no git to ask")
    return parser


if __name__ == "__main__":
    sys.exit(main())

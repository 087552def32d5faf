"""Run the quality benchmark: `python -m benchmarks.quality.run` from the checkout's root."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence

from benchmarks.quality.best import Found, best_weight, offer, stone_of
from benchmarks.quality.rows import RUNS, Run, append_row, code_digest, commit, read_rows
from benchmarks.quality.standard import CUTS, STANDARD, Case, build, cut_of, cuts_asked
from benchmarks.quality.warm import warm_up
from yieldopt.errors import NothingFitsError
from yieldopt.geometry.threads import cores
from yieldopt.plan.record import Plan
from yieldopt.search.solve import solve


def main(words: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    args = _parser().parse_args(words)
    path = RUNS / f"{args.label}.csv"
    head, code = args.commit or commit(), code_digest()
    there = {row.key for row in read_rows(path, Run)}
    worst = 1.0
    warm_up()
    for case in chosen(args.rough):
        plant(case)
        for cut in args.cut or cuts_asked(case.spec):
            for proportions in args.proportions:
                for seed in range(args.first_seed, args.first_seed + args.seeds):
                    key = (code, case.spec.name, cut, proportions, seed, args.effort)
                    if key in there:
                        continue
                    run = run_one(
                        case, cut, seed=seed, effort=args.effort, proportions=proportions,
                        label=args.label, head=head, code=code,
                    )  # fmt: skip
                    append_row(path, run)
                    share = run.weight_ct / max(best_weight(run.rough, cut), 1e-300)
                    worst = min(worst, share)
                    print(
                        f"{run.rough:28} {cut:8} {proportions:6} {seed:3} {run.weight_ct:9.4f} ct"
                        f" {share:8.3%} of best  bound {run.bound_ct / run.weight_ct - 1:7.2%}"
                        f" {run.evaluations:8} {run.seconds:6.2f} s",
                        flush=True,
                    )
    print(f"worst of these {worst:.3%}")
    return 0


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


def plant(case: Case) -> None:
    """Keep a planted answer as a best known, a hair smaller for the judge."""
    answer = case.answer
    if answer is None or best_weight(case.spec.name, answer.cut, case.digest) > 0.0:
        return
    hair = 1.0 - 4e-6 / answer.width
    found = Found(
        pose=answer.pose, theta=tuple(answer.theta), width=answer.width * hair,
        bound_ct=1e6, how="planted",
    )  # fmt: skip
    offer(case, answer.cut, found)


def run_one(
    case: Case, cut: str, *, seed: int, effort: str, proportions: str, label: str, head: str,
    code: str,
) -> Run:  # fmt: skip
    """Search once; a best known that was beaten is replaced."""
    problem = case.problem(cut_of(cut, proportions=proportions))
    started = time.perf_counter()
    plan: Plan | None
    try:
        plan = solve(problem, effort=effort, seed=seed)
    except NothingFitsError:
        plan = None
    seconds = time.perf_counter() - started
    if plan is not None and proportions == "free":
        offer(case, cut, stone_of(plan, f"{label} {effort} {seed}"))
    return Run(
        label=label,
        commit=head,
        code=code,
        rough=case.spec.name,
        triangles=len(case.rough.faces),
        cut=cut,
        proportions=proportions,
        seed=seed,
        effort=effort,
        threads=cores(),
        weight_ct=plan.weight_ct if plan else 0.0,
        bound_ct=plan.bound.weight_ct if plan else 0.0,
        evaluations=plan.search.evaluations if plan else 0,
        seconds=seconds,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.run", description=__doc__)
    parser.add_argument("--label", required=True, help="name of the CSV file in runs/")
    parser.add_argument("--rough", action="append", default=[], help="names begin so; repeat")
    parser.add_argument("--cut", action="append", choices=CUTS, help="repeat")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--effort", default="normal", choices=("quick", "normal", "thorough"))
    parser.add_argument("--proportions", nargs="+", default=["free"], choices=("free", "fixed"))
    parser.add_argument("--commit", default="", help="where there is no git to ask")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""Rank a library of designs on one rough, and tell what each part took.

    python benchmarks/library/rank.py FOLDER SCAN [--effort quick] [--alone]

Seconds are those of the processor, all threads together: half of them pass on two idle cores.
With `--alone` every design that screening keeps is searched by itself too, and the best of
these is compared with the best of the run.
"""

import argparse
import time
from dataclasses import replace
from pathlib import Path

from yieldopt.cuts.library import library_of
from yieldopt.cuts.species import species_named
from yieldopt.plan.record import Limits, Plan
from yieldopt.rough.read import read_rough
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve

SHOWN = 10  # of the ranking


def main() -> None:
    """Rank, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("scan", type=Path)
    parser.add_argument("--effort", default="quick")
    parser.add_argument("--species", default="quartz")
    parser.add_argument("--alone", action="store_true")
    args = parser.parse_args()
    species = species_named(args.species)
    started = time.process_time()
    library = library_of(args.folder)
    print(*library.notes, sep="\n")
    print(f"reading   {time.process_time() - started:7.1f} s of processor")
    problem = Problem(
        rough=read_rough(args.scan, unit=None),
        cuts=library.cuts,
        limits=Limits(),
        species=species.name,
        specific_gravity=species.specific_gravity,
    )
    started, clock = time.process_time(), time.monotonic()
    plan = solve(problem, effort=args.effort)
    seconds = time.process_time() - started
    print(f"ranking   {seconds:7.1f} s of processor, {time.monotonic() - clock:.1f} s by the clock")
    found = [*plan.stones, *plan.alternatives]
    for place, stone in enumerate(found[:SHOWN], 1):
        print(f"{place:3}  {stone.design.name:<24} {stone.design.solid.volume:10.3f} mm3")
    if args.alone:
        names = {stone.design.name for stone in found}
        kept = [cut for cut in problem.cuts if cut.name in names]
        best = max(_volume(solve(replace(problem, cuts=(c,)), effort=args.effort)) for c in kept)
        print(
            f"best of {len(kept)} searched alone {best:.3f}: the run is {_volume(plan) / best:.4%}"
        )


def _volume(plan: Plan) -> float:
    return plan.stones[0].design.solid.volume


if __name__ == "__main__":
    main()

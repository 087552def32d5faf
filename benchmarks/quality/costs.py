"""What bounds and large scans cost: `python -m benchmarks.quality.costs`."""

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence

from benchmarks.quality.rows import ROOT, RUNS, Cost, append_row, code_digest, commit
from benchmarks.quality.run import chosen
from benchmarks.quality.standard import CUTS, LIMITS, SPECIES, cut_of
from benchmarks.quality.warm import warm_up
from yieldopt.cuts.species import species_named
from yieldopt.geometry.threads import Crew
from yieldopt.rough.made import make_rough
from yieldopt.search.bound import HullBound
from yieldopt.search.one import EFFORTS
from yieldopt.search.problem import Problem
from yieldopt.search.site import Site, prepare_site
from yieldopt.search.solve import solve

# Bounds are timed on one rough of each form.
BOUNDED = ("pebble_2_", "prism_1_", "octahedron_2_", "slab_2_", "needle_1_", "broken_2_", "lump_2_")
SIZES = (50_000, 200_000, 1_000_000)  # triangles
LARGE = "broken"  # the kind of the rough whose triangles are counted up
REPEATS = 3  # of a timing; the least counts


def main(words: Sequence[str] | None = None) -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.costs", description=__doc__)
    parser.add_argument("--label", required=True, help="name of the CSV file in runs/")
    parser.add_argument("--commit", default="", help="where there is no git to ask")
    parser.add_argument("--alone", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args(words)
    if args.alone:
        print(*_plan_alone(args.alone))
        return 0
    head, code = args.commit or commit(), code_digest()
    path = RUNS / f"{args.label}-costs.csv"
    path.unlink(missing_ok=True)  # figures of one run belong together

    def note(
        what: str, rough: str, cut: str, triangles: int, seconds: float, memory: float
    ) -> None:
        row = Cost(
            label=args.label, commit=head, code=code, what=what, rough=rough, cut=cut,
            triangles=triangles, seconds=seconds, memory_mb=memory,
        )  # fmt: skip
        append_row(path, row)
        print(f"{what:10} {rough:28} {cut:8} {triangles:8} {seconds:7.2f} s {memory:7.0f} MB")

    warm_up()
    for case in chosen(BOUNDED):
        for name in CUTS:
            site = prepare_site(case.problem(cut_of(name)))
            for effort in ("quick", "normal"):
                cells = EFFORTS[effort][-1].cells
                seconds = min(_bound_seconds(site, name, cells) for _ in range(REPEATS))
                n = len(case.rough.faces)
                note(f"bound {effort}", case.spec.name, name, n, seconds, 0.0)
    for triangles in SIZES:
        # A process of its own, so that the peak of its memory is its own.
        words = ["-m", "benchmarks.quality.costs", "--label", args.label, "--alone", str(triangles)]
        done = subprocess.run(
            [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, check=True
        )
        first, again, memory = map(float, done.stdout.split())
        note("plan", f"{LARGE}_1", "round", triangles, min(first, again), memory)
    return 0


def _bound_seconds(site: Site, name: str, cells: int) -> float:
    """Return the seconds of a cut's hull bound, to so many cells or until it is close."""
    with Crew() as crew:
        started = time.perf_counter()
        HullBound(site.hull, site.centre, cut_of(name), crew).tighten(cells)
        return time.perf_counter() - started


def _plan_alone(triangles: int) -> tuple[float, float, float]:
    """Return the seconds of two plans and the peak of this process's memory, MB."""
    import resource

    rough = make_rough(LARGE, seed=1, triangles=triangles)
    problem = Problem(
        rough=rough, cuts=(cut_of("round"),), limits=LIMITS, species=SPECIES,
        specific_gravity=species_named(SPECIES).specific_gravity,
    )  # fmt: skip
    seconds = []
    for _ in range(2):
        started = time.perf_counter()
        solve(problem)
        seconds.append(time.perf_counter() - started)
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kB elsewhere
    return seconds[0], seconds[1], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    sys.exit(main())

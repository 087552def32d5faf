"""Time to a share of the best known, ours and the peers': `python -m benchmarks.quality.rivals`."""

import argparse
import sys
import time
from collections.abc import Sequence

from benchmarks.quality.best import best_weight, offer, stone_of
from benchmarks.quality.peers import PEERS, Trial, run_trial
from benchmarks.quality.rows import (
    RUNS,
    Point,
    Reach,
    append_row,
    code_digest,
    commit,
    read_rows,
)
from benchmarks.quality.run import chosen
from benchmarks.quality.standard import Case, cut_of
from benchmarks.quality.warm import warm_up
from yieldopt.errors import NothingFitsError
from yieldopt.geometry.threads import Crew
from yieldopt.search.site import Site, prepare_site
from yieldopt.search.solve import solve
from yieldopt.search.stop import TimeLimit
from yieldopt.units import volume_of_weight, weight_ct

TARGETS = (0.95, 0.99, 0.995)
OURS = "yieldopt"
# Time limits tried, s: each a run of its own, at normal effort, so that what is counted is a plan
# judged on the full mesh. The last has no limit.
LIMITS_TRIED = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.55, 0.75, 1.0, 1.4, 2.0, 2.8, 4.0, 1e9)
# A cut for each rough: convex and concave, coarse and fine, planted and scanned.
PAIRS: tuple[tuple[str, str], ...] = (
    ("pebble_2_50k", "oval"),
    ("prism_1_10k", "emerald"),
    ("octahedron_2_50k", "round"),
    ("dodecahedron_1_20k", "oval"),
    ("slab_2_50k", "emerald"),
    ("needle_1_5k", "round"),
    ("broken_1_20k", "oval"),
    ("broken_2_50k", "round"),
    ("cratered_1_10k", "emerald"),
    ("cratered_3_100k", "oval"),
    ("lump_1_10k", "round"),
    ("lump_2_50k", "emerald"),
    ("planted_oval_hull_2_50k", "oval"),
    ("planted_round_lumps_4_20k", "round"),
)


def main(words: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    args = _parser().parse_args(words)
    told = _Book(label=args.label, head=args.commit or commit(), code=code_digest(), cap=args.cap)
    warm_up()
    pairs = [p for p in PAIRS if not args.rough or any(p[0].startswith(w) for w in args.rough)]
    for name, cut in pairs:
        for case in chosen([name]):
            best = best_weight(name, cut, case.digest)
            if best == 0.0:
                print(f"{name} {cut}: skipped, no best known; run benchmarks.quality.run first")
                continue
            site, preparation = prepared(case, cut)
            for seed in range(args.seeds):
                if not told.has(name, cut, OURS, seed):
                    curve = our_curve(case, cut, seed, preparation, best)
                    told.write(name, cut, OURS, seed, curve, best)
            for peer in args.peer or PEERS:
                for seed in range(args.seeds):
                    if not told.has(name, cut, peer, seed):
                        curve = peer_curve(case, cut, site, peer, seed, args.cap, best)
                        told.write(name, cut, peer, seed, curve, best)
    return 0


Curve = list[tuple[float, int, float, float]]  # seconds, evaluations, credited seconds, ct


def prepared(case: Case, cut: str) -> tuple[Site, float]:
    """Return the site that all solvers search on, and the seconds that it took (least of 3)."""
    seconds = []
    for _ in range(3):
        started = time.perf_counter()
        site = prepare_site(case.problem(cut_of(cut)))
        seconds.append(time.perf_counter() - started)
    return site, min(seconds)


def our_curve(case: Case, cut: str, seed: int, preparation: float, best: float) -> Curve:
    """Return what plans under one time limit after another weigh, until one has all targets."""
    curve: Curve = []
    for limit in LIMITS_TRIED:
        started = time.perf_counter()
        try:
            plan = solve(case.problem(cut_of(cut)), seed=seed, stop=TimeLimit(limit))
        except NothingFitsError:
            continue  # too short to find anything
        seconds = time.perf_counter() - started
        offer(case, cut, stone_of(plan, f"rivals {OURS} {seed}"))
        alone = max(seconds - preparation, 1e-3)
        curve.append((seconds, plan.search.evaluations, alone, plan.weight_ct))
        if plan.weight_ct >= TARGETS[-1] * best or plan.search.complete:
            break
    return curve


def peer_curve(
    case: Case, cut: str, site: Site, peer: str, seed: int, cap: float, best: float
) -> Curve:
    """Return the best weights a peer had, and when."""
    gravity = case.problem(cut_of(cut)).specific_gravity
    enough = volume_of_weight(TARGETS[-1] * best, gravity)
    with Crew() as crew:
        trial = Trial(site=site, cut=cut_of(cut), crew=crew, cap=cap, enough=enough)
        run_trial(trial, peer, seed)
    end = (trial.seconds, trial.evaluations, trial.credited, trial.best)
    return [(s, n, c, weight_ct(v, gravity)) for s, n, c, v in [*trial.curve, end]]


class _Book:
    """Writes what was reached, and the curves; knows what is there already."""

    def __init__(self, *, label: str, head: str, code: str, cap: float) -> None:
        self.label, self.head, self.code, self.cap = label, head, code, cap
        self.reaches, self.points = RUNS / f"{label}-reach.csv", RUNS / f"{label}-curves.csv"
        rows = read_rows(self.reaches, Reach)
        self.there = {(r.code, r.rough, r.cut, r.solver, r.seed) for r in rows}

    def has(self, rough: str, cut: str, solver: str, seed: int) -> bool:
        return (self.code, rough, cut, solver, seed) in self.there

    def write(
        self, rough: str, cut: str, solver: str, seed: int, curve: Curve, best: float
    ) -> None:
        last = curve[-1] if curve else (0.0, 0, 0.0, 0.0)
        words = []
        for target in TARGETS:
            there = next((step for step in curve if step[3] >= target * best), None)
            seconds, evaluations, credited = there[:3] if there else (-1.0, -1, -1.0)
            row = Reach(
                label=self.label, commit=self.head, code=self.code, rough=rough, cut=cut,
                solver=solver, seed=seed, target=target, evaluations=evaluations,
                seconds=seconds, credited=credited, cap=last[0], cap_credited=last[2],
                cap_evaluations=last[1],
            )  # fmt: skip
            append_row(self.reaches, row)
            words.append(f"{seconds:7.2f} s" if there else f">{last[0]:6.1f} s")
        for step in _thinned(curve):
            append_row(
                self.points,
                Point(
                    label=self.label, rough=rough, cut=cut, solver=solver, seed=seed,
                    seconds=step[0], evaluations=step[1], weight_ct=step[3],
                ),
            )  # fmt: skip
        end = last[3] / best
        print(
            f"{rough:28} {cut:8} {solver:24} {seed}  {'  '.join(words)}  end {end:.3%}", flush=True
        )


def _thinned(curve: Curve) -> Curve:
    """Return the steps that matter: each a thousandth better than the one before, and the last."""
    out: Curve = []
    for step in curve:
        if not out or step[3] > out[-1][3] * 1.001:
            out.append(step)
    return [*out, curve[-1]] if out and out[-1] != curve[-1] else out


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality.rivals", description=__doc__
    )
    parser.add_argument("--label", required=True, help="name of the CSV files in runs/")
    parser.add_argument("--rough", action="append", default=[], help="names begin so; repeat")
    parser.add_argument("--peer", action="append", choices=tuple(PEERS), help="repeat")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cap", type=float, default=60.0, help="seconds a peer may take")
    parser.add_argument("--commit", default="", help="where there is no git to ask")
    return parser


if __name__ == "__main__":
    sys.exit(main())

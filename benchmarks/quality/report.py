"""Make RESULTS.md from the runs: `python -m benchmarks.quality.report --label NAME`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from statistics import fmean, median

from benchmarks.quality.best import best_weight
from benchmarks.quality.curves import curves_svg
from benchmarks.quality.gains import money_text
from benchmarks.quality.rivals import OURS, TARGETS
from benchmarks.quality.rows import HERE, RUNS, Cost, Money, Point, Reach, Run, read_rows
from benchmarks.quality.standard import STANDARD, Planted, cut_of
from benchmarks.quality.tables import (
    FASTER_ASKED,
    MEAN_ASKED,
    PLANTED_ASKED,
    PLANTED_SHARE,
    WORST_ASKED,
    Line,
    gains_of,
    geometric_mean,
    lines_of,
    ratios_of,
    totals_of,
)

RESULTS = HERE.parent / "RESULTS.md"
MONEY = "money"  # the CSV file of `benchmarks.quality.money`
PICTURE = HERE / "pictures" / "anytime.svg"


def main(words: Sequence[str] | None = None) -> int:
    """Write RESULTS.md and the picture of the curves."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.quality.report", description=__doc__
    )
    parser.add_argument("--label", required=True, help="name of the CSV files in runs/")
    label = parser.parse_args(words).label
    points = read_rows(RUNS / f"{label}-curves.csv", Point)
    if points:
        PICTURE.parent.mkdir(exist_ok=True)
        PICTURE.write_text(curves_svg(points, best_weight), encoding="utf-8", newline="\n")
    text = "\n".join(_results(label)) + "\n"
    RESULTS.write_text(text, encoding="utf-8", newline="\n")
    print(text)
    return 0


def _results(label: str) -> Iterator[str]:
    runs = read_rows(RUNS / f"{label}.csv", Run)
    yield "# Results"
    yield ""
    yield "Made by `python -m benchmarks.quality.report`; do not edit. How it is measured: [README](README.md)."  # noqa: E501
    yield ""
    normal = [r for r in runs if r.effort == "normal" and r.proportions == "free"]
    if not normal:
        yield "No runs at normal effort yet."
        return
    lines = lines_of(normal)
    yield from _history()
    yield from _summary(label, normal, lines)
    yield from _planted(normal)
    yield from _rivals(read_rows(RUNS / f"{label}-reach.csv", Reach))
    fixed = [r for r in runs if r.effort == "normal" and r.proportions == "fixed"]
    yield from _gains(lines, lines_of(fixed))
    yield from money_text(read_rows(RUNS / f"{MONEY}.csv", Money))
    yield from _costs(read_rows(RUNS / f"{label}-costs.csv", Cost))
    yield from _efforts(runs)
    yield from _every(lines)


def _history() -> Iterator[str]:
    yield "## One row a release"
    yield ""
    yield "| label | commit | rough and cut | runs | mean of best known | worst | gap of the limit | seconds |"  # noqa: E501
    yield "|---|---|---|---|---|---|---|---|"
    for path in sorted(RUNS.glob("*.csv")):
        if path.stem == MONEY or path.stem.endswith(("-reach", "-curves", "-costs")):
            continue
        runs = [r for r in read_rows(path, Run) if r.effort == "normal" and r.proportions == "free"]
        lines = lines_of(runs)
        if lines:
            t = totals_of(lines)
            yield (
                f"| {path.stem} | {runs[-1].commit} | {t.n_lines} | {t.n_runs} | {t.mean:.3%}"
                f" | {t.worst:.2%} | {t.bound_gap:.1%} | {t.seconds:.1f} |"
            )
    yield ""


def _summary(label: str, runs: Sequence[Run], lines: Sequence[Line]) -> Iterator[str]:
    t = totals_of(lines)
    yield f"## {label}: share of the best known, normal effort"
    yield ""
    yield (
        f"{t.n_runs} runs of {t.n_lines} pairs of rough and cut, {runs[-1].threads} threads,"
        f" commit {runs[-1].commit}."
    )
    yield ""
    yield "| | asked | measured |"
    yield "|---|---|---|"
    yield f"| mean over the set | at least {MEAN_ASKED:.1%} | {t.mean:.3%} |"
    yield f"| worst run | at least {WORST_ASKED:.0%} | {t.worst:.3%} |"
    yield f"| pairs whose mean is below {MEAN_ASKED:.1%} | | {t.below_mean} |"
    yield f"| pairs with a run below {WORST_ASKED:.0%} | | {t.below_worst} |"
    fifty = [line.seconds for line in lines if 40_000 <= line.triangles <= 60_000]
    if fifty:
        yield f"| seconds at 50 k triangles, median | about 5 | {median(fifty):.1f} |"
    yield ""
    low = sorted(lines, key=lambda line: line.worst)[:5]
    said = [f"{line.rough} {line.cut} {line.worst:.2%} (seed {line.worst_seed})" for line in low]
    yield f"The lowest: {'; '.join(said)}."
    yield ""


def _planted(runs: Sequence[Run]) -> Iterator[str]:
    rows, found, n = [], 0, 0
    for spec in STANDARD:
        own = [
            r
            for r in runs
            if isinstance(spec, Planted) and (r.rough, r.cut) == (spec.name, spec.cut)
        ]
        if not own or not isinstance(spec, Planted):
            continue
        known = planted_weight(spec)
        hits = sum(r.weight_ct >= PLANTED_SHARE * known for r in own)
        found, n = found + hits, n + len(own)
        shares = [r.weight_ct / known for r in own]
        rows.append(
            f"| {spec.name} | {spec.cut} | {known:.4f} | {hits} of {len(own)}"
            f" | {fmean(shares):.3%} | {min(shares):.3%} |"
        )
    if not rows:
        return
    yield "## Planted optima"
    yield ""
    yield (
        f"Found to {1 - PLANTED_SHARE:.1%} of weight: **{found} of {n} runs** ({found / n:.1%};"
        f" asked {PLANTED_ASKED:.0%}). With lumps or guards the planted gem is a floor, more may"
        " be found."
    )
    yield ""
    yield "| rough | cut | planted ct | found | mean | worst |"
    yield "|---|---|---|---|---|---|"
    yield from rows
    yield ""


def planted_weight(spec: Planted) -> float:
    """Return the weight (ct) of a planted gem."""
    from benchmarks.quality.standard import PLANTED_WIDTH, SPECIES, planted_theta
    from yieldopt.cuts.species import species_named
    from yieldopt.units import weight_ct

    design = cut_of(spec.cut).design(planted_theta(spec), PLANTED_WIDTH)
    return weight_ct(design.solid.volume, species_named(SPECIES).specific_gravity)


def _rivals(rows: Sequence[Reach]) -> Iterator[str]:
    if not rows:
        return
    solvers = list(dict.fromkeys(r.solver for r in rows))
    pairs = list(dict.fromkeys((r.rough, r.cut) for r in rows))
    yield "## Against general optimisers on the same query"
    yield ""
    yield f"How many times sooner ours was, geometric mean over {len(pairs)} pairs of rough and"
    yield "cut (> where a peer's cap came first on some: a floor). *Clock*: our whole plans, the"
    yield "rough's preparation included, against the peers' seconds without it. *Search alone*:"
    yield "ours without preparation against the peers' seconds in exact queries."
    yield ""
    heads = [f"{t:.1%}, {word}" for t in TARGETS for word in ("clock", "search alone")]
    yield "| peer | " + " | ".join(heads) + " |"
    yield "|---|" + "---|" * len(heads)
    best: dict[tuple[float, bool], str] = {}
    peers = [solver for solver in solvers if solver != OURS]
    for peer in [*peers, ""]:
        cells = []
        for target in TARGETS:
            for alone in (False, True):
                ratios = ratios_of(rows, target, ours=OURS, peer=peer, alone=alone)
                times = geometric_mean(r.times for r in ratios)
                floor = "> " if any(r.censored for r in ratios) else ""
                left = f" ({len(ratios)} pairs)" if len(ratios) < len(pairs) else ""
                cells.append(f"{floor}{times:.1f}{left}")
                key = (target, alone)
                if peer and (key not in best or times < float(best[key].split()[-1])):
                    best[key] = f"{floor}{times:.1f}"
        name = peer.replace("_", " ") if peer else "whichever was first, pair by pair"
        yield f"| {name} | " + " | ".join(cells) + " |"
    cells = [best[target, alone] for target in TARGETS for alone in (False, True)]
    yield "| **best single peer** | " + " | ".join(f"**{cell}**" for cell in cells) + " |"
    yield ""
    yield f"Asked: {FASTER_ASKED:.0f} times to 99 % against the best peer."
    yield ""
    for target in TARGETS[1:]:
        yield f"Seconds to {target:.1%} and queries, means of the seeds (how many had it in time):"
        yield ""
        yield "| rough | cut | " + " | ".join(s.replace("_", " ") for s in solvers) + " |"
        yield "|---|---|" + "---|" * len(solvers)
        for rough, cut in pairs:
            cells = [_reached(rows, rough, cut, solver, target) for solver in solvers]
            yield f"| {rough} | {cut} | " + " | ".join(cells) + " |"
        yield ""
    yield "![Best weight so far over seconds](quality/pictures/anytime.svg)"
    yield ""


def _reached(rows: Sequence[Reach], rough: str, cut: str, solver: str, target: float) -> str:
    own = [r for r in rows if (r.rough, r.cut, r.solver, r.target) == (rough, cut, solver, target)]
    if not own:
        return ""
    had = [r for r in own if r.seconds >= 0.0]
    seconds = fmean(r.seconds if r.seconds >= 0.0 else r.cap for r in own)
    queries = fmean(r.evaluations if r.seconds >= 0.0 else r.cap_evaluations for r in own)
    missed = f", {len(had)} of {len(own)}" if len(had) < len(own) else ""
    return f"{'> ' if missed else ''}{seconds:.2f} s, {queries:,.0f}{missed}"


def _gains(free: Sequence[Line], fixed: Sequence[Line]) -> Iterator[str]:
    gains = gains_of(free, fixed)
    if not gains:
        return
    yield "## What free proportions add"
    yield ""
    yield "Weight over that of even scaling at the usual proportions, both at normal effort:"
    yield ""
    yield "| cut | roughs | mean | least | most |"
    yield "|---|---|---|---|---|"
    for cut, each in gains.items():
        added = [gain for _, gain in each]
        least, most = min(each, key=lambda g: g[1]), max(each, key=lambda g: g[1])
        yield (
            f"| {cut} | {len(each)} | {fmean(added):+.1%} | {least[1]:+.1%} ({least[0]})"
            f" | {most[1]:+.1%} ({most[0]}) |"
        )
    yield ""


def _costs(rows: Sequence[Cost]) -> Iterator[str]:
    bounds = [r for r in rows if r.what.startswith("bound")]
    if bounds:
        efforts = list(dict.fromkeys(r.what for r in bounds))
        roughs = list(dict.fromkeys(r.rough for r in bounds))
        yield "## Seconds of the hull bound"
        yield ""
        yield "The cells of that effort, or fewer where the proof closed; asked: 1 s a cut."
        yield ""
        heads = [f"{r.cut}, {r.what.split()[1]}" for r in bounds if r.rough == roughs[0]]
        yield "| rough | " + " | ".join(heads) + " |"
        yield "|---|" + "---|" * len(heads)
        for rough in roughs:
            cells = [f"{r.seconds:.2f}" for r in bounds if r.rough == rough]
            yield f"| {rough} | " + " | ".join(cells) + " |"
        for effort in efforts:
            worst = max(r.seconds for r in bounds if r.what == effort)
            mean = fmean(r.seconds for r in bounds if r.what == effort)
            yield ""
            yield f"{effort.split()[1].capitalize()}: mean {mean:.2f} s, longest {worst:.2f} s."
        yield ""
    plans = [r for r in rows if r.what == "plan"]
    if plans:
        base = plans[0]
        yield "## Large scans"
        yield ""
        yield f"One {base.cut} in {base.rough}, normal effort; asked at 1 M triangles: at most 3"
        yield "times the seconds of 50 k, and under 2 GB."
        yield ""
        yield "| triangles | seconds | times 50 k | peak memory, MB |"
        yield "|---|---|---|---|"
        for r in plans:
            times = r.seconds / base.seconds
            yield f"| {r.triangles:,} | {r.seconds:.1f} | {times:.2f} | {r.memory_mb:.0f} |"
        yield ""


def _efforts(runs: Sequence[Run]) -> Iterator[str]:
    free = [r for r in runs if r.proportions == "free"]
    efforts = [e for e in ("quick", "normal", "thorough") if any(r.effort == e for r in free)]
    if len(efforts) < 2:
        return
    both = set.intersection(
        *({(r.rough, r.cut, r.seed) for r in free if r.effort == e} for e in efforts)
    )
    if not both:
        return
    yield "## Efforts"
    yield ""
    yield f"The {len(both)} runs that were made at each of them:"
    yield ""
    yield "| effort | mean of best known | worst | gap of the limit | seconds |"
    yield "|---|---|---|---|---|"
    for effort in efforts:
        own = [r for r in free if r.effort == effort and (r.rough, r.cut, r.seed) in both]
        t = totals_of(lines_of(own))
        yield f"| {effort} | {t.mean:.3%} | {t.worst:.2%} | {t.bound_gap:.1%} | {t.seconds:.1f} |"
    yield ""


def _every(lines: Sequence[Line]) -> Iterator[str]:
    yield "## Every rough and cut, normal effort"
    yield ""
    yield "*gap of the limit*: the least proved limit over the best known, less 1."
    yield ""
    yield "| rough | triangles | cut | best known ct | mean | worst | gap of the limit | evaluations | seconds |"  # noqa: E501
    yield "|---|---|---|---|---|---|---|---|---|"
    for line in lines:
        yield (
            f"| {line.rough} | {line.triangles:,} | {line.cut} | {line.best_ct:.4f}"
            f" | {line.mean:.3%} | {line.worst:.3%} | {line.bound_gap:.1%}"
            f" | {line.evaluations:,.0f} | {line.seconds:.1f} |"
        )


if __name__ == "__main__":
    sys.exit(main())

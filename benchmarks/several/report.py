"""Make RESULTS.md of several stones: `python -m benchmarks.several.report --label NAME`."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import fmean

from benchmarks.quality.rows import read_rows
from benchmarks.several.axis import FREE, VARIANTS
from benchmarks.several.pictures import FOLDER, picture_name
from benchmarks.several.rows import RUNS, Several
from benchmarks.several.standard import SHAPES
from benchmarks.several.tables import (
    FOUND_ASKED,
    FOUND_SHARE,
    QUICK_ASKED,
    found_of,
    gains_of,
    latest,
    worth_of,
)

RESULTS = Path(__file__).parent / "RESULTS.md"
RIVALS = tuple(variant for variant in VARIANTS if variant != FREE)


def main(words: Sequence[str] | None = None) -> int:
    """Write RESULTS.md."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.several.report", description=__doc__
    )
    parser.add_argument("--label", required=True, help="name of the CSV file in runs/")
    label = parser.parse_args(words).label
    rows = latest(read_rows(RUNS / f"{label}.csv", Several))
    text = "\n".join(results(label, rows)) + "\n"
    RESULTS.write_text(text, encoding="utf-8", newline="\n")
    print(text)
    return 0


def results(label: str, rows: Sequence[Several]) -> Iterator[str]:
    """Yield the lines of RESULTS.md."""
    yield "# Several stones"
    yield ""
    yield "Made by `python -m benchmarks.several.report`; do not edit."
    yield "How it is measured: [README](README.md)."
    yield ""
    if not rows:
        yield "No runs yet."
        return
    commits = sorted({row.commit for row in rows})
    refused = [row for row in rows if row.faults]
    yield f"{label}: {len(rows)} runs, {rows[-1].threads} threads, commits {', '.join(commits)}."
    yield (
        f"Plans made: {sum(row.stones > 0 for row in rows)}; refused by the judge:"
        f" **{len(refused)}** (asked 0)."
    )
    yield ""
    for row in refused:
        yield f"- {row.rough}, {row.variant}, {row.objective}, seed {row.seed}: {row.fault}"
    if refused:
        yield ""
    normal = [row for row in rows if row.effort == "normal"]
    yield from _planted([row for row in normal if row.variant == FREE])
    for objective, unit in (("weight", "ct"), ("value", "money")):
        for effort in ("normal", "quick"):
            own = [row for row in rows if row.effort == effort and row.objective == objective]
            own = [row for row in own if row.group != "planted"]
            yield from _gains(own, f"{objective}, {effort} effort", unit)
    yield from _efforts([row for row in rows if row.variant == FREE])
    yield from _more([row for row in normal if row.variant == FREE])
    yield from _pictures()


def _planted(rows: Sequence[Several]) -> Iterator[str]:
    lines = found_of(rows)
    if not lines:
        return
    runs = sum(line.runs for line in lines if line.number == 0)
    found = sum(line.found for line in lines if line.number == 0)
    yield "## Planted"
    yield ""
    yield (
        f"At least {FOUND_SHARE:.0%} of the planted weight, normal effort: **{found} of {runs}"
        f" runs** ({found / runs:.0%}; asked {FOUND_ASKED:.0%}). What is planted is a floor: more"
        " may be found."
    )
    yield ""
    yield "| rough | stones | found | mean share | worst | seconds, median |"
    yield "|---|---|---|---|---|---|"
    for line in lines:
        name = f"{line.number}" if line.number else "all"
        yield (
            f"| {line.kind} | {name} | {line.found} of {line.runs} | {line.mean:.2%}"
            f" | {line.worst:.2%} ({line.worst_rough}) | {line.seconds:.0f} |"
        )
    yield ""


def _gains(rows: Sequence[Several], objective: str, unit: str) -> Iterator[str]:
    lines = gains_of(rows, RIVALS)
    if not lines:
        return
    there = [v for v in RIVALS if any(v in line.shares for line in lines)]
    yield f"## What oblique planes and true shapes add: {objective}"
    yield ""
    yield (
        "The same search with its saw held to three axes (*axes*: the scan's; *own axes*: the"
        " rough's principal ones), which is what parting stones as boxes along them comes to; and,"
        " of *boxes*, with the whole block round each gem inside the rough. Shares of the plan"
        " with oblique planes; the last column is what that gains over the best of the rivals."
    )
    if objective.startswith("value"):
        yield ""
        yield "Prices are those of the example book, an illustration and no offer."
    yield ""
    yield f"| rough | stones | oblique, {unit} | " + " | ".join(there) + " | gain |"
    yield "|---|---|---|" + "---|" * (len(there) + 1)
    gains = []
    for line in lines:
        cells = [f"{line.shares[v]:.1%}" if v in line.shares else "" for v in there]
        best = max(line.shares.values(), default=0.0)
        gain = f"{1.0 / best - 1.0:+.1%}" if best > 0.0 else ""
        gains += [1.0 / best - 1.0] if best > 0.0 else []
        yield (
            f"| {line.rough} | {line.stones} | {line.best:.3f} | "
            + " | ".join(cells)
            + f" | {gain} |"
        )
    means = []
    for variant in there:
        shares = [line.shares[variant] for line in lines if variant in line.shares]
        means.append(f"{fmean(shares):.1%}")
    mean_gain = f"{fmean(gains):+.1%}" if gains else ""
    yield "| **mean** | | | " + " | ".join(means) + f" | **{mean_gain}** |"
    yield ""


def _efforts(rows: Sequence[Several]) -> Iterator[str]:
    by_question: dict[tuple[object, ...], dict[str, Several]] = {}
    for row in rows:
        question = (row.rough, row.objective, row.max_stones, row.seed)
        by_question.setdefault(question, {})[row.effort] = row
    both = [e for e in by_question.values() if "quick" in e and "normal" in e]
    both = [e for e in both if worth_of(e["normal"]) > 0.0]
    if not both:
        return
    yield "## Efforts"
    yield ""
    yield f"The {len(both)} questions that were asked at both; asked of quick: {QUICK_ASKED:.0%}."
    yield ""
    yield "| effort | mean share of normal | worst | seconds, mean | longest |"
    yield "|---|---|---|---|---|"
    for effort in ("quick", "normal"):
        shares = [worth_of(e[effort]) / worth_of(e["normal"]) for e in both]
        seconds = [e[effort].seconds for e in both]
        yield (
            f"| {effort} | {fmean(shares):.2%} | {min(shares):.2%} | {fmean(seconds):.0f}"
            f" | {max(seconds):.0f} |"
        )
    yield ""


def _more(rows: Sequence[Several]) -> Iterator[str]:
    """Tell what more stones allowed gave, where a question was asked with several numbers."""
    by_question: dict[tuple[object, ...], dict[int, Several]] = {}
    for row in rows:
        question = (row.rough, row.objective, row.seed)
        by_question.setdefault(question, {})[row.max_stones] = row
    asked = {q: e for q, e in by_question.items() if len(e) > 1}
    if not asked:
        return
    numbers = sorted({n for e in asked.values() for n in e})
    yield "## More stones allowed"
    yield ""
    yield "Stones taken and what they come to; more allowed never lowers it."
    yield ""
    yield "| rough | by | " + " | ".join(f"at most {n}" for n in numbers) + " |"
    yield "|---|---|" + "---|" * len(numbers)
    for (rough, objective, _), each in asked.items():
        cells = [f"{each[n].stones}: {worth_of(each[n]):.3f}" if n in each else "" for n in numbers]
        yield f"| {rough} | {objective} | " + " | ".join(cells) + " |"
    yield ""


def _pictures() -> Iterator[str]:
    drawn = [
        (f"{shape.name}, {variant}", f"{picture_name(f'{shape.name} {variant}')}.svg")
        for shape in SHAPES
        for variant in VARIANTS
    ]
    drawn = [(name, file) for name, file in drawn if (FOLDER / file).exists()]
    if not drawn:
        return
    yield "## Made shapes"
    yield ""
    for name, file in drawn:
        yield f"![{name}]({FOLDER.name}/{file})"
        yield ""


if __name__ == "__main__":
    sys.exit(main())

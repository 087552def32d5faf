"""From rows of runs for several stones to figures."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from benchmarks.several.axis import FREE
from benchmarks.several.rows import Several

FOUND_SHARE, FOUND_ASKED = 0.98, 0.90  # of what was planted; of the runs
QUICK_ASKED = 0.95  # of normal effort's, mean


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How often what was planted was found, in one kind and number of stones."""

    kind: str
    number: int
    runs: int
    found: int
    mean: float
    worst: float
    worst_rough: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What oblique planes gave on one rough, and each variant's share of it."""

    rough: str
    stones: int
    best: float
    shares: dict[str, float]


def latest(rows: Iterable[Several]) -> list[Several]:
    """Return the rows less those that a later run of the same question stands for."""
    last = {row.key[1:]: row for row in rows}  # whatever the code was
    return list(last.values())


def found_of(rows: Sequence[Several]) -> list[Found]:
    """Return a line for each kind and number of planted stones, and one for each kind."""
    groups: dict[tuple[str, int], list[Several]] = defaultdict(list)
    for row in rows:
        if row.known_ct > 0.0:
            _, planted, kind, _ = row.rough.split("_")
            groups[kind, int(planted)].append(row)
            groups[kind, 0].append(row)
    out = []
    for (kind, number), group in sorted(groups.items()):
        shares = [row.weight_ct / row.known_ct for row in group]
        worst = min(range(len(group)), key=shares.__getitem__)
        out.append(
            Found(
                kind=kind,
                number=number,
                runs=len(group),
                found=sum(share >= FOUND_SHARE for share in shares),
                mean=fmean(shares),
                worst=shares[worst],
                worst_rough=f"{group[worst].rough}, seed {group[worst].seed}",
                seconds=median(row.seconds for row in group),
            )
        )
    return out


def worth_of(row: Several) -> float:
    """Return what a run was after: carats, or money."""
    return row.value if row.objective == "value" else row.weight_ct


def gains_of(rows: Sequence[Several], variants: Sequence[str]) -> list[Gain]:
    """Return a line for each rough that was planned with oblique planes and otherwise.

    Means of the seeds. A variant is missing from a line where there was no run of it.
    """
    groups: dict[tuple[str, int], dict[str, list[Several]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        groups[row.rough, row.max_stones][row.variant].append(row)
    out = []
    for (rough, _), by_variant in groups.items():
        if len(by_variant) < 2 or FREE not in by_variant:
            continue
        best = fmean(worth_of(row) for row in by_variant[FREE])
        shares = {
            variant: fmean(worth_of(row) for row in by_variant[variant]) / best
            for variant in variants
            if variant in by_variant and best > 0.0
        }
        stones = max(row.stones for row in by_variant[FREE])
        out.append(Gain(rough=rough, stones=stones, best=best, shares=shares))
    return out

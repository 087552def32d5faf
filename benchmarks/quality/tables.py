"""From rows of runs to figures: shares of the best known, what was planted, what free adds."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from benchmarks.quality.best import best_weight
from benchmarks.quality.rows import Reach, Run

MEAN_ASKED, WORST_ASKED = 0.995, 0.98  # of the best known, normal effort
PLANTED_SHARE, PLANTED_ASKED = 0.995, 0.95  # of the weight; of the runs
FASTER_ASKED = 20.0  # than the best peer, to 99 % of the best known


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The runs of one rough and cut: shares of the best known weight, and the limit's gap."""

    rough: str
    cut: str
    triangles: int
    best_ct: float
    mean: float
    worst: float
    worst_seed: int
    bound_gap: float
    evaluations: float
    seconds: float
    n: int


def lines_of(runs: Iterable[Run], best: Callable[[str, str], float] = best_weight) -> list[Line]:
    """Return a line for each rough and cut, in the order of the rows."""
    groups: dict[tuple[str, str], list[Run]] = defaultdict(list)
    for run in runs:
        groups[run.rough, run.cut].append(run)
    out = []
    for (rough, cut), group in groups.items():
        top = best(rough, cut)
        if top <= 0.0:
            continue
        shares = [run.weight_ct / top for run in group]
        bounds = [run.bound_ct for run in group if run.bound_ct > 0.0]
        out.append(
            Line(
                rough=rough,
                cut=cut,
                triangles=group[0].triangles,
                best_ct=top,
                mean=fmean(shares),
                worst=min(shares),
                worst_seed=group[shares.index(min(shares))].seed,
                bound_gap=min(bounds) / top - 1.0 if bounds else math.nan,
                evaluations=fmean(run.evaluations for run in group),
                seconds=min(run.seconds for run in group),
                n=len(group),
            )
        )
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Over all lines: each rough and cut counts the same."""

    n_lines: int
    n_runs: int
    mean: float
    worst: float
    below_mean: int
    below_worst: int
    seconds: float
    bound_gap: float


def totals_of(lines: Sequence[Line]) -> Totals:
    """Return the sums over lines; at least one."""
    return Totals(
        n_lines=len(lines),
        n_runs=sum(line.n for line in lines),
        mean=fmean(line.mean for line in lines),
        worst=min(line.worst for line in lines),
        below_mean=sum(line.mean < MEAN_ASKED for line in lines),
        below_worst=sum(line.worst < WORST_ASKED for line in lines),
        seconds=fmean(line.seconds for line in lines),
        bound_gap=fmean(line.bound_gap for line in lines if not math.isnan(line.bound_gap)),
    )


def gains_of(free: Sequence[Line], fixed: Sequence[Line]) -> dict[str, list[tuple[str, float]]]:
    """Return for each cut what free proportions add: (rough, share of the fixed weight)."""
    even = {(line.rough, line.cut): line.mean for line in fixed}
    out: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for line in free:
        if even.get((line.rough, line.cut), 0.0) > 0.0:
            out[line.cut].append((line.rough, line.mean / even[line.rough, line.cut] - 1.0))
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """How much sooner one target was ours than a peer's, on one rough and cut.

    `censored`: not every seed of the peer had it within its cap, so the ratio is a floor.
    """

    rough: str
    cut: str
    ours: float
    peers: float
    censored: bool

    @property
    def times(self) -> float:
        """The peer's seconds over ours."""
        return self.peers / self.ours


def ratios_of(
    rows: Sequence[Reach], target: float, *, ours: str, peer: str = "", alone: bool = False
) -> list[Ratio]:
    """Return the ratios to one target, a pair of rough and cut each.

    Seconds are means over seeds; a seed that never had the target counts with its last second.
    Pairs that we did not reach with every seed are left out: the caller says how many.

    Parameters
    ----------
    rows
        Ours and the peers'.
    peer
        Which; without it whichever was first, pair by pair.
    alone
        Count the search alone: ours without preparation, the peers' exact queries.
    """
    groups: dict[tuple[str, str], dict[str, list[Reach]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.target == target:
            groups[row.rough, row.cut][row.solver].append(row)
    out = []
    for (rough, cut), each in groups.items():
        own = each.pop(ours, [])
        others = [each[peer]] if peer and peer in each else list(each.values()) if not peer else []
        if not own or not others or any(row.seconds < 0.0 for row in own):
            continue
        peers = min(others, key=lambda group: _mean_seconds(group, alone))
        out.append(
            Ratio(
                rough=rough,
                cut=cut,
                ours=_mean_seconds(own, alone),
                peers=_mean_seconds(peers, alone),
                censored=any(row.seconds < 0.0 for row in peers),
            )
        )
    return out


def _mean_seconds(group: Sequence[Reach], alone: bool) -> float:
    def seconds(row: Reach) -> float:
        if row.seconds < 0.0:
            return row.cap_credited if alone else row.cap
        return row.credited if alone else row.seconds

    return fmean(seconds(row) for row in group)


def geometric_mean(values: Iterable[float]) -> float:
    """Return the geometric mean of positive numbers; NaN of none."""
    logs = [math.log(value) for value in values]
    return math.exp(fmean(logs)) if logs else math.nan

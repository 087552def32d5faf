"""What planning by value adds in money: figures of the rows of `money`, and their tables."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median, pstdev, quantiles

from benchmarks.quality.rows import Money

SLOWER_ASKED = 2.0  # at most: planning by value over planning by weight
EQUAL = 1e-6  # of the value: the same stone, its weight summed in another order


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What planning by value adds to plans by weight of one species and effort.

    `shares` are of the value by weight, in order; roughs whose plan by weight is worth nothing
    are counted in `worthless` alone, `saved` of them are worth something by value.
    """

    species: str
    effort: str
    flawed: bool
    shares: tuple[float, ...]
    worthless: int
    saved: int
    mean_times: float
    middle_times: float
    most_times: float
    slowest: str
    evaluations_times: float

    @property
    def better(self) -> int:
        """How many are worth more."""
        return sum(share > EQUAL for share in self.shares)

    @property
    def worse(self) -> int:
        """How many are worth less: none should be."""
        return sum(share < -EQUAL for share in self.shares)

    @property
    def spread(self) -> float:
        """The standard deviation."""
        return pstdev(self.shares) if self.shares else math.nan

    @property
    def mean(self) -> float:
        """The mean share."""
        return fmean(self.shares) if self.shares else math.nan

    @property
    def five(self) -> tuple[float, float, float, float, float]:
        """The least, the quartiles and the most."""
        if not self.shares:
            return (math.nan,) * 5
        twice = self.shares * 2 if len(self.shares) == 1 else self.shares
        low, middle, high = quantiles(twice, n=4, method="inclusive")
        return (self.shares[0], low, middle, high, self.shares[-1])


def gains_in_money(rows: Iterable[Money]) -> list[Gain]:
    """Return a gain for each effort and species over all roughs, and over the flawed ones.

    Of the runs of one rough, species, seed and effort the last counts.
    """
    last = {(r.effort, r.species, r.rough, r.seed): r for r in rows}
    groups: dict[tuple[str, str, bool], list[Money]] = defaultdict(list)
    for row in last.values():
        groups[row.effort, row.species, False].append(row)
        if row.flawed:
            groups[row.effort, row.species, True].append(row)
    return [
        _gain(effort, species, flawed, own) for (effort, species, flawed), own in groups.items()
    ]


def _gain(effort: str, species: str, flawed: bool, rows: Sequence[Money]) -> Gain:
    none = [row for row in rows if row.weight_value <= 0.0]
    slowest = max(rows, key=lambda row: row.times)
    return Gain(
        species=species,
        effort=effort,
        flawed=flawed,
        shares=tuple(sorted(row.gain for row in rows if row.weight_value > 0.0)),
        worthless=len(none),
        saved=sum(row.value_value > 0.0 for row in none),
        mean_times=fmean(row.times for row in rows),
        middle_times=median(row.times for row in rows),
        most_times=slowest.times,
        slowest=slowest.rough,
        evaluations_times=fmean(row.value_evaluations / row.weight_evaluations for row in rows),
    )


def money_text(rows: Sequence[Money]) -> Iterator[str]:
    """Return the lines on plans by value; none without rows."""
    gains = gains_in_money(rows)
    if not gains:
        return
    roughs, asked = len({row.rough for row in rows}), f"{SLOWER_ASKED:.0f}"
    yield "## By value against by weight"
    yield ""
    yield (
        f"Round, oval and emerald together in each of {roughs} roughs, one plan by weight and"
        " one by value at the same effort and seed; flaws are graded, rules of the species priced."
        " Money of the plan by value over that of the heaviest stone, less 1, both by one book: the"
        " example book, **an illustration and not an offer** (public figures of 2001 and 2005;"
        " topaz is made up altogether). What counts are the steps, not the sums."
    )
    yield ""
    for effort in dict.fromkeys(gain.effort for gain in gains):
        yield f"At {effort} effort:"
        yield ""
        yield "| species | roughs | worth more | equal | less | mean | standard deviation | least | quarter | half | three quarters | most |"  # noqa: E501
        yield "|---|---|---|---|---|---|---|---|---|---|---|---|"
        own = [gain for gain in gains if gain.effort == effort]
        for gain in own:
            n, five = len(gain.shares), " | ".join(f"{share:+.1%}" for share in gain.five)
            yield (
                f"| {gain.species}{', with flaws' if gain.flawed else ''} | {n} | {gain.better}"
                f" | {n - gain.better - gain.worse} | {gain.worse} | {gain.mean:+.2%}"
                f" | {gain.spread:.2%} | {five} |"
            )
        yield ""
        left = [gain for gain in own if gain.worthless and not gain.flawed]
        if left:
            words = [
                f"{gain.worthless} of {gain.species}, {gain.saved} of them worth something by value"
                for gain in left
            ]
            yield f"Not among these, too small for a price by weight: {'; '.join(words)}."
            yield ""
        yield f"CPU time by value over that by weight, asked at most {asked}:"
        yield ""
        yield "| species | mean | half | longest | evaluations, mean |"
        yield "|---|---|---|---|---|"
        for gain in own:
            if not gain.flawed:
                yield (
                    f"| {gain.species} | {gain.mean_times:.2f} | {gain.middle_times:.2f}"
                    f" | {gain.most_times:.2f}"
                    f" ({gain.slowest}) | {gain.evaluations_times:.2f} |"
                )
        yield ""

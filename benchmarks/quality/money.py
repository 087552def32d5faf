"""Plans by value against plans by weight: `python -m benchmarks.quality.money --label money`.

Every rough of the set for three species, its three cuts together: once by weight, once by value,
same effort and seed, both valued by one book. The prices are the example book's, an illustration
and not an offer; topaz is made up altogether.
"""

import argparse
import math
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import radians

import numpy as np

from benchmarks.quality.best import stone_of
from benchmarks.quality.rows import (
    ROOMS,
    RUNS,
    Money,
    append_row,
    code_digest,
    commit,
    read_rows,
)
from benchmarks.quality.run import chosen
from benchmarks.quality.standard import CUTS, LIMITS, Case, cut_of
from benchmarks.quality.warm import warm_up
from yieldopt.cuts.species import species_named
from yieldopt.errors import NothingFitsError
from yieldopt.geometry.arrays import Float
from yieldopt.plan.orientation import cleavage_rules, table_rule
from yieldopt.plan.record import OrientationRule, Plan
from yieldopt.rough.chance import Chance
from yieldopt.search.listener import Listener
from yieldopt.search.one import Placement
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve
from yieldopt.search.valued import as_it_stands
from yieldopt.search.worth import Appraiser
from yieldopt.value.clarity import clarity_type_of
from yieldopt.value.market import Market
from yieldopt.value.price_book import PriceBook, PriceRow
from yieldopt.value.read_book import EXAMPLE, read_price_book

NAME = "money"  # of the CSV file in runs/
# No public figures of topaz are in the book: a steady rise, made up.
TOPAZ = ((0.0, 8.0), (1.0, 10.0), (3.0, 12.0), (5.0, 15.0), (10.0, 18.0))  # from ct on, a carat
SHARE = 0.03  # of the surface: what the job's cleavage rule takes for a large facet


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """A species as it is sold here.

    Parameters
    ----------
    species, quality
        Words of the book.
    table
        Degrees between the table's normal and c that are sold as "on"; None where the trade
        has no rule.
    cleavage_factor
        Of the price where a large facet lies on the cleavage; 1 where the species has none.
    """

    species: str
    quality: str = ""
    table: tuple[float, float] | None = None
    cleavage_factor: float = 1.0


TRADES = (
    Trade(species="peridot"),  # its steps of price are high, its clarity has rows of its own
    Trade(species="sapphire", quality="jewellery", table=(0.0, 20.0)),  # the blue is along c
    Trade(species="topaz", cleavage_factor=0.7),  # facets on {001} do not polish
)


def main(words: Sequence[str] | None = None) -> int:
    """Run what the command line asks for."""
    args = _parser().parse_args(words)
    path = RUNS / f"{args.label}.csv"
    head, code = args.commit or commit(), code_digest((*ROOMS, "value"))
    there = {row.key for row in read_rows(path, Money)}
    warm_up()
    for case in chosen(args.rough):
        for seed in range(args.first_seed, args.first_seed + args.seeds):
            trades = [
                trade
                for trade in TRADES
                if (not args.species or trade.species in args.species)
                and (code, case.spec.name, trade.species, seed, args.effort) not in there
            ]
            if not trades:
                continue
            for row in run_case(
                case, trades, seed=seed, effort=args.effort, label=args.label, head=head, code=code
            ):
                append_row(path, row)
                print(
                    f"{row.rough:34} {row.species:9} {row.weight_value:10.2f} ->"
                    f" {row.value_value:10.2f} ({row.gain:+7.2%}) {row.weight_ct:9.4f} ->"
                    f" {row.value_ct:9.4f} ct  evaluations x"
                    f" {row.value_evaluations / row.weight_evaluations:.2f}"
                    f" CPU x {row.times:.2f}",
                    flush=True,
                )
    return 0


def run_case(
    case: Case, trades: Sequence[Trade], *, seed: int, effort: str, label: str, head: str, code: str
) -> list[Money]:
    """Return a row for each species: one plan by weight serves all, each has its own by value."""
    problems = [problem_of(case, trade) for trade in trades]
    # Weight minds neither prices nor density: the stones are the same for all.
    try:
        by_weight, weight_seconds, _ = _timed(
            replace(problems[0], objective="weight"), effort=effort, seed=seed
        )
    except NothingFitsError:
        print(f"{case.spec.name}: nothing fits", file=sys.stderr)
        return []
    out = []
    for trade, problem in zip(trades, problems, strict=True):
        heaviest = as_it_stands(Appraiser(problem=problem), placement_of(by_weight))
        by_value, seconds, race_seconds = _timed(problem, effort=effort, seed=seed)
        value = by_value.stones[0].value
        assert value is not None  # a plan by value has one
        out.append(
            Money(
                label=label,
                commit=head,
                code=code,
                rough=case.spec.name,
                flawed=int(bool(case.inclusions)),
                species=trade.species,
                seed=seed,
                effort=effort,
                weight_ct=heaviest.appraisal.weight_ct,
                weight_value=heaviest.value,
                weight_evaluations=by_weight.search.evaluations,
                weight_seconds=weight_seconds,
                value_ct=by_value.weight_ct,
                value_value=value,
                value_evaluations=by_value.search.evaluations,
                value_seconds=seconds,
                race_seconds=race_seconds,
            )
        )
    return out


def problem_of(case: Case, trade: Trade) -> Problem:
    """Return the question by value: flaws are graded, rules that the species has are priced."""
    species = species_named(trade.species)
    return Problem(
        rough=case.rough,
        cuts=tuple(cut_of(name) for name in CUTS),
        limits=LIMITS,
        species=species.name,
        specific_gravity=species.specific_gravity,
        inclusions=tuple(replace(flaw, severity="grade") for flaw in case.inclusions),
        market=Market(
            book=book(),
            species=species.name,
            quality=trade.quality,
            clarity_type=clarity_type_of(species.clarity_type),
            bracket_margin_ct=LIMITS.bracket_margin_ct,
            cleavage_factor=trade.cleavage_factor,
        ),
        objective="value",
        priced=rules_of(trade, c_axis(case)),
    )


def rules_of(trade: Trade, c: Float) -> tuple[OrientationRule, ...]:
    """Return the rules that may be broken at a price."""
    axes = {"c": c}
    rules: tuple[OrientationRule, ...] = ()
    if trade.cleavage_factor != 1.0:
        rules = cleavage_rules(axes, species_named(trade.species), off=None, share=SHARE)
    if trade.table is not None:
        low, high = trade.table
        rules = (*rules, table_rule(axes, "c", radians(low), radians(high)))
    return rules


def c_axis(case: Case) -> Float:
    """Return the crystal's axis (3,) of a case: any direction, the same each time."""
    axis: Float = Chance(0, f"c axis of {case.spec.name}").rays(1)[0]
    return axis


def placement_of(plan: Plan) -> Placement:
    """Return a plan's stone as the search had it."""
    found = stone_of(replace(plan, stones=plan.stones[:1]), "")
    design = plan.stones[0].design
    return Placement(
        cut=cut_of(design.name),
        pose=found.pose,
        theta=np.array(found.theta),
        width=found.width,
        volume=design.volume,
    )


@cache
def book() -> PriceBook:
    """Return the example book with rows for topaz."""
    example = read_price_book(EXAMPLE)
    last = max(row.number for row in example.rows)
    highs = [*(low for low, _ in TOPAZ[1:]), np.inf]
    more = [
        PriceRow(number=last + i, key=("topaz", "", "", "", ""), low=low, high=high, price=price)
        for i, ((low, price), high) in enumerate(zip(TOPAZ, highs, strict=True), start=1)
    ]
    return replace(example, rows=(*example.rows, *more))


class _Clock(Listener):
    """Reads the seconds of all cores when the race by weight tells of itself, at its end too."""

    def __init__(self) -> None:
        self.race = -math.inf

    def progress(
        self, *, phase: str, evaluations: int, best_ct: float, bound_ct: float, share: float
    ) -> None:
        """Note the seconds until the search by value tells of itself."""
        if phase != "value":
            self.race = time.process_time()


def _timed(problem: Problem, *, effort: str, seed: int) -> tuple[Plan, float, float]:
    """Return a plan, the seconds of all cores that it took, and those of its race by weight."""
    clock = _Clock()
    started = time.process_time()
    plan = solve(problem, effort=effort, seed=seed, listener=clock)
    return plan, time.process_time() - started, clock.race - started


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.money", description=__doc__)
    parser.add_argument("--label", default=NAME, help=f"name of the CSV file in runs/ ({NAME})")
    parser.add_argument("--rough", action="append", default=[], help="names begin so; repeat")
    parser.add_argument(
        "--species", action="append", choices=[trade.species for trade in TRADES], help="repeat"
    )
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--effort", default="normal", choices=("quick", "normal", "thorough"))
    parser.add_argument("--commit", default="", help="where there is no git to ask")
    return parser


if __name__ == "__main__":
    sys.exit(main())

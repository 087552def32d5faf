"""Let the judge judge a thousand made plans: `python -m benchmarks.several.many`.

Small roughs of every kind, with limits, cuts, flaws, saws and axes drawn by chance, at an effort
below quick: what is judged is whether plans hold, not how good they are.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.quality import money
from benchmarks.quality.standard import RANGES
from benchmarks.several.run import TRADE, judged
from yieldopt.cuts.family import faceted_names
from yieldopt.cuts.library import cuts_named
from yieldopt.cuts.species import species_named
from yieldopt.errors import InputError, NothingFitsError
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.plan.record import Limits, Plan, SawTool
from yieldopt.plan.write import write_plan
from yieldopt.rough.chance import Chance
from yieldopt.rough.inclusions import Inclusion, Needle, Sphere
from yieldopt.rough.made import KINDS, make_rough
from yieldopt.rough.planted import PLANTED_KINDS
from yieldopt.rough.planted_many import planted_several
from yieldopt.rough.rough import Rough
from yieldopt.rough.stock import cracked_block, long_prism
from yieldopt.search.one import EFFORTS
from yieldopt.search.problem import Problem
from yieldopt.search.several.stages import WORKS, Work
from yieldopt.search.solve import solve
from yieldopt.value.clarity import clarity_type_of
from yieldopt.value.market import Market

NUMBER = 1000
# A twentieth of quick: half of the plans have several stones all the same.
LITTLE = Work(
    samples=500, directions=16, places=5, regions=16, each=2, steps=4, triples=8, splits=8,
    turns=1, rounds=((12, 4), (5, 6)), learnt=4, searched=0, sets=2, beam=2, finals=2,
)  # fmt: skip
TRIANGLES = (500.0, 2000.0)
SHARE_VALUED = 0.25
SHARE_FLAWED = 0.3
SHARE_TOOLED = 0.2
SHARE_CLEAVED = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A question drawn by chance, and what it is in words."""

    words: str
    problem: Problem


def main(words: Sequence[str] | None = None) -> int:
    """Make the plans and judge them; 1 where one was refused."""
    args = _parser().parse_args(words)
    plans, nothing, stones = 0, 0, 0
    refused: list[int] = []
    started = time.perf_counter()
    for number in range(args.first, args.first + args.number):
        question = drawn(number)
        try:
            plan = planned(question, number, threads=args.threads)
        except NothingFitsError:
            nothing += 1
            continue
        plans, stones = plans + 1, stones + len(plan.stones)
        wrong = judged(plan)
        if wrong:
            refused.append(number)
            print(f"{number}: {question.words}: {len(wrong)} faults", flush=True)
            for fault in wrong[:5]:
                print(f"    {fault}", flush=True)
            if args.keep:
                keep(plan, args.keep / str(number))
    seconds = (time.perf_counter() - started) / args.number
    print(
        f"{plans} plans of {stones} stones, {nothing} times nothing fits,"
        f" {len(refused)} refused by the judge, {seconds:.2f} s each"
    )
    return 1 if refused else 0


def planned(question: Drawn, number: int, *, threads: int | None = None) -> Plan:
    """Return the plan of a question at little effort; the number is the seed."""
    before = WORKS["quick"], EFFORTS["quick"]
    WORKS["quick"], EFFORTS["quick"] = (LITTLE,), before[1][:1]
    try:
        return solve(question.problem, effort="quick", seed=number, threads=threads)
    finally:
        WORKS["quick"], EFFORTS["quick"] = before


def keep(plan: Plan, folder: Path) -> None:
    """Write a plan that was refused, as far as it can be written."""
    try:
        write_plan(plan, folder)
    except (InputError, ValueError) as error:
        print(f"    cannot be written: {error}")


def drawn(number: int) -> Drawn:
    """Return the question of a number: the same each time."""
    chance = Chance(number, "many plans")
    names = faceted_names()
    cuts = cuts_named(
        [names[int(chance.between(0, len(names)))] for _ in range(int(chance.between(1, 4)))],
        ranges=RANGES,
        proportions="free" if chance.between(0, 1) < 0.7 else "fixed",
        species=species_named(TRADE.species),
    )
    limits = limits_of(chance)
    words, rough, flaws = rough_of(chance, limits)
    axes = {}
    if chance.between(0, 1) < SHARE_CLEAVED:
        axes = {"cleavage": chance.rays(1)[0]}
        limits = replace(limits, saw_off_cleavage=np.radians(chance.between(3, 20)))
    species = species_named(TRADE.species)
    problem = Problem(
        rough=rough,
        cuts=cuts,
        limits=limits,
        species=species.name,
        specific_gravity=species.specific_gravity,
        inclusions=flaws,
        axes=axes,
    )
    if chance.between(0, 1) < SHARE_VALUED:
        words += ", by value"
        market = Market(
            book=money.book(), species=species.name, quality=TRADE.quality,
            clarity_type=clarity_type_of(species.clarity_type),
        )  # fmt: skip
        problem = replace(problem, market=market, objective="value")
    return Drawn(words=f"{words}, {','.join(cut.name for cut in cuts)}", problem=problem)


def limits_of(chance: Chance) -> Limits:
    """Return limits that a workshop may have."""
    kerf = chance.between(0.0, 0.8)
    tools: tuple[SawTool, ...] = ()
    if chance.between(0, 1) < SHARE_TOOLED:
        tools = (
            SawTool(name="wire saw", kerf=kerf, largest=chance.between(8, 20)),
            SawTool(name="trim saw", kerf=kerf + chance.between(0.1, 0.5)),
        )
    return Limits(
        kerf=kerf,
        allowance=chance.between(0.0, 0.4),
        skin=max(0.0, chance.between(-0.2, 0.2)),
        inclusion_margin=chance.between(0.0, 0.4),
        min_width=chance.between(1.0, 3.5),
        max_stones=int(chance.between(1, 6)),
        min_piece=max(0.0, chance.between(-3.0, 3.0)),
        tools=tools,
    )


def rough_of(chance: Chance, limits: Limits) -> tuple[str, Rough, tuple[Inclusion, ...]]:
    """Return a small rough with its flaws, and what it is."""
    seed = int(chance.between(0, 1_000_000))
    triangles = int(chance.between(*TRIANGLES))
    kinds = (*KINDS, "long prism", "cracked block", *PLANTED_KINDS)
    kind = kinds[int(chance.between(0, len(kinds)))]
    if kind == "cracked block":
        rough, crack = cracked_block(seed=seed, triangles=triangles)
        return kind, rough, (crack,)
    if kind == "long prism":
        rough = long_prism(seed=seed, triangles=triangles)
    elif kind in PLANTED_KINDS:
        rough = _planted(chance, limits, kind, seed, triangles)
    else:
        rough = make_rough(kind, seed=seed, triangles=triangles)
    flaws: tuple[Inclusion, ...] = ()
    if chance.between(0, 1) < SHARE_FLAWED:
        middle = rough.vertices.mean(axis=0)
        size = float(rough.extents.max())
        at = middle + (rough.vertices[0] - middle) * chance.between(0.0, 0.6)
        flaws = (
            Sphere(centre=at, radius=size * chance.between(0.005, 0.03)),
            Needle(start=at, end=at + 0.1 * size * chance.rays(1)[0], radius=0.0),
        )
        kind += ", flawed"
    return kind, rough, flaws


def _planted(chance: Chance, limits: Limits, kind: str, seed: int, triangles: int) -> Rough:
    solids = []
    for cut in cuts_named(["round", "oval", "emerald"])[: int(chance.between(2, 4))]:
        theta = np.array([p.default for p in cut.proportions])
        solid = cut.design(theta, chance.between(3.0, 6.0)).solid
        solids.append(polytope_from_planes(solid.normals, solid.offsets + limits.skin_margin))
    return planted_several(
        solids, kerf=limits.kerf, kind=kind, seed=seed, triangles=triangles
    )[0]  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.several.many", description=__doc__)
    parser.add_argument("--number", type=int, default=NUMBER)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--threads", type=int)
    parser.add_argument("--keep", type=Path, help="a folder for the plans that are refused")
    return parser


if __name__ == "__main__":
    sys.exit(main())

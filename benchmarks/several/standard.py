"""The set for several stones: what was planted, made shapes, and roughs of the quality set."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.quality import standard as quality
from benchmarks.quality.standard import CUTS, RANGES, SPECIES
from yieldopt import __version__
from yieldopt.cuts.cut import Cut
from yieldopt.cuts.design import Design
from yieldopt.cuts.library import cuts_named
from yieldopt.cuts.species import species_named
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.plan.record import Bound, Limits, Plan, SearchRecord, Stone
from yieldopt.rough.chance import Chance
from yieldopt.rough.inclusions import Inclusion
from yieldopt.rough.made import make_rough
from yieldopt.rough.planted import PLANTED_KINDS
from yieldopt.rough.planted_many import PlantedCut, planted_several
from yieldopt.rough.rough import Rough
from yieldopt.rough.stock import cracked_block, long_prism
from yieldopt.search.problem import Problem
from yieldopt.search.several.tree import Node, Tree, saw_cuts
from yieldopt.units import weight_ct

LIMITS = Limits(kerf=0.3, min_width=2.0)  # mm; what is left over is worth a small stone
MAX_STONES = 3  # where nothing was planted
PLANTED_CUTS = ("round", "oval", "emerald", "pear", "princess", "marquise")
PLANTED_WIDTHS = (3.5, 7.5)  # mm
PLANTED_NUMBERS = (2, 3, 4, 5, 6)
PLANTED_SEEDS = (1, 2, 3, 4)
PLANTED_TRIANGLES = 10_000
SPARE = 4e-6  # mm of the width: what the search keeps beyond its margins, on both sides


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A rough built round so many gems whose weight is a floor."""

    name: str
    number: int
    kind: str
    seed: int
    triangles: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A made rough that asks for the saw, and the cuts it is asked for."""

    name: str
    kind: str
    seed: int
    triangles: int
    cuts: tuple[str, ...] = CUTS


@dataclass(frozen=True, slots=True, kw_only=True)
class OfQuality:
    """A rough of the quality set, by its name there."""

    name: str


Spec = Planted | Shape | OfQuality


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was planted: gems a hair smaller than fit, and the saw cuts that part them."""

    stones: tuple[Stone, ...]
    saw: PlantedCut


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A rough of the set, ready to be asked about."""

    spec: Spec
    rough: Rough
    cuts: tuple[str, ...]
    max_stones: int
    inclusions: tuple[Inclusion, ...] = ()
    answer: Answer | None = None

    @property
    def known_ct(self) -> float:
        """What was planted, ct; 0 where nothing was."""
        stones = self.answer.stones if self.answer else ()
        return sum(weight_ct(s.design.volume, specific_gravity()) for s in stones)

    def limits(self, max_stones: int | None = None) -> Limits:
        """Return the set's limits with so many stones, else as many as the case asks for."""
        return replace(LIMITS, max_stones=max_stones or self.max_stones)

    def problem(self, max_stones: int | None = None) -> Problem:
        """Return the question by weight."""
        return Problem(
            rough=self.rough,
            cuts=tuple(cut_of(name) for name in self.cuts),
            limits=self.limits(max_stones),
            species=SPECIES,
            specific_gravity=specific_gravity(),
            inclusions=self.inclusions,
        )


def planted(number: int, kind: str, seed: int) -> Planted:
    """Return the spec of a planted rough; its name says what it is."""
    name = f"planted_{number}_{kind}_{seed}"
    return Planted(name=name, number=number, kind=kind, seed=seed, triangles=PLANTED_TRIANGLES)


PLANTED: tuple[Planted, ...] = tuple(
    planted(number, kind, seed)
    for number in PLANTED_NUMBERS
    for kind in PLANTED_KINDS
    for seed in PLANTED_SEEDS
)

SHAPES: tuple[Shape, ...] = (
    Shape(name="long_prism_1", kind="long_prism", seed=1, triangles=10_000, cuts=("oval",)),
    Shape(name="angle_6", kind="lump", seed=6, triangles=10_000),  # two arms, an L
    Shape(name="cracked_block_1", kind="cracked_block", seed=1, triangles=10_000),
    Shape(name="plate_5", kind="slab", seed=5, triangles=10_000),
)

OF_QUALITY: tuple[OfQuality, ...] = tuple(
    OfQuality(name=name)
    for name in (
        "pebble_1_5k",
        "prism_1_10k",
        "octahedron_2_50k",
        "slab_1_10k",
        "needle_1_5k",
        "broken_1_20k",
        "cratered_1_10k",
        "lump_1_10k",
        "pebble_4_20k_flawed",
        "apollo_01",
    )
)

STANDARD: tuple[Spec, ...] = (*PLANTED, *SHAPES, *OF_QUALITY)


def specific_gravity() -> float:
    """Return that of the set's species."""
    return species_named(SPECIES).specific_gravity


def cut_of(name: str) -> Cut:
    """Return a cut by name, with the set's ranges and species."""
    (cut,) = cuts_named(name, ranges=RANGES, species=species_named(SPECIES))
    return cut


def build(spec: Spec) -> Case | None:
    """Return the case of a spec, or None where its scan is missing."""
    match spec:
        case Planted():
            return _planted(spec)
        case Shape(kind="long_prism"):
            rough = long_prism(seed=spec.seed, triangles=spec.triangles)
            return Case(spec=spec, rough=rough, cuts=spec.cuts, max_stones=MAX_STONES)
        case Shape(kind="cracked_block"):
            rough, crack = cracked_block(seed=spec.seed, triangles=spec.triangles)
            return Case(
                spec=spec, rough=rough, cuts=spec.cuts, max_stones=MAX_STONES, inclusions=(crack,)
            )
        case Shape():
            rough = make_rough(spec.kind, seed=spec.seed, triangles=spec.triangles)
            return Case(spec=spec, rough=rough, cuts=spec.cuts, max_stones=MAX_STONES)
        case OfQuality():
            own = quality.build(next(s for s in quality.STANDARD if s.name == spec.name))
            if own is None:
                return None
            return Case(
                spec=spec, rough=own.rough, cuts=CUTS, max_stones=MAX_STONES,
                inclusions=own.inclusions,
            )  # fmt: skip


def planted_designs(spec: Planted) -> tuple[Design, ...]:
    """Return the gems of a planted rough: cuts, proportions and sizes are any."""
    chance = Chance(spec.seed, f"gems of {spec.name}")
    out = []
    for _ in range(spec.number):
        cut = cut_of(PLANTED_CUTS[int(chance.between(0.0, len(PLANTED_CUTS)))])
        shares = chance.many(0.0, 1.0, len(cut.proportions))
        theta = [p.low + u * (p.high - p.low) for p, u in zip(cut.proportions, shares, strict=True)]
        out.append(cut.design(np.array(theta), chance.between(*PLANTED_WIDTHS)))
    return tuple(out)


def known_plan(case: Case) -> Plan:
    """Return the plan that was planted.

    Raises
    ------
    ValueError
        If nothing was.
    """
    if case.answer is None:
        raise ValueError(f"{case.spec.name}: nothing was planted")
    problem = case.problem()
    names = [stone.id for stone in case.answer.stones]
    tree = _tree(case.answer.saw, problem.limits.kerf)
    return Plan(
        rough=case.rough,
        species=problem.species,
        specific_gravity=problem.specific_gravity,
        limits=problem.limits,
        stones=case.answer.stones,
        saw=saw_cuts(tree, names),
        bound=Bound(
            weight_ct=weight_ct(case.rough.volume, problem.specific_gravity), covers="the rough"
        ),
        search=SearchRecord(
            seed=0, effort="normal", evaluations=0, seconds=0.0, complete=True,
            version=__version__, threads=1,
        ),
    )  # fmt: skip


def _planted(spec: Planted) -> Case:
    designs = planted_designs(spec)
    margin = LIMITS.skin_margin
    rough, poses, saw = planted_several(
        [polytope_from_planes(d.solid.normals, d.solid.offsets + margin) for d in designs],
        kerf=LIMITS.kerf,
        kind=spec.kind,
        seed=spec.seed,
        triangles=spec.triangles,
    )
    stones = tuple(
        Stone(id="ABCDEFGHIJKL"[i], design=design.scaled(1.0 - SPARE / design.width), pose=pose)
        for i, (design, pose) in enumerate(zip(designs, poses, strict=True))
    )
    return Case(
        spec=spec,
        rough=rough,
        cuts=tuple(dict.fromkeys(design.name for design in designs)),
        max_stones=spec.number,
        answer=Answer(stones=stones, saw=saw),
    )


def _tree(cut: PlantedCut | int, kerf: float) -> Tree:
    if isinstance(cut, int):
        return cut
    return Node(
        normal=cut.normal,
        offset=cut.offset,
        kerf=kerf,
        above=_tree(cut.above, kerf),
        below=_tree(cut.below, kerf),
    )

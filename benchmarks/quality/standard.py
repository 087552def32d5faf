"""The standard set: the roughs that quality is measured on, as data, and how each is built."""

import hashlib
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np

from yieldopt.cuts.cut import Cut
from yieldopt.cuts.library import cuts_named
from yieldopt.cuts.species import species_named
from yieldopt.geometry.arrays import Float
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Limits
from yieldopt.rough.chance import Chance
from yieldopt.rough.inclusions import ROUNDING, Crack, Inclusion, Needle, Sphere
from yieldopt.rough.made import make_rough
from yieldopt.rough.planted import planted_rough
from yieldopt.rough.read import read_rough
from yieldopt.rough.rough import Rough
from yieldopt.search.problem import Problem

CUTS = ("round", "oval", "emerald")
RANGES = "commercial"
SPECIES = "quartz"
LIMITS = Limits(min_width=0.5)  # a needle's best may be thinner than the trade's least
PLANTED_WIDTH = 8.0  # mm
SHARED = Path(__file__).resolve().parents[2].parent / "shared" / "data"  # scans of others


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaws:
    """Inclusions drawn from a seed: how many of each kind."""

    seed: int
    spheres: int = 0
    needles: int = 0
    cracks: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A rough of the generator."""

    name: str
    kind: str
    seed: int
    triangles: int
    flaws: Flaws | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A rough built round a gem whose weight is the answer, or a floor of it.

    `grown` blows the rough up about the gem; then `guards` spheres stand just clear of the
    gem's facets, so that the gem is not free to follow.
    """

    name: str
    cut: str
    kind: str
    seed: int
    triangles: int
    grown: float = 1.0
    guards: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """A scan beside the checkout; skipped where it is missing."""

    name: str
    file: str
    unit: str = "mm"


Spec = Made | Planted | Scan


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was planted: a gem known to fit."""

    cut: str
    theta: Float
    width: float
    pose: Pose


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A rough of the set, ready to be asked about."""

    spec: Spec
    rough: Rough
    inclusions: tuple[Inclusion, ...] = ()
    answer: Answer | None = None

    def problem(self, cut: Cut) -> Problem:
        """Return the question: the best stone of one cut."""
        return Problem(
            rough=self.rough,
            cuts=(cut,),
            limits=LIMITS,
            species=SPECIES,
            specific_gravity=species_named(SPECIES).specific_gravity,
            inclusions=self.inclusions,
        )

    @property
    def digest(self) -> str:
        """Of what is asked about: a best known holds for these triangles and flaws alone."""
        sha = hashlib.sha256(self.rough.sha256.encode())
        for flaw in self.inclusions:
            for value in astuple(flaw):
                if not isinstance(value, str):  # its severity moves nothing
                    sha.update(np.asarray(value, dtype=np.float64).tobytes())
        return sha.hexdigest()


def made(kind: str, seed: int, thousands: int, flaws: Flaws | None = None) -> Made:
    """Return the spec of a made rough; its name says what it is."""
    name = f"{kind}_{seed}_{thousands}k" + ("_flawed" if flaws else "")
    return Made(name=name, kind=kind, seed=seed, triangles=1000 * thousands, flaws=flaws)


def planted(cut: str, kind: str, seed: int, thousands: int, *, guards: int = 0) -> Planted:
    """Return the spec of a planted rough."""
    name = f"planted_{cut}_{kind}_{seed}_{thousands}k" + ("_guarded" if guards else "")
    return Planted(
        name=name, cut=cut, kind=kind, seed=seed, triangles=1000 * thousands,
        grown=1.2 if guards else 1.0, guards=guards,
    )  # fmt: skip


STANDARD: tuple[Spec, ...] = (
    # Convex or nearly so.
    made("pebble", 1, 5),
    made("pebble", 2, 50),
    made("pebble", 3, 200),
    made("prism", 1, 10),
    made("prism", 2, 100),
    made("octahedron", 1, 5),
    made("octahedron", 2, 50),
    made("dodecahedron", 1, 20),
    made("dodecahedron", 2, 50),
    made("slab", 1, 10),
    made("slab", 2, 50),
    made("needle", 1, 5),
    made("needle", 2, 50),
    # Concave.
    made("broken", 1, 20),
    made("broken", 2, 50),
    made("broken", 3, 200),
    made("cratered", 1, 10),
    made("cratered", 2, 50),
    made("cratered", 3, 100),
    made("lump", 1, 10),
    made("lump", 2, 50),
    made("lump", 3, 20),
    # The answer is known.
    planted("round", "hull", 1, 5),
    planted("oval", "hull", 2, 50),
    planted("emerald", "hull", 3, 20),
    planted("round", "lumps", 4, 20),
    planted("oval", "lumps", 5, 20),
    planted("emerald", "lumps", 6, 50),
    planted("round", "hull", 9, 10),
    planted("oval", "hull", 10, 20),
    planted("emerald", "hull", 11, 100),
    planted("round", "lumps", 12, 50),
    planted("oval", "lumps", 13, 100),
    planted("emerald", "lumps", 14, 10),
    # With inclusions.
    made("pebble", 4, 20, Flaws(seed=1, spheres=5, cracks=1)),
    made("octahedron", 3, 50, Flaws(seed=2, needles=6)),
    made("broken", 4, 50, Flaws(seed=3, spheres=3, cracks=2)),
    made("cratered", 4, 20, Flaws(seed=4, spheres=12, needles=3)),
    planted("round", "hull", 7, 20, guards=40),
    planted("emerald", "lumps", 8, 20, guards=40),
    planted("oval", "hull", 15, 20, guards=40),
    planted("round", "lumps", 16, 20, guards=40),
    planted("oval", "lumps", 17, 50, guards=40),
    # Real ones.
    Scan(name="nwpu", file="nwpu/rough.ply"),
    Scan(name="apollo_01", file="scans/apollo_01.ply"),
    Scan(name="apollo_03", file="scans/apollo_03.ply"),
    Scan(name="apollo_07", file="scans/apollo_07.ply"),
    Scan(name="apollo_09", file="scans/apollo_09.ply"),
    Scan(name="epfl_10", file="scans/epfl_10_m.stl", unit="m"),
    Scan(name="epfl_15", file="scans/epfl_15_m.stl", unit="m"),
)


def cuts_asked(spec: Spec) -> tuple[str, ...]:
    """Return the cuts that a rough is asked for: of a planted one, the planted cut alone."""
    return (spec.cut,) if isinstance(spec, Planted) else CUTS


def cut_of(name: str, *, proportions: str = "free") -> Cut:
    """Return a cut of the set by name, with the set's ranges and species."""
    (cut,) = cuts_named(
        name, ranges=RANGES, proportions=proportions, species=species_named(SPECIES)
    )
    return cut


def build(spec: Spec) -> Case | None:
    """Return the case of a spec, or None where its scan is missing."""
    match spec:
        case Made():
            rough = make_rough(spec.kind, seed=spec.seed, triangles=spec.triangles)
            flaws = _flaws(rough, spec.flaws) if spec.flaws else ()
            return Case(spec=spec, rough=rough, inclusions=flaws)
        case Planted():
            return _planted(spec)
        case Scan():
            path = SHARED / spec.file
            return (
                Case(spec=spec, rough=read_rough(path, unit=spec.unit)) if path.exists() else None
            )


def planted_theta(spec: Planted) -> Float:
    """Return the proportions (p,) of a planted gem: anywhere in their ranges."""
    free = cut_of(spec.cut).proportions
    shares = Chance(spec.seed, spec.name).many(0.0, 1.0, len(free))
    return np.array([p.low + u * (p.high - p.low) for p, u in zip(free, shares, strict=True)])


def _planted(spec: Planted) -> Case:
    chance = Chance(spec.seed, f"guards of {spec.name}")
    theta = planted_theta(spec)
    design = cut_of(spec.cut).design(theta, PLANTED_WIDTH)
    solid = design.solid
    preform = polytope_from_planes(solid.normals, solid.offsets + LIMITS.skin_margin)
    rough, rotation, translation = planted_rough(
        preform.vertices * spec.grown, kind=spec.kind, seed=spec.seed, triangles=spec.triangles
    )
    pose = Pose(rotation=rotation, translation=translation)
    facets = [j for j, loop in enumerate(solid.loops) if loop]
    guards = []
    for _ in range(spec.guards):
        j = facets[int(chance.between(0.0, len(facets)))]
        corners = solid.vertices[list(solid.loops[j])]
        weights = chance.many(0.1, 1.0, len(corners))
        on_facet = weights @ corners / weights.sum()
        radius = chance.between(0.05, 0.15)
        clear = LIMITS.inclusion_margin + radius + 1.5 * ROUNDING
        centre = pose.apply((on_facet + clear * solid.normals[j])[None])[0]
        guards.append(Sphere(centre=centre, radius=radius))
    answer = Answer(cut=spec.cut, theta=theta, width=PLANTED_WIDTH, pose=pose)
    return Case(spec=spec, rough=rough, inclusions=tuple(guards), answer=answer)


def _flaws(rough: Rough, flaws: Flaws) -> tuple[Inclusion, ...]:
    """Return inclusions inside a made rough, which is a star body about the origin."""
    chance = Chance(flaws.seed, rough.name)
    size = float(rough.extents.max())

    def on_skin() -> Float:
        place: Float = rough.vertices[int(chance.between(0.0, len(rough.vertices)))]
        return place

    out: list[Inclusion] = []
    for _ in range(flaws.spheres):
        centre = on_skin() * chance.between(0.25, 0.85)
        out.append(Sphere(centre=centre, radius=size * chance.between(0.005, 0.02)))
    for _ in range(flaws.needles):
        start = on_skin() * chance.between(0.25, 0.85)
        end = start + size * chance.between(0.05, 0.15) * chance.rays(1)[0]
        out.append(Needle(start=start, end=end, radius=size * 0.003))
    for _ in range(flaws.cracks):  # from the skin inwards
        far, ray = on_skin(), chance.rays(1)[0]
        deep = far * chance.between(0.4, 0.7)
        side = size * chance.between(0.05, 0.12) * np.cross(ray, far) / np.linalg.norm(far)
        out.append(Crack(corners=np.array([far + side, far - side, deep])))
    return tuple(out)

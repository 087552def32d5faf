"""A plan small enough to know by heart: an octagonal gem in a block of 10 x 10 x 8 mm."""

import math
from dataclasses import replace

import numpy as np
import pytest

from yieldopt.cuts.design import Design, Tier, facet_normal
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Bound, Limits, Plan, SawCut, SearchRecord, Stone
from yieldopt.plan.worth import Choice, MoneyLine, PricesRecord, RuleCost, Worth
from yieldopt.rough.inclusions import Sphere
from yieldopt.rough.rough import Rough

EIGHT = tuple(float(tooth) for tooth in (96, 12, 24, 36, 48, 60, 72, 84))
# tier, side, degrees, teeth, distance from the middle in mm, note
TIERS = (
    ("P1", "pavilion", 45.0, EIGHT, 2.5 * math.sqrt(0.5) + 0.3, "cut to centre point"),
    ("G1", "girdle", 90.0, EIGHT, 2.5, "level girdle"),
    ("C1", "crown", 40.0, EIGHT, 2.0, "meet G1"),
    ("T", "table", 0.0, (96.0,), 1.2, "to size"),
)


def octagon() -> Design:
    tiers, normals, offsets = [], [], []
    for name, side, degrees, teeth, distance, note in TIERS:
        angle = math.radians(degrees)
        tiers.append(Tier(name=name, side=side, angle=angle, index=teeth, note=note))  # type: ignore[arg-type]
        for tooth in teeth:
            normals.append(facet_normal(side, angle, tooth, 96))  # type: ignore[arg-type]
            offsets.append(distance)
    return Design(
        name="octagon",
        gear=96,
        refractive_index=1.544,
        tiers=tuple(tiers),
        solid=polytope_from_planes(np.array(normals), np.array(offsets)),
    )


def block() -> Rough:
    import trimesh

    mesh = trimesh.creation.box(extents=(10.0, 10.0, 8.0))
    return Rough(
        name="block",
        vertices=np.asarray(mesh.vertices),
        faces=np.asarray(mesh.faces),
        file="block.ply",
        sha256="0123456789abcdef" * 4,
        notes=("Two faces stood twice; one of each was kept.",),
    )


@pytest.fixture
def design() -> Design:
    return octagon()


@pytest.fixture
def plan() -> Plan:
    """The table leans 30 degrees towards -y; the centre stands at (0.5, -0.25, 0.75) mm."""
    c, s = math.cos(math.radians(30)), math.sin(math.radians(30))
    pose = Pose(
        rotation=np.array([[1, 0, 0], [0, c, -s], [0, s, c]]),
        translation=np.array([0.5, -0.25, 0.75]),
    )
    return Plan(
        rough=block(),
        species="quartz",
        specific_gravity=2.65,
        limits=Limits(max_stones=3),
        stones=(Stone(id="A", design=octagon(), pose=pose),),
        bound=Bound(weight_ct=1.5, covers="one stone of the listed cuts, convex hull of the rough"),
        search=SearchRecord(
            seed=7,
            effort="normal",
            evaluations=12345,
            seconds=1.5,
            complete=True,
            version="0.1.0",
            threads=2,
        ),
    )


@pytest.fixture
def pair(plan: Plan) -> Plan:
    """Two stones, not sawn apart: what draws several stones is tried on them."""
    (a,) = plan.stones
    away = replace(a.pose, translation=np.add(a.pose.translation, (0.0, 0.0, 20.0)))
    return replace(plan, stones=(a, replace(a, id="B", pose=away)))


@pytest.fixture
def priced(plan: Plan) -> Plan:
    """The octagon planned by value: it keeps the second of its two flaws, and obeys a rule."""
    (a,) = plan.stones
    lines = (
        MoneyLine(name="price", amount=100.0, detail="1.00 ct at 100.00 a carat (book.csv row 3)"),
        MoneyLine(name="clarity", amount=-20.0, detail="x 0.8"),
        MoneyLine(name="cost of a stone", amount=-5.0),
    )
    kept = "inclusion 2 (sphere) under the girdle, 0.30 mm"
    worth = Worth(
        lines=lines, price_per_ct=100.0, row=3, clarity="SI", clarity_type="I",
        kept=(2,), kept_words=(kept,), size="5 x 5",
    )  # fmt: skip
    dearest = replace(a, value=75.0, worth=worth)
    heaviest = replace(a, id="A2", value=60.0, worth=replace(worth, kept=(), kept_words=()))
    return replace(
        plan,
        stones=(dearest,),
        alternatives=(heaviest,),
        inclusions=tuple(
            Sphere(centre=np.array(place), radius=0.15, severity="grade")
            for place in ([4.0, 4.0, 3.0], [0.5, 1.5, 0.75])
        ),
        currency="USD",
        objective="value",
        prices=PricesRecord(file="book.csv", name="Tests", currency="USD", illustration=True),
        bound=replace(plan.bound, value=90.0),
        costs_of_rules=(
            RuleCost(rule="cleavage 001", how="hard", obeyed=True, weight_ct=1.2, value=80.0),
        ),
        choices=(
            Choice(name="heaviest, safest", stone="A2"),
            Choice(name="dearest", stone="A", flags=(f"holds {kept}",)),
        ),
    )


@pytest.fixture
def sawn(plan: Plan) -> Plan:
    """Two stones from a bar of 16 x 10 x 8 mm: an end is sawn off, the rest sawn askew in two."""
    import trimesh

    (a,) = plan.stones
    mesh = trimesh.creation.box(extents=(16.0, 10.0, 8.0))
    bar = replace(plan.rough, vertices=np.asarray(mesh.vertices), faces=np.asarray(mesh.faces))
    upright = [Pose(rotation=np.eye(3), translation=np.array([x, 0.0, 0.0])) for x in (-4.5, 2.0)]
    askew = math.radians(10.0)
    return replace(
        plan,
        rough=bar,
        limits=replace(plan.limits, kerf=0.4),
        stones=(replace(a, pose=upright[0]), replace(a, id="B", pose=upright[1])),
        bound=Bound(weight_ct=3.0, covers="up to 3 stones of the listed cuts"),
        axes={"c": np.array([0.0, 0.0, 1.0]), "cleavage 100": np.array([1.0, 0.0, 0.0])},
        saw=(
            SawCut(
                step=1,
                piece="0",
                normal=np.array([1.0, 0.0, 0.0]),
                offset=5.5,
                kerf=0.4,
                above="0.2",
                below="0.1",
            ),
            SawCut(
                step=2,
                piece="0.1",
                normal=np.array([math.cos(askew), 0.0, math.sin(askew)]),
                offset=-1.25,
                kerf=0.4,
                above="B",
                below="A",
            ),
        ),
    )

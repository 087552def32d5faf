"""A plan file gives back the whole record: written again it is the same document."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.plan.sawn import CUTS, sawn_plan
from yieldopt.cuts.design import Design
from yieldopt.cuts.family import family, family_names
from yieldopt.cuts.gemcad import read_asc, write_asc
from yieldopt.cuts.given import FixedCut, free_heights
from yieldopt.errors import InputError
from yieldopt.geometry.pose import Pose
from yieldopt.plan.read import radians_of, read_plan
from yieldopt.plan.record import Bound, Limits, OrientationRule, Plan, SawTool, Stone
from yieldopt.plan.schema import PlanFile
from yieldopt.plan.schema import read_plan as read_form
from yieldopt.plan.worth import Choice, MoneyLine, PricesRecord, RuleCost, Worth
from yieldopt.plan.write import plan_document, write_plan
from yieldopt.rough.colour_zones import HalfSpace, ZoneMesh
from yieldopt.rough.inclusions import Crack, Mesh, Needle, Sphere
from yieldopt.rough.weight import WeightCheck

POSE = Pose(
    rotation=Rotation.from_rotvec([0.9, 1.4, -0.3]).as_matrix(),
    translation=np.array([12.3, -44.1, 81.0]),
)
TIP = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
TIP_FACES = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
# Share of a number, or mm: what turning planes by a pose and back may lose of what follows.
ROUNDING = 1e-9


def of_one(design: Design, **fields: Any) -> Plan:
    """Return a plan of one stone; whether it fits is nobody's question here."""
    return sawn_plan(stones=(Stone(id="A", design=design, pose=POSE),), saw=(), **fields)


def any_of(name: str, *, width: float = 6.3) -> Design:
    """Return a cut somewhere in its ranges."""
    cut = family(name)
    lot = np.random.default_rng(3)
    return cut.design(np.array([lot.uniform(p.low, p.high) for p in cut.proportions]), width)


def documents(plan: Plan, folder: Path) -> tuple[Any, Any]:
    """Return the document of a written plan, and of what is read of it."""
    path = write_plan(plan, folder)
    return json.loads(path.read_text()), document(read_plan(path))


def document(plan: Plan) -> Any:
    return plan_document(plan).model_dump(mode="json", by_alias=True)


def apart(told: Any, again: Any, key: str = "") -> list[str]:
    """Return the keys at which two documents differ, numbers by more than rounding."""
    if isinstance(told, dict) and isinstance(again, dict) and told.keys() == again.keys():
        return [w for k in told for w in apart(told[k], again[k], f"{key}.{k}")]
    if isinstance(told, list) and isinstance(again, list) and len(told) == len(again):
        pairs = enumerate(zip(told, again, strict=True))
        return [w for i, (a, b) in pairs for w in apart(a, b, f"{key}[{i}]")]
    if isinstance(told, float) and isinstance(again, float | int):
        return [] if abs(told - again) <= ROUNDING * max(1.0, abs(told)) else [key]
    return [] if told == again else [f"{key}: {told!r}, {again!r}"]


def valued_plan() -> Plan:
    """Return a plan with all that prices bring along; its figures are no question here."""
    worth = Worth(
        lines=(
            MoneyLine(name="price", amount=100.1, detail="row 3"),
            MoneyLine(name="clarity", amount=-20.02, detail="x 0.8"),
            MoneyLine(name="cost of a stone", amount=-5.0),
        ),
        price_per_ct=33.3,
        row=3,
        clarity="SI",
        clarity_type="I",
        kept=(1,),
        kept_words=("inclusion 1 (sphere) under the girdle",),
        size="8 x 6",
        order="ring",
        colour_direction="open c",
        colour_zone="blue",
        on_cleavage=("cleavage 001",),
    )
    stone = Stone(id="A", design=any_of("oval"), pose=POSE, value=75.08, worth=worth)
    plain = Worth(lines=(MoneyLine(name="price", amount=60.0),), price_per_ct=None, row=None)
    return sawn_plan(
        stones=(stone,),
        alternatives=(
            Stone(id="A2", design=any_of("heart"), pose=POSE, value=60.0, worth=plain),
            Stone(id="A3", design=any_of("emerald"), pose=POSE),
        ),
        saw=(),
        currency="USD",
        objective="value",
        prices=PricesRecord(
            file="book.csv",
            name="Tests",
            currency="USD",
            date="2026-11-01",
            set_by="us",
            note="a note",
            illustration=True,
            variety="citrine",
            quality="B",
            cut_grade="fine",
            bracket_margin_ct=0.02,
            open_cracks=("SI", "I1"),
            per_saw_cut=1.5,
        ),
        bound=Bound(weight_ct=1e3, covers="a guess", value=1e5),
        costs_of_rules=(
            RuleCost(rule="cleavage 001", how="hard", obeyed=True, weight_ct=1.2, value=80.0),
            RuleCost(rule="table", how="priced", obeyed=False, weight_ct=None, value=None),
        ),
        choices=(
            Choice(name="dearest", stone="A", flags=("holds a flaw",)),
            Choice(name="heaviest, safest", stone="A2"),
        ),
    )


def told_plan() -> Plan:
    """Return a sawn plan with all that a job can tell of rough, flaws, colour, bench and rules."""
    plan = sawn_plan()
    notes = ("Two faces stood twice; one of each was kept.",)
    return sawn_plan(
        rough=replace(plan.rough, unit="in", fit_factor=0.97, notes=notes, sha256="ab" * 32),
        weighed_ct=14.2,
        weight_check=WeightCheck(
            volume=2100.0,
            specific_gravity=2.65,
            specific_gravity_range=(2.5, 2.7),
            weighed_ct=14.2,
            hint="--unit cm would make them agree",
        ),
        limits=Limits(
            allowance=0.15,
            max_stones=4,
            centre_point=True,
            min_piece=6.0,
            saw_off_cleavage=math.radians(10.1),
            tools=(SawTool(name="trim", kerf=0.3), SawTool(name="wire", kerf=0.2, largest=12.5)),
        ).beyond(coating=0.02, scan_error=0.05),
        inclusions=(
            Sphere(centre=np.array([1.0, 2, 3]), radius=0.1, name="region 1"),
            Needle(start=np.zeros(3), end=np.ones(3), radius=0.2, severity="grade"),
            Crack(corners=TIP[:3]),
            Mesh(vertices=TIP / 3.0, faces=TIP_FACES, name="region 2"),
        ),
        colour_zones=(
            HalfSpace(name="blue", wanted=True, normal=np.array([1.0, 2, 2]), offset=0.1),
            ZoneMesh(name="pale", wanted=False, vertices=TIP / 7.0, faces=TIP_FACES),
        ),
        axes={"c": np.array([0.0, 0, 1]), "cleavage 001": np.array([0.6, 0.8, 0])},
        orientation=tuple(
            OrientationRule(
                name=f"rule {low:g}",
                axis=np.array([0.36, 0.48, 0.8]),
                low=math.radians(low),
                high=math.radians(high),
                share=0.05,
                facets=facets,  # type: ignore[arg-type]
            )
            for low, high, facets in ((0.1, 33.3, "all"), (7.7, 90.0, "table"), (0, 71, "ends"))
        ),
    )


@pytest.mark.parametrize("name", family_names())
def test_a_familys_stone_comes_back_to_the_last_bit(name: str, tmp_path: Path) -> None:
    """So what follows does too: which of two corners that are alike a tier is cut to."""
    told, again = documents(of_one(any_of(name)), tmp_path)
    assert again == told


@pytest.mark.parametrize("make", [sawn_plan, valued_plan, told_plan])
def test_all_that_a_plan_holds_comes_back(make: Callable[[], Plan], tmp_path: Path) -> None:
    told, again = documents(make(), tmp_path)
    assert apart(told, again) == []
    # Of rules and zones the directions are made unit vectors again, which moves a last digit.
    assert told["stones"] == again["stones"]
    assert {k: v for k, v in told.items() if k not in ("colour_zones", "orientation", "rough")} == {
        k: v for k, v in again.items() if k not in ("colour_zones", "orientation", "rough")
    }


def test_a_plan_is_read_into_values_and_not_into_forms(tmp_path: Path) -> None:
    plan = told_plan()
    again = read_plan(write_plan(plan, tmp_path))
    assert np.array_equal(again.rough.vertices, plan.rough.vertices)
    assert np.array_equal(again.rough.faces, plan.rough.faces)
    assert again.rough.unit == "in"
    assert again.limits == replace(plan.limits)
    assert again.weight_check is not None
    assert plan.weight_check is not None
    assert again.weight_check.hint == plan.weight_check.hint
    assert again.search == plan.search
    assert [type(flaw) for flaw in again.inclusions] == [Sphere, Needle, Crack, Mesh]
    assert [cut.above for cut in again.saw] == [cut.above for cut in CUTS]
    assert [piece.name for piece in again.pieces] == [piece.name for piece in plan.pieces]


def imported(folder: Path) -> dict[str, Design]:
    """Return designs that are no family's, each by its name."""
    oval = family("oval").design(family("oval").usual, 1.0)
    write_asc(any_of("emerald"), folder / "file.asc")
    stretched = free_heights(read_asc(folder / "file.asc"))
    theta = np.array([p.high for p in stretched.proportions])
    free = free_heights(oval)
    return {
        "as drawn": FixedCut(given=read_asc(folder / "file.asc")).design(np.empty(0), 6.1),
        "stretched": stretched.design(theta, 7.3),
        "a family's, stretched": replace(
            free.design(np.array([p.low for p in free.proportions]), 5.9), name="oval"
        ),
    }


@pytest.mark.parametrize("name", ["as drawn", "stretched", "a family's, stretched"])
def test_an_imported_design_comes_back_to_rounding(name: str, tmp_path: Path) -> None:
    """Facets, order of cutting and what fixes them are the same; numbers are to rounding."""
    told, again = documents(of_one(imported(tmp_path)[name]), tmp_path)
    assert apart(told, again) == []


@pytest.mark.real
@pytest.mark.parametrize("name", ["Compear125", "SRB", "Turkey", "dice/d12"])
def test_a_published_design_comes_back_to_rounding(name: str, tmp_path: Path) -> None:
    file = Path(__file__).parents[2].parent / "shared" / "data" / "designs" / f"{name}.asc"
    if not file.is_file():
        pytest.skip("the published designs are not here")
    cut = FixedCut(given=read_asc(file))
    told, again = documents(of_one(cut.design(np.empty(0), 9.0)), tmp_path)
    assert apart(told, again) == []


def test_a_plan_made_by_hand_is_read_with_the_defaults_of_keys_that_it_lacks(
    made_plan: Callable[..., Path],
) -> None:
    path = made_plan()
    plan = read_plan(path)
    told, again = read_form(path), plan_document(plan)
    assert plan.limits.max_stones == 1
    assert again.stones[0].weight_ct == pytest.approx(told.stones[0].weight_ct, rel=1e-12)
    assert [f.angle_deg for f in again.stones[0].facets] == pytest.approx(
        [42.0, 90.0, 40.0, 36.0, 0.0]
    )


def test_angles_in_degrees_come_back_to_the_last_bit_where_there_is_an_angle_for_them() -> None:
    lot = np.random.default_rng(5)
    for angle in lot.uniform(0.0, math.pi / 2, 2000).tolist():
        assert math.degrees(radians_of(math.degrees(angle))) == math.degrees(angle)


Change = Callable[[dict[str, Any]], None]


def at(*keys: str | int, value: Any) -> Change:
    """Return what writes a value into a document."""

    def change(document: dict[str, Any]) -> None:
        node: Any = document
        for key in keys[:-1]:
            node = node[key]
        node[keys[-1]] = value

    return change


def nudge(*keys: str | int, by: float) -> Change:
    """Return what adds to a number of a document."""

    def change(document: dict[str, Any]) -> None:
        node: Any = document
        for key in keys[:-1]:
            node = node[key]
        node[keys[-1]] += by

    return change


BROKEN: dict[str, tuple[Change, str]] = {
    "an edited plane": (
        nudge("stones", 0, "planes", 3, 3, by=1e-3),
        "stone A: planes, vertices_mm, pose and facets do not belong together",
    ),
    "an edited corner": (
        nudge("stones", 0, "vertices_mm", 3, 0, by=1e-3),
        "stone A: planes, vertices_mm, pose and facets do not belong together",
    ),
    "an edited corner of an alternative": (
        nudge("alternatives", 0, "vertices_mm", 3, 0, by=1e-3),
        "stone A2: planes, vertices_mm, pose and facets do not belong together",
    ),
    "another pose": (
        nudge("stones", 0, "pose", "translation_mm", 1, by=0.01),
        "stone A: planes, vertices_mm, pose and facets do not belong together",
    ),
    "no rotation": (
        at("stones", 0, "pose", "rotation", 0, value=[1.0, 1.0, 0.0]),
        "stone A: pose.rotation: not orthonormal",
    ),
    "a plane that no facet names": (
        nudge("stones", 0, "facets", 0, "planes", 0, by=1),
        "stone A: its facets do not name each of its planes once",
    ),
    "another format": (at("format", value="yieldopt.plan/2"), "format: Input should be"),
    "a key that is not known": (at("colour", value="red"), "colour: Extra inputs"),
    "a word for a number": (
        at("limits", "kerf_mm", value="wide"),
        "limits.kerf_mm: Input should be a valid number",
    ),
    "a layer thinner than its parts": (
        at("limits", "coating_mm", value=0.5),
        "skin: is less than a part of it",
    ),
    "another mesh": (
        at("rough", "mesh_sha256", value="0" * 64),
        "rough: rough.ply is not the mesh that this plan was made for",
    ),
    "a mesh that is not there": (
        at("rough", "mesh", value="other.ply"),
        "other.ply: rough.mesh is not a file beside the plan",
    ),
    "a flaw that is not known": (
        at("inclusions", value=[{"kind": "cloud", "severity": "avoid"}]),
        "inclusion 1: 'cloud' is not known here",
    ),
    "a zone whose mesh is not there": (
        at(
            "colour_zones",
            value=[{"kind": "mesh", "name": "n", "wanted": True, "file": "z.ply", "sha256": ""}],
        ),
        "z.ply: colour zone 1.file is not a file beside the plan",
    ),
    "a cut of a piece that is not there": (
        at("saw", value=[{"step": 1, "piece": "0.7", "normal": [1.0, 0, 0], "offset_mm": 0.0,
                          "kerf_mm": 0.3, "above": "A", "below": "0.1"}]),
        "saw step 1: piece: there is no piece 0.7",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def valued_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_plan(valued_plan(), tmp_path_factory.mktemp("valued"))


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_refused_in_one_line_that_names_it(
    name: str, valued_file: Path, tmp_path: Path
) -> None:
    change, words = BROKEN[name]
    told = json.loads(valued_file.read_text())
    change(told)
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(told))
    (tmp_path / "rough.ply").write_bytes((valued_file.parent / "rough.ply").read_bytes())
    with pytest.raises(InputError) as caught:
        read_plan(path)
    message = str(caught.value)
    assert words in message
    assert str(tmp_path) in message
    assert "\n" not in message


def test_what_is_no_plan_file_at_all_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    with pytest.raises(InputError, match=r"cannot be read .*name a plan\.json"):
        read_plan(path)
    for text in ("", "not JSON", "[1, 2]", '{"format": "yieldopt.what-if/1"}'):
        path.write_text(text)
        with pytest.raises(InputError, match=r"plan\.json: .*--schema") as caught:
            read_plan(path)
        assert "\n" not in str(caught.value)


def test_a_file_of_todays_form_is_a_plan_file(valued_file: Path) -> None:
    assert isinstance(read_form(valued_file), PlanFile)

"""A plan record becomes a file that the judge passes, the same bytes each time."""

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from yieldopt.cuts.design import Design
from yieldopt.cuts.family import family
from yieldopt.cuts.library import cuts_named
from yieldopt.errors import InputError
from yieldopt.geometry.polytope import polytope_from_planes
from yieldopt.geometry.pose import Pose
from yieldopt.plan.record import Bound, Limits, Plan, SearchRecord, Stone
from yieldopt.plan.schema import read_plan
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import plan_document, table_pct, write_plan
from yieldopt.rough.rough import Rough

ALLOWANCE = 0.2
POSE = Pose(
    rotation=Rotation.from_rotvec([0.3, 1.2, -0.4]).as_matrix(),
    translation=np.array([140.0, -3.0, 17.0]),
)


def box_round(corners: NDArray[np.float64]) -> Rough:
    """Return the box round corners (n, 3) of the gem frame, 1e-6 mm off, in the scan frame."""
    box = trimesh.creation.box(bounds=[corners.min(axis=0) - 1e-6, corners.max(axis=0) + 1e-6])
    vertices = POSE.apply(np.array(box.vertices))
    return Rough(name="made", vertices=vertices, faces=box.faces, file="made.stl", unit="cm")


def design_of(name: str) -> Design:
    cut = family(name)
    return cut.design(np.array([p.default for p in cut.proportions]), 6.0)


def plan_of(design: Design, **fields: object) -> Plan:
    preform = polytope_from_planes(design.solid.normals, design.solid.offsets + ALLOWANCE)
    plan = Plan(
        rough=box_round(preform.vertices),
        species="quartz",
        specific_gravity=2.65,
        limits=Limits(allowance=ALLOWANCE),
        stones=(Stone(id="A", design=design, pose=POSE),),
        bound=Bound(weight_ct=1e6, covers="a guess"),
        search=SearchRecord(
            seed=1,
            effort="quick",
            evaluations=9,
            seconds=0.5,
            complete=True,
            version="0",
            threads=2,
        ),
    )
    return dataclasses.replace(plan, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["round", "oval", "emerald"])
def test_a_written_plan_holds(name: str, tmp_path: Path) -> None:
    path = write_plan(plan_of(design_of(name)), tmp_path / "new" / "folder")
    verdict = verify_plan(path)
    assert verdict.holds, [str(violation) for violation in verdict.violations]
    assert not verdict.notes


def test_a_heart_is_weighed_without_its_cleft_and_the_judge_agrees(tmp_path: Path) -> None:
    """The hull is placed, the cleft ground out of it; to state the hull's volume is a fault."""
    design = design_of("heart")
    path = write_plan(plan_of(design), tmp_path)
    verdict = verify_plan(path)
    assert verdict.holds, [str(violation) for violation in verdict.violations]
    (stone,) = read_plan(path).stones
    assert len(stone.notch) == 2
    assert stone.volume_mm3 == design.volume < 0.985 * design.solid.volume
    document = json.loads(path.read_text(encoding="utf-8"))
    document["stones"][0]["volume_mm3"] = design.solid.volume
    path.write_text(json.dumps(document), encoding="utf-8")
    assert any(fault.subject == "volume_mm3" for fault in verify_plan(path).violations)


@pytest.mark.real
@pytest.mark.parametrize(
    ("name", "seed"), [("SRB", 7), ("Compear125", 9), ("CubeIllusionTri", 41), ("Turkey", 3)]
)
def test_a_written_plan_of_a_published_design_holds_at_any_size(
    name: str, seed: int, shared: Path, tmp_path: Path
) -> None:
    """Its facets meet to the 8 decimals of the file; by Qhull's usual rules it refuses some."""
    rng = np.random.default_rng(seed)
    for width in (1.0, 3.0, 6.0, 20.0, 60.0) * 4:
        (cut,) = cuts_named([str(shared / "designs" / f"{name}.asc")])
        share = rng.uniform(size=len(cut.proportions))
        low = np.array([p.low for p in cut.proportions])
        theta = low + share * (np.array([p.high for p in cut.proportions]) - low)
        plan = plan_of(cut.design(theta, width), limits=Limits(allowance=ALLOWANCE, min_width=0.0))
        verdict = verify_plan(write_plan(plan, tmp_path))
        assert verdict.holds, (width, theta, [str(fault) for fault in verdict.violations])


def test_the_same_plan_is_the_same_bytes_and_reads_back_equal(tmp_path: Path) -> None:
    plan = plan_of(design_of("oval"))
    one, two = write_plan(plan, tmp_path / "one"), write_plan(plan, tmp_path / "two")
    assert one.read_bytes() == two.read_bytes()
    assert one.read_bytes().endswith(b"}\n")
    assert b"\r" not in one.read_bytes()
    assert (one.parent / "rough.ply").read_bytes() == (two.parent / "rough.ply").read_bytes()
    assert read_plan(one) == plan_document(plan)


def test_the_rough_reads_back_to_the_last_bit(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    plan = plan_of(design_of("round"))
    vertices = plan.rough.vertices + 1e-9 * rng.normal(size=plan.rough.vertices.shape)
    plan = dataclasses.replace(plan, rough=dataclasses.replace(plan.rough, vertices=vertices))
    path = write_plan(plan, tmp_path)
    mesh = trimesh.load_mesh(path.parent / "rough.ply", process=False)
    assert np.array_equal(mesh.vertices, vertices)
    assert np.array_equal(mesh.faces, plan.rough.faces)


def test_yield_and_waste_are_shares_of_the_scan_where_nothing_was_weighed() -> None:
    plan = plan_of(design_of("emerald"))
    totals = plan_document(plan).totals
    assert totals.yield_ == pytest.approx(plan.weight_ct / plan.rough_weight_ct)
    preform = polytope_from_planes(
        plan.stones[0].design.solid.normals, plan.stones[0].design.solid.offsets + ALLOWANCE
    )
    assert totals.wastage.offcut == pytest.approx(1.0 - preform.volume / plan.rough.volume)
    assert totals.wastage.saw == 0.0


@pytest.mark.parametrize("factor", [0.97, 1.2])
def test_what_the_scale_says_beyond_the_scan_is_off_cut(factor: float, tmp_path: Path) -> None:
    scanned = plan_of(design_of("emerald"))
    weighed_ct = scanned.rough_weight_ct * factor
    plan = dataclasses.replace(scanned, weighed_ct=weighed_ct)
    totals, by_scan = plan_document(plan).totals, plan_document(scanned).totals
    assert totals.yield_ == pytest.approx(plan.weight_ct / weighed_ct)
    waste = totals.wastage
    assert totals.yield_ + waste.allowance + waste.offcut + waste.saw == pytest.approx(1.0)
    ground_ct = waste.allowance * weighed_ct
    assert ground_ct == pytest.approx(by_scan.wastage.allowance * scanned.rough_weight_ct)
    assert verify_plan(write_plan(plan, tmp_path)).holds


def test_a_rough_that_weighs_less_than_its_preforms_is_wrong_input() -> None:
    with pytest.raises(InputError, match=r"rough\.weighed_ct: .* 0\.5 ct, less than"):
        plan_document(plan_of(design_of("round"), weighed_ct=0.5))


def test_a_half_space_without_a_facet_is_left_out_with_its_tooth(tmp_path: Path) -> None:
    """The last tooth of the girdle is cut too shallow to touch the stone."""
    design = design_of("round")
    girdle = next(planes for tier, planes in design.facet_rows() if tier.side == "girdle")
    normals, offsets = design.solid.normals.copy(), design.solid.offsets.copy()
    offsets[girdle[-1]] += 2.0
    spoiled = dataclasses.replace(design, solid=polytope_from_planes(normals, offsets))
    plan = plan_of(spoiled)
    stone = plan_document(plan).stones[0]
    row = next(row for row in stone.facets if row.side == "girdle")
    assert len(stone.planes) == len(normals) - 1
    assert len(row.index) == len(row.planes) == len(girdle) - 1
    assert verify_plan(write_plan(plan, tmp_path)).holds


def test_teeth_are_whole_numbers_where_they_can_be_and_angles_have_no_dust() -> None:
    rows = plan_document(plan_of(design_of("round"))).stones[0].facets
    assert all(isinstance(tooth, int) for row in rows for tooth in row.index)
    assert {row.angle_deg for row in rows if row.side in ("table", "girdle")} == {0.0, 90.0}


def test_a_table_is_measured_across_the_width() -> None:
    """A table of 45 on 60 mm, cut from a block that is longer along x."""
    design = design_of("emerald")
    table = next(planes for tier, planes in design.facet_rows() if tier.side == "table")
    corners = design.solid.vertices[list(design.solid.loops[table[0]])]
    narrow = int(np.ptp(design.solid.vertices[:, :2], axis=0).argmin())
    across = np.ptp(corners[:, narrow]) / np.ptp(design.solid.vertices[:, narrow])
    assert table_pct(design) == pytest.approx(100.0 * across)
    assert 30.0 < table_pct(design) < 90.0


def test_a_design_without_a_table_has_a_table_of_nothing() -> None:
    design = design_of("round")
    tiers = tuple(
        dataclasses.replace(tier, side="crown") if tier.side == "table" else tier
        for tier in design.tiers
    )
    assert table_pct(dataclasses.replace(design, tiers=tiers)) == 0.0


def test_flaws_stand_in_the_plan_as_the_job_gave_them() -> None:
    flaws = (
        {"kind": "sphere", "centre_mm": [0, 1, 2], "radius_mm": 0.4},
        {"kind": "crack", "polygon_mm": np.eye(3), "severity": "avoid"},
    )
    document = plan_document(plan_of(design_of("round"), inclusions=flaws))
    sphere, crack = (json.loads(flaw.model_dump_json()) for flaw in document.inclusions)
    assert sphere == flaws[0] | {"centre_mm": [0.0, 1.0, 2.0], "severity": "avoid"}
    assert crack["polygon_mm"] == np.eye(3).tolist()


def test_a_flaw_that_is_not_told_in_full_is_wrong_input() -> None:
    flaws = ({"kind": "sphere", "centre_mm": [0, 1, 2]},)
    with pytest.raises(InputError, match=r"inclusion\[1\]\.radius_mm: is missing"):
        plan_document(plan_of(design_of("round"), inclusions=flaws))


def test_alternatives_are_written_and_judged(tmp_path: Path) -> None:
    plan = plan_of(design_of("round"))
    other = Stone(id="oval", design=design_of("round").scaled(1.01), pose=POSE)
    path = write_plan(dataclasses.replace(plan, alternatives=(other,)), tmp_path)
    verdict = verify_plan(path)
    assert {violation.part for violation in verdict.violations} == {"alternative oval"}
    assert {violation.subject for violation in verdict.violations} == {"skin"}

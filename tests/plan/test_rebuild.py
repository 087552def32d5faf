"""Stones, saw cuts and flaws are made again from a plan file as they were."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from tests.plan.sawn import CUTS, sawn_plan
from yieldopt.cuts.family import family, family_names
from yieldopt.cuts.given import free_heights
from yieldopt.errors import InputError
from yieldopt.geometry.pose import Pose
from yieldopt.plan.rebuild import SAME, flaws_of, rough_of, saw_of, stone_of_form, stones_of
from yieldopt.plan.record import Stone
from yieldopt.plan.schema import StoneForm, read_plan
from yieldopt.plan.write import stone_form, write_plan
from yieldopt.rough.inclusions import Crack, Inclusion, Mesh, Needle, Sphere

POSE = Pose(
    rotation=Rotation.from_rotvec([0.9, 1.4, -0.3]).as_matrix(),
    translation=np.array([12.3, -44.1, 81.0]),
)


def as_read(stone: Stone) -> StoneForm:
    """Return a stone as a plan file gives it back."""
    form = stone_form(sawn_plan(), stone)
    return StoneForm.model_validate_json(form.model_dump_json())


def planes_of(stone: Stone) -> np.ndarray:
    solid = stone.design.solid
    kept = [j for j, loop in enumerate(solid.loops) if loop]
    return np.column_stack(stone.pose.planes(solid.normals[kept], solid.offsets[kept]))


@pytest.mark.parametrize("name", family_names())
def test_a_familys_stone_is_made_again_by_its_proportions(name: str) -> None:
    cut = family(name)
    lot = np.random.default_rng(3)
    theta = np.array([lot.uniform(p.low, p.high) for p in cut.proportions])
    form = as_read(Stone(id="B", design=cut.design(theta, 6.3), pose=POSE))
    again = stone_of_form(form)
    assert np.abs(planes_of(again) - np.array(form.planes)).max() <= SAME
    assert again.id == "B"
    assert again.design.proportions == form.proportions
    assert again.design.tiers == cut.design(theta, 6.3).tiers
    assert again.design.volume == pytest.approx(form.volume_mm3, rel=1e-12)


def test_an_imported_stone_is_made_again_by_its_planes() -> None:
    """A file's design with its heights stretched, that bears a family's name, too."""
    given = family("oval").design(family("oval").usual, 1.0)
    for name in ("mine", "oval"):
        cut = free_heights(given)
        theta = np.array([p.high for p in cut.proportions])
        design = cut.design(theta, 7.1)
        stone = Stone(id="A", design=replace(design, name=name), pose=POSE)
        form = as_read(stone)
        again = stone_of_form(form)
        rows = np.array(form.planes)[[j for row in form.facets for j in row.planes]]
        assert np.abs(planes_of(again) - rows).max() <= SAME
        assert again.design.name == name
        assert again.design.volume == pytest.approx(design.volume, rel=1e-12)
        facets = [(row.tier, row.angle_deg, row.index, row.gear) for row in form.facets]
        second = [(row.tier, row.angle_deg, row.index, row.gear) for row in as_read(again).facets]
        assert second == facets


def test_a_stone_whose_facets_and_planes_disagree_is_refused_in_one_line() -> None:
    cut = family("round")
    form = as_read(Stone(id="A", design=cut.design(cut.usual, 5.0), pose=POSE))
    row = form.facets[0].model_copy(update={"planes": form.facets[1].planes})
    broken = form.model_copy(update={"cut": "mine", "facets": [row, *form.facets[1:]]})
    with pytest.raises(InputError, match=r"plan\.json: stone A cannot be made again") as caught:
        stone_of_form(broken, of="plan.json")
    assert "\n" not in str(caught.value)


def test_rough_saw_cuts_and_flaws_come_back_as_they_were(tmp_path: Path) -> None:
    tip = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    flaws: tuple[Inclusion, ...] = (
        Sphere(centre=np.array([1.0, 2, 3]), radius=0.1, name="region 1"),
        Needle(start=np.zeros(3), end=np.ones(3), radius=0.2, severity="grade"),
        Crack(corners=tip[:3]),
        Mesh(vertices=tip, faces=faces, name="region 2"),
    )
    plan = sawn_plan(inclusions=flaws)
    path = write_plan(plan, tmp_path)
    form = read_plan(path)
    again = rough_of(form.rough, path)
    assert np.array_equal(again.vertices, plan.rough.vertices)
    assert np.array_equal(again.faces, plan.rough.faces)
    for cut, own in zip(saw_of(form), CUTS, strict=True):
        assert np.array_equal(cut.normal, own.normal)
        assert (cut.step, cut.piece, cut.offset, cut.kerf, cut.above, cut.below) == (
            own.step, own.piece, own.offset, own.kerf, own.above, own.below,
        )  # fmt: skip
    for flaw, told in zip(flaws_of(form, path), flaws, strict=True):
        assert (type(flaw), flaw.name, flaw.severity) == (type(told), told.name, told.severity)
    assert list(stones_of(form, of="")) == [stone.id for stone in plan.stones]
    document = json.loads(path.read_text())
    assert [flaw.get("name") for flaw in document["inclusions"]] == [
        "region 1", None, None, "region 2",
    ]  # fmt: skip
    assert "name" not in document["inclusions"][1]
    (tmp_path / "rough.ply").write_bytes(b"ply")
    with pytest.raises(InputError, match=r"rough: rough\.ply is not the mesh"):
        rough_of(form.rough, path)

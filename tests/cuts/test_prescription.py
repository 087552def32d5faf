"""The steps that cut a gem: an order that works, and nothing missing to make the gem again."""

import itertools
import math
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.design import Design
from yieldopt.cuts.family import family, family_names
from yieldopt.cuts.gemcad import read_asc
from yieldopt.cuts.prescription import FacetRef, Prescription, corner_of, rebuild, surrounds
from yieldopt.cuts.sequence import EXACT, MEANT, prescribe
from yieldopt.geometry.arrays import Float

ANGLE = math.radians(0.01)
SHARE = 1e-6  # of the width
RANDOM = 1  # members of each family, besides the usual one


@cache
def members(name: str) -> tuple[tuple[Design, Prescription], ...]:
    """Return the usual member of a family and some at random, 10 mm wide, with their steps."""
    cut = family(name, ranges="commercial")
    rng = np.random.default_rng(20)
    low, high = (np.array([getattr(p, end) for p in cut.proportions]) for end in ("low", "high"))
    thetas = [np.array([p.default for p in cut.proportions])]
    thetas += [low + (high - low) * rng.random(len(low)) for _ in range(RANDOM)]
    designs = [cut.design(theta, 10.0) for theta in thetas]
    return tuple((design, prescribe(design)) for design in designs)


def planes_before(prescription: Prescription, n_steps: int) -> tuple[Float, Float]:
    normals, offsets = [], []
    for step in prescription.steps[:n_steps]:
        normals += list(prescription.normals(step))
        offsets += [step.distance] * len(step.index)
    return np.array(normals).reshape(-1, 3), np.array(offsets)


def blind(prescription: Prescription) -> Prescription:
    """Return the steps without any distance, depth or point: what is left must do."""
    steps = [
        replace(step, distance=math.nan, depth=None, point=None, words="")
        for step in prescription.steps
    ]
    return replace(prescription, steps=tuple(steps))


def misses(design: Design, normals: Float, offsets: Float) -> tuple[float, float]:
    """Return how far planes are from the design's: the angle in rad, the distance by the width."""
    kept = [j for j, loop in enumerate(design.solid.loops) if loop]
    chord = np.linalg.norm(normals - design.solid.normals[kept], axis=1).max()
    apart = np.abs(offsets - design.solid.offsets[kept]).max()
    return float(2.0 * np.arcsin(0.5 * chord)), float(apart / design.width)


@pytest.mark.parametrize("name", family_names())
def test_the_steps_alone_make_the_gem_again(name: str) -> None:
    """Angles, teeth, meets and one size: to 0.01 degree and 1e-6 of the width."""
    for design, prescription in members(name):
        angle, share = misses(design, *rebuild(blind(prescription)))
        assert angle < ANGLE
        assert share < SHARE


@pytest.mark.parametrize("name", family_names())
def test_every_meet_exists_when_it_is_called_for(name: str) -> None:
    """Its three facets are cut, meet in one point, and nothing cut so far has taken it away."""
    for design, prescription in members(name):
        hair = SHARE * design.width
        for n, step in enumerate(prescription.steps):
            normals, offsets = planes_before(prescription, n)
            assert all(ref.step < n for ref in (*step.fix.meet, *step.fix.edge))
            if step.fix.kind in ("vertex", "fraction", "girdle") and step.fix.meet:
                rows = [row_of(prescription, ref) for ref in step.fix.meet]
                corner = corner_of(normals[rows], offsets[rows])
                assert np.abs(normals[rows] @ corner - offsets[rows]).max() < hair
                assert (normals @ corner - offsets).max() < hair
            if step.point is not None and step.fix.kind in ("tcp", "vertex", "fraction") and n:
                assert (normals @ np.array(step.point) - offsets).max() < hair


def row_of(prescription: Prescription, ref: FacetRef) -> int:
    before = sum(len(step.index) for step in prescription.steps[: ref.step])
    return before + prescription.steps[ref.step].index.index(ref.tooth)


@pytest.mark.parametrize("name", family_names())
def test_a_family_is_cut_by_meets_and_one_size(name: str) -> None:
    for design, prescription in members(name):
        kinds = [step.fix.kind for step in prescription.steps]
        assert kinds.count("size") == 1
        assert "depth" not in kinds
        cut = [step for step in prescription.steps if not step.temporary]
        assert sorted(j for step in cut for j in step.facets) == [
            j for j, loop in enumerate(design.solid.loops) if loop
        ]


@pytest.mark.parametrize("name", family_names())
def test_pavilion_and_girdle_come_first_and_each_step_takes_stone_off(name: str) -> None:
    _, prescription = members(name)[0]
    below = [step.side in ("pavilion", "girdle") for step in prescription.steps]
    assert below == sorted(below, reverse=True)
    volumes = [prescription.solid_after(n).volume for n in range(1, len(prescription.steps) + 1)]
    assert all(a > b for a, b in itertools.pairwise(volumes))


@pytest.mark.parametrize("name", family_names())
def test_the_last_solid_is_the_gem(name: str) -> None:
    """Temporary facets are gone, and the block has left nothing standing."""
    for design, prescription in members(name):
        last = prescription.solid_after(len(prescription.steps))
        assert last.volume == pytest.approx(design.solid.volume, rel=1e-6)


@pytest.mark.parametrize("name", family_names())
def test_the_extra_depth_is_what_a_centre_point_needs_under_the_culet(name: str) -> None:
    for design, prescription in members(name):
        culet = design.solid.vertices[:, 2].min()
        tips = [s.point[2] for s in prescription.steps if s.fix.kind == "tcp" and s.point]
        deep = max([0.0, *(culet - tip for tip in tips)])
        assert prescription.extra_depth == pytest.approx(deep, abs=SHARE * design.width)
        assert prescription.extra_depth <= 0.25 * design.width
        normals, offsets = prescription.body_needed()
        assert (normals @ design.solid.vertices.T - offsets[:, None]).max() < 1e-7
        lowest = np.array([0.0, 0.0, culet - prescription.extra_depth])
        assert (normals @ lowest - offsets).max() < 1e-7


def test_depths_run_from_the_table_on_the_pavilion_and_from_the_culet_on_the_crown() -> None:
    (design, prescription), *_ = members("round")
    z = design.solid.vertices[:, 2]
    for step in prescription.steps:
        if step.point is None or step.depth is None:
            continue
        from_table = step.side in ("pavilion", "girdle")
        assert step.depth_from == ("table" if from_table else "culet")
        expected = z.max() - step.point[2] if from_table else step.point[2] - z.min()
        assert step.depth == pytest.approx(expected)


def test_a_round_is_cut_as_every_manual_says() -> None:
    _, prescription = members("round")[0]
    words = [(step.code, step.words.split(",")[0]) for step in prescription.steps]
    assert words == [
        ("P1", "cut to centre point"),
        ("G1", "to size"),
        ("P2", "meet P1-G1"),
        ("C1", "level girdle"),
        ("C2", "meet G1-C1"),
        ("C3", "meet C1-C2"),
        ("T", "meet C2-C3"),
    ]


def test_an_outline_of_several_distances_gets_temporary_facets_to_one_point() -> None:
    (design, prescription), *_ = members("oval")
    temporary = [step for step in prescription.steps if step.temporary]
    girdle = [step for step in prescription.steps if step.side == "girdle"]
    assert [s.index for s in temporary] == [s.index for s in girdle]
    assert {s.fix.kind for s in temporary} == {"tcp"}
    assert [s.fix.kind for s in girdle] == ["size"] + ["vertex"] * (len(girdle) - 1)
    for step in temporary:  # they only hold stone that is taken off later
        normals = prescription.normals(step)
        assert (normals @ design.solid.vertices.T).max() < step.distance


def test_rebuilding_reads_the_angles_and_the_meets() -> None:
    """Sabotage: what is changed in the steps must change the gem."""
    (design, prescription), *_ = members("round")
    steps = prescription.steps
    steeper = replace(steps[2], angle=steps[2].angle + math.radians(0.1))
    turned = replace(prescription, steps=(*steps[:2], steeper, *steps[3:]))
    assert misses(design, *rebuild(turned))[0] > ANGLE
    thicker = replace(steps[3], fix=replace(steps[3].fix, value=1.1 * (steps[3].fix.value or 0)))
    fat = replace(prescription, steps=(*steps[:3], thicker, *steps[4:]))
    assert misses(design, *rebuild(fat))[1] > SHARE


def test_a_meet_of_facets_not_yet_cut_is_refused() -> None:
    _, prescription = members("round")[0]
    steps = prescription.steps
    with pytest.raises(ValueError, match="not cut yet"):
        rebuild(replace(prescription, steps=(*steps[:2], steps[3], steps[2], *steps[4:])))


def test_the_size_of_the_gem_does_not_change_how_it_is_cut() -> None:
    (design, prescription), *_ = members("emerald")
    small = prescribe(design.scaled(0.1))
    assert [s.fix.kind for s in small.steps] == [s.fix.kind for s in prescription.steps]
    assert [s.fix.meet for s in small.steps] == [s.fix.meet for s in prescription.steps]
    assert small.extra_depth == pytest.approx(0.1 * prescription.extra_depth, rel=1e-6)


def test_an_emerald_whose_facets_nearly_meet_is_not_cut_as_if_they_did() -> None:
    """A step that misses a corner by 3e-5 of the width was once cut through it."""
    cut = family("emerald", ranges="fine")
    corner = {"length_width": 1.5, "crown_height": 0.15, "pavilion_depth": 0.54, "table": 0.62}
    theta = np.array([corner.get(p.name, 0.02) for p in cut.proportions])
    design = cut.design(theta, 10.0)
    assert misses(design, *rebuild(blind(prescribe(design))))[1] < SHARE


@pytest.mark.parametrize(("name", "gear"), [("round", 64), ("hexagon", 120), ("emerald", 80)])
def test_a_cut_on_another_gear_is_made_again_from_its_steps(name: str, gear: int) -> None:
    cut = family(name, gear=gear)
    design = cut.design(np.array([p.default for p in cut.proportions]), 10.0)
    prescription = prescribe(design)
    assert prescription.gear == gear
    assert misses(design, *rebuild(blind(prescription)))[1] < SHARE


def test_three_facets_within_half_a_turn_do_not_close_to_a_point() -> None:
    assert surrounds([0.0, 2.0, 4.0])
    assert not surrounds([0.0, 1.0, 3.0])
    assert not surrounds([0.0, math.pi])


@pytest.mark.real
@pytest.mark.parametrize("name", ["SRB", "Compear125", "CubeIllusionTri", "Turkey"])
def test_a_published_design_is_made_again_from_its_steps(name: str, shared: Path) -> None:
    """Held to exact meets, what a file's rounding has spoilt is fixed along edges instead."""
    design = read_asc(shared / "designs" / f"{name}.asc")
    angle, share = misses(design, *rebuild(blind(prescribe(design, slack=EXACT))))
    assert angle < ANGLE
    assert share < SHARE


@pytest.mark.real
@pytest.mark.parametrize("name", ["d4", "d6", "d8", "d10", "d12", "d20"])
def test_a_solid_without_a_girdle_is_made_again_from_its_steps(name: str, shared: Path) -> None:
    design = read_asc(shared / "designs" / "dice" / f"{name}.asc")
    angle, share = misses(design, *rebuild(blind(prescribe(design, slack=EXACT))))
    assert angle < ANGLE
    assert share < SHARE


@pytest.mark.real
def test_the_steps_of_a_published_pear_are_its_designers(shared: Path) -> None:
    """Compear 1:1.25 carries its designer's notes: "Meet 1-2-G1" and the like."""
    design = read_asc(shared / "designs" / "Compear125.asc")
    notes = {tier.name.split("/")[0]: tier.note for tier in design.tiers if tier.note}
    steps = {step.code.split("/")[0]: step.words for step in prescribe(design).steps}
    assert notes["1"] == notes["2"] == "Meet center point"
    assert steps["1"] == "cut to centre point"
    assert steps["2"] == "cut to the same centre point"
    assert notes["G2"].lower() == "meet 1-2-g1"
    assert steps["G2"].lower().startswith("meet 1-2-g1")
    assert not any(step.temporary for step in prescribe(design).steps)


@pytest.mark.real
def test_meets_meant_by_a_file_stand_no_further_off_than_said(shared: Path) -> None:
    for name in ("SRB", "Compear125", "CubeIllusionTri", "Turkey"):
        design = read_asc(shared / "designs" / f"{name}.asc")
        prescription = prescribe(design)
        for step in prescription.steps:
            for j in step.facets:
                off = abs(step.distance - design.solid.offsets[j])
                assert off <= MEANT * design.width

"""Coating, scan error and the scales: what they take off, and that they err inward."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.bodies import block
from yieldopt.cuts.library import cuts_named
from yieldopt.errors import InputError
from yieldopt.plan.record import Limits
from yieldopt.plan.verify import verify_plan
from yieldopt.plan.write import write_plan
from yieldopt.rough.calliper import rough_from_callipers
from yieldopt.rough.coating import bare_volume, margin_notes
from yieldopt.rough.colour_zones import HalfSpace, ZoneMesh, check_zones, scaled_zone, zones_of
from yieldopt.rough.prepare import prepare_rough
from yieldopt.rough.rough import Rough
from yieldopt.rough.weight import WeightCheck, fitted_to_weight, weight_check
from yieldopt.search.problem import Problem
from yieldopt.search.solve import solve

QUARTZ = 2.65


def ball(radius: float) -> Rough:
    size = 2.0 * radius
    shape = {"kind": "pebble", "length_mm": size, "width_mm": size, "height_mm": size}
    return replace(rough_from_callipers(shape, name="ball"), from_callipers=False)


def box() -> Rough:
    corners, faces = np.unique(
        block([-6, -5, -4], [6, 5, 4]).reshape(-1, 3), axis=0, return_inverse=True
    )
    return Rough(name="box", vertices=corners, faces=faces.reshape(-1, 3).astype(np.int32))


def check_of(rough: Rough, weighed: float, coating: float = 0.0) -> WeightCheck:
    return weight_check(
        rough,
        specific_gravity=QUARTZ,
        specific_gravity_range=None,
        weighed_ct=weighed,
        coating=coating,
    )


@pytest.mark.parametrize("coating", [0.02, 0.1])
def test_a_convex_stone_without_its_coating_is_a_little_more_than_is_said(coating: float) -> None:
    """First order: what is neglected is of second order, and on the safe side."""
    inner = ball(6.0 - coating).volume
    said = bare_volume(ball(6.0), coating)
    assert (1.0 - 6.0 * (coating / 6.0) ** 2) * inner < said < inner


def test_a_coating_as_thick_as_the_stone_is_refused() -> None:
    with pytest.raises(InputError, match=r"^rough\.coating_mm: 3 mm of coating would be all"):
        bare_volume(ball(6.0), 3.0)


def test_coating_and_errors_are_in_the_skin_that_a_stone_keeps() -> None:
    limits = Limits(skin=0.1, allowance=0.2).beyond(coating=0.02, scan_error=0.05)
    assert limits.skin == pytest.approx(0.17)
    assert limits.skin_margin == pytest.approx(0.37)
    assert (limits.coating, limits.scan_error) == (0.02, 0.05)
    with pytest.raises(ValueError, match="skin"):
        Limits(coating=0.02)


def test_a_problem_keeps_off_what_its_roughs_surface_errs_once() -> None:
    def problem(rough: Rough, limits: Limits) -> Problem:
        return Problem(
            rough=rough, cuts=(), limits=limits, species="quartz", specific_gravity=QUARTZ
        )

    rough = replace(box(), surface_error=0.04)
    limits = Limits(skin=0.1).beyond(scan_error=0.05)
    once = problem(rough, limits).limits
    assert once.skin == pytest.approx(0.19)
    assert problem(rough, once).limits == once
    assert problem(box(), limits).limits is limits


def test_a_plan_of_a_powdered_stone_holds_in_the_stone_under_the_powder(tmp_path: Path) -> None:
    """The scan is 0.1 mm too large all round; the judge is given the stone as it is."""
    sizes = np.array([12.0, 10.0, 8.0])

    def stone(extra: float) -> Rough:
        keys = ("length_mm", "width_mm", "height_mm")
        table = dict(zip(keys, (sizes + 2.0 * extra).tolist(), strict=True))
        return rough_from_callipers({"kind": "block"} | table, name="stone")

    limits = Limits(min_width=0.5)
    plan = solve(
        Problem(
            rough=stone(0.1), cuts=cuts_named("emerald"), limits=limits.beyond(coating=0.1),
            species="quartz", specific_gravity=QUARTZ,
        ),
        effort="quick",
    )  # fmt: skip
    bare = replace(plan, rough=stone(0.0), limits=limits)
    assert verify_plan(write_plan(bare, tmp_path)).holds
    smaller = replace(plan, rough=stone(-0.01), limits=limits)
    assert not verify_plan(write_plan(smaller, tmp_path)).holds  # it is not held by being small


def test_notes_say_what_is_kept_and_nothing_where_nothing_is() -> None:
    assert margin_notes(box(), coating=0.0, scan_error=0.0) == ()
    coat, error = margin_notes(box(), coating=0.1, scan_error=0.04)
    # 592 mm2 of skin round 960 mm3.
    assert coat.startswith("coating of 0.1 mm taken off: it is 6.2 % of the scanned volume")
    assert error.startswith("scan error of 0.04 mm: stones keep")


@pytest.mark.parametrize("coating", [0.0, 0.05])
@pytest.mark.parametrize("share", [0.5, 0.95, 1.2, 2.5])
def test_a_fitted_rough_weighs_what_the_scales_say(share: float, coating: float) -> None:
    rough = replace(box(), surface_error=0.01)
    check = check_of(rough, share * check_of(rough, 1.0).weight_ct, coating)
    fitted = fitted_to_weight(rough, check, coating=coating)
    assert check_of(fitted, check.weighed_ct, coating).excess == pytest.approx(0.0, abs=1e-12)
    factor = fitted.fit_factor
    assert fitted.vertices == pytest.approx(factor * rough.vertices)
    assert fitted.surface_error == pytest.approx(0.01 * factor)
    assert f"scan scaled by {factor:.4f} in every direction" in fitted.notes[-1]


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (1000.0, "scaled by 10, where 0.7 to 1.4 is possible; --unit cm would make them agree"),
        (25.4**3, "--unit in would make them agree"),
        (3.0, "scaled by 1.44, where 0.7 to 1.4 is possible; check the unit, the species"),
        (0.3, "scaled by 0.669, where"),
    ],
)
def test_what_no_scan_errs_by_is_refused_with_what_to_do(share: float, said: str) -> None:
    rough = box()
    check = check_of(rough, share * check_of(rough, 1.0).weight_ct)
    with pytest.raises(InputError) as caught:
        fitted_to_weight(rough, check)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_sizes_from_callipers_have_no_unit_to_doubt() -> None:
    shape = {"kind": "block", "length_mm": 12, "width_mm": 10, "height_mm": 8}
    rough = rough_from_callipers(shape, name="bag12")
    check = check_of(rough, 1000 * check_of(rough, 1.0).weight_ct)
    with pytest.raises(InputError, match=r"the shape would have to be scaled by 10, .*the sizes"):
        fitted_to_weight(rough, check)


@pytest.mark.parametrize(
    ("weighed", "grade"),
    [(1.0, "green"), (1 / 1.049, "green"), (1 / 1.051, "amber"), (1 / 0.951, "green"),
     (1 / 0.949, "amber"), (1 / 1.149, "amber"), (1 / 1.151, "red"), (1 / 0.849, "red")],
)  # fmt: skip
def test_the_grades_end_at_five_and_fifteen_per_cent(weighed: float, grade: str) -> None:
    rough = box()
    assert check_of(rough, weighed * check_of(rough, 1.0).weight_ct).grade == grade


@pytest.mark.parametrize("weighed", [3.0, 3.9, 4.0, 4.05, 4.2, 4.3, 4.4, 5.0])
def test_what_a_species_explains_is_never_more_than_the_excess(weighed: float) -> None:
    check = WeightCheck(
        volume=200.0,
        specific_gravity=4.05,
        specific_gravity_range=(3.95, 4.3),
        weighed_ct=weighed,
    )
    assert abs(check.beyond) <= abs(check.excess) + 1e-12
    assert check.beyond * check.excess >= 0.0
    assert (check.beyond == 0.0) == (3.95 <= weighed <= 4.3)


class TestColourZones:
    def test_a_half_space_is_where_its_normal_shows_to(self) -> None:
        (zone,) = zones_of(
            [{"kind": "half-space", "wanted": True, "normal": [0, 0, 4], "offset_mm": 2}]
        )
        assert isinstance(zone, HalfSpace)
        assert (zone.name, zone.offset) == ("zone 1", 2.0)
        assert zone.normal.tolist() == [0.0, 0.0, 1.0]
        check_zones(box(), [zone])
        further = scaled_zone(zone, 1.5)
        assert isinstance(further, HalfSpace)
        assert further.offset == 3.0

    @pytest.mark.parametrize(
        ("table", "said"),
        [
            ({}, "kind: is missing; say one of half-space, mesh"),
            ({"kind": "half-space"}, "wanted: is missing; a half-space is told by wanted, normal"),
            ({"wanted": 1}, "wanted: true or false is wanted, not 1"),
            ({"name": " "}, "name: a word is wanted, not ' '"),
            ({"normal": [0, 0, 0]}, "normal: a direction [x, y, z] other than 0 is wanted"),
            ({"offset_mm": "up"}, "offset_mm: a number of mm is wanted, not 'up'"),
            (
                {"offset": 1},
                "offset: no such key; a half-space has name, wanted, normal, offset_mm",
            ),
            (
                {"kind": "mesh", "wanted": True, "file": 3},
                "file: the name of a mesh file is wanted",
            ),
            ({"kind": "mesh", "wanted": True, "file": "no.ply"}, "file: no.ply: there is no such"),
        ],
    )
    def test_a_wrong_table_is_one_line_with_its_number_and_key(
        self, table: dict[str, object], said: str
    ) -> None:
        right = {"kind": "half-space", "wanted": True, "normal": [0, 0, 1], "offset_mm": 0}
        wrong = table if "kind" in table or not table else right | table
        with pytest.raises(InputError) as caught:
            zones_of([right, wrong])
        assert str(caught.value).startswith(f"colour_zone[2].{said}")
        assert "\n" not in str(caught.value)

    def test_a_zone_outside_the_rough_is_named(self) -> None:
        half = HalfSpace(name="blue", wanted=True, normal=np.array([0.0, 0, 1]), offset=4.5)
        with pytest.raises(
            InputError, match=r"^colour_zone\[1\] \(blue\): offset_mm = 4\.5 is bey"
        ):
            check_zones(box(), [half])
        mesh = ZoneMesh(
            name="brown", wanted=False, vertices=box().vertices + 50.0, faces=box().faces
        )
        with pytest.raises(InputError, match=r"^colour_zone\[1\] \(brown\): lies outside the rou"):
            prepare_rough(box(), specific_gravity=QUARTZ, colour_zones=[mesh])

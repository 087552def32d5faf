"""The species table: all there, of one form, and found by the names people type."""

import math

import pytest

from yieldopt.cuts.species import species_named, species_names
from yieldopt.errors import InputError


def test_there_are_thirty_five_of_one_form() -> None:
    names = species_names()
    assert len(names) == len(set(names)) == 35
    for name in names:
        s = species_named(name)
        assert s.name == name
        low, high = s.specific_gravity_range
        assert 1.9 < low <= s.specific_gravity <= high < 5
        assert 1.3 < s.refractive_index[0] <= s.refractive_index[1] < 2.5
        assert s.critical_angle < s.pavilion_floor <= s.recommended_pavilion < math.radians(50)
        assert 0 <= s.birefringence < 0.2
        assert 0 <= s.dispersion < 0.1
        assert s.crystal_system
        assert s.table_rule
        assert s.source
        for cleavage in s.cleavages:
            assert set(cleavage.hkl) <= set("0123456789-")
            assert cleavage.quality


def test_quartz_is_what_every_book_says() -> None:
    quartz = species_named("quartz")
    assert quartz.specific_gravity == 2.65
    assert quartz.refractive_index == (1.544, 1.553)
    assert math.degrees(quartz.critical_angle) == pytest.approx(40.37, abs=0.01)
    assert math.degrees(quartz.pavilion_floor) == pytest.approx(42.37, abs=0.01)
    assert math.degrees(quartz.recommended_pavilion) == pytest.approx(43)
    assert quartz.cleavages == ()


def test_topaz_keeps_off_its_cleavage() -> None:
    topaz = species_named("topaz")
    assert [(c.hkl, c.quality) for c in topaz.cleavages] == [("001", "perfect")]
    assert math.degrees(topaz.cleavage_off) == pytest.approx(7)


def test_the_table_keeps_near_an_optic_axis_where_facets_double() -> None:
    """Of zircon the rays part by 0.059 sin(2 x): at 15.3 degrees by 0.03."""
    doubling = [n for n in species_names() if species_named(n).doubling_reach is not None]
    assert doubling == ["peridot", "zircon", "sphene"]
    zircon, peridot = species_named("zircon"), species_named("peridot")
    assert zircon.doubling_reach is not None
    assert math.degrees(zircon.doubling_reach) == pytest.approx(15.28, abs=0.01)
    assert 0.059 * math.sin(2.0 * zircon.doubling_reach) == pytest.approx(0.03)
    assert (zircon.optic_axis, peridot.optic_axis) == ("c", "optic")


def test_tourmaline_of_a_dark_c_has_steep_ends() -> None:
    steep = {n: math.degrees(species_named(n).closed_c_ends) for n in species_names()}
    assert {n: round(angle) for n, angle in steep.items() if angle} == {"tourmaline": 60}


@pytest.mark.parametrize("typed", ["Chrome Diopside", " chrome-diopside", "CHROME_DIOPSIDE"])
def test_case_blanks_and_hyphens_do_not_matter(typed: str) -> None:
    assert species_named(typed).name == "chrome_diopside"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("quarz", "did you mean quartz?"),
        ("alexandrite", "did you mean chrysoberyl_alexandrite?"),
        ("plastic", "yieldopt species lists them"),
        ("", "yieldopt species lists them"),
    ],
)
def test_an_unknown_name_is_refused_with_what_was_probably_meant(typed: str, hint: str) -> None:
    with pytest.raises(InputError) as caught:
        species_named(typed)
    assert hint in str(caught.value)
    assert "\n" not in str(caught.value)

"""From a job's words on orientation to rules on facets, and the cuts that can obey them."""

from math import degrees
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.library import cuts_named
from yieldopt.cuts.species import species_named
from yieldopt.errors import InputError
from yieldopt.plan.orientation import unit_axes
from yieldopt.plan.record import OrientationRule
from yieldopt_cli.job import Job, read_job
from yieldopt_cli.job_rules import able_cuts, rules_of
from yieldopt_cli.main import main

CLOSED = "orientation.c_axis=closed"
VALUE = ("prices.file=example", "prices.objective=value")
C = "rough.axes={c=[0,0,2]}"


def job_of(*sets: str, species: str = "tourmaline") -> Job:
    return read_job(sets=list(sets), flags={"scan": "stone.ply", "species": species})


def ruled(
    *sets: str, species: str = "tourmaline"
) -> tuple[tuple[OrientationRule, ...], tuple[OrientationRule, ...], list[str]]:
    """Return the hard rules, the priced ones, and what was said."""
    job, said = job_of(*sets, species=species), list[str]()
    hard, priced = rules_of(unit_axes(job.axes), species_named(species), job, said.append)
    return hard, priced, said


def in_degrees(rule: OrientationRule) -> tuple[float, float]:
    return round(degrees(rule.low), 6), round(degrees(rule.high), 6)


def test_a_closed_c_axis_lies_along_the_stone_and_its_ends_are_steep() -> None:
    (ends, table), priced, _ = ruled(CLOSED, C)
    assert (ends.name, ends.facets, in_degrees(ends)) == ("steep ends to c", "ends", (0.0, 30.0))
    assert (table.name, in_degrees(table)) == ("table to c", (75.0, 90.0))
    assert priced == ()
    np.testing.assert_array_equal(ends.axis, [0.0, 0.0, 1.0])


def test_what_the_job_says_goes_before_what_the_species_does() -> None:
    own = ("orientation.table_axis=c", "orientation.table_deg=[80, 90]", "orientation.ends_deg=68")
    (ends, table), _, _ = ruled(CLOSED, C, *own)
    assert (in_degrees(ends), in_degrees(table)) == ((0.0, 22.0), (80.0, 90.0))
    hard, _, _ = ruled(CLOSED, C, "orientation.ends=off", "orientation.table=off")
    assert hard == ()
    assert ruled(C)[0] == ()  # an open c-axis, the usual one, asks for nothing


def test_steep_ends_may_be_priced_with_a_factor_of_their_own() -> None:
    hard, priced, _ = ruled(
        CLOSED, C, *VALUE, "orientation.ends=priced", "orientation.ends_factor=0.7",
        "orientation.table=priced",
    )  # fmt: skip
    assert hard == ()
    assert [(rule.name, rule.factor) for rule in priced] == [
        ("steep ends to c", 0.7), ("table to c", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("species", "axes", "name", "reach"),
    [
        ("zircon", "{c=[0,0,1]}", "table to c (doubling)", 15.281),
        ("zircon", "{optic=[0,0,1]}", "table to optic (doubling)", 15.281),
        ("peridot", "{optic=[1,0,0], c=[0,0,1]}", "table to optic (doubling)", 28.221),
        ("sphene", "{optic=[1,0,0]}", "table to optic (doubling)", 7.239),
    ],
)
def test_doubling_is_minded_where_it_is_asked_for_by_the_species_own_angle(
    species: str, axes: str, name: str, reach: float
) -> None:
    sets = (f"rough.axes={axes}", "orientation.doubling=hard")
    (rule,), _, _ = ruled(*sets, species=species)
    assert (rule.name, rule.facets, rule.factor) == (name, "table", None)
    assert in_degrees(rule) == pytest.approx((0.0, reach), abs=1e-3)
    across = (*sets, "orientation.doubling_deg=[85, 90]")
    assert in_degrees(ruled(*across, species=species)[0][0]) == (85.0, 90.0)


def test_doubling_that_is_not_minded_is_said_where_the_axis_is_known() -> None:
    assert ruled(species="zircon")[2] == []
    hard, priced, (said,) = ruled(C, species="zircon")
    assert hard == priced == ()
    assert said.startswith("zircon doubles facets (birefringence 0.059)")
    assert "more than 15 degrees" in said
    assert ruled(C, species="peridot")[2] == []  # of two optic axes c is neither
    assert ruled(C, species="quartz")[2] == []


@pytest.mark.parametrize(
    ("species", "sets", "words"),
    [
        ("tourmaline", (CLOSED,), "orientation.c_axis: closed needs to know where c is"),
        ("spinel", (CLOSED, C), "orientation.c_axis: spinel has no c-axis"),
        ("quartz", (C, "orientation.doubling=hard"), "facets of quartz are not doubled"),
        ("peridot", (C, "orientation.doubling=hard"), "needs rough.axes.optic, one of its two"),
        ("zircon", ("orientation.doubling=hard",), "needs rough.axes.c or optic"),
        (
            "zircon",
            (C, "orientation.doubling=hard", "orientation.doubling_deg=[20, 10]"),
            "doubling_deg: two angles of 0 to 90",
        ),
        ("tourmaline", ("orientation.ends=hard",), r'ends: needs orientation\.c_axis = "closed"'),
        ("tourmaline", ("orientation.ends_deg=70",), "ends_deg: needs orientation.c_axis"),
        ("tourmaline", (CLOSED, "orientation.ends_deg=30"), "ends_deg: must be at least 45"),
        ("tourmaline", (CLOSED, C, "orientation.ends=priced"), "ends: priced needs a plan by val"),
        (
            "tourmaline",
            (CLOSED, C, *VALUE, "orientation.ends=priced"),
            "ends: priced needs orientation.ends_factor",
        ),
        (
            "zircon",
            (C, *VALUE, "orientation.doubling_factor=0.9"),
            'doubling_factor: needs orientation.doubling = "priced"',
        ),
        ("zircon", ("orientation.doubling_deg=[0, 9]",), "doubling_deg: needs orientation.doubl"),
        ("tourmaline", ("orientation.c_axis=shut",), "is not one of 'open' or 'closed'"),
    ],
)
def test_a_rule_that_lacks_something_is_one_line(
    species: str, sets: tuple[str, ...], words: str
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        ruled(*sets, species=species)
    assert "\n" not in str(caught.value)


def test_cuts_without_steep_ends_are_left_out_or_refused_before_the_search(tmp_path: Path) -> None:
    file = tmp_path / "steep.asc"
    file.write_text(
        "GemCad 5.0\ng 96 0.0\ny 2 y\nI 1.62\na -90.0 0.5 96 48\na -90.0 0.85 24 72\n"
        "a -46.0 0.366617 96 48\na -68.0 0.791852 24 72\na 35.0 0.294980 96 48\n"
        "a 35.0 0.495732 24 72\na 0.0 0.13 96\n"
    )
    cuts = cuts_named(f"emerald,{file},round", proportions="fixed")
    hard, _, _ = ruled(CLOSED, C)
    said = list[str]()
    assert [cut.name for cut in able_cuts(cuts, hard, said.append)] == ["steep"]
    assert said == [
        "closed c-axis: 2 of 3 cuts are left without a pavilion with ends of 60 degrees or more"
    ]
    assert able_cuts(cuts, (), said.append) == cuts
    with pytest.raises(InputError, match=r"no cut of cuts\.use has one; name emerald_steep"):
        able_cuts(cuts_named("all"), hard, said.append)


def test_species_are_shown_with_what_they_ask_of_the_table_and_the_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["species", "show", "zircon"]) == 0
    zircon = capsys.readouterr().out
    assert "15.3 deg from the optic axis" in zircon
    assert "steep ends                no rule" in zircon
    assert main(["species", "show", "tourmaline"]) == 0
    assert "60 deg at least, where orientation.c_axis is" in capsys.readouterr().out

"""What a job says of money: the book, the objective, rules at a price, an order."""

from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.library import cuts_named
from yieldopt.cuts.species import species_named
from yieldopt.errors import InputError
from yieldopt.rough.made import make_rough
from yieldopt.rough.write import ply_bytes
from yieldopt.value.orders import Wish
from yieldopt_cli.job import Prices, read_job
from yieldopt_cli.job_market import market_of

FLAGS = {"scan": "stone.ply", "species": "topaz"}
BOOK = "prices.file=example"

JOB = """
[rough]
scan = "topaz.ply"
species = "topaz"
[limits]
bracket_margin_ct = 0.05
[orientation]
table = "priced"
table_axis = "c"
table_deg = [0, 20]
cleavage = "priced"
cleavage_factor = 0.6
[[inclusion]]
kind = "crack"
polygon_mm = [[0, 0, 0], [1, 0, 0], [0, 1, 0]]
severity = "grade"
[prices]
file = "mine.csv"
objective = "value"
variety = "imperial"
quality = "fine"
order = ["4 ovals 7x5", "2 rounds 6 at 30"]
tolerance_mm = 0.15
open_cracks = [1]
"""


def test_every_key_of_money_arrives(tmp_path: Path) -> None:
    file = tmp_path / "job.toml"
    file.write_text(JOB, encoding="utf-8")
    job = read_job(file)
    assert job.limits.bracket_margin_ct == 0.05
    assert (job.orientation.table, job.orientation.cleavage) == ("priced", "priced")
    assert job.orientation.cleavage_factor == 0.6
    oval, six = job.prices.wishes
    assert oval == Wish(count=4, shape="oval", length=7.0, width=5.0)
    assert six.agreed is not None
    assert job.prices == Prices(
        file=str(tmp_path / "mine.csv"),
        objective="value",
        variety="imperial",
        quality="fine",
        wishes=(oval, six),
        tolerance=0.15,
        open_cracks=(1,),
    )


def test_the_objective_is_a_flag_too_and_the_flag_wins(tmp_path: Path) -> None:
    file = tmp_path / "job.toml"
    file.write_text(JOB.replace("priced", "hard").replace("cleavage_factor = 0.6\n", ""))
    assert read_job(file).prices.objective == "value"
    assert read_job(file, flags={"objective": "weight"}).prices.objective == "weight"
    assert read_job(sets=[BOOK], flags=FLAGS | {"objective": "value"}).prices == Prices(
        file="example", objective="value"
    )


@pytest.mark.parametrize(
    ("sets", "said"),
    [
        (["prices.objective=value"], "--set prices.objective: value needs a price book"),
        (["prices.order=2 rounds 6"], "--set prices.order: needs a price book: prices.file"),
        ([BOOK, "orientation.table=priced"], "--set orientation.table: priced needs a plan by"),
        (
            [BOOK, "prices.objective=value", "orientation.table=priced"],
            "--set orientation.table: needs orientation.table_axis",
        ),
        (
            [BOOK, "prices.objective=value", "orientation.cleavage=priced"],
            "--set orientation.cleavage: priced needs orientation.cleavage_factor",
        ),
        ([BOOK, "orientation.cleavage_factor=0.5"], "cleavage_factor: needs orientation.cleavage"),
        ([BOOK, "orientation.cleavage=soft"], "is not one of 'hard', 'priced' or 'off'"),
        ([BOOK, "prices.order=2 rounds"], "--set prices.order: item 1 ('2 rounds'): is not under"),
        ([BOOK, "prices.open_cracks=[1]"], "prices.open_cracks: inclusion 1 is no crack of this"),
        ([BOOK, "limits.bracket_margin_ct=2"], "must be at most 1, not 2"),
        ([BOOK, "prices.objective=money"], "is not one of 'weight' or 'value'"),
    ],
)
def test_money_that_cannot_be_meant_is_one_line(sets: list[str], said: str) -> None:
    with pytest.raises(InputError) as caught:
        read_job(sets=sets, flags=FLAGS)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_colour_zones_of_either_kind_count_in_a_plan_by_value(tmp_path: Path) -> None:
    """A mesh and a half-space come to the market in their order; by weight neither does."""
    (tmp_path / "stain.ply").write_bytes(ply_bytes(make_rough("pebble", seed=3, triangles=600)))
    file = tmp_path / "job.toml"
    file.write_text(
        """
[rough]
scan = "pebble.ply"
species = "peridot"
[[colour_zone]]
kind = "mesh"
file = "stain.ply"
wanted = false
[[colour_zone]]
kind = "half-space"
normal = [0, 0, 2]
offset_mm = 1.5
wanted = true
[prices]
file = "example"
""",
        encoding="utf-8",
    )
    counted = {}
    for objective in ("weight", "value"):
        job = read_job(file, flags={"objective": objective})
        counted[objective] = market_of(
            job, species_named("peridot"), job.colour_zones, cuts_named("round"), lambda _: None
        ).zones
    assert counted["weight"] == ()
    mesh, half = counted["value"]
    assert (mesh.wanted, half.wanted) == (False, True)
    places = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.6], [0.0, 0.0, 99.0]])
    assert mesh.holds(places).tolist() == [True, True, False]
    assert half.holds(places).tolist() == [False, True, True]

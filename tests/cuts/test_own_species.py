"""A species of the user's own, from a TOML file."""

import json
import math
from pathlib import Path

import pytest

from yieldopt.cuts.own_species import NUMBERS, TEXTS, read_species
from yieldopt.cuts.species import pavilion_floor, species_from, species_named, species_names
from yieldopt.errors import InputError
from yieldopt_cli.main import main

OWN = """
name = "hackmanite"
crystal_system = "cubic"
sg = 2.29
ri_low = 1.478
ri_high = 1.487
mohs = 5.5
cleavages = ["110 poor"]
handling = "fades in light"
"""


def file_of(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("text", [OWN, "[species]" + OWN])
def test_a_file_is_a_species(text: str, tmp_path: Path) -> None:
    own = species_from(str(file_of(tmp_path, text)))
    assert (own.name, own.specific_gravity, own.refractive_index) == (
        "hackmanite", 2.29, (1.478, 1.487),
    )  # fmt: skip
    assert own.specific_gravity_range == (2.29, 2.29)
    assert own.birefringence == pytest.approx(0.009)
    assert own.mohs == "5.5"
    assert [(c.hkl, c.quality) for c in own.cleavages] == [("110", "poor")]
    assert own.recommended_pavilion == pytest.approx(pavilion_floor(1.478))
    assert own.source == "own.toml"


@pytest.mark.parametrize("name", species_names())
def test_every_species_of_the_table_can_be_written_as_a_file(name: str, tmp_path: Path) -> None:
    """The form is that of the table: the same keys, the same values."""
    import csv
    from importlib import resources

    table = resources.files("yieldopt.cuts").joinpath("species.csv").read_text(encoding="utf-8")
    (row,) = [r for r in csv.DictReader(table.splitlines()) if r["name"] == name]
    assert set(row) == {*TEXTS, *NUMBERS}
    lines = [f"{k} = {json.dumps(v) if k in TEXTS else v}" for k, v in row.items()]
    assert read_species(file_of(tmp_path, "\n".join(lines))) == species_named(name)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("sg = 2.29", "", "sg is missing; at least name, sg, ri_low"),
        ("sg = 2.29", "sg = 229", "sg = 229: 0.5 to 20 is possible"),
        ("sg = 2.29", 'sg = "heavy"', "sg: a number is wanted, not 'heavy'"),
        ("sg = 2.29", "sg = nan", "sg = nan"),
        ("sg = 2.29", "sg = true", "a number is wanted"),
        ("sg = 2.29", "sg = 2.29\nsg_low = 3.0", "sg_low = 3 to sg_high = 2.29: no range"),
        ("ri_high = 1.487", "ri_high = 1.3", "ri_low = 1.478 to ri_high = 1.3: no range"),
        ('"hackmanite"', '""', "name is empty"),
        ("handling", "handlin", "handlin: no such key (did you mean handling?)"),
        ("110 poor", "110", "'110' is no plane"),
        ('"cubic"', "3", "crystal_system: a text is wanted"),
        ('"cubic"', '"cubic', "is no TOML"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    old: str, new: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = file_of(tmp_path, OWN.replace(old, new, 1))
    with pytest.raises(InputError) as caught:
        read_species(path)
    assert words in str(caught.value)
    assert str(path) in str(caught.value)
    assert main(["species", "show", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_missing_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.toml").mkdir()
    for name, words in (("none.toml", "no such species file"), ("folder.toml", "is wanted")):
        with pytest.raises(InputError, match=words):
            read_species(tmp_path / name)


def test_the_commands_take_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(file_of(tmp_path, OWN))
    assert main(["species", "show", path, "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["species"] == "hackmanite"
    floor = math.degrees(math.asin(1 / 1.478)) + 2.0
    assert shown["pavilion_floor_deg"] == pytest.approx(floor, abs=0.01)
    assert main(["cuts", "show", "round", "--species", path]) == 0
    assert "index of refraction 1.478" in capsys.readouterr().out

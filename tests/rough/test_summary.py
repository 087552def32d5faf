"""What `yieldopt scan` says: figures, the scales' verdict, JSON."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from yieldopt.errors import InputError
from yieldopt.rough.made import make_rough
from yieldopt.rough.rough import Rough
from yieldopt.rough.summary import ScanSummary
from yieldopt.rough.write import ply_bytes
from yieldopt_cli.commands import scan

ROUGH = Rough(
    name="box",
    vertices=np.array([(x, y, z) for x in (0.0, 10.0) for y in (0.0, 5.0) for z in (0.0, 4.0)]),
    faces=np.array(
        [
            [0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
            [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3],
        ]
    ),
    file="box.stl",
    notes=("the skin was inside out: turned", "2 triangles without area dropped"),
)  # fmt: skip


def text(**known: Any) -> str:
    return "\n".join(ScanSummary(rough=ROUGH, **known).lines())


def test_figures_of_a_box_are_those_of_the_box() -> None:
    shown = text()
    assert "box.stl" in shown
    assert "12 on 8 vertices, closed" in shown
    assert "10.00 x 5.00 x 4.00 mm" in shown
    assert "200.00 mm3" in shown
    assert "weight" not in shown
    assert all(note in shown for note in ROUGH.notes)


def test_a_species_gives_the_weight() -> None:
    assert "2.65 ct (quartz, specific gravity 2.65)" in text(
        species="quartz", specific_gravity=2.65
    )


@pytest.mark.parametrize(
    ("weighed", "verdict"),
    [
        (2.65, "2.65 ct weighed, 2.65 ct by volume: green (0.0 % below), they agree"),
        (2.55, "2.65 ct by volume: green (3.9 % above), they agree"),
        (2.4, "2.65 ct by volume: amber (10.4 % above the scales; check the scan"),
        (3.5, "2.65 ct by volume: red (24.3 % below the scales; check the unit, the species"),
    ],
)
def test_scan_and_scales_are_green_amber_or_red(weighed: float, verdict: str) -> None:
    assert verdict in text(species="quartz", specific_gravity=2.65, weighed_ct=weighed)


def test_what_a_species_range_explains_is_not_the_scans_fault() -> None:
    """Almandine's specific gravity is 3.95 to 4.30 about 4.05."""
    garnet = {
        "species": "almandine", "specific_gravity": 4.05, "specific_gravity_range": (3.95, 4.30),
    }  # fmt: skip
    shown = text(**garnet, weighed_ct=4.29)
    assert "green (5.6 % below, which a specific gravity of 3.95 to 4.3 explains)" in shown
    shown = text(**garnet, weighed_ct=4.7)
    assert "amber (13.8 % below the scales, 8.5 % beyond what a specific gravity" in shown


def test_a_coating_has_no_weight() -> None:
    """The box has 220 mm2 of skin: 0.1 mm of powder are 22 of its 200 mm3."""
    shown = text(species="quartz", specific_gravity=2.65, weighed_ct=2.36, coating=0.1)
    assert "0.1 mm; 178.00 mm3 without it" in shown
    assert "2.36 ct (quartz" in shown
    assert "they agree" in shown


def test_a_weighed_stone_of_no_species_gives_its_specific_gravity() -> None:
    assert "specific gravity of 3.50" in text(weighed_ct=3.5)


@pytest.mark.parametrize("weighed", [0.0, -1.0, float("inf"), float("nan")])
def test_no_weight_is_refused(weighed: float) -> None:
    with pytest.raises(InputError, match="--weighed-ct"):
        ScanSummary(rough=ROUGH, weighed_ct=weighed)


def test_json_holds_the_same_figures() -> None:
    figures = ScanSummary(
        rough=ROUGH, species="quartz", specific_gravity=2.65, weighed_ct=2.5
    ).as_json()
    assert json.loads(json.dumps(figures)) == figures
    assert figures["volume_mm3"] == pytest.approx(200.0)
    assert figures["weight_ct"] == pytest.approx(2.65)
    assert figures["excess_of_scan"] == pytest.approx(0.06)
    assert figures["excess_not_explained"] == pytest.approx(0.06)
    assert figures["weight_check"] == "amber"
    assert figures["weight_check_words"].startswith("2.50 ct weighed, 2.65 ct by volume: amber")
    assert figures["specific_gravity_weighed"] == pytest.approx(2.5)
    assert figures["notes"] == list(ROUGH.notes)


class TestCommand:
    def call(self, *words: str) -> int:
        parser = argparse.ArgumentParser()
        scan.configure(parser)
        return scan.run(parser.parse_args(words))

    @pytest.fixture
    def file(self, tmp_path: Path) -> str:
        path = tmp_path / "pebble.ply"
        path.write_bytes(ply_bytes(make_rough("pebble", seed=1, triangles=600)))
        return str(path)

    def test_prints_the_table(self, file: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.call(file, "--species", "quartz", "--weighed-ct", "8.7") == 0
        shown = capsys.readouterr().out
        assert "pebble.ply" in shown
        assert "(quartz, specific gravity 2.6" in shown
        assert "they agree" in shown

    def test_prints_json(self, file: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert self.call(file, "--json") == 0
        figures = json.loads(capsys.readouterr().out)
        assert figures["triangles"] == 600
        assert figures["weight_ct"] is None

    def test_a_wrong_file_is_an_input_error(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="there is no such file"):
            self.call(str(tmp_path / "gone.ply"))

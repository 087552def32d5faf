"""`yieldopt cuts` and `yieldopt species`."""

import json
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.design import facet_normal
from yieldopt.cuts.family import family, family_names
from yieldopt.cuts.gemcad import write_asc
from yieldopt.cuts.species import species_names
from yieldopt_cli.main import main

Capture = pytest.CaptureFixture[str]


def said(capsys: Capture, *words: str) -> str:
    """Run a command that must succeed, and return what it printed."""
    assert main(words) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


def test_cuts_lists_every_family(capsys: Capture) -> None:
    for words in (["cuts"], ["cuts", "list"]):
        lines = said(capsys, *words).splitlines()
        assert [line.split()[0] for line in lines[1 : lines.index("")]] == list(family_names())
    listed = json.loads(said(capsys, "cuts", "--json"))
    assert [cut["cut"] for cut in listed] == list(family_names())
    n_facets = {cut["cut"]: cut["n_facets"] for cut in listed}
    assert (n_facets["round"], n_facets["oval"], n_facets["emerald"]) == (73, 73, 53)


@pytest.mark.parametrize("name", family_names())
def test_shown_facets_and_planes_agree(name: str, capsys: Capture) -> None:
    """The JSON of a cut can be judged alone: lists rebuild planes, corners touch them."""
    shown = json.loads(said(capsys, "cuts", "show", name, "--json", "--width", "6.5"))
    planes = np.array(shown["planes"])
    assert shown["width_mm"] == pytest.approx(6.5)
    assert sum(len(f["planes"]) for f in shown["facets"]) == len(planes)
    for f in shown["facets"]:
        for j, index in zip(f["planes"], f["index"], strict=True):
            assert isinstance(index, int)
            normal = facet_normal(f["side"], np.radians(f["angle_deg"]), index, f["gear"])
            np.testing.assert_allclose(normal, planes[j, :3], atol=1e-12)
    reach = np.array(shown["vertices_mm"]) @ planes[:, :3].T - planes[:, 3]
    np.testing.assert_allclose(reach.max(axis=0), 0.0, atol=1e-9)
    assert {p["name"] for p in shown["proportions"]} >= {"crown_height", "girdle"}


def test_a_cut_is_shown_as_a_facet_list(capsys: Capture) -> None:
    page = said(capsys, "cuts", "show", "round", "--species", "quartz")
    assert "round: 73 facets, gear 96, index of refraction 1.544" in page
    assert "P2    42.61  96-12-24-36-48-60-72-84" in page
    assert "meet P1-G1" in page
    assert "pavilion_depth 0.456 to 0.530 (free)" in page


def test_a_file_is_shown_like_a_family(capsys: Capture, tmp_path: Path) -> None:
    cut = family("emerald")
    write_asc(cut.design(cut.usual, 2.0), tmp_path / "mine.asc")
    page = said(capsys, "cuts", "show", str(tmp_path / "mine.asc"))
    assert page.startswith("mine: 53 facets, gear 96")


def test_species_are_listed_and_shown(capsys: Capture) -> None:
    assert len(said(capsys, "species").splitlines()) == 1 + 35
    listed = json.loads(said(capsys, "species", "list", "--json"))
    assert [s["species"] for s in listed] == list(species_names())
    page = said(capsys, "species", "show", "Chrome Diopside")
    assert "chrome_diopside" in page
    assert "{110} good, {1-10} good" in page
    shown = json.loads(said(capsys, "species", "show", "quartz", "--json"))
    assert shown["pavilion_floor_deg"] == 42.37


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["cuts", "show"], "wants a NAME"),
        (["cuts", "show", "all"], "wants one cut"),
        (["cuts", "list", "round"], "cuts show round"),
        (["cuts", "show", "ovel"], "did you mean oval?"),
        (["cuts", "show", "round", "--width", "0"], "a width above 0"),
        (["cuts", "show", "round", "--species", "quarz"], "did you mean quartz?"),
        (["species", "show"], "wants a NAME"),
        (["species", "show", "quarz"], "did you mean quartz?"),
        (["species", "list", "quartz"], "species show quartz"),
    ],
)
def test_wrong_words_end_in_one_line_and_code_2(
    words: list[str], complaint: str, capsys: Capture
) -> None:
    assert main(words) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert complaint in printed.err
    assert printed.err.count("\n") == 1

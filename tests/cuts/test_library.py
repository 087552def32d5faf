"""Names of cuts as a command line or a job gives them."""

from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.family import FamilyCut, family, family_names
from yieldopt.cuts.gemcad import write_asc
from yieldopt.cuts.given import FixedCut, StretchedCut
from yieldopt.cuts.library import cuts_named
from yieldopt.cuts.species import species_named
from yieldopt.errors import InputError


@pytest.fixture
def own_file(tmp_path: Path) -> str:
    """A design file, as a cutter may have it."""
    cut = family("round")
    write_asc(cut.design(cut.usual, 2.0), tmp_path / "Own.ASC")
    return str(tmp_path / "Own.ASC")


def test_all_is_every_family_once() -> None:
    """A cabochon, or steep ends, are the heaviest on any rough: cut only where asked for."""
    faceted = [name for name in family_names() if name not in ("cabochon", "emerald_steep")]
    assert [cut.name for cut in cuts_named("all")] == faceted
    twice = [cut.name for cut in cuts_named("oval,all,oval")]
    assert twice == ["oval", *(name for name in faceted if name != "oval")]


def test_all_has_steep_ends_where_the_c_axis_is_closed() -> None:
    """What is made for a dark c-axis belongs to a rough that has one."""
    cuts = [cut.name for cut in cuts_named("all", closed_c=True)]
    assert cuts == [name for name in family_names() if name != "cabochon"]
    assert [cut.name for cut in cuts_named("emerald_steep")] == ["emerald_steep"]


def test_a_list_and_a_text_with_commas_mean_the_same(own_file: str) -> None:
    by_list = cuts_named(["oval", own_file])
    by_text = cuts_named(f" oval , {own_file},")
    assert [c.name for c in by_list] == [c.name for c in by_text] == ["oval", "Own"]


def test_free_families_vary_and_files_vary_in_height_only(own_file: str) -> None:
    family_cut, file_cut = cuts_named(["emerald", own_file], ranges="fine")
    assert isinstance(family_cut, FamilyCut)
    assert family_cut.proportions == family("emerald", ranges="fine").proportions
    assert isinstance(file_cut, StretchedCut)
    assert [p.name for p in file_cut.proportions] == ["crown_height", "pavilion_depth"]


def test_fixed_cuts_have_nothing_free(own_file: str) -> None:
    cuts = cuts_named(["all", own_file], proportions="fixed")
    assert all(isinstance(cut, FixedCut) and cut.proportions == () for cut in cuts)
    usual = family("oval").usual
    _, offsets = cuts[1].planes(np.empty((1, 0)))
    np.testing.assert_allclose(offsets[0], family("oval").planes(usual[None])[1][0], atol=1e-12)


def test_the_species_raises_the_pavilion_and_stands_in_the_facet_list() -> None:
    quartz = species_named("quartz")
    (plain,), (cut,) = cuts_named("round"), cuts_named("round", species=quartz)
    assert cut.proportions[1].low > plain.proportions[1].low
    theta = np.array([p.default for p in cut.proportions])
    assert cut.design(theta, 5.0).refractive_index == 1.544


@pytest.mark.parametrize(
    ("names", "keywords", "words"),
    [
        ("", {}, "no cut named"),
        (" , ", {}, "no cut named"),
        ("emerld", {}, "did you mean emerald?"),
        ("Round", {}, "did you mean round?"),
        ("blob", {}, "known are round, oval, oval_point"),
        ("mine.stl", {}, "no design file; .asc, .gem, .gcs are read"),
        ("mine.gem", {}, "mine.gem: no such design file"),
        ("mine.asc", {}, "mine.asc: no such design file"),
        ("round", {"proportions": "loose"}, "proportions 'loose': not one of free, fixed"),
        ("round", {"ranges": "mad"}, "ranges 'mad': not one of"),
        ("oval", {"gear": 77}, "cannot be cut on a gear of 77"),
    ],
)
def test_what_is_unknown_is_refused_in_one_line(
    names: str, keywords: dict[str, str], words: str
) -> None:
    with pytest.raises(InputError) as caught:
        cuts_named(names, **keywords)  # type: ignore[arg-type]
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)

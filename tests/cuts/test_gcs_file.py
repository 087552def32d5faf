"""Gem Cut Studio's `.gcs` files: what each attribute means, what is refused, round trips."""

import math
import re
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.closed import levelled
from yieldopt.cuts.design import Design, Tier, facet_normal
from yieldopt.cuts.design_file import DesignFile, design_of_bytes, planes_apart, read_design
from yieldopt.cuts.family import family
from yieldopt.cuts.gcs_write import gcs_text, write_gcs
from yieldopt.cuts.gemcad import design_of
from yieldopt.cuts.gemcad_text import parse
from yieldopt.errors import InputError

# A lopsided crown: it has no mirror, so that a wrong sense of rotation shows.
LOPSIDED = """GemCad 5.0
g 96 0.0
I 1.62
H Lopsided
a -90.0 1.0 96 n G1 12 24 36 48 60 72 84 G Level girdle
a -43.0 0.7 96 n P1 12 24 36 48 60 72 84
a 35.0 0.62 96 n C1 24 48 72
a 30.0 0.60 10.5 n C2 34.5 58.5 82.5 G Meet "C1" & G1
a 0.0 0.35 96 n T
"""


def made() -> Design:
    """Return a design without a mirror."""
    return design_of(parse(LOPSIDED, "made.asc"), "made", "made.asc")


def file_of(text: str) -> DesignFile:
    return design_of_bytes(text.encode(), "made", "made.gcs")


def read(text: str) -> Design:
    return levelled(file_of(text).design)


def test_a_design_comes_back_from_its_own_file() -> None:
    """Planes to 1e-12, and every word; the half turn of the form is undone."""
    design, again = made(), read(gcs_text(made()))
    assert planes_apart(design, again) < 1e-12
    assert [(t.name, t.side, t.index, t.note) for t in again.tiers] == [
        (t.name, t.side, t.index, t.note) for t in design.tiers
    ]
    assert again.heading == ("Lopsided",)
    assert (again.gear, again.refractive_index) == (96, 1.62)
    for tier, facets in again.facet_rows():
        for j, index in zip(facets, tier.index, strict=True):
            normal = facet_normal(tier.side, tier.angle, index, again.gear)
            np.testing.assert_allclose(normal, again.solid.normals[j], atol=1e-12)


@pytest.mark.parametrize("name", ["round", "oval", "emerald"])
def test_families_come_back(name: str, tmp_path: Path) -> None:
    cut = family(name)
    design = cut.design(cut.usual, 8.0)
    write_gcs(design, tmp_path / "cut.gcs")
    again = read_design(tmp_path / "cut.gcs")
    assert planes_apart(design, again) < 1e-12
    assert [t.index for t in again.tiers] == [t.index for t in design.tiers]


def test_the_written_file_has_the_form_s_own_frame() -> None:
    """Half-width 1, middle at z = 0, tooth 0 at -y, polar angles, corners on their planes."""
    text = gcs_text(made())
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    corners = np.array(re.findall(r'<vertex x="(.*?)" y="(.*?)" z="(.*?)"', text), dtype=float)
    assert np.abs(corners[:, :2]).max() == pytest.approx(1.0, abs=1e-15)
    assert corners[:, 2].min() == pytest.approx(-corners[:, 2].max(), abs=1e-12)
    angles = [float(a) for a in re.findall(r'<tier angle="(.*?)"', text)]
    assert angles == pytest.approx([90.0, 137.0, 35.0, 30.0, 0.0])
    first = re.search(r'<facet nx="(.*?)" ny="(.*?)" nz=".*?" index_angle="(.*?)"', text)
    assert first is not None
    assert [float(x) for x in first.groups()] == pytest.approx([0.0, -1.0, 0.0], abs=1e-12)
    for tier in re.findall(r"<tier .*?</tier>", text, re.DOTALL):
        found = re.search(r'depth="(.*?)"', tier)
        assert found is not None
        for facet in re.findall(r"<facet .*?</facet>", tier, re.DOTALL):
            normal = np.array(re.findall(r'n[xyz]="(.*?)"', facet), dtype=float)
            ring = np.array(
                re.findall(r'x="(.*?)" y="(.*?)" z="(.*?)"', facet.split("\n", 1)[1]), dtype=float
            )
            np.testing.assert_allclose(ring @ normal, float(found[1]), atol=1e-9)


def test_labels_run_backwards_on_the_crown() -> None:
    """With phi = atan2(ny, nx): 90 + phi on the crown, 270 - phi elsewhere."""
    text = gcs_text(made())
    for tier in re.findall(r"<tier .*?</tier>", text, re.DOTALL):
        polar = float(re.findall(r'angle="(.*?)"', tier)[0])
        for nx, ny, label in re.findall(r'nx="(.*?)" ny="(.*?)" .*?index_angle="(.*?)"', tier):
            phi = math.degrees(math.atan2(float(ny), float(nx)))
            wanted = 90.0 + phi if polar < 90.0 else 270.0 - phi
            if polar > 0.0:
                assert abs((float(label) - wanted + 180.0) % 360.0 - 180.0) < 1e-8


TEXT = gcs_text(made())
WITHOUT_CORNERS = re.sub(r"\s*<vertex.*?/>", "", TEXT)
# Each of these says the same in another way that real files have.
WAYS = {
    "corners left out": WITHOUT_CORNERS,
    "corners off": re.sub(r'(<vertex x=".*?\.\d{4})\d', r"\g<1>7", TEXT),
    "normals left out": re.sub(r'nx=".*?" ny=".*?" nz=".*?" ', "", TEXT),
    "labels left out": re.sub(r' index_angle=".*?"', "", TEXT),
    "labels wrong": re.sub(r'index_angle=".*?"', 'index_angle="77"', TEXT),
    "depth left out": re.sub(r' depth=".*?"', "", TEXT),
    "another base": TEXT.replace('base="0" symmetry="1" mirror="0"', 'base="24" symmetry="6"'),
    "declared": '<?xml version="1.0" encoding="windows-1252"?>\n' + TEXT,
    "with a comment": TEXT.replace("<index", "<!-- base is no offset --><index"),
    "with single quotes": re.sub(r'gear="96"', "gear='96'", TEXT),
    "unix line ends": TEXT.replace("\r\n", "\n"),
    "old Mac line ends": TEXT.replace("\r\n", "\r"),
    "single precision angles": TEXT.replace('angle="137.0"', 'angle="136.99999038964842"'),
    "unknown elements": TEXT.replace("<render", '<later kind="new"/><render'),
    "no render, no info": re.sub(r"<render.*?</render>|<info.*?/>", "", TEXT, flags=re.DOTALL),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_stone_is_read_from_every_way_to_write_it(way: str) -> None:
    slack = 2e-5 if way == "single precision angles" else 1e-9
    assert planes_apart(read(WAYS[way]), made()) < slack


def test_windows_1252_is_read_where_it_is_no_utf_8() -> None:
    raw = TEXT.replace("Lopsided", "43\N{DEGREE SIGN}").encode("cp1252")
    file = design_of_bytes(raw, "made", "made.gcs")
    assert file.design.heading == ("43\N{DEGREE SIGN}",)


def test_a_guide_is_no_facet() -> None:
    guide = '<tier angle="45" depth="0.2" guide="true"><facet index_angle="0"/></tier>'
    design = read(TEXT.replace("<render", f"{guide}<render"))
    assert planes_apart(design, made()) < 1e-12
    assert design.remarks == ("tier (no name) (45.00 deg) is a guide, no facet: left out",)


def test_hidden_and_frosted_tiers_are_facets_and_are_told() -> None:
    text = TEXT.replace('name="C1"', 'name="C1" frosting="0.5"', 1)
    text = text.replace('visible="true"', 'visible="false"', 1)
    file = file_of(text)
    assert planes_apart(levelled(file.design), made()) < 1e-12
    assert "frosting of 4 facets" in file.beside
    assert "tier G1 is hidden in the source" in file.beside


def test_a_frosted_facet_is_told() -> None:
    text = TEXT.replace("<facet ", '<facet frosting="0.5" ', 1)
    assert "frosting of 1 facets" in file_of(text).beside


def test_a_flat_culet_is_at_180() -> None:
    culet = '<tier angle="180" depth="0.3"><facet nx="0" ny="0" nz="-1" index_angle="12"/></tier>'
    tier = read(TEXT.replace("<render", f"{culet}<render")).tiers[-1]
    assert (tier.side, tier.angle, tier.name) == ("pavilion", 0.0, "P2")


def test_texts_cannot_break_a_written_file() -> None:
    design = made()
    tiers = (
        Tier(
            name='<"&\x00\n', side="girdle", angle=math.pi / 2, index=design.tiers[0].index,
            note="a\r\n\x1b]]> '\N{GREEK SMALL LETTER PHI}",
        ),
        *design.tiers[1:],
    )  # fmt: skip
    odd = Design(
        name="x", gear=96, refractive_index=1.54, tiers=tiers, solid=design.solid,
        heading=("<!--",), footnotes=("\ud800x",),
    )  # fmt: skip
    again = read(gcs_text(odd).encode("ascii", "xmlcharrefreplace").decode())
    assert again.tiers[0].name == '<"&'
    assert again.tiers[0].note == "a ]]> '\N{GREEK SMALL LETTER PHI}"
    assert again.heading == ("<!--",)


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa">]>' + TEXT
REFUSED = {
    "empty": ("", "no XML"),
    "prose": ("Dear Sir or Madam", "line 1: is no XML"),
    "another root": ("<svg/>", "<svg> is no Gem Cut Studio design"),
    "cut short": (TEXT[:2000], "is no XML"),
    "no index": (re.sub("<index.*?/>", "", TEXT), "no <index gear=...> found"),
    "gear 0": (TEXT.replace('gear="96"', 'gear="0"'), "a gear of 0 teeth"),
    "gear of a half": (TEXT.replace('gear="96"', 'gear="9.5"'), "a gear of 9.5 teeth"),
    "no facets": (re.sub("<tier.*</tier>", "", TEXT, flags=re.DOTALL), "no facets found"),
    "no angle": (TEXT.replace('angle="35.0"', ""), "tier 3: angle is missing"),
    "angle not a number": (TEXT.replace('angle="35.0"', 'angle="nan"'), "angle is 'nan'"),
    "angle beyond": (TEXT.replace('angle="35.0"', 'angle="235"'), "between 0 and 180"),
    "a depth below 0": (re.sub('depth="', 'depth="-', TEXT), "a depth of -"),
    "no depth, no corners": (re.sub(' depth=".*?"', "", WITHOUT_CORNERS), "neither a depth nor"),
    "a long normal": (re.sub(r'nx=".*?"', 'nx="7"', TEXT), "a normal of length 7"),
    "an entity": (BOMB, "declares a document type"),
    "nested": ("<a>" * 100 + "</a>" * 100, "nested deeper"),
    "open": (re.sub('<tier angle="1?3[57].*?</tier>', "", TEXT, flags=re.DOTALL), "open"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_design_is_refused_in_one_line(case: str) -> None:
    text, words = REFUSED[case]
    with pytest.raises(InputError) as caught:
        read(text)
    assert words in str(caught.value)
    assert str(caught.value).startswith("made.gcs: ")
    assert "\n" not in str(caught.value)

"""GemCad files: every trap of the format, what is refused, and round trips."""

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yieldopt.cuts.design import Design, Tier, facet_normal
from yieldopt.cuts.family import family, family_names
from yieldopt.cuts.gemcad import design_of, read_asc, write_asc
from yieldopt.cuts.gemcad_text import parse
from yieldopt.cuts.ratios import ratios
from yieldopt.errors import InputError
from yieldopt.geometry.polytope import polytope_from_planes

OCTAGON = """GemCad 5.0
g 96 0.0
y 8 y
I 1.54
H An octagon
H in two lines
a -90.0 1.0 96 n G1 12 24 36 48 60 72 84 G Level girdle
a -43.0 0.7 96 n 1 12 24 36 48 60 72 84 G Cut to centre point
a 35.0 0.6 96 n A 12 24 36 48 60 72 84 G Meet 1, G1
a 0.0 0.35 96 n T
F Polish the table last
"""


def read(text: str) -> Design:
    """Return the design of a text."""
    return design_of(parse(text, "made.asc"), "made", "made.asc")


def plane_set(design: Design) -> set[tuple[float, ...]]:
    """Return the planes, rounded; no minus zero."""
    planes = np.column_stack([design.solid.normals, design.solid.offsets])
    return {tuple(round(float(x), 9) + 0.0 for x in plane) for plane in planes}


def same_solid(a: Design, b: Design) -> bool:
    """Tell whether two designs have the same planes, in any order."""
    return plane_set(a) == plane_set(b)


def test_a_plain_file_is_read_whole() -> None:
    design = read(OCTAGON)
    assert [(t.name, t.side, round(math.degrees(t.angle), 9)) for t in design.tiers] == [
        ("G1", "girdle", 90.0),
        ("1", "pavilion", 43.0),
        ("A", "crown", 35.0),
        ("T", "table", 0.0),
    ]
    assert list(design.tiers[0].index) == [96, 12, 24, 36, 48, 60, 72, 84]
    assert [t.note for t in design.tiers] == [
        "Level girdle", "Cut to centre point", "Meet 1, G1", "",
    ]  # fmt: skip
    assert (design.gear, design.location, design.refractive_index) == (96, 0.0, 1.54)
    assert design.heading == ("An octagon", "in two lines")
    assert design.footnotes == ("Polish the table last",)
    assert design.remarks == ()
    assert len(design.solid.normals) == 25


def test_the_origin_comes_to_the_middle_of_the_girdle() -> None:
    design = read(OCTAGON)
    loops = [design.solid.loops[j] for j in range(8)]
    z = design.solid.vertices[sorted({v for loop in loops for v in loop}), 2]
    assert z.min() == pytest.approx(-z.max(), abs=1e-9)
    assert design.solid.offsets.min() > 0


def test_a_design_without_girdle_facets_stands_at_its_widest_level() -> None:
    """A double pyramid whose file has its edge off z = 0."""
    low, high = math.radians(50), math.radians(30)
    text = (
        "GemCad 5.0\ng 96 0.0\nI 1.54\n"
        f"a -50 {math.sin(low) + 0.2 * math.cos(low)} 12 36 60 84\n"
        f"a 30 {math.sin(high) - 0.2 * math.cos(high)} 12 36 60 84\n"
    )
    design = read(text)
    widest = design.solid.vertices[np.abs(design.solid.vertices[:, :2]).max(axis=1) > 1e-3]
    np.testing.assert_allclose(widest[:, 2], 0.0, atol=1e-9)


# Each of these writes the octagon in another way that real files have.
WAYS = {
    "unix line ends": OCTAGON,
    "dos line ends and Ctrl-Z": OCTAGON.replace("\n", "\r\n") + "\x1a",
    "old Mac line ends": OCTAGON.replace("\n", "\r"),
    "g glued": OCTAGON.replace("g 96", "g96"),
    "g missing": OCTAGON.replace("g 96", "96"),
    "no location": OCTAGON.replace("g 96 0.0", "g 96"),
    "I glued": OCTAGON.replace("I 1.54", "I1.54"),
    "a glued": OCTAGON.replace("a -43.0", "a-43.0"),
    "+90 girdle": OCTAGON.replace("a -90.0", "a 90.0"),
    "0 for 96": OCTAGON.replace(" 96 n", " 0 n"),
    "-96 for 96": OCTAGON.replace(" 96 n", " -96 n"),
    "a turn too many": OCTAGON.replace(" 36 48", " 132 48"),
    "fractions": OCTAGON.replace(" 36 48", " 36.0 48.00"),
    "continued on a number": OCTAGON.replace(" 36 48", "\n36 48"),
    "continued on a name": OCTAGON.replace(" n 1", "\nn 1"),
    "continued on an instruction": OCTAGON.replace(" G Meet", "\n G Meet"),
    "a name on the next line": OCTAGON.replace("n 1 12", "n\n1 12"),
    "distance on the next line": OCTAGON.replace("a 35.0 0.6", "a 35.0\n0.6"),
    "no symmetry, no heading": "\n".join(x for x in OCTAGON.split("\n") if x[:1] not in "yH"),
    "another version": OCTAGON.replace("GemCad 5.0", "GemCad 4.41"),
    "no signature": OCTAGON.replace("GemCad 5.0\n", ""),
    "a gear the other way": OCTAGON.replace("g 96 0.0", "g -96 0.0"),
    "a turned wheel": OCTAGON.replace("g 96 0.0", "g 96 24.0"),
    "another gear": OCTAGON.replace("g 96 0.0", "g 120 0.0")
    .replace(" 12 24 36 48 60 72 84", " 15 30 45 60 75 90 105")
    .replace(" 96 ", " 120 "),
    "crown as turned pavilion": OCTAGON.replace("a 35.0 0.6", "a -35.0 -0.6"),
    "a culet that touches nothing": OCTAGON.replace("F Pol", "a 0.00 -3.0 0\nF Pol"),
    "distance 0": OCTAGON.replace("F Pol", "a 20.0 0.0 3 9\nF Pol"),
    "a tier without index": OCTAGON.replace("F Pol", "a 20.0 0.5\nF Pol"),
    "a tier twice": OCTAGON.replace("F Pol", "a 35.0 0.6 96 12\nF Pol"),
    "the table's index is any": OCTAGON.replace("a 0.0 0.35 96", "a 0.0 0.35 17"),
}


@pytest.mark.parametrize("way", WAYS)
def test_the_same_stone_is_read_from_every_way_to_write_it(way: str) -> None:
    design = read(WAYS[way])
    assert same_solid(design, read(OCTAGON))
    assert sum(len(tier.index) for tier in design.tiers) == len(design.solid.normals)
    for tier, facets in design.facet_rows():
        for j, index in zip(facets, tier.index, strict=True):
            normal = facet_normal(tier.side, tier.angle, index, design.gear, design.location)
            np.testing.assert_allclose(normal, design.solid.normals[j], atol=1e-12)
            assert 0 < index <= abs(design.gear)


@pytest.mark.parametrize(
    ("way", "remark"),
    [
        ("a culet that touches nothing", "tier P2 (0.00 deg, pavilion) at 96 touches nothing"),
        ("distance 0", "tier C2 (20.00 deg, crown) has distance 0"),
        ("a tier without index", "tier C2 (20.00 deg, crown) has no index"),
        ("a tier twice", "tier C2 (35.00 deg, crown) at 96-12 repeats another"),
    ],
)
def test_facets_left_out_are_named(way: str, remark: str) -> None:
    assert read(WAYS[way]).remarks == (f"{remark}: left out",)


@pytest.mark.parametrize("name", ["1", "G", "n", "a", "H", "12.5", "-3"])
def test_a_name_may_be_a_number_or_a_record_letter(name: str) -> None:
    design = read(OCTAGON.replace("n 1 ", f"n {name} "))
    assert design.tiers[1].name == name
    assert same_solid(design, read(OCTAGON))


def test_two_names_in_a_tier_are_kept_both() -> None:
    design = read(OCTAGON.replace("n A 12 24", "n A 12 n B 24 n A"))
    assert design.tiers[2].name == "A/B"


@pytest.mark.parametrize("culet", ["a 0.00 -0.5 0", "a -0.000000 0.5 0", "a -0.0 -0.5 96"])
def test_a_culet_is_level_and_below(culet: str) -> None:
    design = read(OCTAGON.replace("F Pol", f"{culet}\nF Pol"))
    tier, (facet,) = design.facet_rows()[-1]
    assert (tier.side, tier.angle) == ("pavilion", 0.0)
    np.testing.assert_array_equal(design.solid.normals[facet], [0.0, 0.0, -1.0])


def test_fractional_indices_stay_as_they_are() -> None:
    design = read(OCTAGON.replace(" 36 48", " 36.3 48"))
    assert 36.3 in design.tiers[0].index


@pytest.mark.parametrize("raw", [b"43\xb0 mains", "43\N{DEGREE SIGN} mains".encode()])
def test_texts_are_windows_1252_or_utf_8(raw: bytes, tmp_path: Path) -> None:
    file = tmp_path / "degree.asc"
    file.write_bytes(OCTAGON.encode().replace(b"An octagon", raw))
    assert read_asc(file).heading[0] == "43\N{DEGREE SIGN} mains"


REFUSED = {
    "empty": ("", "no facets found"),
    "prose": ("Dear Sir or Madam", "line 1: 'Dear' is no GemCad record"),
    "no gear": (OCTAGON.replace("g 96 0.0\n", ""), "no gear found"),
    "gear 0": (OCTAGON.replace("g 96", "g 0"), "a gear of 1 to 720 teeth"),
    "gear of a half": (OCTAGON.replace("g 96", "g 96.5"), "a gear of 1 to 720 teeth"),
    "huge gear": (OCTAGON.replace("g 96", "g 4000"), "a gear of 1 to 720 teeth"),
    "steep": (OCTAGON.replace("a 35.0", "a 135.0"), "line 9: an angle of 135.0 deg"),
    "words in a tier": (OCTAGON.replace("a 35.0", "a steep"), "angle must be a number"),
    "not a number": (OCTAGON.replace("a 35.0", "a nan"), "angle must be a number"),
    "a stray word": (OCTAGON.replace(" 36 48", " x36 48"), "line 7: 'x36' is no GemCad record"),
    "far off": (OCTAGON.replace("0.35", "1e9"), "out of all measure"),
    "tiny": (OCTAGON.replace("0.35", "1e-9"), "the girdle should stand at about 1"),
    "cut short": (OCTAGON[: OCTAGON.index("0.35")], "a tier's distance is missing"),
    "no table": (OCTAGON.replace("a 35.0", "F ").replace("a 0.0", "F "), "leave the stone open"),
    "only a table": ("g 96 0\na 0 0.3 96\n", "leave the stone open"),
    "upright only": ("g 96 0\na 90 1 96 24 48 72\n", "leave the stone open"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_closed_design_is_refused_in_one_line(case: str) -> None:
    text, words = REFUSED[case]
    with pytest.raises(InputError) as caught:
        read(text)
    assert words in str(caught.value)
    assert str(caught.value).startswith("made.asc: ")
    assert "\n" not in str(caught.value)


def test_a_missing_or_huge_file_or_a_folder_is_refused(tmp_path: Path) -> None:
    huge = tmp_path / "huge.asc"
    huge.write_bytes(b"F " * 3_000_000)
    for path, words in (
        (tmp_path / "none.asc", "no such design file"),
        (tmp_path, "a .asc file is wanted"),
        (huge, "too large"),
    ):
        with pytest.raises(InputError, match=words):
            read_asc(path)


LETTERS = ["a", "n", "G", "g", "y", "I", "H", "F", "Meet", "a-42", "n1", "g96", "\n", "\r\n", ""]
NUMBERS = [96, 0, 90, -90, 0.5, -0.5, 1e5, 88.8, -96, 45, 1e-3, 12, 24, 36, 720, 721, -43, 0.7]
ODD = ["-0.0", "1_0", "nan", "inf", "\x00", "43\N{DEGREE SIGN}", "\N{INFINITY}"]
WORDS = st.sampled_from([*LETTERS, *map(str, NUMBERS), *ODD])


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_mutated_file_gives_a_design_or_one_line(data: st.DataObject) -> None:
    words = OCTAGON.split(" ")
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(words) - 1))
        if data.draw(st.booleans()):
            words[at] = data.draw(WORDS)
        else:
            words.insert(at, data.draw(WORDS))
    check_design_or_line(" ".join(words))


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=60).map(" ".join)))
def test_garbage_gives_a_design_or_one_line(text: str) -> None:
    check_design_or_line(text)


def check_design_or_line(text: str) -> None:
    """Read, and check what came of it."""
    try:
        design, complaint = read(text), ""
    except InputError as error:
        design, complaint = None, str(error)
    assert "\n" not in complaint
    if design is None:
        return
    assert sum(len(tier.index) for tier in design.tiers) == len(design.solid.normals)
    assert all(len(loop) > 2 for loop in design.solid.loops)
    assert design.solid.offsets.min() > 0


@pytest.mark.parametrize("name", family_names())
def test_families_come_back_from_their_own_file(name: str, tmp_path: Path) -> None:
    cut = family(name)
    design = cut.design(cut.usual, 8.0)
    write_asc(design, tmp_path / "cut.asc")
    again = read_asc(tmp_path / "cut.asc")
    np.testing.assert_allclose(again.solid.normals, design.solid.normals, atol=1e-12)
    np.testing.assert_allclose(again.solid.offsets, design.solid.offsets, atol=1e-10)
    assert [(t.name, t.side, t.index, t.note) for t in again.tiers] == [
        (t.name, t.side, t.index, t.note) for t in design.tiers
    ]
    assert again.remarks == ()
    records = (tmp_path / "cut.asc").read_text().splitlines()
    assert sum(line.startswith("a ") for line in records) == len(design.tiers)


@pytest.mark.parametrize("way", ["a gear the other way", "a turned wheel", "unix line ends"])
def test_a_read_design_comes_back_from_its_own_file(way: str, tmp_path: Path) -> None:
    text = WAYS[way].replace("F Pol", "a 0.00 -0.6 0\nF Pol").replace(" 36 48", " 36.25 48")
    design = read(text)
    write_asc(design, tmp_path / "made.asc")
    again = read_asc(tmp_path / "made.asc")
    np.testing.assert_allclose(again.solid.normals, design.solid.normals, atol=1e-12)
    np.testing.assert_allclose(again.solid.offsets, design.solid.offsets, atol=1e-10)
    assert (again.gear, again.location) == (design.gear, design.location)
    assert (again.heading, again.footnotes) == (design.heading, design.footnotes)
    assert [t.index for t in again.tiers] == [t.index for t in design.tiers]


def test_texts_and_names_cannot_break_a_written_file(tmp_path: Path) -> None:
    """Line ends and blanks in names and notes would be read as records."""
    solid = read(OCTAGON).solid
    tiers = [*read(OCTAGON).tiers]
    tiers[1] = Tier(
        name="P 1\na 1 1", side="pavilion", angle=tiers[1].angle, index=tiers[1].index,
        note="first\r\na -10 0.1 96",
    )  # fmt: skip
    design = Design(name="x\ny", gear=96, refractive_index=1.54, tiers=tuple(tiers), solid=solid)
    write_asc(design, tmp_path / "cut.asc")
    again = read_asc(tmp_path / "cut.asc")
    assert again.tiers[1].name == "P_1_a_1_1"
    assert again.tiers[1].note == "first a -10 0.1 96"
    assert again.heading == ("x y",)
    assert same_solid(again, design)


def keller_text(girdle: float) -> str:
    """Return the published quartz brilliant from its angles and meets alone (W = 1).

    PB 45, PM 43 through the girdle's corners, CB 47, CM 42 likewise, stars 27 through the meet
    of breaks and mains, the table through the meet of mains and stars.
    """
    corner = 0.5
    off, half_off = math.cos(math.radians(22.5)), math.cos(math.radians(11.25))
    edge = corner * half_off
    rise = {angle: math.tan(math.radians(angle)) for angle in (47, 42, 27)}
    # On the line of tooth 6 breaks and mains meet: 47 (edge - r half_off) = 42 (corner - r off).
    r = (rise[47] * edge - rise[42] * corner) / (rise[47] * half_off - rise[42] * off)
    z = rise[42] * (corner - r * off)
    # On the line of tooth 0 mains and stars meet: 42 (corner - t) = z + 27 (r - t off).
    t = (rise[42] * corner - z - rise[27] * r) / (rise[42] - rise[27] * off)
    top = rise[42] * (corner - t)

    def mast(angle: float, distance: float, height: float) -> float:
        a = math.radians(angle)
        return distance * math.sin(a) + height * math.cos(a)

    g = girdle / 2
    odd = " ".join(str(i) for i in range(3, 96, 6))
    mains, stars = "96 12 24 36 48 60 72 84", "6 18 30 42 54 66 78 90"
    return (
        "GemCad 5.0\ng 96 0.0\nI 1.54\n"
        f"a -45 {mast(45, edge, g):.12f} {odd}\na -90 {edge:.12f} {odd}\n"
        f"a -43 {mast(43, corner, g):.12f} {mains}\n"
        f"a 47 {mast(47, edge, g):.12f} {odd}\na 42 {mast(42, corner, g):.12f} {mains}\n"
        f"a 27 {mast(27, r, z + g):.12f} {stars}\na 0 {top + g:.12f} 96\n"
    )


def test_a_published_brilliant_has_its_published_ratios() -> None:
    """Keller's classic quartz brilliant: T/W .516, P/W .466, C/W .218, H/W .704, Vol/W^3 .241."""
    design = read(keller_text(0.02))
    assert len(design.solid.normals) == 57 + 16
    found = ratios(design)
    assert round(found.table, 3) == 0.516
    assert round(found.pavilion, 3) == 0.466
    assert round(found.crown, 3) == 0.218
    assert round(found.depth, 3) == 0.704
    assert round(found.volume, 3) == 0.241
    assert found.length == pytest.approx(1.0)
    assert found.girdle == pytest.approx(0.02)


def test_our_round_at_the_published_ratios_weighs_as_the_published_one() -> None:
    """Same heights and table; only breaks and stars end elsewhere: within 2 per cent."""
    cut = family("round", ranges="native")
    design = cut.design(np.array([0.2179, 0.4663, 0.516, 0.02]), 1.0)
    assert design.solid.volume == pytest.approx(0.241, rel=0.02)
    assert polytope_from_planes(design.solid.normals, design.solid.offsets).volume == (
        pytest.approx(design.solid.volume)
    )

"""Binary `.gem` files: what each record means, and what is refused."""

import math
import struct
from pathlib import Path

import numpy as np
import pytest

from yieldopt.cuts.closed import closed_design, levelled
from yieldopt.cuts.design import Design
from yieldopt.cuts.design_file import design_of_bytes, planes_apart, read_design
from yieldopt.cuts.family import family
from yieldopt.cuts.gem_file import gem_listing, parse_gem
from yieldopt.errors import InputError


def text(words: str) -> bytes:
    raw = words.encode("cp1252")
    return bytes([len(raw)]) + raw


def records(design: Design, *, corner_scale: float = 1.0, first_tier: int = 1) -> bytes:
    """Return the facet records of a design."""
    out, solid = b"", design.solid
    for number, (tier, facets) in enumerate(design.facet_rows(), first_tier):
        for j in facets:
            out += struct.pack("<3di", *(solid.normals[j] / solid.offsets[j]), number)
            out += text(f"{tier.name}\t{tier.note}")
            for v in solid.loops[j]:
                out += struct.pack("<i3d", 1, *(solid.vertices[v] * corner_scale))
            out += struct.pack("<i", 0)
    return out + struct.pack("<d", -99999.0)


def gem(design: Design, *, gear: int | None = None, **keywords: float) -> bytes:
    """Return a design as a `.gem` file."""
    out = records(design, **keywords)  # type: ignore[arg-type]
    out += struct.pack("<3id", 8, 1, design.gear if gear is None else gear, 1.76)
    out += struct.pack("<id", 0x7FFF, design.location)
    lines = ["A title", "by me", "", "43\N{DEGREE SIGN} mains", "Last the table", "", "", ""]
    return out + b"".join(map(text, lines))


@pytest.fixture(scope="module")
def made() -> Design:
    cut = family("round")
    return cut.design(cut.usual, 2.0)


def read(raw: bytes) -> Design:
    return levelled(design_of_bytes(raw, "made", "made.gem").design)


def test_a_file_is_read_whole(made: Design) -> None:
    design = read(gem(made))
    assert planes_apart(design, made) < 1e-12
    assert [(t.name, t.side, t.index, t.note) for t in design.tiers] == [
        (t.name, t.side, t.index, t.note) for t in made.tiers
    ]
    assert (design.gear, design.location, design.refractive_index) == (96, 0.0, 1.76)
    assert design.heading == ("A title", "by me", "43\N{DEGREE SIGN} mains")
    assert design.footnotes == ("Last the table",)


def test_corners_at_another_scale_do_not_matter(made: Design) -> None:
    """Some files have p . v = 0.81: the planes are right, the corners are not."""
    assert planes_apart(read(gem(made, corner_scale=0.9)), made) < 1e-12


@pytest.mark.parametrize("first", [0, -5, 40])
def test_tier_numbers_are_labels_only(first: int, made: Design) -> None:
    assert planes_apart(read(gem(made, first_tier=first)), made) < 1e-12


@pytest.mark.parametrize(("gear", "location"), [(-96, 48.0), (96, 24.0), (-120, 0.5), (77, 0.0)])
def test_teeth_are_counted_on_the_file_s_wheel(gear: int, location: float, made: Design) -> None:
    """Fractions stay fractions, and lists rebuild planes."""
    words = parse_gem(gem(made, gear=gear), "made.gem")
    words.location = location
    design = closed_design(gem_listing(words, "made", "made.gem"))
    assert planes_apart(design, made) < 1e-9
    assert all(0.0 < tooth <= abs(gear) for tier in design.tiers for tooth in tier.index)


def test_records_of_a_tier_need_not_stand_together(made: Design) -> None:
    words = parse_gem(gem(made), "made.gem")
    words.facets = words.facets[::2] + words.facets[1::2]
    design = closed_design(gem_listing(words, "made", "made.gem"))
    assert planes_apart(design, made) < 1e-12
    assert len(design.tiers) == len(made.tiers)
    for tier, facets in design.facet_rows():
        slopes = np.arccos(np.clip(np.abs(design.solid.normals[facets, 2]), 0, 1))
        np.testing.assert_allclose(slopes, tier.angle, atol=1e-7)


def test_an_older_file_may_end_after_the_refractive_index(made: Design) -> None:
    whole = gem(made)
    short = whole[: len(records(made)) + 20]
    assert planes_apart(read(short), made) < 1e-12


def test_a_preform_behind_the_design_is_told_and_left_out(made: Design) -> None:
    file = design_of_bytes(gem(made) + text("preform") + records(made), "made", "made.gem")
    assert "the preform" in file.beside
    assert len(file.design.solid.normals) == len(made.solid.normals)


def test_a_flat_culet_is_a_pavilion_facet(made: Design) -> None:
    solid = made.solid
    low = float(solid.vertices[:, 2].min())
    culet = struct.pack("<3di", 0.0, 0.0, -1.0 / (0.9 * -low), 99) + text("C\t") + b"\0\0\0\0"
    design = read(culet + gem(made))
    assert (design.tiers[0].side, design.tiers[0].angle) == ("pavilion", 0.0)


def refused(made: Design) -> dict[str, tuple[bytes, str]]:
    whole = gem(made)
    trailer = len(records(made))
    nan = struct.pack("<d", math.nan)
    return {
        "empty": (b"", "it ends in the middle"),
        "text": (b"GemCad 5.0\r\ng 96 0.0\r\na 45 0.5 1 2 3 4\r\n", "is"),
        "no facets": (struct.pack("<d", -99999.0) + whole[trailer:], "no facets found"),
        "cut in a facet": (whole[:1000], "it ends in the middle"),
        "cut in the trailer": (whole[: trailer + 6], "it ends in the middle"),
        "gear 0": (gem(made, gear=0), "a gear of 0 teeth"),
        "gear huge": (gem(made, gear=100000), "a gear of 100000 teeth"),
        "not a number": (nan + whole[8:], "not finite"),
        "a plane at the centre": (struct.pack("<d", 1e30) + whole[8:], "out of all measure"),
        "no plane": (b"\0" * 24 + whole[24:], "out of all measure"),
        "open": (_half(made), "leave the stone open"),
    }


def _half(made: Design) -> bytes:
    words = gem(made)
    solid = made.solid
    out = b""
    for j in np.flatnonzero(solid.normals[:, 2] < -1e-9):
        out += struct.pack("<3di", *(solid.normals[j] / solid.offsets[j]), 1) + text("") + b"\0" * 4
    return out + struct.pack("<d", -99999.0) + words[len(records(made)) :]


@pytest.mark.parametrize(
    "case",
    [
        "empty", "text", "no facets", "cut in a facet", "cut in the trailer", "gear 0",
        "gear huge", "not a number", "a plane at the centre", "no plane", "open",
    ],
)  # fmt: skip
def test_what_is_no_design_is_refused_in_one_line(case: str, made: Design) -> None:
    raw, words = refused(made)[case]
    with pytest.raises(InputError) as caught:
        read(raw)
    assert words in str(caught.value)
    assert str(caught.value).startswith("made.gem: ")
    assert "\n" not in str(caught.value)


def test_the_ending_tells_the_form_in_any_case(made: Design, tmp_path: Path) -> None:
    (tmp_path / "MINE.GEM").write_bytes(gem(made))
    assert read_design(tmp_path / "MINE.GEM").name == "MINE"


@pytest.mark.real
@pytest.mark.parametrize("name", ["Compear125", "CubeIllusionTri", "SRB", "Turkey"])
def test_both_forms_of_a_published_design_agree(name: str, shared: Path) -> None:
    """Facet by facet: normals to 1e-14, distances to 5e-9 (the text has 8 decimals)."""
    forms = []
    for ending in (".asc", ".gem"):
        path = shared / "designs" / f"{name}{ending}"
        forms.append(design_of_bytes(path.read_bytes(), name, path.name).design)
    asc, binary = forms
    np.testing.assert_allclose(binary.solid.normals, asc.solid.normals, atol=1e-14)
    np.testing.assert_allclose(binary.solid.offsets, asc.solid.offsets, atol=5e-9, rtol=0)
    assert [(t.name, t.side, t.index) for t in binary.tiers] == [
        (t.name, t.side, t.index) for t in asc.tiers
    ]
    assert (binary.gear, binary.location) == (asc.gear, asc.location)
    assert (binary.heading, binary.footnotes) == (asc.heading, asc.footnotes)

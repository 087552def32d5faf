"""Conversion from form to form: what is lost is said, the planes stay; mutated files."""

import json
import random
import struct
from pathlib import Path

import pytest

from yieldopt.cuts.closed import levelled
from yieldopt.cuts.design import Design
from yieldopt.cuts.design_file import (
    convert_design,
    design_of_bytes,
    planes_apart,
    read_design,
    read_design_file,
)
from yieldopt.cuts.family import family
from yieldopt.cuts.gcs_write import gcs_text
from yieldopt.cuts.gemcad import write_asc
from yieldopt.errors import InputError
from yieldopt_cli.main import main

RICH = """GemCad 5.0
g -96 24.0
y 4 n
I 1.76
H One
H Two
H Three
H Four  wide
H Five
a -90.0 1.0 96 n G1 12 24 36 48 60 72 84 G Level girdle
a -43.0 0.7 96 n P1 12 n P2 24 36 48 60 72 84
a 35.0 0.62 96 n C 24 48 72
a 30.0 0.60 10.5 n C2 34.5 58.5 82.5 G Meet "C1" \N{GREEK SMALL LETTER PHI}
a 0.0 0.35 96 n T
a 20.0 3.0 1 2
F a b
"""


@pytest.fixture
def rich(tmp_path: Path) -> Path:
    path = tmp_path / "rich.asc"
    path.write_text(RICH, encoding="utf-8")
    return path


def test_what_gcs_cannot_hold_is_said(rich: Path) -> None:
    made = convert_design(rich, rich.with_suffix(".gcs"))
    assert made.apart < 1e-12
    assert made.lost == (
        "symmetry record 'y 4 n' (every index is listed without it)",
        "tier P1/P2: which of its facets bears which name",
        "headings: 'Four  wide' (the form has 3)",
        "headings: 'Five' (the form has 3)",
        "the wheel's sense: a gear of -96 is written as 96",
        "the wheel's location 24: teeth are counted from +y",
    )
    assert made.changed[0].startswith("left out: tier C3 (20.00 deg, crown) at 1-2 touches")
    assert any(line.startswith("moved by") for line in made.changed)
    assert any("fractional teeth are kept" in line for line in made.changed)
    again = read_design(rich.with_suffix(".gcs"))
    assert planes_apart(again, read_design(rich)) < 1e-12
    assert again.tiers[3].note.endswith("\N{GREEK SMALL LETTER PHI}")


def test_what_asc_cannot_hold_is_said(rich: Path, tmp_path: Path) -> None:
    made = convert_design(rich, tmp_path / "again.asc")
    assert made.apart < 1e-12
    assert "GemCad keeps 4 headings: the last 1 of it" in made.lost
    odd = "characters that Windows-1252 lacks, written as ?: \N{GREEK SMALL LETTER PHI}"
    assert odd in made.lost
    again = read_design(tmp_path / "again.asc")
    assert again.heading[3] == "Four  wide"
    assert (again.gear, again.location) == (-96, 24.0)


def test_a_rich_gcs_file_says_all_that_asc_lacks(tmp_path: Path) -> None:
    cut = family("emerald")
    text = gcs_text(cut.design(cut.usual, 3.0))
    text = text.replace('name="P1"', 'name="P 1" frosting="0.5"', 1)
    text = text.replace("<info ", '<info author="me" date="today" shape="Oblong" ')
    source = tmp_path / "rich.gcs"
    source.write_text(text)
    made = convert_design(source, tmp_path / "rich.asc")
    for words in ("frosting of", "the colour", "rendering: ", "shape Oblong", "stored corners"):
        assert any(words in line for line in made.lost), words
    assert "tier 'P 1': a name has no blanks, written as P_1" in made.changed
    assert read_design(tmp_path / "rich.asc").heading == ("emerald", "me", "today")


def test_the_distances_of_a_file_stay_as_they_are(rich: Path, tmp_path: Path) -> None:
    """From .asc to .asc nothing moves: not even the origin."""
    convert_design(rich, tmp_path / "again.asc")
    first, again = read_design_file(rich).design, read_design_file(tmp_path / "again.asc").design
    assert [float(x) for x in first.solid.offsets] == [float(x) for x in again.solid.offsets]


def test_a_written_asc_file_ends_its_lines_as_other_programs_want(tmp_path: Path) -> None:
    """CRLF everywhere, one whole line a tier, no line that begins with an instruction."""
    cut = family("round")
    write_asc(cut.design(cut.usual, 2.0), tmp_path / "cut.asc")
    raw = (tmp_path / "cut.asc").read_bytes()
    assert raw.endswith(b"\r\n")
    assert raw.count(b"\n") == raw.count(b"\r\n") == raw.count(b"\r")
    assert {line[:1] for line in raw.split(b"\r\n")} <= {
        b"G",
        b"g",
        b"y",
        b"I",
        b"H",
        b"a",
        b"F",
        b"",
    }
    assert [line for line in raw.split(b"\r\n") if line[:1] == b"G"] == [b"GemCad 5.0"]
    assert any(b" G " in line for line in raw.split(b"\r\n") if line[:1] == b"a")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("out.gem", ".gem is not written"),
        ("out", "a name without ending is not written"),
        ("rich.asc", "the source itself"),
    ],
)
def test_a_target_that_cannot_be_written_is_refused(target: str, words: str, rich: Path) -> None:
    with pytest.raises(InputError, match=words):
        convert_design(rich, rich.parent / target)
    assert rich.read_text(encoding="utf-8") == RICH


def test_the_command_converts_and_reports(rich: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = rich.with_suffix(".gcs")
    assert main(["cuts", "convert", str(rich), str(target)]) == 0
    said = capsys.readouterr().out
    assert "25 facets in 5 tiers" in said
    assert "lost: the wheel's location 24" in said
    assert main(["cuts", "convert", str(rich), str(target), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["facets"] == 25
    assert found["planes_apart"] < 1e-12
    assert len(found["lost"]) == 6


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["convert"], "wants two files"),
        (["convert", "a.asc"], "wants two files"),
        (["convert", "a.asc", "b.gcs"], "no such design file"),
        (["convert", "a.stl", "b.gcs"], "no design file; .asc, .gem, .gcs are read"),
        (["show", "a.asc", "b.gcs"], "to convert: convert a.asc FILE"),
    ],
)
def test_wrong_words_end_in_one_line(
    words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cuts", *words]) == 2
    said = capsys.readouterr().err
    assert complaint in said
    assert said.count("\n") == 1


def gem_bytes(design: Design) -> bytes:
    """Return a small `.gem` file."""
    out = b""
    for j, normal in enumerate(design.solid.normals):
        out += struct.pack("<3di", *(normal / design.solid.offsets[j]), j // 8) + b"\x03A\tn"
        out += struct.pack("<i3di", 1, *design.solid.vertices[0], 0)
    out += struct.pack("<d3id", -99999.0, 8, 1, 96, 1.54) + struct.pack("<id", 0x7FFF, 0.0)
    return out + b"\x01H" * 8


def mutated(raw: bytes, rng: random.Random) -> bytes:
    """Return bytes with a few of them changed, cut out, doubled or moved."""
    out = bytearray(raw)
    for _ in range(rng.randint(1, 4)):
        if not out:
            break
        at, n = rng.randrange(len(out)), rng.choice((1, 2, 4, 8, 24, 200))
        match rng.choice((0, 0, 0, 1, 2, 3, 4, 5, 6, 6, 6, 6, 6, 6, 6, 6)):
            case 6:
                digits = [i for i, byte in enumerate(out) if 48 <= byte <= 57]
                if digits:
                    out[rng.choice(digits)] = rng.choice(b"0123456789.- ")
            case 0:
                out[at] = rng.randrange(256)
            case 1:
                del out[at : at + n]
            case 2:
                out[at:at] = out[at : at + n]
            case 3:
                out[at : at + n] = rng.randbytes(n)
            case 4:
                del out[at:]
            case _:
                words = rng.choice((b"nan", b"-0.0", b"1e999", b"0", b"\xff", b"<", b'"', b"a 1 "))
                out[at : at + rng.randrange(3)] = words
    return bytes(out)


@pytest.mark.parametrize("form", ["asc", "gem", "gcs"])
def test_a_mutated_file_gives_a_design_or_one_line(form: str, tmp_path: Path) -> None:
    cut = family("emerald")
    design = cut.design(cut.usual, 2.0)
    write_asc(design, tmp_path / "plain.asc")
    plain = {
        "asc": (tmp_path / "plain.asc").read_bytes(),
        "gem": gem_bytes(design),
        "gcs": gcs_text(design).encode(),
    }[form]
    rng = random.Random(f"mutated {form}")
    n_read = 0
    for _ in range(200):
        try:
            found, complaint = design_of_bytes(mutated(plain, rng), "m", f"m.{form}").design, ""
        except InputError as error:
            found, complaint = None, str(error)
        assert "\n" not in complaint
        if found is None:
            continue
        n_read += 1
        found = levelled(found)
        assert sum(len(t.index) for t in found.tiers) == len(found.solid.normals)
        assert all(len(loop) > 2 for loop in found.solid.loops)
        assert found.solid.offsets.min() > 0
    assert 0 < n_read < 200

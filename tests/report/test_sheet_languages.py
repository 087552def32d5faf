"""Urdu and Pashto on paper: their own letters, no boxes, figures that read from left to right."""

import re
import shutil
import struct
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from tests.report.bench_plan_of import told
from yieldopt.errors import InputError
from yieldopt.plan.record import Plan
from yieldopt.report.catalogue import LANGUAGES, catalogue
from yieldopt.report.sheet import sheet_text, write_sheet
from yieldopt.report.sheet.write import FONTS

# Shape nothing themselves: isolates, spaces; typst has its own for them.
UNSEEN = {*"\u2066\u2067\u2068\u2069 \u00a0\n"}


def letters_of(font: bytes) -> set[int]:
    """Return the characters that a TrueType font has a glyph for (its `cmap`, format 4 or 12)."""
    (n_tables,) = struct.unpack_from(">H", font, 4)
    tables = {
        font[at : at + 4]: struct.unpack_from(">II", font, at + 8)
        for at in range(12, 12 + 16 * n_tables, 16)
    }
    start, _ = tables[b"cmap"]
    (n,) = struct.unpack_from(">H", font, start + 2)
    out: set[int] = set()
    for k in range(n):
        (offset,) = struct.unpack_from(">I", font, start + 4 + 8 * k + 4)
        at = start + offset
        (form,) = struct.unpack_from(">H", font, at)
        if form == 12:
            (groups,) = struct.unpack_from(">I", font, at + 12)
            for g in range(groups):
                first, last, _ = struct.unpack_from(">III", font, at + 16 + 12 * g)
                out |= set(range(first, last + 1))
        elif form == 4:
            (twice,) = struct.unpack_from(">H", font, at + 6)
            ends = struct.unpack_from(f">{twice // 2}H", font, at + 14)
            starts = struct.unpack_from(f">{twice // 2}H", font, at + 16 + twice)
            for first, last in zip(starts, ends, strict=True):
                out |= set(range(first, last + 1)) - {0xFFFF}
    return out


@pytest.fixture(scope="module")
def glyphs() -> set[int]:
    out: set[int] = set()
    for name in FONTS:
        for path in (files(name) / "files").iterdir():
            if path.name.endswith(".ttf") and "Italic" not in path.name:
                out |= letters_of(path.read_bytes())
    return out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_letter_of_the_catalogue_has_a_glyph(lang: str, glyphs: set[int]) -> None:
    letters = {c for phrase in catalogue(lang).phrases.values() for c in phrase} - UNSEEN
    assert sorted(c for c in letters if ord(c) not in glyphs) == []


def test_the_pdf_in_urdu_and_pashto_carries_the_arabic_letters_and_its_fonts(
    sawn: Plan, tmp_path: Path
) -> None:
    path = tmp_path / "sheet.pdf"
    write_sheet(sawn, path, lang=("ur", "ps"), workshop=told(sawn))
    data = path.read_bytes()
    assert b"NotoSansArabic" in data
    assert b"/FontFile" in data
    tool = shutil.which("pdftotext")
    if tool is None:
        pytest.skip("no pdftotext here; on Debian: apt-get install poppler-utils")
    done = subprocess.run([tool, str(path), "-"], capture_output=True, check=True)
    text = done.stdout.decode()
    assert len(re.findall(r"[\u0600-\u06ff\ufb50-\ufeff]", text)) > 2000
    assert "\ufffd" not in text
    assert "45.00°" in text


def test_pages_of_a_language_are_whole_whichever_stands_first(plan: Plan) -> None:
    made = told(plan)
    text = sheet_text(plan, lang=("ps", "en"), workshop=made)
    assert [one["lang"] for one in text["sets"]] == ["ps", "en"]
    assert [one["direction"] for one in text["sets"]] == ["rtl", "ltr"]
    alone = sheet_text(plan, lang=("en",), workshop=made)
    assert text["sets"][1] == alone["sets"][0]


def test_a_paper_that_is_not_there_is_refused_in_one_line(plan: Plan) -> None:
    with pytest.raises(InputError, match="--paper: 'a5' is not there; take a4 or letter"):
        sheet_text(plan, paper="a5")

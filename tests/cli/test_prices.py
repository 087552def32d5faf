"""`yieldopt prices`."""

import json
from pathlib import Path

import pytest

from yieldopt_cli.main import main

Capture = pytest.CaptureFixture[str]


def said(capsys: Capture, *words: str) -> str:
    """Run a command that must succeed, and return what it printed."""
    assert main(["prices", *words]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    return printed.out


def complaint(capsys: Capture, *words: str) -> str:
    """Run a command whose input is wrong, and return its one line."""
    assert main(["prices", *words]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("yieldopt: error: ")
    assert printed.err.count("\n") == 1
    return printed.err


@pytest.fixture
def book(tmp_path: Path) -> Path:
    file = tmp_path / "mine.csv"
    file.write_text(
        "species,variety,quality,clarity,shape,from_ct,to_ct,price_per_ct\n"
        "peridot,,AA,eye-clean,,0,1,5\n"
        "peridot,,AA,eye-clean,,1,,1250\n"
        "topaz,,,,oval,0,2,7\n",
        encoding="utf-8",
    )
    (tmp_path / "mine.toml").write_text(
        'name = "Ours"\ncurrency = "pkr"\ndate = 2026-03-01\n[costs]\nper_stone = 3\n',
        encoding="utf-8",
    )
    return file


def test_a_sound_book_is_checked(capsys: Capture, book: Path) -> None:
    told = said(capsys, "check", str(book))
    assert "mine.csv: Ours, PKR, 2026-03-01" in told
    assert "3 rows, no errors" in told
    assert "warning: row 4: topaz, oval: gap from 2 ct, no price there" in told
    assert "OFFER" not in told
    found = json.loads(said(capsys, "check", str(book), "--json"))
    assert (found["currency"], found["rows"], found["quality"]) == ("PKR", 3, ["aa"])
    assert len(found["warnings"]) == 1


def test_a_broken_book_is_one_line_and_exit_code_2(capsys: Capture, book: Path) -> None:
    book.write_text(book.read_text(encoding="utf-8").replace(",1250", ",12OO"), encoding="utf-8")
    for action in ("check", "show"):
        assert "mine.csv row 3: price_per_ct (column H): '12OO' is no" in complaint(
            capsys, action, str(book)
        )
    assert "no such price book" in complaint(capsys, "check", "none.csv", "--json")


def test_a_book_is_shown_as_a_table(capsys: Capture, book: Path) -> None:
    lines = said(capsys, "show", str(book)).splitlines()
    assert lines[2].split() == ["row", "species", "quality", "clarity", "shape", "weight", "PKR/ct"]
    assert lines[4].split() == [
        "3",
        "peridot",
        "aa",
        "eye-clean",
        "*",
        "from",
        "1",
        "ct",
        "1,250.00",
    ]
    assert "costs: 3 a stone, 0 a finished carat, 0 a saw cut" in lines


def test_a_book_is_shown_for_one_species(capsys: Capture, book: Path) -> None:
    shown = json.loads(said(capsys, "show", str(book), "--species", "Topaz", "--json"))
    assert [row["row"] for row in shown["rows"]] == [4]
    assert shown["rows"][0]["to_ct"] == 2
    assert "has no prices for it; it has peridot, topaz" in complaint(
        capsys, "show", str(book), "--species", "ruby"
    )
    assert "--species is for show" in complaint(capsys, "check", str(book), "--species", "ruby")


def test_json_is_the_whole_book(capsys: Capture, book: Path) -> None:
    shown = json.loads(said(capsys, "show", str(book), "--json"))
    assert shown["rows"][1] == {
        "row": 3, "species": "peridot", "variety": "", "quality": "aa", "clarity": "eye-clean",
        "shape": "", "from_ct": 1.0, "to_ct": None, "price_per_ct": 1250.0,
    }  # fmt: skip
    assert shown["costs"] == {"per_stone": 3.0, "per_carat": 0.0, "per_saw_cut": 0.0}
    assert len(shown["clarity"]["limits_mm"]) == len(shown["clarity"]["ladder"]) - 1


@pytest.mark.parametrize("action", ["check", "show"])
def test_the_example_is_no_offer(action: str, capsys: Capture) -> None:
    assert "AN ILLUSTRATION, NOT AN OFFER" in said(capsys, action, "example")
    assert json.loads(said(capsys, action, "example", "--json"))["illustration"] is True

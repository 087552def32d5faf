"""Reads a price book: a CSV file, and the TOML head beside it.

The CSV has the columns of `COLUMNS`, in any order, split by commas, semicolons or tabs. An empty
cell or `*` is any. Rows that begin with # are remarks. Numbers have a decimal point and no marks
between thousands.
"""

import csv
import difflib
import io
import math
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import NoReturn

from yieldopt.cuts.species import species_names
from yieldopt.errors import InputError
from yieldopt.value.book_head import MOST_MONEY, Head, read_head
from yieldopt.value.brackets import refuse_overlaps
from yieldopt.value.price_book import KEYS, PriceBook, PriceRow
from yieldopt.value.words import plain

EXAMPLE = "example"  # the word for the package's own book, where a file's name is wanted
COLUMNS = (*KEYS, "from_ct", "to_ct", "price_per_ct")
MOST_BYTES = 50_000_000  # some 500,000 rows
NEARLY = 0.85  # of difflib: a species' word this like one of the table's is a slip of the hand
SPREADSHEETS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how .xlsx, .ods and .xls begin


def read_price_book(path: Path | str) -> PriceBook:
    """Return the price book of a CSV file and its head; of the word `example`, the package's own.

    Raises
    ------
    InputError
        If a file is missing, a cell is wrong or brackets overlap: which file, row (as a
        spreadsheet counts) and column, what is wrong, what to do.
    """
    if str(path) == EXAMPLE and not Path(path).exists():
        with resources.as_file(
            resources.files("yieldopt.value").joinpath("example_book.csv")
        ) as own:
            return read_price_book(own)
    path = Path(path)
    if path.suffix.lower() == ".toml":
        raise InputError(f"{path}: is the head; name the CSV beside it")
    text = _text(path)
    head = read_head(path.with_suffix(".toml"))
    rows = _Reader(path, text, head).rows()
    refuse_overlaps(str(path), rows)
    return PriceBook(
        file=path.name,
        name=head.name or path.stem,
        currency=head.currency,
        rows=rows,
        date=head.date,
        set_by=head.set_by,
        note=head.note,
        illustration=head.illustration,
        own_species=head.own_species,
        factors=head.factors,
        costs=head.costs,
        clarity=head.clarity,
    )


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: too large for a price book (over {MOST_BYTES:,} bytes)")
        data = path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: no such price book; check the path") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; a price book in CSV is wanted") from None
    if data.startswith(SPREADSHEETS):
        raise InputError(f"{path}: is a spreadsheet; save it as CSV (comma separated values)")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data[: error.start].count(b"\n") + 1
        raise InputError(f"{path} row {row}: is no text in UTF-8; save it as CSV UTF-8") from None
    if "\0" in text:
        raise InputError(f"{path}: is no text; a price book in CSV is wanted")
    return text


class _Reader:
    """Goes through the rows of one file, and says where something is wrong."""

    def __init__(self, path: Path, text: str, head: Head) -> None:
        self.path, self.head = path, head
        self.species = {plain(name) for name in (*species_names(), *head.own_species)}
        first = next((line for line in text.splitlines() if _is_row([line])), "")
        mark = next((mark for mark in (";", "\t") if mark in first), ",")
        self.table = csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True)
        self.places: dict[str, int] = {}
        self.number = 0

    def rows(self) -> tuple[PriceRow, ...]:
        """Return the rows of the file."""
        out: list[PriceRow] = []
        try:
            for number, cells in enumerate(self.table, start=1):
                self.number = number
                if not _is_row(cells):
                    continue
                if not self.places:
                    self.places = self._header(cells)
                else:
                    out.append(self._row(cells))
        except csv.Error as error:
            self.refuse(f"cannot be split into cells ({error}); check the quotes", self.number + 1)
        if not self.places:
            raise InputError(f"{self.path}: is empty; its first row names {', '.join(COLUMNS)}")
        if not out:
            raise InputError(f"{self.path}: has no prices: rows are wanted below the first")
        return tuple(out)

    def refuse(self, wrong: str, number: int | None = None) -> NoReturn:
        """Raise InputError about the present row."""
        raise InputError(f"{self.path} row {number or self.number}: {wrong}")

    def refuse_cell(self, column: str, wrong: str) -> NoReturn:
        """Raise InputError about a cell of the present row."""
        letter = _letters(self.places[column])
        self.refuse(f"{column} (column {letter}): {wrong}")

    def _header(self, cells: Sequence[str]) -> dict[str, int]:
        names = [cell.strip().casefold() for cell in cells]
        while names and not names[-1]:
            names.pop()  # spreadsheets leave empty columns at the end
        places: dict[str, int] = {}
        for at, name in enumerate(names):
            if name not in COLUMNS:
                near = difflib.get_close_matches(name, COLUMNS, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(COLUMNS)}"
                self.refuse(f"column {_letters(at)}: {cells[at].strip()!r} is no column ({hint})")
            if name in places:
                self.refuse(f"column {_letters(at)}: {name} stands there twice; take one out")
            places[name] = at
        for name in COLUMNS:
            if name not in places:
                self.refuse(
                    f"the column {name} is missing; the first row names {', '.join(COLUMNS)}"
                )
        return places

    def _row(self, cells: Sequence[str]) -> PriceRow:
        wanted = max(self.places.values()) + 1
        if any(cell.strip() for cell in cells[wanted:]):
            self.refuse(
                f"{len(cells)} cells where the first row names {wanted} columns;"
                " a decimal comma or a comma between thousands? write 1250.50"
            )
        if len(cells) < wanted:
            self.refuse(f"{len(cells)} cells where the first row names {wanted} columns")
        cell = {name: cells[at].strip() for name, at in self.places.items()}
        low = self._number("from_ct", cell["from_ct"], 0.0)
        high = self._number("to_ct", cell["to_ct"], math.inf)
        if not low < high:
            self.refuse_cell("to_ct", f"{high:g} is not above from_ct, {low:g}")
        if not cell["price_per_ct"]:
            self.refuse_cell("price_per_ct", "is empty; write a price, or take the row out")
        return PriceRow(
            number=self.number,
            key=self._key(cell),
            low=low,
            high=high,
            price=self._number("price_per_ct", cell["price_per_ct"], 0.0),
        )

    def _key(self, cell: dict[str, str]) -> tuple[str, ...]:
        words = {name: plain(cell[name]) for name in KEYS}
        species, clarity = words["species"], words["clarity"]
        if species and species not in self.species:
            near = difflib.get_close_matches(species, self.species, n=1, cutoff=NEARLY)
            if near:
                self.refuse_cell(
                    "species",
                    f"{cell['species']!r} is no species (did you mean {near[0]}? if it is your"
                    " own, name it in own_species of the head)",
                )
        if clarity and clarity not in self.head.clarity.ladder:
            ladder = self.head.clarity.ladder
            near = difflib.get_close_matches(clarity, ladder, n=1)
            hint = f"did you mean {near[0]}?" if near else f"its grades are {', '.join(ladder)}"
            self.refuse_cell("clarity", f"{cell['clarity']!r} is not on the ladder ({hint})")
        return tuple(words[name] for name in KEYS)

    def _number(self, column: str, cell: str, default: float) -> float:
        """Return a cell's number; `default` where it is empty or `*`."""
        if cell in ("", "*"):
            return default
        try:
            value = float(cell)
        except ValueError:
            value = math.nan
        if math.isnan(value) or "_" in cell:
            hint = "; write it as 1250.50" if any(c.isdigit() for c in cell) else ""
            self.refuse_cell(column, f"{cell!r} is no number{hint}")
        if value < 0.0:
            self.refuse_cell(column, f"{cell} is below 0")
        if value > MOST_MONEY:
            self.refuse_cell(column, f"{cell} is more than anything; leave a bracket's end empty")
        return value


def _is_row(cells: Sequence[str]) -> bool:
    """Tell whether a row holds anything, and is no remark."""
    words = [cell.strip() for cell in cells]
    return any(words) and not words[0].startswith("#")


def _letters(at: int) -> str:
    """Return a column's letters in a spreadsheet.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    out = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        out = chr(ord("A") + rest) + out
    return out

"""A broken price book is refused in one line that says where, what, and what to do."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yieldopt.errors import InputError
from yieldopt.value.price_book import PriceBook
from yieldopt.value.read_book import COLUMNS, read_price_book

HEADER = ",".join(COLUMNS)
HEAD = 'name = "Test"\ncurrency = "USD"\n'
SOUND = f"{HEADER}\nperidot,,,,,0,1,5\nperidot,,,,,1,,10\n"


def book(folder: Path, rows: str | bytes = SOUND, head: str | None = HEAD) -> PriceBook:
    """Write a book and read it."""
    file = folder / "prices.csv"
    file.write_bytes(rows if isinstance(rows, bytes) else rows.encode())
    if head is not None:
        (folder / "prices.toml").write_bytes(head.encode("utf-8", "replace"))
    return read_price_book(file)


def table(*rows: str) -> str:
    """Return a CSV of the right first row and these."""
    return "\n".join((HEADER, *rows)) + "\n"


# What is wrong, the CSV (None: sound), the head (None: none), and what the line must say.
BROKEN: dict[str, tuple[str | bytes | None, str | None, tuple[str, ...]]] = {
    "empty file": ("", HEAD, ("prices.csv", "is empty", "species, variety")),
    "no rows": (table(), HEAD, ("has no prices",)),
    "a column missing": (SOUND.replace("to_ct,", "", 1), HEAD, ("row 1", "to_ct is missing")),
    "a column misspelled": (
        SOUND.replace("price_per_ct", "price_pr_ct"),
        HEAD,
        ("row 1", "column H", "'price_pr_ct'", "did you mean price_per_ct?"),
    ),
    "a column twice": (
        SOUND.replace("shape", "clarity"), HEAD, ("row 1", "column E", "clarity", "twice"),
    ),
    "a row too short": (table("peridot,,,,,0,1,5", "peridot,5"), HEAD, ("row 3", "2 cells")),
    "a comma between thousands": (
        table("peridot,,,,,0,1,1,250"), HEAD, ("row 2", "9 cells", "write 1250.50"),
    ),
    "a decimal comma": (
        HEADER.replace(",", ";") + "\nperidot;;;;;0;1;12,50\n",
        HEAD,
        ("row 2", "price_per_ct (column H)", "'12,50' is no number", "1250.50"),
    ),
    "a price in words": (table("peridot,,,,,0,1,ask"), HEAD, ("row 2", "column H", "'ask'")),
    "a price with its currency": (table("peridot,,,,,0,1,$12"), HEAD, ("row 2", "column H", "$12")),
    "a price below 0": (table("peridot,,,,,0,1,-5"), HEAD, ("row 2", "price_per_ct", "below 0")),
    "no price": (table("peridot,,,,,0,1,"), HEAD, ("row 2", "price_per_ct", "is empty")),
    "a price that is no number": (table("peridot,,,,,0,1,nan"), HEAD, ("row 2", "'nan'")),
    "a price without end": (table("peridot,,,,,0,1,inf"), HEAD, ("row 2", "price_per_ct")),
    "a bracket turned round": (
        table("# a remark", "", "peridot,,,,,3,1,5"), HEAD, ("row 4", "to_ct (column G)", "1", "3"),
    ),
    "a bracket without width": (table("peridot,,,,,1,1,5"), HEAD, ("row 2", "to_ct", "not above")),
    "a weight below 0": (table("peridot,,,,,-1,1,5"), HEAD, ("row 2", "from_ct (column F)")),
    "overlapping brackets": (
        table("peridot,,,,,0,2,5", "peridot,,,,,1.5,3,9"),
        HEAD,
        ("row 3", "[1.5, 3) ct", "row 2", "[0, 2) ct", "peridot", "one price a weight"),
    ),
    "brackets that overlap far apart": (
        table("topaz,,,,,0,,5", "peridot,,,,,0,1,5", "topaz,,,,,7,8,9"), HEAD, ("row 4", "row 2"),
    ),
    "a row twice": (
        table("peridot,,,,Oval,0,2,5", "peridot,*,,,oval,0,2,5"), HEAD, ("row 3", "row 2 again"),
    ),
    "a species misspelled": (
        table("peridott,,,,,0,1,5"),
        HEAD,
        ("row 2", "species (column A)", "'peridott'", "did you mean peridot?", "own_species"),
    ),
    "a grade that is not on the ladder": (
        table("peridot,,,eye cleen,,0,1,5"),
        HEAD,
        ("row 2", "clarity (column D)", "'eye cleen'", "did you mean eye-clean?"),
    ),
    "a quote that does not end": (table('"peridot,,,,,0,1,5'), HEAD, ("row 2", "quotes")),
    "another encoding": (
        table("peridot,,,,,0,1,5").encode() + b"\xe9,,,,,0,1,5\n", HEAD, ("row 3", "UTF-8"),
    ),
    "a spreadsheet": (b"PK\x03\x04rest", HEAD, ("is a spreadsheet", "save it as CSV")),
    "no text": (SOUND + "\0", HEAD, ("is no text",)),
    "no head": (None, None, ("prices.toml", "not there", 'currency = "USD"')),
    "a head that is no TOML": (None, "currency = USD", ("prices.toml", "is no TOML")),
    "a head without a currency": (None, 'name = "x"', ("prices.toml", "currency", "is missing")),
    "a currency that is a sign": (None, 'currency = "$"', ("currency", "three letters", "'$'")),
    "a day that is none": (None, HEAD + 'date = "1.3.2026"', ("date", "2026-03-01")),
    "an unknown key": (None, HEAD + "setby = 1", ("setby", "did you mean set_by?")),
    "a name that is no text": (None, 'currency = "USD"\nname = 3', ("name", "a text is wanted")),
    "a factor that is no number": (
        None, HEAD + '[factors.shape]\noval = "more"', ("factors.shape.oval", "a number is wanted"),
    ),
    "a factor below 0": (None, HEAD + "[factors.cut]\nfine = -1", ("factors.cut.fine", "0 to")),
    "a factor for an unknown grade": (
        None, HEAD + "[factors.clarity]\nVVS = 1.2", ("factors.clarity.vvs", "ladder", "eye-clean"),
    ),
    "factors that are no table": (None, HEAD + "costs = 3", ("costs", "write [costs]")),
    "a cost without end": (None, HEAD + "[costs]\nper_stone = inf", ("costs.per_stone", "inf")),
    "limits that do not rise": (
        None, HEAD + "[clarity]\nlimits_mm = [0.1, 0.4, 0.4, 1]", ("clarity.limits_mm", "rise"),
    ),
    "a ladder without its limits": (
        None,
        HEAD + '[clarity]\nladder = ["clean", "poor"]',
        ("clarity.limits_mm", "1 numbers are wanted for 2 grades"),
    ),
    "a grade twice": (None, HEAD + '[clarity]\nladder = ["A", "a"]', ("clarity.ladder", "twice")),
}  # fmt: skip


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_book_is_one_clear_line(kind: str, tmp_path: Path) -> None:
    rows, head, words = BROKEN[kind]
    with pytest.raises(InputError) as caught:
        book(tmp_path, SOUND if rows is None else rows, head)
    line = str(caught.value)
    assert "\n" not in line
    assert len(line.replace(str(tmp_path), "")) < 250
    for word in words:
        assert word in line


def test_at_least_twenty_kinds_are_tried() -> None:
    assert len(BROKEN) >= 20


def test_a_book_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    for name, words in (("none.csv", "no such price book"), ("", "directory"), ("x.toml", "head")):
        with pytest.raises(InputError, match=words):
            read_price_book(tmp_path / name)


def test_a_book_is_read_as_it_is_written(tmp_path: Path) -> None:
    """Columns in any order, words in any spelling, brackets open at their ends."""
    found = book(
        tmp_path,
        "\ufeff# remark\n\n"
        "to_ct\tFrom_ct\tprice_per_ct\tspecies\tvariety\tquality\tclarity\tshape\t\n"
        "1\t\t5\t Chrome Diopside\t*\tAA\tEye Clean\toval_point\n"
        '\t1\t1e1\t"chrome-diopside"\t\tAA\teye_clean\tOval Point\n',
        HEAD + 'date = 2026-03-01\nset_by = "us"\nown_species = ["Peridott"]\n'
        "[costs]\nper_stone = 3\n[factors]\ncalibrated = 1.2\n",
    )
    assert (found.name, found.currency, found.set_by, found.file) == (
        "Test", "USD", "us", "prices.csv",
    )  # fmt: skip
    assert str(found.date) == "2026-03-01"
    assert [row.number for row in found.rows] == [4, 5]
    assert {row.key for row in found.rows} == {
        ("chrome-diopside", "", "aa", "eye-clean", "oval-point")
    }
    assert [(row.low, row.high, row.price) for row in found.rows] == [
        (0.0, 1.0, 5.0),
        (1.0, float("inf"), 10.0),
    ]
    assert found.costs.per_stone == 3.0
    assert found.factors.calibrated == 1.2


def test_a_species_of_the_users_own_is_taken_when_the_head_names_it(tmp_path: Path) -> None:
    rows = table("peridott,,,,,0,,5")
    found = book(tmp_path, rows, HEAD + 'own_species = ["Peridott"]')
    assert found.price_per_ct(species="peridott", weight_ct=1.0) == 5.0


def test_the_example_says_everywhere_that_it_is_no_offer() -> None:
    found = read_price_book("example")
    assert found.illustration
    assert "not an offer" in found.name
    assert "not an offer" in found.note.casefold()
    folder = Path(__file__).resolve().parents[2] / "yieldopt" / "value"
    for name in ("example_book.csv", "example_book.toml"):
        first = (folder / name).read_text(encoding="utf-8").splitlines()[0]
        assert "ILLUSTRATION" in first
        assert "NOT AN OFFER" in first
    peridot = {
        weight: found.price_per_ct(species="peridot", clarity="eye-clean", weight_ct=weight)
        for weight in (0.99, 1.0, 3.0, 50.0)
    }
    assert peridot == {0.99: 5.0, 1.0: 10.0, 3.0: 15.0, 50.0: 40.0}  # VVS, 2005


@given(
    cells=st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(
                    ["peridot", "", "*", "0", "1", "2.5", "1e400", '"', ";", "#", "-0"]
                ),
                st.text(max_size=6),
            ),
            max_size=10,
        ),
        max_size=4,
    ),
    head=st.one_of(st.just(HEAD), st.text(max_size=20).map(lambda text: f"{HEAD}{text}")),
)
def test_any_text_is_a_book_or_one_line(cells: list[list[str]], head: str) -> None:
    with TemporaryDirectory() as folder:
        line = ""
        text = table("peridot,,,,,0,1,5", *(",".join(row) for row in cells))
        found: PriceBook | None
        try:
            found = book(Path(folder), text.encode("utf-8", "replace"), head)
        except InputError as error:
            found, line = None, str(error)
        if found is None:
            assert "\n" not in line
        else:
            assert found.price_per_ct(species="peridot", weight_ct=0.5) is not None

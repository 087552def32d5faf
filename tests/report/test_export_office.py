"""Tables for the office: what a spreadsheet reads of them."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from yieldopt.plan.record import Plan
from yieldopt.report.export.office import CUTS, STONES, csv_text, write_csv


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return a table's rows as a spreadsheet takes them up: by its byte order mark, as UTF-8."""
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_a_stone_tells_size_weight_and_piece(sawn: Plan, tmp_path: Path) -> None:
    stones, cuts = write_csv(sawn, tmp_path)
    assert (stones.name, cuts.name) == ("stones.csv", "saw.csv")
    rows = rows_of(stones)
    assert [row["stone"] for row in rows] == ["A", "B"]
    assert tuple(rows[0]) == STONES
    pieces = {piece.name: piece for piece in sawn.pieces}
    for row, stone in zip(rows, sawn.stones, strict=True):
        weight = sawn.stone_weight_ct(stone)
        assert float(row["weight_ct"]) == pytest.approx(weight, abs=5e-4)
        assert float(row["share_of_rough"]) == pytest.approx(
            weight / sawn.rough_weight_ct, abs=5e-5
        )
        assert float(row["width_mm"]) == pytest.approx(stone.design.width, abs=5e-4)
        assert row["piece"] == stone.id
        assert float(row["piece_weight_ct"]) == pytest.approx(
            pieces[stone.id].volume * sawn.specific_gravity / 200.0, abs=5e-4
        )
        assert row["value"] == row["currency"] == row["clarity"] == ""


def test_a_row_a_cut_tells_plane_kerf_and_what_lies_on_both_sides(
    sawn: Plan, tmp_path: Path
) -> None:
    rows = rows_of(write_csv(sawn, tmp_path)[1])
    assert tuple(rows[0]) == CUTS
    assert [(row["step"], row["piece"], row["above"], row["below"]) for row in rows] == [
        ("1", "0", "0.2", "0.1"),
        ("2", "0.1", "B", "A"),
    ]
    for row in rows:
        parts = [float(row[f"{side}_weight_ct"]) for side in ("above", "below")]
        whole = float(row["piece_weight_ct"])
        assert sum(parts) + float(row["dust_ct"]) == pytest.approx(whole, abs=2e-3)
        assert float(row["kerf_mm"]) == 0.4
    assert float(rows[0]["normal_x"]) == 1.0
    assert float(rows[1]["offset_mm"]) == -1.25


def test_a_valued_plan_tells_money(priced: Plan, tmp_path: Path) -> None:
    (path,) = write_csv(priced, tmp_path)
    (row,) = rows_of(path)
    assert (row["value"], row["currency"], row["price_per_ct"]) == ("75.00", "USD", "100.00")
    assert (row["clarity"], row["size"], row["piece"]) == ("SI", "5 x 5", "0")


def test_a_cell_is_never_a_formula_and_never_two_cells(plan: Plan, tmp_path: Path) -> None:
    """A design's name comes from a stranger's file; a number may begin with its sign."""
    (stone,) = plan.stones
    name = '=HYPERLINK("x","y"),\nرفيق'
    named = replace(stone, design=replace(stone.design, name=name))
    (row,) = rows_of(write_csv(replace(plan, stones=(named,)), tmp_path)[0])
    assert row["cut"] == '\'=HYPERLINK("x","y"), رفيق'
    assert csv_text(("a", "b"), [{"a": "-x", "b": None}]) == "a,b\r\n'-x,\r\n"


def test_negative_figures_stay_numbers(sawn: Plan, tmp_path: Path) -> None:
    first, second = sawn.saw
    turned = replace(first, normal=-first.normal, offset=-first.offset, above="0.1", below="0.2")
    rows = rows_of(write_csv(replace(sawn, saw=(turned, second)), tmp_path)[1])
    assert float(rows[0]["normal_x"]) == -1.0
    assert float(rows[0]["offset_mm"]) == -5.5

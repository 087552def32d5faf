"""Tables for the office: a row a stone, a row a saw cut.

UTF-8 with a byte order mark: without one a spreadsheet takes a file's letters for those of its
machine's old code page, and Urdu names come out as noise. Commas between cells and points in
numbers, lines ended by CR LF (RFC 4180).
"""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from yieldopt.plan.record import Plan
from yieldopt.plan.write import plan_document

MM, CT, MONEY, SHARE = 3, 3, 2, 4  # decimals of what is written
STONES = (
    "rough", "species", "stone", "cut", "length_mm", "width_mm", "depth_mm", "table_pct",
    "weight_ct", "share_of_rough", "piece", "piece_weight_ct", "refractive_index", "clarity",
    "size", "order", "price_per_ct", "value", "currency", "remarks",
)  # fmt: skip
CUTS = (
    "rough", "step", "piece", "piece_weight_ct", "above", "above_weight_ct", "below",
    "below_weight_ct", "kerf_mm", "dust_ct", "area_mm2", "saw", "normal_x", "normal_y", "normal_z",
    "offset_mm", "cost", "currency",
)  # fmt: skip
# A cell that begins so is taken for a formula by a spreadsheet; an apostrophe before it is not.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(plan: Plan, folder: Path) -> list[Path]:
    """Write `stones.csv` and, where the rough is sawn, `saw.csv`, and return the paths."""
    document = plan_document(plan).model_dump(mode="json", by_alias=True)
    tables: dict[str, tuple[Sequence[str], list[dict[str, Any]]]] = {
        "stones.csv": (STONES, stone_rows(document))
    }
    if plan.saw:
        tables["saw.csv"] = (CUTS, cut_rows(document))
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, (columns, rows) in tables.items():
        path = folder / name
        path.write_bytes(csv_text(columns, rows).encode("utf-8-sig"))
        paths.append(path)
    return paths


def stone_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each stone of a plan's document, by the names of `STONES`.

    `share_of_rough` is of the weight that the plan's yield is of: the scale's, else the scan's.
    """
    rough, totals = document["rough"], document["totals"]
    whole = rough["weighed_ct"] or rough["weight_ct"]
    pieces = {piece["name"]: piece["weight_ct"] for piece in document.get("pieces", ())}
    rows = []
    for stone in document["stones"]:
        worth = stone.get("worth") or {}
        piece = stone["id"] if pieces else "0"
        rows.append(
            {
                "rough": rough["file"],
                "species": rough["species"],
                "stone": stone["id"],
                "cut": stone["cut"],
                "length_mm": _number(stone["length_mm"], MM),
                "width_mm": _number(stone["width_mm"], MM),
                "depth_mm": _number(stone["depth_mm"], MM),
                "table_pct": _number(stone["table_pct"], 1),
                "weight_ct": _number(stone["weight_ct"], CT),
                "share_of_rough": _number(stone["weight_ct"] / whole, SHARE),
                "piece": piece,
                "piece_weight_ct": _number(pieces.get(piece, rough["weight_ct"]), CT),
                "refractive_index": _number(stone["refractive_index"], 3),
                "clarity": worth.get("clarity", ""),
                "size": worth.get("size", ""),
                "order": worth.get("order", ""),
                "price_per_ct": _number(worth.get("price_per_ct"), MONEY),
                "value": _number(stone["value"], MONEY),
                "currency": totals["currency"],
                "remarks": "; ".join(stone["remarks"]),
            }
        )
    return rows


def cut_rows(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a row for each saw cut of a plan's document, by the names of `CUTS`."""
    weights = {piece["name"]: piece["weight_ct"] for piece in document.get("pieces", ())}
    prices = document.get("prices")
    rows = []
    for cut in document["saw"]:
        x, y, z = cut["normal"]
        rows.append(
            {
                "rough": document["rough"]["file"],
                "step": cut["step"],
                "piece": cut["piece"],
                "piece_weight_ct": _number(weights[cut["piece"]], CT),
                "above": cut["above"],
                "above_weight_ct": _number(weights[cut["above"]], CT),
                "below": cut["below"],
                "below_weight_ct": _number(weights[cut["below"]], CT),
                "kerf_mm": _number(cut["kerf_mm"], MM),
                "dust_ct": _number(cut.get("dust_ct"), CT),
                "area_mm2": _number(cut.get("area_mm2"), 2),
                "saw": cut.get("tool"),
                "normal_x": _number(x, 6),
                "normal_y": _number(y, 6),
                "normal_z": _number(z, 6),
                "offset_mm": _number(cut["offset_mm"], MM),
                "cost": _number(prices["per_saw_cut"], MONEY) if prices else None,
                "currency": document["totals"]["currency"],
            }
        )
    return rows


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return a table's text, its columns' names first."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows({name: _cell(row[name]) for name in columns} for row in rows)
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = " ".join(str(value).split())
    is_number = isinstance(value, _Number | int)
    return f"'{text}" if text.startswith(FORMULA) and not is_number else text


class _Number(str):
    """A number that is written already: it may begin with its sign."""

    __slots__ = ()


def _number(value: float | None, decimals: int) -> _Number | None:
    return None if value is None else _Number(f"{value + 0.0:.{decimals}f}")

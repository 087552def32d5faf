"""`yieldopt prices`: judge a price book, and show what it says."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from yieldopt.errors import InputError

if TYPE_CHECKING:
    from yieldopt.value.price_book import PriceBook, PriceRow

DONE = 0
IN_ROWS = ("shape", "clarity")  # factors that count only where the row leaves the column open


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    say = parser.add_argument
    say("action", choices=("check", "show"), help="judge the book, or show its prices")
    say(
        "file",
        metavar="FILE",
        help="the book: a CSV with a TOML head of the same name beside it; example is one of ours",
    )
    say("--species", metavar="NAME", help="to show: the prices of one species alone")
    say("--json", action="store_true", help="for programs")


def run(args: argparse.Namespace) -> int:
    """Judge a book, or show it."""
    from yieldopt.value.read_book import read_price_book

    if args.action == "check" and args.species is not None:
        raise InputError("yieldopt prices check judges the whole book; --species is for show")
    book = read_price_book(args.file)
    if args.action == "check":
        found = _checked(book)
        print(json.dumps(found, indent=2) if args.json else _verdict(book, found))
        return DONE
    rows = _rows_for(book, args.species)
    print(json.dumps(_document(book, rows), indent=2) if args.json else _page(book, rows))
    return DONE


def _rows_for(book: "PriceBook", species: str | None) -> "tuple[PriceRow, ...]":
    """Return the rows that hold for a species; all where none is named."""
    if species is None:
        return book.rows
    from yieldopt.value.words import plain

    rows = tuple(row for row in book.rows if row.key[0] in ("", plain(species)))
    if not rows:
        known = ", ".join(book.words("species"))
        raise InputError(f"--species {species}: {book.file} has no prices for it; it has {known}")
    return rows


def _head(book: "PriceBook") -> dict[str, Any]:
    return {
        "file": book.file,
        "name": book.name,
        "currency": book.currency,
        "date": book.date.isoformat() if book.date else None,
        "set_by": book.set_by,
        "illustration": book.illustration,
        "note": book.note,
    }


def _checked(book: "PriceBook") -> dict[str, Any]:
    from yieldopt.value.brackets import warnings_of
    from yieldopt.value.price_book import KEYS

    words = {name: list(book.words(name)) for name in KEYS}
    return _head(book) | {"rows": len(book.rows), **words, "warnings": list(warnings_of(book))}


def _document(book: "PriceBook", rows: "tuple[PriceRow, ...]") -> dict[str, Any]:
    from yieldopt.value.price_book import KEYS

    factors, costs, rule = book.factors, book.costs, book.clarity
    return _head(book) | {
        "rows": [
            {"row": row.number}
            | dict(zip(KEYS, row.key, strict=True))
            | {
                "from_ct": row.low,
                "to_ct": None if row.high == float("inf") else row.high,
                "price_per_ct": row.price,
            }
            for row in rows
        ],
        "factors": _factors(book) | {"calibrated": factors.calibrated},
        "costs": {
            "per_stone": costs.per_stone,
            "per_carat": costs.per_carat,
            "per_saw_cut": costs.per_saw_cut,
        },
        "clarity": {
            "ladder": list(rule.ladder),
            "limits_mm": list(rule.limits),
            "types": dict(rule.types),
            "places": dict(rule.places),
            "kinds": dict(rule.kinds),
            "open": rule.open_weight,
            "cover_mm": rule.cover,
        },
    }


def _factors(book: "PriceBook") -> dict[str, dict[str, float]]:
    factors = book.factors
    return {
        "shape": dict(factors.shape),
        "cut": dict(factors.cut),
        "clarity": dict(factors.clarity),
        "colour_direction": dict(factors.colour_direction),
        "colour_zone": dict(factors.colour_zone),
    }


def _verdict(book: "PriceBook", found: dict[str, Any]) -> str:
    lines = [*_title(book), f"{len(book.rows)} rows, no errors"]
    columns = ("species", "variety", "quality", "clarity", "shape")
    lines += [f"  {name:<9}{', '.join(found[name])}" for name in columns if found[name]]
    lines += [f"warning: {line}" for line in found["warnings"]]
    if not found["warnings"]:
        lines.append("no gaps, nothing to warn of")
    return "\n".join(lines)


def _title(book: "PriceBook") -> list[str]:
    said = [book.name, book.currency]
    said += [book.date.isoformat()] if book.date else []
    said += [f"set by {book.set_by}"] if book.set_by else []
    lines = [f"{book.file}: {', '.join(said)}"]
    if book.illustration:
        lines.append("AN ILLUSTRATION, NOT AN OFFER")
    return lines


def _page(book: "PriceBook", rows: "tuple[PriceRow, ...]") -> str:
    """Return the prices as a table, then factors and costs; columns that are all open left out."""
    from yieldopt.value.price_book import KEYS
    from yieldopt.value.stone import bracket_words

    used = [i for i in range(len(KEYS)) if any(row.key[i] for row in rows)]
    table = [["row", *(KEYS[i] for i in used), "weight", f"{book.currency}/ct"]]
    for row in rows:
        words = [row.key[i] or "*" for i in used]
        weight = bracket_words(row.low, row.high)
        table.append([str(row.number), *words, weight, f"{row.price:,.2f}"])
    widths = [max(len(line[i]) for line in table) for i in range(len(table[0]))]
    lines = [*_title(book), ""]
    for line in table:
        cells = [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        lines.append("  ".join([*cells[:-1], line[-1].rjust(widths[-1])]).rstrip())
    lines.append("")
    aside = ", where a row does not name one"
    lines += [
        f"x {factor:<6g}{name.replace('_', ' ')} {word}{aside if name in IN_ROWS else ''}"
        for name, words_of in _factors(book).items()
        for word, factor in words_of.items()
    ]
    if book.factors.calibrated != 1.0:
        lines.append(f"x {book.factors.calibrated:<6g}calibrated size")
    costs = book.costs
    lines.append(
        f"costs: {costs.per_stone:g} a stone, {costs.per_carat:g} a finished carat,"
        f" {costs.per_saw_cut:g} a saw cut"
    )
    if book.note:
        lines += ["", book.note]
    return "\n".join(lines)

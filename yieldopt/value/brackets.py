"""Brackets of a price book that overlap, leave gaps, or pay less for more."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from yieldopt.cuts.species import species_names
from yieldopt.errors import InputError
from yieldopt.value.price_book import PriceBook, PriceRow
from yieldopt.value.words import plain

INFINITE = float("inf")


def key_words(key: tuple[str, ...]) -> str:
    """Return a row's words for people: 'peridot, eye-clean'; 'any stone' where none is named."""
    return ", ".join(word for word in key if word) or "any stone"


def refuse_overlaps(file: str, rows: Sequence[PriceRow]) -> None:
    """Raise InputError where two rows of the same words price the same weight."""
    for key, own in _by_key(rows).items():
        for one, two in pairwise(own):
            if two.low >= one.high:
                continue
            first, second = sorted((one, two), key=lambda row: row.number)
            if (one.low, one.high) == (two.low, two.high):
                wrong = f"is row {first.number} again ({key_words(key)}, {_span(one)})"
            else:
                wrong = (
                    f"its bracket {_span(second)} overlaps that of row {first.number},"
                    f" {_span(first)} ({key_words(key)})"
                )
            raise InputError(f"{file} row {second.number}: {wrong}; keep one price a weight")


def warnings_of(book: PriceBook) -> tuple[str, ...]:
    """Return what is allowed in a book and may be meant otherwise, a line each."""
    out: list[str] = []
    for key, own in _by_key(book.rows).items():
        for one, two in pairwise(own):
            if one.high < two.low:
                place = f"rows {one.number} and {two.number}"
                out.append(_gap(book, key, one.high, two.low, place))
            elif two.price < one.price:
                out.append(
                    f"row {two.number}: {key_words(key)}: a carat pays less from {two.low:g} ct"
                    f" ({one.price:g} to {two.price:g}); a stone just below is worth more"
                )
        if own[0].low > 0.0:
            out.append(_gap(book, key, 0.0, own[0].low, f"row {own[0].number}"))
        if own[-1].high < INFINITE:
            out.append(_gap(book, key, own[-1].high, INFINITE, f"row {own[-1].number}"))
    known = {plain(name) for name in (*species_names(), *book.own_species)}
    out += [
        f"species {word}: not in the species table; if it is your own, say so in own_species of"
        " the head"
        for word in book.words("species")
        if word not in known
    ]
    if not book.words("clarity") and not book.factors.clarity:
        out.append("clarity: neither rows nor factors tell grades apart; flaws cost nothing")
    return tuple(out)


def _gap(book: PriceBook, key: tuple[str, ...], low: float, high: float, place: str) -> str:
    """Return the line on a stretch of weight that a key's rows leave out."""
    span = f"from {low:g} ct" if high == INFINITE else f"{low:g} to {high:g} ct"
    middle = low + 1.0 if high == INFINITE else 0.5 * (low + high)
    holds = [row for row in book.rows if row.low <= middle < row.high and row.holds_for(key)]
    if holds:
        row = max(holds, key=lambda row: row.rank)
        then = f"row {row.number} ({key_words(row.key)}) holds there"
    else:
        then = "no price there"
    return f"{place}: {key_words(key)}: gap {span}, {then}"


def _span(row: PriceRow) -> str:
    return f"[{row.low:g}, {'any' if row.high == INFINITE else f'{row.high:g}'}) ct"


def _by_key(rows: Sequence[PriceRow]) -> dict[tuple[str, ...], list[PriceRow]]:
    """Return the rows of each key by rising weight, keys in the order of the file."""
    out: dict[tuple[str, ...], list[PriceRow]] = defaultdict(list)
    for row in rows:
        out[row.key].append(row)
    for own in out.values():
        own.sort(key=lambda row: (row.low, row.high, row.number))
    return dict(out)

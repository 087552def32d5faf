"""The head of a price book: the TOML file beside the CSV, of the same stem.

```toml
name = "Spring list"
currency = "USD"
date = 2026-03-01
set_by = "the owner"
own_species = ["grandidierite"]     # words of the CSV that the species table does not know

[factors]
calibrated = 1.1
[factors.shape]                     # also cut, clarity, colour_direction, colour_zone
oval = 1.05

[costs]
per_stone = 4.0
per_carat = 1.5
per_saw_cut = 2.0

[clarity]                           # all optional, see `clarity_rule`
ladder = ["clean", "good", "poor"]
limits_mm = [0.1, 0.4]
cover_mm = 0.1
open = 2.0
[clarity.places]                    # also kinds, types
culet = 2.0
```
"""

import datetime as dt
import difflib
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from yieldopt.errors import InputError
from yieldopt.value.clarity_rule import (
    COVER,
    KINDS,
    LADDER,
    LIMITS,
    OPEN,
    PLACES,
    TYPES,
    ClarityRule,
)
from yieldopt.value.price_book import Costs, Factors
from yieldopt.value.words import plain

MOST_BYTES = 1_000_000  # a head is a page
MOST_FACTOR = 1000.0  # more is a price in the wrong place
MOST_MONEY = 1e12  # a carat or a stone in any currency: what passes it is a slip of the hand
WIDEST = 100.0  # mm, of a flaw's limit
KEYS = (
    "name", "currency", "date", "set_by", "note", "illustration", "own_species",
    "factors", "costs", "clarity",
)  # fmt: skip
FACTOR_TABLES = ("shape", "cut", "clarity", "colour_direction", "colour_zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a head says; see `PriceBook`."""

    name: str
    currency: str
    date: dt.date | None
    set_by: str
    note: str
    illustration: bool
    own_species: tuple[str, ...]
    factors: Factors
    costs: Costs
    clarity: ClarityRule


@dataclass(frozen=True, slots=True, kw_only=True)
class _Keys:
    """A table of the head, and what to call it in a complaint."""

    file: str
    name: str
    table: Mapping[str, Any]

    def refuse(self, key: str, wrong: str) -> NoReturn:
        """Raise InputError about a key of the table."""
        raise InputError(f"{self.file}: {f'{self.name}.' if self.name else ''}{key}: {wrong}")

    def known(self, names: Sequence[str]) -> None:
        """Refuse keys other than these."""
        for key in self.table:
            if key not in names:
                near = difflib.get_close_matches(key, names, n=1)
                hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(names)}"
                self.refuse(key, f"no such key ({hint})")

    def text(self, key: str) -> str:
        """Return a text in one line; empty where the key is not there."""
        value = self.table.get(key, "")
        if not isinstance(value, str):
            self.refuse(key, f"a text is wanted, not {value!r}")
        return " ".join(value.split())

    def number(self, key: str, default: float, most: float) -> float:
        """Return a number from 0 to `most`."""
        value = self.table.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.refuse(key, f"a number is wanted, not {value!r}")
        if not (math.isfinite(value) and 0.0 <= value <= most):
            self.refuse(key, f"a number from 0 to {most:g} is wanted, not {value!r}")
        return float(value)

    def inner(self, key: str) -> "_Keys":
        """Return a table inside this one; empty where it is not there."""
        value = self.table.get(key, {})
        if not isinstance(value, dict):
            header = f"{self.name}.{key}" if self.name else key
            self.refuse(key, f"a table is wanted: write [{header}] and its keys below")
        return _Keys(file=self.file, name=f"{self.name}.{key}" if self.name else key, table=value)

    def words(self, key: str) -> tuple[str, ...] | None:
        """Return a list of words, plainly spelled, each once; None where it is not there."""
        if key not in self.table:
            return None
        value = self.table[key]
        if not isinstance(value, list) or not all(isinstance(w, str) and plain(w) for w in value):
            self.refuse(key, f"a list of words is wanted, not {value!r}")
        out = tuple(plain(word) for word in value)
        for i, word in enumerate(out):
            if word in out[:i]:
                self.refuse(key, f"{word!r} stands there twice; take one out")
        return out


def read_head(file: Path) -> Head:
    """Return what the head of a price book says.

    Raises
    ------
    InputError
        If it is not there or a key is wrong.
    """
    top = _Keys(file=str(file), name="", table=_tree(file))
    top.known(KEYS)
    clarity = _clarity(top.inner("clarity"))
    illustration = top.table.get("illustration", False)
    if not isinstance(illustration, bool):
        top.refuse("illustration", f"true or false is wanted, not {illustration!r}")
    return Head(
        name=top.text("name"),
        currency=_currency(top),
        date=_date(top),
        set_by=top.text("set_by"),
        note=top.text("note"),
        illustration=illustration,
        own_species=top.words("own_species") or (),
        factors=_factors(top.inner("factors"), clarity.ladder),
        costs=_costs(top.inner("costs")),
        clarity=clarity,
    )


def _tree(file: Path) -> Mapping[str, Any]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise InputError(f"{file}: too large for the head of a price book; a page is wanted")
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(
            f"{file}: not there; a price book has a head of this name, with at least"
            ' currency = "USD" in it'
        ) from None
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}; a head in TOML is wanted") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"{file}: is no TOML: {' '.join(str(error).split())}") from None


def _currency(top: _Keys) -> str:
    if "currency" not in top.table:
        top.refuse("currency", 'is missing; write a code of three letters, as in "USD"')
    code = top.text("currency")
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        top.refuse("currency", f'a code of three letters is wanted, as in "USD", not {code!r}')
    return code.upper()


def _date(top: _Keys) -> dt.date | None:
    value = top.table.get("date")
    if isinstance(value, str):
        try:
            value = dt.date.fromisoformat(value)
        except ValueError:
            top.refuse("date", f"{value!r} is no day; write it as 2026-03-01")
    if isinstance(value, dt.datetime):
        return value.date()
    if value is not None and not isinstance(value, dt.date):
        top.refuse("date", f"{value!r} is no day; write it as 2026-03-01")
    return value


def _factors(keys: _Keys, ladder: Sequence[str]) -> Factors:
    keys.known((*FACTOR_TABLES, "calibrated"))
    tables = {name: _factor_table(keys.inner(name)) for name in FACTOR_TABLES}
    for word in tables["clarity"]:
        if word not in ladder:
            keys.inner("clarity").refuse(
                word, f"is no grade of the ladder; those are {', '.join(ladder)}"
            )
    return Factors(**tables, calibrated=keys.number("calibrated", 1.0, MOST_FACTOR))


def _factor_table(keys: _Keys) -> dict[str, float]:
    out: dict[str, float] = {}
    for key in keys.table:
        if plain(key) in out:
            keys.refuse(key, "stands there twice; take one out")
        out[plain(key)] = keys.number(key, 1.0, MOST_FACTOR)
    return out


def _costs(keys: _Keys) -> Costs:
    names = ("per_stone", "per_carat", "per_saw_cut")
    keys.known(names)
    return Costs(**{name: keys.number(name, 0.0, MOST_MONEY) for name in names})


def _clarity(keys: _Keys) -> ClarityRule:
    keys.known(("ladder", "limits_mm", "cover_mm", "open", "places", "kinds", "types"))
    ladder = keys.words("ladder")
    if ladder is not None and len(ladder) < 2:
        keys.refuse("ladder", "two grades or more are wanted, best first")
    weights = {}
    for name, usual in (("places", PLACES), ("kinds", KINDS), ("types", TYPES)):
        table = keys.inner(name)
        table.known(tuple(usual))
        weights[name] = {key: table.number(key, usual[key], MOST_FACTOR) for key in usual}
    return ClarityRule(
        ladder=ladder or LADDER,
        limits=_limits(keys, len(ladder or LADDER) - 1),
        cover=keys.number("cover_mm", COVER, WIDEST),
        open_weight=keys.number("open", OPEN, MOST_FACTOR),
        **weights,
    )


def _limits(keys: _Keys, count: int) -> tuple[float, ...]:
    """Return the limits of the grades: one less than there are grades, rising."""
    key = "limits_mm"
    value = keys.table.get(key, list(LIMITS))
    if not isinstance(value, list) or len(value) != count:
        keys.refuse(key, f"{count} numbers are wanted for {count + 1} grades, not {value!r}")
    each = _Keys(file=keys.file, name=f"{keys.name}.{key}", table={})
    out = tuple(
        replace(each, table={str(i): limit}).number(str(i), 0.0, WIDEST)
        for i, limit in enumerate(value, start=1)
    )
    for low, high in pairwise(out):
        if low >= high:
            keys.refuse(key, f"they must rise, and {high:g} follows {low:g}")
    return out

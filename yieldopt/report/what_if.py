"""What if: one rough planned once for every value of a key, and what the values change.

A study becomes a document, as a plan becomes its file; table, page and picture read that alone
(the picture its stones too).
"""

import csv
import io
import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from yieldopt.plan.record import Plan
from yieldopt.report.words import Document, document_of, size

FORMAT = "yieldopt.what-if/1"
TURNED = 2.0  # degrees: a table turned by less is the same place, for a cutter
JSON_NAME, CSV_NAME = "what-if.json", "what-if.csv"
PAGE_NAME, PICTURE_NAME = "what-if.html", "what-if.svg"
FIGURES = (
    "weight_ct", "yield", "value", "currency", "cut", "size_mm", "bound_ct", "gap", "bound_value",
    "more_ct", "more_share", "more_value", "more_value_share", "changed", "complete", "why",
    "folder",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One choice of values, and the plan under them.

    Parameters
    ----------
    values
        As they were said, one for each key.
    plan
        None where there is none.
    folder
        Of the plan, beside the table; empty without a plan.
    why
        Why there is no plan, in a line.
    """

    values: tuple[str, ...]
    plan: Plan | None = None
    folder: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """What was varied, and what came of it.

    Parameters
    ----------
    keys
        Of the job.
    trials
        In the order of the values; the first with a plan is what the others are compared with.
    left_out
        Values that were not come to.
    """

    keys: tuple[str, ...]
    trials: tuple[Trial, ...]
    left_out: tuple[tuple[str, ...], ...] = ()


def write_what_if(study: WhatIf, folder: Path) -> dict[str, Any]:
    """Write `what-if.json`, `.csv`, `.svg` and `.html` into a folder and return the document."""
    from yieldopt.report.what_if_page import what_if_html
    from yieldopt.report.what_if_picture import draw_what_if

    document = what_if_document(study)
    picture = draw_what_if(document, [trial.plan for trial in study.trials])
    for name, text in (
        (JSON_NAME, what_if_text(document)),
        (CSV_NAME, what_if_csv(document)),
        (PICTURE_NAME, picture),
        (PAGE_NAME, what_if_html(document, picture)),
    ):
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return document


def what_if_text(document: Document) -> str:
    """Return the text of a study's file: JSON, a newline at its end."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def what_if_document(study: WhatIf) -> dict[str, Any]:
    """Return a study as plain values: what was varied, and a row for each trial.

    Differences are to the first row with a plan, its number is `compared_with`; they are None
    there and where there is nothing to compare. The gap is the limit over the weight, less one.

    Raises
    ------
    ValueError
        If no trial has a plan.
    """
    plans = [trial.plan for trial in study.trials]
    documents = [document_of(plan) if plan is not None else None for plan in plans]
    first = next((i for i, document in enumerate(documents) if document is not None), None)
    if first is None:
        raise ValueError("trials: no one has a plan")
    base_plan, base = plans[first], documents[first]
    assert base_plan is not None  # the first that has one
    assert base is not None
    rows = [
        _row(trial, document, base_plan, base if number != first else None)
        for number, (trial, document) in enumerate(zip(study.trials, documents, strict=True))
    ]
    return {
        "format": FORMAT,
        "rough": {
            key: base["rough"][key] for key in ("file", "species", "weight_ct", "weighed_ct")
        },
        "keys": list(study.keys),
        "objective": base.get("objective") or "weight",
        "effort": base["search"]["effort"],
        "seed": base["search"]["seed"],
        "version": base["search"]["version"],
        "illustration": any(
            (document.get("prices") or {}).get("illustration", False)
            for document in documents
            if document is not None
        ),
        "compared_with": first,
        "heaviest": _most(rows, "weight_ct"),
        "dearest": _most(rows, "value") if one_currency(rows) else None,
        "rows": rows,
        "left_out": [list(values) for values in study.left_out],
    }


def one_currency(rows: Sequence[Document]) -> bool:
    """Tell whether all rows with a plan have a value, and in the same currency."""
    found = {row["currency"] for row in rows if row["weight_ct"] is not None}
    return len(found) == 1 and None not in found


def what_if_csv(document: Document) -> str:
    """Return the rows as CSV: a column for each key, then the figures in full."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*document["keys"], *FIGURES])
    for row in document["rows"]:
        figures = ["" if row[name] is None else row[name] for name in FIGURES]
        writer.writerow([*row["values"], *figures])
    return out.getvalue()


def _row(trial: Trial, document: Document | None, first: Plan, base: Document | None) -> Document:
    """Return the figures of a trial; compared with `base`, which is None for the first itself."""
    row: dict[str, Any] = {"values": list(trial.values), **dict.fromkeys(FIGURES)}
    row |= {"folder": trial.folder, "why": trial.why, "changed": ""}
    if document is None or trial.plan is None:
        return row
    totals, bound, stones = document["totals"], document["bound"], document["stones"]
    row |= {
        "weight_ct": totals["weight_ct"],
        "yield": totals["yield"],
        "value": totals.get("value"),
        "currency": totals.get("currency"),
        "cut": _cuts(document),
        "size_mm": "; ".join(size(stone) for stone in stones),
        "bound_ct": bound["weight_ct"],
        "gap": bound["gap"],
        "bound_value": bound.get("value"),
        "complete": document["search"]["complete"],
    }
    if base is None:
        return row
    before = base["totals"]
    row["more_ct"] = totals["weight_ct"] - before["weight_ct"]
    row["more_share"] = totals["weight_ct"] / before["weight_ct"] - 1.0
    if row["value"] is not None and row["currency"] == before.get("currency"):
        row["more_value"] = row["value"] - before["value"]
        if before["value"] > 0.0:
            row["more_value_share"] = row["value"] / before["value"] - 1.0
    row["changed"] = "; ".join(_changes(trial.plan, document, first, base))
    return row


def _changes(plan: Plan, document: Document, first: Plan, base: Document) -> list[str]:
    """Return in words what is another stone than the first row's, and how it lies."""
    if _shapes(document) == _shapes(base):
        out = ["the same stone" if len(plan.stones) == 1 else "the same stones"]
    elif _cuts(document) != _cuts(base):
        out = [f"{_cuts(document)} instead of {_cuts(base)}"]
    else:
        turned = _turn(plan, first)
        out = [f"table turned by {turned:.0f}°" if turned >= TURNED else "same cut, hardly turned"]
    worth, before = (
        [stone.get("worth") or {} for stone in entry["stones"]][:1] for entry in (document, base)
    )
    for own, other in zip(worth, before, strict=True):
        for key, words in (("clarity", "sold as {}"), ("size", "size {}"), ("order", "order {}")):
            if own.get(key, "") != other.get(key, ""):
                out.append(
                    f"{words.format(own.get(key) or 'none')}, not {other.get(key) or 'none'}"
                )
        kept, n_before = len(own.get("kept", ())), len(other.get("kept", ()))
        if kept != n_before:
            out.append(f"holds {kept} flaw{'s' * (kept != 1)}, not {n_before}")
        broken, were = set(own.get("on_cleavage", ())), set(other.get("on_cleavage", ()))
        out += [f"breaks the rule {name}" for name in sorted(broken - were)]
        out += [f"obeys the rule {name}" for name in sorted(were - broken)]
    return out


def _shapes(document: Document) -> list[Any]:
    return [(stone["cut"], stone["vertices_mm"]) for stone in document["stones"]]


def _cuts(document: Document) -> str:
    """Return the cuts of a plan, each with its count: "2 oval, round"."""
    counts = Counter(str(stone["cut"]) for stone in document["stones"])
    return ", ".join(f"{n} {name}" if n > 1 else name for name, n in counts.items())


def _turn(plan: Plan, first: Plan) -> float:
    """Return the angle between the tables of two plans' first stones, degrees."""
    ways = [stone.pose.rotation[:, 2] for stone in (plan.stones[0], first.stones[0])]
    return math.degrees(math.acos(float(np.clip(ways[0] @ ways[1], -1.0, 1.0))))


def _most(rows: Sequence[Document], key: str) -> int | None:
    """Return the number of the row that has most of a figure; the first of equals."""
    found = [i for i, row in enumerate(rows) if row[key] is not None]
    return max(found, key=lambda i: (rows[i][key], -i), default=None)

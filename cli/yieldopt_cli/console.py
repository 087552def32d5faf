"""What a run shows while it works (standard error), and the result table at its end."""

import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from yieldopt.report.money_words import money, money_lines
from yieldopt.report.saw_words import saw_lines
from yieldopt.report.words import WASTE_WORDS, bound_words, ct, headline, percent, size
from yieldopt.search.listener import Listener

PLAIN_EVERY = 1.0  # s: a log wants a line a second
TERMINAL_EVERY = 0.1  # s: an eye wants it smooth


class Console(Listener):
    """Shows progress: one rewritten line on a terminal, a plain line a second elsewhere.

    Parameters
    ----------
    stream
        Where to; standard error by default.
    clock
        Seconds, rising.
    """

    def __init__(
        self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.stream = sys.stderr if stream is None else stream
        self.clock = clock
        self.rewrites = self.stream.isatty()
        self._shown_at = -float("inf")
        self._is_open = False

    def say(self, words: str) -> None:
        """Print a line that stays."""
        self.finish()
        print(words, file=self.stream, flush=True)

    def compiling(self) -> None:
        """Tell why nothing moves yet."""
        self.say("compiling (first run on this machine) ...")

    def reading(self, done: int, of: int) -> None:
        """Show how many files of a folder are read."""
        if self._is_due():
            self._show(f"reading designs: {done:,} of {of:,}")

    def progress(
        self, *, phase: str, evaluations: int, best_ct: float, bound_ct: float, share: float
    ) -> None:
        """Show the state, unless the last one was shown just now."""
        if not self._is_due():
            return
        line = f"{phase} {share:4.0%}  {evaluations:,} evaluations"
        if best_ct > 0:
            line += f"  best {best_ct:.3f} ct"
        if 0 < bound_ct < float("inf"):
            line += f"  at most {bound_ct:.3f} ct"
        self._show(line)

    def _is_due(self) -> bool:
        """Tell whether it is time for the next line, and count from now if so."""
        now = self.clock()
        if now - self._shown_at < (TERMINAL_EVERY if self.rewrites else PLAIN_EVERY):
            return False
        self._shown_at = now
        return True

    def _show(self, line: str) -> None:
        if not self.rewrites:
            print(line, file=self.stream, flush=True)
            return
        room = shutil.get_terminal_size().columns - 1
        self.stream.write(f"\r{line[:room]:<{room}}")
        self.stream.flush()
        self._is_open = True

    def finish(self) -> None:
        """Clear a line that was being rewritten."""
        if self._is_open:
            room = shutil.get_terminal_size().columns - 1
            self.stream.write(f"\r{'':<{room}}\r")
            self.stream.flush()
            self._is_open = False


def result_table(document: Mapping[str, Any], folder: Path) -> str:
    """Return what a finished plan says, for people: stones, totals, waste, bound, page.

    Parameters
    ----------
    document
        The plan file's contents.
    folder
        Where the plan is.
    """
    rough, totals = document["rough"], document["totals"]
    priced = totals.get("value") is not None
    rows = [("stone", "cut", "L x W x D, mm", "ct", "yield")]
    values = [f"value, {totals.get('currency')}"]
    weighs = rough["weighed_ct"] or rough["weight_ct"]
    remarks: list[str] = []
    for stone in document["stones"]:
        share = percent(stone["weight_ct"] / weighs)
        rows.append((stone["id"], stone["cut"], size(stone), ct(stone["weight_ct"]), share))
        values.append(money(stone.get("value") or 0.0))
        remarks += [f"{stone['id']}: {line}" for line in stone.get("remarks", ())]
    rows.append(("all", "", "", ct(totals["weight_ct"]), percent(totals["yield"])))
    values.append(money(totals.get("value") or 0.0) if priced else "")
    table = [(*row, value) for row, value in zip(rows, values, strict=True)] if priced else rows
    how = "weighed" if rough["weighed_ct"] else "by volume"
    lines = [
        f"{rough['file']}: {headline(document)} ({how})",
        *_weight_lines(rough),
        *aligned(table, numbers=3 if priced else 2),
        *remarks,
        *saw_lines(document),
        "waste:",
        *(f"  {percent(totals['wastage'][key]):>6}  {word}" for key, word in WASTE_WORDS.items()),
        bound_words(document),
        *money_lines(document),
    ]
    if not document["search"]["complete"]:
        lines.append("The search was cut short: a longer one may find more.")
    lines.append(f"page: {folder / 'plan.html'}")
    return "\n".join(lines)


def _weight_lines(rough: Mapping[str, Any]) -> list[str]:
    """Return what the scales make of the scan, and what was made of the scan for them."""
    check, factor = rough.get("weight_check"), rough.get("fit_factor", 1.0)
    lines = [f"weight check: {check['words']}"] if check else []
    if factor != 1.0:
        lines.append(f"rescaled by {factor:.4f} in every direction to the weighed weight")
    return lines


def aligned(rows: Sequence[Sequence[str]], *, numbers: int) -> list[str]:
    """Return rows as lines; the last columns are numbers, to the right."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    first_number = len(widths) - numbers
    return [
        "  ".join(
            cell.ljust(width) if i < first_number else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]

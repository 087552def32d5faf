"""What every page of the sheet is made from: the plan, its document, the bench's figures, words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from yieldopt.errors import InputError
from yieldopt.plan.record import Plan
from yieldopt.report.catalogue import Catalogue, Phrase
from yieldopt.report.words import Document, ct, mm, percent, plain
from yieldopt.workshop.record import Said, StoneSheet, WorkshopPlan

Paper = Literal["a4", "letter"]
PAPERS: Mapping[str, tuple[float, float, str]] = {  # width, height, mm; the name Typst knows
    "a4": (210.0, 297.0, "a4"),
    "letter": (215.9, 279.4, "us-letter"),
}
SIDE, TOP, FOOT = 12.0, 11.0, 14.0  # mm: margins; office printers leave 5 mm white
UNITS = {"mm": "mm", "deg": "°", "ct": "ct"}  # of a figure by the end of its name
ANGLES = ("angle",)  # names of figures of remarks that are angles, degrees; other lengths are mm


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A plan to print in a language on a paper."""

    plan: Plan
    document: Document
    workshop: WorkshopPlan
    words: Catalogue
    paper: str = "a4"

    @property
    def room(self) -> tuple[float, float]:
        """Width and height between the margins, mm."""
        wide, tall, _ = PAPERS[self.paper]
        return wide - 2 * SIDE, tall - TOP - FOOT

    def say(self, key: str, **figures: Any) -> Phrase:
        """Return a phrase of the catalogue; see `Catalogue.say`."""
        return self.words.say(key, **figures)

    def mm(self, length: float) -> Phrase:
        """Return a length with its unit."""
        return self.words.figure(with_unit(mm(length), "mm"))

    def ct(self, weight: float) -> Phrase:
        """Return a weight with its unit."""
        return self.words.figure(with_unit(ct(weight), "ct"))

    def deg(self, angle: float, decimals: int = 1) -> Phrase:
        """Return an angle with its sign."""
        return self.words.figure(f"{angle:.{decimals}f}°")

    def percent(self, share: float) -> Phrase:
        """Return a share as per cent."""
        return self.words.figure(percent(share).replace(" ", "\N{NO-BREAK SPACE}"))

    def figure(self, text: object) -> Phrase:
        """Return a figure, code or name that stands alone."""
        return self.words.figure(text)

    def entry(self, sheet: StoneSheet) -> Document:
        """Return what the plan's document says of a stone."""
        found: Document = next(e for e in self.document["stones"] if e["id"] == sheet.stone.id)
        return found

    def piece(self, name: str) -> Phrase:
        """Return what to call a piece: the rough, stone A, piece 0.1, off-cut 0.3."""
        if name == "0":
            return self.say("piece.rough")
        if any(cut.piece == name for cut in self.workshop.saw):
            return self.say("piece.piece", name=name)
        if any(sheet.stone.id == name for sheet in self.workshop.stones):
            return self.say("piece.stone", name=name)
        return self.say("piece.offcut", name=name)

    def said(self, remark: Said) -> Phrase:
        """Return a remark in words; one that the catalogue does not know, as its code."""
        figures = {name: self.told(name, value) for name, value in remark.figures.items()}
        key = f"said.{remark.code}"
        if self.words.has(key):
            return self.say(key, **figures)
        told = ", ".join(f"{name} {value}" for name, value in figures.items())
        return self.words.figure(f"{remark.code}: {told}" if told else remark.code)

    def told(self, name: str, value: object) -> Phrase:
        """Return a figure of a remark as it is printed: its name's end is its unit."""
        if name == "piece":
            return self.piece(str(value))
        if not isinstance(value, float):
            return self.words.figure(value)
        unit = "deg" if name in ANGLES else name.rsplit("_", 1)[-1]
        if unit == "share":
            return self.percent(value)
        text = f"{value:.1f}" if unit == "deg" else plain(round(value, 2))
        return self.words.figure(with_unit(text, UNITS.get(unit, "mm")))


def with_unit(text: str, unit: str) -> str:
    """Return a figure and its unit, which no line parts."""
    if unit in ("", "°"):
        return text + unit
    return f"{text}\N{NO-BREAK SPACE}{unit}"


def check_paper(paper: str) -> None:
    """Refuse a paper that is not there.

    Raises
    ------
    InputError
        If it is none of PAPERS.
    """
    if paper not in PAPERS:
        raise InputError(f"--paper: {paper!r} is not there; take {' or '.join(PAPERS)}")

r"""GemCad's binary `.gem` files: read only.

The layout is undocumented; what is used here was checked against `.asc` files of the same
designs. Little-endian and packed: facet records, each a plane vector `p` with `p . x = 1`, a
tier's number, a label "NAME\tINSTRUCTION" and the facet's corners; then -99999; then symmetry,
mirror, signed gear, refractive index, a constant, the gear's location, four headings and four
footnotes; then perhaps a preform of the same make. The stone is built from the planes: the
corners are only a copy, in some files at another scale.
"""

import math
import struct
from dataclasses import dataclass, field
from typing import NoReturn

import numpy as np

from yieldopt.cuts.closed import ListedFacet, Listing, code_of, side_and_angle, tooth_of
from yieldopt.cuts.design import Tier
from yieldopt.cuts.gemcad_text import (
    LEAST_DISTANCE,
    MOST_DISTANCE,
    MOST_FACETS,
    MOST_NUMBER,
    MOST_TEETH,
    one_line,
)
from yieldopt.errors import InputError

END_OF_FACETS = -99999.0
MOST_CORNERS = 500  # of one facet; real ones have some dozens
ONE_ANGLE = 1e-7  # rad: facets of one tier whose slopes agree to this share an angle
N_HEADINGS = N_FOOTNOTES = 4
PREFORM = "preform"


@dataclass(frozen=True, slots=True)
class GemFacet:
    """A record: plane vector, tier's number, name, instruction, and how many corners follow."""

    plane: tuple[float, float, float]
    tier: int
    name: str
    note: str
    n_corners: int


@dataclass(slots=True)
class GemWords:
    """What a `.gem` file says."""

    facets: list[GemFacet] = field(default_factory=list)
    symmetry: int = 1
    mirror: bool = False
    gear: int = 96
    refractive_index: float = 0.0
    location: float = 0.0
    heading: list[str] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)
    has_preform: bool = False
    is_cut_short: bool = False  # the texts are missing: older files may end before them


def parse_gem(raw: bytes, name: str) -> GemWords:
    """Return what the bytes of a `.gem` file say; `name` is the file's, for errors."""
    return _Reader(raw, name).read()


def gem_listing(words: GemWords, name: str, file: str) -> Listing:
    """Return each facet with its angle and tooth, from its plane."""
    gear, location = words.gear, words.location
    facets: list[ListedFacet] = []
    shown: list[Tier] = []
    numbers: dict[tuple[int, str], list[int]] = {}
    count: dict[str, int] = {}
    said = _said(words)
    for facet in words.facets:
        size = math.hypot(*facet.plane)
        normal = np.array(facet.plane) / size
        side, angle = side_and_angle(normal)
        key = (facet.tier, side)
        same = [i for i in numbers.get(key, []) if abs(shown[i].angle - angle) < ONE_ANGLE]
        if not same:
            code = code_of(side, count)
            angle = math.radians(round(math.degrees(angle), 10))  # off by 1e-15: as it was typed
            tier = Tier(
                name=said[facet.tier][0] or code,
                side=side,
                angle=math.pi / 2 if side == "girdle" else angle,
                index=(),
                note=said[facet.tier][1],
            )
            same = [len(shown)]
            shown.append(tier)
            numbers.setdefault(key, []).append(same[0])
        facets.append(
            ListedFacet(
                number=same[0],
                tier=shown[same[0]],
                tooth=tooth_of(normal, gear, location),
                distance=1.0 / size,
            )
        )
    return Listing(
        name=name,
        file=file,
        gear=gear,
        location=location,
        refractive_index=words.refractive_index,
        facets=tuple(facets),
        heading=tuple(words.heading),
        footnotes=tuple(words.footnotes),
    )


def _said(words: GemWords) -> dict[int, tuple[str, str]]:
    """Return the name and the instruction of each tier, put together from its facets'."""
    names: dict[int, dict[str, None]] = {}
    notes: dict[int, dict[str, None]] = {}
    for facet in words.facets:
        names.setdefault(facet.tier, {})[facet.name] = None
        notes.setdefault(facet.tier, {})[facet.note] = None
    return {
        tier: ("/".join(filter(None, names[tier])), " ".join(filter(None, notes[tier])))
        for tier in names
    }


class _Reader:
    """Where in the bytes the reading stands."""

    def __init__(self, raw: bytes, name: str) -> None:
        self.raw = raw
        self.name = name
        self.at = 0

    def read(self) -> GemWords:
        """Read all."""
        words = GemWords()
        while (x := self.number()) != END_OF_FACETS:
            words.facets.append(self.facet(x))
            if len(words.facets) > MOST_FACETS:
                self.refuse(f"more than {MOST_FACETS} facets; a design of fewer is wanted")
        if not words.facets:
            self.refuse("no facets found; a GemCad .gem file is wanted")
        words.symmetry, mirror, words.gear = self.integer(), self.integer(), self.integer()
        words.mirror = mirror != 0
        if not 1 <= abs(words.gear) <= MOST_TEETH:
            self.refuse(f"a gear of {words.gear} teeth; 1 to {MOST_TEETH} are wanted")
        words.refractive_index = self.number()
        self.texts(words)
        return words

    def facet(self, x: float) -> GemFacet:
        """Read a facet's record, whose first number is `x`."""
        plane = (x, self.number(), self.number())
        size = math.hypot(*plane)
        if not 1.0 / MOST_DISTANCE <= size <= 1.0 / LEAST_DISTANCE:
            self.refuse("a facet's plane is out of all measure; a GemCad .gem file is wanted")
        tier = self.integer()
        name, _, note = self.text().partition("\t")
        n_corners = 0
        while (more := self.integer()) == 1:
            for _ in range(3):
                self.number()
            n_corners += 1
            if n_corners > MOST_CORNERS:
                self.refuse(f"a facet of more than {MOST_CORNERS} corners")
        if more != 0:
            self.refuse("a facet's corners do not end; a GemCad .gem file is wanted")
        return GemFacet(plane, tier, one_line(name), one_line(note), n_corners)

    def texts(self, words: GemWords) -> None:
        """Read the location and the texts, as far as they are there."""
        try:
            self.integer()  # 0x7FFF in all known files
            location = self.number()
            lines = [self.text() for _ in range(N_HEADINGS + N_FOOTNOTES)]
        except InputError:
            words.is_cut_short = True
            return
        if abs(location) > MOST_NUMBER:
            self.refuse("the gear's location is out of all measure")
        words.location = location
        words.heading = [one_line(line) for line in lines[:N_HEADINGS]]
        words.footnotes = [one_line(line) for line in lines[N_HEADINGS:]]
        words.has_preform = PREFORM.encode() in self.raw[self.at : self.at + 64].lower()

    def number(self) -> float:
        value = float(struct.unpack("<d", self.taken(8))[0])
        if not math.isfinite(value):
            self.refuse("a number is not finite; a GemCad .gem file is wanted")
        return value

    def integer(self) -> int:
        return int(struct.unpack("<i", self.taken(4))[0])

    def text(self) -> str:
        return self.taken(self.taken(1)[0]).decode("cp1252", errors="replace")

    def taken(self, n: int) -> bytes:
        """Return the next n bytes."""
        taken = self.raw[self.at : self.at + n]
        if len(taken) < n:
            self.refuse("it ends in the middle of a record; a whole GemCad .gem file is wanted")
        self.at += n
        return taken

    def refuse(self, wrong: str) -> NoReturn:
        """Raise InputError with the place in the file."""
        raise InputError(f"{self.name}: byte {self.at}: {wrong}")

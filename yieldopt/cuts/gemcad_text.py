"""The words of a GemCad `.asc` file: tiers as they are written, nothing computed.

The text is a stream of words: `a g y I n` take a fixed number of them, `H F G` the rest of
their line, and a long tier runs on over as many lines as it needs. Letters may be glued to
what follows (`g96`), the gear's `g` may be missing, a facet's name may be a number or `G`.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from yieldopt.errors import InputError

NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
GLUED = re.compile(rf"([agyI])({NUMBER.pattern})")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
WORD = re.compile(r"\S+")
MOST_BYTES = 4_000_000  # the largest designs known stay below 100 kB
MOST_FACETS = 5_000  # the largest designs known have some hundreds
MOST_TEETH = 720  # of an index gear; real ones end at 120, 360 is used for degrees
LEAST_DISTANCE, MOST_DISTANCE = 1e-4, 1e4  # file units, where a girdle stands at about 1
MOST_NUMBER = 1e6  # anything else


@dataclass(slots=True)
class WrittenTier:
    """An `a` record: signed angle (deg), signed distance, indices, names, instruction."""

    line: int
    angle: float
    is_minus: bool  # the angle's sign as written: a culet may be -0.0
    distance: float
    index: list[float] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    note: str = ""


@dataclass(slots=True)
class WrittenDesign:
    """What a file says."""

    gear: int = 0
    location: float = 0.0
    refractive_index: float = 0.0
    symmetry: str = ""  # the y record as it is written: the tool's setting, no facet hangs on it
    heading: list[str] = field(default_factory=list)
    footnotes: list[str] = field(default_factory=list)
    tiers: list[WrittenTier] = field(default_factory=list)


def read_text(path: Path, form: str = ".asc") -> str:
    """Return a file's text: UTF-8 where it is that, else Windows-1252.

    Raises
    ------
    InputError
        If the file cannot be read or is much too large for a design.
    """
    return decoded(read_bytes(path, form))


def read_bytes(path: Path, form: str) -> bytes:
    """Return a file's bytes; `form` is named in errors, see `read_text`."""
    try:
        raw = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except FileNotFoundError:
        raise InputError(f"{path}: no such design file; check the path") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}; a {form} file is wanted") from None
    if raw is None:
        raise InputError(f"{path}: too large for a design; a {form} file is wanted")
    return raw


def decoded(raw: bytes) -> str:
    """Return the text of bytes: UTF-8 where they are that, else Windows-1252."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def one_line(text: str) -> str:
    """Return a text as one line: control characters and line ends become a blank."""
    return CONTROL.sub(" ", text).strip()


def parse(text: str, name: str) -> WrittenDesign:
    """Return what a text says; `name` is the file's, for errors.

    Raises
    ------
    InputError
        If a word is out of place, or there is no gear or no facet.
    """
    design = WrittenDesign()
    reader = _Reader(design, name)
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        reader.line = number
        reader.read_line(line.split("\x1a", 1)[0])  # DOS ends a text with Ctrl-Z
    reader.check_tier()
    if not design.tiers:
        raise InputError(f"{name}: no facets found; a GemCad .asc file is wanted")
    if design.gear == 0:
        raise InputError(f"{name}: no gear found; add a line such as 'g 96 0.0'")
    return design


class _Reader:
    """Where the stream of words stands."""

    def __init__(self, design: WrittenDesign, name: str) -> None:
        self.design = design
        self.name = name
        self.line = 0
        self.tier: WrittenTier | None = None
        self.wants: list[str] = []  # what the record still needs: "angle", "distance", "name"
        self.n_facets = 0

    def read_line(self, line: str) -> None:
        """Take in one line."""
        place = 0
        while match := WORD.search(line, place):
            is_first = not line[: match.start()].strip()
            word, place = match.group(), match.end()
            if self.wants:
                self.fill(word)
            elif glued := GLUED.fullmatch(word):
                place = self.record(glued.group(1), line, match.start() + 1)
            elif word in ("a", "g", "y", "I"):
                place = self.record(word, line, place)
            elif NUMBER.fullmatch(word):
                place = self.number(word, line, match.start())
            elif is_first and word.lower().startswith("gemcad"):
                return
            elif word[0] in "HF" and (is_first or len(word) == 1):
                rest = line[match.start() + 1 :].strip()
                (self.design.heading if word[0] == "H" else self.design.footnotes).append(rest)
                return
            elif self.tier is not None and word == "n":
                self.wants = ["name"]
            elif self.tier is not None and word[0] == "n":
                self.tier.names.append(word[1:])
            elif self.tier is not None and word[0] == "G":
                rest = line[match.start() + 1 :].strip()
                self.tier.note = f"{self.tier.note} {rest}".strip()
                return
            else:
                self.refuse(f"{word[:20]!r} is no GemCad record; delete it, or put F before a text")

    def record(self, letter: str, line: str, place: int) -> int:
        """Open the record of a letter; return where on the line to go on."""
        if letter == "a":
            self.check_tier()
            self.wants = ["angle", "distance"]
            return place
        if letter == "g":
            return self.gear(line, place)
        words = WORD.findall(line[place:])
        if letter == "I":
            if words and NUMBER.fullmatch(words[0]):
                self.design.refractive_index = float(words[0])
            else:
                self.refuse("I wants a refractive index")
        else:  # y: symmetry, for information only; every index is listed
            self.design.symmetry = " ".join(words)
        return len(line)

    def gear(self, line: str, place: int) -> int:
        """Read teeth and location; return the line's end."""
        words = [word for word in WORD.findall(line[place:]) if NUMBER.fullmatch(word)]
        teeth = float(words[0]) if words else 0.0
        if not teeth.is_integer() or not 1 <= abs(teeth) <= MOST_TEETH:
            self.refuse(f"a gear of 1 to {MOST_TEETH} teeth is wanted, as in 'g 96 0.0'")
        self.design.gear = int(teeth)
        self.design.location = self.finite(words[1]) if len(words) > 1 else 0.0
        return len(line)

    def number(self, word: str, line: str, start: int) -> int:
        """Take a bare number: an index of the open tier, else the gear's line without its g."""
        if self.tier is None:
            return self.gear(line, start)
        self.tier.index.append(self.finite(word))
        self.n_facets += 1
        if self.n_facets > MOST_FACETS:
            self.refuse(f"more than {MOST_FACETS} facets; a design of fewer is wanted")
        return start + len(word)

    def fill(self, word: str) -> None:
        """Take what the record waits for."""
        want = self.wants.pop(0)
        if want == "name":
            assert self.tier is not None
            self.tier.names.append(word)
            return
        if not NUMBER.fullmatch(word):
            self.refuse(f"a tier's {want} must be a number, not {word[:20]!r}")
        value = self.finite(word)
        if want == "angle":
            if abs(value) > 90.0:
                self.refuse(f"an angle of {word} deg; it lies between -90 and 90")
            self.tier = WrittenTier(
                line=self.line, angle=value, is_minus=word.startswith("-"), distance=0.0
            )
            self.design.tiers.append(self.tier)
            return
        assert self.tier is not None
        if value != 0.0 and not LEAST_DISTANCE <= abs(value) <= MOST_DISTANCE:
            self.refuse(f"a distance of {word}; the girdle should stand at about 1")
        self.tier.distance = value

    def check_tier(self) -> None:
        """Refuse a tier that was left unfinished."""
        if self.wants:
            self.refuse(f"a tier's {self.wants[0]} is missing")

    def finite(self, word: str) -> float:
        """Return a number, and refuse one that is beyond measure."""
        value = float(word)
        if abs(value) > MOST_NUMBER:
            self.refuse(f"the number {word[:20]} is out of all measure")
        return value

    def refuse(self, wrong: str) -> NoReturn:
        """Raise InputError with the line's number."""
        raise InputError(f"{self.name}: line {self.line}: {wrong}")

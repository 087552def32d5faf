"""What one unit of a scan's numbers is: what the user says, the file says, or a guess."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from yieldopt.units import MM_PER_UNIT

SHORTEST_MM = 2.0  # longest side: a finished stone under 1 mm is not cut from a scan
LONGEST_MM = 200.0  # longest side: beyond a fist it is a boulder, or the unit is wrong
SPOKEN = {"mm": "mm", "cm": "cm", "m": "metres", "in": "inches"}
_WORDS = {
    "mm": ("mm", "millimeter", "millimeters", "millimetre", "millimetres"),
    "cm": ("cm", "centimeter", "centimeters", "centimetre", "centimetres"),
    "m": ("m", "meter", "meters", "metre", "metres"),
    "in": ("in", "inch", "inches"),
}
_UNIT_OF_WORD = {word: unit for unit, words in _WORDS.items() for word in words}
_SAYING = re.compile(
    r"\bunits?\b[\s:=]*(?:(?:is|are|in)\b[\s:=]*)?\b(" + "|".join(_UNIT_OF_WORD) + r")\b"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanUnit:
    """A unit, and how it came to be taken.

    Parameters
    ----------
    name
        mm, cm, m or in.
    notes
        A sentence where it is a guess, or where the file says otherwise.
    because
        How it came about, for a message on a size that is not plausible.
    """

    name: str
    notes: tuple[str, ...]
    because: str


def unit_said(remarks: Iterable[str]) -> str | None:
    """Return the unit that a file's remarks name; None where none or more than one does.

    >>> unit_said(["exported by a scanner", "Units: Millimeters"])
    'mm'
    >>> unit_said(["unit in inches"])
    'in'
    >>> unit_said(["unit normals", "unit m", "units=cm"]) is None
    True
    """
    found = {_UNIT_OF_WORD[word] for remark in remarks for word in _SAYING.findall(remark.lower())}
    return found.pop() if len(found) == 1 else None


def is_gem_sized(longest_mm: float) -> bool:
    """Say whether a stone's longest side, mm, is that of a gem rough."""
    return SHORTEST_MM <= longest_mm <= LONGEST_MM


def choose_unit(
    longest: float, *, flag: str | None, said: str | None, usual: str | None
) -> ScanUnit:
    """Choose the unit of a scan whose longest side is `longest` in it.

    The flag wins, then what the file says. The format's own rule holds if it makes the stone a
    gem's size (many programs write mm into formats whose rule is metres). Else it is a guess,
    told as a note: mm if that makes it one, else the one other unit that does. Where none or
    several would, it is mm and the caller refuses the size.

    Parameters
    ----------
    flag
        What the user says.
    said, usual
        What the file says, and what is the rule for such files.
    """
    if flag is not None:
        other = said if said is not None else usual if _fits(longest, usual) else None
        notes: tuple[str, ...] = ()
        if other not in (None, flag):
            by = "the file says" if said is not None else "such files are in"
            notes = (f"{by} {SPOKEN[str(other)]}; read as {SPOKEN[flag]}, as --unit says",)
        return ScanUnit(name=flag, notes=notes, because=f"with --unit {flag}")
    if said is not None:
        notes = () if said == "mm" else (f"read as {SPOKEN[said]}, as the file says",)
        return ScanUnit(name=said, notes=notes, because=f"in {SPOKEN[said]}, as the file says,")
    if usual is not None and _fits(longest, usual):
        notes = (
            () if usual == "mm" else (f"read as {SPOKEN[usual]}, as is the rule for such files",)
        )
        return ScanUnit(name=usual, notes=notes, because=f"read as {SPOKEN[usual]}")
    return _guess(longest, usual)


def _guess(longest: float, usual: str | None) -> ScanUnit:
    fitting = [unit for unit in MM_PER_UNIT if _fits(longest, unit)]
    if "mm" not in fitting and len(fitting) != 1:
        return ScanUnit(name="mm", notes=(), because="read as mm")
    name = "mm" if "mm" in fitting else fitting[0]
    sizes = {unit: f"{longest * MM_PER_UNIT[unit]:.4g} mm" for unit in MM_PER_UNIT}
    if usual is None:
        why = "the file names no unit"
    else:
        why = f"by the rule for such files, {SPOKEN[usual]}, it would be {sizes[usual]} long"
    others = ", ".join(f"{SPOKEN[unit]} {sizes[unit]}" for unit in fitting if unit != name)
    rest = f" ({others} would do too)" if others else ""
    guess = f"unit guessed: {why}; read as {SPOKEN[name]}, longest side {sizes[name]}{rest}"
    return ScanUnit(
        name=name,
        notes=(f"{guess}: say --unit to be sure",),
        because=f"read as {SPOKEN[name]}",
    )


def _fits(longest: float, unit: str | None) -> bool:
    return unit is not None and is_gem_sized(longest * MM_PER_UNIT[unit])


def size_fault(extents: tuple[float, float, float], unit: ScanUnit) -> str | None:
    """Say, if the stone (mm) has no gem's size, what size it has and which unit would mend it."""
    longest = max(extents)
    if is_gem_sized(longest):
        return None
    box = " x ".join(f"{side:.4g}" for side in extents)
    in_file = longest / MM_PER_UNIT[unit.name]
    fitting = [
        f"--unit {other} would make the longest side {in_file * factor:.4g} mm"
        for other, factor in MM_PER_UNIT.items()
        if is_gem_sized(in_file * factor)
    ]
    todo = ", ".join(fitting) or "no unit makes it one: scale the mesh in the scanner's software"
    fault = f"{unit.because} it is {box} mm, where a gem rough's longest side is"
    return f"{fault} {SHORTEST_MM:g} to {LONGEST_MM:g} mm: {todo}"

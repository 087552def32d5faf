"""Letters drawn with straight strokes, to engrave: no font is needed."""

from itertools import pairwise
from typing import Any

LETTER_WIDTH, LETTER_HEIGHT, LETTER_STEP = 4, 6, 6  # of the lattice that strokes are drawn on
# Strokes are parted by commas; each is a line through points, two digits each: x, y.
STROKES = {
    "A": "00 26 40,12 32",
    "B": "00 06 36 45 44 33 03,33 42 41 30 00",
    "C": "45 36 16 05 01 10 30 41",
    "D": "00 06 26 44 42 20 00",
    "E": "40 00 06 46,03 33",
    "F": "00 06 46,03 33",
    "G": "45 36 16 05 01 10 30 41 43 23",
    "H": "00 06,40 46,03 43",
    "I": "20 26",
    "J": "46 41 30 10 01",
    "K": "00 06,46 03 40",
    "L": "06 00 40",
    "M": "00 06 23 46 40",
    "N": "00 06 40 46",
    "O": "10 01 05 16 36 45 41 30 10",
    "P": "00 06 36 45 44 33 03",
    "Q": "10 01 05 16 36 45 41 30 10,22 40",
    "R": "00 06 36 45 44 33 03,23 40",
    "S": "45 36 16 05 04 13 33 42 41 30 10 01",
    "T": "20 26,06 46",
    "U": "06 01 10 30 41 46",
    "V": "06 20 46",
    "W": "06 10 23 30 46",
    "X": "00 46,06 40",
    "Y": "06 23 46,23 20",
    "Z": "06 46 00 40",
    "0": "10 01 05 16 36 45 41 30 10,11 35",
    "1": "04 26 20,00 40",
    "2": "05 16 36 45 44 00 40",
    "3": "06 46 23 33 42 41 30 10 01",
    "4": "30 36 02 42",
    "5": "46 06 04 34 43 41 30 00",
    "6": "36 16 05 01 10 30 41 42 33 03",
    "7": "06 46 10",
    "8": "13 04 05 16 36 45 44 33 13 02 01 10 30 41 42 33",
    "9": "10 30 41 45 36 16 05 04 13 43",
    ".": "20 20",
}
UNKNOWN = "00 06 46 40 00"  # a box for what is not drawn here


def words_width(words: str, height: float) -> float:
    """Return the width of words between the middles of their outermost strokes, mm."""
    return (LETTER_STEP * (len(words) - 1) + LETTER_WIDTH) * height / LETTER_HEIGHT


def drawn(words: str, *, height: float, stroke: float) -> Any:
    """Return words as a cross-section (manifold3d), the middle of their box at 0.

    Parameters
    ----------
    height
        Of the letters, between the middles of strokes, mm.
    stroke
        Width of a stroke, mm; its ends are round.
    """
    from manifold3d import CrossSection

    unit = height / LETTER_HEIGHT
    left, down = -0.5 * words_width(words, height), -0.5 * height
    lines = []
    for i, letter in enumerate(words.upper()):
        for line in STROKES.get(letter, UNKNOWN).split(","):
            dots = [
                CrossSection.circle(0.5 * stroke, 12).translate(
                    (left + unit * (LETTER_STEP * i + int(at[0])), down + unit * int(at[1]))
                )
                for at in line.split()
            ]
            lines += [CrossSection.batch_hull(list(two)) for two in pairwise(dots)] or dots
    return sum(lines[1:], lines[0])

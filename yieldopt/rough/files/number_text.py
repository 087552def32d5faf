"""Numbers that stand in a file as letters: lines of them, all parsed at once."""

import re
import warnings
from collections.abc import Iterator

import numpy as np

from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import LARGEST_TEXT, MOST_LINES, Unreadable
from yieldopt.rough.mending.skin import Index

BLOCK = 8 << 20  # bytes of text taken at a time: lists of lines stay under 1 GB
LONGEST_LINE = 1 << 20  # bytes
MOST_NUMBERS = 60_000_000  # half a GB of doubles: 6 million points with a normal and a colour
LETTERS_SHOWN = 24  # of what is no number
WHOLE = 2.0**53  # from here on doubles skip whole numbers
_SPACE = 32  # and all control characters below
_LINE_ENDS = re.compile(rb"\r\n?")
_SPACES = re.compile(rb"\s")


def text_of(contents: bytes) -> bytes:
    """Return text with line ends of one kind.

    Raises
    ------
    Unreadable
        If it is longer than is read, or has more lines.
    """
    if len(contents) > LARGEST_TEXT:
        raise Unreadable(
            f"{len(contents) >> 20} MB of text, where up to {LARGEST_TEXT >> 20} are read:"
            " save it as binary STL or PLY"
        )
    if b"\r" in contents:
        contents = _LINE_ENDS.sub(b"\n", contents)
    if contents.count(b"\n") > MOST_LINES:
        raise Unreadable(f"more than {MOST_LINES} lines: save it as binary STL or PLY")
    return contents


def blocks_of(text: bytes, size: int = BLOCK) -> Iterator[bytes]:
    """Yield text in blocks of whole lines.

    Raises
    ------
    Unreadable
        If a line is longer than any of a scan.
    """
    start = 0
    while start < len(text):
        end = text.find(b"\n", start + size)
        end = len(text) if end < 0 else end + 1
        if end - start > size + LONGEST_LINE:
            raise Unreadable(
                f"a line of more than {LONGEST_LINE >> 20} MB of text, which no scan has;"
                " save the scan again"
            )
        yield text[start:end]
        start = end


def _blocks_of_words(text: bytes, size: int) -> Iterator[bytes]:
    """Yield text in blocks of whole words, however long the lines are."""
    start = 0
    while start < len(text):
        space = _SPACES.search(text, start + size)
        end = len(text) if space is None else space.end()
        yield text[start:end]
        start = end


def numbers_in(text: bytes) -> Float:
    """Return all numbers of a text, whatever stands between them as space.

    Raises
    ------
    Unreadable
        If something is no number: what. If there are more than are read.
    """
    parts: list[Float] = []
    count = 0
    for block in _blocks_of_words(text, BLOCK):
        numbers = _parsed(block)
        if numbers is None:
            raise Unreadable(f"{_first_strange(block)} is no number; save the scan again")
        count += len(numbers)
        if count > MOST_NUMBERS:
            raise Unreadable(
                f"more than {MOST_NUMBERS} numbers in letters: save it as binary STL or PLY"
            )
        parts.append(numbers)
    return np.concatenate(parts) if parts else np.zeros(0)


def _parsed(text: bytes) -> Float | None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # older numpy warns where the newer raises
        try:
            return np.fromstring(text, dtype=np.float64, sep=" ")  # type: ignore[call-overload, no-any-return, unused-ignore]
        except (ValueError, DeprecationWarning):
            return None


def _first_strange(text: bytes) -> str:
    """Return the first word of a text that is no number, in quotes."""
    for block in _blocks_of_words(text, 1 << 12):
        if _parsed(block) is not None:
            continue
        for word in block.split():
            if _parsed(word) is None:
                shown = word[:LETTERS_SHOWN].decode("ascii", "replace")
                return repr(shown if len(word) <= LETTERS_SHOWN else shown + "...")
    return "something"


def rows_in(text: bytes) -> tuple[Float, Index]:
    """Return all numbers of a text, and how many stand in each line that is not blank.

    Raises
    ------
    Unreadable
        If something is no number, or two stand together without space.
    """
    values = numbers_in(text)
    counts = np.concatenate([np.zeros(0, dtype=np.int64), *map(_words_in_lines, blocks_of(text))])
    if counts.sum() != len(values):
        raise Unreadable("numbers stand together without a space; save the scan again")
    return values, counts[counts > 0]


def _words_in_lines(block: bytes) -> Index:
    """Return how many words stand in each line of a block."""
    letters = np.frombuffer(block, dtype=np.uint8)
    is_word = letters > _SPACE
    starts = is_word.copy()
    starts[1:] &= ~is_word[:-1]
    ends = np.flatnonzero(letters == ord("\n")) + 1
    lines = np.concatenate([[0], ends[ends < len(letters)]])
    return np.add.reduceat(starts, lines, dtype=np.int64)


def table_in(text: bytes, least: int) -> Float:
    """Return lines of equally many numbers as a table (lines, columns), of `least` or more.

    Raises
    ------
    Unreadable
        If lines differ or are too short.
    """
    values, counts = rows_in(text)
    if not len(counts):
        return np.zeros((0, least))
    columns = int(counts[0])
    odd = np.flatnonzero(counts != columns)
    if len(odd):
        raise Unreadable(
            f"a line has {counts[odd[0]]} numbers where the first has {columns}, or it is cut"
            " short; save the scan again"
        )
    if columns < least:
        raise Unreadable(f"lines of {columns} numbers, where {least} are needed")
    return values.reshape(-1, columns)


def whole(values: Float, what: str) -> Index:
    """Return numbers as whole ones.

    Raises
    ------
    Unreadable
        If one is not.
    """
    is_whole = (np.abs(values) < WHOLE) & (np.rint(values) == values)
    if not is_whole.all():
        wrong = float(values[~is_whole].flat[0])
        raise Unreadable(f"{what} is {wrong:g}, not a whole number; save the scan again")
    return values.astype(np.int64)


def count_of(word: bytes | str, what: str) -> int:
    """Return a count that a header states.

    Raises
    ------
    Unreadable
        If it is no whole number, or one that no file has.
    """
    letters = word.decode("ascii", "replace") if isinstance(word, bytes) else word
    if not (letters.isascii() and letters.isdigit() and len(letters) <= 18):
        raise Unreadable(f"the header states {letters[:LETTERS_SHOWN]!r} {what}; save it again")
    return int(letters)

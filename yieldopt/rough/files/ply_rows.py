"""The rows that follow the header of a PLY, in bytes or in letters."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from yieldopt.geometry.arrays import Float
from yieldopt.rough.files.contents import Unreadable, check_counts
from yieldopt.rough.files.number_text import whole
from yieldopt.rough.mending.skin import Index

LONGEST_ROW = 1 << 16  # bytes: rows that are all alike are read at once up to this length
ROWS_AT_ONCE = 1 << 18  # gathered of rows of different lengths

# One list of all rows of an element: those of equally many entries side by side.
Polygons = list[Index]


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A column of a PLY: a number, or a list of them."""

    name: str
    kind: str  # of a number, as numpy calls it
    count_kind: str | None  # of a list's length; None: one number


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """A table of a PLY."""

    name: str
    count: int
    properties: tuple[Property, ...]

    @property
    def least_row(self) -> int:
        """Bytes of the shortest row: lists without entries."""
        return sum(int((p.count_kind or p.kind)[1]) for p in self.properties)

    @property
    def has_lists(self) -> bool:
        """True if rows may differ in length."""
        return any(p.count_kind for p in self.properties)

    def column(self, *names: str) -> int | None:
        """Return the number of the first property of one of these names."""
        return next((i for i, p in enumerate(self.properties) if p.name in names), None)


class PlyBytes:
    """The rows of a binary PLY; places are bytes."""

    def __init__(self, contents: bytes, order: str) -> None:
        self.contents, self.order = contents, order
        self.ends: Literal["big", "little"] = "big" if order == ">" else "little"

    def _check_room(self, element: Element, at: int, row: int) -> None:
        if element.count * row > len(self.contents) - at:
            room = max(len(self.contents) - at, 0) // row
            raise Unreadable(
                f"cut short or damaged: the header states {element.count} of {element.name!r},"
                f" the file has room for {room}; save the scan again"
            )

    def plain(self, element: Element, at: int) -> tuple[list[NDArray[np.generic]], int]:
        """Return the columns of an element without lists, and where it ends."""
        form = np.dtype([(f"p{i}", self.order + p.kind) for i, p in enumerate(element.properties)])
        self._check_room(element, at, form.itemsize)
        rows = np.frombuffer(self.contents, dtype=form, count=element.count, offset=at)
        end = at + element.count * form.itemsize
        return [rows[f"p{i}"] for i in range(len(element.properties))], end

    def lists(self, element: Element, at: int, wanted: int | None) -> tuple[Polygons, int]:
        """Return one list of all rows, grouped by length, and where the element ends."""
        self._check_room(element, at, element.least_row)
        alike = self._alike(element, at)
        if alike is not None:
            rows, form = alike
            polygons = [] if wanted is None else [rows[f"p{wanted}"].astype(np.int64)]
            return polygons, at + element.count * form.itemsize
        return self._one_by_one(element, at, wanted)

    def _alike(
        self, element: Element, at: int
    ) -> tuple[NDArray[np.void], np.dtype[np.void]] | None:
        """Return the rows if all lists are as long as those of the first row."""
        parts: list[tuple[str, str] | tuple[str, str, int]] = []
        place = at
        for i, p in enumerate(element.properties):
            if p.count_kind is None:
                parts.append((f"p{i}", self.order + p.kind))
                place += int(p.kind[1])
                continue
            length = self._length(p.count_kind, place)
            parts += [(f"n{i}", self.order + p.count_kind), (f"p{i}", self.order + p.kind, length)]
            place += int(p.count_kind[1]) + length * int(p.kind[1])
            if place - at > LONGEST_ROW:
                return None
        # A list of one entry is a column of its own shape, as are all others.
        form = np.dtype([(p[0], p[1], (p[2],)) if len(p) == 3 else p for p in parts])
        if element.count * form.itemsize > len(self.contents) - at:
            return None
        rows = np.frombuffer(self.contents, dtype=form, count=element.count, offset=at)
        for i, p in enumerate(element.properties):
            if p.count_kind is not None and (rows[f"n{i}"] != form[f"p{i}"].shape[0]).any():
                return None
        return rows, form

    def _length(self, kind: str, at: int) -> int:
        width = int(kind[1])
        word = self.contents[at : at + width]
        length = int.from_bytes(word, self.ends, signed=kind[0] == "i")
        if len(word) < width or length < 0:
            raise Unreadable("cut short or damaged: a list has no length; save the scan again")
        return length

    def _one_by_one(self, element: Element, at: int, wanted: int | None) -> tuple[Polygons, int]:
        """Walk over rows of different lengths."""
        starts: dict[int, list[int]] = {}
        steps = [
            (i == wanted, p.count_kind, int(p.kind[1])) for i, p in enumerate(element.properties)
        ]
        size, length_at = len(self.contents), self._length
        for _ in range(element.count):
            for is_wanted, count_kind, width in steps:
                if count_kind is None:
                    at += width
                    continue
                length = length_at(count_kind, at)
                at += int(count_kind[1])
                if is_wanted:
                    starts.setdefault(length, []).append(at)
                at += length * width
            if at > size:
                raise Unreadable(
                    f"cut short or damaged: the header states {element.count} of"
                    f" {element.name!r}, and not all are there; save the scan again"
                )
        if wanted is None:
            return [], at
        kind = np.dtype(self.order + element.properties[wanted].kind)
        check_counts(0, sum(max(length - 2, 0) * len(rows) for length, rows in starts.items()))
        letters = np.frombuffer(self.contents, dtype=np.uint8)
        polygons: Polygons = []
        for length, places in sorted(starts.items()):
            if length < 3:
                polygons.append(np.zeros((len(places), length), dtype=np.int64))
                continue
            span = np.arange(length * kind.itemsize)
            polygons += [
                letters[np.array(some)[:, None] + span].view(kind).astype(np.int64)
                for some in _parts(places)
            ]
        return polygons, at


class PlyNumbers:
    """The rows of a PLY in letters; places are numbers."""

    def __init__(self, numbers: Float) -> None:
        self.numbers = numbers

    def _check_room(self, element: Element, at: int, row: int) -> None:
        if element.count * row > len(self.numbers) - at:
            room = max(len(self.numbers) - at, 0) // row
            raise Unreadable(
                f"cut short or damaged: the header states {element.count} of {element.name!r},"
                f" the file has numbers for {room}; save the scan again"
            )

    def plain(self, element: Element, at: int) -> tuple[list[NDArray[np.generic]], int]:
        """Return the columns of an element without lists, and where it ends."""
        columns = len(element.properties)
        self._check_room(element, at, columns)
        end = at + element.count * columns
        table = self.numbers[at:end].reshape(-1, columns)
        return [table[:, i] for i in range(columns)], end

    def lists(self, element: Element, at: int, wanted: int | None) -> tuple[Polygons, int]:
        """Return one list of all rows, grouped by length, and where the element ends."""
        self._check_room(element, at, len(element.properties))
        first = self._row(element, at)
        width = sum(length + 1 if length >= 0 else 1 for length in first)
        if element.count * width <= len(self.numbers) - at:
            table = self.numbers[at : at + element.count * width].reshape(-1, width)
            places = np.cumsum([0, *(length + 1 if length >= 0 else 1 for length in first)])
            alike = all(
                bool((table[:, place] == length).all())
                for place, length in zip(places, first, strict=False)
                if length >= 0
            )
            if alike:
                end = at + element.count * width
                if wanted is None:
                    return [], end
                start = int(places[wanted]) + 1
                return [whole(table[:, start : start + first[wanted]], "a corner")], end
        return self._one_by_one(element, at, wanted)

    def _row(self, element: Element, at: int) -> list[int]:
        """Return the lengths of the lists of the row that begins there; -1 for single numbers."""
        lengths = []
        for p in element.properties:
            length = -1 if p.count_kind is None else self._length(at)
            lengths.append(length)
            at += 1 + max(length, 0)
        return lengths

    def _length(self, at: int) -> int:
        length = float(self.numbers[at]) if at < len(self.numbers) else -1.0
        if not (0.0 <= length <= len(self.numbers) and length == int(length)):
            raise Unreadable("cut short or damaged: a list has no length; save the scan again")
        return int(length)

    def _one_by_one(self, element: Element, at: int, wanted: int | None) -> tuple[Polygons, int]:
        starts: dict[int, list[int]] = {}
        for _ in range(element.count):
            for i, p in enumerate(element.properties):
                if p.count_kind is None:
                    at += 1
                    continue
                length = self._length(at)
                if i == wanted:
                    starts.setdefault(length, []).append(at + 1)
                at += 1 + length
            if at > len(self.numbers):
                raise Unreadable(
                    f"cut short or damaged: the header states {element.count} of"
                    f" {element.name!r}, and not all are there; save the scan again"
                )
        check_counts(0, sum(max(length - 2, 0) * len(rows) for length, rows in starts.items()))
        polygons: Polygons = []
        for length, places in sorted(starts.items()):
            if length < 3:
                polygons.append(np.zeros((len(places), length), dtype=np.int64))
                continue
            polygons += [
                whole(self.numbers[np.array(some)[:, None] + np.arange(length)], "a corner")
                for some in _parts(places)
            ]
        return polygons, at


def _parts(places: list[int]) -> list[list[int]]:
    return [places[i : i + ROWS_AT_ONCE] for i in range(0, len(places), ROWS_AT_ONCE)]

"""Runs as rows of CSV files: appended one by one, read back for the report."""

import csv
import hashlib
import math
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

HERE = Path(__file__).parent
RUNS = HERE / "runs"
ROOT = HERE.parents[1]
ROOMS = ("kernels", "geometry", "cuts", "rough", "search")  # what decides an answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One search: what was asked, and what came of it.

    `code` is a digest of the rooms that decide the answer; `proportions` is free or fixed.
    """

    label: str
    commit: str
    code: str
    rough: str
    triangles: int
    cut: str
    proportions: str
    seed: int
    effort: str
    threads: int
    weight_ct: float
    bound_ct: float
    evaluations: int
    seconds: float

    @property
    def key(self) -> tuple[object, ...]:
        """What makes another run needless."""
        return (self.code, self.rough, self.cut, self.proportions, self.seed, self.effort)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One solver on one rough and cut: when it first had a share of the best known.

    `evaluations` and `seconds` are negative where it never had within its cap. `credited` is the
    search alone: of a peer the seconds in exact queries, as fast as all threads work through
    them; of ours the seconds less those of preparing the rough.
    """

    label: str
    commit: str
    code: str
    rough: str
    cut: str
    solver: str
    seed: int
    target: float
    evaluations: int
    seconds: float
    credited: float
    cap: float
    cap_credited: float
    cap_evaluations: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A step of an anytime curve: the best weight so far, ct."""

    label: str
    rough: str
    cut: str
    solver: str
    seed: int
    seconds: float
    evaluations: int
    weight_ct: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Time and memory of one thing measured once: hull bounds, plans of many triangles."""

    label: str
    commit: str
    code: str
    what: str
    rough: str
    cut: str
    triangles: int
    seconds: float
    memory_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Money:
    """A plan by weight and one by value of the same rough, both valued by one book.

    `flawed` is 1 where flaws may be kept; evaluations and CPU seconds (of all cores) are of the
    whole plan each. `race_seconds` is what the plan by value took for all that one by weight
    does, which it does first: measured within seconds of the rest, it stands a busy machine.
    Negative where it was not measured.
    """

    label: str
    commit: str
    code: str
    rough: str
    flawed: int
    species: str
    seed: int
    effort: str
    weight_ct: float
    weight_value: float
    weight_evaluations: int
    weight_seconds: float
    value_ct: float
    value_value: float
    value_evaluations: int
    value_seconds: float
    race_seconds: float

    @property
    def times(self) -> float:
        """What planning by value takes over planning by weight."""
        return self.value_seconds / (
            self.race_seconds if self.race_seconds > 0.0 else self.weight_seconds
        )

    @property
    def key(self) -> tuple[object, ...]:
        """What makes another run needless."""
        return (self.code, self.rough, self.species, self.seed, self.effort)

    @property
    def gain(self) -> float:
        """What value adds to the money of the plan by weight, a share; NaN where that has none."""
        return self.value_value / self.weight_value - 1.0 if self.weight_value > 0.0 else math.nan


Row = TypeVar("Row", bound="DataclassInstance")


def append_row(path: Path, row: "DataclassInstance") -> None:
    """Add a row to a CSV file, with the names of its columns where it is new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [f.name for f in fields(row)], lineterminator="\n")
        if is_new:
            writer.writeheader()
        writer.writerow({key: _written(value) for key, value in asdict(row).items()})


def read_rows(path: Path, kind: type[Row]) -> list[Row]:
    """Return the rows of a CSV file; none where there is no file."""
    if not path.exists():
        return []
    casts = {f.name: {"int": int, "float": float}.get(_name(f.type), str) for f in fields(kind)}
    with path.open(encoding="utf-8", newline="") as file:
        return [
            kind(**{key: casts[key](text) for key, text in row.items()})
            for row in csv.DictReader(file)
        ]


def code_digest(rooms: Sequence[str] = ROOMS) -> str:
    """Return a digest (8 hex digits) of the source that decides an answer."""
    sha = hashlib.sha256()
    for room in rooms:
        for path in sorted((ROOT / "yieldopt" / room).rglob("*.py")):
            sha.update(path.name.encode() + path.read_bytes())
    return sha.hexdigest()[:8]


def commit() -> str:
    """Return the commit of the checkout, with + where its source has been edited; else none."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--", "yieldopt") else "")
    except (OSError, subprocess.CalledProcessError):
        return "none"


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _name(kind: object) -> str:
    return kind if isinstance(kind, str) else getattr(kind, "__name__", "")


def _written(value: object) -> object:
    return f"{value:.8g}" if isinstance(value, float) else value

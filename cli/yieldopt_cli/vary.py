"""The words of `--vary`: which keys, which values, and the job that each choice of them makes."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yieldopt.errors import InputError
from yieldopt_cli.job import KEY_OF_FLAG, Job, read_job

MOST_KEYS = 2
MOST_PLANS = 60  # more is no table that anyone reads, and an hour of search
OPEN, CLOSE = "[{", "]}"
NAME_LETTERS = 40  # of a value in the name of its plan's folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Variation:
    """A key of the job, and the values it takes, as they were said."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A choice of values, one for each key; the job that it makes; the folder of its plan."""

    values: tuple[str, ...]
    job: Job
    folder: str


def variations_of(words: Sequence[str]) -> tuple[Variation, ...]:
    """Return what `--vary` words ask for.

    >>> variations_of(["limits.kerf_mm=0.3,0.5"])[0].values
    ('0.3', '0.5')

    Raises
    ------
    InputError
        If one is not of the form KEY=a,b, a value is empty or stands twice, or a key does.
    """
    out: list[Variation] = []
    for word in words:
        key, equals, text = word.partition("=")
        key, values = key.strip(), _split(text)
        if not equals or not re.fullmatch(r"[\w-]+(\.[\w-]+)*", key):
            raise InputError(f"--vary {word}: write KEY=a,b,c, as in limits.kerf_mm=0.2,0.4")
        if not all(values):
            raise InputError(f"--vary {word}: one of the values is empty")
        if len(values) < 2:
            raise InputError(f"--vary {word}: give two values or more, as in {key}=a,b")
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            raise InputError(f"--vary {key}: {twice} stands twice")
        if any(own.key == key for own in out):
            raise InputError(f"--vary {key}: is given twice; put all its values into one")
        out.append(Variation(key=key, values=values))
    if len(out) > MOST_KEYS:
        raise InputError(f"--vary {out[-1].key}: at most {MOST_KEYS} keys can be varied together")
    return tuple(out)


def variants_of(
    variations: Sequence[Variation],
    file: Path | None,
    sets: Sequence[str],
    flags: Mapping[str, object],
) -> list[Variant]:
    """Return the job of every choice of values; what is varied wins over --set and flags.

    Raises
    ------
    InputError
        If a job cannot be made of them: all are looked at, the first fault is told.
    """
    keys = [variation.key for variation in variations]
    free = {name: None if KEY_OF_FLAG[name] in keys else flag for name, flag in flags.items()}
    out: list[Variant] = []
    choices = list(itertools.product(*(variation.values for variation in variations)))
    if len(choices) > MOST_PLANS:
        raise InputError(f"--vary: {len(choices)} plans are too many; at most {MOST_PLANS}")
    names: set[str] = set()
    for values in choices:
        pairs = list(zip(keys, values, strict=True))
        try:
            job = read_job(file, [*sets, *(f"{k}={_said(k, v)}" for k, v in pairs)], free)
        except InputError as error:
            raise InputError(_of_vary(str(error), keys)) from None
        folder = _folder(pairs, names)
        names.add(folder.lower())
        out.append(Variant(values=tuple(_shown(v) for v in values), job=job, folder=folder))
    return out


def _split(text: str) -> tuple[str, ...]:
    """Return what stands between the commas that are in no brackets and in no quotes."""
    parts, depth, quote = [""], 0, ""
    for letter in text:
        if quote:
            quote = "" if letter == quote else quote
        elif letter in "\"'":
            quote = letter
        elif letter in OPEN:
            depth += 1
        elif letter in CLOSE:
            depth -= 1
        elif letter == "," and depth == 0:
            parts.append("")
            continue
        parts[-1] += letter
    return tuple(part.strip() for part in parts)


def _said(key: str, value: str) -> str:
    """Return a value as `--set` takes it: names of cuts joined by + are a list."""
    bare = value[0] not in "\"'["
    return value.replace("+", ",") if key == "cuts.use" and bare else value


def _shown(value: str) -> str:
    quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
    return value[1:-1] if quoted else value


def _of_vary(message: str, keys: Sequence[str]) -> str:
    """Return a fault's words, said of `--vary` where they are about what is varied."""
    place = next((f"--set {key}" for key in keys if message.startswith(f"--set {key}")), None)
    return message if place is None else message.replace("--set", "--vary", 1)


def _folder(pairs: Sequence[tuple[str, str]], taken: set[str]) -> str:
    """Return the name of a plan's folder that no other has: kerf_mm=0.4,use=round+oval."""
    parts = []
    for key, value in pairs:
        plain = re.sub(r"[^\w.+-]+", "-", _shown(value))[:NAME_LETTERS].strip("-.")
        parts.append(f"{key.rpartition('.')[2]}={plain or 'empty'}")
    name = ",".join(parts)
    for number in itertools.count(2):
        if name.lower() not in taken:
            break
        name = f"{name.rpartition('~')[0] or name}~{number}"
    return name

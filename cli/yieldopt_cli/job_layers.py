"""The keys of a job, layer over layer: its file, `--set`, flags, and who said what."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

from yieldopt.errors import InputError


@dataclass(slots=True)
class Layers:
    """The keys said so far, and who said each."""

    tree: dict[str, Any] = field(default_factory=dict)
    said_by: dict[str, str] = field(default_factory=dict)

    def say(self, key: str, value: object, source: str, *, below: bool = False) -> None:
        """Set one dotted key; a table is taken key by key. `below`: what is said already stays."""
        if isinstance(value, dict) and (value or not key):
            for name, inner in value.items():
                self.say(f"{key}.{name}" if key else name, inner, source, below=below)
            return
        if below and self.source(key):
            return
        *above, last = key.split(".")
        table = self.tree
        for i, name in enumerate(above):
            table = table.setdefault(name, {})
            if not isinstance(table, dict):
                self.refuse(".".join(above[: i + 1]), f"is no table, so {key} cannot be set")
        table[last] = value
        self.said_by[key] = source

    def refuse(self, key: str, wrong: str) -> NoReturn:
        """Raise InputError, naming where the key was said."""
        raise InputError(f"{self.place(key)}: {wrong}")

    def place(self, key: str) -> str:
        """Return where a key was said, in a user's words: its flag, or a file and the key."""
        source = self.source(key)
        place = source if source.startswith("--") and source != "--set" else f"{source} {key}"
        return place if source else key

    def source(self, key: str) -> str:
        """Return who said a key, or a part of it; numbers in brackets are not looked at."""
        key = re.sub(r"\[\d+\]", "", key)
        near = [k for k in self.said_by if k == key or k.startswith(f"{key}.")]
        near += [k for k in self.said_by if key.startswith(f"{k}.")]
        return self.said_by[near[0]] if near else ""


def read_toml(file: Path) -> dict[str, Any]:
    """Return a job file's tables; InputError where it is none."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise InputError(f"{file}: no such job file") from None
    except OSError as error:
        raise InputError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise InputError(f"{file}: is no text in UTF-8; a job file is TOML") from None
    except (ValueError, RecursionError) as error:  # numbers of 5,000 digits, brackets of 1,000
        raise InputError(f"{file}: is no TOML: {' '.join(str(error).split())}") from None


def parse_set(words: str) -> tuple[str, object]:
    """Return key and value of `--set key=value`; what is no TOML value is a string."""
    key, equals, text = words.partition("=")
    key, text = key.strip(), text.strip()
    if not equals or not re.fullmatch(r"[\w-]+(\.[\w-]+)*", key):
        raise InputError(f"--set {words}: write key=value, as in limits.kerf_mm=0.4")
    try:
        parsed = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return key, text
    return key, parsed["value"] if len(parsed) == 1 else text

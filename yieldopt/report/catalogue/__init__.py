"""All words of the cutting sheet, a language a file: `en.toml`, `ur.toml`, `ps.toml`.

A key is the way through the tables, `saw.kerf`; a phrase is a template with placeholders,
`kerf {kerf}`. Figures stand left to right in every language: what is put into a placeholder is
isolated from the text round it, so that `12.50 mm` reads so between Urdu words too.
"""

import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from yieldopt.errors import InputError

LANGUAGES = ("en", "ur", "ps")
LEFT_TO_RIGHT, AS_IT_IS, END = (
    "\N{LEFT-TO-RIGHT ISOLATE}",
    "\N{FIRST STRONG ISOLATE}",
    ("\N{POP DIRECTIONAL ISOLATE}"),
)
# A figure that stands in a phrase itself, with its sign and unit: 100 mm, 90°, 1:1, -3, 3+2.
FIGURE = re.compile(r"[-+]?[0-9]+(?:[.:+][0-9]+)*(?: ?(?:mm|%|°))?")
FIXED_SPACE = "\N{NO-BREAK SPACE}"  # between a figure and its unit


class Phrase(str):
    """Text in the language of a catalogue: put into another phrase it is not turned round."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The words of a language.

    Parameters
    ----------
    lang
        en, ur or ps.
    direction
        Of its writing.
    phrases
        Key to template.
    """

    lang: str
    direction: Literal["ltr", "rtl"]
    phrases: Mapping[str, str]

    def say(self, key: str, **figures: Any) -> Phrase:
        """Return a phrase with its figures.

        Figures are text as it is printed ("3.20 mm", "P1-G1"); phrases of the catalogue may
        stand in a placeholder too.

        Raises
        ------
        KeyError
            If the catalogue has no such key, or the phrase a placeholder without a figure.
        """
        return Phrase(self.phrases[key].format(**{k: self.put(v) for k, v in figures.items()}))

    def has(self, key: str) -> bool:
        """Return whether there is a phrase of this key."""
        return key in self.phrases

    def put(self, value: object) -> str:
        """Return what stands in a placeholder: figures left to right, phrases as they are."""
        text = str(value)
        if self.direction == "ltr" or not text:
            return text
        if isinstance(value, Phrase):
            return f"{AS_IT_IS}{text}{END}"
        return f"{LEFT_TO_RIGHT}{text}{END}"

    def figure(self, value: object) -> Phrase:
        """Return a figure, a code or a name as it stands alone in a cell."""
        return Phrase(self.put(value) if not isinstance(value, Phrase) else value)


@cache
def catalogue(lang: str) -> Catalogue:
    """Return the words of a language.

    Raises
    ------
    InputError
        If there is no catalogue of it.
    """
    if lang not in LANGUAGES:
        raise InputError(f"--lang: {lang!r} is not there; languages are {', '.join(LANGUAGES)}")
    text = (files("yieldopt.report.catalogue") / f"{lang}.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)
    phrases = dict(flat(tables))
    if phrases.pop("writing") == "ltr":
        return Catalogue(lang=lang, direction="ltr", phrases=phrases)
    isolated = {key: FIGURE.sub(_isolated, phrase) for key, phrase in phrases.items()}
    return Catalogue(lang=lang, direction="rtl", phrases=isolated)


def _isolated(found: re.Match[str]) -> str:
    """Return a figure of a phrase with its unit, left to right and on one line."""
    return f"{LEFT_TO_RIGHT}{found[0].replace(' ', FIXED_SPACE)}{END}"


def flat(table: Mapping[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Return nested tables as pairs of a dotted key and a phrase."""
    out: list[tuple[str, str]] = []
    for key, value in table.items():
        if isinstance(value, Mapping):
            out += flat(value, f"{before}{key}.")
        else:
            out.append((f"{before}{key}", str(value)))
    return out


def placeholders(phrase: str) -> set[str]:
    """Return the names of a phrase's placeholders.

    >>> sorted(placeholders("saw {piece}: {ct}"))
    ['ct', 'piece']
    """
    return {name for _, name, _, _ in string.Formatter().parse(phrase) if name}

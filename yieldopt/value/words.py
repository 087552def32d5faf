"""Words of a price book: one spelling for each, however they were typed."""

import re


def plain(word: str) -> str:
    """Return a word in small letters, its parts joined by hyphens; empty for any (`*`).

    >>> plain(" Chrome_Diopside ")
    'chrome-diopside'
    >>> plain("*")
    ''
    """
    word = re.sub(r"[\s_-]+", "-", word.strip().casefold()).strip("-")
    return "" if word == "*" else word

"""The pieces by which messages are found: row-level security leaves us no trigram index, so they are rows of their own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Final, TypeAlias

Simplify: TypeAlias = Callable[[str], str]
"""TextNormaliser.normalise: traditional characters simplified, every letter in lower case."""

_RUN: Final = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+|[^\w\s]+|_+")
_WIDTH: Final = 2
_LATIN_WIDTH: Final = 3
_LATIN: Final = re.compile(r"[0-9a-z]")
_MAX_WORDS: Final = 8
_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


def fold(text: str) -> str:
    """Return the text as it is compared unless it has to be simplified; the database folds alike: NFKC, a-z for A-Z."""
    return unicodedata.normalize("NFKC", text).translate(_LOWER)


def simplified(text: str, simplify: Simplify) -> str:
    """Return the folded text with what the database cannot fold, traditional characters above all; "" where that is the same."""
    plain = fold(text)
    if plain.isascii():
        return ""
    found = simplify(plain)
    return "" if found == plain.strip() else found


def grams_of(text: str) -> set[str]:
    """Return the pieces of a message: at each place two characters (three letters or digits), fewer at the end of a run."""
    found: set[str] = set()
    for run in _RUN.findall(fold(text)):
        width = _width(run)
        found.update(run[place : place + width] for place in range(len(run)))
    return found


def words_of(query: str, simplify: Simplify) -> list[str]:
    """Return the words that a message has to hold, folded and simplified."""
    return list(dict.fromkeys((simplified(query, simplify) or fold(query)).split()))[:_MAX_WORDS]


def grams_to_find(words: list[str]) -> tuple[list[str], list[str]]:
    """Return the whole pieces of the words, and the beginnings of pieces, that a message with all of them has."""
    whole: dict[str, None] = {}
    beginnings: dict[str, None] = {}
    for run in (run for word in words for run in _RUN.findall(word)):
        width = _width(run)
        if len(run) < width:
            beginnings[run] = None
        whole.update((run[place : place + width], None) for place in range(len(run) - width + 1))
    return list(whole), list(beginnings)


def _width(run: str) -> int:
    return _LATIN_WIDTH if _LATIN.match(run) else _WIDTH

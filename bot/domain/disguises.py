"""Reading a text through its disguises, and knowing for every letter read where it stands in the text.

「1 3 8-0000」, 「云.朵 优选」, full-width letters, circled digits, zero-width characters and traditional characters read
like the plain thing. Only letters and digits are read; everything between them is skipped.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_SKIPPED: Final = re.compile(r"[\W_]+")
_CLAUSE_MARK: Final = re.compile(r"[，。！？；,!?;\n]+")
_DIGITS: Final = dict(zip("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖幺", "001234567891234567891", strict=True))
_SEPARATORS: Final = frozenset(" \t\u00a0\u3000-‐‑‒–—―－_.．·•・。~～*＊()（）[]【】/|,，、:：'’")
_DIGIT_AFTER: Final = re.compile(r"[oO]{0,7}[0-9]")
_GAP: Final = 3
"""Up to so many separators between two digits leave them one number."""

Simplify = Callable[[str], str]


def fold(text: str, simplify: Simplify) -> str:
    """Return the letters and digits of the text as they are compared; `simplify` is TextNormaliser.normalise."""
    return _SKIPPED.sub("", simplify(_SKIPPED.sub("", unicodedata.normalize("NFKC", text).lower())))


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as it is compared: `text` holds letters and digits only, `places` where each stands in `source`."""

    source: str
    text: str
    places: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where the letters `start` to `end` stand in the source."""
        return self.places[start], self.places[end - 1] + 1

    def stands_alone(self, start: int, end: int) -> bool:
        """Whether a Latin word read there is not a piece of a longer one (tee in steel)."""
        return not (self._runs_on(start - 1, start) or self._runs_on(end - 1, end))

    def is_one_piece(self, start: int, end: int) -> bool:
        """Whether no clause ends within, save where a mark stands between nearly all letters to hide them."""
        stretch = self.source[self.places[start] : self.places[end - 1]]
        marks = len(_CLAUSE_MARK.findall(stretch))
        return not marks or marks * 2 >= end - start - 1

    def _runs_on(self, left: int, right: int) -> bool:
        if left < 0 or right >= len(self.text):
            return False
        if self.places[right] - self.places[left] > 1:
            return False
        return _is_latin(self.text[left]) and _is_latin(self.text[right])


def read_through(text: str, simplify: Simplify) -> Reading:
    """Return the reading of a text. `simplify` is TextNormaliser.normalise."""
    letters: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        for letter in _letters(character):
            letters.append(letter)
            places.append(place)
    read = "".join(letters)
    if not read.isascii():
        simplified = simplify(read)
        if len(simplified) != len(read):
            # A conversion that changes the length is done letter by letter: a place must stay a place.
            simplified = "".join(_one(simplify(letter), letter) for letter in letters)
        read = simplified
    return Reading(text, read, tuple(places))


def _letters(character: str) -> str:
    if character.isascii():
        return character.lower() if character.isalnum() else ""
    plain = unicodedata.normalize("NFKC", character).lower()
    return plain if plain.isalnum() else "".join(letter for letter in plain if letter.isalnum())


def _one(simplified: str, letter: str) -> str:
    return simplified if len(simplified) == 1 else letter


def _is_latin(letter: str) -> bool:
    return letter.isascii() and letter.isalnum()


@dataclass(frozen=True, slots=True)
class DigitRun:
    """Digits that may be one number, however they are spaced: 「1 3 8-0000」. `places` in the source, one a digit."""

    digits: str
    places: tuple[int, ...]

    def is_whole(self, start: int, end: int) -> bool:
        """Whether the digits `start` to `end` do not touch further digits."""
        before = start > 0 and self.places[start] - self.places[start - 1] == 1
        after = end < len(self.places) and self.places[end] - self.places[end - 1] == 1
        return not before and not after

    def groups(self) -> list[tuple[int, int]]:
        """Return (start, end) of the digits that touch each other."""
        edges = [i for i in range(1, len(self.places)) if self.places[i] - self.places[i - 1] > 1]
        return list(zip([0, *edges], [*edges, len(self.places)], strict=True))

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return where the digits `start` to `end` stand in the source."""
        return self.places[start], self.places[end - 1] + 1


def digit_runs(text: str, at_least: int) -> list[DigitRun]:
    """Return the runs of at least so many digits; Chinese numerals, and an O between digits, count as digits."""
    runs: list[DigitRun] = []
    digits: list[str] = []
    places: list[int] = []

    def finish() -> None:
        if len(digits) >= at_least:
            runs.append(DigitRun("".join(digits), tuple(places)))
        digits.clear()
        places.clear()

    gap = 0
    for place, character in enumerate(text):
        digit = _digit(text, place, character, bool(digits) and gap == 0)
        if digit:
            digits.append(digit)
            places.append(place)
            gap = 0
        elif digits and not _is_invisible(character):
            gap += 1
            if gap > _GAP or character not in _SEPARATORS:
                finish()
                gap = 0
    finish()
    return runs


def _digit(text: str, place: int, character: str, follows: bool) -> str:
    if "0" <= character <= "9":
        return character
    if character in "oO" and follows and _DIGIT_AFTER.match(text, place + 1):
        return "0"
    if character.isascii():
        return ""
    if character in _DIGITS:
        return _DIGITS[character]
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 and "0" <= plain <= "9" else ""


def _is_invisible(character: str) -> bool:
    """Zero-width characters, and what makes a digit an emoji, are between digits as if nothing was."""
    return not character.isascii() and unicodedata.category(character) in ("Cf", "Mn", "Me")

"""What the entity extractor sees of each character: its neighbours, its kind, and the word lists it stands in.

Standard library only. Chinese has no spaces, and a word splitter's mistakes (「发顺丰」 as one word) would hide entities:
so every character is labelled by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

_RUN = re.compile(r"[A-Za-z0-9@._+-]+")
_EDGE = "\x00"
_NUMERALS = frozenset("零一二两三四五六七八九十百千万半几")


class WordLists:
    """Words by entity name, found in a text at their longest."""

    def __init__(self, names_by_word: Mapping[str, str]) -> None:
        self.names_by_word = {word.lower(): name for word, name in names_by_word.items() if word.strip()}
        self._longest = max(map(len, self.names_by_word), default=0)
        self._beginnings = {word[0] for word in self.names_by_word}

    def mark(self, text: str) -> list[str]:
        """Return for each character `B-name` or `I-name` of the listed word it belongs to, or nothing."""
        marks = [""] * len(text)
        start = 0
        while start < len(text):
            size = self._match(text, start) if text[start] in self._beginnings else 0
            if size:
                name = self.names_by_word[text[start : start + size]]
                marks[start : start + size] = [f"B-{name}"] + [f"I-{name}"] * (size - 1)
            start += size or 1
        return marks

    def _match(self, text: str, start: int) -> int:
        for size in range(min(self._longest, len(text) - start), 0, -1):
            if text[start : start + size] in self.names_by_word:
                return size
        return 0


def describe(text: str, words: WordLists) -> list[list[str]]:
    """Return the features of every character of `text`."""
    lower = "".join(character.lower()[:1] or character for character in text)
    kinds = [_kind(character) for character in text]
    marks = words.mark(lower)
    runs = _runs(text)
    size = len(text)
    padded = [_EDGE, _EDGE, *lower, _EDGE, _EDGE]
    described = []
    for i in range(size):
        before2, before, here, after, after2 = padded[i : i + 5]
        features = [
            "bias",
            "c=" + here,
            "c-1=" + before,
            "c-2=" + before2,
            "c+1=" + after,
            "c+2=" + after2,
            "b-1=" + before + here,
            "b+1=" + here + after,
            "b-2=" + before2 + before,
            "b+2=" + after + after2,
            "t=" + before + here + after,
            "k=" + kinds[i],
            "k-1=" + (kinds[i - 1] if i else _EDGE),
            "k+1=" + (kinds[i + 1] if i + 1 < size else _EDGE),
        ]
        for offset, label in ((-1, "m-1="), (0, "m="), (1, "m+1=")):
            if 0 <= i + offset < size and marks[i + offset]:
                features.append(label + marks[i + offset])
        if runs[i]:
            features += ["r=" + runs[i], "rb=" + runs[i] + before]
        described.append(features)
    return described


def labels(length: int, spans: Iterable[tuple[str, int, int]]) -> list[str]:
    """Return each character's label: `B-name`, `I-name` or `O`."""
    tags = ["O"] * length
    for name, start, end in spans:
        tags[start:end] = [f"B-{name}"] + [f"I-{name}"] * (end - start - 1)
    return tags


def spans(tags: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return (name, start, end) of every entity that the labels describe."""
    found: list[tuple[str, int, int]] = []
    for position, tag in enumerate(tags):
        kind, _, name = tag.partition("-")
        if kind == "I" and found and found[-1][0] == name and found[-1][2] == position:
            found[-1] = (name, found[-1][1], position + 1)
        elif name:
            found.append((name, position, position + 1))
    return found


def _kind(character: str) -> str:
    if character in _NUMERALS:
        return "numeral"
    if character.isdigit():
        return "digit"
    if character.isascii() and character.isalpha():
        return "letter"
    if character.isspace():
        return "space"
    return unicodedata.category(character)[0]


def _runs(text: str) -> list[str]:
    """Return for each character the shape of the run of letters and digits it stands in, such as `d12` or `m18`."""
    shapes = [""] * len(text)
    for match in _RUN.finditer(text):
        run = match[0]
        if "@" in run:
            shape = "mail"
        else:
            plain = [character for character in run if character.isalnum()]
            digits = sum(character.isdigit() for character in plain)
            kind = "d" if digits == len(plain) else "a" if not digits else "m"
            shape = f"{kind}{min(len(plain), 21)}"
        shapes[match.start() : match.end()] = [shape] * len(run)
    return shapes

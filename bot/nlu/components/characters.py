"""What the entity extractor sees of each character: its neighbours, its kind, and the word lists and patterns it stands in.

Standard library only. Chinese has no spaces, and a word splitter's mistakes (「发顺丰」 as one word) would hide entities:
so every character is labelled by itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

_RUN = re.compile(r"[A-Za-z0-9@._+-]+")
_EDGE = "\x00"
_AROUND = ((-1, "-1"), (0, ""), (1, "+1"))
_NUMERALS = frozenset("零一二两三四五六七八九十百千万半几")


class Evidence:
    """The word lists and regular expressions of intents/: where they find what in a text."""

    def __init__(self, names_by_word: Mapping[str, str], patterns: Sequence[tuple[str, str]] = ()) -> None:
        self.names_by_word = {word.lower(): name for word, name in names_by_word.items() if word.strip()}
        self.patterns = tuple(patterns)
        self._compiled = [(name, re.compile(pattern)) for name, pattern in patterns]
        self._longest = max(map(len, self.names_by_word), default=0)
        self._beginnings = {word[0] for word in self.names_by_word}

    def listed(self, lower: str) -> list[str]:
        """Return for each character `B-name` or `I-name` of the longest listed word it belongs to, or nothing."""
        marks = [""] * len(lower)
        start = 0
        while start < len(lower):
            size = self._match(lower, start) if lower[start] in self._beginnings else 0
            if size:
                name = self.names_by_word[lower[start : start + size]]
                marks[start : start + size] = [f"B-{name}"] + [f"I-{name}"] * (size - 1)
            start += size or 1
        return marks

    def matched(self, text: str) -> list[str]:
        """Return for each character `B-name` or `I-name` of the pattern's match it belongs to, or nothing."""
        marks = [""] * len(text)
        for name, pattern in self._compiled:
            for match in pattern.finditer(text):
                start, end = match.span()
                if start < end and not any(marks[start:end]):
                    marks[start:end] = [f"B-{name}"] + [f"I-{name}"] * (end - start - 1)
        return marks

    def _match(self, text: str, start: int) -> int:
        for size in range(min(self._longest, len(text) - start), 0, -1):
            if text[start : start + size] in self.names_by_word:
                return size
        return 0


def describe(text: str, evidence: Evidence) -> list[list[str]]:
    """Return the features of every character of `text`."""
    lower = "".join(character.lower()[:1] or character for character in text)
    kinds = [_kind(character) for character in text]
    listed = evidence.listed(lower)
    matched = evidence.matched(text)
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
        for offset, label in _AROUND:
            if 0 <= i + offset < size:
                if listed[i + offset]:
                    features.append(f"m{label}={listed[i + offset]}")
                if matched[i + offset]:
                    features.append(f"p{label}={matched[i + offset]}")
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

"""Which pieces of a message the intent classifier looks at. Standard library only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

LONGEST_WORD = 40
_CHARACTERS = re.compile(r"[a-z]+|\d+|[^\sa-z\d]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_TRAILING = re.compile(r"[\s,，。.!！?？~～…]+$")
_EDGE = 3
_LONGEST_COUNTED = 6
_LENGTH_STEP = 4


def pieces(words: Sequence[str], shortest: int, longest: int) -> Iterator[str]:
    """Yield the pieces of a message whose words are given: of each word, across words, the words themselves, its two ends.

    Which number stands in a message says nothing of what is wanted: all are read as 0.
    """
    lower = [_NUMBER.sub("0", word[:LONGEST_WORD].lower()) for word in words if not word.isspace()]
    for word in lower:
        yield from _within(word, shortest, longest)
    joined = " ".join(lower)
    yield from _joined("c", _CHARACTERS.findall(joined), 3)
    yield from _joined("w", lower, 2)
    close = joined.replace(" ", "")
    yield from _ends(_TRAILING.sub("", close))
    for first, third in zip(close, close[2:], strict=False):
        yield f"s\t{first}\t{third}"


def count_rows(counts: Mapping[str, int], vocabulary: Mapping[str, int]) -> tuple[list[int], list[int]]:
    """Return the columns that the counted pieces have in the vocabulary, and how often each stands in the message."""
    columns: list[int] = []
    values: list[int] = []
    for piece, count in counts.items():
        column = vocabulary.get(piece)
        if column is not None:
            columns.append(column)
            values.append(count)
    return columns, values


def learn_vocabulary(
    texts: Sequence[Mapping[str, int]], fewest: int, known: Sequence[str] = ()
) -> dict[str, int]:
    """Return the column of every piece that is `known`, in that order, then of those that stand in at least `fewest` texts."""
    spread: Counter[str] = Counter()
    for counts in texts:
        spread.update(counts.keys())
    already = frozenset(known)
    kept = sorted(piece for piece, number in spread.items() if number >= fewest and piece not in already)
    return {piece: column for column, piece in enumerate((*known, *kept))}


def _within(word: str, shortest: int, longest: int) -> Iterator[str]:
    """Yield the character n-grams of a word with a space before and after; a word shorter than n is taken whole, once."""
    padded = f" {word} "
    for size in range(shortest, longest + 1):
        if size >= len(padded):
            yield padded
            return
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


def _joined(kind: str, items: Sequence[str], longest: int) -> Iterator[str]:
    for size in range(1, longest + 1):
        for start in range(len(items) - size + 1):
            yield kind + "\t" + "\t".join(items[start : start + size])


def _ends(text: str) -> Iterator[str]:
    """Yield how the text begins and ends, where Chinese puts its particles, and about how long it is."""
    for size in range(1, min(_EDGE, len(text)) + 1):
        yield "<\t" + text[:size]
        yield ">\t" + text[-size:]
    yield f"l\t{min(_LONGEST_COUNTED, len(text) // _LENGTH_STEP)}"

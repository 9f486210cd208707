"""An EntryIndex that anyone can compute by hand: the nearest phrasing, and whether the classifier agrees."""

from __future__ import annotations

from collections.abc import Sequence

from bot.ports import EntryIndex, IndexedEntry, Question, RankedEntry

_AGREES = 0.4
_DISAGREES = 0.6


class PlainIndex:
    """Confidence is the cosine to the nearest phrasing, raised when the first intent is the entry's, else lowered."""

    def __init__(self, entries: Sequence[IndexedEntry]) -> None:
        self._entries = {entry.id: entry for entry in entries}

    def put(self, entry: IndexedEntry) -> None:
        self._entries[entry.id] = entry

    def remove(self, entry: str) -> None:
        self._entries.pop(entry, None)

    def relearn(self) -> bool:
        """Nothing is learned here."""
        return True

    def branch(self) -> EntryIndex:
        return PlainIndex(list(self._entries.values()))

    def rank(self, question: Question, limit: int) -> list[RankedEntry]:
        ranked = [
            RankedEntry(entry.id, _confidence(entry, question), same=question.text in entry.phrasings)
            for entry in self._entries.values()
            if len(entry.vectors) and _in_scope(entry, question)
        ]
        return sorted(ranked, key=lambda found: -found.confidence)[:limit]

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def memory_bytes(self) -> int:
        return sum(entry.vectors.nbytes for entry in self._entries.values())


class PlainIndexes:
    """The EntryIndexes of PlainIndex. `built` counts how often an index was built."""

    def __init__(self) -> None:
        self.built = 0

    def build(self, entries: Sequence[IndexedEntry], dimension: int) -> EntryIndex:
        self.built += 1
        return PlainIndex(entries)


def _confidence(entry: IndexedEntry, question: Question) -> float:
    nearest = max(0.0, float((entry.vectors @ question.vector).max()))
    if not question.intents:
        return min(nearest, 0.99)
    agrees = entry.intent == question.intents[0].intent
    return min(nearest + _AGREES if agrees else nearest * _DISAGREES, 0.99)


def _in_scope(entry: IndexedEntry, question: Question) -> bool:
    if entry.scope.is_open() or not question.products:
        return True
    return bool(
        set(entry.scope.products) & set(question.products)
        or set(entry.scope.categories) & set(question.categories)
    )

"""Indexes that know less than the whole ranker: single channels, and the ranker without product scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bot.ports import EntryIndex, EntryIndexes, IndexedEntry, Question, RankedEntry
from bot.retrieval.index import FaissEntryIndexes

GRAMS: Final = {"grams": 1.0}
GRAMS_AND_DENSE: Final = {"grams": 1.0, "dense_two": 0.6}
DENSE: Final = {"dense_two": 1.0}
LEARNED: Final = {"learned": 1.0}
_ALL: Final = 200


@dataclass(frozen=True, slots=True)
class _LessKnowing:
    """An index over another one: by a weighted mean of `channels`, if given; blind to products without `scoped`."""

    inner: EntryIndex
    channels: Mapping[str, float] | None
    scoped: bool

    def put(self, entry: IndexedEntry) -> None:
        self.inner.put(entry)

    def remove(self, entry: str) -> None:
        self.inner.remove(entry)

    def relearn(self) -> bool:
        return self.inner.relearn()

    def rank(self, question: Question, limit: int) -> list[RankedEntry]:
        """See EntryIndex.rank."""
        asked = question if self.scoped else replace(question, products=(), categories=())
        if self.channels is None:
            return self.inner.rank(asked, limit)
        total = sum(self.channels.values())
        ranked = [
            RankedEntry(
                found.entry, sum(found.features[name] * by for name, by in self.channels.items()) / total
            )
            for found in self.inner.rank(asked, _ALL)
        ]
        return sorted(ranked, key=lambda found: -found.confidence)[:limit]

    def __len__(self) -> int:
        return len(self.inner)

    @property
    def memory_bytes(self) -> int:
        return self.inner.memory_bytes


@dataclass(frozen=True, slots=True)
class LessKnowingIndexes:
    """EntryIndexes of what `channels` alone see, or of the whole ranker, with or without product scope.

    The scores of channels are no probabilities: they say which entry comes first, not how sure it is.
    """

    channels: Mapping[str, float] | None = None
    scoped: bool = False
    inner: EntryIndexes = field(default_factory=FaissEntryIndexes)

    def build(self, entries: Sequence[IndexedEntry], dimension: int) -> _LessKnowing:
        """See EntryIndexes.build."""
        return _LessKnowing(self.inner.build(entries, dimension), self.channels, self.scoped)

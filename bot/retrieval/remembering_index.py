"""Indexes that remember how they ranked recent questions: buyers of a shop ask the same few hundred things all day."""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import replace

from bot.ports import EntryIndex, EntryIndexes, IndexedEntry, Question, RankedEntry


class RememberingIndexes:
    """EntryIndexes that remember the `capacity` rankings used last, about 1 KB each, over all indexes together.

    Each ranking is kept under a mark that its index got when it last changed. No other index and no earlier state ever
    had that mark: a shop can neither be given another's ranking nor one from before an edit.
    """

    def __init__(self, inner: EntryIndexes, capacity: int = 20_000) -> None:
        self._inner = inner
        self._capacity = capacity
        self._marks = itertools.count()
        self._kept: OrderedDict[Hashable, list[RankedEntry]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def build(self, entries: Sequence[IndexedEntry], dimension: int) -> EntryIndex:
        """Return a new index over `entries` that remembers."""
        return _RememberingIndex(self._inner.build(entries, dimension), self)

    def new_mark(self) -> int:
        """Return a mark that nobody had."""
        return next(self._marks)

    def recall(self, key: Hashable) -> list[RankedEntry] | None:
        """Return what was kept under the key, or None."""
        found = self._kept.pop(key, None)
        if found is not None:
            self._kept[key] = found
        return found

    def keep(self, key: Hashable, ranking: list[RankedEntry]) -> None:
        """Keep the ranking; the one unused for longest goes when there are too many."""
        self._kept[key] = ranking
        while len(self._kept) > self._capacity:
            self._kept.popitem(last=False)


class _RememberingIndex:
    """An EntryIndex. What it remembers of a ranking leaves out how it came about. `rank` is for one thread."""

    def __init__(self, inner: EntryIndex, memory: RememberingIndexes) -> None:
        self._inner = inner
        self._memory = memory
        self._mark = memory.new_mark()

    def __len__(self) -> int:
        return len(self._inner)

    @property
    def memory_bytes(self) -> int:
        return self._inner.memory_bytes

    def put(self, entry: IndexedEntry) -> None:
        """Add or replace the entry."""
        self._inner.put(entry)
        self._mark = self._memory.new_mark()

    def remove(self, entry: str) -> None:
        """Forget the entry."""
        self._inner.remove(entry)
        self._mark = self._memory.new_mark()

    def relearn(self) -> bool:
        """Learn anew what the entries have taught each other; False when it must be called again."""
        counts = self._inner.relearn()
        self._mark = self._memory.new_mark()
        return counts

    def branch(self) -> EntryIndex:
        """Return an index that holds the same now, and remembers for itself."""
        return _RememberingIndex(self._inner.branch(), self._memory)

    def rank(self, question: Question, limit: int) -> list[RankedEntry]:
        """Return at most `limit` entries by falling confidence."""
        # The mark is read first: a ranking made while another thread changes the index is kept under the old one.
        key = (
            self._mark, limit, question.text, hash(question.vector.tobytes()), question.intents, question.products,
            question.categories,
        )  # fmt: skip
        known = self._memory.recall(key)
        if known is None:
            known = [replace(ranked, features={}) for ranked in self._inner.rank(question, limit)]
            self._memory.keep(key, known)
        return list(known)

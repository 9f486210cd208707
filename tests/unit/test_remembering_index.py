"""A remembered ranking is the one the index would give now, and never another shop's."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bot.domain.entry import Scope
from bot.domain.intents import IntentScore
from bot.ports import EntryIndex, IndexedEntry, Question, RankedEntry
from bot.retrieval.remembering_index import RememberingIndexes


class _CountingIndex:
    """Ranks its entries in their order, and counts how often it was asked."""

    def __init__(self, entries: Sequence[IndexedEntry]) -> None:
        self.entries = {entry.id: entry for entry in entries}
        self.asked = 0
        self.memory_bytes = 7

    def __len__(self) -> int:
        return len(self.entries)

    def put(self, entry: IndexedEntry) -> None:
        self.entries[entry.id] = entry

    def remove(self, entry: str) -> None:
        self.entries.pop(entry, None)

    def relearn(self) -> bool:
        self.entries = dict(reversed(self.entries.items()))
        return True

    def branch(self) -> EntryIndex:
        return _CountingIndex(list(self.entries.values()))

    def rank(self, question: Question, limit: int) -> list[RankedEntry]:
        self.asked += 1
        return [RankedEntry(entry, 0.5, {"dense": 1.0}) for entry in self.entries][:limit]


class _CountingIndexes:
    def __init__(self) -> None:
        self.built: list[_CountingIndex] = []

    def build(self, entries: Sequence[IndexedEntry], dimension: int) -> EntryIndex:
        self.built.append(_CountingIndex(entries))
        return self.built[-1]


def _entry(name: str) -> IndexedEntry:
    return IndexedEntry(name, "stock", None, Scope(), ("有货吗",), np.ones((1, 2), np.float32))


def _question(text: str = "有货吗", intents: tuple[IntentScore, ...] = ()) -> Question:
    return Question(text, np.ones(2, np.float32), intents)


def _ids(ranked: list[RankedEntry]) -> list[str]:
    return [entry.entry for entry in ranked]


def test_a_question_asked_again_is_answered_from_memory() -> None:
    inner = _CountingIndexes()
    index = RememberingIndexes(inner).build([_entry("a"), _entry("b")], 2)
    assert index.rank(_question(), 2) == index.rank(_question(), 2)
    assert inner.built[0].asked == 1


def test_the_same_words_understood_otherwise_are_ranked_anew() -> None:
    inner = _CountingIndexes()
    index = RememberingIndexes(inner).build([_entry("a")], 2)
    index.rank(_question(), 2)
    index.rank(_question(intents=(IntentScore("stock_available", "stock", 0.9),)), 2)
    index.rank(_question(), 1)
    assert inner.built[0].asked == 3


def test_after_a_change_nothing_old_is_given() -> None:
    index = RememberingIndexes(_CountingIndexes()).build([_entry("a")], 2)
    index.rank(_question(), 9)
    index.put(_entry("b"))
    assert _ids(index.rank(_question(), 9)) == ["a", "b"]
    index.relearn()
    assert _ids(index.rank(_question(), 9)) == ["b", "a"]
    index.remove("a")
    assert _ids(index.rank(_question(), 9)) == ["b"]


def test_two_indexes_never_share_a_ranking() -> None:
    indexes = RememberingIndexes(_CountingIndexes())
    one, other = indexes.build([_entry("ours")], 2), indexes.build([_entry("theirs")], 2)
    assert _ids(one.rank(_question(), 9)) == ["ours"]
    assert _ids(other.rank(_question(), 9)) == ["theirs"]


def test_what_a_caller_does_to_a_ranking_is_not_remembered() -> None:
    index = RememberingIndexes(_CountingIndexes()).build([_entry("a")], 2)
    index.rank(_question(), 9).clear()
    assert _ids(index.rank(_question(), 9)) == ["a"]


def test_the_ranking_unused_for_longest_goes_first() -> None:
    inner = _CountingIndexes()
    indexes = RememberingIndexes(inner, capacity=2)
    index = indexes.build([_entry("a")], 2)
    for text in ("一", "二", "一", "三", "一"):
        index.rank(_question(text), 9)
    assert (len(indexes), inner.built[0].asked) == (2, 3)


def test_size_and_memory_are_those_of_the_index() -> None:
    index = RememberingIndexes(_CountingIndexes()).build([_entry("a")], 2)
    assert (len(index), index.memory_bytes) == (1, 7)


def test_a_branch_remembers_for_itself() -> None:
    index = RememberingIndexes(_CountingIndexes()).build([_entry("a")], 2)
    index.rank(_question(), 9)
    branch = index.branch()
    branch.put(_entry("b"))
    assert _ids(branch.rank(_question(), 9)) == ["a", "b"]
    assert _ids(index.rank(_question(), 9)) == ["a"]

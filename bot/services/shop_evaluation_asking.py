"""Asking a shop its own phrasings, each where the shop does not know it: cross-validation over the phrasings."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import numpy as np

from bot.domain.catalogue import Catalogue
from bot.domain.entry import Entry
from bot.domain.intents import IntentScore
from bot.domain.text import UnreadableMessage, is_acknowledgement, read_message, strip_opener
from bot.ports import (
    ClassifierUnavailable,
    Embedder,
    EntryIndex,
    EntryIndexes,
    IndexedEntry,
    IntentClassifier,
    Question,
    TextNormaliser,
    Vectors,
)

FOLDS: Final = 5
SHOWN: Final = 3
LEAST_SHOWN: Final = 0.12
OTHER_LANGUAGE: Final = 0.4
"""How suggesting shows what was ranked: how many, from which confidence on, and the factor on another language."""
_RANKED: Final = 8
_BATCH: Final = 256
_CLASSIFIED_AT_ONCE: Final = 16

Tick: TypeAlias = Callable[[str, int, int], None]
"""Told of progress: the stage, how much of it is done, and of how much."""


@dataclass(frozen=True, slots=True)
class Phrasing:
    """One phrasing of an entry: `text` as written, `folded` as indexed, `asked` as searched, `key` without punctuation.

    `refusal` says why a message like it is not looked up, "" when it is. `row` is its row among the entry's vectors.
    """

    entry: str
    row: int
    text: str
    folded: str
    asked: str
    key: str
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shop said to one phrasing that it did not know; `ranking` holds the entries that buyers may get."""

    phrasing: Phrasing
    ranking: tuple[tuple[str, float], ...]

    @property
    def first(self) -> str | None:
        """The first entry shown; None in silence."""
        return self.ranking[0][0] if self.ranking and self.confidence >= LEAST_SHOWN else None

    @property
    def confidence(self) -> float:
        return self.ranking[0][1] if self.ranking else 0.0

    @property
    def own_place(self) -> int | None:
        """The place of the phrasing's own entry among those shown, from 1; None when it is not."""
        for place, (entry, confidence) in enumerate(self.ranking[:SHOWN], start=1):
            if entry == self.phrasing.entry and confidence >= LEAST_SHOWN:
                return place
        return None

    @property
    def own_confidence(self) -> float:
        return dict(self.ranking).get(self.phrasing.entry, 0.0)


@dataclass(slots=True)
class Fold:
    """One part of the phrasings, the index of a shop that knows the others, and the entries as that index has them."""

    held_out: tuple[Phrasing, ...]
    index: EntryIndex
    entries: dict[str, IndexedEntry]
    settled: set[str] = field(default_factory=set)
    """Entries whose weights were learned one by one since; see bot.services.shop_evaluation_harms."""


@dataclass(frozen=True, slots=True)
class ExaminedShop:
    """A shop as it is examined: entries that buyers get now, what is indexed, and each phrasing as a question."""

    entries: Mapping[str, Entry]
    reachable: Collection[str]
    indexed: Mapping[str, IndexedEntry]
    by_entry: Mapping[str, Sequence[Phrasing]]
    questions: Mapping[Phrasing, Question]

    @property
    def phrasings(self) -> list[Phrasing]:
        """All phrasings, entry by entry."""
        return [phrasing for own in self.by_entry.values() for phrasing in own]

    def ask(self, index: EntryIndex, phrasing: Phrasing) -> Answer:
        """Return what the index says to the phrasing, as suggesting would show it."""
        language = self.entries[phrasing.entry].language
        found = [
            (ranked.entry, ranked.confidence * self._factor(ranked.entry, language))
            for ranked in index.rank(self.questions[phrasing], _RANKED)
            if ranked.entry in self.reachable
        ]
        return Answer(phrasing, tuple(sorted(found, key=lambda pair: -pair[1])))

    def _factor(self, entry: str, language: str) -> float:
        return 1.0 if self.entries[entry].language == language else OTHER_LANGUAGE

    def answers_alike(self, one: str, other: str) -> bool:
        """Whether a buyer is told the same by both entries."""
        first, second = self.entries[one], self.entries[other]
        same = (first.reply, first.fallback) == (second.reply, second.fallback)
        return one == other or (same and dict(first.cases) == dict(second.cases))

    def is_right(self, answer: Answer) -> bool:
        """Whether the first reply shown is the right one."""
        return answer.first is not None and self.answers_alike(answer.phrasing.entry, answer.first)


def read_phrasings(entry: Entry, normaliser: TextNormaliser) -> list[Phrasing]:
    """Return the entry's phrasings in the order of its index, without repetition."""
    found: dict[str, Phrasing] = {}
    for text in entry.all_phrasings:
        folded = normaliser.normalise(text)
        if folded not in found:
            asked, refusal = _as_asked(text, normaliser)
            key = "".join(c for c in asked if c.isalnum()) or folded
            found[folded] = Phrasing(entry.id, len(found), text, folded, asked, key, refusal)
    return list(found.values())


def _as_asked(text: str, normaliser: TextNormaliser) -> tuple[str, str]:
    """Return the phrasing as a buyer's message is searched for, and why such a message is not looked up at all."""
    try:
        asked = strip_opener(normaliser.normalise(read_message(text).text))
    except UnreadableMessage:
        return "", "unreadable"
    if is_acknowledgement(asked):
        return asked, "acknowledgement"
    if not any(character.isalnum() for character in asked):
        return asked, "no words"
    return asked, ""


def deal(phrasings: Sequence[Phrasing], folds: int = FOLDS, seed: int = 0) -> list[tuple[Phrasing, ...]]:
    """Return the phrasings that can be asked, in `folds` parts.

    An entry keeps a phrasing in every part's shop; phrasings that differ in punctuation alone go together, since one would
    give the other away. An entry whose phrasings are all alike in that way is in no part.
    """
    parts: list[list[Phrasing]] = [[] for _ in range(folds)]
    chance = random.Random(seed)  # noqa: S311 - the same parts each time are meant
    by_entry: dict[str, dict[str, list[Phrasing]]] = {}
    for phrasing in phrasings:
        by_entry.setdefault(phrasing.entry, {}).setdefault(phrasing.key, []).append(phrasing)
    turn = 0
    for groups in by_entry.values():
        if len(groups) < 2:
            continue
        askable = [group for group in groups.values() if not group[0].refusal]
        chance.shuffle(askable)
        for group in askable:
            parts[turn % folds].extend(group)
            turn += 1
    return [tuple(part) for part in parts if part]


def without(entry: IndexedEntry, rows: Collection[int]) -> IndexedEntry:
    """Return the entry without the phrasings of these rows."""
    kept = [row for row in range(len(entry.phrasings)) if row not in rows]
    texts = tuple(entry.phrasings[row] for row in kept)
    return IndexedEntry(entry.id, entry.group, entry.intent, entry.scope, texts, entry.vectors[kept])


def open_fold(
    shop: ExaminedShop, held_out: tuple[Phrasing, ...], indexes: EntryIndexes, dimension: int
) -> Fold:
    """Return the shop that does not know these phrasings. CPU-bound."""
    rows: dict[str, set[int]] = {}
    for phrasing in held_out:
        rows.setdefault(phrasing.entry, set()).add(phrasing.row)
    entries = {i: without(entry, rows[i]) if i in rows else entry for i, entry in shop.indexed.items()}
    return Fold(held_out, indexes.build(list(entries.values()), dimension), entries)


def _ask_fold(shop: ExaminedShop, fold: Fold) -> list[Answer]:
    return [shop.ask(fold.index, phrasing) for phrasing in fold.held_out]


async def ask_all(
    shop: ExaminedShop, indexes: EntryIndexes, dimension: int, tick: Tick
) -> tuple[list[Fold], list[Answer]]:
    """Return the folds and what each of their shops said to the phrasings that it does not know."""
    parts = deal([phrasing for phrasing in shop.phrasings if phrasing.entry in shop.reachable])
    total = sum(map(len, parts))
    folds: list[Fold] = []
    answers: list[Answer] = []
    tick("asking", 0, total)
    for part in parts:
        fold = await asyncio.to_thread(open_fold, shop, part, indexes, dimension)
        answers += await asyncio.to_thread(_ask_fold, shop, fold)
        folds.append(fold)
        tick("asking", len(answers), total)
    return folds, answers


async def encode_all(texts: Sequence[str], embedder: Embedder, tick: Tick) -> dict[str, Vectors]:
    """Return the vector of each text. Raises EmbedderUnavailable."""
    unique = list(dict.fromkeys(texts))
    found: dict[str, Vectors] = {}
    for start in range(0, len(unique), _BATCH):
        batch = unique[start : start + _BATCH]
        found.update(zip(batch, await embedder.encode(batch), strict=True))
        tick("encoding", len(found), len(unique))
    return found


async def classify_all(
    texts: Sequence[str], classifier: IntentClassifier | None, tick: Tick
) -> dict[str, tuple[IntentScore, ...]]:
    """Return the intents of each text that the classifier reads; nothing without one."""
    if classifier is None:
        return {}
    unique = list(dict.fromkeys(texts))
    found: dict[str, tuple[IntentScore, ...]] = {}

    async def one(text: str) -> None:
        try:
            found[text] = (await classifier.classify(text)).intents
        except ClassifierUnavailable:
            return

    for start in range(0, len(unique), _CLASSIFIED_AT_ONCE):
        await asyncio.gather(*(one(text) for text in unique[start : start + _CLASSIFIED_AT_ONCE]))
        tick("classifying", min(start + _CLASSIFIED_AT_ONCE, len(unique)), len(unique))
    return found


def as_question(
    text: str, vector: Vectors, intents: tuple[IntentScore, ...], catalogue: Catalogue
) -> Question:
    """Return the question with the products that it names."""
    mention = catalogue.find(text)
    categories = dict.fromkeys(p.category for p in catalogue.products_of(mention) if p.category)
    return Question(text, vector, intents, mention.products, tuple(categories))


def index_entry(entry: Entry, phrasings: Sequence[Phrasing], vectors: Mapping[str, Vectors]) -> IndexedEntry:
    """Return the entry as the index wants it."""
    stacked = np.stack([vectors[phrasing.folded] for phrasing in phrasings])
    texts = tuple(phrasing.folded for phrasing in phrasings)
    return IndexedEntry(entry.id, entry.group, entry.intent, entry.scope, texts, stacked)

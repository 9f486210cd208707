"""Warning an owner while an entry is written, from the entries and facts of that one shop alone."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from bot.domain.catalogue import Mention
from bot.domain.entry import Entry
from bot.domain.entry_warnings import (
    EntryReading,
    EntryWarning,
    contradictions,
    read_entry,
    taken_words,
    without_facts,
)
from bot.domain.facts import Fact
from bot.domain.phrase_reading import title_of
from bot.ports import (
    Embedder,
    EntryIndex,
    FactStore,
    IndexedEntry,
    IntentClassifier,
    Question,
    RankedEntry,
    TextNormaliser,
)
from bot.services.known_entries import KnownEntries
from bot.services.live_shops import LiveShop, LiveShops
from bot.services.searching import QuestionReader

_READ: Final = 60
"""So many of the phrasings, the question and the newest, are compared by meaning."""
_LIKELY: Final = 0.6
"""In the demo shops fewer than one phrasing in a hundred is another entry's at this and beyond its own."""
_SURE: Final = 0.8
"""One or two phrasings say little about an entry: then it is to be this sure."""
_FEW: Final = 3
_MOST_OF: Final = 0.6
_SHOWN: Final = 40
_RANKED: Final = 5
_SHOPS: Final = 8


@dataclass(frozen=True, slots=True)
class _Asked:
    """A phrasing of the entry at hand: the field that it stands in, its words, and what is looked for."""

    field: str
    text: str
    question: Question


@dataclass(slots=True)
class _Readings:
    """One shop's entries as they were read when somebody was warned last: what has not changed is not read again."""

    facts: Mapping[str, Fact] = field(default_factory=dict)
    known: Mapping[str, EntryReading] = field(default_factory=dict)

    def of(self, entries: Sequence[Entry], facts: Mapping[str, Fact]) -> list[EntryReading]:
        """Return the readings of these entries in a shop of these facts."""
        known = self.known if facts == self.facts else {}
        fresh: dict[str, EntryReading] = {}
        for entry in entries:
            former = known.get(entry.id)
            fresh[entry.id] = former if former and former.entry is entry else read_entry(entry, facts)
        self.facts, self.known = facts, fresh
        return list(fresh.values())


class EntryWarnings:
    """Finds what is doubtful about entries that need not be saved."""

    def __init__(
        self,
        live_shops: LiveShops,
        known: KnownEntries,
        facts: FactStore,
        embedder: Embedder,
        classifier: IntentClassifier,
        normaliser: TextNormaliser,
    ) -> None:
        self._live_shops = live_shops
        self._known = known
        self._facts = facts
        self._reader = QuestionReader(live_shops, embedder, classifier)
        self._normaliser = normaliser
        self._readings: OrderedDict[str, _Readings] = OrderedDict()

    async def warn(self, shop: str, entry: Entry) -> list[EntryWarning]:
        """Return the warnings about the entry, as it would be if it were published. Raises NotFound."""
        live = await self._live_shops.get(shop)
        every = await self._known.of(shop)
        has_orders = bool(await self._facts.list_orders(shop, 1))
        asked, index = await self._read(entry, live)
        readings = self._readings.setdefault(shop, _Readings())
        self._readings.move_to_end(shop)
        while len(self._readings) > _SHOPS:
            self._readings.popitem(last=False)
        # Ten thousand entries take a while the first time: other messages must not wait for it.
        return await asyncio.to_thread(_judge, entry, every, readings, live, asked, index, has_orders)

    async def _read(self, entry: Entry, live: LiveShop) -> tuple[list[_Asked], EntryIndex]:
        fields = {"question": entry.question} | {
            f"phrasings[{at}]": text for at, text in enumerate(entry.phrasings)
        }
        texts = {name: self._normaliser.normalise(text) for name, text in fields.items() if text.strip()}
        chosen = [*list(texts)[:1], *list(texts)[1:][1 - _READ :]]
        found = await self._reader.read(
            [texts[name] for name in chosen], live, Mention(entry.scope.products), classified=False
        )
        asked = [_Asked(name, fields[name], each) for name, each in zip(chosen, found.questions, strict=True)]
        return asked, found.index


def _judge(
    entry: Entry,
    every: Sequence[Entry],
    readings: _Readings,
    live: LiveShop,
    asked: Sequence[_Asked],
    index: EntryIndex,
    has_orders: bool,
) -> list[EntryWarning]:
    snapshot = live.snapshot
    in_use = [each for each in every if each.status != "archived"]
    others = [each for each in readings.of(in_use, snapshot.facts) if each.entry.id != entry.id]
    taken = list(taken_words(entry, others))
    fields = {each.field for each in taken if each.kind == "taken"}
    unclear = [each for each in asked if each.field not in fields]
    known = {each.entry.id: each.entry for each in others}
    found = [
        *without_facts(entry, snapshot.facts, snapshot.shipping, snapshot.products, has_orders=has_orders),
        *contradictions(entry, others, snapshot.facts, snapshot.products),
        *_alike(entry, unclear, index, known),
        *taken,
    ]
    return found[:_SHOWN]


def _alike(
    entry: Entry, asked: Sequence[_Asked], index: EntryIndex, known: Mapping[str, Entry]
) -> list[EntryWarning]:
    """Return the entry that asks the same as most phrasings, and those phrasings that fit another better than their own."""
    rest = index.branch()
    rest.remove(entry.id)
    least = _LIKELY if len(asked) >= _FEW else _SURE
    best: list[tuple[_Asked, RankedEntry]] = []
    for each in asked:
        first = next(iter(rest.rank(each.question, 1)), None)
        if first is not None and first.confidence >= least and first.entry in known:
            best.append((each, first))
    found: list[EntryWarning] = []
    counts = Counter(ranked.entry for _, ranked in best)
    same = [other for other, count in counts.most_common(1) if count >= _MOST_OF * len(asked)]
    found += [EntryWarning("alike", "question", other=known[other]) for other in same]
    for each, ranked in best:
        if ranked.entry not in same and _fits_better(entry, each, asked, ranked.entry, rest):
            found.append(EntryWarning("belongs", each.field, each.text, known[ranked.entry]))
    return found


def _fits_better(
    entry: Entry, phrasing: _Asked, asked: Sequence[_Asked], other: str, rest: EntryIndex
) -> bool:
    """Whether the phrasing, taken out of its entry, is rather found in the other one than in what is left of its own."""
    left = [each.question for each in asked if each is not phrasing]
    if not left:
        return False
    index = rest.branch()
    texts, vectors = tuple(each.text for each in left), np.stack([each.vector for each in left])
    index.put(IndexedEntry(entry.id, entry.group, entry.intent, entry.scope, texts, vectors))
    confidences = {each.entry: each.confidence for each in index.rank(phrasing.question, _RANKED)}
    return confidences.get(other, 0.0) >= confidences.get(entry.id, 0.0)


def warning_data(warning: EntryWarning) -> dict[str, Any]:
    """Return a warning as plain data."""
    other = warning.other
    return {
        "kind": warning.kind,
        "field": warning.field,
        "text": warning.text,
        "entry": None
        if other is None
        else {"id": other.id, "question": title_of(other), "status": other.status},
        "there": warning.there,
        "variable": warning.variable,
        "have": warning.have,
        "of": warning.of,
    }

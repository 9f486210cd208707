"""Trying a message on a shop as it answers now, and as it would answer with an edit that nobody has saved."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.entry import Entry
from bot.domain.suggestion import SuggestionResult
from bot.domain.text import read_message, strip_opener
from bot.ports import Embedder, IntentClassifier, TextNormaliser
from bot.services.live_shops import LiveShop, LiveShops
from bot.services.searching import QuestionReader
from bot.services.shop_indexing import ShopIndexer
from bot.services.suggesting import Suggester, SuggestionRequest

_RANKED: Final = 5


@dataclass(frozen=True, slots=True)
class Standing:
    """An entry's place for the words alone, the conversation left out: how likely it is what they ask for."""

    entry: str
    question: str
    confidence: float
    word_for_word: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """What the shop answers, the entries nearest to the words, and from which confidence a reply may go out alone."""

    result: SuggestionResult
    standings: tuple[Standing, ...]
    threshold: float


class EntryTrials:
    """Tries messages. Nothing of it is learned from, counted or kept."""

    def __init__(
        self,
        live_shops: LiveShops,
        suggester: Suggester,
        indexer: ShopIndexer,
        embedder: Embedder,
        classifier: IntentClassifier,
        normaliser: TextNormaliser,
    ) -> None:
        self._live_shops = live_shops
        self._suggester = suggester
        self._indexer = indexer
        self._reader = QuestionReader(live_shops, embedder, classifier)
        self._normaliser = normaliser

    async def try_message(
        self, request: SuggestionRequest, edit: Entry | None = None
    ) -> tuple[Trial, Trial | None]:
        """Return what the shop answers now, and with the edit if there is one.

        An edit counts as if it were saved and published; archived, as if it were gone. Raises NotFound,
        UnreadableMessage, EmbedderUnavailable (an edit needs vectors of its own).
        """
        live = await self._live_shops.get(request.shop)
        now = await self._try(request, live)
        if edit is None:
            return now, None
        return now, await self._try(request, await self._with_edit(live, edit))

    async def _try(self, request: SuggestionRequest, live: LiveShop) -> Trial:
        result = await self._suggester.try_out(request, live, secrets.token_hex(8))
        return Trial(result, await self._standings(request.text, live), live.lessons.learned.threshold)

    async def _standings(self, said: str, live: LiveShop) -> tuple[Standing, ...]:
        message = read_message(said)
        text = strip_opener(self._normaliser.normalise(message.text))
        if not text:
            return ()
        asked = await self._reader.read([text], live, live.catalogue.find(text, message.item_ids))
        entries = live.snapshot.entries
        return tuple(
            Standing(each.entry, entries[each.entry].question, each.confidence, each.same)
            for each in asked.index.rank(asked.questions[0], _RANKED)
            if each.entry in entries
        )

    async def _with_edit(self, live: LiveShop, edit: Entry) -> LiveShop:
        """Return a shop of its own beside the live one: who asks the live one is never answered from an edit."""
        entries, index, model = dict(live.snapshot.entries), live.index.branch(), live.model
        former = entries.pop(edit.id, None)
        if edit.status == "archived":
            index.remove(edit.id)
        else:
            version = former.version + 1 if former else 1
            entries[edit.id] = replace(edit, status="published", version=version)
            await self._indexer.put_unsaved(index, model, entries[edit.id])
        snapshot = replace(live.snapshot, entries=entries)
        return replace(live, snapshot=snapshot, index=index, model=model, plain=None, plain_used=None)

"""Trying a message on a shop as it answers now, and as it would answer with an edit that nobody has saved."""

from __future__ import annotations

import asyncio
import secrets
from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.entry import Entry
from bot.domain.suggestion import SuggestionResult
from bot.domain.text import read_message, strip_opener
from bot.ports import Embedder, EmbedderUnavailable, IntentClassifier, TextNormaliser
from bot.services.live_shops import LiveShop, LiveShops
from bot.services.searching import QuestionReader
from bot.services.shop_indexing import ShopIndexer
from bot.services.suggesting import Suggester, SuggestionRequest

_RANKED: Final = 5
_KEPT: Final = 2
"""So many shops with an edit are kept: while an owner types messages, the index is not built anew for each."""
_LEARNED_WHEN_BUILT: Final = 1000


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


@dataclass(frozen=True, slots=True)
class _Edited:
    """A shop with an edit, and what it was made from: when that has changed, it is made anew."""

    before: LiveShop
    version: int
    model: str
    entry: Entry
    shop: LiveShop


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
        self._edited: OrderedDict[str, _Edited] = OrderedDict()
        self._one_build = asyncio.Lock()

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
        return now, await self._try(request, await self._with_edit(request.shop, live, edit))

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

    async def _with_edit(self, shop: str, live: LiveShop, edit: Entry) -> LiveShop:
        """Return a shop of its own beside the live one: who asks the live one is never answered from an edit."""
        async with self._one_build:
            held = self._edited.pop(shop, None)
            if held is None or not _is_of(held, live, edit):
                version, model = live.snapshot.version, live.model
                held = _Edited(live, version, model, edit, await self._build(shop, live, edit))
            self._edited[shop] = held
            while len(self._edited) > _KEPT:
                self._edited.popitem(last=False)
            return held.shop

    async def _build(self, shop: str, live: LiveShop, edit: Entry) -> LiveShop:
        former = live.snapshot.entries.get(edit.id)
        others = {name: entry for name, entry in live.snapshot.entries.items() if name != edit.id}
        embedded = await self._indexer.embed(shop, others.values())
        entries = others
        if edit.status != "archived":
            said = replace(edit, status="published", version=former.version + 1 if former else 1)
            unsaved = await self._indexer.embed_unsaved(said)
            if unsaved.model != embedded.model:
                raise EmbedderUnavailable(
                    "向量模型刚刚换了，请再试一次。 the embedding model was changed just now"
                )
            embedded = replace(embedded, entries=[*embedded.entries, *unsaved.entries])
            entries = {**others, said.id: said}
        index = await self._indexer.build(embedded)
        while len(embedded.entries) > _LEARNED_WHEN_BUILT and not await asyncio.to_thread(index.relearn):
            pass
        snapshot = replace(live.snapshot, entries=entries)
        return replace(
            live, snapshot=snapshot, index=index, model=embedded.model, plain=None, plain_used=None
        )


def _is_of(held: _Edited, live: LiveShop, edit: Entry) -> bool:
    return (
        held.before is live
        and (held.version, held.model) == (live.snapshot.version, live.model)
        and held.entry == edit
    )

"""Making texts searchable: their intents, their vectors, and the index of the shop that these vectors fit."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import Final

import numpy as np

from bot.domain.catalogue import Catalogue, Mention, fold
from bot.domain.intents import Understanding
from bot.ports import (
    ClassifierUnavailable,
    Embedder,
    EmbedderUnavailable,
    EntryIndex,
    IntentClassifier,
    Question,
    RankedEntry,
    Vectors,
)
from bot.services.live_shops import LiveShop, LiveShops
from bot.services.shop_indexing import WITHOUT_VECTORS

_RANKED: Final = 8
_MODEL_SECONDS: Final = 3.0
_LEAST_SECONDS: Final = 0.5
"""A message waits no longer for its vector: n-grams answer it then. After one that waited in vain the next waits less."""


_NOTHING: Final = Understanding()
_FEWEST_LEFT: Final = 2
"""With fewer characters left a text was hardly more than a name."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Questions, and the index to look for their answers in.

    `embedder` is "ready", "down", or "warming" while the shop's vectors are being made: other than ready, n-grams answer alone.
    """

    questions: list[Question]
    index: EntryIndex
    embedder: str


class QuestionReader:
    """Asks the classifier and the embedder about texts, and does without the one that is away."""

    def __init__(self, live_shops: LiveShops, embedder: Embedder, classifier: IntentClassifier) -> None:
        self._live_shops = live_shops
        self._embedder = embedder
        self._classifier = classifier
        self._last_state = "ready"
        self._patience = _MODEL_SECONDS

    @property
    def embedder_state(self) -> str:
        """Whether the embedder answered when it was last asked: "ready" or "down"."""
        return self._last_state

    async def read(
        self, texts: Sequence[str], live: LiveShop, mention: Mention, *, classified: bool = True
    ) -> Asked:
        """Return the texts as questions to the shop. Raises nothing that is only a part being away.

        Not `classified`, the classifier is spared: enough to compare many pieces of one message with each other.
        """
        bare = [_without_names(text, live.catalogue) for text in texts]
        both = [*texts, *filter(None, bare)]
        understood, (vectors, model) = await asyncio.gather(
            self._understand(texts if classified else ()), self._encode(both)
        )
        understood = understood or [_NOTHING] * len(texts)
        index, fits = await self._live_shops.index_for(live, model)
        if not fits:
            vectors = np.zeros((len(both), WITHOUT_VECTORS), np.float32)
        products = live.catalogue.products_of(mention)
        categories = tuple(dict.fromkeys(p.category for p in products if p.category))
        rows = {text: row for row, text in enumerate(both)}
        questions = []
        for text, short, heard in zip(texts, bare, understood, strict=True):
            plain = Question(
                text,
                vectors[rows[text]],
                heard.intents,
                mention.products,
                categories,
                None,
                heard.only_person,
            )
            other = replace(plain, text=short, vector=vectors[rows[short]]) if short else None
            questions.append(replace(plain, bare=other))
        return Asked(questions, index, "ready" if fits else "warming" if model else "down")

    async def _encode(self, texts: Sequence[str]) -> tuple[Vectors, str]:
        """Return the vectors and the fingerprint of their model; "" when it does not answer."""
        try:
            async with asyncio.timeout(self._patience):
                vectors = await self._embedder.encode(texts)
            model = self._embedder.fingerprint
        except (EmbedderUnavailable, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                self._patience = max(self._patience / 4, _LEAST_SECONDS)
            self._last_state = "down"
            return np.zeros((len(texts), WITHOUT_VECTORS), np.float32), ""
        self._last_state, self._patience = "ready", _MODEL_SECONDS
        return vectors, model

    async def _understand(self, texts: Sequence[str]) -> list[Understanding]:
        """Return what each text was understood as; nothing where the classifier is away (retrieval goes on alone)."""

        async def one(text: str) -> Understanding:
            try:
                return await self._classifier.classify(text)
            except ClassifierUnavailable:
                return _NOTHING

        if len(texts) == 1:
            return [await one(texts[0])]
        return list(await asyncio.gather(*(one(text) for text in texts)))


def _without_names(text: str, catalogue: Catalogue) -> str:
    """Return what is asked when the products' names are taken out, "" when they are not there or are all there is.

    「充电宝能便宜点吗」 asks for a price: the entry on how to use a power bank has the rarest word of it all the same.
    """
    left = catalogue.without_names(text)
    return left if len(left) >= _FEWEST_LEFT and len(left) < len(fold(text).strip()) else ""


def rank_entries(question: Question, index: EntryIndex) -> list[RankedEntry]:
    """Return the entries for a question; one that names a product is read with the name and without, half each."""
    found = index.rank(question, _RANKED)
    if question.bare is None or any(ranked.same for ranked in found[:1]):
        # A question that stands among the phrasings word for word is read as it stands there.
        return found
    chances: dict[str, float] = {}
    for ranked in (*found, *index.rank(question.bare, _RANKED)):
        chances[ranked.entry] = chances.get(ranked.entry, 0.0) + ranked.confidence / 2
    return [
        RankedEntry(entry, chance)
        for entry, chance in sorted(chances.items(), key=itemgetter(1), reverse=True)
    ]

"""Vectors of phrasings: looked up, or encoded and stored, so that an index can be built without the model."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import islice

from bot.domain.entry import Entry
from bot.domain.phrase_reading import stand_in_phrasing
from bot.ports import (
    Embedder,
    EmbedderUnavailable,
    NotFound,
    ShopStore,
    TextNormaliser,
    Unavailable,
    Vectors,
    VectorStore,
)

_log = logging.getLogger(__name__)
_AT_ONCE = 256
"""Texts encoded in one call: in between, the embedder answers the messages that wait."""


def folded_phrasings(entry: Entry, normaliser: TextNormaliser) -> tuple[str, ...]:
    """Return the entry's phrasings as they are matched, without repetition; of one that has none, what stands for them."""
    texts = entry.all_phrasings or (stand_in_phrasing(entry),)
    return tuple(dict.fromkeys(normaliser.normalise(text) for text in texts))


async def vectors_of(
    shop: str, wanted: set[str], embedder: Embedder, store: VectorStore, *, stored: bool
) -> Mapping[str, Vectors]:
    """Return the vector of each text, encoding and storing those that are not there (all, unless `stored`).

    What is encoded is stored bit by bit: whoever is cut short goes on from there. Raises EmbedderUnavailable, also when
    another model takes over meanwhile: vectors of two models never come together.
    """
    if not wanted:
        return {}
    fingerprint = embedder.fingerprint
    known = await store.load_vectors(shop, fingerprint) if stored else {}
    fresh: dict[str, Vectors] = {}
    missing = iter(sorted(wanted - known.keys()))
    while texts := list(islice(missing, _AT_ONCE)):
        encoded = await embedder.encode(texts)
        if embedder.fingerprint != fingerprint:
            raise EmbedderUnavailable(
                "向量模型刚刚换了，正在用新模型重算。 the embedding model was changed just now: vectors are made anew"
            )
        part = dict(zip(texts, encoded, strict=True))
        await store.put_vectors(shop, fingerprint, part)
        fresh.update(part)
    return {**known, **fresh}


class VectorKeeper:
    """Encodes what was imported before anybody asks for it, and forgets the vectors of phrasings that are gone.

    One process of an installation runs it. It leaves alone the shops that `is_held` names: who holds a shop encodes its
    changes at once.
    """

    def __init__(
        self,
        shops: ShopStore,
        store: VectorStore,
        embedder: Embedder,
        normaliser: TextNormaliser,
        is_held: Callable[[str], bool],
    ) -> None:
        self._is_held = is_held
        self._shops = shops
        self._store = store
        self._embedder = embedder
        self._normaliser = normaliser

    async def follow_changes(self) -> None:
        """Keep every shop's vectors complete until cancelled."""
        async for shop, _ in self._shops.watch():
            try:
                await self._complete_unheld(shop)
            except Unavailable as error:
                _log.warning("vectors of shop %s wait: %s", shop, error)

    async def complete_all(self) -> None:
        """Do the same for every shop, now: the model has changed."""
        for shop in await self._shops.versions():
            await self._complete_unheld(shop)

    async def _complete_unheld(self, shop: str) -> None:
        """Complete a shop that is there and that this process does not hold: one that it holds sees to itself."""
        if not self._is_held(shop):
            with suppress(NotFound):
                await self.complete(shop)

    async def complete(self, shop: str) -> None:
        """Encode and store what is missing of the shop; drop what no phrasing needs any more. Raises NotFound."""
        snapshot = await self._shops.load_snapshot(shop)
        wanted = {text for e in snapshot.entries.values() for text in folded_phrasings(e, self._normaliser)}
        await vectors_of(shop, wanted, self._embedder, self._store, stored=True)
        await self._store.prune_vectors(shop, self._embedder.fingerprint, sorted(wanted))

"""Building and changing the index of one shop: with the vectors of the model that answers now, or with n-grams alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

import numpy as np

from bot.domain.entry import Entry
from bot.ports import (
    Embedder,
    EmbedderUnavailable,
    EntryIndex,
    EntryIndexes,
    IndexedEntry,
    TextNormaliser,
    Vectors,
    VectorStore,
)
from bot.services.vector_keeping import folded_phrasings, vectors_of

WITHOUT_VECTORS = 1
"""The dimension of an index of n-grams alone: each vector is one zero."""
_BUILT_HERE = 60
_CHANGED_HERE = 400
"""Up to so many entries an index is built, or changed, on the event loop; a larger one would hold up other messages."""
P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Embedded:
    """Entries with their vectors, all of `dimension` numbers and by one model; "" and zeros when by none."""

    entries: list[IndexedEntry]
    model: str
    dimension: int


class ShopIndexer:
    """Makes indexes whose vectors are all of one model."""

    def __init__(
        self, embedder: Embedder, vectors: VectorStore, indexes: EntryIndexes, normaliser: TextNormaliser
    ) -> None:
        self._embedder = embedder
        self._vectors = vectors
        self._indexes = indexes
        self._normaliser = normaliser

    @property
    def model(self) -> str:
        """The fingerprint of the model that answers now, or answered last; "" when there was none yet."""
        try:
            return self._embedder.fingerprint
        except EmbedderUnavailable:
            return ""

    async def embed(self, shop: str, entries: Iterable[Entry]) -> Embedded:
        """Return the entries with their vectors, looked up, or made and stored. Raises EmbedderUnavailable."""
        return await self._embed(shop, entries, stored=True)

    async def build(self, embedded: Embedded) -> EntryIndex:
        """Return an index over the entries."""
        here = len(embedded.entries) <= _BUILT_HERE
        return await _off_loop(here, self._indexes.build, embedded.entries, embedded.dimension)

    async def build_without_vectors(self, entries: Iterable[Entry]) -> EntryIndex:
        """Return an index that needs no model: its questions have one zero for a vector."""
        folded = [(entry, folded_phrasings(entry, self._normaliser)) for entry in entries]
        plain = [
            _indexed(e, texts, np.zeros((len(texts), WITHOUT_VECTORS), np.float32)) for e, texts in folded
        ]
        return await self.build(Embedded(plain, "", WITHOUT_VECTORS))

    async def change(
        self, shop: str, index: EntryIndex, model: str, changed: Sequence[Entry], gone: Sequence[str]
    ) -> None:
        """Put and remove entries. Raises EmbedderUnavailable, with nothing done, when `model` does not answer now."""
        embedded = await self._embed(shop, changed, stored=False)
        if embedded.model != model:
            raise EmbedderUnavailable("the embedding model was changed just now")
        await _off_loop(len(index) <= _CHANGED_HERE, _apply, index, embedded.entries, gone)

    async def put_unsaved(self, index: EntryIndex, model: str, entry: Entry) -> None:
        """Put an entry that nobody has saved, with vectors that nobody keeps. Raises EmbedderUnavailable as `change` does."""
        texts = folded_phrasings(entry, self._normaliser)
        vectors = np.zeros((len(texts), WITHOUT_VECTORS), np.float32)
        if model:
            vectors = await self._embedder.encode(list(texts))
            if self._embedder.fingerprint != model:
                raise EmbedderUnavailable("the embedding model was changed just now")
        await _off_loop(len(index) <= _CHANGED_HERE, index.put, _indexed(entry, texts, vectors))

    async def _embed(self, shop: str, entries: Iterable[Entry], *, stored: bool) -> Embedded:
        """As `embed`; with `stored` vectors are looked up first, else they are made (cheaper for a few)."""
        folded = [(entry, folded_phrasings(entry, self._normaliser)) for entry in entries]
        wanted = {text for _, texts in folded for text in texts}
        model, dimension = self._embedder.fingerprint, self._embedder.dimension
        known = await vectors_of(shop, wanted, self._embedder, self._vectors, stored=stored)
        indexed = [_indexed(e, texts, _stack(texts, known, dimension)) for e, texts in folded]
        return Embedded(indexed, model, dimension)


def _indexed(entry: Entry, texts: tuple[str, ...], vectors: Vectors) -> IndexedEntry:
    return IndexedEntry(entry.id, entry.group, entry.intent, entry.scope, texts, vectors)


def _stack(texts: Sequence[str], known: Mapping[str, Vectors], dimension: int) -> Vectors:
    return np.stack([known[text] for text in texts]) if texts else np.zeros((0, dimension), np.float32)


def _apply(index: EntryIndex, changed: Sequence[IndexedEntry], gone: Sequence[str]) -> None:
    for entry in changed:
        index.put(entry)
    for name in gone:
        index.remove(name)


async def _off_loop(here: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do the work here, or in a thread."""
    if here:
        return work(*args, **kwargs)
    return await asyncio.to_thread(work, *args, **kwargs)

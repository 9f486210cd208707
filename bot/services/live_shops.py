"""Shops held in memory, one object each: snapshot, catalogue and index, kept up with the database, dropped when unused."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ParamSpec, TypeVar

import numpy as np

from bot.domain.catalogue import Catalogue
from bot.domain.entry import Entry
from bot.ports import (
    Clock,
    Embedder,
    EntryIndex,
    EntryIndexes,
    EventLog,
    IndexedEntry,
    NotFound,
    ShopSnapshot,
    ShopStore,
    TextNormaliser,
    Unavailable,
    VectorStore,
)
from bot.services.learning import Aim, Lessons
from bot.services.vector_keeping import folded_phrasings, vectors_of

_log = logging.getLogger(__name__)

_BUILT_HERE = 60
_CHANGED_HERE = 400
"""Up to so many entries an index is built, or changed, on the event loop; a larger one would hold up other messages."""
_LEARNED_WHEN_BUILT = 1000
_RELEARN_SECONDS = 2.0
P = ParamSpec("P")
T = TypeVar("T")


_TRY_AGAIN = timedelta(seconds=5)


@dataclass(slots=True)
class LiveShop:
    """One shop as it answers now. Replaced piece by piece when the shop changes, never shared between shops."""

    snapshot: ShopSnapshot
    catalogue: Catalogue
    index: EntryIndex
    lessons: Lessons
    fingerprint: str
    last_used: datetime


def _apply(index: EntryIndex, changed: Sequence[IndexedEntry], gone: Sequence[str]) -> None:
    for entry in changed:
        index.put(entry)
    for name in gone:
        index.remove(name)


class LiveShops:
    """The shops that this process holds. A shop not held is loaded at its first message.

    At most `capacity` shops are kept, the longest unused going first; one unused for `idle` goes too.
    """

    def __init__(
        self,
        shops: ShopStore,
        vectors: VectorStore,
        events: EventLog,
        embedder: Embedder,
        indexes: EntryIndexes,
        normaliser: TextNormaliser,
        clock: Clock,
        *,
        aim: Aim,
        capacity: int = 2000,
        idle: timedelta = timedelta(hours=6),
    ) -> None:
        self._shops = shops
        self._vectors = vectors
        self._events = events
        self._aim = aim
        self._embedder = embedder
        self._indexes = indexes
        self._normaliser = normaliser
        self._clock = clock
        self._capacity = capacity
        self._idle = idle
        self._held: OrderedDict[str, LiveShop] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        self._behind: dict[str, tuple[int, datetime]] = {}
        """Shops that a refresh could not bring up: to which version, and when that was last tried."""
        self._relearning: dict[str, asyncio.Task[None]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def holds(self, shop: str) -> bool:
        """Whether the shop is in memory."""
        return shop in self._held

    async def get(self, shop: str) -> LiveShop:
        """Return the shop, loaded if need be. Raises NotFound, StoreUnavailable, EmbedderUnavailable."""
        held = self._held.get(shop)
        if held is None:
            held = await self._load_once(shop)
            self._drop_unused()
        elif shop in self._behind:
            await self._catch_up(shop)
            held = self._held.get(shop) or await self._load_once(shop)
        self._held.move_to_end(shop)
        held.last_used = self._clock.now()
        held.lessons.keep_up()
        return held

    def notice(self, shop: str) -> None:
        """Let the shop learn: there is a new reaction in its log."""
        if (held := self._held.get(shop)) is not None:
            held.lessons.notice()

    async def _load_once(self, shop: str) -> LiveShop:
        async with self._lock(shop):
            try:
                held = self._held.get(shop) or await self._load(shop)
            except NotFound:
                self.forget(shop)
                raise
            self._held[shop] = held
            return held

    async def _catch_up(self, shop: str) -> None:
        """Try again, now and then, what a refresh could not do; until then the shop answers as it last was."""
        version, tried = self._behind[shop]
        now = self._clock.now()
        if now - tried < _TRY_AGAIN:
            return
        self._behind[shop] = version, now
        try:
            await self.refresh(shop, version)
        except Unavailable as error:
            _log.warning("shop %s stays at its former version: %s", shop, error)

    async def refresh(self, shop: str, version: int) -> None:
        """Bring the shop up to at least `version` if it is held and behind; forget it when it is gone."""
        lock = self._locks.get(shop)
        if shop not in self._held and not (lock is not None and lock.locked()):
            return
        # A shop that is just being loaded may have been read before the change.
        async with self._lock(shop):
            held = self._held.get(shop)
            if held is not None and held.snapshot.version < version:
                try:
                    await self._bring_up(shop, held)
                except NotFound:
                    self.forget(shop)
            self._behind.pop(shop, None)

    def forget(self, shop: str) -> None:
        """Drop the shop from memory."""
        if (task := self._relearning.pop(shop, None)) is not None:
            task.cancel()
        if (held := self._held.pop(shop, None)) is not None:
            held.lessons.close()
        self._locks.pop(shop, None)
        self._behind.pop(shop, None)

    def close(self) -> None:
        """End what runs in the background."""
        for task in self._relearning.values():
            task.cancel()
        for held in self._held.values():
            held.lessons.close()

    async def follow_changes(self) -> None:
        """Keep the held shops up with the database until cancelled."""
        async for shop, version in self._shops.watch():
            try:
                await self.refresh(shop, version)
            except Unavailable as error:
                _log.warning("shop %s stays at its former version: %s", shop, error)
                self._behind[shop] = version, self._clock.now()
            self._drop_unused()

    def _lock(self, shop: str) -> asyncio.Lock:
        return self._locks.setdefault(shop, asyncio.Lock())

    def _drop_unused(self) -> None:
        limit = self._clock.now() - self._idle
        while self._held:
            oldest, held = next(iter(self._held.items()))
            if len(self._held) <= self._capacity and held.last_used >= limit:
                return
            self.forget(oldest)

    async def _load(self, shop: str) -> LiveShop:
        snapshot = await self._shops.load_snapshot(shop)
        index = await self._build(shop, snapshot.entries.values())
        return LiveShop(
            snapshot,
            Catalogue(snapshot.products.values()),
            index,
            Lessons(shop, self._events, self._clock, self._aim),
            self._embedder.fingerprint,
            self._clock.now(),
        )

    async def _build(self, shop: str, entries: Iterable[Entry]) -> EntryIndex:
        indexed = await self._indexed(shop, entries, stored=True)
        here = len(indexed) <= _BUILT_HERE
        index = await self._off_loop(here, self._indexes.build, indexed, self._embedder.dimension)
        if len(indexed) > _LEARNED_WHEN_BUILT:
            self._relearn_later(shop, index)
        return index

    async def _off_loop(self, here: bool, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the work here, or in a thread."""
        if here:
            return work(*args, **kwargs)
        return await asyncio.to_thread(work, *args, **kwargs)

    async def _bring_up(self, shop: str, held: LiveShop) -> None:
        snapshot = await self._shops.load_snapshot(shop)
        before = held.snapshot.entries
        changed = [e for e in snapshot.entries.values() if e.id not in before or before[e.id] != e]
        gone = [entry for entry in before if entry not in snapshot.entries]
        if held.fingerprint != self._embedder.fingerprint or len(changed) > max(20, len(before) // 2):
            # The old index answers until the new one stands.
            held.index = await self._build(shop, snapshot.entries.values())
            held.fingerprint = self._embedder.fingerprint
        else:
            indexed = await self._indexed(shop, changed, stored=False)
            await self._off_loop(len(held.index) <= _CHANGED_HERE, _apply, held.index, indexed, gone)
            if changed or gone:
                self._relearn_later(shop, held.index)
        held.catalogue = Catalogue(snapshot.products.values())
        held.snapshot = snapshot

    async def _indexed(self, shop: str, entries: Iterable[Entry], *, stored: bool) -> list[IndexedEntry]:
        """Return the entries with their vectors: looked up first when `stored`, else encoded (cheaper for a few)."""
        by_id = {entry.id: entry for entry in entries}
        folded = {entry.id: folded_phrasings(entry, self._normaliser) for entry in by_id.values()}
        wanted = {text for texts in folded.values() for text in texts}
        known = await vectors_of(shop, wanted, self._embedder, self._vectors, stored=stored)
        empty = np.zeros((0, self._embedder.dimension), dtype=np.float32)
        return [
            IndexedEntry(
                entry_id,
                by_id[entry_id].group,
                by_id[entry_id].intent,
                by_id[entry_id].scope,
                texts,
                np.stack([known[text] for text in texts]) if texts else empty,
            )
            for entry_id, texts in folded.items()
        ]

    def _relearn_later(self, shop: str, index: EntryIndex) -> None:
        """Relearn in a thread once the shop has been left alone for a moment; edits do not wait for it."""
        if (former := self._relearning.pop(shop, None)) is not None:
            former.cancel()
        task = asyncio.create_task(self._relearn(shop, index), name=f"relearn {shop}")
        self._relearning[shop] = task
        task.add_done_callback(
            lambda done: self._relearning.pop(shop, None) if self._relearning.get(shop) is done else None
        )

    async def _relearn(self, shop: str, index: EntryIndex) -> None:
        await asyncio.sleep(_RELEARN_SECONDS)
        async with self._lock(shop):
            while not await asyncio.to_thread(index.relearn):
                pass

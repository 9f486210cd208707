"""Shops held in memory, one object each: snapshot, catalogue and index, kept up with the database, dropped when unused.

An index belongs to the model that made its vectors. While that model is away, or another has taken its place and the new
index does not stand yet, n-grams answer alone.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.catalogue import Catalogue
from bot.ports import (
    Clock,
    Embedder,
    EmbedderUnavailable,
    EntryIndex,
    EntryIndexes,
    EventLog,
    NotFound,
    ShopSnapshot,
    ShopStore,
    TextNormaliser,
    Unavailable,
    VectorStore,
)
from bot.services.learning import Aim, Lessons
from bot.services.shop_indexing import Embedded, ShopIndexer

_log = logging.getLogger(__name__)

_LEARNED_WHEN_BUILT = 1000
_RELEARN_SECONDS = 2.0
_PATIENCE = 5.0
"""Seconds that a shop's first message waits for vectors that are not stored yet; n-grams answer it after that."""
_TRY_AGAIN = timedelta(seconds=5)
_PLAIN_KEPT = timedelta(minutes=1)


@dataclass(slots=True)
class LiveShop:
    """One shop as it answers now. Replaced piece by piece when the shop changes, never shared between shops.

    `model` is the fingerprint of the model that made the index's vectors; "" for an index of n-grams alone. `plain` is such
    a one beside the index, made when the model is away and dropped when it was not used for a while.
    """

    snapshot: ShopSnapshot
    catalogue: Catalogue
    index: EntryIndex
    lessons: Lessons
    model: str
    last_used: datetime
    plain: asyncio.Future[EntryIndex] | None = None
    plain_used: datetime | None = None


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
        patience: float = _PATIENCE,
    ) -> None:
        self._shops = shops
        self._indexer = ShopIndexer(embedder, vectors, indexes, normaliser)
        self._events = events
        self._aim = aim
        self._clock = clock
        self._capacity = capacity
        self._idle = idle
        self._patience = patience
        self._held: OrderedDict[str, LiveShop] = OrderedDict()
        self._locks: dict[str, asyncio.Lock] = {}
        self._behind: dict[str, tuple[int, datetime]] = {}
        """Shops that a refresh could not bring up: to which version, and when that was last tried."""
        self._relearning: dict[str, asyncio.Task[None]] = {}
        self._renewing: dict[str, asyncio.Task[None]] = {}
        self._renewal_failed: dict[str, datetime] = {}
        self._one_renewal = asyncio.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def holds(self, shop: str) -> bool:
        """Whether the shop is in memory."""
        return shop in self._held

    @property
    def has_room(self) -> bool:
        """Whether one more shop would push out none."""
        return len(self._held) < self._capacity

    async def get(self, shop: str) -> LiveShop:
        """Return the shop, loaded if need be. Raises NotFound, StoreUnavailable."""
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
        if held.model != self._indexer.model:
            self._renew_later(shop)
        return held

    async def index_for(self, live: LiveShop, model: str) -> tuple[EntryIndex, bool]:
        """Return the index for questions with vectors of that model ("" = none), and whether it takes their vectors.

        One that does not is of n-grams alone: its questions have no vectors (see WITHOUT_VECTORS).
        """
        now = self._clock.now()
        if model and live.model == model:
            # Not at once: remembered vectors come as if the model were there, between questions that it is missed for.
            if live.plain_used is not None and now - live.plain_used > _PLAIN_KEPT:
                live.plain = live.plain_used = None
            return live.index, True
        if not live.model:
            return live.index, False
        if live.plain is None:
            building = self._indexer.build_without_vectors(live.snapshot.entries.values())
            live.plain = asyncio.ensure_future(building)
        live.plain_used = now
        return await asyncio.shield(live.plain), False

    async def renew_held(self) -> None:
        """Begin to make anew the vectors of every shop that has those of another model."""
        for shop, held in self._held.items():
            if held.model != self._indexer.model:
                self._renew_later(shop)

    async def settle(self, shop: str) -> None:
        """Return when nothing that would change the shop's index is under way; for commands that need not hurry."""
        if (task := self._renewing.get(shop)) is not None:
            await asyncio.shield(task)

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
        for tasks in (self._relearning, self._renewing):
            if (task := tasks.pop(shop, None)) is not None:
                task.cancel()
        self._renewal_failed.pop(shop, None)
        if (held := self._held.pop(shop, None)) is not None:
            held.lessons.close()
        self._locks.pop(shop, None)
        self._behind.pop(shop, None)

    def close(self) -> None:
        """End what runs in the background."""
        for task in (*self._relearning.values(), *self._renewing.values()):
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
        index, model = await self._first_index(shop, snapshot)
        return LiveShop(
            snapshot,
            Catalogue(snapshot.products.values()),
            index,
            Lessons(shop, self._events, self._clock, self._aim),
            model,
            self._clock.now(),
        )

    async def _first_index(self, shop: str, snapshot: ShopSnapshot) -> tuple[EntryIndex, str]:
        """Return the shop's index and its model, or n-grams alone ("") when vectors are long in coming."""
        entries = snapshot.entries.values()
        try:
            async with asyncio.timeout(self._patience):
                embedded = await self._indexer.embed(shop, entries)
        except (EmbedderUnavailable, TimeoutError) as error:
            _log.warning("shop %s answers from n-grams alone until it has vectors: %s", shop, error or "slow")
            return await self._indexer.build_without_vectors(entries), ""
        return await self._built(shop, embedded), embedded.model

    async def _built(self, shop: str, embedded: Embedded) -> EntryIndex:
        index = await self._indexer.build(embedded)
        if len(embedded.entries) > _LEARNED_WHEN_BUILT:
            self._relearn_later(shop, index)
        return index

    async def _bring_up(self, shop: str, held: LiveShop) -> None:
        snapshot = await self._shops.load_snapshot(shop)
        try:
            await self._bring_up_index(shop, held, snapshot)
        except EmbedderUnavailable as error:
            # The edit counts at once, by its n-grams; the vectors follow.
            _log.warning("shop %s answers from n-grams alone until it has vectors: %s", shop, error)
            held.index = await self._indexer.build_without_vectors(snapshot.entries.values())
            held.model = ""
        held.plain = None
        held.catalogue = Catalogue(snapshot.products.values())
        held.snapshot = snapshot

    async def _bring_up_index(self, shop: str, held: LiveShop, snapshot: ShopSnapshot) -> None:
        before = held.snapshot.entries
        changed = [e for e in snapshot.entries.values() if e.id not in before or before[e.id] != e]
        gone = [entry for entry in before if entry not in snapshot.entries]
        if held.model != self._indexer.model:
            raise EmbedderUnavailable("its vectors are being made anew")
        if len(changed) > max(20, len(before) // 2):
            # The old index answers until the new one stands.
            embedded = await self._indexer.embed(shop, snapshot.entries.values())
            held.index, held.model = await self._built(shop, embedded), embedded.model
            return
        await self._indexer.change(shop, held.index, held.model, changed, gone)
        if changed or gone:
            self._relearn_later(shop, held.index)

    def _renew_later(self, shop: str) -> None:
        """Make the shop's vectors with the present model, in the background, unless that goes on or failed just now."""
        failed = self._renewal_failed.get(shop)
        if shop in self._renewing or (failed is not None and self._clock.now() - failed < _TRY_AGAIN):
            return
        task = asyncio.create_task(self._renew(shop), name=f"renew {shop}")
        self._renewing[shop] = task
        task.add_done_callback(
            lambda done: self._renewing.pop(shop, None) if self._renewing.get(shop) is done else None
        )

    async def _renew(self, shop: str) -> None:
        """What answers now goes on answering until the new index stands. One shop after another."""
        try:
            async with self._one_renewal:
                if (held := self._held.get(shop)) is not None:
                    # Outside the lock: edits do not wait for the model.
                    await self._indexer.embed(shop, held.snapshot.entries.values())
                    async with self._lock(shop):
                        await self._exchange(shop, held)
            self._renewal_failed.pop(shop, None)
        except Unavailable as error:
            _log.warning("the vectors of shop %s wait: %s", shop, error)
            self._renewal_failed[shop] = self._clock.now()

    async def _exchange(self, shop: str, held: LiveShop) -> None:
        if self._held.get(shop) is not held or held.model == self._indexer.model:
            return
        embedded = await self._indexer.embed(shop, held.snapshot.entries.values())
        held.index, held.model, held.plain = await self._built(shop, embedded), embedded.model, None
        _log.info("shop %s has its vectors by model %s", shop, embedded.model)

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

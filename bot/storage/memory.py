"""The stores in memory, for tests: same contracts as in PostgreSQL, nothing kept, nothing waited for."""

from __future__ import annotations

import asyncio
import copy
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from dataclasses import replace as replace_fields
from datetime import datetime, timedelta

import numpy as np

from bot.domain.asked import SetAside
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.entry import Entry, EntryDraft, EntryVersion
from bot.domain.facts import Fact, Order, Product, ShippingRule
from bot.domain.shop import Shop, shop_id
from bot.ports import (
    Clock,
    Conflict,
    EntryChange,
    EntryChanged,
    Event,
    Grant,
    NotFound,
    ShopSnapshot,
    Vectors,
)
from bot.storage.entries import duplicates, shown
from bot.storage.entry_images import image_id
from bot.storage.memory_entry_drafts import MemoryEntryDrafts
from bot.storage.memory_entry_versions import Chronicle
from bot.storage.tokens import hash_token, new_token


@dataclass(slots=True)
class _Shop:
    """What one shop has. `changes` says in which version each entry, also a deleted one, was last changed."""

    shop: Shop
    entries: dict[str, Entry] = field(default_factory=dict)
    changes: dict[str, int] = field(default_factory=dict)
    last_versions: dict[str, int] = field(default_factory=dict)
    chronicle: Chronicle = field(default_factory=Chronicle)
    drafts: dict[str, EntryDraft] = field(default_factory=dict)
    vectors: dict[str, dict[str, Vectors]] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    shipping: tuple[ShippingRule, ...] = ()
    facts: dict[str, Fact] = field(default_factory=dict)
    orders: dict[str, Order] = field(default_factory=dict)
    lifetimes: dict[str, timedelta] = field(default_factory=dict)
    auto_reply: AutoReplyPolicy = field(default_factory=AutoReplyPolicy)
    events: list[Event] = field(default_factory=list)
    aside: dict[str, SetAside] = field(default_factory=dict)
    images: dict[str, tuple[str, bytes]] = field(default_factory=dict)


class Memory:
    """What the stores below share, in place of a database."""

    def __init__(self) -> None:
        self.shops: dict[str, _Shop] = {}
        self.versions: dict[str, int] = {}
        self.tokens: dict[bytes, Grant] = {}
        self.watchers: set[asyncio.Queue[tuple[str, int]]] = set()

    def find(self, shop: str) -> _Shop:
        """Return what is the shop's. Raises NotFound."""
        if shop not in self.shops:
            raise NotFound(f"there is no shop {shop}")
        return self.shops[shop]

    def bump(self, shop: str) -> int:
        """Raise the shop's version and tell those who watch."""
        self.versions[shop] = version = self.versions.get(shop, 0) + 1
        for watcher in self.watchers:
            watcher.put_nowait((shop, version))
        return version


class MemoryShops:
    """The ShopStore of bot.ports."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def list_shops(self, among: Sequence[str] | None) -> list[Shop]:
        shops = self._memory.shops
        return [shops[i].shop for i in sorted(shops) if among is None or i in among]

    async def get_shop(self, shop: str) -> Shop:
        return self._memory.find(shop).shop

    async def put_shop(self, shop: Shop) -> None:
        shop_id(shop.id)
        if shop.id in self._memory.shops:
            self._memory.shops[shop.id].shop = shop
        else:
            self._memory.shops[shop.id] = _Shop(shop)
        self._memory.bump(shop.id)

    @asynccontextmanager
    async def together(self, shop: str) -> AsyncIterator[None]:
        before = copy.deepcopy(self._memory.shops.get(shop)), self._memory.versions.get(shop)
        try:
            yield
        except BaseException:
            self._memory.shops.pop(shop, None)
            self._memory.versions.pop(shop, None)
            if before[0] is not None and before[1] is not None:
                self._memory.shops[shop], self._memory.versions[shop] = before[0], before[1]
            raise

    async def delete_shop(self, shop: str) -> None:
        self._memory.find(shop)
        del self._memory.shops[shop]
        for token, grant in self._memory.tokens.items():
            self._memory.tokens[token] = replace(grant, shops=grant.shops - {shop})
        self._memory.bump(shop)

    async def load_snapshot(self, shop: str) -> ShopSnapshot:
        held = self._memory.find(shop)
        return ShopSnapshot(
            shop=held.shop,
            version=self._memory.versions[shop],
            entries={
                i: held.entries[i] for i in sorted(held.entries) if held.entries[i].status == "published"
            },
            products=dict(held.products),
            shipping=held.shipping,
            facts={name: held.facts[name] for name in sorted(held.facts)},
            lifetimes=dict(held.lifetimes),
            auto_reply=held.auto_reply,
        )

    async def entry_changes(self, shop: str, since: int) -> list[EntryChange]:
        held = self._memory.find(shop)
        changed = sorted((version, i) for i, version in held.changes.items() if version > since)
        return [EntryChange(i, _published(held.entries.get(i))) for _, i in changed]

    async def versions(self) -> Mapping[str, int]:
        return {shop: self._memory.versions[shop] for shop in sorted(self._memory.shops)}

    async def watch(self) -> AsyncIterator[tuple[str, int]]:
        heard: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        for shop_and_version in sorted(self._memory.versions.items()):
            heard.put_nowait(shop_and_version)
        self._memory.watchers.add(heard)
        try:
            while True:
                yield await heard.get()
        finally:
            self._memory.watchers.discard(heard)


def _published(entry: Entry | None) -> Entry | None:
    return entry if entry is not None and entry.status == "published" else None


class MemoryEntries(MemoryEntryDrafts):
    """The EntryStore of bot.ports."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def list_entries(self, shop: str) -> list[Entry]:
        entries = self._memory.shops[shop].entries if shop in self._memory.shops else {}
        return [entries[i] for i in sorted(entries)]

    async def get_entry(self, shop: str, entry: str) -> Entry:
        held = self._memory.shops.get(shop)
        if held is None or entry not in held.entries:
            raise NotFound(f"there is no entry {entry} in this shop")
        return held.entries[entry]

    async def put_entries(
        self,
        shop: str,
        entries: Sequence[Entry],
        *,
        replace: bool = False,
        only_new: bool = False,
        author: str = "",
    ) -> None:
        ids = [entry.id for entry in entries]
        if twice := duplicates(ids):
            raise Conflict(f"entries are given twice: {shown(twice)}")
        held = self._memory.find(shop)
        if only_new and (there := [i for i in ids if i in held.entries]):
            raise Conflict(f"entries exist already: {shown(there)}")
        changed_in = self._memory.bump(shop)
        for gone in [i for i in held.entries if replace and i not in ids]:
            _bury(held, gone, changed_in, author)
        for entry in entries:
            former = held.entries.get(entry.id)
            if former is None or replace_fields(former, version=entry.version) != entry:
                _write(held, entry, changed_in, author)

    async def update_entry(
        self, shop: str, entry: Entry, expected_version: int | None, *, author: str = "", drafted_by: str = ""
    ) -> Entry:
        held = self._memory.find(shop)
        current = await self.get_entry(shop, entry.id)
        if expected_version is not None and current.version != expected_version:
            raise EntryChanged(entry.id, current.version, expected_version)
        return _write(held, entry, self._memory.bump(shop), author, drafted_by)

    async def set_status(self, shop: str, entries: Sequence[str], status: str, *, author: str = "") -> int:
        held = self._memory.find(shop)
        if missing := [entry for entry in entries if entry not in held.entries]:
            raise NotFound(f"there are no such entries in this shop: {shown(missing)}")
        changed_in = self._memory.bump(shop)
        others = [entry for entry in dict.fromkeys(entries) if held.entries[entry].status != status]
        for entry in others:
            _write(held, replace_fields(held.entries[entry], status=status), changed_in, author)
        return len(others)

    async def delete_entry(self, shop: str, entry: str, *, author: str = "") -> None:
        held = self._memory.find(shop)
        await self.get_entry(shop, entry)
        _bury(held, entry, self._memory.bump(shop), author)

    async def list_versions(
        self, shop: str, entry: str, limit: int, before: int | None = None
    ) -> list[EntryVersion]:
        return self._memory.find(shop).chronicle.newest(entry, limit, before)

    async def entries_since(self, shop: str, since: datetime) -> set[str]:
        held = self._memory.shops.get(shop)
        return held.chronicle.begun_since(since) if held else set()

    async def put_image(self, shop: str, media_type: str, content: bytes) -> str:
        image = image_id(content)
        self._memory.find(shop).images[image] = media_type, content
        return image

    async def get_image(self, shop: str, image: str) -> tuple[str, bytes]:
        held = self._memory.shops.get(shop)
        if held is None or image not in held.images:
            raise NotFound("there is no such image in this shop")
        return held.images[image]

    async def list_images(self, shop: str) -> set[str]:
        held = self._memory.shops.get(shop)
        return set(held.images) if held else set()

    async def get_version(self, shop: str, entry: str, version: int) -> EntryVersion:
        return self._memory.find(shop).chronicle.find(entry, version)


def _write(held: _Shop, entry: Entry, changed_in: int, author: str, drafted_by: str = "") -> Entry:
    written = replace(entry, version=held.last_versions.get(entry.id, 0) + 1)
    held.entries[entry.id] = written
    held.last_versions[entry.id] = written.version
    held.changes[entry.id] = changed_in
    held.chronicle.add(entry.id, written.version, author, written, drafted_by)
    return written


def _bury(held: _Shop, entry: str, changed_in: int, author: str) -> None:
    del held.entries[entry]
    held.drafts.pop(entry, None)
    held.last_versions[entry] += 1
    held.changes[entry] = changed_in
    held.chronicle.add(entry, held.last_versions[entry], author, None)


class MemoryVectors:
    """The VectorStore of bot.ports."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def load_vectors(self, shop: str, fingerprint: str) -> dict[str, Vectors]:
        held = self._memory.shops.get(shop)
        return dict(held.vectors.get(fingerprint, {})) if held else {}

    async def put_vectors(self, shop: str, fingerprint: str, vectors: Mapping[str, Vectors]) -> None:
        if not vectors:
            return
        stored = self._memory.find(shop).vectors.setdefault(fingerprint, {})
        for phrasing, vector in vectors.items():
            stored.setdefault(phrasing, np.array(vector, dtype=np.float32))

    async def prune_vectors(self, shop: str, fingerprint: str, keep: Sequence[str]) -> None:
        held = self._memory.shops.get(shop)
        if held is not None:
            kept = set(keep)
            stored = held.vectors.get(fingerprint, {})
            held.vectors = {fingerprint: {p: v for p, v in stored.items() if p in kept}}


class MemoryEvents:
    """The EventLog of bot.ports."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def append(self, shop: str, events: Sequence[Event]) -> None:
        if events:
            self._memory.find(shop).events.extend(events)

    async def read(self, shop: str, limit: int) -> list[Event]:
        held = self._memory.shops.get(shop)
        newest = list(reversed(held.events)) if held else []
        return sorted(newest, key=lambda event: event.at, reverse=True)[:limit]

    async def read_kinds(self, shop: str, kinds: Sequence[str], limit: int) -> list[Event]:
        return [event for event in await self._all(shop) if event.kind in kinds][:limit]

    async def read_between(
        self, shop: str, kinds: Sequence[str], since: datetime, until: datetime, limit: int
    ) -> list[Event]:
        newest = await self._all(shop)
        return [e for e in reversed(newest) if e.kind in kinds and since <= e.at < until][:limit]

    async def read_message(self, shop: str, message: str) -> list[Event]:
        return [event for event in await self._all(shop) if message and event.message == message]

    async def _all(self, shop: str) -> list[Event]:
        held = self._memory.shops.get(shop)
        return await self.read(shop, len(held.events)) if held else []


class MemoryTokens:
    """The TokenStore of bot.ports."""

    def __init__(self, memory: Memory, clock: Clock) -> None:
        self._memory = memory
        self._clock = clock

    async def create_token(
        self, name: str, shops: Sequence[str], *, may_write: bool, expires_at: datetime | None
    ) -> tuple[str, Grant]:
        if unknown := sorted(set(shops) - set(self._memory.shops)):
            raise NotFound(f"there is no shop {', '.join(unknown)}")
        token_id, token = new_token()
        grant = Grant(token_id, name, frozenset(shops), may_write, expires_at)
        self._memory.tokens[hash_token(token)] = grant
        return token, grant

    async def find_grant(self, token: str) -> Grant | None:
        grant = self._memory.tokens.get(hash_token(token))
        if grant is None or (grant.expires_at is not None and grant.expires_at <= self._clock.now()):
            return None
        return grant

    async def list_tokens(self) -> list[Grant]:
        return list(self._memory.tokens.values())

    async def revoke_token(self, token_id: str) -> None:
        for token, grant in list(self._memory.tokens.items()):
            if grant.token_id == token_id:
                del self._memory.tokens[token]
                return
        raise NotFound(f"there is no token {token_id}")

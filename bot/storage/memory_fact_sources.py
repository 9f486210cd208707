"""Sources of facts in memory, for tests: the same contract as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime

from bot.domain.fact_sources import FactSource, SourceState
from bot.ports import NotFound
from bot.ports.fact_sources import DueSource, KeptSource
from bot.storage.memory import Memory
from bot.storage.source_rows import CLAIM


class MemoryFactSources:
    """The FactSourceStore of bot.ports."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._kept: dict[tuple[str, str], KeptSource] = {}
        self._secrets: dict[tuple[str, str], dict[str, str]] = {}
        self._due: dict[tuple[str, str], datetime] = {}

    async def list_sources(self, shop: str) -> list[KeptSource]:
        own = [kept for (of, _), kept in self._kept.items() if of == shop]
        return sorted(own, key=lambda kept: (kept.source.name, kept.source.id))

    async def get_source(self, shop: str, source: str) -> KeptSource:
        if (shop, source) not in self._kept:
            raise NotFound("there is no such source in this shop")
        return self._kept[shop, source]

    async def get_secrets(self, shop: str, source: str) -> Mapping[str, str]:
        return dict(self._secrets.get((shop, source), {}))

    async def put_source(
        self, shop: str, source: FactSource, secrets: Mapping[str, str], state: SourceState, now: datetime
    ) -> None:
        self._memory.find(shop)
        key = (shop, source.id)
        before = self._kept.get(key)
        made_at, revision = (before.made_at, before.revision + 1) if before else (now, 1)
        self._kept[key] = KeptSource(source, state, made_at, revision)
        self._secrets[key] = dict(secrets)
        self._due.pop(key, None)
        if source.enabled:
            self._due[key] = now

    async def delete_source(self, shop: str, source: str) -> None:
        await self.get_source(shop, source)
        for kept in (self._kept, self._secrets, self._due):
            kept.pop((shop, source), None)

    async def write_state(self, shop: str, source: str, revision: int, state: SourceState) -> None:
        kept = self._kept.get((shop, source))
        if kept is not None and kept.revision == revision:
            self._kept[shop, source] = replace(kept, state=state)

    async def claim_due(self, now: datetime, limit: int, busy: Collection[str]) -> list[DueSource]:
        until = now + CLAIM
        first: dict[str, str] = {}
        for (shop, source), due_at in sorted(self._due.items(), key=lambda item: (item[1], item[0])):
            if due_at <= now and shop not in busy:
                first.setdefault(shop, source)
        claimed = [DueSource(shop, source, until) for shop, source in list(first.items())[:limit]]
        self._due.update({(each.shop, each.id): until for each in claimed})
        return sorted(claimed, key=lambda each: each.shop)

    async def look_again(self, claimed: DueSource, at: datetime) -> None:
        if self._due.get((claimed.shop, claimed.id)) == claimed.until:
            self._due[claimed.shop, claimed.id] = at

    async def ask_for(self, shop: str, source: str, at: datetime) -> None:
        if (shop, source) not in self._due:
            raise NotFound("there is no such source in this shop, or it is switched off")
        self._due[shop, source] = at

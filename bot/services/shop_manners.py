"""A shop's name, zone and policy as every message needs them: read again after half a minute, kept by shop."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.conversation import Conversation
from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.ports import ConversationStore, NotFound, ShopStore, Unavailable
from bot.services.shared_reads import SharedReads

_FRESH: Final = 30.0


@dataclass(frozen=True, slots=True)
class Manners:
    """How one shop is served."""

    shop: Shop
    policy: ServicePolicy

    def alarm_at(self, conversation: Conversation) -> datetime | None:
        """Return when the alarm for the conversation is raised; None when nobody waits."""
        if conversation.waiting_since is None:
            return None
        return self.policy.alarm_at(conversation.waiting_since.astimezone(ZoneInfo(self.shop.timezone)))


class ShopManners:
    """Looks up how shops are served."""

    def __init__(self, shops: ShopStore, store: ConversationStore) -> None:
        self._shops = shops
        self._store = store
        self._held: SharedReads[Manners] = SharedReads(self._read, _FRESH)
        self._known: dict[str, Manners] = {}

    async def of(self, shop: str) -> Manners:
        """Return how the shop is served. Raises NotFound, StoreUnavailable."""
        return await self._held.get(shop)

    def forget(self, shop: str) -> None:
        """Read the shop's policy anew when it is needed next."""
        self._held.forget(shop)

    async def changes(self) -> AsyncIterator[Manners]:
        """Yield how a shop is served from now on whenever that changes, in any process; shops nobody asked about say nothing.

        Raises StoreUnavailable when the shops cannot be watched.
        """
        async for shop, _ in self._shops.watch():
            before = self._known.get(shop)
            if before is None:
                continue
            self._held.forget(shop)
            try:
                now = await self._held.get(shop)
            except NotFound:
                self._known.pop(shop, None)
            except Unavailable:
                # Nothing is held now: who asks next reads it, and the next change is compared with what was known.
                self._known[shop] = before
            else:
                if now != before:
                    yield now

    async def _read(self, shop: str) -> Manners:
        policy = await self._store.get_policy(shop)
        read = self._known[shop] = Manners(await self._shops.get_shop(shop), policy)
        return read

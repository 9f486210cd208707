"""A shop's name, zone and policy as every message needs them: read again after half a minute, kept by shop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.conversation import Conversation
from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.ports import ConversationStore, ShopStore
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

    async def of(self, shop: str) -> Manners:
        """Return how the shop is served. Raises NotFound, StoreUnavailable."""
        return await self._held.get(shop)

    def forget(self, shop: str) -> None:
        """Read the shop's policy anew when it is needed next."""
        self._held.forget(shop)

    async def _read(self, shop: str) -> Manners:
        policy = await self._store.get_policy(shop)
        return Manners(await self._shops.get_shop(shop), policy)

"""A shop's name, zone and policy as every message needs them: read again after two seconds, kept by shop."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.conversation import Conversation
from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.ports import ConversationStore, ShopStore

_FRESH: Final = 2.0


@dataclass(frozen=True, slots=True)
class Manners:
    """How one shop is served."""

    shop: Shop
    policy: ServicePolicy
    read_at: float

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
        self._held: dict[str, Manners] = {}

    async def of(self, shop: str) -> Manners:
        """Return how the shop is served. Raises NotFound, StoreUnavailable."""
        now = time.monotonic()
        held = self._held.get(shop)
        if held is None or now - held.read_at > _FRESH:
            self._held.pop(shop, None)
            policy = await self._store.get_policy(shop)
            held = self._held[shop] = Manners(await self._shops.get_shop(shop), policy, now)
        return held

    def forget(self, shop: str) -> None:
        """Read the shop's policy anew when it is needed next."""
        self._held.pop(shop, None)

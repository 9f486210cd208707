"""What buyers tried in order to prove an order, in memory, for tests: the same contract as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from bot.ports.order_tries import OrderTry

if TYPE_CHECKING:
    from bot.storage.memory_conversations import MemoryConversations


class MemoryOrderTries:
    """The OrderTryStore of bot.ports.order_tries."""

    def __init__(self, conversations: MemoryConversations) -> None:
        self._conversations = conversations

    async def note_try(self, shop: str, tried: OrderTry) -> None:
        talks = self._conversations.talks_of(shop)
        talks.find(tried.conversation)
        talks.order_tries.setdefault((tried.conversation, tried.id), tried)

    async def mark_right(self, shop: str, conversation: str, tried: str, at: datetime) -> None:
        tries = self._conversations.talks_of(shop).order_tries
        if (conversation, tried) in tries:
            tries[conversation, tried] = replace(tries[conversation, tried], is_right=True, at=at)

    async def count_wrong(self, shop: str, buyer: str, order_no: str, since: datetime) -> tuple[int, int]:
        wrong = [each for each in self._tries(shop) if not each.is_right and each.at >= since]
        return sum(each.buyer == buyer for each in wrong), sum(each.order_no == order_no for each in wrong)

    async def proven_orders(self, shop: str, conversation: str, since: datetime) -> Sequence[str]:
        right = [
            each
            for each in self._tries(shop)
            if each.is_right and each.conversation == conversation and each.at >= since
        ]
        right.sort(key=lambda each: (each.at, each.id))
        return list(dict.fromkeys(each.order_no for each in right))

    def _tries(self, shop: str) -> list[OrderTry]:
        return list(self._conversations.talks_of(shop).order_tries.values())

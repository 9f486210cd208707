"""Forgetting old data in memory, for tests: the same contract as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.storage.erasing import CLAIM
from bot.storage.memory import Memory
from bot.storage.memory_events import without_texts

if TYPE_CHECKING:
    from bot.storage.memory_conversations import MemoryConversations


class MemoryForgetting:
    """The ForgettingStore of bot.ports."""

    def __init__(self, memory: Memory, conversations: MemoryConversations) -> None:
        self._memory = memory
        self._conversations = conversations
        self._due: dict[str, datetime] = {}

    async def shops_due(self, at: datetime, limit: int) -> list[str]:
        due = [shop for shop in sorted(self._memory.shops) if self._due.get(shop, at) <= at][:limit]
        self._due.update(dict.fromkeys(due, at + CLAIM))
        return due

    async def look_again(self, shop: str, at: datetime) -> None:
        self._due[shop] = at

    async def forget_closed(self, shop: str, before: datetime, limit: int) -> int:
        talks = self._conversations.talks_of(shop)
        closed = {
            each.id
            for each in talks.conversations.values()
            if each.state == "closed" and each.closed_at is not None and each.closed_at < before
        }
        found = sorted(
            each for each in closed if talks.forgotten.get(each, 0) < talks.conversations[each].last_number
        )[:limit]
        self._conversations.forget(shop, set(found))
        for buyer in {talks.conversations[each].buyer.id for each in found}:
            own = [each for each in talks.conversations.values() if each.buyer.id == buyer]
            if all(o.state == "closed" and talks.forgotten.get(o.id, 0) >= o.last_number for o in own):
                talks.forget_buyer(buyer)
        if not found:
            for each in closed:
                talks.notes.pop(each, None)
        return len(found)

    async def forget_events(self, shop: str, before: datetime) -> bool:
        held = self._memory.find(shop)
        held.events = [without_texts(event) if event.at < before else event for event in held.events]
        return False

    async def forget_events_of(self, shop: str, conversations: Sequence[str]) -> None:
        held = self._memory.find(shop)
        held.events = [without_texts(e) if e.conversation in conversations else e for e in held.events]

"""Rules for automatic replies in memory, for tests: the same contract as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.ports import Event
from bot.ports.auto_reply import Said
from bot.storage.memory import Memory

if TYPE_CHECKING:
    from bot.storage.memory_conversations import MemoryConversations


class MemoryAutoReplies:
    """The AutoReplyStore of bot.ports.auto_reply."""

    def __init__(self, memory: Memory, conversations: MemoryConversations) -> None:
        self._memory = memory
        self._conversations = conversations

    async def get_policy(self, shop: str) -> AutoReplyPolicy:
        return self._memory.find(shop).auto_reply

    async def put_policy(self, shop: str, policy: AutoReplyPolicy) -> None:
        self._memory.find(shop).auto_reply = policy
        self._memory.bump(shop)

    async def swap_policy(
        self, shop: str, before: AutoReplyPolicy, after: AutoReplyPolicy, events: Sequence[Event]
    ) -> bool:
        if await self.get_policy(shop) != before:
            return False
        await self.put_policy(shop, after)
        self._memory.find(shop).events.extend(events)
        return True

    async def newest_messages(self, shop: str, limit: int) -> list[Said]:
        talks = self._conversations.talks_of(shop)
        said = [
            Said(each, talks.find(each).buyer.viewed, message)
            for each, messages in talks.messages.items()
            for message in messages
        ]
        said.sort(key=lambda one: (one.message.at, one.message.number))
        return said[-limit:]

"""Outer channels in memory, for tests: the same contract as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.channels import Delivery, DeliveryState, ShopChannel
from bot.domain.conversation import Conversation
from bot.ports import NotFound
from bot.ports.channels import DueDelivery, KeptChannel, Taken
from bot.storage.memory import Memory
from bot.storage.memory_conversations import MemoryConversations


@dataclass(frozen=True, slots=True)
class _Received:
    at: datetime
    taken: Taken
    thread: str


class MemoryChannels:
    """The ChannelStore of bot.ports."""

    def __init__(self, memory: Memory, conversations: MemoryConversations) -> None:
        self._memory = memory
        self._conversations = conversations
        self._kept: dict[tuple[str, str], KeptChannel] = {}
        self._secrets: dict[tuple[str, str], dict[str, str]] = {}
        self._received: dict[tuple[str, str, str], _Received] = {}
        self._begun: dict[tuple[str, str, str], datetime] = {}

    async def list_channels(self, shop: str) -> list[KeptChannel]:
        own = [kept for (of, _), kept in self._kept.items() if of == shop]
        return sorted(own, key=lambda kept: (kept.channel.name, kept.channel.id))

    async def get_channel(self, shop: str, channel: str) -> KeptChannel:
        if (shop, channel) not in self._kept:
            raise NotFound("there is no such channel in this shop")
        return self._kept[shop, channel]

    async def get_secrets(self, shop: str, channel: str) -> Mapping[str, str]:
        return dict(self._secrets.get((shop, channel), {}))

    async def put_channel(
        self, shop: str, channel: ShopChannel, secrets: Mapping[str, str], at: datetime
    ) -> None:
        self._memory.find(shop)
        before = self._kept.get((shop, channel.id))
        self._kept[shop, channel.id] = KeptChannel(channel, before.made_at if before else at, at)
        self._secrets[shop, channel.id] = dict(secrets)
        outgoing = self._conversations.outgoing
        outgoing.known.add((shop, channel.id))
        if channel.enabled:
            outgoing.hasten(shop, channel.id, at)

    async def delete_channel(self, shop: str, channel: str, at: datetime) -> None:
        await self.get_channel(shop, channel)
        del self._kept[shop, channel], self._secrets[shop, channel]
        for key in [key for key in self._received if key[:2] == (shop, channel)]:
            del self._received[key]
        self._conversations.outgoing.known.discard((shop, channel))
        self._conversations.outgoing.end(shop, channel, at)

    async def begin_taking(self, shop: str, channel: str, external_id: str, at: datetime) -> Taken | None:
        known = self._received.get((shop, channel, external_id))
        if known is None:
            self._begun[shop, channel, external_id] = at
        return known.taken if known is not None else None

    async def end_taking(
        self, shop: str, channel: str, external_id: str, taken: Taken, thread: str = ""
    ) -> None:
        key = shop, channel, external_id
        self._received[key] = _Received(self._begun[key], taken, thread)

    async def thread_of(self, shop: str, conversation: str) -> str:
        named = [
            (each.at, each.taken.number or 0, each.thread)
            for (of, _, _), each in self._received.items()
            if of == shop and each.taken.conversation == conversation and self._is_named(shop, each)
        ]
        return max(named)[2] if named else ""

    def _is_named(self, shop: str, received: _Received) -> bool:
        """Whether it still says in which conversation of the other side it stood: that is forgotten with the texts."""
        forgotten = self._conversations.talks_of(shop).forgotten
        upto = forgotten.get(received.taken.conversation, -1)
        return received.thread != "" and (received.taken.number or 0) > upto

    async def conversation_of(self, shop: str, channel: str, thread: str) -> str | None:
        named = [
            (each.at, each.taken.number or 0, each.taken.conversation)
            for (of, at, _), each in self._received.items()
            if (of, at, each.thread) == (shop, channel, thread) and each.taken.conversation
            if self._is_named(shop, each)
        ]
        return max(named)[2] if named else None

    async def forget_traffic(self, shop: str, before: datetime, limit: int) -> int:
        talks = self._conversations.talks_of(shop).conversations
        gone = [
            key
            for key, each in self._received.items()
            if key[0] == shop and each.at < before and _is_over(talks.get(each.taken.conversation), before)
        ][:limit]
        for key in gone:
            del self._received[key]
        over = [each for each, held in talks.items() if _is_over(held, before)]
        return len(gone) + self._conversations.outgoing.drop_settled(shop, over, before, limit)

    async def deliveries_due(self, at: datetime, limit: int, busy: Collection[str] = ()) -> list[DueDelivery]:
        return await self._conversations.outgoing.deliveries_due(at, limit, busy)

    async def begin_delivery(self, due: DueDelivery) -> Delivery | None:
        return await self._conversations.outgoing.begin_delivery(due)

    async def settle_delivery(self, shop: str, delivery: Delivery) -> None:
        await self._conversations.outgoing.settle_delivery(shop, delivery)

    async def find_delivery(self, shop: str, channel: str, key: str) -> Delivery | None:
        return await self._conversations.outgoing.find_delivery(shop, channel, key)

    async def list_deliveries(
        self, shop: str, channel: str, states: Sequence[DeliveryState], limit: int
    ) -> list[Delivery]:
        return await self._conversations.outgoing.list_deliveries(shop, channel, states, limit)

    async def count_deliveries(self, shop: str, since: datetime) -> Mapping[tuple[str, DeliveryState], int]:
        return await self._conversations.outgoing.count_deliveries(shop, since)

    async def retry_delivery(self, shop: str, conversation: str, position: int, at: datetime) -> Delivery:
        return await self._conversations.outgoing.retry_delivery(shop, conversation, position, at)

    async def deliveries_of(self, shop: str, conversation: str, numbers: Sequence[int]) -> list[Delivery]:
        return await self._conversations.outgoing.deliveries_of(shop, conversation, numbers)


def _is_over(conversation: Conversation | None, before: datetime) -> bool:
    """Whether it was closed before then, or is not there at all."""
    if conversation is None:
        return True
    closed_at = conversation.closed_at
    return conversation.state == "closed" and closed_at is not None and closed_at < before

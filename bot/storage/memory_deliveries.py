"""What is on its way to outer channels in memory, for tests: the same contract as in PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeAlias

from bot.domain.channels import Delivery, DeliveryState, channel_of, delivery_line
from bot.domain.conversation import Conversation, Message
from bot.ports.channels import DueDelivery
from bot.storage.deliveries import (
    CLAIM,
    GONE,
    OF_ONE_SHOP,
    TURNED_BACK,
    as_new,
    lines_of,
    require_retriable,
)

Tell: TypeAlias = Callable[[str, str, str, Mapping[str, Any]], None]


class MemoryDeliveries:
    """The part of the ChannelStore for what goes out. `tell` adds a line to a shop's feed."""

    def __init__(self, tell: Tell) -> None:
        self._told = tell
        self._lines: dict[tuple[str, str], list[Delivery]] = {}
        self._dues: dict[tuple[str, str], datetime] = {}
        self.known: set[tuple[str, str]] = set()
        """The channels that there are, each with its shop."""

    def put(
        self, shop: str, before: Conversation, after: Conversation, message: Message | None = None
    ) -> None:
        """Put on its way what the other side is to hear of a change."""
        channel = channel_of(after.buyer)
        fresh = lines_of(before, after, message)
        if channel is None or not fresh:
            return
        there = (shop, channel[1]) in self.known
        lines = self._lines.setdefault((shop, after.id), [])
        for line in fresh:
            placed = replace(line, position=max((each.position for each in lines), default=0) + 1)
            lines.append(placed if there else _dead(placed, placed.at))
        if there:
            self._dues.setdefault((shop, after.id), fresh[0].at)

    async def deliveries_due(self, at: datetime, limit: int, busy: Collection[str] = ()) -> list[DueDelivery]:
        until = at + CLAIM
        taken: list[DueDelivery] = []
        for (shop, conversation), due_at in sorted(self._dues.items(), key=lambda item: item[1]):
            is_due = due_at <= at or due_at > at + TURNED_BACK
            if is_due and shop not in busy and sum(each.shop == shop for each in taken) < OF_ONE_SHOP:
                taken.append(DueDelivery(shop, conversation, until))
        for each in taken[:limit]:
            self._dues[each.shop, each.conversation] = until
        return taken[:limit]

    async def begin_delivery(self, due: DueDelivery) -> Delivery | None:
        key = due.shop, due.conversation
        if self._dues.get(key) != due.until:
            return None
        first = self._first(*key)
        if first is None:
            del self._dues[key]
            return None
        return self._write(due.shop, replace(first, attempts=first.attempts + 1))

    async def settle_delivery(self, shop: str, delivery: Delivery) -> None:
        there = self._lines.get((shop, delivery.conversation), [])
        if delivery.position > len(there) or there[delivery.position - 1].state != DeliveryState.WAITING:
            return
        self._write(shop, delivery)
        self._told(shop, delivery.conversation, "delivery", delivery_line(delivery))
        self._set_next(shop, delivery.conversation)

    async def find_delivery(self, shop: str, channel: str, key: str) -> Delivery | None:
        return next((each for each in self._of(shop, channel) if each.key == key), None)

    async def list_deliveries(
        self, shop: str, channel: str, states: Sequence[DeliveryState], limit: int
    ) -> list[Delivery]:
        found = [each for each in self._of(shop, channel) if each.state in states]
        found.sort(key=lambda each: (-each.at.timestamp(), each.conversation, -each.position))
        return found[:limit]

    async def count_deliveries(self, shop: str, since: datetime) -> Mapping[tuple[str, DeliveryState], int]:
        own = (each for (of, _), lines in self._lines.items() for each in lines if of == shop)
        return Counter((each.channel, each.state) for each in own if each.at > since)

    async def deliveries_of(self, shop: str, conversation: str, numbers: Sequence[int]) -> list[Delivery]:
        return [each for each in self._lines.get((shop, conversation), []) if each.number in numbers]

    async def retry_delivery(self, shop: str, conversation: str, position: int, at: datetime) -> Delivery:
        lines = self._lines.get((shop, conversation), [])
        found = require_retriable(next((each for each in lines if each.position == position), None))
        again = self._write(shop, as_new(found, at))
        self._told(shop, conversation, "delivery", delivery_line(again))
        self._set_next(shop, conversation)
        return again

    def forget(self, shop: str, conversations: Collection[str]) -> None:
        """Blank what could say who it was; what waits is delivered no more."""
        for conversation in conversations:
            lines = self._lines.get((shop, conversation), [])
            for each in lines:
                state = DeliveryState.DEAD if each.state == DeliveryState.WAITING else each.state
                self._write(shop, replace(each, state=state, error="", external_id=""))

    def drop_settled(self, shop: str, conversations: Collection[str], before: datetime, limit: int) -> int:
        """Delete what was settled before then; return how many."""
        dropped = 0
        for conversation in conversations:
            lines = self._lines.get((shop, conversation), [])
            old = [each for each in lines if each.settled_at is not None and each.settled_at < before]
            for each in old[: limit - dropped]:
                lines.remove(each)
                dropped += 1
        return dropped

    def end(self, shop: str, channel: str, at: datetime) -> None:
        """What waits for a channel that is gone is dead."""
        for each in self._of(shop, channel):
            if each.state == DeliveryState.WAITING:
                self._write(shop, _dead(each, at))

    def hasten(self, shop: str, channel: str, at: datetime) -> None:
        """Let what waits for the channel be tried at once, but for what a worker is at."""
        for (of, conversation), due_at in self._dues.items():
            waiting = [each for each in self._lines[of, conversation] if each.state == DeliveryState.WAITING]
            here = of == shop and any(each.channel == channel and each.due_at == due_at for each in waiting)
            if here and due_at > at:
                self._dues[of, conversation] = at

    def _of(self, shop: str, channel: str) -> list[Delivery]:
        return [
            each
            for (of, _), lines in self._lines.items()
            for each in lines
            if of == shop and each.channel == channel
        ]

    def _first(self, shop: str, conversation: str) -> Delivery | None:
        lines = self._lines.get((shop, conversation), [])
        return next((each for each in lines if each.state == DeliveryState.WAITING), None)

    def _write(self, shop: str, delivery: Delivery) -> Delivery:
        self._lines[shop, delivery.conversation][delivery.position - 1] = delivery
        return delivery

    def _set_next(self, shop: str, conversation: str) -> None:
        following = self._first(shop, conversation)
        if following is None:
            self._dues.pop((shop, conversation), None)
        else:
            self._dues[shop, conversation] = following.due_at


def _dead(delivery: Delivery, at: datetime) -> Delivery:
    return replace(delivery, state=DeliveryState.DEAD, error=GONE, settled_at=at)

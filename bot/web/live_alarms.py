"""Alarms: raised when a buyer has waited for the shop's time, with whom it concerns, while this worker's pages are open."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.conversation import Conversation
from bot.ports import Clock

_LONGEST_SLEEP: Final = 1.0

Ring = Callable[[str, Conversation], None]


@dataclass(frozen=True, slots=True)
class _Wait:
    conversation: Conversation
    alarm_at: datetime

    @property
    def occasion(self) -> tuple[datetime | None, str]:
        """What one alarm is for: this wait, at this person. Handed on, it rings again for the next one."""
        return self.conversation.waiting_since, self.conversation.assignee


class AlarmClock:
    """Rings for conversations whose time has come."""

    def __init__(self, clock: Clock, ring: Ring) -> None:
        self._clock = clock
        self._ring = ring
        self._waits: dict[tuple[str, str], _Wait] = {}
        self._rung: dict[tuple[str, str], tuple[datetime | None, str]] = {}
        self._due: list[tuple[datetime, str, str]] = []
        self._wake = asyncio.Event()

    def watch(self, shop: str, conversation: Conversation, alarm_at: datetime | None) -> None:
        """Take note of a conversation as it is now."""
        key = shop, conversation.id
        if alarm_at is None or conversation.state == "closed":
            self._waits.pop(key, None)
            self._rung.pop(key, None)
            return
        self._waits[key] = _Wait(conversation, alarm_at)
        heapq.heappush(self._due, (alarm_at, shop, conversation.id))
        self._wake.set()

    def keep_silent(self, shop: str, conversation: Conversation, alarm_at: datetime | None) -> bool:
        """Take note of a conversation that a page has just read; return whether its alarm was due already.

        It does not ring for everybody again: only the page that came is told.
        """
        key = shop, conversation.id
        if alarm_at is None or conversation.state == "closed":
            return False
        due = alarm_at <= self._clock.now()
        if key not in self._waits:
            if due:
                self._rung[key] = _Wait(conversation, alarm_at).occasion
            self.watch(shop, conversation, alarm_at)
        return due

    def forget(self, shop: str) -> None:
        """Forget the shop: nobody here looks at it any more."""
        self._waits = {key: wait for key, wait in self._waits.items() if key[0] != shop}
        self._rung = {key: occasion for key, occasion in self._rung.items() if key[0] != shop}

    def ring_due(self) -> None:
        """Ring for every wait whose time has come and that did not ring yet."""
        now = self._clock.now()
        while self._due and self._due[0][0] <= now:
            _, shop, conversation = heapq.heappop(self._due)
            key = shop, conversation
            wait = self._waits.get(key)
            if wait is None or wait.alarm_at > now or self._rung.get(key) == wait.occasion:
                continue
            self._rung[key] = wait.occasion
            self._ring(shop, wait.conversation)

    async def run(self) -> None:
        """Ring until cancelled."""
        while True:
            self._wake.clear()
            self.ring_due()
            pause = _LONGEST_SLEEP
            if self._due:
                left = (self._due[0][0] - self._clock.now()).total_seconds()
                pause = min(max(left, 0.01), _LONGEST_SLEEP)
            try:
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            except TimeoutError:
                continue

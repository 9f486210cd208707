"""Waking a loop at the moment when something is due, and now and then besides."""

from __future__ import annotations

import asyncio
import heapq
from contextlib import suppress
from datetime import datetime
from typing import Final

from bot.ports import Clock

SWEEP: Final = 0.5
"""Seconds after which a loop looks anyway: for what another process left behind."""
_MARGIN: Final = 0.002
_MOST: Final = 10_000


class DueTimers:
    """Due times that this process knows of. `wait` ends at the first of them, or after SWEEP seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._times: list[datetime] = []
        self._news = asyncio.Event()

    def expect(self, at: datetime) -> None:
        """Wake then."""
        if len(self._times) < _MOST:
            heapq.heappush(self._times, at)
            if self._times[0] == at:
                self._news.set()

    async def wait(self) -> None:
        """Return when something is due, or it is time to look anyway."""
        loop = asyncio.get_running_loop()
        until = loop.time() + SWEEP
        while (left := until - loop.time()) > 0:
            seconds = (self._times[0] - self._clock.now()).total_seconds() if self._times else left
            if seconds <= 0:
                break
            self._news.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(min(seconds + _MARGIN, left)):
                    await self._news.wait()
        now = self._clock.now()
        while self._times and self._times[0] <= now:
            heapq.heappop(self._times)

"""What many ask for at the same moment is read once, and kept for a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Generic, TypeVar

Value = TypeVar("Value")


class SharedReads(Generic[Value]):
    """Values by key. Whoever asks while one is being read waits for that same read; a failed one is kept for nobody."""

    def __init__(self, read: Callable[[str], Awaitable[Value]], seconds: float) -> None:
        self._read = read
        self._seconds = seconds
        self._held: dict[str, tuple[float, Value]] = {}
        self._reading: dict[str, asyncio.Task[Value]] = {}

    async def get(self, key: str, *, seconds: float | None = None) -> Value:
        """Return the value, read not longer ago than that. Raises what reading raises."""
        held = self._held.get(key)
        if held is not None and time.monotonic() - held[0] <= (self._seconds if seconds is None else seconds):
            return held[1]
        reading = self._reading.get(key)
        if reading is None:
            # In a context of its own: a transaction of who asks first must not become that of all who wait.
            reading = self._reading[key] = asyncio.create_task(self._keep(key), context=Context())
            reading.add_done_callback(_heard)
        # One that is no longer waited for by who asked first is still waited for by the others.
        return await asyncio.shield(reading)

    def forget(self, key: str | None = None) -> None:
        """Read the key's value anew when it is asked for next, or every value. What is being read now is not kept."""
        if key is None:
            self._held.clear()
            self._reading.clear()
        else:
            self._held.pop(key, None)
            self._reading.pop(key, None)

    async def _keep(self, key: str) -> Value:
        this, began = asyncio.current_task(), time.monotonic()
        try:
            value = await self._read(key)
            if self._reading.get(key) is this:
                self._held[key] = began, value
            return value
        except BaseException:
            self._held.pop(key, None)
            raise
        finally:
            if self._reading.get(key) is this:
                del self._reading[key]


def _heard(task: asyncio.Task[Value]) -> None:
    """Look at the error of a read that nobody waits for any more: asyncio would complain of it."""
    if not task.cancelled():
        task.exception()

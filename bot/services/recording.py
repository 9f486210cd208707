"""Writing the event log without making anyone wait: events are gathered and appended shop by shop."""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from bot.ports import Event, EventLog, NotFound, Unavailable

_log = logging.getLogger(__name__)

SHOWN = "suggestion_shown"
PHRASE_USED = "phrase_used"
"""An agent sent an entry that he had looked up: {"entry", "number" of his message, "kept" of its text, "by"}."""
_PAUSE = 0.2
_MAX_WAITING = 50_000


class EventRecorder:
    """Takes events at once and appends them in the background; `close` writes what is left.

    While the database is away up to 50,000 events wait; beyond that the oldest go, and the log says how many.
    """

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._waiting: deque[tuple[str, Event]] = deque()
        self._writing: list[tuple[str, Event]] = []
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._closing = False
        self._lost = 0

    def start(self) -> None:
        """Begin to write in the background."""
        self._task = asyncio.create_task(self._run())

    def record(self, shop: str, event: Event) -> None:
        """Take the event."""
        self._waiting.append((shop, event))
        self._drop_oldest()
        self._wake.set()

    def waiting(self, shop: str, message: str) -> list[Event]:
        """Return the shop's events about the message that are not known to be in the log yet, newest first."""
        taken = (*self._writing, *self._waiting)
        return [event for of, event in reversed(taken) if of == shop and event.message == message]

    async def close(self) -> None:
        """Write what is waiting, then stop."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
        if not await self._write():
            self._lost += len(self._waiting)
            self._waiting.clear()
            self._tell_lost()

    async def _run(self) -> None:
        while not self._closing:
            await self._wake.wait()
            if not self._closing:
                await asyncio.sleep(_PAUSE)
            self._wake.clear()
            if not await self._write():
                self._wake.set()

    async def _write(self) -> bool:
        """Append all that waits; what could not be written waits on. Return whether nothing was left behind."""
        self._tell_lost()
        batches: dict[str, list[Event]] = {}
        self._writing = list(self._waiting)
        self._waiting.clear()
        for shop, event in self._writing:
            batches.setdefault(shop, []).append(event)
        written = [await self._append(shop, events) for shop, events in batches.items()]
        self._writing = []
        return all(written)

    async def _append(self, shop: str, events: list[Event]) -> bool:
        """Append the events of one shop; False when they wait for the log to come back."""
        try:
            await self._log.append(shop, events)
        except NotFound:
            pass  # the shop was deleted in the meantime
        except Unavailable as error:
            _log.warning("events wait: %s", error)
            self._waiting.extendleft((shop, event) for event in reversed(events))
            self._drop_oldest()
            return False
        except Exception as error:  # noqa: BLE001 - a worker loop: one bad event must not end the log of all shops
            if len(events) > 1:
                return all([await self._append(shop, [event]) for event in events])
            _log.error(
                "an event %s cannot be written and is left out (%s)", events[0].kind, type(error).__name__
            )
        return True

    def _drop_oldest(self) -> None:
        while len(self._waiting) > _MAX_WAITING:
            self._waiting.popleft()
            self._lost += 1

    def _tell_lost(self) -> None:
        if self._lost:
            _log.error("%d events were lost: the database was away for too long", self._lost)
            self._lost = 0

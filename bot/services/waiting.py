"""How long a request waited for the classifier: tells Rasa's time from ours."""

from __future__ import annotations

import time
from contextvars import ContextVar

from bot.domain.intents import Understanding
from bot.ports import IntentClassifier


class Waiting:
    """Adds up the seconds in which at least one of several, possibly overlapping, waits went on."""

    __slots__ = ("_going", "_since", "seconds")

    def __init__(self) -> None:
        self.seconds = 0.0
        self._going = 0
        self._since = 0.0

    def begin(self) -> None:
        """A wait begins."""
        if not self._going:
            self._since = time.perf_counter()
        self._going += 1

    def end(self) -> None:
        """A wait ends."""
        self._going -= 1
        if not self._going:
            self.seconds += time.perf_counter() - self._since


WAITING: ContextVar[Waiting | None] = ContextVar("waiting", default=None)
"""Set by whoever wants to know, for the length of one request."""


class TimedClassifier:
    """An IntentClassifier that notes in WAITING how long it was waited for."""

    def __init__(self, inner: IntentClassifier) -> None:
        self._inner = inner

    @property
    def state(self) -> str:
        return self._inner.state

    async def classify(self, text: str) -> Understanding:
        """Return what `inner` says. Raises ClassifierUnavailable."""
        waiting = WAITING.get()
        if waiting is None:
            return await self._inner.classify(text)
        waiting.begin()
        try:
            return await self._inner.classify(text)
        finally:
            waiting.end()

    async def close(self) -> None:
        """Close `inner`."""
        await self._inner.close()

"""Remembers what texts were understood as: shop-free, so shared by all shops."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace

from bot.domain.intents import Understanding
from bot.ports import IntentClassifier


class CachedClassifier:
    """An IntentClassifier that asks `inner` once per text; the same text asked again meanwhile waits for that answer.

    Remembered texts are answered also while `inner` is down. `version` names the model behind `inner`: when it changes,
    everything is forgotten. Least recently used texts go first.
    """

    def __init__(
        self, inner: IntentClassifier, size: int = 20_000, version: Callable[[], str] = lambda: ""
    ) -> None:
        self._inner = inner
        self._size = size
        self._version = version
        self._seen_version = ""
        self._known: OrderedDict[str, Understanding] = OrderedDict()
        self._asked: dict[str, asyncio.Task[Understanding]] = {}
        self.hits = 0
        self.misses = 0

    @property
    def state(self) -> str:
        return self._inner.state

    def __len__(self) -> int:
        return len(self._known)

    async def classify(self, text: str) -> Understanding:
        """Return what `inner` says of the text without the spaces around it. Raises ClassifierUnavailable."""
        self._check_version()
        key = text.strip()
        shift = len(text) - len(text.lstrip())
        known = self._known.get(key)
        if known is not None:
            self.hits += 1
            self._known.move_to_end(key)
            return _shifted(known, shift)
        self.misses += 1
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self._ask(key))
            task.add_done_callback(lambda done: self._forget_task(key, done))
        # One caller that gives up must not take the answer away from the others.
        return _shifted(await asyncio.shield(task), shift)

    async def close(self) -> None:
        """Close `inner`, and end what is still being asked."""
        for task in list(self._asked.values()):
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)
        self._known.clear()
        await self._inner.close()

    async def _ask(self, key: str) -> Understanding:
        version = self._version()
        understanding = await self._inner.classify(key)
        if version == self._version():
            self._known[key] = understanding
            if len(self._known) > self._size:
                self._known.popitem(last=False)
        return understanding

    def _forget_task(self, key: str, task: asyncio.Task[Understanding]) -> None:
        if self._asked.get(key) is task:
            del self._asked[key]
        if not task.cancelled():
            task.exception()  # seen, also when every caller has left

    def _check_version(self) -> None:
        version = self._version()
        if version != self._seen_version:
            self._known.clear()
            self._asked.clear()
            self._seen_version = version


def _shifted(understanding: Understanding, shift: int) -> Understanding:
    if not shift or not understanding.entities:
        return understanding
    moved = tuple(
        replace(item, start=item.start + shift, end=item.end + shift) for item in understanding.entities
    )
    return replace(understanding, entities=moved)

"""Suggestions for conversations that are open on somebody's page: worked out once a worker, sent to who looks and may answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from bot.domain.account import Right
from bot.ports import Clock, NotFound, Unavailable
from bot.services.conversation_suggesting import ConversationSuggester
from bot.services.workspace_data import suggestions_data
from bot.web.live_connection import LiveConnection, packed

_log = logging.getLogger(__name__)
Viewers = Callable[[str, str], Iterable[LiveConnection]]
Key = tuple[str, str]


class LiveSuggestions:
    """Works suggestions out and hands them on. Nothing is remembered: whoever opens a conversation later gets fresh ones."""

    def __init__(self, suggester: ConversationSuggester, viewers: Viewers, clock: Clock) -> None:
        self._suggester = suggester
        self._viewers = viewers
        self._clock = clock
        self._wanted: dict[Key, set[LiveConnection] | None] = {}
        self._working: dict[Key, asyncio.Task[None]] = {}

    def want(self, shop: str, conversation: str, page: LiveConnection | None = None) -> None:
        """Work them out for one page, or for all that look at the conversation."""
        key = shop, conversation
        if page is None:
            self._wanted[key] = None
        elif key not in self._wanted:
            self._wanted[key] = {page}
        elif (pages := self._wanted[key]) is not None:
            pages.add(page)
        if key not in self._working:
            self._working[key] = asyncio.create_task(self._work(key), name=f"suggest {shop}")

    async def close(self) -> None:
        """End what is being worked out."""
        tasks = list(self._working.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _work(self, key: Key) -> None:
        """Work until nobody wants any more; bubbles that come meanwhile are worked out together."""
        try:
            while key in self._wanted:
                await self._work_once(key, self._wanted.pop(key))
        finally:
            del self._working[key]

    async def _work_once(self, key: Key, pages: set[LiveConnection] | None) -> None:
        if not self._readers(key, pages):
            return
        try:
            suggestions = await self._suggester.suggest(*key)
        except (NotFound, Unavailable) as error:
            _log.info("no suggestions for a conversation of shop %s: %s", key[0], type(error).__name__)
            return
        except Exception:  # noqa: BLE001 - one message must not end suggesting for the conversation
            _log.exception("suggesting for a conversation of shop %s failed", key[0])
            return
        text = packed(
            {"type": "suggestions", "shop": key[0], "conversation": key[1], **suggestions_data(suggestions)}
        )
        for page in self._readers(key, pages):
            page.send(text, key[0])

    def _readers(self, key: Key, pages: set[LiveConnection] | None) -> list[LiveConnection]:
        """Return who looks at the conversation and may answer, now."""
        now: datetime = self._clock.now()
        return [
            page
            for page in self._viewers(*key)
            if (pages is None or page in pages) and page.may(Right.ANSWER, key[0], now)
        ]

"""Noticing that another embedding model has taken over, without waiting for a message to find out."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from bot.ports import Embedder, EmbedderUnavailable, Unavailable

_log = logging.getLogger(__name__)
_SECONDS: Final = 3.0


class ModelWatcher:
    """Keeps in touch with the embedder and calls `changed` when its fingerprint is another than before."""

    def __init__(self, embedder: Embedder, changed: Sequence[Callable[[], Awaitable[None]]]) -> None:
        self._embedder = embedder
        self._changed = changed
        self._known = ""

    async def follow(self) -> None:
        """Look every few seconds until cancelled; a lost connection is made again by that, too."""
        while True:
            await self.look()
            await asyncio.sleep(_SECONDS)

    async def look(self) -> None:
        """Look now. What could not be done is done at the next look."""
        try:
            await self._embedder.encode([])
            model = self._embedder.fingerprint
        except EmbedderUnavailable:
            return
        if model == self._known:
            return
        try:
            if self._known:
                for call in self._changed:
                    await call()
        except Unavailable as error:
            _log.warning("vectors by the new model wait: %s", error)
            return
        self._known = model

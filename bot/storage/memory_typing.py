"""Who types where, told among the boards of one process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import TypeAlias

from bot.ports import Typed

Line: TypeAlias = dict["MemoryTypingRelay", asyncio.Queue[Typed]]
"""What relays that hear each other share."""


class MemoryTypingRelay:
    """The TypingRelay of bot.ports; with a line of its own it is heard by nobody."""

    def __init__(self, line: Line | None = None) -> None:
        self._line: Line = {} if line is None else line

    async def announce(self, typed: Sequence[Typed]) -> None:
        for relay, heard in self._line.items():
            if relay is not self:
                for each in typed:
                    heard.put_nowait(each)

    async def watch(self) -> AsyncIterator[Typed]:
        heard = self._line[self] = asyncio.Queue()
        try:
            while True:
                yield await heard.get()
        finally:
            del self._line[self]

"""Hearing what is announced on a channel of the database, over a connection that is made again whenever it is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, Final

import asyncpg

from bot.ports import StoreUnavailable
from bot.storage.connecting import connect

_log = logging.getLogger(__name__)

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0


async def listen(dsn: str, channel: str) -> AsyncIterator[str]:
    """Yield what is announced on the channel, for as long as this is iterated.

    What is announced while no connection stands is lost: who needs all of it compares with what is stored.
    """
    pause = _FIRST_PAUSE
    while True:
        try:
            async for payload in _listen(dsn, channel):
                pause = _FIRST_PAUSE
                yield payload
        except (StoreUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            _log.warning(
                "the connection that hears of %s is lost (%s): trying again", channel, type(error).__name__
            )
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _listen(dsn: str, channel: str) -> AsyncIterator[str]:
    """Yield what is heard over one connection until it breaks."""
    heard: asyncio.Queue[str | None] = asyncio.Queue()

    def hear(_connection: Any, _pid: int, _channel: str, payload: object) -> None:
        heard.put_nowait(str(payload))

    connection = await connect(dsn)
    try:
        connection.add_termination_listener(lambda _: heard.put_nowait(None))
        await connection.add_listener(channel, hear)
        while (payload := await heard.get()) is not None:
            yield payload
    finally:
        connection.terminate()

"""Hearing what is announced on a channel of the database, over a connection that is made again whenever it is lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg

from bot.ports import StoreUnavailable
from bot.storage.connecting import connect

_log = logging.getLogger(__name__)
_Told = TypeVar("_Told")

_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0


def listen(dsn: str, channel: str) -> AsyncIterator[str]:
    """Yield what is announced on the channel, for as long as this is iterated.

    What is announced while no connection stands is lost: who needs all of it compares with what is stored.
    """
    return connecting_again(channel, lambda: _payloads(dsn, channel))


async def connecting_again(channel: str, hear: Callable[[], AsyncIterator[_Told]]) -> AsyncIterator[_Told]:
    """Yield what `hear` yields; when its connection ends it is called again, after pauses that grow."""
    pause = _FIRST_PAUSE
    while True:
        try:
            async for told in hear():
                pause = _FIRST_PAUSE
                yield told
        except (StoreUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            _log.warning(
                "the connection that hears of %s is lost (%s): trying again", channel, type(error).__name__
            )
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


@asynccontextmanager
async def hearing(dsn: str, channel: str) -> AsyncIterator[tuple[Any, asyncio.Queue[str | None]]]:
    """Yield a connection, and a queue of what is announced on the channel; None in it: the connection has ended."""
    heard: asyncio.Queue[str | None] = asyncio.Queue()

    def hear(_connection: Any, _pid: int, _channel: str, payload: object) -> None:
        heard.put_nowait(str(payload))

    connection = await connect(dsn)
    try:
        connection.add_termination_listener(lambda _: heard.put_nowait(None))
        await connection.add_listener(channel, hear)
        yield connection, heard
    finally:
        connection.terminate()


async def _payloads(dsn: str, channel: str) -> AsyncIterator[str]:
    async with hearing(dsn, channel) as (_, heard):
        while (payload := await heard.get()) is not None:
            yield payload

"""Hearing of changed shops: notifications for speed, comparing versions for certainty."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from bot.storage.listening import connecting_again, hearing
from bot.storage.writing import CHANNEL

_COMPARE_SECONDS: Final = 5.0
ALL_VERSIONS: Final = "SELECT shop_id, version FROM shop_versions"


async def watch_versions(
    dsn: str,
    *,
    compare_seconds: float = _COMPARE_SECONDS,
    channel: str = CHANNEL,
    numbers: str = ALL_VERSIONS,
) -> AsyncIterator[tuple[str, int]]:
    """Yield (shop, version) whenever a shop's version is higher than the last one yielded; at first, all of them.

    `channel` is where a change is announced, `numbers` the query that gives every (shop_id, version).

    A lost connection is made again for as long as this is iterated, and nothing that happened meanwhile is missed.
    """
    seen: dict[str, int] = {}
    told = connecting_again(channel, lambda: _versions(dsn, compare_seconds, channel, numbers))
    async for shop, version in told:
        if version > seen.get(shop, 0):
            seen[shop] = version
            yield shop, version


async def _versions(
    dsn: str, compare_seconds: float, channel: str, numbers: str
) -> AsyncIterator[tuple[str, int]]:
    """Yield versions over one connection until it breaks."""
    async with hearing(dsn, channel) as (connection, heard):
        while True:
            # First of all: what was missed before the listener stood.
            for row in await connection.fetch(numbers):
                yield row[0], row[1]
            async for change in _drain(heard, compare_seconds):
                yield change
            if connection.is_closed():
                return


async def _drain(heard: asyncio.Queue[str | None], seconds: float) -> AsyncIterator[tuple[str, int]]:
    """Yield what is heard for `seconds`, or until the connection ends."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while (left := deadline - loop.time()) > 0:
        try:
            payload = await asyncio.wait_for(heard.get(), left)
        except TimeoutError:
            return
        if payload is None:
            return
        shop, _, version = payload.partition(" ")
        if version.isdigit():
            yield shop, int(version)

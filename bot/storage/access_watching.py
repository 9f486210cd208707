"""Hearing, in any process, whose rights or sessions changed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any, Final

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import StoreUnavailable
from bot.storage.connecting import connect

log = logging.getLogger(__name__)

CHANNEL: Final = "kuaihui_access"
_NOTIFY: Final = text("SELECT pg_notify(:channel, :account)")
_RAISE_MEMBERS: Final = text(
    "UPDATE accounts SET version = version + 1 WHERE account_id IN "
    "(SELECT account_id FROM memberships WHERE shop_id = :shop) RETURNING account_id"
)
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 5.0


async def announce_access(connection: AsyncConnection, account: str) -> None:
    """Tell every listener, when the transaction commits. Only the id goes in: anyone connected may listen."""
    await connection.execute(_NOTIFY, {"channel": CHANNEL, "account": account})


async def announce_members(connection: AsyncConnection, shop: str) -> None:
    """Let everybody who works in the shop, or did, be looked at anew: with the shop all of that ends."""
    for account in (await connection.scalars(_RAISE_MEMBERS, {"shop": shop})).all():
        await announce_access(connection, account)


async def watch_access(dsn: str) -> AsyncIterator[str]:
    """Yield account ids as they are announced. A lost connection is made again for as long as this is iterated."""
    pause = _FIRST_PAUSE
    while True:
        try:
            async for account in _listen(dsn):
                pause = _FIRST_PAUSE
                yield account
        except (StoreUnavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            log.warning(
                "the connection that hears of changed rights is lost (%s): trying again", type(error).__name__
            )
        await asyncio.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)


async def _listen(dsn: str) -> AsyncIterator[str]:
    heard: asyncio.Queue[str | None] = asyncio.Queue()

    def hear(_connection: Any, _pid: int, _channel: str, payload: object) -> None:
        heard.put_nowait(str(payload))

    connection = await connect(dsn)
    try:
        connection.add_termination_listener(lambda _: heard.put_nowait(None))
        await connection.add_listener(CHANNEL, hear)
        while (account := await heard.get()) is not None:
            yield account
    finally:
        connection.terminate()

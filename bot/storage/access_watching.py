"""Hearing, in any process, whose rights or sessions changed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.listening import listen

CHANNEL: Final = "kuaihui_access"
_NOTIFY: Final = text("SELECT pg_notify(:channel, :account)")
_RAISE_MEMBERS: Final = text(
    "WITH members AS (SELECT account_id FROM memberships WHERE shop_id = :shop ORDER BY account_id FOR UPDATE) "
    "UPDATE accounts SET version = version + 1 WHERE account_id IN (SELECT account_id FROM members) RETURNING account_id"
)


async def announce_access(connection: AsyncConnection, account: str) -> None:
    """Tell every listener, when the transaction commits. Only the id goes in: anyone connected may listen."""
    await connection.execute(_NOTIFY, {"channel": CHANNEL, "account": account})


async def announce_members(connection: AsyncConnection, shop: str) -> None:
    """Let everybody who works in the shop, or did, be looked at anew: with the shop all of that ends."""
    for account in (await connection.scalars(_RAISE_MEMBERS, {"shop": shop})).all():
        await announce_access(connection, account)


def watch_access(dsn: str) -> AsyncIterator[str]:
    """Yield account ids as they are announced. A lost connection is made again for as long as this is iterated."""
    return listen(dsn, CHANNEL)

"""Telling other processes who types where, over PostgreSQL's notifications."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Sequence
from typing import Final

from sqlalchemy import text

from bot.ports import Typed
from bot.storage.database import Database
from bot.storage.listening import listen

CHANNEL: Final = "kuaihui_typing"
_NOBODY: Final = "-"
_NOTIFY: Final = text("SELECT pg_notify(:channel, line) FROM unnest(CAST(:lines AS text[])) AS line")


class PostgresTypingRelay:
    """The TypingRelay of bot.ports. Anyone connected may listen, so that only ids go in."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._origin = secrets.token_hex(6)

    async def announce(self, typed: Sequence[Typed]) -> None:
        lines = [self._line(each) for each in typed]
        async with self._database.unscoped() as connection:
            await connection.execute(_NOTIFY, {"channel": CHANNEL, "lines": lines})

    async def watch(self) -> AsyncIterator[Typed]:
        async for line in listen(self._database.dsn, CHANNEL):
            parts = line.split(" ")
            if len(parts) == 5 and parts[0] != self._origin:
                _, shop, conversation, account, on = parts
                yield Typed(shop, conversation, "" if account == _NOBODY else account, on == "1")

    def _line(self, typed: Typed) -> str:
        account = typed.account or _NOBODY
        return f"{self._origin} {typed.shop} {typed.conversation} {account} {int(typed.on)}"

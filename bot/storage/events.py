"""The append-only log of what happened in a shop, in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import Event
from bot.storage import schema
from bot.storage.database import Database
from bot.storage.rows import event_row, read_event
from bot.storage.writing import insert_rows

_PER_MESSAGE: Final = 100
_READ_HERE: Final = 200
"""Up to so many rows are made events on the event loop; more would hold up other messages."""


class PostgresEvents:
    """The EventLog of bot.ports. The application's role may not change or delete a line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, shop: str, events: Sequence[Event]) -> None:
        """Write all or nothing. Raises NotFound for an unknown shop."""
        async with self._database.scope(shop) as connection:
            await insert_rows(connection, schema.events.name, [event_row(shop, event) for event in events])

    async def read(self, shop: str, limit: int) -> list[Event]:
        async with self._database.scope(shop) as connection:
            return await _events(connection, _newest(limit), at_most=limit)

    async def read_kinds(self, shop: str, kinds: Sequence[str], limit: int) -> list[Event]:
        # One walk along the index for each kind: over all at once the database might read and sort every event there is.
        found: list[Event] = []
        async with self._database.scope(shop, snapshot=True) as connection:
            for kind in kinds:
                query = _newest(limit).where(schema.events.c.kind == kind)
                found += await _events(connection, query, at_most=limit)
        return sorted(found, key=lambda event: event.at, reverse=True)[:limit]

    async def read_between(
        self, shop: str, kinds: Sequence[str], since: datetime, until: datetime, limit: int
    ) -> list[Event]:
        table = schema.events
        query = (
            select(table)
            .where(table.c.at >= since, table.c.at < until, table.c.kind.in_(kinds))
            .order_by(table.c.at, table.c.event_id)
            .limit(limit)
        )
        async with self._database.scope(shop) as connection:
            return await _events(connection, query, at_most=limit)

    async def read_message(self, shop: str, message: str) -> list[Event]:
        if not message:
            return []
        query = _newest(_PER_MESSAGE).where(schema.events.c.message == message)
        async with self._database.scope(shop) as connection:
            return await _events(connection, query, at_most=_PER_MESSAGE)


def _newest(limit: int) -> Select[tuple[object, ...]]:
    table = schema.events
    return select(table).order_by(table.c.at.desc(), table.c.event_id.desc()).limit(limit)


async def _events(
    connection: AsyncConnection, query: Select[tuple[object, ...]], *, at_most: int
) -> list[Event]:
    rows = (await connection.execute(query)).mappings()

    def made() -> list[Event]:
        return [read_event(row) for row in rows]

    return made() if at_most <= _READ_HERE else await asyncio.to_thread(made)

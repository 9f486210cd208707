"""The append-only log of what happened in a shop, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from bot.ports import Event
from bot.storage import schema
from bot.storage.database import Database
from bot.storage.rows import event_row, read_event
from bot.storage.writing import insert_rows


class PostgresEvents:
    """The EventLog of bot.ports. The application's role may not change or delete a line."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def append(self, shop: str, events: Sequence[Event]) -> None:
        """Write all or nothing. Raises NotFound for an unknown shop."""
        async with self._database.scope(shop) as connection:
            await insert_rows(connection, schema.events.name, [event_row(shop, event) for event in events])

    async def read(self, shop: str, limit: int) -> list[Event]:
        table = schema.events
        query = select(table).order_by(table.c.at.desc(), table.c.event_id.desc()).limit(limit)
        async with self._database.scope(shop) as connection:
            return [read_event(row) for row in (await connection.execute(query)).mappings()]

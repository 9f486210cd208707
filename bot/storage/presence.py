"""Who is there, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.ports import Presence
from bot.storage import schema_accounts as schema
from bot.storage.database import Database

_presences: Final = schema.presences


class PostgresPresence:
    """The PresenceStore of bot.ports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put_presence(self, account: str, state: str, at: datetime) -> None:
        row = {"account_id": account, "state": state, "seen_at": at}
        written = upsert(_presences).values(**row)
        async with self._database.unscoped() as connection:
            await connection.execute(written.on_conflict_do_update(index_elements=["account_id"], set_=row))

    async def renew_presences(self, accounts: Sequence[str], at: datetime) -> Mapping[str, Presence]:
        renewed = (
            update(_presences)
            .where(_presences.c.account_id.in_(sorted(accounts)))
            .values(seen_at=at)
            .returning(*_presences.c)
        )
        async with self._database.unscoped() as connection:
            rows = (await connection.execute(renewed)).all()
        return {row.account_id: Presence(row.account_id, row.state, row.seen_at) for row in rows}

    async def presences(self, accounts: Sequence[str]) -> Mapping[str, Presence]:
        query = select(_presences).where(_presences.c.account_id.in_(list(accounts)))
        async with self._database.unscoped() as connection:
            rows = await connection.execute(query)
            return {row.account_id: Presence(row.account_id, row.state, row.seen_at) for row in rows}

"""What owners put aside of what buyers asked in vain, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from bot.domain.asked import SetAside
from bot.ports import NotFound
from bot.storage.database import Database
from bot.storage.schema_asked import texts_aside

MOST_ASIDE: Final = 5_000


class PostgresAsked:
    """The AskedStore of bot.ports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_aside(self, shop: str) -> list[SetAside]:
        query = (
            select(texts_aside).order_by(texts_aside.c.at.desc(), texts_aside.c.text_key).limit(MOST_ASIDE)
        )
        async with self._database.scope(shop) as connection:
            rows = (await connection.execute(query)).all()
        return [SetAside(row.text_key, row.entry_id, row.text, row.at, row.author) for row in rows]

    async def put_aside(self, shop: str, aside: Sequence[SetAside]) -> None:
        rows = [
            {
                "shop_id": shop,
                "text_key": each.key,
                "entry_id": each.entry,
                "text": each.text,
                "at": each.at,
                "author": each.author,
            }
            for each in {each.key: each for each in aside}.values()
        ]
        if rows:
            async with self._database.scope(shop) as connection:
                await connection.execute(insert(texts_aside).values(rows).on_conflict_do_nothing())

    async def take_back(self, shop: str, key: str) -> None:
        statement = delete(texts_aside).where(texts_aside.c.text_key == key).returning(texts_aside.c.text_key)
        async with self._database.scope(shop) as connection:
            if (await connection.execute(statement)).one_or_none() is None:
                raise NotFound("nothing of the kind was put aside in this shop")

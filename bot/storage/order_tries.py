"""What buyers tried in order to prove that an order is theirs, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.ports import NotFound
from bot.ports.order_tries import OrderTry
from bot.storage.database import Database
from bot.storage.schema_conversations import conversations
from bot.storage.schema_orders import order_tries


class PostgresOrderTries:
    """The OrderTryStore of bot.ports.order_tries."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def note_try(self, shop: str, tried: OrderTry) -> None:
        kept = upsert(order_tries).values(
            shop_id=shop,
            conversation_id=tried.conversation,
            try_id=tried.id,
            buyer_id=tried.buyer,
            order_no=tried.order_no,
            at=tried.at,
            is_right=tried.is_right,
        )
        here = select(conversations.c.conversation_id).where(
            conversations.c.conversation_id == tried.conversation
        )
        async with self._database.scope(shop) as connection:
            if await connection.scalar(here) is None:
                raise NotFound("there is no such conversation in this shop")
            await connection.execute(kept.on_conflict_do_nothing())

    async def mark_right(self, shop: str, conversation: str, tried: str, at: datetime) -> None:
        known = (order_tries.c.conversation_id == conversation) & (order_tries.c.try_id == tried)
        async with self._database.scope(shop) as connection:
            await connection.execute(update(order_tries).where(known).values(is_right=True, at=at))

    async def count_wrong(self, shop: str, buyer: str, order_no: str, since: datetime) -> tuple[int, int]:
        own, at_number = order_tries.c.buyer_id == buyer, order_tries.c.order_no == order_no
        counted = select(func.count().filter(own), func.count().filter(at_number)).where(
            order_tries.c.at >= since, order_tries.c.is_right.is_(False), own | at_number
        )
        async with self._database.scope(shop) as connection:
            by_buyer, by_anybody = (await connection.execute(counted)).one()
        return by_buyer, by_anybody

    async def proven_orders(self, shop: str, conversation: str, since: datetime) -> Sequence[str]:
        proven = (
            select(order_tries.c.order_no)
            .where(
                order_tries.c.conversation_id == conversation,
                order_tries.c.is_right,
                order_tries.c.at >= since,
            )
            .order_by(order_tries.c.at, order_tries.c.try_id)
        )
        async with self._database.scope(shop) as connection:
            return list(dict.fromkeys((await connection.scalars(proven)).all()))

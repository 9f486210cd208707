"""Each shop's rules for automatic replies, and what was said there lately, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.ports import Event
from bot.ports.auto_reply import Said
from bot.storage import schema
from bot.storage.auto_reply_rows import auto_reply_row, read_auto_reply
from bot.storage.conversation_rows import read_message
from bot.storage.database import Database
from bot.storage.rows import event_row
from bot.storage.schema_conversations import auto_reply_policies, buyers, conversations, messages
from bot.storage.shops import find_shop
from bot.storage.writing import bump_version, insert_rows

_NEWEST: Final = (
    select(messages, buyers.c.viewed)
    .join(
        conversations,
        (conversations.c.shop_id == messages.c.shop_id)
        & (conversations.c.conversation_id == messages.c.conversation_id),
    )
    .join(
        buyers,
        (buyers.c.shop_id == conversations.c.shop_id) & (buyers.c.buyer_id == conversations.c.buyer_id),
    )
    .order_by(messages.c.at.desc(), messages.c.conversation_id, messages.c.number.desc())
)


_LOCK: Final = text("SELECT FROM shop_versions WHERE shop_id = :shop FOR UPDATE")


class PostgresAutoReplies:
    """The AutoReplyStore of bot.ports.auto_reply."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_policy(self, shop: str) -> AutoReplyPolicy:
        async with self._database.scope(shop) as connection:
            await find_shop(connection, shop)
            return read_auto_reply(await connection.scalar(select(auto_reply_policies.c.policy)))

    async def put_policy(self, shop: str, policy: AutoReplyPolicy) -> None:
        async with self._database.scope(shop) as connection:
            await bump_version(connection, shop)
            await connection.execute(_keeping(shop, policy))

    async def swap_policy(
        self, shop: str, before: AutoReplyPolicy, after: AutoReplyPolicy, events: Sequence[Event]
    ) -> bool:
        async with self._database.scope(shop) as connection:
            # Its row lock comes first: nobody else writes the rules between reading them and writing them.
            await connection.execute(_LOCK, {"shop": shop})
            await find_shop(connection, shop)
            if read_auto_reply(await connection.scalar(select(auto_reply_policies.c.policy))) != before:
                return False
            await bump_version(connection, shop)
            await connection.execute(_keeping(shop, after))
            await insert_rows(connection, schema.events.name, [event_row(shop, event) for event in events])
        return True

    async def newest_messages(self, shop: str, limit: int) -> list[Said]:
        async with self._database.scope(shop) as connection:
            await find_shop(connection, shop)
            rows = (await connection.execute(_NEWEST.limit(limit))).mappings().all()
        return [Said(row["conversation_id"], row["viewed"], read_message(row)) for row in reversed(rows)]


def _keeping(shop: str, policy: AutoReplyPolicy) -> Insert:
    row = auto_reply_row(policy)
    kept = upsert(auto_reply_policies).values(shop_id=shop, policy=row)
    return kept.on_conflict_do_update(index_elements=["shop_id"], set_={"policy": row})

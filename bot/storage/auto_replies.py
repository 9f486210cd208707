"""Each shop's rules for automatic replies, and what was said there lately, in PostgreSQL."""

from __future__ import annotations

from typing import Final

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.ports.auto_reply import Said
from bot.storage.auto_reply_rows import auto_reply_row, read_auto_reply
from bot.storage.conversation_rows import read_message
from bot.storage.database import Database
from bot.storage.schema_conversations import auto_reply_policies, buyers, conversations, messages
from bot.storage.shops import find_shop
from bot.storage.writing import bump_version

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


class PostgresAutoReplies:
    """The AutoReplyStore of bot.ports.auto_reply."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_policy(self, shop: str) -> AutoReplyPolicy:
        async with self._database.scope(shop) as connection:
            await find_shop(connection, shop)
            return read_auto_reply(await connection.scalar(select(auto_reply_policies.c.policy)))

    async def put_policy(self, shop: str, policy: AutoReplyPolicy) -> None:
        row = auto_reply_row(policy)
        kept = upsert(auto_reply_policies).values(shop_id=shop, policy=row)
        kept = kept.on_conflict_do_update(index_elements=["shop_id"], set_={"policy": row})
        async with self._database.scope(shop) as connection:
            await bump_version(connection, shop)
            await connection.execute(kept)

    async def newest_messages(self, shop: str, limit: int) -> list[Said]:
        async with self._database.scope(shop) as connection:
            await find_shop(connection, shop)
            rows = (await connection.execute(_NEWEST.limit(limit))).mappings().all()
        return [Said(row["conversation_id"], row["viewed"], read_message(row)) for row in reversed(rows)]

"""Messages that were accepted and wait to be sent, so that they can be taken back; none is lost with a process."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import Conflict, HeldMessage, NotFound
from bot.storage import schema_conversations as schema
from bot.storage.conversation_rows import message_row, read_held
from bot.storage.database import Database
from bot.storage.feeds import tell_happening
from bot.storage.looks import CLAIM

_held: Final = schema.held_messages
_dues: Final = schema.held_dues
_messages: Final = schema.messages

_DUE: Final = text(
    "UPDATE held_dues SET claimed_until = :until FROM ("
    " SELECT shop_id AS of_shop, key AS of_key FROM held_dues"
    " WHERE due_at <= :at AND (claimed_until IS NULL OR claimed_until <= :at)"
    " ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) AS due "
    "WHERE shop_id = of_shop AND key = of_key RETURNING shop_id, key"
)


class HeldMessages:
    """The part of the ConversationStore that holds an agent's messages for some seconds."""

    _database: Database

    async def hold_message(self, shop: str, held: HeldMessage) -> None:
        row = {
            "shop_id": shop,
            "conversation_id": held.conversation,
            "due_at": held.due_at,
            "extra": dict(held.extra),
            **message_row(held.message),
        }
        written = select(_messages.c.account).where(
            _messages.c.conversation_id == held.conversation, _messages.c.key == held.message.key
        )
        async with self._database.scope(shop) as connection:
            writer = await connection.scalar(written)
            if writer is not None:
                require_same(writer, held.message.account)
                return
            kept = await connection.execute(upsert(_held).values(row).on_conflict_do_nothing())
            if kept.rowcount:
                due = {"shop_id": shop, "key": held.message.key, "due_at": held.due_at}
                await connection.execute(insert(_dues).values(due))
                return
            there = await _find(connection, held.message.key)
            require_same(
                (there.message.account, there.conversation), (held.message.account, held.conversation)
            )

    async def release_held(self, shop: str, key: str, account: str) -> HeldMessage | None:
        of_account = select(_held.c.key).where(_held.c.key == key, _held.c.account == account)
        # Who sends it has claimed its due time first: only one of the two can have that row.
        unclaimed = delete(_dues).where(
            _dues.c.shop_id == shop, _dues.c.key.in_(of_account), _dues.c.claimed_until.is_(None)
        )
        async with self._database.scope(shop) as connection:
            if (await connection.execute(unclaimed)).rowcount == 0:
                return None
            held = await _find(connection, key)
            await connection.execute(delete(_held).where(_held.c.key == key))
            return held

    async def held_due(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        async with self._database.unscoped() as connection:
            rows = await connection.execute(_DUE, {"at": at, "until": at + CLAIM, "limit": limit})
            return [(row.shop_id, row.key) for row in rows]

    async def get_held(self, shop: str, key: str) -> HeldMessage:
        async with self._database.scope(shop) as connection:
            return await _find(connection, key)

    async def held_of(self, shop: str, conversation: str) -> list[HeldMessage]:
        query = (
            select(_held).where(_held.c.conversation_id == conversation).order_by(_held.c.due_at, _held.c.key)
        )
        async with self._database.scope(shop) as connection:
            return [read_held(row) for row in (await connection.execute(query)).mappings()]

    async def drop_held(self, shop: str, key: str, refused: str = "") -> None:
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(select(_held).where(_held.c.key == key))).mappings().one_or_none()
            if row is None:
                return
            await connection.execute(delete(_held).where(_held.c.key == key))
            if refused:
                line = {"key": key, "account": row["account"], "text": row["text"], "why": refused}
                await tell_happening(connection, shop, row["conversation_id"], "refused", line)


def require_same(there: object, given: object) -> None:
    """Raises Conflict when a key is somebody else's already, or stands for a message to another buyer."""
    if there != given:
        raise Conflict("这个编号已用于另一条消息，请重新发送。 This key is another message's: send it anew.")


async def drop_sent(connection: AsyncConnection, conversation: str, key: str) -> None:
    """Forget what was held of a message that this very transaction writes: it is held or said, never both or neither."""
    await connection.execute(delete(_held).where(_held.c.key == key, _held.c.conversation_id == conversation))


async def _find(connection: AsyncConnection, key: str) -> HeldMessage:
    row = (await connection.execute(select(_held).where(_held.c.key == key))).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such held message in this shop")
    return read_held(row)

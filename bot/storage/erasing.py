"""Forgetting what buyers said, in PostgreSQL: the words go, the figures stay countable."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.ports import NotFound
from bot.storage.connecting import to_json
from bot.storage.database import Database
from bot.storage.feeds import tell_happening
from bot.storage.message_grams import grams_of

CLAIM: Final = timedelta(hours=1)
"""For so long no other worker looks through a shop that one has begun with; if it dies, one does after that."""

_STEP: Final = timedelta(days=1)
"""Events are forgotten a day's worth at a time: a shop's first look-through shall not hold a statement for minutes."""

_BUYER: Final = text(
    "UPDATE buyers SET name = '', external_id = '', tags = '[]', viewed = '' WHERE buyer_id = :buyer"
)
_CONVERSATIONS: Final = text(
    "SELECT conversation_id FROM conversations WHERE buyer_id = :buyer ORDER BY conversation_id FOR UPDATE"
)
_TEXTS: Final = text(
    "SELECT conversation_id, number, CASE WHEN folded <> '' THEN folded ELSE text END AS searched "
    "FROM messages WHERE conversation_id = ANY (CAST(:ids AS text[]))"
)
_GRAMS: Final = text(
    "DELETE FROM message_grams USING json_to_recordset(CAST(:rows AS json)) AS gone(g text, c text, n int) "
    "WHERE shop_id = :shop AND gram = gone.g AND conversation_id = gone.c AND number = gone.n"
)
_OF_CONVERSATIONS: Final = tuple(
    text(f"{statement} WHERE conversation_id = ANY (CAST(:ids AS text[]))")
    for statement in (
        "UPDATE messages SET text = '', folded = '', image = ''",
        "UPDATE conversations SET last_text = '', forgotten_to = last_number, version = version + 1",
        "UPDATE feed SET kind = 'erased', data = '{}'",
        "DELETE FROM conversation_images",
        "DELETE FROM conversation_notes",
        "DELETE FROM conversation_drafts",
        "DELETE FROM held_messages",
        "UPDATE auto_messages SET text = '', image = '', error = '',"
        " state = CASE state WHEN 'waiting' THEN 'dropped' ELSE state END",
        "UPDATE auto_decisions SET facts = '[]'",
        "UPDATE hand_overs SET facts = '[]', open = '[]', note = ''",
        "DELETE FROM dialogue_events",
        "DELETE FROM order_tries",
        "UPDATE invoice_requests SET details = '{}', note = ''",
        "UPDATE received SET thread = ''",
        "UPDATE deliveries SET external_id = '', error = '', state = CASE state WHEN 'waiting' THEN 'dead' ELSE state END",
    )
)
# Control tables know no row-level security: the shop is named.
_DUES_OF: Final = tuple(
    text(f"DELETE FROM {table} WHERE shop_id = :shop AND conversation_id = ANY (CAST(:ids AS text[]))")  # noqa: S608
    for table in ("auto_dues", "auto_send_dues", "auto_rating_dues")
)
_EVENTS_OF: Final = text("SELECT forget_events_of(CAST(:ids AS text[]))")
_EVENTS_BETWEEN: Final = text("SELECT forget_events_between(:since, :before)")
_CLOSED: Final = text(
    "SELECT conversation_id FROM conversations WHERE state = 'closed' AND forgotten_to < last_number "
    "AND closed_at < :before ORDER BY closed_at, conversation_id LIMIT :limit FOR UPDATE SKIP LOCKED"
)
_LATE_NOTES: Final = text(
    "DELETE FROM conversation_notes USING conversations WHERE conversations.shop_id = conversation_notes.shop_id "
    "AND conversations.conversation_id = conversation_notes.conversation_id AND state = 'closed' AND closed_at < :before"
)
_SILENT_BUYERS: Final = text(
    "UPDATE buyers SET name = '', external_id = '', tags = '[]', viewed = '' WHERE buyer_id IN ("
    " SELECT buyer_id FROM conversations WHERE conversation_id = ANY (CAST(:ids AS text[])))"
    " AND NOT EXISTS (SELECT 1 FROM conversations WHERE conversations.shop_id = buyers.shop_id"
    " AND conversations.buyer_id = buyers.buyer_id AND (state <> 'closed' OR forgotten_to < last_number))"
)
_FIRST_EVENT: Final = text("SELECT min(at) FROM events")
_FORGOTTEN_TO: Final = text("SELECT events_to FROM retention WHERE shop_id = :shop")
_NOW_FORGOTTEN_TO: Final = text(
    "INSERT INTO retention (shop_id, due_at, events_to) VALUES (:shop, :upto, :upto) "
    "ON CONFLICT (shop_id) DO UPDATE SET events_to = :upto"
)
_NEW_SHOPS: Final = text(
    "INSERT INTO retention (shop_id, due_at) SELECT shop_id, :at FROM shop_versions WHERE NOT deleted "
    "ON CONFLICT (shop_id) DO NOTHING"
)
_GONE_SHOPS: Final = text(
    "DELETE FROM retention WHERE shop_id IN (SELECT shop_id FROM shop_versions WHERE deleted)"
)
_DUE: Final = text(
    "UPDATE retention SET due_at = :until FROM ("
    " SELECT shop_id AS of_shop FROM retention WHERE due_at <= :at ORDER BY due_at, shop_id LIMIT :limit"
    " FOR UPDATE SKIP LOCKED) AS due WHERE shop_id = of_shop RETURNING shop_id"
)
_NEXT: Final = text("UPDATE retention SET due_at = :at WHERE shop_id = :shop")


class Erasing:
    """The part of the ConversationStore that forgets a buyer."""

    _database: Database

    async def erase_buyer(self, shop: str, buyer: str) -> None:
        async with self._database.scope(shop) as connection:
            if (await connection.execute(_BUYER, {"buyer": buyer})).rowcount == 0:
                raise NotFound("there is no such buyer in this shop")
            ids = list((await connection.scalars(_CONVERSATIONS, {"buyer": buyer})).all())
            await _forget(connection, shop, ids)


class PostgresForgetting:
    """The ForgettingStore of bot.ports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def shops_due(self, at: datetime, limit: int) -> list[str]:
        async with self._database.unscoped() as connection:
            await connection.execute(_GONE_SHOPS)
            await connection.execute(_NEW_SHOPS, {"at": at})
            values = {"at": at, "until": at + CLAIM, "limit": limit}
            return sorted((await connection.scalars(_DUE, values)).all())

    async def look_again(self, shop: str, at: datetime) -> None:
        async with self._database.unscoped() as connection:
            await connection.execute(_NEXT, {"shop": shop, "at": at})

    async def forget_closed(self, shop: str, before: datetime, limit: int) -> int:
        async with self._database.scope(shop) as connection:
            ids = list((await connection.scalars(_CLOSED, {"before": before, "limit": limit})).all())
            if ids:
                await _forget(connection, shop, ids)
                await connection.execute(_SILENT_BUYERS, {"ids": ids})
            else:
                await connection.execute(_LATE_NOTES, {"before": before})
            return len(ids)

    async def forget_events(self, shop: str, before: datetime) -> bool:
        async with self._database.scope(shop) as connection:
            since = await connection.scalar(_FORGOTTEN_TO, {"shop": shop})
            since = since or await connection.scalar(_FIRST_EVENT)
            if since is None or since >= before:
                return False
            upto = min(before, since + _STEP)
            await connection.execute(_EVENTS_BETWEEN, {"since": since, "before": upto})
            await connection.execute(_NOW_FORGOTTEN_TO, {"shop": shop, "upto": upto})
            return bool(upto < before)

    async def forget_events_of(self, shop: str, conversations: Sequence[str]) -> None:
        async with self._database.scope(shop) as connection:
            await connection.execute(_EVENTS_OF, {"ids": list(conversations)})


async def _forget(connection: AsyncConnection, shop: str, ids: Sequence[str]) -> None:
    """Blank the texts of the conversations and of the events about them, delete what is text alone, and tell open pages."""
    texts = (await connection.execute(_TEXTS, {"ids": ids})).all()
    rows = [
        {"g": gram, "c": row.conversation_id, "n": row.number}
        for row in texts
        for gram in grams_of(row.searched)
    ]
    await connection.execute(_GRAMS, {"shop": shop, "rows": to_json(rows)})
    for statement in (*_OF_CONVERSATIONS, _EVENTS_OF):
        await connection.execute(statement, {"ids": ids})
    for statement in _DUES_OF:
        await connection.execute(statement, {"shop": shop, "ids": ids})
    for conversation in ids:
        await tell_happening(connection, shop, conversation, "erased", {})

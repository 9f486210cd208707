"""Erasing what a shop knows of a buyer, in PostgreSQL: the words go, the figures stay countable."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text

from bot.ports import NotFound
from bot.storage.connecting import to_json
from bot.storage.database import Database
from bot.storage.feeds import tell_happening
from bot.storage.message_grams import grams_of

_BUYER: Final = text(
    "UPDATE buyers SET name = '', external_id = '', tags = '[]', viewed = '' WHERE buyer_id = :buyer"
)
_CONVERSATIONS: Final = text(
    "SELECT conversation_id FROM conversations WHERE buyer_id = :buyer ORDER BY conversation_id FOR UPDATE"
)
_TEXTS: Final = text(
    "SELECT conversation_id, number, text FROM messages WHERE conversation_id = ANY (CAST(:ids AS text[]))"
)
_GRAMS: Final = text(
    "DELETE FROM message_grams USING json_to_recordset(CAST(:rows AS json)) AS gone(g text, c text, n int) "
    "WHERE shop_id = :shop AND gram = gone.g AND conversation_id = gone.c AND number = gone.n"
)
_OF_CONVERSATIONS: Final = tuple(
    text(f"{statement} WHERE conversation_id = ANY (CAST(:ids AS text[]))")
    for statement in (
        "UPDATE messages SET text = '', image = ''",
        "UPDATE conversations SET last_text = '', version = version + 1",
        "UPDATE feed SET kind = 'erased', data = '{}'",
        "DELETE FROM conversation_images",
        "DELETE FROM conversation_notes",
        "DELETE FROM conversation_drafts",
        "DELETE FROM held_messages",
    )
)


class Erasing:
    """The part of the ConversationStore that forgets a buyer."""

    _database: Database

    async def erase_buyer(self, shop: str, buyer: str) -> None:
        async with self._database.scope(shop) as connection:
            if (await connection.execute(_BUYER, {"buyer": buyer})).rowcount == 0:
                raise NotFound("there is no such buyer in this shop")
            ids = list((await connection.scalars(_CONVERSATIONS, {"buyer": buyer})).all())
            texts = (await connection.execute(_TEXTS, {"ids": ids})).all()
            rows = [
                {"g": gram, "c": row.conversation_id, "n": row.number}
                for row in texts
                for gram in grams_of(row.text)
            ]
            await connection.execute(_GRAMS, {"shop": shop, "rows": to_json(rows)})
            for statement in _OF_CONVERSATIONS:
                await connection.execute(statement, {"ids": ids})
            for conversation in ids:
                await tell_happening(connection, shop, conversation, "erased", {})

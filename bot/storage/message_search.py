"""Searching messages in Chinese, over the shops of one person, in PostgreSQL."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, func, literal_column, select

from bot.domain.account import ShopScope
from bot.ports import Found
from bot.storage import schema_conversations as schema
from bot.storage.conversation_rows import read_message
from bot.storage.database import Database
from bot.storage.message_grams import grams_to_find, words_of

_messages: Final = schema.messages
_conversations: Final = schema.conversations
_MAX_GRAMS: Final = 12
_LAST: Final = "\U0010ffff"


class MessageSearch:
    """The part of the ConversationStore that finds messages."""

    _database: Database

    async def search_messages(self, scope: ShopScope, text: str, limit: int) -> list[Found]:
        words = words_of(text)
        if not words or not scope.shops:
            return []
        async with self._database.named_shops(sorted(scope.shops)) as connection:
            rows = (await connection.execute(_query(scope, words, limit))).mappings()
            return [
                Found(row["shop_id"], row["conversation_id"], row["buyer_id"], read_message(row))
                for row in rows
            ]


def _query(scope: ShopScope, words: list[str], limit: int) -> Select[Any]:
    whole, beginnings = grams_to_find(words)
    joined = _messages.join(
        _conversations,
        (_conversations.c.shop_id == _messages.c.shop_id)
        & (_conversations.c.conversation_id == _messages.c.conversation_id),
    )
    query = (
        select(_messages, _conversations.c.buyer_id)
        .select_from(joined)
        .where(_messages.c.shop_id.in_(sorted(scope.shops)))
        .order_by(_messages.c.at.desc(), _messages.c.conversation_id, _messages.c.number.desc())
        .limit(limit)
    )
    for gram in whole[:_MAX_GRAMS]:
        query = query.where(_holds(gram, gram))
    for beginning in beginnings[:_MAX_GRAMS]:
        query = query.where(_holds(beginning, beginning + _LAST))
    # The pieces may lie apart: that each word stands there as it is written is asked of the few that are left.
    folded = func.lower(func.normalize(_messages.c.text, literal_column("NFKC")).collate("C"))
    for word in words:
        query = query.where(func.strpos(folded, word) > 0)
    return query


def _holds(first: str, last: str) -> ColumnElement[bool]:
    """Whether the message has a piece from `first` to `last`."""
    grams = schema.message_grams.alias()
    of_message = (
        (grams.c.shop_id == _messages.c.shop_id)
        & (grams.c.conversation_id == _messages.c.conversation_id)
        & (grams.c.number == _messages.c.number)
    )
    if first == last:
        return exists().where(of_message & (grams.c.gram == first))
    return exists().where(of_message & (grams.c.gram >= first) & (grams.c.gram <= last))

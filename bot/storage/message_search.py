"""Searching messages in Chinese, over the shops of one person, in PostgreSQL."""

from __future__ import annotations

from typing import Final

from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import ShopScope
from bot.ports import Found
from bot.storage.conversation_rows import read_message
from bot.storage.database import Database
from bot.storage.message_grams import Simplify, grams_to_find, words_of

# ruff: noqa: S608 - the statements are put together from words of our own

_MAX_GRAMS: Final = 12
_COMMON: Final = 5_000
"""A piece that stands in so many messages or more says little: it is quicker to read the newest messages themselves."""
_LAST: Final = "\U0010ffff"

_COUNTS: Final = sql(
    "SELECT first, last, (SELECT count(*) FROM (SELECT FROM message_grams WHERE shop_id = ANY (CAST(:shops AS text[])) "
    "AND gram >= first AND gram <= last LIMIT :common) AS counted) AS held "
    "FROM unnest(CAST(:firsts AS text[]), CAST(:lasts AS text[])) AS piece(first, last)"
)
# The pieces may lie apart: that each word stands there as it is written is asked of the message itself.
# Most texts are normalised as they stand, and to see that is quicker than to do it again.
_HOLDS: Final = (
    "NOT EXISTS (SELECT FROM unnest(CAST(:words AS text[])) AS word WHERE strpos("
    "CASE WHEN m.folded <> '' THEN m.folded WHEN m.text IS NFKC NORMALIZED THEN lower(m.text COLLATE \"C\") "
    'ELSE lower(normalize(m.text, NFKC) COLLATE "C") END, word) = 0)'
)
_NEWEST: Final = "ORDER BY m.at DESC, m.conversation_id, m.number DESC LIMIT :limit"
# The conversations are looked up for the few messages that are left.
_WITH_BUYERS: Final = (
    "SELECT m.*, c.buyer_id FROM ({messages}) AS m JOIN conversations AS c USING (shop_id, conversation_id) "
    + _NEWEST
)
_OF_A_PIECE: Final = sql(
    "WITH found AS MATERIALIZED (SELECT DISTINCT shop_id, conversation_id, number FROM message_grams "
    "WHERE shop_id = ANY (CAST(:shops AS text[])) AND gram >= :first AND gram <= :last) "
    + _WITH_BUYERS.format(
        messages="SELECT m.* FROM found JOIN messages AS m USING (shop_id, conversation_id, number) "
        f"WHERE {_HOLDS} {_NEWEST}"
    )
)
_OF_THE_NEWEST: Final = sql(
    _WITH_BUYERS.format(
        messages="SELECT m.* FROM unnest(CAST(:shops AS text[])) AS asked(shop) CROSS JOIN LATERAL "
        f"(SELECT * FROM messages AS m WHERE m.shop_id = asked.shop AND {_HOLDS} ORDER BY m.at DESC LIMIT :limit) AS m "
        + _NEWEST
    )
)


class MessageSearch:
    """The part of the ConversationStore that finds messages."""

    _database: Database
    _simplify: Simplify

    async def search_messages(self, scope: ShopScope, text: str, limit: int) -> list[Found]:
        words = words_of(text, self._simplify)
        if not words or not scope.shops:
            return []
        shops = sorted(scope.shops)
        values: dict[str, object] = {"shops": shops, "words": words, "limit": limit}
        async with self._database.named_shops(shops) as connection:
            piece = await _rarest(connection, shops, words)
            if piece is None:
                rows = await connection.execute(_OF_THE_NEWEST, values)
            else:
                rows = await connection.execute(_OF_A_PIECE, values | {"first": piece[0], "last": piece[1]})
            return [
                Found(row["shop_id"], row["conversation_id"], row["buyer_id"], read_message(row))
                for row in rows.mappings()
            ]


async def _rarest(connection: AsyncConnection, shops: list[str], words: list[str]) -> tuple[str, str] | None:
    """Return the piece of the words that the fewest messages have, as a range; None when all of them are common."""
    whole, beginnings = grams_to_find(words)
    pieces = [*((gram, gram) for gram in whole), *((start, start + _LAST) for start in beginnings)]
    if not pieces:
        return None
    firsts, lasts = zip(*pieces[:_MAX_GRAMS], strict=True)
    values = {"shops": shops, "firsts": list(firsts), "lasts": list(lasts), "common": _COMMON}
    rows = (await connection.execute(_COUNTS, values)).all()
    held, first, last = min((row.held, row.first, row.last) for row in rows)
    return (first, last) if held < _COMMON else None

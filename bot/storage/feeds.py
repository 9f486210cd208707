"""What happened in a shop, numbered without a gap, for the open pages of every process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import Conversation, Message
from bot.domain.conversation_lines import conversation_line, message_line
from bot.ports import Happening, NotFound
from bot.storage import schema_conversations as schema
from bot.storage.connecting import to_json
from bot.storage.database import Database
from bot.storage.message_grams import grams_of
from bot.storage.watching import watch_versions

FEED_CHANNEL: Final = "kuaihui_feed"
KEPT: Final = 2_000
"""So many lines are kept of a shop; who is further behind reads the queue anew."""

_PRUNED_EVERY: Final = 200
_COMPARE_SECONDS: Final = 2.0
_FEED_NUMBERS: Final = "SELECT shop_id, number FROM feed_numbers"
_feed: Final = schema.feed

# The number's row stays locked until the transaction ends: numbers are committed in their order. The notification ignores
# row-level security, so that it says the shop and the number and nothing else.
_NEXT: Final = (
    "next AS (INSERT INTO feed_numbers (shop_id, number) VALUES (:shop, :count) "
    "ON CONFLICT (shop_id) DO UPDATE SET number = feed_numbers.number + :count RETURNING number), "
    "told AS (INSERT INTO feed (shop_id, number, kind, conversation_id, data) "
    "SELECT :shop, next.number - :count + line.place, line.kind, :conversation, line.data "
    "FROM next, json_to_recordset(CAST(:lines AS json)) AS line(place int, kind text, data json)) "
    "SELECT number, pg_notify('kuaihui_feed', CAST(:shop AS text) || ' ' || number) FROM next"
)
_TELL: Final = text("WITH " + _NEXT)
_TELL_MESSAGE: Final = text(
    "WITH grams AS (INSERT INTO message_grams (shop_id, gram, conversation_id, number) "  # noqa: S608 - our own words
    "SELECT :shop, gram, :conversation, :message FROM unnest(CAST(:grams AS text[])) AS gram), " + _NEXT
)
_PRUNE: Final = text("DELETE FROM feed WHERE shop_id = :shop AND number <= :upto")


class Feeds:
    """The part of the ConversationStore that tells what happened."""

    _database: Database

    async def feed_since(self, shop: str, number: int, limit: int) -> list[Happening]:
        query = select(_feed).where(_feed.c.number > number).order_by(_feed.c.number).limit(limit)
        async with self._database.scope(shop) as connection:
            rows = (await connection.execute(query)).mappings().all()
            last = rows[0]["number"] - 1 if rows else (await _numbers(connection, [shop])).get(shop, 0)
        if last != number:
            raise NotFound("the feed no longer reaches back that far: read the queue anew")
        return [Happening(row["number"], row["kind"], row["conversation_id"], row["data"]) for row in rows]

    async def feed_numbers(self, shops: Sequence[str]) -> Mapping[str, int]:
        async with self._database.unscoped() as connection:
            known = await _numbers(connection, shops)
        return {shop: known.get(shop, 0) for shop in shops}

    def watch_feeds(self) -> AsyncIterator[tuple[str, int]]:
        """Yield every shop's number once, then each growth."""
        return watch_versions(
            self._database.dsn, compare_seconds=_COMPARE_SECONDS, channel=FEED_CHANNEL, numbers=_FEED_NUMBERS
        )


async def tell(connection: AsyncConnection, shop: str, conversation: Conversation) -> None:
    """Say in the feed what the conversation is now."""
    await tell_happening(connection, shop, conversation.id, "conversation", conversation_line(conversation))


async def tell_happening(
    connection: AsyncConnection, shop: str, conversation: str, kind: str, data: Mapping[str, Any]
) -> None:
    """Add one line to the shop's feed."""
    await tell_happenings(connection, shop, conversation, [(kind, data)])


async def tell_happenings(
    connection: AsyncConnection, shop: str, conversation: str, told: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Add lines of one conversation to the shop's feed, in this order: kinds with their data."""
    lines = [{"place": n, "kind": kind, "data": data} for n, (kind, data) in enumerate(told, start=1)]
    values = {"shop": shop, "conversation": conversation, "count": len(lines), "lines": to_json(lines)}
    await _prune(connection, shop, await connection.scalar(_TELL, values), len(lines))


async def tell_message(
    connection: AsyncConnection, shop: str, conversation: Conversation, message: Message, searched: str
) -> None:
    """Add the message and the conversation as it is now to the feed, and make the message searchable: one statement.

    `searched` is the text by whose pieces the message is found.
    """
    lines = [
        {"place": 1, "kind": "message", "data": message_line(message)},
        {"place": 2, "kind": "conversation", "data": conversation_line(conversation)},
    ]
    values = {
        "shop": shop,
        "conversation": conversation.id,
        "count": len(lines),
        "lines": to_json(lines),
        "message": message.number,
        "grams": sorted(grams_of(searched)),
    }
    await _prune(connection, shop, await connection.scalar(_TELL_MESSAGE, values), len(lines))


async def _prune(connection: AsyncConnection, shop: str, number: int | None, count: int) -> None:
    assert number is not None
    if number // _PRUNED_EVERY != (number - count) // _PRUNED_EVERY:
        await connection.execute(_PRUNE, {"shop": shop, "upto": number - KEPT})


async def _numbers(connection: AsyncConnection, shops: Sequence[str]) -> dict[str, int]:
    table = schema.feed_numbers
    rows = await connection.execute(select(table.c.shop_id, table.c.number).where(table.c.shop_id.in_(shops)))
    return {row.shop_id: row.number for row in rows}

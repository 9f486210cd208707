"""Opening, changing and reading conversations, in PostgreSQL. Every change locks the conversation's row first."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.account import ShopScope
from bot.domain.conversation import Buyer, Conversation, Message
from bot.ports import Conflict, NewMessage, NotFound, Rule, Written
from bot.storage import schema_conversations as schema
from bot.storage.auto_dues import put_auto_due
from bot.storage.conversation_extras import ConversationExtras
from bot.storage.conversation_locking import (
    find_conversation,
    lock_conversation,
    require_conversation,
    write_conversation,
)
from bot.storage.conversation_rows import (
    conversations_with_buyers,
    message_row,
    read_buyer,
    read_conversation,
    read_message,
)
from bot.storage.database import Database
from bot.storage.deliveries import put_deliveries
from bot.storage.erasing import Erasing
from bot.storage.feeds import Feeds, tell, tell_message
from bot.storage.held_messages import HeldMessages, drop_sent
from bot.storage.looks import Looks, put_look
from bot.storage.message_grams import Simplify, simplified
from bot.storage.message_search import MessageSearch

_buyers: Final = schema.buyers
_conversations: Final = schema.conversations
_messages: Final = schema.messages

_KNOWN_BUYER: Final = upsert(_buyers)
_LATER_NAMES: Final = {
    name: text(f"CASE WHEN EXCLUDED.{name} <> '' THEN EXCLUDED.{name} ELSE buyers.{name} END")
    for name in ("name", "viewed")
}


class PostgresConversations(ConversationExtras, Erasing, Feeds, HeldMessages, Looks, MessageSearch):
    """The ConversationStore of bot.ports."""

    def __init__(self, database: Database, simplify: Simplify) -> None:
        self._database = database
        self._simplify = simplify

    def reading(self, shop: str) -> AbstractAsyncContextManager[None]:
        return self._database.together(shop)

    async def open_conversation(self, shop: str, buyer: Buyer, at: datetime) -> Conversation:
        async with self._database.scope(shop) as connection:
            going_on = await _find_live(connection, buyer)
            if going_on is not None:
                return going_on
            found = await _put_buyer(connection, shop, buyer)
            row = {
                "shop_id": shop,
                "conversation_id": f"c{secrets.token_hex(8)}",
                "buyer_id": found,
                "state": "open",
                "opened_at": at,
                "assignee": "",
                "unread": 0,
                "last_text": "",
                "last_author": "buyer",
                "last_number": 0,
                "version": 1,
            }
            # The index lets a buyer have one live conversation: of two that open it at once, one writes it.
            opened = (
                upsert(_conversations)
                .values(row)
                .on_conflict_do_nothing(
                    index_elements=["shop_id", "buyer_id"], index_where=text("state <> 'closed'")
                )
            )
            is_new = (await connection.execute(opened)).rowcount == 1
            live = (_conversations.c.buyer_id == found) & (_conversations.c.state != "closed")
            conversation = await find_conversation(connection, conversations_with_buyers().where(live))
            if is_new:
                await put_look(connection, shop, conversation, {"look_at": None})
                await tell(connection, shop, conversation)
            return conversation

    async def write_message(self, shop: str, conversation: str, message: NewMessage, rule: Rule) -> Written:
        folded = simplified(message.text, self._simplify)
        async with self._database.scope(shop) as connection:
            before = await lock_conversation(connection, conversation)
            row = {
                "shop_id": shop,
                "conversation_id": conversation,
                "number": before.last_number + 1,
                **message_row(message),
                "folded": folded,
            }
            try:
                # Asked before anything is written: a refusal leaves nothing behind, also in a transaction that goes on.
                change = {"last_number": row["number"], **rule(before)}
            except Exception:
                again = await _written_before(connection, before, message)
                if again is None:
                    raise
                return again
            fresh = upsert(_messages).values(row)
            fresh = fresh.on_conflict_do_nothing(index_elements=["shop_id", "conversation_id", "key"])
            if (await connection.execute(fresh)).rowcount != 1:
                again = await _written_before(connection, before, message)
                assert again is not None
                return again
            if message.author == "agent":
                await drop_sent(connection, conversation, message.key)
            written = read_message(row)
            after = await write_conversation(connection, before, change)
            await put_look(connection, shop, after, change)
            await put_auto_due(connection, shop, after, change, message.at)
            await put_deliveries(connection, shop, before, after, None if message.is_there else written)
            await tell_message(connection, shop, after, written, folded or written.text)
            return Written(after, written, before=before)

    async def change_conversation(
        self, shop: str, conversation: str, rule: Rule, expected_version: int | None = None
    ) -> Conversation:
        async with self._database.scope(shop) as connection:
            before = await lock_conversation(connection, conversation)
            if expected_version is not None and before.version != expected_version:
                raise Conflict(
                    f"the conversation is at version {before.version}, not {expected_version}: read it again"
                )
            change = dict(rule(before))
            if not change:
                return before
            after = await write_conversation(connection, before, change)
            await put_look(connection, shop, after, change)
            await put_auto_due(connection, shop, after, change)
            if not change.get("is_there"):
                await put_deliveries(connection, shop, before, after)
            if after is not before:
                await tell(connection, shop, after)
            return after

    async def get_conversation(self, shop: str, conversation: str) -> Conversation:
        query = conversations_with_buyers().where(_conversations.c.conversation_id == conversation)
        async with self._database.scope(shop) as connection:
            return await find_conversation(connection, query)

    async def find_message(self, shop: str, conversation: str, key: str) -> Message | None:
        async with self._database.scope(shop) as connection:
            return await _find_message(connection, conversation, key)

    async def list_messages(
        self, shop: str, conversation: str, limit: int, before: int | None = None
    ) -> list[Message]:
        query = select(_messages).where(_messages.c.conversation_id == conversation)
        if before is not None:
            query = query.where(_messages.c.number < before)
        query = query.order_by(_messages.c.number.desc()).limit(limit)
        async with self._database.scope(shop) as connection:
            rows = (await connection.execute(query)).mappings().all()
            if not rows:
                await require_conversation(connection, conversation)
            return [read_message(row) for row in reversed(rows)]

    async def read_thread(
        self, shop: str, conversation: str, limit: int
    ) -> tuple[Conversation, list[Message]]:
        found = conversations_with_buyers().where(_conversations.c.conversation_id == conversation)
        newest = (
            select(_messages)
            .where(_messages.c.conversation_id == conversation)
            .order_by(_messages.c.number.desc())
            .limit(limit)
        )
        async with self._database.scope(shop) as connection:
            # The messages first: what comes between the two statements is then in neither, or in the conversation alone.
            rows = (await connection.execute(newest)).mappings().all()
            return await find_conversation(connection, found), [read_message(row) for row in reversed(rows)]

    async def messages_after(self, shop: str, conversation: str, number: int) -> list[Message]:
        query = (
            select(_messages)
            .where(_messages.c.conversation_id == conversation, _messages.c.number > number)
            .order_by(_messages.c.number)
        )
        async with self._database.scope(shop) as connection:
            rows = (await connection.execute(query)).mappings().all()
            if not rows:
                await require_conversation(connection, conversation)
            return [read_message(row) for row in rows]

    async def queue(
        self, scope: ShopScope, states: Sequence[str], limit: int
    ) -> list[tuple[str, Conversation]]:
        if not scope.shops:
            return []
        query = (
            conversations_with_buyers()
            .where(_conversations.c.shop_id.in_(sorted(scope.shops)), _conversations.c.state.in_(states))
            .order_by(
                _conversations.c.due_at.nulls_last(),
                _conversations.c.last_at.desc().nulls_last(),
                _conversations.c.conversation_id,
            )
            .limit(limit)
        )
        async with self._database.named_shops(sorted(scope.shops)) as connection:
            rows = (await connection.execute(query)).mappings()
            return [(row["shop_id"], read_conversation(row)) for row in rows]

    async def held_by(self, scope: ShopScope, account: str) -> list[tuple[str, str]]:
        columns = _conversations.c
        query = (
            select(columns.shop_id, columns.conversation_id)
            .where(
                columns.shop_id.in_(sorted(scope.shops)),
                columns.assignee == account,
                columns.assignee != "",
                columns.state != "closed",
            )
            .order_by(columns.shop_id, columns.conversation_id)
        )
        async with self._database.named_shops(sorted(scope.shops)) as connection:
            return [(row.shop_id, row.conversation_id) for row in await connection.execute(query)]

    async def buyer_conversations(self, shop: str, buyer: str, limit: int) -> list[Conversation]:
        query = (
            conversations_with_buyers()
            .where(_conversations.c.buyer_id == buyer)
            .order_by(_conversations.c.opened_at.desc(), _conversations.c.conversation_id.desc())
            .limit(limit)
        )
        async with self._database.scope(shop) as connection:
            rows = (await connection.execute(query)).mappings().all()
            if not rows:
                await _find_buyer(connection, buyer)
            return [read_conversation(row) for row in rows]

    async def shop_conversations(
        self, shop: str, since: datetime, until: datetime, after: str, limit: int
    ) -> list[Conversation]:
        columns = _conversations.c
        query = (
            conversations_with_buyers()
            .where(columns.opened_at >= since, columns.opened_at < until, columns.conversation_id > after)
            .order_by(columns.conversation_id)
            .limit(limit)
        )
        async with self._database.scope(shop) as connection:
            return [read_conversation(row) for row in (await connection.execute(query)).mappings()]

    async def get_buyer(self, shop: str, buyer: str) -> Buyer:
        async with self._database.scope(shop) as connection:
            return await _find_buyer(connection, buyer)

    async def find_buyer(self, shop: str, channel: str, external_id: str) -> Buyer | None:
        columns = _buyers.c
        # An erased buyer and one without a channel's id have "" there: they are nobody who comes back.
        query = select(_buyers).where(
            columns.channel == channel, columns.external_id == external_id, columns.external_id != ""
        )
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(query)).mappings().one_or_none()
            return read_buyer(row) if row is not None else None

    async def update_buyer(self, shop: str, buyer: Buyer) -> None:
        values = {"name": buyer.name, "tags": list(buyer.tags), "viewed": buyer.viewed}
        await self._change_buyer(shop, buyer.id, values)

    async def tag_buyer(self, shop: str, buyer: str, tags: Sequence[str]) -> Buyer:
        return await self._change_buyer(shop, buyer, {"tags": list(tags)})

    async def _change_buyer(self, shop: str, buyer: str, values: Mapping[str, Any]) -> Buyer:
        changed = update(_buyers).where(_buyers.c.buyer_id == buyer).values(values).returning(*_buyers.c)
        live = (_conversations.c.buyer_id == buyer) & (_conversations.c.state != "closed")
        async with self._database.scope(shop) as connection:
            written = (await connection.execute(changed)).mappings().one_or_none()
            if written is None:
                raise NotFound("there is no such buyer in this shop")
            row = (await connection.execute(conversations_with_buyers().where(live))).mappings().one_or_none()
            if row is not None:
                await tell(connection, shop, read_conversation(row))
            return read_buyer(written)


async def _find_live(connection: AsyncConnection, buyer: Buyer) -> Conversation | None:
    """Return the conversation that goes on with a buyer of whom nothing new is said: most messages, in one statement."""
    query = conversations_with_buyers().where(
        _buyers.c.channel == buyer.channel,
        _buyers.c.external_id == buyer.external_id,
        _buyers.c.external_id != "",
        _conversations.c.state != "closed",
    )
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        return None
    found = read_conversation(row)
    is_known = buyer.name in ("", found.buyer.name) and buyer.viewed in ("", found.buyer.viewed)
    return found if is_known else None


async def _put_buyer(connection: AsyncConnection, shop: str, buyer: Buyer) -> str:
    """Return the id of the buyer, written if there was none."""
    if buyer.id and not buyer.external_id:
        return (await _find_buyer(connection, buyer.id)).id
    row = {
        "shop_id": shop,
        "buyer_id": f"b{secrets.token_hex(8)}",
        "name": buyer.name,
        "channel": buyer.channel,
        "external_id": buyer.external_id,
        "tags": list(buyer.tags),
        "viewed": buyer.viewed,
    }
    if not buyer.external_id:
        await connection.execute(insert(_buyers).values(row))
        return str(row["buyer_id"])
    known = _KNOWN_BUYER.values(row).on_conflict_do_update(
        index_elements=["shop_id", "channel", "external_id"],
        index_where=text("external_id <> ''"),
        set_=_LATER_NAMES,
    )
    found: str | None = await connection.scalar(known.returning(_buyers.c.buyer_id))
    assert found is not None
    return found


async def _find_buyer(connection: AsyncConnection, buyer: str) -> Buyer:
    query = select(_buyers).where(_buyers.c.buyer_id == buyer)
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such buyer in this shop")
    return read_buyer(row)


async def _written_before(
    connection: AsyncConnection, before: Conversation, message: NewMessage
) -> Written | None:
    """Return what was written under the message's key, None when nothing was; one that was held is held no longer."""
    written = await _find_message(connection, before.id, message.key)
    if written is None:
        return None
    if message.author == "agent":
        await drop_sent(connection, before.id, message.key)
    return Written(before, written, is_new=False, before=before)


async def _find_message(connection: AsyncConnection, conversation: str, key: str) -> Message | None:
    query = select(_messages).where(_messages.c.conversation_id == conversation, _messages.c.key == key)
    row = (await connection.execute(query)).mappings().one_or_none()
    return read_message(row) if row is not None else None

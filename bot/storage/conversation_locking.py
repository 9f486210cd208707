"""Locking a conversation's row, reading and writing it: what every change of a conversation does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import Conversation
from bot.ports import NotFound
from bot.storage import schema_conversations as schema
from bot.storage.conversation_rows import BESIDE, FIELDS, conversations_with_buyers, read_conversation

_conversations: Final = schema.conversations
_NO_SUCH: Final = "there is no such conversation in this shop"


async def lock_conversation(connection: AsyncConnection, conversation: str) -> Conversation:
    """Return the conversation, its row locked until the transaction ends. Raises NotFound."""
    query = conversations_with_buyers().where(_conversations.c.conversation_id == conversation)
    return await find_conversation(connection, query.with_for_update(of=_conversations))


async def find_conversation(connection: AsyncConnection, query: Select[Any]) -> Conversation:
    """Return the one conversation of a query of `conversations_with_buyers`. Raises NotFound."""
    row = (await connection.execute(query)).mappings().one_or_none()
    if row is None:
        raise NotFound(_NO_SUCH)
    return read_conversation(row)


async def require_conversation(connection: AsyncConnection, conversation: str) -> None:
    """Raises NotFound when the shop has no such conversation."""
    query = select(_conversations.c.version).where(_conversations.c.conversation_id == conversation)
    if await connection.scalar(query) is None:
        raise NotFound(_NO_SUCH)


async def write_conversation(
    connection: AsyncConnection, before: Conversation, change: Mapping[str, Any]
) -> Conversation:
    """Write the fields of the change, if there are any, and return the conversation as it is then."""
    fields = {name: value for name, value in change.items() if name not in BESIDE}
    assert fields.keys() <= FIELDS, fields.keys() - FIELDS
    if not fields:
        return before
    after = replace(before, **fields, version=before.version + 1)
    written = (
        update(_conversations)
        .where(_conversations.c.conversation_id == before.id)
        .values(**fields, version=after.version)
    )
    await connection.execute(written)
    return after

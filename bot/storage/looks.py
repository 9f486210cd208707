"""When conversations are to be looked at next, and by how many an account is kept busy: content-free, over all shops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import Conversation
from bot.storage import schema_conversations as schema
from bot.storage.database import Database

CLAIM: Final = timedelta(seconds=15)
"""For so long nobody else looks at what a worker has taken; if it dies, someone does after that."""

_looks: Final = schema.conversation_looks
_DUE: Final = text(
    "UPDATE conversation_looks SET claimed_until = :until FROM ("
    " SELECT shop_id AS of_shop, conversation_id AS of_conversation FROM conversation_looks"
    " WHERE look_at <= :at AND (claimed_until IS NULL OR claimed_until <= :at)"
    " ORDER BY look_at LIMIT :limit FOR UPDATE SKIP LOCKED) AS due "
    "WHERE shop_id = of_shop AND conversation_id = of_conversation RETURNING shop_id, conversation_id"
)


class Looks:
    """The part of the ConversationStore that says which conversation needs a worker."""

    _database: Database

    async def due_now(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        async with self._database.unscoped() as connection:
            rows = await connection.execute(_DUE, {"at": at, "until": at + CLAIM, "limit": limit})
            return [(row.shop_id, row.conversation_id) for row in rows]

    async def look_again(self, shop: str, conversation: str, at: datetime | None) -> None:
        """Say when to look next; one that is gone is no error."""
        again = text(
            "UPDATE conversation_looks SET look_at = :at, claimed_until = NULL "
            "WHERE shop_id = :shop AND conversation_id = :conversation"
        )
        async with self._database.scope(shop) as connection:
            await connection.execute(again, {"at": at, "shop": shop, "conversation": conversation})

    async def loads(self, accounts: Sequence[str], since: datetime) -> Mapping[str, int]:
        counted = (
            select(_looks.c.holder, func.count().label("held"))
            .where(_looks.c.holder.in_(accounts), _looks.c.holder != "", _looks.c.active_at > since)
            .group_by(_looks.c.holder)
        )
        async with self._database.unscoped() as connection:
            held = {row.holder: row.held for row in await connection.execute(counted)}
        return {account: held.get(account, 0) for account in accounts}

    async def holders(self) -> list[tuple[str, str]]:
        columns = (_looks.c.holder, _looks.c.shop_id)
        query = select(*columns).where(_looks.c.holder != "").distinct().order_by(*columns)
        async with self._database.unscoped() as connection:
            return [(row.holder, row.shop_id) for row in await connection.execute(query)]

    async def holdings(self, account: str) -> list[tuple[str, str]]:
        columns = (_looks.c.shop_id, _looks.c.conversation_id)
        query = select(*columns).where(_looks.c.holder == account, _looks.c.holder != "").order_by(*columns)
        async with self._database.unscoped() as connection:
            return [(row.shop_id, row.conversation_id) for row in await connection.execute(query)]


async def put_look(
    connection: AsyncConnection, shop: str, conversation: Conversation, change: Mapping[str, Any]
) -> None:
    """Keep the row of the conversation true after the change; one that is closed needs none unless it is to be looked at."""
    key = {"shop_id": shop, "conversation_id": conversation.id}
    if conversation.state == "closed" and change.get("look_at") is None:
        gone = delete(_looks).where(*(_looks.c[name] == value for name, value in key.items()))
        await connection.execute(gone)
        return
    if not change.keys() & {"look_at", "state", "assignee", "last_at"}:
        return
    values: dict[str, Any] = {
        "holder": conversation.assignee if conversation.state == "open" else "",
        "active_at": conversation.last_at or conversation.opened_at,
    }
    if "look_at" in change:
        values |= {"look_at": change["look_at"], "claimed_until": None}
    kept = insert(_looks).values(key | values)
    await connection.execute(
        kept.on_conflict_do_update(index_elements=list(key), set_={n: kept.excluded[n] for n in values})
    )

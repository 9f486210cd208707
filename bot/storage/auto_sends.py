"""Automatic messages on their way, in PostgreSQL: of each conversation the first alone is due, for one worker at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.auto_turn import AutoMessage, SendState
from bot.ports import NotFound
from bot.storage import schema_auto as schema
from bot.storage.auto_dues import CLAIM, TURNED_BACK
from bot.storage.auto_rows import read_auto_message
from bot.storage.database import Database

_messages: Final = schema.auto_messages
_dues: Final = schema.auto_send_dues
LONGEST_BACK_OFF: Final = timedelta(minutes=10)
"""What was tried and is due only after so long was put off before the clock was set back."""

_DUE: Final = text(
    "UPDATE auto_send_dues AS dues SET claimed_until = :until, attempts = dues.attempts + 1 FROM ("
    " SELECT shop_id AS of_shop, key AS of_key FROM auto_send_dues AS head"
    " WHERE (due_at <= :at OR due_at > :farther OR attempts = 0 AND due_at > :far)"
    " AND (claimed_until IS NULL OR claimed_until <= :at OR claimed_until > :far)"
    " AND NOT EXISTS (SELECT FROM auto_stop WHERE is_stopped)"
    " AND NOT EXISTS (SELECT FROM auto_send_dues AS earlier WHERE earlier.shop_id = head.shop_id"
    "  AND earlier.conversation_id = head.conversation_id AND earlier.position < head.position)"
    " ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) AS due "
    "WHERE dues.shop_id = of_shop AND dues.key = of_key RETURNING dues.shop_id, dues.key"
)
_SETTLE: Final = text(
    "WITH due AS (DELETE FROM auto_send_dues WHERE shop_id = :shop AND key = :key RETURNING attempts) "
    "UPDATE auto_messages SET state = :state, error = :error,"
    " attempts = COALESCE((SELECT attempts FROM due), attempts) "
    "WHERE key = :key AND state = 'waiting'"
)
_AGAIN: Final = text(
    "WITH due AS (UPDATE auto_send_dues SET due_at = :at, claimed_until = NULL"
    "  WHERE shop_id = :shop AND key = :key RETURNING attempts) "
    "UPDATE auto_messages SET due_at = :at, error = :error,"
    " attempts = COALESCE((SELECT attempts FROM due), attempts) "
    "WHERE key = :key AND state = 'waiting'"
)
_DROP_ALL: Final = text(
    "WITH gone AS (DELETE FROM auto_send_dues WHERE shop_id = :shop AND conversation_id = :conversation"
    "  RETURNING key, attempts) "
    "UPDATE auto_messages SET state = 'dropped', error = :error,"
    " attempts = COALESCE((SELECT gone.attempts FROM gone WHERE gone.key = auto_messages.key), attempts) "
    "WHERE conversation_id = :conversation AND state = 'waiting'"
)
_EXISTS: Final = text("SELECT 1 FROM auto_messages WHERE key = :key")


class AutoSends:
    """The part of the AutoTurnStore that is its outbox."""

    _database: Database

    async def sends_due(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        values = {
            "at": at,
            "until": at + CLAIM,
            "far": at + TURNED_BACK,
            "farther": at + LONGEST_BACK_OFF,
            "limit": limit,
        }
        async with self._database.unscoped() as connection:
            rows = await connection.execute(_DUE, values)
            return [(row.shop_id, row.key) for row in rows]

    async def get_send(self, shop: str, key: str) -> AutoMessage:
        async with self._database.scope(shop) as connection:
            query = _sends().where(_messages.c.key == key)
            row = (await connection.execute(query)).mappings().one_or_none()
        if row is None:
            raise NotFound("there is no such automatic message in this shop")
        return read_auto_message(row)

    async def settle_send(self, shop: str, key: str, state: SendState, at: datetime, error: str = "") -> None:
        values: dict[str, Any] = {"shop": shop, "key": key, "error": error}
        async with self._database.scope(shop) as connection:
            if state is SendState.WAITING:
                settled = await connection.execute(_AGAIN, {**values, "at": at})
            else:
                settled = await connection.execute(_SETTLE, {**values, "state": state.value})
            if settled.rowcount == 0:
                await _require(connection, key)

    async def drop_sends(self, shop: str, conversation: str, why: str) -> int:
        values = {"shop": shop, "conversation": conversation, "error": why}
        async with self._database.scope(shop) as connection:
            return (await connection.execute(_DROP_ALL, values)).rowcount

    async def list_sends(self, shop: str, states: Sequence[SendState], limit: int) -> list[AutoMessage]:
        query = (
            _sends()
            .where(_messages.c.state.in_([state.value for state in states]))
            .order_by(_messages.c.due_at.desc(), _messages.c.key.desc())
            .limit(limit)
        )
        async with self._database.scope(shop) as connection:
            return [read_auto_message(row) for row in (await connection.execute(query)).mappings()]


def _sends(*beside: Any) -> Select[Any]:
    """Return the query of automatic messages. How often one that waits was tried stands where it is claimed."""
    columns = [column for column in _messages.c if column.name != "attempts"]
    tried = func.coalesce(_dues.c.attempts, _messages.c.attempts).label("attempts")
    both = (_dues.c.shop_id == _messages.c.shop_id) & (_dues.c.key == _messages.c.key)
    return select(*columns, tried, *beside).select_from(_messages.outerjoin(_dues, both))


def waiting_sends(conversation: str) -> Select[Any]:
    """Return the query of what waits in the conversation; `place` says in which order it goes out."""
    return _sends(_dues.c.position.label("place")).where(
        _messages.c.conversation_id == conversation, _messages.c.state == SendState.WAITING.value
    )


async def _require(connection: AsyncConnection, key: str) -> None:
    if await connection.scalar(_EXISTS, {"key": key}) is None:
        raise NotFound("there is no such automatic message in this shop")

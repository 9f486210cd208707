"""Outer channels in PostgreSQL: what shops set up, and which of their messages were taken."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.channels import ShopChannel
from bot.ports import NotFound
from bot.ports.channels import KeptChannel, Taken
from bot.storage import schema_channels as schema
from bot.storage.database import Database
from bot.storage.deliveries import GONE, Deliveries

_channels: Final = schema.channels
_received: Final = schema.received
_READ: Final = select(
    _channels.c.channel_id,
    _channels.c.kind,
    _channels.c.name,
    _channels.c.enabled,
    _channels.c.settings,
    _channels.c.made_at,
    _channels.c.changed_at,
)
# What a worker is at is left to it: only a row that waits has the time of its delivery.
_DUE_FIRST: Final = text(
    "UPDATE delivery_dues SET due_at = :at FROM deliveries WHERE delivery_dues.shop_id = :shop AND delivery_dues.due_at > :at"
    " AND deliveries.shop_id = delivery_dues.shop_id AND deliveries.conversation_id = delivery_dues.conversation_id"
    " AND deliveries.channel_id = :channel AND deliveries.state = 'waiting' AND deliveries.due_at = delivery_dues.due_at"
)
_DEAD: Final = text(
    "UPDATE deliveries SET state = 'dead', error = :error, settled_at = :at "
    "WHERE channel_id = :channel AND state = 'waiting'"
)

_STILL_OPEN: Final = (
    "SELECT 1 FROM conversations WHERE conversations.shop_id = old.shop_id "
    "AND conversations.conversation_id = old.conversation_id "
    "AND (conversations.state <> 'closed' OR conversations.closed_at >= :before)"
)
_OLD: Final = tuple(
    text(
        f"DELETE FROM {table} WHERE ctid = ANY (ARRAY("  # noqa: S608 - the names stand below
        f" SELECT old.ctid FROM {table} AS old WHERE {old} < :before AND NOT EXISTS ({_STILL_OPEN}) LIMIT :limit))"
    )
    for table, old in (("received", "old.at"), ("deliveries", "old.settled_at"))
)


class PostgresChannels(Deliveries):
    """The ChannelStore of bot.ports."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def list_channels(self, shop: str) -> list[KeptChannel]:
        async with self._database.scope(shop) as connection:
            rows = await connection.execute(_READ.order_by(_channels.c.name, _channels.c.channel_id))
            return [_read(row) for row in rows]

    async def get_channel(self, shop: str, channel: str) -> KeptChannel:
        async with self._database.scope(shop) as connection:
            found = await connection.execute(_READ.where(_channels.c.channel_id == channel))
            row = found.one_or_none()
        if row is None:
            raise NotFound("there is no such channel in this shop")
        return _read(row)

    async def get_secrets(self, shop: str, channel: str) -> Mapping[str, str]:
        query = select(_channels.c.secrets).where(_channels.c.channel_id == channel)
        async with self._database.scope(shop) as connection:
            return dict(await connection.scalar(query) or {})

    async def put_channel(
        self, shop: str, channel: ShopChannel, secrets: Mapping[str, str], at: datetime
    ) -> None:
        written = {
            "name": channel.name,
            "enabled": channel.enabled,
            "settings": dict(channel.settings),
            "secrets": dict(secrets),
            "changed_at": at,
        }
        key = {"shop_id": shop, "channel_id": channel.id}
        put = upsert(_channels).values(**key, **written, kind=channel.kind, made_at=at)
        put = put.on_conflict_do_update(index_elements=["shop_id", "channel_id"], set_=written)
        values = {"channel": channel.id, "at": at}
        async with self._database.scope(shop) as connection:
            if await connection.scalar(text("SELECT 1 FROM shops")) is None:
                raise NotFound(f"there is no shop {shop}")
            await connection.execute(put)
            if channel.enabled:
                await connection.execute(_DUE_FIRST, {**values, "shop": shop})

    async def delete_channel(self, shop: str, channel: str, at: datetime) -> None:
        async with self._database.scope(shop) as connection:
            gone = await connection.execute(delete(_channels).where(_channels.c.channel_id == channel))
            if gone.rowcount == 0:
                raise NotFound("there is no such channel in this shop")
            await connection.execute(_DEAD, {"channel": channel, "at": at, "error": GONE})

    async def begin_taking(self, shop: str, channel: str, external_id: str, at: datetime) -> Taken | None:
        row = {
            "shop_id": shop, "channel_id": channel, "external_id": external_id, "conversation_id": "",
            "thread": "", "at": at,
        }  # fmt: skip
        async with self._database.scope(shop) as connection:
            fresh = upsert(_received).values(row).on_conflict_do_nothing()
            if (await connection.execute(fresh)).rowcount == 1:
                return None
            there = await connection.execute(_one(channel, external_id))
            found = there.one()
            return Taken(found.conversation_id, found.number)

    async def end_taking(
        self, shop: str, channel: str, external_id: str, taken: Taken, thread: str = ""
    ) -> None:
        written = update(_received).where(
            _received.c.channel_id == channel, _received.c.external_id == external_id
        )
        values = {"conversation_id": taken.conversation, "number": taken.number, "thread": thread}
        async with self._database.scope(shop) as connection:
            await connection.execute(written.values(values))

    async def forget_traffic(self, shop: str, before: datetime, limit: int) -> int:
        gone = 0
        async with self._database.scope(shop) as connection:
            for statement in _OLD:
                done = await connection.execute(statement, {"before": before, "limit": limit})
                gone += done.rowcount
        return gone

    async def thread_of(self, shop: str, conversation: str) -> str:
        columns = _received.c
        query = (
            select(columns.thread)
            .where(columns.conversation_id == conversation, columns.thread != "")
            .order_by(columns.at.desc(), columns.number.desc().nulls_last())
            .limit(1)
        )
        async with self._database.scope(shop) as connection:
            return str(await connection.scalar(query) or "")

    async def conversation_of(self, shop: str, channel: str, thread: str) -> str | None:
        columns = _received.c
        query = (
            select(columns.conversation_id)
            .where(
                columns.channel_id == channel,
                columns.thread == thread,
                columns.thread != "",
                columns.conversation_id != "",
            )
            .order_by(columns.at.desc(), columns.number.desc().nulls_last())
            .limit(1)
        )
        async with self._database.scope(shop) as connection:
            found: str | None = await connection.scalar(query)
            return found


def _one(channel: str, external_id: str) -> Any:
    return select(_received).where(_received.c.channel_id == channel, _received.c.external_id == external_id)


def _read(row: Any) -> KeptChannel:
    channel = ShopChannel(row.channel_id, row.kind, row.name, row.enabled, row.settings)
    return KeptChannel(channel, row.made_at, row.changed_at)

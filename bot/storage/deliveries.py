"""What is on its way to outer channels, in PostgreSQL: written with the message itself, claimed by one worker at a time.

The row of `delivery_dues` is locked by whoever adds a delivery to a conversation or settles one: so none is forgotten between
the two.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.channels import Delivery, DeliveryState, channel_of, delivery_line, status_after
from bot.domain.conversation import Conversation, Message
from bot.ports import Conflict, NotFound
from bot.ports.channels import DueDelivery
from bot.storage import schema_channels as schema
from bot.storage.connecting import to_json
from bot.storage.database import Database
from bot.storage.feeds import tell_happening

CLAIM: Final = timedelta(minutes=1)
"""For so long no other worker tries what one is at; longer than any adapter takes."""
TURNED_BACK: Final = timedelta(hours=1)
"""What is due only after so long was written before the clock was set back: nothing waits that long by itself."""
OF_ONE_SHOP: Final = 8
"""So many conversations of a shop are claimed at once: a receiver that is slow keeps no other shop's waiting."""
GONE: Final = "渠道已删除。 the channel was removed"

_deliveries: Final = schema.deliveries
_PUT: Final = text(
    "WITH lines AS (SELECT * FROM json_to_recordset(CAST(:lines AS json)) AS line("
    " place int, key text, at timestamptz, number int, author text, status text)),"
    " known AS (SELECT EXISTS (SELECT 1 FROM channels WHERE channel_id = :channel) AS there),"
    " last AS (SELECT COALESCE(max(position), 0) AS position FROM deliveries WHERE conversation_id = :conversation),"
    " due AS (INSERT INTO delivery_dues (shop_id, conversation_id, due_at)"
    "  SELECT :shop, :conversation, min(lines.at) FROM lines, known WHERE there HAVING count(*) > 0"
    "  ON CONFLICT (shop_id, conversation_id) DO UPDATE SET due_at = delivery_dues.due_at) "
    "INSERT INTO deliveries (shop_id, conversation_id, position, channel_id, key, at, due_at, number, author, status,"
    " state, attempts, error, external_id, settled_at) "
    "SELECT :shop, :conversation, last.position + place, :channel, key, at, at, number, author, status,"
    " CASE WHEN there THEN 'waiting' ELSE 'dead' END, 0, CASE WHEN there THEN '' ELSE :gone END, '',"
    " CASE WHEN there THEN NULL ELSE at END FROM lines, known, last"
)
_CLAIM: Final = text(
    "UPDATE delivery_dues SET due_at = :until FROM ("
    " SELECT shop_id AS of_shop, conversation_id AS of_conversation FROM delivery_dues"
    " WHERE (due_at <= :at OR due_at > :far) AND (shop_id, conversation_id) IN ("
    "  SELECT shop_id, conversation_id FROM ("
    "   SELECT shop_id, conversation_id, row_number() OVER (PARTITION BY shop_id ORDER BY due_at) AS place"
    "   FROM delivery_dues WHERE (due_at <= :at OR due_at > :far) AND shop_id <> ALL (CAST(:busy AS text[]))) AS ready"
    "  WHERE place <= :of_one)"
    " ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) AS due "
    "WHERE shop_id = of_shop AND conversation_id = of_conversation RETURNING shop_id, conversation_id"
)
_LOCK: Final = text(
    "SELECT due_at FROM delivery_dues WHERE shop_id = :shop AND conversation_id = :conversation FOR UPDATE"
)
_TRIED: Final = text(
    "UPDATE deliveries SET attempts = attempts + 1 WHERE conversation_id = :conversation AND position = ("
    " SELECT min(position) FROM deliveries WHERE conversation_id = :conversation AND state = 'waiting') RETURNING *"
)
_SETTLE: Final = text(
    "UPDATE deliveries SET state = :state, attempts = :attempts, error = :error, external_id = :external_id,"
    " due_at = :due_at, settled_at = :settled_at"
    " WHERE conversation_id = :conversation AND position = :position AND state = 'waiting'"
)
_AGAIN: Final = text(
    "UPDATE deliveries SET state = 'waiting', attempts = 1, error = '', at = :at, due_at = :at, settled_at = NULL"
    " WHERE conversation_id = :conversation AND position = :position"
)
_NEXT: Final = text(
    "SELECT due_at FROM deliveries WHERE conversation_id = :conversation AND state = 'waiting' ORDER BY position LIMIT 1"
)
_DUE_AT: Final = text(
    "INSERT INTO delivery_dues (shop_id, conversation_id, due_at) VALUES (:shop, :conversation, :at)"
    " ON CONFLICT (shop_id, conversation_id) DO UPDATE SET due_at = :at"
)
_NOT_DUE: Final = text("DELETE FROM delivery_dues WHERE shop_id = :shop AND conversation_id = :conversation")


class Deliveries:
    """The part of the ChannelStore for what goes out."""

    _database: Database

    async def deliveries_due(self, at: datetime, limit: int, busy: Collection[str] = ()) -> list[DueDelivery]:
        until = at + CLAIM
        values = {
            "at": at, "until": until, "far": at + TURNED_BACK, "limit": limit, "busy": sorted(busy),
            "of_one": OF_ONE_SHOP,
        }  # fmt: skip
        async with self._database.unscoped() as connection:
            rows = await connection.execute(_CLAIM, values)
            return [DueDelivery(row.shop_id, row.conversation_id, until) for row in rows]

    async def begin_delivery(self, due: DueDelivery) -> Delivery | None:
        key = {"shop": due.shop, "conversation": due.conversation}
        async with self._database.scope(due.shop) as connection:
            if await connection.scalar(_LOCK, key) != due.until:
                return None
            row = (await connection.execute(_TRIED, {"conversation": due.conversation})).one_or_none()
            if row is None:
                await connection.execute(_NOT_DUE, key)
                return None
            return read_delivery(row)

    async def settle_delivery(self, shop: str, delivery: Delivery) -> None:
        values = {
            "conversation": delivery.conversation,
            "position": delivery.position,
            "state": delivery.state.value,
            "attempts": delivery.attempts,
            "error": delivery.error,
            "external_id": delivery.external_id,
            "due_at": delivery.due_at,
            "settled_at": delivery.settled_at,
        }
        async with self._database.scope(shop) as connection:
            await _lock(connection, shop, delivery.conversation)
            if not (await connection.execute(_SETTLE, values)).rowcount:
                return
            await tell_happening(connection, shop, delivery.conversation, "delivery", delivery_line(delivery))
            await _set_next(connection, shop, delivery.conversation)

    async def find_delivery(self, shop: str, channel: str, key: str) -> Delivery | None:
        query = select(_deliveries).where(_deliveries.c.channel_id == channel, _deliveries.c.key == key)
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(query)).one_or_none()
            return read_delivery(row) if row is not None else None

    async def list_deliveries(
        self, shop: str, channel: str, states: Sequence[DeliveryState], limit: int
    ) -> list[Delivery]:
        columns = _deliveries.c
        query = (
            select(_deliveries)
            .where(columns.channel_id == channel, columns.state.in_([state.value for state in states]))
            .order_by(columns.at.desc(), columns.conversation_id, columns.position.desc())
            .limit(limit)
        )
        async with self._database.scope(shop) as connection:
            return [read_delivery(row) for row in await connection.execute(query)]

    async def count_deliveries(self, shop: str, since: datetime) -> Mapping[tuple[str, DeliveryState], int]:
        columns = _deliveries.c
        query = (
            select(columns.channel_id, columns.state, func.count().label("many"))
            .where(columns.at > since)
            .group_by(columns.channel_id, columns.state)
        )
        async with self._database.scope(shop) as connection:
            rows = await connection.execute(query)
            return {(row.channel_id, DeliveryState(row.state)): row.many for row in rows}

    async def deliveries_of(self, shop: str, conversation: str, numbers: Sequence[int]) -> list[Delivery]:
        columns = _deliveries.c
        query = (
            select(_deliveries)
            .where(columns.conversation_id == conversation, columns.number.in_(list(numbers)))
            .order_by(columns.position)
        )
        async with self._database.scope(shop) as connection:
            return [read_delivery(row) for row in await connection.execute(query)]

    async def retry_delivery(self, shop: str, conversation: str, position: int, at: datetime) -> Delivery:
        columns = _deliveries.c
        query = select(_deliveries).where(
            columns.conversation_id == conversation, columns.position == position
        )
        async with self._database.scope(shop) as connection:
            await _lock(connection, shop, conversation)
            row = (await connection.execute(query)).one_or_none()
            found = require_retriable(read_delivery(row) if row is not None else None)
            key = {"conversation": conversation, "position": position}
            await connection.execute(_AGAIN, {**key, "at": at})
            again = as_new(found, at)
            await tell_happening(connection, shop, conversation, "delivery", delivery_line(again))
            await _set_next(connection, shop, conversation)
            return again


def require_retriable(found: Delivery | None) -> Delivery:
    """Return the delivery if it may be tried again by hand. Raises NotFound, Conflict."""
    if found is None:
        raise NotFound("there is no such delivery in this shop")
    if found.state not in (DeliveryState.DEAD, DeliveryState.EXPIRED):
        raise Conflict("这条消息已送达或正在发送。 it was delivered, or is on its way")
    if found.author == "auto":
        raise Conflict(
            "自动回复可能已过时，请由客服重新回复。 an automatic answer may be out of date: answer the buyer anew"
        )
    return found


def as_new(delivery: Delivery, at: datetime) -> Delivery:
    """Return the delivery as it is when it is to be tried again from the beginning.

    It counts as tried: the other side is asked first whether an attempt arrived whose answer was lost.
    """
    return Delivery(
        delivery.conversation, delivery.position, delivery.channel, delivery.key, at, at, delivery.number,
        delivery.author, delivery.status, attempts=1, external_id=delivery.external_id,
    )  # fmt: skip


async def put_deliveries(
    connection: AsyncConnection,
    shop: str,
    before: Conversation,
    after: Conversation,
    message: Message | None = None,
) -> None:
    """Put on its way what the other side of an outer channel is to hear of a change: a message of the shop, a new status.

    Whoever writes a conversation's row calls it, in the same transaction, with the row locked.
    """
    channel = channel_of(after.buyer)
    if channel is None:
        return
    lines = lines_of(before, after, message)
    if not lines:
        return
    values = {
        "shop": shop,
        "conversation": after.id,
        "channel": channel[1],
        "gone": GONE,
        "lines": to_json([_row(place, line) for place, line in enumerate(lines, start=1)]),
    }
    await connection.execute(_PUT, values)


def lines_of(before: Conversation, after: Conversation, message: Message | None) -> list[Delivery]:
    """Return what goes out after a change, its position still to be given."""
    channel = channel_of(after.buyer)
    lines: list[Delivery] = []
    if channel is None:
        return lines
    if message is not None and message.author in ("agent", "auto"):
        key = f"{after.id}-{message.number}"
        lines.append(
            Delivery(after.id, 0, channel[1], key, message.at, message.at, message.number, message.author)
        )
    status = status_after(before, after)
    if status is not None:
        at = _moment(before, after)
        key = f"{after.id}-{status.value}-{after.version}"
        lines.append(Delivery(after.id, 0, channel[1], key, at, at, status=status.value))
    return lines


def _moment(before: Conversation, after: Conversation) -> datetime:
    """Return the latest moment that is known of the change: a rule is not asked what time it is."""
    moments = (
        *(each.last_at for each in (before, after)),
        *(each.handed_at for each in (before, after)),
        *(each.person_at for each in (before, after)),
        *(each.closed_at for each in (before, after)),
    )
    return max((each for each in moments if each is not None), default=after.opened_at)


def _row(place: int, line: Delivery) -> dict[str, Any]:
    return {
        "place": place,
        "key": line.key,
        "at": line.at.isoformat(),
        "number": line.number,
        "author": line.author,
        "status": line.status,
    }


def read_delivery(row: Any) -> Delivery:
    return Delivery(
        conversation=row.conversation_id,
        position=row.position,
        channel=row.channel_id,
        key=row.key,
        at=row.at,
        due_at=row.due_at,
        number=row.number,
        author=row.author,
        status=row.status,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        error=row.error,
        external_id=row.external_id,
        settled_at=row.settled_at,
    )


async def _lock(connection: AsyncConnection, shop: str, conversation: str) -> None:
    await connection.execute(_LOCK, {"shop": shop, "conversation": conversation})


async def _set_next(connection: AsyncConnection, shop: str, conversation: str) -> None:
    """Let the conversation be due when its first delivery that waits is."""
    key = {"shop": shop, "conversation": conversation}
    at = await connection.scalar(_NEXT, {"conversation": conversation})
    if at is None:
        await connection.execute(_NOT_DUE, key)
    else:
        await connection.execute(_DUE_AT, {**key, "at": at})

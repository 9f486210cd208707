"""Whose automatic replies are to be judged, in PostgreSQL: content-free, and the ratings in the shop's log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text

from bot.domain.auto_visit import VISIT
from bot.ports import Event
from bot.ports.auto_ratings import RatingDue
from bot.storage import schema
from bot.storage.auto_dues import CLAIM, TURNED_BACK
from bot.storage.database import Database
from bot.storage.rows import event_row
from bot.storage.writing import insert_rows

PUT_RATING_DUE: Final = (
    "INSERT INTO auto_rating_dues (shop_id, conversation_id, since, newest, due_at)"
    " SELECT :shop, :conversation, spoke_at, spoke_at, spoke_at + :visit"
    " FROM (SELECT CAST(:spoke_at AS timestamptz) AS spoke_at) AS spoken WHERE spoke_at IS NOT NULL"
    " ON CONFLICT (shop_id, conversation_id) DO UPDATE SET newest = EXCLUDED.newest"
)
"""Has what software says in a turn judged when the visit is over; part of the statement that writes the turn."""
_DUE: Final = text(
    "UPDATE auto_rating_dues SET claimed_until = :until FROM ("
    " SELECT shop_id AS of_shop, conversation_id AS of_conversation FROM auto_rating_dues"
    " WHERE due_at <= :at AND (claimed_until IS NULL OR claimed_until <= :at OR claimed_until > :far)"
    " ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) AS due "
    "WHERE shop_id = of_shop AND conversation_id = of_conversation RETURNING shop_id, conversation_id, since"
)
_MINE: Final = "shop_id = :shop AND conversation_id = :conversation AND since = :since"
_END: Final = text(f"DELETE FROM auto_rating_dues WHERE {_MINE} AND newest < :upto")  # noqa: S608
_GO_ON: Final = text(
    "UPDATE auto_rating_dues SET since = :upto, due_at = newest + :visit, claimed_until = NULL "  # noqa: S608
    f"WHERE {_MINE}"
)


class PostgresAutoRatings:
    """The AutoRatingStore of bot.ports.auto_ratings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def ratings_due(self, at: datetime, limit: int) -> list[RatingDue]:
        values = {"at": at, "until": at + CLAIM, "far": at + TURNED_BACK, "limit": limit}
        async with self._database.unscoped() as connection:
            rows = await connection.execute(_DUE, values)
            found = [RatingDue(row.shop_id, row.conversation_id, row.since) for row in rows]
        return sorted(found, key=lambda due: due.since)

    async def settle_ratings(self, due: RatingDue, until: datetime, events: Sequence[Event]) -> bool:
        values = {"shop": due.shop, "conversation": due.conversation, "since": due.since, "upto": until}
        async with self._database.scope(due.shop) as connection:
            # Of two that settle the same only one finds the row as it was: the other waits for its lock, and finds none.
            ended = await connection.execute(_END, values)
            if not ended.rowcount:
                went_on = await connection.execute(_GO_ON, {**values, "visit": VISIT})
                if not went_on.rowcount:
                    return False
            rows = [event_row(due.shop, event) for event in events]
            await insert_rows(connection, schema.events.name, rows)
        return True

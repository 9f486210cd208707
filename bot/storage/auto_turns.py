"""Buyers' turns that software takes, in PostgreSQL: what is due, what was decided, whom it was handed to.

Whoever finishes a turn locks the conversation's row first, as whoever writes into it does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import JSON, Select, func, literal_column, select, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.dialects.postgresql import insert as upsert

from bot.domain.auto_lines import decided_line, hand_over_line
from bot.domain.auto_rating import is_rated
from bot.domain.auto_turn import Decided, Finished, HandOver
from bot.domain.auto_visit import VISIT
from bot.domain.conversation import Conversation, Message
from bot.domain.conversation_lines import conversation_line, read_message_line
from bot.ports import Conflict, NotFound, Rule
from bot.ports.auto_turns import Stopped, TurnRead
from bot.storage import schema_auto as schema
from bot.storage.auto_dues import CLAIM, TURNED_BACK, put_auto_due
from bot.storage.auto_ratings import PUT_RATING_DUE
from bot.storage.auto_rows import (
    auto_message_row,
    decision_row,
    hand_over_row,
    read_auto_message,
    read_decision,
    read_hand_over,
)
from bot.storage.auto_sends import AutoSends, waiting_sends
from bot.storage.connecting import to_json
from bot.storage.conversation_locking import lock_conversation, require_conversation, write_conversation
from bot.storage.conversation_rows import conversations_with_buyers, read_conversation
from bot.storage.database import Database
from bot.storage.deliveries import put_deliveries
from bot.storage.feeds import tell_happenings
from bot.storage.looks import put_look
from bot.storage.schema_conversations import conversations, messages

DECISIONS_READ: Final = 50
"""So many decisions, the newest, a turn reads."""
_decisions: Final = schema.auto_decisions
_hand_overs: Final = schema.hand_overs
_events: Final = schema.dialogue_events
_MESSAGE: Final = [messages.c[name] for name in Message.__dataclass_fields__]

_DUE: Final = text(
    "UPDATE auto_dues SET claimed_until = :until FROM ("
    " SELECT shop_id AS of_shop, conversation_id AS of_conversation FROM auto_dues"
    " WHERE (due_at <= :at OR due_at > :far)"
    " AND (claimed_until IS NULL OR claimed_until <= :at OR claimed_until > :far)"
    " AND NOT EXISTS (SELECT FROM auto_stop WHERE is_stopped)"
    " ORDER BY due_at LIMIT :limit FOR UPDATE SKIP LOCKED) AS due "
    "WHERE shop_id = of_shop AND conversation_id = of_conversation RETURNING shop_id, conversation_id"
)
# What a later bubble of the buyer made due anew is nobody's any more, and none of the claimant's business.
_PUT_OFF: Final = text(
    "UPDATE auto_dues SET due_at = :at, claimed_until = NULL "
    "WHERE shop_id = :shop AND conversation_id = :conversation AND claimed_until IS NOT NULL"
)
_DROP: Final = text(
    "DELETE FROM auto_dues "
    "WHERE shop_id = :shop AND conversation_id = :conversation AND claimed_until IS NOT NULL"
)
_FINISH: Final = text(
    f"WITH judged AS ({PUT_RATING_DUE}),"  # noqa: S608 - of the program's own words
    " done AS (DELETE FROM auto_dues WHERE shop_id = :shop AND conversation_id = :conversation),"
    " last AS (SELECT COALESCE(max(position), 0) AS position FROM auto_send_dues"
    "  WHERE shop_id = :shop AND conversation_id = :conversation),"
    " lines AS (SELECT * FROM json_to_recordset(CAST(:messages AS json)) AS line("
    "  place int, key text, decision text, position int, text text, image text, question bool, answers int,"
    "  due_at timestamptz, expires_at timestamptz, attempts int)),"
    " written AS (INSERT INTO auto_messages (shop_id, key, conversation_id, decision, position, text, image, question,"
    "  answers, due_at, expires_at, attempts, state, error)"
    "  SELECT :shop, key, :conversation, decision, position, text, image, question, answers, due_at, expires_at,"
    "  attempts, 'waiting', '' FROM lines),"
    " due AS (INSERT INTO auto_send_dues (shop_id, key, conversation_id, position, due_at, attempts)"
    "  SELECT :shop, key, :conversation, last.position + place, due_at, attempts FROM lines, last),"
    " handed AS (INSERT INTO hand_overs (shop_id, conversation_id, hand_over_id, at, reasons, urgent, mood, asked,"
    "  answered, facts, open, note, taken_at, taken_by)"
    "  SELECT :shop, :conversation, hand_over_id, at, reasons, urgent, mood, asked, answered, facts, open, note,"
    "  taken_at, taken_by FROM json_populate_recordset(CAST(NULL AS hand_overs), CAST(:hand_overs AS json))) "
    "INSERT INTO dialogue_events (shop_id, conversation_id, events)"
    " SELECT :shop, :conversation, dialogue FROM (SELECT CAST(:events AS json) AS dialogue) AS given"
    " WHERE dialogue IS NOT NULL"
    " ON CONFLICT (shop_id, conversation_id) DO UPDATE SET events = EXCLUDED.events"
)
_COUNT: Final = text(
    "SELECT count(*) AS of_shop, count(*) FILTER (WHERE conversation_id IN ("
    " SELECT conversation_id FROM conversations WHERE buyer_id = :buyer)) AS of_buyer "
    "FROM auto_decisions WHERE at > :since AND at <= :until AND deed IN ('reply', 'ask_back')"
)
_GET_STOP: Final = text("SELECT is_stopped, stopped_at, stopped_by FROM auto_stop")
_PUT_STOP: Final = text(
    "INSERT INTO auto_stop (one, is_stopped, stopped_at, stopped_by) VALUES (true, :stopped, :at, :by) "
    "ON CONFLICT (one) DO UPDATE SET is_stopped = :stopped, stopped_at = :at, stopped_by = :by"
)


class PostgresAutoTurns(AutoSends):
    """The AutoTurnStore of bot.ports.auto_turns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def turns_due(self, at: datetime, limit: int) -> list[tuple[str, str]]:
        values = {"at": at, "until": at + CLAIM, "far": at + TURNED_BACK, "limit": limit}
        async with self._database.unscoped() as connection:
            rows = await connection.execute(_DUE, values)
            return [(row.shop_id, row.conversation_id) for row in rows]

    async def read_turn(self, shop: str, conversation: str, limit: int) -> TurnRead:
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(_turn(conversation, limit))).mappings().one_or_none()
        if row is None:
            raise NotFound("there is no such conversation in this shop")
        return TurnRead(
            conversation=read_conversation(row),
            messages=[read_message_line(each) for each in row["newest_messages"] or ()],
            decisions=[read_decision(each) for each in row["newest_decisions"] or ()],
            waiting=[read_auto_message(each) for each in row["waiting_sends"] or ()],
            events=row["dialogue"] or (),
        )

    async def finish_turn(self, shop: str, conversation: str, finished: Finished, rule: Rule) -> Conversation:
        decided, hand_over = finished.decided, finished.hand_over
        fresh = upsert(_decisions).values(decision_row(shop, conversation, decided)).on_conflict_do_nothing()
        async with self._database.scope(shop) as connection:
            before = await lock_conversation(connection, conversation)
            # First: what it refuses must leave nothing behind, also where this is a part of a greater transaction.
            change = dict(rule(before))
            if (await connection.execute(fresh)).rowcount == 0:
                raise Conflict("the turn was finished before")
            after = await write_conversation(connection, before, change)
            await connection.execute(_FINISH, _leavings(shop, conversation, finished))
            if change:
                await put_look(connection, shop, after, change)
                await put_auto_due(connection, shop, after, change)
                await put_deliveries(connection, shop, before, after)
            told: list[tuple[str, Mapping[str, Any]]] = []
            if after is not before:
                told.append(("conversation", conversation_line(after)))
            told.append(("decided", decided_line(decided)))
            if hand_over is not None:
                told.append(("hand_over", hand_over_line(hand_over)))
            await tell_happenings(connection, shop, conversation, told)
            return after

    async def put_off_turn(self, shop: str, conversation: str, at: datetime) -> None:
        values = {"shop": shop, "conversation": conversation, "at": at}
        async with self._database.scope(shop) as connection:
            await connection.execute(_PUT_OFF, values)

    async def drop_turn(self, shop: str, conversation: str) -> None:
        async with self._database.scope(shop) as connection:
            await connection.execute(_DROP, {"shop": shop, "conversation": conversation})

    async def list_decisions(self, shop: str, conversation: str, limit: int) -> list[Decided]:
        async with self._database.scope(shop) as connection:
            rows = (await connection.execute(_newest_decisions(conversation, limit))).mappings().all()
            if not rows:
                await require_conversation(connection, conversation)
            return [read_decision(dict(row)) for row in reversed(rows)]

    async def list_hand_overs(self, shop: str, conversation: str, limit: int) -> list[HandOver]:
        columns = _hand_overs.c
        query = (
            select(_hand_overs)
            .where(columns.conversation_id == conversation)
            .order_by(columns.at.desc(), columns.hand_over_id.desc())
            .limit(limit)
        )
        async with self._database.scope(shop) as connection:
            rows = (await connection.execute(query)).mappings().all()
            if not rows:
                await require_conversation(connection, conversation)
            return [read_hand_over(dict(row)) for row in rows]

    async def take_hand_overs(self, shop: str, conversation: str, account: str, at: datetime) -> None:
        columns = _hand_overs.c
        taken = (
            update(_hand_overs)
            .where(columns.conversation_id == conversation, columns.taken_at.is_(None))
            .values(taken_at=at, taken_by=account)
            .returning(*columns)
        )
        async with self._database.scope(shop) as connection:
            rows = (await connection.execute(taken)).mappings().all()
            told = [("hand_over", hand_over_line(read_hand_over(dict(row)))) for row in rows]
            if told:
                await tell_happenings(connection, shop, conversation, told)

    async def count_turns(self, shop: str, buyer: str, since: datetime, until: datetime) -> tuple[int, int]:
        values = {"buyer": buyer, "since": since, "until": until}
        async with self._database.scope(shop) as connection:
            row = (await connection.execute(_COUNT, values)).one()
            return row.of_shop, row.of_buyer

    async def get_stop(self) -> Stopped:
        async with self._database.unscoped() as connection:
            row = (await connection.execute(_GET_STOP)).one_or_none()
        return Stopped(row.is_stopped, row.stopped_at, row.stopped_by) if row is not None else Stopped()

    async def put_stop(self, stopped: Stopped) -> None:
        values = {"stopped": stopped.is_stopped, "at": stopped.at, "by": stopped.by}
        async with self._database.unscoped() as connection:
            await connection.execute(_PUT_STOP, values)


def _newest_decisions(conversation: str, limit: int) -> Select[Any]:
    return (
        select(_decisions)
        .where(_decisions.c.conversation_id == conversation)
        .order_by(_decisions.c.at.desc(), _decisions.c.decision_id.desc())
        .limit(limit)
    )


def _turn(conversation: str, limit: int) -> Select[Any]:
    """Return the query of all that a turn reads: one statement, so that every piece is of the same moment."""
    newest = (
        select(*_MESSAGE)
        .where(messages.c.conversation_id == conversation)
        .order_by(messages.c.number.desc())
        .limit(limit)
        .subquery("m")
    )
    decided = _newest_decisions(conversation, DECISIONS_READ).subquery("d")
    waiting = waiting_sends(conversation).subquery("w")
    dialogue = select(_events.c.events).where(_events.c.conversation_id == conversation).scalar_subquery()
    return (
        conversations_with_buyers()
        .where(conversations.c.conversation_id == conversation)
        .add_columns(
            _as_json(newest, "m", newest.c.number).label("newest_messages"),
            _as_json(decided, "d", decided.c.at, decided.c.decision_id).label("newest_decisions"),
            _as_json(waiting, "w", waiting.c.place).label("waiting_sends"),
            dialogue.label("dialogue"),
        )
    )


def _as_json(rows: Any, name: str, *order: Any) -> Any:
    """Return the rows of a subquery of that name as one JSON array, in this order."""
    gathered = func.json_agg(aggregate_order_by(literal_column(name), *order), type_=JSON)
    return select(gathered).select_from(rows).scalar_subquery()


def _leavings(shop: str, conversation: str, finished: Finished) -> dict[str, Any]:
    ordered = sorted(finished.messages, key=lambda message: message.position)
    given = [finished.hand_over] if finished.hand_over is not None else []
    return {
        "shop": shop,
        "conversation": conversation,
        "spoke_at": finished.decided.at if is_rated(finished.decided) else None,
        "visit": VISIT,
        "messages": to_json(
            [{"place": place, **auto_message_row(each)} for place, each in enumerate(ordered, start=1)]
        ),
        "hand_overs": to_json([hand_over_row(each) for each in given]),
        "events": to_json(list(finished.events)) if finished.events is not None else None,
    }

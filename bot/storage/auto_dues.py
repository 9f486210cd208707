"""When buyers have finished speaking, and who takes their turns: content-free, kept with whatever changes a conversation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.conversation import Conversation

CLAIM: Final = timedelta(seconds=15)
"""For so long nobody else takes what a worker has taken; if it dies, someone does after that."""
LONGEST_MERGE: Final = timedelta(seconds=10)
"""A buyer who goes on and on is answered that long after his first bubble."""
TURNED_BACK: Final = timedelta(minutes=1)
"""What lies further ahead was written before the clock was set back."""

_PUT: Final = text(
    "INSERT INTO auto_dues (shop_id, conversation_id, due_at, first_at) "
    "VALUES (:shop, :conversation, LEAST(:at, CAST(:said_at AS timestamptz) + :longest), :said_at) "
    "ON CONFLICT (shop_id, conversation_id) DO UPDATE SET claimed_until = NULL, "
    "due_at = LEAST(EXCLUDED.due_at, auto_dues.first_at + :longest)"
)
_DROP: Final = text("DELETE FROM auto_dues WHERE shop_id = :shop AND conversation_id = :conversation")


async def put_auto_due(
    connection: AsyncConnection,
    shop: str,
    conversation: Conversation,
    change: Mapping[str, Any],
    said_at: datetime | None = None,
) -> None:
    """Keep when the conversation's turn is due, after a change; `said_at` is when the message with it was said."""
    key = {"shop": shop, "conversation": conversation.id}
    at = change.get("auto_at")
    if at is not None and conversation.state != "closed":
        values = {**key, "at": at, "said_at": said_at or at, "longest": LONGEST_MERGE}
        await connection.execute(_PUT, values)
    elif "auto_at" in change or change.get("state") == "closed":
        await connection.execute(_DROP, key)

"""The rows of answering without a person as the domain's objects, and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.auto_lines import decided_line, hand_over_line, read_decided_line, read_hand_over_line
from bot.domain.auto_turn import AutoMessage, Decided, HandOver, SendState
from bot.storage.rows import JsonRow, Row


def decision_row(shop: str, conversation: str, decided: Decided) -> JsonRow:
    """Return the decision's columns, its time not as text."""
    line = decided_line(decided)
    own = {"shop_id": shop, "conversation_id": conversation, "decision_id": line.pop("id")}
    return {**line, **own, "at": decided.at}


def read_decision(row: Mapping[str, Any]) -> Decided:
    return read_decided_line({**row, "id": row["decision_id"], "at": _written(row["at"])})


def auto_message_row(message: AutoMessage) -> JsonRow:
    """Return the message's own columns as JSON values."""
    return {
        "key": message.key,
        "decision": message.decision,
        "position": message.position,
        "text": message.text,
        "image": message.image,
        "question": message.question,
        "answers": message.answers,
        "due_at": message.due_at.isoformat(),
        "expires_at": message.expires_at.isoformat(),
        "attempts": message.attempts,
    }


def read_auto_message(row: Row) -> AutoMessage:
    return AutoMessage(
        key=row["key"],
        conversation=row["conversation_id"],
        decision=row["decision"],
        position=row["position"],
        text=row["text"],
        due_at=_moment(row["due_at"]),
        expires_at=_moment(row["expires_at"]),
        answers=row["answers"],
        image=row["image"],
        question=row["question"],
        attempts=row["attempts"],
        state=SendState(row["state"]),
        error=row["error"],
    )


def hand_over_row(hand_over: HandOver) -> JsonRow:
    """Return the hand-over's own columns as JSON values."""
    line = hand_over_line(hand_over)
    return {**line, "hand_over_id": line.pop("id")}


def read_hand_over(row: Mapping[str, Any]) -> HandOver:
    moments = {name: _written(row[name]) for name in ("at", "taken_at")}
    return read_hand_over_line({**row, **moments, "id": row["hand_over_id"]})


def _moment(value: datetime | str) -> datetime:
    return value if isinstance(value, datetime) else datetime.fromisoformat(value)


def _written(value: datetime | str | None) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else value

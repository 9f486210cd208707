"""Conversations and messages as plain JSON values, as the feed keeps them, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from bot.domain.conversation import Buyer, Conversation, Message

_MOMENTS: Final = (
    "opened_at",
    "waiting_since",
    "due_at",
    "last_at",
    "snoozed_until",
    "taken_at",
    "closed_at",
    "person_at",
    "handed_at",
)


def message_line(message: Message) -> dict[str, Any]:
    """Return the message as JSON values, its time in ISO 8601."""
    return {**asdict(message), "at": message.at.isoformat()}


def read_message_line(line: Mapping[str, Any]) -> Message:
    """Return the message that `message_line` wrote."""
    return Message(**{**line, "at": datetime.fromisoformat(line["at"])})


def buyer_line(buyer: Buyer) -> dict[str, Any]:
    """Return the buyer as JSON values."""
    return {**asdict(buyer), "tags": list(buyer.tags)}


def read_buyer_line(line: Mapping[str, Any]) -> Buyer:
    """Return the buyer that `buyer_line` wrote."""
    return Buyer(**{**line, "tags": tuple(line["tags"])})


def conversation_line(conversation: Conversation) -> dict[str, Any]:
    """Return the conversation as JSON values, its times in ISO 8601."""
    line = {**asdict(conversation), "buyer": buyer_line(conversation.buyer)}
    moments = {name: getattr(conversation, name) for name in _MOMENTS}
    return line | {name: moment and moment.isoformat() for name, moment in moments.items()}


def read_conversation_line(line: Mapping[str, Any]) -> Conversation:
    """Return the conversation that `conversation_line` wrote."""
    # A line that an earlier version wrote lacks what came later.
    moments = {name: (at := line.get(name)) and datetime.fromisoformat(at) for name in _MOMENTS}
    return Conversation(**{**line, **moments, "buyer": read_buyer_line(line["buyer"])})

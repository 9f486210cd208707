"""What is left of an event once its texts are forgotten, as the database's own function does it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from bot.ports import Event

_KINDS: Final = frozenset(
    {
        "message_received",
        "suggestion_shown",
        "suggestion_taken",
        "suggestion_edited",
        "suggestion_refused",
    }
)
_LONGEST_REASON: Final = 40
"""A longer reason was not chosen from a list."""


def without_texts(event: Event) -> Event:
    """Return the event without what somebody wrote; what is counted stays."""
    if event.kind not in _KINDS:
        return event
    data: dict[str, Any] = dict(event.data)
    if "text" in data:
        data["text"] = ""
    if isinstance(data.get("reason"), str) and len(data["reason"]) > _LONGEST_REASON:
        data["reason"] = ""
    if isinstance(data.get("suggestions"), list):
        data["suggestions"] = [{**reply, "text": ""} for reply in data["suggestions"]]
    return replace(event, data=data)

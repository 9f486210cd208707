"""What the log keeps of a message that was heard and of what was suggested for it."""

from __future__ import annotations

from datetime import datetime

from bot.domain.suggestion import SuggestionResult
from bot.ports import Event
from bot.services.recording import SHOWN


def suggestion_events(
    text: str, result: SuggestionResult, at: datetime, conversation: str, message: str
) -> tuple[Event, Event]:
    """Return the event of the message and the one of its suggestions; no fact's value is in them but within a reply."""
    shown: dict[str, object] = {
        "silent": result.silent,
        "reason": result.reason,
        "classifier": result.classifier,
        "embedder": result.embedder,
        "read": bool(result.intents),
        "suggestions": [
            {
                "id": each.id,
                "text": each.text,
                "confidence": each.confidence,
                "automatic": each.automatic,
                "entries": [[part.entry, part.version, part.common] for part in each.parts],
            }
            for each in result.suggestions
        ],
    }
    return (
        Event("message_received", at, conversation, {"text": text}, message),
        Event(SHOWN, at, conversation, shown, message),
    )

"""What a shop's log says: which messages stayed without a reply, and how often each entry was shown."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from bot.domain.text import UnreadableMessage, read_message, strip_opener
from bot.ports import Event, TextNormaliser
from bot.services.shop_evaluation_report import Logged, Unanswered

EVENTS_READ: Final = 20_000
_COMMONEST: Final = 20
_LONGEST: Final = 120
_IN_VAIN: Final = frozenset({"no entry answers it", "nothing to answer"})
"""Reasons of silence for messages that an entry might have answered; acknowledgements and bare numbers are none of them."""
_LONG_NUMBER: Final = re.compile(r"\d{7,}")


_Moment: TypeAlias = tuple[str, datetime]


@dataclass(frozen=True, slots=True)
class _InVain:
    text: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class LogReading:
    """What was read: the messages in vain, and how often each entry was among those shown."""

    logged: Logged
    shown: Mapping[str, int]


def read_log(events: Iterable[Event], normaliser: TextNormaliser) -> LogReading:
    """Return what the events (newest first) say."""
    texts: defaultdict[_Moment, list[str]] = defaultdict(list)
    reasons: defaultdict[_Moment, list[str]] = defaultdict(list)
    shown: Counter[str] = Counter()
    for event in events:
        moment = event.conversation, event.at
        if event.kind == "message_received":
            texts[moment].append(str(event.data.get("text", "")))
        elif event.kind == "suggestion_shown":
            shown.update(_entries(event))
            reasons[moment].append(str(event.data.get("reason", "")) if event.data.get("silent") else "")
    in_vain = [
        _InVain(folded, moment[1], reason)
        for moment, same in texts.items()
        # A message and what was shown for it bear the same conversation and time.
        for text, reason in zip(same, reasons[moment], strict=False)
        if reason in _IN_VAIN and (folded := _folded(text, normaliser))
    ]
    messages = sum(map(len, texts.values()))
    return LogReading(Logged(messages, len(in_vain), tuple(_commonest(in_vain))), shown)


def _entries(event: Event) -> set[str]:
    """Return the entries among the suggestions shown."""
    suggestions = event.data.get("suggestions")
    found = set()
    for suggestion in suggestions if isinstance(suggestions, list) else ():
        parts = suggestion.get("entries", ()) if isinstance(suggestion, dict) else ()
        found |= {str(part[0]) for part in parts if isinstance(part, list | tuple) and part}
    return found


def _folded(text: str, normaliser: TextNormaliser) -> str:
    """Return the text as messages are compared, without what names a person's number; "" when nothing is left."""
    try:
        folded = strip_opener(normaliser.normalise(read_message(text).text))
    except UnreadableMessage:
        return ""
    hidden = _LONG_NUMBER.sub("…", folded).strip(" ,，。.!！?？~～")
    return hidden if len(hidden) <= _LONGEST else hidden[:_LONGEST] + "…"


def _commonest(in_vain: Iterable[_InVain]) -> list[Unanswered]:
    by_text: dict[str, list[_InVain]] = {}
    for message in in_vain:
        by_text.setdefault(message.text, []).append(message)
    found = []
    for text, same in by_text.items():
        newest = max(same, key=lambda message: message.at)
        found.append((newest.at, Unanswered(text, len(same), newest.at.isoformat(), newest.reason)))
    found.sort(key=lambda pair: (-pair[1].count, -pair[0].timestamp(), pair[1].text))
    return [unanswered for _, unanswered in found[:_COMMONEST]]

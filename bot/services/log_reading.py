"""Reading suggestions and reactions back from a shop's log, whose data may be of any shape: an older version wrote some."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.ports import Event

Offers = list[list[str]]
"""The entries of each reply that was offered for a message, best first."""


def replies_shown(event: Event) -> list[Mapping[str, Any]]:
    """Return the replies that a suggestion_shown tells of."""
    replies = event.data.get("suggestions")
    return [each for each in replies if isinstance(each, dict)] if isinstance(replies, list) else []


def entries_of(parts: object) -> list[str]:
    """Return the entries of one reply as the log has them: [[entry, version, confidence], …]."""
    if not isinstance(parts, list):
        return []
    return [str(part[0]) for part in parts if isinstance(part, list | tuple) and part]


def offers_shown(event: Event) -> Offers:
    """Return what a suggestion_shown offered."""
    return [entries_of(reply.get("entries")) for reply in replies_shown(event)]


def offers_judged(event: Event, shown: Mapping[str, Offers]) -> Offers:
    """Return what a reaction chose among: as it says itself, else as it was shown for its message."""
    told = event.data.get("offers")
    return (
        [entries_of(offer) for offer in told]
        if isinstance(told, list) and told
        else shown.get(event.message, [])
    )


def entries_chosen(event: Event, offers: Sequence[Sequence[str]]) -> list[str]:
    """Return the entries of the reply that a reaction is about; none where it is about no single one."""
    place = event.data.get("place")
    return list(offers[place]) if isinstance(place, int) and 0 <= place < len(offers) else []

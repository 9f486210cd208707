"""Whose automatic replies are to be judged, in memory, for tests: the same contract as in PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.domain.auto_visit import VISIT
from bot.ports import Event
from bot.ports.auto_ratings import RatingDue
from bot.storage.auto_dues import CLAIM
from bot.storage.memory import Memory
from bot.storage.memory_auto_state import AutoDue
from bot.storage.memory_conversations import MemoryConversations


class MemoryAutoRatings:
    """The AutoRatingStore of bot.ports.auto_ratings, over conversations in memory."""

    def __init__(self, memory: Memory, conversations: MemoryConversations) -> None:
        self._memory = memory
        self._conversations = conversations
        self._dues = conversations.auto.rating_dues

    async def ratings_due(self, at: datetime, limit: int) -> list[RatingDue]:
        due = [
            (each.due.at, place)
            for place, each in self._dues.items()
            if each.due.at <= at and each.due.is_free(at) and self._conversations.knows(place[0])
        ]
        claimed = [place for _, place in sorted(due)[:limit]]
        for place in claimed:
            self._dues[place].due.claimed = at + CLAIM
        found = [RatingDue(*place, self._dues[place].due.first_at) for place in claimed]
        return sorted(found, key=lambda each: each.since)

    async def settle_ratings(self, due: RatingDue, until: datetime, events: Sequence[Event]) -> bool:
        place = due.shop, due.conversation
        there = self._dues.get(place)
        if there is None or there.due.first_at != due.since:
            return False
        if there.newest < until:
            del self._dues[place]
        else:
            there.due = AutoDue(there.newest + VISIT, until)
        self._memory.find(due.shop).events.extend(events)
        return True

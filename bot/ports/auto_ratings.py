"""What judging automatic replies afterwards needs to keep: whose turns are to be judged, and the ratings in the shop's log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.ports.engine import Event


@dataclass(frozen=True, slots=True)
class RatingDue:
    """A conversation in which software spoke, and nobody has judged yet what it said from `since` on. Content-free."""

    shop: str
    conversation: str
    since: datetime


class AutoRatingStore(Protocol):
    """Which conversations are to be judged. What is not the shop's: NotFound.

    A conversation is due two hours after software spoke in it (AutoTurnStore.finish_turn): by then the buyer has come back,
    or not. Erasing a buyer, and deleting the conversation, ends it.
    """

    async def ratings_due(self, at: datetime, limit: int) -> list[RatingDue]:
        """Return conversations that are due, the longest due first: claimed for some seconds, for one worker."""
        ...

    async def settle_ratings(self, due: RatingDue, until: datetime, events: Sequence[Event]) -> bool:
        """Write the ratings of what was said from `due.since` to before `until`, in one transaction with that it is done.

        Where software spoke on after that, the conversation is due again. False, and nothing is written, when another worker
        was first.
        """
        ...

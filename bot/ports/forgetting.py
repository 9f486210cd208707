"""What forgetting old data needs from the outside."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol


class ForgettingStore(Protocol):
    """Blanks what is older than a shop keeps it. Figures stay countable: no row of a message or an event is deleted."""

    async def shops_due(self, at: datetime, limit: int) -> list[str]:
        """Return shops that are to be looked through: content-free. Claimed for an hour, for one worker."""
        ...

    async def look_again(self, shop: str, at: datetime) -> None:
        """Say when the shop is due next."""
        ...

    async def forget_closed(self, shop: str, before: datetime, limit: int) -> int:
        """Forget at most `limit` conversations that were closed before then, and buyers of whom nothing else is left.

        Texts, images, notes, drafts and the texts of events about them go. Return how many; 0 when none is left.
        """
        ...

    async def forget_events(self, shop: str, before: datetime) -> bool:
        """Blank texts of the shop's events of before then, whatever they are about; return whether there is more to do."""
        ...

    async def forget_events_of(self, shop: str, conversations: Sequence[str]) -> None:
        """Blank texts of the shop's events about these conversations."""
        ...

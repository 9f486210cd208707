"""What telling other processes that somebody types needs from the outside."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Typed:
    """Somebody began or ceased to type in a conversation; `account` is "" for the buyer."""

    shop: str
    conversation: str
    account: str
    on: bool


class TypingRelay(Protocol):
    """Carries who types where between processes: ids alone, nothing is kept, and what is lost is not missed."""

    async def announce(self, typed: Sequence[Typed]) -> None:
        """Tell every other process that watches. Raises StoreUnavailable."""
        ...

    def watch(self) -> AsyncIterator[Typed]:
        """Yield what the other processes announce from now on, for ever; never what was announced here."""
        ...

"""Where it is kept what a shop's owners have put aside of what buyers asked in vain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from bot.domain.asked import SetAside


class AskedStore(Protocol):
    """What was put aside in a shop. The newest are kept; it goes with the shop."""

    async def list_aside(self, shop: str) -> list[SetAside]:
        """Return what was put aside, newest first."""
        ...

    async def put_aside(self, shop: str, aside: Sequence[SetAside]) -> None:
        """Put aside; what is aside already stays as it is. Raises NotFound for an unknown shop."""
        ...

    async def take_back(self, shop: str, key: str) -> None:
        """Show it again. Raises NotFound."""
        ...

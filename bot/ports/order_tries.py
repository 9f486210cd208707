"""What buyers tried in order to prove that an order is theirs. Every call takes the shop first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class OrderTry:
    """A number and four digits that a buyer named together. `id` stands for the pair: said again it is the same try.

    `order_no` is the number as it was named: there may be no such order.
    """

    id: str
    conversation: str
    buyer: str
    order_no: str
    at: datetime
    is_right: bool = False


class OrderTryStore(Protocol):
    """Tries of buyers, right and wrong. They go with the words of their conversation when those are forgotten."""

    async def note_try(self, shop: str, tried: OrderTry) -> None:
        """Keep a try; one that is kept already stays as it is. Raises NotFound when the conversation is not this shop's."""
        ...

    async def mark_right(self, shop: str, conversation: str, tried: str, at: datetime) -> None:
        """Say that the try was right at that moment, also if it had been before: it counts as no wrong one."""
        ...

    async def count_wrong(self, shop: str, buyer: str, order_no: str, since: datetime) -> tuple[int, int]:
        """Return how many wrong tries there were since then: the buyer's own, and anybody's at that number."""
        ...

    async def proven_orders(self, shop: str, conversation: str, since: datetime) -> Sequence[str]:
        """Return the numbers of the orders that were proven in the conversation since then."""
        ...

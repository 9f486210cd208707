"""What owners put aside of what buyers asked in vain, in memory."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.asked import SetAside
from bot.ports import NotFound
from bot.storage.memory import Memory


class MemoryAsked:
    """The AskedStore of bot.ports."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    async def list_aside(self, shop: str) -> list[SetAside]:
        held = self._memory.shops.get(shop)
        aside = held.aside.values() if held is not None else ()
        return sorted(aside, key=lambda each: (-each.at.timestamp(), each.key))

    async def put_aside(self, shop: str, aside: Sequence[SetAside]) -> None:
        held = self._memory.find(shop).aside
        for each in aside:
            held.setdefault(each.key, each)

    async def take_back(self, shop: str, key: str) -> None:
        if self._memory.find(shop).aside.pop(key, None) is None:
            raise NotFound("nothing of the kind was put aside in this shop")

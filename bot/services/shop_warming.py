"""Loading shops before their buyers write: a shop whose people are there answers its first message as fast as any other."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable

from bot.ports import NotFound, Unavailable
from bot.services.live_shops import LiveShops

_log = logging.getLogger(__name__)


class ShopWarming:
    """Loads shops into memory, one after another. `run` for as long as the worker serves."""

    def __init__(self, live_shops: LiveShops) -> None:
        self._live_shops = live_shops
        self._wanted: dict[str, None] = {}
        self._wake = asyncio.Event()

    def want(self, shops: Iterable[str]) -> None:
        """Load these shops soon, unless they are in memory."""
        fresh = [shop for shop in shops if not self._live_shops.holds(shop)]
        if fresh:
            self._wanted.update(dict.fromkeys(fresh))
            self._wake.set()

    def forget(self, shop: str) -> None:
        """Nobody waits for the shop any more."""
        self._wanted.pop(shop, None)

    async def run(self) -> None:
        """Load what is wanted until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._wanted:
                shop = next(iter(self._wanted))
                del self._wanted[shop]
                # As long as it took: half of the time belongs to those who are being answered already.
                await asyncio.sleep(await self._load(shop))

    async def _load(self, shop: str) -> float:
        """Load the shop, unless that would push out another; return the seconds that it took."""
        if self._live_shops.holds(shop) or not self._live_shops.has_room:
            return 0.0
        began = time.monotonic()
        try:
            await self._live_shops.get(shop)
        except NotFound:
            return 0.0
        except Unavailable as error:
            _log.info("shop %s is loaded at its first message: %s", shop, error)
        return time.monotonic() - began

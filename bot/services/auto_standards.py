"""The thresholds that each shop's replies are held to, kept and worked out anew beside the turns that need them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.ports import Clock, EventLog, Unavailable
from bot.services.auto_reply_standards import Standards, read_standards
from bot.services.learning import KINDS, MOST_REACTIONS, read_reactions
from bot.services.live_shops import LiveShop

_log = logging.getLogger(__name__)
_FRESH: Final = timedelta(minutes=10)
_MOST: Final = 2000


class ShopStandards:
    """Thresholds by shop. Only a shop's first turn waits for them: later ones use what was worked out before."""

    def __init__(self, events: EventLog, common: Mapping[float, float], clock: Clock) -> None:
        self._events = events
        self._common = common
        self._clock = clock
        self._held: dict[str, tuple[int, datetime, Standards]] = {}
        self._making: dict[str, asyncio.Task[Standards]] = {}

    async def thresholds(self, shop: str, live: LiveShop, policy: AutoReplyPolicy) -> Mapping[str, float]:
        """Return from which confidence on replies of each group may go out. Raises StoreUnavailable, NotFound."""
        held = self._held.get(shop)
        if held is None:
            return (await asyncio.shield(self._begin(shop, live))).thresholds(policy)
        version, at, standards = held
        if version != live.snapshot.version or self._clock.now() - at > _FRESH:
            self._begin(shop, live)
        return standards.thresholds(policy)

    def close(self) -> None:
        """End what is being worked out."""
        for task in self._making.values():
            task.cancel()

    def _begin(self, shop: str, live: LiveShop) -> asyncio.Task[Standards]:
        making = self._making.get(shop)
        if making is None:
            making = self._making[shop] = asyncio.create_task(
                self._make(shop, live), name=f"standards {shop}"
            )
            making.add_done_callback(lambda done: self._ended(shop, done))
        return making

    def _ended(self, shop: str, done: asyncio.Task[Standards]) -> None:
        self._making.pop(shop, None)
        if not done.cancelled() and (error := done.exception()) is not None:
            kept = _log.warning if isinstance(error, Unavailable) else _log.error
            kept("shop %s keeps the thresholds that it had: %s", shop, error)

    async def _make(self, shop: str, live: LiveShop) -> Standards:
        version, at = live.snapshot.version, self._clock.now()
        events = await self._events.read_kinds(shop, tuple(KINDS), MOST_REACTIONS)
        calibration = live.lessons.learned.calibration(was_read=True)
        standards = await asyncio.to_thread(
            lambda: read_standards(read_reactions(events), live.snapshot.entries, calibration, self._common)
        )
        self._held.pop(shop, None)
        self._held[shop] = version, at, standards
        while len(self._held) > _MOST:
            del self._held[next(iter(self._held))]
        return standards

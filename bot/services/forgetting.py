"""Forgetting what is older than each shop keeps it: looked for once a day, by one worker at a time."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Final

from bot.ports import Clock, ConversationStore, ForgettingStore, NotFound, Unavailable
from bot.ports.channels import ChannelStore

_log = logging.getLogger(__name__)
_EVERY: Final = timedelta(days=1)
_LOOK: Final = 600.0
_SHOPS_AT_ONCE: Final = 10
_CONVERSATIONS_AT_ONCE: Final = 50
_TRAFFIC_AT_ONCE: Final = 2_000
_BREATH: Final = 0.05
"""Between two steps, so that who waits for the database is not kept waiting by what nobody waits for."""


class Forgetting:
    """Looks through shops when they are due. `run` is for the life of a worker."""

    def __init__(
        self, store: ConversationStore, forgetting: ForgettingStore, channels: ChannelStore, clock: Clock
    ) -> None:
        self._store = store
        self._forgetting = forgetting
        self._channels = channels
        self._clock = clock

    async def run(self) -> None:
        """Look every ten minutes which shops are due, until cancelled."""
        while True:
            try:
                while await self.look_through():
                    pass
            except Unavailable as error:
                _log.warning("old conversations are kept until the database answers: %s", error)
            await asyncio.sleep(_LOOK)

    async def look_through(self) -> int:
        """Look through shops that are due; return how many. Raises StoreUnavailable."""
        due = await self._forgetting.shops_due(self._clock.now(), _SHOPS_AT_ONCE)
        for shop in due:
            try:
                await self.forget(shop)
            except NotFound:
                continue  # the shop was deleted in the meantime
            await self._forgetting.look_again(shop, self._clock.now() + _EVERY)
        return len(due)

    async def forget(self, shop: str) -> int:
        """Forget what the shop no longer keeps; return how many conversations. The log says numbers, never words."""
        before = await self._limit(shop)
        forgotten = 0
        while found := await self._forgetting.forget_closed(shop, before, _CONVERSATIONS_AT_ONCE):
            forgotten += found
            await asyncio.sleep(_BREATH)
        more = True
        while more:
            more = await self._forgetting.forget_events(shop, before)
            await asyncio.sleep(_BREATH)
        gone = _TRAFFIC_AT_ONCE
        while gone >= _TRAFFIC_AT_ONCE:
            gone = await self._channels.forget_traffic(shop, before, _TRAFFIC_AT_ONCE)
            await asyncio.sleep(_BREATH)
        if forgotten:
            _log.info("shop %s: %d conversations of before %s were forgotten", shop, forgotten, before.date())
        return forgotten

    async def _limit(self, shop: str) -> datetime:
        policy = await self._store.get_policy(shop)
        return self._clock.now() - timedelta(days=policy.keep_days)

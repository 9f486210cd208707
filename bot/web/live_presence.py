"""Saying again and again that people are there, while a page of theirs is open on this worker."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from bot.ports import Clock, PresenceStore, StoreUnavailable
from bot.services.presence import Presences

_log = logging.getLogger(__name__)
_BEAT_SECONDS: Final = 10.0
_REMEMBERED_SECONDS: Final = 8 * 3600


class LivePresence:
    """The presence of who has a page open here. One who closes the last page is away once nothing was heard for a while."""

    def __init__(self, presence: PresenceStore, presences: Presences, clock: Clock) -> None:
        self._presence = presence
        self._presences = presences
        self._clock = clock
        self._states: dict[str, str] = {}

    def state_of(self, account: str) -> str:
        """Return the state of somebody with a page open here; "away" for anybody else."""
        return self._states.get(account, "away")

    async def join(self, account: str) -> None:
        """Somebody opened a page: who was at pause stays so, anybody else is online."""
        if account in self._states:
            return
        now = self._clock.now()
        before = (await self._presence.presences([account])).get(account)
        recent = before is not None and (now - before.seen_at).total_seconds() < _REMEMBERED_SECONDS
        state = "pause" if before is not None and recent and before.state == "pause" else "online"
        self._states[account] = state
        await self._presences.say(account, state)

    def leave(self, account: str) -> None:
        """The last page here was closed. It is not told: another worker may hold a page, or this one just reloads."""
        self._states.pop(account, None)

    async def put(self, account: str, state: str) -> None:
        """Say how the person is there."""
        if account in self._states:
            self._states[account] = state
        await self._presences.say(account, state)

    async def run(self) -> None:
        """Say it again until cancelled."""
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            try:
                await self.beat()
            except StoreUnavailable:
                _log.warning("presence cannot be written now")

    async def beat(self) -> None:
        """Say it again for all at once. A page of another worker may have changed how somebody is there: that counts."""
        if not self._states:
            return
        now = self._clock.now()
        renewed = await self._presence.renew_presences(list(self._states), now)
        for account, presence in renewed.items():
            if account in self._states:
                self._states[account] = presence.state

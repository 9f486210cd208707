"""Who is there: said by each open page every few seconds, over all workers. Who is not heard of for 30 seconds is away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from bot.domain.account import RIGHTS, Account, Right
from bot.ports import AccountStore, Clock, Event, Presence, PresenceStore
from bot.services.recording import EventRecorder

STATES: Final = ("online", "pause", "away")
STALE: Final = timedelta(seconds=30)


class Presences:
    """Says and asks who is there. The log of every shop that a person answers for hears when that changes."""

    def __init__(
        self, accounts: AccountStore, store: PresenceStore, recorder: EventRecorder, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._store = store
        self._recorder = recorder
        self._clock = clock

    async def say(self, account: str, state: str) -> bool:
        """Note that the account is "online", pauses or is "away"; return whether that is news. Raises ValueError."""
        if state not in STATES:
            raise ValueError(f"state 应为 {'、'.join(STATES)} 之一。 state is one of {', '.join(STATES)}.")
        now = self._clock.now()
        former = (await self.states([account]))[account]
        await self._store.put_presence(account, state, now)
        if former == state:
            return False
        for membership in await self._accounts.memberships_of(account):
            if membership.holds_at(now):
                event = Event("presence", now, data={"account": account, "state": state, "from": former})
                self._recorder.record(membership.shop, event)
        return True

    async def states(self, accounts: Sequence[str]) -> Mapping[str, str]:
        """Return the present state of each account."""
        known = await self._store.presences(accounts) if accounts else {}
        now = self._clock.now()
        return {account: _state(known.get(account), now) for account in accounts}

    async def ready_in(self, shop: str) -> list[Account]:
        """Return who may answer in the shop now, and is online."""
        now = self._clock.now()
        able = [
            account
            for account, membership in await self._accounts.members_of(shop)
            if Right.ANSWER in RIGHTS[membership.role] and membership.holds_at(now)
        ]
        states = await self.states([account.id for account in able])
        return [account for account in able if states[account.id] == "online"]


def _state(presence: Presence | None, now: datetime) -> str:
    if presence is None or now - presence.seen_at > STALE:
        return "away"
    return presence.state

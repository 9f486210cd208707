"""Who works in a shop, and what they are called: kept by shop until somebody's rights change, a minute at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.domain.account import RIGHTS, Account, Membership, Right
from bot.ports import AccountStore, PresenceStore
from bot.services.shared_reads import SharedReads

_FRESH: Final = 60.0
_RETRY: Final = 1.0
_SEEN_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody who may answer in the shop now. `presence` is "online", "pause" or "away"."""

    id: str
    name: str
    presence: str


@dataclass(frozen=True, slots=True)
class _Members:
    members: tuple[tuple[Account, Membership], ...]
    names: Mapping[str, str]


class Colleagues:
    """Looks up the members of shops."""

    def __init__(self, accounts: AccountStore, presence: PresenceStore) -> None:
        self._accounts = accounts
        self._presence = presence
        self._held: SharedReads[_Members] = SharedReads(self._read, _FRESH)

    async def names(self, shop: str, *accounts: str) -> Mapping[str, str]:
        """Return the names of the shop's members by account; one who left has none here. Raises StoreUnavailable.

        Accounts that are not known make it look again: somebody may just have been added.
        """
        held = await self._held.get(shop)
        if any(account and account not in held.names for account in accounts):
            held = await self._held.get(shop, seconds=_RETRY)
        return held.names

    async def present_in(self, shop: str, now: datetime) -> list[Colleague]:
        """Return who may answer in the shop now, by name."""
        held = await self._held.get(shop, seconds=_RETRY)
        able = [
            account
            for account, membership in held.members
            if Right.ANSWER in RIGHTS[membership.role] and membership.holds_at(now)
        ]
        states = await self._presence.presences([account.id for account in able])
        found: list[Colleague] = []
        for account in able:
            seen = states.get(account.id)
            there = seen is not None and (now - seen.seen_at).total_seconds() <= _SEEN_SECONDS
            found.append(Colleague(account.id, account.name, seen.state if seen and there else "away"))
        return sorted(found, key=lambda colleague: (colleague.name, colleague.id))

    def forget(self) -> None:
        """Look everything up anew: somebody's rights changed."""
        self._held.forget()

    async def _read(self, shop: str) -> _Members:
        members = tuple(await self._accounts.members_of(shop))
        return _Members(members, {account.id: account.name for account, _ in members})

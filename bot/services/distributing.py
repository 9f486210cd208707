"""Giving waiting conversations to who is there and has room, and back to the queue what nobody is there for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.domain import queueing
from bot.domain.account import RIGHTS, Account, Membership, Right
from bot.domain.conversation import Conversation
from bot.domain.queueing import Candidate, Service
from bot.ports import AccountStore, Clock, ConversationStore, Event, NotFound, Unavailable
from bot.services.presence import Presences
from bot.services.recording import EventRecorder
from bot.services.shop_manners import ShopManners

_log = logging.getLogger(__name__)
_AT_ONCE: Final = 100
_PAUSE: Final = 1.0
_SWEEP: Final = timedelta(seconds=3)
BUSY: Final = timedelta(minutes=30)
"""A conversation keeps its agent busy for so long after its last message; later it may stay his, but leaves room."""


@dataclass(frozen=True, slots=True)
class _Known:
    version: int
    memberships: tuple[Membership, ...]


class Distributing:
    """Looks at conversations when they are due, once over all workers.

    `nudge` makes it look at once; `run` is for the life of a worker.
    """

    def __init__(
        self,
        store: ConversationStore,
        accounts: AccountStore,
        presences: Presences,
        manners: ShopManners,
        recorder: EventRecorder,
        clock: Clock,
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._presences = presences
        self._manners = manners
        self._recorder = recorder
        self._clock = clock
        self._woken = asyncio.Event()
        self._given: dict[str, datetime] = {}
        self._known: dict[str, _Known] = {}
        self._swept: datetime | None = None
        self._ready: dict[str, list[Account]] = {}

    def nudge(self) -> None:
        """Look at once: something was said."""
        self._woken.set()

    async def run(self) -> None:
        """Look every second, and whenever nudged, for ever."""
        while True:
            try:
                if await self.look() == _AT_ONCE:
                    self._woken.set()
            except Unavailable as error:
                _log.warning("conversations are not given out: %s", error)
            except Exception:  # noqa: BLE001 - a worker loop: it goes on whatever one look brought
                _log.exception("conversations could not be looked at")
            with suppress(TimeoutError):
                async with asyncio.timeout(_PAUSE):
                    await self._woken.wait()
            self._woken.clear()

    async def look(self) -> int:
        """Look at everything that is due; return how many conversations that were. Raises StoreUnavailable."""
        now = self._clock.now()
        if self._swept is None or now - self._swept >= _SWEEP:
            self._swept = now
            await self.release_unattended()
        due = await self._store.due_now(now, _AT_ONCE)
        self._ready.clear()
        for shop, conversation in due:
            try:
                await self._look_at(shop, conversation)
            except NotFound:
                _log.debug("a conversation that was due is gone")
        return len(due)

    async def release_unattended(self) -> int:
        """Give back to the queue what is held by who is away, or no longer answers in the shop; return how many."""
        holders = await self._store.holders()
        accounts = sorted({account for account, _ in holders})
        if not accounts:
            return 0
        states = await self._presences.states(accounts)
        able = await self._able(accounts)
        lost = {
            (account, shop)
            for account, shop in holders
            if states[account] == "away" or shop not in able[account]
        }
        released = 0
        for account in sorted({account for account, _ in lost}):
            for shop, conversation in await self._store.holdings(account):
                if (account, shop) in lost:
                    released += await self._release(shop, conversation, account)
        return released

    async def _able(self, accounts: list[str]) -> Mapping[str, frozenset[str]]:
        """Return the shops in which each account may answer now. Memberships are read again when a right changed."""
        versions = await self._accounts.access_versions(accounts)
        now = self._clock.now()
        able: dict[str, frozenset[str]] = {}
        for account in accounts:
            version = versions.get(account, -1)
            known = self._known.get(account)
            if known is None or known.version != version:
                memberships = tuple(await self._accounts.memberships_of(account))
                known = self._known[account] = _Known(version, memberships)
            able[account] = frozenset(
                each.shop
                for each in known.memberships
                if Right.ANSWER in RIGHTS[each.role] and each.holds_at(now)
            )
        return able

    async def _look_at(self, shop: str, conversation: str) -> None:
        found = await self._store.get_conversation(shop, conversation)
        manners = await self._manners.of(shop)
        service, now = Service(manners.policy, ZoneInfo(manners.shop.timezone)), self._clock.now()
        if found.state == "snoozed" and found.snoozed_until is not None and found.snoozed_until <= now:
            await self._change(shop, found, "woken", "", queueing.woken(found, service, now))
            return
        due = queueing.next_look(found, manners.policy, now)
        if due is None or due > now:
            await self._settle(shop, found, due)
            return
        to = await self._choose(shop, found)
        if not to:
            await self._settle(shop, found, queueing.retry_at(found, now))
            return
        if await self._change(shop, found, "handed", to, queueing.taken(found, to, service, now)):
            self._given[to] = now

    async def _choose(self, shop: str, conversation: Conversation) -> str:
        """Return who gets the conversation: somebody else than who has not answered it, with room."""
        if shop not in self._ready:
            self._ready[shop] = await self._presences.ready_in(shop)
        ready = [each for each in self._ready[shop] if each.id != conversation.assignee]
        if not ready:
            return ""
        loads = await self._store.loads([each.id for each in ready], self._clock.now() - BUSY)
        return queueing.choose(
            [Candidate(each.id, loads[each.id], each.capacity, self._given.get(each.id)) for each in ready]
        )

    async def _release(self, shop: str, conversation: str, account: str) -> int:
        manners = await self._manners.of(shop)
        service, now = Service(manners.policy, ZoneInfo(manners.shop.timezone)), self._clock.now()
        try:
            found = await self._store.get_conversation(shop, conversation)
        except NotFound:
            return 0
        if found.assignee != account:
            return 0
        return int(await self._change(shop, found, "handed", "", queueing.given_back(found, service, now)))

    async def _settle(self, shop: str, seen: Conversation, look_at: datetime | None) -> None:
        """Say when to look again, unless something happened meanwhile that said so itself."""

        def rule(before: Conversation) -> Mapping[str, Any]:
            return {"look_at": look_at} if before.version == seen.version else {}

        await self._store.change_conversation(shop, seen.id, rule)

    async def _change(
        self, shop: str, seen: Conversation, kind: str, to: str, change: Mapping[str, Any]
    ) -> bool:
        """Write the change if nothing happened since the conversation was seen; return whether it was."""

        written = False

        def rule(before: Conversation) -> Mapping[str, Any]:
            nonlocal written
            written = before.version == seen.version and bool(change)
            return change if written else {}

        await self._store.change_conversation(shop, seen.id, rule)
        if not written:
            return False
        data = {"by": "auto", "from": seen.assignee, "to": to}
        self._recorder.record(shop, Event(kind, self._clock.now(), seen.id, data))
        return True

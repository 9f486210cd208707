"""Automatic messages on their way: each is judged again at the moment of sending, and said once.

Of a conversation only the first that waits is taken, so that its bubbles stay in order on whatever worker.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.auto_reply import Reason
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.auto_turn import AutoMessage, Decided, SendState
from bot.domain.auto_visit import SPOKEN
from bot.domain.facts import TIME_TO_LIVE
from bot.domain.guard import Verdict
from bot.domain.message_text import UnusableMessage
from bot.domain.suggestion import FactUsed
from bot.domain.variables import VARIABLE_BY_NAME
from bot.ports import Clock, Conflict, ConversationStore, NotFound, StoreUnavailable, Unavailable
from bot.ports.auto_turns import AutoTurnStore, TurnRead
from bot.services.auto_policies import AutoPolicies
from bot.services.conversation_rules import NotForSoftware
from bot.services.conversing import Conversing
from bot.services.due_timers import DueTimers
from bot.services.guarding import Guard
from bot.services.handing_over import HandingOver
from bot.services.live_shops import LiveShops
from bot.services.shop_manners import ShopManners

_log = logging.getLogger(__name__)
_AT_ONCE: Final = 50
_GUARD_SECONDS: Final = 5.0
_TOGETHER: Final = 8
_READ: Final = 30
MOST_ATTEMPTS: Final = 5
_BACK_OFF: Final = timedelta(seconds=1)
_LONGEST: Final = timedelta(seconds=20)


@dataclass(frozen=True, slots=True)
class _Refused:
    """Why a message is not said; with a `reason` a person is asked for instead."""

    why: str
    reason: Reason | None = None


class AutoOutbox:
    """Sends what is due. `timers` hear of what is written; `run` is for the life of a worker."""

    def __init__(
        self,
        store: ConversationStore,
        turns: AutoTurnStore,
        conversing: Conversing,
        manners: ShopManners,
        policies: AutoPolicies,
        live_shops: LiveShops,
        handing_over: HandingOver,
        guard: Guard,
        timers: DueTimers,
        clock: Clock,
    ) -> None:
        self._store = store
        self._turns = turns
        self._conversing = conversing
        self._manners = manners
        self._policies = policies
        self._live_shops = live_shops
        self._handing_over = handing_over
        self._guard = guard
        self._clock = clock
        self._timers = timers
        self._slots = asyncio.Semaphore(_TOGETHER)

    async def run(self) -> None:
        """Send messages as they become due, until cancelled."""
        # Until then another worker can judge what this one would only keep from it.
        while not await self._guard.become_ready(_GUARD_SECONDS):
            _log.warning("automatic messages wait until the guard knows every shop")
        while True:
            try:
                if await self.send_due() == _AT_ONCE:
                    continue
            except Unavailable as error:
                _log.warning("automatic messages wait: %s", error)
            await self._timers.wait()

    async def send_due(self) -> int:
        """Send what is due; return how many were looked at. Raises StoreUnavailable."""
        due = await self._turns.sends_due(self._clock.now(), _AT_ONCE)
        await asyncio.gather(*(self._try(shop, key) for shop, key in due))
        return len(due)

    async def _try(self, shop: str, key: str) -> None:
        async with self._slots:
            try:
                await self._send(shop, key)
            except NotFound:
                _log.debug("an automatic message was gone before it was sent")
            except Unavailable as error:
                # Its claim runs out: whoever reaches the database then takes it.
                _log.warning("an automatic message waits: %s", error)
            except Exception as error:  # noqa: BLE001 - a worker loop: one message must not hold up the others
                _log.exception("an automatic message could not be sent")
                await self._again(shop, key, type(error).__name__)

    async def _send(self, shop: str, key: str) -> None:
        if (await self._turns.get_stop()).is_stopped:
            return
        message = await self._turns.get_send(shop, key)
        if message.state is not SendState.WAITING:
            return
        await self._warm(shop)
        async with self._store.reading(shop):
            read = await self._turns.read_turn(shop, message.conversation, _READ)
            policy = await self._policies.fresh(shop)
        decided = next((each for each in read.decisions if each.id == message.decision), None)
        if not policy.is_on:
            refused: _Refused | None = _Refused(Reason.SWITCHED_OFF)
        elif _is_left_to_person(decided, policy):
            refused = _Refused(Reason.LEFT_TO_PERSON)
        else:
            refused = await self._objection(shop, message, decided, read)
        if refused is not None:
            await self._refuse(shop, message, refused)
            return
        await self._say(shop, message, decided)

    async def _warm(self, shop: str) -> None:
        """Read what is kept of the shop before a transaction is open: one that waits for a second connection starves others."""
        await self._manners.of(shop)
        await self._policies.of(shop)

    async def _objection(
        self, shop: str, message: AutoMessage, decided: Decided | None, read: TurnRead
    ) -> _Refused | None:
        """Return what forbids to say the message now, None when nothing does."""
        now = self._clock.now()
        if read.conversation.person_at is not None or read.conversation.state == "closed":
            return _Refused(Reason.PERSON_PRESENT)
        if now > message.expires_at:
            return _Refused(Reason.EXPIRED, Reason.EXPIRED)
        if decided is not None and decided.facts:
            lifetimes = (await self._live_shops.get(shop)).snapshot.lifetimes
            if any(_is_stale(fact, lifetimes, now) for fact in decided.facts):
                return _Refused(Reason.STALE_FACTS, Reason.STALE_FACTS)
        heard = [each.text for each in read.messages if each.author == "buyer"]
        judged = await self._guard.check(shop, message.text, automatic=True, heard=heard)
        if judged.verdict is Verdict.PASS:
            return None
        if not judged.is_ready:
            # Whatever it found: the shop's own telephone number looks like anybody's until the shop was read.
            raise _GuardNotReady("the guard does not know the shop yet")
        return _Refused(Reason.GUARDED, Reason.GUARDED)

    async def _refuse(self, shop: str, message: AutoMessage, refused: _Refused) -> None:
        """Drop the message, and all behind it: half an answer is none."""
        await self._end(shop, message, SendState.DROPPED, refused.why, refused.reason)

    async def _die(self, shop: str, message: AutoMessage, error: str) -> None:
        await self._end(shop, message, SendState.DEAD, error, Reason.NEEDS_PERSON)

    async def _end(
        self, shop: str, message: AutoMessage, state: SendState, why: str, reason: Reason | None
    ) -> None:
        """Say no more of it, and ask for a person: all of that, or it is taken up again."""
        async with self._store.reading(shop):
            await self._turns.settle_send(shop, message.key, state, self._clock.now(), why)
            behind = Reason.NEEDS_PERSON if state is SendState.DEAD else why
            await self._turns.drop_sends(shop, message.conversation, behind)
            if reason is not None:
                await self._handing_over.hand_over(shop, message.conversation, reason)

    async def _say(self, shop: str, message: AutoMessage, decided: Decided | None) -> None:
        about: dict[str, object] = {"decision": message.decision}
        if decided is not None and decided.entries and message.answers is not None:
            about["entries"] = [list(each) for each in decided.entries]
        try:
            # One transaction: said and settled, or neither.
            async with self._store.reading(shop):
                await self._conversing.say_automatically(
                    shop, message.conversation, message.text,
                    key=message.key, image=message.image, answers=message.answers, about=about,
                )  # fmt: skip
                await self._turns.settle_send(shop, message.key, SendState.SENT, self._clock.now())
        except NotForSoftware:
            await self._refuse(shop, message, _Refused(Reason.PERSON_PRESENT))
        except UnusableMessage as error:
            await self._die(shop, message, str(error))

    async def _again(self, shop: str, key: str, error: str) -> None:
        """Let what failed be tried again a while later; what failed often is dead, and a person is asked for."""
        try:
            message = await self._turns.get_send(shop, key)
            await self._warm(shop)
            if message.attempts >= MOST_ATTEMPTS:
                await self._die(shop, message, error)
                return
            later = self._clock.now() + min(_BACK_OFF * 2**message.attempts, _LONGEST)
            await self._turns.settle_send(shop, key, SendState.WAITING, later, error)
            self._timers.expect(later)
        except (Unavailable, NotFound, Conflict) as failed:
            _log.warning("an automatic message waits: %s", failed)


def _is_left_to_person(decided: Decided | None, policy: AutoReplyPolicy) -> bool:
    return decided is not None and decided.deed in SPOKEN and not policy.automatic.issuperset(decided.groups)


def _is_stale(fact: FactUsed, lifetimes: Mapping[str, timedelta], now: datetime) -> bool:
    """Whether the fact has grown stale since the reply was made."""
    variable = VARIABLE_BY_NAME.get(fact.name)
    if fact.stale or variable is None:
        return fact.stale
    lifetime = lifetimes.get(variable.kind, TIME_TO_LIVE[variable.kind])
    return now - datetime.fromisoformat(fact.as_of) > lifetime


class _GuardNotReady(StoreUnavailable):
    """The guard does not know the shop yet: a message waits for it."""

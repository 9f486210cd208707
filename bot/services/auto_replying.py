"""Answering without a person: every worker takes the turns that are due, decides, and leaves what goes out in the outbox."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from bot.domain.auto_reply import Deed, Heard, Reason, Standing, decide
from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.auto_visit import SPOKEN
from bot.domain.text import is_acknowledgement
from bot.ports import Clock, Conflict, ConversationStore, NotFound, Unavailable
from bot.ports.auto_turns import AutoTurnStore, TurnRead
from bot.ports.dialogue import DialogueTurn
from bot.services.auto_answering import Answering
from bot.services.auto_composing import Made, compose_turn
from bot.services.auto_gathering import Gathered, gather
from bot.services.auto_merging import Answer
from bot.services.auto_policies import AutoPolicies
from bot.services.auto_standards import ShopStandards
from bot.services.conversation_rules import NotForSoftware, Overtaken
from bot.services.due_timers import DueTimers
from bot.services.guarding import Guard
from bot.services.handing_over import HandingOver
from bot.services.live_shops import LiveShops
from bot.services.shop_manners import Manners, ShopManners
from bot.services.unanswered import MESSAGES_READ

_log = logging.getLogger(__name__)
AT_ONCE: Final = 8
"""Turns that one worker takes at the same time."""
_TRIES: Final = 3
_TRY_AGAIN: Final = timedelta(seconds=2)
_GUARD_SECONDS: Final = 5.0
_SAID: Final = timedelta(seconds=1)
"""So long after it is due a message has been said, or refused."""
_COUNTED: Final = timedelta(minutes=5)
MOST_PER_BUYER: Final = 15
"""Turns of one buyer that software answers within five minutes."""
MOST_PER_SHOP: Final = 240
"""Turns of one shop that software answers in a minute, taken over five."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How often software speaks: to one buyer in five minutes, and for one shop in a minute."""

    per_buyer: int = MOST_PER_BUYER
    per_shop: int = MOST_PER_SHOP


class AutoReplies:
    """Takes turns. `run` is for the life of a worker."""

    def __init__(
        self,
        store: ConversationStore,
        turns: AutoTurnStore,
        live_shops: LiveShops,
        policies: AutoPolicies,
        manners: ShopManners,
        standards: ShopStandards,
        answering: Answering,
        handing_over: HandingOver,
        guard: Guard,
        timers: DueTimers,
        clock: Clock,
        limits: Limits = Limits(),
    ) -> None:
        """`timers` are those of MergeWindows."""
        self._store = store
        self._turns = turns
        self._live_shops = live_shops
        self._policies = policies
        self._manners = manners
        self._standards = standards
        self._answering = answering
        self._handing_over = handing_over
        self._guard = guard
        self._clock = clock
        self._limits = limits
        self._timers = timers
        self._tasks: set[asyncio.Task[None]] = set()
        self._failed: dict[tuple[str, str], int] = {}

    async def run(self) -> None:
        """Take turns as they become due, until cancelled."""
        try:
            # What nobody could judge is not said, and a person need not be asked only because we have just started.
            while not await self._guard.become_ready(_GUARD_SECONDS):
                _log.warning("turns wait until the guard knows every shop")
            while True:
                if not await self._take_due():
                    await self._timers.wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _take_due(self) -> bool:
        """Begin the turns that are due, as many as there is room for; return whether there may be more."""
        free = AT_ONCE - len(self._tasks)
        if not free:
            await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            return True
        try:
            due = await self._turns.turns_due(self._clock.now(), free)
        except Unavailable as error:
            _log.warning("buyers' turns wait: %s", error)
            return False
        for shop, conversation in due:
            task = asyncio.create_task(self._try(shop, conversation), name=f"turn {shop}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return len(due) == free

    async def _try(self, shop: str, conversation: str) -> None:
        """Take one turn; what fails is tried again, and is a person's in the end."""
        key = shop, conversation
        try:
            await self.take_turn(shop, conversation)
            self._failed.pop(key, None)
        except NotFound:
            await self._let_be(shop, conversation)
        except Unavailable as error:
            # Its claim runs out: whoever reaches the database then takes it.
            _log.warning("a buyer's turn waits: %s", error)
        except Exception:  # noqa: BLE001 - a worker loop: one turn must not hold up the others
            _log.exception("a buyer's turn could not be taken")
            await self._fail(shop, conversation)

    async def _fail(self, shop: str, conversation: str) -> None:
        key = shop, conversation
        failed = self._failed[key] = self._failed.get(key, 0) + 1
        try:
            if failed < _TRIES:
                await self._put_off(shop, conversation, self._clock.now() + _TRY_AGAIN * failed)
                return
            del self._failed[key]
            await self._handing_over.hand_over(shop, conversation, Reason.NOT_READ)
            await self._turns.drop_turn(shop, conversation)
        except (Unavailable, NotFound, Conflict) as error:
            _log.warning("a buyer's turn waits: %s", error)

    async def _put_off(self, shop: str, conversation: str, at: datetime) -> None:
        await self._turns.put_off_turn(shop, conversation, at)
        self._timers.expect(at)

    async def _let_be(self, shop: str, conversation: str) -> None:
        try:
            await self._turns.drop_turn(shop, conversation)
        except (Unavailable, NotFound) as error:
            _log.debug("a turn of a conversation that is gone: %s", error)

    async def take_turn(self, shop: str, conversation: str) -> Deed | None:
        """Decide about what waits in the conversation; None when nothing does, or it goes on. Raises NotFound, Unavailable."""
        policy = await self._policies.of(shop)
        if not policy.is_on or not policy.automatic:
            await self._turns.drop_turn(shop, conversation)
            return None
        now = self._clock.now()
        async with self._store.reading(shop):
            read = await self._turns.read_turn(shop, conversation, MESSAGES_READ)
            spoken = await self._turns.count_turns(shop, read.conversation.buyer.id, now - _COUNTED, now)
        gathered = gather(read, now)
        is_new = any(each.number > gathered.visit.decided_upto for each in gathered.waiting)
        if not is_new or read.conversation.state == "closed":
            await self._turns.drop_turn(shop, conversation)
            return None
        manners = await self._manners.of(shop)
        standing = self._standing(gathered, manners, now, spoken)
        made, turn = await self._decide(shop, policy, read, gathered, standing)
        if made.decision.deed in SPOKEN and gathered.is_coming([each.text for each in made.answer.bubbles]):
            # He will read it in a moment. If it cannot be said after all, this turn is as good as the one before.
            due = max(each.due_at for each in gathered.coming)
            await self._put_off(shop, conversation, max(due, self._clock.now()) + _SAID)
            return None
        finished = compose_turn(gathered, made, policy, turn)
        try:
            await self._handing_over.finish(shop, read.conversation, finished)
        except Overtaken:
            return None  # the turn is due again when the buyer has finished this time
        except NotForSoftware:
            await self._put_off(shop, conversation, self._clock.now())
            return None
        except Conflict:
            # Another worker took the same turn after this one's claim had run out.
            await self._turns.drop_turn(shop, conversation)
            return None
        return made.decision.deed

    def _standing(
        self, gathered: Gathered, manners: Manners, now: datetime, spoken: tuple[int, int]
    ) -> Standing:
        visit, local = gathered.visit, now.astimezone(ZoneInfo(manners.shop.timezone))
        in_shop, to_buyer = spoken
        minutes = _COUNTED / timedelta(minutes=1)
        return Standing(
            local,
            manners.policy.is_open_at(local),
            visit.person_present,
            visit.is_handed_over,
            visit.replies,
            visit.questions_back,
            visit.dialogue_turns,
            is_limited=to_buyer >= self._limits.per_buyer or in_shop >= self._limits.per_shop * minutes,
        )

    async def _decide(
        self,
        shop: str,
        policy: AutoReplyPolicy,
        read: TurnRead,
        gathered: Gathered,
        standing: Standing,
    ) -> tuple[Made, DialogueTurn | None]:
        wants_answer = bool(gathered.visit.dialogue) or not is_acknowledgement(gathered.text)
        unheard = decide(policy, {}, Heard(wants_answer=wants_answer), standing)
        if unheard.deed is Deed.SILENT or standing.is_limited:
            # Whatever he said: nobody need read it for that.
            return Made(unheard, Answer(Heard()), False, self._clock.now(), standing.is_open), None
        live = await self._live_shops.get(shop)
        thresholds = await self._standards.thresholds(shop, live, policy)
        # What a dialogue knew before a person spoke, or on another visit, is over.
        past = read.events if gathered.visit.decisions else ()
        answered = await self._answering.answer(shop, live, policy, gathered, past)
        heard = answered.answer.heard
        decision = decide(policy, thresholds, heard, standing)
        speaks = decision.deed in SPOKEN
        has_last_word = answered.turn is not None and bool(answered.turn.hand_over)
        if decision.deed is Deed.HAND_OVER and (has_last_word or Reason.ASKED_OFTEN in decision.reasons):
            # A dialogue, or what was said so often, may have the last word before the person, if it could have spoken without.
            alone = replace(heard, calls_for_person=(), asks_for_person=False)
            speaks = (
                bool(answered.answer.bubbles) and decide(policy, thresholds, alone, standing).deed in SPOKEN
            )
        return Made(decision, answered.answer, speaks, self._clock.now(), standing.is_open), answered.turn

"""Asking for a person in a conversation: who waits stands in the queue, with what the person needs to know."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from bot.domain import queueing
from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_turn import Decided, Finished
from bot.domain.auto_visit import SPOKEN
from bot.domain.conversation import Conversation
from bot.domain.queueing import Service
from bot.ports import Clock, Conflict, Event
from bot.ports.auto_turns import AutoTurnStore, TurnRead
from bot.services.auto_composing import summarise, type_out, wording
from bot.services.auto_gathering import gather
from bot.services.auto_merging import Bubble
from bot.services.auto_policies import AutoPolicies
from bot.services.conversation_rules import NotForSoftware, Overtaken
from bot.services.recording import EventRecorder
from bot.services.shop_manners import ShopManners
from bot.services.unanswered import MESSAGES_READ

DECIDED: Final = "auto_decided"
HANDED: Final = "handed_to_person"
_TRIES: Final = 5


class HandingOver:
    """Asks for a person where software went as far as it could, outside of a turn or at its end."""

    def __init__(
        self,
        turns: AutoTurnStore,
        policies: AutoPolicies,
        manners: ShopManners,
        recorder: EventRecorder,
        clock: Clock,
        noticed: Callable[[], None],
        wrote: Callable[[datetime], None] = lambda _: None,
    ) -> None:
        """`noticed` is told that somebody waits for a person, `wrote` when a message will be due."""
        self._turns = turns
        self._policies = policies
        self._manners = manners
        self._recorder = recorder
        self._clock = clock
        self._noticed = noticed
        self._wrote = wrote

    async def hand_over(
        self, shop: str, conversation: str, reason: Reason, *, urgent: bool = False, open: Sequence[str] = ()
    ) -> None:
        """Ask for a person, and tell the buyer, unless one has it in hand or was asked before.

        Raises NotFound, StoreUnavailable, and Conflict when the buyer writes faster than this can be written.
        """
        for _ in range(_TRIES):
            read = await self._turns.read_turn(shop, conversation, MESSAGES_READ)
            seen = read.conversation
            if seen.handed_at is not None or seen.person_at is not None or seen.state == "closed":
                return
            finished = await self._finished(shop, read, reason, urgent=urgent, open=open)
            try:
                await self.finish(shop, seen, finished)
            except NotForSoftware:
                continue
            return
        raise Conflict("the buyer writes faster than a person could be asked for: try again")

    async def finish(self, shop: str, seen: Conversation, finished: Finished) -> Conversation:
        """Write a turn that was decided about the conversation as it was `seen`, and tell the log.

        Raises Overtaken when the buyer wrote on, NotForSoftware when a person has come, something else was said, or it was
        closed; NotFound, Conflict (finished before, or its words were erased).
        """
        manners = await self._manners.of(shop)
        service = Service(manners.policy, ZoneInfo(manners.shop.timezone))
        after = await self._turns.finish_turn(shop, seen.id, finished, rule_of(seen, finished, service))
        self._record(shop, after, finished)
        for message in finished.messages:
            self._wrote(message.due_at)
        if finished.hand_over is not None:
            self._noticed()
        return after

    async def _finished(
        self, shop: str, read: TurnRead, reason: Reason, *, urgent: bool, open: Sequence[str]
    ) -> Finished:
        now, manners = self._clock.now(), await self._manners.of(shop)
        gathered, conversation = gather(read, now), read.conversation
        id = f"{conversation.id}-x{secrets.token_hex(4)}"
        decided = Decided(id, conversation.last_number, now, Deed.HAND_OVER, (reason,))
        is_open = manners.policy.is_open_at(now.astimezone(ZoneInfo(manners.shop.timezone)))
        words = wording((await self._policies.of(shop)).hand_over_words(is_open=is_open), conversation.id)
        said = type_out(decided, conversation.id, [(Bubble(words), False)] if words else [], now, stops=False)
        hand_over = summarise(decided, gathered, urgent=urgent, open=open)
        return Finished(decided, said, hand_over, ())

    def _record(self, shop: str, after: Conversation, finished: Finished) -> None:
        decided = finished.decided
        reasons = [str(reason) for reason in decided.reasons]
        data: dict[str, Any] = {
            "deed": str(decided.deed),
            "reasons": reasons,
            "confidence": decided.confidence,
            "groups": list(decided.groups),
            "upto": decided.upto,
            "decision": decided.id,
        }
        self._recorder.record(shop, Event(DECIDED, decided.at, after.id, data))
        if finished.hand_over is not None:
            about = {"reasons": reasons, "urgent": finished.hand_over.urgent}
            self._recorder.record(shop, Event(HANDED, decided.at, after.id, about))


def rule_of(
    seen: Conversation, finished: Finished, service: Service
) -> Callable[[Conversation], Mapping[str, Any]]:
    """Return the rule under which a turn is written: only if nothing was said or done since it was read."""
    decided = finished.decided

    def rule(before: Conversation) -> Mapping[str, Any]:
        if before.last_number != seen.last_number and before.last_author == "buyer":
            raise Overtaken
        if before.last_number != seen.last_number or before.state == "closed":
            raise NotForSoftware
        if before.person_at != seen.person_at or before.handed_at != seen.handed_at:
            raise NotForSoftware
        if before.last_text != seen.last_text:
            raise Conflict("what was said was erased: nothing of it is to be written again")
        if finished.hand_over is not None:
            urgent = finished.hand_over.urgent
            return queueing.asked_for_person(
                before, service, decided.at, str(decided.reasons[0]), urgent=urgent
            )
        if decided.deed is Deed.SILENT and decided.reasons == (Reason.SAID_BEFORE,):
            return queueing.was_answered(before, service, decided.at)
        # Whoever had it in hand is long gone: what is said now is not to be stopped by him.
        return {"person_at": None} if decided.deed in SPOKEN and before.person_at is not None else {}

    return rule

"""An agent's message on its way: read by the guard, kept at once, sent after a few seconds in which it can be taken back.

What was accepted is in the database before the agent is told so. Whichever worker finds it due sends it, once: its key is the
message's own.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.domain.account import RIGHTS, Caller, Right
from bot.domain.conversation import Message
from bot.domain.feedback import EDITED, TAKEN
from bot.domain.guard import GuardResult, Verdict
from bot.domain.message_text import UnusableMessage, clean_message
from bot.ports import (
    AccountStore,
    Clock,
    Conflict,
    ConversationStore,
    Event,
    HeldMessage,
    NewMessage,
    NotFound,
    Unavailable,
)
from bot.services.conversing import Conversing, StepIn, nothing_to_silence
from bot.services.guarding import Guard
from bot.services.reacting import ReactionLog, ReactionRequest, share_kept
from bot.services.recording import PHRASE_USED, EventRecorder

_log = logging.getLogger(__name__)
HOLD: Final = timedelta(seconds=5)
_AT_ONCE: Final = 50
_HEARD: Final = 30
GUARD_PATIENCE: Final = 8.0
"""Seconds that a message waits after a start until the guard knows every shop; then its author's care must do."""
_NO_RIGHT: Final = (
    "你在这家店铺的权限已经结束，这条消息没有发出。 You no longer answer for this shop; this was not sent."
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What an agent wants to say. `answers` is the number of the last bubble of the buyer that he had seen.

    `suggestion` with `suggestion_text`, as it was inserted, say which suggestion it began as; `phrase` with `phrase_text`,
    which of the shop's entries he had looked up. `confirmed` are ids of the guard's findings that he was shown and lets stand.
    """

    shop: str
    conversation: str
    text: str
    key: str
    image: str = ""
    quotes: int | None = None
    answers: int | None = None
    suggestion: str = ""
    suggestion_text: str = ""
    confirmed: tuple[str, ...] = ()
    phrase: str = ""
    phrase_text: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message is kept: `until` it can be taken back, or it was `sent` already (the same key came again)."""

    until: datetime | None = None
    sent: Message | None = None


class Stopped(Exception):
    """The guard asks first. `result` holds the findings that were not confirmed."""

    def __init__(self, result: GuardResult) -> None:
        super().__init__("请确认标出的内容再发送。 Confirm what is marked, then send again.")
        self.result = result


class TooLate(Exception):
    """The message was sent, or is being sent, or was never held."""

    def __init__(self) -> None:
        super().__init__("已经发出，无法撤回。 It was sent already and cannot be taken back.")


class Outbox:
    """Takes, takes back and sends agents' messages. `step_in` hears of every person who does that."""

    def __init__(
        self,
        store: ConversationStore,
        conversing: Conversing,
        accounts: AccountStore,
        guard: Guard,
        reactions: ReactionLog,
        recorder: EventRecorder,
        clock: Clock,
        step_in: StepIn = nothing_to_silence,
        hold: timedelta = HOLD,
        guard_patience: float = GUARD_PATIENCE,
    ) -> None:
        self._store = store
        self._conversing = conversing
        self._accounts = accounts
        self._guard = guard
        self._reactions = reactions
        self._recorder = recorder
        self._clock = clock
        self._step_in = step_in
        self._hold = hold
        self._guard_patience = guard_patience

    async def check(self, caller: Caller, shop: str, text: str, heard: Sequence[str] = ()) -> GuardResult:
        """Return what the guard says of a text that the caller would say for the shop."""
        may_name = caller.shops_with(Right.READ, self._clock.now())
        return await self._guard.check(shop, text, may_name=may_name, heard=heard)

    async def accept(self, caller: Caller, outgoing: Outgoing) -> Accepted:
        """Keep the message and take the conversation if nobody holds it.

        Raises Stopped, UnusableMessage, Conflict when a colleague holds it, NotFound, StoreUnavailable.
        """
        shop, conversation = outgoing.shop, outgoing.conversation
        async with self._store.reading(shop):
            sent = await self._store.find_message(shop, conversation, outgoing.key)
            if sent is not None:
                return Accepted(sent=sent)
            found, said = await self._store.read_thread(shop, conversation, _HEARD)
        text = clean_message(outgoing.text, image=outgoing.image)
        await self._guard_against(caller, replace(outgoing, text=text), said)
        if found.assignee != caller.account.id:
            # Whoever takes it over after this moment is asked for when it is sent.
            await self._conversing.take(shop, conversation, caller.account.id)
        await self._step_in(shop, conversation, caller.account.id)
        now = self._clock.now()
        message = NewMessage(
            "agent", text, now, outgoing.key, caller.account.id, outgoing.image, outgoing.quotes
        )
        extra: dict[str, object] = {"answers": outgoing.answers}
        if outgoing.suggestion:
            extra |= {"suggestion": outgoing.suggestion, "inserted": outgoing.suggestion_text}
        if outgoing.phrase:
            extra |= {"phrase": outgoing.phrase, "phrase_text": outgoing.phrase_text}
        due_at = now + self._hold
        await self._store.hold_message(shop, HeldMessage(conversation, message, due_at, extra))
        return Accepted(until=due_at)

    async def undo(self, caller: Caller, shop: str, key: str) -> str:
        """Take the caller's own message back and return its text. Raises TooLate."""
        held = await self._store.release_held(shop, key, caller.account.id)
        if held is None:
            raise TooLate
        await self._step_in(shop, held.conversation, caller.account.id)
        return held.message.text

    async def send_due(self) -> int:
        """Send what is due; return how many were looked at. Raises StoreUnavailable."""
        due = await self._store.held_due(self._clock.now(), _AT_ONCE)
        for shop, key in due:
            try:
                await self._send(shop, key)
            except Unavailable:
                raise
            except Exception:  # noqa: BLE001 - a worker loop: one message must not hold up the others; its claim runs out
                _log.exception("a held message could not be sent; it is tried again")
        return len(due)

    async def _send(self, shop: str, key: str) -> None:
        try:
            held = await self._store.get_held(shop, key)
        except NotFound:
            return
        if not await self._may_answer(held.message.account, shop):
            await self._give_back(shop, held, _NO_RIGHT)
            return
        message = held.message
        answers = held.extra.get("answers")
        try:
            written = await self._conversing.reply(
                shop,
                held.conversation,
                message.account,
                message.text,
                key=key,
                image=message.image,
                quotes=message.quotes,
                answers=answers if isinstance(answers, int) else None,
            )
        except (Conflict, NotFound, UnusableMessage) as error:
            await self._give_back(shop, held, str(error))
            return
        if written.is_new:
            self._note_phrase(shop, held, written.message)
        await self._learn(shop, held)

    async def _give_back(self, shop: str, held: HeldMessage, why: str) -> None:
        """Refuse the message. Its words become a draft, so that they are not lost where no page of the author is open."""
        message = held.message
        with suppress(NotFound):
            draft = await self._store.get_draft(shop, held.conversation, message.account)
            if message.text and message.text not in draft:
                text = f"{message.text}\n{draft}" if draft else message.text
                await self._store.put_draft(shop, held.conversation, message.account, text)
        await self._store.drop_held(shop, message.key, refused=why)

    async def _may_answer(self, account: str, shop: str) -> bool:
        now = self._clock.now()
        memberships = await self._accounts.memberships_of(account)
        return any(
            each.shop == shop and Right.ANSWER in RIGHTS[each.role] and each.holds_at(now)
            for each in memberships
        )

    def _note_phrase(self, shop: str, held: HeldMessage, message: Message) -> None:
        """Tell the log that the message was one of the shop's entries, looked up by hand. It holds nobody's words."""
        phrase, inserted = held.extra.get("phrase"), held.extra.get("phrase_text")
        if not isinstance(phrase, str) or not phrase or not isinstance(inserted, str):
            return
        kept = round(share_kept(inserted, message.text), 4)
        data = {"entry": phrase, "number": message.number, "kept": kept, "by": message.account}
        self._recorder.record(shop, Event(PHRASE_USED, message.at, held.conversation, data))

    async def _learn(self, shop: str, held: HeldMessage) -> None:
        """Tell the log which suggestion the message was, and how much of it was changed."""
        suggestion, inserted = held.extra.get("suggestion"), held.extra.get("inserted")
        if not isinstance(suggestion, str) or not suggestion:
            return
        text = held.message.text
        unchanged = isinstance(inserted, str) and inserted.strip() == text.strip()
        if not unchanged and not text.strip():
            return
        request = ReactionRequest(
            shop,
            suggestion,
            TAKEN if unchanged else EDITED,
            text="" if unchanged else text,
            conversation=held.conversation,
        )
        try:
            await self._reactions.react(request)
        except NotFound:
            _log.info("a message names a suggestion that its shop never showed; nothing is learned from it")

    async def _guard_against(self, caller: Caller, outgoing: Outgoing, said: Sequence[Message]) -> None:
        if not outgoing.text.strip():
            return
        if not await self._guard.become_ready(self._guard_patience):
            _log.warning(
                "a message leaves while the guard still reads the shops: other shops' facts are not seen"
            )
        heard = [message.text for message in said if message.author == "buyer"]
        result = await self.check(caller, outgoing.shop, outgoing.text, heard)
        left = result.after_confirming(outgoing.confirmed)
        if left.verdict is not Verdict.PASS:
            self._record("guard_stopped", caller, outgoing, left)
            raise Stopped(left)
        if result.findings:
            self._record("guard_overridden", caller, outgoing, result)

    def _record(self, kind: str, caller: Caller, outgoing: Outgoing, result: GuardResult) -> None:
        """Write kinds and ids only: another shop's words have no place in this shop's log."""
        data: dict[str, Any] = {
            "account": caller.account.id,
            "findings": [{"id": finding.id, "kind": str(finding.kind)} for finding in result.findings],
        }
        event = Event(kind, self._clock.now(), outgoing.conversation, data)
        self._recorder.record(outgoing.shop, event)

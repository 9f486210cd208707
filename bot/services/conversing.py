"""What buyers and agents do in conversations. Every rule runs with the conversation's row locked, so that two cannot both win."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from bot.domain import queueing
from bot.domain.account import ShopScope
from bot.domain.conversation import Buyer, Conversation, Message, Note
from bot.domain.message_text import UnusableMessage, clean_message
from bot.domain.queueing import HeldByAnother, Service
from bot.ports import Clock, Conflict, ConversationStore, Event, Found, NewMessage, NotFound, Written
from bot.services.colleagues import Colleagues
from bot.services.conversation_rules import Behind, answering, heard, speaking
from bot.services.recording import EventRecorder
from bot.services.shop_manners import ShopManners

MAX_TAGS: Final = 20
MAX_TAG: Final = 20
MAX_NOTE: Final = 2000
MAX_FOUND: Final = 100
LONGEST_ASIDE: Final = timedelta(days=90)
_TRIES: Final = 8
_NOTHING: Final = MappingProxyType[str, object]({})


class HeldByColleague(Conflict):
    """A colleague answers this buyer; `account` and `name` say who."""

    def __init__(self, account: str, name: str) -> None:
        super().__init__(
            f"{name} 正在接待这位买家：可以请对方转给你，或写内部备注。 "
            f"{name} is answering this buyer: ask for a hand-over, or write a note."
        )
        self.account = account
        self.name = name


AutoAt: TypeAlias = Callable[[str, datetime], Awaitable[datetime | None]]
"""Says when software looks at what a buyer says to a shop at that moment; None where it does not."""


StepIn: TypeAlias = Callable[[str, str, str], Awaitable[None]]
"""Hears of every person (shop, conversation, account) who does something there: software is silent from then on."""


async def _nobody_looks(_shop: str, _at: datetime) -> datetime | None:
    return None


async def nothing_to_silence(_shop: str, _conversation: str, _account: str) -> None:
    """Be the StepIn of where software says nothing."""


class Conversing:
    """Takes what is said and done in conversations, and writes it with its events.

    `noticed` is called when a conversation may need to be given to someone. `auto_at` says when software looks at what a
    buyer said.
    """

    def __init__(
        self,
        store: ConversationStore,
        manners: ShopManners,
        colleagues: Colleagues,
        recorder: EventRecorder,
        clock: Clock,
        noticed: Callable[[], None] = lambda: None,
        auto_at: AutoAt = _nobody_looks,
        step_in: StepIn = nothing_to_silence,
    ) -> None:
        self._store = store
        self._manners = manners
        self._colleagues = colleagues
        self._recorder = recorder
        self._clock = clock
        self._noticed = noticed
        self._auto_at = auto_at
        self._step_in = step_in

    async def receive(self, shop: str, buyer: Buyer, text: str, *, key: str, image: str = "") -> Written:
        """Write what the buyer says into his conversation. Raises UnusableMessage, NotFound."""
        kept, at = clean_message(text, image=image), self._clock.now()
        service, auto_at = await self._service(shop), await self._auto_at(shop, at)
        message = NewMessage("buyer", kept, at, key, image=image)
        for _ in range(_TRIES):
            try:
                async with self._store.reading(shop):
                    opened = await self._store.open_conversation(shop, buyer, at)
                    written = await self._store.write_message(
                        shop, opened.id, message, lambda before: heard(before, message, service, auto_at)
                    )
            except Behind:
                continue  # it was closed at this very moment: the buyer speaks in a new one
            if written.is_new:
                self._record_heard(shop, written)
            return written
        raise Conflict("the conversation is being closed and opened: try again")

    async def reply(
        self,
        shop: str,
        conversation: str,
        account: str,
        text: str,
        *,
        key: str,
        image: str = "",
        quotes: int | None = None,
        answers: int | None = None,
        take_over: bool = False,
    ) -> Written:
        """Write what an agent says; the clock stops, or goes on from the first bubble after `answers` that wants an answer.

        Raises HeldByColleague unless `take_over`, UnusableMessage, NotFound.
        """
        message = NewMessage(
            "agent", clean_message(text, image=image), self._clock.now(), key, account, image, quotes
        )
        await self._require_image(shop, conversation, image)
        service = await self._service(shop)
        later: Sequence[Message] = ()
        for _ in range(_TRIES):
            rule = answering(message, service, answers, later, take_over=take_over)
            try:
                async with self._naming(shop):
                    written = await self._store.write_message(shop, conversation, message, rule)
            except Behind:
                later = await self._store.messages_after(shop, conversation, answers or 0)
                continue
            if written.is_new:
                self._record_said(shop, written, account)
                await self._step_in(shop, conversation, account)
            return written
        raise Conflict("the buyer writes faster than this could be sent: try again")

    async def say_automatically(
        self,
        shop: str,
        conversation: str,
        text: str,
        *,
        key: str,
        image: str = "",
        answers: int | None = None,
        about: Mapping[str, object] = _NOTHING,
    ) -> Written:
        """Write what the shop's automaton says, unless a person came (NotForSoftware, also when it was closed).

        A holding text leaves the clock running; what `answers` up to a bubble's number stops it, or lets it go on from the
        first later bubble that wants an answer. `about` goes into the log with it. Raises NotFound, UnusableMessage.
        """
        service = await self._service(shop)
        message = NewMessage("auto", clean_message(text, image=image), self._clock.now(), key, image=image)
        later: Sequence[Message] = ()
        for _ in range(_TRIES):
            rule = speaking(message, service, answers, later)
            try:
                written = await self._store.write_message(shop, conversation, message, rule)
            except Behind:
                later = await self._store.messages_after(shop, conversation, answers or 0)
                continue
            if written.is_new:
                self._record_said(shop, written, "auto", answered=answers is not None, about=about)
            return written
        raise Conflict("the buyer writes faster than this could be sent: try again")

    async def take(
        self, shop: str, conversation: str, account: str, *, take_over: bool = False
    ) -> Conversation:
        """Hold the conversation. Raises HeldByColleague when somebody else does, unless `take_over`."""

        def rule(before: Conversation, service: Service, at: datetime) -> Mapping[str, Any]:
            return {**queueing.taken(before, account, service, at), **queueing.person_came(before, at)}

        changed = await self._change(shop, conversation, account, "taken", rule, take_over=take_over)
        await self._step_in(shop, conversation, account)
        return changed

    async def hand_over(
        self, shop: str, conversation: str, account: str, to: str, *, take_over: bool = False
    ) -> Conversation:
        """Give the conversation to a colleague who may answer in the shop now, or back to the queue (`to` is "").

        Raises NotFound when there is no such colleague, HeldByColleague.
        """
        if to and to not in {each.id for each in await self._colleagues.present_in(shop, self._clock.now())}:
            raise NotFound("这家店铺里没有这位同事。 There is no such colleague in this shop.")

        def rule(before: Conversation, service: Service, at: datetime) -> Mapping[str, Any]:
            change = (
                queueing.taken(before, to, service, at) if to else queueing.given_back(before, service, at)
            )
            return {**change, **queueing.person_came(before, at)} if change else {}

        return await self._change(shop, conversation, account, "handed", rule, take_over=take_over, to=to)

    async def put_aside(
        self, shop: str, conversation: str, account: str, until: datetime, *, take_over: bool = False
    ) -> Conversation:
        """Take the conversation out of the queue until then, or until the buyer writes. Raises ValueError, HeldByColleague."""
        if not timedelta() < until - self._clock.now() <= LONGEST_ASIDE:
            raise ValueError("请选择 90 天以内的将来时间。 Choose a time within the next 90 days.")

        def rule(before: Conversation, service: Service, at: datetime) -> Mapping[str, Any]:
            if before.state == "closed":
                raise Conflict("会话已结束，请先重新打开。 The conversation is closed: open it again first.")
            return {
                **queueing.put_aside(before, account, until, service),
                **queueing.person_came(before, at),
            }

        return await self._change(
            shop, conversation, account, "put_aside", rule, take_over=take_over, until=until.isoformat()
        )

    async def close(
        self, shop: str, conversation: str, account: str, *, take_over: bool = False
    ) -> Conversation:
        """End the conversation; when the buyer writes again a new one begins. Raises HeldByColleague."""
        return await self._change(
            shop,
            conversation,
            account,
            "closed",
            lambda c, _, at: queueing.closed(c, at),
            take_over=take_over,
        )

    async def reopen(self, shop: str, conversation: str, account: str) -> Conversation:
        """Go on with a conversation that was closed or put aside. Raises Conflict when the buyer began a new one."""

        def rule(before: Conversation, service: Service, at: datetime) -> Mapping[str, Any]:
            if before.state == "closed":
                return {**queueing.reopened(before), "assignee": account, "taken_at": at}
            return queueing.woken(before, service, at)

        try:
            return await self._change(shop, conversation, account, "reopened", rule, take_over=True)
        except Conflict:
            raise Conflict(
                "买家已有新的会话，请在新会话里回复。 The buyer has a newer conversation: answer there."
            ) from None

    async def resume(self, shop: str, conversation: str, account: str) -> Conversation:
        """Give the conversation back to software, which answers what the buyer says from now on."""

        def rule(before: Conversation, _: Service, __: datetime) -> Mapping[str, Any]:
            return queueing.given_to_software(before)

        return await self._change(shop, conversation, account, "resumed", rule, take_over=True)

    async def mark_read(self, shop: str, conversation: str, account: str) -> Conversation:
        """Count nothing as unread any more; looking into a colleague's conversation does not read it for him."""

        def rule(before: Conversation, _: Service, __: datetime) -> Mapping[str, Any]:
            return {"unread": 0} if before.unread and before.assignee in ("", account) else {}

        return await self._change(shop, conversation, account, "read", rule, take_over=True)

    async def add_note(self, shop: str, conversation: str, account: str, text: str) -> Note:
        """Leave a note for colleagues. Raises UnusableMessage, NotFound."""
        kept = clean_message(text)
        if len(kept) > MAX_NOTE:
            raise UnusableMessage(f"备注最多 {MAX_NOTE} 字。 A note has at most {MAX_NOTE} characters.")
        note = Note(f"n{secrets.token_hex(8)}", account, kept, self._clock.now())
        await self._store.add_note(shop, conversation, note)
        await self._step_in(shop, conversation, account)
        return note

    async def set_tags(self, shop: str, conversation: str, tags: Sequence[str]) -> Buyer:
        """Write the tags of the conversation's buyer. Raises ValueError, NotFound."""
        kept = tuple(dict.fromkeys(" ".join(clean_message(tag).split()) for tag in tags if tag.strip()))
        if len(kept) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in kept):
            raise ValueError(
                f"最多 {MAX_TAGS} 个标签，每个最多 {MAX_TAG} 字。 At most {MAX_TAGS} tags of {MAX_TAG} characters."
            )
        found = await self._store.get_conversation(shop, conversation)
        # The tags alone: what was read a moment ago may have been erased since, and must not be written back.
        return await self._store.tag_buyer(shop, found.buyer.id, kept)

    async def search(self, scope: ShopScope, text: str, limit: int = 50) -> list[Found]:
        """Return messages of the person's shops that hold all of the words, newest first."""
        return await self._store.search_messages(scope, text, min(limit, MAX_FOUND))

    async def erase_buyer(self, shop: str, buyer: str) -> None:
        """Forget the buyer's words and name; figures stay countable. Raises NotFound."""
        await self._store.erase_buyer(shop, buyer)

    async def _service(self, shop: str) -> Service:
        manners = await self._manners.of(shop)
        return Service(manners.policy, ZoneInfo(manners.shop.timezone))

    async def _require_image(self, shop: str, conversation: str, image: str) -> None:
        if image and (await self._store.get_image(shop, image))[2] not in ("", conversation):
            raise NotFound("there is no such image in this conversation")

    def _naming(self, shop: str) -> _Naming:
        return _Naming(self._colleagues, shop)

    async def _change(
        self,
        shop: str,
        conversation: str,
        account: str,
        kind: str,
        rule: Callable[[Conversation, Service, datetime], Mapping[str, Any]],
        *,
        take_over: bool,
        **data: object,
    ) -> Conversation:
        """Change the conversation as the rule says, and record it if it changed."""
        service, at = await self._service(shop), self._clock.now()
        former: list[Conversation] = []

        def locked(before: Conversation) -> Mapping[str, object]:
            if not take_over:
                queueing.require_free(before, account)
            former[:] = [before]
            return rule(before, service, at)

        async with self._naming(shop):
            after = await self._store.change_conversation(shop, conversation, locked)
        if after.version != former[0].version:
            said = {"by": account, "from": former[0].assignee, **data}
            self._recorder.record(shop, Event(kind, at, conversation, said))
            if after.waiting_since is not None and not after.assignee:
                self._noticed()
        return after

    def _record_heard(self, shop: str, written: Written) -> None:
        before, after, message = written.before, written.conversation, written.message
        if before is None or before.last_number == 0:
            data: dict[str, Any] = {"buyer": after.buyer.id, "channel": after.buyer.channel}
            self._recorder.record(shop, Event("conversation_opened", message.at, after.id, data))
        data = {"number": message.number, "characters": len(message.text), "image": bool(message.image)}
        self._recorder.record(shop, Event("message_in", message.at, after.id, data))
        self._record_waiting(shop, written)
        if after.waiting_since is not None and not after.assignee:
            self._noticed()

    def _record_waiting(self, shop: str, written: Written) -> None:
        """Record that the clock began to run, or runs from a later bubble on."""
        before, after = written.before, written.conversation
        since = after.waiting_since
        if since is not None and (before is None or before.waiting_since != since):
            data = {"since": since.isoformat(), "due_at": after.due_at and after.due_at.isoformat()}
            self._recorder.record(shop, Event("waiting_since", written.message.at, after.id, data))

    def _record_said(
        self,
        shop: str,
        written: Written,
        by: str,
        *,
        answered: bool = True,
        about: Mapping[str, object] = _NOTHING,
    ) -> None:
        before, message = written.before, written.message
        since = before.waiting_since if before is not None and answered else None
        data: dict[str, Any] = {
            "number": message.number,
            "by": by,
            "characters": len(message.text),
            "image": bool(message.image),
            "waited": (message.at - since).total_seconds() if since is not None else None,
            "in_time": message.at <= before.due_at if before and since and before.due_at else None,
            **about,
        }
        self._recorder.record(shop, Event("message_out", message.at, written.conversation.id, data))
        self._record_waiting(shop, written)
        if before is not None and by != "auto" and before.assignee != by:
            taken = {"by": by, "from": before.assignee}
            self._recorder.record(shop, Event("taken", message.at, written.conversation.id, taken))


class _Naming:
    """Says by name who holds a conversation that somebody else wanted."""

    def __init__(self, colleagues: Colleagues, shop: str) -> None:
        self._colleagues = colleagues
        self._shop = shop

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, HeldByAnother):
            names = await self._colleagues.names(self._shop, error.account)
            raise HeldByColleague(error.account, names.get(error.account) or "同事 a colleague") from None

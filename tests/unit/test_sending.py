"""An agent's message on its way: guarded, kept, taken back or sent once, and given back when it may not go."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.domain.account import Caller
from bot.domain.feedback import EDITED, TAKEN
from bot.domain.message_text import UnusableMessage
from bot.domain.service_policy import ServicePolicy
from bot.ports import Conflict, NotFound, StoreUnavailable
from bot.retrieval.normaliser import OpenccNormaliser
from bot.retrieval.phrase_matcher import AutomatonMatchers
from bot.services.guarding import Guard
from bot.services.reacting import ReactionRequest
from bot.services.sending import HOLD, Outbox, Outgoing, Stopped, TooLate
from bot.storage.memory import Memory
from bot.storage.memory_facts import MemoryFacts
from tests.unit.conversing_parts import SHOP, Office, open_office

KEY = "key-1"


class NotedReactions:
    """Keeps what is learned from messages."""

    def __init__(self) -> None:
        self.noted: list[ReactionRequest] = []
        self.is_unknown = False

    async def react(self, request: ReactionRequest) -> None:
        if self.is_unknown:
            raise NotFound("never shown")
        self.noted.append(request)


@dataclass
class Desk:
    """An agent, a conversation whose buyer waits, and the outbox."""

    office: Office
    outbox: Outbox
    reactions: NotedReactions
    conversation: str

    async def caller(self, account: str = "a1") -> Caller:
        person = await self.office.accounts.get_account("org", account)
        return Caller(person, tuple(await self.office.accounts.memberships_of(account)))

    def outgoing(self, text: str = "有货的", **more: object) -> Outgoing:
        return replace(Outgoing(SHOP, self.conversation, text, KEY), **more)  # type: ignore[arg-type]

    async def says(self, text: str = "有货的", account: str = "a1", **more: object) -> object:
        return await self.outbox.accept(await self.caller(account), self.outgoing(text, **more))

    async def passes(self, seconds: float = HOLD.total_seconds()) -> int:
        await self.office.passes(seconds)
        return await self.outbox.send_due()

    async def said(self) -> list[str]:
        return [m.text for m in await self.office.store.list_messages(SHOP, self.conversation, 9)]

    async def refusals(self) -> list[str]:
        feed = await self.office.store.feed_since(SHOP, 0, 99)
        return [str(line.data["why"]) for line in feed if line.kind == "refused"]

    async def draft(self) -> str:
        return await self.office.store.get_draft(SHOP, self.conversation, "a1")


@pytest.fixture
async def desk() -> Desk:
    office = await open_office(ServicePolicy(forbidden=("独家",)))
    reactions = NotedReactions()
    guard = Guard(
        office.shops, MemoryFacts(Memory()), office.store.get_policy, AutomatonMatchers(), OpenccNormaliser()
    )
    outbox = Outbox(
        office.store, office.conversing, office.accounts, guard, reactions, office.recorder, office.clock,  # type: ignore[arg-type]
        guard_patience=0,
    )  # fmt: skip
    await office.hires("a1")
    await office.hires("a2")
    conversation = (await office.says("有货吗", "b1")).conversation.id
    return Desk(office, outbox, reactions, conversation)


async def test_what_was_accepted_waits_five_seconds_and_is_sent_once(desk: Desk) -> None:
    accepted = await desk.outbox.accept(await desk.caller(), desk.outgoing())
    assert accepted.until == desk.office.clock.now() + timedelta(seconds=5)
    assert await desk.passes(4.9) == 0
    assert await desk.passes(0.1) == 1
    assert await desk.passes(60) == 0
    assert await desk.said() == ["有货吗", "有货的"]
    found = await desk.office.store.get_conversation(SHOP, desk.conversation)
    assert (found.assignee, found.waiting_since) == ("a1", None)


async def test_the_same_key_again_is_the_same_message(desk: Desk) -> None:
    await desk.says()
    await desk.says()
    await desk.passes()
    again = await desk.outbox.accept(await desk.caller(), desk.outgoing())
    assert again.sent is not None
    assert again.sent.text == "有货的"
    assert await desk.said() == ["有货吗", "有货的"]


async def test_who_accepts_takes_the_conversation_at_once(desk: Desk) -> None:
    await desk.says()
    assert (await desk.office.store.get_conversation(SHOP, desk.conversation)).assignee == "a1"
    with pytest.raises(Conflict):
        await desk.says("我来", account="a2", key="key-2")


async def test_undone_in_time_it_comes_back_and_is_never_sent(desk: Desk) -> None:
    await desk.says()
    assert await desk.outbox.undo(await desk.caller(), SHOP, KEY) == "有货的"
    assert await desk.passes() == 0
    assert await desk.said() == ["有货吗"]


@pytest.mark.parametrize("who", ["a1", "a2"])
async def test_undo_is_too_late_once_it_was_sent_and_is_the_authors_alone(desk: Desk, who: str) -> None:
    await desk.says()
    if who == "a1":
        await desk.passes()
    with pytest.raises(TooLate):
        await desk.outbox.undo(await desk.caller(who), SHOP, KEY)
    await desk.passes()
    assert await desk.said() == ["有货吗", "有货的"]


async def test_of_undoing_and_sending_at_the_same_moment_one_wins(desk: Desk) -> None:
    await desk.says()
    await desk.office.passes(HOLD.total_seconds())
    caller = await desk.caller()
    undone, _ = await asyncio.gather(
        desk.outbox.undo(caller, SHOP, KEY), desk.outbox.send_due(), return_exceptions=True
    )
    was_sent = "有货的" in await desk.said()
    assert was_sent == isinstance(undone, TooLate)


async def test_two_workers_send_it_once(desk: Desk) -> None:
    await desk.says()
    await desk.office.passes(HOLD.total_seconds())
    looked = await asyncio.gather(*(desk.outbox.send_due() for _ in range(3)))
    assert sorted(looked) == [0, 0, 1]
    assert await desk.said() == ["有货吗", "有货的"]


async def test_who_lost_the_shop_meanwhile_sends_nothing_and_has_it_as_a_draft(desk: Desk) -> None:
    await desk.says()
    await desk.office.accounts.end_membership("a1", SHOP, desk.office.clock.now())
    await desk.passes()
    assert await desk.said() == ["有货吗"]
    assert len(await desk.refusals()) == 1
    assert await desk.draft() == "有货的"
    assert await desk.passes(60) == 0


async def test_what_a_colleague_took_over_is_given_back_before_what_was_written_since(desk: Desk) -> None:
    await desk.says()
    await desk.office.conversing.take(SHOP, desk.conversation, "a2", take_over=True)
    await desk.office.store.put_draft(SHOP, desk.conversation, "a1", "另外")
    await desk.passes()
    assert await desk.said() == ["有货吗"]
    assert await desk.draft() == "有货的\n另外"


async def test_a_store_that_is_away_loses_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StoreUnavailable("away")

    await desk.says()
    with monkeypatch.context() as broken:
        broken.setattr(desk.office.conversing, "reply", away)
        with pytest.raises(StoreUnavailable):
            await desk.passes()
    await desk.passes(60)
    assert await desk.said() == ["有货吗", "有货的"]


async def test_one_message_that_fails_holds_up_no_other(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    reply = desk.office.conversing.reply

    async def fails_once(shop: str, conversation: str, account: str, text: str, **more: object) -> object:
        if text == "坏的":
            raise RuntimeError("unforeseen")
        return await reply(shop, conversation, account, text, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.office.conversing, "reply", fails_once)
    await desk.says("坏的")
    await desk.says("好的", key="key-2")
    await desk.passes()
    assert await desk.said() == ["有货吗", "好的"]


async def test_the_guard_stops_it_until_what_is_marked_is_confirmed(desk: Desk) -> None:
    with pytest.raises(Stopped) as stopped:
        await desk.says("独家好茶")
    [finding] = stopped.value.result.findings
    assert await desk.passes() == 0
    await desk.says("独家好茶", confirmed=(finding.id,))
    await desk.passes()
    assert await desk.said() == ["有货吗", "独家好茶"]
    assert [len(desk.office.events(kind)) for kind in ("guard_stopped", "guard_overridden")] == [1, 1]


async def test_a_number_that_the_buyer_gave_may_be_read_back_to_him(desk: Desk) -> None:
    with pytest.raises(Stopped):
        await desk.says("加我13800000000")
    await desk.office.says("我的电话13800000000", "b2")
    await desk.says("确认电话13800000000")


async def test_an_empty_message_is_refused_before_anything_is_taken(desk: Desk) -> None:
    with pytest.raises(UnusableMessage):
        await desk.says(" \u200b\n")
    assert (await desk.office.store.get_conversation(SHOP, desk.conversation)).assignee == ""


@pytest.mark.parametrize(
    ("inserted", "said", "kind", "kept"),
    [
        ("有货的", "有货的 ", TAKEN, ""),
        ("有货", "有货的", EDITED, "有货的"),
        ("", "有货的", EDITED, "有货的"),
    ],
)
async def test_the_log_learns_how_much_of_the_suggestion_was_sent(
    desk: Desk, inserted: str, said: str, kind: str, kept: str
) -> None:
    await desk.says(said, suggestion="s-1", suggestion_text=inserted)
    assert desk.reactions.noted == []
    await desk.passes()
    [request] = desk.reactions.noted
    assert (request.shop, request.suggestion, request.kind, request.text) == (SHOP, "s-1", kind, kept)


async def test_a_phrase_that_was_looked_up_is_told_to_the_log_once_it_is_sent_without_its_words(
    desk: Desk,
) -> None:
    await desk.says("亲，有货的", phrase="p-1", phrase_text="有货的")
    assert desk.office.events("phrase_used") == []
    await desk.passes()
    [event] = desk.office.events("phrase_used")
    assert event.data == {"entry": "p-1", "number": 2, "kept": 0.75, "by": "a1"}
    assert event.conversation == desk.conversation


async def test_a_suggestion_that_was_never_shown_teaches_nothing_and_stops_nothing(desk: Desk) -> None:
    desk.reactions.is_unknown = True
    await desk.says(suggestion="s-9", suggestion_text="有货的")
    await desk.passes()
    assert await desk.said() == ["有货吗", "有货的"]


async def test_the_buyers_next_question_before_it_was_seen_goes_on_waiting(desk: Desk) -> None:
    await desk.says(answers=1)
    asked = await desk.office.says("什么时候发货", "b2")
    await desk.passes()
    found = await desk.office.store.get_conversation(SHOP, desk.conversation)
    assert found.waiting_since == asked.message.at

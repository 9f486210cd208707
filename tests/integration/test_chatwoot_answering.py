"""Buyers in Chatwoot answered without a person: two workers over a real PostgreSQL, and a Chatwoot that fails in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest

from bot.bootstrap.channels import all_kinds
from bot.bootstrap.engine import Engine
from bot.domain.auto_reply import Deed, Reason
from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.channels import DeliveryState, Setting, ShopChannel
from bot.domain.conversation import Conversation
from bot.facts.http_source import OpenInternetFetcher
from bot.open_internet import OpenInternet
from bot.ports.channels import Incoming
from bot.ports.dialogue import DialogueBubble, DialogueTurn
from bot.storage.database import Database
from tests.integration.chatwoot_peer import SECRETS
from tests.integration.chatwoot_server import (
    OUTGOING,
    Chatwoot,
    Contact,
    Talk,
    Teller,
    hook,
    message_payload,
    serving,
    status_payload,
)
from tests.integration.engines import real_parts, running, two_shops
from tests.unit.fakes.scripted_dialogue import ScriptedDialogue
from tests.web.chat_app import picture
from tests.web.memory_app import StandingClock

LOCAL = OpenInternet((ip_network("127.0.0.1/32"),))
POLICY = AutoReplyPolicy(
    is_on=True, groups={"stock": GroupRule(Mode.AUTOMATIC)}, hand_over="马上转人工", marks=False
)
BOT = Teller("agent_bot", 1, 4, "快回")
PERSON = Teller("user", 1, 3, "客服")
ANSWER = DialogueTurn((DialogueBubble("有货的", "stock"),), events=({"event": "said", "text": "有货的"},))


@dataclass
class Desk:
    """Two workers, a shop's inbox in a Chatwoot, and the clock of all."""

    workers: tuple[Engine, Engine]
    clock: StandingClock
    shop: str
    chatwoot: Chatwoot
    talk: Talk

    async def post(self, payload: dict[str, Any]) -> None:
        """Let Chatwoot tell both workers, as its retries may."""
        call = hook(payload, SECRETS["signing"], self.clock.now().timestamp())
        headers = {name.lower(): value for name, value in call.headers.items()}
        for engine in self.workers:
            receiving = engine.channels.receiving
            place, adapter = await receiving.place_of(self.shop, "chat")
            came = receiving.read(place, adapter, Incoming(headers, call.body, SECRETS["path"]))
            await receiving.take(place, came)

    async def buyer_says(self, text: str | None, **more: Any) -> None:
        await self.post(message_payload(self.talk, self.chatwoot.write(self.talk, text, **more)))

    async def decide(self) -> list[Deed | None]:
        """Let the buyer have finished, and both workers take what is due; return what was decided."""
        self.clock.moment += timedelta(seconds=4)
        taken = await asyncio.gather(*(self._decide(engine) for engine in self.workers))
        return [deed for deeds in taken for deed in deeds]

    async def _decide(self, engine: Engine) -> list[Deed | None]:
        due = await engine.answering.turns.turns_due(self.clock.now(), 99)
        return [
            await engine.answering.auto_replies.take_turn(shop, each)
            for shop, each in due
            if shop == self.shop
        ]

    async def go_on(self, whole: timedelta, step: timedelta) -> None:
        """Let time go by; both workers send and deliver what becomes due."""
        end = self.clock.moment + whole
        while self.clock.moment < end:
            self.clock.moment += step
            await asyncio.gather(*(engine.answering.outbox.send_due() for engine in self.workers))
            await self.deliver()

    async def deliver(self) -> None:
        """Let both workers carry out what is due."""
        await asyncio.gather(*(self._deliver(engine) for engine in self.workers))

    async def _deliver(self, engine: Engine) -> None:
        while tasks := await engine.channels.delivering.begin_due():
            await asyncio.gather(*tasks)

    async def conversation(self) -> Conversation:
        store = self.workers[0].parts.conversations
        buyer = await store.find_buyer(self.shop, "chatwoot:chat", "unverified:31")
        assert buyer is not None
        return (await store.buyer_conversations(self.shop, buyer.id, 1))[0]

    async def states(self) -> set[DeliveryState]:
        channels = self.workers[0].parts.channels
        found = await channels.list_deliveries(self.shop, "chat", tuple(DeliveryState), 99)
        return {each.state for each in found}


@pytest.fixture
async def desk(database: Database) -> AsyncIterator[Desk]:
    clock = StandingClock()
    fetcher, kinds = OpenInternetFetcher(LOCAL), all_kinds(LOCAL)
    parts = [
        replace(
            real_parts(database, clock),
            dialogue=ScriptedDialogue({"有货吗": ANSWER}),
            fetcher=fetcher,
            channel_kinds=kinds,
        )
        for _ in range(2)
    ]
    mine, _ = await two_shops(parts[0])
    await parts[0].auto_replies.put_policy(mine.shop, POLICY)
    async with serving() as chatwoot, running(parts[0]) as first, running(parts[1]) as second:
        for engine in (first, second):
            await engine.workspace.guard._read_all()
        chatwoot.tokens = {"bot-t0ken": BOT, "person-t0ken": PERSON}
        chatwoot.file = picture()
        settings: dict[str, Setting] = {"url": chatwoot.address, "account": 1, "inbox": 5}
        channel = ShopChannel("chat", "chatwoot", "客服台", settings=settings)
        await parts[0].channels.put_channel(mine.shop, channel, SECRETS, clock.now())
        talk = chatwoot.open_talk(1, 5, 7, Contact(31, "访客"))
        yield Desk((first, second), clock, mine.shop, chatwoot, talk)


SHORTLY = timedelta(seconds=12), timedelta(seconds=1)


async def test_a_buyer_in_chatwoot_is_answered_once_there(desk: Desk) -> None:
    await desk.buyer_says("有货吗")
    assert await desk.decide() == [Deed.REPLY]
    await desk.go_on(*SHORTLY)
    assert desk.chatwoot.said(desk.talk) == ["有货的"]
    assert await desk.states() == {DeliveryState.SENT}


async def test_an_answer_of_chatwoots_that_is_lost_doubles_nothing(desk: Desk) -> None:
    await desk.buyer_says("有货吗")
    await desk.decide()
    desk.chatwoot.loses_answers = 1
    await desk.go_on(timedelta(minutes=1), timedelta(seconds=2))
    assert desk.chatwoot.said(desk.talk) == ["有货的"]
    assert await desk.states() == {DeliveryState.SENT}


async def test_while_a_person_has_it_in_chatwoot_software_is_silent(desk: Desk) -> None:
    await desk.buyer_says("有货吗")
    said = desk.chatwoot.write(desk.talk, "我来看看", OUTGOING, sender=PERSON)
    await desk.post(message_payload(desk.talk, said))
    assert Deed.REPLY not in await desk.decide()
    desk.talk.status = "open"
    await desk.buyer_says("有货吗")
    assert await desk.decide() == [Deed.SILENT]
    await desk.go_on(*SHORTLY)
    assert desk.chatwoot.said(desk.talk) == ["我来看看"]


async def test_a_person_who_takes_it_in_the_middle_stops_what_waits(desk: Desk) -> None:
    await desk.buyer_says("有货吗")
    assert await desk.decide() == [Deed.REPLY]
    desk.talk.assignee = PERSON
    changed = {"changed_attributes": [{"assignee_id": {"previous_value": None, "current_value": 3}}]}
    await desk.post(status_payload(desk.talk, "conversation_updated") | changed)
    await desk.go_on(*SHORTLY)
    assert desk.chatwoot.said(desk.talk) == []


@pytest.mark.parametrize("file", ["image", "audio"])
async def test_an_image_or_a_voice_alone_is_handed_to_the_team(desk: Desk, file: str) -> None:
    await desk.buyer_says(None, attachments=(file,))
    assert await desk.decide() == [Deed.HAND_OVER]
    await desk.go_on(*SHORTLY)
    assert desk.talk.status == "open"
    assert desk.chatwoot.said(desk.talk) == ["马上转人工"]
    assert len(desk.chatwoot.notes(desk.talk)) == 1
    assert (await desk.conversation()).handed_at is not None


async def test_that_chatwoot_opens_and_assigns_what_was_handed_over_takes_no_words_from_the_buyer(
    desk: Desk,
) -> None:
    await desk.buyer_says("我要投诉你们，转人工")
    assert await desk.decide() == [Deed.HAND_OVER]
    await desk.deliver()
    assert desk.talk.status == "open"
    desk.talk.assignee = PERSON
    changed = {"changed_attributes": [{"assignee_id": {"previous_value": None, "current_value": 3}}]}
    await desk.post(status_payload(desk.talk, "conversation_opened") | {"updated_at": 1.5})
    await desk.post(status_payload(desk.talk, "conversation_updated") | {"updated_at": 1.6} | changed)
    await desk.go_on(*SHORTLY)
    assert desk.chatwoot.said(desk.talk) == ["马上转人工"]
    await desk.buyer_says("人呢")
    assert await desk.decide() == [Deed.SILENT]
    assert (await desk.conversation()).person_at is not None


async def test_an_hour_of_500_makes_a_hand_over_of_a_stale_answer(desk: Desk) -> None:
    await desk.buyer_says("有货吗")
    await desk.decide()
    desk.chatwoot.status = 500
    await desk.go_on(timedelta(hours=1), timedelta(seconds=30))
    assert (await desk.conversation()).hand_over == Reason.EXPIRED
    desk.chatwoot.status = 0
    await desk.go_on(timedelta(minutes=30), timedelta(seconds=30))
    assert "有货的" not in desk.chatwoot.said(desk.talk)
    assert desk.talk.status == "open"
    assert len(desk.chatwoot.notes(desk.talk)) == 1

"""A shop's conversations through Chatwoot and back: the use cases of channels over the adapter and a server that fails."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.channels.chatwoot import ChatwootChannel
from bot.domain import queueing
from bot.domain.channels import AUTOMATIC_LIFETIME, Delivery, DeliveryState, Setting, ShopChannel
from bot.domain.conversation import Buyer, Conversation, Message
from bot.domain.queueing import Service
from bot.domain.service_policy import ServicePolicy
from bot.facts.http_source import OpenInternetFetcher
from bot.open_internet import OpenInternet
from bot.ports.channels import Incoming, Unreadable
from bot.services.channel_delivering import AskPerson, ChannelDelivering
from bot.services.channel_receiving import ChannelReceiving
from bot.services.shop_manners import ShopManners
from bot.services.unanswered import read_unanswered
from bot.storage.memory_channels import MemoryChannels
from bot.storage.memory_conversations import MemoryConversations
from tests.integration.chatwoot_server import (
    OUTGOING,
    Chatwoot,
    Contact,
    Hook,
    Talk,
    Teller,
    hook,
    message_payload,
    serving,
    status_payload,
)
from tests.unit.conversing_parts import OTHER, SHOP, Office, open_office
from tests.web.chat_app import picture

LOCAL = (ip_network("127.0.0.1/32"),)
BOT = Teller("agent_bot", 1, 4, "快回")
PERSON = Teller("user", 1, 3, "客服")
SECRETS = {"token": "bot-t0ken", "reader": "person-t0ken", "signing": "s3cret", "path": "p4th"}


@dataclass
class Flow:
    """Two shops, each with an inbox of one Chatwoot: SHOP's is 5 and OTHER's 6."""

    office: Office
    chatwoot: Chatwoot
    channels: MemoryChannels
    receiving: ChannelReceiving
    delivering: ChannelDelivering
    handed: list[str] = field(default_factory=list)
    sends: int = 0

    async def post(self, call: Hook, shop: str = SHOP, tail: str = "p4th") -> None:
        """Let Chatwoot's webhook come in."""
        place, adapter = await self.receiving.place_of(shop, "chat")
        headers = {name.lower(): value for name, value in call.headers.items()}
        came = self.receiving.read(place, adapter, Incoming(headers, call.body, tail))
        await self.receiving.take(place, came)

    async def buyer_says(self, talk: Talk, text: str | None, shop: str = SHOP, **more: Any) -> Hook:
        """Let the buyer write in Chatwoot, and Chatwoot tell us."""
        call = self.signed(message_payload(talk, self.chatwoot.write(talk, text, **more)))
        await self.post(call, shop)
        return call

    def signed(self, payload: Mapping[str, Any]) -> Hook:
        return hook(payload, "s3cret", self.office.clock.now().timestamp())

    async def changes(self, talk: Talk, event: str, at: float) -> None:
        """Let Chatwoot tell what became of the conversation."""
        await self.post(self.signed(status_payload(talk, event) | {"updated_at": at}))

    async def conversation(self, shop: str = SHOP, contact: int = 31) -> Conversation:
        """Return the buyer's newest conversation here."""
        buyer = await self.office.store.find_buyer(shop, "chatwoot:chat", f"unverified:{contact}")
        assert buyer is not None
        return (await self.office.store.buyer_conversations(shop, buyer.id, 1))[0]

    async def messages(self, shop: str = SHOP) -> list[Message]:
        found = await self.conversation(shop)
        return await self.office.store.list_messages(shop, found.id, 100)

    async def answer(self, text: str, shop: str = SHOP) -> None:
        """Let the shop's automaton say something."""
        self.sends += 1
        found = await self.conversation(shop)
        await self.office.conversing.say_automatically(shop, found.id, text, key=f"auto-{self.sends}")

    async def deliver(self) -> None:
        """Make what is due now, until nothing is due any more."""
        while tasks := await self.delivering.begin_due():
            await asyncio.gather(*tasks)

    async def pass_time(self, whole: timedelta, step: timedelta) -> None:
        """Let time go by, and whatever becomes due be tried."""
        end = self.office.clock.moment + whole
        while self.office.clock.moment < end:
            self.office.clock.moment += step
            await self.deliver()

    async def deliveries(self, *states: DeliveryState, shop: str = SHOP) -> list[Delivery]:
        return await self.channels.list_deliveries(shop, "chat", states or tuple(DeliveryState), 100)


@pytest.fixture
async def flow() -> AsyncIterator[Flow]:
    office = await open_office()
    assert isinstance(office.store, MemoryConversations)
    channels = MemoryChannels(office.store._memory, office.store)
    async with serving() as chatwoot:
        chatwoot.tokens = {"bot-t0ken": BOT, "person-t0ken": PERSON}
        chatwoot.file = picture()
        adapters = {"chatwoot": ChatwootChannel(OpenInternet(LOCAL))}
        for shop, inbox in ((SHOP, 5), (OTHER, 6)):
            settings: dict[str, Setting] = {"url": chatwoot.address, "account": 1, "inbox": inbox}
            channel = ShopChannel("chat", "chatwoot", "客服台", settings=settings)
            await channels.put_channel(shop, channel, SECRETS, office.clock.now())
        handed: list[str] = []

        async def expired(shop: str, conversation: str) -> None:
            handed.append(conversation)

        async def briefing(shop: str, conversation: str) -> str:
            return "问了两次何时发货"

        async def marks(shop: str) -> bool:
            return False

        manners = ShopManners(office.shops, office.store)
        receiving = ChannelReceiving(
            channels, office.store, office.conversing, manners, office.recorder, adapters,
            OpenInternetFetcher(OpenInternet(LOCAL)), office.clock,
        )  # fmt: skip
        ask = AskPerson(expired, briefing, marks)
        delivering = ChannelDelivering(
            channels, office.store, adapters, ask, office.clock, random.Random(7).random
        )
        yield Flow(office, chatwoot, channels, receiving, delivering, handed)


@pytest.fixture
def talk(flow: Flow) -> Talk:
    return flow.chatwoot.open_talk(1, 5, 7, Contact(31, "访客"))


async def test_a_buyers_words_come_in_and_replies_go_out_in_order(flow: Flow, talk: Talk) -> None:
    await flow.buyer_says(talk, "有货吗")
    await flow.buyer_says(talk, "什么时候发货")
    for text in ("有货的", "今天发", "顺丰"):
        await flow.answer(text)
    await flow.deliver()
    assert [each.text for each in (await flow.messages())[:2]] == ["有货吗", "什么时候发货"]
    assert flow.chatwoot.said(talk) == ["有货的", "今天发", "顺丰"]
    assert {each.state for each in await flow.deliveries()} == {DeliveryState.SENT}


async def test_an_agents_reply_goes_out_too(flow: Flow, talk: Talk) -> None:
    await flow.office.hires("ann")
    await flow.buyer_says(talk, "在吗")
    found = await flow.conversation()
    await flow.office.conversing.reply(SHOP, found.id, "ann", "在的亲", key="r-1")
    await flow.deliver()
    assert flow.chatwoot.said(talk) == ["在的亲"]


async def test_after_an_hour_of_500_what_an_agent_said_arrives_in_order_and_once(
    flow: Flow, talk: Talk
) -> None:
    await flow.office.hires("ann")
    await flow.buyer_says(talk, "在吗")
    found = await flow.conversation()
    flow.chatwoot.status = 500
    for number in range(5):
        await flow.office.conversing.reply(SHOP, found.id, "ann", f"第{number}句", key=f"r-{number}")
    await flow.pass_time(timedelta(hours=1), timedelta(seconds=20))
    assert flow.chatwoot.said(talk) == []
    assert {each.state for each in await flow.deliveries()} == {DeliveryState.WAITING}
    assert len(flow.chatwoot.asked) < 40, "it is not asked at every turn while it ails"
    flow.chatwoot.status = 0
    await flow.pass_time(timedelta(minutes=15), timedelta(seconds=20))
    assert flow.chatwoot.said(talk) == [f"第{number}句" for number in range(5)]
    assert {each.state for each in await flow.deliveries()} == {DeliveryState.SENT}


async def test_after_an_hour_of_500_a_stale_automatic_answer_is_a_hand_over(flow: Flow, talk: Talk) -> None:
    await flow.buyer_says(talk, "今天能发吗")
    flow.chatwoot.status = 500
    await flow.answer("今天发")
    await flow.pass_time(AUTOMATIC_LIFETIME * 2, timedelta(seconds=30))
    assert flow.handed == [(await flow.conversation()).id]
    flow.chatwoot.status = 0
    await flow.pass_time(timedelta(minutes=20), timedelta(seconds=30))
    assert flow.chatwoot.said(talk) == []
    assert [each.state for each in await flow.deliveries()] == [DeliveryState.EXPIRED]


@pytest.mark.parametrize("lost", [1, 2])
async def test_a_lost_answer_doubles_nothing(flow: Flow, talk: Talk, lost: int) -> None:
    await flow.buyer_says(talk, "在吗")
    flow.chatwoot.loses_answers = lost
    for text in ("在的", "请说"):
        await flow.answer(text)
    await flow.pass_time(timedelta(minutes=1), timedelta(seconds=5))
    assert flow.chatwoot.said(talk) == ["在的", "请说"]
    assert {each.state for each in await flow.deliveries()} == {DeliveryState.SENT}


async def test_chatwoots_own_webhook_about_our_message_is_the_receipt(flow: Flow, talk: Talk) -> None:
    await flow.buyer_says(talk, "在吗")
    flow.chatwoot.loses_answers = 1
    await flow.answer("在的")
    await flow.deliver()
    assert len(await flow.deliveries(DeliveryState.WAITING)) == 1
    ours = talk.messages[-1]
    await flow.post(flow.signed(message_payload(talk, ours)))
    (delivery,) = await flow.deliveries()
    assert (delivery.state, delivery.external_id) == (DeliveryState.SENT, str(ours["id"]))
    assert [each.text for each in await flow.messages()] == ["在吗", "在的"]


async def test_a_wrong_token_makes_a_dead_letter_that_says_what_to_do(flow: Flow, talk: Talk) -> None:
    await flow.buyer_says(talk, "在吗")
    flow.chatwoot.tokens.clear()
    await flow.answer("在的")
    await flow.deliver()
    (dead,) = await flow.deliveries(DeliveryState.DEAD)
    assert "401" in dead.error
    assert "访问令牌" in dead.error
    assert "在的" not in dead.error
    assert flow.handed == [dead.conversation]


async def test_a_conversation_deleted_there_holds_up_no_other(flow: Flow, talk: Talk) -> None:
    other = flow.chatwoot.open_talk(1, 5, 8, Contact(32, "另一位"))
    await flow.buyer_says(talk, "在吗")
    await flow.buyer_says(other, "在吗")
    del flow.chatwoot.talks[1, 7]
    await flow.answer("在的")
    theirs = await flow.conversation(contact=32)
    await flow.office.conversing.say_automatically(SHOP, theirs.id, "您好", key="other")
    await flow.deliver()
    assert flow.chatwoot.said(other) == ["您好"]
    assert [each.state for each in await flow.deliveries(DeliveryState.DEAD)] == [DeliveryState.DEAD]


async def test_webhooks_sent_again_and_in_another_order_lose_and_double_nothing(
    flow: Flow, talk: Talk
) -> None:
    texts = [f"第{number}句" for number in range(6)]
    calls = [flow.signed(message_payload(talk, flow.chatwoot.write(talk, text))) for text in texts]
    shuffled = [*calls, *calls, *calls]
    random.Random(3).shuffle(shuffled)
    for call in shuffled:
        await flow.post(call)
    assert sorted(each.text for each in await flow.messages()) == texts


async def test_a_private_note_and_an_edit_are_not_heard(flow: Flow, talk: Talk) -> None:
    await flow.buyer_says(talk, "在吗")
    note = flow.chatwoot.write(talk, "这位难缠", OUTGOING, sender=PERSON, private=True)
    await flow.post(flow.signed(message_payload(talk, note)))
    edited = talk.messages[0] | {"content": "在么"}
    await flow.post(flow.signed(message_payload(talk, edited, "message_updated")))
    found = await flow.conversation()
    assert [each.text for each in await flow.messages()] == ["在吗"]
    assert found.person_at is None


async def test_an_image_alone_has_no_words_and_a_voice_is_said_to_have_come(flow: Flow, talk: Talk) -> None:
    await flow.buyer_says(talk, None, attachments=("image",))
    (image,) = await flow.messages()
    assert image.image
    assert image.text == ""
    assert (await read_unanswered(flow.office.store, SHOP, (await flow.conversation()).id)).text == ""
    await flow.buyer_says(talk, None, attachments=("audio",))
    assert "voice" in (await flow.messages())[-1].text


async def test_a_person_who_answers_in_chatwoot_is_seen_here_and_software_falls_silent(
    flow: Flow, talk: Talk
) -> None:
    await flow.buyer_says(talk, "在吗")
    said = flow.chatwoot.write(talk, "我来看看", OUTGOING, sender=PERSON)
    await flow.post(flow.signed(message_payload(talk, said)))
    found = await flow.conversation()
    assert [each.author for each in await flow.messages()] == ["buyer", "agent"]
    assert found.person_at is not None
    assert found.waiting_since is None
    await flow.deliver()
    assert flow.chatwoot.said(talk) == ["我来看看"], "what was said there is not sent back"


async def test_status_changes_go_both_ways(flow: Flow, talk: Talk) -> None:
    await flow.buyer_says(talk, "我要投诉")
    found, service = await flow.conversation(), Service(ServicePolicy(), ZoneInfo("Asia/Shanghai"))

    def hand_over(before: Conversation) -> Mapping[str, Any]:
        return queueing.asked_for_person(before, service, flow.office.clock.now(), "upset", urgent=True)

    await flow.office.store.change_conversation(SHOP, found.id, hand_over)
    await flow.deliver()
    assert (talk.status, talk.priority) == ("open", "urgent")
    assert ["问了两次何时发货" in note for note in flow.chatwoot.notes(talk)] == [True]
    await flow.changes(talk, "conversation_opened", 1.0)
    assert (await flow.conversation()).person_at is None, (
        "that is Chatwoot's answer to being asked for a person"
    )
    await flow.office.passes(30)
    await flow.changes(talk, "conversation_opened", 31.0)
    assert (await flow.conversation()).person_at is not None
    talk.status = "pending"
    await flow.changes(talk, "conversation_status_changed", 2.0)
    given_back = await flow.conversation()
    assert (given_back.person_at, given_back.handed_at) == (None, None)
    talk.status = "resolved"
    await flow.changes(talk, "conversation_resolved", 3.0)
    assert (await flow.conversation()).state == "closed"
    await flow.changes(talk, "conversation_resolved", 3.0)
    talk.status = "pending"
    await flow.buyer_says(talk, "还有个问题")
    assert (await flow.conversation()).state == "open"


async def test_what_is_done_in_a_buyers_old_conversation_there_is_not_about_his_new_one(
    flow: Flow, talk: Talk
) -> None:
    await flow.buyer_says(talk, "旧问题")
    newer = flow.chatwoot.open_talk(1, 5, 9, talk.contact)
    await flow.buyer_says(newer, "新问题")
    said = flow.chatwoot.write(talk, "旧的处理好了", OUTGOING, sender=PERSON)
    await flow.post(flow.signed(message_payload(talk, said)))
    for status, event in (("open", "conversation_opened"), ("resolved", "conversation_resolved")):
        talk.status = status
        await flow.changes(talk, event, 5.0)
    found = await flow.conversation()
    assert (found.state, found.person_at, found.waiting_since is None) == ("open", None, False)
    await flow.answer("新回答")
    await flow.deliver()
    assert flow.chatwoot.said(newer) == ["新回答"]
    newer.status = "resolved"
    await flow.changes(newer, "conversation_resolved", 6.0)
    assert (await flow.conversation()).state == "closed"


async def test_what_an_agent_closes_here_is_resolved_there(flow: Flow, talk: Talk) -> None:
    await flow.office.hires("ann")
    await flow.buyer_says(talk, "谢谢")
    await flow.office.conversing.close(SHOP, (await flow.conversation()).id, "ann")
    await flow.deliver()
    assert talk.status == "resolved"


async def test_two_shops_with_the_same_numbers_hear_and_say_nothing_of_each_other(
    flow: Flow, talk: Talk
) -> None:
    theirs = flow.chatwoot.open_talk(1, 6, 8, Contact(31, "同号"))
    await flow.buyer_says(talk, "左边的问题")
    await flow.buyer_says(theirs, "右边的问题", OTHER)
    for shop, foreign in ((SHOP, theirs), (OTHER, talk)):
        with pytest.raises(Unreadable):
            await flow.buyer_says(foreign, "串店", shop)
    await flow.answer("左边的回答")
    await flow.answer("右边的回答", OTHER)
    await flow.deliver()
    assert (flow.chatwoot.said(talk), flow.chatwoot.said(theirs)) == (["左边的回答"], ["右边的回答"])
    assert [each.text for each in await flow.messages()] == ["左边的问题", "左边的回答"]
    assert [each.text for each in await flow.messages(OTHER)] == ["右边的问题", "右边的回答"]


async def test_a_buyer_whom_the_site_vouches_for_is_never_the_one_it_does_not(flow: Flow) -> None:
    for number, contact in ((7, Contact(31, "访客", "vip-9", True)), (8, Contact(32, "访客", "vip-9"))):
        await flow.buyer_says(flow.chatwoot.open_talk(1, 5, number, contact), "我的单")
    store = flow.office.store
    known = await store.find_buyer(SHOP, "chatwoot:chat", "vip-9")
    unknown = await store.find_buyer(SHOP, "chatwoot:chat", "unverified:32")
    assert isinstance(known, Buyer)
    assert isinstance(unknown, Buyer)
    assert known.id != unknown.id


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_fails_and_in_whichever_order_nothing_is_lost_doubled_or_out_of_order(
    flow: Flow, talk: Talk, seed: int
) -> None:
    chance = random.Random(seed)
    await flow.office.hires("ann")
    await flow.buyer_says(talk, "开头")
    found, heard = await flow.conversation(), ["开头"]
    replies: list[str] = []
    calls: list[Hook] = []

    async def buyer() -> None:
        heard.append(f"问{len(heard)}")
        calls.append(flow.signed(message_payload(talk, flow.chatwoot.write(talk, heard[-1]))))

    async def agent() -> None:
        replies.append(f"答{len(replies)}")
        await flow.office.conversing.reply(SHOP, found.id, "ann", replies[-1], key=f"r-{len(replies)}")

    async def ail() -> None:
        flow.chatwoot.status = chance.choice((0, 0, 500, 502, 429))

    async def lose() -> None:
        flow.chatwoot.loses_answers += 1

    async def garble() -> None:
        flow.chatwoot.garbled = chance.random() < 0.3

    async def hear() -> None:
        echoes = [flow.signed(message_payload(talk, each)) for each in talk.messages]
        for call in chance.sample([*calls, *echoes], k=min(3, len(calls) + len(echoes))):
            await flow.post(call)

    async def wait() -> None:
        await flow.pass_time(timedelta(seconds=chance.choice((1, 5, 60))), timedelta(seconds=1))

    for _ in range(60):
        await chance.choice((buyer, agent, ail, lose, garble, hear, hear, wait, wait))()
    flow.chatwoot.status, flow.chatwoot.loses_answers, flow.chatwoot.garbled = 0, 0, False
    for call in calls:
        await flow.post(call)
    await flow.pass_time(timedelta(hours=2), timedelta(minutes=1))
    assert flow.chatwoot.said(talk) == replies
    assert sorted(each.text for each in await flow.messages() if each.author == "buyer") == sorted(heard)
    assert {each.state for each in await flow.deliveries()} <= {DeliveryState.SENT}

"""Deliveries to outer channels: in order, once, waited for, given up, handed to a person; over stores in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bot.domain.channels import (
    AUTOMATIC_LIFETIME,
    PERSONS_LIFETIME,
    Delivery,
    DeliveryState,
    Setting,
    ShopChannel,
    wait_before,
)
from bot.domain.conversation import Buyer
from bot.domain.shop import Shop
from bot.ports import NewMessage, StoreUnavailable
from bot.ports.channels import (
    Came,
    ChannelField,
    ChannelPlace,
    Delivered,
    Incoming,
    Outcome,
    Outgoing,
    Refused,
    Retry,
)
from bot.services.channel_delivering import AskPerson, ChannelDelivering
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_channels import MemoryChannels
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.store_contract import NOW

HOOK = ShopChannel("hook", "fake", "商城")
MINUTE = timedelta(minutes=1)
WAITING, SENT, DEAD, EXPIRED = (DeliveryState(each) for each in ("waiting", "sent", "dead", "expired"))


@dataclass
class SteppingClock:
    """A clock that is moved by hand."""

    moment: datetime = NOW

    def now(self) -> datetime:
        return self.moment

    def step(self, seconds: float) -> None:
        """Let time pass."""
        self.moment += timedelta(seconds=seconds)


@dataclass
class FakeChannel:
    """An adapter that does as it is told: `plan` holds what comes of the next attempts, then everything arrives."""

    plan: list[Outcome | Exception] = field(default_factory=list)
    marked: Delivered | Retry | None = None
    tried: list[tuple[str, str]] = field(default_factory=list)
    arrived: list[Outgoing] = field(default_factory=list)
    looked: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    met: asyncio.Event = field(default_factory=asyncio.Event)
    kind: str = "fake"
    fields: Sequence[ChannelField] = ()
    busy_status: int = 503

    def problems(self, settings: Mapping[str, Setting]) -> Mapping[str, str]:
        return {}

    def read(self, place: ChannelPlace, incoming: Incoming, now: object) -> Sequence[Came]:
        return ()

    async def deliver(self, place: ChannelPlace, outgoing: Outgoing) -> Outcome:
        self.tried.append((place.shop, outgoing.delivery.key))
        if self.gate is not None:
            await self.gate.wait()
        outcome = self.plan.pop(0) if self.plan else Delivered(f"x-{len(self.arrived)}")
        if isinstance(outcome, Exception):
            raise outcome
        if isinstance(outcome, Delivered):
            self.arrived.append(outgoing)
            self.met.set()
        return outcome

    async def find_mark(self, place: ChannelPlace, outgoing: Outgoing) -> Delivered | Retry | None:
        self.looked.append(outgoing.delivery.key)
        return self.marked

    async def test(self, place: ChannelPlace) -> Outcome:
        return Delivered()


@dataclass
class Desk:
    """A shop with a channel, its deliveries, and who was asked to go on."""

    clock: SteppingClock
    conversations: MemoryConversations
    store: MemoryChannels
    channel: FakeChannel
    asked: list[tuple[str, str]] = field(default_factory=list)
    stopped: set[str] = field(default_factory=set)

    def delivering(self) -> ChannelDelivering:
        """Return one worker's part."""

        async def expired(shop: str, conversation: str) -> None:
            self.asked.append((shop, conversation))

        async def briefing(_shop: str, _conversation: str) -> str:
            return "买家问了两次"

        async def marks(_shop: str) -> bool:
            return True

        async def speaks(shop: str) -> bool:
            return shop not in self.stopped

        ask = AskPerson(expired, briefing, marks, speaks)
        kinds = {"fake": self.channel}
        return ChannelDelivering(self.store, self.conversations, kinds, ask, self.clock, lambda: 0.5)

    async def talk(self, shop: str = "tea", external: str = "b-1") -> str:
        buyer = Buyer("", "", "fake:hook", external)
        return (await self.conversations.open_conversation(shop, buyer, self.clock.now())).id

    async def say(self, conversation: str, text: str, author: str = "agent", shop: str = "tea") -> None:
        message = NewMessage(author, text, self.clock.now(), f"k-{text}")
        await self.conversations.write_message(shop, conversation, message, lambda _: {})

    async def deliver_due(self, worker: ChannelDelivering | None = None) -> int:
        """Make all that is due now; return how many attempts were made."""
        worker, before = worker or self.delivering(), len(self.channel.tried)
        while begun := await worker.begin_due():
            await asyncio.gather(*begun)
        return len(self.channel.tried) - before

    async def all_of(self, shop: str = "tea") -> list[Delivery]:
        found = await self.store.list_deliveries(shop, "hook", list(DeliveryState), 1000)
        return sorted(found, key=lambda each: (each.conversation, each.position))

    def texts(self) -> list[str]:
        return [each.text or each.delivery.status for each in self.channel.arrived]


@pytest.fixture
async def desk() -> Desk:
    memory, clock = Memory(), SteppingClock()
    conversations = MemoryConversations(memory, lambda text: text)
    store = MemoryChannels(memory, conversations)
    for shop in ("tea", "lamp"):
        await MemoryShops(memory).put_shop(Shop(shop, shop))
        await store.put_channel(shop, HOOK, {"secret": shop}, NOW)
    return Desk(clock, conversations, store, FakeChannel())


async def test_what_is_said_arrives_in_its_order(desk: Desk) -> None:
    talk = await desk.talk()
    for text in ("一", "二", "三"):
        await desk.say(talk, text)
    await desk.deliver_due()
    assert desk.texts() == ["一", "二", "三"]
    assert [(each.state, each.external_id) for each in await desk.all_of()] == [
        (SENT, "x-0"), (SENT, "x-1"), (SENT, "x-2"),
    ]  # fmt: skip


async def test_two_workers_deliver_each_message_once(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一")
    first, second = desk.delivering(), desk.delivering()
    begun = [*await first.begin_due(), *await second.begin_due()]
    await asyncio.gather(*begun)
    assert desk.texts() == ["一"]


async def test_a_receiver_that_is_out_of_order_for_an_hour_gets_all_in_order_and_once(desk: Desk) -> None:
    talk, end = await desk.talk(), NOW + 60 * MINUTE
    for text in ("一", "二", "三"):
        await desk.say(talk, text)
    attempts = 0
    while desk.clock.now() < end:
        desk.channel.plan = [Retry("500")] * 10
        attempts += await desk.deliver_due()
        desk.clock.step(10)
    assert desk.texts() == []
    assert 8 <= attempts <= 20, "it is asked ever more seldom"
    desk.channel.plan = []
    desk.clock.step(15 * 60)
    await desk.deliver_due()
    assert desk.texts() == ["一", "二", "三"]
    assert {each.state for each in await desk.all_of()} == {SENT}


async def test_one_buyers_trouble_holds_up_no_other_buyer(desk: Desk) -> None:
    stuck, free = await desk.talk(external="b-1"), await desk.talk(external="b-2")
    await desk.say(stuck, "一")
    desk.channel.plan = [Retry("500")]
    await desk.deliver_due()
    await desk.say(free, "二")
    await desk.deliver_due()
    assert desk.texts() == ["二"]


async def test_before_it_is_tried_again_its_mark_is_looked_for(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一")
    desk.channel.plan = [Retry("the answer was lost")]
    await desk.deliver_due()
    assert desk.channel.looked == []
    desk.channel.marked = Delivered("x-found")
    desk.clock.step(5)
    await desk.deliver_due()
    [delivery] = await desk.all_of()
    assert desk.channel.looked == [delivery.key]
    assert (delivery.state, delivery.external_id, len(desk.channel.tried)) == (SENT, "x-found", 1)


async def test_a_mark_that_cannot_be_looked_up_sends_nothing(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一")
    desk.channel.plan, desk.channel.marked = [Retry("500")], Retry("500")
    await desk.deliver_due()
    desk.clock.step(5)
    await desk.deliver_due()
    assert len(desk.channel.tried) == 1
    assert [each.state for each in await desk.all_of()] == [WAITING]


async def test_a_worker_that_was_killed_in_between_leaves_its_delivery_to_another(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一")
    desk.channel.gate = asyncio.Event()
    [killed] = await desk.delivering().begin_due()
    await asyncio.sleep(0)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    desk.channel.gate = None
    assert await desk.deliver_due() == 0, "it is still claimed"
    desk.clock.step(61)
    await desk.deliver_due()
    assert desk.texts() == ["一"]
    assert len(desk.channel.looked) == 1, "it may have arrived"


async def test_an_automatic_answer_that_is_too_old_is_a_hand_over(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "还有3件", "auto")
    desk.channel.plan = [Retry("500")]
    await desk.deliver_due()
    desk.clock.step(AUTOMATIC_LIFETIME.total_seconds() + 1)
    await desk.deliver_due()
    assert desk.texts() == []
    assert [each.state for each in await desk.all_of()] == [EXPIRED]
    assert desk.asked == [("tea", talk)]


async def test_an_automatic_answer_that_still_waits_when_software_is_stopped_goes_out_no_more(
    desk: Desk,
) -> None:
    talk, other = await desk.talk(), await desk.talk("lamp")
    for shop, conversation in (("tea", talk), ("lamp", other)):
        await desk.say(conversation, "还有3件", "auto", shop)
        await desk.say(conversation, "我来看看", shop=shop)
    desk.channel.plan = [Retry("500"), Retry("500")]
    await desk.deliver_due()
    desk.stopped.add("tea")
    desk.clock.step(5)
    await desk.deliver_due()
    assert [(each.state, each.author) for each in await desk.all_of()] == [(EXPIRED, "auto"), (SENT, "agent")]
    assert [each.state for each in await desk.all_of("lamp")] == [SENT, SENT], "another shop's goes on"
    assert desk.asked == [("tea", talk)]


async def test_an_automatic_answer_that_still_waits_when_a_person_comes_goes_out_no_more(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "还有3件", "auto")
    desk.channel.plan = [Retry("500")]
    await desk.deliver_due()
    moment = desk.clock.now()
    await desk.conversations.change_conversation("tea", talk, lambda _: {"person_at": moment})
    await desk.say(talk, "我来看看")
    desk.clock.step(5)
    await desk.deliver_due()
    assert desk.texts() == ["我来看看"]
    assert [each.state for each in await desk.all_of()] == [EXPIRED, SENT]


async def test_a_persons_message_is_tried_for_a_day_and_then_shown_as_failed(desk: Desk) -> None:
    talk, end = await desk.talk(), NOW + PERSONS_LIFETIME + 30 * MINUTE
    await desk.say(talk, "有的")
    while desk.clock.now() < end:
        desk.channel.plan = [Retry("对方返回 500")] * 10
        await desk.deliver_due()
        desk.clock.step(300)
    [delivery] = await desk.all_of()
    assert (delivery.state, delivery.error) == (EXPIRED, "对方返回 500")
    assert desk.asked == []


async def test_what_was_said_before_a_day_off_is_still_delivered(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "有的")
    desk.clock.step(2 * PERSONS_LIFETIME.total_seconds())
    await desk.deliver_due()
    assert desk.texts() == ["有的"]


async def test_what_is_refused_is_dead_with_its_reason_and_lets_the_next_go(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一")
    await desk.say(talk, "二")
    desk.channel.plan = [Refused("对方返回 410")]
    await desk.deliver_due()
    first, second = await desk.all_of()
    assert (first.state, first.error, second.state) == (DEAD, "对方返回 410", SENT)
    assert desk.asked == []


async def test_an_automatic_answer_that_is_refused_is_a_hand_over(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一", "auto")
    desk.channel.plan = [Refused("400")]
    await desk.deliver_due()
    assert desk.asked == [("tea", talk)]


async def test_an_adapter_that_breaks_is_tried_again(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一")
    desk.channel.plan = [ZeroDivisionError()]
    await desk.deliver_due()
    desk.clock.step(5)
    await desk.deliver_due()
    assert desk.texts() == ["一"]


async def test_a_channel_that_is_switched_off_keeps_what_waits(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一")
    off = ShopChannel("hook", "fake", "商城", False)
    await desk.store.put_channel("tea", off, {}, desk.clock.now())
    assert await desk.deliver_due() == 0
    await desk.store.put_channel("tea", HOOK, {}, desk.clock.now())
    await desk.deliver_due()
    assert desk.texts() == ["一"]


async def test_what_was_erased_is_not_delivered(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一")
    buyer = (await desk.conversations.get_conversation("tea", talk)).buyer
    await desk.conversations.erase_buyer("tea", buyer.id)
    await desk.deliver_due()
    assert desk.channel.tried == []


async def test_a_hand_over_is_told_with_what_a_person_should_know(desk: Desk) -> None:
    talk = await desk.talk()
    change = {"handed_at": NOW, "hand_over": "upset", "urgent": True}
    await desk.conversations.change_conversation("tea", talk, lambda _: change)
    await desk.deliver_due()
    [told] = desk.channel.arrived
    assert (told.delivery.status, told.reason, told.urgent, told.note) == (
        "handed_over", "upset", True, "买家问了两次",
    )  # fmt: skip


async def test_an_automatic_message_is_marked_where_the_shop_wants_it(desk: Desk) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一", "auto")
    await desk.say(talk, "二")
    await desk.deliver_due()
    assert [each.marked for each in desk.channel.arrived] == [True, False]


async def test_two_shops_with_the_same_ids_get_their_own(desk: Desk) -> None:
    for shop in ("tea", "lamp"):
        await desk.say(await desk.talk(shop), shop, shop=shop)
    await desk.deliver_due()
    of_shop = {(shop, key) for shop, key in desk.channel.tried}
    assert {shop for shop, _ in of_shop} == {"tea", "lamp"}
    for shop in ("tea", "lamp"):
        [delivery] = await desk.all_of(shop)
        assert (shop, delivery.key) in of_shop
    assert sorted(desk.texts()) == ["lamp", "tea"]


async def test_a_slow_receiver_of_one_shop_keeps_no_other_shop_waiting(desk: Desk) -> None:
    for number in range(20):
        await desk.say(await desk.talk("lamp", f"b-{number}"), f"l{number}", shop="lamp")
    worker, desk.channel.gate = desk.delivering(), asyncio.Event()
    slow = await worker.begin_due()
    assert len(slow) == 8
    await desk.say(await desk.talk(), "一")
    [quick] = await worker.begin_due()
    desk.channel.gate.set()
    await asyncio.gather(quick, *slow)
    assert "一" in desk.texts()


async def test_a_database_that_is_away_in_between_loses_nothing(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一")

    async def away(*_: object) -> None:
        raise StoreUnavailable("the database does not answer")

    with monkeypatch.context() as broken:
        broken.setattr(desk.store, "settle_delivery", away)
        await asyncio.gather(*await desk.delivering().begin_due())
    desk.clock.step(61)
    await desk.deliver_due()
    assert {each.state for each in await desk.all_of()} == {SENT}
    assert len(desk.channel.looked) == 1


async def test_run_delivers_as_soon_as_something_is_said(desk: Desk) -> None:
    worker = desk.delivering()
    running = [asyncio.create_task(worker.run()), asyncio.create_task(worker.follow())]
    talk = await desk.talk()
    await desk.say(talk, "一")
    async with asyncio.timeout(5):
        await desk.channel.met.wait()
    assert desk.texts() == ["一"]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_waits_grow_and_are_bounded(chance: float) -> None:
    waits = [wait_before(attempts, chance) for attempts in range(1, 40)]
    assert waits == sorted(waits)
    assert timedelta(seconds=1) < waits[0] < timedelta(seconds=3)
    assert waits[-1] <= timedelta(minutes=12.5)
    assert wait_before(1, chance, timedelta(minutes=5)) == timedelta(minutes=5)
    assert wait_before(1, chance, timedelta(days=5)) == timedelta(minutes=12.5)


async def test_what_breaks_beside_the_adapter_is_tried_again_soon(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = await desk.talk()
    await desk.say(talk, "一")

    async def broken(*_: object) -> str:
        raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(desk.store, "thread_of", broken)
        await desk.deliver_due()
    [delivery] = await desk.all_of()
    assert (delivery.state, bool(delivery.error), desk.channel.tried) == (WAITING, True, [])
    desk.clock.step(5)
    await desk.deliver_due()
    assert desk.texts() == ["一"]

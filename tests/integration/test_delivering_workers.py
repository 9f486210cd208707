"""Deliveries by several workers over PostgreSQL: each message once and in order, whoever is killed in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_network

import pytest

from bot.channels.webhook import WebhookChannel
from bot.domain.channels import DeliveryState, ShopChannel
from bot.domain.conversation import Buyer
from bot.domain.shop import Shop
from bot.open_internet import OpenInternet
from bot.ports import NewMessage, NotFound
from bot.services.channel_delivering import AskPerson, ChannelDelivering
from bot.storage.channels import PostgresChannels
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.shops import PostgresShops
from tests.contract.store_contract import NOW, FixedClock, unused_id
from tests.integration.webhook_peer import SECRET, WebhookPeer, webhook_peer

HERE = OpenInternet([ip_network("127.0.0.0/8")])


async def _nobody(_shop: str, _conversation: str) -> None:
    return None


async def _nothing(_shop: str, _conversation: str) -> str:
    return ""


async def _unmarked(_shop: str) -> bool:
    return False


@dataclass
class Plant:
    """A shop whose buyers are at a peer, and as many workers as a test begins."""

    store: PostgresChannels
    conversations: PostgresConversations
    peer: WebhookPeer
    shop: str
    clock: FixedClock = field(default_factory=FixedClock)

    def worker(self) -> ChannelDelivering:
        """Return another worker's part."""
        kinds = {"webhook": WebhookChannel(HERE)}
        ask = AskPerson(_nobody, _nothing, _unmarked)
        return ChannelDelivering(self.store, self.conversations, kinds, ask, self.clock, lambda: 0.0)

    async def talk(self, buyer: str) -> str:
        who = Buyer("", "", "webhook:hook", buyer)
        return (await self.conversations.open_conversation(self.shop, who, NOW)).id

    async def say(self, conversation: str, text: str) -> None:
        message = NewMessage("agent", text, self.clock.now(), f"k-{text}")
        await self.conversations.write_message(self.shop, conversation, message, lambda _: {})

    async def states(self) -> set[DeliveryState]:
        found = await self.store.list_deliveries(self.shop, "hook", list(DeliveryState), 1000)
        return {each.state for each in found}


@pytest.fixture
async def plant(database: Database) -> AsyncIterator[Plant]:
    shops, store = PostgresShops(database), PostgresChannels(database)
    shop = f"deliver-{unused_id()}"
    await shops.put_shop(Shop(shop, shop))
    async with webhook_peer() as peer:
        channel = ShopChannel("hook", "webhook", "商城", settings={"url": peer.url, "vouches": True})
        await store.put_channel(shop, channel, {"secret": SECRET}, NOW)
        yield Plant(store, PostgresConversations(database, lambda text: text), peer, shop)
    with suppress(NotFound):
        await shops.delete_shop(shop)


async def test_two_workers_deliver_all_once_and_in_order_while_more_is_said(plant: Plant) -> None:
    talks = [await plant.talk(f"b-{number}") for number in range(12)]
    running = [asyncio.create_task(worker.run()) for worker in (plant.worker(), plant.worker())]

    async def speak(talk: str) -> None:
        for number in range(6):
            await plant.say(talk, f"{talk}/{number}")

    await asyncio.gather(*(speak(talk) for talk in talks))
    async with asyncio.timeout(20):
        await plant.peer.has_kept(72)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    assert len(plant.peer.calls) == 72
    kept = plant.peer.kept()
    for talk in talks:
        assert [text for text in kept if text.startswith(f"{talk}/")] == [f"{talk}/{n}" for n in range(6)]


async def test_a_worker_that_dies_after_sending_leaves_no_second_copy(plant: Plant) -> None:
    talk = await plant.talk("b-1")
    await plant.say(talk, "一")
    await plant.say(talk, "二")
    plant.peer.lose_answer()
    [due] = await plant.store.deliveries_due(NOW, 10)
    delivery = await plant.store.begin_delivery(due)
    assert delivery is not None
    # It was sent, and here the worker is gone: nobody writes down what became of it.
    plant.peer.documents[delivery.key] = {"type": "message", "text": "一"}
    plant.peer.losing = False
    assert await plant.worker().begin_due() == []
    plant.clock.moment += timedelta(minutes=2)
    worker = plant.worker()
    while begun := await worker.begin_due():
        await asyncio.gather(*begun)
    assert plant.peer.kept() == ["一", "二"]
    assert await plant.states() == {DeliveryState.SENT}


async def test_an_outage_of_an_hour_loses_and_doubles_nothing(plant: Plant) -> None:
    talks = [await plant.talk(f"b-{number}") for number in range(3)]
    for number in range(4):
        for talk in talks:
            await plant.say(talk, f"{talk}/{number}")
    plant.peer.answer_with(500)
    worker = plant.worker()
    for _ in range(120):
        while begun := await worker.begin_due():
            await asyncio.gather(*begun)
        plant.clock.moment += timedelta(seconds=30)
    assert plant.peer.kept() == []
    plant.peer.answer_with(0)
    plant.clock.moment += timedelta(minutes=15)
    while begun := await worker.begin_due():
        await asyncio.gather(*begun)
    kept = plant.peer.kept()
    assert len(kept) == 12
    for talk in talks:
        assert [text for text in kept if text.startswith(f"{talk}/")] == [f"{talk}/{n}" for n in range(4)]

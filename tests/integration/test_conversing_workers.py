"""Conversations over a real PostgreSQL, with several workers at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.account import Account, Membership, Organisation
from bot.domain.conversation import Buyer
from bot.domain.shop import Shop
from bot.ports import HeldMessage, NewMessage
from bot.services.colleagues import Colleagues
from bot.services.conversing import Conversing, HeldByColleague
from bot.services.distributing import Distributing
from bot.services.presence import Presences
from bot.services.recording import EventRecorder
from bot.services.shop_manners import ShopManners
from bot.storage.accounts import PostgresAccounts
from bot.storage.conversations import PostgresConversations
from bot.storage.database import Database
from bot.storage.events import PostgresEvents
from bot.storage.presence import PostgresPresence
from bot.storage.shops import PostgresShops
from tests.contract.conversation_contract import SIMPLIFY
from tests.contract.store_contract import unused_id


class WallClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Worker:
    """One process's services, with caches of its own."""

    def __init__(self, database: Database) -> None:
        clock = WallClock()
        shops, accounts = PostgresShops(database), PostgresAccounts(database, clock)
        presence = PostgresPresence(database)
        self.store = PostgresConversations(database, SIMPLIFY)
        self.accounts = accounts
        self.shops = shops
        self.recorder = EventRecorder(PostgresEvents(database))
        manners = ShopManners(shops, self.store)
        self.presences = Presences(accounts, presence, self.recorder, clock)
        self.distributing = Distributing(self.store, accounts, self.presences, manners, self.recorder, clock)
        self.conversing = Conversing(
            self.store, manners, Colleagues(accounts, presence), self.recorder, clock
        )


@pytest.fixture
async def shop(database: Database) -> str:
    """A shop with three agents who are there."""
    worker, shop = Worker(database), f"talking-{unused_id()}"
    await worker.shops.put_shop(Shop(shop, "店"))
    await worker.accounts.put_organisation(Organisation(f"org-{shop}", "机构", frozenset({shop})))
    people = [f"{shop}-{name}" for name in "abc"]
    await worker.accounts.create_accounts(
        [(Account(each, f"org-{shop}", each, f"客服{each[-1]}", capacity=5), "hash") for each in people],
        [Membership(each, shop, "agent") for each in people],
    )
    for each in people:
        await worker.presences.say(each, "online")
    return shop


def a_buyer(number: int = 0) -> Buyer:
    return Buyer("", f"买家{number}", "web", external_id=f"x{number}")


async def test_of_agents_who_answer_at_once_one_wins_and_the_others_are_told_who(
    database: Database, shop: str
) -> None:
    workers = [Worker(database) for _ in range(3)]
    asked = await workers[0].conversing.receive(shop, a_buyer(), "在吗", key="k1")
    answers = await asyncio.gather(
        *(
            worker.conversing.reply(shop, asked.conversation.id, f"{shop}-{name}", "在的", key=name)
            for worker, name in zip(workers, "abc", strict=True)
        ),
        return_exceptions=True,
    )
    refused = [each for each in answers if isinstance(each, HeldByColleague)]
    assert len(refused) == 2
    holder = (await workers[0].store.get_conversation(shop, asked.conversation.id)).assignee
    assert {each.account for each in refused} == {holder}
    assert len(await workers[0].store.list_messages(shop, asked.conversation.id, 9)) == 2


async def test_three_bubbles_at_once_are_one_conversation_with_one_clock(
    database: Database, shop: str
) -> None:
    workers = [Worker(database) for _ in range(3)]
    written = await asyncio.gather(
        *(
            worker.conversing.receive(shop, a_buyer(), text, key=text)
            for worker, text in zip(workers, ("在吗", "黑色有货吗", "多久发"), strict=True)
        )
    )
    assert len({each.conversation.id for each in written}) == 1
    store = workers[0].store
    messages = await store.list_messages(shop, written[0].conversation.id, 9)
    found = await store.get_conversation(shop, written[0].conversation.id)
    assert [each.number for each in messages] == [1, 2, 3]
    assert (found.unread, found.waiting_since) == (3, messages[0].at)


async def test_several_workers_give_each_conversation_out_once(database: Database, shop: str) -> None:
    workers = [Worker(database) for _ in range(3)]
    ids = [
        (await workers[0].conversing.receive(shop, a_buyer(i), "在吗", key="k")).conversation.id
        for i in range(12)
    ]
    await asyncio.gather(*(worker.distributing.look() for worker in workers))
    found = [await workers[0].store.get_conversation(shop, each) for each in ids]
    assert all(each.assignee for each in found)
    handed = [
        event
        for worker in workers
        for of, event in worker.recorder._waiting
        if event.kind == "handed" and of == shop
    ]
    assert sorted(event.conversation for event in handed) == sorted(ids)


async def test_a_message_whose_worker_died_while_sending_is_sent_once_by_another(
    database: Database, shop: str
) -> None:
    worker = Worker(database)
    asked = await worker.conversing.receive(shop, a_buyer(), "在吗", key="k1")
    now, key, account = datetime.now(UTC), f"held-{shop}", f"{shop}-a"
    message = NewMessage("agent", "在的", now, key, account)
    await worker.store.hold_message(shop, HeldMessage(asked.conversation.id, message, now))
    # One died before it wrote the message, the next one right after.
    for seconds in (0, 60):
        due = await worker.store.held_due(now + timedelta(seconds=seconds), 10_000)
        assert (shop, key) in due
    await worker.conversing.reply(shop, asked.conversation.id, account, "在的", key=key)
    assert (shop, key) not in await worker.store.held_due(now + timedelta(seconds=120), 10_000)
    again = await worker.conversing.reply(shop, asked.conversation.id, account, "在的", key=key)
    assert not again.is_new
    texts = [each.text for each in await worker.store.list_messages(shop, asked.conversation.id, 9)]
    assert texts == ["在吗", "在的"]


async def test_closing_while_the_buyer_writes_loses_no_word(database: Database, shop: str) -> None:
    worker = Worker(database)
    buyer = replace(a_buyer(), external_id="fast")
    opened = (await worker.conversing.receive(shop, buyer, "在吗", key="0")).conversation
    written = await asyncio.gather(
        worker.conversing.close(shop, opened.id, f"{shop}-a"),
        *(worker.conversing.receive(shop, buyer, f"话{i}", key=f"w{i}") for i in range(1, 6)),
    )
    talks = await worker.store.buyer_conversations(shop, opened.buyer.id, 9)
    texts = [m.text for each in talks for m in await worker.store.list_messages(shop, each.id, 99)]
    assert sorted(texts) == sorted(["在吗", *(f"话{i}" for i in range(1, 6))])
    assert len(written) == 6

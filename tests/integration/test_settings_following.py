"""A shop's settings over PostgreSQL: what one worker saves, another answers with, and its guard knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.bootstrap.databases import postgres_stores
from bot.bootstrap.engine import Stores, SystemClock
from bot.domain.account import Account, Organisation
from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.ports import NotFound
from bot.retrieval.normaliser import OpenccNormaliser
from bot.retrieval.phrase_matcher import AutomatonMatchers
from bot.services.auditing import Auditor
from bot.services.colleagues import Colleagues
from bot.services.documents import ShopDocument
from bot.services.entries import EntryEditor
from bot.services.guarding import Guard
from bot.services.shop_imports import ShopImports
from bot.services.shop_manners import Manners, ShopManners
from bot.services.shop_settings import ShopSettings
from bot.services.starter_packs import StarterPacks
from bot.storage.database import Database

HERE, THERE = "settings-here", "settings-there"
ADMIN = Account("settings-admin", "settings-office", "settings-admin", "管理员", is_admin=True)


@pytest.fixture
async def stores(database: Database) -> AsyncIterator[Stores]:
    stores = postgres_stores(database, SystemClock())
    before = set(await stores.shops.versions())
    for shop, name in ((HERE, "松涛文具社"), (THERE, "海棠花艺馆")):
        await stores.shops.put_shop(Shop(shop, name))
    if not any(each.id == ADMIN.organisation for each in await stores.accounts.list_organisations()):
        await stores.accounts.put_organisation(Organisation(ADMIN.organisation, "机构", frozenset({HERE})))
        await stores.accounts.create_accounts([(ADMIN, "none")], [])
    yield stores
    for shop in set(await stores.shops.versions()) - before:
        await stores.shops.delete_shop(shop)


def settings_of(stores: Stores) -> ShopSettings:
    """Return the use cases as one worker has them."""
    editor = EntryEditor(stores.shops, stores.entries, stores.clock)
    imports = ShopImports(stores.shops, stores.entries, editor, stores.events, stores.clock)
    return ShopSettings(
        stores.shops,
        stores.conversations,
        stores.facts,
        stores.accounts,
        Colleagues(stores.accounts, stores.presence),
        StarterPacks(lambda now: [], stores.facts, editor, imports, stores.clock),
        Auditor(stores.accounts, stores.clock),
        stores.clock,
    )


async def test_another_worker_answers_with_the_new_policy_within_a_second(stores: Stores) -> None:
    manners, heard = ShopManners(stores.shops, stores.conversations), asyncio.Queue[Manners]()

    async def follow() -> None:
        async for each in manners.changes():
            heard.put_nowait(each)

    await manners.of(HERE)
    following = asyncio.create_task(follow())
    try:
        policy = ServicePolicy(target_seconds=60, alarm_seconds=45, address="松涛宝宝")
        await settings_of(stores).set_policy(HERE, policy, ADMIN)
        async with asyncio.timeout(10):
            assert (await heard.get()).policy == policy
        assert (await manners.of(HERE)).policy == policy
        facts = (await stores.facts.load_facts(HERE)).facts
        assert facts["address_form"].value == "松涛宝宝"
        assert (await stores.facts.load_facts(THERE)).facts == {}
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_refused_policy_leaves_nothing_behind(stores: Stores) -> None:
    with pytest.raises(NotFound):
        await settings_of(stores).set_policy("settings-nowhere", ServicePolicy(notice="今天盘点"), ADMIN)


async def test_the_guard_learns_aliases_and_contacts_that_were_saved_elsewhere(stores: Stores) -> None:
    settings = settings_of(stores)
    await settings.set_policy(THERE, ServicePolicy(blocks_contacts=False), ADMIN)
    guard = Guard(
        stores.shops, stores.facts, stores.conversations.get_policy, AutomatonMatchers(), OpenccNormaliser(), settle=0.01
    )  # fmt: skip
    text = "亲，松涛雅集的客服是songtao_2024"
    following = asyncio.create_task(guard.follow())
    try:
        document = ShopDocument(id=HERE, name="松涛文具社", aliases=["松涛雅集"])
        await settings.rename(HERE, document, ADMIN)
        await settings.set_policy(HERE, ServicePolicy(contacts=("微信 songtao_2024",)), ADMIN)
        async with asyncio.timeout(30):
            while len((await guard.check(THERE, text)).findings) < 2:  # noqa: ASYNC110 - it says so in no other way
                await asyncio.sleep(0.02)
        assert (await guard.check(HERE, text)).findings == ()
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_new_shop_belongs_to_its_maker_and_no_other_organisation(stores: Stores) -> None:
    made = await settings_of(stores).create(ShopDocument(id=THERE, name="新店", name_en="Fresh"), ADMIN)
    assert made.id.startswith("fresh-")
    assert (await stores.shops.get_shop(THERE)).name == "海棠花艺馆"
    [held] = await stores.accounts.memberships_of(ADMIN.id)
    assert (held.shop, held.role) == (made.id, "owner")
    office = await stores.accounts.get_organisation(ADMIN.organisation)
    assert office.shops >= {made.id}
    renamed = await settings_of(stores).rename(
        made.id, ShopDocument(id="x", name="新店", timezone="Europe/Berlin"), ADMIN
    )
    assert renamed == replace(made, name_en="", timezone="Europe/Berlin")
    assert (await stores.accounts.memberships_of(ADMIN.id))[0].timezone == "Europe/Berlin"

"""The guard over real stores: it knows every shop, hears of an edit made elsewhere, and forgets a shop that is deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest

from bot.bootstrap.databases import postgres_stores
from bot.bootstrap.engine import Stores, SystemClock
from bot.domain.entry import Entry
from bot.domain.guard import Verdict
from bot.domain.service_policy import ServicePolicy
from bot.retrieval.normaliser import OpenccNormaliser
from bot.retrieval.phrase_matcher import AutomatonMatchers
from bot.services.guarding import Guard
from bot.services.packs import load_pack
from bot.services.shop_loading import load_shop
from bot.storage.database import Database

_HARBOUR = """
kuaihui: 1
shop: {id: guard-harbour, name: 港湾渔具行}
facts: {称呼: 亲, 客服电话: 400-000-7707}
products: [{id: rod, title: 港湾碳素伸缩海竿, item_id: "733300559901", variants: [{sku: rod-l, stock: 1}]}]
orders: [{order_no: "2026030577000001", status: paid}]
entries: [{id: a, group: other, question: 问, reply: 海竿的保养要点是用完以后冲淡水再晾干}]
"""
_MEADOW = """
kuaihui: 1
shop: {id: guard-meadow, name: 草甸露营社}
entries: [{id: a, group: other, question: 问, reply: 好的}]
"""


@pytest.fixture
async def stores(database: Database) -> AsyncIterator[Stores]:
    stores = postgres_stores(database, SystemClock())
    for source in (_HARBOUR, _MEADOW):
        pack = load_pack(source.encode(), "pack", datetime.now(UTC))
        await load_shop(stores.shops, stores.entries, stores.facts, pack)
    yield stores
    for shop in {"guard-harbour", "guard-meadow"} & set(await stores.shops.versions()):
        await stores.shops.delete_shop(shop)


async def _until(holds: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await holds():  # noqa: ASYNC110 - changes come through the database, unannounced
            await asyncio.sleep(0.02)


async def test_the_guard_keeps_up_with_the_database(stores: Stores) -> None:
    async def policy(shop: str) -> ServicePolicy:
        return ServicePolicy()

    guard = Guard(stores.shops, stores.facts, policy, AutomatonMatchers(), OpenccNormaliser(), settle=0.01)
    member = frozenset({"guard-harbour", "guard-meadow"})

    async def is_asked(text: str) -> bool:
        return (await guard.check("guard-meadow", text, may_name=member)).verdict is Verdict.ASK

    async def is_ready() -> bool:
        return guard.state == "ready"

    async def is_let_through() -> bool:
        return not await is_asked("欢迎来港湾渔具行")

    following = asyncio.create_task(guard.follow())
    try:
        await _until(is_ready)
        for text in (
            "欢迎来港湾渔具行",
            "港湾碳素伸缩海竿",
            "拍733300559901",
            "海竿的保养要点是用完以后冲淡水再晾干",
            "2026030577000001",
        ):
            assert await is_asked(text), text
        edited = "新到的鱼饵每盒里面都有两种颜色"
        await stores.entries.put_entries("guard-harbour", [Entry("b", "other", "新问", edited)])
        await _until(lambda: is_asked(edited))
        await stores.shops.delete_shop("guard-harbour")
        await _until(is_let_through)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)

"""How shops are served is read once and kept; whoever follows the changes hears of each, and of nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.ports import NotFound
from bot.services.shop_manners import Manners, ShopManners
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_conversations import MemoryConversations


class Followed:
    """Two shops whose manners are followed; `heard` is what came."""

    def __init__(self) -> None:
        memory = Memory()
        self.shops, self.store = MemoryShops(memory), MemoryConversations(memory, str)
        self.manners = ShopManners(self.shops, self.store)
        self.heard: asyncio.Queue[Manners] = asyncio.Queue()

    async def follow(self) -> None:
        async for each in self.manners.changes():
            self.heard.put_nowait(each)

    async def next(self) -> Manners:
        async with asyncio.timeout(5):
            return await self.heard.get()


@pytest.fixture
async def followed() -> AsyncIterator[Followed]:
    held = Followed()
    for shop in ("tea", "lamp"):
        await held.shops.put_shop(Shop(shop, shop))
    following = asyncio.create_task(held.follow())
    yield held
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)


async def test_a_new_policy_and_a_new_name_are_heard_and_answered_from_then_on(followed: Followed) -> None:
    await followed.manners.of("tea")
    await followed.store.put_policy("tea", ServicePolicy(target_seconds=60))
    assert (await followed.next()).policy.target_seconds == 60
    await followed.shops.put_shop(Shop("tea", "新茶"))
    assert (await followed.next()).shop.name == "新茶"
    assert (await followed.manners.of("tea")).shop.name == "新茶"


async def test_shops_that_nobody_asked_about_and_changes_of_other_things_say_nothing(
    followed: Followed,
) -> None:
    tea = (await followed.manners.of("tea")).shop
    await followed.shops.put_shop(replace(await followed.shops.get_shop("lamp"), name="新灯"))
    await followed.shops.put_shop(tea)
    await followed.shops.put_shop(replace(tea, avatar="茶"))
    assert (await followed.next()).shop == replace(tea, avatar="茶")
    assert followed.heard.empty()


async def test_a_deleted_shop_is_forgotten(followed: Followed) -> None:
    await followed.manners.of("tea")
    await followed.manners.of("lamp")
    await followed.shops.delete_shop("tea")
    await followed.store.put_policy("lamp", ServicePolicy(notice="今天盘点"))
    assert (await followed.next()).shop.id == "lamp"
    with pytest.raises(NotFound):
        await followed.manners.of("tea")

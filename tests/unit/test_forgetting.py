"""Each shop forgets by its own rule, once a day, and one that fails does not keep the others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.domain.service_policy import ServicePolicy
from bot.services.forgetting import Forgetting
from bot.storage.memory import Memory, MemoryEntries, MemoryEvents, MemoryShops
from bot.storage.memory_channels import MemoryChannels
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_forgetting import MemoryForgetting
from tests.contract.forgetting_contract import WORDS, Memories
from tests.contract.store_contract import FixedClock

DAY = timedelta(days=1)


def opened() -> tuple[Memories, Forgetting, FixedClock]:
    memory, clock = Memory(), FixedClock()
    conversations = MemoryConversations(memory, str)
    store = MemoryForgetting(memory, conversations)
    memories = Memories(
        MemoryShops(memory), conversations, MemoryEntries(memory), store, MemoryEvents(memory)
    )
    return memories, Forgetting(conversations, store, MemoryChannels(memory, conversations), clock), clock


async def test_each_shop_keeps_as_long_as_it_says() -> None:
    memories, forgetting, _ = opened()
    short, usual = await memories.shop(), await memories.shop()
    await memories.conversations.put_policy(short, replace(ServicePolicy(), keep_days=30))
    kept = {shop: await memories.closed(shop, "甲", 90) for shop in (short, usual)}
    assert await forgetting.look_through() == 2
    assert await memories.words_of(short, kept[short]) == [""]
    assert await memories.words_of(usual, kept[usual]) == [WORDS]


async def test_a_shop_is_looked_through_once_a_day() -> None:
    memories, forgetting, clock = opened()
    await memories.shop()
    assert await forgetting.look_through() == 1
    clock.moment += DAY / 2
    assert await forgetting.look_through() == 0
    clock.moment += DAY / 2
    assert await forgetting.look_through() == 1


async def test_more_than_one_step_is_gone_through() -> None:
    memories, forgetting, _ = opened()
    shop = await memories.shop()
    old = [await memories.closed(shop, f"买家{n}", 200) for n in range(120)]
    assert await forgetting.forget(shop) == 120
    assert {text for each in old for text in await memories.words_of(shop, each)} == {""}

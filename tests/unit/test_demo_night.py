"""The demo's night shift: set up once, where nobody has decided."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.domain.auto_reply_policy import AutoReplyPolicy
from bot.domain.service_policy import ServicePolicy
from bot.domain.shop import Shop
from bot.services.demo_night import NIGHT, SHOP, staff_the_night
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_auto_replies import MemoryAutoReplies
from bot.storage.memory_conversations import MemoryConversations

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Demo:
    """The demo's stores in memory."""

    def __init__(self) -> None:
        memory = Memory()
        self.shops, self.conversations = MemoryShops(memory), MemoryConversations(memory, str)
        self.policies = MemoryAutoReplies(memory, self.conversations)

    async def staff(self) -> bool:
        return await staff_the_night(self.policies, self.conversations)


@pytest.fixture
async def demo() -> Demo:
    made = Demo()
    for shop in (SHOP, "yunduo-life"):
        await made.shops.put_shop(Shop(shop, shop))
    return made


async def test_software_answers_in_the_night_of_one_shop_and_not_by_day(demo: Demo) -> None:
    assert await demo.staff()
    service, policy = await demo.conversations.get_policy(SHOP), await demo.policies.get_policy(SHOP)
    for hour, acts in ((9, True), (10, False), (21, False), (22, True), (3, True)):
        now = datetime(2026, 11, 23, hour, 30, tzinfo=SHANGHAI)
        assert policy.acts_at(now, is_open=service.is_open_at(now)) is acts, hour
    assert await demo.policies.get_policy("yunduo-life") == AutoReplyPolicy()


async def test_what_an_owner_has_decided_stays(demo: Demo) -> None:
    decided = replace(NIGHT, is_on=False)
    await demo.policies.put_policy(SHOP, decided)
    assert not await demo.staff()
    assert await demo.policies.get_policy(SHOP) == decided


async def test_hours_that_an_owner_has_set_stay(demo: Demo) -> None:
    await demo.conversations.put_policy(SHOP, ServicePolicy(target_seconds=60))
    assert await demo.staff()
    assert await demo.conversations.get_policy(SHOP) == ServicePolicy(target_seconds=60)


async def test_without_the_shop_nothing_is_set_up() -> None:
    assert not await Demo().staff()

"""A buyer's message to a shop that answers alone has the shop loaded while he may still be typing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode
from bot.domain.shop import Shop
from bot.services.auto_policies import AutoPolicies, MergeWindows
from bot.services.due_timers import DueTimers
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_auto_replies import MemoryAutoReplies
from bot.storage.memory_conversations import MemoryConversations
from tests.contract.store_contract import NOW


class FixedClock:
    def now(self) -> object:
        return NOW


@pytest.mark.parametrize("is_on", [True, False])
async def test_a_shop_is_foreseen_only_where_software_will_look(is_on: bool) -> None:
    memory, foreseen = Memory(), list[str]()
    shops = MemoryShops(memory)
    policies = MemoryAutoReplies(memory, MemoryConversations(memory, str))
    await shops.put_shop(Shop("tea", "tea"))
    rules = AutoReplyPolicy(is_on=is_on, groups={"stock": GroupRule(Mode.AUTOMATIC)}, merge_seconds=2)
    await policies.put_policy("tea", rules)
    windows = MergeWindows(AutoPolicies(policies, shops), DueTimers(FixedClock()), foreseen.extend)  # type: ignore[arg-type]
    due = await windows.auto_at("tea", NOW)
    assert due == (NOW + timedelta(seconds=2) if is_on else None)
    assert foreseen == (["tea"] if is_on else [])

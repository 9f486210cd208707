"""What every store of rules for automatic replies must do. An inheriting class gives the fixture `kept`."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

import pytest

from bot.domain.auto_reply_policy import AutoReplyPolicy, GroupRule, Mode, When
from bot.domain.conversation import Buyer
from bot.domain.entry import WeeklyHours
from bot.domain.shop import Shop
from bot.ports import ConversationStore, NewMessage, NotFound, ShopStore
from bot.ports.auto_reply import AutoReplyStore

NOW = datetime(2026, 3, 5, 10, 30, tzinfo=UTC)
POLICY = AutoReplyPolicy(
    is_on=True,
    groups={"stock": GroupRule(Mode.AUTOMATIC, 0.98), "invoice": GroupRule(Mode.OFF)},
    when=When.WEEKLY,
    weekly=(WeeklyHours(0, time(22), time(7, 30)), WeeklyHours(6, time(0), time(12))),
    repeat_limit=2,
    greeting="您好",
    hand_over="请稍等",
    hand_over_closed="明早回复您",
    merge_seconds=2.5,
    marks=False,
)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Kept:
    """The store, and those in which shops and conversations are made."""

    policies: AutoReplyStore
    shops: ShopStore
    conversations: ConversationStore

    async def shop(self) -> str:
        """Return a new shop."""
        shop = f"auto-{next(_numbers)}"
        await self.shops.put_shop(Shop(shop, "店"))
        return shop

    async def says(self, shop: str, who: str, text: str, *, after: int, author: str = "buyer") -> str:
        """Write a message of a buyer or to him; return the conversation."""
        opened = await self.conversations.open_conversation(
            shop, Buyer("", who, "web", who, viewed="p1"), NOW
        )
        at = NOW + timedelta(seconds=after)
        message = NewMessage(author, text, at, f"k{next(_numbers)}")
        await self.conversations.write_message(shop, opened.id, message, lambda _: {"last_at": at})
        return opened.id


class AutoReplyContract:
    async def test_a_shop_without_rules_sends_nothing(self, kept: Kept) -> None:
        shop = await kept.shop()
        assert await kept.policies.get_policy(shop) == AutoReplyPolicy()

    async def test_rules_are_kept_as_they_were_given(self, kept: Kept) -> None:
        shop = await kept.shop()
        await kept.policies.put_policy(shop, AutoReplyPolicy(is_on=True))
        await kept.policies.put_policy(shop, POLICY)
        assert await kept.policies.get_policy(shop) == POLICY
        assert (await kept.shops.load_snapshot(shop)).auto_reply == POLICY

    async def test_rules_raise_the_shops_version(self, kept: Kept) -> None:
        shop = await kept.shop()
        before = (await kept.shops.versions())[shop]
        await kept.policies.put_policy(shop, POLICY)
        assert (await kept.shops.versions())[shop] > before

    async def test_rules_are_swapped_only_while_they_are_what_they_were(self, kept: Kept) -> None:
        shop = await kept.shop()
        await kept.policies.put_policy(shop, POLICY)
        before = (await kept.shops.versions())[shop]
        after = replace(POLICY, repeat_limit=7)
        won = await asyncio.gather(*(kept.policies.swap_policy(shop, POLICY, after, []) for _ in range(4)))
        assert sorted(won) == [False, False, False, True]
        assert await kept.policies.get_policy(shop) == after
        assert (await kept.shops.versions())[shop] == before + 1
        with pytest.raises(NotFound):
            await kept.policies.swap_policy("nowhere", POLICY, after, [])

    async def test_rules_and_messages_are_one_shops(self, kept: Kept) -> None:
        mine, other = await kept.shop(), await kept.shop()
        await kept.policies.put_policy(mine, POLICY)
        await kept.says(mine, "甲", "还有货吗", after=1)
        assert await kept.policies.get_policy(other) == AutoReplyPolicy()
        assert (await kept.shops.load_snapshot(other)).auto_reply == AutoReplyPolicy()
        assert await kept.policies.newest_messages(other, 10) == []

    async def test_the_newest_messages_of_all_conversations_come_oldest_first(self, kept: Kept) -> None:
        shop = await kept.shop()
        first = await kept.says(shop, "甲", "一", after=1)
        second = await kept.says(shop, "乙", "二", after=2)
        await kept.says(shop, "甲", "三", after=3, author="agent")
        found = await kept.policies.newest_messages(shop, 2)
        assert [(said.conversation, said.message.text, said.message.author) for said in found] == [
            (second, "二", "buyer"),
            (first, "三", "agent"),
        ]
        assert found[0].viewed == "p1"

    async def test_a_shop_that_is_not_there_has_no_rules(self, kept: Kept) -> None:
        with pytest.raises(NotFound):
            await kept.policies.get_policy("nowhere")
        with pytest.raises(NotFound):
            await kept.policies.put_policy("nowhere", POLICY)
        with pytest.raises(NotFound):
            await kept.policies.newest_messages("nowhere", 1)

    async def test_rules_go_with_their_shop(self, kept: Kept) -> None:
        shop = await kept.shop()
        await kept.policies.put_policy(shop, POLICY)
        await kept.shops.delete_shop(shop)
        await kept.shops.put_shop(Shop(shop, "另一家"))
        assert await kept.policies.get_policy(shop) == AutoReplyPolicy()

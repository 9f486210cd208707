"""What every store of tries at orders must do. An inheriting class gives the fixture `tried`."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.domain.conversation import Buyer, Conversation
from bot.domain.shop import Shop
from bot.ports import ConversationStore, NotFound, ShopStore
from bot.ports.order_tries import OrderTry, OrderTryStore
from tests.contract.store_contract import NOW

NUMBER = "3326001000000000001"
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Tried:
    """The store, and those in which shops and conversations are made."""

    tries: OrderTryStore
    shops: ShopStore
    conversations: ConversationStore

    async def shop(self) -> str:
        """Return a new shop."""
        shop = f"tries-{next(_numbers)}"
        await self.shops.put_shop(Shop(shop, "店"))
        return shop

    async def opened(self, shop: str, who: str = "甲") -> Conversation:
        return await self.conversations.open_conversation(shop, Buyer("", who, "web_chat", who), NOW)


def a_try(conversation: Conversation, name: str = "t1", **changes: object) -> OrderTry:
    tried = OrderTry(name, conversation.id, conversation.buyer.id, NUMBER, NOW)
    return replace(tried, **changes)  # type: ignore[arg-type]


class OrderTryContract:
    async def test_wrong_tries_are_counted_by_buyer_and_by_number(self, tried: Tried) -> None:
        shop, store = await tried.shop(), tried.tries
        mine, other = await tried.opened(shop, "甲"), await tried.opened(shop, "乙")
        await store.note_try(shop, a_try(mine))
        await store.note_try(shop, a_try(mine, "t2", order_no="77"))
        await store.note_try(shop, a_try(other))
        assert await store.count_wrong(shop, mine.buyer.id, NUMBER, NOW) == (2, 2)
        assert await store.count_wrong(shop, other.buyer.id, "77", NOW) == (1, 1)
        assert await store.count_wrong(shop, mine.buyer.id, NUMBER, NOW + timedelta(seconds=1)) == (0, 0)

    async def test_the_same_try_is_one(self, tried: Tried) -> None:
        shop, store = await tried.shop(), tried.tries
        mine = await tried.opened(shop)
        await store.note_try(shop, a_try(mine))
        await store.note_try(shop, a_try(mine, at=NOW + timedelta(hours=1)))
        assert await store.count_wrong(shop, mine.buyer.id, NUMBER, NOW) == (1, 1)

    async def test_a_right_try_proves_the_order_in_its_conversation_and_counts_no_more(
        self, tried: Tried
    ) -> None:
        shop, store = await tried.shop(), tried.tries
        mine, other = await tried.opened(shop, "甲"), await tried.opened(shop, "乙")
        await store.note_try(shop, a_try(mine))
        assert list(await store.proven_orders(shop, mine.id, NOW)) == []
        await store.mark_right(shop, mine.id, "t1", NOW)
        assert list(await store.proven_orders(shop, mine.id, NOW)) == [NUMBER]
        assert list(await store.proven_orders(shop, other.id, NOW)) == []
        assert await store.count_wrong(shop, mine.buyer.id, NUMBER, NOW) == (0, 0)

    async def test_what_was_proven_counts_from_the_moment_it_was_shown_last(self, tried: Tried) -> None:
        shop, store = await tried.shop(), tried.tries
        mine, later = await tried.opened(shop), NOW + timedelta(hours=3)
        await store.note_try(shop, a_try(mine))
        await store.mark_right(shop, mine.id, "t1", NOW)
        assert list(await store.proven_orders(shop, mine.id, later)) == []
        await store.note_try(shop, a_try(mine, at=later))
        await store.mark_right(shop, mine.id, "t1", later)
        assert list(await store.proven_orders(shop, mine.id, later)) == [NUMBER]

    async def test_tries_are_one_shops(self, tried: Tried) -> None:
        mine, theirs = await tried.shop(), await tried.shop()
        talk = await tried.opened(mine)
        await tried.tries.note_try(mine, a_try(talk, is_right=True))
        await tried.tries.note_try(mine, a_try(talk, "t2"))
        assert list(await tried.tries.proven_orders(theirs, talk.id, NOW)) == []
        assert await tried.tries.count_wrong(theirs, talk.buyer.id, NUMBER, NOW) == (0, 0)
        with pytest.raises(NotFound):
            await tried.tries.note_try(theirs, a_try(talk, "t3"))

    async def test_tries_are_forgotten_with_their_buyer(self, tried: Tried) -> None:
        shop = await tried.shop()
        mine, other = await tried.opened(shop, "甲"), await tried.opened(shop, "乙")
        for talk in (mine, other):
            await tried.tries.note_try(shop, a_try(talk, is_right=True))
        await tried.conversations.erase_buyer(shop, mine.buyer.id)
        assert list(await tried.tries.proven_orders(shop, mine.id, NOW)) == []
        assert list(await tried.tries.proven_orders(shop, other.id, NOW)) == [NUMBER]

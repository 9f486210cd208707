"""What stands beside a thread: the shop's card and the buyer's orders, of this shop alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.domain.conversation import Buyer, Message
from bot.domain.service_policy import ServicePolicy
from bot.services.buyer_cards import CARD, orders_of, shop_card
from tests.contract.store_contract import NOW, an_order
from tests.unit.fakes.counter import Counter

TEA = """
kuaihui: 1
shop: {id: tea, name: 茶铺}
facts: {称呼: 茶友, 发货时限: 48小时内, 发票类型: 电子普票, 今日公告: 周末照常发货}
shipping: [{regions: ["*"], courier: 圆通, fee: 8}]
"""
LAMP = """
kuaihui: 1
shop: {id: lamp, name: 灯具店}
"""
BUYER = Buyer("b1", "买家甲", "web", external_id="x-1")


@pytest.fixture
async def counter() -> Counter:
    counter = Counter()
    for pack in (TEA, LAMP):
        await counter.open_shop(pack)
    return counter


def bubble(text: str, number: int = 1, author: str = "buyer") -> Message:
    return Message(number, author, text, NOW)


async def numbers(counter: Counter, *said: Message, buyer: Buyer = BUYER, shop: str = "tea") -> list[str]:
    return [order.order_no for order in await orders_of(counter.facts, shop, buyer, said)]


async def card(counter: Counter, shop: str, policy: ServicePolicy) -> dict[str, str]:
    live = await counter.live.get(shop)
    return {line.key: line.value for line in shop_card(live, policy, counter.clock.now())}


async def test_the_card_says_what_the_shop_said(counter: Counter) -> None:
    said = await card(counter, "tea", ServicePolicy())
    assert said == {
        "courier": "圆通",
        "dispatch": "48小时内",
        "invoice": "电子普票",
        "address": "茶友",
        "notice": "周末照常发货",
    }


async def test_what_the_policy_says_of_today_comes_first(counter: Counter) -> None:
    said = await card(counter, "tea", ServicePolicy(notice="仓库盘点，明天发货", address="您"))
    assert (said["notice"], said["address"]) == ("仓库盘点，明天发货", "您")


async def test_what_was_not_said_is_an_empty_line(counter: Counter) -> None:
    said = await card(counter, "lamp", ServicePolicy())
    assert said == dict.fromkeys(CARD, "")


async def test_a_line_says_when_it_was_last_confirmed_and_when_that_is_long_ago(counter: Counter) -> None:
    live, now = await counter.live.get("tea"), counter.clock.now()
    fresh = {line.key: line for line in shop_card(live, ServicePolicy(), now)}
    later = {line.key: line for line in shop_card(live, ServicePolicy(), now + timedelta(days=999))}
    assert fresh["dispatch"].as_of is not None
    assert (fresh["dispatch"].stale, later["dispatch"].stale) == (False, True)
    assert (later["address"].as_of, later["address"].stale) == (None, False)


async def test_a_buyers_orders_are_his_by_either_id_newest_first(counter: Counter) -> None:
    older = an_order("2026030500001", buyer_id="b1", paid_at=NOW - timedelta(days=9))
    newer = an_order("2026030500002", buyer_id="x-1")
    await counter.facts.put_orders("tea", [older, newer, an_order("2026030500003", buyer_id="b2")])
    await counter.facts.put_orders("lamp", [an_order("2026030500004", buyer_id="b1")])
    assert await numbers(counter) == ["2026030500002", "2026030500001"]
    assert await numbers(counter, shop="lamp") == ["2026030500004"]


async def test_nobodys_orders_are_not_those_of_a_buyer_without_an_id_outside(counter: Counter) -> None:
    await counter.facts.put_orders("tea", [an_order("2026030500001", buyer_id="")])
    assert await numbers(counter, buyer=Buyer("b9", "买家乙", "web")) == []


async def test_the_order_spoken_of_comes_first_and_once(counter: Counter) -> None:
    orders = [
        an_order(f"202603050000{i}", buyer_id="b1", paid_at=NOW - timedelta(days=i)) for i in range(1, 4)
    ]
    await counter.facts.put_orders("tea", orders)
    said = bubble("订单2026030500003到哪了")
    assert await numbers(counter, said) == ["2026030500003", "2026030500001", "2026030500002"]


async def test_a_number_is_looked_up_in_this_shop_and_as_a_parcels_too(counter: Counter) -> None:
    await counter.facts.put_orders("tea", [an_order("2026030500001", tracking_no="SF1350000007919")])
    await counter.facts.put_orders("lamp", [an_order("2026030500002")])
    assert await numbers(counter, bubble("sf1350000007919还没到")) == ["2026030500001"]
    assert await numbers(counter, bubble("2026030500002")) == []


async def test_what_an_agent_said_and_an_empty_bubble_name_no_order(counter: Counter) -> None:
    await counter.facts.put_orders("tea", [an_order("2026030500001")])
    assert await numbers(counter, bubble("2026030500001", author="agent"), bubble("", 2)) == []


async def test_so_many_are_shown_and_the_last_numbers_named_count(counter: Counter) -> None:
    orders = [an_order(f"20260305000{i:02}", buyer_id="b1", tracking_no="") for i in range(30)]
    await counter.facts.put_orders("tea", orders)
    said = [bubble(f"20260305000{i:02}", i + 1) for i in range(20)]
    found = await numbers(counter, *said)
    assert len(found) == 10
    assert found[:5] == [f"20260305000{i:02}" for i in range(19, 14, -1)]

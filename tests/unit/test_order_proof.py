"""An order is spoken of to its own buyer alone, and nobody learns by trying which orders there are."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.conversation import Buyer, Conversation
from bot.domain.facts import Order
from bot.domain.shop import Shop
from bot.retrieval.normaliser import OpenccNormaliser
from bot.services.order_proof import (
    MOST_WRONG,
    MOST_WRONG_AT_NUMBER,
    PROVEN_FOR,
    OrderProofs,
    Proof,
    is_buyer_of,
)
from bot.storage.memory import Memory, MemoryShops
from bot.storage.memory_conversations import MemoryConversations
from bot.storage.memory_facts import MemoryFacts
from bot.storage.memory_order_tries import MemoryOrderTries
from tests.contract.store_contract import NOW

SHOP, OTHER = "mine", "theirs"
NUMBER, THEIRS, NOWHERE = "3326001000000000001", "3326001000000000002", "3326001000000000999"


class MovingClock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


class Desk:
    """Two shops in memory, each with an order of the same number but another phone."""

    def __init__(self) -> None:
        memory = Memory()
        self.clock = MovingClock()
        self.shops, self.facts = MemoryShops(memory), MemoryFacts(memory)
        self.conversations = MemoryConversations(memory, OpenccNormaliser().normalise)
        self.tries = MemoryOrderTries(self.conversations)
        self.proofs = OrderProofs(self.conversations, self.facts, self.tries, self.clock)

    async def begin(self) -> None:
        for shop, digits in ((SHOP, "0670"), (OTHER, "0671")):
            await self.shops.put_shop(Shop(shop, "店"))
            await self.facts.put_orders(shop, [an_order(NUMBER, digits), an_order(THEIRS, "1234")])

    async def opened(self, who: str = "甲", *, channel: str = "web_chat", shop: str = SHOP) -> Conversation:
        return await self.conversations.open_conversation(shop, Buyer("", who, channel, who), NOW)


def an_order(number: str, digits: str = "0670", **changes: object) -> Order:
    order = Order(number, "paid", ("T恤 ×1",), "test", NOW, buyer_id=f"b-{number}", phone_last4=digits)
    return replace(order, **changes)  # type: ignore[arg-type]


@pytest.fixture
async def desk() -> Desk:
    desk = Desk()
    await desk.begin()
    return desk


@pytest.mark.parametrize(
    ("channel", "external", "expected"),
    [
        ("webhook:main", "b-1", True),
        ("webhook:main", "unverified:b-1", False),
        ("web_chat", "b-1", False),
        ("demo", "b-1", False),
        ("webhook:main", "b-2", False),
    ],
)
def test_an_order_is_a_buyers_by_an_id_that_his_channel_vouches_for(
    channel: str, external: str, expected: bool
) -> None:
    order = an_order("1", buyer_id="b-1")
    assert is_buyer_of(Buyer("ours", "甲", channel, external), order) is expected


def test_an_order_without_a_buyer_is_nobodys() -> None:
    assert not is_buyer_of(Buyer("", "甲", "web_chat", ""), an_order("1", buyer_id=""))


async def test_number_and_digits_prove_an_order_in_their_conversation_alone(desk: Desk) -> None:
    mine, other = await desk.opened(), await desk.opened("乙")
    assert not await desk.proofs.may_see(SHOP, mine.id, NUMBER)
    assert await desk.proofs.prove(SHOP, mine, f" {NUMBER} ", "0670") is Proof.PROVEN
    assert await desk.proofs.may_see(SHOP, mine.id, NUMBER)
    assert not await desk.proofs.may_see(SHOP, other.id, NUMBER)
    assert await desk.tries.count_wrong(SHOP, mine.buyer.id, NUMBER, NOW) == (0, 0)


async def test_who_comes_hours_later_under_the_same_id_proves_the_order_anew(desk: Desk) -> None:
    mine = await desk.opened("unverified:7", channel="webhook:hook")
    assert await desk.proofs.prove(SHOP, mine, NUMBER, "0670") is Proof.PROVEN
    desk.clock.at = NOW + PROVEN_FOR
    assert [each.order_no for each in await desk.proofs.proven(SHOP, mine)] == [NUMBER]
    desk.clock.at = NOW + PROVEN_FOR + timedelta(seconds=1)
    assert not await desk.proofs.may_see(SHOP, mine.id, NUMBER)
    assert not await desk.proofs.may_hear(SHOP, mine.id, [NUMBER])
    assert await desk.proofs.proven(SHOP, mine) == []
    assert await desk.proofs.prove(SHOP, mine, NUMBER, "0670") is Proof.PROVEN
    assert await desk.proofs.may_see(SHOP, mine.id, NUMBER)


async def test_anothers_order_and_one_that_there_is_not_are_answered_alike(desk: Desk) -> None:
    mine = await desk.opened()
    answers = [await desk.proofs.prove(SHOP, mine, number, "9999") for number in (THEIRS, NOWHERE)]
    assert answers == [Proof.WRONG, Proof.WRONG]
    for number in (THEIRS, NOWHERE):
        assert (await desk.tries.count_wrong(SHOP, "nobody", number, NOW))[1] == 1


async def test_after_so_many_wrong_tries_a_day_not_even_the_right_digits_help(desk: Desk) -> None:
    mine = await desk.opened()
    answers = [await desk.proofs.prove(SHOP, mine, NUMBER, f"{n:04}") for n in range(MOST_WRONG)]
    assert answers == [Proof.WRONG] * (MOST_WRONG - 1) + [Proof.LOCKED]
    assert await desk.proofs.is_locked(SHOP, mine)
    assert await desk.proofs.prove(SHOP, mine, NUMBER, "0670") is Proof.LOCKED
    assert not await desk.proofs.may_see(SHOP, mine.id, NUMBER)
    assert not await desk.proofs.is_locked(SHOP, await desk.opened("乙"))
    desk.clock.at = NOW + timedelta(days=1, seconds=1)
    assert not await desk.proofs.is_locked(SHOP, mine)


async def test_the_same_wrong_pair_said_again_is_one_try(desk: Desk) -> None:
    mine = await desk.opened()
    for _ in range(MOST_WRONG * 2):
        assert await desk.proofs.prove(SHOP, mine, NUMBER, "9999") is Proof.WRONG


async def test_ever_new_visitors_get_no_further_with_one_number(desk: Desk) -> None:
    for n in range(MOST_WRONG_AT_NUMBER):
        visitor = await desk.opened(f"v{n}")
        assert await desk.proofs.prove(SHOP, visitor, NUMBER, f"{n:04}") is Proof.WRONG
    assert await desk.proofs.prove(SHOP, await desk.opened("last"), NUMBER, "0670") is Proof.LOCKED


@pytest.mark.parametrize("digits", ["", "670", "06700", "O670", "０６７０", "٠٦٧٠"])
async def test_only_four_digits_prove(desk: Desk, digits: str) -> None:
    await desk.facts.put_orders(SHOP, [an_order("77", digits)])
    mine = await desk.opened()
    assert await desk.proofs.prove(SHOP, mine, "77", digits) is Proof.WRONG


async def test_the_parcels_number_proves_nothing(desk: Desk) -> None:
    await desk.facts.put_orders(SHOP, [an_order("88", tracking_no="75300000007919")])
    mine = await desk.opened()
    assert await desk.proofs.prove(SHOP, mine, "75300000007919", "0670") is Proof.WRONG


async def test_the_same_number_in_another_shop_is_another_order(desk: Desk) -> None:
    mine, theirs = await desk.opened(), await desk.opened(shop=OTHER)
    assert await desk.proofs.prove(OTHER, theirs, NUMBER, "0670") is Proof.WRONG
    assert await desk.proofs.prove(SHOP, mine, NUMBER, "0670") is Proof.PROVEN
    assert not await desk.proofs.may_see(OTHER, theirs.id, NUMBER)


async def test_texts_are_heard_only_when_every_order_in_them_may_be_spoken_of(desk: Desk) -> None:
    mine = await desk.opened()
    asked = [f"我的单 {NUMBER} 到哪了"]
    assert not await desk.proofs.may_hear(SHOP, mine.id, asked)
    await desk.proofs.prove(SHOP, mine, NUMBER, "0670")
    assert await desk.proofs.may_hear(SHOP, mine.id, asked)
    assert not await desk.proofs.may_hear(SHOP, mine.id, [*asked, THEIRS])
    assert await desk.proofs.may_hear(SHOP, mine.id, [*asked, NOWHERE, "\u200b", "在吗"])


@pytest.mark.parametrize("place", [0, 12, 24])
async def test_anothers_order_hidden_among_many_numbers_is_not_told(desk: Desk, place: int) -> None:
    mine = await desk.opened()
    numbers = [f"33260010000{count:08d}" for count in range(24)]
    numbers.insert(place, THEIRS)
    assert not await desk.proofs.may_hear(SHOP, mine.id, [" ".join(numbers)])
    assert not await desk.proofs.may_hear(SHOP, mine.id, numbers)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([SHOP, OTHER]),
            st.sampled_from(["甲", "乙"]),
            st.sampled_from([NUMBER, THEIRS, NOWHERE, ""]),
            st.sampled_from(["0670", "0671", "1234", "9999", ""]),
        ),
        max_size=20,
    )
)
async def test_an_order_is_seen_only_where_its_own_digits_were_said(
    said: list[tuple[str, str, str, str]],
) -> None:
    desk = Desk()
    await desk.begin()
    named: set[tuple[str, str, str, str]] = set()
    for shop, who, number, digits in said:
        talk = await desk.opened(who, shop=shop)
        answer = await desk.proofs.prove(shop, talk, number, digits)
        named.add((shop, who, number, digits))
        for each in (NUMBER, THEIRS):
            order = await desk.facts.find_order(shop, each)
            assert order is not None
            if await desk.proofs.sees(shop, talk, order):
                assert (shop, who, each, order.phone_last4) in named
        if number in ("", NOWHERE):
            assert answer is not Proof.PROVEN

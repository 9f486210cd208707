"""What every store of requests for invoices must do. An inheriting class gives the fixture `asked`."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

import pytest

from bot.domain.conversation import Buyer, Conversation
from bot.domain.invoices import InvoiceDetails, InvoiceRequest, InvoiceType, Medium, RequestState
from bot.domain.shop import Shop
from bot.ports import Conflict, ConversationStore, NotFound, ShopStore
from bot.ports.invoice_requests import InvoiceRequestStore
from tests.contract.store_contract import NOW

DETAILS = InvoiceDetails(
    InvoiceType.SPECIAL, Medium.ELECTRONIC, False, "云州测试有限公司", "91350100M000100Y43", "cai@example.com",
    order_no="3021457896541236547", address="福州市测试路1号", phone="0591-88886666", bank="测试银行", account="1202",
    content="办公用品", amount=Decimal("88.50"),
)  # fmt: skip
LATER = NOW + timedelta(minutes=5)
_ALL = tuple(RequestState)
_numbers = itertools.count(1)


@dataclass(frozen=True)
class InvoicesAsked:
    """The store, and those in which shops and conversations are made."""

    requests: InvoiceRequestStore
    shops: ShopStore
    conversations: ConversationStore

    async def shop(self) -> str:
        """Return a new shop."""
        shop = f"invoices-{next(_numbers)}"
        await self.shops.put_shop(Shop(shop, "店"))
        return shop

    async def opened(self, shop: str, who: str = "甲") -> Conversation:
        return await self.conversations.open_conversation(shop, Buyer("", who, "web_chat", who), NOW)


def a_request(conversation: Conversation, name: str = "r1", minutes: int = 0) -> InvoiceRequest:
    at = NOW + timedelta(minutes=minutes)
    return InvoiceRequest(name, conversation.id, conversation.buyer.id, DETAILS, at, order_is_proven=True)


class InvoiceRequestContract:
    async def test_what_is_put_comes_back_as_it_is_and_twice_is_once(self, asked: InvoicesAsked) -> None:
        shop = await asked.shop()
        wanted = a_request(await asked.opened(shop))
        assert await asked.requests.put_request(shop, wanted) == (wanted, True)
        other = replace(wanted, details=InvoiceDetails(heading="别的"))
        assert await asked.requests.put_request(shop, other) == (wanted, False)
        assert await asked.requests.get_request(shop, "r1") == wanted

    async def test_pages_are_newest_first_in_the_states_asked_for(self, asked: InvoicesAsked) -> None:
        shop = await asked.shop()
        talk = await asked.opened(shop)
        for number in range(5):
            await asked.requests.put_request(shop, a_request(talk, f"r{number}", number))
        await asked.requests.change_request(shop, "r4", RequestState.ISSUED, "", "a1", LATER)
        page = await asked.requests.page_of_requests(shop, [RequestState.NEW], 1, 2)
        assert ([each.id for each in page.requests], page.total) == (["r2", "r1"], 4)
        assert (await asked.requests.page_of_requests(shop, _ALL, 0, 9)).total == 5
        assert [each.id for each in await asked.requests.requests_of(shop, talk.id)][:2] == ["r0", "r1"]

    async def test_what_is_settled_becomes_new_before_it_becomes_anything_else(
        self, asked: InvoicesAsked
    ) -> None:
        shop, store = await asked.shop(), asked.requests
        await store.put_request(shop, a_request(await asked.opened(shop)))
        issued = await store.change_request(shop, "r1", RequestState.ISSUED, "已寄", "a1", LATER)
        assert (issued.state, issued.note, issued.changed_by, issued.changed_at) == (
            RequestState.ISSUED, "已寄", "a1", LATER,
        )  # fmt: skip
        again = await store.change_request(shop, "r1", RequestState.ISSUED, "寄出", "a2", LATER)
        assert again == replace(issued, note="寄出")
        with pytest.raises(Conflict):
            await store.change_request(shop, "r1", RequestState.REFUSED, "", "a1", LATER)
        await store.change_request(shop, "r1", RequestState.NEW, "", "a1", LATER)
        refused = await store.change_request(shop, "r1", RequestState.REFUSED, "", "a1", LATER)
        assert await store.get_request(shop, "r1") == refused

    async def test_another_shop_neither_sees_nor_changes_nor_takes_a_request(
        self, asked: InvoicesAsked
    ) -> None:
        shop, other, store = await asked.shop(), await asked.shop(), asked.requests
        talk = await asked.opened(shop)
        await store.put_request(shop, a_request(talk))
        with pytest.raises(NotFound):
            await store.get_request(other, "r1")
        with pytest.raises(NotFound):
            await store.change_request(other, "r1", RequestState.ISSUED, "", "a1", LATER)
        with pytest.raises(NotFound):
            await store.put_request(other, a_request(talk, "r2"))
        assert await store.requests_of(other, talk.id) == []
        assert (await store.page_of_requests(other, _ALL, 0, 9)).total == 0

    async def test_of_an_erased_buyer_the_request_stays_and_says_nothing(self, asked: InvoicesAsked) -> None:
        shop, store = await asked.shop(), asked.requests
        mine, other = await asked.opened(shop, "甲"), await asked.opened(shop, "乙")
        await store.put_request(shop, a_request(mine))
        await store.put_request(shop, a_request(other, "r2"))
        await store.change_request(shop, "r1", RequestState.ISSUED, "寄给他了", "a1", LATER)
        await asked.conversations.erase_buyer(shop, mine.buyer.id)
        blank = await store.get_request(shop, "r1")
        assert (blank.details, blank.note, blank.state) == (InvoiceDetails(), "", RequestState.ISSUED)
        assert (await store.get_request(shop, "r2")).details == DETAILS

"""The page of the invoices that buyers asked for, in a browser: each shop's own, settled with a word why, taken out as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal

import pytest
from playwright.async_api import Browser, Page, expect

from bot.domain.invoices import InvoiceDetails, InvoiceRequest, InvoiceType, Medium
from tests.browser.owner_pages import memory_served, owners_page
from tests.web.memory_app import Served
from tests.web.people import Person, hire, says

TAX_NUMBER = "91330110MA2H1ABC3D"


@dataclass
class Desk:
    """An owner of `tea` and `lamp` before the requests of `tea`: a company's, and a person's for an order that nobody proved."""

    served: Served
    owner: Person
    page: Page


async def wanted(served: Served, shop: str, id: str, details: InvoiceDetails, *, proven: bool) -> None:
    """Let a buyer of the shop have asked for an invoice."""
    written = await says(served, shop, "要开发票", buyer=f"b-{id}")
    request = InvoiceRequest(
        id,
        written.conversation.id,
        written.conversation.buyer.id,
        details,
        served.clock.now(),
        order_is_proven=proven,
    )
    await served.engine.parts.invoice_requests.put_request(shop, request)


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    async with memory_served() as served:
        company = InvoiceDetails(
            InvoiceType.SPECIAL,
            Medium.ELECTRONIC,
            False,
            "云栖茶业有限公司",
            TAX_NUMBER,
            "caiwu@example.com",
            order_no="ORDER-PROVEN-1",
            amount=Decimal("88.50"),
        )
        person = InvoiceDetails(
            InvoiceType.ORDINARY, Medium.PAPER, True, "个人", order_no="ORDER-SAID-2", send_to="按订单地址"
        )
        await wanted(served, "tea", "r-company", company, proven=True)
        await wanted(served, "tea", "r-person", person, proven=False)
        await wanted(served, "lamp", "r-lamp", InvoiceDetails(heading="灯具公司"), proven=False)
        owner = await hire(served, {"tea": "owner", "lamp": "owner"})
        async with owners_page(browser, served, owner, "/shops/tea/invoices") as (page, _):
            await expect(page.locator("#requests tr")).to_have_count(2)
            yield Desk(served, owner, page)


async def test_a_request_shows_what_is_needed_to_write_the_invoice_and_nothing_of_another_shop(
    desk: Desk,
) -> None:
    company = desk.page.locator('[data-request="r-company"]')
    for said in (
        "电子 · 专用发票",
        "云栖茶业有限公司",
        TAX_NUMBER,
        "ORDER-PROVEN-1",
        "¥88.5",
        "caiwu@example.com",
    ):
        await expect(company).to_contain_text(said)
    await expect(company).not_to_contain_text("未核实")
    await expect(desk.page.locator('[data-request="r-person"]')).to_contain_text("未核实是本人订单")
    assert "灯具公司" not in await desk.page.content()


async def test_a_request_is_issued_or_refused_with_a_word_why_and_opened_again(desk: Desk) -> None:
    page = desk.page
    await page.locator('[data-request="r-company"]').get_by_role("button", name="已开票").click()
    await expect(page.locator("#requests tr")).to_have_count(1)
    await page.locator('[data-request="r-person"]').get_by_role("button", name="不能开…").click()
    await page.locator("#note").fill("订单不在本店")
    await page.get_by_role("button", name="保存").click()
    await expect(page.locator("#none")).to_be_visible()
    await page.locator("#state").select_option("refused")
    refused = page.locator('[data-request="r-person"]')
    await expect(refused).to_contain_text("订单不在本店")
    await refused.get_by_role("button", name="改回待开票").click()
    await expect(page.locator("#none")).to_be_visible()
    await page.locator("#state").select_option("")
    await expect(page.locator("#requests tr")).to_have_count(2)
    _, kept = await desk.owner.call("GET", "/shops/tea/invoice-requests/r-company")
    assert (kept["state"], kept["changed_by"]) == ("issued", desk.owner.account.id)


async def test_the_page_speaks_english_and_fits_a_phone(desk: Desk, browser: Browser) -> None:
    async with owners_page(browser, desk.served, desk.owner, "/shops/tea/invoices?lang=en", width=390) as (
        page,
        _,
    ):
        await expect(page.get_by_role("heading", name="Requests for invoices")).to_be_visible()
        await expect(page.locator("#requests")).to_contain_text("not shown to be the buyer's own order")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

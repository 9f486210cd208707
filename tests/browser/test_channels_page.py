"""The page of a shop's outer channels in a browser: set up, its secret shown once, tried, switched off, removed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.owner_pages import memory_served, owners_page
from tests.web.memory_app import Served
from tests.web.people import Person, hire


@dataclass
class Desk:
    """An owner of `tea` and `lamp` before the channels of `tea`."""

    served: Served
    owner: Person
    page: Page
    address: str

    async def connect(self, name: str = "自家商城", url: str = "https://shop.example/kuaihui") -> None:
        """Set up a webhook."""
        await self.page.get_by_role("button", name="接入 Webhook").click()
        await self.page.locator("#f-name").fill(name)
        await self.page.locator("#s-url").fill(url)
        await self.page.get_by_role("button", name="保存").click()


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    async with memory_served() as served:
        owner = await hire(served, {"tea": "owner", "lamp": "owner"})
        async with owners_page(browser, served, owner, "/shops/tea/channels") as (page, address):
            await expect(page.locator("#none")).to_be_visible()
            yield Desk(served, owner, page, address)


async def test_a_webhook_is_set_up_and_its_secret_is_shown_once(desk: Desk) -> None:
    page = desk.page
    await desk.connect()
    shown = page.locator("#secrets")
    await expect(shown).to_contain_text("请现在抄下密钥")
    secret = (await shown.locator("code").first.text_content()) or ""
    assert len(secret) >= 32
    await expect(shown).to_contain_text("/channels/tea/")
    await page.get_by_role("button", name="好了").click()
    await expect(shown).to_be_hidden()
    await expect(page.locator(".channel")).to_contain_text("自家商城")
    assert secret not in await page.content()
    await page.reload()
    await expect(page.locator(".channel")).to_have_count(1)
    assert secret not in await page.content()
    _, listed = await desk.owner.call("GET", "/shops/tea/channels")
    assert secret not in str(listed)
    _, others = await desk.owner.call("GET", "/shops/lamp/channels")
    assert others["channels"] == []


async def test_a_wrong_address_is_told_at_its_field(desk: Desk) -> None:
    await desk.connect(url="ftp://nowhere")
    await expect(desk.page.locator("#form-problem")).to_contain_text("接收地址")
    await expect(desk.page.locator("#s-url")).to_have_attribute("aria-invalid", "true")
    await expect(desk.page.locator("#editor")).to_be_visible()


async def test_a_channel_is_switched_off_given_a_new_secret_and_removed(desk: Desk) -> None:
    page = desk.page
    await desk.connect()
    before = (await page.locator("#secrets code").first.text_content()) or ""
    await page.get_by_role("button", name="好了").click()
    await page.get_by_role("button", name="停用").click()
    await expect(page.locator(".channel")).to_have_class(re.compile(r"\boff\b"))
    await page.get_by_role("button", name="启用").click()
    await expect(page.locator(".channel .chip").first).to_have_text("正常")
    await page.get_by_role("button", name="换密钥").click()
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#secrets code").first).not_to_have_text(before)
    await page.get_by_role("button", name="好了").click()
    await page.get_by_role("button", name="删除").click()
    await expect(page.locator("#dialog")).to_contain_text("自家商城")
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#none")).to_be_visible()


async def test_who_does_not_own_the_shop_finds_no_such_page(desk: Desk, browser: Browser) -> None:
    for shop, status in (("tea", 403), ("lamp", 404)):
        agent = await hire(desk.served, {shop: "agent"})
        async with owners_page(browser, desk.served, agent) as (page, address):
            answer = await page.goto(f"{address}/shops/tea/channels")
            assert answer is not None
            assert answer.status == status


async def test_the_page_speaks_english_and_fits_a_phone(desk: Desk, browser: Browser) -> None:
    await desk.connect()
    async with owners_page(browser, desk.served, desk.owner, "/shops/tea/channels?lang=en", width=390) as (
        page,
        _,
    ):
        await expect(page.get_by_role("heading", name="Channels")).to_be_visible()
        await expect(page.locator(".channel")).to_contain_text("The other side sends messages to")
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")

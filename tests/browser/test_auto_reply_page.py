"""The page of automatic replies as an owner uses it: rules are tried before they are saved, and saved before they count."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.owner_pages import memory_served, owners_page
from tests.web.memory_app import WORDS, Served
from tests.web.people import Person, hire, says


@dataclass
class Office:
    """An owner of `tea` before the rules of its automatic replies; four buyers have asked something."""

    served: Served
    owner: Person
    page: Page
    address: str

    async def rules(self) -> dict[str, object]:
        """Return the rules as they are kept."""
        status, rules = await self.owner.call("GET", "/shops/tea/auto-reply")
        assert status == 200
        return dict(rules)


@asynccontextmanager
async def opened(browser: Browser, served: Served, person: Person) -> AsyncIterator[Page]:
    """Give the page, opened by the person."""
    async with owners_page(browser, served, person, "/shops/tea/auto-reply") as (page, _):
        await expect(page.locator("#form")).not_to_have_attribute("aria-busy", "true")
        yield page


@pytest.fixture
async def office(browser: Browser) -> AsyncIterator[Office]:
    async with memory_served() as served:
        for number, text in enumerate(("发什么快递", "可以开发票吗", "转人工", "好的谢谢")):
            served.clock.moment += timedelta(minutes=1)
            await says(served, "tea", text, buyer=f"b-{number}")
        await says(served, "lamp", "发什么快递")
        owner = await hire(served, {"tea": "owner"})
        async with opened(browser, served, owner) as page:
            yield Office(served, owner, page, page.url)


async def test_rules_are_tried_before_anything_is_saved(office: Office) -> None:
    page = office.page
    await expect(
        page.get_by_role("navigation", name="店铺后台").get_by_role("link", name="自动回复")
    ).to_be_visible()
    shipping = page.locator('tr[data-group="shipping"]')
    await shipping.locator(".mode").select_option("automatic")
    await shipping.locator(".precision").select_option("0.9")
    await page.locator("#greeting").fill("您好，我先帮您看看")
    await expect(page.locator("#unsaved")).to_be_visible()
    await page.get_by_role("button", name="开始试运行").click()
    await expect(page.locator("#rows tr")).to_have_count(4)
    sent = page.locator('#rows tr[data-deed="reply"]')
    await expect(sent.locator(".bubble")).to_have_text(
        ["您好，我先帮您看看", f"{WORDS['tea']}发{WORDS['tea']}速运"]
    )
    await expect(page.locator("#tiles")).to_contain_text("25%")
    await expect(shipping.locator(".reach")).to_contain_text("1 /")
    await page.locator("#outcome").select_option("hand_over")
    await expect(page.locator("#rows tr")).to_have_count(1)
    await expect(page.locator("#rows")).to_contain_text("买家要人工")
    await expect(page.locator("main")).not_to_contain_text(WORDS["lamp"])
    rules = await office.rules()
    assert rules["greeting"] == ""


async def test_turning_on_is_asked_once_more_and_then_in_force(office: Office) -> None:
    page = office.page
    await page.locator('tr[data-group="stock"] .mode').select_option("automatic")
    await page.locator('tr[data-group="stock"] .precision').select_option("0.98")
    await page.locator('tr[data-group="invoice"] .mode').select_option("off")
    await page.get_by_label("指定时段").check()
    await page.locator("#add-hours").click()
    await page.locator("#add-hours").click()
    await page.locator("#repeat_limit").fill("2")
    await page.locator("#hand_over_closed").fill("客服明早九点联系您")
    await page.get_by_role("switch").check()
    await page.get_by_role("button", name="保存", exact=True).click()
    await page.get_by_role("button", name="打开并保存").click()
    await expect(page.locator("#done")).to_have_text("已保存，立即生效")
    await expect(page.locator("#unsaved")).to_be_hidden()
    rules = await office.rules()
    assert (rules["is_on"], rules["when"], rules["repeat_limit"]) == (True, "weekly", 2)
    assert rules["weekly"] == [{"weekday": day, "since": "22:00:00", "until": "08:00:00"} for day in range(2)]
    groups = rules["groups"]
    assert isinstance(groups, dict)
    assert groups["stock"] == {"mode": "automatic", "precision": 0.98}
    assert groups["invoice"]["mode"] == "off"
    await page.reload()
    await expect(page.get_by_role("switch")).to_be_checked()
    await expect(page.locator(".hours-row")).to_have_count(2)


async def test_what_is_wrong_is_named_at_its_field_and_changes_can_be_dropped(office: Office) -> None:
    page = office.page
    await page.locator("#greeting").fill("您好{店铺}")
    await page.get_by_role("button", name="保存", exact=True).click()
    await expect(page.locator("#problem")).to_contain_text("不能用变量")
    await expect(page.locator("#greeting")).to_have_attribute("aria-invalid", "true")
    await page.get_by_role("button", name="放弃修改").click()
    await expect(page.locator("#greeting")).to_have_value("")
    await expect(page.locator("#unsaved")).to_be_hidden()


async def test_a_supervisor_looks_and_tries_but_changes_nothing(office: Office, browser: Browser) -> None:
    supervisor = await hire(office.served, {"tea": "supervisor"})
    async with opened(browser, office.served, supervisor) as page:
        await expect(page.get_by_role("switch")).to_be_disabled()
        await expect(page.get_by_role("button", name="保存", exact=True)).to_have_count(0)
        await page.get_by_role("button", name="开始试运行").click()
        await expect(page.locator("#rows tr")).to_have_count(4)

"""The settings of a shop as its owner uses them in a browser, and the way from a new shop to its first suggestion."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.owner_pages import memory_served, owners_page
from tests.web.memory_app import WORDS, Served
from tests.web.people import Person, hire


@dataclass
class Office:
    """An admin who owns `tea` and `lamp`, signed in, before an empty page."""

    served: Served
    owner: Person
    page: Page
    address: str

    async def go(self, path: str) -> None:
        """Open a page of the console and wait until its forms are filled."""
        await self.page.goto(f"{self.address}{path}")
        await expect(self.page.locator("#trades button")).to_have_count(4)

    async def save(self, form: str) -> None:
        """Save a form and wait until it says so."""
        await self.page.locator(f"{form} button.primary").click()
        await expect(self.page.locator(f"{form} .notice.good")).to_be_visible()


@pytest.fixture
async def office(browser: Browser) -> AsyncIterator[Office]:
    async with memory_served() as served:
        owner = await hire(served, {"tea": "owner", "lamp": "owner"}, is_admin=True)
        async with owners_page(browser, served, owner) as (page, address):
            yield Office(served, owner, page, address)


async def test_name_look_and_aliases_are_changed_and_seen_at_once(office: Office) -> None:
    page = office.page
    await office.go("/shops/tea/settings")
    await page.locator("#f-name").fill("青岚山房")
    await page.locator("#f-colour").fill("#8a1f6f")
    await page.locator("#f-avatar").fill("山")
    await page.locator("#f-aliases").fill("山房\n青岚茶")
    await expect(page.locator("#sample .chip")).to_have_text("青岚山房")
    await office.save("#look-form")
    await expect(page.locator(".console-top h1")).to_contain_text("青岚山房")
    shop = await office.served.engine.parts.shops.get_shop("tea")
    assert (shop.name, shop.colour, shop.avatar) == ("青岚山房", "#8a1f6f", "山")
    assert shop.aliases == ("山房", "青岚茶")


async def test_hours_wording_and_sites_are_saved_apart_from_one_another(office: Office) -> None:
    page = office.page
    await office.go("/shops/tea/settings")
    policies = office.served.engine.parts.conversations
    await page.locator("#add-hours").click()
    await page.locator("#f-target_seconds").fill("60")
    await page.locator("#f-alarm_seconds").fill("45")
    # What somebody else wrote meanwhile in another form stays.
    await office.owner.call("PUT", "/shops/tea/policy", {"notice": "今天盘点"})
    await office.save("#service-form")
    await page.locator("#f-notice").fill("今天盘点")
    await page.locator("#f-forbidden").fill("全网最低\n仙气")
    await office.save("#manner-form")
    policy = await policies.get_policy("tea")
    assert (policy.target_seconds, policy.alarm_seconds, len(policy.hours)) == (60, 45, 5)
    assert (policy.notice, policy.forbidden) == ("今天盘点", ("全网最低", "仙气"))
    await page.reload()
    await expect(page.locator("#hours .hours")).to_have_count(1)
    assert (await policies.get_policy("lamp")).forbidden == ()


async def test_what_is_refused_is_shown_at_its_field(office: Office) -> None:
    page = office.page
    await office.go("/shops/tea/settings")
    await page.locator("#f-origins").fill("https://www.example.com/shop")
    await page.locator("#embed-form button.primary").click()
    await expect(page.locator("#f-origins")).to_have_attribute("aria-invalid", "true")
    await expect(page.locator("#embed-form .notice.bad")).to_be_visible()
    assert (await office.served.engine.parts.conversations.get_policy("tea")).origins == ()


async def test_an_open_workspace_follows_a_new_name_and_colour(office: Office) -> None:
    workspace = await office.page.context.new_page()
    await workspace.goto(f"{office.address}/workspace")
    button = workspace.locator("#shop-filter button").filter(has_text=WORDS["tea"])
    await expect(button).to_be_visible()
    await office.served.engine.workspace.manners.of("tea")
    await office.go("/shops/tea/settings")
    await office.page.locator("#f-name").fill("山房新名")
    await office.save("#look-form")
    await expect(workspace.locator("#shop-filter button").filter(has_text="山房新名")).to_be_visible()
    await expect(button).to_have_count(0)


async def test_a_new_shop_answers_buyers_a_minute_after_it_was_made(office: Office) -> None:
    page, began = office.page, time.monotonic()
    await page.goto(f"{office.address}/team")
    await page.locator("#new-shop").click()
    await page.locator("dialog input[name=name]").fill("松果零食铺")
    await page.locator("dialog input[name=name_en]").fill("Pinecone Snacks")
    await page.locator("dialog button.primary").click()
    await expect(page).to_have_url(re.compile("/shops/pinecone-snacks-[0-9a-f]{8}/settings$"))
    shop = page.url.split("/")[-2]
    await expect(page.locator("#start-lead")).to_contain_text("还没有问答")
    await page.get_by_role("button", name="食品零食").click()
    await expect(page.locator("#plan-rows tr")).to_have_count(8)
    await page.locator("#apply").click()
    await expect(page.locator("#start-said")).to_contain_text("马上用于推荐")
    await page.locator("#fact-dispatch_time").fill("今天16点前付款当天发")
    await page.locator("#facts-form button.primary").click()
    await expect(page.locator("#facts-form .notice.good")).to_be_visible()
    await page.locator("#f-address").fill("松果宝宝")
    await office.save("#manner-form")
    status, answer = await office.owner.call("POST", f"/shops/{shop}/suggestions", {"text": "拍下多久发货"})
    print(f"from the form of a new shop to its first suggestion: {time.monotonic() - began:.1f} s")
    assert status == 200
    texts = [each["text"] for each in answer["suggestions"]]
    assert any("今天16点前付款当天发" in text and "松果宝宝" in text for text in texts), texts
    stranger = await hire(office.served, {"lamp": "owner"})
    assert (await stranger.call("GET", f"/shops/{shop}/settings"))[0] == 404


async def test_a_trades_entries_are_taken_back_together(office: Office) -> None:
    page = office.page
    await office.go("/shops/tea/settings")
    await page.get_by_role("button", name="服饰鞋包").click()
    await page.locator("#apply").click()
    await page.get_by_role("button", name="撤销").click()
    await expect(page.locator("#start-said")).to_contain_text("已撤销")
    assert len(await office.served.engine.editor.list_entries("tea")) == 5


async def test_a_membership_is_changed_where_it_stands(office: Office) -> None:
    agent = await hire(office.served, {"tea": "agent"})
    page = office.page
    await page.goto(f"{office.address}/team")
    await (
        page.get_by_role("button", name=f"管理 {agent.account.name}")
        .or_(page.locator(f"#rows tr:has-text('{agent.account.login}') button"))
        .first.click()
    )
    await page.get_by_role("button", name=re.compile("^修改 ")).click()
    form = page.locator("dialog li form")
    await form.locator("select[name=role]").select_option("supervisor")
    await form.locator("input[name=until]").fill("2026-12-31 18:00")
    await form.locator("input[name=hours]").fill("1-5 18:00-02:00")
    await form.get_by_role("button", name="保存").click()
    await expect(page.locator("dialog li").filter(has_text="1-5 18:00-02:00")).to_be_visible()
    [held] = await office.served.engine.parts.accounts.memberships_of(agent.account.id)
    assert (held.role, held.shop, len(held.validity.weekly)) == ("supervisor", "tea", 5)


async def test_the_preview_of_a_table_of_accounts_shows_dates_and_hours(office: Office) -> None:
    page = office.page
    await page.goto(f"{office.address}/team")
    await page.locator("#tab-bulk").click()
    table = "login,name,shops,role,from,until,hours\nkefu8,客服八,tea,agent,2026-12-01,2026-12-31,1-5 18:00-02:00\n"
    await page.locator("#bulk-form textarea").fill(table)
    await page.locator("#bulk-form button[type=submit]").click()
    row = page.locator("#bulk-result tbody tr")
    for text in ("2026-12-01", "2026-12-31", "1-5 18:00-02:00"):
        await expect(row).to_contain_text(text)


@pytest.mark.parametrize("width", [390, 1360])
async def test_the_page_fits_a_phone_and_a_desk_in_english_too(office: Office, width: int) -> None:
    await office.page.set_viewport_size({"width": width, "height": 844})
    await office.go("/shops/tea/settings?lang=en")
    await office.page.locator("#trades button").first.click()
    await expect(office.page.locator("#plan")).to_be_visible()
    assert await office.page.evaluate("document.documentElement.scrollWidth <= innerWidth")

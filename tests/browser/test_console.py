"""The owner's page of entries, as it is used in a browser. The application behind it keeps its shops in memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.owner_pages import memory_served, owners_page
from tests.web.calls import ENTRY
from tests.web.memory_app import ORDERS, WORDS, Served
from tests.web.people import Person, hire


@dataclass
class Office:
    """An owner of `tea` and `lamp`, signed in, before the list of the entries of `tea`."""

    owner: Person
    page: Page
    address: str
    served: Served

    async def entry(self, name: str) -> dict[str, object]:
        """Return an entry of `tea` as it is kept."""
        status, entry = await self.owner.call("GET", f"/shops/tea/entries/{name}")
        assert status == 200
        return dict(entry)

    async def open(self, question: str) -> None:
        """Open the entry that asks this."""
        await self.page.get_by_role("link", name=question, exact=True).click()
        await expect(self.page.locator("#f-question")).to_have_value(question)


@pytest.fixture
async def office(browser: Browser) -> AsyncIterator[Office]:
    async with memory_served() as served:
        owner = await hire(served, {"tea": "owner", "lamp": "owner"})
        async with owners_page(browser, served, owner, "/shops/tea/entries") as (page, address):
            await expect(page.locator("#rows tr")).to_have_count(5)
            yield Office(owner, page, address, served)


async def test_the_list_is_searched_and_filtered(office: Office) -> None:
    page = office.page
    await page.locator("#search").fill("发票")
    await expect(page.locator("#rows tr")).to_have_count(1)
    await expect(page.locator("#rows")).to_contain_text("可以开发票吗")
    await page.locator("#search").fill("")
    await page.locator("#group-filter").select_option("shipping")
    await expect(page.locator("#rows tr")).to_have_count(2)
    await page.locator("#state-filter").select_option("archived")
    await expect(page.locator("#none")).to_be_visible()


async def test_chosen_entries_are_archived_and_published_together(office: Office) -> None:
    page = office.page
    for question in ("发什么快递", "什么时候发货"):
        await page.get_by_role("checkbox", name=question).check()
    await page.locator("#archive-picked").click()
    await expect(page.locator("#done")).to_have_text("已处理 2 条")
    assert (await office.entry("courier"))["status"] == "archived"
    await page.locator("#state-filter").select_option("archived")
    await expect(page.locator("#rows tr")).to_have_count(2)
    await page.locator("#pick-all").check()
    await page.locator("#publish-picked").click()
    await expect(page.locator("#none")).to_be_visible()
    assert (await office.entry("courier"))["status"] == "published"


async def test_what_somebody_else_changed_is_not_settled_over(office: Office) -> None:
    page = office.page
    await page.get_by_role("checkbox", name="发什么快递").check()
    await office.owner.call(
        "PUT", "/shops/tea/entries/courier", {**ENTRY, "id": "courier", "reply": "别人改的"}
    )
    await page.locator("#archive-picked").click()
    await expect(page.locator("#problem")).to_contain_text("1 条没有处理")
    assert (await office.entry("courier"))["reply"] == "别人改的"


async def test_a_new_entry_is_written_with_variables_offered_and_shown_filled(office: Office) -> None:
    page = office.page
    await page.get_by_role("link", name="新建问答").click()
    await page.locator("#f-question").fill("短袖还有几件")
    await page.locator("#f-group").select_option("stock")
    reply = page.locator("#f-reply")
    await reply.press_sequentially("{商")
    await expect(page.locator("#completions li").first).to_contain_text("商品")
    await reply.press("Enter")
    await reply.press_sequentially("还有{sto")
    await reply.press("Tab")
    await reply.press_sequentially("件")
    await expect(reply).to_have_value("{商品}还有{库存}件")
    await expect(page.locator("#renderings")).to_contain_text("缺 商品 库存")
    await page.locator("#p-product").select_option("shirt")
    await expect(page.locator("#renderings .bubble.said")).to_have_text(f"{WORDS['tea']}短袖还有7件")
    await page.locator("#f-id").fill("left")
    await page.get_by_role("button", name="保存并启用").click()
    await expect(page.locator("#done")).to_contain_text("已保存")
    entry = await office.entry("left")
    assert (entry["reply"], entry["status"]) == ("{商品}还有{库存}件", "published")
    await expect(page).to_have_url(re.compile("#e=left$"))


async def test_each_case_is_shown_with_a_real_order(office: Office) -> None:
    page = office.page
    await office.open("我的快递到哪了")
    await page.locator("#f-family").select_option("order")
    await page.locator("#f-case-shipped").fill("到{物流状态}了")
    await page.locator("#p-order").fill(ORDERS["tea"])
    await expect(page.locator("#renderings .bubble.said")).to_have_text(f"到已到{WORDS['tea']}站了")
    await page.locator("#p-order").fill(ORDERS["lamp"])
    await expect(page.locator("#preview-problem")).to_contain_text("本店没有这个订单号")


async def test_forbidden_words_are_told_while_they_are_written(office: Office) -> None:
    await office.open("可以开发票吗")
    await office.page.locator("#f-reply").fill("全网最低价，可以开票")
    await expect(office.page.locator("#renderings .notice.bad")).to_contain_text("广告违禁词")


async def test_a_wrong_field_is_marked_and_nothing_is_saved(office: Office) -> None:
    page = office.page
    await office.open("可以开发票吗")
    await page.locator("#f-reply").fill("{发票类形}")
    await page.locator("#f-short_code").fill("不行")
    await page.get_by_role("button", name="保存并启用").click()
    await expect(page.locator("#form-problem")).to_contain_text("已标出")
    for name in ("reply", "short_code"):
        await expect(page.locator(f"#f-{name}")).to_have_attribute("aria-invalid", "true")
    assert (await office.entry("invoice"))["version"] == 1


async def test_a_message_is_tried_before_and_after_the_edit_at_hand(office: Office) -> None:
    page = office.page
    await office.open("可以开发票吗")
    await page.locator("#f-reply").fill("电子票和纸票都可以开")
    await page.locator("#trial-text").fill("可以开发票吗")
    await page.locator("#trial-text").press("Enter")
    edited, now = page.locator("#trial-result .trial").nth(0), page.locator("#trial-result .trial").nth(1)
    await expect(edited.locator("h3")).to_have_text("改动之后")
    await expect(edited.locator(".answer p").first).to_have_text("电子票和纸票都可以开")
    await expect(now.locator(".answer p").first).to_have_text(f"{WORDS['tea']}可以开票")
    await expect(now).to_contain_text("把握达到")
    assert (await office.entry("invoice"))["version"] == 1


async def test_two_owners_who_edit_the_same_entry_are_told(office: Office) -> None:
    page = office.page
    await office.open("可以开发票吗")
    theirs = {**(await office.entry("invoice")), "reply": "别人改的"}
    theirs.pop("version")
    assert (await office.owner.call("PUT", "/shops/tea/entries/invoice", theirs))[0] == 200
    await page.locator("#f-reply").fill("我改的")
    await page.get_by_role("button", name="保存并启用").click()
    await expect(page.locator("#conflict")).to_be_visible()
    assert (await office.entry("invoice"))["reply"] == "别人改的"
    await page.locator("#keep-mine").click()
    await expect(page.locator("#done")).to_be_visible()
    assert (await office.entry("invoice"))["reply"] == "我改的"


async def test_changes_are_not_lost_by_leaving_unasked(office: Office) -> None:
    page = office.page
    await office.open("可以开发票吗")
    await page.locator("#f-reply").fill("改到一半")
    await page.get_by_role("link", name="返回列表").click()
    await page.get_by_role("button", name="继续编辑").click()
    await expect(page.locator("#f-reply")).to_have_value("改到一半")
    await page.get_by_role("link", name="返回列表").click()
    await page.get_by_role("button", name="不保存，离开").click()
    await expect(page.locator("#list-view")).to_be_visible()
    await expect(page.locator("#edit-view")).to_be_hidden()


async def test_an_entry_is_deleted_after_a_question(office: Office) -> None:
    page = office.page
    await office.open("可以开发票吗")
    await page.locator("#delete").click()
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#rows tr")).to_have_count(4)
    assert (await office.owner.call("GET", "/shops/tea/entries/invoice"))[0] == 404


async def test_validity_and_hours_are_kept_in_the_shops_time_zone(office: Office) -> None:
    page = office.page
    await office.open("可以开发票吗")
    await page.locator("#f-until").fill("2026-12-01T08:30")
    await page.locator("#add-hours").click()
    await page.get_by_role("button", name="保存并启用").click()
    await expect(page.locator("#done")).to_contain_text("已保存")
    validity = (await office.entry("invoice"))["validity"]
    assert isinstance(validity, dict)
    assert validity["until"].startswith(("2026-12-01T08:30", "2026-12-01T00:30"))
    assert len(validity["weekly"]) == 5
    await page.reload()
    await expect(page.locator("#f-until")).to_have_value("2026-12-01T08:30")
    await expect(page.locator("#hours .hours")).to_have_count(1)


@pytest.mark.parametrize("width", [390, 1360])
async def test_the_page_fits_a_phone_and_a_desk_in_english_too(office: Office, width: int) -> None:
    page = office.page
    await page.set_viewport_size({"width": width, "height": 844})
    await page.goto(f"{office.address}/shops/tea/entries?lang=en#e=courier")
    await expect(page.get_by_role("button", name="Save and publish")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_history_shows_who_changed_what_and_leads_back(office: Office) -> None:
    page = office.page
    await office.open("发什么快递")
    reply = await page.locator("#f-reply").input_value()
    await page.locator("#f-reply").fill("亲，发顺丰")
    await page.get_by_role("button", name="保存并启用").click()
    await expect(page.locator("#done")).to_be_visible()
    await page.locator("#history-card summary").click()
    edits = page.locator("#edits > li")
    await expect(edits).to_have_count(2)
    await expect(edits.first).to_contain_text(office.owner.account.name)
    await expect(edits.first.locator("del")).to_have_text(reply)
    await expect(edits.first.locator("ins")).to_have_text("亲，发顺丰")
    await expect(edits.last).to_contain_text("新建")
    await edits.last.get_by_role("button", name="恢复到这一版").click()
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#f-reply")).to_have_value(reply)
    await expect(edits).to_have_count(3)
    assert (await office.entry("courier"))["reply"] == reply
    await page.get_by_role("link", name="返回列表").click()
    await expect(page.locator("#history-card")).to_be_hidden()


async def test_picked_entries_are_copied_to_another_shop_after_a_look_at_their_warnings(
    office: Office,
) -> None:
    page = office.page
    for question in ("可以开发票吗", "什么时候发货"):
        await page.get_by_role("checkbox", name=question).check()
    await page.locator("#copy-picked").click()
    await expect(page.locator("#copy-found > li")).to_have_count(2)
    await page.locator("#copy-yes").click()
    await expect(page.locator("#done")).to_have_text(f"已复制 2 条到{WORDS['lamp']}小店")
    status, entry = await office.owner.call("GET", "/shops/lamp/entries/invoice-2")
    assert (status, entry["status"], entry["reply"]) == (200, "draft", f"{WORDS['tea']}可以开票")

"""Warnings, drafts and review on the owner's page of entries, as they are used in a browser."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from bot.ports import Event
from tests.browser.test_console import Office
from tests.browser.test_console import office as office

_DISPATCH = "/shops/tea/entries/dispatch"


@pytest.mark.parametrize(
    ("question", "reply", "kind", "told"),
    [
        ("可以开发票吗？", "好的，都可以开给您", "taken", "已经是另一条的问法"),
        ("多久能寄走", "24小时内发货", "contradiction", "发货时限"),
        ("有礼物吗", "送{赠品}", "no_fact", "{赠品} 本店还没有数据"),
    ],
)
async def test_what_is_doubtful_is_told_while_it_is_written(
    office: Office, question: str, reply: str, kind: str, told: str
) -> None:
    page = office.page
    await page.get_by_role("link", name="新建问答").click()
    await page.locator("#f-question").fill(question)
    await page.locator("#f-reply").fill(reply)
    await expect(page.locator(f'#warnings [data-kind="{kind}"]').first).to_contain_text(told)
    await page.locator("#f-question").fill("水温多少度")
    await page.locator("#f-reply").fill("八十度就好")
    await expect(page.locator("#warnings li")).to_have_count(0)
    await expect(page.locator("#no-warnings")).to_be_visible()


async def test_a_warning_leads_to_its_field_and_to_the_other_entry(office: Office) -> None:
    page = office.page
    await office.open("什么时候发货")
    await page.locator("#f-phrasings").fill("可以开发票吗")
    warning = page.locator('#warnings [data-kind="taken"]')
    await warning.get_by_role("button").click()
    await expect(page.locator("#f-phrasings")).to_be_focused()
    await warning.get_by_role("link", name="可以开发票吗").click()
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#f-question")).to_have_value("可以开发票吗")


async def test_a_blank_for_the_agent_is_offered_with_the_variables(office: Office) -> None:
    page = office.page
    await office.open("什么时候发货")
    reply = page.locator("#f-reply")
    await reply.fill("")
    await reply.press_sequentially("码是{?")
    await expect(page.locator("#completions li")).to_contain_text("客服填写")
    await reply.press("Enter")
    await reply.press_sequentially("取件码")
    await expect(reply).to_have_value("码是{?取件码}")
    await expect(page.locator("#renderings .bubble.said")).to_have_text("码是【取件码】")


async def test_a_published_entry_is_drafted_handed_over_and_published(office: Office) -> None:
    page = office.page
    await office.open("什么时候发货")
    await page.locator("#f-reply").fill("青岚明天发")
    await page.get_by_role("button", name="存为草稿").click()
    await expect(page.locator("#done")).to_contain_text("草稿已存")
    await expect(page.locator("#draft-chip")).to_have_text("有草稿")
    assert (await office.entry("dispatch"))["reply"] == "青岚{发货时限}发出"
    await page.locator("#trial-text").fill("什么时候发货")
    await page.locator("#trial-form").get_by_role("button", name="试").click()
    await expect(page.locator("#trial-result .answer.mine").first).to_contain_text("青岚明天发")
    await page.get_by_role("button", name="提交审核").click()
    await page.locator("#dialog-note").fill("请看时限")
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#draft-chip")).to_have_text("待审核")
    await page.get_by_role("link", name="返回列表").click()
    await page.locator("#state-filter").select_option("review")
    await expect(page.locator("#rows tr")).to_have_count(1)
    await expect(page.locator("#rows")).to_contain_text("待审核")
    await office.open("什么时候发货")
    await expect(page.locator("#f-reply")).to_have_value("青岚明天发")
    await expect(page.locator("#draft-note")).to_have_text("请看时限")
    await page.locator("#draft-count").click()
    await expect(page.locator("#draft-differences ins")).to_have_text("青岚明天发")
    await page.get_by_role("button", name="保存并启用").click()
    await expect(page.locator("#done")).to_contain_text("已保存")
    await expect(page.locator("#draft-card")).to_be_hidden()
    assert (await office.entry("dispatch"))["reply"] == "青岚明天发"


async def test_a_draft_is_dropped(office: Office) -> None:
    page = office.page
    await office.open("什么时候发货")
    await page.locator("#f-reply").fill("青岚明天发")
    await page.get_by_role("button", name="存为草稿").click()
    await page.get_by_role("button", name="放弃草稿").click()
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#f-reply")).to_have_value("青岚{发货时限}发出")
    assert (await office.owner.call("GET", f"{_DISPATCH}/draft"))[1] == {"draft": None}


async def test_a_new_entry_is_handed_over_before_anybody_published_it(office: Office) -> None:
    page = office.page
    await page.get_by_role("link", name="新建问答").click()
    await page.locator("#f-question").fill("有礼物吗")
    await page.locator("#f-reply").fill("都送一张卡片")
    await page.locator("#f-id").fill("card")
    await page.get_by_role("button", name="提交审核").click()
    await page.locator("#dialog-yes").click()
    await expect(page.locator("#done")).to_contain_text("已提交审核")
    assert (await office.entry("card"))["status"] == "draft"
    await page.get_by_role("button", name="保存并启用").click()
    await expect(page.locator("#done")).to_contain_text("已保存")
    assert (await office.entry("card"))["status"] == "published"


async def test_who_publishes_over_what_changed_since_is_told(office: Office) -> None:
    page = office.page
    await office.open("什么时候发货")
    await page.locator("#f-reply").fill("青岚明天发")
    await page.get_by_role("button", name="存为草稿").click()
    await expect(page.locator("#draft-card")).to_be_visible()
    entry = await office.entry("dispatch")
    entry.pop("version")
    await office.owner.call("PUT", _DISPATCH, {**entry, "reply": "别人改的"})
    await page.get_by_role("button", name="保存并启用").click()
    await expect(page.locator("#conflict")).to_be_visible()
    assert (await office.entry("dispatch"))["reply"] == "别人改的"
    await page.locator("#keep-mine").click()
    await expect(page.locator("#done")).to_contain_text("已保存")
    assert (await office.entry("dispatch"))["reply"] == "青岚明天发"


async def test_entries_that_are_not_used_or_not_sure_are_filtered(office: Office) -> None:
    page = office.page
    reply = {"confidence": 0.31, "entries": [["parcel", 1, 0.31]]}
    shown = Event("suggestion_shown", office.served.clock.now(), "c-9", {"suggestions": [reply]}, "m-9")
    await office.served.engine.parts.events.append("tea", [shown] * 4)
    await page.locator("#state-filter").select_option("unused")
    await expect(page.locator("#none")).to_be_visible()
    await page.locator("#state-filter").select_option("unsure")
    await expect(page.locator("#rows tr")).to_have_count(1)
    await expect(page.locator("#rows")).to_contain_text("平均把握 31%")

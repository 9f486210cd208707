"""The page of what was asked in vain, as an owner uses it in a browser. The application behind it keeps its shops in memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from bot.ports import Event
from bot.services.sending import HOLD
from tests.browser.owner_pages import memory_served, owners_page
from tests.web.memory_app import Served, teach_guard
from tests.web.people import Person, hire, says
from tests.web.test_web_asked import MUTE, asked


@dataclass
class Desk:
    """An owner of `tea`, signed in, before what was asked there in vain."""

    served: Served
    owner: Person
    page: Page

    async def phrasings(self, entry: str) -> list[str]:
        """Return the question and the phrasings of an entry as it is kept."""
        status, found = await self.owner.call("GET", f"/shops/tea/entries/{entry}")
        assert status == 200
        return [found["question"], *found["phrasings"]]


async def use(served: Served) -> None:
    """Let an entry without a question be taken twice for what buyers said."""
    log, parts = served.engine.parts.events, served.engine.parts
    await parts.entries.put_entries("tea", [MUTE])
    for number, text in enumerate(("杯子上能写名字吗", "刻字要另外收费吗")):
        at, message = served.clock.now() - timedelta(hours=number), f"taken{number}"
        shown = {"suggestions": [{"id": "x", "text": MUTE.reply, "confidence": 0.6}]}
        taken = {"place": 0, "offers": [[[MUTE.id, 1, 0.6]]]}
        await log.append("tea", [
            Event("message_received", at, f"t{number}", {"text": text}, message),
            Event("suggestion_shown", at, f"t{number}", shown, message),
            Event("suggestion_taken", at, f"t{number}", taken, message),
        ])  # fmt: skip


@pytest.fixture
async def desk(browser: Browser) -> AsyncIterator[Desk]:
    async with memory_served() as served:
        await asked(served, "tea")
        await use(served)
        owner = await hire(served, {"tea": "owner"})
        draft = {
            "id": "kept-1",
            "group": "other",
            "question": "能代写贺卡吗",
            "reply": "可以的",
            "status": "draft",
        }
        await owner.call("POST", "/shops/tea/entries", draft)
        async with owners_page(browser, served, owner, "/shops/tea/asked") as (page, _):
            await expect(page.locator("#groups .group")).to_have_count(2)
            yield Desk(served, owner, page)


async def test_a_group_of_what_was_asked_in_vain_becomes_an_entry_with_its_phrasings(desk: Desk) -> None:
    page, group = desk.page, desk.page.locator("#groups .group").first
    await expect(group.get_by_role("heading")).to_have_text("能刻字吗")
    await expect(group).to_contain_text("3 次")
    await group.locator("summary").click()
    await expect(group.locator(".wordings")).to_contain_text("可以刻字吗")
    await group.get_by_role("button", name="新建问答").click()
    await expect(page.locator("#f-question")).to_have_value("能刻字吗")
    await expect(page.locator("#f-phrasings")).to_have_value("可以刻字吗")
    await page.locator("#f-reply").fill("可以免费刻字")
    await page.locator("#f-id").fill("engrave")
    await page.get_by_role("button", name="保存并启用").click()
    await expect(page).to_have_url(re.compile("#e=engrave$"))
    assert await desk.phrasings("engrave") == ["能刻字吗", "可以刻字吗"]
    await page.get_by_role("link", name="没答上").click()
    await expect(page.locator("#groups .group")).to_have_count(1)


async def test_a_group_is_added_to_an_entry_that_there_is(desk: Desk) -> None:
    page = desk.page
    await page.locator("#groups .group").first.get_by_role("button", name="加到已有问答").click()
    await page.locator("#adding-search").fill("发票")
    await page.get_by_role("radio", name="可以开发票吗").check()
    await page.get_by_role("checkbox", name="可以刻字吗", exact=True).uncheck()
    await page.get_by_role("button", name="加上", exact=True).click()
    await expect(page.locator("#done")).to_contain_text("可以开发票吗")
    assert await desk.phrasings("invoice") == ["可以开发票吗", "能刻字吗"]
    await expect(page.locator("#groups .group")).to_have_count(1)


async def test_an_ignored_group_can_be_brought_back(desk: Desk) -> None:
    page = desk.page
    await page.locator("#groups .group").first.get_by_role("button", name="忽略").click()
    await expect(page.locator("#groups .group")).to_have_count(1)
    await page.locator("#ignored-box summary").click()
    await expect(page.locator("#ignored")).to_contain_text("能刻字吗")
    await page.get_by_role("button", name="恢复显示").click()
    await expect(page.locator("#groups .group")).to_have_count(2)


async def test_phrasings_from_use_are_accepted_and_dismissed(desk: Desk) -> None:
    page = desk.page
    await expect(page.locator("#proposed-count")).to_have_text("2")
    await page.get_by_role("button", name="采纳 杯子上能写名字吗").click()
    await expect(page.locator("#proposed-count")).to_have_text("1")
    assert await desk.phrasings(MUTE.id) == ["杯子上能写名字吗"]
    await page.get_by_role("button", name="不要 刻字要另外收费吗").click()
    await expect(page.locator("#no-proposed")).to_be_visible()
    assert await desk.phrasings(MUTE.id) == ["杯子上能写名字吗"]


async def test_a_draft_is_published_here(desk: Desk) -> None:
    page = desk.page
    await expect(page.locator("#drafts tr")).to_have_count(1)
    await page.locator("#drafts").get_by_role("button", name="发布").click()
    await expect(page.locator("#no-drafts")).to_be_visible()
    status, entry = await desk.owner.call("GET", "/shops/tea/entries/kept-1")
    assert (status, entry["status"]) == (200, "published")


async def test_an_entry_sent_as_a_quick_phrase_proposes_what_the_buyer_said(desk: Desk) -> None:
    served, page = desk.served, desk.page
    await served.engine.parts.entries.put_entries("tea", [replace(MUTE, short_code="kz")])
    # A message waits until the guard knows every shop.
    await teach_guard(served)
    await says(served, "tea", "马克杯可以写上名字吗")
    await page.goto(str(served.client.make_url("/workspace")))
    await page.locator("#queue-list .row").first.click()
    await page.locator("#text").press_sequentially("/kz")
    await expect(page.locator("#phrases")).to_contain_text(MUTE.reply)
    await page.locator("#text").press("Enter")
    await expect(page.locator("#text")).to_have_value(MUTE.reply)
    await page.locator("#text").press("Enter")
    await expect(page.locator("#text")).to_have_value("")
    await expect(page.locator("#pending .bubble").first).to_be_visible()
    served.clock.moment += HOLD
    await served.engine.workspace.outbox.send_due()
    await served.engine.recorder.close()
    await page.goto(str(served.client.make_url("/shops/tea/asked")))
    await expect(page.locator("#proposed")).to_contain_text("马克杯可以写上名字吗")

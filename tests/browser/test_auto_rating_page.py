"""The owner sees how automatic replies turned out, and what dropped for it, until he decides."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.async_api import Browser, expect

from bot.domain.auto_rating import Measured
from bot.services.auto_measuring import demoted_event
from tests.browser.owner_pages import memory_served
from tests.browser.test_auto_reply_page import opened
from tests.web.people import hire
from tests.web.test_web_auto_rating import judged


async def test_a_group_that_dropped_is_seen_set_again_and_counted_anew(browser: Browser) -> None:
    async with memory_served() as served:
        await judged(served, 61, 23)
        event = demoted_event("invoice", Measured(84, 61), 0.95, served.clock.now())
        await served.engine.parts.events.append("tea", [event])
        served.clock.moment += timedelta(seconds=1)
        owner = await hire(served, {"tea": "owner"})
        async with opened(browser, served, owner) as page:
            measured = page.locator('tr[data-group="logistics"] .measured')
            await expect(measured).to_have_text(re.compile(r"^72\.6%（6\d[\d.]*%–7\d[\d.]*%）· 84 次$"))
            await expect(measured).to_have_attribute("title", re.compile("多半"))
            notice = page.locator(".demoted")
            await expect(notice).to_contain_text("“发票”")
            await expect(notice).to_contain_text("84 条自动回复中答对 61 条（72.6%），要求是 95%")
            await page.locator('tr[data-group="invoice"] .mode').select_option("automatic")
            await page.locator("#save").click()
            await expect(page.locator("#done")).to_be_visible()
            await expect(notice).to_have_count(0)


async def test_an_owner_leaves_it_at_suggestions_and_keeps_what_he_has_not_saved(browser: Browser) -> None:
    async with memory_served() as served:
        event = demoted_event("invoice", Measured(84, 61), 0.95, served.clock.now())
        await served.engine.parts.events.append("tea", [event])
        served.clock.moment += timedelta(seconds=1)
        owner = await hire(served, {"tea": "owner"})
        async with opened(browser, served, owner) as page:
            await page.locator("#greeting").fill("您好")
            await page.get_by_role("button", name="知道了，保持推荐").click()
            await expect(page.locator(".demoted")).to_have_count(0)
            await expect(page.locator("#greeting")).to_have_value("您好")
            await expect(page.locator("#unsaved")).to_be_visible()
